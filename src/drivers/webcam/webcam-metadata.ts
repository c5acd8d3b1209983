/**
 * The second node of a webcam: what came with each frame on the bus. A buffer of it has the headers of the frame's first and last
 * packet as UVC has them, each with the time at which it came (`struct uvc_meta_buf` of linux/uvcvideo.h). It gives as many as the
 * program has frames, with their numbers; while nobody streams, nothing comes.
 *
 * @kernel uvc_meta_register
 */
import {
  V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC,
  V4L2_BUF_FLAG_TSTAMP_SRC_SOE,
  V4L2_BUF_TYPE_META_CAPTURE,
  V4L2_CAP_META_CAPTURE,
  V4L2_CAP_STREAMING,
  V4L2_CAP_VIDEO_CAPTURE,
  V4L2_FIELD_NONE,
  V4L2_META_FMT_UVC,
  type v4l2_format,
} from '../../abi/index.ts';
import { EBUSY, EINVAL, Errno } from '../../base/errno.ts';
import type { Clock } from '../../base/timers.ts';
import type { MediaDevice } from '../../media/index.ts';
import type { Vb2MemOps } from '../../memory/mem-ops.ts';
import { type UsbPort, type V4l2IoctlOps, VideoDevice, vb2Fops, vb2IoctlOps } from '../../v4l2-core/index.ts';
import { type Vb2Buffer, type Vb2Ops, Vb2Queue } from '../../videobuf2/index.ts';
import { oneInputOps } from '../lib/capture-ioctl.ts';
import { type CameraIdentity, fillCapability } from '../lib/driver-module.ts';

/** Room for the headers of a frame, as uvcvideo has it. */
const BUFFER_BYTES = 10_240;

// struct uvc_meta_buf: __u64 ns, __u16 sof, and the header of a packet, which begins with its length and its flags.
const SOF = 8;
const HEADER = 10;
const PRESENTATION_TIME = HEADER + 2;
const SOURCE_CLOCK = HEADER + 6;
const SOURCE_SOF = HEADER + 10;
const HEADER_BYTES = 12;
const BLOCK_BYTES = HEADER + HEADER_BYTES;

// Flags of the header (UVC 1.5, 2.4.3.3).
const FRAME_ID = 0x01;
const END_OF_FRAME = 0x02;
const HAS_PRESENTATION_TIME = 0x04;
const HAS_SOURCE_CLOCK = 0x08;
const END_OF_HEADER = 0x80;

/** Ticks of the camera's clock in a microsecond. */
const TICKS = 48;
const NS_PER_US = 1000;
/** Frames of the bus: one a millisecond, counted in 11 bits. */
const NS_PER_SOF = 1_000_000;
const SOF_MASK = 0x7ff;

export class WebcamMetadata {
  readonly identity: CameraIdentity;
  readonly queue: Vb2Queue<WebcamMetadata>;
  readonly #buffers: Vb2Buffer<WebcamMetadata>[] = [];

  constructor(identity: CameraIdentity, clock: Clock, memOps: Vb2MemOps) {
    this.identity = identity;
    this.queue = new Vb2Queue<WebcamMetadata>({
      name: `${identity.label}-meta-cap`,
      type: V4L2_BUF_TYPE_META_CAPTURE,
      isOutput: false,
      isMultiplanar: false,
      ioModes: 0,
      ops: queueOps,
      memOps,
      drvPriv: this,
      clock,
      timestampFlags: V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC | V4L2_BUF_FLAG_TSTAMP_SRC_SOE,
      supportsRemoveBufs: true,
    });
  }

  push(vb: Vb2Buffer<WebcamMetadata>): void {
    this.#buffers.push(vb);
  }

  stop(): void {
    for (const vb of this.#buffers.splice(0)) vb.done('ERROR');
  }

  /** A program has been given frame `sequence`, which was due at `time`. */
  frame(sequence: number, time: number): void {
    const vb = this.queue.isStreaming() ? this.#buffers.shift() : undefined;
    if (vb === undefined) return;
    const bytes = vb.planeVaddr(0);
    const view = new DataView(bytes.buffer, bytes.byteOffset, 2 * BLOCK_BYTES);
    putBlock(view, 0, sequence, time, 0);
    putBlock(view, BLOCK_BYTES, sequence, time, END_OF_FRAME);
    vb.setPlanePayload(0, 2 * BLOCK_BYTES);
    vb.field = V4L2_FIELD_NONE;
    vb.sequence = sequence;
    vb.timestamp = time;
    vb.done('DONE');
  }
}

/** The header of a packet, with when it came. */
function putBlock(view: DataView, at: number, sequence: number, time: number, more: number): void {
  const ticks = Math.floor(time / NS_PER_US) * TICKS;
  const sof = Math.floor(time / NS_PER_SOF) & SOF_MASK;
  const flags = END_OF_HEADER | HAS_SOURCE_CLOCK | HAS_PRESENTATION_TIME | (sequence & FRAME_ID) | more;
  view.setBigUint64(at, BigInt(time), true);
  view.setUint16(at + SOF, sof, true);
  view.setUint8(at + HEADER, HEADER_BYTES);
  view.setUint8(at + HEADER + 1, flags);
  view.setUint32(at + PRESENTATION_TIME, ticks % 2 ** 32, true);
  view.setUint32(at + SOURCE_CLOCK, ticks % 2 ** 32, true);
  view.setUint16(at + SOURCE_SOF, sof, true);
}

const queueOps = {
  queueSetup(_q, setup) {
    if (setup.numPlanes > 1 || (setup.numPlanes === 1 && (setup.sizes[0] as number) < BUFFER_BYTES))
      throw new Errno(EINVAL, `a buffer has one plane of ${BUFFER_BYTES} bytes`);
    if (setup.numPlanes === 0) setup.sizes[0] = BUFFER_BYTES;
    setup.numPlanes = 1;
  },
  bufPrepare(vb) {
    if (vb.planeSize(0) < BUFFER_BYTES)
      throw new Errno(EINVAL, `${vb.planeSize(0)} bytes have no room for metadata, ${BUFFER_BYTES} have`);
  },
  bufQueue: (vb) => vb.queue.drvPriv.push(vb),
  startStreaming: () => {},
  stopStreaming: (q) => q.drvPriv.stop(),
} satisfies Vb2Ops<WebcamMetadata>;

function fillMeta({ fmt: { meta } }: v4l2_format): void {
  meta.$bytes.fill(0);
  meta.dataformat = V4L2_META_FMT_UVC;
  meta.buffersize = BUFFER_BYTES;
}

const ioctlOps = {
  ...vb2IoctlOps,
  // uvcvideo has none there, and v4l2-compliance wants one of every node that captures.
  ...oneInputOps,
  vidioc_querycap(_file, fh, cap) {
    fillCapability(cap, fh.vdev.drvdata.identity);
    cap.capabilities |= V4L2_CAP_VIDEO_CAPTURE;
  },
  vidioc_enum_fmt_meta_cap(_file, _fh, desc) {
    if (desc.index > 0) throw new Errno(EINVAL, 'there is one format');
    desc.pixelformat = V4L2_META_FMT_UVC;
  },
  vidioc_g_fmt_meta_cap: (_file, _fh, f) => fillMeta(f),
  vidioc_try_fmt_meta_cap: (_file, _fh, f) => fillMeta(f),
  vidioc_s_fmt_meta_cap(_file, fh, f) {
    if (fh.vdev.drvdata.queue.isBusy()) throw new Errno(EBUSY, 'buffers are allocated');
    fillMeta(f);
  },
} satisfies V4l2IoctlOps<WebcamMetadata>;

/** Its node, beside that of the frames on the same device of the bus. */
export function metadataNode(
  metadata: WebcamMetadata,
  usb: UsbPort,
  mdev: MediaDevice,
): VideoDevice<WebcamMetadata> {
  return new VideoDevice<WebcamMetadata>({
    name: metadata.identity.card,
    index: 1,
    deviceCaps: V4L2_CAP_META_CAPTURE | V4L2_CAP_STREAMING,
    ioctlOps,
    fops: vb2Fops,
    queue: metadata.queue,
    drvdata: metadata,
    usb,
    mdev,
  });
}
