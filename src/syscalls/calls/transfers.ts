/**
 * Reads and writes of a device, whole or in pieces: what is looked at before the driver is asked, and how much it is asked for.
 */
import { EBADF, EFAULT, EINVAL, EOPNOTSUPP, Errno } from '../../base/errno.ts';
import { cutsSinglePiece, inUserSpace, userAddress } from '../../linux/user-address.ts';
import type { UserMemory } from '../../vfs/file.ts';
import type { OpenFile } from '../files/open-file.ts';
import type { Thread } from '../processes/threads.ts';
import type { Call } from '../wire/call.ts';

export type Transfer = 'read' | 'write' | 'readv' | 'writev';

/** What a call does with an open file; two of its arguments, behind the descriptor, say more. */
export type Kind = 'ioctl' | Transfer | 'flock' | 'fcntl';

/** Of what a transfer is given: bytes, or pieces, of which the kernel looks at 32 bits. */
export const countIn = (call: Call, kind: Kind): number => (isVector(kind) ? call.uint(2) : call.size(2));

const isVector = (kind: Kind): boolean => kind === 'readv' || kind === 'writev';

/** Where in a file a transfer is to be, and the flags of preadv2() and pwritev2(). */
export interface TransferAt {
  /** True if no file is so long that `length` bytes are there. */
  readonly isTooFar: (length: number) => boolean;
  readonly flags: number;
}

/** The arguments behind the descriptor. */
type Place = readonly [first: number, second: number, at: TransferAt];

const IOVEC_SIZE = 16;
/** As many as the kernel takes. */
export const MAX_PIECES = 1024;
/** As much as the kernel moves in one call. */
const MAX_MOVED = 0x7fff_f000;
/** The one flag of preadv2() and pwritev2() that any file takes. */
const RWF_HIPRI = 1;

export interface Piece {
  readonly base: number;
  readonly length: number;
}

/** All pieces are looked at before one of them is moved. @kernel import_iovec */
export function readVector(address: number, count: number, memory: UserMemory): readonly Piece[] {
  if (count > MAX_PIECES) throw new Errno(EINVAL);
  const bytes = new Uint8Array(count * IOVEC_SIZE);
  memory.read(address, bytes);
  const view = new DataView(bytes.buffer);
  const lengths = Array.from({ length: count }, (_, i) => Number(view.getBigInt64(i * IOVEC_SIZE + 8, true)));
  if (lengths.some((length) => length < 0)) throw new Errno(EINVAL);
  let room = MAX_MOVED;
  return lengths.map((wanted, i) => {
    const at = i * IOVEC_SIZE;
    const base = userAddress(view.getUint32(at, true), view.getUint32(at + 4, true));
    const length = Math.min(wanted, room);
    if (!inUserSpace(base, count === 1 && cutsSinglePiece() ? length : wanted)) throw new Errno(EFAULT);
    room -= length;
    return { base, length };
  });
}

/**
 * What is looked at before a device is asked: positions do not matter to it, but they have to be some, and it has no operation that takes
 * flags. Of nothing they are not looked at. @kernel rw_verify_area, vfs_readv
 */
export function checkTransfer(
  kind: Transfer,
  openFile: OpenFile,
  thread: Thread,
  [first, second, at]: Place,
): void {
  checkAccess(kind === 'readv' || kind === 'read' ? 'read' : 'write', openFile);
  const isPieces = isVector(kind);
  if (!isPieces && !inUserSpace(first, second)) throw new Errno(EFAULT);
  const length = isPieces ? lengthOf(readVector(first, second, thread.memory)) : second;
  if (isPieces && length === 0) return;
  if (at.isTooFar(length)) throw new Errno(EINVAL);
  if (at.flags & ~RWF_HIPRI) throw new Errno(EOPNOTSUPP);
}

const lengthOf = (pieces: readonly Piece[]): number => pieces.reduce((sum, { length }) => sum + length, 0);

export function checkAccess(kind: 'read' | 'write', { file }: OpenFile): void {
  if (!file.access[kind]) throw new Errno(EBADF, `the file is not open to ${kind}`);
}

export function move(
  kind: 'read' | 'write',
  openFile: OpenFile,
  address: number,
  count: number,
  thread: Thread,
) {
  checkAccess(kind, openFile);
  const { file } = openFile;
  if (!inUserSpace(address, count)) throw new Errno(EFAULT);
  return file.device.fops[kind](file, address, Math.min(count, MAX_MOVED), thread);
}
