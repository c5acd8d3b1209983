import {
  V4L2_CTRL_COMPOUND_TYPES,
  V4L2_CTRL_FLAG_DYNAMIC_ARRAY,
  V4L2_CTRL_FLAG_HAS_PAYLOAD,
  V4L2_CTRL_TYPE_INTEGER_MENU,
  V4L2_CTRL_TYPE_INTEGER64,
  V4L2_CTRL_TYPE_MENU,
  V4L2_CTRL_TYPE_STRING,
} from '../../abi/index.ts';
import type { V4l2SubscribedEvent } from '../events/index.ts';
import type { CtrlNumber, V4l2CtrlOps, V4l2CtrlTypeOps } from './config.ts';
import type { V4l2CtrlHandler } from './handler.ts';
import { CtrlPayload } from './payload.ts';

/** A control with everything said: what {@link V4l2CtrlHandler} makes one of. */
export interface CtrlSpec<D> {
  readonly ops: V4l2CtrlOps<D> | undefined;
  readonly typeOps: V4l2CtrlTypeOps;
  readonly id: number;
  readonly name: string;
  readonly type: number;
  readonly min: CtrlNumber;
  readonly max: CtrlNumber;
  /** For menus the mask of items that are left out. */
  readonly step: CtrlNumber;
  readonly def: CtrlNumber;
  readonly dims: readonly number[];
  readonly elemSize: number;
  readonly flags: number;
  readonly qmenu: readonly string[] | undefined;
  readonly qmenuInt: readonly CtrlNumber[] | undefined;
  readonly pDef: Uint8Array | undefined;
  readonly pMin: Uint8Array | undefined;
  readonly pMax: Uint8Array | undefined;
  readonly isPrivate: boolean;
  readonly priv: unknown;
}

const LOW = 0xffff_ffffn;

/**
 * A control. A driver reads it (`cur` is what holds now, `val` what is to be, in ops) and changes it with the functions
 * `v4l2Ctrl…`; what is below "for the framework" is not its business.
 *
 * @kernel v4l2_ctrl
 */
export class V4l2Ctrl<D = unknown> {
  /** The handler that it was made for. */
  readonly handler: V4l2CtrlHandler<D>;
  readonly id: number;
  readonly name: string;
  readonly type: number;
  /** V4L2_CTRL_FLAG_* as they are now. */
  flags: number;
  /** Numbers; of an INTEGER64 bigints. */
  minimum: CtrlNumber = 0;
  maximum: CtrlNumber = 0;
  /** For menus the mask of items that are left out, a bigint. */
  step: CtrlNumber = 0;
  defaultValue: CtrlNumber = 0;
  readonly qmenu: readonly string[] | undefined;
  readonly qmenuInt: readonly CtrlNumber[] | undefined;
  /** Free for the driver. */
  readonly priv: unknown;
  /** The dimensions of an array; empty if it is none. */
  dims: readonly number[];
  /** Elements there are now; of a dynamic array, as many as were set last. */
  elems: number;
  readonly elemSize: number;

  /** What holds now. */
  readonly pCur: CtrlPayload;
  /** What is to be, while an op runs; without meaning otherwise. */
  readonly pNew: CtrlPayload;
  /** Elements of {@link pNew}. */
  newElems: number;
  /** The program sets this one, not only others of its cluster. Also in {@link V4l2CtrlHandler.setup}. */
  isNew = false;
  /** The controls that are set together, the master first; itself alone unless it was put into one. */
  cluster: readonly (V4l2Ctrl<D> | undefined)[];

  // For the framework.

  readonly ops: V4l2CtrlOps<D> | undefined;
  readonly typeOps: V4l2CtrlTypeOps;
  readonly isPrivate: boolean;
  readonly isArray: boolean;
  readonly isDynArray: boolean;
  readonly isString: boolean;
  /** The value is a payload in the memory of the program. @kernel is_ptr */
  readonly isPtr: boolean;
  /** The value has 32 bits and fits G_CTRL. @kernel is_int */
  readonly isInt: boolean;
  readonly pDef: Uint8Array | undefined;
  readonly pMin: Uint8Array | undefined;
  readonly pMax: Uint8Array | undefined;
  /** Set by the comparison before a new value is taken over. */
  hasChanged = false;
  /** Of a master: an automatic cluster, and which value of the master means manual. */
  isAuto = false;
  manualModeValue = 0;
  /** Of a master: some control of the cluster is volatile, always or while it is automatic. */
  hasVolatiles = false;
  /** Set up already, with its cluster. */
  done = false;
  /** Of a master: where in the list of a call it was seen last. */
  lastInList = -1;
  /** Who is told of changes. */
  readonly evSubs = new Set<V4l2SubscribedEvent>();
  /** The mask of menu items that are left out, in halves: a look at an item then allocates nothing. */
  #skipLow = 0;
  #skipHigh = 0;

  constructor(handler: V4l2CtrlHandler<D>, spec: CtrlSpec<D>) {
    this.handler = handler;
    this.ops = spec.ops;
    this.typeOps = spec.typeOps;
    this.id = spec.id;
    this.name = spec.name;
    this.type = spec.type;
    this.flags = spec.flags;
    this.qmenu = spec.qmenu;
    this.qmenuInt = spec.qmenuInt;
    this.pDef = spec.pDef;
    this.pMin = spec.pMin;
    this.pMax = spec.pMax;
    this.isPrivate = spec.isPrivate;
    this.priv = spec.priv;
    this.dims = spec.dims;
    this.elemSize = spec.elemSize;
    this.isArray = spec.dims.length > 0;
    this.isDynArray = (spec.flags & V4L2_CTRL_FLAG_DYNAMIC_ARRAY) !== 0;
    this.isString = spec.type === V4L2_CTRL_TYPE_STRING && !this.isArray;
    this.isPtr = this.isArray || spec.type >= V4L2_CTRL_COMPOUND_TYPES || spec.type === V4L2_CTRL_TYPE_STRING;
    this.isInt = !this.isPtr && spec.type !== V4L2_CTRL_TYPE_INTEGER64;
    this.elems = this.isDynArray ? 1 : elementsOf(spec.dims);
    this.newElems = this.elems;
    this.pCur = new CtrlPayload(this.elems * this.elemSize);
    this.pNew = new CtrlPayload(this.elems * this.elemSize);
    this.cluster = [this];
    this.setRange(spec.min, spec.max, spec.step, spec.def);
  }

  /** The new value, in ops: of a control with 32 bits. */
  get val(): number {
    return this.pNew.val;
  }

  set val(value: number) {
    this.pNew.val = value;
  }

  /** What holds now: `ctrl.cur.val`, `ctrl.cur.string` … */
  get cur(): CtrlPayload {
    return this.pCur;
  }

  get isMenu(): boolean {
    return this.type === V4L2_CTRL_TYPE_MENU || this.type === V4L2_CTRL_TYPE_INTEGER_MENU;
  }

  /** Flags as programs see them. @kernel user_flags */
  get userFlags(): number {
    return this.isPtr ? this.flags | V4L2_CTRL_FLAG_HAS_PAYLOAD : this.flags;
  }

  /** Item `index` of a menu is left out by the mask. */
  isSkipped(index: number): boolean {
    if (index >= 64) return false;
    const mask = index < 32 ? this.#skipLow : this.#skipHigh;
    return ((mask >>> (index & 31)) & 1) === 1;
  }

  /** For the framework, which tells those who listen. */
  setRange(min: CtrlNumber, max: CtrlNumber, step: CtrlNumber, def: CtrlNumber): void {
    const number = this.type === V4L2_CTRL_TYPE_INTEGER64 ? BigInt : Number;
    this.minimum = number(min);
    this.maximum = number(max);
    this.defaultValue = number(def);
    this.step = this.isMenu ? BigInt(step) : number(step);
    if (!this.isMenu) return;
    this.#skipLow = Number(BigInt(step) & LOW);
    this.#skipHigh = Number((BigInt(step) >> 32n) & LOW);
  }
}

/** How many elements an array of these dimensions has; 1 without. */
export function elementsOf(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}
