/**
 * The ioctls about a file and its file system, which the kernel answers before it asks any driver. A device node has no
 * blocks that could be shared, listed or frozen. @kernel do_vfs_ioctl
 */
import { EBADF, EINVAL, ENOMEM, EOPNOTSUPP, EPERM, Errno, EXDEV } from '../../base/errno.ts';
import { fileSystemUid, inodeOf } from '../../linux/proc-fs.ts';
import type { Answer, Call } from '../wire/call.ts';
import type { Context } from './context.ts';

const FIGETBSZ = 2;
const FIFREEZE = 0xc0045877;
const FITHAW = 0xc0045878;
const FICLONE = 0x40049409;
const FICLONERANGE = 0x4020940d;
const FIDEDUPERANGE = 0xc0189436;
const FIEMAP = 0xc020660b;

/** Of the file system that /dev is, on every architecture that is served. */
const BLOCK_SIZE = 4096;
/** `struct file_clone_range` begins with a descriptor; of `struct file_dedupe_range` the count of what follows is here. */
const CLONE_RANGE_SIZE = 32;
const DEDUPE = { size: 24, count: 16, each: 32 } as const;

type FileIoctl = (context: Context, call: Call) => Answer;

function argument({ memory }: Context, call: Call, size: number): DataView {
  const bytes = new Uint8Array(size);
  memory.attach(call);
  memory.read(call.address(2), bytes);
  return new DataView(bytes.buffer);
}

function blockSize({ memory }: Context, call: Call): Answer {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, BLOCK_SIZE, true);
  memory.attach(call);
  memory.write(call.address(2), bytes);
  return 0;
}

/** Blocks of `source` cannot be a device's: it is in another file system, or a device too. */
function clone(context: Context, call: Call, source: number): never {
  if (inodeOf(call.tid, source) === undefined) throw new Errno(EBADF);
  throw new Errno(context.files.identify(call.tid, source) === undefined ? EXDEV : EINVAL);
}

function dedupe(context: Context, call: Call): never {
  const count = argument(context, call, DEDUPE.size).getUint16(DEDUPE.count, true);
  const size = DEDUPE.size + count * DEDUPE.each;
  if (size > BLOCK_SIZE) throw new Errno(ENOMEM);
  argument(context, call, size);
  throw new Errno(EINVAL);
}

function refuse(code: number): never {
  throw new Errno(code);
}

/** To stop a file system is root's. */
const forRoot = (call: Call, code: number): never => refuse(fileSystemUid(call.tid) === 0 ? code : EPERM);

/** By their numbers. */
export const FILE_IOCTLS: ReadonlyMap<number, FileIoctl> = new Map<number, FileIoctl>([
  [FIGETBSZ, blockSize],
  [FIFREEZE, (_, call) => forRoot(call, EOPNOTSUPP)],
  [FITHAW, (_, call) => forRoot(call, EINVAL)],
  [FICLONE, (context, call) => clone(context, call, call.int(2))],
  [
    FICLONERANGE,
    (context, call) => clone(context, call, argument(context, call, CLONE_RANGE_SIZE).getInt32(0, true)),
  ],
  [FIDEDUPERANGE, dedupe],
  [FIEMAP, () => refuse(EOPNOTSUPP)],
]);
