/** Limits: whether those of a control make sense, and where a value lands within them. */
import {
  V4L2_CTRL_TYPE_BITMASK,
  V4L2_CTRL_TYPE_BOOLEAN,
  V4L2_CTRL_TYPE_INTEGER,
  V4L2_CTRL_TYPE_INTEGER_MENU,
  V4L2_CTRL_TYPE_INTEGER64,
  V4L2_CTRL_TYPE_MENU,
  V4L2_CTRL_TYPE_STRING,
  V4L2_CTRL_TYPE_U8,
  V4L2_CTRL_TYPE_U16,
  V4L2_CTRL_TYPE_U32,
} from '../../abi/index.ts';
import { EINVAL, ERANGE, Errno } from '../../base/errno.ts';
import type { CtrlNumber } from './config.ts';

/** A mask of 64 bits can leave out no item beyond them. */
const MASK_BITS = 64;

interface Limits {
  readonly min: CtrlNumber;
  readonly max: CtrlNumber;
  readonly step: CtrlNumber;
  readonly def: CtrlNumber;
}

type Check = (limits: Limits) => Errno | undefined;

const wrong = (reason: string): Errno => new Errno(ERANGE, reason);

const isWithin: Check = ({ min, max, def }) => {
  if (min > max) return wrong(`its minimum ${min} is above its maximum ${max}`);
  if (def < min || def > max) return wrong(`its default ${def} is not within ${min} … ${max}`);
  return undefined;
};

const isStepped: Check = (limits) =>
  Number(limits.step) === 0 ? wrong('its step is 0, the least is 1') : isWithin(limits);

const isMenu: Check = (limits) => {
  if (limits.min < 0) return wrong('a menu begins at 0 or above');
  const within = isWithin(limits);
  if (within !== undefined) return within;
  if (Number(limits.step) === 0) return undefined;
  if (limits.max >= MASK_BITS) return wrong('a menu of which items are left out has at most 64');
  if ((BigInt(limits.step) >> BigInt(limits.def)) & 1n)
    return new Errno(EINVAL, `its default, item ${limits.def}, is left out`);
  return undefined;
};

const checks: Readonly<Record<number, Check>> = {
  [V4L2_CTRL_TYPE_BOOLEAN]: (limits) =>
    Number(limits.step) !== 1 || limits.max > 1 || limits.min < 0
      ? wrong('a boolean has the range 0 … 1 and step 1')
      : isStepped(limits),
  [V4L2_CTRL_TYPE_INTEGER]: isStepped,
  [V4L2_CTRL_TYPE_INTEGER64]: isStepped,
  [V4L2_CTRL_TYPE_U8]: isStepped,
  [V4L2_CTRL_TYPE_U16]: isStepped,
  [V4L2_CTRL_TYPE_U32]: isStepped,
  [V4L2_CTRL_TYPE_BITMASK]: ({ min, max, step, def }) =>
    Number(min) !== 0 || Number(step) !== 0 || Number(max) === 0 || (Number(def) & ~Number(max)) !== 0
      ? wrong('a bitmask has minimum 0, step 0, its bits as maximum, and no other in its default')
      : undefined,
  [V4L2_CTRL_TYPE_MENU]: isMenu,
  [V4L2_CTRL_TYPE_INTEGER_MENU]: isMenu,
  [V4L2_CTRL_TYPE_STRING]: ({ min, max, step, def }) =>
    min > max || min < 0 || step < 1 || Number(def) !== 0
      ? wrong('a string has a least and a greatest length, a step of 1 or more, and the default 0')
      : undefined,
};

/** What is wrong with the limits of a control of this type. @kernel check_range */
export function checkRange(type: number, limits: Limits): Errno | undefined {
  return checks[type]?.(limits);
}

/** Types whose range can be changed later. */
export function hasRange(type: number): boolean {
  return type !== V4L2_CTRL_TYPE_STRING && checks[type] !== undefined;
}

/** The nearest value on a step, counted from the minimum, within the limits. @kernel ROUND_TO_RANGE */
export function roundToRange(value: number, min: number, max: number, step: number): number {
  const half = Math.floor(step / 2);
  // From the last half step on it is the maximum, which need not lie on a step itself.
  const up = max >= 0 && value >= max - half ? max : value + half;
  const within = Math.min(Math.max(up, min), max);
  return min + Math.floor((within - min) / step) * step;
}

/** The same with 64 bits. */
export function roundToRange64(value: bigint, min: bigint, max: bigint, step: bigint): bigint {
  const half = step / 2n;
  const up = max >= 0n && value >= max - half ? max : value + half;
  const within = up < min ? min : up > max ? max : up;
  return min + ((within - min) / step) * step;
}
