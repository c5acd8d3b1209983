/** What a row of the tables of standard controls says. */
import * as abi from '../../../abi/index.ts';
import type { CtrlNumber } from '../config.ts';

export const INTEGER = abi.V4L2_CTRL_TYPE_INTEGER;
export const BOOLEAN = abi.V4L2_CTRL_TYPE_BOOLEAN;
export const BUTTON = abi.V4L2_CTRL_TYPE_BUTTON;
export const INTEGER64 = abi.V4L2_CTRL_TYPE_INTEGER64;
export const INTEGER_MENU = abi.V4L2_CTRL_TYPE_INTEGER_MENU;
export const CTRL_CLASS = abi.V4L2_CTRL_TYPE_CTRL_CLASS;
export const STRING = abi.V4L2_CTRL_TYPE_STRING;
export const BITMASK = abi.V4L2_CTRL_TYPE_BITMASK;

export const SLIDER = abi.V4L2_CTRL_FLAG_SLIDER;
export const UPDATE = abi.V4L2_CTRL_FLAG_UPDATE;
export const VOLATILE = abi.V4L2_CTRL_FLAG_VOLATILE;
export const EXECUTE = abi.V4L2_CTRL_FLAG_EXECUTE_ON_WRITE;
export const READ_ONLY = abi.V4L2_CTRL_FLAG_READ_ONLY;
export const WRITE_ONLY = abi.V4L2_CTRL_FLAG_WRITE_ONLY;
export const MODIFY_LAYOUT = abi.V4L2_CTRL_FLAG_MODIFY_LAYOUT;
export const DYNAMIC_ARRAY = abi.V4L2_CTRL_FLAG_DYNAMIC_ARRAY;

/** A standard control: what programs are told about it on every device. */
export interface StdCtrl {
  readonly id: number;
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  /** The items of a menu, unless each driver has its own. */
  readonly qmenu?: readonly string[];
  readonly qmenuInt?: readonly number[];
  /** Limits that are the same on every device. */
  readonly limits?: Readonly<Partial<Record<'min' | 'max' | 'step' | 'def', CtrlNumber>>>;
}

/** A menu of which each driver says the items. */
export const NO_ITEMS: readonly string[] = [];

export function row(
  id: number,
  name: string,
  type: number = INTEGER,
  flags = 0,
  more: Pick<StdCtrl, 'qmenuInt' | 'limits'> = {},
): StdCtrl {
  return { id, name, type, flags, ...more };
}

export function menu(id: number, name: string, items: readonly string[], flags = 0): StdCtrl {
  const standard = { id, name, type: abi.V4L2_CTRL_TYPE_MENU, flags };
  return items.length > 0 ? { ...standard, qmenu: items } : standard;
}
