/**
 * How long what is written will live: F_SET_RW_HINT, a property of the node that all its open files share. The poll face is a file of
 * another owner, and each has its own.
 */
import { release } from 'node:os';
import { EINVAL, Errno } from '../../base/errno.ts';
import { F_GET_RW_HINT, F_SET_RW_HINT } from '../../linux/constants.ts';
import { fileSystemUid } from '../../linux/proc-fs.ts';
import type { CharDevice } from '../../vfs/file.ts';
import { ownerOf } from '../names/stat.ts';
import type { Answer, Call } from '../wire/call.ts';
import { allowOwner } from './change-calls.ts';
import type { Context } from './context.ts';

const SIZE = 8;
/** RWH_WRITE_LIFE_EXTREME */
const LAST_HINT = 5n;
/** From this version on only the owner may. Asked of the version, as root, who may in any case, cannot try it. */
const OWNERS_SINCE = [6, 13] as const;

function isForOwners(): boolean {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  return major > OWNERS_SINCE[0] || (major === OWNERS_SINCE[0] && minor >= OWNERS_SINCE[1]);
}

const hints = new WeakMap<CharDevice, bigint>();

/** fcntl() with `cmd` on an open file of `device`; undefined if it is not about such a hint. @kernel fcntl_set_rw_hint */
export function hintCall(
  { memory }: Context,
  call: Call,
  device: CharDevice,
  cmd: number,
): Answer | undefined {
  if (cmd !== F_GET_RW_HINT && cmd !== F_SET_RW_HINT) return undefined;
  const bytes = new Uint8Array(SIZE);
  const view = new DataView(bytes.buffer);
  memory.attach(call);
  if (cmd === F_GET_RW_HINT) {
    view.setBigUint64(0, hints.get(device) ?? 0n, true);
    memory.write(call.address(2), bytes);
    return 0;
  }
  if (isForOwners()) allowOwner(ownerOf(device), fileSystemUid(call.tid));
  memory.read(call.address(2), bytes);
  const hint = view.getBigUint64(0, true);
  if (hint > LAST_HINT) throw new Errno(EINVAL);
  hints.set(device, hint);
  return 0;
}
