/**
 * From an ioctl number and an address in the program to a handler and back: the kernel's `video_ioctl2()`.
 *
 * Nothing is allocated on the way: arguments live in scratch memory with views that are made once. That is
 * enough for one call at a time, and there never are two: handlers run to completion, and what a wake-up
 * wakes calls again later instead of from within it.
 */
import { _IOC_READ, _IOC_WRITE, type Fields, iocDir, iocNr, iocSize, type ViewOf } from '../../abi/index.ts';
import { EINVAL, EIO, ENODEV, ENOTTY, Errno } from '../../base/errno.ts';
import { type Caller, type File, type UserAddress, WOULD_BLOCK } from '../../vfs/file.ts';
import { fhOf, type V4l2Fh } from '../v4l2-fh.ts';
import { ALWAYS_COPY, type ArrayArgument, BLOCKS, CTRL, type IoctlInfo, PRIO } from './row.ts';
import { ioctlTable } from './table.ts';
import { type IoctlArgument, type IoctlEvent, ioctlEnter, ioctlExit, ioctlSleep } from './trace.ts';

/** The largest argument that an ioctl number can name. */
const scratch = new Uint8Array(0x4000);

/** A row of the table with its window on the scratch memory. */
interface Prepared {
  readonly info: IoctlInfo;
  readonly view: ViewOf<Fields> | undefined;
  /** What is copied in, empty if nothing. */
  readonly input: Uint8Array;
  /** What is cleared after that. */
  readonly cleared: Uint8Array;
  /** What is copied out, empty if nothing. */
  readonly output: Uint8Array;
}

function prepare(info: IoctlInfo): Prepared {
  const size = iocSize(info.cmd);
  const dir = iocDir(info.cmd);
  const inputEnd = dir & _IOC_WRITE ? info.inputEnd : 0;
  return {
    info,
    view: info.arg?.at(scratch),
    input: scratch.subarray(0, inputEnd),
    cleared: scratch.subarray(inputEnd, size),
    output: scratch.subarray(0, dir & _IOC_READ ? size : 0),
  };
}

const prepared: (Prepared | undefined)[] = [];
for (const info of ioctlTable) prepared[iocNr(info.cmd)] = prepare(info);

/** Room for the longest array: 256 blocks of EDID, or 1024 controls. */
const arrayScratch = new Uint8Array(0x8000);

/** The first `count` elements of an array in the scratch memory. */
interface ArrayWindow {
  readonly elements: readonly ViewOf<Fields>[];
  readonly bytes: Uint8Array;
  /** Where in the program the array is. */
  address: UserAddress;
}

/** A kind of arrays. Windows are kept, for the arrays of planes that come with every frame. */
interface ArrayKind {
  /** As many elements as anybody has asked for, each made once: windows of all lengths show the same ones. */
  readonly elements: ViewOf<Fields>[];
  /** By count. */
  readonly windows: (ArrayWindow | undefined)[];
}

const kinds = new Map<ArrayArgument, ArrayKind>();

function arrayWindow(array: ArrayArgument, count: number): ArrayWindow {
  let kind = kinds.get(array);
  if (kind === undefined) {
    kind = { elements: [], windows: [] };
    kinds.set(array, kind);
  }
  kind.windows[count] ??= makeWindow(kind, array, count);
  return kind.windows[count];
}

function makeWindow({ elements }: ArrayKind, { element }: ArrayArgument, count: number): ArrayWindow {
  for (let i = elements.length; i < count; i++) elements.push(element.at(arrayScratch, i * element.size));
  return {
    elements: elements.slice(0, count),
    bytes: arrayScratch.subarray(0, count * element.size),
    address: 0,
  };
}

/** Copies in the array that the argument points to, if it has one. */
function copyArrayIn(array: ArrayArgument, argument: unknown, caller: Caller): ArrayWindow | undefined {
  const count = array.count(argument);
  if (count === 0) return undefined;
  if (count > array.maxCount)
    throw new Errno(EINVAL, `${count} elements in an array, at most ${array.maxCount} are allowed`);
  const window = arrayWindow(array, count);
  window.address = array.address(argument);
  caller.memory.read(window.address, window.bytes);
  return window;
}

function checkAllowed(info: IoctlInfo, fh: V4l2Fh): void {
  const isHandled = (info.flags & CTRL) !== 0 && fh.ctrlHandler !== undefined;
  if (!isHandled && !fh.vdev.isValid(info.cmd))
    throw new Errno(ENOTTY, `${fh.vdev.label} has no ${info.name}`);
  if (info.flags & PRIO) fh.vdev.prio.check(fh.prio);
}

/** Not an ioctl of V4L2: the driver's own, or nobody's. As in the kernel its argument has to be readable all the same. */
function serveOther(file: File, fh: V4l2Fh, cmd: number, arg: number, caller: Caller): number {
  const dir = iocDir(cmd);
  const bytes = scratch.subarray(0, iocSize(cmd));
  if (dir & _IOC_WRITE) caller.memory.read(arg, bytes);
  else bytes.fill(0);
  const { vidioc_default: op } = fh.vdev.ioctlOps;
  if (op === undefined) throw new Errno(ENOTTY, `ioctl 0x${cmd.toString(16)} is none of V4L2`);
  const result = op(file, fh, { cmd, arg, bytes, validPrio: fh.vdev.prio.allows(fh.prio) }, caller) ?? 0;
  if (dir & _IOC_READ) caller.memory.write(arg, bytes);
  return result;
}

/** Errors that come with an answer all the same: which control was wrong, how much room it needs. */
function hasAnswer(info: IoctlInfo, error: unknown): boolean {
  return (info.flags & ALWAYS_COPY) !== 0 && error instanceof Errno && error.code !== ENOTTY;
}

/**
 * Serves one ioctl of an open video device. Returns 0, what the driver says of an ioctl of its own, or WOULD_BLOCK;
 * throws `Errno`.
 *
 * The order of checks is the kernel's: gone (ENODEV), argument not readable (EFAULT), array too long (EINVAL),
 * not offered (ENOTTY), others come first (EBUSY), then whatever the handler says. Who sleeps while the
 * device goes has passed the first: in DQBUF its queue, which streams no longer, tells it EINVAL.
 *
 * @kernel video_ioctl2
 */
export function videoIoctl2(file: File, request: number, arg: number, caller: Caller): number {
  const cmd = request >>> 0;
  return ioctlEnter.enabled ? traced(file, cmd, arg, caller) : serve(file, cmd, arg, caller);
}

function serve(file: File, cmd: number, arg: number, caller: Caller): number {
  const fh = fhOf(file);
  const row = prepared[iocNr(cmd)];
  const isKnown = row !== undefined && row.info.cmd === cmd;
  const blocks = isKnown && (row.info.flags & BLOCKS) !== 0;
  const isBack = blocks && fh.wake(caller);
  if (!fh.vdev.isRegistered && !isBack) throw new Errno(ENODEV, 'the device is gone');
  if (!isKnown) return serveOther(file, fh, cmd, arg, caller);

  const { info, view } = row;
  if (row.input.length > 0) caller.memory.read(arg, row.input);
  if (row.cleared.length > 0) row.cleared.fill(0);
  const array = info.array === undefined ? undefined : copyArrayIn(info.array, view, caller);
  try {
    checkAllowed(info, fh);
    if (info.run(file, fh, view, caller, array?.elements) === WOULD_BLOCK) {
      if (blocks) fh.fallAsleep(caller);
      return WOULD_BLOCK;
    }
  } catch (error) {
    if (hasAnswer(info, error)) copyOut(row, arg, array, caller);
    throw error;
  }
  copyOut(row, arg, array, caller);
  return 0;
}

function copyOut(row: Prepared, arg: number, array: ArrayWindow | undefined, caller: Caller): void {
  if (row.info.flags & ALWAYS_COPY) {
    // What was wrong is told also when it is the array that cannot be written.
    try {
      copyArrayOut(array, caller);
    } finally {
      copyStructOut(row, arg, caller);
    }
    return;
  }
  copyArrayOut(array, caller);
  copyStructOut(row, arg, caller);
}

function copyArrayOut(array: ArrayWindow | undefined, caller: Caller): void {
  if (array !== undefined) caller.memory.write(array.address, array.bytes);
}

function copyStructOut({ output }: Prepared, arg: number, caller: Caller): void {
  if (output.length > 0) caller.memory.write(arg, output);
}

/** What `caller` hands over with its ioctl; undefined if that is nothing, or cannot be read. */
function argumentOf(row: Prepared, arg: number, caller: Caller): IoctlArgument | undefined {
  const { info, view } = row;
  if (view === undefined || row.input.length === 0) return undefined;
  try {
    caller.memory.read(arg, row.input);
    row.cleared.fill(0);
    const array = info.array === undefined ? undefined : copyArrayIn(info.array, view, caller);
    return { view, array: array?.elements ?? [] };
  } catch {
    return undefined;
  }
}

/** What was handed back is still in the scratch memory. */
function answerOf({ info, view, output }: Prepared): IoctlArgument | undefined {
  if (view === undefined || output.length === 0) return undefined;
  const count = info.array?.count(view) ?? 0;
  const array = info.array === undefined || count === 0 ? undefined : kinds.get(info.array)?.windows[count];
  return { view, array: array?.elements ?? [] };
}

/** {@link serve} for those who listen. */
function traced(file: File, cmd: number, arg: number, caller: Caller): number {
  const found = prepared[iocNr(cmd)];
  const row = found?.info.cmd === cmd ? found : undefined;
  const argument = row && argumentOf(row, arg, caller);
  const event: IoctlEvent = { file, caller, cmd, arg, name: row?.info.name, argument };
  ioctlEnter.tell(event);
  try {
    const result = serve(file, cmd, arg, caller);
    if (result === WOULD_BLOCK) ioctlSleep.tell(event);
    else ioctlExit.tell({ ...event, argument: row && answerOf(row), result });
    return result;
  } catch (error) {
    const answer = row && hasAnswer(row.info, error) ? answerOf(row) : undefined;
    // Whatever else a driver throws becomes EIO.
    ioctlExit.tell({ ...event, argument: answer, result: -(error instanceof Errno ? error.code : EIO) });
    throw error;
  }
}
