/** The eight lines of text on the picture of vivi: what is set, for who looks at the picture instead of asking. */
import type { FrameShape } from '../../sources/index.ts';
import { GLYPH_HEIGHT, GLYPH_WIDTH } from '../../tpg/index.ts';
import type { ViviSettings, ViviView } from './vivi-view.ts';

const NS_PER_MS = 1_000_000;
export const TEXT_LEFT = 16;

/** Lines count from the top, in heights of a character; above the first there is room for one. */
const TIME_LINE = 1;
const FIRST_SETTINGS_LINE = 2;
const GAIN_LINE = 4;
const BUTTON_LINE = 8;

const padded = (value: number, length: number) => String(value).padStart(length);
const zeros = (value: number, length: number, base = 10) => value.toString(base).padStart(length, '0');

// What is new in each frame is put together from ready texts.
const twoDigits = Array.from({ length: 100 }, (_, n) => zeros(n, 2));
const milliseconds = Array.from({ length: 1000 }, (_, n) => `${zeros(n, 3)} `);

/** `HH:MM:SS:` of a time in the stream; behind it the milliseconds. */
function streamTime(s: number): string {
  return ` ${twoDigits[Math.floor(s / 3600) % 24]}:${twoDigits[Math.floor(s / 60) % 60]}:${twoDigits[s % 60]}:`;
}

function gainLine({ autogain, volume, alpha }: ViviSettings, gain: number): string {
  const before = ` autogain ${Number(autogain)}, gain ${padded(gain, 3)}`;
  return `${before}, volume ${padded(volume, 3)}, alpha 0x${zeros(alpha, 2, 16)} `;
}

/** Lines 2 to 7, which stay as long as nobody sets anything; but for the gain while it is automatic. */
export function settingsLines(
  { width, height }: Pick<FrameShape, 'width' | 'height'>,
  settings: ViviSettings,
): string[] {
  const { brightness, contrast, saturation, hue, int32, int64, bitmask, integerMenu } = settings;
  const boolean = Number(settings.boolean);
  return [
    ` ${width}x${height}, input ${settings.input} `,
    ` brightness ${padded(brightness, 3)}, contrast ${padded(contrast, 3)}, saturation ${padded(saturation, 3)}, hue ${hue} `,
    gainLine(settings, settings.gain),
    ` int32 ${int32}, int64 ${int64}, bitmask ${zeros(bitmask, 8, 16)} `,
    ` boolean ${boolean}, menu ${settings.menu}, string "${settings.string}" `,
    ` integer_menu ${integerMenu.value}, value ${integerMenu.entry} `,
  ];
}

/** The lines of a stream, each where it belongs; those that are not shown are empty. */
export class ViviOverlay {
  readonly #shape: FrameShape;
  readonly #view: ViviView;
  readonly #lines: string[] = Array(BUTTON_LINE + 1).fill('');
  #gain = 0;
  /** The line with each gain, as far as it was seen. */
  #gainLines: string[] = [];
  #second = -1;
  #beforeMs = '';

  constructor(shape: FrameShape, view: ViviView) {
    this.#shape = shape;
    this.#view = view;
  }

  /** Something was set. */
  refresh(): void {
    const { settings } = this.#view;
    for (const [i, text] of settingsLines(this.#shape, settings).entries())
      this.#set(FIRST_SETTINGS_LINE + i, text);
    this.#gain = settings.gain;
    this.#gainLines = [];
  }

  /** What is to be seen on a frame that falls due `time` nanoseconds after the first; asked once for each. */
  linesAt(time: number): readonly string[] {
    const ms = Math.floor(time / NS_PER_MS);
    const second = Math.floor(ms / 1000);
    if (second !== this.#second) this.#beforeMs = streamTime(second);
    this.#second = second;
    this.#set(TIME_LINE, this.#beforeMs + milliseconds[ms % 1000]);
    const { gain } = this.#view;
    if (gain !== this.#gain) this.#set(GAIN_LINE, this.#gainLine(gain));
    this.#gain = gain;
    this.#set(BUTTON_LINE, this.#view.showsButton() ? ' button pressed!' : '');
    return this.#lines;
  }

  #gainLine(gain: number): string {
    this.#gainLines[gain] ??= gainLine(this.#view.settings, gain);
    return this.#gainLines[gain];
  }

  /** A line that does not fit into the frame as a whole is left out. */
  #set(line: number, text: string): void {
    const { width, height } = this.#shape;
    const isBelow = (line + 1) * GLYPH_HEIGHT >= height;
    this.#lines[line] = isBelow || TEXT_LEFT + text.length * GLYPH_WIDTH >= width ? '' : text;
  }
}
