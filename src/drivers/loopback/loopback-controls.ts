/** The controls of both nodes, as people of v4l2loopback know them. */
import { V4L2_CID_USER_BASE, V4L2_CTRL_TYPE_BOOLEAN, V4L2_CTRL_TYPE_INTEGER } from '../../abi/index.ts';
import { type V4l2Ctrl, V4l2CtrlHandler, v4l2CtrlSCtrl } from '../../v4l2-core/index.ts';

const CID_BASE = V4L2_CID_USER_BASE | 0xf000;
/** The longest time without a frame, in milliseconds. */
const MAX_TIMEOUT = 100_000;
const NS_PER_MS = 1_000_000;

/** What a program can choose. `changed` is told afterwards. */
export class LoopbackControls {
  readonly handler = new V4l2CtrlHandler<LoopbackControls>(this);
  /** The format of a producer stays when it goes, until this is switched off. */
  keepFormat = false;
  /** A producer that is too slow is made up for: its last frame is shown again. */
  sustainFramerate = false;
  /** After so many nanoseconds without a frame of the producer the placeholder is shown; 0: never. */
  timeout = 0;
  /** Who opens the output node next gives the placeholder. */
  timeoutImageIo = false;
  readonly #imageIo: V4l2Ctrl<LoopbackControls>;

  constructor(changed: () => void) {
    const { handler } = this;
    const control = (n: number, name: string, type: number, max: number, take: (value: number) => void) =>
      handler.newCustom({
        id: CID_BASE + n,
        name,
        type,
        min: 0,
        max,
        step: 1,
        def: 0,
        ops: {
          sCtrl({ val }) {
            take(val);
            changed();
          },
        },
      });
    control(0, 'keep_format', V4L2_CTRL_TYPE_BOOLEAN, 1, (value) => {
      this.keepFormat = value === 1;
    });
    control(1, 'sustain_framerate', V4L2_CTRL_TYPE_BOOLEAN, 1, (value) => {
      this.sustainFramerate = value === 1;
    });
    control(2, 'timeout', V4L2_CTRL_TYPE_INTEGER, MAX_TIMEOUT, (value) => {
      this.timeout = value * NS_PER_MS;
    });
    this.#imageIo = control(3, 'timeout_image_io', V4L2_CTRL_TYPE_BOOLEAN, 1, (value) => {
      this.timeoutImageIo = value === 1;
    });
    if (handler.error !== undefined) throw handler.error;
  }

  /** Frames may be wanted that the producer does not give. */
  get watchesProducer(): boolean {
    return this.sustainFramerate || this.timeout > 0;
  }

  /** Somebody opens the output node: true if what it gives is the placeholder. It counts once. */
  takeImageIo(): boolean {
    if (!this.timeoutImageIo) return false;
    v4l2CtrlSCtrl(this.#imageIo, 0);
    return true;
  }
}
