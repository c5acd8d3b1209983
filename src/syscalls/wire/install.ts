/** Puts the filter on the calling thread and all it will ever start; used by the launcher, right before exec. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { EACCES, EBUSY, EINVAL, ENOSYS, EPERM } from '../../base/errno.ts';
import { ARCH } from '../../linux/arch.ts';
import { PR_SET_NO_NEW_PRIVS } from '../../linux/constants.ts';
import { errno, prctl, syscall } from '../../linux/libc.ts';
import { allocateNative } from '../../linux/native-memory.ts';
import { buildFilter, type FdRange } from './filter.ts';

/** The variable that holds the nodes of the cameras, for scripts. */
export const DEVICES_VARIABLE = 'USERCAM_DEVICES';

const SECCOMP_SET_MODE_FILTER = 1;
const FILTER_FLAG_NEW_LISTENER = 8;
/** Once we look at a call only a deadly signal takes it away from us. Since Linux 5.19. */
const FILTER_FLAG_WAIT_KILLABLE_RECV = 32;
const SOCK_FPROG_SIZE = 16;
const PROBE_TIMEOUT_MS = 10_000;

const native = allocateNative(8192);

/** There is one listener for a process and all it starts: whose is it? `usercam run` marks what it starts. */
function explainBusy(): string {
  if (process.env[DEVICES_VARIABLE] !== undefined)
    return 'usercam is running here already, and runs cannot be nested; put both commands into one run';
  return 'another program supervises the system calls here (a seccomp listener), and there can be only one; start usercam outside of it';
}

function explain(code: number): string {
  if (code === EBUSY) return explainBusy();
  if (code === EACCES || code === EPERM)
    return 'a security policy forbids seccomp filters here; allow seccomp() in the container profile';
  if (code === ENOSYS || code === EINVAL) {
    return 'this kernel (or a container profile) has no seccomp user notification; Linux 5.14 or newer with CONFIG_SECCOMP_FILTER is needed';
  }
  return `the kernel refuses a seccomp filter (errno ${code})`;
}

export interface Installed {
  readonly listener: number;
  /** True if a call that is being served cannot be interrupted: whoever sleeps in one must be watched for signals. */
  readonly killable: boolean;
}

/** Installs the filter, for descriptors in `range`, and gives its listener, or the reason why that is impossible. */
export function installFilter(range: FdRange): Installed | string {
  const filter = buildFilter(ARCH, range);
  native.bytes.set(filter, SOCK_FPROG_SIZE);
  const program = native.address + SOCK_FPROG_SIZE;
  native.view.setUint16(0, filter.length / 8, true);
  native.view.setUint32(8, program % 0x1_0000_0000, true);
  native.view.setUint32(12, Math.floor(program / 0x1_0000_0000), true);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  const nr = ARCH.nr.seccomp as number;
  for (const killable of [true, false]) {
    const flags = FILTER_FLAG_NEW_LISTENER | (killable ? FILTER_FLAG_WAIT_KILLABLE_RECV : 0);
    const listener = syscall(nr, SECCOMP_SET_MODE_FILTER, flags, native.address, 0, 0, 0);
    if (listener >= 0) return { listener, killable };
    if (errno() !== EINVAL) break;
  }
  return explain(errno());
}

/** How `probe.ts` ends. */
export const PROBE_EXIT = { killable: 0, interruptible: 10 } as const;

/**
 * Why the filter cannot be installed here, as a sentence that names the mend; else {@link Installed.killable}. It is
 * tried in a process of its own: a filter cannot be taken off again.
 */
export function tryInstall(): string | Pick<Installed, 'killable'> {
  const probe = fileURLToPath(new URL('./probe.js', import.meta.url));
  const { stdout, status } = spawnSync(process.execPath, [probe], {
    encoding: 'utf8',
    timeout: PROBE_TIMEOUT_MS,
  });
  if (stdout !== '') return stdout;
  if (status === PROBE_EXIT.killable) return { killable: true };
  if (status === PROBE_EXIT.interruptible) return { killable: false };
  return 'the attempt to install a seccomp filter failed';
}
