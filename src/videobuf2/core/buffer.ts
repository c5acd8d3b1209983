import { driverBug } from '../../base/bug.ts';
import { firstBytes, NO_BYTES } from '../../base/bytes.ts';
import { ListEntry } from '../../base/list.ts';
import type { PlaneCookie, Vb2MemOps } from '../../memory/mem-ops.ts';
import type { UserAddress } from '../../vfs/file.ts';
import { nameOf, nextState, type Transition, type Vb2BufferState } from './buffer-state.ts';
import { type BufferCalls, bufferCalls } from './call-op.ts';
import { bufferDone } from './done.ts';
import { FrameTime } from './frame-time.ts';
import type { Vb2Queue } from './queue.ts';

/** What a program says about a plane at QBUF or PREPARE_BUF, until its memory is there. */
export class PlaneRequest {
  bytesused = 0;
  dataOffset = 0;
  length = 0;
  userptr: UserAddress = 0;
  fd = -1;
}

/** One plane of a buffer. Drivers read it; they change the payload through the buffer. */
export class Vb2Plane {
  /** Where its memory comes from: the queue's back end, unless the driver gave the plane another. */
  readonly memOps: Vb2MemOps;
  /** Bytes of the plane, exactly as the driver asked; never rounded up to pages. */
  length: number;
  /** The least that memory brought by the program (USERPTR, DMABUF) must have. */
  readonly minLength: number;
  bytesused = 0;
  dataOffset = 0;
  /** MMAP: the offset at which programs map the plane. */
  readonly offset: number;
  /** USERPTR: the address in the program. */
  userptr: UserAddress = 0;
  /** DMABUF: the file descriptor as the program named it; 0 before it has named one. */
  fd = 0;

  // What follows is the framework's.

  /** What the memory back end knows the plane by. */
  memPriv: object | undefined = undefined;
  /**
   * It was mapped or exported, and when that was last looked for it still was: nobody is told when a mapping ends.
   */
  inUse = false;
  readonly wanted = new PlaneRequest();
  /** DMABUF: which memory is attached, whatever number its descriptor has today. */
  dmabufDevice = -1;
  dmabufInode = -1;
  dmabufMapped = false;

  constructor(length: number, offset: number, memOps: Vb2MemOps) {
    this.memOps = memOps;
    this.length = length;
    this.minLength = length;
    this.offset = offset;
  }
}

/** The one way to change the state of a buffer; everything that may happen is in TRANSITIONS (buffer-state.ts). */
export let transition: (vb: Vb2Buffer, to: Transition) => boolean;

/**
 * A video buffer (the kernel's `vb2_buffer` and `vb2_v4l2_buffer` in one).
 *
 * Between bufQueue and `done()` it belongs to the driver, which fills in `timestamp`, `sequence`, `field` and
 * the payload before it calls `done()`.
 */
export class Vb2Buffer<D = unknown> {
  readonly queue: Vb2Queue<D>;
  readonly index: number;
  /** VB2_MEMORY_*. */
  readonly memory: number;
  readonly planes: readonly Vb2Plane[];
  /** When the frame was taken. A driver that passes frames on takes it from one buffer to the other with `copy`. */
  readonly time = new FrameTime();
  sequence = 0;
  field = 0;
  /** V4L2_BUF_FLAG_* that the driver or the program sets (KEYFRAME, LAST, TIMECODE …). States set none here. */
  flags = 0;
  /** The bytes of `struct v4l2_timecode` that came with an output buffer. */
  timecode: Uint8Array | undefined = undefined;
  /** Free for the driver. */
  drvPriv: unknown = undefined;

  // What follows belongs to the framework; drivers leave it alone.

  /** bufInit has succeeded and bufCleanup has not been called yet. */
  initialised = false;
  /** bufPrepare has succeeded and bufFinish has not been called yet. */
  prepared = false;
  /** The memory has been made ready for the driver (memOps.prepare) and not given back (memOps.finish). */
  synced = false;
  /** The program has said that it does not look at (INVALIDATE) or did not touch (CLEAN) the memory. */
  skipFinish = false;
  skipPrepare = false;
  readonly queuedEntry = new ListEntry<Vb2Buffer<D>>(this);
  readonly doneEntry = new ListEntry<Vb2Buffer<D>>(this);
  readonly calls: BufferCalls = bufferCalls();

  #state: Vb2BufferState = 'DEQUEUED';

  static {
    transition = (vb, to) => {
      const next = nextState(vb.#state, to);
      if (next === undefined) {
        const expected = to.from.join(' or ');
        driverBug(`Cannot ${nameOf(to)} ${vb.label}: state is ${vb.#state}, expected ${expected}`);
        return false;
      }
      vb.#state = next;
      return true;
    };
  }

  constructor(queue: Vb2Queue<D>, index: number, memory: number, planes: readonly Vb2Plane[]) {
    this.queue = queue;
    this.index = index;
    this.memory = memory;
    this.planes = planes;
  }

  get state(): Vb2BufferState {
    return this.#state;
  }

  /** {@link time} in nanoseconds of CLOCK_MONOTONIC, as drivers know it. */
  get timestamp(): number {
    return this.time.nanoseconds;
  }

  set timestamp(nanoseconds: number) {
    this.time.nanoseconds = nanoseconds;
  }

  get numPlanes(): number {
    return this.planes.length;
  }

  /** For reports: "buffer 3 of vivi-000-vid-cap". */
  get label(): string {
    return `buffer ${this.index} of ${this.queue.name}`;
  }

  /** Bytes of plane `n`. */
  planeSize(n: number): number {
    return this.#plane(n, 'planeSize')?.length ?? 0;
  }

  /** Bytes of plane `n` that carry data. */
  planePayload(n: number): number {
    return this.#plane(n, 'planePayload')?.bytesused ?? 0;
  }

  /** Says how many bytes of plane `n` carry data. */
  setPlanePayload(n: number, bytes: number): void {
    const plane = this.#plane(n, 'setPlanePayload');
    if (plane === undefined) return;
    if (bytes > plane.length) {
      driverBug(`${this.label}: payload of plane ${n} is ${bytes} bytes, but the plane has ${plane.length}`);
    }
    plane.bytesused = Math.min(bytes, plane.length);
  }

  /**
   * The bytes of plane `n`: asking for every frame is cheap, because they are the same object until the memory
   * changes. That can be between any two frames, so they are not to be kept past `done()`.
   *
   * @kernel vb2_plane_vaddr
   */
  planeVaddr(n: number): Uint8Array {
    const plane = this.#plane(n, 'planeVaddr');
    if (plane?.memPriv === undefined || plane.memOps.vaddr === undefined) return NO_BYTES;
    return plane.memOps.vaddr(plane.memPriv);
  }

  /** Copies the first bytes of plane `n`, as many as `to` has, by the shortest way that its memory has. */
  copyPlane(n: number, to: Uint8Array): void {
    const plane = this.#plane(n, 'copyPlane');
    if (plane?.memPriv !== undefined && plane.memOps.copyTo !== undefined)
      plane.memOps.copyTo(plane.memPriv, to);
    else to.set(firstBytes(this.planeVaddr(n), to.length));
  }

  /**
   * What the device needs to reach plane `n`, `undefined` with memory that no device reaches. `dma.ts` has the
   * two usual kinds by name.
   *
   * @kernel vb2_plane_cookie
   */
  planeCookie(n: number): PlaneCookie | undefined {
    const plane = this.#plane(n, 'planeCookie');
    return plane?.memPriv === undefined ? undefined : plane.memOps.cookie?.(plane.memPriv);
  }

  /** Somebody outside the framework holds the memory. @kernel vb2_buffer_in_use */
  get inUse(): boolean {
    for (let n = 0; n < this.planes.length; n++) if ((this.planes[n] as Vb2Plane).inUse) return true;
    return false;
  }

  /** Looks whether that is still so. */
  lookForUsers(): void {
    for (const plane of this.planes) {
      const { memPriv, memOps } = plane;
      if (plane.inUse && memPriv !== undefined) plane.inUse = (memOps.numUsers?.(memPriv) ?? 0) > 1;
    }
  }

  /**
   * Gives the buffer back from the driver: DONE (dequeue it), ERROR (dequeue it, the contents are bad) or
   * QUEUED (startStreaming fails, the buffer was not touched). Allowed once for each bufQueue, from anywhere:
   * from bufQueue itself, a timer, stopStreaming. The driver must not touch the buffer afterwards.
   *
   * @kernel vb2_buffer_done
   */
  done(state: 'DONE' | 'ERROR' | 'QUEUED'): void {
    bufferDone(this, state);
  }

  #plane(n: number, who: string): Vb2Plane | undefined {
    const plane = this.planes[n];
    if (plane === undefined) driverBug(`${this.label}: ${who}(${n}), but there are ${this.numPlanes} planes`);
    return plane;
  }
}
