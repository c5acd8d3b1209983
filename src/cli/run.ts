/**
 * `usercam run`: the process that the user started, ancestor of everything that is served (so that it may read its
 * memory) and home of the emulated kernel. It starts the launcher, which starts the command, and ends as the command
 * ends; what the command leaves behind may go on while it uses a camera.
 */
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { PR_SET_CHILD_SUBREAPER } from '../linux/constants.ts';
import { close, prctl } from '../linux/libc.ts';
import { descendants, isZombie } from '../linux/proc-fs.ts';
import {
  DEVICES_VARIABLE,
  type LauncherMessage,
  makeShadowRoot,
  removeShadowRoot,
  reservedRange,
} from '../syscalls/index.ts';
import type { TraceGroup } from '../trace/index.ts';
import type { Given } from '../session/given.ts';
import { environmentFor, givenCommand, reap } from '../session/inheritance.ts';
import { end, endBy, forwardSignals, stopAs } from './job.ts';
import { Kernel, newSocketPair } from '../session/kernel.ts';
import { Launcher } from '../session/launcher-process.ts';
import { say } from './messages.ts';
import { firstTrouble } from '../session/requirements.ts';
import { TraceOutput } from './trace-output.ts';

export interface RunOptions {
  /** How many arguments of this process are the command and its arguments. */
  readonly words: number;
  /** Specifications of the cameras, in the order of their numbers. */
  readonly cameras: readonly string[];
  /** Take the place of cameras that the host has. */
  readonly replace: boolean;
  readonly verbose: boolean;
  /** What is traced; nothing if empty. */
  readonly trace: readonly TraceGroup[];
  /** The file that the trace goes to, instead of standard error. */
  readonly traceFile: string | undefined;
  /** What the user should have typed, if there is no such program. */
  readonly mend: string | undefined;
}

/** What was begun before the command line was read. */
export interface Begun {
  /** Where the emulated kernel is going to run; undefined if no thread could be started. */
  readonly worker: Worker | undefined;
  /** Of what it has ended meanwhile, if it has. */
  readonly failure: () => Error | undefined;
  readonly given: Given;
  /** Descriptors above the standard streams that the user gave to this process: the command gets them, and no other. */
  readonly inherited: readonly number[];
}

/** The kernel or the launcher was lost: neither the command's doing nor its exit code. */
const EXIT_LOST = 125;
const EXIT_USAGE = 2;
const EXIT_NOT_FOUND = 127;
/** What the command left running gets this long to open a camera, then to end by itself, before it is killed. */
const LINGER_MS = 1000;
const TERM_MS = 2000;
const LOOK_MS = 20;
/** How many descriptors a program may usually have. */
const USUAL_LIMIT = 1024;

/** The numbers below this one belong to cameras of the host, which must not be hidden. */
function firstFreeNode(): number {
  let names: string[];
  try {
    names = readdirSync('/dev');
  } catch {
    return 0;
  }
  return Math.max(-1, ...names.map((name) => Number(/^video(\d+)$/.exec(name)?.[1] ?? -1))) + 1;
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended in the meantime.
  }
}

class Run {
  readonly #options: RunOptions;
  readonly #root: string;
  readonly #begun: Begun;
  readonly #trace: TraceOutput;
  readonly #firstNode: number;
  readonly #range: readonly [number, number];
  readonly #launcher: Launcher;
  readonly #kernel: Kernel;
  #command: number | undefined;
  #commandEnded = false;
  /** Somebody asked to end what the command left behind. */
  #impatient = false;
  #isEnding = false;

  constructor(options: RunOptions, place: Place, begun: Begun, worker: Worker) {
    const { root, launcherSockets, wakeUpSockets, trace } = place;
    this.#trace = trace;
    this.#begun = begun;
    this.#options = options;
    this.#root = root;
    this.#firstNode = options.replace ? 0 : firstFreeNode();
    const { first, last } = reservedRange(begun.given.descriptorLimit ?? USUAL_LIMIT);
    this.#range = [first, last];
    const [theirs, ours] = launcherSockets;
    this.#launcher = new Launcher(begun.inherited, theirs, {
      message: (message) => this.#hear(message),
      lost: (why) => this.#lost('launcher', why),
    });
    close(theirs);
    const config = {
      cameras: options.cameras,
      verbose: options.verbose,
      firstNode: this.#firstNode,
      root,
      range: this.#range,
      launcher: ours,
      wakeUp: wakeUpSockets[1],
      trace: options.trace,
    };
    this.#kernel = new Kernel(worker, config, wakeUpSockets[0], {
      ready: (nodes) => this.#launch(nodes),
      refused: (text) => this.#refuse(text, EXIT_USAGE),
      report: say,
      trace: (records) => this.#trace.add(records),
      failed: (error) => this.#lost('emulated kernel', (options.verbose && error.stack) || error.message),
    });
    forwardSignals(
      () => this.#command,
      (signal) => this.#deliver(signal),
    );
  }

  /** The cameras are there: the command may start. */
  #launch(nodes: readonly string[]): void {
    const { given, inherited } = this.#begun;
    const { ignored, blocked, descriptorLimit } = given;
    const order = {
      command: givenCommand(this.#options.words),
      environment: environmentFor(given, { [DEVICES_VARIABLE]: nodes.join(' ') }),
      descriptorLimit,
      range: this.#range,
      inherited,
      ignored,
      blocked,
      root: this.#root,
    };
    this.#launcher.ask({ kind: 'launch', order });
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

  /** A program that opens the first camera gets the host's: the user should know. */
  #started(command: number): void {
    this.#command = command;
    if (this.#firstNode === 0) return;
    say(
      `the host has /dev/video${this.#firstNode - 1}; the first camera of usercam is /dev/video${this.#firstNode}`,
    );
  }

  #deliver(signal: number): void {
    if (this.#commandEnded) this.#impatient = true;
    else this.#launcher.ask({ kind: 'signal', signal });
  }

  #refuse(text: string, code: number): void {
    if (this.#isEnding) return;
    say(text);
    this.#finish(() => end(code));
  }

  #lost(what: string, why: string): void {
    if (this.#isEnding) return;
    if (this.#command === undefined) {
      this.#refuse(`the ${what} cannot start: ${why}`, EXIT_USAGE);
      return;
    }
    say(`the ${what} ended (${why}); everything it served is ended too`);
    this.#finish(() => end(EXIT_LOST));
  }

  async #ended(endLikeIt: () => never): Promise<void> {
    this.#commandEnded = true;
    await this.#waitForRest();
    this.#finish(endLikeIt);
  }

  #verbose(text: string): void {
    if (this.#options.verbose) say(text);
  }

  /** The command has ended: what it left behind may go on while it uses a camera. */
  async #waitForRest(): Promise<void> {
    let lastUse = performance.now();
    let terminated = 0;
    for (;;) {
      const rest = descendants(process.pid).filter((pid) => pid !== this.#launcher.pid && !isZombie(pid));
      if (rest.length === 0) return;
      this.#kernel.look();
      const now = performance.now();
      if (this.#kernel.openFiles > 0) lastUse = now;
      if (terminated > 0 && now - terminated > TERM_MS) return;
      if (terminated === 0 && (this.#impatient || now - lastUse > LINGER_MS)) {
        this.#verbose(`ending ${rest.length} process(es) that the command left behind`);
        for (const pid of rest) kill(pid, 'SIGTERM');
        terminated = now;
      }
      await sleep(LOOK_MS);
    }
  }

  /** Ends what is left of the tree, then the kernel, then this process. */
  async #finish(endProcess: () => never): Promise<void> {
    if (this.#isEnding) return;
    this.#isEnding = true;
    const rest = () => descendants(process.pid).filter((pid) => !isZombie(pid));
    for (const pid of rest()) kill(pid, 'SIGKILL');
    // It takes a process some time to die, and what it may still write some more.
    removeShadowRoot(this.#root);
    for (let left = rest(); left.length > 0; left = rest()) {
      for (const pid of left) kill(pid, 'SIGKILL');
      await sleep(1);
    }
    await this.#kernel.end();
    await this.#trace.finish();
    removeShadowRoot(this.#root);
    endProcess();
  }
}

/** What can be denied on a system that has all that is needed. */
interface Place {
  readonly root: string;
  readonly launcherSockets: readonly [number, number];
  readonly wakeUpSockets: readonly [number, number];
  readonly trace: TraceOutput;
}

function refuse(text: string): never {
  say(text);
  end(EXIT_USAGE);
}

/** Opened here, so that a command whose trace cannot be kept does not start. */
function openTrace(path: string | undefined): TraceOutput {
  try {
    return new TraceOutput(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    refuse(`--trace-file: cannot write ${path} (${code}); name a file in a directory of yours`);
  }
}

function takePlace(traceFile: string | undefined): Place {
  const trace = openTrace(traceFile);
  try {
    const [launcherSockets, wakeUpSockets] = [newSocketPair(), newSocketPair()];
    return { root: makeShadowRoot(), launcherSockets, wakeUpSockets, trace };
  } catch (error) {
    refuse((error as Error).message);
  }
}

/** Runs the command of `options`; this process ends with it. */
export function run(options: RunOptions, begun: Begun): void {
  const { worker, failure, given } = begun;
  const trouble = firstTrouble() ?? failure()?.message;
  if (trouble !== undefined || worker === undefined)
    refuse(trouble ?? 'no thread can be started; raise ulimit -u');
  reap(given);
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  new Run(options, takePlace(options.traceFile), begun, worker);
}
