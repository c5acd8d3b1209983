/** The memory of a plane for others: mmap() and EXPBUF. */
import { EBUSY, EINVAL, Errno } from '../../base/errno.ts';
import type { MappedPlane } from '../../memory/mem-ops.ts';
import { pageAlign } from '../../memory/page-size.ts';
import { type Caller, MAP_SHARED, type MmapRequest, PROT_READ, PROT_WRITE } from '../../vfs/file.ts';
import type { Vb2Buffer } from './buffer.ts';
import { planeAtCookie } from './cookies.ts';
import { VB2_MEMORY_MMAP } from './io-modes.ts';
import type { Vb2Queue } from './queue.ts';
import { STATE } from './queue-state.ts';

const O_ACCMODE = 0o3;
const O_CLOEXEC = 0o2000000;

/**
 * Gives the program a descriptor of plane `n` of an MMAP buffer, which can be mapped at offset 0 and keeps the memory
 * alive. `flags` are O_CLOEXEC and an access mode. Returns the number in the program.
 *
 * @kernel vb2_core_expbuf
 */
export function coreExpbuf(vb: Vb2Buffer, n: number, flags: number, caller: Caller): number {
  const q = vb.queue;
  if (vb.memory !== VB2_MEMORY_MMAP) throw new Errno(EINVAL, 'only MMAP buffers can be exported');
  if ((flags & ~(O_CLOEXEC | O_ACCMODE)) !== 0) throw new Errno(EINVAL, 'only O_CLOEXEC and access modes');
  const plane = vb.planes[n];
  if (plane?.memPriv === undefined) throw new Errno(EINVAL, `there is no plane ${n}`);
  if (plane.memOps.getDmabuf === undefined) throw new Errno(EINVAL, `plane ${n} cannot be exported`);
  if (q[STATE].fileioActive) throw new Errno(EBUSY, 'read() or write() is using the queue');
  const fd = plane.memOps.getDmabuf(plane.memPriv, flags);
  try {
    const installed = caller.installFd(fd, (flags & O_CLOEXEC) !== 0);
    plane.inUse = true;
    return installed;
  } finally {
    plane.memOps.closeFd?.(fd);
  }
}

/**
 * mmap() of a plane, named by its offset (bytes). A mapping must be MAP_SHARED, reach no further than the plane's pages,
 * and have the right to read a capture queue or write an output queue.
 *
 * @kernel vb2_mmap
 */
export function coreMmap(q: Vb2Queue, request: MmapRequest): MappedPlane {
  const s = q[STATE];
  if ((request.flags & MAP_SHARED) === 0) throw new Errno(EINVAL, 'buffers are mapped with MAP_SHARED');
  const needed = q.isOutput ? PROT_WRITE : PROT_READ;
  if ((request.prot & needed) === 0) {
    throw new Errno(EINVAL, `buffers are mapped with ${q.isOutput ? 'PROT_WRITE' : 'PROT_READ'}`);
  }
  if (s.memory !== VB2_MEMORY_MMAP) throw new Errno(EINVAL, 'there are no MMAP buffers');
  if (s.fileioActive) throw new Errno(EBUSY, 'read() or write() is using the queue');
  const plane = planeAtCookie(s.bufs, request.offset);
  if (plane?.memPriv === undefined || plane.memOps.mmap === undefined) {
    throw new Errno(EINVAL, `no plane is mapped at offset ${request.offset}`);
  }
  const room = pageAlign(plane.length);
  if (request.length > room)
    throw new Errno(EINVAL, `${request.length} bytes, but the plane has ${plane.length}`);
  const mapped = plane.memOps.mmap(plane.memPriv, request);
  plane.inUse = true;
  return mapped;
}
