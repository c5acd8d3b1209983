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
 * like its own; its own are known by what they are: epoll, events, /dev/null, and pipes with both ends here.
 */
export function givenDescriptors(): number[] {
  let names: string[];
  try {
    names = readdirSync('/proc/self/fd');
  } catch {
    return [];
  }
  const fds = names.map(Number).filter((fd) => fd > 2);
  const targets = fds.map(targetOf);
  const isOurs = (target: string) =>
    /^(anon_inode:\[(eventfd|eventpoll|io_uring)\]|\/dev\/null|)$/.test(target) ||
    (target.startsWith('pipe:') && targets.indexOf(target) !== targets.lastIndexOf(target));
  return fds.filter((_, i) => !isOurs(targets[i] ?? ''));
}
