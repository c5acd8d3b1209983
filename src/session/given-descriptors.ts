/** Which descriptors the user gave to this process. Asked first of all: later there are more of ours. */
import { readdirSync, readlinkSync } from 'node:fs';

function targetOf(fd: number): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return '';
  }
}

/**
 * What the user opened for the command, as in `usercam run -- COMMAND 7<file`. Node closes what it was given on exec,
 * like its own; its own are known by what they are: epoll, events, /dev/null, and pipes with both ends here. A file that the
 * runtime has open for a moment (Bun does, while it loads) is not: so what is given says which are still what they were. Under
 * the number of another there may be one of ours by then.
 */
export function givenDescriptors(): () => readonly number[] {
  let names: string[];
  try {
    names = readdirSync('/proc/self/fd');
  } catch {
    return () => [];
  }
  const fds = names.map(Number).filter((fd) => fd > 2);
  const targets = fds.map(targetOf);
  const isOurs = (target: string) =>
    /^(anon_inode:\[(eventfd|eventpoll|io_uring)\]|\/dev\/null|)$/.test(target) ||
    (target.startsWith('pipe:') && targets.indexOf(target) !== targets.lastIndexOf(target));
  const given = fds
    .map((fd, i) => ({ fd, target: targets[i] ?? '' }))
    .filter(({ target }) => !isOurs(target));
  return () => given.filter(({ fd, target }) => targetOf(fd) === target).map(({ fd }) => fd);
}
