/** The calls that open a path. */
import { dirname } from 'node:path';
import { EACCES, EEXIST, EINVAL, EISDIR, ELOOP, ENOTDIR, Errno } from '../../base/errno.ts';
import {
  __O_TMPFILE,
  O_ACCMODE,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECT,
  O_DIRECTORY,
  O_EXCL,
  O_NOATIME,
  O_NOFOLLOW,
  O_PATH,
  O_RDONLY,
  O_TRUNC,
} from '../../linux/constants.ts';
import { close, errno, open } from '../../linux/libc.ts';
import { fileSystemUid } from '../../linux/proc-fs.ts';
import type { CharDevice } from '../../vfs/file.ts';
import { openPoint } from '../../vfs/trace.ts';
import type { Directory, Shadow } from '../names/paths.ts';
import { openDirectoryIn, sharesRoot } from '../names/program-root.ts';
import { sealedCopy } from '../names/sealed-copy.ts';
import { DT_CHR } from '../names/shadow-tree.ts';
import type { StoodFor } from '../names/stand-ins.ts';
import { ownerOf } from '../names/stat.ts';
import { type Answer, type Call, CONTINUE } from '../wire/call.ts';
import { openAttribute } from './attribute-writes.ts';
import { allowOwner } from './change-calls.ts';
import type { Context } from './context.ts';
import { ourFailure, placeFor, placeForDevice } from './give-fd.ts';
import { lookUpOpened, type PathArgument, type Target } from './look-up.ts';

/** open(), openat(), creat(). */
export function openPath(context: Context, call: Call, path: PathArgument, flags: number): Answer {
  return openTarget(context, call, lookUpOpened(context, call, path, (flags & O_NOFOLLOW) === 0), flags);
}

/** Opens what was found. */
export function openTarget(context: Context, call: Call, target: Target | undefined, flags: number): Answer {
  if (target === undefined) return CONTINUE;
  switch (target.kind) {
    case 'directory':
      return openDirectory(context, call, target, flags);
    case 'behind':
      return openBehind(call, target.path, flags);
    case 'shadow':
      return openShadow(context, call, target, flags);
    case 'device':
      return flags & O_PATH
        ? openStandIn(context, call, target, flags)
        : openDeviceTold(context, call, target.device, flags);
    default:
      if (flags & O_PATH) return openStandIn(context, call, target, flags);
      throw new Errno(ELOOP);
  }
}

/** {@link openDevice}, and how it went to whoever listens. */
function openDeviceTold(context: Context, call: Call, device: CharDevice, flags: number): Answer {
  try {
    return openDevice(context, call, device, flags);
  } catch (error) {
    if (openPoint.enabled && error instanceof Errno)
      openPoint.tell({ device, flags, result: -error.code, poll: 0 });
    throw error;
  }
}

function openDevice(context: Context, call: Call, device: CharDevice, flags: number): Answer {
  const { notifications, files, threads } = context;
  if (flags & O_DIRECTORY) throw new Errno(ENOTDIR);
  if (flags & __O_TMPFILE) throw new Errno(EINVAL);
  if (flags & O_CREAT && flags & O_EXCL) throw new Errno(EEXIST);
  if (flags & O_NOATIME) allowOwner(ownerOf(device), fileSystemUid(call.tid));
  const process = threads.get(call)?.process;
  if (process === undefined || !notifications.isValid(call)) return CONTINUE;
  const at = placeForDevice(context, call, process);
  const openFile = files.open(device, flags);
  if (flags & O_DIRECT) {
    files.discard(openFile);
    throw new Errno(EINVAL);
  }
  context.events.opened(openFile);
  return {
    kind: 'descriptor',
    source: openFile.face.fd,
    cloexec: (flags & O_CLOEXEC) !== 0,
    at,
    given: (fd) => {
      files.hold(openFile, process, fd);
      if (openPoint.enabled) openPoint.tell({ device, flags, result: fd, poll: openFile.face.shown });
    },
    refused: () => files.discard(openFile),
  };
}

/** Gives the caller `source`, a descriptor of ours that was made for it, as an ordinary one. */
function giveOnce(source: number, flags: number): Answer {
  const done = () => {
    close(source);
  };
  const cloexec = (flags & O_CLOEXEC) !== 0;
  return { kind: 'descriptor', source, cloexec, at: undefined, given: done, refused: done };
}

/**
 * Opens a file of the shadow tree. With O_PATH it is opened to be read all the same, as only such a descriptor can be
 * given to the program; for a link that is not followed there is a stand-in. A program in another root gets a copy,
 * which nobody can change and which is in no file system.
 */
function openShadow(context: Context, call: Call, target: Shadow, flags: number): Answer {
  const { real } = target;
  if (flags & O_CREAT && !(flags & O_PATH)) checkCreation(context, target, flags);
  const wanted = flags & O_PATH ? O_RDONLY | (flags & (O_DIRECTORY | O_NOFOLLOW)) : flags & ~O_CREAT;
  const isToWrite = (wanted & O_ACCMODE) !== O_RDONLY || (wanted & O_TRUNC) !== 0;
  const written =
    isToWrite && target.is !== undefined ? openAttribute(context, call, target, wanted) : undefined;
  if (written !== undefined) return written;
  if (target.is === 'file' && wanted & O_DIRECT) throw new Errno(EINVAL);
  const ours = open(real, (wanted & ~(O_ACCMODE | O_TRUNC | __O_TMPFILE)) | O_CLOEXEC);
  const given = ours < 0 || sharesRoot(call.tid) ? ours : sealedCopy(ours);
  if (given >= 0) return giveOnce(given, flags);
  if (flags & O_PATH && errno() === ELOOP) return openStandIn(context, call, { kind: 'link', real }, flags);
  throw ourFailure();
}

/** What there is cannot be made, and /sys makes no files for programs. */
function checkCreation({ paths }: Context, { real, is }: Shadow, flags: number): void {
  if (is === undefined) {
    if (paths.tree.kindOf(dirname(real)) === 'directory') throw new Errno(EACCES);
    return;
  }
  if (flags & O_EXCL) throw new Errno(EEXIST);
  if (is === 'directory') throw new Errno(EISDIR);
}

/** O_PATH of what has no descriptor that could be given away: the program gets a stand-in. */
function openStandIn(context: Context, call: Call, target: StoodFor, flags: number): Answer {
  if (flags & O_DIRECTORY) throw new Errno(ENOTDIR);
  const process = context.threads.get(call)?.process;
  if (process === undefined) return CONTINUE;
  const at = placeFor(context, call, process);
  const source = context.standIns.fdFor(target);
  if (source < 0) throw ourFailure();
  return { kind: 'descriptor', source, cloexec: (flags & O_CLOEXEC) !== 0, at };
}

/** With any of these a directory is not opened to be listed. */
const NOT_TO_LIST = O_ACCMODE | O_CREAT | O_DIRECT | O_PATH | __O_TMPFILE | O_TRUNC;

/** True if a directory is opened to be listed, and we may open it for the program. */
function isToList(call: Call, flags: number): boolean {
  if (flags & NOT_TO_LIST) return false;
  // To read without a trace is for the owner, as whom we may open what the program may not.
  return (flags & O_NOATIME) === 0 || fileSystemUid(call.tid) === process.geteuid?.();
}

/** A directory of the program's own root that lists names of ours too: those that lead to something in that root. */
function openDirectory(context: Context, call: Call, { path, out }: Directory, flags: number): Answer {
  if (out && flags & O_PATH) return openBehind(call, path, flags);
  const process = isToList(call, flags) ? context.threads.get(call)?.process : undefined;
  if (process === undefined) return CONTINUE;
  const additions = () => context.paths.tree.additions.get(path) ?? [];
  const isOurRoot = sharesRoot(call.tid);
  const names = isOurRoot ? additions : () => additions().filter(({ type }) => type === DT_CHR);
  const at = !isOurRoot && names().length === 0 ? undefined : placeFor(context, call, process);
  // Under an ordinary number its listing would not come to us.
  if (at === undefined) return CONTINUE;
  const ours = openDirectoryIn(call.tid, path, flags);
  if (ours < 0) return CONTINUE;
  return {
    kind: 'descriptor',
    source: ours,
    cloexec: (flags & O_CLOEXEC) !== 0,
    at,
    given: (fd) => context.directories.add(process, fd, ours, names),
    refused: () => {
      close(ours);
    },
  };
}

/** With O_PATH it is opened to be listed all the same: no other descriptor can be given to the program. */
function openBehind(call: Call, path: string, flags: number): Answer {
  const wanted = flags & O_PATH ? flags & (O_DIRECTORY | O_NOFOLLOW) : flags;
  const ours = isToList(call, wanted) ? openDirectoryIn(call.tid, path, wanted) : -1;
  return ours < 0 ? CONTINUE : giveOnce(ours, flags);
}
