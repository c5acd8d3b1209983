/** The controls of a webcam, out of its profile. */
import * as abi from '../../abi/index.ts';
import {
  stdCtrl,
  type V4l2Ctrl,
  V4l2CtrlHandler,
  type V4l2CtrlOps,
  v4l2CtrlAutoCluster,
} from '../../v4l2-core/index.ts';
import { CameraSpecError } from '../lib/camera-spec-error.ts';
import type { ProfileControl } from './profile.ts';

/** What controls change about the picture. */
export interface WebcamView {
  /** The lid is shut: the picture is black. */
  privacy: boolean;
  /** Percent. */
  zoom: number;
  /** Where in the picture the camera looks when it has zoomed in, from -1 to 1: to the right, and up. */
  pan: number;
  tilt: number;
}

export const usualView: WebcamView = { privacy: false, zoom: 100, pan: 0, tilt: 0 };

/** One of these decides who sets the others, the camera or the program; with the value that says the program. */
const automatic = [
  [abi.V4L2_CID_AUTO_WHITE_BALANCE, 0, [abi.V4L2_CID_WHITE_BALANCE_TEMPERATURE]],
  [abi.V4L2_CID_EXPOSURE_AUTO, abi.V4L2_EXPOSURE_MANUAL, [abi.V4L2_CID_EXPOSURE_ABSOLUTE]],
  [abi.V4L2_CID_FOCUS_AUTO, 0, [abi.V4L2_CID_FOCUS_ABSOLUTE]],
] as const;

const ids = abi as unknown as Readonly<Record<string, number | undefined>>;

/** From -1 at its least to 1 at its greatest. */
function partOf({ val, minimum, maximum }: V4l2Ctrl<WebcamView>): number {
  const [low, high] = [Number(minimum), Number(maximum)];
  return high > low ? (2 * (val - low)) / (high - low) - 1 : 0;
}

const ops: V4l2CtrlOps<WebcamView> = {
  sCtrl(ctrl) {
    const { id, val, handler } = ctrl;
    const view = handler.drvdata;
    if (id === abi.V4L2_CID_PRIVACY) view.privacy = val !== 0;
    else if (id === abi.V4L2_CID_ZOOM_ABSOLUTE) view.zoom = Math.max(100, val);
    else if (id === abi.V4L2_CID_PAN_ABSOLUTE) view.pan = partOf(ctrl);
    else if (id === abi.V4L2_CID_TILT_ABSOLUTE) view.tilt = partOf(ctrl);
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
  const missing = items === undefined ? [] : range(max).filter((item) => !items.includes(item));
  const mask = missing.reduce((bits, item) => bits | (1 << item), 0);
  return hdl.newStdMenu(ops, id, max, mask, control.default);
}

const range = (max: number): readonly number[] => Array.from({ length: max + 1 }, (_, n) => n);

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
