/** Which differences between a transcript and what was said here have a reason. */
import { compareLines, type Difference } from './compare.ts';
import type { Expectation } from './expectations.ts';

export interface Verdict {
  /** Lines of the kernel's. */
  readonly lines: number;
  readonly equal: number;
  readonly explained: readonly { readonly difference: Difference; readonly reason: string }[];
  readonly unexplained: readonly Difference[];
  /** Differences that were expected and are not there. */
  readonly vanished: readonly Expectation[];
}

const matches = (expected: Expectation, { kernel, ours }: Difference): boolean =>
  expected.kernel === kernel &&
  (ours === undefined ? expected.ours === undefined : (expected.ours?.includes(ours) ?? false));

/** A difference that need not be there: what was expected has the kernel's own answer among others. */
const mayVanish = ({ kernel, ours = [] }: Expectation): boolean =>
  kernel !== undefined && ours.includes(kernel);

export function judge(
  kernel: readonly string[],
  ours: readonly string[],
  expected: readonly Expectation[],
): Verdict {
  const differences = compareLines(kernel, ours);
  const left = [...expected];
  const explained: { difference: Difference; reason: string }[] = [];
  const unexplained: Difference[] = [];
  for (const difference of differences) {
    const at = left.findIndex((each) => matches(each, difference));
    const [found] = at < 0 ? [] : left.splice(at, 1);
    if (found === undefined) unexplained.push(difference);
    else explained.push({ difference, reason: found.reason });
  }
  const vanished = left.filter((each) => !mayVanish(each));
  // What is equal in some runs only does not count as equal: the figure is the same in all.
  const sometimes = left.length - vanished.length;
  const different = differences.filter((each) => each.kernel !== undefined).length;
  return {
    lines: kernel.length,
    equal: kernel.length - different - sometimes,
    explained,
    unexplained,
    vanished,
  };
}
