/** Makes a failing walk shorter: whatever can be left out is left out. */
import type { Step } from './steps.ts';
import { walk } from './walk.ts';

export interface Shrunk {
  readonly steps: readonly Step[];
  readonly message: string;
}

async function failureOf(steps: readonly Step[]): Promise<string | undefined> {
  try {
    await walk(steps);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** What went wrong, whoever it was with: another fault is no shorter way to this one. */
const kindOf = (message: string): string => (message.split('\n').at(-1) ?? '').replaceAll(/\d+/g, 'N');

/** Leaves out parts of `steps`, large ones first, as long as the walk fails and for `limit` ms. */
export async function shrink(steps: readonly Step[], message: string, limit: number): Promise<Shrunk> {
  const last = performance.now() + limit;
  let shrunk: Shrunk = { steps, message };
  for (let size = Math.ceil(steps.length / 2); size >= 1; size = size > 1 ? Math.ceil(size / 2) : 0)
    for (let at = shrunk.steps.length - size; at > -size; at -= size) {
      if (performance.now() > last) return shrunk;
      const rest = shrunk.steps.filter((_, i) => i < at || i >= at + size);
      const failure = rest.length < shrunk.steps.length ? await failureOf(rest) : undefined;
      if (failure !== undefined && kindOf(failure) === kindOf(message))
        shrunk = { steps: rest, message: failure };
    }
  return shrunk;
}
