/** The eight lines of text on the picture of vivi: what is set, for who looks at the picture instead of asking. */
import type { FrameShape } from '../../sources/index.ts';
import { GLYPH_HEIGHT, GLYPH_WIDTH, type TextInk, TextPainter } from '../../tpg/index.ts';
import type { ViviSettings, ViviView } from './vivi-view.ts';

const NS_PER_MS = 1_000_000;
const TEXT_LEFT = 16;

/** Lines count from the top, in heights of a character; above the first there is room for one. */
const TIME_LINE = 1;
const FIRST_SETTINGS_LINE = 2;
const GAIN_LINE = 4;
const BUTTON_LINE = 8;

const padded = (value: number, length: number) => String(value).padStart(length);
const zeros = (value: number, length: number, base = 10) => value.toString(base).padStart(length, '0');

/** `HH:MM:SS:mmm` of a time in the stream. */
function streamTime(nanoseconds: number): string {
  const ms = Math.floor(nanoseconds / NS_PER_MS);
  const s = Math.floor(ms / 1000);
  const hours = zeros(Math.floor(s / 3600) % 24, 2);
  return ` ${hours}:${zeros(Math.floor(s / 60) % 60, 2)}:${zeros(s % 60, 2)}:${zeros(ms % 1000, 3)} `;
}

function gainLine({ autogain, volume, alpha }: ViviSettings, gain: number): string {
  return ` autogain ${Number(autogain)}, gain ${padded(gain, 3)}, volume ${padded(volume, 3)}, alpha 0x${zeros(alpha, 2, 16)} `;
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

export class ViviOverlay {
  readonly #shape: FrameShape;
  readonly #view: ViviView;
  readonly #painter: TextPainter;
  #lines: string[] = [];
  #gain = 0;

  constructor(shape: FrameShape, view: ViviView) {
    this.#shape = shape;
    this.#view = view;
    this.#painter = new TextPainter(shape.info, shape);
  }

  /** Something was set. */
  refresh(): void {
    this.#lines = settingsLines(this.#shape, this.#view.settings);
    this.#gain = this.#view.settings.gain;
  }

  /** Draws all lines on a frame that falls due `time` nanoseconds after the first. */
  paint(frame: Uint8Array, time: number, ink: TextInk): void {
    this.#followGain();
    this.#draw(frame, TIME_LINE, streamTime(time), ink);
    for (let i = 0; i < this.#lines.length; i++)
      this.#draw(frame, FIRST_SETTINGS_LINE + i, this.#lines[i] as string, ink);
    if (this.#view.showsButton()) this.#draw(frame, BUTTON_LINE, ' button pressed!', ink);
  }

  #followGain(): void {
    const { gain, settings } = this.#view;
    if (gain === this.#gain) return;
    this.#gain = gain;
    this.#lines[GAIN_LINE - FIRST_SETTINGS_LINE] = gainLine(settings, gain);
  }

  /** A line that does not fit into the frame as a whole is left out. */
  #draw(frame: Uint8Array, line: number, text: string, ink: TextInk): void {
    const { width, height } = this.#shape;
    const y = line * GLYPH_HEIGHT;
    if (y + GLYPH_HEIGHT >= height || TEXT_LEFT + text.length * GLYPH_WIDTH >= width) return;
    this.#painter.drawText(frame, 0, TEXT_LEFT, y, text, ink);
  }
}
