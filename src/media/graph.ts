/**
 * What a media device is made of: entities with pads, interfaces by which programs reach them, and links. Each of these
 * has a number of its own in the graph, in the order in which they came.
 */
import { MEDIA_ENT_FL_DEFAULT, type MEDIA_PAD_FL_SINK, MEDIA_PAD_FL_SOURCE } from '../abi/index.ts';
import { EINVAL, Errno } from '../base/errno.ts';

/** What the topmost byte of the number of an object says that it is. @kernel media_gobj_type */
export const GRAPH_OBJECT = { entity: 0, pad: 1, link: 2, interface: 3 } as const;

export type GraphObjectKind = keyof typeof GRAPH_OBJECT;

/** A node in /dev: its numbers are asked for when somebody wants to know, as they are given at registration. */
export interface DeviceNumber {
  readonly major: number;
  readonly minor: number;
}

/**
 * What a driver does about its entities. All are optional.
 *
 * @kernel media_entity_operations
 */
export interface MediaEntityOps {
  /**
   * A program changes a link at pad `local` of this entity, which leads to `remote`: `flags` are those that it is about to
   * have. Both ends are asked, the source first; when the sink refuses, the source is told the flags that stay. May fail: EBUSY
   * while frames pass, EINVAL for what cannot be at once.
   *
   * @kernel media_entity_operations.link_setup
   */
  linkSetup?(local: MediaPad, remote: MediaPad, flags: number): void;
}

/** What an entity is, for `MediaDevice.registerEntity`. */
export interface MediaEntityConfig {
  /** What programs know it by; it is to be unique in the device, but for nodes. */
  readonly name: string;
  /** MEDIA_ENT_F_* */
  readonly function: number;
  /** MEDIA_ENT_FL_* */
  readonly flags?: number;
  /** MEDIA_PAD_FL_* of each of its pads; none if that is left out. */
  readonly pads?: readonly number[];
  /** It is no node of its own but part of a chain, as a sensor is. */
  readonly isSubdev?: boolean;
  /** The node that it is. */
  readonly node?: DeviceNumber;
  readonly ops?: MediaEntityOps;
}

/** Gives numbers to objects. */
export type Numbering = (kind: GraphObjectKind) => number;

/** Where a link begins or ends at an entity. @kernel media_pad */
export class MediaPad {
  readonly id: number;
  readonly entity: MediaEntity;
  readonly index: number;
  /** MEDIA_PAD_FL_* */
  readonly flags: number;

  constructor(id: number, entity: MediaEntity, index: number, flags: number) {
    this.id = id;
    this.entity = entity;
    this.index = index;
    this.flags = flags;
  }
}

/** A part of a device: a sensor, a unit that processes, a node. @kernel media_entity */
export class MediaEntity {
  readonly id: number;
  readonly name: string;
  readonly function: number;
  readonly isSubdev: boolean;
  readonly node: DeviceNumber | undefined;
  readonly ops: MediaEntityOps;
  /** MEDIA_ENT_FL_* */
  flags: number;
  /** Links from and to its pads, in the order in which they came. */
  readonly links: MediaLink<MediaPad, MediaPad>[] = [];
  readonly #number: Numbering;
  #pads: readonly MediaPad[] = [];

  /** For the media device: see `MediaDevice.registerEntity`. */
  constructor(config: MediaEntityConfig, number: Numbering) {
    this.#number = number;
    this.id = number('entity');
    this.name = config.name;
    this.function = config.function;
    this.flags = config.flags ?? 0;
    this.isSubdev = config.isSubdev ?? false;
    this.node = config.node;
    this.ops = config.ops ?? {};
    if (config.pads !== undefined) this.initPads(config.pads);
  }

  get pads(): readonly MediaPad[] {
    return this.#pads;
  }

  /**
   * Gives it pads, with these MEDIA_PAD_FL_*, where that was not done at its registration: an entity of a video device, which that
   * registers itself. Once only: EINVAL.
   *
   * @kernel media_entity_pads_init
   */
  initPads(flags: readonly number[]): void {
    if (this.#pads.length > 0) throw new Errno(EINVAL, `${this.name} has its pads already`);
    this.#pads = flags.map((each, index) => new MediaPad(this.#number('pad'), this, index, each));
  }

  /** It is the one of its kind that a program should use which does not ask. */
  makeDefault(): void {
    this.flags |= MEDIA_ENT_FL_DEFAULT;
  }

  /** The links that lead away from it. */
  get outgoing(): readonly MediaLink<MediaPad, MediaPad>[] {
    return this.links.filter(({ source }) => source.entity === this);
  }

  /** Its pad of this number, which must be a source or a sink as `flag` says. EINVAL. */
  padFor(index: number, flag: typeof MEDIA_PAD_FL_SOURCE | typeof MEDIA_PAD_FL_SINK): MediaPad {
    const pad = this.#pads[index];
    if (pad === undefined) throw new Errno(EINVAL, `${this.name} has no pad ${index}`);
    const kind = flag === MEDIA_PAD_FL_SOURCE ? 'source' : 'sink';
    if ((pad.flags & flag) === 0) throw new Errno(EINVAL, `pad ${index} of ${this.name} is no ${kind}`);
    return pad;
  }
}

/** A way by which programs reach an entity: a node in /dev. @kernel media_intf_devnode */
export class MediaInterface {
  readonly id: number;
  /** MEDIA_INTF_T_* */
  readonly type: number;
  readonly flags = 0;
  readonly node: DeviceNumber;

  constructor(id: number, type: number, node: DeviceNumber) {
    this.id = id;
    this.type = type;
    this.node = node;
  }
}

/** From pad to pad, or from an interface to its entity. @kernel media_link */
export class MediaLink<Source extends { readonly id: number }, Sink extends { readonly id: number }> {
  readonly id: number;
  readonly source: Source;
  readonly sink: Sink;
  /** MEDIA_LNK_FL_* */
  flags: number;

  constructor(id: number, source: Source, sink: Sink, flags: number) {
    this.id = id;
    this.source = source;
    this.sink = sink;
    this.flags = flags;
  }
}
