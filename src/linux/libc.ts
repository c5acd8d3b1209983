/**
 * The C library through koffi: the only place where foreign functions are declared. Addresses and sizes are
 * plain numbers, so that a call converts nothing and allocates nothing; memory that a call reads or writes
 * comes from `native-memory.ts`.
 *
 * Every function returns what the C function returns; when that is -1, {@link errno} has the reason.
 */
import { koffi } from './koffi.ts';

// The libc that Node itself runs on, glibc or musl.
const libc = koffi.load(null);

const PTR = 'uintptr_t';
const SIZE = 'size_t';
const SSIZE = 'intptr_t';
const LONG = 'int64_t';

type Args = number[];
type Native = (...args: Args) => number;

function declare(name: string, result: string, args: string[]): Native {
  return libc.func(name, result, args) as Native;
}

export const ioctl = declare('ioctl', 'int', ['int', PTR, PTR]);
export const poll = declare('poll', 'int', [PTR, SIZE, 'int']);
export const ppoll = declare('ppoll', 'int', [PTR, SIZE, PTR, PTR]);
export const epollCreate1 = declare('epoll_create1', 'int', ['int']);
export const epollCtl = declare('epoll_ctl', 'int', ['int', 'int', 'int', PTR]);
export const epollWait = declare('epoll_wait', 'int', ['int', PTR, 'int', 'int']);
export const timerfdCreate = declare('timerfd_create', 'int', ['int', 'int']);
export const timerfdSettime = declare('timerfd_settime', 'int', ['int', 'int', PTR, PTR]);
export const processVmReadv = declare('process_vm_readv', SSIZE, ['int', PTR, SIZE, PTR, SIZE, SIZE]);
export const processVmWritev = declare('process_vm_writev', SSIZE, ['int', PTR, SIZE, PTR, SIZE, SIZE]);
export const mmap = declare('mmap', LONG, [PTR, SIZE, 'int', 'int', 'int', LONG]);
export const munmap = declare('munmap', 'int', [PTR, SIZE]);
export const memfdCreate = libc.func('memfd_create', 'int', ['str', 'unsigned int']) as (
  name: string,
  flags: number,
) => number;
export const ftruncate = declare('ftruncate', 'int', ['int', LONG]);
export const close = declare('close', 'int', ['int']);
export const pipe2 = declare('pipe2', 'int', [PTR, 'int']);
export const read = declare('read', SSIZE, ['int', PTR, SIZE]);
export const pread = declare('pread', SSIZE, ['int', PTR, SIZE, LONG]);
export const pwrite = declare('pwrite', SSIZE, ['int', PTR, SIZE, LONG]);
export const open = libc.func('open', 'int', ['str', 'int']) as (path: string, flags: number) => number;
export const write = declare('write', SSIZE, ['int', PTR, SIZE]);
export const lseek = declare('lseek', LONG, ['int', LONG, 'int']);
export const fcntl = declare('fcntl', 'int', ['int', 'int', LONG]);
export const flock = declare('flock', 'int', ['int', 'int']);
export const prctl = declare('prctl', 'int', ['int', LONG, LONG, LONG, LONG]);
export const socket = declare('socket', 'int', ['int', 'int', 'int']);
export const socketpair = declare('socketpair', 'int', ['int', 'int', 'int', PTR]);
export const bind = declare('bind', 'int', ['int', PTR, 'unsigned int']);
export const listen = declare('listen', 'int', ['int', 'int']);
export const connect = declare('connect', 'int', ['int', PTR, 'unsigned int']);
export const accept4 = declare('accept4', 'int', ['int', PTR, PTR, 'int']);
export const getsockname = declare('getsockname', 'int', ['int', PTR, PTR]);
export const setsockopt = declare('setsockopt', 'int', ['int', 'int', 'int', PTR, 'unsigned int']);
export const getsockopt = declare('getsockopt', 'int', ['int', 'int', 'int', PTR, PTR]);
/** The same in a thread of the runtime, which it may hold up for long. */
function declareAsync(name: string, result: string, args: string[]): (...args: Args) => Promise<number> {
  const native = libc.func(name, result, args) as unknown as {
    async(...args: [...Args, (error: Error | null, result: number) => void]): void;
  };
  return (...values) =>
    new Promise((resolve, reject) => {
      native.async(...values, (error, value) => (error === null ? resolve(value) : reject(error)));
    });
}

export const pollLater = declareAsync('poll', 'int', [PTR, SIZE, 'int']);
export const send = declare('send', SSIZE, ['int', PTR, SIZE, 'int']);
export const shutdown = declare('shutdown', 'int', ['int', 'int']);
export const recv = declare('recv', SSIZE, ['int', PTR, SIZE, 'int']);
export const sendmsg = declare('sendmsg', SSIZE, ['int', PTR, 'int']);
export const recvmsg = declare('recvmsg', SSIZE, ['int', PTR, 'int']);
export const setrlimit = declare('setrlimit', 'int', ['int', PTR]);
export const getrlimit = declare('getrlimit', 'int', ['int', PTR]);
export const waitpid = declare('waitpid', 'int', ['int', PTR, 'int']);
export const waitid = declare('waitid', 'int', ['int', 'int', PTR, 'int']);
export const signal = declare('signal', PTR, ['int', PTR]);
export const makedev = (major: number, minor: number): number =>
  ((minor & 0xff) | ((major & 0xfff) << 8) | ((minor & ~0xff) << 12)) >>> 0;

/** To an address, `struct timespec`. */
export const clockGettime = declare('clock_gettime', 'int', ['int', PTR]);
export const fchdir = declare('fchdir', 'int', ['int']);
export const dup2 = declare('dup2', 'int', ['int', 'int']);
export const kill = declare('kill', 'int', ['int', 'int']);
/** clone(2) as the C library wraps it: the child runs the function at an address, on a stack of its own. */
export const clone = declare('clone', 'int', [PTR, PTR, 'int', PTR]);
const dlsym = libc.func('dlsym', PTR, [PTR, 'str']) as (handle: number, name: string) => number;
/** Where a function of the C library is. */
export const addressOfFunction = (name: string): number => dlsym(0, name);
export const pthreadSigmask = declare('pthread_sigmask', 'int', ['int', PTR, PTR]);

/** <ucontext.h>: glibc has it, musl does not. What `makecontext` passes on are ints, two numbers each: koffi's type, and it. */
export const contexts =
  addressOfFunction('makecontext') === 0
    ? undefined
    : {
        getcontext: declare('getcontext', 'int', [PTR]),
        makecontext: libc.func('makecontext', 'void', [PTR, PTR, 'int', '...']) as (
          context: number,
          run: number,
          count: number,
          ...typesAndValues: (string | number)[]
        ) => void,
        setcontext: addressOfFunction('setcontext'),
      };

/** _exit(2): ends the process without running anything more. */
export const exitNow = declare('_exit', 'void', ['int']);

/** syscall(2), for calls that no libc (or not every libc) wraps. */
export const syscall = declare('syscall', LONG, [LONG, LONG, LONG, LONG, LONG, LONG, LONG]);

/** execve(2): returns only when it failed. */
export const execve = declare('execve', 'int', [PTR, PTR, PTR]);
/** posix_spawn(3) and its attributes; they give an errno, not -1. */
/** What a program that is started gets as its descriptors. */
export const spawnActionsInit = declare('posix_spawn_file_actions_init', 'int', [PTR]);
export const spawnActionsAdddup2 = declare('posix_spawn_file_actions_adddup2', 'int', [PTR, 'int', 'int']);
export const spawnActionsDestroy = declare('posix_spawn_file_actions_destroy', 'int', [PTR]);
export const posixSpawn = declare('posix_spawn', 'int', [PTR, PTR, PTR, PTR, PTR, PTR]);
export const spawnattrInit = declare('posix_spawnattr_init', 'int', [PTR]);
export const spawnattrSetflags = declare('posix_spawnattr_setflags', 'int', [PTR, 'short']);
export const spawnattrSetsigmask = declare('posix_spawnattr_setsigmask', 'int', [PTR, PTR]);
export const spawnattrSetsigdefault = declare('posix_spawnattr_setsigdefault', 'int', [PTR, PTR]);

/** errno of the last call of this thread that failed. */
export function errno(): number {
  return koffi.errno();
}
