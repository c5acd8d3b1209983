import {
  iocNr,
  MEDIA_ENT_F_IO_V4L,
  MEDIA_INTF_T_V4L_VIDEO,
  V4L2_CAP_AUDIO,
  V4L2_CAP_RADIO,
  V4L2_CAP_TUNER,
  V4L2_CAP_VIDEO_CAPTURE,
  V4L2_CAP_VIDEO_CAPTURE_MPLANE,
  V4L2_CAP_VIDEO_M2M,
  V4L2_CAP_VIDEO_M2M_MPLANE,
  V4L2_CAP_VIDEO_OUTPUT,
  V4L2_CAP_VIDEO_OUTPUT_MPLANE,
  V4L2_CAP_VIDEO_OVERLAY,
  VIDIOC_QUERYCAP,
  v4l2_capability,
} from '../abi/index.ts';
import { EFAULT, Errno } from '../base/errno.ts';
import { kstrtou16 } from '../base/kstrto.ts';
import type { Clock } from '../base/timers.ts';
import type { MediaDevice, MediaEntity } from '../media/index.ts';
import {
  type BusDevice,
  type Caller,
  type CharDevice,
  File,
  type FileOperations,
  type WOULD_BLOCK,
} from '../vfs/file.ts';
import { bufTypesOf } from './buf-types.ts';
import type { V4l2CtrlHandler } from './ctrls/index.ts';
import type { FrameQueue } from './frame-queue.ts';
import type { V4l2IoctlOps } from './ioctl/ops/index.ts';
import { determineValidIoctls, ioctlInfo } from './ioctl/table.ts';
import { devDebugPoint } from './ioctl/trace.ts';
import { V4l2PrioState } from './priority.ts';
import { type UsbPort, usbDevice, usbProperties } from './usb-port.ts';
import { V4l2Fh } from './v4l2-fh.ts';
import { V4l2DeviceFops, type V4l2FileOperations } from './v4l2-fops.ts';

/** A device number has this major; the minor is found at registration. */
export const VIDEO_MAJOR = 81;

export interface VideoDeviceConfig<D> {
  /** How the device calls itself in sysfs and in messages, e.g. `vivi-000-vid-cap`. */
  readonly name: string;
  /** V4L2_CAP_* of this node, without those that the core adds. */
  readonly deviceCaps: number;
  readonly ioctlOps: V4l2IoctlOps<D>;
  readonly fops: V4l2FileOperations<D>;
  /** The queue of the node, for drivers with one. Its wake-ups reach every open file of the node. */
  readonly queue?: FrameQueue;
  /** Standards of the input that is chosen at first, see {@link VideoDevice.tvnorms}. */
  readonly tvnorms?: number;
  /** Shared by all nodes of one piece of hardware; by default each has its own. */
  readonly prio?: V4l2PrioState;
  /** Answers the control ioctls, for every open file without a handler of its own. */
  readonly ctrlHandler?: V4l2CtrlHandler;
  /** Which one it is of the nodes of its device on a bus, from 0. */
  readonly index?: number;
  /** Where it is plugged in; without it the device is a virtual one, or part of what {@link mdev} is. */
  readonly usb?: UsbPort;
  /** The media device that it is part of: it gets an entity there, and an interface. */
  readonly mdev?: MediaDevice;
  /** What ops find as `fh.vdev.drvdata`. */
  readonly drvdata: D;
}

/** What v4l_id of udev writes for which capability, in its order. */
const udevCapabilities: readonly (readonly [caps: number, text: string])[] = [
  [V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_VIDEO_CAPTURE_MPLANE, 'capture:'],
  [V4L2_CAP_VIDEO_OUTPUT | V4L2_CAP_VIDEO_OUTPUT_MPLANE, 'video_output:'],
  [V4L2_CAP_VIDEO_OVERLAY, 'video_overlay:'],
  [V4L2_CAP_AUDIO, 'audio:'],
  [V4L2_CAP_TUNER, 'tuner:'],
  [V4L2_CAP_RADIO, 'radio:'],
];
const M2M = V4L2_CAP_VIDEO_M2M | V4L2_CAP_VIDEO_M2M_MPLANE;

function unreachable(): never {
  throw new Errno(EFAULT, 'the core itself has no memory and no descriptors');
}

/** A caller for the calls that the core makes itself: it has no memory and cannot sleep. */
const nobody: Caller = {
  asleep: false,
  memory: { read: () => {}, write: () => {}, pin: unreachable },
  sleep: (): typeof WOULD_BLOCK => -1,
  installFd: unreachable,
  takeFd: unreachable,
  afterwards(work) {
    while (work());
  },
};

/**
 * A video node: what a driver registers and programs open. `D` is the driver's own data.
 *
 * @kernel video_device
 */
export class VideoDevice<D = unknown> implements CharDevice {
  /** `/dev/` name, given at registration. */
  name = '';
  readonly major = VIDEO_MAJOR;
  /** Given at registration. */
  minor = -1;
  readonly subsystem = 'video4linux';
  readonly fops: FileOperations;

  /** The driver's name for the device. */
  readonly label: string;
  readonly deviceCaps: number;
  readonly ioctlOps: V4l2IoctlOps<D>;
  readonly fileOps: V4l2FileOperations<D>;
  readonly queue: FrameQueue | undefined;
  readonly ctrlHandler: V4l2CtrlHandler | undefined;
  readonly drvdata: D;
  /** The camera on USB, or other device, that it belongs to. */
  readonly parent: BusDevice | undefined;
  readonly mdev: MediaDevice | undefined;
  /** What it is in {@link mdev}: without pads, which the driver gives it. */
  readonly entity: MediaEntity | undefined;
  readonly #usb: UsbPort | undefined;
  readonly #index: number;
  readonly prio: V4l2PrioState;
  /** The V4L2_STD_* that the input has which is chosen now; 0 if it has none. The driver changes it with the input. */
  tvnorms: number;
  /** The open files. */
  readonly fhs = new Set<V4l2Fh<D>>();

  readonly #validIoctls: Uint8Array;
  readonly #bufTypes: number;
  #registered = false;
  #devDebug = 0;
  /** Given at registration. */
  #clock: Pick<Clock, 'now'> | undefined;
  #udevProperties: Readonly<Record<string, string>> | undefined;

  constructor(config: VideoDeviceConfig<D>) {
    this.#usb = config.usb;
    this.#index = config.index ?? 0;
    this.mdev = config.mdev;
    this.parent = config.usb === undefined ? config.mdev?.parent : usbDevice(config.usb);
    this.label = config.name;
    this.deviceCaps = config.deviceCaps;
    this.ioctlOps = config.ioctlOps;
    this.fileOps = config.fops;
    this.queue = config.queue;
    this.ctrlHandler = config.ctrlHandler;
    this.drvdata = config.drvdata;
    this.prio = config.prio ?? new V4l2PrioState();
    this.tvnorms = config.tvnorms ?? 0;
    this.fops = new V4l2DeviceFops(this, config.fops);
    this.#validIoctls = determineValidIoctls(config.ioctlOps, config.ctrlHandler !== undefined);
    this.#bufTypes = bufTypesOf(config.ioctlOps);
    this.entity = this.#joinMedia();
  }

  /** @kernel video_register_media_controller */
  #joinMedia(): MediaEntity | undefined {
    const { mdev, label } = this;
    const entity = mdev?.registerEntity({ name: label, function: MEDIA_ENT_F_IO_V4L, node: this });
    if (entity !== undefined) mdev?.createInterface(MEDIA_INTF_T_V4L_VIDEO, this, entity);
    return entity;
  }

  /** Programs can open the node. @kernel video_is_registered */
  get isRegistered(): boolean {
    return this.#registered;
  }

  /** The time of its events, in nanoseconds of the clock that it was registered with. */
  now(): number {
    return this.#clock?.now() ?? 0;
  }

  /** A program has it open. */
  get isOpen(): boolean {
    return this.fhs.size > 0;
  }

  /** The driver answers this ioctl. @kernel is_valid_ioctl */
  isValid(cmd: number): boolean {
    return this.#validIoctls[iocNr(cmd)] === 1;
  }

  /** Ioctls may name buffers of this type: there is a format for it, or for its multi-planar sibling. */
  hasBufType(type: number): boolean {
    return type < 32 && ((this.#bufTypes >>> type) & 1) === 1;
  }

  get attributes(): Readonly<Record<string, string>> {
    return { name: this.label, index: String(this.#index), dev_debug: String(this.#devDebug) };
  }

  /** V4L2_DEV_DEBUG_*: what of its calls the log tells. */
  get devDebug(): number {
    return this.#devDebug;
  }

  /** @kernel dev_debug_store */
  readonly stores = {
    dev_debug: (text: string): void => {
      this.#devDebug = kstrtou16(text);
      if (devDebugPoint.enabled) devDebugPoint.tell(this as VideoDevice);
    },
  };

  /** What udev's v4l_id finds out by asking the device, and where it is as path_id says. */
  get udevProperties(): Readonly<Record<string, string>> {
    if (this.#udevProperties === undefined) {
      const { card, bus_info } = this.querycap();
      this.#udevProperties = {
        ID_V4L_VERSION: '2',
        ID_V4L_PRODUCT: card,
        ID_V4L_CAPABILITIES: this.#udevCapabilities(),
        ...(this.#usb && usbProperties(this.#usb)),
        ...(bus_info.startsWith('platform:') ? { ID_PATH: bus_info.replace(':', '-') } : {}),
      };
    }
    return this.#udevProperties;
  }

  /** By the rules of udev for this subsystem; by-id is for devices on a bus that has such ids. */
  get links(): readonly string[] {
    const place = this.udevProperties.ID_PATH;
    const kind = /^(video|vbi)/.test(this.name) ? 'video' : undefined;
    if (place === undefined || kind === undefined) return [];
    const end = `${kind}-index${this.#index}`;
    const id = this.#usb && `usb-${this.udevProperties.ID_SERIAL}`;
    return [`v4l/by-path/${place}-${end}`, ...(id === undefined ? [] : [`v4l/by-id/${id}-${end}`])];
  }

  #udevCapabilities(): string {
    const is = this.deviceCaps & M2M ? V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_VIDEO_OUTPUT : this.deviceCaps;
    const words = udevCapabilities.filter(([caps]) => (is & caps) !== 0).map(([, text]) => text);
    return `:${words.join('')}`;
  }

  /** The answer to VIDIOC_QUERYCAP, without an open file. */
  querycap(): v4l2_capability {
    const cap = v4l2_capability.make();
    const file = new File(this, () => true);
    const fh = new V4l2Fh<D>(this, file);
    try {
      ioctlInfo(VIDIOC_QUERYCAP)?.run(file, fh, cap, nobody);
    } finally {
      fh.exit();
    }
    return cap;
  }

  /** For the registry: the node is there from now on. */
  appear(name: string, minor: number, clock: Pick<Clock, 'now'>): void {
    this.#clock = clock;
    this.name = name;
    this.minor = minor;
    this.#registered = true;
  }

  /**
   * For the registry: the node is gone. Open files stay open and answer ENODEV; streaming stops, and whoever
   * waits in DQBUF is woken and told that by its queue.
   *
   * @kernel vb2_video_unregister_device
   */
  vanish(): void {
    this.#registered = false;
    for (const fh of this.fhs) fh.vanish();
    this.queue?.vanish();
    for (const fh of this.fhs) fh.file.pollWait.wakeUp();
  }
}
