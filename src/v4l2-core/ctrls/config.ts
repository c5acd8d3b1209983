/** What a driver says about a control when it makes one, and what the framework asks it later. */
import type { V4l2Ctrl } from './ctrl.ts';
import type { CtrlPayload } from './payload.ts';

/** A limit or a default: a number, for INTEGER64 also a bigint. */
export type CtrlNumber = number | bigint;

/**
 * What a driver does for its controls. All are optional. Of a cluster the ops of its first control (the master) are called,
 * once for all, with that control; `ctrl.cluster` has the others, and `isNew` says which of them the program has set.
 *
 * All may fail: an `Errno` is what the program is told. Anything else that is thrown is reported as a bug of the driver, and
 * the program is told EIO.
 *
 * @kernel v4l2_ctrl_ops
 */
// Declared as methods: a handler that inherits controls does not know the data of their driver.
export interface V4l2CtrlOps<D = unknown> {
  /**
   * The value of a volatile control is asked for: set `ctrl.val` (or `ctrl.pNew`) to what it is now. Called for each G_CTRL
   * and G_EXT_CTRLS of a control with V4L2_CTRL_FLAG_VOLATILE, and when an automatic cluster becomes manual: its values
   * of that moment are the first manual ones.
   *
   * @kernel g_volatile_ctrl
   */
  gVolatileCtrl?(ctrl: V4l2Ctrl<D>): void;

  /**
   * May these values be set together? They are in range already (`ctrl.val`, and the same of each other in the cluster); the
   * op may change them, or throw. It must not change anything else. Called for TRY and before each `sCtrl`.
   *
   * @kernel try_ctrl
   */
  tryCtrl?(ctrl: V4l2Ctrl<D>): void;

  /**
   * Make it so: the new value is in `ctrl.val`, the one before in `ctrl.cur.val`, and the framework takes the new one over
   * when this returns. Called when a value has changed, for buttons and V4L2_CTRL_FLAG_EXECUTE_ON_WRITE also if none has,
   * never for a volatile control alone, and for all controls by {@link V4l2CtrlHandler.setup}.
   *
   * @kernel s_ctrl
   */
  sCtrl?(ctrl: V4l2Ctrl<D>): void;
}

/**
 * How values of a type are compared, made and checked. A driver gives its own for a compound type that the framework does
 * not know, usually `{ ...v4l2CtrlTypeOps, validate }`.
 *
 * @kernel v4l2_ctrl_type_ops
 */
export interface V4l2CtrlTypeOps {
  /** Two values of `ctrl.elems` elements are the same. @kernel v4l2_ctrl_type_op_equal */
  equal(ctrl: V4l2Ctrl, a: CtrlPayload, b: CtrlPayload): boolean;
  /** Sets element `index` to the default. @kernel v4l2_ctrl_type_op_init */
  init(ctrl: V4l2Ctrl, index: number, payload: CtrlPayload): void;
  /** The present value as text, for the log. @kernel v4l2_ctrl_type_op_log */
  log(ctrl: V4l2Ctrl): string;
  /** Rounds and clamps all new elements; throws ERANGE or EINVAL for what has no nearest. @kernel v4l2_ctrl_type_op_validate */
  validate(ctrl: V4l2Ctrl, payload: CtrlPayload): void;
}

/**
 * A control as {@link V4l2CtrlHandler.newCustom} takes it. For a standard id the name, and all that was left out, is the
 * standard one.
 *
 * @kernel v4l2_ctrl_config
 */
export interface V4l2CtrlConfig<D = unknown> {
  readonly ops?: V4l2CtrlOps<D>;
  readonly typeOps?: V4l2CtrlTypeOps;
  readonly id: number;
  readonly name?: string;
  /** V4L2_CTRL_TYPE_*. */
  readonly type?: number;
  readonly min?: CtrlNumber;
  readonly max?: CtrlNumber;
  readonly step?: CtrlNumber;
  readonly def?: CtrlNumber;
  /** An array of these dimensions, at most V4L2_CTRL_MAX_DIMS. A dynamic array has one: how many elements it may have. */
  readonly dims?: readonly number[];
  /** Bytes of an element, for a compound type that the framework does not know. */
  readonly elemSize?: number;
  /** V4L2_CTRL_FLAG_*, beside those that the type has. */
  readonly flags?: number;
  /** Of a menu: bit n is set if item n is left out. */
  readonly menuSkipMask?: CtrlNumber;
  /** Of a MENU: the items; an empty one is left out. */
  readonly qmenu?: readonly string[];
  /** Of an INTEGER_MENU. */
  readonly qmenuInt?: readonly CtrlNumber[];
  /** The bytes of the default of a compound type; zeros without. */
  readonly pDef?: Uint8Array;
  /** The bytes of the least and the greatest value of a compound type, for those who ask (WHICH_MIN_VAL, WHICH_MAX_VAL). */
  readonly pMin?: Uint8Array;
  readonly pMax?: Uint8Array;
  /** Not given to handlers that inherit from this one. */
  readonly isPrivate?: boolean;
  /** Free for the driver, found again as `ctrl.priv`. */
  readonly priv?: unknown;
}
