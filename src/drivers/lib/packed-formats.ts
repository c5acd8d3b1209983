import { formatsNamed } from '../../pixel/index.ts';

/** The twelve formats of the old vivi, in its order: packed, and what programs of its time could read. */
export const packedFormats = [
  ...formatsNamed('YUYV', 'UYVY', 'YVYU', 'VYUY', 'RGB565', 'RGB565X', 'RGB555', 'RGB555X'),
  ...formatsNamed('RGB24', 'BGR24', 'RGB32', 'BGR32'),
];
