/** Copies of small files that are in no file system: safe to give to anybody. */
import { MFD_CLOEXEC, O_CLOEXEC, O_RDONLY } from '../../linux/constants.ts';
import { close, fcntl, memfdCreate, open, read, write } from '../../linux/libc.ts';
import { allocateNative } from '../../linux/native-memory.ts';

const MFD_ALLOW_SEALING = 2;
const F_ADD_SEALS = 1033;
/** No seal can be taken off, the file neither shrinks nor grows, nobody writes. */
const ALL_SEALS = 1 | 2 | 4 | 8;
const SIZE = 65536;

/** A memory file `name` with what `fd` has, which is closed; negative, with errno, if it cannot be made. */
function copyOf(fd: number, name: string): number {
  const content = allocateNative(SIZE);
  const length = read(fd, content.address, SIZE);
  close(fd);
  const copy = memfdCreate(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (copy >= 0) write(copy, content.address, Math.max(length, 0));
  content.unmap();
  return copy;
}

/** Opens `copy` from its beginning, as `access` says; `copy` is closed. */
function reopened(copy: number, access: number): number {
  const fd = open(`/proc/self/fd/${copy}`, access | O_CLOEXEC);
  close(copy);
  return fd;
}

/** A descriptor of a copy of what `fd` has, which is closed; it cannot change. Negative, with errno, if it cannot be made. */
export function sealedCopy(fd: number): number {
  const copy = copyOf(fd, 'usercam-file');
  if (copy < 0) return copy;
  fcntl(copy, F_ADD_SEALS, ALL_SEALS);
  return reopened(copy, O_RDONLY);
}

/** The same of one that its holder may change, and that /proc shows under `name`. */
export function namedCopy(fd: number, name: string, access: number): number {
  const copy = copyOf(fd, name);
  return copy < 0 ? copy : reopened(copy, access);
}
