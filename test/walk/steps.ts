/** What a step of the walk is: a kind, and a number from which everything else about it follows. */
import { type Model, type OpenFile, type Process, type Thread, tablesOf } from './model.ts';
import type { Actor, Reply, Stage } from './stage.ts';

export type Step = readonly [kind: string, seed: number];

export interface World {
  readonly stage: Stage;
  readonly model: Model;
  /** The puppet that has no camera: the parent of all others, who also asks whether a camera is free. */
  readonly root: Actor;
  newName(): string;
}

/** How a step gets on with another one that is carried out at the same moment. */
export type Mix = 'looks' | 'adds' | 'sends' | 'forks';

/** A step in the state that the model has now. */
export interface Plan {
  readonly text: string;
  readonly mix?: Mix;
  readonly process: Process | undefined;
  readonly thread?: Thread;
  /** What `thread` is told; without it everything happens in `apply`. */
  readonly command?: string;
  /** Compares the answer with the model, and brings the model up to date. */
  apply(reply: Reply): void | Promise<void>;
}

/** A kind of step; undefined if there is nothing to do it with. */
export type Kind = (world: World, random: Random) => Plan | undefined;

/** The numbers that follow from a seed. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A number from 0 to `end` - 1. */
  below(end: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % end;
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  of<T>(choices: readonly T[]): T | undefined {
    return choices.length === 0 ? undefined : choices[this.below(choices.length)];
  }
}

export class WrongAnswer extends Error {}

export function expect(what: string, got: unknown, ...allowed: readonly unknown[]): void {
  if (!allowed.includes(got)) throw new WrongAnswer(`${what} is ${got}, not ${allowed.join(' or ')}`);
}

/** A thread that is awake. */
export function somebody({ model }: World, random: Random): { process: Process; thread: Thread } | undefined {
  const process = random.of(model.processes.filter(({ awake }) => awake.length > 0));
  const thread = process && random.of(process.awake);
  return process && thread && { process, thread };
}

export interface Holder {
  readonly process: Process;
  readonly thread: Thread;
  readonly fd: number;
  readonly file: OpenFile;
}

/** A thread that is awake and a descriptor of its table, of a file that is `wanted`. */
export function holder(
  { model }: World,
  random: Random,
  wanted: (file: OpenFile) => boolean = () => true,
): Holder | undefined {
  const all = model.processes.flatMap((process) =>
    tablesOf(process.awake).flatMap((table) =>
      [...table.fds].map(([fd, { file }]) => ({ process, table, fd, file })),
    ),
  );
  const chosen = random.of(all.filter(({ file }) => wanted(file)));
  if (chosen === undefined) return undefined;
  const { table, ...rest } = chosen;
  const thread = random.of(chosen.process.awake.filter((each) => each.table === table));
  return thread && { ...rest, thread };
}
