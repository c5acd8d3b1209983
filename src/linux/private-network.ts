/**
 * Two sockets in a network namespace where nobody else is. Whoever is given one of them, and undoes its connection,
 * reaches nothing from there; and whatever the machine does to its own loopback interface changes nothing for them.
 *
 * An ordinary user gets such a namespace with a user namespace around it, and a process of several threads cannot enter
 * one. So a child does, which shares our memory and our descriptors for as long as it takes to make two sockets, while
 * the calling thread is suspended, as in posix_spawn(). It runs nothing but functions of the C library, one after the
 * other as makecontext() has linked them. Its namespaces last as long as the sockets.
 */
import { readdirSync } from 'node:fs';
import { TextEncoder } from 'node:util';
import { AF_INET, CLONE_FILES, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_STREAM, SOL_SOCKET } from './constants.ts';
import {
  addressOfFunction,
  clone,
  close,
  contexts,
  getsockopt,
  ioctl,
  pthreadSigmask,
  socket,
  waitpid,
} from './libc.ts';
import { allocateNative, type NativeMemory } from './native-memory.ts';

const CLONE_VM = 0x100;
const CLONE_VFORK = 0x4000;
const CLONE_NEWUSER = 0x1000_0000;
const CLONE_NEWNET = 0x4000_0000;
/** The child sends no signal when it ends, and nobody finds it who waits for any child. */
const WALL = 0x4000_0000;
const SIG_SETMASK = 2;

/** More than `ucontext_t` and `sigset_t` take on any architecture, and where the former has its link and its stack. */
const CONTEXT_SIZE = 8192;
const SIGSET_SIZE = 128;
const LINK = 8;
const STACK = 16;
const STACK_SIZE = 65536;

const SO_NETNS_COOKIE = 71;
const COOKIE_SIZE = 8n;
const SIOCSIFFLAGS = 0x8914;
const IFREQ_SIZE = 40;
const IFREQ_FLAGS = 16;
const IFF_UP = 1;

/** What the child does, each by three numbers at most. */
const TYPE = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
const STEPS: readonly (readonly [string, number, number, number])[] = [
  ['socket', AF_INET, TYPE, 0],
  ['socket', AF_INET, TYPE, 0],
  ['_exit', 0, 0, 0],
];

/** Links the contexts of {@link STEPS}, which begin at `memory`, and gives the function that runs the first. */
function linkSteps({ address, view }: NativeMemory): number | undefined {
  for (const [i, [name, ...args]] of STEPS.entries()) {
    const context = i * CONTEXT_SIZE;
    if (contexts?.getcontext(address + context) !== 0) return undefined;
    const next = i + 1 < STEPS.length ? address + context + CONTEXT_SIZE : 0;
    view.setBigUint64(context + LINK, BigInt(next), true);
    view.setBigUint64(context + STACK, BigInt(address + (i + 1) * STACK_SIZE), true);
    view.setBigUint64(context + STACK + 16, BigInt(STACK_SIZE), true);
    const ints = args.flatMap((value) => ['int', value]);
    contexts.makecontext(address + context, addressOfFunction(name), args.length, ...ints);
  }
  return contexts?.setcontext;
}

/** Lets a child go through {@link STEPS} in new `namespaces`, to its end; false if it may not have them. */
function runChild(memory: NativeMemory, namespaces: number): boolean {
  const run = linkSteps(memory);
  if (run === undefined) return false;
  const { address, bytes } = memory;
  const pid = clone(run, address + bytes.length, CLONE_VM | CLONE_VFORK | CLONE_FILES | namespaces, address);
  if (pid > 0) waitpid(pid, 0, WALL);
  return pid > 0;
}

/** Which network namespace socket `fd` is in; undefined if it is no socket. */
function namespaceOf({ address, view }: NativeMemory, fd: number): bigint | undefined {
  view.setBigUint64(8, COOKIE_SIZE, true);
  return getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, address, address + 8) === 0
    ? view.getBigUint64(0, true)
    : undefined;
}

/** The sockets that this process has, by their namespaces. */
function socketsByNamespace(scratch: NativeMemory): Map<bigint, number[]> {
  const sockets = new Map<bigint, number[]>();
  for (const fd of readdirSync('/proc/self/fd').map(Number)) {
    const namespace = namespaceOf(scratch, fd);
    if (namespace !== undefined) sockets.set(namespace, [...(sockets.get(namespace) ?? []), fd]);
  }
  return sockets;
}

/** Brings up the loopback interface of the namespace of socket `fd`: it is ours, so we may. */
function bringUp({ address, bytes, view }: NativeMemory, fd: number): boolean {
  bytes.fill(0, 0, IFREQ_SIZE);
  bytes.set(new TextEncoder().encode('lo'));
  view.setInt16(IFREQ_FLAGS, IFF_UP, true);
  return ioctl(fd, SIOCSIFFLAGS, address) === 0;
}

/** Other threads may open files meanwhile: what the child has made is told by its namespace, which is new. */
function makeSockets(memory: NativeMemory, scratch: NativeMemory): readonly [number, number] | undefined {
  const ours = socket(AF_INET, TYPE, 0);
  const before = socketsByNamespace(scratch);
  close(ours);
  if (!runChild(memory, CLONE_NEWUSER | CLONE_NEWNET) && !runChild(memory, CLONE_NEWNET)) return undefined;
  const after = socketsByNamespace(scratch);
  const [first, second] = [...after].find(([namespace]) => !before.has(namespace))?.[1] ?? [];
  if (first !== undefined && second !== undefined && bringUp(scratch, first)) return [first, second];
  for (const fd of [first, second]) if (fd !== undefined) close(fd);
  return undefined;
}

/**
 * Two unconnected TCP sockets, close-on-exec and not blocking, in a namespace of their own whose loopback interface is
 * up; undefined where that is not allowed, or not by this C library.
 */
export function privateSockets(): readonly [number, number] | undefined {
  const memory = allocateNative((STEPS.length + 2) * STACK_SIZE);
  const scratch = allocateNative(4096);
  const [all, before] = [scratch.address + 1024, scratch.address + 2048];
  scratch.bytes.fill(0xff, 1024, 1024 + SIGSET_SIZE);
  // A handler of ours would run in the child, on our memory.
  pthreadSigmask(SIG_SETMASK, all, before);
  try {
    return makeSockets(memory, scratch);
  } finally {
    pthreadSigmask(SIG_SETMASK, before, 0);
    memory.unmap();
    scratch.unmap();
  }
}
