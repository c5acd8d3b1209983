/** Between `struct v4l2_buffer`, as programs see it, and the buffers of the queue. */
import {
  V4L2_BUF_FLAG_BFRAME,
  V4L2_BUF_FLAG_DONE,
  V4L2_BUF_FLAG_ERROR,
  V4L2_BUF_FLAG_IN_REQUEST,
  V4L2_BUF_FLAG_KEYFRAME,
  V4L2_BUF_FLAG_LAST,
  V4L2_BUF_FLAG_M2M_HOLD_CAPTURE_BUF,
  V4L2_BUF_FLAG_MAPPED,
  V4L2_BUF_FLAG_NO_CACHE_CLEAN,
  V4L2_BUF_FLAG_NO_CACHE_INVALIDATE,
  V4L2_BUF_FLAG_PFRAME,
  V4L2_BUF_FLAG_PREPARED,
  V4L2_BUF_FLAG_QUEUED,
  V4L2_BUF_FLAG_REQUEST_FD,
  V4L2_BUF_FLAG_TIMECODE,
  V4L2_BUF_FLAG_TIMESTAMP_COPY,
  V4L2_BUF_FLAG_TIMESTAMP_MASK,
  V4L2_BUF_FLAG_TSTAMP_SRC_MASK,
  V4L2_FIELD_ALTERNATE,
  VIDEO_MAX_PLANES,
  type v4l2_buffer,
  type v4l2_plane,
} from '../../abi/index.ts';
import { EINVAL, Errno } from '../../base/errno.ts';
import type { Vb2Buffer, Vb2Plane } from '../core/buffer.ts';
import { STATE_FACTS, type StateFlag, VB2_BUF_STATES, type Vb2BufferState } from '../core/buffer-state.ts';
import { VB2_MEMORY_DMABUF, VB2_MEMORY_MMAP, VB2_MEMORY_USERPTR } from '../core/io-modes.ts';
import type { Vb2Queue } from '../core/queue.ts';
import { STATE } from '../core/queue-state.ts';

/** The planes of a multi-planar buffer, already copied in; `undefined` if the program gave no array. */
export type Planes = readonly v4l2_plane[] | undefined;

/** Flags that tell the state of a buffer; what a program sets there is ignored. */
const STATE_MASK =
  V4L2_BUF_FLAG_MAPPED |
  V4L2_BUF_FLAG_QUEUED |
  V4L2_BUF_FLAG_DONE |
  V4L2_BUF_FLAG_ERROR |
  V4L2_BUF_FLAG_PREPARED |
  V4L2_BUF_FLAG_IN_REQUEST |
  V4L2_BUF_FLAG_REQUEST_FD |
  V4L2_BUF_FLAG_TIMESTAMP_MASK;

/** Flags that only the giver of a frame sets: the program for output, the driver for capture. */
const FRAME_MASK =
  V4L2_BUF_FLAG_KEYFRAME |
  V4L2_BUF_FLAG_PFRAME |
  V4L2_BUF_FLAG_BFRAME |
  V4L2_BUF_FLAG_TIMECODE |
  V4L2_BUF_FLAG_M2M_HOLD_CAPTURE_BUF;

const FLAG_BITS: Readonly<Record<StateFlag, number>> = {
  QUEUED: V4L2_BUF_FLAG_QUEUED,
  DONE: V4L2_BUF_FLAG_DONE,
  ERROR: V4L2_BUF_FLAG_ERROR,
  IN_REQUEST: V4L2_BUF_FLAG_IN_REQUEST,
  PREPARED: V4L2_BUF_FLAG_PREPARED,
};

function bitsOf(flags: readonly StateFlag[]): number {
  return flags.reduce((bits, flag) => bits | FLAG_BITS[flag], 0);
}

function bitsPerState(bits: (state: Vb2BufferState) => number): Readonly<Record<Vb2BufferState, number>> {
  const entries = VB2_BUF_STATES.map((state) => [state, bits(state)] as const);
  return Object.fromEntries(entries) as Record<Vb2BufferState, number>;
}

const BITS = bitsPerState((state) => bitsOf(STATE_FACTS[state].flags));
const BITS_WHEN_PREPARED = bitsPerState((state) =>
  bitsOf([...STATE_FACTS[state].flags, ...STATE_FACTS[state].flagsWhenPrepared]),
);

/** Frames of this queue carry the timestamp that the program gave with an output buffer. */
export function copiesTimestamps(q: Vb2Queue): boolean {
  return (q.timestampFlags & V4L2_BUF_FLAG_TIMESTAMP_MASK) === V4L2_BUF_FLAG_TIMESTAMP_COPY;
}

/** Refuses a multi-planar buffer whose array of planes is missing or too short. @kernel __verify_planes_array */
export function verifyPlanesArray(vb: Vb2Buffer, b: v4l2_buffer, planes: Planes): void {
  if (!vb.queue.isMultiplanar) return;
  if (planes === undefined) throw new Errno(EINVAL, 'there is no array of planes');
  if (b.length < vb.numPlanes || b.length > VIDEO_MAX_PLANES || planes.length < vb.numPlanes) {
    throw new Errno(EINVAL, `the array has ${b.length} planes, ${vb.label} has ${vb.numPlanes}`);
  }
}

function verifyLength(bytesused: number, length: number): void {
  if (bytesused > length) throw new Errno(EINVAL, `${bytesused} bytes used, but the plane has ${length}`);
}

/** Refuses an output buffer that claims more data than its planes hold. @kernel __verify_length */
function verifyPayload(vb: Vb2Buffer, b: v4l2_buffer, planes: Planes): void {
  if (!vb.queue.isMultiplanar) {
    verifyLength(b.bytesused, vb.memory === VB2_MEMORY_USERPTR ? b.length : vb.planeSize(0));
    return;
  }
  for (let n = 0; n < vb.numPlanes; n++) {
    const plane = planes?.[n];
    if (plane === undefined) continue;
    const length = vb.memory === VB2_MEMORY_MMAP ? vb.planeSize(n) : plane.length;
    verifyLength(plane.bytesused, length);
    const bytesused = plane.bytesused || length;
    if (plane.data_offset > 0 && plane.data_offset >= bytesused) {
      throw new Errno(EINVAL, `data starts at ${plane.data_offset}, but ends at ${bytesused}`);
    }
  }
}

/** Refuses what a program says about a buffer that is not prepared yet; changes nothing. */
export function verifyBuffer(vb: Vb2Buffer, b: v4l2_buffer, planes: Planes): void {
  if (!vb.queue.isOutput) return;
  verifyPayload(vb, b, planes);
  if (b.field === V4L2_FIELD_ALTERNATE) {
    throw new Errno(EINVAL, 'a frame is a TOP or a BOTTOM field; ALTERNATE is for formats only');
  }
}

/** Where and how long the program says that a plane is; nothing for MMAP, whose planes have their memory. */
function fillMemory(vb: Vb2Buffer, plane: Vb2Plane, given: v4l2_buffer | v4l2_plane): void {
  if (vb.memory === VB2_MEMORY_MMAP) return;
  plane.wanted.length = given.length;
  if (vb.memory === VB2_MEMORY_USERPTR) plane.wanted.userptr = given.m.userptr;
  else plane.wanted.fd = given.m.fd;
}

function fillPayload(vb: Vb2Buffer, plane: Vb2Plane, bytesused: number, dataOffset: number): void {
  const { isOutput, allowZeroBytesused } = vb.queue;
  const isMmap = vb.memory === VB2_MEMORY_MMAP;
  const target = isMmap ? plane : plane.wanted;
  const length = isMmap ? plane.length : plane.wanted.length;
  // Old programs leave bytesused 0 for "all of it".
  const used = bytesused === 0 && !allowZeroBytesused ? length : bytesused;
  target.bytesused = isOutput ? used : 0;
  target.dataOffset = isOutput ? dataOffset : 0;
}

function fillPlanes(vb: Vb2Buffer, b: v4l2_buffer, planes: Planes): void {
  if (!vb.queue.isMultiplanar) {
    const plane = vb.planes[0] as Vb2Plane;
    fillMemory(vb, plane, b);
    fillPayload(vb, plane, b.bytesused, 0);
    return;
  }
  for (let n = 0; n < vb.numPlanes; n++) {
    const plane = vb.planes[n] as Vb2Plane;
    const given = planes?.[n];
    if (given === undefined) continue;
    fillMemory(vb, plane, given);
    fillPayload(vb, plane, given.bytesused, given.data_offset);
  }
}

/**
 * What the program says about caches. Imported memory knows itself whether it has to be synchronised; only memory that is not
 * coherent has anything to skip, and the queue must allow it. @kernel set_buffer_cache_hints
 */
function fillCacheHints(vb: Vb2Buffer, flags: number): void {
  const q = vb.queue;
  const hints = q[STATE].nonCoherentMem ? flags : 0;
  vb.skipPrepare = (hints & V4L2_BUF_FLAG_NO_CACHE_CLEAN) !== 0;
  vb.skipFinish = (hints & V4L2_BUF_FLAG_NO_CACHE_INVALIDATE) !== 0;
}

/** Takes over what the program says about a frame. @kernel vb2_fill_vb2_v4l2_buffer */
export function fillVb2Buffer(vb: Vb2Buffer, b: v4l2_buffer, planes: Planes): void {
  const q = vb.queue;
  fillCacheHints(vb, b.flags);
  fillPlanes(vb, b, planes);
  vb.sequence = 0;
  if (!copiesTimestamps(q)) vb.timestamp = 0;
  vb.flags = keptFlags(q, b.flags);
  if (q.isOutput) vb.field = b.field;
}

/** The flags of a program that mean something for this queue. */
function keptFlags(q: Vb2Queue, flags: number): number {
  let kept = flags & ~STATE_MASK;
  if (!q.allowCacheHints || q[STATE].memory !== VB2_MEMORY_MMAP) {
    kept &= ~(V4L2_BUF_FLAG_NO_CACHE_INVALIDATE | V4L2_BUF_FLAG_NO_CACHE_CLEAN);
  }
  if (!q.isOutput || !copiesTimestamps(q)) kept &= ~V4L2_BUF_FLAG_TSTAMP_SRC_MASK;
  if (q.isOutput) return kept & ~(V4L2_BUF_FLAG_TIMECODE | V4L2_BUF_FLAG_M2M_HOLD_CAPTURE_BUF);
  return kept & ~(FRAME_MASK | V4L2_BUF_FLAG_LAST);
}

/** Output: the time of the frame comes with every QBUF, also of a prepared buffer. @kernel __copy_timestamp */
export function copyTimestamp(vb: Vb2Buffer, b: v4l2_buffer): void {
  const q = vb.queue;
  if (!q.isOutput) return;
  if (copiesTimestamps(q)) vb.time.setTimeval(b.timestamp.tv_sec, b.timestamp.tv_usec);
  vb.flags = (vb.flags & ~V4L2_BUF_FLAG_TIMECODE) | (b.flags & V4L2_BUF_FLAG_TIMECODE);
  if ((b.flags & V4L2_BUF_FLAG_TIMECODE) === 0) return;
  const timecode = b.timecode.$bytes;
  vb.timecode ??= new Uint8Array(timecode.length);
  vb.timecode.set(timecode);
}

function userFlags(vb: Vb2Buffer): number {
  const q = vb.queue;
  let flags = vb.flags & ~STATE_MASK;
  flags |= q.timestampFlags & V4L2_BUF_FLAG_TIMESTAMP_MASK;
  if (!copiesTimestamps(q)) {
    flags = (flags & ~V4L2_BUF_FLAG_TSTAMP_SRC_MASK) | (q.timestampFlags & V4L2_BUF_FLAG_TSTAMP_SRC_MASK);
  }
  flags |= (vb.prepared && vb.synced ? BITS_WHEN_PREPARED : BITS)[vb.state];
  if (vb.inUse) flags |= V4L2_BUF_FLAG_MAPPED;
  return flags;
}

function fillUserPlane(vb: Vb2Buffer, plane: Vb2Plane, user: v4l2_plane): void {
  user.bytesused = plane.bytesused;
  user.length = plane.length;
  if (vb.memory === VB2_MEMORY_MMAP) user.m.mem_offset = plane.offset;
  else if (vb.memory === VB2_MEMORY_USERPTR) user.m.userptr = plane.userptr;
  else if (vb.memory === VB2_MEMORY_DMABUF) user.m.fd = plane.fd;
  user.data_offset = plane.dataOffset;
  for (let i = 0; i < user.reserved.length; i++) user.reserved.set(i, 0);
}

function fillUserPlanes(vb: Vb2Buffer, b: v4l2_buffer, planes: Planes): void {
  if (vb.queue.isMultiplanar) {
    b.bytesused = 0;
    b.length = vb.numPlanes;
    for (let n = 0; n < vb.numPlanes; n++) {
      const user = planes?.[n];
      if (user !== undefined) fillUserPlane(vb, vb.planes[n] as Vb2Plane, user);
    }
    return;
  }
  const plane = vb.planes[0] as Vb2Plane;
  b.bytesused = plane.bytesused;
  b.length = plane.length;
  if (vb.memory === VB2_MEMORY_MMAP) b.m.offset = plane.offset;
  else if (vb.memory === VB2_MEMORY_USERPTR) b.m.userptr = plane.userptr;
  else if (vb.memory === VB2_MEMORY_DMABUF) b.m.fd = plane.fd;
}

/** What came with an output buffer, or zeros. Byte by byte: for 16 of them `set` and `fill` take longer. */
function fillTimecode(vb: Vb2Buffer, b: v4l2_buffer): void {
  const bytes = b.timecode.$bytes;
  const { timecode } = vb;
  if (timecode === undefined) for (let i = 0; i < bytes.length; i++) bytes[i] = 0;
  else for (let i = 0; i < bytes.length; i++) bytes[i] = timecode[i] as number;
}

/** Tells the program all about a buffer as it is now. @kernel __fill_v4l2_buffer */
export function fillUserBuffer(vb: Vb2Buffer, b: v4l2_buffer, planes: Planes): void {
  b.index = vb.index;
  b.type = vb.queue.type;
  b.memory = vb.memory;
  b.flags = userFlags(vb);
  b.field = vb.field;
  const { timestamp } = b;
  timestamp.tv_sec = vb.time.seconds;
  timestamp.tv_usec = vb.time.microseconds;
  fillTimecode(vb, b);
  b.sequence = vb.sequence;
  b.reserved2 = 0;
  b.request_fd = 0;
  fillUserPlanes(vb, b, planes);
}
