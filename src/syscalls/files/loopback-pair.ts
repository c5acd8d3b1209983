/**
 * Two ends of a TCP connection over loopback, made without ever standing still for one that does not come.
 *
 * They are in a network namespace of their own where that is allowed: a program has one of them, and could undo the
 * connection and make another one. There it reaches nobody. All sockets in there descend from two: a listener, and one
 * whose connection to it gives another one, when it is undone on both sides.
 */
import {
  EADDRINUSE,
  EADDRNOTAVAIL,
  EAGAIN,
  EINPROGRESS,
  EINTR,
  EIO,
  EMFILE,
  ENFILE,
  ENOMEM,
  Errno,
  errnoName,
} from '../../base/errno.ts';
import {
  AF_INET,
  AF_UNSPEC,
  F_SETFL,
  O_NONBLOCK,
  POLLIN,
  POLLOUT,
  SO_BINDTODEVICE,
  SO_ERROR,
  SO_RCVBUF,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../../linux/constants.ts';
import {
  accept4,
  bind,
  close,
  connect,
  errno,
  fcntl,
  getsockname,
  getsockopt,
  listen,
  ppoll,
  setsockopt,
  socket,
} from '../../linux/libc.ts';
import { allocateNative, putCString } from '../../linux/native-memory.ts';
import { privateSockets } from '../../linux/private-network.ts';

const SOCKADDR_SIZE = 16;
const LOOPBACK = 0x7f000001;
const TYPE = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
/** What a pair may wait to be connected, as long as there is no sign that loopback does not work. */
const PATIENCE_MS = 300;
/** The same once a wait was in vain: who filters loopback away must not stop the others at every open. */
const IMPATIENCE_MS = 5;

const native = allocateNative(4096);
const ADDRESS = native.address;
const LENGTH = native.address + 64;
const VALUE = native.address + 96;
const POLLFD = native.address + 128;
const TIMEOUT = native.address + 144;
const FPROG = 160;
const FILTER = 192;

const SO_ATTACH_FILTER = 26;
const SO_LOCK_FILTER = 44;
/** Where a socket filter finds the IP header, and in it the sender. */
const SENDER = 0xfff0000c;
/** Classic BPF: code, jump if equal, jump if not, operand. */
type Instruction = readonly [number, number, number, number];

/** What a program's end may hold that nobody reads. */
const PROGRAM_RECEIVE_BUFFER = 65536;

const NO_PORT =
  'no TCP port is left for another camera; widen the range: sysctl net.ipv4.ip_local_port_range';

let patience = PATIENCE_MS;
/** The first two sockets of our network namespace; null where there is none. */
let first: { readonly listener: number; readonly seed: number } | null | undefined;

/** There are no connections over loopback here. */
export class NoLoopback extends Errno {
  constructor(what: string) {
    super(EIO, `no connections over loopback (${what}); bring it up: ip link set lo up`);
  }
}

export interface LoopbackPair {
  readonly program: number;
  readonly far: number;
}

function failure(call: string): Errno {
  const code = errno();
  if (code === EMFILE || code === ENFILE) {
    return new Errno(ENFILE, 'usercam has no descriptors left; raise its limit: ulimit -n');
  }
  if (code === ENOMEM) return new Errno(ENOMEM, 'no memory for a socket');
  // bind() says EADDRNOTAVAIL where the interface is down, which is another matter.
  const isPorts = code === EADDRINUSE || (code === EADDRNOTAVAIL && call === 'connect');
  return isPorts ? new Errno(ENFILE, NO_PORT) : new NoLoopback(`${call}: ${errnoName(code)}`);
}

function loopbackAddress(port: number): void {
  native.bytes.fill(0, 0, SOCKADDR_SIZE);
  native.view.setUint16(0, AF_INET, true);
  native.view.setUint16(2, port, false);
  native.view.setUint32(4, LOOPBACK, false);
}

/** The port that `fd` is bound to. */
function portOf(fd: number): number {
  native.view.setUint32(64, SOCKADDR_SIZE, true);
  if (getsockname(fd, ADDRESS, LENGTH) < 0) throw failure('getsockname');
  return native.view.getUint16(2, false);
}

/** Waits until `fd` is ready for `bits`; throws {@link NoLoopback} at `deadline`. */
function waitFor(fd: number, bits: number, deadline: number): void {
  for (;;) {
    const left = Math.max(deadline - performance.now(), 0);
    native.view.setInt32(128, fd, true);
    native.view.setInt32(132, bits, true);
    native.view.setUint32(144, Math.floor(left / 1000), true);
    native.view.setUint32(152, Math.floor((left % 1000) * 1e6), true);
    const ready = ppoll(POLLFD, 1, TIMEOUT, 0);
    if (ready > 0) return;
    if (ready < 0 && errno() !== EINTR) throw failure('poll');
    if (left > 0) continue;
    patience = IMPATIENCE_MS;
    throw new NoLoopback('they are not made: filtered?');
  }
}

function newSocket(): number {
  const fd = socket(AF_INET, TYPE, 0);
  if (fd < 0) throw failure('socket');
  return fd;
}

/** Makes an unconnected, unbound socket of `fd`, whatever it was. */
function disconnect(fd: number): void {
  native.bytes.fill(0, 0, SOCKADDR_SIZE);
  native.view.setUint16(0, AF_UNSPEC, true);
  connect(fd, ADDRESS, SOCKADDR_SIZE);
  // The other end may have been the first to undo the connection: that is an error which waits to be asked for.
  native.view.setUint32(64, 4, true);
  getsockopt(fd, SOL_SOCKET, SO_ERROR, VALUE, LENGTH);
}

/**
 * Where there is no network namespace for it: from now on `program` reaches the loopback interface only, and hears
 * nobody but the far end, which has `port`. Neither can be taken off without privileges. Newer kernels allow such a
 * filter only to those who may administer the network (EPERM); the camera works without.
 */
function confine(program: number, port: number): void {
  setsockopt(program, SOL_SOCKET, SO_BINDTODEVICE, putCString(native, FILTER, 'lo'), 3);
  const instructions: readonly Instruction[] = [
    [0x28, 0, 0, 0],
    [0x15, 0, 3, port],
    [0x20, 0, 0, SENDER],
    [0x15, 0, 1, LOOPBACK],
    [0x06, 0, 0, 0xffffffff],
    [0x06, 0, 0, 0],
  ];
  for (const [i, [code, equal, other, operand]] of instructions.entries()) {
    const at = FILTER + 8 * i;
    native.view.setUint16(at, code, true);
    native.view.setUint8(at + 2, equal);
    native.view.setUint8(at + 3, other);
    native.view.setUint32(at + 4, operand, true);
  }
  native.view.setUint16(FPROG, instructions.length, true);
  native.view.setBigUint64(FPROG + 8, BigInt(native.address + FILTER), true);
  native.view.setInt32(96, 1, true);
  if (setsockopt(program, SOL_SOCKET, SO_ATTACH_FILTER, native.address + FPROG, 16) === 0)
    setsockopt(program, SOL_SOCKET, SO_LOCK_FILTER, VALUE, 4);
}

/** Whoever else connects to the port in that moment is turned away. */
function accept(listener: number, ours: number, deadline: number): number {
  for (;;) {
    native.view.setUint32(64, SOCKADDR_SIZE, true);
    const far = accept4(listener, ADDRESS, LENGTH, SOCK_CLOEXEC);
    if (far >= 0) {
      const { view } = native;
      if (view.getUint16(2, false) === ours && view.getUint32(4, false) === LOOPBACK) return far;
      close(far);
    } else if (errno() === EAGAIN) waitFor(listener, POLLIN, deadline);
    else if (errno() !== EINTR) throw failure('accept');
  }
}

/**
 * Connects `program`, which must not block, with a new socket: the far end, whose receive buffer has `receiveBuffer`
 * bytes, and which has `port`. Throws ENFILE, ENOMEM or {@link NoLoopback}.
 */
function connectTo(
  listener: number,
  program: number,
  receiveBuffer: number,
): { readonly far: number; readonly port: number } {
  const deadline = performance.now() + patience;
  native.view.setInt32(96, receiveBuffer, true);
  setsockopt(listener, SOL_SOCKET, SO_RCVBUF, VALUE, 4);
  loopbackAddress(0);
  if (bind(listener, ADDRESS, SOCKADDR_SIZE) < 0) throw failure('bind');
  if (listen(listener, 8) < 0) throw failure('listen');
  const port = portOf(listener);
  loopbackAddress(port);
  if (connect(program, ADDRESS, SOCKADDR_SIZE) < 0 && errno() !== EINPROGRESS) throw failure('connect');
  const far = accept(listener, portOf(program), deadline);
  try {
    // The last step of the handshake is accepted before the first is seen to be, when the machine is busy.
    waitFor(program, POLLOUT, deadline);
  } catch (error) {
    close(far);
    throw error;
  }
  patience = PATIENCE_MS;
  return { far, port };
}

/** Another unconnected socket in the namespace of `listener` and `seed`. */
function breed(listener: number, seed: number): number {
  try {
    const { far } = connectTo(listener, seed, PROGRAM_RECEIVE_BUFFER);
    disconnect(far);
    fcntl(far, F_SETFL, O_NONBLOCK);
    return far;
  } finally {
    disconnect(seed);
    disconnect(listener);
  }
}

function privatePair(listener: number, seed: number, receiveBuffer: number): LoopbackPair {
  const program = breed(listener, seed);
  try {
    return { program, far: connectTo(listener, program, receiveBuffer).far };
  } catch (error) {
    close(program);
    throw error;
  } finally {
    disconnect(listener);
  }
}

/** In the network namespace that this process is in. */
function commonPair(receiveBuffer: number): LoopbackPair {
  const listener = newSocket();
  let program = -1;
  try {
    program = newSocket();
    const { far, port } = connectTo(listener, program, receiveBuffer);
    confine(program, port);
    return { program, far };
  } catch (error) {
    if (program >= 0) close(program);
    throw error;
  } finally {
    close(listener);
  }
}

/**
 * Makes the network namespace for all pairs, if it may be made. It costs a millisecond, which the first pair pays if nobody
 * has done so before.
 */
export function prepareNetwork(): void {
  const [listener, seed] = privateSockets() ?? [];
  first = listener === undefined || seed === undefined ? null : { listener, seed };
}

/** A connected pair; the program's end has O_NONBLOCK. Whatever fails, nothing is left open. */
export function loopbackPair(receiveBuffer: number): LoopbackPair {
  if (first === undefined) prepareNetwork();
  return first ? privatePair(first.listener, first.seed, receiveBuffer) : commonPair(receiveBuffer);
}
