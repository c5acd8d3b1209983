/** Buffers in pieces, for devices that walk a list of them. */
import {
  V4L2_MEMORY_MMAP,
  V4L2_MEMORY_OVERLAY,
  V4L2_MEMORY_USERPTR,
  V4L2_TYPE_IS_OUTPUT,
  type v4l2_framebuffer,
} from '../../abi/index.ts';
import { driverBug } from '../../base/bug.ts';
import { EFAULT, EINVAL, ENOMEM, Errno } from '../../base/errno.ts';
import type { DmaArena, DmaRange, DmaSegment } from '../../memory/index.ts';
import { pageAlign } from '../../memory/page-size.ts';
import { heapPages, type Pages } from '../../memory/pages.ts';
import type { PinnedMemory, UserMemory } from '../../vfs/file.ts';
import type { VideobufBuffer } from '../core/buffer.ts';
import type { VideobufQtypeOps } from '../core/qtype-ops.ts';
import { VideobufQueue, type VideobufQueueConfig } from '../core/queue.ts';

/**
 * The pieces of a buffer. `videobufIolock` makes the list, unless the driver has set one of its own before, after
 * `videobufReqbufs`.
 *
 * @kernel videobuf_dmabuf
 */
export class VideobufDmabuf {
  /** The pieces in the order of the frame; the last is only as long as the frame. Empty: there is no list. */
  sglist: readonly DmaSegment[] = [];
  sglen = 0;
  /** Of an overlay buffer: where it is in the video memory, which is one piece. */
  busAddr = 0;

  // What the list was made of; the framework's.
  mapped: Uint8Array | undefined = undefined;
  own: Pages | undefined = undefined;
  pinned: PinnedMemory | undefined = undefined;
  ranges: readonly DmaRange[] = [];
  /** The bytes that the list is of; memory that was unmapped meanwhile goes with the list. */
  listed: Uint8Array | undefined = undefined;
  unmapped: Pages | undefined = undefined;
}

/**
 * The pieces of a buffer of a scattered queue.
 *
 * @kernel videobuf_to_dma
 */
export function videobufToDma(vb: VideobufBuffer): VideobufDmabuf {
  if (vb.priv instanceof VideobufDmabuf) return vb.priv;
  driverBug(`${vb.q.name}: buffer ${vb.i} is no scattered buffer, its queue is of another kind`);
  throw new Errno(EINVAL, 'a buffer of another kind');
}

function arenaOf<D>(q: VideobufQueue<D>): DmaArena {
  const { arena } = q.dev;
  if (arena !== undefined) return arena;
  driverBug(`${q.name}: a queue of scattered buffers needs a device with an arena`);
  throw new Errno(ENOMEM, 'no addresses for DMA');
}

/**
 * For bufRelease: the device has the pieces no more. A list that the driver has made stays.
 *
 * @kernel videobuf_dma_unmap
 */
export function videobufDmaUnmap<D>(q: VideobufQueue<D>, dma: VideobufDmabuf): void {
  if (dma.ranges.length === 0) return;
  for (const range of dma.ranges) arenaOf(q).unmap(range);
  dma.ranges = [];
  dma.sglist = [];
  dma.sglen = 0;
  dma.listed = undefined;
  dma.unmapped?.free();
  dma.unmapped = undefined;
}

/**
 * For bufRelease, after videobufDmaUnmap: frees memory that is ours, lets that of the program go.
 *
 * @kernel videobuf_dma_free
 */
export function videobufDmaFree(dma: VideobufDmabuf): void {
  if (dma.ranges.length > 0)
    driverBug('videobufDmaFree before videobufDmaUnmap: the device still has the pieces');
  dma.own?.free();
  dma.pinned?.release();
  dma.own = undefined;
  dma.pinned = undefined;
  dma.busAddr = 0;
}

/** The memory that the list is of, found or made. */
function memoryFor(vb: VideobufBuffer, dma: VideobufDmabuf, program: UserMemory | undefined): Uint8Array {
  if (vb.memory === V4L2_MEMORY_MMAP) {
    if (dma.mapped === undefined) throw new Errno(EINVAL, `buffer ${vb.i} is not mapped`);
    if (dma.mapped.length < vb.size)
      throw new Errno(EINVAL, `only ${dma.mapped.length} bytes of buffer ${vb.i} are mapped`);
    return dma.mapped;
  }
  if (vb.baddr === 0) {
    dma.own = heapPages.allocate(pageAlign(vb.size), 0);
    return dma.own.bytes;
  }
  if (program === undefined) throw new Errno(EFAULT, 'no program whose memory it is');
  dma.pinned = program.pin(vb.baddr, vb.size, !V4L2_TYPE_IS_OUTPUT(vb.q.type));
  return dma.pinned.bytes;
}

/** Gives the device addresses for the first `length` of `bytes`. */
function mapPieces<D>(q: VideobufQueue<D>, dma: VideobufDmabuf, bytes: Uint8Array, length: number): void {
  try {
    dma.ranges = arenaOf(q).mapScattered({ bytes }, length);
  } catch (thrown) {
    videobufDmaFree(dma);
    throw thrown;
  }
  dma.listed = bytes;
  dma.sglist = dma.ranges.map(({ address, offset, length: whole }) => {
    return { address, bytes: bytes.subarray(offset, Math.min(offset + whole, length)) };
  });
  dma.sglen = dma.sglist.length;
}

function lockOverlay(vb: VideobufBuffer, dma: VideobufDmabuf, fbuf: v4l2_framebuffer | undefined): void {
  if (fbuf === undefined) throw new Errno(EINVAL, 'there is no video memory for overlay buffers');
  dma.busAddr = Number(fbuf.base) + vb.boff;
}

const qops: VideobufQtypeOps = {
  unmapCancels: false,

  allocVb(vb) {
    vb.priv = new VideobufDmabuf();
  },

  iolock(vb, program, fbuf) {
    const dma = videobufToDma(vb);
    // The driver has a list of its own.
    if (dma.sglen > 0) return;
    if (vb.memory === V4L2_MEMORY_OVERLAY) lockOverlay(vb, dma, fbuf);
    else if (vb.memory === V4L2_MEMORY_MMAP || vb.memory === V4L2_MEMORY_USERPTR)
      mapPieces(vb.q, dma, memoryFor(vb, dma, program), vb.size);
    else throw new Errno(EINVAL, `scattered buffers cannot be of memory ${vb.memory}`);
  },

  fetch(vb) {
    videobufToDma(vb).pinned?.fetch(vb.size);
  },

  sync(vb) {
    videobufToDma(vb).pinned?.flush(vb.size);
  },

  /** As many bytes as are mapped; whether they hold a frame is seen at QBUF. */
  mmapMapper(vb, { length, offset }) {
    const pages = vb.q.dev.pages.allocate(pageAlign(length), offset);
    const dma = videobufToDma(vb);
    dma.mapped = pages.bytes;
    const free = () => {
      // Mapped twice, the buffer may still be queued with the memory of the first mapping.
      if (dma.listed === pages.bytes) dma.unmapped = pages;
      else pages.free();
    };
    return { fd: pages.fd, bytes: pages.bytes, free };
  },

  unmapped(vb) {
    videobufToDma(vb).mapped = undefined;
  },

  /** Of a list that the driver has made, read() gives the first piece. */
  vaddr(vb) {
    const dma = videobufToDma(vb);
    return dma.own?.bytes ?? dma.pinned?.bytes ?? dma.mapped ?? dma.sglist[0]?.bytes;
  },
};

/**
 * A queue of buffers that are each in pieces, for a device that has an arena.
 *
 * @kernel videobuf_queue_sg_init
 */
export function videobufQueueSgInit<D, B extends VideobufBuffer = VideobufBuffer>(
  config: VideobufQueueConfig<D, B>,
): VideobufQueue<D, B> {
  return new VideobufQueue(config, qops);
}
