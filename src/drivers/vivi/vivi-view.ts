/** What is set at the camera, as far as it shows in the picture: plain values, which change between two frames. */
import type { Clock } from '../../base/timers.ts';
import type { Adjustment } from '../../tpg/index.ts';

export interface ViviSettings extends Adjustment {
  readonly input: number;
  readonly autogain: boolean;
  /** What the gain is while nobody but the user sets it. */
  readonly gain: number;
  readonly volume: number;
  readonly alpha: number;
  readonly int32: number;
  readonly int64: bigint;
  readonly bitmask: number;
  readonly boolean: boolean;
  /** The text of the entry that is chosen. */
  readonly menu: string;
  readonly string: string;
  /** The number of the entry that is chosen, and the one that it stands for. */
  readonly integerMenu: { readonly entry: number; readonly value: bigint };
}

/** As the controls have it that nobody has set. */
export const viviDefaults: ViviSettings = {
  input: 0,
  brightness: 127,
  contrast: 16,
  saturation: 127,
  hue: 0,
  autogain: true,
  gain: 100,
  volume: 200,
  alpha: 0,
  int32: 0,
  int64: 0n,
  bitmask: 0x80002000,
  boolean: true,
  menu: 'Menu Item 3',
  string: '  ',
  integerMenu: { entry: 4, value: 5n },
};

/** Frames for which a press of the button is shown. */
const BUTTON_FRAMES = 30;

/** The gain that a camera chooses itself runs through its range, a step in each of these. */
const GAIN_STEP_NS = 10_000_000;
const GAIN_RANGE = 256;

export class ViviView {
  readonly #clock: Clock;
  readonly #settings: { -readonly [K in keyof ViviSettings]: ViviSettings[K] } = { ...viviDefaults };
  #changes = 0;
  #buttonFrames = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Those of this moment: who looks later finds others. */
  get settings(): ViviSettings {
    return this.#settings;
  }

  /** How often they have changed: who made something of them looks whether it is still good. */
  get changes(): number {
    return this.#changes;
  }

  change(part: Partial<ViviSettings>): void {
    Object.assign(this.#settings, part);
    this.#changes++;
  }

  /** One of them, which allocates nothing. */
  set<K extends keyof ViviSettings>(key: K, value: ViviSettings[K]): void {
    this.#settings[key] = value;
    this.#changes++;
  }

  /** The gain as it is now. @kernel vivi_g_volatile_ctrl */
  get gain(): number {
    const { autogain, gain } = this.#settings;
    return autogain ? Math.floor(this.#clock.now() / GAIN_STEP_NS) % GAIN_RANGE : gain;
  }

  press(): void {
    this.#buttonFrames = BUTTON_FRAMES;
  }

  /** Asked once for each frame: whether it is one of those after a press. */
  showsButton(): boolean {
    if (this.#buttonFrames === 0) return false;
    this.#buttonFrames--;
    return true;
  }
}
