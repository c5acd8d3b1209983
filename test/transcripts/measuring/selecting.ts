/**
 * A device with rectangles, for what the core makes of them: what vivid's inputs and its output have, as far as the transcript
 * tells. `measuring.ts` has none.
 */
import {
  type CameraIdentity,
  defineDriver,
  EINVAL,
  ENODATA,
  Errno,
  FrameSelection,
  type FrameSize,
  fillCapability,
  V4L2_BUF_TYPE_VIDEO_CAPTURE,
  V4L2_BUF_TYPE_VIDEO_OUTPUT,
  V4L2_CAP_STREAMING,
  V4L2_CAP_VIDEO_CAPTURE,
  V4L2_CAP_VIDEO_OUTPUT,
  V4L2_COLORSPACE_REC709,
  V4L2_COLORSPACE_SMPTE170M,
  V4L2_COLORSPACE_SRGB,
  V4L2_FIELD_INTERLACED,
  V4L2_FIELD_NONE,
  V4L2_INPUT_TYPE_CAMERA,
  V4L2_PIX_FMT_YUYV,
  V4L2_SEL_TGT_COMPOSE_BOUNDS,
  V4L2_SEL_TGT_CROP_BOUNDS,
  type V4l2IoctlOps,
  VideoDevice,
  type v4l2_format,
  type v4l2_selection,
  vb2Fops,
  vb2IoctlOps,
} from 'usercam';
import { Frames } from './queues.ts';

/** How large vivid's scaler makes frames. */
const SCALED = { width: 16384, height: 8640 };

const SQUARE: readonly [number, number] = [1, 1];

class Connector {
  readonly size: FrameSize;
  readonly field: number;
  readonly colorspace: number;
  /** None: it is a webcam. */
  readonly selection: FrameSelection | undefined;
  readonly aspect: readonly [number, number];

  constructor(
    [width, height]: readonly [number, number],
    colorspace: number,
    { field = V4L2_FIELD_NONE, aspect = SQUARE, isWebcam = false } = {},
  ) {
    this.size = { width, height };
    this.field = field;
    this.colorspace = colorspace;
    this.aspect = aspect;
    this.selection = isWebcam ? undefined : new FrameSelection(this.size);
  }
}

const pal = { field: V4L2_FIELD_INTERLACED, aspect: [54, 59] as readonly [number, number] };

interface Selecting {
  readonly identity: CameraIdentity;
  readonly type: number;
  readonly connectors: readonly Connector[];
  /** The rectangle that the scaler bounds. */
  readonly scaled: number;
  current: number;
}

function connectorOf({ type, connectors, current }: Selecting, wanted: number): Connector {
  if (wanted !== type) throw new Errno(EINVAL, 'the node is of another type');
  return connectors[current] as Connector;
}

function selectionOf(node: Selecting, type: number): [FrameSelection, FrameSize] {
  const { selection, size } = connectorOf(node, type);
  if (selection === undefined) throw new Errno(ENODATA, 'a webcam has no rectangles');
  return [selection, size];
}

function fillFormat({ fmt: { pix } }: v4l2_format, node: Selecting): void {
  const { size, field, colorspace } = connectorOf(node, node.type);
  Object.assign(pix, size, { field, colorspace, pixelformat: V4L2_PIX_FMT_YUYV });
  pix.bytesperline = 2 * size.width;
  pix.sizeimage = 2 * size.width * size.height;
}

function getSelection(node: Selecting, s: v4l2_selection): void {
  const [selection, size] = selectionOf(node, s.type);
  if (s.target === node.scaled) Object.assign(s.r, { left: 0, top: 0 }, SCALED);
  else selection.get(s, size);
}

const ops = {
  ...vb2IoctlOps,
  vidioc_querycap: (_file, fh, cap) => fillCapability(cap, fh.vdev.drvdata.identity),
  vidioc_g_selection: (_file, fh, s) => getSelection(fh.vdev.drvdata, s),
  vidioc_s_selection(_file, fh, s) {
    const [selection, size] = selectionOf(fh.vdev.drvdata, s.type);
    selection.set(s, size);
  },
  vidioc_g_pixelaspect(_file, fh, cap) {
    const { aspect } = connectorOf(fh.vdev.drvdata, cap.type);
    [cap.pixelaspect.numerator, cap.pixelaspect.denominator] = aspect;
  },
} satisfies V4l2IoctlOps<Selecting>;

const captureOps = {
  ...ops,
  vidioc_g_fmt_vid_cap: (_file, fh, f) => fillFormat(f, fh.vdev.drvdata),
  vidioc_try_fmt_vid_cap: (_file, fh, f) => fillFormat(f, fh.vdev.drvdata),
  vidioc_s_fmt_vid_cap: (_file, fh, f) => fillFormat(f, fh.vdev.drvdata),
  vidioc_enum_input(_file, fh, input) {
    if (fh.vdev.drvdata.connectors[input.index] === undefined)
      throw new Errno(EINVAL, 'there is no such input');
    input.type = V4L2_INPUT_TYPE_CAMERA;
    input.name = `Input ${input.index}`;
  },
  vidioc_g_input(_file, fh, input) {
    input.value = fh.vdev.drvdata.current;
  },
  vidioc_s_input(_file, fh, input) {
    if (fh.vdev.drvdata.connectors[input] === undefined) throw new Errno(EINVAL, 'there is no such input');
    fh.vdev.drvdata.current = input;
  },
} satisfies V4l2IoctlOps<Selecting>;

const outputOps = {
  ...ops,
  vidioc_g_fmt_vid_out: (_file, fh, f) => fillFormat(f, fh.vdev.drvdata),
  vidioc_try_fmt_vid_out: (_file, fh, f) => fillFormat(f, fh.vdev.drvdata),
  vidioc_s_fmt_vid_out: (_file, fh, f) => fillFormat(f, fh.vdev.drvdata),
} satisfies V4l2IoctlOps<Selecting>;

export default defineDriver({
  name: 'selecting',
  help: 'Has rectangles to crop and to compose, and no picture.',
  settings: {},
  create(_settings, { identity }, surroundings) {
    const television = () => new Connector([720, 576], V4L2_COLORSPACE_SMPTE170M, pal);
    const inputs = [
      new Connector([640, 360], V4L2_COLORSPACE_SRGB, { isWebcam: true }),
      television(),
      television(),
      new Connector([640, 480], V4L2_COLORSPACE_REC709),
    ];
    const outputs = [new Connector([1280, 720], V4L2_COLORSPACE_REC709)];
    const node = (name: string, caps: number, ioctlOps: V4l2IoctlOps<Selecting>, drvdata: Selecting) => {
      const { type } = drvdata;
      const { queue } = new Frames({ type }, surroundings);
      const deviceCaps = caps | V4L2_CAP_STREAMING;
      return new VideoDevice<Selecting>({ name, deviceCaps, ioctlOps, fops: vb2Fops, queue, drvdata });
    };
    return [
      node('selecting-cap', V4L2_CAP_VIDEO_CAPTURE, captureOps, {
        ...{ identity, type: V4L2_BUF_TYPE_VIDEO_CAPTURE, connectors: inputs },
        ...{ scaled: V4L2_SEL_TGT_COMPOSE_BOUNDS, current: 0 },
      }),
      node('selecting-out', V4L2_CAP_VIDEO_OUTPUT, outputOps, {
        ...{ identity, type: V4L2_BUF_TYPE_VIDEO_OUTPUT, connectors: outputs },
        ...{ scaled: V4L2_SEL_TGT_CROP_BOUNDS, current: 0 },
      }),
    ] as VideoDevice[];
  },
});
