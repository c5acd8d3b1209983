/**
 * The face of an open file that poll(), select() and epoll see: one end of a TCP connection over loopback. It
 * is the only ordinary descriptor whose IN, OUT, PRI and ERR can be switched on and off one by one:
 *
 *  - IN: the far end sends a byte; we take it back with recv();
 *  - PRI: the far end sends an urgent byte; we take it back with recv(MSG_OOB);
 *  - ERR: a byte sent from the program's end leaves its transmit timestamp on the error queue; we take it back
 *    with recvmsg(MSG_ERRQUEUE);
 *  - OUT: more waits in the program's send buffer than a small one holds, less than a large one: its size decides.
 *
 * Taking back works because we keep a descriptor of the program's end too. What one end sends is at the other
 * before send() returns, except on a machine so busy that the kernel puts the delivery off to a thread of its
 * own. So where nothing is found to take back, the connection itself is asked. If everything has arrived, somebody
 * else has taken it: the program can read its descriptor in ways that nobody sees. If not, it is late: it is waited
 * for a moment, and then owed until {@link PollFace.settle} finds it.
 */
import { EINTR } from '../../base/errno.ts';
import {
  F_GETFL,
  F_SETFL,
  IPPROTO_TCP,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  MSG_NOSIGNAL,
  MSG_OOB,
  O_NONBLOCK,
  POLLHUP,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_RCVLOWAT,
  SO_SNDBUF,
  SO_TIMESTAMPING,
  SOL_SOCKET,
  TCP_INFO,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
  TCP_NODELAY,
  TCP_NOTSENT_LOWAT,
  TCP_QUICKACK,
  TIOCOUTQ,
} from '../../linux/constants.ts';
import {
  close,
  errno,
  fcntl,
  getsockopt,
  ioctl,
  ppoll,
  recv,
  recvmsg,
  send,
  setsockopt,
} from '../../linux/libc.ts';
import { allocateNative } from '../../linux/native-memory.ts';
import { type InodeKey, inodeNumber, inodeOf } from '../../linux/proc-fs.ts';
import { POLLERR, POLLIN, POLLOUT, POLLPRI } from '../../vfs/file.ts';
import { stillOpen, watchLastClose } from './last-close.ts';
import { loopbackPair } from './loopback-pair.ts';

const FACE_BITS = POLLIN | POLLPRI | POLLOUT | POLLERR;
const TIMESTAMP_TX_SOFTWARE = 1 << 1;
const TIMESTAMP_SOFTWARE = 1 << 4;
const TIMESTAMP_TSONLY = 1 << 11;
const SMALL_BUFFER = 2048;
const LARGE_BUFFER = 65536;
/** Times DATA_SIZE bytes: several times what the far end's small receive buffer takes. */
const FILL_ROUNDS = 3;
/** So often we read on: a program that writes to its descriptor all the time must not keep us. */
const DRAIN_ROUNDS = 100;
const NO_LIMIT = 0x7fffffff;
/** What one change of a face waits for all that is late. */
const PATIENCE_MS = 3;
const PAST = -1;
const KEEPALIVE_IDLE_S = 1;
const KEEPALIVE_INTERVAL_S = 5;
const KEEPALIVE_COUNT = 127;
/** Where struct tcp_info has tcpi_bytes_received, and how much of it is asked for. */
const BYTES_RECEIVED = 128;
const TCP_INFO_SIZE = 136;

const native = allocateNative(16384);
const LENGTH = native.address + 64;
const VALUE = native.address + 96;
const MSGHDR = native.address + 128;
const POLLFD = native.address + 192;
const MILLISECOND = native.address + 208;
native.view.setBigInt64(216, 1_000_000n, true);
const NOW = native.address + 224;
const INFO_AT = 256;
const INFO = native.address + INFO_AT;
const DATA = native.address + 4096;
const DATA_SIZE = 8192;

/** When the change that is being made has waited enough; 0 as long as it has not waited at all. */
let deadline = 0;

function setOption(fd: number, level: number, option: number, value: number): void {
  native.view.setInt32(96, value, true);
  setsockopt(fd, level, option, VALUE, 4);
}

/** What poll() says of `fd` now. */
function pollNow(fd: number, bits: number): number {
  native.view.setInt32(192, fd, true);
  native.view.setInt32(196, bits, true);
  while (ppoll(POLLFD, 1, NOW, 0) < 0 && errno() === EINTR);
  return native.view.getInt16(198, true);
}

/** Waits a millisecond at most, for `fd` to have something to read if it is one; false if we have waited enough. */
function pause(fd: number): boolean {
  const now = performance.now();
  if (deadline === 0) deadline = now + PATIENCE_MS;
  if (now >= deadline) return false;
  native.view.setInt32(192, fd, true);
  native.view.setInt32(196, POLLIN, true);
  ppoll(POLLFD, 1, MILLISECOND, 0);
  return true;
}

/** Bytes that `fd` has sent and the other end has not yet acknowledged. */
function unacknowledged(fd: number): number {
  return ioctl(fd, TIOCOUTQ, VALUE) === 0 ? native.view.getInt32(96, true) : 0;
}

/** Bytes that have arrived at `fd` since it was connected, urgent ones too. */
function received(fd: number): number {
  native.view.setUint32(64, TCP_INFO_SIZE, true);
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, INFO, LENGTH) < 0) return Number.POSITIVE_INFINITY;
  return Number(native.view.getBigUint64(INFO_AT + BYTES_RECEIVED, true));
}

export class PollFace {
  /** Our descriptor of the program's end: what is put into programs. Not ours any more after {@link letGo}. */
  readonly fd: number;
  /**
   * The other end. After {@link letGo} poll() finds POLLHUP there when nobody has the program's end any more. It has
   * unread bytes, so ask for no other event.
   */
  readonly far: number;
  /** Tells which descriptors are the program's end. */
  readonly inode: InodeKey;
  #letGo = false;
  #isWatched = false;
  #shown = 0;
  /** What is not shown any more and may still come: bits of IN, PRI and ERR. */
  #owed = 0;
  /** The send buffer has not yet been emptied for the byte that makes ERR. */
  #draining = false;
  /** Bytes that the far end has sent, urgent ones too. */
  #sent = 0;
  /** Ordinary bytes among them that nobody has been seen to take. */
  #unread = 0;
  /** An urgent byte lies between them: it may turn into an ordinary one. */
  #mixed = false;

  /** Throws ENFILE, ENOMEM or {@link NoLoopback}. */
  constructor() {
    const { program, far } = loopbackPair(SMALL_BUFFER);
    this.fd = program;
    this.far = far;
    this.inode = inodeOf(process.pid, program) ?? -1;
    this.setNonblock(false);
    setOption(program, IPPROTO_TCP, TCP_NODELAY, 1);
    setOption(program, IPPROTO_TCP, TCP_NOTSENT_LOWAT, NO_LIMIT);
    setOption(far, IPPROTO_TCP, TCP_NODELAY, 1);
    this.#fill();
    this.#showOut();
  }

  /** What poll() answers, apart from what is {@link owes}. */
  get shown(): number {
    return this.#shown;
  }

  /** Makes poll() answer `bits` (POLLIN, POLLPRI, POLLOUT, POLLERR) from now on. */
  show(bits: number): void {
    if (this.#letGo) {
      this.#wake(bits);
      return;
    }
    const change = (bits ^ this.#shown) & FACE_BITS;
    if (change === 0) return;
    const on = change & bits;
    deadline = 0;
    this.#shown = bits & FACE_BITS;
    this.#owed = (this.#owed | (change & ~bits)) & ~on & ~POLLOUT;
    if (this.#owed !== 0) this.#takeBack();
    if (on & POLLERR) this.#sendErr();
    else if (change & POLLOUT) this.#showOut();
    if (on & POLLIN) this.#sendIn();
    if (on & POLLPRI) this.#sendPri();
  }

  /**
   * Something new of `bits`, which are shown already: wakes those who wait for an edge (EPOLLET). The kernel wakes
   * them whenever these options are set, also to what they are. And a byte that a program has taken is replaced.
   */
  edge(bits: number): void {
    const shown = bits & this.#shown;
    if (shown === 0 || this.#letGo) return;
    const missing = shown & ~pollNow(this.fd, shown);
    if (missing & POLLIN) this.#sendIn();
    if (missing & POLLPRI) this.#sendPri();
    if (shown & ~missing & (POLLIN | POLLPRI)) setOption(this.fd, SOL_SOCKET, SO_RCVLOWAT, 1);
    if (shown & POLLOUT) this.#showOut();
  }

  /**
   * Somebody may sleep in poll() on a face that is let go, and in no table is a descriptor that would tell of him. What
   * is switched on from the far end cannot be taken back any more; but whoever wakes asks, and gets another face. ERR
   * cannot be shown from there: IN makes him ask as well.
   */
  #wake(bits: number): void {
    const wanted = (bits & POLLERR ? bits | POLLIN : bits) & (POLLIN | POLLPRI) & ~this.#shown;
    this.#shown |= wanted;
    if (wanted & POLLIN) this.#sendIn();
    if (wanted & POLLPRI) this.#sendPri();
  }

  /** True if the face does not yet show what it should: {@link settle} is to be called again, soon. */
  get owes(): boolean {
    return this.#owed !== 0 || this.#draining;
  }

  /** Takes back what has come late, without waiting. True if something is still owed. */
  settle(): boolean {
    if (this.#letGo || !this.owes) return false;
    deadline = PAST;
    this.#tryTakingBack();
    return this.owes;
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

  /**
   * Closes our descriptor of the program's end, so that the kernel tells of the last close. What is shown stays. The
   * connection is reset by that close, whatever is on its way: the end of an ordinary one would wait behind it. That
   * wakes us, later; should the reset be lost, the far end asks from time to time.
   */
  letGo(): void {
    if (this.#letGo) return;
    this.#letGo = true;
    native.view.setInt32(96, 1, true);
    native.view.setInt32(100, 0, true);
    setsockopt(this.fd, SOL_SOCKET, SO_LINGER, VALUE, 8);
    setOption(this.far, IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE_S);
    setOption(this.far, IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_INTERVAL_S);
    setOption(this.far, IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_COUNT);
    setOption(this.far, SOL_SOCKET, SO_KEEPALIVE, 1);
    this.#isWatched = watchLastClose(this.fd);
    close(this.fd);
  }

  /** True if the last descriptor of the program's end is gone, wherever it was, and the reset only on its way. */
  ended(open = stillOpen()): boolean {
    if (this.#isWatched && open?.has(inodeNumber(this.inode)) === false) return true;
    return (pollNow(this.far, 0) & POLLHUP) !== 0;
  }

  close(): void {
    if (!this.#letGo) close(this.fd);
    this.#letGo = true;
    close(this.far);
  }

  #sendIn(): void {
    if (send(this.far, DATA, 1, MSG_NOSIGNAL | MSG_DONTWAIT) !== 1) return;
    this.#sent++;
    this.#unread++;
  }

  #sendPri(): void {
    if (send(this.far, DATA, 1, MSG_OOB | MSG_NOSIGNAL | MSG_DONTWAIT) !== 1) return;
    this.#sent++;
    this.#mixed = true;
  }

  #showOut(): void {
    const large = this.#draining || (this.#shown & POLLOUT) !== 0;
    setOption(this.fd, SOL_SOCKET, SO_SNDBUF, large ? LARGE_BUFFER : SMALL_BUFFER);
  }

  /** The byte leaves at once and only once if everything before it has arrived: we wait for that, and for it. */
  #sendErr(): void {
    this.#draining = true;
    this.#showOut();
    this.#drain();
    const stamps = TIMESTAMP_TX_SOFTWARE | TIMESTAMP_SOFTWARE | TIMESTAMP_TSONLY;
    setOption(this.fd, SOL_SOCKET, SO_TIMESTAMPING, stamps);
    send(this.fd, DATA, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    setOption(this.fd, SOL_SOCKET, SO_TIMESTAMPING, 0);
    this.#refill();
  }

  /** Reads away what waits in the program's send buffer; true if that was everything, to the last byte. */
  #drain(): boolean {
    do {
      for (let n = 0; n < DRAIN_ROUNDS && recv(this.far, DATA, DATA_SIZE, MSG_DONTWAIT) > 0; n++);
      if (unacknowledged(this.fd) === 0) return true;
      // What has been read may wait 40 ms for its acknowledgement.
      setOption(this.far, IPPROTO_TCP, TCP_QUICKACK, 1);
      if (unacknowledged(this.fd) === 0) return true;
    } while (pause(this.far));
    return false;
  }

  #refill(): void {
    if (!this.#drain()) return;
    this.#fill();
    this.#draining = false;
    this.#showOut();
  }

  /**
   * Far more waits in the program's send buffer than a small one may hold, so that it stays full even when the last
   * acknowledgements come in late. Nobody reads.
   */
  #fill(): void {
    setOption(this.fd, SOL_SOCKET, SO_SNDBUF, LARGE_BUFFER);
    for (let i = 0; i < FILL_ROUNDS; i++) send(this.fd, DATA, DATA_SIZE, MSG_NOSIGNAL | MSG_DONTWAIT);
  }

  #takeBack(): void {
    this.#tryTakingBack();
    // No descriptor is waited for: one that shows an error would end each wait at once.
    while (this.#owed !== 0 && pause(-1)) this.#tryTakingBack();
  }

  #tryTakingBack(): void {
    if (this.#draining) this.#refill();
    // PRI first: reading up to the end of the stream passes the urgent byte and loses it.
    if (this.#owed & POLLPRI && this.#takePri()) this.#owed &= ~POLLPRI;
    if (this.#owed & POLLIN && this.#takeIn()) this.#owed &= ~POLLIN;
    if (this.#owed & POLLERR && this.#takeErr()) this.#owed &= ~POLLERR;
  }

  /** Everything that the far end has sent is here, or was. */
  #allArrived(): boolean {
    return received(this.fd) >= this.#sent;
  }

  /** True if no urgent byte is there any more, or on its way. */
  #takePri(): boolean {
    if (recv(this.fd, DATA, 1, MSG_OOB | MSG_DONTWAIT) !== 1) {
      if (!this.#allArrived()) return false;
      // It may have arrived since we looked.
      recv(this.fd, DATA, 1, MSG_OOB | MSG_DONTWAIT);
    }
    // Its place in the stream is passed by reading. That acknowledges nothing, and the tenth would have to wait.
    if (this.#unread === 0) recv(this.fd, DATA, DATA_SIZE, MSG_DONTWAIT);
    setOption(this.fd, IPPROTO_TCP, TCP_QUICKACK, 1);
    return true;
  }

  #takeIn(): boolean {
    const pri = (this.#shown & POLLPRI) !== 0;
    if (pri && !this.#takePri()) return false;
    const taken = this.#read();
    if (pri) this.#sendPri();
    return taken;
  }

  /** Reads the ordinary bytes away; false if some of them are late. */
  #read(): boolean {
    if (!this.#mixed) {
      const got = recv(this.fd, DATA, DATA_SIZE, MSG_DONTWAIT);
      if (got > 0) this.#unread -= got;
      if (this.#unread === 0) return true;
    }
    const arrived = this.#allArrived();
    while (recv(this.fd, DATA, DATA_SIZE, MSG_DONTWAIT) > 0);
    if (!arrived) return false;
    this.#unread = 0;
    this.#mixed = (this.#owed & POLLPRI) !== 0;
    return true;
  }

  #takeErr(): boolean {
    native.bytes.fill(0, 128, 128 + 56);
    while (recvmsg(this.fd, MSGHDR, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0);
    // The timestamp is made before its byte arrives, and so before the send buffer is empty.
    return !this.#draining;
  }
}
