/** Pixel formats: the one table that everything which makes, moves or measures frames takes them from. */
export * from './format-info.ts';
export { type FormatName, formatInfo, formatsNamed, pixelFormats } from './format-table.ts';
