/**
 * Which system calls of a program come to us. A filter sees numbers only, so it is narrow by construction:
 * everything it lets pass costs the program nothing.
 *
 * Descriptors of ours get numbers in a reserved range, out of the way of what programs usually hold and below their
 * limit and FD_SETSIZE, so that calls on other descriptors are told apart without asking.
 */

import type { Arch, CallName } from '../../linux/arch.ts';
import {
  AF_NETLINK,
  CLONE_FILES,
  CLONE_THREAD,
  CLOSE_RANGE_UNSHARE,
  F_DUPFD,
  F_DUPFD_CLOEXEC,
  F_GETLK,
  F_OFD_GETLK,
  F_OFD_SETLK,
  F_OFD_SETLKW,
  F_SETLK,
  F_SETLKW,
  NETLINK_KOBJECT_UEVENT,
  RLIMIT_NOFILE,
} from '../../linux/constants.ts';
import {
  argHigh,
  argLow,
  BpfProgram,
  DATA_ARCH,
  DATA_NR,
  SECCOMP_RET_ALLOW,
  SECCOMP_RET_USER_NOTIF,
} from './bpf.ts';

/** A range of descriptor numbers. */
export class FdRange {
  readonly first: number;
  readonly last: number;

  constructor(first: number, last: number) {
    this.first = first;
    this.last = last;
  }

  has(fd: number): boolean {
    return fd >= this.first && fd <= this.last;
  }
}

const FD_SETSIZE = 1024;

/** So many different hard limits programs may set that are below our numbers, where no other limit is: see `lowered-limits.ts`. */
const LOWERED_LIMITS = 8;

/**
 * The reserved range for a program that may have `limit` descriptors, and never more than `hard`: the upper quarter of what
 * select() can see. Between it and the hard limit is room for those that are lowered.
 */
export function reservedRange(limit: number, hard = Number.POSITIVE_INFINITY): FdRange {
  const end = Math.min(limit, FD_SETSIZE);
  const first = Math.floor(end * 0.75);
  // Of few numbers most are for cameras.
  const room = Math.min(LOWERED_LIMITS, Math.floor((end - first) / 4));
  return new FdRange(first, Math.min(end, hard - room) - 1);
}

/** _IOC_TYPE of the ioctls of devices that are served: 'V', '|', and 'u', which are those of one kind of driver. */
export const IOCTL_TYPES = [0x56, 0x7c, 0x75] as const;
/** And of those for memory that a device has handed out: 'b'. */
export const MEMORY_IOCTL_TYPE = 0x62;

const MAP_SHARED = 1;
const MAP_ANONYMOUS = 0x20;
const AT_EMPTY_PATH = 0x1000;
const AT_FDCWD = 0xffffff9c;
/** What a program asks of its standard streams is rare, and they can be a device too. */
export const LAST_STREAM = 2;
const F_GETFD = 1;
const F_SETFD = 2;
/** Commands of fcntl() about locks. */
export const LOCK_COMMANDS = [F_GETLK, F_SETLK, F_SETLKW, F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW];
/** FIONCLEX, FIOCLEX: they are about the descriptor, whatever it is. */
const GENERIC_IOCTLS = [0x5450, 0x5451] as const;
const FIONREAD = 0x541b;
/** x64 only: calls of the x32 ABI, which are not served. */
const X32_BIT = 0x40000000;

/** Calls that name a path: all of them, the path decides. */
const PATH_CALLS: readonly CallName[] = [
  'open',
  'openat',
  'openat2',
  'stat',
  'lstat',
  'access',
  'faccessat',
  'faccessat2',
  'readlink',
  'readlinkat',
  'getxattr',
  'lgetxattr',
  'listxattr',
  'llistxattr',
  'getxattrat',
  'listxattrat',
  'file_getattr',
  'execve',
  'execveat',
  'creat',
  'statfs',
  'inotify_add_watch',
  // Seldom; where nobody may copy descriptors we have to know them from the start.
  'inotify_init',
  'inotify_init1',
  'chmod',
  'fchmodat',
  'fchmodat2',
  'chown',
  'lchown',
  'fchownat',
  'utime',
  'utimes',
  'futimesat',
  'utimensat',
  'truncate',
  'mkdir',
  'mkdirat',
  'mknod',
  'mknodat',
  'symlink',
  'symlinkat',
  'link',
  'linkat',
  'rename',
  'renameat',
  'renameat2',
  'unlink',
  'unlinkat',
  'rmdir',
  // Whether a file is one of the shadow tree its descriptor does not show.
  'fstatfs',
  'chdir',
  'setxattr',
  'lsetxattr',
  'removexattr',
  'lremovexattr',
  'setxattrat',
  'removexattrat',
  'file_setattr',
  // Seldom, and a shell locks what it has opened under a low number.
  'flock',
  // Of a Unix socket it makes a name.
  'bind',
  // From then on paths may mean other files.
  'chroot',
  'pivot_root',
  'setns',
  'mount',
  'umount2',
  'move_mount',
];

/**
 * Descriptors 0 and 1 can be a device too: `dd if=/dev/video0` reads it as standard input, `cat f > /dev/video1`
 * writes it as standard output. Who reads a single byte at a time reads text, and a lot of it: a shell its script. Such
 * reads pass. All others come to us, and every write: what the poll face gives and swallows is no data. (What goes to standard
 * error is seldom a device, and often a lot.)
 */
export const LAST_READ_STREAM = 1;
const STREAM_READ = 2;

/** Calls on a descriptor, the first argument: those of the reserved range. */
const FD_CALLS: readonly CallName[] = ['close', 'getdents64'];

/** The same, and seldom: of standard streams too. */
const STREAM_CALLS: readonly CallName[] = [
  'fstat',
  'dup',
  'fchmod',
  'fchown',
  'fgetxattr',
  'flistxattr',
  'fsetxattr',
  'fremovexattr',
];

/** Variants of read and write: those of the reserved range, and of standard input or output. */
const TRANSFERS: readonly CallName[] = [
  'readv',
  'pread64',
  'preadv',
  'preadv2',
  'write',
  'writev',
  'pwrite64',
  'pwritev',
  'pwritev2',
];

/**
 * Calls on a socket, the first argument: the poll face is one, but no program may know. Of standard streams too: a shell that finds
 * a socket there believes that it was started over a network (bash reads its ~/.bashrc then).
 */
export const SOCKET_CALLS: readonly CallName[] = [
  'connect',
  'accept',
  'sendto',
  'recvfrom',
  'sendmsg',
  'recvmsg',
  'shutdown',
  'listen',
  'getsockname',
  'getpeername',
  'setsockopt',
  'getsockopt',
  'accept4',
  'recvmmsg',
  'sendmmsg',
];

/** Goes to the rule for each call by its number. */
function addDispatch(program: BpfProgram, arch: Arch): void {
  program.load(DATA_ARCH).jump('eq', arch.audit, undefined, 'allow');
  program.load(DATA_NR).jump('ge', X32_BIT, 'allow');
  const to = (names: readonly CallName[], label: string) => {
    for (const name of names) {
      const nr = arch.nr[name];
      if (nr !== undefined) program.jump('eq', nr, label);
    }
  };
  to(['ioctl'], 'ioctl');
  to(['read'], 'read');
  to(TRANSFERS, 'transfer');
  to(FD_CALLS, 'fd');
  to(SOCKET_CALLS, 'stream');
  to(PATH_CALLS, 'notify');
  to(['mmap'], 'mmap');
  to(STREAM_CALLS, 'stream');
  to(['newfstatat'], 'newfstatat');
  to(['statx'], 'statx');
  to(['fcntl'], 'fcntl');
  to(['dup2', 'dup3'], 'dup2');
  to(['epoll_ctl'], 'epoll_ctl');
  to(['select', 'pselect6'], 'select');
  to(['close_range'], 'close_range');
  to(['splice', 'copy_file_range'], 'splice');
  to(['sendfile'], 'sendfile');
  to(['socket'], 'socket');
  to(['clone'], 'clone');
  to(['unshare'], 'unshare');
  to(['prlimit64'], 'prlimit');
  to(['getrlimit', 'setrlimit'], 'rlimit');
  program.goto('allow');
}

/** What decides for each kind of call, by its arguments. */
function addRules(program: BpfProgram, { first, last }: FdRange): void {
  program.label('ioctl').load(argLow(1)).and(0xff00);
  for (const type of [...IOCTL_TYPES, MEMORY_IOCTL_TYPE]) program.jump('eq', type << 8, 'notify');
  // Of the others those that mean something to the poll face, but nothing to a device.
  program.load(argLow(1));
  for (const cmd of GENERIC_IOCTLS) program.jump('eq', cmd, 'allow');
  // Whether there is more to read is asked of standard input too, and a device does not say.
  program.jump('eq', FIONREAD, 'stream', 'fd');

  program.label('transfer').load(argLow(0)).jump('gt', LAST_READ_STREAM, 'fd', 'notify');
  program.label('read').load(argLow(0)).jump('gt', LAST_READ_STREAM, 'fd', 'large');
  program.label('large').load(argLow(2)).jump('ge', STREAM_READ, 'notify', 'allow');

  // Buffers are mapped shared, through any descriptor; a private mapping of a device is an error to report.
  // What loads programs, private mappings of other files, passes.
  program.label('mmap').load(argLow(3)).jump('set', MAP_ANONYMOUS, 'allow').jump('set', MAP_SHARED, 'notify');
  program.load(argLow(4)).jump('ge', first, undefined, 'allow').jump('gt', last, 'allow', 'notify');

  program.label('fcntl').load(argLow(1)).jump('eq', F_GETFD, 'allow').jump('eq', F_SETFD, 'allow');
  // Locks of other files are taken often (every transaction of SQLite takes some), but seldom of standard streams.
  for (const cmd of LOCK_COMMANDS) program.jump('eq', cmd, 'stream');
  // A copy of a standard stream is read and written as the stream is.
  for (const cmd of [F_DUPFD, F_DUPFD_CLOEXEC]) program.jump('eq', cmd, 'stream');
  program.goto('fd');

  // fstat() of newer C libraries: a path call without a path. (With AT_FDCWD there is one.)
  program.label('newfstatat').load(argLow(3)).jump('set', AT_EMPTY_PATH, 'emptyPath', 'notify');
  program.label('statx').load(argLow(2)).jump('set', AT_EMPTY_PATH, undefined, 'notify');
  program.label('emptyPath').load(argLow(0)).jump('eq', AT_FDCWD, 'notify');
  program.label('stream').load(argLow(0)).jump('gt', LAST_STREAM, 'fd', 'notify');

  // From one descriptor to another: either can be a device.
  program.label('splice').load(argLow(2)).jump('gt', LAST_READ_STREAM, undefined, 'notify');
  program.jump('ge', first, undefined, 'from').jump('gt', last, undefined, 'notify');
  program.goto('from');
  program.label('sendfile').load(argLow(1)).jump('gt', LAST_READ_STREAM, undefined, 'notify');
  program.jump('ge', first, undefined, 'from').jump('gt', last, undefined, 'notify');
  program.label('from').load(argLow(0)).jump('gt', LAST_READ_STREAM, 'fd', 'notify');

  program.label('dup2').load(argLow(1));
  program.jump('ge', first, undefined, 'fd').jump('gt', last, undefined, 'notify');

  program.label('fd').load(argLow(0));
  program.jump('ge', first, undefined, 'allow').jump('gt', last, 'allow', 'notify');

  // Who waits for a device that can be read makes it begin to read. (A poll() does not show which descriptors it is for.)
  program.label('epoll_ctl').load(argLow(2));
  program.jump('ge', first, undefined, 'allow').jump('gt', last, 'allow', 'notify');
  program.label('select').load(argLow(0)).jump('gt', first, 'notify', 'allow');

  // Who listens for events of devices must hear of ours.
  program.label('socket').load(argLow(0)).jump('eq', AF_NETLINK, undefined, 'allow');
  program.load(argLow(2)).jump('eq', NETLINK_KOBJECT_UEVENT, 'notify', 'allow');

  // Nearly always a process has one table of descriptors, and shares it with no other. (What clone3() is asked for no filter sees.)
  program.label('clone').load(argLow(0)).jump('set', CLONE_FILES, undefined, 'ofItsOwn');
  program.jump('set', CLONE_THREAD, 'allow', 'notify');
  program.label('ofItsOwn').jump('set', CLONE_THREAD, 'notify', 'allow');
  program.label('unshare').load(argLow(0)).jump('set', CLONE_FILES, 'notify', 'allow');

  // Our numbers must stay below the hard limit of descriptors. Other limits are none of ours.
  program.label('prlimit').load(argLow(1)).jump('eq', RLIMIT_NOFILE, 'notify', 'allow');
  program.label('rlimit').load(argLow(0)).jump('eq', RLIMIT_NOFILE, 'notify', 'allow');

  // close_range(first, last): overlaps the reserved range.
  program.label('close_range').load(argLow(2)).jump('set', CLOSE_RANGE_UNSHARE, 'notify');
  program.load(argLow(0)).jump('gt', last, 'allow');
  program.load(argHigh(1)).jump('gt', 0, 'notify').load(argLow(1)).jump('ge', first, 'notify', 'allow');
}

/** Assembles the filter for `arch`, with descriptors of ours in `range`. */
export function buildFilter(arch: Arch, range: FdRange): Uint8Array {
  const program = new BpfProgram();
  addDispatch(program, arch);
  addRules(program, range);
  program.label('notify').ret(SECCOMP_RET_USER_NOTIF);
  program.label('allow').ret(SECCOMP_RET_ALLOW);
  return program.assemble();
}
