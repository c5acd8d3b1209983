/**
 * How long an answer is awaited. Whether somebody hangs can only be told by time, but not by that of a machine whose
 * processors are wanted by others: there a second counts for a tenth.
 */
import { readFileSync } from 'node:fs';
import { slowness } from '../support/needs.ts';

/** Whoever has not answered by then hangs. */
const PATIENCE_SECONDS = 20 * slowness;
const OF_A_LOADED_SECOND = 0.1;
/** A second is loaded if somebody waited for a processor in so many microseconds of it. */
const LOADED_US = 300_000;

/** Microseconds since the start of the machine in which somebody waited for a processor; 0 where that is not counted. */
function stalled(): number {
  try {
    return Number(/^some .* total=(\d+)/.exec(readFileSync('/proc/pressure/cpu', 'latin1'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** Those who wait, and the seconds that they still do. */
const waiting = new Map<object, { seconds: number; readonly giveUp: () => void }>();
let before = 0;
let ticker: NodeJS.Timeout | undefined;

function tick(): void {
  const now = stalled();
  const passed = now - before > LOADED_US ? OF_A_LOADED_SECOND : 1;
  before = now;
  for (const [key, one] of waiting) {
    one.seconds -= passed;
    if (one.seconds > 0) continue;
    waiting.delete(key);
    one.giveUp();
  }
  if (waiting.size > 0) return;
  clearInterval(ticker);
  ticker = undefined;
}

/** Calls `giveUp` when patience is at its end, unless what is returned is called before. */
export function patience(giveUp: () => void): () => void {
  if (ticker === undefined) {
    before = stalled();
    ticker = setInterval(tick, 1000).unref();
  }
  const key = {};
  waiting.set(key, { seconds: PATIENCE_SECONDS, giveUp });
  return () => waiting.delete(key);
}
