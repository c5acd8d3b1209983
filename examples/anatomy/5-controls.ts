/**
 * A control. The framework knows what every program expects of `Brightness` (its name, its type), keeps its range and its value,
 * and tells those who have subscribed (`ctrlEventOps`) when it changes. All that is left for the driver is to look at
 * `cur.val` when it makes a frame; an `sCtrl` op would hear of each change, as a sensor has to. VIDIOC_LOG_STATUS says what all
 * controls are (`usercam run -v` shows it).
 */
import {
  type CameraIdentity,
  type CameraSurroundings,
  type Clock,
  ctrlEventOps,
  defineDriver,
  EBUSY,
  EINVAL,
  Errno,
  type FormatInfo,
  fillCapability,
  fillPix,
  formatsNamed,
  frameFormat,
  numberSetting,
  oneInputOps,
  prepareFrame,
  setupFrames,
  Timer,
  V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC,
  V4L2_BUF_TYPE_VIDEO_CAPTURE,
  V4L2_CAP_READWRITE,
  V4L2_CAP_STREAMING,
  V4L2_CAP_VIDEO_CAPTURE,
  V4L2_CID_BRIGHTNESS,
  V4L2_FIELD_NONE,
  type V4l2Ctrl,
  V4l2CtrlHandler,
  type V4l2IoctlOps,
  VB2_READ,
  type Vb2Buffer,
  type Vb2Ops,
  Vb2Queue,
  VideoDevice,
  v4l2CtrlLogStatus,
  vb2Fops,
  vb2IoctlOps,
  vmallocMemOps,
} from 'usercam';

const [GREY] = formatsNamed('GREY') as [FormatInfo];
const FORMAT = frameFormat(GREY, { width: 320, height: 240 });
/** Nanoseconds from frame to frame. */
const INTERVAL = 100_000_000;

class Camera {
  readonly identity: CameraIdentity;
  readonly clock: Clock;
  readonly queue: Vb2Queue<Camera>;
  /** What the driver has to fill, the oldest first. */
  readonly buffers: Vb2Buffer<Camera>[] = [];
  readonly timer = new Timer((now) => this.#interrupt(now));
  readonly step: number;
  readonly controls = new V4l2CtrlHandler<Camera>(this);
  readonly brightness: V4l2Ctrl<Camera>;
  sequence = 0;

  constructor(identity: CameraIdentity, step: number, { clock, pages }: CameraSurroundings) {
    this.identity = identity;
    this.step = step;
    this.brightness = this.controls.newStd(undefined, V4L2_CID_BRIGHTNESS, 0, 255, 1, 0);
    this.controls.setup();
    this.clock = clock;
    this.queue = new Vb2Queue<Camera>({
      name: identity.label,
      type: V4L2_BUF_TYPE_VIDEO_CAPTURE,
      isOutput: false,
      isMultiplanar: false,
      ops: queueOps,
      memOps: vmallocMemOps(pages),
      drvPriv: this,
      clock,
      timestampFlags: V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC,
      ioModes: VB2_READ,
      minQueuedBuffers: 1,
      supportsRemoveBufs: true,
    });
  }

  #interrupt(now: number): void {
    const vb = this.buffers.shift();
    if (vb !== undefined) {
      vb.planeVaddr(0).fill(
        (this.brightness.cur.val + this.sequence * this.step) % 256,
        0,
        vb.planePayload(0),
      );
      vb.timestamp = now;
      vb.sequence = this.sequence;
      vb.field = V4L2_FIELD_NONE;
      vb.done('DONE');
    }
    this.sequence++;
    this.clock.timers.arm(this.timer, now + INTERVAL);
  }
}

const queueOps = {
  queueSetup: (_q, setup) => setupFrames(setup, FORMAT),
  bufPrepare: (vb) => prepareFrame(vb, FORMAT),
  bufQueue(vb) {
    vb.queue.drvPriv.buffers.push(vb);
  },
  startStreaming(q) {
    const { clock, timer } = q.drvPriv;
    q.drvPriv.sequence = 0;
    clock.timers.arm(timer, clock.now() + INTERVAL);
  },
  stopStreaming(q) {
    const { clock, timer, buffers } = q.drvPriv;
    clock.timers.cancel(timer);
    for (const vb of buffers.splice(0)) vb.done('ERROR');
  },
} satisfies Vb2Ops<Camera>;

const ioctlOps = {
  ...oneInputOps,
  ...vb2IoctlOps,
  ...ctrlEventOps,
  vidioc_log_status: v4l2CtrlLogStatus,
  vidioc_querycap: (_file, fh, cap) => fillCapability(cap, fh.vdev.drvdata.identity),
  vidioc_enum_fmt_vid_cap(_file, _fh, desc) {
    if (desc.index > 0) throw new Errno(EINVAL, 'there is one format');
    desc.pixelformat = GREY.fourcc;
  },
  vidioc_g_fmt_vid_cap: (_file, _fh, f) => fillPix(f.fmt.pix, FORMAT),
  vidioc_try_fmt_vid_cap: (_file, _fh, f) => fillPix(f.fmt.pix, FORMAT),
  vidioc_s_fmt_vid_cap(_file, fh, f) {
    if (fh.vdev.drvdata.queue.isBusy()) throw new Errno(EBUSY, 'there are buffers of the old format');
    fillPix(f.fmt.pix, FORMAT);
  },
} satisfies V4l2IoctlOps<Camera>;

export default defineDriver({
  name: 'grey',
  help: 'A camera that shows a grey.',
  settings: {
    step: numberSetting(
      { min: 0, max: 255, default: 1, example: 5, unit: 'a number' },
      'By how much each frame is brighter than the last.',
    ),
  },
  create({ step }, { identity }, surroundings) {
    const camera = new Camera(identity, step, surroundings);
    const node = new VideoDevice<Camera>({
      name: identity.label,
      deviceCaps: V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING | V4L2_CAP_READWRITE,
      ioctlOps,
      fops: vb2Fops,
      queue: camera.queue,
      ctrlHandler: camera.controls,
      drvdata: camera,
    });
    return [node as VideoDevice];
  },
});
