/** Puts the filter on the calling thread and all it will ever start; used by the launcher, right before exec. */
import { EACCES, EBUSY, EINVAL, ENOSYS } from '../base/errno.ts';
import { PR_SET_NO_NEW_PRIVS } from '../linux/constants.ts';
import { errno, prctl, syscall } from '../linux/libc.ts';
import { allocateNative } from '../linux/native-memory.ts';
import { ARCH } from './arch.ts';
import { buildFilter } from './filter.ts';

const SECCOMP_SET_MODE_FILTER = 1;
const SECCOMP_GET_NOTIF_SIZES = 3;
const FILTER_FLAG_NEW_LISTENER = 8;
const SOCK_FPROG_SIZE = 16;

const native = allocateNative(8192);

/** Why there is no seccomp user notification here, as a sentence that names the mend; undefined if there is. */
export function notificationsMissing(): string | undefined {
  const nr = ARCH.nr.seccomp as number;
  if (syscall(nr, SECCOMP_GET_NOTIF_SIZES, 0, native.address, 0, 0, 0) === 0) return undefined;
  return explain(errno());
}

function explain(code: number): string {
  if (code === EBUSY)
    return 'usercam is running here already, and runs cannot be nested; put both commands into one run';
  if (code === EACCES)
    return 'a security policy forbids seccomp filters here; allow seccomp() in the container profile';
  if (code === ENOSYS || code === EINVAL) {
    return 'this kernel (or a container profile) has no seccomp user notification; Linux 5.14 or newer with CONFIG_SECCOMP_FILTER is needed';
  }
  return `the kernel refuses a seccomp filter (errno ${code})`;
}

/** Installs the filter and gives its listener, or the reason why that is impossible. */
export function installFilter(): number | string {
  const filter = buildFilter(ARCH);
  native.bytes.set(filter, SOCK_FPROG_SIZE);
  const program = native.address + SOCK_FPROG_SIZE;
  native.view.setUint16(0, filter.length / 8, true);
  native.view.setUint32(8, program % 0x1_0000_0000, true);
  native.view.setUint32(12, Math.floor(program / 0x1_0000_0000), true);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  const nr = ARCH.nr.seccomp as number;
  const listener = syscall(nr, SECCOMP_SET_MODE_FILTER, FILTER_FLAG_NEW_LISTENER, native.address, 0, 0, 0);
  return listener >= 0 ? listener : explain(errno());
}
