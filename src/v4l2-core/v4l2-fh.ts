import type { WaitQueueEntry } from '../base/wait-queue.ts';
import type { Caller, File } from '../vfs/file.ts';
import type { V4l2CtrlHandler } from './ctrls/index.ts';
import type { V4l2FhEvents } from './events/index.ts';
import type { FrameQueue } from './frame-queue.ts';
import type { V4l2M2mCtx } from './mem2mem/context.ts';
import type { VideoDevice } from './video-device.ts';

/**
 * What the core keeps for each open file of a video device. `D` is the driver's own data of that device, `F` what it
 * keeps for each open file.
 *
 * @kernel v4l2_fh
 */
export class V4l2Fh<D = unknown, F = unknown> {
  readonly vdev: VideoDevice<D>;
  readonly file: File;
  /** The priority of this open file, one of V4L2_PRIORITY_*. */
  prio: number;

  // Slots, empty until somebody fills them; a driver does so in its open().

  /** Free for the driver. */
  drvPriv: F | undefined = undefined;
  /** Controls of this open file; those of the device otherwise. */
  ctrlHandler: V4l2CtrlHandler | undefined = undefined;
  /** What it is told of; set by the first subscription, or the first VIDIOC_DQEVENT. */
  events: V4l2FhEvents | undefined = undefined;
  /** The queues of this open file, if the device is mem2mem. */
  m2mCtx: V4l2M2mCtx | undefined = undefined;

  readonly #sleepers = new Set<Caller>();
  readonly #queues: FrameQueue[] = [];
  // Kept, because a wait queue removes by identity.
  readonly #wake: WaitQueueEntry;

  /** Takes part in the device from here on: in its priorities, and in the wake-ups of its queue. */
  constructor(vdev: VideoDevice<D>, file: File) {
    this.vdev = vdev;
    this.file = file;
    this.prio = vdev.prio.open();
    this.#wake = (isNews) => (isNews ? file.pollWait.wakeUp() : file.pollWait.changed());
    vdev.fhs.add(this);
    vdev.queue?.doneWq.add(this.#wake);
  }

  /**
   * Ties a queue of its own to the open file, until that is closed: its wake-ups reach who polls the file, and it
   * hears when the device goes. For the driver's open().
   */
  bindQueue(queue: FrameQueue): void {
    this.#queues.push(queue);
    queue.doneWq.add(this.#wake);
  }

  /** `caller` sleeps in a call that waits, and makes the same call again when it is woken. */
  fallAsleep(caller: Caller): void {
    this.#sleepers.add(caller);
  }

  /**
   * True if `caller` has slept and goes on with its call: it was let in when it first came. Whom a signal has ended the
   * sleep makes another call, also where the kernel makes that for it; while the device is there it is let in all the same.
   */
  wake(caller: Caller): boolean {
    if (this.#sleepers.size === 0 || !this.#sleepers.delete(caller)) return false;
    return this.vdev.isRegistered || caller.asleep;
  }

  /** The device goes. Only who sleeps now may finish its call; a sleeper that was interrupted has left. */
  vanish(): void {
    for (const caller of this.#sleepers) if (!caller.asleep) this.#sleepers.delete(caller);
    for (const queue of this.#queues) queue.vanish();
  }

  /** The counterpart of the constructor. @kernel v4l2_fh_exit */
  exit(): void {
    this.events?.removeAll();
    for (const queue of this.#queues) queue.doneWq.remove(this.#wake);
    this.vdev.queue?.doneWq.remove(this.#wake);
    this.vdev.fhs.delete(this);
    this.vdev.prio.close(this.prio);
  }
}

/** What `open()` has put into an open file of a video device. */
export function fhOf(file: File): V4l2Fh {
  return file.privateData as V4l2Fh;
}
