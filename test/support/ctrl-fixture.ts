/** A device with controls and nothing else, programs that have it open, and what its driver was called for. */
import * as abi from '../../src/abi/index.ts';
import { VirtualClock } from '../../src/base/timers.ts';
import { type ClientFile, Program } from '../../src/testing/in-process-client.ts';
import {
  ctrlEventOps,
  type V4l2Ctrl,
  V4l2CtrlHandler,
  type V4l2CtrlOps,
  VideoDevice,
  VideoDeviceRegistry,
  v4l2CtrlLogStatus,
} from '../../src/v4l2-core/index.ts';
import './driver-bugs.ts';

/** Ids of a driver's own controls. */
export const OWN = abi.V4L2_CID_USER_BASE | 0x1000;

const { V4L2_CTRL_TYPE_INTEGER } = abi;

export class CtrlWorld {
  readonly hdl = new V4l2CtrlHandler<CtrlWorld>(this);
  /** `s 0x980900 7`: op, control, new value. */
  readonly calls: string[] = [];
  readonly clock = new VirtualClock();
  readonly registry = new VideoDeviceRegistry(this.clock);
  readonly program = new Program();
  readonly ops: V4l2CtrlOps<CtrlWorld> = {
    gVolatileCtrl: (ctrl) => this.#note('g', ctrl),
    tryCtrl: (ctrl) => this.#note('try', ctrl),
    sCtrl: (ctrl) => this.#note('s', ctrl),
  };

  #note(op: string, ctrl: V4l2Ctrl<CtrlWorld>): void {
    this.calls.push(`${op} 0x${ctrl.id.toString(16)} ${ctrl.val}`);
    this.onOp?.(op, ctrl);
  }

  /** What the driver does beside. */
  onOp: ((op: string, ctrl: V4l2Ctrl<CtrlWorld>) => void) | undefined;

  /** An integer of the driver's own, 0 … 100. */
  integer(n: number, more: { flags?: number; def?: number } = {}): V4l2Ctrl<CtrlWorld> {
    const limits = { min: 0, max: 100, step: 1, def: 5 };
    const type = V4L2_CTRL_TYPE_INTEGER;
    return this.hdl.newCustom({ ops: this.ops, id: OWN + n, name: `Own ${n}`, type, ...limits, ...more });
  }

  #device: VideoDevice<CtrlWorld> | undefined;

  get device(): VideoDevice<CtrlWorld> {
    if (this.#device === undefined) {
      if (this.hdl.error) throw new Error(this.hdl.error.toString());
      this.#device = new VideoDevice<CtrlWorld>({
        name: 'controls',
        deviceCaps: abi.V4L2_CAP_VIDEO_CAPTURE,
        ioctlOps: { ...ctrlEventOps, vidioc_log_status: v4l2CtrlLogStatus },
        fops: {},
        ctrlHandler: this.hdl,
        drvdata: this,
      });
      this.registry.register(this.#device);
    }
    return this.#device;
  }

  open(): CtrlClient {
    return new CtrlClient(this.program, this.program.open(this.device, { nonblock: true }));
  }
}

/** An open file, and the ioctls of controls on it. Results are those of system calls. */
export class CtrlClient {
  readonly program: Program;
  readonly file: ClientFile;

  constructor(program: Program, file: ClientFile) {
    this.program = program;
    this.file = file;
  }

  get({ id }: Pick<V4l2Ctrl, 'id'>): number {
    const control = this.program.make(abi.v4l2_control);
    control.id = id;
    this.file.do(abi.VIDIOC_G_CTRL, control);
    return control.value;
  }

  /** The value that it has got, or the error. */
  set({ id }: Pick<V4l2Ctrl, 'id'>, value: number): number | { readonly errno: number } {
    const control = this.program.make(abi.v4l2_control);
    control.id = id;
    control.value = value;
    const result = this.file.ioctl(abi.VIDIOC_S_CTRL, control);
    return result < 0 ? { errno: -result } : control.value;
  }

  query(id: number): abi.v4l2_query_ext_ctrl | undefined {
    const query = this.program.make(abi.v4l2_query_ext_ctrl);
    query.id = id;
    return this.file.ioctl(abi.VIDIOC_QUERY_EXT_CTRL, query) < 0 ? undefined : query;
  }

  /** All ids that NEXT_CTRL and NEXT_COMPOUND find. */
  ids(): number[] {
    const ids: number[] = [];
    const next = abi.V4L2_CTRL_FLAG_NEXT_CTRL + abi.V4L2_CTRL_FLAG_NEXT_COMPOUND;
    for (let found = this.query(next); found !== undefined; found = this.query(found.id + next))
      ids.push(found.id);
    return ids;
  }

  /** A list of payloads: the bytes of each are what the program hands over, and has afterwards. */
  ext(cmd: number, entries: readonly { id: number; payload?: Uint8Array; value?: number }[], which = 0) {
    const list = this.program.make(abi.v4l2_ext_controls);
    const array = this.program.alloc(entries.length * abi.v4l2_ext_control.size);
    array.bytes.fill(0);
    const views = entries.map(({ id, payload, value }, i) => {
      const view = abi.v4l2_ext_control.at(array.bytes, i * abi.v4l2_ext_control.size);
      view.id = id;
      if (value !== undefined) view.value = value;
      if (payload === undefined) return { view, bytes: new Uint8Array() };
      const memory = this.program.alloc(payload.length);
      memory.bytes.set(payload);
      view.size = payload.length;
      view.ptr = memory.address;
      return { view, bytes: memory.bytes };
    });
    list.which = which;
    list.count = entries.length;
    list.controls = array.address;
    const result = this.file.ioctl(cmd, list);
    return { result, errorIdx: list.error_idx, views };
  }

  subscribe({ id }: Pick<V4l2Ctrl, 'id'>, flags = 0): number {
    const sub = this.program.make(abi.v4l2_event_subscription);
    sub.type = abi.V4L2_EVENT_CTRL;
    sub.id = id;
    sub.flags = flags;
    return this.file.ioctl(abi.VIDIOC_SUBSCRIBE_EVENT, sub);
  }

  /** The event that waits: what has changed, the value, the flags. */
  event(): { changes: number; id: number; value: number; flags: number } | undefined {
    const event = this.program.make(abi.v4l2_event);
    if (this.file.ioctl(abi.VIDIOC_DQEVENT, event) < 0) return undefined;
    const { changes, value, flags } = event.u.ctrl;
    return { changes, id: event.id, value, flags };
  }
}
