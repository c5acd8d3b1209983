import type {
  v4l2_capability,
  v4l2_dbg_chip_info,
  v4l2_dbg_register,
  v4l2_framebuffer,
} from '../../../abi/index.ts';
import type { DefaultIoctlOp, IoctlOp } from './op.ts';

/** The device itself: who it is, its registers, and the overlay that it shows pictures in. */
export interface DeviceOps<D, F> {
  /**
   * Fills in `driver` (of the driver), `card` (what the user reads) and `bus_info` (where the device is, unique among
   * all: `platform:vivi-000`); may add to `capabilities` what other nodes of the device can. The rest is the core's:
   * version, device_caps, the capabilities of this node. Also called by the core itself, for udev, with a file that
   * nobody has opened: keep nothing. Every driver has it. Must not fail.
   *
   * @kernel vidioc_querycap
   */
  vidioc_querycap?: IoctlOp<D, F, v4l2_capability>;

  /**
   * Says on the log (`prInfo`, each line begun with `fh.vdev.label`) how the device is, for who looks for a fault.
   *
   * @kernel vidioc_log_status
   */
  vidioc_log_status?: IoctlOp<D, F, undefined>;

  /**
   * Reads register `reg` of the chip that `match` names into `val` and sets `size` (bytes of the register). EINVAL for a
   * chip or a register that is not there. For debugging by root only; a device without registers has none of these three.
   *
   * @kernel vidioc_g_register
   */
  vidioc_g_register?: IoctlOp<D, F, v4l2_dbg_register>;

  /** Writes `val` to register `reg` of a chip; errors as `vidioc_g_register`. @kernel vidioc_s_register */
  vidioc_s_register?: IoctlOp<D, F, v4l2_dbg_register>;

  /**
   * Names chip `match.addr` of the device and says in `flags` whether it can be read and written; EINVAL past the
   * last.
   *
   * @kernel vidioc_g_chip_info
   */
  vidioc_g_chip_info?: IoctlOp<D, F, v4l2_dbg_chip_info>;

  /**
   * What overlays can do, and the frame buffer (address, size, layout in bytes) they are shown in.
   *
   * @kernel vidioc_g_fbuf
   */
  vidioc_g_fbuf?: IoctlOp<D, F, v4l2_framebuffer>;

  /**
   * Sets the frame buffer of a destructive overlay, or the flags of one that is not. EINVAL for what the device cannot
   * reach, EPERM unless root where a wrong address can do harm, EBUSY while the overlay is on.
   *
   * @kernel vidioc_s_fbuf
   */
  vidioc_s_fbuf?: IoctlOp<D, F, v4l2_framebuffer>;

  /** Switches the overlay on (1) or off (0); EINVAL without a frame buffer or a window. @kernel vidioc_overlay */
  vidioc_overlay?: IoctlOp<D, F, number>;

  /**
   * Serves the ioctls that are none of V4L2, for what a device can that no other can. ENOTTY for those that it does not
   * know, EBUSY without `validPrio` where another program would be disturbed. Pointers among the bytes lead into the
   * program: `caller.memory`. Must not wait.
   *
   * @kernel vidioc_default
   */
  vidioc_default?: DefaultIoctlOp<D, F>;
}
