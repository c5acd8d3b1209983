/**
 * The process between a session and its commands: it puts the filter on itself, hands the listener to the kernel,
 * starts the commands, which inherit the filter, and is their parent to the end. It takes in orphans and reaps them,
 * tells the session how the commands fare, and if the session is killed it ends everything, so that nobody is left whose calls
 * nobody answers.
 *
 * From the filter on, paths of this thread's own are trapped too, and fail when the session is dead. Those of Node's thread
 * pool are not, as it is older than the filter: so files are used through the asynchronous functions only.
 *
 * argv: descriptors of the control socket, of the socket for the listener, of that for descriptors of commands, of the
 * standard error of the command, and of the session's lock; then what is to be removed if the session is killed: the directory
 * of its device files, and files and directories that it is found by, of those that end with a slash only if they are empty.
 */
import { fstat, writeSync } from 'node:fs';
import { access, readFile, rm, rmdir } from 'node:fs/promises';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import {
  F_DUPFD_CLOEXEC,
  F_SETFD,
  FD_CLOEXEC,
  PR_SET_CHILD_SUBREAPER,
  RLIMIT_NOFILE,
  SIG_IGN,
  SIGCHLD,
  SIGCONT,
  SIGKILL,
  WCONTINUED,
  WNOHANG,
  WUNTRACED,
} from '../../linux/constants.ts';
import { endTogether } from '../../linux/end-together.ts';
import { close, dup2, exitNow, fchdir, fcntl, kill, prctl, recv, signal, waitpid } from '../../linux/libc.ts';
import { setSoftLimit } from '../../linux/limits.ts';
import { allocateNative } from '../../linux/native-memory.ts';
import { receiveDescriptors, sendDescriptor } from '../../linux/pass-fd.ts';
import { fdsOf } from '../../linux/proc-fs.ts';
import { socketOf } from '../../linux/socket-of.ts';
import type { Setting } from '../../linux/spawn.ts';
import { FdRange } from '../wire/filter.ts';
import { installFilter } from '../wire/install.ts';
import {
  type LauncherMessage,
  type LauncherRequest,
  type LaunchOrder,
  lineReader,
  type Sent,
} from './launch-protocol.ts';
import { startCommand } from './start-command.ts';

const EXIT_USAGE = 2;
const LOOK_MS = 1;
/** What whoever signals the whole job means for the command, and this process survives, and remembers. */
const WITNESSED = [
  ...(['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2', 'SIGALRM'] as const),
  ...(['SIGTSTP', 'SIGTTIN', 'SIGTTOU', 'SIGPWR', 'SIGIO', 'SIGVTALRM', 'SIGPROF'] as const),
  ...(['SIGWINCH', 'SIGURG'] as const),
];
/** A signal that this process got belongs to what the session says of one for so long: both are awake by then. */
const WITNESS_MS = 2000;

const [CONTROL = -1, LISTENER = -1, DESCRIPTORS = -1, ERRORS = -1, LOCK = -1] = process.argv
  .slice(2, 7)
  .map(Number);
const [ROOT = '', ...FOUND_BY] = process.argv.slice(7);
const PARENT = process.ppid;
const native = allocateNative(4096);
/** A command that has not been reaped. */
interface Command {
  readonly id: number;
  /** It is not ended with this process any more. */
  readonly release: () => void;
}

/** By their processes. */
const commands = new Map<number, Command>();
/** The filter is on, and calls are answered. */
let isServed = false;
/** One after the other: the first puts the filter on. */
let launches = Promise.resolve();

function tell(message: LauncherMessage): void {
  control.write(`${JSON.stringify(message)}\n`);
}

/**
 * Node marks what it was given close-on-exec, and some descriptors of its own are not for a moment, so that they may
 * have come along: the command gets the user's, and no other.
 */
function markDescriptors(inherited: readonly number[]): void {
  for (const fd of fdsOf(process.pid)) fcntl(fd, F_SETFD, inherited.includes(fd) ? 0 : FD_CLOEXEC);
}

/** Puts the filter on and waits until the calls it traps are served; a sentence if that is impossible. */
function enterService(range: FdRange): string | undefined {
  const installed = installFilter(range);
  if (typeof installed === 'string') return installed;
  const sent = sendDescriptor(LISTENER, installed.listener, installed.killable ? 1 : 0);
  close(installed.listener);
  const served = sent && recv(LISTENER, native.address, 1, 0) === 1;
  close(LISTENER);
  isServed = served;
  return served ? undefined : 'the emulated kernel does not answer';
}

/**
 * Takes the descriptors that were sent beside an order, under numbers that are none of those they shall have; this process goes
 * to the directory that was sent, as a child begins where its parent is.
 */
function takeSent({ descriptors, umask }: Sent): Setting | undefined {
  // To receive them there must be room.
  setSoftLimit(RLIMIT_NOFILE);
  const [directory = -1, ...received] = receiveDescriptors(DESCRIPTORS, descriptors.length + 1);
  const above = Math.max(0, ...descriptors) + 1;
  const moved = received.map((fd) => {
    const high = fcntl(fd, F_DUPFD_CLOEXEC, above);
    close(fd);
    return high;
  });
  fchdir(directory);
  close(directory);
  process.umask(umask);
  if (moved.length === descriptors.length && moved.every((fd) => fd >= 0)) {
    const byNumber = descriptors.map((number, i): [number, number] => [number, moved[i] as number]);
    return { descriptors: new Map(byNumber), ownGroup: true };
  }
  for (const fd of moved) if (fd >= 0) close(fd);
  return undefined;
}

function refuse(id: number, text: string): void {
  tell({ id, kind: 'refused', text, code: EXIT_USAGE });
}

async function launch(id: number, order: LaunchOrder): Promise<void> {
  const { sent } = order;
  const setting = sent && takeSent(sent);
  if (sent !== undefined && setting === undefined) {
    refuse(id, 'its descriptors cannot be received; raise ulimit -n where the session was started');
    return;
  }
  // The thread pool begins here, without the filter.
  if (!isServed) await access('/');
  const streams = [0, 1, 2].filter((fd) => !order.closed?.includes(fd));
  markDescriptors(sent === undefined ? [...streams, ...order.inherited] : []);
  const trouble = isServed ? undefined : enterService(new FdRange(...order.range));
  if (trouble === undefined) start(id, order, setting);
  else refuse(id, trouble);
  if (sent === undefined) handOver(order.inherited);
  for (const fd of setting?.descriptors.values() ?? []) close(fd);
}

/** What was inherited for the command it has alone from now on; what takes the place of streams is anything of ours. */
function handOver(inherited: readonly number[]): void {
  for (const fd of [0, 1]) dup2(LOCK, fd);
  for (const fd of inherited) close(fd);
}

function start(id: number, order: LaunchOrder, setting: Setting | undefined): void {
  // Without SIGCHLD nobody would tell of ends.
  for (const number of order.ignored) if (number !== SIGCHLD) signal(number, SIG_IGN);
  // Node has raised it for itself; the command gets the one that the user had.
  if (order.descriptorLimit !== null) setSoftLimit(RLIMIT_NOFILE, order.descriptorLimit);
  const result = startCommand(order, setting);
  if ('pid' in result) {
    const { pid } = result;
    commands.set(pid, { id, release: endTogether(pid) });
    // It was not there yet, and did not get what came before.
    witnessed.clear();
    tell({ id, kind: 'started', pid });
    // It may have ended before its number was known.
    lookAtChildren();
  } else tell({ id, kind: 'refused', ...result });
}

/** `status` as waitpid(2) gives it. */
function report(pid: number, { id, release }: Command, status: number): void {
  const low = status & 0x7f;
  if (low !== 0x7f) {
    commands.delete(pid);
    release();
  }
  if (low === 0) tell({ id, kind: 'exited', code: (status >> 8) & 0xff });
  else if (low !== 0x7f) tell({ id, kind: 'killed', signal: low });
  else if (status !== 0xffff) tell({ id, kind: 'stopped', signal: (status >> 8) & 0xff });
  // The session stands still with the command, also when somebody continued only the command.
  else if (process.ppid === PARENT) kill(PARENT, SIGCONT);
}

/** Reaps who has ended. False if no child is left. */
function lookAtChildren(): boolean {
  if (!isServed) return true;
  for (;;) {
    const pid = waitpid(-1, native.address, WNOHANG | WUNTRACED | WCONTINUED);
    if (pid <= 0) return pid === 0;
    const command = commands.get(pid);
    if (command !== undefined) report(pid, command, native.view.getInt32(0, true));
  }
}

/** Ends everything below. As whose parents end become our children, children are all that have to be found. */
async function endAll(): Promise<void> {
  while (lookAtChildren() && isServed) {
    const children = await readFile(`/proc/self/task/${process.pid}/children`, 'latin1');
    for (const pid of children.split(' ').map(Number)) if (pid > 0) kill(pid, SIGKILL);
    await sleep(LOOK_MS);
  }
}

/** What the session is found by may be another one's, if its own has been removed: the lock has no name any more then. */
async function removeLeft(): Promise<void> {
  await rm(ROOT, { recursive: true, force: true });
  const { nlink } = await promisify(fstat)(LOCK);
  for (const path of FOUND_BY)
    if (path.endsWith('/')) await rmdir(path).catch(() => {});
    else if (nlink > 0) await rm(path, { recursive: true, force: true });
}

/**
 * The session is dead: a launcher that is no longer needed it ends by SIGKILL. Node's own way to end makes calls that nobody
 * answers any more.
 */
async function abandoned(): Promise<void> {
  await endAll();
  await removeLeft();
  if (!isServed) exitNow(EXIT_USAGE);
  writeSync(2, 'usercam: usercam was killed; everything it started is ended\n');
  exitNow(EXIT_USAGE);
}

/** When this process got which signals that the session has not told of. */
const witnessed = new Map<number, readonly number[]>();

function recent(number: number): readonly number[] {
  const since = performance.now() - WITNESS_MS;
  return (witnessed.get(number) ?? []).filter((time) => time > since);
}

function witness(number: number): void {
  witnessed.set(number, [...recent(number), performance.now()]);
}

/** True if the whole job got the signal that the session tells of. */
function isOfJob(number: number): boolean {
  const [first, ...others] = recent(number);
  witnessed.set(number, others);
  return first !== undefined;
}

/** Settles when what this process got before is witnessed: in this turn of Node's loop, or the next one if it came just before it. */
async function hearSignals(): Promise<void> {
  await setImmediate();
  await setImmediate();
}

function deliver({ id, signal, to }: Extract<LauncherRequest, { kind: 'signal' }>): void {
  if (to === 'command of the job' && isOfJob(signal)) return;
  for (const [pid, command] of commands) if (command.id === id) kill(to === 'group' ? -pid : pid, signal);
}

dup2(ERRORS, 2);
close(ERRORS);
prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
for (const name of WITNESSED) process.on(name, (_: string, number: number) => witness(number));
process.on('SIGCHLD', lookAtChildren);
const control = socketOf(CONTROL);
control.setEncoding('latin1');
const take = lineReader<LauncherRequest>((request) => {
  if (request.kind === 'launch') launches = launches.then(() => launch(request.id, request.order));
  else launches = launches.then(hearSignals).then(() => deliver(request));
});
control.on('data', (text: string) => take(text));
control.on('error', () => {});
control.on('close', abandoned);
