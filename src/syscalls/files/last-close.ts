/**
 * When the last descriptor of a file is closed, wherever it was: in a table, in a message on its way, in a call of a
 * thread. An epoll instance keeps nothing open that it watches, and /proc lists what that is; the kernel strikes a file
 * off the list at the last close, before it does anything else. What the other end of a connection hears of the same
 * close goes through the network, and when a processor has no time the kernel leaves that to a thread of its own.
 */
import { EPOLL_CTL_ADD, O_CLOEXEC, O_RDONLY } from '../../linux/constants.ts';
import { epollCreate1, epollCtl, open, pread } from '../../linux/libc.ts';
import { allocateNative } from '../../linux/native-memory.ts';

const EVENT_SIZE = 16;
const native = allocateNative(65536);
const TEXT = native.address + EVENT_SIZE;
const TEXT_SIZE = native.bytes.length - EVENT_SIZE;
const LATIN1 = new TextDecoder('latin1');

const epoll = epollCreate1(O_CLOEXEC);
/** Opened once: when it is needed there may be no descriptor left. */
const list = open(`/proc/self/fdinfo/${epoll}`, O_RDONLY | O_CLOEXEC);

/** From now on {@link stillOpen} has the file that is open as `fd`, also when we have closed that. False if it cannot. */
export function watchLastClose(fd: number): boolean {
  // An event that asks for nothing: nobody waits for this epoll instance.
  native.bytes.fill(0, 0, EVENT_SIZE);
  return list >= 0 && epollCtl(epoll, EPOLL_CTL_ADD, fd, native.address) === 0;
}

/** The inode numbers of those that are watched and have not had their last close yet; undefined if that is not told. */
export function stillOpen(): ReadonlySet<number> | undefined {
  let text = '';
  for (let at = 0; ; ) {
    const got = pread(list, TEXT, TEXT_SIZE, at);
    if (got <= 0) break;
    text += LATIN1.decode(native.bytes.subarray(EVENT_SIZE, EVENT_SIZE + got));
    at += got;
  }
  // Without a file it says something too.
  if (text === '') return undefined;
  return new Set(
    [...text.matchAll(/ ino:([0-9a-f]+) /g)].map(([, number = '']) => Number.parseInt(number, 16)),
  );
}
