/** The test pattern: colours that move, and text, as functions on bytes. It knows no device and no time. */
export { type Adjustment, adjust, adjustmentMatrix, NO_ADJUSTMENT } from './adjust.ts';
export { FrameAdjuster } from './adjust-frame.ts';
export { type Captioned, CaptionedPainter } from './captioned.ts';
export { BLACK, type Rgb, WHITE } from './colors.ts';
export { GLYPH_HEIGHT, GLYPH_WIDTH } from './font.ts';
export { h264Picture, isH264Keyframe } from './h264-picture.ts';
export { JpegPattern } from './jpeg-pattern.ts';
export { canPack } from './packers.ts';
export { type BarsPainter, createBars, FramePainter, PlanePainter, type TpgShape } from './painter.ts';
export {
  checker,
  fullBars,
  grayRamp,
  type Pattern,
  patterns,
  recolored,
  solid,
  viviBars,
} from './patterns.ts';
export { type TextInk, TextPainter, whiteOnBlack } from './text.ts';
