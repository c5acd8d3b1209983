/** Scenarios of the recorder, as in client/scen.c. */

import { POLLIN } from 'usercam';
import {
  CAP,
  cl,
  cmd,
  dqbuf,
  dqbufx,
  fill,
  flags,
  MMAP,
  mapi,
  ms,
  NONBLOCK,
  note,
  off,
  on,
  op,
  par,
  qbuf,
  querybuf,
  reqbufs,
  setNonblock,
} from './calls.ts';
import { pol } from './polls.ts';
import { type Background, bgShow, bgStart } from './threads.ts';

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
