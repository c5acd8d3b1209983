/**
 * Whom an open file would tell by signals: F_SETOWN and its like. A device tells nobody, but the kernel sends the owner of a socket
 * SIGURG for each urgent byte, and so for each PRI that a poll face shows. So the face has no owner, and what was set is kept here.
 */
import { EINVAL, Errno, ESRCH } from '../../base/errno.ts';
import { F_GETOWN, F_GETOWN_EX, F_SETOWN, F_SETOWN_EX } from '../../linux/constants.ts';
import { readlink } from '../../linux/proc-fs.ts';
import type { OpenFile } from '../files/open-file.ts';
import type { Answer, Call } from '../wire/call.ts';
import type { Context } from './context.ts';

/** Of `struct f_owner_ex`: what `id` names. */
const TYPES = { thread: 0, process: 1, group: 2 } as const;
const SIZE = 8;
const LEAST = -0x8000_0000;

interface Owner {
  readonly type: number;
  /** As the program says it. */
  readonly id: number;
}

const NOBODY: Owner = { type: TYPES.thread, id: 0 };
const owners = new WeakMap<OpenFile, Owner>();

/** True if somebody has `id`, of a group below 0. Whom a program in another PID namespace means is not known: he is there. */
function exists(tid: number, id: number): boolean {
  if (readlink(`/proc/${tid}/ns/pid`) !== readlink('/proc/self/ns/pid')) return true;
  try {
    return process.kill(id, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** A number will do, whatever it is that has it. */
function setOwner({ tid }: Call, openFile: OpenFile, owner: Owner): Answer {
  const { id } = owner;
  if (id !== 0 && !exists(tid, id) && !exists(tid, -id)) throw new Errno(ESRCH);
  owners.set(openFile, owner);
  return 0;
}

/** Nobody, once he has ended. */
function ownerOf({ tid }: Call, openFile: OpenFile): Owner {
  const owner = owners.get(openFile) ?? NOBODY;
  const { type, id } = owner;
  return id === 0 || exists(tid, type === TYPES.group ? -id : id) ? owner : { type, id: 0 };
}

function readOwner({ memory }: Context, call: Call): Owner {
  const bytes = new Uint8Array(SIZE);
  memory.attach(call);
  memory.read(call.address(2), bytes);
  const view = new DataView(bytes.buffer);
  const [type, id] = [view.getInt32(0, true), view.getInt32(4, true)];
  if (type < TYPES.thread || type > TYPES.group) throw new Errno(EINVAL);
  if (id < 0) throw new Errno(ESRCH);
  return { type, id };
}

function writeOwner({ memory }: Context, call: Call, { type, id }: Owner): Answer {
  const bytes = new Uint8Array(SIZE);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, type, true);
  view.setInt32(4, id, true);
  memory.attach(call);
  memory.write(call.address(2), bytes);
  return 0;
}

/** fcntl() with `cmd` on `openFile`; undefined if it is not about its owner. */
export function ownerCall(context: Context, call: Call, openFile: OpenFile, cmd: number): Answer | undefined {
  switch (cmd) {
    case F_SETOWN: {
      const who = call.int(2);
      if (who === LEAST) throw new Errno(EINVAL);
      return setOwner(call, openFile, { type: who < 0 ? TYPES.group : TYPES.process, id: Math.abs(who) });
    }
    case F_SETOWN_EX:
      return setOwner(call, openFile, readOwner(context, call));
    case F_GETOWN: {
      const { type, id } = ownerOf(call, openFile);
      return type === TYPES.group ? -id : id;
    }
    case F_GETOWN_EX:
      return writeOwner(context, call, ownerOf(call, openFile));
    default:
      return undefined;
  }
}
