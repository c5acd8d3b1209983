/** QR codes. */
import encodeQR from 'qr';
import type { FormatInfo, FrameSize } from '../pixel/index.ts';
import { type FrameOrder, type FrameRing, PRODUCER_STILL } from '../sources/index.ts';
import { PictureWriter } from './picture-writer.ts';
import { Trouble } from './trouble.ts';

/** Red, green, blue and alpha, the first lowest: every machine that runs this is little-endian. */
const WHITE = 0xffffffff;
const BLACK = 0xff000000;
/** Light modules around the code, as the standard wants them. */
const BORDER = 4;

function modulesOf(text: string): readonly (readonly boolean[])[] {
  try {
    return encodeQR(text, 'raw', { ecc: 'medium', border: BORDER });
  } catch {
    throw new Trouble('is too long for a QR code: 2331 bytes are the most');
  }
}

/** The code in the middle of a white picture, as large as whole pixels for each module allow. Throws Trouble. */
export function qrPicture(text: string, { width, height }: FrameSize): Uint8Array {
  const modules = modulesOf(text);
  const count = modules.length;
  const side = Math.floor(Math.min(width, height) / count);
  if (side === 0) throw new Trouble(`has ${count} modules a side, which do not fit into ${width}x${height}`);
  const [left, top] = [(width - side * count) >> 1, (height - side * count) >> 1];
  const pixels = new Uint32Array(width * height).fill(WHITE);
  for (const [y, row] of modules.entries()) {
    const first = (top + y * side) * width;
    for (const [x, isDark] of row.entries())
      if (isDark) pixels.fill(BLACK, first + left + x * side, first + left + (x + 1) * side);
    for (let line = 1; line < side; line++) pixels.copyWithin(first + line * width, first, first + width);
  }
  return new Uint8Array(pixels.buffer);
}

/** Fills `ring` with the one frame that the code is. Throws Trouble. */
export async function produceQr(
  order: FrameOrder,
  text: string,
  info: FormatInfo,
  ring: FrameRing,
): Promise<void> {
  const picture = qrPicture(text, order);
  const writer = await PictureWriter.of(order, info, ring);
  await writer.write(picture);
  ring.finish(PRODUCER_STILL);
}
