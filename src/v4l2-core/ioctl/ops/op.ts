import type { Caller, File } from '../../../vfs/file.ts';
import type { V4l2Fh } from '../../v4l2-fh.ts';

/** The argument of an ioctl that is one number, to be read or set. */
export interface ScalarView {
  value: number;
}

// Declared as methods: the core, which does not know D and F, holds tables of every driver in one type.

/**
 * An op: `argument` is the struct of the ioctl (or its number, where the ioctl only gives one), to be read and changed
 * in place. `file` is the open file that calls, `caller` the thread. One whose row in the table says that it may wait may
 * return WOULD_BLOCK, with `caller` asleep; nothing else that it returns means anything.
 */
export type IoctlOp<D, F, V> = {
  op(file: File, fh: V4l2Fh<D, F>, argument: V, caller: Caller): void;
}['op'];

/** An op whose argument points to an array, which has been copied in; undefined if it has no elements. */
export type ArrayIoctlOp<D, F, V, E> = {
  op(file: File, fh: V4l2Fh<D, F>, argument: V, caller: Caller, array?: readonly E[]): void;
}['op'];

/** An op that may return WOULD_BLOCK, with `caller` asleep; any other result means that it is done. */
export type BlockingIoctlOp<D, F, V, E = never> = {
  op(file: File, fh: V4l2Fh<D, F>, argument: V, caller: Caller, array?: readonly E[]): number | undefined;
}['op'];

/** An ioctl of the driver's own. */
export interface DefaultIoctl {
  /** Its number, with direction and size in it (`_IOWR('u', 0x21, …)`). */
  readonly cmd: number;
  /** The argument as the program gave it: an address in the program, unless the number says that nothing is moved (`_IO`). */
  readonly arg: number;
  /**
   * As many bytes as the number says: what the program handed over, or zeros; copied out afterwards if the number says
   * that something is read. They are the core's and are used again for the next call.
   */
  readonly bytes: Uint8Array;
  /** No other open file has a higher priority: what changes the device may be done. */
  readonly validPrio: boolean;
}

/** Serves ioctls of the driver's own: what it gives is the result, 0 if it gives nothing. */
export type DefaultIoctlOp<D, F> = {
  // biome-ignore lint/suspicious/noConfusingVoidType: most have nothing to give.
  op(file: File, fh: V4l2Fh<D, F>, ioctl: DefaultIoctl, caller: Caller): number | void;
}['op'];
