/**
 * What the far end of a poll face sends: urgent bytes. One shows PRI until it is taken, and its place, with what the kernel
 * counts for it, shows IN where the receive buffer is small.
 */
import {
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  MSG_OOB,
  MSG_PEEK,
  MSG_ZEROCOPY,
  SO_RCVBUF,
  SO_RCVLOWAT,
  SOL_SOCKET,
} from '../../linux/constants.ts';
import { recv, send } from '../../linux/libc.ts';
import { POLLIN, POLLPRI } from '../../vfs/file.ts';
import {
  DATA,
  DATA_SIZE,
  isAtUrgent,
  LARGE_BUFFER,
  packetsAllowed,
  pause,
  pollNow,
  received,
  roomFor,
  SMALLEST_BUFFER,
  setOption,
  takeErrors,
  unacknowledged,
} from './face-socket.ts';

/** So many bytes fill the smallest receive buffer, in one packet on any interface. */
const FILLING_SIZE = 1400;
/** So many must have come to count as something to read: what will be read away at once is less. */
const HIDING_LOWAT = 32768;
/** Of the packets that may be sent before one is acknowledged some are left for what is rare. */
const RESERVE = 2;
/**
 * So many packets are sent before the kernel is asked again how many it allows: what a connection may send that is new, or was
 * idle meanwhile, is no less (ten, and the reserve).
 */
const SENT_UNASKED = 8;

export class UrgentByte {
  #fd: number;
  readonly #far: number;
  readonly #refill: () => void;
  /** The one that was sent last has not been found: it is on its way, or a program was faster. */
  #late = false;
  /** Bytes that have been sent, others too. */
  #sent = 0;
  /** So many packets go without asking. */
  #allowed = SENT_UNASKED;
  /**
   * A page that is sent as it is fills the smallest buffer, however little of it is used: that is how the kernel counts, not
   * what it promises. (Nor does it send one where no memory may be locked.)
   */
  #pageFills = true;

  /** `refill` gives the program's end, `fd`, more to send than `far` reads. */
  constructor(fd: number, far: number, refill: () => void) {
    this.#fd = fd;
    this.#far = far;
    this.#refill = refill;
  }

  /** The program's end, which was closed, is ours again as `fd`. */
  regained(fd: number): void {
    this.#fd = fd;
  }

  get isLate(): boolean {
    return this.#late;
  }

  /** Its place did not show IN: from now on it is sent with others before it. */
  fillsNot(): void {
    this.#pageFills = false;
  }

  /**
   * Shows PRI, and leaves the place that shows IN; the place that was there goes when the new byte comes. Of the bits that are
   * to be `shown` PRI says whether it is left there. Where it is the `only` one that has not been taken, PRI tells that it has
   * come, and what else is shown is seen at once: gives that.
   */
  send(shown: number, only: boolean): number {
    if (this.#allowed === 0) this.#makeWay(shown);
    this.#allowed--;
    const isPage = this.#pageFills && this.#sendPage();
    if (!isPage) this.#sendMuch(shown);
    if (isPage && only) {
      const seen = this.#look(shown);
      if (seen & POLLPRI) return seen;
    }
    this.#late = true;
    while (!this.find(shown) && pause(-1));
    return 0;
  }

  /** What is seen of PRI, which is taken if it is not to be shown, and of IN where that is. */
  #look(shown: number): number {
    if ((shown & POLLPRI) === 0) return this.take();
    if (shown & POLLIN) return pollNow(this.#fd, POLLIN | POLLPRI);
    return recv(this.#fd, DATA, 1, MSG_OOB | MSG_PEEK | MSG_DONTWAIT) === 1 ? POLLPRI : 0;
  }

  /** Takes the byte that was sent last, unless PRI is to be shown; false if it is still on its way. */
  find(shown: number): boolean {
    if (!this.allArrived()) return false;
    if (!isAtUrgent(this.#fd)) recv(this.#fd, DATA, DATA_SIZE, MSG_DONTWAIT);
    this.#late = !isAtUrgent(this.#fd);
    if ((shown & POLLPRI) === 0) this.take();
    return true;
  }

  /** Gives PRI if there was a byte to be taken. */
  take(): number {
    return recv(this.#fd, DATA, 1, MSG_OOB | MSG_DONTWAIT) === 1 ? POLLPRI : 0;
  }

  /** Everything that was sent is here, or was. */
  allArrived(): boolean {
    return received(this.#fd) >= this.#sent;
  }

  /** Sends `count` bytes as they are, the last of them urgent or not. */
  sendPlain(count: number, flags: number): boolean {
    const sent = send(this.#far, DATA, count, flags | MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) this.#sent += sent;
    return sent > 0;
  }

  /** The kernel has so many pages on their way at most. */
  #sendPage(): boolean {
    const flags = MSG_OOB | MSG_ZEROCOPY;
    if (this.sendPlain(1, flags)) return true;
    takeErrors(this.#far);
    this.#acknowledge();
    return this.sendPlain(1, flags);
  }

  /** What has gone before the urgent byte is read away when that is found. */
  #sendMuch(shown: number): void {
    if ((shown & POLLIN) === 0) setOption(this.#fd, SOL_SOCKET, SO_RCVLOWAT, HIDING_LOWAT);
    this.sendPlain(FILLING_SIZE, MSG_OOB);
  }

  /**
   * Room for further packets. The kernel allows the more the better a connection has used what it was allowed, so that
   * acknowledging, which costs as much as several urgent bytes, becomes rare.
   */
  #makeWay(shown: number): void {
    const isNarrow = roomFor(this.#far, this.#sent) < (SENT_UNASKED + RESERVE) * FILLING_SIZE;
    let allowed = packetsAllowed(this.#far) - RESERVE;
    if (isNarrow || allowed < SENT_UNASKED) {
      takeErrors(this.#far);
      if (isNarrow) this.#widen(shown);
      else this.#acknowledge();
      allowed = packetsAllowed(this.#far) - RESERVE;
    }
    this.#allowed = Math.max(1, Math.min(allowed, SENT_UNASKED));
  }

  /**
   * Acknowledges with as much room as a large receive buffer has. A small one, which shows IN, offers none that is new, and so
   * IN is not shown for this long: once in fifty thousand urgent bytes, where it is shown all the while.
   */
  #widen(shown: number): void {
    setOption(this.#fd, SOL_SOCKET, SO_RCVBUF, LARGE_BUFFER);
    this.#acknowledge();
    if (shown & POLLIN) setOption(this.#fd, SOL_SOCKET, SO_RCVBUF, SMALLEST_BUFFER);
  }

  /**
   * Urgent bytes are acknowledged late, and the next would have to wait. What the program's end sends acknowledges them
   * too, and it has much to send as soon as the far end has room. It must not get so little that OUT shows.
   */
  #acknowledge(): void {
    if (unacknowledged(this.#fd) < 2 * DATA_SIZE) this.#refill();
    recv(this.#far, DATA, DATA_SIZE, MSG_DONTWAIT);
  }
}
