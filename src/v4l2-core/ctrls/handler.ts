import {
  V4L2_CID_PRIVATE_BASE,
  V4L2_CTRL_CLASS_USER,
  V4L2_CTRL_COMPOUND_TYPES,
  V4L2_CTRL_DRIVER_PRIV,
  V4L2_CTRL_FLAG_READ_ONLY,
  V4L2_CTRL_ID_MASK,
  V4L2_CTRL_ID2WHICH,
  V4L2_CTRL_TYPE_BUTTON,
  V4L2_CTRL_TYPE_CTRL_CLASS,
  V4L2_CTRL_TYPE_INTEGER_MENU,
  V4L2_CTRL_TYPE_MENU,
} from '../../abi/index.ts';
import { EINVAL, ERANGE, Errno } from '../../base/errno.ts';
import { callOp, curToNew, masterOf } from './apply.ts';
import type { CtrlNumber, V4l2CtrlConfig, V4l2CtrlOps } from './config.ts';
import { V4l2Ctrl } from './ctrl.ts';
import { isStandardMenu, type StdCtrl, stdCtrl } from './defs/index.ts';
import { logLine } from './log.ts';
import { checkSpec, specOf } from './spec.ts';

/**
 * The controls of a device, or of one open file of it. The driver makes one, adds controls, sets them
 * up (which throws if any could not be added), and gives it to its `VideoDevice` (`ctrlHandler`) or to a `V4l2Fh`: all ioctls of controls are then there.
 *
 *     const hdl = new V4l2CtrlHandler(camera);
 *     const autogain = hdl.newStd(ops, V4L2_CID_AUTOGAIN, 0, 1, 1, 1);
 *     const gain = hdl.newStd(ops, V4L2_CID_GAIN, 0, 255, 1, 100);
 *     v4l2CtrlAutoCluster([autogain, gain], 0, true);
 *     hdl.setup();
 *
 * `D` is what ops find as `ctrl.handler.drvdata`.
 *
 * @kernel v4l2_ctrl_handler v4l2_ctrl_handler_init
 */
export class V4l2CtrlHandler<D = unknown> {
  readonly drvdata: D;
  /** The first thing that went wrong when controls were added; nothing was added from then on. */
  error: Errno | undefined = undefined;
  /** Programs cannot set what is INACTIVE because the master of its cluster is automatic (EACCES), as uvcvideo has it. */
  refusesInactive = false;
  /** Those that were made for it, in the order of that. */
  readonly #own: V4l2Ctrl<D>[] = [];
  /** Those that programs see: its own and those it has inherited. */
  readonly #byId = new Map<number, V4l2Ctrl>();
  /** The same in the order of their ids. */
  #sorted: V4l2Ctrl[] = [];

  constructor(drvdata: D) {
    this.drvdata = drvdata;
  }

  // Making controls. On failure `error` says why, and what is given back belongs to nothing: a driver looks once, at the end.

  /** A standard control that is neither menu nor compound: name, type and flags are the standard's. @kernel v4l2_ctrl_new_std */
  newStd(
    ops: V4l2CtrlOps<D> | undefined,
    id: number,
    min: CtrlNumber,
    max: CtrlNumber,
    step: CtrlNumber,
    def: CtrlNumber,
  ): V4l2Ctrl<D> {
    const std = stdCtrl(id);
    if (std !== undefined && (isMenuType(std.type) || std.type >= V4L2_CTRL_COMPOUND_TYPES))
      this.#fail(new Errno(EINVAL, `${std.name} is made with newStdMenu, newIntMenu or newStdCompound`));
    return this.#newStandard(std, { id, min, max, step, def, ...opsOf(ops) });
  }

  /** A standard menu with its standard items, 0 to `max` without those in `mask`. @kernel v4l2_ctrl_new_std_menu */
  newStdMenu(
    ops: V4l2CtrlOps<D> | undefined,
    id: number,
    max: number,
    mask: CtrlNumber,
    def: number,
  ): V4l2Ctrl<D> {
    const std = stdCtrl(id);
    if (std !== undefined && !isStandardMenu(std))
      this.#fail(new Errno(EINVAL, `${std.name} has no standard menu`));
    return this.#newStandard(std, { id, max, menuSkipMask: mask, def, ...opsOf(ops) });
  }

  /** A standard menu whose items each driver says itself (TEST_PATTERN). @kernel v4l2_ctrl_new_std_menu_items */
  newStdMenuItems(
    ops: V4l2CtrlOps<D> | undefined,
    id: number,
    max: number,
    mask: CtrlNumber,
    def: number,
    qmenu: readonly string[],
  ): V4l2Ctrl<D> {
    const std = stdCtrl(id);
    if (std !== undefined && (isStandardMenu(std) || std.type !== V4L2_CTRL_TYPE_MENU))
      this.#fail(new Errno(EINVAL, `${std.name} is no menu, or has standard items: use newStdMenu`));
    return this.#newStandard(std, { id, max, menuSkipMask: mask, def, qmenu, ...opsOf(ops) });
  }

  /** A standard menu of numbers. @kernel v4l2_ctrl_new_int_menu */
  newIntMenu(
    ops: V4l2CtrlOps<D> | undefined,
    id: number,
    max: number,
    def: number,
    qmenuInt: readonly CtrlNumber[],
  ): V4l2Ctrl<D> {
    const std = stdCtrl(id);
    if (std !== undefined && std.type !== V4L2_CTRL_TYPE_INTEGER_MENU)
      this.#fail(new Errno(EINVAL, `${std.name} is no menu of numbers`));
    return this.#newStandard(std, { id, max, def, qmenuInt, ...opsOf(ops) });
  }

  /** A standard compound control; `pDef` has the bytes of its default, zeros without. @kernel v4l2_ctrl_new_std_compound */
  newStdCompound(ops: V4l2CtrlOps<D> | undefined, id: number, pDef?: Uint8Array): V4l2Ctrl<D> {
    const std = stdCtrl(id);
    if (std !== undefined && std.type < V4L2_CTRL_COMPOUND_TYPES)
      this.#fail(new Errno(EINVAL, `${std.name} is no compound control`));
    return this.#newStandard(std, { id, ...opsOf(ops), ...(pDef && { pDef }) });
  }

  /** A control of the driver's own, or a standard one with something changed. @kernel v4l2_ctrl_new_custom */
  newCustom(config: V4l2CtrlConfig<D>): V4l2Ctrl<D> {
    return this.#add(config, stdCtrl(config.id));
  }

  /**
   * Shows the controls of `other` too, those that `filter` lets through: of a sub-device, or for an open file those of the
   * device. They stay the other's: its driver sets them up. One with an id that is here already is left out.
   *
   * @kernel v4l2_ctrl_add_handler
   */
  addHandler(other: V4l2CtrlHandler, filter?: (ctrl: V4l2Ctrl) => boolean): void {
    for (const ctrl of other.#sorted) {
      if (this.error !== undefined) return;
      const isHidden = ctrl.isPrivate || ctrl.type === V4L2_CTRL_TYPE_CTRL_CLASS;
      if (!isHidden && (filter === undefined || filter(ctrl))) this.#show(ctrl);
    }
  }

  /** The control with this id, which may be an old-style private number. @kernel v4l2_ctrl_find find_ref */
  find(id: number): V4l2Ctrl | undefined {
    const own = id & V4L2_CTRL_ID_MASK;
    return own >= V4L2_CID_PRIVATE_BASE ? this.#private(own - V4L2_CID_PRIVATE_BASE) : this.#byId.get(own);
  }

  /** The control with the least id above `id` that `matches`. */
  next(id: number, matches: (ctrl: V4l2Ctrl) => boolean): V4l2Ctrl | undefined {
    return this.#sorted.find((ctrl) => ctrl.id > id && matches(ctrl));
  }

  /** All controls that programs see, in the order of their ids. */
  get controls(): readonly V4l2Ctrl[] {
    return this.#sorted;
  }

  /**
   * Calls `sCtrl` for all controls that were made here, with the values that they have: at start, so that the device is as
   * its controls say, and after it was reset. Not for buttons and what is read-only. Throws what an op throws, and
   * {@link error} if something went wrong before.
   *
   * @kernel v4l2_ctrl_handler_setup
   */
  setup(): void {
    if (this.error !== undefined) throw this.error;
    for (const ctrl of this.#own) ctrl.done = false;
    for (const ctrl of this.#own) {
      if (ctrl.done || ctrl.type === V4L2_CTRL_TYPE_BUTTON || ctrl.flags & V4L2_CTRL_FLAG_READ_ONLY) continue;
      const master = masterOf(ctrl);
      for (const each of master.cluster) {
        if (each === undefined) continue;
        curToNew(each);
        each.isNew = true;
        each.done = true;
      }
      callOp(master, master.ops?.sCtrl, 'sCtrl');
    }
  }

  /** Says what all controls made here are, a line each, begun with `prefix`. @kernel v4l2_ctrl_handler_log_status */
  logStatus(prefix: string, log: (line: string) => void): void {
    for (const ctrl of this.#own) {
      const line = logLine(ctrl);
      if (line !== undefined) log(`${prefix}: ${line}`);
    }
  }

  /** For the end of the device or the open file, when nobody listens to its events any more. @kernel v4l2_ctrl_handler_free */
  free(): void {
    this.#own.length = 0;
    this.#byId.clear();
    this.#sorted = [];
  }

  #newStandard(std: StdCtrl | undefined, config: V4l2CtrlConfig<D>): V4l2Ctrl<D> {
    if (std === undefined)
      this.#fail(new Errno(ERANGE, `0x${config.id.toString(16)} is no standard control: use newCustom`));
    return this.#add(config, std);
  }

  #add(config: V4l2CtrlConfig<D>, std: StdCtrl | undefined): V4l2Ctrl<D> {
    const spec = specOf(config, std);
    const wrong = checkSpec(spec);
    if (wrong !== undefined) this.#fail(wrong);
    const ctrl = new V4l2Ctrl<D>(this, spec);
    if (this.error !== undefined) return ctrl;
    for (let index = 0; index < ctrl.elems; index++)
      for (const payload of [ctrl.pCur, ctrl.pNew]) ctrl.typeOps.init(ctrl, index, payload);
    this.#own.push(ctrl);
    this.#show(ctrl);
    return ctrl;
  }

  /** Programs see it from now on, below its class. @kernel handler_new_ref */
  #show(ctrl: V4l2Ctrl): void {
    const classId = V4L2_CTRL_ID2WHICH(ctrl.id) | 1;
    if (ctrl.id !== classId && !this.#byId.has(classId)) this.newStd(undefined, classId, 0, 0, 0, 0);
    if (this.error !== undefined || this.#byId.has(ctrl.id)) return;
    this.#byId.set(ctrl.id, ctrl);
    this.#sorted = [...this.#byId.values()].sort((a, b) => a.id - b.id);
  }

  /** The `n`-th of the driver's own user controls with a value of 32 bits. @kernel find_private_ref */
  #private(n: number): V4l2Ctrl | undefined {
    let left = n;
    for (const ctrl of this.#sorted) {
      const isOwn = V4L2_CTRL_ID2WHICH(ctrl.id) === V4L2_CTRL_CLASS_USER && V4L2_CTRL_DRIVER_PRIV(ctrl.id);
      if (isOwn && ctrl.isInt && left-- === 0) return ctrl;
    }
    return undefined;
  }

  /** @kernel handler_set_err */
  #fail(error: Errno): void {
    this.error ??= error;
  }
}

const isMenuType = (type: number): boolean =>
  type === V4L2_CTRL_TYPE_MENU || type === V4L2_CTRL_TYPE_INTEGER_MENU;

const opsOf = <D>(ops: V4l2CtrlOps<D> | undefined): { ops?: V4l2CtrlOps<D> } => (ops ? { ops } : {});
