/** The 34 controls: one for each type and each flag, and some that fail or change when they are told to. */
import {
  EIO,
  ERANGE,
  Errno,
  V4L2_CID_BRIGHTNESS,
  V4L2_CID_EXPOSURE_AUTO,
  V4L2_CID_HFLIP,
  V4L2_CID_USER_BASE,
  V4L2_CTRL_FLAG_DISABLED,
  V4L2_CTRL_FLAG_DYNAMIC_ARRAY,
  V4L2_CTRL_FLAG_EXECUTE_ON_WRITE,
  V4L2_CTRL_FLAG_INACTIVE,
  V4L2_CTRL_FLAG_READ_ONLY,
  V4L2_CTRL_FLAG_SLIDER,
  V4L2_CTRL_FLAG_UPDATE,
  V4L2_CTRL_FLAG_VOLATILE,
  V4L2_CTRL_FLAG_WRITE_ONLY,
  V4L2_CTRL_TYPE_AREA,
  V4L2_CTRL_TYPE_BITMASK,
  V4L2_CTRL_TYPE_BOOLEAN,
  V4L2_CTRL_TYPE_BUTTON,
  V4L2_CTRL_TYPE_INTEGER,
  V4L2_CTRL_TYPE_INTEGER_MENU,
  V4L2_CTRL_TYPE_INTEGER64,
  V4L2_CTRL_TYPE_MENU,
  V4L2_CTRL_TYPE_STRING,
  V4L2_CTRL_TYPE_U8,
  V4L2_CTRL_TYPE_U16,
  V4L2_CTRL_TYPE_U32,
  type V4l2Ctrl,
  type V4l2CtrlConfig,
  V4l2CtrlHandler,
  type V4l2CtrlOps,
  v4l2CtrlAutoCluster,
  v4l2CtrlCluster,
  v4l2CtrlGrab,
  v4l2CtrlModifyRange,
} from 'usercam';
import { Calls } from './calls.ts';

const OWN = V4L2_CID_USER_BASE | 0x1000;

type Own = Omit<V4l2CtrlConfig<Controls>, 'id' | 'ops' | 'name' | 'type'>;

const hundred = (def = 5): Own => ({ min: 0, max: 100, step: 1, def });
const thousand: Own = { min: 0, max: 1000, step: 1, def: 5 };
const five: Own = { min: -10, max: 13, step: 5, def: -10 };
const items: Own = { min: 0, max: 3, menuSkipMask: 0b0100, def: 1 };
const flagged = (flags: number, own: Own = hundred()): Own => ({ ...own, flags });
const area = new Uint8Array(Uint32Array.of(100, 200).buffer);
const whole: Own = { min: -2147483648, max: 2147483647, step: 1, def: 0 };
const dynamic: Own = { min: 1, max: 1000, step: 1, def: 9, dims: [8], flags: V4L2_CTRL_FLAG_DYNAMIC_ARRAY };

/** In the order of their numbers. */
const own: readonly (readonly [name: string, type: number, own: Own])[] = [
  ['Step Five', V4L2_CTRL_TYPE_INTEGER, five],
  ['Step Five 64', V4L2_CTRL_TYPE_INTEGER64, five],
  ['Menu', V4L2_CTRL_TYPE_MENU, { ...items, qmenu: ['zero', 'one', 'two', 'three'] }],
  ['String', V4L2_CTRL_TYPE_STRING, { min: 4, max: 12, step: 4 }],
  ['Bitmask', V4L2_CTRL_TYPE_BITMASK, { max: 0xf5, def: 0x05 }],
  ['Bytes', V4L2_CTRL_TYPE_U8, { min: 10, max: 23, step: 5, def: 10, dims: [4] }],
  ['Words', V4L2_CTRL_TYPE_U16, { min: 3, max: 100, step: 7, def: 10, dims: [2, 3] }],
  ['Dynamic', V4L2_CTRL_TYPE_U32, dynamic],
  [
    'Volatile Read-Only',
    V4L2_CTRL_TYPE_INTEGER,
    flagged(V4L2_CTRL_FLAG_VOLATILE | V4L2_CTRL_FLAG_READ_ONLY, thousand),
  ],
  ['Volatile', V4L2_CTRL_TYPE_INTEGER, flagged(V4L2_CTRL_FLAG_VOLATILE, thousand)],
  ['Write-Only', V4L2_CTRL_TYPE_INTEGER, flagged(V4L2_CTRL_FLAG_WRITE_ONLY)],
  ['Read-Only', V4L2_CTRL_TYPE_INTEGER, flagged(V4L2_CTRL_FLAG_READ_ONLY)],
  ['Grabbed', V4L2_CTRL_TYPE_INTEGER, hundred()],
  ['Disabled', V4L2_CTRL_TYPE_INTEGER, flagged(V4L2_CTRL_FLAG_DISABLED)],
  ['Inactive', V4L2_CTRL_TYPE_INTEGER, flagged(V4L2_CTRL_FLAG_INACTIVE)],
  ['Auto', V4L2_CTRL_TYPE_BOOLEAN, { def: 1 }],
  ['Manual', V4L2_CTRL_TYPE_INTEGER, thousand],
  ['Cluster 0', V4L2_CTRL_TYPE_INTEGER, hundred(5)],
  ['Cluster 1', V4L2_CTRL_TYPE_INTEGER, hundred(6)],
  ['Cluster 2', V4L2_CTRL_TYPE_INTEGER, hundred(7)],
  ['Try', V4L2_CTRL_TYPE_INTEGER, hundred()],
  ['Set', V4L2_CTRL_TYPE_INTEGER, hundred()],
  ['Change Range', V4L2_CTRL_TYPE_BUTTON, {}],
  ['Ranged', V4L2_CTRL_TYPE_INTEGER, hundred(50)],
  ['Execute On Write', V4L2_CTRL_TYPE_INTEGER, flagged(V4L2_CTRL_FLAG_EXECUTE_ON_WRITE)],
  ['Area', V4L2_CTRL_TYPE_AREA, { pDef: area }],
  ['Update Slider', V4L2_CTRL_TYPE_INTEGER, flagged(V4L2_CTRL_FLAG_UPDATE | V4L2_CTRL_FLAG_SLIDER)],
  ['Integer Menu', V4L2_CTRL_TYPE_INTEGER_MENU, { ...items, qmenuInt: [-5, 1000000000000, 3, 4] }],
  ['Signed Bytes 32', V4L2_CTRL_TYPE_INTEGER, { min: -3, max: 8, step: 3, def: 0, dims: [3] }],
  ['Boolean Array', V4L2_CTRL_TYPE_BOOLEAN, { def: 1, dims: [3] }],
  ['Whole Range', V4L2_CTRL_TYPE_INTEGER, whole],
];

/** What control "Try" still takes as it is, and what it takes at all. */
const TRY = { kept: 40, most: 50 };
/** Control "Set" fails with this, and makes something else of the next. */
const SET = { fails: 7, changes: 8, to: 80 };

const ops: V4l2CtrlOps<Controls> = {
  gVolatileCtrl(ctrl) {
    const { drvdata } = ctrl.handler;
    drvdata.calls.note('g_volatile', ctrl);
    const [, manual] = ctrl.cluster;
    (manual ?? ctrl).val = 100 + ++drvdata.readings;
  },

  tryCtrl(ctrl) {
    const { calls } = ctrl.handler.drvdata;
    calls.note('try', ctrl);
    if (ctrl.name !== 'Try') return;
    if (ctrl.val > TRY.most) throw new Errno(ERANGE, 'it is too much');
    ctrl.val = Math.min(ctrl.val, TRY.kept);
  },

  sCtrl(ctrl) {
    const controls = ctrl.handler.drvdata;
    controls.calls.note('s_ctrl', ctrl);
    if (ctrl.name === 'Change Range') controls.changeRange();
    if (ctrl.name !== 'Set') return;
    if (ctrl.val === SET.fails) throw new Errno(EIO, 'as it was told');
    if (ctrl.val === SET.changes) ctrl.val = SET.to;
  },
};

export class Controls {
  readonly hdl = new V4l2CtrlHandler<Controls>(this);
  readonly calls = new Calls();
  /** How often something volatile was read. */
  readings = 0;
  readonly #own: readonly V4l2Ctrl<Controls>[];
  #isNarrow = false;

  constructor() {
    const { hdl } = this;
    hdl.newStd(ops, V4L2_CID_BRIGHTNESS, 0, 255, 1, 128);
    hdl.newStd(ops, V4L2_CID_HFLIP, 0, 1, 1, 0);
    this.#own = own.map(([name, type, more], n) => hdl.newCustom({ ops, id: OWN + n, name, type, ...more }));
    hdl.newStdMenu(ops, V4L2_CID_EXPOSURE_AUTO, 1, 0, 0);
    if (hdl.error) throw hdl.error;
    v4l2CtrlAutoCluster([this.named('Auto'), this.named('Manual')], 0, true);
    v4l2CtrlCluster([this.named('Cluster 0'), this.named('Cluster 1'), this.named('Cluster 2')]);
    v4l2CtrlGrab(this.named('Grabbed'), true);
  }

  named(name: string): V4l2Ctrl<Controls> {
    const found = this.#own.find((ctrl) => ctrl.name === name);
    if (found === undefined) throw new TypeError(`there is no control "${name}"`);
    return found;
  }

  changeRange(): void {
    this.#isNarrow = !this.#isNarrow;
    const ranged = this.named('Ranged');
    if (this.#isNarrow) v4l2CtrlModifyRange(ranged, 0, 60, 7, 30);
    else v4l2CtrlModifyRange(ranged, 0, 100, 1, 50);
  }
}
