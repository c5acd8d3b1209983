/** A vivi of which a part can be chosen (`crop=yes`), which the camera of Linux 3.5 was not: vivid is. */
import { V4L2_BUF_TYPE_VIDEO_CAPTURE, V4L2_FRMIVAL_TYPE_DISCRETE } from '../../abi/index.ts';
import { EINVAL, Errno } from '../../base/errno.ts';
import { type FrameRect, FrameScaler } from '../../pixel/index.ts';
import type { FrameTarget, PaintedSource } from '../../sources/index.ts';
import { FramePainter, solid } from '../../tpg/index.ts';
import type { V4l2Fh, V4l2IoctlOps } from '../../v4l2-core/index.ts';
import type { CaptureDevice } from '../lib/capture-device.ts';
import { type FrameFormat, hasFormat } from '../lib/frame-format.ts';
import { fillFraction } from '../lib/frame-interval.ts';
import type { FrameSelection } from '../lib/frame-selection.ts';
import { fillSizeRange, nearestSize } from '../lib/frame-size.ts';
import { entry } from '../lib/listed-rates.ts';

/** Behind a picture that does not fill the frame. */
const BEHIND = solid('behind', { r: 0, g: 0, b: 0 });

/** A picture painted elsewhere, of which a part is brought into a part of the frame. */
export class CroppedPicture implements PaintedSource {
  readonly shape: FrameFormat;
  readonly #picture: PaintedSource;
  readonly #selection: FrameSelection;
  readonly #painted: FrameTarget;
  readonly #planes: readonly Uint8Array[];
  readonly #scaler: FrameScaler;
  readonly #behind: FramePainter;
  /** What the scaler was told last. */
  #crop: FrameRect | undefined;
  #compose: FrameRect | undefined;

  /** `picture` has the format of `shape`, whatever its size; `planeSizes` are the bytes that it takes. */
  constructor(
    shape: FrameFormat,
    picture: PaintedSource,
    planeSizes: readonly number[],
    selection: FrameSelection,
  ) {
    const planes = planeSizes.map((bytes) => new Uint8Array(bytes));
    this.shape = shape;
    this.#picture = picture;
    this.#selection = selection;
    this.#planes = planes;
    this.#painted = { planeVaddr: (n) => planes[n] as Uint8Array, setPlanePayload: () => {} };
    this.#scaler = new FrameScaler(shape.info, picture.shape, shape);
    this.#behind = new FramePainter(shape.info, shape);
  }

  fill(target: FrameTarget, number: number, time: number): void {
    const { shape } = this;
    if (this.#selection.isWhole(shape)) {
      this.#picture.fill(target, number, time);
      return;
    }
    this.#picture.fill(this.#painted, number, time);
    this.#look();
    const compose = this.#compose as FrameRect;
    const fills = compose.width === shape.width && compose.height === shape.height;
    for (const [n, plane] of this.#planes.entries()) {
      const bytes = target.planeVaddr(n);
      if (!fills) this.#behind.paint(bytes, n, BEHIND);
      this.#scaler.scale(n, plane, bytes);
    }
  }

  #look(): void {
    const { crop } = this.#selection;
    const compose = this.#selection.composeIn(this.shape);
    if (crop === this.#crop && compose === this.#compose) return;
    this.#scaler.select(crop, compose);
    this.#crop = crop;
    this.#compose = compose;
  }
}

/** What such a camera keeps. */
interface Cropped {
  readonly selection: FrameSelection;
}

type Fh = V4l2Fh<CaptureDevice<Cropped>>;

/** Where a picture is cropped; EINVAL for another type of buffers. */
function selectionOf({ vdev }: Fh, type: number): FrameSelection {
  if (type !== V4L2_BUF_TYPE_VIDEO_CAPTURE) throw new Errno(EINVAL, `there are no frames of type ${type}`);
  return vdev.drvdata.own.selection;
}

function checkFormat({ vdev }: Fh, fourcc: number): void {
  if (!hasFormat(vdev.drvdata.formats, fourcc))
    throw new Errno(EINVAL, 'vivi does not have this pixel format');
}

/**
 * A camera that scales has all sizes, and lists none: so v4l2-compliance wants it.
 */
export const viviCropOps = {
  vidioc_g_selection: (_file, fh, s) => selectionOf(fh, s.type).get(s, fh.vdev.drvdata.current()),
  vidioc_s_selection: (_file, fh, s) => selectionOf(fh, s.type).set(s, fh.vdev.drvdata.current()),

  vidioc_enum_framesizes(_file, fh, frmsize) {
    checkFormat(fh, frmsize.pixel_format);
    if (frmsize.index > 0) throw new Errno(EINVAL, 'there is one range of sizes');
    fillSizeRange(frmsize, fh.vdev.drvdata.limits);
  },

  vidioc_enum_frameintervals(_file, fh, frmival) {
    checkFormat(fh, frmival.pixel_format);
    const { limits, intervals } = fh.vdev.drvdata;
    const { width, height } = nearestSize(frmival, limits);
    if (width !== frmival.width || height !== frmival.height)
      throw new Errno(EINVAL, `${frmival.width}x${frmival.height} is no possible size`);
    frmival.type = V4L2_FRMIVAL_TYPE_DISCRETE;
    fillFraction(frmival.discrete, entry(intervals, frmival.index, 'frame intervals'));
  },
} satisfies V4l2IoctlOps<CaptureDevice<Cropped>>;
