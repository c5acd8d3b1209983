/**
 * Memory that programs bring: user pointers and DMABUF descriptors. A plane keeps what it has from one QBUF to
 * the next, as long as the program comes with the same; everything is let go when the program comes with other
 * memory, when preparing fails, and when the buffer is freed. User memory is also let go when streaming stops.
 */
import { answerFor } from '../../base/bug.ts';
import { EBADF, EFAULT, EINVAL, Errno } from '../../base/errno.ts';
import type { Caller } from '../../vfs/file.ts';
import type { Vb2Buffer, Vb2Plane } from './buffer.ts';
import { callBufCleanup, callVbOp } from './call-op.ts';
import { VB2_MEMORY_DMABUF, VB2_MEMORY_USERPTR } from './io-modes.ts';

/**
 * Gives a USERPTR or DMABUF buffer the memory that the program names in `plane.wanted`; MMAP buffers have theirs.
 * On failure {@link releasePlanes} has to follow.
 */
export function acquirePlanes(vb: Vb2Buffer, caller: Caller | undefined): void {
  if (vb.memory !== VB2_MEMORY_USERPTR && vb.memory !== VB2_MEMORY_DMABUF) return;
  if (caller === undefined) throw new Errno(EFAULT, 'the kernel itself has no such memory');
  if (vb.memory === VB2_MEMORY_USERPTR) acquireUserptrs(vb, caller);
  else acquireDmabufs(vb, caller);
  for (const plane of vb.planes) {
    plane.bytesused = plane.wanted.bytesused;
    plane.dataOffset = plane.wanted.dataOffset;
  }
  if (vb.initialised) return;
  callVbOp(vb, 'bufInit');
  vb.initialised = true;
}

/** Lets all memory go that a program brought for the buffer, and forgets where it was. */
export function releasePlanes(vb: Vb2Buffer): void {
  if (vb.memory !== VB2_MEMORY_USERPTR && vb.memory !== VB2_MEMORY_DMABUF) return;
  cleanup(vb);
  for (const plane of vb.planes) releasePlane(vb, plane);
}

/** Lets the memory of a USERPTR buffer go; QUERYBUF goes on to tell where it was. */
export function releaseUserMemory(vb: Vb2Buffer): void {
  if (vb.memory !== VB2_MEMORY_USERPTR) return;
  cleanup(vb);
  for (const plane of vb.planes) releaseMemory(vb, plane);
}

/** The driver is told, once, before the first plane of the buffer changes. */
function cleanup(vb: Vb2Buffer): void {
  if (!vb.initialised) return;
  callBufCleanup(vb);
  vb.initialised = false;
}

function releaseMemory(vb: Vb2Buffer, plane: Vb2Plane): void {
  const { memPriv, memOps } = plane;
  if (memPriv !== undefined && vb.memory === VB2_MEMORY_USERPTR) memOps.putUserptr?.(memPriv);
  if (memPriv !== undefined && vb.memory === VB2_MEMORY_DMABUF) {
    if (plane.dmabufMapped) memOps.unmapDmabuf?.(memPriv);
    memOps.detachDmabuf?.(memPriv);
  }
  plane.memPriv = undefined;
  plane.dmabufMapped = false;
  plane.dmabufDevice = -1;
  plane.dmabufInode = -1;
}

function releasePlane(vb: Vb2Buffer, plane: Vb2Plane): void {
  releaseMemory(vb, plane);
  plane.userptr = 0;
  plane.fd = 0;
  plane.length = plane.minLength;
  plane.bytesused = 0;
  plane.dataOffset = 0;
}

function memoryAnswer(thrown: unknown, vb: Vb2Buffer): Errno {
  return answerFor(thrown, `${vb.queue.name}: the memory back end`, EFAULT);
}

function assertHolds(plane: Vb2Plane, length: number): void {
  if (length < plane.minLength)
    throw new Errno(EINVAL, `${length} bytes of memory for a plane of ${plane.minLength}`);
}

/** @kernel __prepare_userptr */
function acquireUserptrs(vb: Vb2Buffer, caller: Caller): void {
  for (const plane of vb.planes) {
    const { userptr, length } = plane.wanted;
    if (plane.memPriv !== undefined && plane.userptr === userptr && plane.length === length) continue;
    assertHolds(plane, length);
    cleanup(vb);
    releasePlane(vb, plane);
    try {
      plane.memPriv = plane.memOps.getUserptr?.(caller.memory, userptr, length, vb.queue.direction);
    } catch (error) {
      throw memoryAnswer(error, vb);
    }
    plane.userptr = userptr;
    plane.length = length;
  }
}

/** @kernel __prepare_dmabuf */
function acquireDmabufs(vb: Vb2Buffer, caller: Caller): void {
  for (const plane of vb.planes) {
    const fd = takeFd(caller, plane.wanted.fd);
    try {
      attach(vb, plane, fd);
    } catch (error) {
      throw memoryAnswer(error, vb);
    } finally {
      plane.memOps.closeFd?.(fd);
    }
  }
  for (const plane of vb.planes) {
    if (plane.dmabufMapped || plane.memPriv === undefined) continue;
    try {
      plane.memOps.mapDmabuf?.(plane.memPriv);
    } catch (error) {
      throw memoryAnswer(error, vb);
    }
    plane.dmabufMapped = true;
  }
}

function takeFd(caller: Caller, fd: number): number {
  try {
    return caller.takeFd(fd);
  } catch (error) {
    if (error instanceof Errno && error.code === EBADF)
      throw new Errno(EINVAL, `${fd} is no open descriptor`);
    throw error;
  }
}

/** Attaches what is behind `fd`, unless it is what the plane has already. */
function attach(vb: Vb2Buffer, plane: Vb2Plane, fd: number): void {
  const info = plane.memOps.inspectDmabuf?.(fd);
  if (info === undefined || info.size === 0) throw new Errno(EINVAL, 'the descriptor is not of memory');
  const { device, inode, size } = info;
  const length = plane.wanted.length || size;
  assertHolds(plane, length);
  const same = plane.dmabufDevice === device && plane.dmabufInode === inode && plane.length === length;
  if (plane.memPriv === undefined || !same) {
    cleanup(vb);
    releasePlane(vb, plane);
    if (length > size) throw new Errno(EFAULT, `${length} bytes are wanted, the descriptor has ${size}`);
    plane.memPriv = plane.memOps.attachDmabuf?.(fd, length, vb.queue.direction);
    plane.dmabufDevice = device;
    plane.dmabufInode = inode;
    plane.length = length;
  }
  plane.fd = plane.wanted.fd;
}
