/**
 * How an ioctl number is made up (asm-generic, the same on x64 and arm64): direction, size of the argument,
 * type letter, number. All results are unsigned, so they compare equal to what a program passes.
 */
export const _IOC_NONE = 0;
/** The program writes: the kernel copies the argument in. */
export const _IOC_WRITE = 1;
/** The program reads: the kernel copies the argument out. */
export const _IOC_READ = 2;

const TYPE_SHIFT = 8;
const SIZE_SHIFT = 16;
const DIR_SHIFT = 30;
const SIZE_MASK = 0x3fff;

/** What carries the size of an argument: every layout does. */
interface Sized {
  readonly size: number;
}

function ioc(dir: number, type: string, nr: number, size: number): number {
  if (size > SIZE_MASK) throw new RangeError(`an ioctl argument of ${size} bytes does not fit in a number`);
  return ((dir << DIR_SHIFT) | (size << SIZE_SHIFT) | (type.charCodeAt(0) << TYPE_SHIFT) | nr) >>> 0;
}

/** An ioctl without an argument. */
export function _IO(type: string, nr: number): number {
  return ioc(_IOC_NONE, type, nr, 0);
}

/** An ioctl whose argument only comes out. */
export function _IOR(type: string, nr: number, argument: Sized): number {
  return ioc(_IOC_READ, type, nr, argument.size);
}

/** An ioctl whose argument only goes in. */
export function _IOW(type: string, nr: number, argument: Sized): number {
  return ioc(_IOC_WRITE, type, nr, argument.size);
}

/** An ioctl whose argument goes in and comes out. */
export function _IOWR(type: string, nr: number, argument: Sized): number {
  return ioc(_IOC_READ | _IOC_WRITE, type, nr, argument.size);
}

/** `_IOC_NONE`, or `_IOC_READ` and `_IOC_WRITE` or'ed. */
export function iocDir(cmd: number): number {
  return cmd >>> DIR_SHIFT;
}

/** The code of the type letter: `'V'` is 0x56. */
export function iocType(cmd: number): number {
  return (cmd >>> TYPE_SHIFT) & 0xff;
}

export function iocNr(cmd: number): number {
  return cmd & 0xff;
}

/** Bytes of the argument. */
export function iocSize(cmd: number): number {
  return (cmd >>> SIZE_SHIFT) & SIZE_MASK;
}
