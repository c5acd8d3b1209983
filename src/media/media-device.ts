import {
  MEDIA_ENT_ID_FLAG_NEXT,
  MEDIA_LNK_FL_ENABLED,
  MEDIA_LNK_FL_IMMUTABLE,
  MEDIA_LNK_FL_INTERFACE_LINK,
  MEDIA_PAD_FL_SINK,
  MEDIA_PAD_FL_SOURCE,
} from '../abi/index.ts';
import { EINVAL, Errno } from '../base/errno.ts';
import type { BusDevice, CharDevice, File, FileOperations } from '../vfs/file.ts';
import {
  type DeviceNumber,
  GRAPH_OBJECT,
  type GraphObjectKind,
  MediaEntity,
  type MediaEntityConfig,
  MediaInterface,
  MediaLink,
  type MediaPad,
} from './graph.ts';
import { MediaDeviceFops } from './media-fops.ts';
import { platformDevice } from './platform-device.ts';

/**
 * The kernel gives this kind of devices a major number when it starts. This one is the last that it would come to: it
 * is least likely to be one of the host's.
 */
export const MEDIA_MAJOR = 384;

/** Bits of the number of an object behind its kind. @kernel MEDIA_BITS_PER_ID */
const BITS_PER_ID = 24;

/** What a media device says of itself, and where it is. */
export interface MediaDeviceConfig {
  /** What programs are told in MEDIA_IOC_DEVICE_INFO; as VIDIOC_QUERYCAP has it. */
  readonly driver: string;
  readonly model: string;
  readonly busInfo: string;
  /** Empty if that is left out, as of most cameras. */
  readonly serial?: string;
  /** As the hardware counts; 0 if that is left out. */
  readonly hwRevision?: number;
  /** What it is plugged into, together with its nodes; a device of the platform if that is left out. */
  readonly parent?: BusDevice;
}

/**
 * What a device of several parts is made of, for programs that ask: the node /dev/mediaN beside those of its video devices. A driver
 * makes it before them, gives it to each as `mdev` (which makes an entity and an interface of it), and adds what
 * has no node with {@link registerEntity} and {@link createPadLink}. Whoever registers the video devices registers it after them.
 *
 * @kernel media_device
 */
export class MediaDevice implements CharDevice {
  /** `/dev/` name, given at registration. */
  name = '';
  readonly major = MEDIA_MAJOR;
  /** Given at registration. */
  minor = -1;
  readonly subsystem = 'media';
  readonly isOnBus = true;
  readonly fops: FileOperations;
  readonly parent: BusDevice;
  readonly udevProperties = {};
  readonly links = [];

  readonly driver: string;
  readonly model: string;
  readonly serial: string;
  readonly busInfo: string;
  readonly hwRevision: number;
  readonly entities: MediaEntity[] = [];
  readonly interfaces: MediaInterface[] = [];
  /** All links, in the order in which they came. */
  readonly allLinks: MediaLink<MediaPad | MediaInterface, MediaPad | MediaEntity>[] = [];
  /** The open files. */
  readonly files = new Set<File>();

  #lastId = 0;
  #topologyVersion = 0;
  #registered = false;
  readonly #number = (kind: GraphObjectKind): number => {
    this.#topologyVersion++;
    return GRAPH_OBJECT[kind] * 2 ** BITS_PER_ID + ++this.#lastId;
  };

  constructor(config: MediaDeviceConfig) {
    this.driver = config.driver;
    this.model = config.model;
    this.serial = config.serial ?? '';
    this.busInfo = config.busInfo;
    this.hwRevision = config.hwRevision ?? 0;
    this.parent = config.parent ?? platformDevice(config.busInfo, config.driver);
    this.fops = new MediaDeviceFops(this);
  }

  get attributes(): Readonly<Record<string, string>> {
    return { model: this.model };
  }

  /** What it calls itself in messages. */
  get label(): string {
    return this.model;
  }

  /** Programs can open the node. @kernel media_devnode_is_registered */
  get isRegistered(): boolean {
    return this.#registered;
  }

  /** A program has it open. */
  get isOpen(): boolean {
    return this.files.size > 0;
  }

  /** How often its graph has changed since it was registered. @kernel media_device.topology_version */
  get topologyVersion(): number {
    return this.#topologyVersion;
  }

  /** All pads, in the order of their numbers. */
  get pads(): readonly MediaPad[] {
    return this.entities.flatMap(({ pads }) => pads).sort((a, b) => a.id - b.id);
  }

  /** @kernel media_device_register_entity */
  registerEntity(config: MediaEntityConfig): MediaEntity {
    const entity = new MediaEntity(config, this.#number);
    this.entities.push(entity);
    return entity;
  }

  /**
   * Connects pad `sourcePad` of `source` with pad `sinkPad` of `sink`; `flags` are MEDIA_LNK_FL_*. EINVAL if there are no
   * such pads.
   *
   * @kernel media_create_pad_link
   */
  createPadLink(
    source: MediaEntity,
    sourcePad: number,
    sink: MediaEntity,
    sinkPad: number,
    flags: number,
  ): MediaLink<MediaPad, MediaPad> {
    const from = source.padFor(sourcePad, MEDIA_PAD_FL_SOURCE);
    const to = sink.padFor(sinkPad, MEDIA_PAD_FL_SINK);
    const link = new MediaLink(this.#number('link'), from, to, flags);
    // The kernel keeps the way back as an object of its own, which programs do not see but for its number.
    this.#number('link');
    for (const { links } of new Set([source, sink])) links.push(link);
    this.allLinks.push(link);
    return link;
  }

  /**
   * An interface by which `entity` is reached: a node, of type MEDIA_INTF_T_*. (A video device does this itself.)
   *
   * @kernel media_devnode_create, media_create_intf_link
   */
  createInterface(type: number, node: DeviceNumber, entity: MediaEntity): MediaInterface {
    const made = new MediaInterface(this.#number('interface'), type, node);
    const flags = MEDIA_LNK_FL_INTERFACE_LINK | MEDIA_LNK_FL_ENABLED | MEDIA_LNK_FL_IMMUTABLE;
    this.interfaces.push(made);
    this.allLinks.push(new MediaLink(this.#number('link'), made, entity, flags));
    return made;
  }

  /**
   * The entity of this number, or with MEDIA_ENT_ID_FLAG_NEXT in it the first one with a greater number. EINVAL if there is none.
   */
  entity(id: number): MediaEntity {
    const previous = id - MEDIA_ENT_ID_FLAG_NEXT;
    const found = this.entities.find((each) => (previous < 0 ? each.id === id : each.id > previous));
    if (found === undefined) throw new Errno(EINVAL, `there is no entity ${id}`);
    return found;
  }

  /** For the registry: the node is there from now on, and says of its graph that it does not change. @kernel media_device_register */
  appear(name: string, minor: number): void {
    this.name = name;
    this.minor = minor;
    this.#topologyVersion = 0;
    this.#registered = true;
  }

  /** For the registry: the node is gone. Open files stay open and answer EIO. @kernel media_device_unregister */
  vanish(): void {
    this.#registered = false;
    for (const { pollWait } of this.files) pollWait.wakeUp();
  }
}
