/**
 * The camera of the walk: small frames that come quickly, and the controls of the random worlds. What its driver does by itself
 * programs make it do by further controls, which nobody is told of.
 */
import {
  captureNode,
  captureOps,
  defineDriver,
  formatsNamed,
  memOpsOf,
  oneInputOps,
  rateSetting,
  usualLimits,
  V4L2_CID_USER_BASE,
  V4L2_CTRL_FLAG_EXECUTE_ON_WRITE,
  V4L2_CTRL_TYPE_BUTTON,
  V4L2_CTRL_TYPE_INTEGER,
  V4L2_CTRL_TYPE_MENU,
  V4L2_EVENT_CTRL,
  V4L2_EVENT_FRAME_SYNC,
  V4L2_EVENT_PRIVATE_START,
  type V4l2Ctrl,
  V4l2CtrlHandler,
  type V4l2CtrlOps,
  type VideoDevice,
  v4l2_event,
  v4l2CtrlAutoCluster,
  v4l2CtrlCluster,
  v4l2CtrlGrab,
  v4l2CtrlModifyRange,
  v4l2CtrlSubscribeEvent,
  v4l2EventQueue,
  v4l2EventSubscribe,
  v4l2EventUnsubscribe,
} from 'usercam';
import {
  CTRL_NAMES,
  CTRLS,
  type CtrlName,
  DEEDS,
  type Deed,
  NARROW,
  OWN,
  ROOM,
  reading,
  SKIPPED,
  WIDE,
} from '../random/ctrl-table.ts';

type Ctrl = V4l2Ctrl<Controls>;

const FIRST = V4L2_CID_USER_BASE | OWN;
const TYPES: Readonly<Partial<Record<CtrlName, number>>> = {
  menu: V4L2_CTRL_TYPE_MENU,
  button: V4L2_CTRL_TYPE_BUTTON,
};

const ops: V4l2CtrlOps<Controls> = {
  gVolatileCtrl({ handler: { drvdata }, cluster }) {
    (cluster[1] as Ctrl).val = reading(++drvdata.readings);
  },
};

class Controls {
  readonly hdl = new V4l2CtrlHandler<Controls>(this);
  readonly #ctrls = new Map(CTRL_NAMES.map((name, n) => [name, this.#newCtrl(name, n)]));
  readings = 0;
  node: VideoDevice | undefined;
  #isGrabbed = false;
  #isNarrow = false;

  constructor() {
    const deeds: V4l2CtrlOps<Controls> = {
      sCtrl: ({ id, val }) => this.#do(DEEDS[id - FIRST - CTRL_NAMES.length], val),
    };
    for (const [n, name] of DEEDS.entries())
      this.hdl.newCustom({
        ...{ ops: deeds, id: FIRST + CTRL_NAMES.length + n, name, type: V4L2_CTRL_TYPE_INTEGER },
        ...{ min: 0, max: 255, step: 1, def: 0, flags: V4L2_CTRL_FLAG_EXECUTE_ON_WRITE },
      });
    if (this.hdl.error) throw this.hdl.error;
    v4l2CtrlCluster([this.#named('first'), this.#named('second'), this.#named('third')]);
    v4l2CtrlAutoCluster([this.#named('automatic'), this.#named('manual')], 0, true);
  }

  #newCtrl(name: CtrlName, n: number): Ctrl {
    const [min, max, step, def] = CTRLS[name];
    const items = name === 'menu' && { menuSkipMask: 1 << SKIPPED, qmenu: ['a', 'b', 'c', 'd'] };
    const type = TYPES[name] ?? V4L2_CTRL_TYPE_INTEGER;
    return this.hdl.newCustom({ ops, id: FIRST + n, name, type, min, max, step, def, ...items });
  }

  #named(name: CtrlName): Ctrl {
    return this.#ctrls.get(name) as Ctrl;
  }

  #do(deed: Deed | undefined, byte: number): void {
    if (deed === 'grab') {
      this.#isGrabbed = !this.#isGrabbed;
      v4l2CtrlGrab(this.#named('grabbed'), this.#isGrabbed);
    } else if (deed === 'range') {
      this.#isNarrow = !this.#isNarrow;
      v4l2CtrlModifyRange(this.#named('ranged'), ...(this.#isNarrow ? NARROW : WIDE));
    } else this.#raise(deed === 'frame sync' ? V4L2_EVENT_FRAME_SYNC : V4L2_EVENT_PRIVATE_START, byte);
  }

  #raise(type: number, byte: number): void {
    const event = v4l2_event.make();
    event.type = type;
    event.u.data.set(0, byte);
    if (this.node !== undefined) v4l2EventQueue(this.node, event);
  }
}

export default defineDriver({
  name: 'walk',
  help: 'A camera for the random walk.',
  settings: { fps: rateSetting(usualLimits) },
  create({ fps }, common, { clock, pages }) {
    const controls = new Controls();
    const formats = formatsNamed('YUYV');
    const look = { formats, format: formats[0], limits: usualLimits, rate: fps, own: undefined };
    const memory = { memOps: memOpsOf('vmalloc', pages), readwrite: false, isMultiplanar: false };
    const node = captureNode(
      {
        ...{
          ...common,
          ...look,
          ...memory,
          clock,
          size: { width: 64, height: 48 },
          ctrlHandler: controls.hdl,
        },
        createSource: (shape) => ({ shape, fill: (target) => void target.planeVaddr(0).fill(0) }),
      },
      (queueOf) => ({
        ...captureOps(queueOf),
        ...oneInputOps,
        vidioc_subscribe_event: (_file, fh, sub) =>
          sub.type === V4L2_EVENT_CTRL ? v4l2CtrlSubscribeEvent(fh, sub) : v4l2EventSubscribe(fh, sub, ROOM),
        vidioc_unsubscribe_event: (_file, fh, sub) => v4l2EventUnsubscribe(fh, sub),
      }),
    );
    controls.node = node as VideoDevice;
    return [node as VideoDevice];
  },
});
