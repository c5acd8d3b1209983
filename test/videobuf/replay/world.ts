/**
 * A kernel around the device, in this process: programs with descriptors, mappings and threads, on a virtual clock. What it
 * does where the framework leaves off (when a mapping is gone, who waits for what, what an exit does) is what Linux does.
 */
import {
  type ClientFile,
  type File,
  heapPages,
  type MappedPlane,
  Mutex,
  Program,
  Timer,
  type V4l2Fh,
  type VideobufMapping,
  type VideobufQueue,
  type VideoDevice,
  VideoDeviceRegistry,
  VirtualClock,
} from 'usercam';
import { Measuring, type Memory, measuringNodes, queueOf } from '../measuring.ts';

export const MS = 1_000_000;
const PAGE = 4096;
const PROGRAM_BYTES = 1 << 26;
/** As many bytes of a line as the recorder has room for. */
const LINE = 2045;

/** What can be slept in, looked at again and again. */
export interface Waiting {
  /** Goes on if it can; true when it is over. */
  poke(): boolean;
  /** Its program is killed. */
  kill(): void;
}

/** Something that can never go on by itself: the rest of its program is not run. */
export class Blocked {
  readonly on: Waiting;

  constructor(on: Waiting) {
    this.on = on;
  }
}

/** An open file, which descriptors share. */
export class Description {
  readonly client: ClientFile;
  references = 1;

  constructor(client: ClientFile) {
    this.client = client;
  }

  get queue(): VideobufQueue {
    return queueOf(this.client.file.privateData as V4l2Fh<Measuring, never>);
  }
}

/** One mapping of one buffer, in however many processes. */
export class Mapping {
  readonly file: File;
  readonly plane: MappedPlane;
  readonly memory: VideobufMapping;
  /** Pages that a process still has. */
  readonly pages = new Map<Process, Set<number>>();

  constructor(file: File, plane: MappedPlane, memory: VideobufMapping) {
    this.file = file;
    this.plane = plane;
    this.memory = memory;
  }

  /** True if that was the last of it, anywhere. */
  unmap(process: Process, first: number, count: number): boolean {
    const pages = this.pages.get(process);
    if (pages === undefined) return false;
    for (let page = first; page < first + count; page++) pages.delete(page);
    if (pages.size > 0) return false;
    this.pages.delete(process);
    process.mappings.splice(process.mappings.indexOf(this), 1);
    if (this.pages.size > 0) return false;
    this.plane.unmap();
    return true;
  }
}

export class Process {
  readonly fds: (Description | undefined)[] = [];
  /** In the order in which they were made: each lies below the one before. */
  readonly mappings: Mapping[] = [];
  readonly threads: Waiting[] = [];

  fork(): Process {
    const child = new Process();
    for (const [fd, description] of this.fds.entries()) {
      child.fds[fd] = description;
      if (description !== undefined) description.references++;
    }
    for (const mapping of this.mappings) {
      mapping.pages.set(child, new Set(mapping.pages.get(this)));
      child.mappings.push(mapping);
    }
    return child;
  }

  close(fd: number): void {
    const description = this.fds[fd];
    this.fds[fd] = undefined;
    if (description !== undefined && --description.references === 0) description.client.close();
  }
}

export class World {
  readonly clock = new VirtualClock();
  readonly device: Measuring;
  readonly node: VideoDevice<Measuring>;
  readonly lines: string[] = [];
  readonly kind: Memory;
  readonly hasExtLock: boolean;
  /** The transcripts of two kinds were made with a driver that runs freely at the end of a scenario. */
  readonly runsFreelyAtEnd: boolean;
  program = new Program(PROGRAM_BYTES);
  process = new Process();
  tracing = true;
  /** Ends of processes that are not over. */
  readonly #exits = new Set<Waiting>();

  constructor(kind: Memory, hasExtLock = false) {
    this.kind = kind;
    this.runsFreelyAtEnd = kind !== 'vmalloc';
    this.device = new Measuring(
      kind,
      { name: 'vb1cap', clock: this.clock, pages: heapPages },
      hasExtLock ? new Mutex() : undefined,
    );
    this.hasExtLock = hasExtLock;
    [this.node] = measuringNodes(this.device);
    new VideoDeviceRegistry(this.clock).register(this.node as VideoDevice);
  }

  say(line: string): void {
    this.lines.push(line.length > LINE ? `${line.slice(0, LINE)}\0` : line);
  }

  /** Lets everything run that can, without time going on. */
  settle(threads: readonly Waiting[] = this.process.threads): void {
    for (let changed = true; changed; ) {
      const due = this.clock.timers.next() <= this.clock.now();
      if (due) this.clock.advance(0);
      changed = due;
      for (const exit of [...this.#exits]) {
        if (!exit.poke()) continue;
        this.#exits.delete(exit);
        changed = true;
      }
      for (const thread of [...threads]) {
        if (!thread.poke()) continue;
        const at = this.process.threads.indexOf(thread);
        if (at >= 0) this.process.threads.splice(at, 1);
        changed = true;
      }
    }
  }

  /** Something is to be looked at when it is that late. */
  wakeAt(time: number): void {
    if (time !== Number.POSITIVE_INFINITY) this.clock.timers.arm(new Timer(() => {}), time);
  }

  /** Time goes on, from timer to timer. */
  sleep(nanoseconds: number): void {
    const end = this.clock.now() + nanoseconds;
    this.settle();
    while (this.clock.now() < end) {
      const next = Math.min(this.clock.timers.next(), end);
      this.clock.advance(next - this.clock.now());
      this.settle();
    }
  }

  /** Waits until `waiting` is over, for `limit` at most; false if it is not. */
  await(waiting: Waiting, limit = Number.POSITIVE_INFINITY): boolean {
    const end = this.clock.now() + limit;
    for (;;) {
      this.settle();
      if (waiting.poke()) return true;
      const next = this.clock.timers.next();
      if (next > end || next === Number.POSITIVE_INFINITY) {
        if (limit !== Number.POSITIVE_INFINITY) this.clock.advance(end - this.clock.now());
        return waiting.poke();
      }
      this.clock.advance(next - this.clock.now());
    }
  }

  /** The main thread of the program waits; if nothing can ever wake it, no more of the program is run. */
  wait(waiting: Waiting): void {
    if (!this.await(waiting)) throw new Blocked(waiting);
  }

  /**
   * The end of a process: its threads, then its memory from the lowest address on, then its descriptors. What has to wait
   * for a frame in the kernel waits here, in a call that is not over.
   */
  exit(process: Process, blockedIn?: Waiting): Waiting {
    const asleep = [...process.threads.splice(0), ...(blockedIn === undefined ? [] : [blockedIn])];
    for (const thread of asleep) thread.kill();
    const end = this.#end(process, asleep);
    let isOver = false;
    const poke = () => {
      isOver ||= end.next().done === true;
      return isOver;
    };
    const exit = { poke, kill: () => {} };
    this.#exits.add(exit);
    return exit;
  }

  /** Yields while it has to wait. */
  *#end(process: Process, asleep: readonly Waiting[]): Generator<undefined> {
    // What cannot be interrupted comes to its end.
    for (const thread of asleep) while (!thread.poke()) yield;
    // What a mapping held open is released when all of the memory is gone, last first.
    const files: File[] = [];
    for (const mapping of [...process.mappings].reverse()) {
      mapping.file.get();
      files.unshift(mapping.file);
      if (!mapping.unmap(process, 0, pagesOf(mapping.plane.bytes.length))) continue;
      while (!mapping.memory.isOver) yield;
    }
    for (const file of files) file.put();
    for (const fd of process.fds.keys()) process.close(fd);
  }
}

export const pagesOf = (bytes: number): number => Math.ceil(bytes / PAGE);
export const pageAt = (offset: number): number => Math.floor(offset / PAGE);
