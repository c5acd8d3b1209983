import type * as abi from '../../abi/index.ts';
import * as ioctls from '../../abi/ioctls.ts';
import type { Caller, File, UserAddress } from '../../vfs/file.ts';
import type { V4l2Fh } from '../v4l2-fh.ts';
import type { IoctlOpName, ScalarView } from './ops/index.ts';

/** Answers EBUSY while another open file has a higher priority. */
export const PRIO = 1 << 0;
/** Served by the control handler, if the device has one. */
export const CTRL = 1 << 1;
/** The argument is copied out even if the ioctl fails: it says what was wrong. */
export const ALWAYS_COPY = 1 << 2;
/**
 * It may have to wait: its op may return WOULD_BLOCK, and who sleeps when the device goes makes its call to the end.
 */
export const BLOCKS = 1 << 3;

/** An array that the argument points to; it is copied in and out together with the argument. */
export interface ArrayArgument {
  readonly element: abi.Layout<abi.Fields>;
  /** More elements are answered with EINVAL. */
  readonly maxCount: number;
  /** Elements in the program's array, 0 if the argument has none. */
  count(argument: unknown): number;
  address(argument: unknown): UserAddress;
}

/** Does the work of one ioctl; WOULD_BLOCK is the only result that means something. */
// Declared as a method: a row knows the type of its argument, the table does not.
export type IoctlFunction = {
  run(file: File, fh: V4l2Fh, argument: unknown, caller: Caller, array?: readonly unknown[]): unknown;
}['run'];

/** One row of the table: all that is known about an ioctl. */
export interface IoctlInfo {
  readonly name: IoctlName;
  readonly cmd: number;
  /** The struct that the argument points to. */
  readonly arg: abi.Layout<abi.Fields> | undefined;
  /** The ioctl is there if the driver has any of these ops; always, if there are none. */
  readonly ops: readonly IoctlOpName[];
  readonly run: IoctlFunction;
  /** PRIO | CTRL … */
  readonly flags: number;
  /** Something is another after it. What only asks can be asked again when its answer did not reach the program. */
  readonly takesEffect: boolean;
  /**
   * Undoes the last call on an open file, whose answer did not reach the program; true if it is as if it had never been.
   * Without it the effect stands, and the same call gets the same answer when it is made again.
   */
  readonly takeBack: ((fh: V4l2Fh) => boolean) | undefined;
  /** How many bytes of the argument the program sets; the core clears the rest. @kernel INFO_FL_CLEAR */
  readonly inputEnd: number;
  readonly array: ArrayArgument | undefined;
}

export type IoctlName = Extract<keyof typeof ioctls, `VIDIOC_${string}`>;

/** What a row says when it is not the usual: the driver's op gets the whole argument, and answers alone. */
interface Unusual<Field> extends Partial<Pick<IoctlInfo, 'run' | 'flags' | 'array' | 'takeBack'>> {
  /** The last field that the program sets, or the number of bytes; usually it is all of them. */
  readonly input?: Field | number;
  /** The op gets the number that the argument is, instead of a view of it. */
  readonly byValue?: boolean;
}

/** Nothing for the core to do: the driver answers. */
function pass(op: IoctlOpName | undefined, byValue: boolean): IoctlFunction {
  return (file, fh, argument, caller, array) => {
    const driver = op && (fh.vdev.ioctlOps[op] as IoctlFunction | undefined);
    return driver?.(file, fh, byValue ? (argument as ScalarView).value : argument, caller, array);
  };
}

/** Where the bytes after a field begin. */
export function endOf<F extends abi.Fields>(layout: abi.Layout<F>, field: keyof F & string): number {
  const type = layout.fields[field] as abi.Fields[string];
  return layout.offsets[field] + ('over' in type ? type.type.size : type.size);
}

function inputEnd<F extends abi.Fields>(
  arg: abi.Layout<F> | undefined,
  input: (keyof F & string) | number | undefined,
): number {
  if (arg === undefined) return 0;
  if (input === undefined) return arg.size;
  return typeof input === 'number' ? input : endOf(arg, input);
}

const numbers: Readonly<Record<IoctlName, number>> = ioctls;

function row<F extends abi.Fields>(
  takesEffect: boolean,
  name: IoctlName,
  arg: abi.Layout<F> | undefined,
  ops: IoctlOpName | readonly IoctlOpName[],
  more: Unusual<keyof F & string>,
): IoctlInfo {
  const list = typeof ops === 'string' ? [ops] : ops;
  const [op] = list;
  const { flags = 0, byValue = false } = more;
  return {
    name,
    cmd: numbers[name],
    arg: arg as abi.Layout<abi.Fields> | undefined,
    ops: list,
    run: more.run ?? pass(op, byValue),
    flags,
    takesEffect,
    takeBack: more.takeBack,
    inputEnd: inputEnd(arg, more.input),
    array: more.array,
  };
}

/** The row of an ioctl that takes effect; `ops` is one op or several of which one is enough. */
export function acts<F extends abi.Fields>(
  name: IoctlName,
  arg: abi.Layout<F> | undefined,
  ops: IoctlOpName | readonly IoctlOpName[],
  more: Unusual<keyof F & string> = {},
): IoctlInfo {
  return row(true, name, arg, ops, more);
}

/** The row of an ioctl that only asks. */
export function asks<F extends abi.Fields>(
  name: IoctlName,
  arg: abi.Layout<F> | undefined,
  ops: IoctlOpName | readonly IoctlOpName[],
  more: Unusual<keyof F & string> = {},
): IoctlInfo {
  return row(false, name, arg, ops, more);
}
