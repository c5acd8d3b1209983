/** Reads what v4l2-compliance says. */
import assert from 'node:assert/strict';

export interface Outcome {
  readonly total: number;
  /** Names of the tests that did not pass or warned. */
  readonly notable: readonly string[];
  /** The lines that say why. */
  readonly lines: readonly string[];
}

const verdict = /^\s*(?:test )?(.+): (OK|FAIL)\b/;
/** One for each device, and of several one for all of them at the end. */
const totals = /^(?:Grand )?Total for .*: (\d+), Succeeded: (\d+), Failed: (\d+), Warnings: (\d+)$/;
/** It may come after what is said of the frame that it is about. */
const complaint = /(?:^|\t)(warn|fail): .*$/;
const lostFrames = /: got sequence number (\d+), expected (\d+)$/;

/** True if the line says that a frame was left out, as one for which no buffer is queued is. */
function isLoss(line: string): boolean {
  const [, got, expected] = lostFrames.exec(line) ?? [];
  return Number(got) > Number(expected);
}

/** `paced`: the camera has a rate, so that frames may be lost. */
export function outcomeOf(text: string, paced: boolean): Outcome {
  const notable = new Set<string>();
  const lines: string[] = [];
  const counted = { FAIL: 0, OK: 0 };
  let warnings = 0;
  let pending = 0;
  let total: readonly number[] = [];
  for (const line of text.split(/[\r\n]+/)) {
    const [words, kind] = complaint.exec(line) ?? [];
    if (words !== undefined) {
      lines.push(words.trim());
      if (kind === 'warn') warnings++;
      if (!(paced && isLoss(line))) pending++;
      continue;
    }
    total = totals.exec(line)?.slice(1).map(Number) ?? total;
    const [, name = '', result] = verdict.exec(line) ?? [];
    if (result === undefined) continue;
    counted[result as 'OK' | 'FAIL']++;
    if (result === 'FAIL' || pending > 0) notable.add(name);
    pending = 0;
  }
  assert.equal(total.length, 4, `v4l2-compliance did not come to its end:\n${text.slice(-2000)}`);
  const [all = 0, succeeded, failed, warned] = total;
  // What is read here is what v4l2-compliance counts itself.
  assert.deepEqual([counted.OK, counted.FAIL, warnings], [succeeded, failed, warned], text.slice(-2000));
  return { total: all, notable: [...notable].sort(), lines };
}
