/** The controls of vivi: those of a camera and one of each kind, all of which show in its picture. */
import * as abi from '../../abi/index.ts';
import {
  type V4l2Ctrl,
  V4l2CtrlHandler,
  type V4l2CtrlOps,
  v4l2CtrlAutoCluster,
} from '../../v4l2-core/index.ts';
import { type ViviSettings, type ViviView, viviDefaults } from './vivi-view.ts';

type Ctrl = V4l2Ctrl<ViviView>;

/** The ids of vivi's own controls begin here. */
const VIVI_CID = abi.V4L2_CID_USER_BASE | 0xf000;

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

const menuItems = [
  'Menu Item 0 (Skipped)',
  'Menu Item 1',
  'Menu Item 2 (Skipped)',
  'Menu Item 3',
  'Menu Item 4',
  'Menu Item 5 (Skipped)',
];
const menuNumbers = [1, 1, 2, 3, 5, 8, 13, 21, 42];

/** A control that is one of the settings: what it is set to is seen from the next frame on. @kernel vivi_s_ctrl */
function setting<K extends keyof ViviSettings>(
  key: K,
  read: (ctrl: Ctrl) => ViviSettings[K],
): V4l2CtrlOps<ViviView> {
  return { sCtrl: (ctrl) => ctrl.handler.drvdata.set(key, read(ctrl)) };
}

/** The standard controls that are a number. */
const numbers = [
  [abi.V4L2_CID_AUDIO_VOLUME, 'volume', 0, 255],
  [abi.V4L2_CID_BRIGHTNESS, 'brightness', 0, 255],
  [abi.V4L2_CID_CONTRAST, 'contrast', 0, 255],
  [abi.V4L2_CID_SATURATION, 'saturation', 0, 255],
  [abi.V4L2_CID_HUE, 'hue', -128, 127],
  [abi.V4L2_CID_ALPHA_COMPONENT, 'alpha', 0, 255],
] as const;

const gainOps: V4l2CtrlOps<ViviView> = {
  /** @kernel vivi_g_volatile_ctrl */
  gVolatileCtrl({ cluster: [, gain], handler }) {
    if (gain !== undefined) gain.val = handler.drvdata.gain;
  },
  sCtrl({ val, cluster: [, gain], handler }) {
    handler.drvdata.change({ autogain: val !== 0, ...(gain && { gain: gain.val }) });
  },
};

function addGain(hdl: V4l2CtrlHandler<ViviView>): void {
  const auto = hdl.newStd(gainOps, abi.V4L2_CID_AUTOGAIN, 0, 1, 1, Number(viviDefaults.autogain));
  const gain = hdl.newStd(gainOps, abi.V4L2_CID_GAIN, 0, 255, 1, viviDefaults.gain);
  if (hdl.error === undefined) v4l2CtrlAutoCluster([auto, gain], 0, true);
}

/** One of each kind. */
function addCustom(hdl: V4l2CtrlHandler<ViviView>): void {
  const { boolean, int32, bitmask, integerMenu, menu } = viviDefaults;
  hdl.newCustom({
    id: VIVI_CID,
    name: 'Button',
    type: abi.V4L2_CTRL_TYPE_BUTTON,
    ops: { sCtrl: (ctrl) => ctrl.handler.drvdata.press() },
  });
  hdl.newCustom({
    id: VIVI_CID + 1,
    name: 'Boolean',
    type: abi.V4L2_CTRL_TYPE_BOOLEAN,
    ...{ min: 0, max: 1, step: 1, def: Number(boolean) },
    ops: setting('boolean', ({ val }) => val !== 0),
  });
  hdl.newCustom({
    id: VIVI_CID + 2,
    name: 'Integer 32 Bits',
    type: abi.V4L2_CTRL_TYPE_INTEGER,
    ...{ min: -(2 ** 31), max: 2 ** 31 - 1, step: 1, def: int32 },
    ops: setting('int32', ({ val }) => val),
  });
  hdl.newCustom({
    id: VIVI_CID + 3,
    name: 'Integer 64 Bits',
    type: abi.V4L2_CTRL_TYPE_INTEGER64,
    ...{ min: INT64_MIN, max: INT64_MAX, step: 1, def: viviDefaults.int64 },
    ops: setting('int64', ({ pNew }) => pNew.val64),
  });
  hdl.newCustom({
    id: VIVI_CID + 4,
    name: 'Menu',
    type: abi.V4L2_CTRL_TYPE_MENU,
    ...{ min: 1, max: 4, def: menuItems.indexOf(menu), menuSkipMask: 1 << 2 },
    qmenu: menuItems,
    ops: setting('menu', ({ val }) => menuItems[val] ?? ''),
  });
  hdl.newCustom({
    id: VIVI_CID + 5,
    name: 'String',
    type: abi.V4L2_CTRL_TYPE_STRING,
    ...{ min: 2, max: 4, step: 1 },
    ops: setting('string', ({ pNew }) => pNew.string),
  });
  hdl.newCustom({
    id: VIVI_CID + 6,
    name: 'Bitmask',
    type: abi.V4L2_CTRL_TYPE_BITMASK,
    ...{ min: 0, max: 0x80402010, step: 0, def: bitmask },
    ops: setting('bitmask', ({ val }) => val >>> 0),
  });
  hdl.newCustom({
    id: VIVI_CID + 7,
    name: 'Integer menu',
    type: abi.V4L2_CTRL_TYPE_INTEGER_MENU,
    ...{ min: 1, max: 8, def: integerMenu.entry, menuSkipMask: 1 << 1 },
    qmenuInt: menuNumbers,
    ops: setting('integerMenu', ({ val }) => ({ entry: val, value: BigInt(menuNumbers[val] ?? 0) })),
  });
}

/** The controls of a camera, which change its `view`. */
export function viviControls(view: ViviView): V4l2CtrlHandler<ViviView> {
  const hdl = new V4l2CtrlHandler(view);
  for (const [id, key, min, max] of numbers) {
    const ops = setting(key, ({ val }) => val);
    hdl.newStd(ops, id, min, max, 1, viviDefaults[key]);
  }
  addGain(hdl);
  addCustom(hdl);
  if (hdl.error !== undefined) throw hdl.error;
  hdl.setup();
  return hdl;
}
