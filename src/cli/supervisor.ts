/**
 * The supervisor: ancestor of everything that is served (so that it may read its memory), home of the emulated
 * kernel, parent of the command. argv: the options as JSON, the descriptor of the socket to run.ts.
 */
import { spawn } from 'node:child_process';
import { readdirSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { AF_UNIX, PR_SET_CHILD_SUBREAPER, SOCK_CLOEXEC, SOCK_STREAM } from '../linux/constants.ts';
import { close, prctl, send, waitpid } from '../linux/libc.ts';
import { allocateNative } from '../linux/native-memory.ts';
import { socketPair } from '../linux/pass-fd.ts';
import { reservedRange } from '../syscalls/filter.ts';
import { descendants, isZombie } from '../syscalls/proc-fs.ts';
import { makeShadowRoot, removeShadowRoot } from '../syscalls/shadow-root.ts';
import type { KernelConfig, KernelMessage } from './kernel-worker.ts';
import { say } from './messages.ts';
import { type RunOptions, stdioWith } from './run.ts';

const WNOHANG = 1;
const EXIT_USAGE = 2;
/** What the command left running gets this long to open a camera, then to end by itself, before it is killed. */
const LINGER_MS = 1000;
const TERM_MS = 2000;
const LOOK_MS = 20;
const KERNEL_END_MS = 2000;

const options = JSON.parse(process.argv[2] as string) as RunOptions;
/** The socket to run.ts. */
const CONTROL = Number(process.argv[3]);
const control = new Socket({ fd: CONTROL, readable: true, writable: true });
const native = allocateNative(4096);
const root = makeShadowRoot();
/** A limit that is not known is the usual one. */
const { first, last } = reservedRange(options.descriptorLimit || 1024);
let openFiles = 0;
let commandEnded = false;
/** Settles when the worker serves nobody any more. */
const kernelEnd = promiseWithResolver();
/** Somebody asked to end what the command left behind. */
let impatient = false;

function promiseWithResolver(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve: () => resolve() };
}

function verbose(text: string): void {
  if (options.verbose) say(text);
}

/** The numbers below this one belong to cameras of the host, which must not be hidden. */
function firstFreeNode(): number {
  if (options.replace) return 0;
  const taken = readdirSync('/dev').flatMap((name) => /^video(\d+)$/.exec(name)?.[1] ?? []);
  const first = Math.max(-1, ...taken.map(Number)) + 1;
  if (first > 0)
    verbose(`the host has /dev/video${first - 1}; cameras are numbered from /dev/video${first} on`);
  return first;
}

function newSocketPair(): [number, number] {
  const pair = socketPair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC);
  if (pair === undefined) throw new Error('cannot make a socket pair');
  return pair;
}

interface Kernel {
  readonly worker: Worker;
  /** Asks the kernel how many files are open. */
  readonly wakeUp: () => void;
}

function startKernel(launcher: number): Kernel {
  const [ours, theirs] = newSocketPair();
  const workerData: KernelConfig = {
    cameras: options.cameras,
    firstNode: firstFreeNode(),
    root,
    range: [first, last],
    launcher,
    wakeUp: theirs,
  };
  const worker = new Worker(new URL('./kernel-worker.js', import.meta.url), {
    workerData,
    // Descriptors are closed by libc, where Node does not see it.
    trackUnmanagedFds: false,
  });
  worker.on('message', (message: KernelMessage) => {
    if (message.kind === 'report') say(message.text);
    else if (message.kind === 'openFiles') openFiles = message.count;
    else if (message.kind === 'refused') refuse(message.text);
    else kernelEnd.resolve();
  });
  worker.on('exit', () => kernelEnd.resolve());
  worker.on('error', (error) => {
    kernelEnd.resolve();
    say(`the emulated kernel failed: ${options.verbose ? error.stack : error.message}`);
    finish('exit', 125);
  });
  const wakeUp = () => {
    worker.postMessage('count');
    send(ours, native.address, 1, 0);
  };
  return { worker, wakeUp };
}

/** Ends what is left of the tree, then the kernel, then this process; run.ts is told how. */
async function finish(kind: 'exit' | 'signal', value: number | string): Promise<void> {
  for (const pid of descendants(process.pid)) kill(pid, 'SIGKILL');
  // The worker ends by itself when nobody is left to serve. To stop it half-way through its start is fatal to Node.
  await Promise.race([kernelEnd.promise, sleep(KERNEL_END_MS)]);
  removeShadowRoot(root);
  writeSync(CONTROL, `${kind} ${value}\n`);
  process.exit(0);
}

/** The kernel has not begun to serve, and will not. */
function refuse(text: string): void {
  say(text);
  kernelEnd.resolve();
  finish('exit', EXIT_USAGE);
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended in the meantime.
  }
}

/** Children that are not ours but became so when their parents ended. */
function reapOrphans(command: number | undefined): void {
  for (const pid of descendants(process.pid)) {
    if (pid !== command && isZombie(pid)) waitpid(pid, native.address, WNOHANG);
  }
}

/** The command has ended: what it left behind may go on while it uses a camera. */
async function waitForRest(command: number | undefined): Promise<void> {
  const started = performance.now();
  let lastUse = started;
  let terminated = 0;
  for (;;) {
    reapOrphans(command);
    const rest = descendants(process.pid).filter((pid) => !isZombie(pid));
    if (rest.length === 0) return;
    kernel.wakeUp();
    const now = performance.now();
    if (openFiles > 0) lastUse = now;
    if (terminated > 0 && now - terminated > TERM_MS) return;
    if (terminated === 0 && (impatient || now - lastUse > LINGER_MS)) {
      verbose(`ending ${rest.length} process(es) that the command left behind`);
      for (const pid of rest) kill(pid, 'SIGTERM');
      terminated = now;
    }
    await sleep(LOOK_MS);
  }
}

prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
writeSync(CONTROL, `root ${root}\n`);
const [launcherEnd, listenerEnd] = newSocketPair();
const kernel = startKernel(listenerEnd);
startCommand(launcherEnd);

function startCommand(socket: number): void {
  const launcher = fileURLToPath(new URL('../syscalls/launcher.js', import.meta.url));
  const { descriptorLimit, inherited, command } = options;
  const { stdio, at } = stdioWith(inherited, socket);
  const settings = JSON.stringify({ descriptorLimit, inherited, range: [first, last], socket: at });
  const child = spawn(process.execPath, [launcher, settings, ...command], { stdio });
  close(socket);
  process.on('SIGCHLD', () => reapOrphans(child.pid));
  child.on('exit', async (code, signal) => {
    commandEnded = true;
    await waitForRest(child.pid);
    if (signal === null) await finish('exit', code ?? 0);
    else await finish('signal', signal);
  });
  forwardSignals((signal) => {
    if (commandEnded) impatient = true;
    else child.kill(signal);
  });
}

/** Signals come from run.ts by name; those of the terminal reach the command by themselves. */
function forwardSignals(deliver: (signal: NodeJS.Signals) => void): void {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'] as const)
    process.on(signal, () => {});
  control.setEncoding('latin1');
  control.on('data', (text: string) => {
    for (const name of text.split('\n')) if (name in constants.signals) deliver(name as NodeJS.Signals);
  });
  control.on('error', () => {});
  control.on('close', () => {
    say('usercam was killed; everything it started is ended');
    finish('exit', 125);
  });
}
