/** What becomes of controls that are set, and who is told of it, by the rules of the framework and nothing else. */
import {
  V4L2_CID_USER_BASE,
  V4L2_EVENT_CTRL,
  V4L2_EVENT_CTRL_CH_FLAGS,
  V4L2_EVENT_CTRL_CH_RANGE,
  V4L2_EVENT_CTRL_CH_VALUE,
} from '../../src/abi/index.ts';
import { EBUSY, EINVAL, ERANGE } from '../../src/base/errno.ts';
import type { Told } from './ctrl-model.ts';
import {
  CLUSTER,
  CTRL_NAMES,
  CTRLS,
  type CtrlName,
  type Limits,
  NARROW,
  OWN,
  reading,
  SKIPPED,
  WIDE,
} from './ctrl-table.ts';

const VALUE = V4L2_EVENT_CTRL_CH_VALUE;
const FLAGS = V4L2_EVENT_CTRL_CH_FLAGS;

export const idOf = (name: CtrlName): number => (V4L2_CID_USER_BASE | OWN) + CTRL_NAMES.indexOf(name);

/** How a control that was set is answered: with its value then, or an errno. */
export type Set = { readonly value: number } | { readonly errno: number };

/** The controls of a device. `W` is who sets one; undefined where the driver does. */
export class CtrlRules<W> {
  readonly values: Record<CtrlName, number>;
  isGrabbed = false;
  range: Limits = WIDE;
  /** How often the driver was asked for what is volatile. */
  readings = 0;
  readonly #raise: (told: Told, by: W | undefined) => void;

  /** `raise` tells all who listen, but for who did it and did not ask for that. */
  constructor(raise: (told: Told, by: W | undefined) => void) {
    this.#raise = raise;
    this.values = Object.fromEntries(CTRL_NAMES.map((name) => [name, CTRLS[name][3]])) as Record<
      CtrlName,
      number
    >;
  }

  limitsOf(name: CtrlName): Limits {
    return name === 'ranged' ? this.range : CTRLS[name];
  }

  /** The value as the device takes it. */
  rounded(name: CtrlName, value: number): number {
    const [min, max, step] = this.limitsOf(name);
    const by = step || 1;
    const inside = Math.min(Math.max(value + Math.floor(by / 2), min), max);
    return min + by * Math.floor((inside - min) / by);
  }

  #tell(by: W | undefined, name: CtrlName, changes: number): void {
    this.#raise({ type: V4L2_EVENT_CTRL, id: idOf(name), changes, value: this.values[name] }, by);
  }

  /** True if that changes it. */
  #become(name: CtrlName, value: number): boolean {
    const isChanged = this.values[name] !== value;
    this.values[name] = value;
    return isChanged;
  }

  /** G_CTRL. */
  get(name: CtrlName): number {
    const isVolatile = name === 'manual' && this.values.automatic === 1;
    return isVolatile ? reading(++this.readings) : this.values[name];
  }

  /** S_CTRL. */
  set(by: W, name: CtrlName, value: number): Set {
    if (name === 'button') return this.#press(by);
    if (name === 'automatic') return this.#switch(by, this.rounded(name, value));
    if (name === 'manual' && this.values.automatic === 1) return { value: this.values.manual };
    if (name === 'grabbed' && this.isGrabbed) return { errno: EBUSY };
    const [min, max] = this.limitsOf(name);
    if (name === 'menu' && (value < min || value > max)) return { errno: ERANGE };
    if (name === 'menu' && value === SKIPPED) return { errno: EINVAL };
    const rounded = this.rounded(name, value);
    if (this.#become(name, rounded)) this.#tell(by, name, VALUE);
    return { value: rounded };
  }

  #press(by: W): Set {
    this.#tell(by, 'button', VALUE);
    return { value: 0 };
  }

  /** The manual control has the last value of the automatic one; of its flags everybody is told. */
  #switch(by: W, on: number): Set {
    if (!this.#become('automatic', on)) return { value: on };
    const isChanged = on === 0 && this.#become('manual', reading(++this.readings));
    this.#tell(by, 'automatic', VALUE);
    this.#tell(undefined, 'manual', FLAGS | (isChanged ? VALUE : 0));
    return { value: on };
  }

  /**
   * S_EXT_CTRLS of plain ones and of the cluster, which is set at once, in the order of the list, and told of in its own.
   * Gives the clusters of which something has changed: by their first control, as the driver is called.
   */
  setMany(by: W, list: readonly (readonly [CtrlName, number])[]): readonly CtrlName[] {
    const clusterOf = (name: CtrlName): readonly CtrlName[] =>
      (CLUSTER as readonly CtrlName[]).includes(name) ? CLUSTER : [name];
    const clusters = new Set(list.map(([name]) => clusterOf(name)[0] as CtrlName));
    return [...clusters].filter((head) => {
      const changed = clusterOf(head).filter((name) => {
        const [, value] = list.find(([each]) => each === name) ?? [];
        return value !== undefined && this.#become(name, this.rounded(name, value));
      });
      for (const name of changed) this.#tell(by, name, VALUE);
      return changed.length > 0;
    });
  }

  /** The driver takes a control for itself, or gives it back. */
  grab(): void {
    this.isGrabbed = !this.isGrabbed;
    this.#tell(undefined, 'grabbed', FLAGS);
  }

  /** The driver changes the limits of a control. */
  changeRange(): void {
    this.range = this.range === WIDE ? NARROW : WIDE;
    const isChanged = this.#become('ranged', this.rounded('ranged', this.values.ranged));
    this.#tell(undefined, 'ranged', V4L2_EVENT_CTRL_CH_RANGE | (isChanged ? VALUE : 0));
  }

  /** What a new subscription is told of at once if it wants to. */
  initial(name: CtrlName): Told {
    const changes = FLAGS | (name === 'button' ? 0 : VALUE);
    return { type: V4L2_EVENT_CTRL, id: idOf(name), changes, value: this.values[name] };
  }
}
