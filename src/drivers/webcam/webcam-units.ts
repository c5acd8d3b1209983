/**
 * Extension units: functions of a maker's own, which programs reach by their unit or its GUID. Our cameras have none, and
 * who looks for his hears that it is not there, not that this is no UVC camera.
 */
import {
  _IOWR,
  array,
  pointer,
  struct,
  u8,
  u16,
  u32,
  V4L2_CTRL_ID_MASK,
  V4L2_CTRL_TYPE_BOOLEAN,
  V4L2_CTRL_TYPE_BUTTON,
  V4L2_CTRL_TYPE_INTEGER,
  V4L2_CTRL_TYPE_MENU,
} from '../../abi/index.ts';
import { EINVAL, ENOENT, ENOTTY, Errno } from '../../base/errno.ts';
import { stdCtrl, type V4l2IoctlOps } from '../../v4l2-core/index.ts';
import type { Caller } from '../../vfs/file.ts';

const uvc_xu_control_mapping = struct('uvc_xu_control_mapping', {
  id: u32,
  name: array(u8, 32),
  entity: array(u8, 16),
  selector: u8,
  size: u8,
  offset: u8,
  v4l2_type: u32,
  data_type: u32,
  menu_info: pointer,
  menu_count: u32,
  reserved: array(u32, 4),
});

const uvc_xu_control_query = struct('uvc_xu_control_query', {
  unit: u8,
  selector: u8,
  query: u8,
  size: u16,
  data: pointer,
});

const UVCIOC_CTRL_MAP = _IOWR('u', 0x20, uvc_xu_control_mapping);
const UVCIOC_CTRL_QUERY = _IOWR('u', 0x21, uvc_xu_control_query);
const UVC_MAX_CONTROL_MENU_ENTRIES = 32;
/** `struct uvc_menu_info`: a value and a name. */
const MENU_INFO_BYTES = 36;
const PLAIN = [V4L2_CTRL_TYPE_INTEGER, V4L2_CTRL_TYPE_BOOLEAN, V4L2_CTRL_TYPE_BUTTON];

/** @kernel uvc_ioctl_xu_ctrl_map uvc_ctrl_add_mapping */
function mapControl(bytes: Uint8Array, { memory }: Caller): never {
  const { id, name, v4l2_type, menu_info, menu_count } = uvc_xu_control_mapping.at(bytes);
  if (stdCtrl(id) === undefined && name.get(0) === 0)
    throw new Errno(EINVAL, 'a control that is no standard one has a name');
  const isMenu = v4l2_type === V4L2_CTRL_TYPE_MENU;
  if (!isMenu && !PLAIN.includes(v4l2_type))
    throw new Errno(ENOTTY, `no control of type ${v4l2_type} can be mapped`);
  if (isMenu && (menu_count === 0 || menu_count > UVC_MAX_CONTROL_MENU_ENTRIES))
    throw new Errno(EINVAL, `a menu has 1 to ${UVC_MAX_CONTROL_MENU_ENTRIES} items`);
  if (isMenu) memory.read(menu_info, new Uint8Array(menu_count * MENU_INFO_BYTES));
  if ((id & ~V4L2_CTRL_ID_MASK) !== 0)
    throw new Errno(EINVAL, `0x${id.toString(16)} is the id of no control`);
  throw new Errno(ENOENT, 'the camera has no extension units');
}

export const unitOps = {
  /** @kernel uvc_ioctl_default */
  vidioc_default(_file, fh, { cmd, bytes }, caller) {
    if (cmd === UVCIOC_CTRL_MAP) mapControl(bytes, caller);
    if (cmd !== UVCIOC_CTRL_QUERY)
      throw new Errno(ENOTTY, `${fh.vdev.label} has no ioctl 0x${cmd.toString(16)}`);
    const { unit } = uvc_xu_control_query.at(bytes);
    throw new Errno(ENOENT, `the camera has no extension unit ${unit}`);
  },
} satisfies V4l2IoctlOps;
