/**
 * A program does with a queue of videobuf what programs do, in any order, while the driver takes its time and memory fails.
 * 20,000 steps; with USERCAM_LONG=1 a million.
 */
import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import fc from 'fast-check';
import { onDriverBug } from '../../src/base/bug.ts';
import { walkLong } from './long-walk.ts';
import { check } from './videobuf-invariants.ts';
import { KINDS, STEPS, type StepName, World } from './videobuf-world.ts';

const LONGEST_PATH = 400;
/** How often each step has to be possible. */
const LEAST = 20;
const STATES = ['ACTIVE', 'DONE', 'ERROR', 'IDLE', 'NEEDS_INIT', 'PREPARED', 'QUEUED'];

let bugs: string[] = [];
const before = onDriverBug((report) => bugs.push(report));
after(() => void onDriverBug(before));

const step = fc.tuple(fc.nat(STEPS.length - 1), fc.nat(255), fc.nat(0xffff));
const options = fc.record({ kind: fc.constantFrom(...KINDS), readsOne: fc.boolean() });

it('a queue of videobuf keeps everything in its place when a program does what it likes', () => {
  let steps = 0;
  const did = new Map<StepName, number>();
  const states = new Set<string>();
  const walk = fc.property(
    options,
    fc.array(step, { maxLength: LONGEST_PATH, size: 'max' }),
    (chosen, path) => {
      bugs = [];
      const world = new World(chosen);
      for (const [what, a, b] of path) {
        const name = STEPS[what] as StepName;
        if (world.step(name, a, b)) did.set(name, (did.get(name) ?? 0) + 1);
        check(world);
        for (const vb of world.queue.bufs) if (vb !== undefined) states.add(vb.state);
        steps++;
      }
      world.end();
      assert.deepEqual(bugs, []);
    },
  );
  const lacks = () => [
    ...STEPS.filter((name) => (did.get(name) ?? 0) < LEAST),
    ...STATES.filter((state) => !states.has(state)),
  ];
  walkLong(walk, () => steps, lacks);
});
