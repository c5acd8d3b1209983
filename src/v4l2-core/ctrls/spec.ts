/** From what a driver says about a control, and what the standard says, to all that there is to know; and whether it makes sense. */
import {
  V4L2_CID_PRIVATE_BASE,
  V4L2_CTRL_FLAG_DYNAMIC_ARRAY,
  V4L2_CTRL_FLAG_EXECUTE_ON_WRITE,
  V4L2_CTRL_FLAG_HAS_PAYLOAD,
  V4L2_CTRL_FLAG_HAS_WHICH_MIN_MAX,
  V4L2_CTRL_FLAG_READ_ONLY,
  V4L2_CTRL_FLAG_WRITE_ONLY,
  V4L2_CTRL_MAX_DIMS,
  V4L2_CTRL_TYPE_BOOLEAN,
  V4L2_CTRL_TYPE_BUTTON,
  V4L2_CTRL_TYPE_CTRL_CLASS,
  V4L2_CTRL_TYPE_INTEGER_MENU,
  V4L2_CTRL_TYPE_MENU,
} from '../../abi/index.ts';
import { EINVAL, ERANGE, Errno } from '../../base/errno.ts';
import type { CtrlNumber, V4l2CtrlConfig } from './config.ts';
import type { CtrlSpec } from './ctrl.ts';
import type { StdCtrl } from './defs/index.ts';
import { checkRange } from './range.ts';
import { elementSize, v4l2CtrlTypeOps } from './type-ops.ts';

const { BOOLEAN, NOTHING } = {
  BOOLEAN: { min: 0, max: 1, step: 1, def: 0 },
  NOTHING: { min: 0, max: 0, step: 0, def: 0 },
};

interface Limits {
  readonly min?: CtrlNumber;
  readonly max?: CtrlNumber;
  readonly step?: CtrlNumber;
  readonly def?: CtrlNumber;
}

/** Limits that follow from the type whatever the driver says. */
const fixedLimits: Readonly<Record<number, Limits>> = {
  [V4L2_CTRL_TYPE_BUTTON]: NOTHING,
  [V4L2_CTRL_TYPE_CTRL_CLASS]: NOTHING,
};

/** Flags that follow from the type. */
const typeFlags: Readonly<Record<number, number>> = {
  [V4L2_CTRL_TYPE_BUTTON]: V4L2_CTRL_FLAG_WRITE_ONLY | V4L2_CTRL_FLAG_EXECUTE_ON_WRITE,
  // It can be neither read nor written.
  [V4L2_CTRL_TYPE_CTRL_CLASS]: V4L2_CTRL_FLAG_READ_ONLY | V4L2_CTRL_FLAG_WRITE_ONLY,
};

const isMenu = (type: number): boolean =>
  type === V4L2_CTRL_TYPE_MENU || type === V4L2_CTRL_TYPE_INTEGER_MENU;

function limitsOf<D>(config: V4l2CtrlConfig<D>, std: StdCtrl | undefined, type: number): Required<Limits> {
  const fixed = fixedLimits[type];
  if (fixed !== undefined) return fixed as Required<Limits>;
  const usual = type === V4L2_CTRL_TYPE_BOOLEAN ? BOOLEAN : NOTHING;
  const standard: Limits = std?.limits ?? {};
  const { min, max, step, def } = { ...usual, ...given(config), ...standard };
  return { min, max, step: isMenu(type) ? (config.menuSkipMask ?? 0) : step, def };
}

/** What the driver has said, without what it has left out. */
function given<D>({ min, max, step, def }: V4l2CtrlConfig<D>): Limits {
  const entries = Object.entries({ min, max, step, def }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Limits;
}

/** @kernel v4l2_ctrl_fill */
export function specOf<D>(config: V4l2CtrlConfig<D>, std: StdCtrl | undefined): CtrlSpec<D> {
  const isStandard = config.name === undefined && std !== undefined;
  const type = config.type ?? std?.type ?? 0;
  const limits = limitsOf(config, isStandard ? std : undefined, type);
  const { pDef, pMin, pMax, dims = [] } = config;
  const hasLimits = pMin !== undefined && pMax !== undefined;
  return {
    ops: config.ops,
    typeOps: config.typeOps ?? v4l2CtrlTypeOps,
    id: config.id,
    name: config.name ?? std?.name ?? '',
    type,
    ...limits,
    dims,
    elemSize: elementSize(type, Number(limits.max), config.elemSize),
    flags:
      (config.flags ?? 0) |
      (isStandard ? std.flags : 0) |
      (typeFlags[type] ?? 0) |
      (dims.length > 0 ? V4L2_CTRL_FLAG_HAS_PAYLOAD : 0) |
      (hasLimits ? V4L2_CTRL_FLAG_HAS_WHICH_MIN_MAX : 0),
    qmenu: type === V4L2_CTRL_TYPE_MENU ? (config.qmenu ?? std?.qmenu) : undefined,
    qmenuInt: type === V4L2_CTRL_TYPE_INTEGER_MENU ? (config.qmenuInt ?? std?.qmenuInt) : undefined,
    pDef,
    pMin,
    pMax,
    isPrivate: config.isPrivate ?? false,
    priv: config.priv,
  };
}

/** What is wrong with a control, as a sentence for the author of the driver. */
export function checkSpec<D>(spec: CtrlSpec<D>): Errno | undefined {
  const wrong = checkIdentity(spec) ?? checkArray(spec) ?? checkMenu(spec) ?? checkRange(spec.type, spec);
  if (wrong === undefined) return undefined;
  return new Errno(
    wrong.code,
    `control "${spec.name}" (0x${spec.id.toString(16)}) cannot be added: ${wrong.reason}`,
  );
}

function checkIdentity<D>({ id, name, elemSize, type }: CtrlSpec<D>): Errno | undefined {
  if (id === 0 || id >= V4L2_CID_PRIVATE_BASE) return new Errno(ERANGE, 'its id is out of range');
  if (name === '') return new Errno(ERANGE, 'it has no name, and is no standard control');
  if (elemSize === 0)
    return new Errno(
      ERANGE,
      `type 0x${type.toString(16)} is not known: give the bytes of an element (elemSize)`,
    );
  return undefined;
}

function checkArray<D>({ dims, type, flags }: CtrlSpec<D>): Errno | undefined {
  const isDynamic = (flags & V4L2_CTRL_FLAG_DYNAMIC_ARRAY) !== 0;
  if (isDynamic && dims.length !== 1)
    return new Errno(EINVAL, 'a dynamic array has one dimension, how many elements it may have');
  if (dims.length > V4L2_CTRL_MAX_DIMS || dims.some((dim) => dim < 1))
    return new Errno(EINVAL, `an array has at most ${V4L2_CTRL_MAX_DIMS} dimensions, of 1 or more`);
  if (dims.length > 0 && (type === V4L2_CTRL_TYPE_BUTTON || type === V4L2_CTRL_TYPE_CTRL_CLASS))
    return new Errno(EINVAL, 'there are no arrays of buttons or classes');
  return undefined;
}

function checkMenu<D>({ type, qmenu, qmenuInt, max }: CtrlSpec<D>): Errno | undefined {
  if (!isMenu(type)) return undefined;
  const items = qmenu ?? qmenuInt;
  if (items === undefined) return new Errno(ERANGE, 'a menu has items');
  if (max >= items.length)
    return new Errno(ERANGE, `its maximum is item ${max}, and it has ${items.length} items from 0 on`);
  return undefined;
}
