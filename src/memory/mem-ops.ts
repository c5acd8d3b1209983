import type { Mappable, MmapRequest, UserAddress, UserMemory } from '../vfs/file.ts';

/**
 * An address that a device would put on its bus. It is not a number to reckon with in a program: the brand
 * keeps it apart from offsets, lengths and user addresses, which are also numbers.
 */
export type PhysicalAddress = number & { readonly physicalAddress: true };

/** One piece of a plane that lies in one piece for the device. */
export interface DmaSegment {
  readonly address: PhysicalAddress;
  readonly bytes: Uint8Array;
}

/**
 * What a device needs to reach a plane: one address (dma-contig), a scatter list (dma-sg), or what a back end
 * of a driver author's own has agreed on with the driver.
 */
export type PlaneCookie = PhysicalAddress | readonly DmaSegment[] | object;

/** Which way data goes through the memory. @kernel dma_data_direction */
export type DmaDirection = 'TO_DEVICE' | 'FROM_DEVICE' | 'BIDIRECTIONAL';

/** Memory of a plane that somebody maps. */
export interface MappedPlane extends Mappable {
  /** The same bytes, for a user in this process. */
  readonly bytes: Uint8Array;
  /**
   * Ends the mapping of a user in this process, which until then keeps the memory alive. Programs outside
   * never call it: their kernel keeps the pages of `fd` for them.
   */
  unmap(): void;
}

/**
 * How planes get memory. Each back end (vmalloc, dma-contig, dma-sg) is one such table; a driver gives one for
 * the queue and, in queueSetup, others for single planes if it must. The framework is the only caller and knows
 * the memory of a plane by the opaque `P` that alloc(), getUserptr() or attachDmabuf() gave.
 *
 * A queue offers a memory type only if the table has all that the type needs:
 *
 * | type    | required                                                                    |
 * |---------|-----------------------------------------------------------------------------|
 * | MMAP    | `alloc`, `put`, `mmap`                                                      |
 * | USERPTR | `getUserptr`, `putUserptr`                                                  |
 * | DMABUF  | `inspectDmabuf`, `attachDmabuf`, `detachDmabuf`, `mapDmabuf`, `unmapDmabuf` |
 *
 * Failures are thrown as `Errno` and reach the client. An operation without "may fail" must not throw.
 *
 * @kernel vb2_mem_ops
 */
export interface Vb2MemOps<P extends object = object> {
  /**
   * Called at REQBUFS and CREATE_BUFS for every plane of an MMAP buffer: memory for `length` bytes, zeroed,
   * with one reference, which {@link put} gives back. `cookie` is the offset at which a program will map it.
   * May fail with ENOMEM; the buffers that were complete by then remain.
   */
  alloc?(length: number, cookie: number, direction: DmaDirection): P;

  /**
   * Called when a buffer is freed: drops the reference of the framework. The memory itself goes when nobody
   * has it mapped or exported any more, so a program may free its buffers before it unmaps them.
   */
  put?(memory: P): void;

  /**
   * The bytes of the plane. Called by drivers through `planeVaddr` for every frame, so it must be cheap: it
   * gives the same object every time while the driver has the buffer. Between two frames it may become
   * another, when the memory of the buffer is exported. Without it drivers cannot touch the plane with the CPU.
   */
  vaddr?(memory: P): Uint8Array;

  /**
   * Copies the first bytes of the plane, as many as `to` has. Called by drivers through `copyPlane` who want them
   * somewhere else and nowhere on the way. Without it they come from {@link vaddr}.
   */
  copyTo?(memory: P, to: Uint8Array): void;

  /**
   * What the device needs to reach the plane, good for as long as {@link vaddr}. Called by drivers through
   * `planeCookie`; DMA back ends only.
   */
  cookie?(memory: P): PlaneCookie;

  /**
   * References to the memory: 1 for the framework, one more for each that maps or imports it. Called for QUERYBUF once
   * the memory was mapped or exported, so it may take its time.
   */
  numUsers?(memory: P): number;

  /** Called for every mmap() of the plane, after the framework has checked offset, length and protection. May fail. */
  mmap?(memory: P, request: MmapRequest): MappedPlane;

  /**
   * Called at QBUF or PREPARE_BUF of a USERPTR buffer when its address or length is new, or streaming has stopped
   * since: gives access to `length` bytes at `address` of the program. Nothing is counted: the memory belongs to
   * the program, the framework just holds on to it until {@link putUserptr}. That is called before another address
   * is taken for the plane, when streaming stops and when the buffer is freed, so that the program may free its
   * memory then.
   * May fail with EFAULT, or EINVAL for an address that the device cannot use.
   */
  getUserptr?(memory: UserMemory, address: UserAddress, length: number, direction: DmaDirection): P;

  /** Lets the program's memory go. Called once for every successful getUserptr. */
  putUserptr?(memory: P): void;

  /**
   * Called before the driver sees the buffer, bufPrepare included: what the program has written becomes visible
   * to `vaddr`. For USERPTR of an output queue this is where the first `used` bytes are fetched. Paired with
   * {@link finish}. For DMABUF the same, if the memory cannot be mapped safely and is used by copy.
   */
  prepare?(memory: P, used: number): void;

  /**
   * Called when the driver is done with the buffer, before the program can dequeue it: what the driver has
   * written to `vaddr` becomes visible to the program. For USERPTR of a capture queue the first `written`
   * bytes are stored at the program's address, and no byte beyond them is touched. `written` is 0 when the
   * driver was stopped before it came to this buffer.
   */
  finish?(memory: P, written: number): void;

  /**
   * Called at QBUF or PREPARE_BUF of a DMABUF buffer when the file behind its descriptor, or the length, is
   * new. `fd` is a descriptor of this process and good for this call only. `length` is what the plane has.
   * May fail; {@link detachDmabuf} gives it back.
   */
  attachDmabuf?(fd: number, length: number, direction: DmaDirection): P;

  /** Lets the imported memory go. Called once for every successful attachDmabuf, after unmapDmabuf. */
  detachDmabuf?(memory: P): void;

  /** Called after attachDmabuf and before the driver sees the buffer. May fail; undone by {@link unmapDmabuf}. */
  mapDmabuf?(memory: P): void;

  unmapDmabuf?(memory: P): void;

  /**
   * Which memory is behind `fd`, a descriptor of this process: called for every QBUF of a DMABUF buffer, to
   * find out whether it is the one that is attached already. The answer is good until the next call.
   * `undefined`: nothing that can be imported. DMABUF needs it.
   */
  inspectDmabuf?(fd: number): DmabufInfo | undefined;

  /** Closes a descriptor of this process that the door or {@link getDmabuf} gave. */
  closeFd?(fd: number): void;

  /**
   * Called at EXPBUF: a file descriptor of this process that can be mapped at offset 0 and keeps the memory
   * alive. The caller owns it. `flags` are those of open(): the access mode, O_CLOEXEC. May fail.
   */
  getDmabuf?(memory: P, flags: number): number;
}

/** What there is to know about a descriptor that a program gave as DMABUF. */
export interface DmabufInfo {
  /** Together these two are the same for two descriptors exactly if the memory is the same. */
  readonly device: number;
  readonly inode: number;
  /** Bytes. */
  readonly size: number;
}
