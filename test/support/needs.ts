/** What a test needs, by the names of capabilities.ts: a test whose needs are not met is skipped and says so. */
import { type CapabilityName, findUsable, type Usable } from './capabilities.ts';

/** `test/run.mjs` finds it out once for all files. */
const told = process.env.USERCAM_TEST_USABLE;
const usable = told === undefined ? await findUsable() : (JSON.parse(told) as Usable);

export function isUsable(name: CapabilityName): boolean {
  return usable[name] !== undefined;
}

/** The path of a program that a test needs. */
export function programOf(name: CapabilityName): string {
  const program = usable[name];
  if (program === undefined) throw new Error(`not usable here: ${name}`);
  return program;
}

/** `test/needing.mjs` runs tests with nothing in sight but what they need: those that need exactly this. */
const exactly = process.env.USERCAM_TEST_EXACTLY;

function reasonToSkip(names: readonly CapabilityName[]): string | false {
  const needed = [...names].sort().join(', ');
  if (exactly !== undefined && needed !== exactly) return `runs elsewhere: ${needed}`;
  const absent = names.filter((name) => usable[name] === undefined).sort();
  // Where tests have to be complete nothing is skipped: what is missing is a failure then.
  if (absent.length === 0 || process.env.CI === 'true') return false;
  return `not usable here: ${absent.join(', ')}`;
}

/** An emulated processor takes so many times as long: so do the limits that end what hangs. */
export const slowness = Number(process.env.USERCAM_TEST_SLOWNESS ?? 1);

/** Tests are ended after so many seconds: then they hang. How long they take is no matter of right or wrong. */
const HANG_SECONDS = 300;

/** Options of a test that needs all of `names`. */
export function needs(
  names: readonly CapabilityName[],
  seconds = HANG_SECONDS,
): { timeout: number; skip: string | false } {
  return { timeout: Math.max(seconds, HANG_SECONDS) * 1000 * slowness, skip: reasonToSkip(names) };
}
