/**
 * Real processes and threads do with cameras what programs do, in any order (test/walk): 5,000 steps that do something, half of
 * them as root and the other half, which are others, as an ordinary user. `npm run walk -- 100000` goes further.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needs } from '../support/door.ts';
import type { Step } from '../walk/steps.ts';
import { KIND_NAMES, stepsOf, walk } from '../walk/walk.ts';

const STEPS = 2500;
const STEPS_IN_A_RUN = 400;
const SEED = process.getuid?.() === 0 ? 500 : 400;
/** So often at least each kind has to be carried out among so many steps. */
const LEAST = 5;
const RARE: Readonly<Record<string, number>> = {
  interrupt: 1,
  race: 1,
  restart: 1,
  sleep: 1,
  sleepInPoll: 0,
  unmap: 1,
};

/** Walks that went wrong once, as short as they could be made. */
const EXAMPLES: Readonly<Record<string, readonly Step[]>> = {
  'a camera stays open when the first thread of its process has ended and a copy is closed': [
    ['birth', 1664562881],
    ['open', 159191683],
    ['leave', 379877759],
    ['dupfd', 426798314],
    ['close', 565728676],
  ],
};

for (const [title, steps] of Object.entries(EXAMPLES))
  test(title, needs(['gcc']), async () => {
    const { log } = await walk(steps);
    assert.equal(log.length, steps.length, log.join('\n'));
  });

test('each descriptor is what it should be after each of 2,500 steps', needs(['gcc'], 600), async () => {
  const counts: Record<string, number> = {};
  let done = 0;
  for (let seed = SEED; done < STEPS; seed++) {
    const walked = await walk(stepsOf(seed, STEPS_IN_A_RUN));
    done += walked.log.length;
    for (const [kind, count] of Object.entries(walked.counts)) counts[kind] = (counts[kind] ?? 0) + count;
  }
  for (const kind of KIND_NAMES)
    assert.ok((counts[kind] ?? 0) >= (RARE[kind] ?? LEAST), `${kind}: ${counts[kind] ?? 0} times`);
});
