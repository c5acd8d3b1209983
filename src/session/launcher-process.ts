/** Starts the launcher, which becomes the parent of the command, and talks to it. */
import type { Socket } from 'node:net';
import { constants } from 'node:os';
import { EAGAIN, EMFILE, errnoName } from '../base/errno.ts';
import { isOutOfDescriptors, TOO_FEW_DESCRIPTORS } from '../base/too-few-descriptors.ts';
import { AF_UNIX, F_DUPFD_CLOEXEC, SOCK_CLOEXEC, SOCK_STREAM } from '../linux/constants.ts';
import { close, fcntl, waitpid } from '../linux/libc.ts';
import { allocateNative } from '../linux/native-memory.ts';
import { socketPair } from '../linux/pass-fd.ts';
import { socketOf } from '../linux/socket-of.ts';
import { spawnProgram } from '../linux/spawn.ts';
import { type LauncherMessage, type LauncherRequest, lineReader } from '../syscalls/index.ts';
import { argumentsFor } from './compiled-program.ts';
import { keepAcrossExec } from './inheritance.ts';

/** The launcher's has little to do. */
const THREADPOOL_SIZE = 'UV_THREADPOOL_SIZE';
const NO_SIGNALS = { ignored: [], blocked: [] };

/** What a session is found by. It removes that itself; if it is killed, and cannot do it, the launcher does. */
export interface FoundBy {
  /** What ends with a slash goes only if it is empty. */
  readonly paths: readonly string[];
  /**
   * A descriptor of what is the last of that to go, but for empty directories: if it has no name any more, nothing is left to do.
   * It is open as long as there is somebody who may remove anything.
   */
  readonly lock: number;
}

export interface LauncherEvents {
  readonly message: (message: LauncherMessage) => void;
  /** The launcher has ended before the command; what it said at the end, or how it ended. */
  readonly lost: (why: string) => void;
}

export interface GivenToLauncher {
  /** The socket on which the kernel waits for the listener. */
  readonly listener: number;
  /** That on which descriptors for commands will come. */
  readonly descriptors: number;
  /** The directory of the device files, which goes with this process. */
  readonly root: string;
  readonly foundBy: FoundBy;
}

const bytesOf = (text: string): string => Buffer.from(text).toString('latin1');

/** The environment of this process, without orders to Node. */
function environment(): string[] {
  const ours = Object.entries(process.env).filter(([name]) => !name.startsWith('NODE_'));
  const all = { ...Object.fromEntries(ours), [THREADPOOL_SIZE]: '1' };
  return Object.entries(all).map(([name, value]) => bytesOf(`${name}=${value}`));
}

/** Starts a Node with `descriptors` as its first ones, beside those that are kept across exec. Gives the process, or the errno. */
function start(
  args: readonly string[],
  descriptors: ReadonlyMap<number, number>,
): number | { errno: number } {
  const above = Math.max(...descriptors.keys()) + 1;
  // Out of the way of each other.
  const aside = [...descriptors].map(([number, fd]) => [number, fcntl(fd, F_DUPFD_CLOEXEC, above)] as const);
  const hasAll = aside.every(([, fd]) => fd >= 0);
  const argv = [process.execPath, ...args].map(bytesOf);
  const program = { file: bytesOf(process.execPath), argv, environment: environment() };
  const started = hasAll
    ? spawnProgram(program, NO_SIGNALS, { descriptors: new Map(aside), ownGroup: false })
    : { errno: EMFILE };
  for (const [, fd] of aside) if (fd >= 0) close(fd);
  return 'pid' in started ? started.pid : started;
}

export class Launcher {
  /** 0 if it could not be started. */
  readonly pid: number;
  readonly #control: Socket | undefined;
  /** Its number may be somebody else's. */
  #isReaped = false;

  /** `inherited` are descriptors that it gets under their numbers, `programs` is as in {@link startKernel}. */
  constructor(programs: URL, inherited: readonly number[], given: GivenToLauncher, events: LauncherEvents) {
    keepAcrossExec(inherited);
    const pairs = [1, 2].map(() => socketPair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC));
    const [[ours, theirs] = [-1, -1], [complaints, itsErrors] = [-1, -1]] = pairs;
    const numbers = freeNumbers(inherited, 5);
    const own = [theirs, given.listener, given.descriptors, 2, given.foundBy.lock];
    // Until it has started what it says on standard error are complaints of Node's.
    const descriptors = new Map([
      ...[0, 1].map((fd) => [fd, fd] as const),
      [2, itsErrors],
      ...numbers.map((number, i) => [number, own[i] as number] as const),
    ]);
    const { root, foundBy } = given;
    const program = argumentsFor(programs, './launcher.js');
    const started = start([...program, ...numbers.map(String), root, ...foundBy.paths], descriptors);
    this.pid = typeof started === 'number' ? started : 0;
    for (const fd of [theirs, itsErrors]) if (fd >= 0) close(fd);
    if (typeof started !== 'number') {
      for (const fd of [ours, complaints]) if (fd >= 0) close(fd);
      setImmediate(() => events.lost(explain(started.errno)));
      return;
    }
    this.#control = socketOf(ours);
    this.#control.setEncoding('latin1').on('data', lineReader(events.message));
    this.#control.on('error', () => {});
    this.#watch(this.#control, socketOf(complaints), events.lost);
  }

  async #watch(control: Socket, complaints: Socket, lost: (why: string) => void): Promise<void> {
    let complaint = '';
    complaints.on('data', (data) => {
      complaint += data;
    });
    complaints.on('error', () => {});
    const isClosed = (socket: Socket) => new Promise((resolve) => socket.once('close', resolve));
    await Promise.all([control, complaints].map(isClosed));
    if (this.#isReaped) return;
    const how = this.#reap();
    lost(complaint.trim().split('\n')[0] || how);
  }

  ask(request: LauncherRequest): void {
    this.#control?.write(`${JSON.stringify(request)}\n`, 'latin1');
  }

  /** Ends it at once, if it has not ended, and reaps it: whoever becomes the parent of its remains may not do that. */
  end(): void {
    // The group of this process has the number 0.
    if (this.pid === 0 || this.#isReaped) return;
    process.kill(this.pid, 'SIGKILL');
    this.#reap();
  }

  /** How it has ended. */
  #reap(): string {
    this.#isReaped = true;
    const native = allocateNative(4);
    waitpid(this.pid, native.address, 0);
    const status = native.view.getInt32(0, true);
    native.unmap();
    const signal = status & 0x7f;
    const [name] = Object.entries(constants.signals).find(([, number]) => number === signal) ?? [];
    return signal === 0 ? `${(status >> 8) & 0xff}` : (name ?? `signal ${signal}`);
  }
}

function explain(code: number): string {
  if (isOutOfDescriptors(code)) return TOO_FEW_DESCRIPTORS;
  return code === EAGAIN ? 'too few processes are allowed; raise ulimit -u' : errnoName(code);
}

/** The first `count` descriptor numbers above the standard streams that the user does not need. */
function freeNumbers(inherited: readonly number[], count: number): number[] {
  const numbers: number[] = [];
  for (let fd = 3; numbers.length < count; fd++) if (!inherited.includes(fd)) numbers.push(fd);
  return numbers;
}
