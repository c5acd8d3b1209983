/**
 * Memory that a device has handed out as a descriptor: the kernel's dma-buf. Programs have a memfd, which the kernel
 * maps, seeks and polls as it should; what only a dma-buf knows is answered here.
 */
import { EFAULT, EINVAL, ENOTTY, Errno } from '../../base/errno.ts';
import { isHandedOut } from '../../linux/handed-out.ts';
import { inodeOf } from '../../linux/proc-fs.ts';
import { type Answer, type Call, CONTINUE } from '../wire/call.ts';
import { MEMORY_IOCTL_TYPE } from '../wire/filter.ts';
import type { Context } from './context.ts';

/** As the kernel writes it: the name behind the colon is one that nobody has to give. */
export const DMA_BUF_LINK = '/dmabuf:';

const DMA_BUF_IOCTL_SYNC = 0x40086200;
/** Its argument is a pointer, and has been declared with the size of an int too. */
const DMA_BUF_SET_NAME = [0x40086201, 0x40046201];
const SYNC_RW = 3;
const SYNC_END = 4;
const NAME_SIZE = 32;

/** True if `cmd` is an ioctl that memory might know. */
export const isMemoryIoctl = (cmd: number): boolean => (cmd & 0xff00) === MEMORY_IOCTL_TYPE << 8;

/** True if descriptor `fd` of thread `tid` is memory that was handed out. */
export const isMemory = (tid: number, fd: number): boolean => isHandedOut(inodeOf(tid, fd));

/**
 * An ioctl on such memory. Between our copies and a program's there is nothing to be made equal: its pages are the
 * device's. Fences (EXPORT_SYNC_FILE) are as unknown as before Linux 6.0.
 */
export function memoryIoctl({ memory }: Context, call: Call): Answer {
  const [fd, cmd, address] = [call.int(0), call.uint(1), call.address(2)];
  if (!isMemory(call.tid, fd)) return CONTINUE;
  memory.attach(call);
  if (cmd === DMA_BUF_IOCTL_SYNC) {
    const flags = new Uint8Array(8);
    memory.read(address, flags);
    const value = new DataView(flags.buffer).getBigUint64(0, true);
    if (value & ~BigInt(SYNC_RW | SYNC_END) || !(value & BigInt(SYNC_RW))) throw new Errno(EINVAL);
    return 0;
  }
  if (!DMA_BUF_SET_NAME.includes(cmd)) throw new Errno(ENOTTY);
  const name = memory.readPath(address);
  if (name === undefined) throw new Errno(EFAULT);
  if (name.length >= NAME_SIZE) throw new Errno(EINVAL);
  return 0;
}
