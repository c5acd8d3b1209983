/** Buffers in ordinary memory, for drivers that work with the CPU. */
import { V4L2_MEMORY_MMAP, V4L2_MEMORY_USERPTR } from '../../abi/index.ts';
import { driverBug } from '../../base/bug.ts';
import { EINVAL, Errno } from '../../base/errno.ts';
import { pageAlign } from '../../memory/page-size.ts';
import { heapPages, type Pages } from '../../memory/pages.ts';
import type { VideobufBuffer } from '../core/buffer.ts';
import type { VideobufQtypeOps } from '../core/qtype-ops.ts';
import { VideobufQueue, type VideobufQueueConfig } from '../core/queue.ts';

/** @kernel videobuf_vmalloc_memory */
class VmallocMemory {
  vaddr: Uint8Array | undefined = undefined;
  /** Memory of a read(), which no program maps. */
  own: Pages | undefined = undefined;
}

function memoryOf(vb: VideobufBuffer): VmallocMemory | undefined {
  if (vb.priv instanceof VmallocMemory) return vb.priv;
  driverBug(`${vb.q.name}: buffer ${vb.i} is no vmalloc buffer, its queue is of another kind`);
  return undefined;
}

/**
 * The bytes of a buffer; undefined while it has no memory: one that was queued, and unmapped since.
 *
 * @kernel videobuf_to_vmalloc
 */
export function videobufToVmalloc(vb: VideobufBuffer): Uint8Array | undefined {
  return memoryOf(vb)?.vaddr;
}

/**
 * For bufRelease: frees memory that is ours. What a program has mapped goes when it unmaps it.
 *
 * @kernel videobuf_vmalloc_free
 */
export function videobufVmallocFree(vb: VideobufBuffer): void {
  const memory = memoryOf(vb);
  if (memory?.own === undefined) return;
  memory.own.free();
  memory.own = undefined;
  memory.vaddr = undefined;
}

function iolockMapped(vb: VideobufBuffer, memory: VmallocMemory): void {
  const { vaddr } = memory;
  if (vaddr === undefined) throw new Errno(EINVAL, `buffer ${vb.i} is not mapped`);
  if (vaddr.length < vb.size)
    throw new Errno(
      EINVAL,
      `only ${vaddr.length} bytes of buffer ${vb.i} are mapped, a frame has ${vb.size}: in Linux 6.1 the driver wrote behind them`,
    );
}

const qops: VideobufQtypeOps = {
  unmapCancels: true,

  allocVb(vb) {
    vb.priv = new VmallocMemory();
  },

  iolock(vb) {
    const memory = memoryOf(vb);
    if (memory === undefined) throw new Errno(EINVAL, 'a buffer of another kind');
    switch (vb.memory) {
      case V4L2_MEMORY_MMAP:
        iolockMapped(vb, memory);
        return;
      case V4L2_MEMORY_USERPTR:
        if (vb.baddr !== 0) throw new Errno(EINVAL, 'vmalloc buffers cannot be in memory of the program');
        memory.own = heapPages.allocate(pageAlign(vb.size), 0);
        memory.vaddr = memory.own.bytes;
        return;
      default:
        throw new Errno(EINVAL, `vmalloc buffers cannot be of memory ${vb.memory}`);
    }
  },

  /** As many bytes as are mapped, whatever the buffer has. */
  mmapMapper(vb, { length, offset }) {
    const pages = vb.q.dev.pages.allocate(pageAlign(length), offset);
    const memory = memoryOf(vb);
    if (memory !== undefined) memory.vaddr = pages.bytes;
    return { fd: pages.fd, bytes: pages.bytes, free: () => pages.free() };
  },

  unmapped(vb) {
    const memory = memoryOf(vb);
    if (memory !== undefined) memory.vaddr = undefined;
  },

  vaddr: videobufToVmalloc,
};

/**
 * A queue of buffers in ordinary memory.
 *
 * @kernel videobuf_queue_vmalloc_init
 */
export function videobufQueueVmallocInit<D, B extends VideobufBuffer = VideobufBuffer>(
  config: VideobufQueueConfig<D, B>,
): VideobufQueue<D, B> {
  return new VideobufQueue(config, qops);
}
