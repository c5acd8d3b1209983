import type { v4l2_framebuffer } from '../../abi/index.ts';
import type { MmapRequest, UserMemory } from '../../vfs/file.ts';
import type { VideobufBuffer } from './buffer.ts';

/** Memory that was made for one mmap(). */
export interface MappedMemory {
  readonly fd: number;
  readonly bytes: Uint8Array;
  /** Nobody has it mapped any more. */
  free(): void;
}

/**
 * What the three kinds of memory do differently.
 *
 * @kernel videobuf_qtype_ops
 */
export interface VideobufQtypeOps {
  /** True if the end of a mapping cancels the stream; otherwise it releases the one buffer that was mapped. */
  readonly unmapCancels: boolean;

  /** Gives the buffer what the kind keeps with it. */
  allocVb(vb: VideobufBuffer): void;

  /**
   * Called by a driver for a buffer that is NEEDS_INIT: makes its memory ready for the device, and allocates it where no
   * program does. May fail.
   */
  iolock(vb: VideobufBuffer, memory: UserMemory | undefined, fbuf: v4l2_framebuffer | undefined): void;

  /** What the program has written reaches the device, before that is given the buffer. */
  fetch?(vb: VideobufBuffer): void;

  /** What the device has written reaches the program, before that is told of it. */
  sync?(vb: VideobufBuffer): void;

  /** Makes memory for a mapping, which is the buffer's from then on. May fail, and has then changed nothing. */
  mmapMapper(vb: VideobufBuffer, request: MmapRequest): MappedMemory;

  /** The mapping that the buffer has is gone. */
  unmapped(vb: VideobufBuffer): void;

  /** The bytes of the buffer, for read(); undefined if it has no memory. */
  vaddr(vb: VideobufBuffer): Uint8Array | undefined;
}
