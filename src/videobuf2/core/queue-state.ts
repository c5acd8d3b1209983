import { List } from '../../base/list.ts';
import { WaitQueue } from '../../base/wait-queue.ts';
import type { Caller } from '../../vfs/file.ts';
import type { Vb2Buffer } from './buffer.ts';
import { type QueueCalls, queueCalls } from './call-op.ts';
import type { Vb2Fileio } from './fileio.ts';
import { VB2_MEMORY_UNKNOWN } from './io-modes.ts';
import type { Vb2Queue } from './queue.ts';

/** Where a queue keeps its state. Not exported by the framework: drivers have the methods of the queue. */
export const STATE: unique symbol = Symbol('state of the queue');

/** What a queue knows about itself; only the framework reads and changes it. */
export class QueueState<D> {
  /** The open file that allocated the buffers; to all others the queue is busy. */
  owner: unknown = undefined;
  /** VB2_MEMORY_* of the buffers, UNKNOWN while there are none. */
  memory: number = VB2_MEMORY_UNKNOWN;
  /** By index, with holes after REMOVE_BUFS. */
  readonly bufs: (Vb2Buffer<D> | undefined)[] = [];
  numBuffers = 0;
  /** Buffers were allocated and not all of them freed by REQBUFS; REMOVE_BUFS alone does not end it. */
  busy = false;
  /** The program has asked for memory that is not coherent. */
  nonCoherentMem = false;

  /** From QBUF to DQBUF, whatever the state, in the order of QBUF. */
  readonly queuedList = new List<Vb2Buffer<D>>();
  /** DONE and ERROR, in the order of done(). */
  readonly doneList = new List<Vb2Buffer<D>>();
  /** Buffers in state ACTIVE. */
  ownedByDriver = 0;
  streaming = false;
  startStreamingCalled = false;
  /** stopStreaming is running: frames that the driver gives back as ERROR now were never made. */
  stopping = false;
  /** Set by error() until streaming stops. */
  failed = false;
  /** The device has gone: no read() or write() begins to stream any more. */
  gone = false;
  /** Nothing was queued since REQBUFS or STREAMOFF: poll says ERR. Capture only. */
  waitingForBuffers = false;
  /** The frame with V4L2_BUF_FLAG_LAST has gone out: DQBUF says EPIPE from now on. */
  lastBufferDequeued = false;

  /** Where a blocked DQBUF sleeps: woken when it could end, which is less often than `doneWq`. */
  readonly dqbufWq = new WaitQueue();
  /** Who went to sleep in DQBUF last; {@link QueueState.isWaitedFor} says whether it still does. */
  dqbufWaiter: Caller | undefined = undefined;
  /** What the last DQBUF handed out, until it can no longer be taken back. */
  lastDequeued: Vb2Buffer<D> | undefined = undefined;
  lastDequeuedState: 'DONE' | 'ERROR' = 'DONE';

  /** read() or write() is using the buffers; no ioctl may. */
  fileioActive = false;
  /** What read(), write() or a kernel-side consumer keeps, while it is active. */
  fileio: Vb2Fileio | undefined = undefined;
  /** The one frame of `fileioReadOnce` has been read: the next read() returns 0. */
  fileioAtEnd = false;

  readonly calls: QueueCalls = queueCalls();

  /** Somebody other than `caller` sleeps in DQBUF. */
  isWaitedFor(caller: Caller | undefined): boolean {
    const waiter = this.dqbufWaiter;
    // A sleeper that was signalled has left without coming back here, and may sleep elsewhere by now.
    return waiter !== undefined && waiter !== caller && waiter.asleep && !this.dqbufWq.empty;
  }
}

/** Something happened that both ends a blocked DQBUF and changes the answer of poll. */
export function wakeDqbuf<D>(q: Vb2Queue<D>): void {
  q[STATE].dqbufWq.wakeUp();
  q.doneWq.wakeUp();
}
