/**
 * Listens to the trace points of the chosen groups and keeps a record of each event, until it is taken. A call has one
 * record, where it begins, which is completed when it is answered: the steps in between follow it. One that sleeps has a
 * second one, where it goes on.
 */
import { formatView } from '../abi/index.ts';
import type { Clock } from '../base/timers.ts';
import type { Task, TracePoint } from '../base/trace.ts';
import { type MediaIoctlEvent, mediaIoctlEnter, mediaIoctlExit } from '../media/index.ts';
import {
  type IoctlArgument,
  type IoctlEvent,
  type IoctlResult,
  ioctlEnter,
  ioctlExit,
  ioctlSleep,
} from '../v4l2-core/index.ts';
import type { Caller } from '../vfs/file.ts';
import * as files from '../vfs/trace.ts';
import { bufferDetails, vb2BufferPoints, vb2QueuePoints } from '../videobuf2/index.ts';
import type { TraceGroup, TraceRecord } from './record.ts';
import { mmapText, openFlags, pollBits } from './words.ts';

/** A call that has begun and is not answered. */
interface Pending {
  readonly name: string;
  readonly of: string;
  readonly task: TraceRecord['task'];
  readonly start: number;
  record: TraceRecord;
}

/** What an event says that is no ioctl. */
interface Words {
  readonly of: string;
  readonly before: string;
  readonly result?: number;
}

function argumentText(argument: IoctlArgument | undefined): string | undefined {
  if (argument === undefined) return undefined;
  const { view, array } = argument;
  return array.length === 0 ? formatView(view) : `${formatView(view)} [${array.map(formatView).join(', ')}]`;
}

/** What was given; an argument that is only filled in has nothing to show yet, one that is none of ours is a number. */
function givenText({ name, argument, arg }: IoctlEvent): string | undefined {
  return argumentText(argument) ?? (name === undefined ? `0x${arg.toString(16)}` : undefined);
}

const ioctlName = ({ name, cmd }: IoctlEvent) => name ?? `ioctl 0x${cmd.toString(16)}`;

/** An ioctl of a media device, whose arrays are told by their addresses only. */
const withoutArray = <E extends MediaIoctlEvent>(event: E) => ({
  ...event,
  argument: event.argument && { view: event.argument, array: [] },
});

/** `count=4, memory=1` */
function detailsText(details: Readonly<Record<string, number | string>>): string {
  return Object.entries(details)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');
}

/**
 * A record of what goes on between programs and devices of this process. In a test of a driver these are the calls of an
 * in-process `Program`, with what videobuf2 and the driver do inside them:
 *
 *     const recorder = new Recorder(clock, ['ioctl', 'vb2']);
 *     …
 *     console.log(recorder.take().map(textOf).join('\n'));
 *     recorder.stop();
 */
export class Recorder {
  readonly #clock: Clock;
  readonly #wanted: () => void;
  readonly #stops: (() => void)[] = [];
  readonly #pending = new WeakMap<Caller, Pending>();
  #records: TraceRecord[] = [];
  /** The ioctl that runs at this moment. */
  #running: Pending | undefined;

  /** `recorded` is told when there is a first record to be taken. */
  constructor(clock: Clock, groups: readonly TraceGroup[], recorded: () => void = () => {}) {
    this.#clock = clock;
    this.#wanted = recorded;
    for (const group of groups) this.#listen(group);
  }

  /** Listens no more. */
  stop(): void {
    for (const stop of this.#stops) stop();
  }

  /** The records since the last time, oldest first. Not to be called while a call runs. */
  take(): readonly TraceRecord[] {
    const records = this.#records;
    this.#records = [];
    return records;
  }

  #listen(group: TraceGroup): void {
    if (group === 'ioctl') this.#listenToIoctls();
    else if (group === 'vb2') this.#listenToVb2();
    else if (group === 'open')
      this.#note(files.openPoint, ({ device, flags, result, poll }) => {
        const at = result < 0 ? '' : `, poll=${pollBits(poll)}`;
        return { of: device.name, before: `${openFlags(flags)}${at}`, result };
      });
    else if (group === 'mmap')
      this.#note(files.mmapPoint, ({ file, request, result }) => ({
        of: file.device.name,
        before: mmapText(request),
        result,
      }));
    else if (group === 'poll')
      this.#note(files.pollPoint, ({ file, from, to }) => ({
        of: file.device.name,
        before: `${pollBits(from)} → ${pollBits(to)}`,
      }));
    else {
      this.#note(files.closePoint, ({ device, fd }) => ({ of: device.name, before: String(fd) }));
      this.#note(files.releasePoint, ({ device }) => ({ of: device.name, before: '' }));
    }
  }

  #listenToVb2(): void {
    for (const point of vb2BufferPoints)
      this.#note(point, (vb) => ({ of: vb.queue.name, before: detailsText(bufferDetails(vb)) }));
    for (const point of vb2QueuePoints)
      this.#note(point, ({ queue, details }) => ({ of: queue.name, before: detailsText(details) }));
  }

  #listenToIoctls(): void {
    this.#stops.push(
      ioctlEnter.listen((event, task) => this.#enter(event, task)),
      ioctlSleep.listen((event) => this.#sleeps(event.caller)),
      ioctlExit.listen((event) => this.#exit(event)),
      mediaIoctlEnter.listen((event, task) => this.#enter(withoutArray(event), task)),
      mediaIoctlExit.listen((event) => this.#exit(withoutArray(event))),
      files.interruptedPoint.listen(({ caller, result }, task) => this.#interrupted(caller, result, task)),
    );
  }

  #note<E>(point: TracePoint<E>, words: (event: E) => Words): void {
    this.#stops.push(
      point.listen((event, task) => {
        const { of, before, result } = words(event);
        const record = this.#record(point.group as TraceGroup, point.name, of, task);
        record.before = before;
        record.result = result;
      }),
    );
  }

  #enter(event: IoctlEvent, task: Task | undefined): void {
    const name = ioctlName(event);
    const of = event.file.device.name;
    const before = this.#pending.get(event.caller);
    const record = this.#record('ioctl', name, of, task);
    if (before === undefined || before.name !== name) {
      record.before = givenText(event);
      this.#running = { name, of, task: record.task, start: record.time, record };
      this.#pending.set(event.caller, this.#running);
      return;
    }
    record.sleep = 'over';
    before.record = record;
    this.#running = before;
  }

  #sleeps(caller: Caller): void {
    const pending = this.#pending.get(caller);
    this.#running = undefined;
    if (pending === undefined) return;
    // One that was woken for nothing goes on sleeping, and nothing has happened.
    if (pending.record.sleep === 'over')
      this.#records = this.#records.filter((each) => each !== pending.record);
    pending.record.sleep = 'begins';
  }

  #exit(event: IoctlResult): void {
    const pending = this.#pending.get(event.caller);
    this.#pending.delete(event.caller);
    this.#running = undefined;
    if (pending === undefined) return;
    pending.record.after = argumentText(event.argument);
    this.#end(pending, event.result);
  }

  #interrupted(caller: Caller, result: number, task: Task | undefined): void {
    const pending = this.#pending.get(caller);
    if (pending === undefined) return;
    this.#pending.delete(caller);
    pending.record = this.#record('ioctl', pending.name, pending.of, task);
    pending.record.sleep = 'over';
    this.#end(pending, result);
  }

  #end({ record, start }: Pending, result: number): void {
    record.result = result;
    record.duration = this.#clock.now() - start;
  }

  #record(group: TraceGroup, name: string, of: string, task: Task | undefined): TraceRecord {
    const record: TraceRecord = {
      time: this.#clock.now(),
      group,
      name,
      task: task && { pid: task.pid, tid: task.tid, comm: task.comm },
      of,
      inside: this.#running !== undefined,
      before: undefined,
      after: undefined,
      result: undefined,
      duration: undefined,
      sleep: undefined,
    };
    if (this.#records.push(record) === 1) this.#wanted();
    return record;
  }
}
