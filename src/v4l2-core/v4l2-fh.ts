import type { Caller, File } from '../vfs/file.ts';
import type { VideoDevice } from './video-device.ts';

/**
 * What the core keeps for each open file of a video device. `D` is the driver's own data of that device.
 *
 * @kernel v4l2_fh
 */
export class V4l2Fh<D = unknown> {
  readonly vdev: VideoDevice<D>;
  readonly file: File;
  /** The priority of this open file, one of V4L2_PRIORITY_*. */
  prio: number;
  readonly #sleepers = new Set<Caller>();
  // Kept, because a wait queue removes by identity.
  readonly #wake: () => void;

  /** Takes part in the device from here on: in its priorities, and in the wake-ups of its queue. */
  constructor(vdev: VideoDevice<D>, file: File) {
    this.vdev = vdev;
    this.file = file;
    this.prio = vdev.prio.open();
    this.#wake = () => file.pollWait.wakeUp();
    vdev.fhs.add(this);
    vdev.queue?.doneWq.add(this.#wake);
  }

  /** `caller` sleeps in DQBUF, and makes the same call again when it is woken. */
  fallAsleep(caller: Caller): void {
    this.#sleepers.add(caller);
  }

  /** True if `caller` has slept and makes its call again: it was let in when it first came. */
  wake(caller: Caller): boolean {
    return this.#sleepers.size > 0 && this.#sleepers.delete(caller);
  }

  /** The device goes. Only who sleeps now may finish its call; a sleeper that was interrupted has left. */
  vanish(): void {
    for (const caller of this.#sleepers) if (!caller.asleep) this.#sleepers.delete(caller);
  }

  /** The counterpart of the constructor. @kernel v4l2_fh_exit */
  exit(): void {
    this.vdev.queue?.doneWq.remove(this.#wake);
    this.vdev.fhs.delete(this);
    this.vdev.prio.close(this.prio);
  }
}
