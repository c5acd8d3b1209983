/** Scenarios of the recorder, as in client/scen.c. */

import { POLLERR, POLLIN, POLLOUT, POLLPRI, POLLRDNORM } from 'usercam';
import {
  CAP,
  cb,
  cl,
  dqbuf,
  FS,
  fill,
  flags,
  MMAP,
  map,
  mapi,
  NONBLOCK,
  note,
  off,
  on,
  op,
  type Pointer,
  par,
  qbuf,
  querybuf,
  RW,
  rd,
  reqbufs,
  SHARED,
  say,
  tracing,
  unmap,
} from './calls.ts';
import { allpoll, EpollSet, pol, selectText } from './polls.ts';
import { loopWait } from './processes.ts';
import { bgShow, bgStart } from './threads.ts';
import { pollText } from './words.ts';

export function polOpen(): void {
  let fd = op(NONBLOCK);
  note('after open, without asking for IN');
  pol(fd, 0, 0);
  pol(fd, POLLPRI, 0);
  pol(fd, POLLOUT, 0);
  pol(fd, POLLERR, 0);
  flags(fd, 1);
  note('asking for IN starts reading');
  pol(fd, POLLIN, 0);
  flags(fd, 5);
  pol(fd, 0, 0);
  pol(fd, POLLIN | POLLPRI, 0);
  reqbufs(fd, 2, CAP, MMAP);
  on(fd, CAP);
  fill(0, 0);
  allpoll(fd);
  rd(fd, FS);
  pol(fd, POLLIN, 0);
  pol(fd, POLLPRI, 0);
  note('partly read');
  fill(0, 0);
  rd(fd, 100);
  pol(fd, POLLIN, 0);
  rd(fd, FS);
  pol(fd, POLLIN, 0);
  note('error frame');
  fill(0, 1);
  pol(fd, POLLIN, 0);
  rd(fd, FS);
  pol(fd, POLLIN, 0);
  note('reading has begun and is only asked for PRI/OUT');
  pol(fd, POLLPRI, 0);
  pol(fd, POLLOUT, 0);
  cl(fd);
  fd = op(NONBLOCK);
  note('RDNORM alone, select, epoll on a fresh handle');
  pol(fd, POLLRDNORM, 0);
  cl(fd);
  fd = op(NONBLOCK);
  say(`  SELECT read -> ${selectText(fd, { read: true })}`);
  cb();
  cl(fd);
  fd = op(NONBLOCK);
  say(`  SELECT except -> ${selectText(fd, { except: true })}`);
  cb();
  say(`  SELECT write -> ${selectText(fd, { write: true })}`);
  cb();
  cl(fd);
  fd = op(NONBLOCK);
  const ep = new EpollSet();
  const wait = (timeout: number) => {
    const bits = timeout > 0 ? ep.wait(timeout) : ep.waitNow();
    say(`  EPOLL_WAIT -> ${bits ? 1 : 0} ${bits ? pollText(bits) : ''}`);
    cb();
  };
  ep.add(fd, 0);
  say('  EPOLL_CTL_ADD events=0 -> ok');
  cb();
  wait(0);
  ep.modify(POLLIN);
  say('  EPOLL_CTL_MOD events=IN -> ok');
  cb();
  wait(0);
  fill(0, 0);
  wait(500);
  ep.close();
  cl(fd);
}

export function polReq(): void {
  let fd = op(NONBLOCK);
  reqbufs(fd, 2, CAP, MMAP);
  note('after REQBUFS, nothing mapped: not asking for IN');
  pol(fd, POLLPRI, 0);
  flags(fd, 4);
  note('asking for IN: the requested buffers are thrown away for read buffers');
  pol(fd, POLLIN, 0);
  flags(fd, 4);
  querybuf(fd, CAP, 0);
  map(fd, RW, SHARED, 0, FS, '');
  qbuf(fd, 0);
  on(fd, CAP);
  reqbufs(fd, 2, CAP, MMAP);
  cl(fd);
  fd = op(NONBLOCK);
  reqbufs(fd, 2, CAP, MMAP);
  mapi(fd, 0);
  note('after REQBUFS and mmap');
  allpoll(fd);
  flags(fd, 2);
  qbuf(fd, 0);
  note('queued, not streaming');
  allpoll(fd);
  flags(fd, 2);
  on(fd, CAP);
  note('streaming, head queued');
  allpoll(fd);
  cl(fd);
}

export function polStream(): void {
  const fd = op(NONBLOCK);
  reqbufs(fd, 4, CAP, MMAP);
  for (let i = 0; i < 4; i++) mapi(fd, i);
  on(fd, CAP);
  note('streaming, nothing queued');
  allpoll(fd);
  qbuf(fd, 0);
  qbuf(fd, 1);
  qbuf(fd, 2);
  note('streaming, three queued');
  allpoll(fd);
  fill(1, 0);
  note('second done, head not');
  allpoll(fd);
  fill(0, 0);
  note('head done');
  allpoll(fd);
  dqbuf(fd);
  note('head taken; the next is done already');
  allpoll(fd);
  dqbuf(fd);
  note('one left, queued');
  allpoll(fd);
  fill(0, 1);
  note('error buffer at the head');
  allpoll(fd);
  dqbuf(fd);
  note('streaming, all dequeued');
  allpoll(fd);
  qbuf(fd, 0);
  fill(0, 0);
  off(fd, CAP);
  note('after STREAMOFF (mapped)');
  allpoll(fd);
  flags(fd, 4);
  cl(fd);
}

export function polSleep(): void {
  const fd = op(NONBLOCK);
  reqbufs(fd, 4, CAP, MMAP);
  const mapped = [0, 1, 2, 3].map((i) => mapi(fd, i));
  qbuf(fd, 0);
  qbuf(fd, 1);
  on(fd, CAP);
  note('sleeping poll: head done');
  let B1 = bgStart('POLL', fd, { events: POLLIN });
  fill(0, 0);
  bgShow(B1, 'POLL IN', 500);
  dqbuf(fd);
  note("sleeping poll for PRI only (it waits on the head's queue all the same)");
  B1 = bgStart('POLL', fd, { events: POLLPRI });
  fill(0, 0);
  bgShow(B1, 'POLL PRI', 400);
  dqbuf(fd);
  note('... and when the stream runs empty');
  bgShow(B1, 'POLL PRI', 300);
  off(fd, CAP);
  bgShow(B1, 'POLL PRI', 6000);
  note('sleeping poll; STREAMOFF');
  qbuf(fd, 0);
  qbuf(fd, 1);
  on(fd, CAP);
  B1 = bgStart('POLL', fd, { events: POLLIN });
  off(fd, CAP);
  bgShow(B1, 'POLL IN', 6000);
  note('sleeping poll; munmap of a mapping by another thread');
  qbuf(fd, 0);
  qbuf(fd, 1);
  on(fd, CAP);
  B1 = bgStart('POLL', fd, { events: POLLIN });
  unmap(mapped[3] as Pointer, FS, '(buffer 3)');
  bgShow(B1, 'POLL IN', 6000);
  flags(fd, 4);
  off(fd, CAP);
  note('sleeping epoll; STREAMOFF');
  qbuf(fd, 0);
  qbuf(fd, 1);
  on(fd, CAP);
  B1 = bgStart('EPOLL', fd, { events: POLLIN });
  off(fd, CAP);
  bgShow(B1, 'EPOLL IN', 6000);
}

export function polSleep2(): void {
  let fd = op(NONBLOCK);
  reqbufs(fd, 4, CAP, MMAP);
  for (let i = 0; i < 4; i++) mapi(fd, i);
  qbuf(fd, 0);
  qbuf(fd, 1);
  qbuf(fd, 2);
  on(fd, CAP);
  note("one epoll set kept over many frames (waits on each buffer's own wait queue)");
  let ep = new EpollSet();
  ep.add(fd, POLLIN);
  cb();
  const EW = (timeout: number) => {
    const bits = timeout > 0 ? ep.wait(timeout) : ep.waitNow();
    say(`  EPOLL_WAIT timeout=${timeout > 0 ? 'yes' : '0'} -> ${bits ? 1 : 0} ${bits ? pollText(bits) : ''}`);
    cb();
  };
  EW(0);
  fill(0, 0);
  EW(500);
  dqbuf(fd);
  note("the entry was registered on buffer 0's queue only; now buffer 1 ends");
  fill(0, 0);
  EW(1000);
  dqbuf(fd);
  EW(0);
  fill(0, 0);
  EW(1000);
  dqbuf(fd);
  EW(0);
  note('requeue 0 (the registered one)');
  qbuf(fd, 0);
  EW(0);
  fill(0, 0);
  EW(1000);
  dqbuf(fd);
  ep.close();
  note('level triggered after EW(0) before each frame, edge triggered the same');
  qbuf(fd, 0);
  qbuf(fd, 1);
  ep = new EpollSet();
  ep.add(fd, POLLIN, true);
  cb();
  EW(0);
  fill(0, 0);
  EW(500);
  EW(0);
  dqbuf(fd);
  fill(0, 0);
  EW(1000);
  dqbuf(fd);
  EW(0);
  ep.close();
  note('epoll added before streaming: after open with events=IN|PRI');
  cl(fd);
  fd = op(NONBLOCK);
  reqbufs(fd, 2, CAP, MMAP);
  mapi(fd, 0);
  mapi(fd, 1);
  ep = new EpollSet();
  ep.add(fd, POLLIN);
  say('  EPOLL_CTL_ADD events=IN (mapped, not streaming) -> ok');
  cb();
  EW(0);
  qbuf(fd, 0);
  qbuf(fd, 1);
  on(fd, CAP);
  EW(0);
  fill(0, 0);
  EW(1000);
  dqbuf(fd);
  fill(0, 0);
  EW(1000);
  dqbuf(fd);
  EW(0);
  cl(fd);
}

export function polLoop(): void {
  for (let nb = 2; nb <= 4; nb++) {
    const fd = op(NONBLOCK);
    tracing(false);
    reqbufs(fd, nb, CAP, MMAP);
    for (let i = 0; i < nb; i++) mapi(fd, i);
    for (let i = 0; i < nb; i++) qbuf(fd, i);
    on(fd, CAP);
    par('run', 1);
    note(`${nb} buffers, 15 fps, poll`);
    loopWait(fd, 'poll');
    note(`${nb} buffers, 15 fps, epoll level triggered, added with IN while streaming`);
    loopWait(fd, 'epoll');
    note(`${nb} buffers, 15 fps, epoll added with events=0 while streaming, then MOD to IN`);
    loopWait(fd, 'epoll later');
    off(fd, CAP);
    note(`${nb} buffers, epoll added with events=0 before anything is queued`);
    const ep = new EpollSet();
    ep.add(fd, 0);
    for (let i = 0; i < nb; i++) qbuf(fd, i);
    on(fd, CAP);
    ep.modify(POLLIN);
    const bits = ep.wait(1500);
    say(`  EPOLL_WAIT -> ${bits ? 1 : 0} ${bits ? pollText(bits) : 'timeout'}`);
    say(`  EPOLL_WAIT timeout=0 -> ${ep.waitNow() ? 1 : 0}`);
    pol(fd, POLLIN, 0);
    par('run', 0);
    ep.close();
    cl(fd);
  }
  tracing(true);
}

export function polOffThen(): void {
  const fd = op(NONBLOCK);
  reqbufs(fd, 2, CAP, MMAP);
  const a = mapi(fd, 0);
  qbuf(fd, 0);
  on(fd, CAP);
  off(fd, CAP);
  unmap(a, FS, '(buffer 0)');
  note('after STREAMOFF and munmap: POLLIN starts a read');
  pol(fd, POLLPRI, 0);
  pol(fd, POLLIN, 0);
  flags(fd, 4);
  reqbufs(fd, 2, CAP, MMAP);
  on(fd, CAP);
  cl(fd);
}
