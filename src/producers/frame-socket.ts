import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net';

/** What comes before somebody has said where it is to go. */
const SPILL_BYTES = 64 * 1024;

/**
 * Bytes of a socket, read straight to where they are wanted: a frame of several megabytes is copied once, by the kernel.
 * Nothing is read while nobody wants anything, so whoever writes waits.
 */
export class FrameSocket {
  readonly #socket: Socket;
  readonly #spill = new Uint8Array(SPILL_BYTES);
  /** The part of it that nobody has had. */
  #spilled = this.#spill.subarray(0, 0);
  #target: Uint8Array | undefined;
  #filled = 0;
  #settle: ((filled: number) => void) | undefined;
  #hasEnded = false;

  /** Owns `fd` from now on. */
  constructor(fd: number) {
    const onread: OnReadOpts = {
      buffer: () => this.#target?.subarray(this.#filled) ?? this.#spill,
      callback: (bytes, buffer) => this.#came(bytes, buffer),
    };
    const options: SocketConstructorOpts & { onread: OnReadOpts } = {
      ...{ fd, readable: true, writable: false },
      onread,
    };
    this.#socket = new Socket(options);
    const ended = () => {
      this.#hasEnded = true;
      this.#finish();
    };
    this.#socket.on('end', ended).on('error', ended).on('close', ended);
  }

  /** Fills `target`. Gives how many bytes there were: fewer only at the end. One call at a time. */
  into(target: Uint8Array): Promise<number> {
    this.#target = target;
    this.#filled = 0;
    this.#takeSpilled();
    if (this.#filled === target.length || this.#hasEnded) {
      this.#target = undefined;
      return Promise.resolve(this.#filled);
    }
    return new Promise((resolve) => {
      this.#settle = resolve;
      this.#socket.resume();
    });
  }

  /** True if more is wanted. */
  #came(bytes: number, buffer: Uint8Array): boolean {
    if (buffer.buffer === this.#spill.buffer) {
      this.#spilled = this.#spill.subarray(0, bytes);
      this.#takeSpilled();
    } else {
      this.#filled += bytes;
    }
    if (this.#target !== undefined && this.#filled < this.#target.length) return true;
    this.#finish();
    return false;
  }

  #takeSpilled(): void {
    if (this.#target === undefined) return;
    const part = this.#spilled.subarray(0, this.#target.length - this.#filled);
    this.#target.set(part, this.#filled);
    this.#filled += part.length;
    this.#spilled = this.#spilled.subarray(part.length);
  }

  #finish(): void {
    const settle = this.#settle;
    this.#settle = undefined;
    this.#target = undefined;
    settle?.(this.#filled);
  }
}
