/** What a consumer sees while nobody produces: the test pattern, standing still. */

import { createBars } from '../../tpg/index.ts';
import { PlanarBars, planeBytes } from '../../tpg/planar-bars.ts';
import type { LoopbackFormat } from './loopback-format.ts';
import { jpegBars } from './placeholder-jpeg.ts';

const NO_INPUT = 0;

/** The bytes of a placeholder frame; none if no picture fits into a frame of this format. */
export function paintPlaceholder(format: LoopbackFormat): Uint8Array {
  const { pixel, width, height, bytesperline, sizeimage } = format;
  if (pixel.kind === 'compressed') {
    const jpeg = jpegBars(width, height);
    return jpeg.length <= sizeimage ? jpeg : new Uint8Array(0);
  }
  const frame = new Uint8Array(sizeimage);
  if (pixel.kind === 'packed') {
    createBars({ fourcc: pixel.fourcc, width, height, bytesperline }).paint(frame, 0, NO_INPUT);
    return frame;
  }
  const bars = new PlanarBars(width, height);
  bars.select(0, NO_INPUT);
  let at = 0;
  for (const plane of pixel.planes) {
    bars.fill(frame, at, plane);
    at += planeBytes(plane, width, height);
  }
  return frame;
}
