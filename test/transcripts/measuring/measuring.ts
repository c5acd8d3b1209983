/**
 * A driver that does as little as possible, so that what it answers is what the core answers: the counterpart of the kernel
 * module that the transcripts were recorded with. Its nodes: what is measured (capture, with all controls), an output of the
 * same device, the one for deeds, and a capture device whose frames are done by command.
 */
import {
  type CameraIdentity,
  defineDriver,
  EBUSY,
  EINVAL,
  Errno,
  fillCapability,
  V4L2_BUF_TYPE_VIDEO_CAPTURE,
  V4L2_BUF_TYPE_VIDEO_OUTPUT,
  V4L2_CAP_READWRITE,
  V4L2_CAP_STREAMING,
  V4L2_CAP_VIDEO_CAPTURE,
  V4L2_CAP_VIDEO_OUTPUT,
  V4L2_COLORSPACE_SRGB,
  V4L2_FIELD_NONE,
  V4L2_INPUT_TYPE_CAMERA,
  V4L2_PIX_FMT_YUYV,
  type V4l2Fh,
  type V4l2FileOperations,
  type V4l2IoctlOps,
  V4l2PrioState,
  VideoDevice,
  type v4l2_format,
  v4l2CtrlLogStatus,
  vb2Fops,
  vb2IoctlOps,
} from 'usercam';
import { Controls } from './controls.ts';
import { deedsFops, type Measured } from './deeds.ts';
import { eventOps } from './events.ts';
import { FRAME, Frames, SMALL_FRAME } from './queues.ts';

/** Frames come to who waits for them. */
const outputFops = {
  ...vb2Fops,
  read: (fh, address, count, caller) => framesOf(fh).answer(vb2Fops.read(fh, address, count, caller)),
  write: (fh, address, count, caller) => framesOf(fh).answer(vb2Fops.write(fh, address, count, caller)),
} satisfies V4l2FileOperations<Node>;

/** A camera: it cannot be written. */
const { write: _, ...captureFops } = outputFops;

interface Node {
  readonly identity: CameraIdentity;
  readonly frames: Frames;
}

const framesOf = (fh: V4l2Fh<Node>): Frames => fh.vdev.drvdata.frames;

function fillFormat({ fmt: { pix } }: v4l2_format): void {
  pix.width = 640;
  pix.height = 480;
  pix.pixelformat = V4L2_PIX_FMT_YUYV;
  pix.field = V4L2_FIELD_NONE;
  pix.bytesperline = FRAME / 480;
  pix.sizeimage = FRAME;
  pix.colorspace = V4L2_COLORSPACE_SRGB;
}

/** It has no picture. */
function fillSmallFormat(f: v4l2_format): void {
  fillFormat(f);
  f.fmt.pix.sizeimage = SMALL_FRAME;
}

const commonOps = {
  ...vb2IoctlOps,
  vidioc_querycap: (_file, fh, cap) => fillCapability(cap, fh.vdev.drvdata.identity),
  vidioc_log_status: v4l2CtrlLogStatus,
  vidioc_dqbuf: (file, fh, b, caller, planes) =>
    framesOf(fh).answer(vb2IoctlOps.vidioc_dqbuf(file, fh, b, caller, planes)),
} satisfies V4l2IoctlOps<Node>;

const captureOps = {
  ...commonOps,
  ...eventOps,
  vidioc_enum_fmt_vid_cap(_file, _fh, desc) {
    if (desc.index > 0) throw new Errno(EINVAL, 'there is one format');
    desc.pixelformat = V4L2_PIX_FMT_YUYV;
  },
  vidioc_g_fmt_vid_cap: (_file, _fh, f) => fillFormat(f),
  vidioc_try_fmt_vid_cap: (_file, _fh, f) => fillFormat(f),
  vidioc_s_fmt_vid_cap(_file, fh, f) {
    if (fh.vdev.drvdata.frames.queue.isBusy()) throw new Errno(EBUSY, 'buffers are allocated');
    fillFormat(f);
  },
  vidioc_enum_input(_file, _fh, input) {
    if (input.index > 0) throw new Errno(EINVAL, 'there is one input');
    input.type = V4L2_INPUT_TYPE_CAMERA;
    input.name = 'Camera 0';
  },
  vidioc_g_input(_file, _fh, input) {
    input.value = 0;
  },
  vidioc_s_input(_file, _fh, input) {
    if (input !== 0) throw new Errno(EINVAL, 'there is one input');
  },
} satisfies V4l2IoctlOps<Node>;

const outputOps = {
  ...commonOps,
  vidioc_g_fmt_vid_out: (_file, _fh, f) => fillFormat(f),
  vidioc_try_fmt_vid_out: (_file, _fh, f) => fillFormat(f),
  vidioc_s_fmt_vid_out: (_file, _fh, f) => fillFormat(f),
} satisfies V4l2IoctlOps<Node>;

const failingOps = {
  ...commonOps,
  vidioc_g_fmt_vid_cap: (_file, _fh, f) => fillSmallFormat(f),
  vidioc_try_fmt_vid_cap: (_file, _fh, f) => fillSmallFormat(f),
  vidioc_s_fmt_vid_cap: (_file, _fh, f) => fillSmallFormat(f),
} satisfies V4l2IoctlOps<Node>;

export default defineDriver({
  name: 'measuring',
  help: 'Does as little as possible, has 34 controls, and tells what it was called for.',
  settings: {},
  create(_settings, { identity }, surroundings) {
    const prio = new V4l2PrioState();
    const controls = new Controls();
    const streams = V4L2_CAP_STREAMING | V4L2_CAP_READWRITE;
    const captured = new Frames({ type: V4L2_BUF_TYPE_VIDEO_CAPTURE }, surroundings);
    const capture = new VideoDevice<Node>({
      name: 'measuring-ctrl',
      deviceCaps: V4L2_CAP_VIDEO_CAPTURE | streams,
      ioctlOps: captureOps,
      fops: captureFops,
      queue: captured.queue,
      prio,
      ctrlHandler: controls.hdl,
      drvdata: { identity, frames: captured },
    });
    const sent = new Frames({ type: V4L2_BUF_TYPE_VIDEO_OUTPUT }, surroundings);
    const output = new VideoDevice<Node>({
      name: 'measuring-output',
      deviceCaps: V4L2_CAP_VIDEO_OUTPUT | streams,
      ioctlOps: outputOps,
      fops: outputFops,
      queue: sent.queue,
      prio,
      drvdata: { identity, frames: sent },
    });
    const byCommand = { size: SMALL_FRAME, minQueuedBuffers: 2, isByCommand: true };
    const told = new Frames({ type: V4L2_BUF_TYPE_VIDEO_CAPTURE, ...byCommand }, surroundings);
    const failing = new VideoDevice<Node>({
      name: 'measuring-failing',
      deviceCaps: V4L2_CAP_VIDEO_CAPTURE | streams,
      ioctlOps: failingOps,
      fops: captureFops,
      queue: told.queue,
      drvdata: { identity, frames: told },
    });
    const deeds = new VideoDevice<Measured>({
      name: 'measuring-deeds',
      deviceCaps: V4L2_CAP_VIDEO_OUTPUT | V4L2_CAP_READWRITE,
      ioctlOps: { vidioc_querycap: (_file, _fh, cap) => fillCapability(cap, identity) },
      fops: deedsFops,
      drvdata: { controls, frames: told, timed: [captured, sent], node: () => capture as VideoDevice },
    });
    return [capture, output, deeds, failing] as VideoDevice[];
  },
});
