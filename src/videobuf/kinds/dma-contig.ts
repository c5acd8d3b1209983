/** Buffers in one piece, for devices that are given a start address and no more. */
import { V4L2_MEMORY_MMAP, V4L2_MEMORY_USERPTR, V4L2_TYPE_IS_OUTPUT } from '../../abi/index.ts';
import { driverBug } from '../../base/bug.ts';
import { EINVAL, ENOMEM, Errno } from '../../base/errno.ts';
import type { DmaArena, DmaRange, PhysicalAddress } from '../../memory/index.ts';
import { PAGE_SIZE, pageAlign } from '../../memory/page-size.ts';
import { heapPages, type PageAllocator } from '../../memory/pages.ts';
import type { PinnedMemory, UserMemory } from '../../vfs/file.ts';
import type { VideobufBuffer } from '../core/buffer.ts';
import type { MappedMemory, VideobufQtypeOps } from '../core/qtype-ops.ts';
import { VideobufQueue, type VideobufQueueConfig } from '../core/queue.ts';

/** @kernel videobuf_dma_contig_memory */
class DmaContigMemory {
  range: DmaRange | undefined = undefined;
  /** Memory of a read(), which no program maps. */
  own: MappedMemory | undefined = undefined;
  pinned: PinnedMemory | undefined = undefined;
}

function memoryOf(vb: VideobufBuffer): DmaContigMemory {
  if (vb.priv instanceof DmaContigMemory) return vb.priv;
  driverBug(`${vb.q.name}: buffer ${vb.i} is no contiguous buffer, its queue is of another kind`);
  throw new Errno(EINVAL, 'a buffer of another kind');
}

function arenaOf(vb: VideobufBuffer): DmaArena {
  const { arena } = vb.q.dev;
  if (arena !== undefined) return arena;
  driverBug(`${vb.q.name}: a queue of contiguous buffers needs a device with an arena`);
  throw new Errno(ENOMEM, 'no addresses for DMA');
}

/** Bytes, and addresses in one piece for them. */
function allocate(vb: VideobufBuffer, from: PageAllocator, size: number, offset: number): MappedMemory {
  const memory = memoryOf(vb);
  const arena = arenaOf(vb);
  const pages = from.allocate(size, offset);
  let range: DmaRange;
  try {
    range = arena.mapContiguous(pages, size);
  } catch (thrown) {
    pages.free();
    throw thrown;
  }
  memory.range = range;
  const free = () => {
    arena.unmap(range);
    pages.free();
  };
  return { fd: pages.fd, bytes: pages.bytes, free };
}

/** Memory of the program, which is in one piece for the device only as far as a page goes. */
function pin(vb: VideobufBuffer, program: UserMemory): void {
  const address = Number(vb.baddr);
  if ((address % PAGE_SIZE) + vb.size > PAGE_SIZE)
    throw new Errno(EINVAL, 'the memory of the program is not in one piece');
  const memory = memoryOf(vb);
  const pinned = program.pin(vb.baddr, vb.size, !V4L2_TYPE_IS_OUTPUT(vb.q.type));
  try {
    memory.range = arenaOf(vb).mapContiguous(pinned, vb.size);
  } catch (thrown) {
    pinned.release();
    throw thrown;
  }
  memory.pinned = pinned;
}

/**
 * The address of a buffer on the device's bus; what the CPU would find there is hidden, as in the kernel: a device looks
 * with `arena.bytesAt()`. Undefined while there is no memory.
 *
 * @kernel videobuf_to_dma_contig
 */
export function videobufToDmaContig(vb: VideobufBuffer): PhysicalAddress | undefined {
  return memoryOf(vb).range?.address;
}

/**
 * For bufRelease: lets memory of the program go, and frees what is ours. What is mapped goes when it is unmapped.
 *
 * @kernel videobuf_dma_contig_free
 */
export function videobufDmaContigFree<D>(_q: VideobufQueue<D>, vb: VideobufBuffer): void {
  const memory = memoryOf(vb);
  if (memory.pinned !== undefined && memory.range !== undefined) {
    arenaOf(vb).unmap(memory.range);
    memory.pinned.release();
  } else if (memory.own !== undefined) memory.own.free();
  else return;
  memory.pinned = undefined;
  memory.own = undefined;
  memory.range = undefined;
}

const qops: VideobufQtypeOps = {
  unmapCancels: true,

  allocVb(vb) {
    vb.priv = new DmaContigMemory();
  },

  iolock(vb, program) {
    const memory = memoryOf(vb);
    switch (vb.memory) {
      case V4L2_MEMORY_MMAP:
        if (memory.range === undefined) throw new Errno(EINVAL, `buffer ${vb.i} is not mapped`);
        return;
      case V4L2_MEMORY_USERPTR:
        if (vb.baddr === 0) memory.own = allocate(vb, heapPages, pageAlign(vb.size), 0);
        else if (program === undefined) throw new Errno(EINVAL, 'no program whose memory it is');
        else pin(vb, program);
        return;
      default:
        throw new Errno(EINVAL, `contiguous buffers cannot be of memory ${vb.memory}`);
    }
  },

  fetch(vb) {
    memoryOf(vb).pinned?.fetch(vb.size);
  },

  sync(vb) {
    memoryOf(vb).pinned?.flush(vb.size);
  },

  mmapMapper(vb, { length, offset }) {
    const size = pageAlign(vb.bsize);
    if (pageAlign(length) > size)
      // In Linux 6.1 the buffer was then taken for mapped, until the last close.
      throw new Errno(ENOMEM, `buffer ${vb.i} has ${size} bytes, ${length} cannot be mapped`);
    return allocate(vb, vb.q.dev.pages, size, offset);
  },

  unmapped(vb) {
    memoryOf(vb).range = undefined;
  },

  vaddr(vb) {
    const { range } = memoryOf(vb);
    return range?.target.bytes;
  },
};

/**
 * A queue of buffers that are each in one piece, for a device that has an arena.
 *
 * @kernel videobuf_queue_dma_contig_init
 */
export function videobufQueueDmaContigInit<D, B extends VideobufBuffer = VideobufBuffer>(
  config: VideobufQueueConfig<D, B>,
): VideobufQueue<D, B> {
  return new VideobufQueue(config, qops);
}
