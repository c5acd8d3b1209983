import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VIDIOC_QUERYCAP } from '../../src/abi/index.ts';
import { type Arch, archOf, type CallName } from '../../src/linux/arch.ts';
import { SECCOMP_RET_ALLOW, SECCOMP_RET_USER_NOTIF } from '../../src/syscalls/wire/bpf.ts';
import { buildFilter, reservedRange } from '../../src/syscalls/wire/filter.ts';
import { runBpf, seccompData } from '../support/bpf-machine.ts';

const TCGETS = 0x5401;
const FIONBIO = 0x5421;
const FIONREAD = 0x541b;
const FIOASYNC = 0x5452;
const DMA_BUF_IOCTL_SYNC = 0x40086200;
const MEDIA_IOC_DEVICE_INFO = 0xc1007c00;
const MAP_SHARED = 1;
const MAP_PRIVATE = 2;
const MAP_ANONYMOUS = 0x20;
const AT_EMPTY_PATH = 0x1000;
const AT_FDCWD = -100;
const [CLONE_VM, CLONE_FILES, CLONE_THREAD, CLONE_NEWUSER, SIGCHLD] = [0x100, 0x400, 0x10000, 0x10000000, 17];
const CLOSE_RANGE_UNSHARE = 2;
const [F_GETFL, F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFL, F_SETLK] = [3, 0, 1030, 1, 4, 6];

/** Calls that come to us, and calls that do not: name and arguments. */
const trapped: readonly [CallName, ...number[]][] = [
  ['ioctl', 3, VIDIOC_QUERYCAP, 0],
  ['ioctl', 0x300, VIDIOC_QUERYCAP, 0],
  ['ioctl', 0x300, FIONREAD, 0],
  ['openat', -100, 0x1000],
  ['getpeername', 0, 0x1000, 0x1000],
  ['sendto', 1, 0x1000, 1, 0, 0, 0],
  ['flistxattr', 2, 0x1000, 10],
  ['ioctl', 0, FIONREAD, 0x1000],
  ['prlimit64', 0, 7, 0x1000, 0],
  ['setrlimit', 7, 0x1000],
  ['getrlimit', 7, 0x1000],
  ['execve', 0x1000],
  ['read', 0x300, 0x1000, 1],
  ['read', 0, 0x1000, 614400],
  ['read', 0, 0x1000, 2],
  ['write', 1, 0x1000, 1],
  ['write', 0x3ff, 0x1000, 1],
  ['readv', 0, 0x1000, 1],
  ['preadv2', 0x300, 0x1000, 1, 0, 0, 0],
  ['pwritev', 1, 0x1000, 1, 0, 0],
  ['splice', 0x300, 0, 5, 0, 4096, 0],
  ['splice', 5, 0, 0x3ff, 0, 4096, 0],
  ['splice', 0, 0, 5, 0, 4096, 0],
  ['splice', 5, 0, 1, 0, 4096, 0],
  ['copy_file_range', 5, 0, 0x300, 0, 4096, 0],
  ['sendfile', 5, 0x300, 0, 4096],
  ['sendfile', 0x300, 5, 0, 4096],
  ['sendfile', 1, 5, 0, 4096],
  ['flock', 5, 2],
  ['ioctl', 5, DMA_BUF_IOCTL_SYNC, 0],
  ['ioctl', 5, MEDIA_IOC_DEVICE_INFO, 0],
  ['ioctl', 0x300, FIOASYNC, 0],
  ['fcntl', 0x300, F_SETFL, 0],
  ['fcntl', 0x300, F_SETLK, 0],
  ['fcntl', 0, F_SETLK, 0],
  ['fgetxattr', 0x300, 0x1000, 0x2000, 10],
  ['close', 0x300],
  ['mmap', 0, 4096, 3, MAP_SHARED, 5, 0],
  ['mmap', 0, 4096, 3, MAP_PRIVATE, 0x300, 0],
  ['newfstatat', -100, 0x1000, 0x2000, 0],
  ['newfstatat', 0x300, 0x1000, 0x2000, AT_EMPTY_PATH],
  ['statx', -100, 0x1000, 0, 0],
  ['statx', 0x3ff, 0x1000, AT_EMPTY_PATH, 0],
  ['newfstatat', AT_FDCWD, 0x1000, 0x2000, AT_EMPTY_PATH],
  ['newfstatat', 1, 0x1000, 0x2000, AT_EMPTY_PATH],
  ['statx', AT_FDCWD, 0x1000, AT_EMPTY_PATH, 0],
  ['statx', 0, 0x1000, AT_EMPTY_PATH, 0],
  ['fstat', 0x300, 0x1000],
  ['fstat', 2, 0x1000],
  ['fstatfs', 5, 0x1000],
  ['statfs', 0x1000, 0x2000],
  ['fchmod', 0x300, 0o600],
  ['fchown', 0x300, 0, 0],
  ['fchmodat', AT_FDCWD, 0x1000, 0o600],
  ['fchownat', AT_FDCWD, 0x1000, 0, 0, 0],
  ['utimensat', AT_FDCWD, 0x1000, 0, 0],
  ['truncate', 0x1000, 0],
  ['mkdirat', AT_FDCWD, 0x1000, 0o700],
  ['mknodat', AT_FDCWD, 0x1000, 0o600, 0],
  ['symlinkat', 0x1000, AT_FDCWD, 0x2000],
  ['linkat', AT_FDCWD, 0x1000, AT_FDCWD, 0x2000, 0],
  ['renameat2', AT_FDCWD, 0x1000, AT_FDCWD, 0x2000, 0],
  ['unlinkat', AT_FDCWD, 0x1000, 0],
  ['inotify_add_watch', 5, 0x1000, 1],
  ['ioctl', 0x300, FIONBIO, 0x1000],
  ['chroot', 0x1000],
  ['pivot_root', 0x1000, 0x2000],
  ['setns', 5, 0],
  ['mount', 0x1000, 0x2000, 0, 0, 0],
  ['umount2', 0x1000, 0],
  ['move_mount', 3, 0x1000, AT_FDCWD, 0x2000, 0],
  ['fcntl', 0x300, F_GETFL, 0],
  ['fcntl', 0x300, F_DUPFD, 0],
  ['fcntl', 0x300, F_DUPFD_CLOEXEC, 0],
  ['fcntl', 0, F_DUPFD_CLOEXEC, 3],
  ['fcntl', 2, F_DUPFD, 10],
  ['dup', 0x310],
  ['dup', 0],
  ['write', 0, 0x1000, 614400],
  ['read', 1, 0x1000, 614400],
  ['dup3', 0x300, 5, 0],
  ['dup3', 5, 0x300, 0],
  ['close_range', 3, 0xffffffff, 0],
  ['close_range', 3, 0x300, 0],
  ['close_range', 0x3ff, 0x3ff, 0],
  ['getdents64', 0x301, 0x1000, 4096],
  ['socket', 16, 0o2004003, 15],
  ['sendto', 0x300, 0x1000, 1, 0],
  ['getsockopt', 0x3ff, 1, 3, 0x1000, 0x1000],
  ['epoll_ctl', 4, 1, 0x300, 0x1000],
  ['pselect6', 0x301, 0x1000, 0, 0],
  ['unshare', CLONE_FILES],
  ['clone', CLONE_FILES | SIGCHLD],
  ['clone', CLONE_VM | CLONE_THREAD],
  ['close_range', 5, 6, CLOSE_RANGE_UNSHARE],
];

const passed: readonly [CallName, ...number[]][] = [
  ['unshare', CLONE_NEWUSER],
  ['prlimit64', 0, 3, 0, 0x1000],
  ['getrlimit', 3, 0x1000],
  ['clone', SIGCHLD],
  ['clone', CLONE_VM | CLONE_FILES | CLONE_THREAD],
  ['close_range', 5, 6, 0],
  ['ioctl', 0, TCGETS, 0],
  ['ioctl', 3, FIONREAD, 0],
  ['ioctl', 5, FIONBIO, 0x1000],
  ['read', 0, 0x1000, 1],
  ['write', 2, 0x1000, 80],
  ['read', 0x400, 0x1000, 1],
  ['write', 0x2ff, 0x1000, 1],
  ['readv', 5, 0x1000, 1],
  ['splice', 5, 0, 6, 0, 4096, 0],
  ['copy_file_range', 0x400, 0, 2, 0, 4096, 0],
  ['sendfile', 5, 0x400, 0, 4096],
  ['fcntl', 0x300, F_GETFD, 0],
  ['fcntl', 5, F_SETLK, 0],
  ['fcntl', 0, F_GETFL, 0],
  ['fgetxattr', 5, 0x1000, 0x2000, 10],
  ['close', 3],
  ['mmap', 0, 4096, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0],
  ['mmap', 0, 4096, 3, MAP_SHARED | MAP_ANONYMOUS, -1, 0],
  ['mmap', 0, 4096, 3, MAP_PRIVATE, 3, 0],
  ['newfstatat', 3, 0x1000, 0x2000, AT_EMPTY_PATH],
  ['statx', 3, 0x1000, AT_EMPTY_PATH, 0],
  ['fstat', 3, 0x1000],
  ['fchmod', 3, 0o600],
  ['fchown', 3, 0, 0],
  ['fcntl', 3, F_GETFL, 0],
  ['fcntl', 3, F_DUPFD, 0],
  ['dup', 3],
  ['dup3', 3, 4, 0],
  ['close_range', 3, 0x2ff, 0],
  ['close_range', 0x400, 0xffffffff, 0],
  ['getdents64', 3, 0x1000, 4096],
  ['socket', 16, 3, 0],
  ['socket', 1, 1, 15],
  ['recvfrom', 3, 0x1000, 1, 0],
  ['epoll_ctl', 4, 1, 5, 0x1000],
  ['pselect6', 0x300, 0x1000, 0, 0],
];

for (const name of ['x64', 'arm64']) {
  const arch = archOf(name) as Arch;
  const filter = buildFilter(arch, reservedRange(1024));
  const decide = (call: CallName, args: readonly number[]) =>
    runBpf(filter, seccompData(arch.audit, arch.nr[call] as number, args));

  test(`buildFilter traps what can concern a device when the processor is ${name}`, () => {
    for (const [call, ...args] of trapped) {
      assert.equal(decide(call, args), SECCOMP_RET_USER_NOTIF, `${call}(${args})`);
    }
  });

  test(`buildFilter lets everything else pass when the processor is ${name}`, () => {
    for (const [call, ...args] of passed) {
      assert.equal(decide(call, args), SECCOMP_RET_ALLOW, `${call}(${args})`);
    }
    for (const nr of [9999, 0x7fffffff]) {
      assert.equal(runBpf(filter, seccompData(arch.audit, nr, [])), SECCOMP_RET_ALLOW);
    }
  });
}

test('buildFilter lets calls of another architecture pass when the numbers would mean something', () => {
  const [x64, arm64] = [archOf('x64') as Arch, archOf('arm64') as Arch];
  const data = seccompData(arm64.audit, x64.nr.openat as number, []);
  assert.equal(runBpf(buildFilter(x64, reservedRange(1024)), data), SECCOMP_RET_ALLOW);
});
