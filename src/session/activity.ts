/**
 * What programs do with the cameras, for tests that ask and wait: who has opened which, what they stream, how many frames
 * they were given. It listens to the trace points, as `observe.ts` does.
 */
import {
  V4L2_TYPE_IS_OUTPUT,
  VIDIOC_DQBUF,
  VIDIOC_S_FMT,
  VIDIOC_STREAMOFF,
  VIDIOC_STREAMON,
  v4l2_buffer,
  v4l2_format,
} from '../abi/index.ts';
import type { Task } from '../base/trace.ts';
import { ioctlEnter, ioctlExit } from '../v4l2-core/index.ts';
import type { CharDevice, File } from '../vfs/file.ts';
import { movedPoint, releasePoint, takenBackPoint } from '../vfs/trace.ts';
import { formatText } from './format-text.ts';
import type { Condition, Delivered, ProgramInfo } from './protocol.ts';

/** One open file of a program. */
interface Use {
  readonly device: CharDevice;
  /** The program that was the first to ask for something. */
  readonly pid: number;
  readonly name: string;
  streaming: boolean;
  /** `640x480 YUYV`, as it was set through this file; undefined as long as it was not. */
  format: string | undefined;
  last: number | undefined;
  /** The buffer that it was given last had a frame for it, and was not one that it had filled. */
  hasFrame: boolean;
  readonly delivered: { frames: number; dropped: number };
}

interface Wait {
  readonly device: CharDevice;
  readonly condition: Condition;
  /** Frames that had been delivered when it began. */
  readonly from: number;
  readonly met: () => void;
  readonly asker: number | undefined;
  /** It will not be met; why, as words behind the name of the camera. */
  readonly refuse: (why: string) => void;
  /** A program has streamed from the camera since it began. */
  hasStreamed: boolean;
  /** Whoever might have met it has ended: why it is given up as soon as no program has the camera open. */
  over: string | undefined;
}

export class Activity {
  /** Files of which something was heard. */
  readonly #uses = new Map<File, Use>();
  readonly #delivered = new WeakMap<CharDevice, { frames: number; dropped: number }>();
  #waits: readonly Wait[] = [];

  /** From now on it knows. */
  listen(): void {
    ioctlEnter.listen(({ file }, task) => this.#find(file, task));
    ioctlExit.listen(({ file, cmd, argument, result }, task) => {
      const use = this.#find(file, task);
      if (result >= 0) this.#see(use, cmd, argument?.view.$bytes);
    });
    movedPoint.listen(({ file, how }, task) => {
      const use = this.#find(file, task);
      if (how === 'read') this.#count(use, undefined);
    });
    takenBackPoint.listen(({ file, cmd }, task) => {
      if (cmd === VIDIOC_DQBUF) this.#uncount(this.#find(file, task));
    });
    releasePoint.listen((file) => {
      const use = this.#uses.get(file);
      this.#uses.delete(file);
      if (use === undefined) return;
      this.#check(use.device);
      this.#giveUp();
    });
  }

  /** What `device` has given to all programs so far. */
  delivered(device: CharDevice): Delivered {
    return this.#of(device);
  }

  /** The programs that have `device` open and have asked it for something. */
  programs(device: CharDevice): readonly ProgramInfo[] {
    return this.#usesOf(device).map(({ pid, name, streaming, format, delivered }) => ({
      pid,
      name,
      streaming,
      format,
      ...delivered,
    }));
  }

  /**
   * Calls `met` as soon as the condition holds, which may be at once, or `refuse` if `device` goes before, or the command that
   * could have met it ends, or `asker` goes.
   */
  wait(
    device: CharDevice,
    condition: Condition,
    { met, refuse, asker }: Pick<Wait, 'met' | 'refuse' | 'asker'>,
  ): void {
    const hasStreamed = this.#usesOf(device).some(({ streaming }) => streaming);
    const from = this.#of(device).frames;
    const wait = { device, condition, from, met, refuse, asker, hasStreamed, over: undefined };
    this.#waits = [...this.#waits, wait];
    this.#check(device);
  }

  /** `asker` has gone: nobody waits for what he waited for. */
  abandon(asker: number): void {
    const abandoned = this.#waits.filter((wait) => wait.asker === asker);
    this.#waits = this.#waits.filter((wait) => wait.asker !== asker);
    for (const { refuse } of abandoned) refuse('is waited for by nobody any more');
  }

  /** A command of the session has ended, and so many are left. Of its files may be heard later. */
  commandEnded(left: number): void {
    for (const wait of this.#waits) {
      if (wait.condition.kind === 'closed') continue;
      if (left === 0) wait.over = 'no program runs any more';
      else if (wait.hasStreamed) wait.over = 'the program that streamed from it has ended';
    }
    this.#giveUp();
  }

  /** One that is met later all the same, by a program that nobody has started yet, cannot be told from one that never is. */
  #giveUp(): void {
    const over = this.#waits.filter(
      (wait) => wait.over !== undefined && this.#usesOf(wait.device).length === 0,
    );
    if (over.length === 0) return;
    this.#waits = this.#waits.filter((wait) => !over.includes(wait));
    for (const wait of over) wait.refuse(this.#outcome(wait));
  }

  #outcome({ device, condition, from, over }: Wait): string {
    if (condition.kind !== 'frames') return `was not ${condition.kind}: ${over}`;
    return `gave ${this.#of(device).frames - from} of ${condition.count} frames: ${over}`;
  }

  #usesOf(device: CharDevice): readonly Use[] {
    return [...this.#uses.values()].filter((use) => use.device === device);
  }

  /** `device` is unplugged. */
  removed(device: CharDevice): void {
    const waits = this.#waits.filter((wait) => wait.device === device);
    this.#waits = this.#waits.filter((wait) => wait.device !== device);
    for (const { refuse } of waits) refuse('was unplugged while it was waited for');
  }

  #of(device: CharDevice): { frames: number; dropped: number } {
    let delivered = this.#delivered.get(device);
    if (delivered === undefined) {
      delivered = { frames: 0, dropped: 0 };
      this.#delivered.set(device, delivered);
    }
    return delivered;
  }

  #find(file: File, task: Task | undefined): Use {
    const known = this.#uses.get(file);
    if (known !== undefined) return known;
    const delivered = { frames: 0, dropped: 0 };
    const use = {
      device: file.device,
      // What is heard of is one object, which is another task's at the next call.
      pid: task?.pid ?? 0,
      name: task?.program ?? '',
      streaming: false,
      format: undefined,
      last: undefined,
      hasFrame: false,
      delivered,
    };
    this.#uses.set(file, use);
    // Somebody else may meet it.
    for (const wait of this.#waits) if (wait.device === file.device) wait.over = undefined;
    this.#check(file.device);
    return use;
  }

  #see(use: Use, cmd: number, bytes: Uint8Array | undefined): void {
    if (cmd === VIDIOC_DQBUF && bytes !== undefined) this.#seeBuffer(use, v4l2_buffer.at(bytes));
    else if (cmd === VIDIOC_S_FMT && bytes !== undefined) use.format = formatText(v4l2_format.at(bytes));
    else if (cmd === VIDIOC_STREAMON || cmd === VIDIOC_STREAMOFF) {
      use.streaming = cmd === VIDIOC_STREAMON;
      use.last = undefined;
      if (use.streaming)
        for (const wait of this.#waits) if (wait.device === use.device) wait.hasStreamed = true;
      this.#check(use.device);
    }
  }

  #seeBuffer(use: Use, { type, sequence }: v4l2_buffer): void {
    use.hasFrame = !V4L2_TYPE_IS_OUTPUT(type);
    if (use.hasFrame) this.#count(use, sequence);
  }

  /** A frame was given, or by read() what may be one. */
  #count(use: Use, sequence: number | undefined): void {
    const { device, delivered, last } = use;
    const all = this.#of(device);
    delivered.frames++;
    all.frames++;
    if (sequence !== undefined && last !== undefined && sequence > last + 1) {
      delivered.dropped += sequence - last - 1;
      all.dropped += sequence - last - 1;
    }
    use.last = sequence;
    if (this.#waits.length > 0) this.#check(device);
  }

  /** The program never saw the frame; it will be given it again. */
  #uncount({ device, delivered, hasFrame }: Use): void {
    if (!hasFrame) return;
    delivered.frames--;
    this.#of(device).frames--;
  }

  #check(device: CharDevice): void {
    const met = this.#waits.filter((wait) => wait.device === device && this.#holds(wait));
    if (met.length === 0) return;
    this.#waits = this.#waits.filter((wait) => !met.includes(wait));
    for (const wait of met) wait.met();
  }

  #holds({ device, condition, from }: Wait): boolean {
    if (condition.kind === 'frames') return this.#of(device).frames >= from + condition.count;
    const uses = this.#usesOf(device);
    if (condition.kind === 'closed') return uses.length === 0;
    return uses.some((use) => condition.kind === 'open' || use.streaming);
  }
}
