/** What the kernel would hold for the puppets: open files, who has them, their queues, and who waits for them. */
import type { Actor, Sleeping } from './stage.ts';

export const POLLIN = 1;
export const POLLPRI = 2;
export const POLLERR = 8;

/** The word at the start of a buffer's memory, unknown if a driver may have painted over it. */
export interface Buffer {
  mark: number | undefined;
}

export class Device {
  readonly index: number;
  owner: OpenFile | undefined;
  buffers: readonly Buffer[] = [];
  /** Queued buffers in the order in which they come back. */
  queue: number[] = [];
  /** So many of them are known to be done. */
  done = 0;
  streaming = false;
  /** A buffer has been queued since the last start. */
  primed = false;

  constructor(index: number) {
    this.index = index;
  }

  /** All that poll() may say of the queue. */
  bits(): readonly number[] {
    if (!this.streaming || (!this.primed && this.queue.length === 0)) return [POLLERR];
    if (this.queue.length === 0) return [0];
    return this.done > 0 ? [POLLIN] : [0, POLLIN];
  }

  stop(): void {
    this.streaming = false;
    this.primed = false;
    this.queue = [];
    this.done = 0;
  }

  free(): void {
    this.stop();
    this.owner = undefined;
    this.buffers = [];
  }
}

/** Memory that somebody has mapped. */
export interface Mapping {
  readonly buffer: Buffer;
  /** Through which file. */
  readonly file: OpenFile;
}

let serials = 0;

/** An open file description. */
export class OpenFile {
  readonly id = ++serials;
  readonly device: Device;
  nonblock: boolean;
  /** Descriptors, mappings, messages on their way, and threads in a call that waits. */
  holders = 0;

  constructor(device: Device, nonblock: boolean) {
    this.device = device;
    this.nonblock = nonblock;
  }

  /** All that poll() may say. */
  bits(): readonly number[] {
    return this.device.bits();
  }

  toString(): string {
    return `file ${this.id} of video${this.device.index}`;
  }
}

export interface Descriptor {
  readonly file: OpenFile;
  cloexec: boolean;
}

export type Mode = 'level' | 'edge' | 'once';

/** A descriptor that an epoll instance watches. */
export interface Watch {
  readonly id: number;
  readonly file: OpenFile;
  readonly fd: number;
  events: number;
  mode: Mode;
  /** Whether an edge has to be told, may be, or would be one too many. */
  edge: 'must' | 'may' | 'no';
  spent: boolean;
  /**
   * Nobody had a descriptor of the file for a while, it was on its way: whoever got it then has a new face, and the
   * watch of a number that is closed may be lost.
   */
  lost: boolean;
}

export class Epoll {
  readonly watches: Watch[] = [];

  find(file: OpenFile, fd: number): Watch | undefined {
    return this.watches.find((watch) => watch.file === file && watch.fd === fd);
  }
}

/** A thread that waits for a frame, in DQBUF or poll(). */
export interface Sleep {
  readonly file: OpenFile;
  /** The number under which the call was made. */
  readonly fd: number;
  readonly call: 'dqbuf' | 'poll';
  readonly sleeping: Sleeping;
}

export interface Thread {
  readonly actor: Actor;
  sleep: Sleep | undefined;
}

export class Process {
  readonly pid: number;
  readonly name: string;
  threads: Thread[];
  readonly fds = new Map<number, Descriptor>();
  readonly mappings = new Map<number, Mapping>();
  /** Files of which it has memory mapped that it does not know of: it was born while another thread mapped it. */
  readonly unknownMappings: OpenFile[] = [];
  readonly epolls = new Map<number, Epoll>();

  constructor(name: string, actors: readonly Actor[]) {
    this.name = name;
    this.pid = actors[0]?.pid ?? 0;
    this.threads = threadsOf(actors);
  }

  get awake(): readonly Thread[] {
    return this.threads.filter((thread) => thread.sleep === undefined);
  }
}

export function threadsOf(actors: readonly Actor[]): Thread[] {
  return actors.map((actor) => ({ actor, sleep: undefined }));
}

export class Model {
  readonly devices: readonly Device[];
  processes: Process[] = [];
  /** Files on their way, by mailbox. */
  readonly boxes: readonly OpenFile[][] = [[], []];
  #watches = 0;
  #slots = 0;

  constructor(devices: number) {
    this.devices = Array.from({ length: devices }, (_, index) => new Device(index));
  }

  newWatch(): number {
    return ++this.#watches;
  }

  newSlot(): number {
    return this.#slots++;
  }

  hold(file: OpenFile): void {
    file.holders++;
  }

  /** Somebody has `file` no more; the last one frees its queue. */
  drop(file: OpenFile): void {
    if (--file.holders > 0) {
      if (!this.#isKnown(file))
        for (const watch of this.#watchesOf(file.device)) watch.lost ||= watch.file === file;
      return;
    }
    if (file.device.owner === file) {
      file.device.free();
      this.changed(file.device);
    }
    for (const { watches } of this.#epolls())
      for (const watch of watches.filter((each) => each.file === file))
        watches.splice(watches.indexOf(watch), 1);
  }

  give(process: Process, fd: number, file: OpenFile, cloexec: boolean): void {
    this.hold(file);
    this.close(process, fd);
    process.fds.set(fd, { file, cloexec });
  }

  close(process: Process, fd: number): void {
    const descriptor = process.fds.get(fd);
    process.fds.delete(fd);
    if (descriptor !== undefined) this.drop(descriptor.file);
  }

  map(process: Process, slot: number, mapping: Mapping): void {
    this.hold(mapping.file);
    process.mappings.set(slot, mapping);
  }

  unmap(process: Process, slot: number): void {
    const mapping = process.mappings.get(slot);
    process.mappings.delete(slot);
    if (mapping !== undefined) this.drop(mapping.file);
  }

  unmapAll(process: Process): void {
    for (const slot of [...process.mappings.keys()]) this.unmap(process, slot);
    for (const file of process.unknownMappings.splice(0)) this.drop(file);
  }

  wake(thread: Thread): void {
    const { sleep } = thread;
    thread.sleep = undefined;
    if (sleep !== undefined) this.drop(sleep.file);
  }

  end(process: Process): void {
    this.processes = this.processes.filter((each) => each !== process);
    this.unmapAll(process);
    for (const fd of [...process.fds.keys()]) this.close(process, fd);
    for (const thread of process.threads) this.wake(thread);
  }

  /** Something about `device` is not as before: there may be an edge. */
  changed(device: Device): void {
    for (const watch of this.#watchesOf(device)) if (watch.edge === 'no') watch.edge = 'may';
  }

  /** A frame is there that was not there before: there is an edge. */
  frameDone(device: Device): void {
    for (const watch of this.#watchesOf(device)) watch.edge = 'must';
  }

  /** The threads that wait for a frame of `device`. */
  sleepers(device: Device, call?: Sleep['call']): readonly Thread[] {
    return this.processes.flatMap(({ threads }) =>
      threads.filter(
        ({ sleep }) => sleep?.file.device === device && (call === undefined || sleep.call === call),
      ),
    );
  }

  get files(): readonly OpenFile[] {
    const held = this.processes.flatMap(({ fds }) => [...fds.values()].map(({ file }) => file));
    return [...new Set([...held, ...this.boxes.flat()])];
  }

  /** True if a process has `file` in its table or its memory. */
  #isKnown(file: OpenFile): boolean {
    return this.processes.some(
      ({ fds, mappings, unknownMappings }) =>
        [...fds.values(), ...mappings.values()].some((each) => each.file === file) ||
        unknownMappings.includes(file),
    );
  }

  #epolls(): ReadonlySet<Epoll> {
    return new Set(this.processes.flatMap(({ epolls }) => [...epolls.values()]));
  }

  #watchesOf(device: Device): readonly Watch[] {
    return [...this.#epolls()].flatMap(({ watches }) =>
      watches.filter((watch) => watch.file.device === device),
    );
  }
}
