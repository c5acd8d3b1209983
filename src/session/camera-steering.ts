/** What is changed at a camera from outside while programs use it: what its driver has for that, and its controls. */
import { V4L2_CTRL_TYPE_BITMASK, V4L2_CTRL_TYPE_CTRL_CLASS, V4L2_CTRL_TYPE_INTEGER64 } from '../abi/index.ts';
import { EINVAL, Errno } from '../base/errno.ts';
import { similar } from '../base/similar.ts';
import type { CameraSteering } from '../drivers/index.ts';
import {
  type V4l2Ctrl,
  type VideoDevice,
  v4l2CtrlGCtrl,
  v4l2CtrlGCtrlInt64,
  v4l2CtrlSCtrl,
  v4l2CtrlSCtrlInt64,
  v4l2CtrlSCtrlString,
} from '../v4l2-core/index.ts';
import type { ControlValue } from './protocol.ts';

/** What somebody may ask for. */
type Verb = Exclude<keyof CameraSteering, 'begin' | 'end' | 'shows' | 'state' | 'watch'>;

/** What a camera says that cannot be steered so. */
const refusals: { readonly [K in Verb]: string } = {
  show: 'makes its own picture, and can show nothing else; a webcam can (--camera webcam)',
  receive: 'receives nothing whose size and rate could change',
  freeze: 'has no picture that could freeze',
  blank: 'has no picture that could be blank',
};

/** Does it to the camera that has this node. Throws CameraSpecError if that cannot be, EINVAL if it is no camera for that. */
export function steer<K extends Verb>(
  steering: CameraSteering,
  node: string,
  verb: K,
  ...given: Parameters<NonNullable<CameraSteering[K]>>
): void {
  const act = steering[verb] as ((...given: unknown[]) => void) | undefined;
  if (act === undefined) throw new Errno(EINVAL, `${node} ${refusals[verb]}`);
  act.call(steering, ...given);
}

/** As v4l2-ctl writes the names of controls: `power_line_frequency`. */
const wordOf = ({ name }: V4l2Ctrl): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '');

function controlsOf(devices: readonly VideoDevice[]): readonly V4l2Ctrl[] {
  const all = devices.flatMap(({ ctrlHandler }) => ctrlHandler?.controls ?? []);
  return all.filter(({ type }) => type !== V4L2_CTRL_TYPE_CTRL_CLASS);
}

function numberIn(ctrl: V4l2Ctrl): ControlValue | undefined {
  if (ctrl.isInt) return v4l2CtrlGCtrl(ctrl);
  return ctrl.type === V4L2_CTRL_TYPE_INTEGER64 && !ctrl.isPtr ? Number(v4l2CtrlGCtrlInt64(ctrl)) : undefined;
}

/** The values of all controls that have one number. */
export function readControls(devices: readonly VideoDevice[]): Readonly<Record<string, ControlValue>> {
  const values = controlsOf(devices).map((ctrl) => [wordOf(ctrl), numberIn(ctrl)] as const);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined)) as Record<
    string,
    ControlValue
  >;
}

/** `value` as a whole number, however large; undefined if it is none. */
function wholeOf(value: ControlValue): bigint | undefined {
  if (typeof value === 'string' && /^\s*-?\d+\s*$/.test(value)) return BigInt(value);
  const number = typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value);
  return Number.isInteger(number) ? BigInt(number) : undefined;
}

/** The nearest to `value` that so many bits have; those of a bit mask have no sign. */
function fitting(value: bigint, bits: number, isSigned = true): bigint {
  const end = 1n << BigInt(isSigned ? bits - 1 : bits);
  const least = isSigned ? -end : 0n;
  if (value < least) return least;
  return value < end ? value : end - 1n;
}

function setControl(ctrl: V4l2Ctrl, value: ControlValue): void {
  if (ctrl.isString) {
    v4l2CtrlSCtrlString(ctrl, String(value));
    return;
  }
  const whole = wholeOf(value);
  if (whole === undefined)
    throw new Errno(EINVAL, `${wordOf(ctrl)}=${value} is not possible: it is a whole number`);
  if (ctrl.isInt) v4l2CtrlSCtrl(ctrl, Number(fitting(whole, 32, ctrl.type !== V4L2_CTRL_TYPE_BITMASK)));
  else if (ctrl.type === V4L2_CTRL_TYPE_INTEGER64) v4l2CtrlSCtrlInt64(ctrl, fitting(whole, 64));
  else throw new Errno(EINVAL, `${wordOf(ctrl)} has more than one value, and cannot be set from here`);
}

/** Sets controls as a program would; values out of range become the nearest that is possible. Throws EINVAL. */
export function setControls(
  devices: readonly VideoDevice[],
  values: Readonly<Record<string, ControlValue>>,
): void {
  const controls = new Map(controlsOf(devices).map((ctrl) => [wordOf(ctrl), ctrl]));
  const chosen = Object.entries(values).map(([word, value]) => {
    const ctrl = controls.get(word);
    if (ctrl !== undefined) return [ctrl, value] as const;
    const meant = similar(word, [...controls.keys()]);
    const there = [...controls.keys()].join(', ') || 'none';
    const mend = meant === undefined ? `there are ${there}` : `did you mean ${meant}?`;
    throw new Errno(EINVAL, `${devices[0]?.label} has no control ${word}: ${mend}`);
  });
  for (const [ctrl, value] of chosen) setControl(ctrl, value);
}
