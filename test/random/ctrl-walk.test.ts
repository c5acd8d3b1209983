/**
 * Two programs with three open files do with controls and events what they like, while the driver grabs, changes ranges and
 * raises events of its own: each is told what the rules of events say, with the sequence number that counts also what it has
 * missed, and `pending` says what is left. 20,000 steps; with USERCAM_LONG=1 a million.
 */
import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import fc from 'fast-check';
import { onDriverBug } from '../../src/base/bug.ts';
import { CtrlWorld, STEPS, type StepName } from './ctrl-world.ts';
import { walkLong } from './long-walk.ts';

const LONGEST_PATH = 400;
/** How often each step has to be made. */
const LEAST = 100;

const bugs: string[] = [];
const before = onDriverBug((report) => bugs.push(report));
after(() => void onDriverBug(before));

const step = fc.tuple(fc.constantFrom(...STEPS), fc.nat(2), fc.nat(255), fc.nat(0xffff));

it('everybody is told what has happened, whatever programs do with controls', () => {
  let steps = 0;
  let missed = 0;
  const made = new Map<StepName, number>();
  const walk = fc.property(fc.array(step, { maxLength: LONGEST_PATH, size: 'max' }), (path) => {
    const world = new CtrlWorld();
    for (const [name, who, a, b] of path) {
      if (world.step(name, who, a, b)) made.set(name, (made.get(name) ?? 0) + 1);
      steps++;
    }
    missed += world.missed;
    assert.deepEqual(bugs, []);
  });
  const lacks = () => [
    ...STEPS.filter((name) => (made.get(name) ?? 0) < LEAST),
    ...(missed < LEAST ? ['events without a place of their own'] : []),
  ];
  walkLong(walk, () => steps, lacks);
});
