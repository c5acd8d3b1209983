/** A trapped system call as a value, and what can be answered to it. */
import { userAddress } from '../../linux/user-address.ts';

/** `struct seccomp_notif` in 32-bit words, and where its fields are. */
export const NOTIF_WORDS = 20;
const TID = 2;
const NR = 4;
const ARGS = 8;
const TWO_32 = 0x1_0000_0000;
const LAST_POSITION = 0x7fff_ffff_ffff_ffffn;

/** One trapped call. It keeps its identity until it is answered: a call that sleeps keeps its `Call`. */
export class Call {
  /** The notification as the kernel wrote it. */
  readonly words = new Uint32Array(NOTIF_WORDS);
  /** When it came in: nanoseconds of the door's clock. */
  time = 0;

  /** Thread id of the caller, as this process sees it. */
  get tid(): number {
    return this.words[TID] as number;
  }

  /** Number of the system call. */
  get nr(): number {
    return this.words[NR] as number;
  }

  /** Argument `index` as a size or another 64-bit number, exact below 2^53. */
  size(index: number): number {
    const at = ARGS + 2 * index;
    return (this.words[at] as number) + (this.words[at + 1] as number) * TWO_32;
  }

  /** True if argument `index` is negative as a 64-bit number: positions. */
  isNegative(index: number): boolean {
    return (this.words[ARGS + 2 * index + 1] as number) >= 0x8000_0000;
  }

  /** True if `length` bytes from the position that is argument `index` on end where no position is any more. */
  isTooFar(index: number, length: number): boolean {
    const at = ARGS + 2 * index;
    const high = BigInt(this.words[at + 1] as number) << 32n;
    return high + BigInt(this.words[at] as number) + BigInt(length) > LAST_POSITION;
  }

  isMinusOne(index: number): boolean {
    const at = ARGS + 2 * index;
    return this.words[at] === 0xffff_ffff && this.words[at + 1] === 0xffff_ffff;
  }

  /** Argument `index` as an address. */
  address(index: number): number {
    const at = ARGS + 2 * index;
    return userAddress(this.words[at] as number, this.words[at + 1] as number);
  }

  /** Argument `index` as a C int: descriptors. */
  int(index: number): number {
    return (this.words[ARGS + 2 * index] as number) | 0;
  }

  /** Argument `index` as an unsigned int: flags, ioctl numbers. */
  uint(index: number): number {
    return this.words[ARGS + 2 * index] as number;
  }
}

/** The kernel carries the call out as if nobody had looked. */
export const CONTINUE = { kind: 'continue' } as const;

/** The caller is asleep: who said so keeps the call and answers it later. */
export const ASLEEP = { kind: 'asleep' } as const;

/** The call cannot be served at this moment: it is made again, from the start, very soon. */
export const AGAIN = { kind: 'again' } as const;

/** The call returns a descriptor: ours, under a number in the caller's table. */
export interface GiveFd {
  readonly kind: 'descriptor';
  /** Ours. Whoever answers so closes it, if it is to be closed, in `given` and `refused`. */
  readonly source: number;
  readonly cloexec: boolean;
  /** The number it gets, which is free; the lowest free one if left out. */
  readonly at: number | undefined;
  /** The caller has it as `fd`. */
  readonly given?: (fd: number) => void;
  /** The caller is gone, or hears EMFILE. */
  readonly refused?: () => void;
}

/** A number is what the call returns. A failure is thrown, as an `Errno`. */
export type Answer = number | typeof CONTINUE | typeof ASLEEP | typeof AGAIN | GiveFd;

/** How a kind of call is served. */
export interface Handler {
  serve(call: Call): Answer;
  /** The caller was gone before its answer `value` arrived, which only kernels before 5.19 allow. */
  lost?(call: Call, value: number): void;
}
