/**
 * The calls that begin to wait for a descriptor: select() and epoll_ctl(). The kernel carries them out on the poll
 * face; before that the device is told that somebody waits, as the kernel's poll operation would be.
 */
import { Errno } from '../base/errno.ts';
import { POLL_NOW, POLLIN, POLLOUT } from '../vfs/file.ts';
import type { Context } from './context.ts';
import { FD_FIRST, FD_LAST } from './filter.ts';

const EPOLL_CTL_DEL = 2;
const FD_SETSIZE = 1024;

/** A program waits for `bits` of descriptor `fd` from now on. */
function beginToWait(context: Context, fd: number, bits: number): void {
  const { notifications, files, now } = context;
  const openFile = files.find(notifications.tid, fd, now);
  if (openFile === undefined) return;
  const { file } = openFile;
  file.device.fops.poll(file, bits | POLL_NOW);
  openFile.refreshFace();
}

export function epollCtl(context: Context): void {
  const { notifications, memory } = context;
  const event = new Uint8Array(4);
  memory.attach(notifications.tid);
  try {
    if (notifications.argInt(1) !== EPOLL_CTL_DEL) {
      memory.read(notifications.arg(3), event);
      const bits = new DataView(event.buffer).getUint32(0, true) & (POLLIN | POLLOUT);
      if (bits !== 0) beginToWait(context, notifications.argInt(2), bits);
    }
  } catch (error) {
    // The kernel says EFAULT itself.
    if (!(error instanceof Errno)) throw error;
  }
  notifications.continue();
}

/** select() and pselect6(): the sets of descriptors to read and to write are arguments 1 and 2. */
export function select(context: Context): void {
  const { notifications } = context;
  const end = Math.min(notifications.argInt(0), FD_SETSIZE, FD_LAST + 1);
  for (const [argument, bit] of [
    [1, POLLIN],
    [2, POLLOUT],
  ] as const) {
    const set = readSet(context, notifications.arg(argument), end);
    for (let fd = FD_FIRST; fd < end; fd++) {
      if (((set[fd >> 3] ?? 0) >> (fd & 7)) & 1) beginToWait(context, fd, bit);
    }
  }
  notifications.continue();
}

function readSet(context: Context, address: number, end: number): Uint8Array {
  const set = new Uint8Array(Math.ceil(end / 8));
  if (address === 0) return set;
  const { notifications, memory } = context;
  memory.attach(notifications.tid);
  try {
    memory.read(address, set);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    set.fill(0);
  }
  return set;
}
