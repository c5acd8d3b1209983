/**
 * What a driver answers: one optional op per ioctl, named as in the kernel.
 *
 * The core calls an op with the argument copied in, checked as far as the core can check it, and everything
 * that the program is not supposed to set zeroed. The op changes the view in place; the core copies it out.
 * - An op that is not there makes its ioctl answer ENOTTY; that is how a device says what it can do.
 * - A client's mistake is thrown as an `Errno`; the argument is then not copied out (EDID, sets of controls and
 *   QUERY_DV_TIMINGS are, they say what was wrong). Anything else that is thrown is a bug of the driver: it is
 *   reported, and the program is told EIO.
 * - Only while the device is registered, never two at a time: an op runs to its end before anything else does.
 * - A view is the core's and is used again for the next call: keep values from it, never the view.
 * - Only the two ops that wait for something (DQBUF, DQEVENT) may return WOULD_BLOCK, before they have changed anything.
 * - Where an ioctl changes what others see, an open file of lower priority than another one has been told EBUSY before.
 */
import type { BufferOps } from './buffer.ts';
import type { ControlOps } from './control.ts';
import type { DeviceOps } from './device.ts';
import type { FormatOps } from './format.ts';
import type { InputOps, TimingsOps, TunerOps } from './input.ts';
import type { StreamOps } from './stream.ts';

export type { ControlOps } from './control.ts';
export type { BufTypeSuffix, EnumFmtSuffix } from './format.ts';
export type {
  ArrayIoctlOp,
  BlockingIoctlOp,
  DefaultIoctl,
  DefaultIoctlOp,
  IoctlOp,
  ScalarView,
} from './op.ts';

/** @kernel v4l2_ioctl_ops */
export type V4l2IoctlOps<D = unknown, F = unknown> = DeviceOps<D, F> &
  FormatOps<D, F> &
  BufferOps<D, F> &
  StreamOps<D, F> &
  InputOps<D, F> &
  TunerOps<D, F> &
  TimingsOps<D, F> &
  ControlOps<D, F>;

/** Those that serve one ioctl. */
export type IoctlOpName = Exclude<keyof V4l2IoctlOps, 'vidioc_default'>;
