/**
 * Two programs do with one queue what programs do, in any order, while the driver works, memory fails and the
 * device goes. 20,000 steps; with USERCAM_LONG=1 a million.
 */
import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import fc from 'fast-check';
import { onDriverBug } from '../../src/base/bug.ts';
import { STATE } from '../../src/videobuf2/core/queue-state.ts';
import { walkLong } from './long-walk.ts';
import { check } from './vb2-invariants.ts';
import { STEPS, type StepName, World } from './vb2-world.ts';

const LONGEST_PATH = 400;
/** How often each step has to be allowed. */
const LEAST = 20;
const STATES = ['ACTIVE', 'DEQUEUED', 'DONE', 'ERROR', 'QUEUED'];

let bugs: string[] = [];
const before = onDriverBug((report) => bugs.push(report));
after(() => void onDriverBug(before));

const step = fc.tuple(fc.nat(STEPS.length - 1), fc.nat(255), fc.nat(0xffff));
const options = fc.record({
  output: fc.boolean(),
  minQueuedBuffers: fc.nat(2),
  readOnce: fc.boolean(),
});

it('a queue keeps everything in its place when two programs do what they like', () => {
  let steps = 0;
  const allowed = new Map<StepName, number>();
  const states = new Set<string>();
  const walk = fc.property(
    options,
    fc.array(step, { maxLength: LONGEST_PATH, size: 'max' }),
    (chosen, path) => {
      bugs = [];
      const world = new World(chosen);
      for (const [what, a, b] of path) {
        const name = world.step(what, a, b);
        check(world);
        if (name !== undefined) allowed.set(name, (allowed.get(name) ?? 0) + 1);
        for (const vb of world.q[STATE].bufs) if (vb !== undefined) states.add(vb.state);
        steps++;
      }
      world.end();
      assert.deepEqual(bugs, []);
    },
  );
  const lacks = () => [
    ...STEPS.filter((name) => (allowed.get(name) ?? 0) < LEAST),
    ...STATES.filter((state) => !states.has(state)),
  ];
  walkLong(walk, () => steps, lacks);
});
