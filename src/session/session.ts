/**
 * A session: the emulated kernel with its cameras, which come and go, and the processes that it serves. It is their
 * ancestor, as it must be to read their memory (decision 2); so whoever wants a program to have its cameras has it started
 * by the session. `usercam run` is a session with one command.
 *
 * A session starts one launcher, which wears the filter, and whose children are the commands; their calls come through the
 * one listener that the door serves. {@link Session.launch} is called once by `usercam run`, and for each of its commands by a
 * session in the background (`host/`), which starts them for others, with what those have sent of theirs.
 */
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import {
  AF_UNIX,
  PR_SET_CHILD_SUBREAPER,
  RLIMIT_CPU,
  RLIMIT_FSIZE,
  RLIMIT_NOFILE,
  SOCK_CLOEXEC,
  SOCK_STREAM,
} from '../linux/constants.ts';
import { close, prctl } from '../linux/libc.ts';
import { hardLimit, setSoftLimit } from '../linux/limits.ts';
import { lockOf, removeOwnDirectory } from '../linux/own-directory.ts';
import { sendDescriptors, socketPair } from '../linux/pass-fd.ts';
import { childrenOf, descendants, hasEnded } from '../linux/proc-fs.ts';
import {
  type Addressee,
  type LauncherMessage,
  type LaunchOrder,
  makeShadowRoot,
  reservedRange,
} from '../syscalls/index.ts';
import type { TraceGroup, TraceRecord } from '../trace/index.ts';
import type { FirstNodes } from './camera-nodes.ts';
import { prepareFile } from './driver-sources.ts';
import { Kernel, SessionError } from './kernel.ts';
import { type FoundBy, Launcher } from './launcher-process.ts';
import type { Answered, CameraInfo, Configuration, Given, KernelCalls } from './protocol.ts';

export interface SessionOptions {
  /** Specifications of the first cameras, in the order of their numbers. */
  readonly cameras: readonly string[];
  /** Where first cameras are described, beside those. */
  readonly configuration?: Configuration | undefined;
  /** Take the place of cameras that the host has. */
  readonly replace: boolean;
  /** Report what programs do. */
  readonly verbose: boolean;
  /** Count what programs do, so that it can be asked for and waited for. */
  readonly counts?: boolean;
  /** Load a driver or the configuration anew when a file is saved that it came from. */
  readonly watch: boolean;
  /** What is traced; nothing if empty. */
  readonly trace: readonly TraceGroup[];
  /** How many descriptors a program may have; null if it is not known. */
  readonly descriptorLimit: number | null;
  /** Descriptors above the standard streams that the commands shall have. */
  readonly inherited: readonly number[];
  /** Where somebody finds it; {@link Session.end} is told to remove that. */
  readonly foundBy?: FoundBy;
}

export interface SessionEvents {
  /** Something to be told to the user: a sentence. */
  readonly report: (text: string) => void;
  /** What was traced, in order. */
  readonly trace: (records: readonly TraceRecord[]) => void;
  /** How a command fares. */
  readonly command: (message: LauncherMessage) => void;
  /** The kernel or the launcher has ended, by nobody's wish; the session can only be ended. May come more than once. */
  readonly lost: (what: string, error: Error) => void;
}

/** What only whoever starts a command knows of it; the rest is the same for all. */
export type CommandOrder = Pick<LaunchOrder, 'command' | 'environment' | 'ignored' | 'blocked' | 'closed'>;

/** What somebody else has sent for his command: descriptors, which stay the caller's. */
export interface SentOrder {
  /** The current directory. */
  readonly directory: number;
  /** Descriptors of ours, by the numbers that the command shall have them under. */
  readonly descriptors: ReadonlyMap<number, number>;
  readonly umask: number;
  /** How many descriptors it may have; null if that is not known. */
  readonly descriptorLimit: number | null;
}

/** What a session takes from the system, which may be denied. */
interface Place {
  readonly root: string;
  readonly launcherSockets: readonly [number, number];
  readonly descriptorSockets: readonly [number, number];
  readonly wakeUpSockets: readonly [number, number];
}

/** What a command left running gets this long to open a camera, then to end by itself, before it is killed. */
const LINGER_MS = 1000;
const TERM_MS = 2000;
const LOOK_MS = 20;
/** Of a mode, what is the owner's. */
const OWNERS_BITS = 0o700;
/** How many descriptors a program may usually have. */
const USUAL_LIMIT = 1024;

/** The numbers of such nodes below this one belong to devices of the host, which must not be hidden. */
function firstFreeNode(kind: keyof FirstNodes): number {
  let names: string[];
  try {
    names = readdirSync('/dev');
  } catch {
    return 0;
  }
  const numbers = names.map((name) =>
    name.startsWith(kind) ? Number(/^\d+$/.exec(name.slice(kind.length)) ?? -1) : -1,
  );
  return Math.max(-1, ...numbers) + 1;
}

function newSocketPair(): [number, number] {
  const pair = socketPair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC);
  if (pair === undefined) throw new SessionError('cannot make a socket pair; raise ulimit -n');
  return pair;
}

function takePlace(): Place {
  const [launcherSockets, descriptorSockets, wakeUpSockets] = [
    newSocketPair(),
    newSocketPair(),
    newSocketPair(),
  ];
  return { root: makeShadowRoot(), launcherSockets, descriptorSockets, wakeUpSockets };
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended in the meantime.
  }
}

export class Session {
  /** Number of the first video node; those below it are the host's. */
  readonly firstNode: number;
  /** Settles with the nodes of the first cameras; rejects with a SessionError if they cannot be. */
  readonly ready: Promise<readonly string[]>;
  readonly #options: SessionOptions;
  readonly #events: SessionEvents;
  readonly #root: string;
  readonly #range: readonly [number, number];
  readonly #launcher: Launcher;
  readonly #kernel: Kernel;
  /** Children that this process had before it was a session: a shell that has become usercam leaves it its own. */
  readonly #elders: ReadonlySet<number>;
  /** By which descriptors go to the launcher. */
  readonly #descriptors: number;
  /** Why files that were saved are not loaded as they are now, by the files. */
  readonly #troubles = new Map<string, string>();
  #commands = 0;
  #isEnding = false;

  /**
   * Begins a session; from then on this process is its, and takes in whoever below it loses its parent. `worker` is what
   * `startKernel(programs)` gave. Throws an Error, whose message is a sentence for the user, if something is denied.
   */
  constructor(programs: URL, worker: Worker, options: SessionOptions, events: SessionEvents) {
    this.#options = options;
    this.#events = events;
    this.#elders = new Set(childrenOf(process.pid));
    const { root, launcherSockets, descriptorSockets, wakeUpSockets } = takePlace();
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    this.#root = root;
    const { first, last } = reservedRange(options.descriptorLimit ?? USUAL_LIMIT, hardLimit(RLIMIT_NOFILE));
    this.#range = [first, last];
    const { foundBy = { paths: [], lock: lockOf(root) } } = options;
    const [theirs, ours] = launcherSockets;
    const [descriptors, toLauncher] = descriptorSockets;
    this.#descriptors = toLauncher;
    this.#launcher = new Launcher(
      programs,
      options.inherited,
      { listener: theirs, descriptors, root, foundBy },
      {
        message: (message) => {
          // Who is killed at the end does not hear that from us.
          if (!this.#isEnding) events.command(message);
        },
        lost: (why) => {
          if (!this.#isEnding) events.lost('launcher', new Error(why));
        },
      },
    );
    for (const fd of [theirs, descriptors]) close(fd);
    // Commands have what was given; this process has to get into the directories that it makes, and works for all of them.
    process.umask(process.umask() & ~OWNERS_BITS);
    for (const resource of [RLIMIT_CPU, RLIMIT_FSIZE]) setSoftLimit(resource);
    const { cameras, configuration, verbose, counts = false, watch, trace } = options;
    const [wakeUp, asked] = wakeUpSockets;
    const firstNodes = options.replace
      ? { video: 0, media: 0 }
      : { video: firstFreeNode('video'), media: firstFreeNode('media') };
    this.firstNode = firstNodes.video;
    const range = this.#range;
    const config = {
      cameras,
      configuration,
      verbose,
      counts,
      watch,
      firstNodes,
      root,
      range,
      launcher: ours,
      wakeUp: asked,
      trace,
    };
    this.#kernel = new Kernel(worker, config, wakeUp, {
      report: events.report,
      trace: events.trace,
      saved: (file, path) => this.#reload(file, path),
      failed: (error) => events.lost('emulated kernel', error),
    });
    this.ready = this.#kernel.ready;
  }

  /**
   * Starts a command, when the cameras are there, with what this process has or what was `sent` for it; gives its number.
   * {@link SessionEvents.command} tells what becomes of it.
   */
  launch(order: CommandOrder, sent?: SentOrder): number {
    const { inherited } = this.#options;
    const { command, environment, ignored, blocked, closed = [] } = order;
    const id = this.#commands++;
    const all = { inherited, range: this.#range };
    const { descriptorLimit, ...rest } = this.#send(sent);
    const complete = { command, environment, ignored, blocked, closed, descriptorLimit, ...all, ...rest };
    this.#launcher.ask({ kind: 'launch', id, order: complete });
    return id;
  }

  /** The descriptors go before the order. */
  #send(sent: SentOrder | undefined): Pick<LaunchOrder, 'descriptorLimit' | 'sent'> {
    if (sent === undefined) return { descriptorLimit: this.#options.descriptorLimit };
    const { directory, descriptors, umask, descriptorLimit } = sent;
    sendDescriptors(this.#descriptors, [directory, ...descriptors.values()], 0);
    return { descriptorLimit, sent: { descriptors: [...descriptors.keys()], umask } };
  }

  /** Sends a signal to command `id`, when it has been started. */
  signal(signal: number, id: number, to: Addressee): void {
    this.#launcher.ask({ kind: 'signal', id, signal, to });
  }

  /**
   * Plugs in the camera that `spec` describes (`vivi,size=640x480`), while programs run; gives its nodes, of which most
   * cameras have one. Rejects with a SessionError if that cannot be.
   */
  add(spec: string): Promise<readonly string[]> {
    return this.#kernel.ask('add', spec);
  }

  /**
   * Unplugs the camera that has this node, with all its nodes: names are gone at once, and who has it open is told so
   * (ENODEV). Rejects with a SessionError if there is none.
   */
  remove(node: string): Promise<void> {
    return this.#kernel.ask('remove', node);
  }

  /** Tells programs that listen for events of devices that the camera with this node has changed, as `udevadm trigger` does. */
  change(node: string): Promise<void> {
    return this.#kernel.ask('change', node);
  }

  /** Asks anything of the emulated kernel. Rejects with a SessionError if it cannot be. */
  ask<K extends keyof KernelCalls>(call: K, given: Given<K>): Promise<Answered<K>> {
    return this.#kernel.ask(call, given);
  }

  /** The cameras that there are. */
  cameras(): Promise<readonly CameraInfo[]> {
    return this.#kernel.ask('cameras', undefined);
  }

  /** Why drivers and the configuration are not as in their files, as was reported. */
  get troubles(): readonly string[] {
    return [...this.#troubles.values()];
  }

  /** How many files programs have open, of cameras that have gone too. */
  openFiles(): Promise<number> {
    return this.#kernel.ask('openFiles', undefined);
  }

  /**
   * After a command has ended: settles when what it left behind has ended too, which may go on while it uses a camera, and
   * as long as nobody `isImpatient`. Whoever does not end when asked to is left for {@link end}.
   */
  async waitForRest(isImpatient: () => boolean): Promise<void> {
    let lastUse = performance.now();
    let terminated = 0;
    for (;;) {
      // All of it is below the launcher. What is not makes frames for cameras, and ends with those who look.
      const rest = descendants(this.#launcher.pid).filter((pid) => !hasEnded(pid));
      if (rest.length === 0) return;
      // If nobody is left who could tell, nobody is served either.
      const openFiles = await this.openFiles().catch(() => 0);
      const now = performance.now();
      if (openFiles > 0) lastUse = now;
      if (terminated > 0 && now - terminated > TERM_MS) return;
      if (terminated === 0 && (isImpatient() || now - lastUse > LINGER_MS)) {
        if (this.#options.verbose)
          this.#events.report(`ending ${rest.length} process(es) that the command left behind`);
        for (const pid of rest) kill(pid, 'SIGTERM');
        terminated = now;
      }
      await sleep(LOOK_MS);
    }
  }

  /**
   * Ends what is left of the tree, then the kernel; `hide` removes what it is found by. The launcher is the last to end: if this
   * process is killed meanwhile it does the rest. Settles when nothing is left.
   */
  async end(hide = () => {}): Promise<void> {
    this.#isEnding = true;
    await this.#endAllBut(this.#launcher.pid);
    await this.#kernel.end();
    this.#removeRoot();
    hide();
    await this.#endAllBut();
    this.#launcher.end();
  }

  /** Nobody is left who could write there; what the command has done to the directories above stays so. */
  #removeRoot(): void {
    try {
      removeOwnDirectory(this.#root);
    } catch (error) {
      this.#events.report(`${this.#root} is left behind: ${(error as Error).message}`);
    }
  }

  /** Settles when nobody of the session is left below this process, but `spared`. */
  async #endAllBut(spared?: number): Promise<void> {
    for (let left = this.#rest(spared); left.length > 0; left = this.#rest(spared)) {
      for (const pid of left) kill(pid, 'SIGKILL');
      await sleep(1);
    }
  }

  #rest(spared: number | undefined): readonly number[] {
    const elders = childrenOf(process.pid).filter((pid) => this.#elders.has(pid));
    const others = new Set(elders.flatMap((elder) => [elder, ...descendants(elder)]));
    return descendants(process.pid).filter((pid) => pid !== spared && !others.has(pid) && !hasEnded(pid));
  }

  /** What `file` was loaded from, a driver or the configuration, has been saved: its cameras follow, if it can be loaded. */
  async #reload(file: string, path: string): Promise<void> {
    try {
      const saved = await prepareFile(path);
      const news = saved && (await this.#kernel.ask('reload', { file, saved }));
      this.#troubles.delete(file);
      if (news !== undefined) this.#events.report(`${file} is loaded anew: ${news}`);
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      if (this.#isEnding) return;
      const trouble = `${error.message.replace(/\.$/, '')}; its cameras stay as they were`;
      this.#troubles.set(file, trouble);
      this.#events.report(trouble);
    }
  }
}
