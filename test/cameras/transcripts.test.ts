/** What a kernel answered to programs is what they are answered here, but for differences that have a reason. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { transcriptsPage } from '../support/kernel-transcripts-page.ts';
import { needs } from '../support/needs.ts';
import { percent, replayAll, totalOf } from '../transcripts/replay/replay.ts';

const page = new URL('../../../docs/kernel-transcripts.md', import.meta.url);
const GOAL = 98;
const SECONDS = 300;

test('programs are answered as by Linux 6.12', needs(['gcc'], SECONDS), async (t) => {
  const outcomes = await replayAll();
  for (const { transcript, lines, equal, explained } of outcomes)
    t.diagnostic(`${transcript}: ${equal} of ${lines} lines equal, ${explained.length} explained`);
  const total = totalOf(outcomes);
  t.diagnostic(`all: ${total.equal} of ${total.lines} lines equal (${percent(total)} %)`);
  const wrong = outcomes.flatMap(({ transcript, unexplained, vanished }) => [
    ...unexplained.map((difference) => ({ transcript, ...difference })),
    ...vanished.map(({ kernel, ours }) => ({ transcript, kernel, ours, problem: 'expected, and not there' })),
  ]);
  assert.deepEqual(wrong, []);
  assert.ok(total.equal * 100 >= total.lines * GOAL, `${percent(total)} % of the lines are equal`);
  if (existsSync(page))
    assert.equal(readFileSync(page, 'utf8'), transcriptsPage(outcomes), 'not fresh: run npm run docs');
});
