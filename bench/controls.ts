/**
 * The round trips of VIDIOC_G_CTRL and VIDIOC_S_CTRL through the door, and of an event (S_CTRL, poll() by who listens,
 * DQEVENT), beside the floor: the same traps answered by a minimal supervisor in C (floor.c). Medians of medians, in turns. The
 * goal is a ratio of at most 1.3.
 *
 *     node dist/bench/controls.js
 */
import { compile, inTurns, measure, measureWithCamera, median } from './support.ts';

const ROUNDS = 5;
const CALLS = '5000';

const client = compile('controls-client');
const floor = compile('floor');
if (client === undefined || floor === undefined) {
  console.log('controls: skipped, there is no C compiler for the client and the floor');
} else {
  for (const [what, name] of [
    ['get', 'VIDIOC_G_CTRL'],
    ['set', 'VIDIOC_S_CTRL'],
    ['event', 'an event'],
  ] as const) {
    const [door = [], reference = []] = inTurns(ROUNDS, [
      () => measureWithCamera('vivi', client, ['/dev/video0', what, CALLS]),
      () => measure(floor, ['vm', client, '-', what, CALLS]),
    ]);
    const [ours, least] = [median(door), median(reference)];
    const words = `${(ours / 1000).toFixed(2)} µs, floor ${(least / 1000).toFixed(2)} µs`;
    console.log(`${name.padEnd(16)} ${words}   ratio ${(ours / least).toFixed(2)}`);
  }
}
