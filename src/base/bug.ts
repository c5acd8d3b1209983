/**
 * Reports of bugs in drivers, the kernel's WARN(). A driver's mistake never reaches the client: it is
 * named, counted and printed here, and the framework repairs what it can. Tests fail on any report that
 * they did not expect.
 */
import { EIO, Errno } from './errno.ts';

export type BugListener = (report: string) => void;

/** The one thing that is asked of the surroundings: every JavaScript engine has it. */
declare const console: { error(text: string): void };

const MOST_WORDS = 200;

let count = 0;
// Who uses the framework as a library and listens to nothing must not miss what its driver does wrong.
let listener: BugListener = (report) => console.error(`driver bug: ${report}`);

/** Says what the driver did, which it must not do, and (where it helps) what it should do instead. */
export function driverBug(report: string): void {
  count++;
  listener(report);
}

/** Any value in words, of a few characters. Nobody who has to tell of one can do so if that throws. */
function valueInWords(value: unknown): string {
  try {
    const words = String(value);
    const isSilent = typeof value === 'object' && words.startsWith('[object ');
    return (isSilent ? JSON.stringify(value) : words).slice(0, MOST_WORDS);
  } catch {
    return `a value of the type ${typeof value}`;
  }
}

/** What anything that can be thrown says, without its stack. */
export function sayThrown(thrown: unknown): string {
  // Only an Error knows where it was thrown.
  if (!(thrown instanceof Error))
    return `${valueInWords(thrown)}, which is no Error, and so nobody knows where: throw new Error('…')`;
  try {
    return String(thrown);
  } catch {
    return thrown.constructor.name;
  }
}

/** The text of anything that can be thrown, with its stack if it has one. */
export function describeThrown(thrown: unknown): string {
  try {
    if (thrown instanceof Error && typeof thrown.stack === 'string') return thrown.stack;
  } catch {
    // Its stack is a program of somebody's, which throws in its turn.
  }
  return sayThrown(thrown);
}

/** The same as an Error. */
export const errorOf = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(sayThrown(thrown));

/**
 * What a program is told when something that may fail, named by `where`, threw: an `Errno` is the answer; anything
 * else is a bug of the driver, and `code` the answer.
 */
export function answerFor(thrown: unknown, where: string, code = EIO): Errno {
  if (thrown instanceof Errno) return thrown;
  driverBug(`${where} threw what is not an Errno: ${describeThrown(thrown)}`);
  return new Errno(code, `${where} failed`);
}

/** Reports of this process so far. */
export function driverBugCount(): number {
  return count;
}

/** Where reports go from now on; gives back the listener that had them before. */
export function onDriverBug(next: BugListener): BugListener {
  const before = listener;
  listener = next;
  return before;
}
