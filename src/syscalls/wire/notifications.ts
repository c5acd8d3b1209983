/** The seccomp listener: trapped system calls come in, answers go out. */
import { EBADF, EINTR } from '../../base/errno.ts';
import { errno, ioctl } from '../../linux/libc.ts';
import { allocateNative } from '../../linux/native-memory.ts';
import { type Call, NOTIF_WORDS } from './call.ts';
import { whileAllowed } from './descriptor-limit.ts';

const NOTIF_RECV = 0xc0502100;
const NOTIF_SEND = 0xc0182101;
const NOTIF_ID_VALID = 0x40082102;
const NOTIF_ADDFD = 0x40182103;
const NOTIF_SET_FLAGS = 0x40082104;

const USER_NOTIF_FD_SYNC_WAKE_UP = 1;
const USER_NOTIF_FLAG_CONTINUE = 1;
const ADDFD_FLAG_SETFD = 1;
const ADDFD_FLAG_SEND = 2;

/** Offsets in the memory that is exchanged with the kernel. */
const RESP = 128;
const ADDFD = 192;
const ID = 256;
const TWO_32 = 0x1_0000_0000;

export class Notifications {
  readonly #fd: number;
  readonly #killable: boolean;
  #wakesHere = true;
  readonly #native = allocateNative(4096);
  readonly #address = this.#native.address;
  readonly #view = this.#native.view;
  readonly #request = new Uint32Array(this.#native.bytes.buffer, 0, NOTIF_WORDS);

  /** `killable`: once we have looked at a call only a deadly signal takes it away, see `install.ts`. */
  constructor(fd: number, killable: boolean) {
    this.#fd = fd;
    this.#killable = killable;
    this.#setFlags(USER_NOTIF_FD_SYNC_WAKE_UP);
  }

  /**
   * Who is answered from now on runs next on this processor: 9 µs for a round trip in place of 40, if this thread has nothing
   * else to do until the next call. Where it has, `false` lets the kernel wake on whichever processor is free. Since Linux 6.6.
   */
  set wakesHere(here: boolean) {
    if (here === this.#wakesHere) return;
    this.#wakesHere = here;
    this.#setFlags(here ? USER_NOTIF_FD_SYNC_WAKE_UP : 0);
  }

  #setFlags(flags: number): void {
    ioctl(this.#fd, NOTIF_SET_FLAGS, flags);
  }

  /** Takes the next trapped call; false if it went away in the meantime (its thread was signalled or died). */
  receive(call: Call): boolean {
    const request = this.#request;
    // The kernel wants it cleared. Loops, because for so few words fill() and set() are dearer than a system call.
    for (let i = 0; i < NOTIF_WORDS; i++) request[i] = 0;
    if (ioctl(this.#fd, NOTIF_RECV, this.#address) < 0) return false;
    for (let i = 0; i < NOTIF_WORDS; i++) call.words[i] = request[i] as number;
    return true;
  }

  /** True while the caller still waits for the answer: what was read of it is its own. */
  isValid(call: Call): boolean {
    this.#putId(ID, call);
    return this.#ioctl(NOTIF_ID_VALID, ID) === 0;
  }

  /** The call returns `value`; false if the caller no longer waits. */
  succeed(call: Call, value: number): boolean {
    return this.#send(call, value, 0, 0);
  }

  /** The call fails with errno `code`. */
  fail(call: Call, code: number): boolean {
    return this.#send(call, 0, -code, 0);
  }

  /** The kernel carries the call out as if nobody had looked. */
  continue(call: Call): boolean {
    return this.#send(call, 0, 0, USER_NOTIF_FLAG_CONTINUE);
  }

  /**
   * Puts our descriptor `source` under the number `target` into the caller; the call goes on waiting. The program may have
   * lowered its limit since it got that number, or may raise it: the kernel then refuses the number (EBADF).
   */
  replaceFd(call: Call, source: number, target: number, flags: number): boolean {
    const replace = () => this.#addFd(call, ADDFD_FLAG_SETFD, source, target, flags) >= 0;
    return replace() || (errno() === EBADF && whileAllowed(call.tid, target, replace));
  }

  /** Puts our descriptor `source` into the caller under the lowest free number, or gives -1 and errno. */
  installFd(call: Call, source: number, flags: number): number {
    return this.#addFd(call, 0, source, 0, flags);
  }

  /**
   * Puts our descriptor `source` into the caller and answers with its number: `target`, or the lowest free one if that
   * is undefined. Gives the number, or -1 (see errno). Add and answer can be one step for the kernel, but if we are
   * interrupted in that step (stopped, frozen) the caller may get the answer 0 and no descriptor; where only a deadly
   * signal can come between, two steps are as good.
   */
  sendFd(call: Call, source: number, target: number | undefined, flags: number): number {
    const how = target === undefined ? 0 : ADDFD_FLAG_SETFD;
    if (!this.#killable) return this.#addFd(call, how | ADDFD_FLAG_SEND, source, target ?? 0, flags);
    const fd = this.#addFd(call, how, source, target ?? 0, flags);
    return fd >= 0 && this.succeed(call, fd) ? fd : -1;
  }

  /** A signal for this process may interrupt the kernel before it has begun: then it is asked again. */
  #ioctl(request: number, at: number): number {
    for (;;) {
      const result = ioctl(this.#fd, request, this.#address + at);
      if (result >= 0 || errno() !== EINTR) return result;
    }
  }

  #putId(at: number, call: Call): void {
    this.#view.setUint32(at, call.words[0] as number, true);
    this.#view.setUint32(at + 4, call.words[1] as number, true);
  }

  #send(call: Call, value: number, error: number, flags: number): boolean {
    const view = this.#view;
    this.#putId(RESP, call);
    view.setUint32(RESP + 8, value % TWO_32, true);
    view.setUint32(RESP + 12, Math.floor(value / TWO_32), true);
    view.setInt32(RESP + 16, error, true);
    view.setUint32(RESP + 20, flags, true);
    return this.#ioctl(NOTIF_SEND, RESP) === 0;
  }

  #addFd(call: Call, how: number, source: number, target: number, flags: number): number {
    const view = this.#view;
    this.#putId(ADDFD, call);
    view.setUint32(ADDFD + 8, how, true);
    view.setUint32(ADDFD + 12, source, true);
    view.setUint32(ADDFD + 16, target, true);
    view.setUint32(ADDFD + 20, flags, true);
    return this.#ioctl(NOTIF_ADDFD, ADDFD);
  }
}
