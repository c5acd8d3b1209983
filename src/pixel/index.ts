/** Pixel formats: the one table that everything which makes, moves or measures frames takes them from. */
export { blueDifferenceOf, lumaOf, redDifferenceOf } from './bt601.ts';
export * from './format-info.ts';
export { type FormatName, formatInfo, formatsNamed, pixelFormats } from './format-table.ts';
export { type FrameRect, FrameScaler } from './frame-scaler.ts';
export { canPackRgba, RgbaPacker } from './rgba-packer.ts';
export { RgbaUnpacker } from './rgba-unpacker.ts';
export { FrameZoom, pieceSeen, wholeView, type ZoomView } from './zoom.ts';
