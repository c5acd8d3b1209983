/**
 * The face of an open file that poll(), select() and epoll see: one end of a TCP connection over loopback. It
 * is the only ordinary descriptor whose IN, OUT, PRI and ERR can be switched on and off one by one, and of which nothing
 * can be read all the while:
 *
 *  - IN: the only thing in its receive queue is the place of an urgent byte that we have taken. That place counts as
 *    something to read only when the receive buffer is nearly full, and how full it is decides its size;
 *  - PRI: the far end sends another urgent byte; we take it back with recv(MSG_OOB), and its place is left;
 *  - ERR: a byte sent from the program's end leaves its transmit timestamp on the error queue; we take it back
 *    with recvmsg(MSG_ERRQUEUE);
 *  - OUT: more waits in the program's send buffer than a small one holds, less than a large one: its size decides;
 *  - HUP: the program's end is shut down. That is for good, and brings IN and OUT to who asks for them.
 *
 * Taking back works because we keep a descriptor of the program's end too. What one end sends is at the other
 * before send() returns, except on a machine so busy that the kernel puts the delivery off to a thread of its
 * own. So where an urgent byte is not found, the connection itself is asked. If everything has arrived, somebody
 * else has taken it: the program can read its descriptor in ways that nobody sees, and gets nothing, but passes the
 * place. If not, it is late: it is waited for a moment, and then owed until {@link PollFace.settle} finds it.
 */
import {
  F_GETFL,
  F_SETFL,
  IPPROTO_TCP,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  MSG_OOB,
  SHUT_RDWR,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_RCVBUF,
  SO_RCVLOWAT,
  SO_RCVTIMEO,
  SO_SNDBUF,
  SO_TIMESTAMPING,
  SO_ZEROCOPY,
  SOL_SOCKET,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
  TCP_NODELAY,
  TCP_NOTSENT_LOWAT,
  TCP_QUICKACK,
} from '../../linux/constants.ts';
import { close, fcntl, recv, send, shutdown } from '../../linux/libc.ts';
import { type InodeKey, inodeNumber, inodeOf } from '../../linux/proc-fs.ts';
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLPRI } from '../../vfs/file.ts';
import {
  beginChange,
  chooseReno,
  DATA,
  DATA_SIZE,
  isAtUrgent,
  LARGE_BUFFER,
  pause,
  pollNow,
  SMALLEST_BUFFER,
  setOption,
  setPair,
  takeErrors,
  unacknowledged,
} from './face-socket.ts';
import { stillOpen, watchLastClose } from './last-close.ts';
import { loopbackPair } from './loopback-pair.ts';
import { UrgentByte } from './urgent-byte.ts';

const FACE_BITS = POLLIN | POLLPRI | POLLOUT | POLLERR | POLLHUP;
const TIMESTAMP_TX_SOFTWARE = 1 << 1;
const TIMESTAMP_SOFTWARE = 1 << 4;
const TIMESTAMP_TSONLY = 1 << 11;
const SMALL_BUFFER = 2048;
/** Times DATA_SIZE bytes: several times what the far end's small receive buffer takes. */
const FILL_ROUNDS = 3;
/** So often we read on: a program that writes to its descriptor all the time must not keep us. */
const DRAIN_ROUNDS = 100;
const NO_LIMIT = 0x7fffffff;
const KEEPALIVE_IDLE_S = 1;
const KEEPALIVE_INTERVAL_S = 5;
const KEEPALIVE_COUNT = 127;

export class PollFace {
  /**
   * The other end. After {@link letGo} poll() finds POLLHUP there when nobody has the program's end any more. It has
   * unread bytes, so ask for no other event.
   */
  readonly far: number;
  /** Tells which descriptors are the program's end. */
  readonly inode: InodeKey;
  #fd: number;
  #letGo = false;
  /** It shows something that cannot be taken back any more, as nobody had the program's end when it was to be shown. */
  #isSpoilt = false;
  #isWatched = false;
  #shown = 0;
  #wakes = 0;
  /** The send buffer has not yet been emptied for the byte that makes ERR. */
  #draining = false;
  readonly #urgent: UrgentByte;
  /** The place did not show IN when it was looked at last, nor had anybody passed it. */
  #wasHidden = false;

  /** Throws ENFILE, ENOMEM or {@link NoLoopback}. */
  constructor() {
    const { program, far } = loopbackPair(SMALL_BUFFER);
    this.#fd = program;
    this.far = far;
    this.#urgent = new UrgentByte(program, far, () => {
      this.#fill();
      this.#showOut();
    });
    this.inode = inodeOf(process.pid, program) ?? -1;
    this.setFlags(0);
    setOption(program, IPPROTO_TCP, TCP_NODELAY, 1);
    setOption(program, IPPROTO_TCP, TCP_NOTSENT_LOWAT, NO_LIMIT);
    setOption(far, IPPROTO_TCP, TCP_NODELAY, 1);
    chooseReno(far);
    setOption(far, SOL_SOCKET, SO_ZEROCOPY, 1);
    setOption(program, SOL_SOCKET, SO_RCVBUF, LARGE_BUFFER);
    // Who reads where nobody sees it must not wait for bytes that never come: a microsecond.
    setPair(program, SOL_SOCKET, SO_RCVTIMEO, 8, [0, 1]);
    this.#fill();
    this.#showOut();
    // That shows PRI for a moment, so it is done while nobody has the face.
    beginChange(true);
    this.#urgent.send(this.#shown, true);
  }

  /** Our descriptor of the program's end: what is put into programs. Not ours after {@link letGo}, until {@link regain}. */
  get fd(): number {
    return this.#fd;
  }

  /** Another number whenever somebody may have been woken. */
  get wakes(): number {
    return this.#wakes;
  }

  /** What poll() answers, apart from what is {@link owes}. */
  get shown(): number {
    return this.#shown;
  }

  /**
   * Makes poll() answer `bits` (POLLIN, POLLPRI, POLLOUT, POLLERR) from now on; after POLLHUP nothing changes any more. Gives
   * those that it was seen to answer afterwards, if it had to be looked at.
   */
  show(bits: number): number {
    if (this.#letGo) {
      this.#wake(bits);
      return 0;
    }
    const change = (bits ^ this.#shown) & FACE_BITS;
    if (change === 0 || this.#shown & POLLHUP) return 0;
    this.#wakes++;
    const on = change & bits;
    const off = change & ~bits;
    beginChange(true);
    this.#shown = bits & FACE_BITS;
    if (off & (POLLPRI | POLLERR)) this.#takeBack(off);
    if (on & POLLERR) this.#sendErr();
    else if (change & POLLOUT) this.#showOut();
    const seen = on & POLLPRI ? this.#urgent.send(this.#shownNow(), !this.#urgent.isLate) : 0;
    if (change & POLLIN) this.#showIn();
    this.#hangUp();
    return change & POLLIN ? 0 : seen;
  }

  /** Something new of `bits`: where they are shown and a program has taken them, they are put there again. */
  confirm(bits: number): void {
    const shown = bits & this.#shown & (POLLIN | POLLPRI);
    if (shown === 0 || this.#letGo || this.owes || this.#shown & POLLHUP) return;
    this.#wakes++;
    const missing = shown & ~pollNow(this.fd, shown);
    if (missing === 0) {
      this.#wasHidden = false;
      return;
    }
    // The place is there, and does not show IN, and did not when it was laid anew.
    const isHidden = (missing & POLLIN) !== 0 && isAtUrgent(this.fd);
    if (isHidden && this.#wasHidden) this.#urgent.fillsNot();
    this.#wasHidden = isHidden;
    beginChange(true);
    this.#urgent.send(this.#shown, (this.#shown & ~missing & POLLPRI) === 0);
  }

  /**
   * The same, and wakes those who wait for an edge (EPOLLET). The kernel wakes them whenever these options are set, also
   * to what they are.
   */
  edge(bits: number): void {
    const shown = bits & this.#shown;
    if (shown === 0 || this.#letGo) return;
    this.confirm(shown);
    if (shown & (POLLIN | POLLPRI) && !this.#urgent.isLate) setOption(this.fd, SOL_SOCKET, SO_RCVLOWAT, 1);
    if (shown & POLLOUT) this.#showOut();
  }

  /**
   * Somebody may sleep in poll() on a face that is let go, and in no table is a descriptor that would tell of him. What
   * is switched on from the far end cannot be taken back any more; but whoever wakes asks, and gets another face. ERR
   * cannot be shown from there: IN makes him ask as well.
   */
  #wake(bits: number): void {
    const wanted = (bits & POLLERR ? bits | POLLIN : bits) & (POLLIN | POLLPRI) & ~this.#shown;
    if (wanted === 0) return;
    this.#shown |= wanted;
    this.#isSpoilt = true;
    // The last byte is the urgent one, and in its place IN is not up any more: another byte shows that.
    const count = (this.#shown & POLLIN) !== 0 && (wanted & POLLPRI) !== 0 ? 2 : 1;
    this.#urgent.sendPlain(count, wanted & POLLPRI ? MSG_OOB : 0);
  }

  /** True if the face does not yet show what it should: {@link settle} is to be called again, soon. */
  get owes(): boolean {
    return this.#urgent.isLate || this.#draining;
  }

  /** Takes back what has come late, without waiting. True if something is still owed. */
  settle(): boolean {
    if (this.#letGo || !this.owes) return false;
    this.#wakes++;
    beginChange(false);
    this.#catchUp();
    // Somebody else has read past it, or it could not be sent.
    if (this.#urgent.isLate && this.#urgent.allArrived()) this.#urgent.send(this.#shownNow(), false);
    this.#hangUp();
    return this.owes;
  }

  /** The flags as the program has set them: both our descriptor and its are one open file. */
  flags(): number {
    return fcntl(this.fd, F_GETFL, 0);
  }

  /** Sets those flags that can be set, and takes the others of them away. */
  setFlags(flags: number): void {
    fcntl(this.fd, F_SETFL, flags);
  }

  /**
   * Closes our descriptor of the program's end, so that the kernel tells of the last close. What is shown stays. The
   * connection is reset by that close, whatever is on its way: the end of an ordinary one would wait behind it. That
   * wakes us, later; should the reset be lost, the far end asks from time to time.
   */
  letGo(): void {
    if (this.#letGo) return;
    this.#letGo = true;
    setPair(this.fd, SOL_SOCKET, SO_LINGER, 4, [1, 0]);
    setOption(this.fd, SOL_SOCKET, SO_RCVLOWAT, 1);
    setOption(this.far, IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE_S);
    setOption(this.far, IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_INTERVAL_S);
    setOption(this.far, IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_COUNT);
    setOption(this.far, SOL_SOCKET, SO_KEEPALIVE, 1);
    this.#isWatched ||= watchLastClose(this.fd);
    close(this.fd);
  }

  /** The program's end is ours again, as `fd`. False if it shows what it should not: then it is of no use. */
  regain(fd: number): boolean {
    if (!this.#letGo || this.#isSpoilt) return false;
    setOption(this.far, SOL_SOCKET, SO_KEEPALIVE, 0);
    this.#fd = fd;
    this.#urgent.regained(fd);
    this.#letGo = false;
    return true;
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

  /** When the buffer is full the kernel does not queue an error either. */
  #shownNow(): number {
    return this.#draining ? this.#shown & ~POLLIN : this.#shown;
  }

  #showIn(): void {
    const on = (this.#shownNow() & POLLIN) !== 0;
    setOption(this.fd, SOL_SOCKET, SO_RCVBUF, on ? SMALLEST_BUFFER : LARGE_BUFFER);
    if (!on) return;
    // The size alone wakes nobody.
    setOption(this.fd, SOL_SOCKET, SO_RCVLOWAT, 1);
    this.confirm(POLLIN);
  }

  /** Once all else is shown: an end that is shut down takes nothing. */
  #hangUp(): void {
    if (this.#shown & POLLHUP && !this.owes) shutdown(this.fd, SHUT_RDWR);
  }

  #showOut(): void {
    const large = this.#draining || (this.#shown & POLLOUT) !== 0;
    setOption(this.fd, SOL_SOCKET, SO_SNDBUF, large ? LARGE_BUFFER : SMALL_BUFFER);
  }

  /** The byte leaves at once and only once if everything before it has arrived: we wait for that, and for it. */
  #sendErr(): void {
    this.#draining = true;
    // Who waits for the far end would be woken by them.
    takeErrors(this.far);
    this.#showOut();
    this.#showIn();
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
    if (this.#shown & POLLIN) this.#showIn();
    // The timestamp is made before its byte arrives, and so before the send buffer is empty.
    if ((this.#shown & POLLERR) === 0) takeErrors(this.fd);
  }

  /**
   * Far more waits in the program's send buffer than a small one may hold, so that it stays full even when the last
   * acknowledgements come in late. Nobody reads.
   */
  #fill(): void {
    setOption(this.fd, SOL_SOCKET, SO_SNDBUF, LARGE_BUFFER);
    for (let i = 0; i < FILL_ROUNDS; i++) send(this.fd, DATA, DATA_SIZE, MSG_NOSIGNAL | MSG_DONTWAIT);
  }

  #takeBack(bits: number): void {
    if (bits & POLLPRI && !this.#urgent.isLate) this.#urgent.take();
    if (bits & POLLERR) takeErrors(this.fd);
    // No descriptor is waited for: one that shows an error would end each wait at once.
    while (this.#catchUp() && pause(-1));
  }

  /** True if something is still on its way. */
  #catchUp(): boolean {
    if (this.#draining) this.#refill();
    const isOnItsWay = this.#urgent.isLate && !this.#urgent.find(this.#shown);
    return this.#draining || isOnItsWay;
  }
}
