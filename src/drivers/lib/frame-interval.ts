/** The time from frame to frame: what a camera can make, what it lists, and what a program gets that asks for another. */

/** Seconds from one frame to the next, as a fraction (`struct v4l2_fract`). Neither part is 0. */
export interface TimePerFrame {
  readonly numerator: number;
  readonly denominator: number;
}

/** What can be set, beyond what is listed. */
export interface IntervalLimits {
  readonly shortest: TimePerFrame;
  readonly longest: TimePerFrame;
}

/** What people expect of a camera, from short to long. */
const usualIntervals: readonly TimePerFrame[] = [120, 60, 50, 30, 25, 24, 15, 10, 5, 1].map(
  (denominator) => ({ numerator: 1, denominator }),
);

/** Negative if `a` is shorter than `b`, 0 if they are the same. Exact: both products are below 2^53 here. */
export function compareIntervals(a: TimePerFrame, b: TimePerFrame): number {
  return a.numerator * b.denominator - b.numerator * a.denominator;
}

/** The intervals to list, from short to long, for a camera that was made with `interval`. */
export function intervalsWith(interval: TimePerFrame): readonly TimePerFrame[] {
  if (usualIntervals.some((listed) => compareIntervals(listed, interval) === 0)) return usualIntervals;
  return [...usualIntervals, interval].sort(compareIntervals);
}

/** The interval to use when `wanted` is asked for; `fallback` when nothing in particular is. */
export function nearestInterval(
  wanted: TimePerFrame,
  { shortest, longest }: IntervalLimits,
  fallback: TimePerFrame,
): TimePerFrame {
  const { numerator, denominator } = wanted;
  if (numerator === 0 || denominator === 0) return fallback;
  if (compareIntervals(wanted, shortest) < 0) return shortest;
  if (compareIntervals(wanted, longest) > 0) return longest;
  return { numerator, denominator };
}

/** Writes an interval into a struct of a program. */
export function fillFraction(
  target: { numerator: number; denominator: number },
  { numerator, denominator }: TimePerFrame,
): void {
  target.numerator = numerator;
  target.denominator = denominator;
}
