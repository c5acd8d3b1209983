/** Scenarios of the recorder, as in client/scen.c. */

import { POLLIN, V4L2_BUF_FLAG_REQUEST_FD, VIDIOC_QBUF, v4l2_buffer } from 'usercam';
import {
  alloc,
  at,
  CAP,
  cb,
  cl,
  cmd,
  DBUF,
  dqbuf,
  dqbufx,
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
  ms,
  NONBLOCK,
  note,
  OVL,
  off,
  on,
  op,
  par,
  pol,
  qbuf,
  qbufx,
  querybuf,
  RW,
  reqbufs,
  SHARED,
  say,
  setNonblock,
  UPTR,
  unmap,
} from './calls.ts';
import { type Background, bgShow, bgStart } from './threads.ts';
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

export function dqNb(): void {
  const fd = op(NONBLOCK);
  note('non-blocking');
  dqbuf(fd);
  reqbufs(fd, 4, CAP, MMAP);
  dqbuf(fd);
  for (let i = 0; i < 4; i++) mapi(fd, i);
  qbuf(fd, 0);
  dqbuf(fd);
  on(fd, CAP);
  dqbuf(fd);
  note('what the caller puts into the struct');
  fill(0, 0);
  dqbufx(fd, 2, 0, MMAP);
  dqbufx(fd, 4, 0, MMAP);
  dqbufx(fd, 0, 0, MMAP);
  dqbufx(fd, 99, 0, MMAP);
  dqbufx(fd, 9, 0, MMAP);
  dqbufx(fd, CAP, 17, 99);
  note('streaming, nothing queued');
  dqbuf(fd);
  note('order: 2 0 3 1 queued; the driver finishes its second (0) first');
  qbuf(fd, 2);
  qbuf(fd, 0);
  qbuf(fd, 3);
  qbuf(fd, 1);
  fill(1, 0);
  flags(fd, 4);
  dqbuf(fd);
  fill(1, 0);
  dqbuf(fd);
  note('now the head');
  fill(0, 0);
  flags(fd, 4);
  dqbuf(fd);
  dqbuf(fd);
  dqbuf(fd);
  dqbuf(fd);
  fill(0, 0);
  dqbuf(fd);
  dqbuf(fd);
  note('error buffers');
  qbuf(fd, 0);
  qbuf(fd, 1);
  fill(0, 1);
  fill(0, 0);
  flags(fd, 2);
  dqbuf(fd);
  dqbuf(fd);
  flags(fd, 2);
  note('short frame, then a full one on the same buffer');
  par('dropsize', 1000);
  qbuf(fd, 0);
  fill(0, 0);
  par('dropsize', 0);
  dqbuf(fd);
  querybuf(fd, CAP, 0);
  qbuf(fd, 0);
  querybuf(fd, CAP, 0);
  fill(0, 0);
  dqbuf(fd);
  note('STREAMOFF with done, queued and idle buffers, then DQBUF');
  qbuf(fd, 0);
  qbuf(fd, 1);
  qbuf(fd, 2);
  fill(0, 0);
  flags(fd, 4);
  off(fd, CAP);
  flags(fd, 4);
  querybuf(fd, CAP, 0);
  dqbuf(fd);
  on(fd, CAP);
  note('on again: nothing is queued any more');
  dqbuf(fd);
  flags(fd, 4);
  qbuf(fd, 0);
  fill(0, 0);
  dqbuf(fd);
  cl(fd);
}

export function dqFlip(): void {
  const fd = op(0);
  note('O_NONBLOCK set later by fcntl');
  reqbufs(fd, 2, CAP, MMAP);
  mapi(fd, 0);
  qbuf(fd, 0);
  on(fd, CAP);
  setNonblock(fd, true);
  dqbuf(fd);
  cl(fd);
}

export function dqBlockHead(): void {
  const fd = op(0);
  reqbufs(fd, 3, CAP, MMAP);
  for (let i = 0; i < 3; i++) mapi(fd, i);
  note('blocking DQBUF, head queued; a later buffer done does not wake it');
  qbuf(fd, 0);
  qbuf(fd, 1);
  on(fd, CAP);
  const B1 = bgStart('DQ', fd);
  fill(1, 0);
  bgShow(B1, 'DQBUF', 200);
  fill(0, 0);
  bgShow(B1, 'DQBUF', 500);
  dqbuf(fd);
  cl(fd);
}

/** The sleeper keeps everybody out, of all open files. */
function behindExternalLock(fd: number, dequeuing: Background, queuing: Background): void {
  note('a signal to the sleeping DQBUF');
  dequeuing.signal(false);
  ms(200);
  bgShow(dequeuing, 'DQBUF', 500);
  bgShow(queuing, 'QBUF index=0', 500);
  fill(0, 0);
  dqbuf(fd);
  note('blocking DQBUF on an empty stream; STREAMOFF by another thread');
  const again = bgStart('DQ', fd);
  bgShow(bgStart('OFF', fd), 'STREAMOFF', 500);
  bgShow(again, 'DQBUF', 500);
  const other = op(NONBLOCK);
  note('(a second handle could be opened; its ioctls:)');
  bgShow(bgStart('QUERY', other), 'QUERYBUF of the second handle', 300);
}

export function dqBlockEmpty(): void {
  const fd = op(0);
  reqbufs(fd, 3, CAP, MMAP);
  for (let i = 0; i < 3; i++) mapi(fd, i);
  note('blocking DQBUF on an empty stream; QBUF by another thread');
  on(fd, CAP);
  let B1 = bgStart('DQ', fd);
  bgShow(B1, 'DQBUF', 200);
  let B2 = bgStart('QBUF', fd);
  bgShow(B2, 'QBUF index=0', 500);
  bgShow(B1, 'DQBUF', 200);
  if (!B2.isTold) {
    behindExternalLock(fd, B1, B2);
    return;
  }
  fill(0, 0);
  bgShow(B1, 'DQBUF', 500);
  note('blocking DQBUF on an empty stream; STREAMOFF by another thread');
  B1 = bgStart('DQ', fd);
  B2 = bgStart('OFF', fd);
  bgShow(B2, 'STREAMOFF', 500);
  bgShow(B1, 'DQBUF', 500);
  note('blocking DQBUF, not streaming');
  dqbuf(fd);
}

export function dqBlockEmptyUnmap(): void {
  const fd = op(0);
  reqbufs(fd, 3, CAP, MMAP);
  const pointer = mapi(fd, 0);
  note('blocking DQBUF on an empty stream; munmap of the only mapping by another thread');
  on(fd, CAP);
  const B1 = bgStart('DQ', fd);
  const B2 = bgStart('UNMAP', fd, { pointer });
  bgShow(B2, 'MUNMAP', 500);
  bgShow(B1, 'DQBUF', 500);
  flags(fd, 3);
  dqbuf(fd);
}

export function dqOffHead(): void {
  const fd = op(0);
  reqbufs(fd, 3, CAP, MMAP);
  for (let i = 0; i < 3; i++) mapi(fd, i);
  note('DQBUF sleeps on a queued head; STREAMOFF by another thread');
  qbuf(fd, 0);
  qbuf(fd, 1);
  on(fd, CAP);
  const B1 = bgStart('DQ', fd);
  const B2 = bgStart('OFF', fd);
  bgShow(B2, 'STREAMOFF', 400);
  bgShow(B1, 'DQBUF', 200);
  if (!B1.isTold || !B2.isTold) {
    fill(0, 0);
    bgShow(B1, 'DQBUF', 500);
    bgShow(B2, 'STREAMOFF', 500);
  }
  flags(fd, 3);
  dqbuf(fd);
}

export function dqOffActive(): void {
  const fd = op(0);
  reqbufs(fd, 3, CAP, MMAP);
  for (let i = 0; i < 3; i++) mapi(fd, i);
  note('nobody sleeps, but the head is ACTIVE in the driver: STREAMOFF');
  qbuf(fd, 0);
  qbuf(fd, 1);
  on(fd, CAP);
  cmd('act');
  note('head is ACTIVE');
  const B2 = bgStart('OFF', fd);
  bgShow(B2, 'STREAMOFF', 400);
  fill(0, 0);
  bgShow(B2, 'STREAMOFF', 500);
  flags(fd, 3);
}

export function dqOtherCalls(): void {
  const fd = op(0);
  reqbufs(fd, 3, CAP, MMAP);
  for (let i = 0; i < 3; i++) mapi(fd, i);
  note('while a DQBUF sleeps on a queued head: do other calls on the same handle get through?');
  qbuf(fd, 0);
  on(fd, CAP);
  const B1 = bgStart('DQ', fd);
  const B3 = bgStart('POLL0', fd, { events: POLLIN });
  bgShow(B3, 'POLL events=IN timeout=0', 200);
  const B4 = bgStart('QUERY', fd);
  bgShow(B4, 'QUERYBUF', 200);
  const B5 = bgStart('ANON', fd);
  const B2 = bgStart('QBUF', fd, { n: 1 });
  bgShow(B2, 'QBUF index=1', 200);
  note('an ordinary anonymous mmap in another thread of the process, while that QBUF waits');
  ms(1000);
  bgShow(B5, 'anonymous mmap', 200);
  fill(0, 0);
  ms(200);
  bgShow(B1, 'DQBUF', 500);
  bgShow(B2, 'QBUF index=1', 500);
  bgShow(B4, 'QUERYBUF', 500);
  bgShow(B5, 'anonymous mmap', 500);
  bgShow(B3, 'POLL events=IN timeout=0', 300);
}

export function dqTwo(): void {
  const fd = op(0);
  reqbufs(fd, 3, CAP, MMAP);
  for (let i = 0; i < 3; i++) mapi(fd, i);
  note('two blocked DQBUFs');
  qbuf(fd, 0);
  qbuf(fd, 1);
  on(fd, CAP);
  const B1 = bgStart('DQ', fd);
  const B2 = bgStart('DQ', fd);
  fill(0, 0);
  bgShow(B1, 'DQBUF a', 300);
  bgShow(B2, 'DQBUF b', 300);
  fill(0, 0);
  bgShow(B1, 'DQBUF a', 300);
  bgShow(B2, 'DQBUF b', 300);
  flags(fd, 3);
}

export function dqWaiters(): void {
  const fd = op(NONBLOCK);
  note(
    'driver written by the book of 2.6.33: fills only a buffer somebody waits on (waitqueue_active), 15 fps running',
  );
  reqbufs(fd, 3, CAP, MMAP);
  for (let i = 0; i < 3; i++) mapi(fd, i);
  par('waiters', 1);
  par('run', 1);
  qbuf(fd, 0);
  qbuf(fd, 1);
  on(fd, CAP);
  ms(400);
  dqbuf(fd);
  note('(400 ms, non-blocking: nothing was captured)');
  pol(fd, POLLIN, 0);
  ms(200);
  dqbuf(fd);
  note('(a poll that does not sleep changes nothing)');
  pol(fd, POLLIN, 1000);
  dqbuf(fd);
  dqbuf(fd);
  ms(300);
  dqbuf(fd);
  setNonblock(fd, false);
  dqbuf(fd);
  off(fd, CAP);
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
