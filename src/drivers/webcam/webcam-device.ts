/** The state of a webcam: its format and rate, its controls, what it shows, and who reads it. */
import {
  V4L2_BUF_FLAG_TSTAMP_SRC_SOE,
  V4L2_COLORSPACE_SRGB,
  V4L2_QUANTIZATION_DEFAULT,
  V4L2_XFER_FUNC_709,
  V4L2_YCBCR_ENC_601,
} from '../../abi/index.ts';
import { EBUSY, Errno } from '../../base/errno.ts';
import type { Clock } from '../../base/timers.ts';
import type { Vb2MemOps } from '../../memory/mem-ops.ts';
import { type FrameSize, isCompressed, memorySizes } from '../../pixel/index.ts';
import type { FrameSource, SourceSpec } from '../../sources/index.ts';
import type { Vb2Queue } from '../../videobuf2/index.ts';
import { type CaptureCamera, CaptureReader } from '../lib/capture-reader.ts';
import { type Colorimetry, defaultColorimetry } from '../lib/colorimetry.ts';
import type { CameraIdentity } from '../lib/driver-module.ts';
import { type FrameFormat, frameFormat, isSameShape } from '../lib/frame-format.ts';
import type { TimePerFrame } from '../lib/frame-interval.ts';
import { SharedFrames } from '../lib/shared-frames.ts';
import { checkSource, readSource } from '../lib/source-setting.ts';
import type { ReceivedMode } from '../lib/steering.ts';
import { StandingPicture } from './standing-picture.ts';
import type { WebcamView } from './webcam-ctrls.ts';
import type { WebcamMetadata } from './webcam-metadata.ts';
import {
  type FormatMode,
  nearestIntervalOf,
  nearestMode,
  receivedModes,
  type SizeMode,
} from './webcam-modes.ts';
import { WebcamPicture, type WebcamSource } from './webcam-picture.ts';

/**
 * How nearly all such cameras say that their colours are meant (the colour matching descriptor): primaries and transfer of BT.709,
 * the matrix of BT.601.
 *
 * @kernel uvc_parse_format
 */
const YUV_COLORIMETRY: Colorimetry = {
  colorspace: V4L2_COLORSPACE_SRGB,
  xfer_func: V4L2_XFER_FUNC_709,
  ycbcr_enc: V4L2_YCBCR_ENC_601,
  quantization: V4L2_QUANTIZATION_DEFAULT,
};

/** A compressed frame has less than this many bytes a pixel, as such cameras say; and room for what stands before its first pixel. */
const COMPRESSED_BYTES = 2;
const SMALLEST_COMPRESSED = 4096;

export interface WebcamConfig {
  readonly identity: CameraIdentity;
  readonly clock: Clock;
  readonly memOps: Vb2MemOps;
  readonly modes: readonly FormatMode[];
  readonly interval: TimePerFrame | undefined;
  readonly view: WebcamView;
  readonly source: WebcamSource;
  /** What it shows goes on while nobody streams. */
  readonly isAlways: boolean;
  /** The node beside it; undefined if it has none. */
  readonly metadata: WebcamMetadata | undefined;
}

export class WebcamDevice implements CaptureCamera {
  readonly identity: CameraIdentity;
  readonly name: string;
  readonly clock: Clock;
  readonly memOps: Vb2MemOps;
  /** As UVC cameras, without read(). */
  readonly ioModes = 0;
  readonly unpaced = false;
  readonly memoryLimit = Number.POSITIVE_INFINITY;
  readonly shutter: WebcamView;
  readonly shared: SharedFrames;
  readonly readers = new Set<CaptureReader>();
  readonly #config: WebcamConfig;
  #modes: readonly FormatMode[];
  #received: ReceivedMode = {};
  #size: SizeMode;
  #format: FrameFormat;
  /** The format is not one of {@link modes}, because somebody had buffers of it. */
  #isOutdated = false;
  #timeperframe: TimePerFrame;
  #source: WebcamSource;
  readonly #standing: StandingPicture | undefined;
  /** What the streams that run show, and what goes on without one. */
  readonly #pictures = new Set<WebcamPicture>();

  constructor(config: WebcamConfig) {
    this.#config = config;
    this.identity = config.identity;
    this.name = config.identity.label;
    this.clock = config.clock;
    this.memOps = config.memOps;
    this.shutter = config.view;
    this.shared = new SharedFrames(this);
    this.#modes = config.modes;
    this.#source = config.source;
    const mode = config.modes[0] as FormatMode;
    this.#size = mode.sizes[0] as SizeMode;
    this.#format = formatOf(mode, this.#size);
    if (config.isAlways) this.#standing = new StandingPicture(config.clock, () => this.#newPicture());
    this.#timeperframe = config.interval ?? (this.#size.intervals[0] as TimePerFrame);
  }

  get modes(): readonly FormatMode[] {
    return this.#modes;
  }

  get format(): FrameFormat {
    return this.#format;
  }

  /** The format for who asks: while somebody has buffers that of the buffers, else one of {@link modes}. */
  current(): FrameFormat {
    if (this.#isOutdated && !this.#isTaken(undefined)) {
      this.#use(this.#format.info.fourcc, this.#format, this.#timeperframe);
    }
    return this.#format;
  }

  get timeperframe(): TimePerFrame {
    return this.#timeperframe;
  }

  /**
   * The nearest that there is, and that is the one which others have while they have buffers. EBUSY while frames come to the
   * program that asks, as UVC cameras have it.
   */
  setTimeperframe(interval: TimePerFrame, own: Vb2Queue): void {
    if (own.isStreaming()) throw new Errno(EBUSY, 'the camera is streaming: its rate is set before');
    if (this.#isTaken(own)) return;
    this.#timeperframe = nearestIntervalOf(this.#size, interval);
    this.shared.rateChanged();
  }

  get hasMetadata(): boolean {
    return this.#config.metadata !== undefined;
  }

  frameGiven(sequence: number, time: number): void {
    this.#config.metadata?.frame(sequence, time);
  }

  /** It is plugged in. */
  begin(): void {
    this.#standing?.begin(this.#timeperframe);
  }

  /** It is unplugged. */
  end(): void {
    this.#standing?.end();
  }

  createSource(): FrameSource {
    return this.#standing?.lend() ?? this.#newPicture();
  }

  #newPicture(): WebcamPicture {
    const picture = new WebcamPicture(this.#format, this.#config.view, this.#source, this.#timeperframe, () =>
      this.#pictures.delete(picture),
    );
    this.#pictures.add(picture);
    return picture;
  }

  /**
   * Something else comes in: that size and rate are the only ones that there are from now on. Streams that run have its rate,
   * and keep their size: the camera scales, as long as somebody has buffers.
   */
  receive(mode: ReceivedMode): void {
    const received = { ...this.#received, ...mode };
    this.#modes = receivedModes(this.#config.modes, received);
    this.#received = received;
    this.#isOutdated = true;
    if (mode.interval !== undefined) {
      this.#size = { ...this.#size, intervals: [mode.interval] };
      this.#timeperframe = mode.interval;
      for (const reader of this.readers) reader.rateChanged();
      this.shared.rateChanged();
    }
    this.current();
  }

  get shows(): SourceSpec {
    return this.#source.source;
  }

  /** Shows something else from now on, in streams that run too: without a gap, as soon as it is there. */
  showText(text: string): void {
    const source = readSource(text, this.name);
    checkSource(source, this.#source.producers);
    this.#source = { ...this.#source, source };
    for (const picture of this.#pictures) picture.show(this.#source, this.#timeperframe);
  }

  /** What a program gets that asks for this: the format that there is while others have buffers of it. */
  nearest(fourcc: number, size: FrameSize, own: Vb2Queue): FrameFormat {
    return this.#isTaken(own) ? this.#format : formatOf(...this.#nearestMode(fourcc, size));
  }

  /** The same, and that is the format from then on. EBUSY if the program that asks has buffers itself. */
  setNearest(fourcc: number, size: FrameSize, own: Vb2Queue): FrameFormat {
    if (own.isBusy()) throw new Errno(EBUSY, 'there are buffers of the old format');
    if (this.#isTaken(own)) return this.#format;
    this.#use(fourcc, size, this.#config.interval);
    return this.#format;
  }

  /**
   * The rate is the nearest to what is `wanted`, or that which the size begins with: whoever sets the format has to set the rate
   * after that, not before.
   *
   * @kernel uvc_v4l2_try_format
   */
  #use(fourcc: number, size: FrameSize, wanted: TimePerFrame | undefined): void {
    const [mode, nearest] = this.#nearestMode(fourcc, size);
    this.#size = nearest;
    const format = formatOf(mode, nearest);
    this.#timeperframe = nearestIntervalOf(nearest, wanted ?? (nearest.intervals[0] as TimePerFrame));
    this.#isOutdated = false;
    if (isSameShape(format, this.#format)) {
      this.shared.rateChanged();
      return;
    }
    this.shared.changeFormat(() => {
      this.#format = format;
      this.#standing?.renew(this.#timeperframe);
    });
  }

  /** Makes somebody who reads the camera. */
  newReader(type: number): CaptureReader {
    const tstampSrc = V4L2_BUF_FLAG_TSTAMP_SRC_SOE;
    const reader = new CaptureReader(this, { type, isMultiplanar: false, tstampSrc });
    this.readers.add(reader);
    return reader;
  }

  #isTaken(own: Vb2Queue | undefined): boolean {
    for (const { queue } of this.readers) if ((queue as object) !== own && queue.isBusy()) return true;
    return false;
  }

  #nearestMode(fourcc: number, size: FrameSize): [FormatMode, SizeMode] {
    const mode = this.modes.find(({ info }) => info.fourcc === fourcc) ?? (this.modes[0] as FormatMode);
    return [mode, nearestMode(mode.sizes, size)];
  }
}

function formatOf({ info }: FormatMode, size: FrameSize): FrameFormat {
  const planeSizes = isCompressed(info)
    ? [Math.max(size.width * size.height * COMPRESSED_BYTES, SMALLEST_COMPRESSED)]
    : memorySizes(info, size);
  const colorimetry = info.encoding === 'rgb' ? defaultColorimetry(V4L2_COLORSPACE_SRGB) : YUV_COLORIMETRY;
  return frameFormat(info, size, { planeSizes, colorimetry });
}
