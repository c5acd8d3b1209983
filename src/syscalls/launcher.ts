/**
 * The process that becomes the command: puts the filter on itself, hands the listener to the supervisor and
 * executes the command. From the filter on it must not open anything until the supervisor says that it serves.
 *
 * argv: SETTINGS COMMAND [ARGUMENT…], see {@link LauncherSettings}.
 */
import { writeSync } from 'node:fs';
import { EACCES, ENOENT } from '../base/errno.ts';
import {
  F_SETFD,
  FD_CLOEXEC,
  PR_SET_PDEATHSIG,
  RLIMIT_NOFILE,
  SIGKILL,
  SIGPIPE,
  SIGXFSZ,
} from '../linux/constants.ts';
import { close, errno, execvp, fcntl, getrlimit, prctl, recv, setrlimit, signal } from '../linux/libc.ts';
import { allocateNative } from '../linux/native-memory.ts';
import { sendDescriptor } from '../linux/pass-fd.ts';
import { FdRange } from './filter.ts';
import { installFilter } from './install.ts';
import { fdsOf } from './proc-fs.ts';

const SIG_DFL = 0;
const EXIT_USAGE = 2;
const EXIT_CANNOT_EXECUTE = 126;
const EXIT_NOT_FOUND = 127;

const native = allocateNative(4096);

export interface LauncherSettings {
  /** The soft limit of open descriptors for the command; null if it is not known. */
  readonly descriptorLimit: number | null;
  /** Descriptors above the standard streams that the command shall have. */
  readonly inherited: readonly number[];
  /** The numbers that descriptors of cameras get: first and last. */
  readonly range: readonly [number, number];
  /** The socket to the supervisor. */
  readonly socket: number;
}

function fail(message: string, code: number): never {
  writeSync(2, `usercam: ${message}\n`);
  process.exit(code);
}

/** Node raises the limit of descriptors for itself; the command gets the one that the user had. */
function restoreDescriptorLimit(soft: number | null): void {
  if (soft === null || getrlimit(RLIMIT_NOFILE, native.address) < 0) return;
  const hard = native.view.getUint32(8, true) + native.view.getUint32(12, true) * 0x1_0000_0000;
  if (soft > hard) return;
  native.view.setUint32(0, soft, true);
  native.view.setUint32(4, 0, true);
  setrlimit(RLIMIT_NOFILE, native.address);
}

/** Node ignores two signals; the command gets them as usual. */
function restoreSignals(): void {
  signal(SIGPIPE, SIG_DFL);
  signal(SIGXFSZ, SIG_DFL);
}

/**
 * Node marks what it was given close-on-exec, and some descriptors of its own are not for a moment, so that they may
 * have come along from the supervisor: the command gets the user's, and no other.
 */
function markDescriptors(inherited: readonly number[]): void {
  for (const fd of fdsOf(process.pid)) fcntl(fd, F_SETFD, fd <= 2 || inherited.includes(fd) ? 0 : FD_CLOEXEC);
}

function main(): void {
  const [text = '', command = '', ...rest] = process.argv.slice(2);
  const settings = JSON.parse(text) as LauncherSettings;
  markDescriptors(settings.inherited);
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  const installed = installFilter(new FdRange(...settings.range));
  if (typeof installed === 'string') fail(installed, EXIT_USAGE);
  const { listener, killable } = installed;
  if (!sendDescriptor(settings.socket, listener, killable ? 1 : 0))
    fail('the supervisor does not answer', EXIT_USAGE);
  close(listener);
  if (recv(settings.socket, native.address, 1, 0) !== 1) process.exit(EXIT_USAGE);
  close(settings.socket);
  restoreDescriptorLimit(settings.descriptorLimit);
  restoreSignals();
  execvp(command, [command, ...rest, null]);
  const code = errno();
  if (code === ENOENT) fail(`cannot run ${command}: no such command`, EXIT_NOT_FOUND);
  const why = code === EACCES ? 'it is not executable' : `errno ${code}`;
  fail(`cannot run ${command}: ${why}`, EXIT_CANNOT_EXECUTE);
}

main();
