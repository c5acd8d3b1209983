/**
 * The calls that move bytes from one descriptor to another inside the kernel. A device has no operation for them, so
 * they fail, and whoever made them goes on with read() and write(). What is wrong with the other end or with the arguments is
 * told first, in the order in which the kernel looks.
 */
import { EBADF, EFAULT, EINVAL, EISDIR, Errno, ESPIPE } from '../../base/errno.ts';
import { S_IFDIR, S_IFIFO, S_IFSOCK } from '../../linux/constants.ts';
import { accessOf, fileTypeOf } from '../../linux/proc-fs.ts';
import type { Access, File } from '../../vfs/file.ts';
import { type Answer, type Call, CONTINUE } from '../wire/call.ts';
import { type Context, fileOf, readArgument } from './context.ts';

const SPLICE_FLAGS = 15;
const NONE: Access = { read: false, write: false };

/** One end of a copy. */
interface End {
  readonly isDevice: boolean;
  /** What the descriptor may be used for; undefined if there is none. */
  readonly access: Access | undefined;
  /** The type of the file; 0 for a device. */
  readonly type: number;
}

function endAt(call: Call, fd: number, file: File | undefined): End {
  if (file !== undefined) return { isDevice: true, access: file.access, type: 0 };
  return { isDevice: false, access: accessOf(call.tid, fd), type: fileTypeOf(call.tid, fd) };
}

interface Ends {
  readonly from: End;
  readonly to: End;
}

/** The ends of a copy if one of them is a device; undefined if the kernel is to carry it out. */
function endsOf(context: Context, call: Call, from: number, to: number): Ends | undefined {
  const [source, target] = [from, to].map((fd) => fileOf(context, call, fd)?.openFile.file);
  if (source === undefined && target === undefined) return undefined;
  return { from: endAt(call, from, source), to: endAt(call, to, target) };
}

/** Descriptors that are none come before everything else. */
function checkThere({ from, to }: Ends): void {
  if (from.access === undefined || to.access === undefined) throw new Errno(EBADF);
}

function checkAccess({ from, to }: Ends): void {
  if (!(from.access ?? NONE).read || !(to.access ?? NONE).write) throw new Errno(EBADF);
}

/** The position that argument `index` points to, if it does. */
function positionAt(context: Context, call: Call, index: number): bigint | undefined {
  const address = call.address(index);
  if (address === 0) return undefined;
  const bytes = new Uint8Array(8);
  if (!readArgument(context, call, address, bytes)) throw new Errno(EFAULT);
  return new DataView(bytes.buffer).getBigInt64(0, true);
}

/** @kernel __do_splice, do_splice */
export function splice(context: Context, call: Call): Answer {
  const [length, flags] = [call.size(4), call.uint(5)];
  const ends = endsOf(context, call, call.int(0), call.int(2));
  if (ends === undefined) return CONTINUE;
  if (length === 0) return 0;
  if (flags & ~SPLICE_FLAGS) throw new Errno(EINVAL);
  checkThere(ends);
  const { from, to } = ends;
  const isPlaced = (end: End, index: number) => end.type === S_IFIFO && call.address(index) !== 0;
  if (isPlaced(from, 1) || isPlaced(to, 3)) throw new Errno(ESPIPE);
  positionAt(context, call, 3);
  positionAt(context, call, 1);
  checkAccess(ends);
  throw new Errno(EINVAL);
}

/** @kernel do_sendfile */
export function sendfile(context: Context, call: Call): Answer {
  const [to, from, count] = [call.int(0), call.int(1), call.size(3)];
  const ends = endsOf(context, call, from, to);
  if (ends === undefined) return CONTINUE;
  const position = positionAt(context, call, 2);
  if (!ends.from.access?.read) throw new Errno(EBADF);
  const isStream = ends.from.type === S_IFIFO || ends.from.type === S_IFSOCK;
  if (position !== undefined && isStream) throw new Errno(ESPIPE);
  if ((position !== undefined && position < 0n) || call.isNegative(3)) throw new Errno(EINVAL);
  checkAccess(ends);
  // A pipe is not asked for nothing, nor is a target.
  if (count === 0 && ends.to.type === S_IFIFO) return 0;
  // Only what can seek can be sent, so nothing of it too.
  if (count === 0 && !ends.from.isDevice) return CONTINUE;
  throw new Errno(EINVAL);
}

/** @kernel copy_file_range, generic_file_rw_checks */
export function copyFileRange(context: Context, call: Call): Answer {
  const ends = endsOf(context, call, call.int(0), call.int(2));
  if (ends === undefined) return CONTINUE;
  checkThere(ends);
  positionAt(context, call, 1);
  positionAt(context, call, 3);
  const isDirectory = ends.from.type === S_IFDIR || ends.to.type === S_IFDIR;
  throw new Errno(isDirectory && call.uint(5) === 0 ? EISDIR : EINVAL);
}
