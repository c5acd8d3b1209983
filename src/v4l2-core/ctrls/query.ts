/** Descriptions of controls: QUERYCTRL, QUERY_EXT_CTRL, QUERYMENU. */
import {
  V4L2_CID_PRIVATE_BASE,
  V4L2_CTRL_COMPOUND_TYPES,
  V4L2_CTRL_FLAG_NEXT_COMPOUND,
  V4L2_CTRL_FLAG_NEXT_CTRL,
  V4L2_CTRL_ID_MASK,
  V4L2_CTRL_TYPE_BITMASK,
  V4L2_CTRL_TYPE_BOOLEAN,
  V4L2_CTRL_TYPE_INTEGER,
  V4L2_CTRL_TYPE_INTEGER_MENU,
  V4L2_CTRL_TYPE_MENU,
  V4L2_CTRL_TYPE_STRING,
  type v4l2_query_ext_ctrl,
  type v4l2_queryctrl,
  type v4l2_querymenu,
} from '../../abi/index.ts';
import { EINVAL, Errno } from '../../base/errno.ts';
import type { V4l2Ctrl } from './ctrl.ts';
import type { V4l2CtrlHandler } from './handler.ts';

/** For programs, arrays are compound controls whatever their elements are. */
const isCompound = (ctrl: V4l2Ctrl): boolean => ctrl.isArray || ctrl.type >= V4L2_CTRL_COMPOUND_TYPES;

const NEXT = V4L2_CTRL_FLAG_NEXT_CTRL | V4L2_CTRL_FLAG_NEXT_COMPOUND;

/** The control that a query asks for: the one with the id, or the next after it of the wanted kinds. */
function asked(hdl: V4l2CtrlHandler, id: number): V4l2Ctrl {
  const plain = (id & V4L2_CTRL_FLAG_NEXT_CTRL) !== 0;
  const compound = (id & V4L2_CTRL_FLAG_NEXT_COMPOUND) !== 0;
  const own = id & V4L2_CTRL_ID_MASK;
  const found =
    (id & NEXT) === 0 ? hdl.find(own) : hdl.next(own, (ctrl) => (isCompound(ctrl) ? compound : plain));
  if (found === undefined) throw new Errno(EINVAL, `there is no control 0x${(id >>> 0).toString(16)}`);
  return found;
}

/** Who asked by an old-style private number is answered by that. */
function answeredId(id: number, ctrl: V4l2Ctrl): number {
  const own = id & V4L2_CTRL_ID_MASK;
  return own >= V4L2_CID_PRIVATE_BASE ? own : ctrl.id;
}

/**
 * Describes the control that `query.id` asks for; EINVAL if there is none.
 *
 * @kernel v4l2_query_ext_ctrl
 */
export function v4l2QueryExtCtrl(hdl: V4l2CtrlHandler, query: v4l2_query_ext_ctrl): void {
  const ctrl = asked(hdl, query.id);
  const id = answeredId(query.id, ctrl);
  query.$bytes.fill(0);
  query.id = id;
  query.type = ctrl.type;
  query.name = ctrl.name;
  query.minimum = BigInt(ctrl.minimum);
  query.maximum = BigInt(ctrl.maximum);
  query.step = ctrl.isMenu ? 1n : BigInt(ctrl.step);
  query.default_value = BigInt(ctrl.defaultValue);
  query.flags = ctrl.userFlags;
  query.elem_size = ctrl.elemSize;
  query.elems = ctrl.elems;
  query.nr_of_dims = ctrl.dims.length;
  for (const [i, dim] of ctrl.dims.entries()) query.dims.set(i, dim);
}

/** Types whose limits fit the old description; of the others it says 0. */
const narrow: ReadonlySet<number> = new Set([
  V4L2_CTRL_TYPE_INTEGER,
  V4L2_CTRL_TYPE_BOOLEAN,
  V4L2_CTRL_TYPE_MENU,
  V4L2_CTRL_TYPE_INTEGER_MENU,
  V4L2_CTRL_TYPE_STRING,
  V4L2_CTRL_TYPE_BITMASK,
]);

/** The same in the older form. @kernel v4l2_queryctrl */
export function v4l2Queryctrl(hdl: V4l2CtrlHandler, query: v4l2_queryctrl): void {
  const ctrl = asked(hdl, query.id);
  const id = answeredId(query.id, ctrl);
  query.$bytes.fill(0);
  query.id = id;
  query.type = ctrl.type;
  query.name = ctrl.name;
  query.flags = ctrl.userFlags;
  if (!narrow.has(ctrl.type)) return;
  query.minimum = ctrl.minimum as number;
  query.maximum = ctrl.maximum as number;
  query.step = ctrl.isMenu ? 1 : (ctrl.step as number);
  query.default_value = ctrl.defaultValue as number;
}

/**
 * Names item `index` of a menu; EINVAL for one that is not there or left out.
 *
 * @kernel v4l2_querymenu
 */
export function v4l2Querymenu(hdl: V4l2CtrlHandler, menu: v4l2_querymenu): void {
  const ctrl = hdl.find(menu.id);
  const { index } = menu;
  if (ctrl === undefined || !ctrl.isMenu)
    throw new Errno(EINVAL, `there is no menu 0x${menu.id.toString(16)}`);
  if (index < ctrl.minimum || index > ctrl.maximum || ctrl.isSkipped(index))
    throw new Errno(EINVAL, `${ctrl.name} has no item ${index}`);
  menu.reserved = 0;
  if (ctrl.type === V4L2_CTRL_TYPE_INTEGER_MENU) {
    menu.value = BigInt(ctrl.qmenuInt?.[index] ?? 0);
    return;
  }
  const name = ctrl.qmenu?.[index] ?? '';
  if (name === '') throw new Errno(EINVAL, `item ${index} of ${ctrl.name} is left out`);
  menu.name = name;
}
