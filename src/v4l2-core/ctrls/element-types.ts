/** What an element of each type is made of, and when it is valid. One row for each type: the only place that tells types apart. */
import {
  type Fields,
  type FieldType,
  type Layout,
  s32,
  s64,
  u8,
  u16,
  u32,
  V4L2_CTRL_TYPE_AREA,
  V4L2_CTRL_TYPE_BITMASK,
  V4L2_CTRL_TYPE_BOOLEAN,
  V4L2_CTRL_TYPE_BUTTON,
  V4L2_CTRL_TYPE_CTRL_CLASS,
  V4L2_CTRL_TYPE_HDR10_CLL_INFO,
  V4L2_CTRL_TYPE_HDR10_MASTERING_DISPLAY,
  V4L2_CTRL_TYPE_INTEGER,
  V4L2_CTRL_TYPE_INTEGER_MENU,
  V4L2_CTRL_TYPE_INTEGER64,
  V4L2_CTRL_TYPE_MENU,
  V4L2_CTRL_TYPE_RECT,
  V4L2_CTRL_TYPE_U8,
  V4L2_CTRL_TYPE_U16,
  V4L2_CTRL_TYPE_U32,
  type ViewOf,
  v4l2_area,
  v4l2_ctrl_hdr10_cll_info,
  v4l2_ctrl_hdr10_mastering_display,
  v4l2_rect,
} from '../../abi/index.ts';
import { EINVAL, ERANGE, Errno } from '../../base/errno.ts';
import type { V4l2Ctrl } from './ctrl.ts';
import { checkMasteringDisplay } from './hdr10.ts';
import { roundToRange, roundToRange64 } from './range.ts';

/** Elements are read and written through a view on the payload, at a byte. */
export interface ElementType {
  readonly size: number;
  /** Sets the element to the default of `ctrl`. */
  init(ctrl: V4l2Ctrl, view: DataView, at: number): void;
  /** Rounds and clamps the element; throws if there is no nearest valid value. */
  validate(ctrl: V4l2Ctrl, view: DataView, at: number): void;
  text(ctrl: V4l2Ctrl, view: DataView, at: number): string;
}

type Check = (ctrl: V4l2Ctrl, value: number) => number;

/** A type whose elements are numbers. */
function number(field: FieldType<number>, check: Check): ElementType {
  return {
    size: field.size,
    init: (ctrl, view, at) => field.set(view, at, ctrl.defaultValue as number),
    validate: (ctrl, view, at) => field.set(view, at, check(ctrl, field.get(view, at))),
    text: (ctrl, view, at) => textOf(ctrl, field.get(view, at)),
  };
}

function textOf(ctrl: V4l2Ctrl, value: number): string {
  switch (ctrl.type) {
    case V4L2_CTRL_TYPE_BOOLEAN:
      return value === 0 ? 'false' : 'true';
    case V4L2_CTRL_TYPE_MENU:
      return ctrl.qmenu?.[value] ?? `${value}`;
    case V4L2_CTRL_TYPE_INTEGER_MENU:
      return `${ctrl.qmenuInt?.[value] ?? value}`;
    case V4L2_CTRL_TYPE_BITMASK:
      return `0x${(value >>> 0).toString(16).padStart(8, '0')}`;
    default:
      return `${value}`;
  }
}

const rounded: Check = (ctrl, value) =>
  roundToRange(value, ctrl.minimum as number, ctrl.maximum as number, ctrl.step as number);

const item: Check = (ctrl, value) => {
  if (value < ctrl.minimum || value > ctrl.maximum)
    throw new Errno(ERANGE, `${ctrl.name} has items ${ctrl.minimum} to ${ctrl.maximum}, not ${value}`);
  if (ctrl.isSkipped(value) || ctrl.qmenu?.[value] === '')
    throw new Errno(EINVAL, `item ${value} of ${ctrl.name} is left out`);
  return value;
};

/** A type whose elements are structs: the default is the payload that the driver gave, or zeros. */
function compound<F extends Fields>(layout: Layout<F>, check?: (value: ViewOf<F>) => void): ElementType {
  return {
    ...opaque(layout.size),
    validate: (_ctrl, view, at) => check?.(layout.get(view, at)),
    text: (_ctrl, view, at) => {
      const value = layout.get(view, at) as Readonly<Record<string, unknown>>;
      return Object.keys(layout.fields)
        .map((field) => `${field} ${value[field]}`)
        .join(', ');
    },
  };
}

/** A type of which nothing is known but its size. */
export function opaque(size: number): ElementType {
  return {
    size,
    init({ pDef }, view, at) {
      const element = new Uint8Array(view.buffer, at, size);
      element.fill(0);
      if (pDef !== undefined) element.set(pDef.subarray(0, size));
    },
    validate: () => {},
    text: () => 'unknown type',
  };
}

function hasArea({ width, height }: { width: number; height: number }): void {
  if (width === 0 || height === 0) throw new Errno(EINVAL, 'an area has neither width nor height 0');
}

const integer64: ElementType = {
  size: s64.size,
  init: (ctrl, view, at) => s64.set(view, at, BigInt(ctrl.defaultValue)),
  validate(ctrl, view, at) {
    const { minimum, maximum, step } = ctrl;
    s64.set(view, at, roundToRange64(s64.get(view, at), BigInt(minimum), BigInt(maximum), BigInt(step)));
  },
  text: (_ctrl, view, at) => `${s64.get(view, at)}`,
};

const nothing = number(s32, () => 0);

const elementTypes: Readonly<Record<number, ElementType>> = {
  [V4L2_CTRL_TYPE_INTEGER]: number(s32, rounded),
  [V4L2_CTRL_TYPE_BOOLEAN]: number(s32, (_ctrl, value) => (value === 0 ? 0 : 1)),
  [V4L2_CTRL_TYPE_MENU]: number(s32, item),
  [V4L2_CTRL_TYPE_INTEGER_MENU]: number(s32, item),
  [V4L2_CTRL_TYPE_BITMASK]: number(s32, (ctrl, value) => value & (ctrl.maximum as number)),
  [V4L2_CTRL_TYPE_BUTTON]: nothing,
  [V4L2_CTRL_TYPE_CTRL_CLASS]: nothing,
  [V4L2_CTRL_TYPE_INTEGER64]: integer64,
  [V4L2_CTRL_TYPE_U8]: number(u8, rounded),
  [V4L2_CTRL_TYPE_U16]: number(u16, rounded),
  [V4L2_CTRL_TYPE_U32]: number(u32, rounded),
  [V4L2_CTRL_TYPE_AREA]: compound(v4l2_area, hasArea),
  [V4L2_CTRL_TYPE_RECT]: compound(v4l2_rect, hasArea),
  [V4L2_CTRL_TYPE_HDR10_CLL_INFO]: compound(v4l2_ctrl_hdr10_cll_info),
  [V4L2_CTRL_TYPE_HDR10_MASTERING_DISPLAY]: compound(
    v4l2_ctrl_hdr10_mastering_display,
    checkMasteringDisplay,
  ),
};

/** What is known of a type other than STRING, whose elements have the length that each control says. */
export function elementType(type: number): ElementType | undefined {
  return elementTypes[type];
}
