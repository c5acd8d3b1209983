/** The test pattern: scrolling colour bars and text, as functions on bytes. It knows no device and no time. */
export { type BarsPainter, createBars, type TpgShape } from './bars.ts';
export { GLYPH_HEIGHT, GLYPH_WIDTH } from './font.ts';
export { type TpgFormat, tpgFormats } from './formats.ts';
export { createTextPainter, type TextPainter } from './text.ts';
