/**
 * read() and write() on a queue: the framework itself allocates buffers, streams, and copies frames between the
 * planes and the program. It begins with the first read(), write() or poll(), and then only the close of the
 * file ends it; meanwhile the streaming ioctls answer EBUSY, as read() and write() do while a program streams.
 */
import { EBUSY, EINVAL, Errno } from '../../base/errno.ts';
import { type Caller, type File, WOULD_BLOCK } from '../../vfs/file.ts';
import { coreReqbufs } from './allocate.ts';
import { noUser } from './buf-ops.ts';
import type { Vb2Buffer, Vb2Plane } from './buffer.ts';
import { coreDqbuf } from './dequeue.ts';
import { VB2_MEMORY_MMAP } from './io-modes.ts';
import { coreQbuf } from './qbuf.ts';
import type { Vb2Queue } from './queue.ts';
import { STATE } from './queue-state.ts';
import { coreStreamon } from './streaming.ts';

export type FileioKind = 'read' | 'write';

/** What the program asks: `count` bytes to or from `address`. */
interface Request {
  readonly address: number;
  readonly count: number;
  readonly caller: Caller;
}

/** The state of a queue that is read or written. */
export class Vb2Fileio {
  readonly kind: FileioKind;
  readonly #q: Vb2Queue;
  /** The buffer that is being read or filled, between two calls. */
  #current: Vb2Buffer | undefined = undefined;
  /** How far the current buffer is read or filled, and where that ends. */
  #position = 0;
  #end = 0;
  /** Write: buffers below this index have been queued once; those above are fresh. */
  #used = 0;
  #taken = 0;
  /** Who ends a consumer that works on the buffers in place of a program. */
  onEnd: (() => void) | undefined = undefined;

  constructor(q: Vb2Queue, kind: FileioKind) {
    this.#q = q;
    this.kind = kind;
  }

  /** The next call need not wait: a frame is half read, or a buffer is half filled or fresh. */
  get ready(): boolean {
    return this.#current !== undefined || (this.kind === 'write' && this.#used < this.#q[STATE].numBuffers);
  }

  /** The queue is released. */
  end(): void {
    this.#current = undefined;
    this.onEnd?.();
  }

  /** Hands all buffers of a capture queue to the driver and starts it. */
  begin(): void {
    const q = this.#q;
    if (this.kind === 'read') {
      for (const vb of q[STATE].bufs) if (vb !== undefined) queueAgain(vb, 0);
    }
    coreStreamon(q, q.type);
  }

  /** @kernel __vb2_perform_fileio */
  perform(file: Pick<File, 'nonblock'>, request: Request): number | undefined {
    const vb = this.#current ?? this.#next(file, request.caller);
    if (vb === undefined) return undefined;
    const count = Math.min(request.count, this.#end - this.#position);
    this.#copy(vb, request, count);
    this.#position += count;
    const full = this.#position === this.#end;
    if (full || (this.kind === 'write' && this.#q.fileioWriteImmediately)) this.#passOn(vb);
    return count;
  }

  /** The buffer to go on with; undefined if the caller has to wait for it. */
  #next(file: Pick<File, 'nonblock'>, caller: Caller): Vb2Buffer | undefined {
    if (this.kind === 'write' && this.#used < this.#q[STATE].numBuffers) {
      return this.#open(this.#q[STATE].bufs[this.#used++] as Vb2Buffer);
    }
    const vb = coreDqbuf(this.#q, file, caller, noUser, undefined, undefined);
    if (vb === undefined) return undefined;
    this.#q[STATE].lastDequeued = undefined;
    this.#taken++;
    return this.#open(vb);
  }

  #open(vb: Vb2Buffer): Vb2Buffer {
    const plane = vb.planes[0] as Vb2Plane;
    const read = this.kind === 'read';
    this.#end = read ? plane.bytesused : plane.length;
    this.#position = read && this.#q.isMultiplanar && plane.dataOffset < this.#end ? plane.dataOffset : 0;
    this.#current = vb;
    // An empty frame is passed over by the read of 0 bytes that it gives.
    return vb;
  }

  #copy(vb: Vb2Buffer, { address, caller }: Request, count: number): void {
    const plane = vb.planeVaddr(0);
    const whole = this.#position === 0 && count === plane.length;
    const bytes = whole ? plane : plane.subarray(this.#position, this.#position + count);
    if (this.kind === 'read') caller.memory.write(address, bytes);
    else caller.memory.read(address, bytes);
  }

  /** The program has had all of a frame, or has given all of one. */
  #passOn(vb: Vb2Buffer): void {
    this.#current = undefined;
    const q = this.#q;
    if (this.kind === 'read' && q.fileioReadOnce && this.#taken === 1) {
      endFileio(q);
      return;
    }
    queueAgain(vb, this.#position);
    q.doneWq.changed();
  }
}

/** Queues a buffer for the framework itself; `written` bytes of it are the frame of an output queue. */
export function queueAgain(vb: Vb2Buffer, written: number): void {
  const plane = vb.planes[0] as Vb2Plane;
  plane.bytesused = vb.queue.isOutput ? written : 0;
  plane.dataOffset = 0;
  vb.skipPrepare = false;
  vb.skipFinish = false;
  if (vb.queue.isOutput) vb.timestamp = vb.queue.clock.now();
  coreQbuf(vb, undefined, noUser, undefined, undefined);
}

/** The program has read the one frame that there is. */
function endFileio(q: Vb2Queue): void {
  const s = q[STATE];
  const owner = s.owner;
  q.release();
  s.owner = owner;
  s.fileioAtEnd = true;
}

/**
 * Makes the framework the user of an idle queue. On failure the queue is idle again.
 *
 * @kernel __vb2_init_fileio
 */
export function startFileio(q: Vb2Queue, kind: FileioKind): Vb2Fileio {
  const s = q[STATE];
  if (q.memOps.vaddr === undefined) throw new Errno(EBUSY, `the CPU cannot reach the memory of ${q.name}`);
  if (s.streaming || s.numBuffers > 0) throw new Errno(EBUSY, 'a program streams, or has buffers');
  // What the driver needs, and one for the reader or writer.
  coreReqbufs(q, VB2_MEMORY_MMAP, Math.max(2, q.minQueuedBuffers + 1));
  const fileio = new Vb2Fileio(q, kind);
  s.fileio = fileio;
  s.fileioActive = true;
  try {
    assertCopyable(q);
    fileio.begin();
    return fileio;
  } catch (error) {
    q.release();
    throw error;
  }
}

function assertCopyable(q: Vb2Queue): void {
  for (const vb of q[STATE].bufs) {
    if (vb === undefined) continue;
    if (vb.numPlanes !== 1) throw new Errno(EBUSY, 'frames of several planes cannot be read or written');
    if (vb.planeVaddr(0).length === 0) throw new Errno(EINVAL, 'the CPU cannot reach the memory');
  }
}

/** One read() or write(): the bytes moved, or WOULD_BLOCK with the caller asleep. */
export function performFileio(
  q: Vb2Queue,
  file: Pick<File, 'nonblock'>,
  request: Request,
  kind: FileioKind,
): number {
  const s = q[STATE];
  if (s.gone) throw new Errno(EINVAL, 'streaming is off, for good');
  if (request.address === 0) throw new Errno(EINVAL, 'no memory to read to or write from');
  if (s.isWaitedFor(request.caller)) throw new Errno(EBUSY, 'somebody else waits for a frame');
  if (s.fileio?.onEnd !== undefined) throw new Errno(EBUSY, 'the kernel itself uses the queue');
  if (s.fileioAtEnd) {
    s.fileioAtEnd = false;
    return 0;
  }
  const fileio = s.fileio ?? startFileio(q, kind);
  return fileio.perform(file, request) ?? WOULD_BLOCK;
}
