/**
 * What the real videobuf of Linux 6.1 answered, call by call, against what ours answers to the same calls in this process. A
 * difference has to stand in test/videobuf/expectations.json with its reason; what stands there and is none is a
 * failure, too.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onDriverBug } from 'usercam';
import { memories } from '../videobuf/measuring.ts';
import { compareAll, expectations } from '../videobuf/replay/expected.ts';

/** At least so much is to be equal, of each kind. */
const LEAST = 0.97;

for (const kind of [...memories, 'external lock'] as const)
  test(`videobuf answers as Linux 6.1 did: ${kind}`, (t) => {
    const bugs: string[] = [];
    const before = onDriverBug((report) => bugs.push(report));
    const results = compareAll(kind);
    onDriverBug(before);
    assert.deepEqual(bugs, [], 'no driver bug was reported');
    const expected = new Map(
      expectations()
        .filter(({ kinds }) => kinds.includes(kind))
        .map(({ scenario, differences }) => [scenario, differences]),
    );
    let [equal, total, explained] = [0, 0, 0];
    for (const [scenario, result] of results) {
      equal += result.equal;
      total += result.total;
      explained += result.total - result.equal;
      assert.deepEqual(result.differences, expected.get(scenario) ?? [], `${kind}, ${scenario}`);
    }
    const share = ((100 * equal) / total).toFixed(1);
    t.diagnostic(`${kind}: ${equal} of ${total} lines are equal (${share} %), ${explained} explained`);
    assert.ok(equal / total >= LEAST, `${share} % of the lines are equal`);
  });

test('every expected difference says why, and of what', () => {
  for (const { kinds, scenario, why, differences } of expectations()) {
    assert.ok(kinds.length > 0 && differences.length > 0 && why.length > 20, scenario);
  }
});
