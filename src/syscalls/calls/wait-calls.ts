/**
 * The calls that begin to wait for a descriptor: select() and epoll_ctl(). The kernel carries them out on the poll
 * face; before that the device is told that somebody waits, as the kernel's poll operation would be.
 */
import { EPOLL_CTL_DEL } from '../../linux/constants.ts';
import { POLL_NOW, POLLIN, POLLOUT, POLLPRI } from '../../vfs/file.ts';
import { AGAIN, type Answer, type Call, CONTINUE } from '../wire/call.ts';
import { type Context, fileOf, notOpen, readArgument } from './context.ts';

const EPOLLET = 0x8000_0000;
const FD_SETSIZE = 1024;

/** The caller waits for `bits` of descriptor `fd` from now on. False while its face cannot be seen. */
function beginToWait(context: Context, call: Call, fd: number, bits: number): boolean {
  const found = fileOf(context, call, fd);
  if (found === undefined) return true;
  const { openFile, thread } = found;
  if (context.faces.isMapping(thread.process, fd)) return false;
  if (bits & EPOLLET) openFile.edges = true;
  const waited = bits & (POLLIN | POLLOUT);
  if (waited === 0 && bits & POLLPRI) openFile.file.awaitsEvents = true;
  if (waited !== 0) openFile.file.device.fops.poll(openFile.file, waited | POLL_NOW);
  context.files.updates.refresh(openFile);
  return true;
}

export function epollCtl(context: Context, call: Call): Answer {
  const [operation, fd, address] = [call.int(1), call.int(2), call.address(3)];
  const event = new Uint8Array(4);
  let bits = 0;
  if (operation !== EPOLL_CTL_DEL && readArgument(context, call, address, event))
    bits = new DataView(event.buffer).getUint32(0, true);
  if (!beginToWait(context, call, fd, bits)) return AGAIN;
  context.threads.find(call)?.process.uses(fd, call);
  return notOpen(context, call, fd);
}

/** select() and pselect6(): the sets of descriptors to read and to write are arguments 1 and 2. */
export function select(context: Context, call: Call): Answer {
  const { first, last } = context.range;
  const end = Math.min(call.int(0), FD_SETSIZE, last + 1);
  if (end <= first) return CONTINUE;
  for (const [address, bit] of [
    [call.address(1), POLLIN],
    [call.address(2), POLLOUT],
    [call.address(3), 0],
  ] as const) {
    const set = new Uint8Array(Math.ceil(end / 8));
    if (address === 0 || !readArgument(context, call, address, set)) continue;
    for (let fd = first; fd < end; fd++) {
      const isIn = ((set[fd >> 3] ?? 0) >> (fd & 7)) & 1;
      if (isIn && !beginToWait(context, call, fd, bit)) return AGAIN;
    }
  }
  return CONTINUE;
}
