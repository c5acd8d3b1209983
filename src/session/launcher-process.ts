/** Starts the launcher, which becomes the parent of the command, and talks to it. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { isOutOfDescriptors, TOO_FEW_DESCRIPTORS } from '../base/too-few-descriptors.ts';
import { waitpid } from '../linux/libc.ts';
import { type LauncherMessage, type LauncherRequest, lineReader } from '../syscalls/index.ts';
import { keepAcrossExec } from './inheritance.ts';

/** Its thread pool has little to do. */
const LAUNCHER_THREADS = '1';

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

export class Launcher {
  readonly #child: ChildProcess;
  /** None if the process could not be started. */
  readonly #control: Socket | undefined;

  /**
   * `listener` is the socket on which the kernel waits for the listener, `descriptors` that on which descriptors for commands
   * will come, `root` the directory of the device files, which goes with this process, `programs` as in {@link startKernel}.
   */
  constructor(
    programs: URL,
    inherited: readonly number[],
    given: {
      readonly listener: number;
      readonly descriptors: number;
      readonly root: string;
      readonly foundBy: FoundBy;
    },
    events: LauncherEvents,
  ) {
    keepAcrossExec(inherited);
    const [control = 0, socket = 0, others = 0, errors = 0, lock = 0] = freeNumbers(inherited, 5);
    const stdio: (number | 'pipe')[] = Array.from({ length: lock + 1 }, (_, fd) => fd);
    // Until it has started what it says on standard error are complaints of Node's.
    stdio[2] = 'pipe';
    stdio[control] = 'pipe';
    stdio[socket] = given.listener;
    stdio[others] = given.descriptors;
    stdio[errors] = 2;
    stdio[lock] = given.foundBy.lock;
    const program = fileURLToPath(new URL('./launcher.js', programs));
    const args = [
      program,
      ...[control, socket, others, errors, lock].map(String),
      given.root,
      ...given.foundBy.paths,
    ];
    const ours = Object.entries(process.env).filter(([name]) => !name.startsWith('NODE_'));
    const env = { ...Object.fromEntries(ours), UV_THREADPOOL_SIZE: LAUNCHER_THREADS };
    this.#child = spawn(process.execPath, args, { stdio, env });
    this.#control = this.#child.stdio?.[control] as Socket | undefined;
    this.#control?.setEncoding('latin1');
    this.#control?.on('data', lineReader(events.message));
    this.#control?.on('error', () => {});
    let complaint = '';
    this.#child.stderr?.on('data', (data) => {
      complaint += data;
    });
    this.#child.on('error', (error) => events.lost(explainSpawn(error)));
    this.#child.on('close', (code, signal) =>
      events.lost(complaint.trim().split('\n')[0] || `${signal ?? code}`),
    );
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  ask(request: LauncherRequest): void {
    this.#control?.write(`${JSON.stringify(request)}\n`, 'latin1');
  }

  /** Ends it at once, if it has not ended, and reaps it: whoever becomes the parent of its remains may not do that. */
  end(): void {
    const { pid } = this.#child;
    // One that could not be started has none, and Node would kill the group of this process.
    if (pid !== undefined && this.#child.kill('SIGKILL')) waitpid(pid, 0, 0);
  }
}

function explainSpawn({ code, message }: NodeJS.ErrnoException): string {
  if (isOutOfDescriptors(code)) return TOO_FEW_DESCRIPTORS;
  return code === 'EAGAIN' ? 'too few processes are allowed; raise ulimit -u' : message;
}

/** The first `count` descriptor numbers above the standard streams that the user does not need. */
function freeNumbers(inherited: readonly number[], count: number): number[] {
  const numbers: number[] = [];
  for (let fd = 3; numbers.length < count; fd++) if (!inherited.includes(fd)) numbers.push(fd);
  return numbers;
}
