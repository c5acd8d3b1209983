/** The one table of ioctls of media devices, and how they are served. */
import * as abi from '../abi/index.ts';
import { EIO, ENOTTY, Errno } from '../base/errno.ts';
import { LINUX_VERSION_CODE } from '../base/linux-version.ts';
import type { Caller, File } from '../vfs/file.ts';
import { writeArray } from './arrays.ts';
import type { MediaEntity, MediaPad } from './graph.ts';
import type { MediaDevice } from './media-device.ts';
import { setupLink } from './setup-link.ts';
import { getTopology } from './topology.ts';
import { type MediaIoctlEvent, mediaIoctlEnter, mediaIoctlExit } from './trace.ts';

/** One row of the table: all that is known about an ioctl. */
interface MediaIoctlInfo {
  readonly name: string;
  readonly cmd: number;
  /** What it is for, and its errors. */
  readonly says: string;
  /** The struct that the argument points to. */
  readonly arg: abi.Layout<abi.Fields>;
  /** Something is another after it. */
  readonly takesEffect: boolean;
  run(mdev: MediaDevice, argument: unknown, caller: Caller): void;
}

function row<F extends abi.Fields>(
  name: string,
  cmd: number,
  says: string,
  arg: abi.Layout<F>,
  run: (mdev: MediaDevice, argument: abi.ViewOf<F>, caller: Caller) => void,
  takesEffect = false,
): MediaIoctlInfo {
  const layout = arg as unknown as abi.Layout<abi.Fields>;
  return { name, cmd, says, arg: layout, takesEffect, run: run as MediaIoctlInfo['run'] };
}

/** @kernel media_device_get_info */
function deviceInfo(mdev: MediaDevice, info: abi.media_device_info): void {
  info.$bytes.fill(0);
  info.driver = mdev.driver;
  info.model = mdev.model;
  info.serial = mdev.serial;
  info.bus_info = mdev.busInfo;
  info.media_version = LINUX_VERSION_CODE;
  info.driver_version = LINUX_VERSION_CODE;
  info.hw_revision = mdev.hwRevision;
}

/** Old programs know two ranges of functions only, and must be able to tell nodes from others. */
function oldType({ function: fn, isSubdev }: MediaEntity): number {
  if (fn >= abi.MEDIA_ENT_F_OLD_BASE && fn <= abi.MEDIA_ENT_F_TUNER) return fn;
  return isSubdev ? abi.MEDIA_ENT_F_V4L2_SUBDEV_UNKNOWN : abi.MEDIA_ENT_T_DEVNODE_UNKNOWN;
}

/** @kernel media_device_enum_entities */
function enumEntities(mdev: MediaDevice, desc: abi.media_entity_desc): void {
  const entity = mdev.entity(desc.id);
  desc.$bytes.fill(0);
  desc.id = entity.id;
  desc.name = entity.name;
  desc.type = oldType(entity);
  desc.flags = entity.flags;
  desc.pads = entity.pads.length;
  desc.links = entity.outgoing.length;
  desc.dev.major = entity.node?.major ?? 0;
  desc.dev.minor = entity.node?.minor ?? 0;
}

function fillPad(desc: abi.media_pad_desc, { entity, index, flags }: MediaPad): void {
  desc.entity = entity.id;
  desc.index = index;
  desc.flags = flags;
}

/** @kernel media_device_enum_links */
function enumLinks(mdev: MediaDevice, links: abi.media_links_enum, caller: Caller): void {
  const { pads, outgoing } = mdev.entity(links.entity);
  writeArray(caller, links.pads, abi.media_pad_desc, pads, fillPad);
  writeArray(caller, links.links, abi.media_link_desc, outgoing, (desc, { source, sink, flags }) => {
    fillPad(desc.source, source);
    fillPad(desc.sink, sink);
    desc.flags = flags;
  });
  for (let i = 0; i < links.reserved.length; i++) links.reserved.set(i, 0);
}

/** No device here has requests. @kernel media_device_request_alloc */
function requestAlloc(mdev: MediaDevice): never {
  throw new Errno(ENOTTY, `${mdev.label} has no requests`);
}

const int = abi.struct('int', { value: abi.s32 });

/** Every ioctl of media devices. */
export const mediaIoctlTable: readonly MediaIoctlInfo[] = [
  row(
    'MEDIA_IOC_DEVICE_INFO',
    abi.MEDIA_IOC_DEVICE_INFO,
    'Says which driver, model and bus it is of.',
    abi.media_device_info,
    deviceInfo,
  ),
  row(
    'MEDIA_IOC_ENUM_ENTITIES',
    abi.MEDIA_IOC_ENUM_ENTITIES,
    'Describes entity `id`, or with MEDIA_ENT_ID_FLAG_NEXT the next one after it. EINVAL if there is none.',
    abi.media_entity_desc,
    enumEntities,
  ),
  row(
    'MEDIA_IOC_ENUM_LINKS',
    abi.MEDIA_IOC_ENUM_LINKS,
    'Puts the pads of an entity, and the links that lead away from it, into arrays. EINVAL if there is no such entity.',
    abi.media_links_enum,
    enumLinks,
  ),
  row(
    'MEDIA_IOC_SETUP_LINK',
    abi.MEDIA_IOC_SETUP_LINK,
    'Enables or disables a link. EINVAL if there is none, or it is immutable; else what the driver says.',
    abi.media_link_desc,
    setupLink,
    true,
  ),
  row(
    'MEDIA_IOC_G_TOPOLOGY',
    abi.MEDIA_IOC_G_TOPOLOGY,
    'Puts all entities, interfaces, pads and links into arrays. ENOSPC if one of them has no room.',
    abi.media_v2_topology,
    getTopology,
  ),
  row(
    'MEDIA_IOC_REQUEST_ALLOC',
    abi.MEDIA_IOC_REQUEST_ALLOC,
    'Makes a request. ENOTTY: there are none.',
    int,
    requestAlloc,
  ),
];

const rowOf = (cmd: number): MediaIoctlInfo | undefined => mediaIoctlTable.find((each) => each.cmd === cmd);

/** False if the ioctl can be made again as if it had never been. */
export const takesEffect = (cmd: number): boolean => rowOf(cmd >>> 0)?.takesEffect ?? false;

/**
 * Serves one ioctl of an open media device. Returns 0, throws `Errno`: ENOTTY for what is none of them, whatever its argument,
 * EFAULT for an argument that is out of reach, then what the handler says.
 *
 * @kernel media_device_ioctl
 */
export function mediaIoctl(
  mdev: MediaDevice,
  file: File,
  request: number,
  arg: number,
  caller: Caller,
): number {
  const cmd = request >>> 0;
  const info = rowOf(cmd);
  const event = { file, caller, cmd, arg, name: info?.name, argument: undefined };
  return mediaIoctlEnter.enabled ? traced(mdev, info, event) : serve(mdev, info, event, info?.arg.make());
}

function serve(
  mdev: MediaDevice,
  info: MediaIoctlInfo | undefined,
  { cmd, arg, caller }: MediaIoctlEvent,
  view: abi.StructView | undefined,
): number {
  if (info === undefined || view === undefined)
    throw new Errno(ENOTTY, `ioctl 0x${cmd.toString(16)} is none of a media device`);
  const dir = abi.iocDir(cmd);
  if (dir & abi._IOC_WRITE) caller.memory.read(arg, view.$bytes);
  info.run(mdev, view, caller);
  if (dir & abi._IOC_READ) caller.memory.write(arg, view.$bytes);
  return 0;
}

/** What `caller` hands over with its ioctl; undefined if that is nothing, or cannot be read. */
function argumentOf(info: MediaIoctlInfo | undefined, { arg, caller }: MediaIoctlEvent) {
  if (info === undefined || (abi.iocDir(info.cmd) & abi._IOC_WRITE) === 0) return undefined;
  const view = info.arg.make();
  try {
    caller.memory.read(arg, view.$bytes);
    return view;
  } catch {
    return undefined;
  }
}

/** {@link serve} for those who listen. */
function traced(mdev: MediaDevice, info: MediaIoctlInfo | undefined, event: MediaIoctlEvent): number {
  const view = info?.arg.make();
  mediaIoctlEnter.tell({ ...event, argument: argumentOf(info, event) });
  try {
    const result = serve(mdev, info, event, view);
    mediaIoctlExit.tell({ ...event, argument: view, result });
    return result;
  } catch (error) {
    mediaIoctlExit.tell({ ...event, result: -(error instanceof Errno ? error.code : EIO) });
    throw error;
  }
}
