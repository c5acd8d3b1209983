/**
 * Frames of your own: `usercam run --camera webcam,source=./examples/paint.ts -- chromium`. A ball that bounces, and a bar
 * that fills up once in ten seconds. It runs in a thread of its own: however long it takes, no program waits for it.
 */
import { defineSource } from 'usercam';

const RADIUS = 40;

/** There and back between 0 and `end`. */
function bounce(position: number, end: number): number {
  const there = position % (2 * end);
  return there < end ? there : 2 * end - there;
}

export default defineSource({
  paint({ width, height, data }, { time }) {
    const x = RADIUS + bounce(time * 200, width - 2 * RADIUS);
    const y = RADIUS + bounce(time * 150, height - 2 * RADIUS);
    const bar = width * ((time / 10) % 1);
    for (let row = 0, at = 0; row < height; row++)
      for (let column = 0; column < width; column++, at += 4) {
        const isBall = (column - x) ** 2 + (row - y) ** 2 < RADIUS ** 2;
        const isBar = row > height - 10 && column < bar;
        data[at] = isBall ? 255 : 20;
        data[at + 1] = isBar ? 200 : 40;
        data[at + 2] = isBall ? 60 : 90;
      }
  },
});
