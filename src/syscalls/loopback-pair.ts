/** Two ends of a TCP connection over loopback, made without ever standing still for one that does not come. */
import { EAGAIN, EINPROGRESS, EINTR, EIO, EMFILE, ENFILE, ENOMEM, Errno, errnoName } from '../base/errno.ts';
import {
  AF_INET,
  POLLIN,
  POLLOUT,
  SO_RCVBUF,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../linux/constants.ts';
import {
  accept4,
  bind,
  close,
  connect,
  errno,
  getsockname,
  listen,
  ppoll,
  setsockopt,
  socket,
} from '../linux/libc.ts';
import { allocateNative } from '../linux/native-memory.ts';

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

let patience = PATIENCE_MS;

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
  return code === ENOMEM
    ? new Errno(ENOMEM, `no memory for a socket`)
    : new NoLoopback(`${call}: ${errnoName(code)}`);
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

/**
 * From now on `program` hears nobody but the far end, which has `port`. The socket is in our network namespace and a
 * program may be in another one, or not be allowed to connect to anything: it could undo the connection and make another
 * one. The filter cannot be taken off. Some systems do not allow one to ordinary users; the camera works without.
 */
function confine(program: number, port: number): void {
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
 * Connects `program`, which has no O_NONBLOCK afterwards only if its owner takes it away, with a new socket: the
 * far end, whose receive buffer has `receiveBuffer` bytes. Throws ENFILE, ENOMEM or {@link NoLoopback}.
 */
function connectTo(listener: number, program: number, receiveBuffer: number): number {
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
    confine(program, port);
  } catch (error) {
    close(far);
    throw error;
  }
  patience = PATIENCE_MS;
  return far;
}

/** A connected pair; the program's end has O_NONBLOCK. Whatever fails, nothing is left open. */
export function loopbackPair(receiveBuffer: number): LoopbackPair {
  const listener = newSocket();
  let program = -1;
  try {
    program = newSocket();
    return { program, far: connectTo(listener, program, receiveBuffer) };
  } catch (error) {
    if (program >= 0) close(program);
    throw error;
  } finally {
    close(listener);
  }
}
