/** What the kernel would hold for the puppets: open files, who has them, their queues, and who waits for them. */
import { V4L2_EVENT_FRAME_SYNC, V4L2_EVENT_PRIVATE_START } from '../../src/abi/index.ts';
import { ModelFile, type Told } from '../random/ctrl-model.ts';
import { CtrlRules } from '../random/ctrl-rules.ts';
import type { Deed } from '../random/ctrl-table.ts';
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
  readonly ctrls: CtrlRules<OpenFile>;

  constructor(index: number, raise: (told: Told, by: OpenFile | undefined) => void) {
    this.index = index;
    this.ctrls = new CtrlRules(raise);
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
  readonly events = new ModelFile();
  /** Somebody may wait for events alone: who waits for frames is told of an error by IN from then on. */
  awaitsEvents = false;

  constructor(device: Device, nonblock: boolean) {
    this.device = device;
    this.nonblock = nonblock;
  }

  /** All that poll() may say. */
  bits(): readonly number[] {
    const pri = this.events.waiting.length > 0 ? POLLPRI : 0;
    const shown = (bits: number) => (this.awaitsEvents && bits === POLLERR ? POLLIN : bits) | pri;
    return this.device.bits().map(shown);
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

/** In what a thread sleeps: for a frame in DQBUF or poll(), for an event in DQEVENT or in poll() for PRI. */
const SLEEP_CALLS = ['dqbuf', 'poll', 'dqevent', 'pri'] as const;
export type SleepCall = (typeof SLEEP_CALLS)[number];

/** A thread that waits. */
export interface Sleep {
  readonly file: OpenFile;
  /** The number under which the call was made. */
  readonly fd: number;
  readonly call: SleepCall;
  readonly sleeping: Sleeping;
}

/** It sleeps in the kernel, and asks again for its number when it wakes. */
export const isPoll = (sleep: Sleep | undefined): boolean => sleep?.call === 'poll' || sleep?.call === 'pri';

/** A table of descriptors: that of a process, or of threads that have left it, or of several processes. */
export class Table {
  readonly fds = new Map<number, Descriptor>();
  readonly epolls = new Map<number, Epoll>();
}

export interface Thread {
  readonly actor: Actor;
  table: Table;
  sleep: Sleep | undefined;
}

export class Process {
  readonly pid: number;
  readonly name: string;
  threads: Thread[];
  readonly mappings = new Map<number, Mapping>();
  /** Files of which it has memory mapped that it does not know of: it was born while another thread mapped it. */
  readonly unknownMappings: OpenFile[] = [];

  constructor(name: string, actors: readonly Actor[], table: Table) {
    this.name = name;
    this.pid = actors[0]?.pid ?? 0;
    this.threads = threadsOf(actors, table);
  }

  get tables(): readonly Table[] {
    return tablesOf(this.threads);
  }

  get awake(): readonly Thread[] {
    return this.threads.filter((thread) => thread.sleep === undefined);
  }
}

/** Each of the tables that `threads` have, once. */
export function tablesOf(threads: readonly Thread[]): readonly Table[] {
  return [...new Set(threads.map(({ table }) => table))];
}

export function threadsOf(actors: readonly Actor[], table: Table): Thread[] {
  return actors.map((actor) => ({ actor, table, sleep: undefined }));
}

export class Model {
  readonly devices: readonly Device[];
  processes: Process[] = [];
  /** Files on their way, by mailbox. */
  readonly boxes: readonly OpenFile[][] = [[], []];
  #watches = 0;
  #slots = 0;

  constructor(devices: number) {
    this.devices = Array.from(
      { length: devices },
      (_, index) => new Device(index, (told, by) => this.#raise(index, told, by)),
    );
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

  give(table: Table, fd: number, file: OpenFile, cloexec: boolean): void {
    this.hold(file);
    this.close(table, fd);
    table.fds.set(fd, { file, cloexec });
  }

  close({ fds }: Table, fd: number): void {
    const descriptor = fds.get(fd);
    fds.delete(fd);
    if (descriptor !== undefined) this.drop(descriptor.file);
  }

  /** Another one with the same in it. */
  copyOf({ fds, epolls }: Table): Table {
    const copy = new Table();
    for (const [fd, { file, cloexec }] of fds) this.give(copy, fd, file, cloexec);
    for (const [fd, epoll] of epolls) copy.epolls.set(fd, epoll);
    return copy;
  }

  /** Who has `table`, in whichever process. */
  usersOf(table: Table): readonly Thread[] {
    return this.processes.flatMap(({ threads }) => threads.filter((thread) => thread.table === table));
  }

  /** Somebody had `table` who does not have it any more; the last one closes all that is in it. */
  leaveTable(table: Table): void {
    if (this.usersOf(table).length > 0) return;
    for (const fd of [...table.fds.keys()]) this.close(table, fd);
    table.epolls.clear();
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
    for (const table of process.tables) this.leaveTable(table);
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

  /** Something that `file` alone is told of has happened. */
  raised(file: OpenFile): void {
    for (const watch of this.#watchesOf(file.device))
      if (watch.file === file) watch.edge = watch.events & POLLPRI ? 'must' : 'may';
  }

  /** Somebody may wait for events of `file` alone from now on: an error is told otherwise, and that may be an edge. */
  awaitsEvents(file: OpenFile): void {
    if (file.awaitsEvents) return;
    file.awaitsEvents = true;
    for (const watch of this.#watchesOf(file.device))
      if (watch.file === file && watch.edge === 'no') watch.edge = 'may';
  }

  /** What a driver does by itself. */
  drives({ index, ctrls }: Device, deed: Deed | undefined, byte: number): void {
    if (deed === 'grab') ctrls.grab();
    else if (deed === 'range') ctrls.changeRange();
    else {
      const type = deed === 'frame sync' ? V4L2_EVENT_FRAME_SYNC : V4L2_EVENT_PRIVATE_START;
      this.#raise(index, { type, id: 0, changes: 0, value: byte }, undefined);
    }
  }

  /** The threads that wait for a frame of `device`. */
  sleepers(device: Device, ...calls: readonly SleepCall[]): readonly Thread[] {
    return this.#asleep(calls.length === 0 ? ['dqbuf', 'poll'] : calls, ({ file }) => file.device === device);
  }

  /** Those that wait for an event of `file`. */
  listeners(file: OpenFile, ...calls: readonly SleepCall[]): readonly Thread[] {
    return this.#asleep(calls, (sleep) => sleep.file === file);
  }

  #asleep(calls: readonly SleepCall[], wanted: (sleep: Sleep) => boolean): readonly Thread[] {
    return this.processes.flatMap(({ threads }) =>
      threads.filter(({ sleep }) => sleep !== undefined && calls.includes(sleep.call) && wanted(sleep)),
    );
  }

  /** The open files of `device`: those in tables and in memory, on their way, and those that a call still has. */
  filesOf(device: Device): ReadonlySet<OpenFile> {
    const held = this.processes.flatMap(({ mappings, unknownMappings, threads }) => [
      ...[...mappings.values()].map(({ file }) => file),
      ...unknownMappings,
      ...threads.flatMap(({ sleep }) => sleep?.file ?? []),
    ]);
    const inTables = [...this.#tables()].flatMap(({ fds }) => [...fds.values()].map(({ file }) => file));
    const all = [...held, ...inTables, ...this.boxes.flat()];
    return new Set(all.filter((file) => file.device === device));
  }

  /** Of what happens to a device all its files are told that want to be. */
  #raise(index: number, told: Told, by: OpenFile | undefined): void {
    for (const file of this.filesOf(this.devices[index] as Device))
      if (file.events.raise(told, file === by)) this.raised(file);
  }

  /** True if nobody has `file` but threads that sleep in a call: who wakes them ends it. */
  isHeldAsleep(file: OpenFile): boolean {
    return file.holders === this.#asleep(SLEEP_CALLS, (sleep) => sleep.file === file).length;
  }

  /** True if a process has `file` in its table or its memory. */
  #isKnown(file: OpenFile): boolean {
    const isFile = (each: Descriptor | Mapping) => each.file === file;
    return (
      [...this.#tables()].some(({ fds }) => [...fds.values()].some(isFile)) ||
      this.processes.some(
        ({ mappings, unknownMappings }) =>
          [...mappings.values()].some(isFile) || unknownMappings.includes(file),
      )
    );
  }

  #tables(): ReadonlySet<Table> {
    return new Set(this.processes.flatMap(({ tables }) => tables));
  }

  #epolls(): ReadonlySet<Epoll> {
    return new Set([...this.#tables()].flatMap(({ epolls }) => [...epolls.values()]));
  }

  #watchesOf(device: Device): readonly Watch[] {
    return [...this.#epolls()].flatMap(({ watches }) =>
      watches.filter((watch) => watch.file.device === device),
    );
  }
}
