/** The controls of the random worlds, with what a driver and the model of it have in common. */

export type Limits = readonly [min: number, max: number, step: number, def: number];

export const WIDE: Limits = [0, 100, 1, 50];
export const NARROW: Limits = [0, 60, 7, 30];

/**
 * In the order of their ids. The grabbed one is so now and then, the ranged one has other limits now and then; `first` to
 * `third` are a cluster, and so are the automatic and the manual one.
 */
export const CTRLS = {
  plain: [-10, 13, 5, -10],
  ranged: WIDE,
  grabbed: WIDE,
  first: WIDE,
  second: WIDE,
  third: WIDE,
  automatic: [0, 1, 1, 1],
  manual: [0, 255, 1, 5],
  menu: [0, 3, 0, 1],
  button: [0, 0, 0, 0],
} as const satisfies Readonly<Record<string, Limits>>;

export type CtrlName = keyof typeof CTRLS;

export const CTRL_NAMES = Object.keys(CTRLS) as readonly CtrlName[];
export const CLUSTER = ['first', 'second', 'third'] as const satisfies readonly CtrlName[];
/** Of the entries of the menu this one is left out. */
export const SKIPPED = 2;
/** Their ids count from here, above V4L2_CID_USER_BASE. */
export const OWN = 0x1000;

/** For how many events of a type there is room that is none of controls. */
export const ROOM = 4;

/** What the automatic control has set the manual one to, read for the `n`th time. */
export const reading = (n: number): number => 100 + (n % 100);

/** What the driver does by itself; where programs can make it, by controls whose ids come after the others. */
export const DEEDS = ['grab', 'range', 'frame sync', 'private event'] as const;
export type Deed = (typeof DEEDS)[number];
