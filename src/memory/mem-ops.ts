import type { Mappable, MmapRequest, UserMemory } from '../vfs/file.ts';

/**
 * An address that a device would put on its bus. It is not a number to reckon with in a program: the brand
 * keeps it apart from offsets, lengths and user addresses, which are also numbers.
 */
export type PhysicalAddress = number & { readonly physicalAddress: true };

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
 * How the planes of a queue get memory. Each back end (vmalloc, dma-contig, dma-sg) is one such table; the
 * framework is the only caller and knows the memory of a plane by the opaque `P` that alloc(), getUserptr()
 * or attachDmabuf() gave.
 *
 * A queue offers a memory type only if the table has all that the type needs:
 *
 * | type    | required                                               |
 * |---------|--------------------------------------------------------|
 * | MMAP    | `alloc`, `put`, `mmap`                                 |
 * | USERPTR | `getUserptr`, `putUserptr`                             |
 * | DMABUF  | `attachDmabuf`, `detachDmabuf`, `mapDmabuf`, `unmapDmabuf` |
 *
 * Failures are thrown as `Errno` and reach the client. An operation without "may fail" must not throw.
 */
export interface Vb2MemOps<P extends object = object> {
  /**
   * Called at REQBUFS and CREATE_BUFS for every plane of an MMAP buffer: memory for `length` bytes, zeroed,
   * with one reference, which {@link put} gives back. `cookie` is the offset at which a program will map it.
   * May fail with ENOMEM; the buffers that were complete by then remain.
   */
  alloc?(length: number, cookie: number): P;

  /**
   * Called when a buffer is freed: drops the reference of the framework. The memory itself goes when nobody
   * has it mapped or exported any more, so a program may free its buffers before it unmaps them.
   */
  put?(memory: P): void;

  /**
   * The bytes of the plane, the same object for as long as the memory lives. Called by drivers through
   * `planeVaddr` for every frame, so it must be cheap. Without it drivers cannot touch the plane with the CPU.
   */
  vaddr?(memory: P): Uint8Array;

  /** What the device needs to reach the plane. Called by drivers through `planeCookie`; DMA back ends only. */
  cookie?(memory: P): PhysicalAddress;

  /** References to the memory: 1 for the framework, one more for each that maps or imports it. */
  numUsers?(memory: P): number;

  /** Called for every mmap() of the plane, after the framework has checked offset, length and protection. May fail. */
  mmap?(memory: P, request: MmapRequest): MappedPlane;

  /**
   * Called at QBUF or PREPARE_BUF of a USERPTR buffer when its address or length is new: gives access to
   * `length` bytes at `address` of the program. Nothing is counted: the memory belongs to the program, the
   * framework just holds on to it until {@link putUserptr}. That is called before another address is
   * taken for the plane and when the buffer is freed, so an address is never kept past the buffer that had it.
   * May fail with EFAULT, or EINVAL for an address that the device cannot use.
   */
  getUserptr?(memory: UserMemory, address: number, length: number): P;

  putUserptr?(memory: P): void;

  /**
   * Called before the driver gets the buffer: what the program has written becomes visible to `vaddr`. For
   * USERPTR of an output queue this is where the bytes are fetched. Runs once per {@link finish}.
   */
  prepare?(memory: P): void;

  /**
   * Called when the driver is done with the buffer, before the program can dequeue it: what the driver has
   * written to `vaddr` becomes visible to the program. For USERPTR of a capture queue the first `written`
   * bytes are stored at the program's address, and no byte beyond them is touched.
   */
  finish?(memory: P, written: number): void;

  /**
   * Called at QBUF of a DMABUF buffer when the file descriptor is new: `fd` is one of this process.
   * `length` is what the plane needs. May fail; {@link detachDmabuf} gives it back.
   */
  attachDmabuf?(fd: number, length: number): P;

  detachDmabuf?(memory: P): void;

  /** Called after attachDmabuf and before the driver sees the buffer. May fail; undone by {@link unmapDmabuf}. */
  mapDmabuf?(memory: P): void;

  unmapDmabuf?(memory: P): void;

  /**
   * Called at EXPBUF: a file descriptor of this process that can be mapped at offset 0 and keeps the memory
   * alive. The caller owns it. `flags` are those of open(). May fail.
   */
  getDmabuf?(memory: P, flags: number): number;
}
