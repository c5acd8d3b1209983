/** The controls of an open file, as vim2m has them. They count from the next frame on. */
import {
  V4L2_CID_HFLIP,
  V4L2_CID_USER_BASE,
  V4L2_CID_VFLIP,
  V4L2_CTRL_TYPE_INTEGER,
} from '../../abi/index.ts';
import { type V4l2Ctrl, V4l2CtrlHandler } from '../../v4l2-core/index.ts';
import type { M2mOp } from './transform.ts';

/** @kernel V4L2_CID_TRANS_TIME_MSEC */
const V4L2_CID_TRANS_TIME_MSEC = V4L2_CID_USER_BASE + 0x1000;
/** @kernel V4L2_CID_TRANS_NUM_BUFS */
const V4L2_CID_TRANS_NUM_BUFS = V4L2_CID_USER_BASE + 0x1001;

/** The longest that the device may work on a frame, in milliseconds. */
export const MAX_TIME = 10_001;
const MAX_BUFFERS = 32;

export class M2mControls {
  readonly handler = new V4l2CtrlHandler(undefined);
  readonly #hflip: V4l2Ctrl<undefined>;
  readonly #vflip: V4l2Ctrl<undefined>;
  readonly #time: V4l2Ctrl<undefined>;
  readonly #buffers: V4l2Ctrl<undefined>;

  /** What the device was made for is where they begin. `time` is in milliseconds; 0, which vim2m does not have, is at once. */
  constructor(op: M2mOp, time: number) {
    const { handler } = this;
    const transaction = { type: V4L2_CTRL_TYPE_INTEGER, step: 1 };
    this.#hflip = handler.newStd(undefined, V4L2_CID_HFLIP, 0, 1, 1, op === 'hflip' ? 1 : 0);
    this.#vflip = handler.newStd(undefined, V4L2_CID_VFLIP, 0, 1, 1, op === 'flip' ? 1 : 0);
    this.#time = handler.newCustom({
      ...transaction,
      id: V4L2_CID_TRANS_TIME_MSEC,
      name: 'Transaction Time (msec)',
      min: 0,
      max: MAX_TIME,
      def: time,
    });
    this.#buffers = handler.newCustom({
      ...transaction,
      id: V4L2_CID_TRANS_NUM_BUFS,
      name: 'Buffers Per Transaction',
      min: 1,
      max: MAX_BUFFERS,
      def: 1,
    });
    if (handler.error !== undefined) throw handler.error;
  }

  get hflip(): boolean {
    return this.#hflip.cur.val === 1;
  }

  get vflip(): boolean {
    return this.#vflip.cur.val === 1;
  }

  /** Milliseconds that the device works on a frame. */
  get time(): number {
    return this.#time.cur.val;
  }

  /** A job begins when so many frames are there, and ends when all are done. */
  get buffersPerJob(): number {
    return this.#buffers.cur.val;
  }
}
