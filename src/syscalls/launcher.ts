/**
 * The process that becomes the command: puts the filter on itself, hands the listener to the supervisor and
 * executes the command. From the filter on it must not open anything until the supervisor says that it serves.
 *
 * argv: SOFT_LIMIT_OF_DESCRIPTORS COMMAND [ARGUMENT…]; descriptor 3 is the socket to the supervisor.
 */
import { writeSync } from 'node:fs';
import { EACCES, ENOENT } from '../base/errno.ts';
import {
  F_GETFD,
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
import { installFilter } from './install.ts';

const SOCKET = 3;
const SIG_DFL = 0;
const EXIT_USAGE = 2;
const EXIT_CANNOT_EXECUTE = 126;
const EXIT_NOT_FOUND = 127;

const native = allocateNative(4096);

function fail(message: string, code: number): never {
  writeSync(2, `usercam: ${message}\n`);
  process.exit(code);
}

/** Node raises the limit of descriptors for itself; the command gets the one that the user had. */
function restoreDescriptorLimit(soft: number): void {
  if (!Number.isFinite(soft) || getrlimit(RLIMIT_NOFILE, native.address) < 0) return;
  const hard = native.view.getUint32(8, true) + native.view.getUint32(12, true) * 0x1_0000_0000;
  if (soft > hard) return;
  native.view.setUint32(0, soft, true);
  native.view.setUint32(4, 0, true);
  setrlimit(RLIMIT_NOFILE, native.address);
}

/** Node marks the standard streams close-on-exec and ignores two signals; the command gets both as usual. */
function restoreDefaults(): void {
  for (const fd of [0, 1, 2]) {
    const flags = fcntl(fd, F_GETFD, 0);
    if (flags >= 0) fcntl(fd, F_SETFD, flags & ~FD_CLOEXEC);
  }
  signal(SIGPIPE, SIG_DFL);
  signal(SIGXFSZ, SIG_DFL);
}

function main(): void {
  const [limit = '', command = '', ...rest] = process.argv.slice(2);
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  const installed = installFilter();
  if (typeof installed === 'string') fail(installed, EXIT_USAGE);
  const { listener, killable } = installed;
  if (!sendDescriptor(SOCKET, listener, killable ? 1 : 0)) fail('the supervisor does not answer', EXIT_USAGE);
  close(listener);
  if (recv(SOCKET, native.address, 1, 0) !== 1) process.exit(EXIT_USAGE);
  close(SOCKET);
  restoreDescriptorLimit(Number(limit));
  restoreDefaults();
  execvp(command, [command, ...rest, null]);
  const code = errno();
  if (code === ENOENT) fail(`cannot run ${command}: no such command`, EXIT_NOT_FOUND);
  const why = code === EACCES ? 'it is not executable' : `errno ${code}`;
  fail(`cannot run ${command}: ${why}`, EXIT_CANNOT_EXECUTE);
}

main();
