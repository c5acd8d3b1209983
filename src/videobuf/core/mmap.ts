import { V4L2_MEMORY_MMAP } from '../../abi/index.ts';
import { EINVAL, Errno } from '../../base/errno.ts';
import { MAP_SHARED, type Mappable, type MmapRequest, PROT_WRITE } from '../../vfs/file.ts';
import { MAPPED_SOMEWHERE, type VideobufBuffer } from './buffer.ts';
import { callBufRelease } from './call-op.ts';
import type { MappedMemory } from './qtype-ops.ts';
import { eachBuffer, type VideobufQueue } from './queue.ts';
import type { Sleeping } from './sleep.ts';
import { videobufQueueCancel } from './streaming.ts';

/**
 * One mmap() of one buffer, which has memory of its own: a buffer that is mapped twice is in two places, and frames go to
 * the last. It lasts until nobody has it mapped any more, in whichever process.
 *
 * @kernel videobuf_mapping
 */
export class VideobufMapping implements Mappable {
  readonly fd: number;
  readonly bytes: Uint8Array;
  /** The end of it has been dealt with: the kernel's munmap() does not return before. */
  isOver = false;
  readonly #q: VideobufQueue;
  readonly #memory: MappedMemory;

  constructor(q: VideobufQueue, memory: MappedMemory) {
    this.#q = q;
    this.#memory = memory;
    this.fd = memory.fd;
    this.bytes = memory.bytes;
  }

  /** What the kernel does before munmap() returns is done now, or as soon as the queue's lock is free. */
  unmapped(): void {
    this.#q.background.run(this.#end());
  }

  *#end(): Sleeping<void> {
    const q = this.#q;
    yield* q.lock.lock();
    try {
      if (q.intOps.unmapCancels) {
        if (q.streaming) yield* videobufQueueCancel(q);
        for (const vb of eachBuffer(q)) if (vb.map === this) this.#leave(vb);
      } else {
        for (const vb of eachBuffer(q)) if (vb.map === this) yield* this.#release(vb);
      }
    } finally {
      q.lock.unlock();
      this.#memory.free();
      this.isOver = true;
    }
  }

  #leave(vb: VideobufBuffer): void {
    vb.map = undefined;
    vb.baddr = 0;
    this.#q.intOps.unmapped(vb);
    this.#q.doneWq.changed();
  }

  *#release(vb: VideobufBuffer): Sleeping<void> {
    yield* callBufRelease(this.#q, vb);
    this.#leave(vb);
  }
}

/**
 * mmap() of a buffer: PROT_WRITE and MAP_SHARED are needed, the length is not compared (each kind says what it makes of
 * it), the memory is new. EINVAL for an offset at which no buffer begins.
 *
 * @kernel videobuf_mmap_mapper
 */
export function videobufMmapMapper(q: VideobufQueue, request: MmapRequest): VideobufMapping {
  if ((request.prot & PROT_WRITE) === 0 || (request.flags & MAP_SHARED) === 0)
    throw new Errno(EINVAL, 'buffers of videobuf are mapped with PROT_WRITE and MAP_SHARED');
  if (request.length === 0) throw new Errno(EINVAL, 'a mapping of no bytes');
  for (const vb of eachBuffer(q)) {
    if (vb.memory !== V4L2_MEMORY_MMAP || vb.boff !== request.offset) continue;
    const mapping = new VideobufMapping(q, q.intOps.mmapMapper(vb, request));
    vb.map = mapping;
    vb.baddr = MAPPED_SOMEWHERE;
    return mapping;
  }
  throw new Errno(EINVAL, `no buffer begins at ${request.offset}`);
}
