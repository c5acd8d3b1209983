/** Scenarios of the recorder, as in client/scen.c. */

import { V4L2_BUF_FLAG_REQUEST_FD, VIDIOC_QBUF, v4l2_buffer } from 'usercam';
import {
  alloc,
  at,
  CAP,
  cb,
  cl,
  DBUF,
  dqbuf,
  FS,
  fill,
  flags,
  ioctl,
  KERNEL_HALF,
  look,
  MAPPED,
  MMAP,
  make,
  map,
  mapi,
  NONBLOCK,
  note,
  OVL,
  off,
  on,
  op,
  qbuf,
  qbufx,
  querybuf,
  RW,
  reqbufs,
  SHARED,
  say,
  UPTR,
  unmap,
} from './calls.ts';
import { hex, outcome } from './words.ts';

export function qb(): void {
  const fd = op(NONBLOCK);
  qbuf(fd, 0);
  reqbufs(fd, 3, CAP, MMAP);
  note('never mapped');
  qbuf(fd, 0);
  mapi(fd, 0);
  mapi(fd, 1);
  qbuf(fd, 0);
  qbuf(fd, 0);
  qbuf(fd, 2);
  qbuf(fd, 3);
  qbuf(fd, 32);
  qbuf(fd, 0xffffffff);
  qbufx(fd, 2, 1, MMAP, '', 0, 0);
  qbufx(fd, 4, 1, MMAP, '', 0, 0);
  qbufx(fd, 0, 1, MMAP, '', 0, 0);
  qbufx(fd, 9, 1, MMAP, '', 0, 0);
  qbufx(fd, CAP, 1, UPTR, '', 0, 0);
  qbufx(fd, CAP, 1, OVL, '', 0, 0);
  qbufx(fd, CAP, 1, DBUF, '', 0, 0);
  qbufx(fd, CAP, 1, 0, '', 0, 0);
  qbufx(fd, CAP, 1, 99, '', 0, 0);
  const b = make(v4l2_buffer);
  Object.assign(b, {
    type: CAP,
    memory: MMAP,
    index: 1,
    flags: 7,
    bytesused: 0xffffffff,
    length: 1,
    sequence: 9,
    field: 77,
    reserved2: 7,
  });
  b.m.offset = 12345;
  let r = ioctl(fd, VIDIOC_QBUF, b);
  say(
    `  QBUF index=1 with nonsense in flags, bytesused, length, field, offset, reserved2 -> ${outcome(r)}; flags=${hex(b.flags)} bytesused=${b.bytesused} length=${b.length} field=${b.field} sequence=${b.sequence} offset=${b.m.offset}`,
  );
  cb();
  Object.assign(b, { request_fd: 3, flags: V4L2_BUF_FLAG_REQUEST_FD, index: 0 });
  r = ioctl(fd, VIDIOC_QBUF, b);
  say(`  QBUF index=0 (queued) with REQUEST_FD -> ${outcome(r)}`);
  on(fd, CAP);
  qbuf(fd, 0);
  fill(0, 0);
  note('done, not yet dequeued');
  qbuf(fd, 0);
  dqbuf(fd);
  qbuf(fd, 0);
  qbuf(fd, 0);
  off(fd, CAP);
  qbuf(fd, 1);
  flags(fd, 3);
  cl(fd);
}

export function qbUnmappedAgain(): void {
  const fd = op(NONBLOCK);
  reqbufs(fd, 2, CAP, MMAP);
  const p = mapi(fd, 0);
  note('map, unmap, then QBUF');
  unmap(p, FS, '(buffer 0)');
  qbuf(fd, 0);
  flags(fd, 2);
  mapi(fd, 0);
  qbuf(fd, 0);
  flags(fd, 2);
  cl(fd);
}

export function qbUptr(): void {
  const fd = op(NONBLOCK);
  const m = alloc(4 * FS);
  m.bytes.fill(1);
  const ro = alloc(4 * FS);
  reqbufs(fd, 3, CAP, UPTR);
  qbufx(fd, CAP, 0, UPTR, 'length=size-1', m.address, FS - 1);
  qbufx(fd, CAP, 0, UPTR, 'length=0', m.address, 0);
  qbufx(fd, CAP, 0, UPTR, 'pointer ok, length=size', m.address, FS);
  flags(fd, 3);
  qbufx(fd, CAP, 0, UPTR, 'again', m.address, FS);
  qbufx(fd, CAP, 1, UPTR, 'unaligned by 4', m.address + FS + 4, FS);
  qbufx(fd, CAP, 1, UPTR, 'unaligned by 1, twice the length', m.address + FS + 1, 2 * FS);
  qbufx(fd, CAP, 2, UPTR, 'not mapped at all', 0x1000, FS);
  qbufx(fd, CAP, 2, UPTR, 'kernel half', KERNEL_HALF, FS);
  qbufx(fd, CAP, 2, UPTR, 'read-only memory', ro.address, FS);
  flags(fd, 3);
  qbufx(fd, CAP, 2, MMAP, '', 0, 0);
  on(fd, CAP);
  fill(0, 0);
  fill(0, 0);
  fill(0, 0);
  let i = dqbuf(fd);
  if (i >= 0) look('user memory 0', m);
  i = dqbuf(fd);
  if (i >= 0) look('user memory 1 (at +4 or +1 of its page)', at(m, FS + 4));
  dqbuf(fd);
  flags(fd, 3);
  note('the same index with another pointer, then the same pointer');
  qbufx(fd, CAP, 0, UPTR, 'another pointer', m.address + 2 * FS, FS);
  fill(0, 0);
  i = dqbuf(fd);
  if (i >= 0) look('the other memory', at(m, 2 * FS));
  qbufx(fd, CAP, 0, UPTR, 'the same pointer', m.address + 2 * FS, FS);
  off(fd, CAP);
  flags(fd, 3);
  reqbufs(fd, 0, CAP, UPTR);
  cl(fd);
}

export function qbUptrNull(): void {
  const fd = op(NONBLOCK);
  note('USERPTR with a NULL pointer and a good length');
  reqbufs(fd, 2, CAP, UPTR);
  qbufx(fd, CAP, 0, UPTR, 'NULL, length=size', 0, FS);
  flags(fd, 2);
  querybuf(fd, CAP, 0);
  on(fd, CAP);
  fill(0, 0);
  dqbuf(fd);
  off(fd, CAP);
  qbufx(fd, CAP, 0, UPTR, 'NULL, length=0', 0, 0);
  reqbufs(fd, 0, CAP, UPTR);
  cl(fd);
}

export function qbUptrMap(): void {
  const a = op(NONBLOCK),
    b = op(NONBLOCK);
  note("USERPTR pointing into another handle's mapped buffer");
  reqbufs(a, 2, CAP, MMAP);
  const p = mapi(a, 0);
  p.bytes.fill(0x77);
  reqbufs(b, 2, CAP, UPTR);
  qbufx(b, CAP, 0, UPTR, 'a mapped buffer of the other handle', MAPPED, FS);
  on(b, CAP);
  fill(0, 0);
  dqbuf(b);
  look('the mapped buffer', p);
  off(b, CAP);
  reqbufs(b, 0, CAP, UPTR);
  cl(b);
  cl(a);
}

export function qbOvl(): void {
  const fd = op(NONBLOCK);
  reqbufs(fd, 2, CAP, OVL);
  qbufx(fd, CAP, 0, OVL, '', 0, 0);
  map(fd, RW, SHARED, 0, FS, '(offset of an OVERLAY buffer)');
  flags(fd, 2);
  reqbufs(fd, 2, CAP, UPTR);
  map(fd, RW, SHARED, 0, FS, '(offset of a USERPTR buffer)');
  cl(fd);
}

export function str(): void {
  const fd = op(NONBLOCK);
  off(fd, CAP);
  on(fd, CAP);
  note('no buffers at all');
  on(fd, CAP);
  dqbuf(fd);
  off(fd, CAP);
  off(fd, CAP);
  const t = [0, 2, 4, 9, 99];
  for (let i = 0; i < 5; i++) {
    on(fd, t[i] as number);
    off(fd, t[i] as number);
  }
  reqbufs(fd, 2, CAP, MMAP);
  note('buffers, none mapped or queued');
  on(fd, CAP);
  on(fd, CAP);
  off(fd, CAP);
  off(fd, CAP);
  mapi(fd, 0);
  mapi(fd, 1);
  qbuf(fd, 1);
  qbuf(fd, 0);
  on(fd, CAP);
  on(fd, CAP);
  fill(0, 0);
  on(fd, CAP);
  dqbuf(fd);
  off(fd, CAP);
  off(fd, CAP);
  flags(fd, 2);
  note('STREAMOFF without STREAMON does not give queued buffers back');
  qbuf(fd, 0);
  flags(fd, 2);
  off(fd, CAP);
  flags(fd, 2);
  qbuf(fd, 0);
  on(fd, CAP);
  fill(0, 0);
  dqbuf(fd);
  off(fd, CAP);
  note('the other handle streams too');
  const g = op(NONBLOCK);
  on(fd, CAP);
  on(g, CAP);
  off(g, CAP);
  off(fd, CAP);
  cl(g);
  cl(fd);
}
