/** The controls of a webcam, out of its profile. */
import * as controls from '../../abi/ids/user-and-camera.ts';
import * as abi from '../../abi/index.ts';
import { type Adjustment, NO_ADJUSTMENT } from '../../tpg/index.ts';
import {
  stdCtrl,
  type V4l2Ctrl,
  V4l2CtrlHandler,
  type V4l2CtrlOps,
  v4l2CtrlAutoCluster,
} from '../../v4l2-core/index.ts';
import { CameraSpecError } from '../lib/camera-spec-error.ts';
import type { Shutter } from '../lib/shutter.ts';
import type { ProfileControl } from './profile.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What is done to the picture, by controls and from outside. It is blank while the lid is shut. */
export interface WebcamView extends Shutter, Mutable<Adjustment> {
  /** How often it has changed: who made something of it looks whether it is still good. */
  changes: number;
  /** Percent. */
  zoom: number;
  /** Where in the picture the camera looks when it has zoomed in, from -1 to 1: to the right, and up. */
  pan: number;
  tilt: number;
}

export const usualView: WebcamView = {
  ...{ frozen: false, blank: false },
  ...NO_ADJUSTMENT,
  ...{ changes: 0, zoom: 100, pan: 0, tilt: 0 },
};

/**
 * One of these decides who sets the others, the camera or the program; with the value that says the program.
 *
 * @kernel uvc_ctrl_mappings
 */
const automatic = [
  [abi.V4L2_CID_HUE_AUTO, 0, [abi.V4L2_CID_HUE]],
  [
    abi.V4L2_CID_AUTO_WHITE_BALANCE,
    0,
    [abi.V4L2_CID_WHITE_BALANCE_TEMPERATURE, abi.V4L2_CID_BLUE_BALANCE, abi.V4L2_CID_RED_BALANCE],
  ],
  [abi.V4L2_CID_EXPOSURE_AUTO, abi.V4L2_EXPOSURE_MANUAL, [abi.V4L2_CID_EXPOSURE_ABSOLUTE]],
  [abi.V4L2_CID_FOCUS_AUTO, 0, [abi.V4L2_CID_FOCUS_ABSOLUTE]],
] as const;

/** Of a hue, see {@link Adjustment}. */
const HALF_TURN = 128;

const ids = controls as unknown as Readonly<Record<string, number | undefined>>;

/** From -1 at its least to 1 at its greatest. */
function partOf({ val, minimum, maximum }: V4l2Ctrl<WebcamView>): number {
  const [low, high] = [Number(minimum), Number(maximum)];
  return high > low ? (2 * (val - low)) / (high - low) - 1 : 0;
}

/** 1 at its default, 0 at its least, 2 at its greatest: cameras differ in their units, and the default is what is usual. */
function gainOf({ val, minimum, maximum, defaultValue }: V4l2Ctrl<WebcamView>): number {
  const [low, high, usual] = [Number(minimum), Number(maximum), Number(defaultValue)];
  if (val < usual) return (val - low) / (usual - low);
  return val === usual ? 1 : 1 + (val - usual) / (high - usual);
}

/** How many times the picture is enlarged at most where the range does not say. */
const USUAL_ZOOM = 5;

/**
 * Percent. Cameras count in units of their own, from where they see all. The numbers are focal lengths, whose ratio is the
 * magnification; where they begin at 0 they are steps, and how far these go is a guess.
 */
function zoomOf({ val, minimum, maximum }: V4l2Ctrl<WebcamView>): number {
  const [low, high] = [Number(minimum), Number(maximum)];
  if (low > 0) return (100 * val) / low;
  return high > low ? 100 + (100 * (USUAL_ZOOM - 1) * (val - low)) / (high - low) : 100;
}

/** Those that show in the picture. */
const seen: Readonly<Record<number, (ctrl: V4l2Ctrl<WebcamView>) => Partial<WebcamView>>> = {
  [abi.V4L2_CID_PRIVACY]: ({ val }) => ({ blank: val !== 0 }),
  [abi.V4L2_CID_ZOOM_ABSOLUTE]: (ctrl) => ({ zoom: zoomOf(ctrl) }),
  [abi.V4L2_CID_PAN_ABSOLUTE]: (ctrl) => ({ pan: partOf(ctrl) }),
  [abi.V4L2_CID_TILT_ABSOLUTE]: (ctrl) => ({ tilt: partOf(ctrl) }),
  [abi.V4L2_CID_BRIGHTNESS]: (ctrl) => ({ brightness: NO_ADJUSTMENT.brightness * gainOf(ctrl) }),
  [abi.V4L2_CID_CONTRAST]: (ctrl) => ({ contrast: NO_ADJUSTMENT.contrast * gainOf(ctrl) }),
  [abi.V4L2_CID_SATURATION]: (ctrl) => ({ saturation: NO_ADJUSTMENT.saturation * gainOf(ctrl) }),
  [abi.V4L2_CID_HUE]: (ctrl) => ({ hue: HALF_TURN * (gainOf(ctrl) - 1) }),
};

const ops: V4l2CtrlOps<WebcamView> = {
  sCtrl(ctrl) {
    const view = ctrl.handler.drvdata;
    Object.assign(view, seen[ctrl.id]?.(ctrl));
    view.changes++;
  },
};

function add(hdl: V4l2CtrlHandler<WebcamView>, control: ProfileControl): V4l2Ctrl<WebcamView> {
  const { min, max, step = 1, items } = control;
  const id = ids[`V4L2_CID_${control.id}`];
  const std = id === undefined ? undefined : stdCtrl(id);
  if (id === undefined || std === undefined)
    throw new CameraSpecError(
      `The profile has a control "${control.id}" that nobody knows: write a name of v4l2-controls.h without V4L2_CID_.`,
    );
  if (std.type !== abi.V4L2_CTRL_TYPE_MENU) return hdl.newStd(ops, id, min, max, step, control.default);
  return hdl.newStdMenu(ops, id, max, items === undefined ? 0 : maskWithout(items, max), control.default);
}

/** No menu of the standard has more items. */
const MOST_ITEMS = 32;

/** The bits of the items up to `max` that are none of `items`. */
function maskWithout(items: readonly number[], max: number): number {
  let mask = 0;
  for (let item = 0; item <= max && item < MOST_ITEMS; item++) if (!items.includes(item)) mask |= 1 << item;
  return mask >>> 0;
}

/** Throws CameraSpecError if the profile has what cannot be. */
export function webcamControls(
  view: WebcamView,
  controls: readonly ProfileControl[],
): V4l2CtrlHandler<WebcamView> {
  const hdl = new V4l2CtrlHandler(view);
  const made = new Map<number, V4l2Ctrl<WebcamView>>();
  for (const control of controls) {
    const ctrl = add(hdl, control);
    if (hdl.error !== undefined)
      throw new CameraSpecError(`The profile's control "${control.id}" cannot be: ${hdl.error.reason}.`);
    made.set(ctrl.id, ctrl);
  }
  for (const [id, manual, others] of automatic) {
    const master = made.get(id);
    const cluster = others.flatMap((each) => made.get(each) ?? []);
    if (master !== undefined && cluster.length > 0) v4l2CtrlAutoCluster([master, ...cluster], manual, false);
  }
  hdl.setup();
  return hdl;
}
