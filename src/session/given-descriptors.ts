/** Which descriptors the user gave to this process. Asked first of all: later there are more of ours. */
import { readdirSync, readlinkSync } from 'node:fs';

const STREAMS = [0, 1, 2];
const LAST_STREAM = 2;

function targetOf(fd: number): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return '';
  }
}

/** Descriptors above the standard streams that are not Node's, as far as can be told from what they are. */
function guessed(): number[] {
  let names: string[];
  try {
    names = readdirSync('/proc/self/fd');
  } catch {
    return [];
  }
  const fds = names.map(Number).filter((fd) => fd > LAST_STREAM);
  const targets = fds.map(targetOf);
  const isOurs = (target: string) =>
    /^(anon_inode:\[(eventfd|eventpoll|io_uring)\]|\/dev\/null)$/.test(target) ||
    (target.startsWith('pipe:') && targets.indexOf(target) !== targets.lastIndexOf(target));
  return fds.filter((_, i) => !isOurs(targets[i] ?? ''));
}

/**
 * What the user opened for the command, as in `usercam run -- COMMAND 7<file`, of the descriptors that were `open` before Node
 * was: it closes what it was given on exec, like its own, and any of its own may look like one of the user's. Where nobody has noted
 * them its own are known by what they are: epoll, events, /dev/null, and pipes with both ends here. A file that the
 * runtime has open for a moment (Bun does, while it loads) is not: so what is given says which are still what they were. Under
 * the number of another there may be one of ours by then.
 */
export function givenDescriptors(open: readonly number[] | undefined): () => readonly number[] {
  const fds = open?.filter((fd) => fd > LAST_STREAM) ?? guessed();
  const given = fds.map((fd) => ({ fd, target: targetOf(fd) })).filter(({ target }) => target !== '');
  return () => given.filter(({ fd, target }) => targetOf(fd) === target).map(({ fd }) => fd);
}

/** The standard streams that were not open: Node has opened them. */
export function closedStreams(open: readonly number[] | undefined): readonly number[] {
  return open === undefined ? [] : STREAMS.filter((fd) => !open.includes(fd));
}
