/**
 * The face of an open file that poll(), select() and epoll see: one end of a TCP connection over loopback. It
 * is the only ordinary descriptor whose IN, OUT, PRI and ERR can be switched on and off one by one:
 *
 *  - IN: the far end sends a byte; we take it back with recv();
 *  - PRI: the far end sends an urgent byte; we take it back with recv(MSG_OOB);
 *  - ERR: a byte sent from the program's end leaves its transmit timestamp on the error queue; we take it back
 *    with recvmsg(MSG_ERRQUEUE);
 *  - OUT: the send buffer has room, or we keep it full.
 *
 * Taking back works because we keep a descriptor of the program's end too. What one end sends is at the other
 * before send() returns, except on a machine so busy that the kernel puts the delivery off to a thread of its
 * own: so what is to be taken back is waited for, or it would come later and stay.
 */
import { EINTR, EMFILE, Errno } from '../base/errno.ts';
import {
  AF_INET,
  F_GETFL,
  F_SETFL,
  IPPROTO_TCP,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  MSG_NOSIGNAL,
  MSG_OOB,
  O_NONBLOCK,
  SO_RCVBUF,
  SO_SNDBUF,
  SO_TIMESTAMPING,
  SOCK_CLOEXEC,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_NODELAY,
  TCP_QUICKACK,
  TIOCOUTQ,
} from '../linux/constants.ts';
import {
  accept4,
  bind,
  close,
  connect,
  errno,
  fcntl,
  getsockname,
  ioctl,
  listen,
  ppoll,
  recv,
  recvmsg,
  send,
  setsockopt,
  socket,
} from '../linux/libc.ts';
import { allocateNative } from '../linux/native-memory.ts';
import { POLLERR, POLLIN, POLLOUT, POLLPRI } from '../vfs/file.ts';

const FACE_BITS = POLLIN | POLLPRI | POLLOUT | POLLERR;
const TIMESTAMP_TX_SOFTWARE = 1 << 1;
const TIMESTAMP_SOFTWARE = 1 << 4;
const TIMESTAMP_TSONLY = 1 << 11;
const SOCKADDR_SIZE = 16;
const LOOPBACK = 0x0100007f;
const SMALL_BUFFER = 2048;
const LARGE_BUFFER = 65536;
/** Times DATA_SIZE bytes: several times what the far end's small receive buffer takes. */
const FILL_ROUNDS = 3;
/** How often, a millisecond each, we wait for what must come: a lost segment is sent anew after 200 ms. */
const PATIENCE = 1000;

const native = allocateNative(16384);
const ADDRESS = native.address;
const LENGTH = native.address + 64;
const VALUE = native.address + 96;
const MSGHDR = native.address + 128;
const POLLFD = native.address + 192;
const MILLISECOND = native.address + 208;
native.view.setBigInt64(216, 1_000_000n, true);
const DATA = native.address + 4096;
const DATA_SIZE = 8192;

function setOption(fd: number, level: number, option: number, value: number): void {
  native.view.setInt32(96, value, true);
  setsockopt(fd, level, option, VALUE, 4);
}

function loopbackAddress(port: number): void {
  native.bytes.fill(0, 0, SOCKADDR_SIZE);
  native.view.setUint16(0, AF_INET, true);
  native.view.setUint16(2, port, false);
  native.view.setUint32(4, LOOPBACK, true);
}

function portOf(fd: number): number {
  native.view.setUint32(64, SOCKADDR_SIZE, true);
  return getsockname(fd, ADDRESS, LENGTH) === 0 ? native.view.getUint16(2, false) : -1;
}

function failure(what: string): Errno {
  return new Errno(EMFILE, `${what}: loopback TCP is not available`);
}

/** Makes both ends of a connection; whoever else connects to the port in that moment is turned away. */
function connectedPair(): { program: number; far: number } {
  const listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const program = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0 || program < 0) throw failure('socket');
  setOption(listener, SOL_SOCKET, SO_RCVBUF, SMALL_BUFFER);
  loopbackAddress(0);
  if (bind(listener, ADDRESS, SOCKADDR_SIZE) < 0 || listen(listener, 8) < 0) throw failure('listen');
  loopbackAddress(portOf(listener));
  // One that is interrupted goes on by itself, and accept4() waits for it.
  if (connect(program, ADDRESS, SOCKADDR_SIZE) < 0 && errno() !== EINTR) throw failure('connect');
  const ours = portOf(program);
  for (;;) {
    native.view.setUint32(64, SOCKADDR_SIZE, true);
    const far = accept4(listener, ADDRESS, LENGTH, SOCK_CLOEXEC);
    if (far < 0 && errno() === EINTR) continue;
    if (far < 0) throw failure('accept');
    if (native.view.getUint16(2, false) === ours) {
      close(listener);
      return { program, far };
    }
    close(far);
  }
}

/** Waits a millisecond at most. True if poll() finds one of `bits` at `fd`. */
function pollFor(fd: number, bits: number): boolean {
  native.view.setInt32(192, fd, true);
  native.view.setInt32(196, bits, true);
  if (ppoll(POLLFD, 1, MILLISECOND, 0) <= 0) return false;
  if (native.view.getInt16(198, true) & bits) return true;
  // An error that is shown ends the wait at once.
  ppoll(0, 0, MILLISECOND, 0);
  return false;
}

/** Bytes that `fd` has sent and the other end has not yet acknowledged. */
function unacknowledged(fd: number): number {
  return ioctl(fd, TIOCOUTQ, VALUE) === 0 ? native.view.getInt32(96, true) : 0;
}

/** True if loopback connections can be made here. */
export function loopbackWorks(): boolean {
  try {
    new PollFace().close();
    return true;
  } catch (error) {
    if (error instanceof Errno) return false;
    throw error;
  }
}

export class PollFace {
  /** Our descriptor of the program's end: what is put into programs. */
  readonly fd: number;
  readonly #far: number;
  #shown = 0;

  constructor() {
    const { program, far } = connectedPair();
    this.fd = program;
    this.#far = far;
    setOption(program, IPPROTO_TCP, TCP_NODELAY, 1);
    setOption(far, IPPROTO_TCP, TCP_NODELAY, 1);
    this.#fill();
  }

  /** Makes poll() answer `bits` (POLLIN, POLLPRI, POLLOUT, POLLERR) from now on. */
  show(bits: number): void {
    let change = (bits ^ this.#shown) & FACE_BITS;
    if (change === 0) return;
    if (change & ~bits & POLLIN && this.#shown & POLLPRI) {
      // Reading up to the end of the stream passes the urgent byte and loses it: it is sent anew.
      this.#showPri(false);
      change = (change & ~POLLPRI) | (bits & POLLPRI);
    }
    if (change & POLLIN) this.#showIn((bits & POLLIN) !== 0);
    if (change & POLLPRI) this.#showPri((bits & POLLPRI) !== 0);
    if (change & POLLERR) this.#showErr((bits & POLLERR) !== 0);
    if (change & POLLOUT || change & POLLERR) {
      if (bits & POLLOUT) this.#drain();
      else this.#fill();
    }
    this.#shown = bits;
  }

  /** The flags as the program has set them: both our descriptor and its are one open file. */
  flags(): number {
    return fcntl(this.fd, F_GETFL, 0);
  }

  nonblock(): boolean {
    return (this.flags() & O_NONBLOCK) !== 0;
  }

  setNonblock(on: boolean): void {
    fcntl(this.fd, F_SETFL, on ? O_NONBLOCK : 0);
  }

  close(): void {
    close(this.fd);
    close(this.#far);
  }

  #showIn(on: boolean): void {
    if (on) {
      send(this.#far, DATA, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
      return;
    }
    if (recv(this.fd, DATA, DATA_SIZE, MSG_DONTWAIT) <= 0) this.#await(POLLIN);
    while (recv(this.fd, DATA, DATA_SIZE, MSG_DONTWAIT) > 0);
  }

  #showPri(on: boolean): void {
    if (on) {
      send(this.#far, DATA, 1, MSG_OOB | MSG_NOSIGNAL | MSG_DONTWAIT);
      return;
    }
    if (recv(this.fd, DATA, 1, MSG_OOB | MSG_DONTWAIT) === 1) return;
    this.#await(POLLPRI);
    recv(this.fd, DATA, 1, MSG_OOB | MSG_DONTWAIT);
  }

  /** Waits for what we sent to switch `bit` on: it is taken back only where it has arrived. */
  #await(bit: number): void {
    for (let i = 0; i < PATIENCE && !pollFor(this.fd, bit); i++);
  }

  /** The byte leaves at once and only once: everything before it has arrived, and we wait until it has too. */
  #showErr(on: boolean): void {
    if (!on) {
      native.bytes.fill(0, 128, 128 + 56);
      while (recvmsg(this.fd, MSGHDR, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0);
      return;
    }
    this.#drain();
    setOption(
      this.fd,
      SOL_SOCKET,
      SO_TIMESTAMPING,
      TIMESTAMP_TX_SOFTWARE | TIMESTAMP_SOFTWARE | TIMESTAMP_TSONLY,
    );
    send(this.fd, DATA, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    setOption(this.fd, SOL_SOCKET, SO_TIMESTAMPING, 0);
    this.#drain();
  }

  /** OUT on: whatever waits in the program's send buffer is read away, to the last byte. */
  #drain(): void {
    setOption(this.fd, SOL_SOCKET, SO_SNDBUF, LARGE_BUFFER);
    for (let i = 0; i < PATIENCE; i++) {
      while (recv(this.#far, DATA, DATA_SIZE, MSG_DONTWAIT) > 0);
      if (unacknowledged(this.fd) === 0) return;
      // What has been read may wait 40 ms for its acknowledgement.
      setOption(this.#far, IPPROTO_TCP, TCP_QUICKACK, 1);
      if (unacknowledged(this.fd) === 0) return;
      pollFor(this.#far, POLLIN);
    }
  }

  /**
   * OUT off: far more waits in the program's send buffer than the buffer may then hold, so that it stays full
   * even when the last acknowledgements come in late. Nobody reads.
   */
  #fill(): void {
    setOption(this.fd, SOL_SOCKET, SO_SNDBUF, LARGE_BUFFER);
    for (let i = 0; i < FILL_ROUNDS; i++) send(this.fd, DATA, DATA_SIZE, MSG_NOSIGNAL | MSG_DONTWAIT);
    setOption(this.fd, SOL_SOCKET, SO_SNDBUF, SMALL_BUFFER);
  }
}
