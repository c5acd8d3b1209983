/**
 * `usercam run`: a session with one command. The process that the user started stands in the command's place: what is
 * sent to it goes to the command, and it stops and ends as the command does.
 */
import type { Worker } from 'node:worker_threads';
import { saysOutOfDescriptors, TOO_FEW_DESCRIPTORS } from '../base/too-few-descriptors.ts';
import type { Given } from '../session/given.ts';
import { closedStreams } from '../session/given-descriptors.ts';
import { handOver } from '../session/hand-over.ts';
import { environmentFor, givenCommand, reap } from '../session/inheritance.ts';
import { firstTrouble } from '../session/requirements.ts';
import { Session, type SessionEvents } from '../session/session.ts';
import { DEVICES_VARIABLE, type LauncherMessage } from '../syscalls/index.ts';
import { refuse } from './described-cameras.ts';
import { end, endBy, endsByDefault, forwardSignals, stopAs } from './job.ts';
import { say } from './messages.ts';
import { type ChosenTrace, openTrace } from './trace-options.ts';
import type { TraceOutput } from './trace-output.ts';

export interface RunOptions extends ChosenTrace {
  /** How many arguments of this process are the command and its arguments. */
  readonly words: number;
  /** Specifications of the cameras, in the order of their numbers. */
  readonly cameras: readonly string[];
  /** The configuration that describes them instead; undefined if there is none. */
  readonly configuration: string | undefined;
  /** Take the place of cameras that the host has. */
  readonly replace: boolean;
  readonly verbose: boolean;
  /** Load drivers and the configuration anew when their files are saved. */
  readonly watch: boolean;
  /** What the user should have typed, if there is no such program. */
  readonly mend: string | undefined;
}

/** What was begun before the command line was read. */
export interface Begun {
  /** The directory of the programs of usercam. */
  readonly programs: URL;
  /** Where the emulated kernel is going to run; undefined if no thread could be started. */
  readonly worker: Worker | undefined;
  /** Of what it has ended meanwhile, if it has. */
  readonly failure: () => Error | undefined;
  readonly given: Given;
  /** Takes the signals that came meanwhile; from then on it is the caller who hears of them. */
  readonly early: () => readonly number[];
  /** Descriptors above the standard streams that the user gave to this process and it still has: the command gets them, and no other. */
  readonly inherited: () => readonly number[];
}

/** The kernel or the launcher was lost: neither the command's doing nor its exit code. */
const EXIT_LOST = 125;
const EXIT_USAGE = 2;
const EXIT_NOT_FOUND = 127;

class Run {
  readonly #options: RunOptions;
  readonly #begun: Begun;
  readonly #trace: TraceOutput;
  readonly #session: Session;
  #command: number | undefined;
  #isLaunched = false;
  #commandEnded = false;
  /** Somebody asked to end what the command left behind. */
  #impatient = false;
  #isEnding = false;

  /** Throws an Error with a sentence for the user if a session is denied. */
  constructor(options: RunOptions, begun: Begun, worker: Worker, trace: TraceOutput) {
    this.#options = options;
    this.#begun = begun;
    this.#trace = trace;
    const { given, programs } = begun;
    const inherited = begun.inherited();
    const { descriptorLimit } = given;
    const events = {
      report: say,
      trace: (records) => trace.add(records),
      command: (message) => this.#hear(message),
      lost: (what, error) => this.#lost(what, error),
    } satisfies SessionEvents;
    this.#session = new Session(programs, worker, { ...options, descriptorLimit, inherited }, events);
    this.#session.ready.then(
      (nodes) => this.#launch(nodes),
      (error: Error) => this.#refuse(error.message, EXIT_USAGE),
    );
    forwardSignals(
      () => this.#command,
      (signal) => this.#deliver(signal),
    );
    for (const signal of begun.early()) this.#deliver(signal);
  }

  /** The cameras are there: the command may start. */
  #launch(nodes: readonly string[]): void {
    if (this.#isEnding) return;
    this.#isLaunched = true;
    const { given } = this.#begun;
    this.#session.launch({
      command: givenCommand(this.#options.words),
      environment: environmentFor(given, { [DEVICES_VARIABLE]: nodes.join(' ') }),
      ignored: given.ignored,
      blocked: given.blocked,
      closed: closedStreams(given.open),
    });
  }

  #hear(message: LauncherMessage): void {
    if (message.kind === 'started') this.#started(message.pid);
    else if (message.kind === 'refused') this.#refuse(this.#mended(message), message.code);
    else if (message.kind === 'stopped') stopAs(message.signal);
    else if (message.kind === 'exited') this.#ended(() => end(message.code));
    else this.#ended(() => endBy(message.signal));
  }

  #mended({ text, code }: { readonly text: string; readonly code: number }): string {
    const { mend } = this.#options;
    return code === EXIT_NOT_FOUND && mend !== undefined ? `${text}; ${mend}` : text;
  }

  #started(command: number): void {
    this.#command = command;
    handOver(this.#begun.inherited());
    const { firstNode } = this.#session;
    // A program that opens the first camera gets the host's: the user should know.
    if (firstNode === 0) return;
    say(`the host has /dev/video${firstNode - 1}; the first camera of usercam is /dev/video${firstNode}`);
  }

  #deliver(signal: number): void {
    const { ignored, blocked } = this.#begun.given;
    if (this.#commandEnded) this.#impatient = true;
    else if (this.#isLaunched || blocked.includes(signal))
      this.#session.signal(signal, 0, 'command of the job');
    // What the command would do that does not run yet.
    else if (!ignored.includes(signal) && endsByDefault(signal)) this.#finish(() => endBy(signal));
  }

  #refuse(text: string, code: number): void {
    if (this.#isEnding) return;
    say(text);
    this.#finish(() => end(code));
  }

  #lost(what: string, error: Error): void {
    if (this.#isEnding) return;
    const why = (this.#options.verbose && what !== 'launcher' && error.stack) || error.message;
    if (this.#command === undefined) {
      const text = saysOutOfDescriptors(why) ? TOO_FEW_DESCRIPTORS : `the ${what} cannot start: ${why}`;
      this.#refuse(text, EXIT_USAGE);
      return;
    }
    say(`the ${what} ended (${why}); everything it served is ended too`);
    this.#finish(() => end(EXIT_LOST));
  }

  async #ended(endLikeIt: () => never): Promise<void> {
    this.#commandEnded = true;
    await this.#session.waitForRest(() => this.#impatient);
    this.#finish(endLikeIt);
  }

  async #finish(endProcess: () => never): Promise<void> {
    if (this.#isEnding) return;
    this.#isEnding = true;
    await this.#session.end();
    await this.#trace.finish();
    endProcess();
  }
}

/** Runs the command of `options`; this process ends with it. */
export function run(options: RunOptions, begun: Begun): void {
  const { worker, failure, given } = begun;
  const trouble = firstTrouble() ?? failure()?.message;
  if (trouble !== undefined || worker === undefined)
    refuse(trouble ?? 'no thread can be started; raise ulimit -u');
  reap(given);
  const trace = openTrace(options);
  try {
    new Run(options, begun, worker, trace);
  } catch (error) {
    refuse((error as Error).message);
  }
}
