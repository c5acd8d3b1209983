/** Scenarios of the recorder, as in client/scen.c. */

import {
  POLLIN,
  V4L2_PRIORITY_RECORD,
  VIDIOC_CREATE_BUFS,
  VIDIOC_DQBUF,
  VIDIOC_DQEVENT,
  VIDIOC_EXPBUF,
  VIDIOC_PREPARE_BUF,
  VIDIOC_QUERYCAP,
  VIDIOC_REQBUFS,
  VIDIOC_S_PRIORITY,
  VIDIOC_STREAMON,
  VIDIOC_SUBSCRIBE_EVENT,
  v4l2_buffer,
  v4l2_capability,
  v4l2_create_buffers,
  v4l2_event,
  v4l2_event_subscription,
  v4l2_exportbuffer,
} from 'usercam';
import {
  alloc,
  CAP,
  cl,
  cmd,
  currentWorld,
  dqbuf,
  dup,
  FS,
  fill,
  flags,
  ioctl,
  look,
  MMAP,
  make,
  mapi,
  ms,
  NONBLOCK,
  note,
  off,
  on,
  op,
  par,
  qbuf,
  rd,
  reqbufs,
  say,
  setNonblock,
  unmap,
} from './calls.ts';
import { pol } from './polls.ts';
import { inChild } from './processes.ts';
import { type Background, bgShow, bgStart, signal } from './threads.ts';
import { hex, outcome } from './words.ts';

export function cls(): void {
  let fd: number;
  note('close right after open');
  fd = op(0);
  cl(fd);
  note('close after REQBUFS');
  fd = op(0);
  reqbufs(fd, 2, CAP, MMAP);
  cl(fd);
  note('close after STREAMON without buffers');
  fd = op(0);
  on(fd, CAP);
  cl(fd);
  note('close while reading');
  fd = op(NONBLOCK);
  rd(fd, FS);
  fill(0, 0);
  cl(fd);
  fill(0, 0);
  note('close while reading, one buffer half read');
  fd = op(NONBLOCK);
  rd(fd, FS);
  fill(0, 0);
  rd(fd, 100);
  cl(fd);
  note('queued, not streaming, mapped: close, then munmap');
  fd = op(NONBLOCK);
  reqbufs(fd, 2, CAP, MMAP);
  let p = mapi(fd, 0);
  qbuf(fd, 0);
  cl(fd);
  unmap(p, FS, '(buffer 0)');
  note('mapped, then unmapped while queued, then close');
  fd = op(NONBLOCK);
  reqbufs(fd, 2, CAP, MMAP);
  p = mapi(fd, 0);
  qbuf(fd, 0);
  unmap(p, FS, '(buffer 0)');
  cl(fd);
  note('streaming: close with the mapping left: the stream goes on; then munmap');
  fd = op(NONBLOCK);
  reqbufs(fd, 2, CAP, MMAP);
  p = mapi(fd, 0);
  const q = mapi(fd, 1);
  qbuf(fd, 0);
  qbuf(fd, 1);
  on(fd, CAP);
  cl(fd);
  fill(0, 0);
  look('buffer 0', p);
  unmap(p, FS, '(buffer 0)');
  fill(0, 0);
  unmap(q, FS, '(buffer 1)');
  note('dup: close of one leaves the other');
  fd = op(NONBLOCK);
  const d = dup(fd);
  reqbufs(fd, 2, CAP, MMAP);
  mapi(fd, 0);
  qbuf(d, 0);
  on(d, CAP);
  cl(fd);
  fill(0, 0);
  dqbuf(d);
  off(d, CAP);
  cl(d);
}

export function sig(): void {
  let B1: Background;
  for (let k = 0; k < 2; k++) {
    note(`${k ? 'with' : 'without'} SA_RESTART`);
    const fd = op(0);
    reqbufs(fd, 3, CAP, MMAP);
    for (let i = 0; i < 3; i++) mapi(fd, i);
    on(fd, CAP);
    note('DQBUF on an empty stream');
    B1 = bgStart('DQ', fd);
    signal(B1, 'DQBUF', k === 1);
    if (!B1.isTold && currentWorld().hasExtLock) {
      note('(the handle is locked: leaving)');
      return;
    }
    qbuf(fd, 0);
    if (!B1.isTold) {
      fill(0, 0);
      bgShow(B1, 'DQBUF', 500);
      qbuf(fd, 0);
    }
    note('DQBUF on a queued head');
    B1 = bgStart('DQ', fd);
    signal(B1, 'DQBUF', k === 1);
    if (B1.isTold) flags(fd, 3);
    if (!B1.isTold) {
      fill(0, 0);
      bgShow(B1, 'DQBUF', 500);
      qbuf(fd, 0);
    }
    note('poll');
    B1 = bgStart('POLL', fd, { events: POLLIN });
    signal(B1, 'POLL', k === 1);
    if (!B1.isTold) {
      fill(0, 0);
      bgShow(B1, 'POLL', 500);
    }
    off(fd, CAP);
    const g = op(0);
    note('read_stream of one frame');
    B1 = bgStart('READ', g, { n: FS });
    signal(B1, 'READ', k === 1);
    if (!B1.isTold) {
      fill(0, 0);
      bgShow(B1, 'READ', 500);
    }
    note('read_stream of two frames, one done');
    B1 = bgStart('READ', g, { n: 2 * FS });
    fill(0, 0);
    ms(100);
    signal(B1, 'READ 2 frames', k === 1);
    if (!B1.isTold) {
      fill(0, 0);
      bgShow(B1, 'READ 2 frames', 500);
    }
    cl(g);
  }
}

export function sigRdo(): void {
  let B1: Background;
  par('readone', 1);
  for (let k = 0; k < 2; k++) {
    note(`${k ? 'with' : 'without'} SA_RESTART, read_one`);
    const fd = op(0);
    note('whole frame');
    B1 = bgStart('READ', fd, { n: FS });
    signal(B1, 'READ', k === 1);
    fill(0, 0);
    bgShow(B1, 'READ', 500);
    if (B1.isTold && B1.text.startsWith('EINTR')) rd(fd, FS);
    note('half a frame');
    B1 = bgStart('READ', fd, { n: FS / 2 });
    signal(B1, 'READ half', k === 1);
    fill(0, 0);
    bgShow(B1, 'READ half', 500);
    setNonblock(fd, true);
    rd(fd, FS);
    rd(fd, FS);
    note('(closing with nothing in flight)');
    fill(0, 0);
    rd(fd, FS);
    cl(fd);
  }
}

function setupStream(): void {
  const fd = op(0);
  reqbufs(fd, 3, CAP, MMAP);
  for (let i = 0; i < 3; i++) mapi(fd, i);
  qbuf(fd, 0);
  qbuf(fd, 1);
  on(fd, CAP);
  fill(0, 0);
}

function sleepOnHead(): void {
  const fd = op(0);
  reqbufs(fd, 2, CAP, MMAP);
  mapi(fd, 0);
  qbuf(fd, 0);
  on(fd, CAP);
  dqbuf(fd);
}

function sleepOnEmpty(): void {
  const fd = op(0);
  reqbufs(fd, 2, CAP, MMAP);
  mapi(fd, 0);
  on(fd, CAP);
  dqbuf(fd);
}

function sleepInRead(): void {
  rd(op(0), FS);
}

function sleepInPoll(): void {
  pol(op(0), POLLIN, -1);
}

function activeHead(): void {
  const fd = op(0);
  reqbufs(fd, 2, CAP, MMAP);
  mapi(fd, 0);
  qbuf(fd, 0);
  on(fd, CAP);
  cmd('act');
  note('head ACTIVE');
}

export function killAll(): void {
  inChild('SIGKILL while streaming, one done, one queued', setupStream, 'KILL');
  inChild('SIGKILL in a blocking DQBUF on the head', sleepOnHead, 'KILL');
  inChild('SIGKILL in a blocking DQBUF on an empty stream', sleepOnEmpty, 'KILL');
  inChild('SIGKILL in a blocking read', sleepInRead, 'KILL');
  inChild('SIGKILL in poll', sleepInPoll, 'KILL');
  inChild('SIGTERM in a blocking DQBUF', sleepOnHead, 'TERM');
}

export function killActive(): void {
  inChild('SIGKILL while streaming with an ACTIVE head', activeHead, 'KILL');
}

export function killRdo(): void {
  par('readone', 1);
  inChild('SIGKILL in a blocking read_one of a whole frame', sleepInRead, 'KILL');
}

/** What a device of videobuf does not have, pointers to nowhere, priorities. */
export function other(): void {
  const fd = op(0);
  reqbufs(fd, 2, CAP, MMAP);
  const tried = [
    ['EXPBUF', VIDIOC_EXPBUF, make(v4l2_exportbuffer)],
    ['CREATE_BUFS', VIDIOC_CREATE_BUFS, make(v4l2_create_buffers)],
    ['PREPARE_BUF', VIDIOC_PREPARE_BUF, make(v4l2_buffer)],
    ['SUBSCRIBE_EVENT', VIDIOC_SUBSCRIBE_EVENT, make(v4l2_event_subscription)],
    ['DQEVENT', VIDIOC_DQEVENT, make(v4l2_event)],
  ] as const;
  for (const [name, command, argument] of tried) say(`  ${name} -> ${outcome(ioctl(fd, command, argument))}`);
  const q = make(v4l2_capability);
  const r = ioctl(fd, VIDIOC_QUERYCAP, q);
  say(
    `  QUERYCAP -> ${outcome(r)}; capabilities=${hex(q.capabilities)} device_caps=${hex(q.device_caps)} card=${q.card}`,
  );
  say(`  REQBUFS bad pointer -> ${outcome(ioctl(fd, VIDIOC_REQBUFS, 8))}`);
  say(`  DQBUF bad pointer -> ${outcome(ioctl(fd, VIDIOC_DQBUF, 8))}`);
  say(`  STREAMON bad pointer -> ${outcome(ioctl(fd, VIDIOC_STREAMON, 8))}`);
  const g = op(0);
  const priority = alloc(4);
  priority.bytes[0] = V4L2_PRIORITY_RECORD;
  say(`  S_PRIORITY record (first handle) -> ${outcome(ioctl(fd, VIDIOC_S_PRIORITY, priority.address))}`);
  reqbufs(g, 2, CAP, MMAP);
  on(g, CAP);
  cl(g);
  cl(fd);
}
