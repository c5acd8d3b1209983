/** Buffers come and go: REQBUFS, CREATE_BUFS, REMOVE_BUFS. */
import { driverBug } from '../../base/bug.ts';
import { EBUSY, EINVAL, ENOBUFS, ENOMEM, Errno } from '../../base/errno.ts';
import { releasePlanes } from './acquire.ts';
import { Vb2Buffer, Vb2Plane } from './buffer.ts';
import {
  callBufCleanup,
  callQueueSetup,
  callVbOp,
  reportBufferBalance,
  reportQueueBalance,
} from './call-op.ts';
import { cancelBuffer, queueCancel } from './cancel.ts';
import { mmapCookie } from './cookies.ts';
import {
  memoryModesOf,
  modeOf,
  VB2_MAX_PLANES,
  VB2_MEMORY_DMABUF,
  VB2_MEMORY_MMAP,
  VB2_MEMORY_UNKNOWN,
  VB2_MEMORY_USERPTR,
} from './io-modes.ts';
import type { Vb2QueueSetup } from './ops.ts';
import type { Vb2Queue } from './queue.ts';
import { STATE } from './queue-state.ts';
import { coreCreateBufsPoint, coreRemoveBufsPoint, coreReqbufsPoint } from './trace.ts';

/** Whether the queue and its memory back end can do this kind of memory. */
function supportsMemory(q: Vb2Queue, memory: number): boolean {
  return (q.ioModes & memoryModesOf(q.memOps) & modeOf(memory)) !== 0;
}

/** @kernel vb2_verify_memory_type */
export function verifyMemoryType(q: Vb2Queue, memory: number, type: number): void {
  if (memory !== VB2_MEMORY_MMAP && memory !== VB2_MEMORY_USERPTR && memory !== VB2_MEMORY_DMABUF) {
    throw new Errno(EINVAL, `there is no memory type ${memory}`);
  }
  if (type !== q.type) throw new Errno(EINVAL, `${q.name} has type ${q.type}, not ${type}`);
  if (!supportsMemory(q, memory)) throw new Errno(EINVAL, `${q.name} does not do memory type ${memory}`);
  if (q[STATE].fileioActive) throw new Errno(EBUSY, 'read() or write() is using the queue');
}

/** Refuses what a queueSetup that "succeeded" must not leave behind. */
function checkSetup(q: Vb2Queue, setup: Vb2QueueSetup, memory: number): void {
  let fault = '';
  if (!(setup.numPlanes > 0 && setup.numPlanes <= VB2_MAX_PLANES)) fault = `${setup.numPlanes} planes`;
  for (let n = 0; fault === '' && n < setup.numPlanes; n++) {
    if (!((setup.sizes[n] ?? 0) > 0)) fault = `no size for plane ${n}`;
    else if ((memoryModesOf(setup.allocDevs[n] ?? q.memOps) & modeOf(memory)) === 0)
      fault = `plane ${n} with a back end that does not do memory type ${memory}`;
  }
  if (fault === '') return;
  driverBug(`${q.name}: queueSetup left ${fault}`);
  throw new Errno(EINVAL, `queueSetup left ${fault}`);
}

/** The first run of `count` unused indexes; `undefined` if no run is that long. */
function findFreeRun(q: Vb2Queue, count: number): number | undefined {
  for (let start = 0, length = 0, index = 0; index < q.maxNumBuffers; index++) {
    length = q[STATE].bufs[index] === undefined ? length + 1 : 0;
    if (length === 0) start = index + 1;
    if (length === count) return start;
  }
  return undefined;
}

/** Gives the planes of an MMAP buffer their memory. On failure none of it remains. */
function allocatePlanes(vb: Vb2Buffer): void {
  const { direction } = vb.queue;
  try {
    for (const plane of vb.planes) {
      plane.memPriv = plane.memOps.alloc?.(plane.length, plane.offset, direction);
    }
  } catch (error) {
    freePlanes(vb);
    throw error;
  }
}

/** Gives the memory back. Programs that have it mapped keep it alive (an "orphaned" buffer). */
function freePlanes(vb: Vb2Buffer): void {
  for (const plane of vb.planes) {
    if (plane.memPriv !== undefined) plane.memOps.put?.(plane.memPriv);
    plane.memPriv = undefined;
  }
}

/** Makes one buffer. Whatever fails, nothing of it remains. */
function createBuffer(q: Vb2Queue, index: number, memory: number, setup: Vb2QueueSetup): void {
  const s = q[STATE];
  const planes: Vb2Plane[] = [];
  for (let n = 0; n < setup.numPlanes; n++) {
    planes.push(new Vb2Plane(setup.sizes[n] ?? 0, mmapCookie(index, n), setup.allocDevs[n] ?? q.memOps));
  }
  const vb = new Vb2Buffer(q, index, memory, planes);
  if (memory === VB2_MEMORY_MMAP) {
    allocatePlanes(vb);
    try {
      callVbOp(vb, 'bufInit');
      vb.initialised = true;
    } catch (error) {
      freePlanes(vb);
      throw error;
    }
  }
  while (s.bufs.length <= index) s.bufs.push(undefined);
  s.bufs[index] = vb;
  s.numBuffers++;
}

interface Allocated {
  readonly first: number;
  readonly count: number;
}

/** Makes up to `setup.count` buffers in one run of indexes; as many as memory and driver allow. */
function allocateBuffers(q: Vb2Queue, memory: number, setup: Vb2QueueSetup): Allocated {
  let wanted = Math.min(setup.count, q.maxNumBuffers - q[STATE].numBuffers);
  let first = findFreeRun(q, wanted);
  while (first === undefined && wanted > 1) first = findFreeRun(q, --wanted);
  if (first === undefined || wanted < 1) return { first: 0, count: 0 };
  let count = 0;
  try {
    for (; count < wanted; count++) createBuffer(q, first + count, memory, setup);
  } catch (error) {
    // Fewer buffers than wanted are an answer, not a failure: who asked sees how many there are.
    if (!(error instanceof Errno)) driverBug(`${q.name}: the memory back end threw ${String(error)}`);
  }
  return { first, count };
}

/** Frees the buffers `first` … `first + count - 1`; all of them are DEQUEUED. */
function freeBuffers(q: Vb2Queue, first: number, count: number): void {
  const s = q[STATE];
  for (let index = first; index < first + count; index++) {
    const vb = s.bufs[index];
    if (vb === undefined) continue;
    cancelBuffer(vb);
    if (vb.memory === VB2_MEMORY_MMAP) {
      if (vb.initialised) callBufCleanup(vb);
      vb.initialised = false;
      freePlanes(vb);
    } else {
      releasePlanes(vb);
    }
    reportBufferBalance(vb.label, vb.calls);
    s.bufs[index] = undefined;
    s.numBuffers--;
  }
  while (s.bufs.length > 0 && s.bufs[s.bufs.length - 1] === undefined) s.bufs.pop();
  if (s.numBuffers > 0) return;
  s.memory = VB2_MEMORY_UNKNOWN;
  if (!s.streaming) reportQueueBalance(q.name, s.calls);
}

/** Frees every buffer of a queue that was cancelled. @kernel __vb2_queue_free */
export function freeAllBuffers(q: Vb2Queue): void {
  freeBuffers(q, 0, q[STATE].bufs.length);
}

/** Asks the driver again when there is less than it agreed to; then frees all if it says no. */
function settleForFewer(q: Vb2Queue, setup: Vb2QueueSetup, allocated: Allocated): void {
  try {
    setup.count = allocated.count;
    callQueueSetup(q, setup);
    if (setup.count > allocated.count) {
      throw new Errno(
        ENOMEM,
        `the driver needs ${setup.count} buffers, there is memory for ${allocated.count}`,
      );
    }
  } catch (error) {
    freeBuffers(q, allocated.first, allocated.count);
    throw error;
  }
}

/**
 * Frees the buffers there are and allocates `count` new ones; 0 only frees. Returns how many there are now.
 * The checks of {@link verifyMemoryType} and the ownership are done.
 *
 * @kernel vb2_core_reqbufs
 */
export function coreReqbufs(q: Vb2Queue, memory: number, count: number, nonCoherent = false): number {
  const s = q[STATE];
  if (s.streaming) throw new Errno(EBUSY, 'streaming is on');
  if (count > 0 && s.isWaitedFor(undefined)) throw new Errno(EBUSY, 'somebody waits in DQBUF');
  if (coreReqbufsPoint.enabled) coreReqbufsPoint.tell({ queue: q, details: { count, memory } });
  s.fileioAtEnd = false;
  if (count === 0 || s.numBuffers > 0 || s.busy) {
    queueCancel(q);
    freeAllBuffers(q);
    s.busy = false;
    s.waitingForBuffers = false;
    q.doneWq.changed();
    if (count === 0) return 0;
  }
  const wanted = Math.min(Math.max(count, q.minReqbufsAllocation), q.maxNumBuffers);
  const setup: Vb2QueueSetup = { count: wanted, numPlanes: 0, sizes: [], allocDevs: [] };
  s.memory = memory;
  s.nonCoherentMem = nonCoherent;
  try {
    return allocateForReqbufs(q, memory, setup);
  } catch (error) {
    s.memory = VB2_MEMORY_UNKNOWN;
    throw error;
  }
}

function allocateForReqbufs(q: Vb2Queue, memory: number, setup: Vb2QueueSetup): number {
  const s = q[STATE];
  callQueueSetup(q, setup);
  checkSetup(q, setup, memory);
  setup.count = Math.min(setup.count, q.maxNumBuffers);
  const allocated = allocateBuffers(q, memory, setup);
  if (allocated.count === 0) throw new Errno(ENOMEM, 'not one buffer could be allocated');
  if (allocated.count < q.minReqbufsAllocation) {
    freeBuffers(q, allocated.first, allocated.count);
    throw new Errno(
      ENOMEM,
      `${allocated.count} buffers could be allocated, ${q.minReqbufsAllocation} are needed`,
    );
  }
  if (allocated.count < setup.count) {
    // The driver tells REQBUFS from CREATE_BUFS by this.
    setup.numPlanes = 0;
    settleForFewer(q, setup, allocated);
  }
  s.busy = true;
  s.waitingForBuffers = !q.isOutput;
  q.doneWq.changed();
  return allocated.count;
}

/**
 * Adds up to `count` buffers with planes of `sizes` bytes to those there are; also while streaming. Returns
 * how many were added and the index of the first.
 *
 * @kernel vb2_core_create_bufs
 */
export function coreCreateBufs(
  q: Vb2Queue,
  memory: number,
  count: number,
  sizes: readonly number[],
  nonCoherent = false,
): Allocated {
  const s = q[STATE];
  if (coreCreateBufsPoint.enabled) coreCreateBufsPoint.tell({ queue: q, details: { count, memory } });
  if (s.numBuffers >= q.maxNumBuffers)
    throw new Errno(ENOBUFS, `there are ${s.numBuffers} buffers, no more fit`);
  const firstOnes = s.numBuffers === 0;
  if (firstOnes) {
    if (s.isWaitedFor(undefined)) throw new Errno(EBUSY, 'somebody waits in DQBUF');
    s.fileioAtEnd = false;
  } else if (s.memory !== memory) {
    throw new Errno(EINVAL, `the buffers have memory type ${s.memory}, not ${memory}`);
  } else if (s.nonCoherentMem !== nonCoherent) {
    throw new Errno(EINVAL, `the buffers are ${s.nonCoherentMem ? 'non-coherent' : 'coherent'}`);
  }
  const setup: Vb2QueueSetup = {
    count: Math.min(count, q.maxNumBuffers - s.numBuffers),
    numPlanes: sizes.length,
    sizes: [...sizes],
    allocDevs: [],
  };
  s.memory = memory;
  s.nonCoherentMem = nonCoherent;
  try {
    const allocated = allocateForCreateBufs(q, memory, setup);
    if (firstOnes && !s.streaming) s.waitingForBuffers = !q.isOutput;
    s.busy = true;
    if (firstOnes) q.doneWq.changed();
    return allocated;
  } catch (error) {
    if (s.numBuffers === 0) s.memory = VB2_MEMORY_UNKNOWN;
    throw error;
  }
}

function allocateForCreateBufs(q: Vb2Queue, memory: number, setup: Vb2QueueSetup): Allocated {
  callQueueSetup(q, setup);
  checkSetup(q, setup, memory);
  const allocated = allocateBuffers(q, memory, setup);
  if (allocated.count === 0) throw new Errno(ENOMEM, 'not one buffer could be allocated');
  if (allocated.count < setup.count) settleForFewer(q, setup, allocated);
  return allocated;
}

/**
 * Frees `count` buffers from index `start` on. All of them must exist and be DEQUEUED.
 *
 * @kernel vb2_core_remove_bufs
 */
export function coreRemoveBufs(q: Vb2Queue, start: number, count: number): void {
  const s = q[STATE];
  if (coreRemoveBufsPoint.enabled) coreRemoveBufsPoint.tell({ queue: q, details: { start, count } });
  if (count > s.numBuffers) throw new Errno(EINVAL, `there are ${s.numBuffers} buffers, not ${count}`);
  if (start > q.maxNumBuffers - count) throw new Errno(EINVAL, `there is no buffer ${start + count - 1}`);
  for (let index = start; index < start + count; index++) {
    const vb = s.bufs[index];
    if (vb === undefined) throw new Errno(EINVAL, `there is no buffer ${index}`);
    if (vb.state !== 'DEQUEUED') {
      throw new Errno(EBUSY, `Cannot remove ${vb.label}: state is ${vb.state}, expected DEQUEUED`);
    }
  }
  freeBuffers(q, start, count);
}
