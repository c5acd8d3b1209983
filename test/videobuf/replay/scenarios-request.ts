/** Scenarios of the recorder, as in client/scen.c. */

import {
  VIDIOC_DQBUF,
  VIDIOC_QBUF,
  VIDIOC_QUERYBUF,
  VIDIOC_REQBUFS,
  v4l2_buffer,
  v4l2_requestbuffers,
} from 'usercam';
import {
  CAP,
  cl,
  cmd,
  DBUF,
  dqbuf,
  FS,
  fill,
  flags,
  ioctl,
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
  type Pointer,
  par,
  qbuf,
  querybuf,
  RW,
  rd,
  reqbufs,
  SHARED,
  say,
  sFmt,
  UPTR,
  unmap,
} from './calls.ts';
import { hex, outcome } from './words.ts';

export function reqTypes(): void {
  const fd = op(0);
  const m = [0, MMAP, UPTR, OVL, DBUF, 5, 99];
  for (let i = 0; i < m.length; i++) reqbufs(fd, 2, CAP, m[i] as number);
  reqbufs(fd, 0, CAP, MMAP);
  const t = [0, 2, 3, 4, 9, 13, 99];
  for (let i = 0; i < t.length; i++) reqbufs(fd, 2, t[i] as number, MMAP);
  cl(fd);
}

export function reqCounts(): void {
  const fd = op(0);
  const c = [0, 1, 2, 32, 33, 1000, 0x7fffffff, 0xffffffff, 0];
  for (let i = 0; i < c.length; i++) reqbufs(fd, c[i] as number, CAP, MMAP);
  note('count 0 with the other memory types');
  reqbufs(fd, 0, CAP, UPTR);
  reqbufs(fd, 0, CAP, OVL);
  reqbufs(fd, 0, CAP, DBUF);
  reqbufs(fd, 0, CAP, 0);
  note('twice the same, then another count, another memory type, never mapped');
  reqbufs(fd, 3, CAP, MMAP);
  reqbufs(fd, 3, CAP, MMAP);
  reqbufs(fd, 2, CAP, MMAP);
  reqbufs(fd, 2, CAP, UPTR);
  querybuf(fd, CAP, 0);
  reqbufs(fd, 2, CAP, OVL);
  querybuf(fd, CAP, 1);
  reqbufs(fd, 2, CAP, MMAP);
  querybuf(fd, CAP, 1);
  cl(fd);
}

export function reqStates(): void {
  const fd = op(0);
  reqbufs(fd, 3, CAP, MMAP);
  const p = mapi(fd, 0);
  note('while one buffer is mapped');
  reqbufs(fd, 0, CAP, MMAP);
  reqbufs(fd, 3, CAP, MMAP);
  reqbufs(fd, 2, CAP, UPTR);
  qbuf(fd, 0);
  note('while one buffer is queued, not streaming');
  reqbufs(fd, 0, CAP, MMAP);
  reqbufs(fd, 3, CAP, MMAP);
  note('the mapping goes away while the buffer is still queued, not streaming');
  unmap(p, FS, '(buffer 0)');
  flags(fd, 3);
  reqbufs(fd, 0, CAP, MMAP);
  reqbufs(fd, 3, CAP, MMAP);
  on(fd, CAP);
  note('while streaming');
  reqbufs(fd, 0, CAP, MMAP);
  reqbufs(fd, 3, CAP, MMAP);
  flags(fd, 3);
  off(fd, CAP);
  note('after STREAMOFF, unmapped');
  reqbufs(fd, 4, CAP, MMAP);
  reqbufs(fd, 0, CAP, MMAP);
  flags(fd, 1);
  cl(fd);
}

export function reqStreamingEmpty(): void {
  const fd = op(0);
  note('STREAMON without ever a REQBUFS, then REQBUFS');
  on(fd, CAP);
  reqbufs(fd, 2, CAP, MMAP);
  reqbufs(fd, 0, CAP, MMAP);
  off(fd, CAP);
  reqbufs(fd, 2, CAP, MMAP);
  cl(fd);
}

export function reqSecond(): void {
  const a = op(0),
    b = op(0);
  note('each file handle has a queue of its own');
  reqbufs(a, 2, CAP, MMAP);
  reqbufs(b, 3, CAP, MMAP);
  reqbufs(b, 0, CAP, MMAP);
  querybuf(a, CAP, 1);
  querybuf(b, CAP, 0);
  reqbufs(b, 2, CAP, UPTR);
  mapi(a, 0);
  qbuf(a, 0);
  on(a, CAP);
  note('first one streaming; second');
  reqbufs(b, 2, CAP, MMAP);
  mapi(b, 0);
  qbuf(b, 0);
  on(b, CAP);
  note("both queues feed the driver's one list");
  fill(0, 0);
  fill(0, 0);
  fill(0, 0);
  dqbuf(b);
  dqbuf(a);
  off(a, CAP);
  off(b, CAP);
  cl(a);
  cl(b);
}

export function reqFmt(): void {
  const fd = op(0);
  note('S_FMT guarded by videobuf_queue_is_busy, as the old drivers did');
  reqbufs(fd, 2, CAP, MMAP);
  sFmt(fd, 160, 120, 'buffers requested, not mapped');
  querybuf(fd, CAP, 0);
  sFmt(fd, 640, 480, 'larger than the buffers');
  const p = mapi(fd, 0);
  sFmt(fd, 160, 120, 'mapped');
  qbuf(fd, 0);
  note('(the buffer is smaller than the format now)');
  flags(fd, 2);
  unmap(p, FS, '(buffer 0)');
  sFmt(fd, 160, 120, 'unmapped again');
  mapi(fd, 0);
  qbuf(fd, 0);
  on(fd, CAP);
  fill(0, 0);
  dqbuf(fd);
  note('length stays the requested one, bytesused is the new frame size');
  off(fd, CAP);
  sFmt(fd, 320, 240, 'stream off, mapped');
  cl(fd);
}

export function reqGarbage(): void {
  const fd = op(0);
  note('what the caller has in capabilities, flags and reserved');
  const r = make(v4l2_requestbuffers);
  const f = r.$bytes;
  f.fill(0xff);
  Object.assign(r, { count: 2, type: CAP, memory: MMAP });
  let e = ioctl(fd, VIDIOC_REQBUFS, r);
  const last = [17, 18, 19].map((i) => (f[i] as number).toString(16).padStart(2, '0')).join(' ');
  say(
    `  REQBUFS all other bytes 0xff -> ${outcome(e)}; count=${r.count} capabilities=${hex(r.capabilities)} flags=${hex(f[16])} last 3 bytes ${last}`,
  );
  f.fill(0);
  Object.assign(r, { count: 2, type: CAP, memory: MMAP, flags: 1 });
  e = ioctl(fd, VIDIOC_REQBUFS, r);
  say(`  REQBUFS flags=1 -> ${outcome(e)}; capabilities=${hex(r.capabilities)} flags=${hex(f[16])}`);
  const b = make(v4l2_buffer);
  const garbage = (memory?: number) => {
    b.$bytes.fill(0xff);
    Object.assign(b, { type: CAP, index: 0, ...(memory === undefined ? {} : { memory }) });
  };
  garbage();
  e = ioctl(fd, VIDIOC_QUERYBUF, b);
  const where = new DataView(b.$bytes.buffer, b.$bytes.byteOffset).getBigUint64(v4l2_buffer.offsets.m, true);
  const time = `${b.timestamp.tv_sec}.${b.timestamp.tv_usec}`;
  say(
    `  QUERYBUF all other bytes 0xff -> ${outcome(e)}; bytesused=${b.bytesused} flags=${hex(b.flags)} field=${b.field} timestamp=${time} timecode.type=${hex(b.timecode.type)} sequence=${hex(b.sequence)} memory=${b.memory} offset=${hex(b.m.offset)} (64 bit: 0x${where.toString(16)}) length=${b.length} reserved2=${hex(b.reserved2)} request_fd=${hex(b.request_fd)}`,
  );
  const p = map(fd, RW, SHARED, 0, FS, '') as Pointer;
  garbage(MMAP);
  e = ioctl(fd, VIDIOC_QBUF, b);
  say(
    `  QBUF all other bytes 0xff -> ${outcome(e)}; bytesused=${hex(b.bytesused)} flags=${hex(b.flags)} field=${hex(b.field)} timecode.type=${hex(b.timecode.type)} sequence=${hex(b.sequence)} length=${hex(b.length)} reserved2=${hex(b.reserved2)} request_fd=${hex(b.request_fd)}`,
  );
  on(fd, CAP);
  fill(0, 0);
  garbage();
  e = ioctl(fd, VIDIOC_DQBUF, b);
  say(
    `  DQBUF all other bytes 0xff -> ${outcome(e)}; index=${b.index} bytesused=${b.bytesused} flags=${hex(b.flags)} field=${b.field} timecode.type=${hex(b.timecode.type)} sequence=${hex(b.sequence)} memory=${b.memory} offset=${hex(b.m.offset)} length=${b.length} reserved2=${hex(b.reserved2)} request_fd=${hex(b.request_fd)}`,
  );
  unmap(p, FS, '');
  cl(fd);
}

export function reqField(): void {
  note('queue made with V4L2_FIELD_ALTERNATE: the field goes round with every QBUF, not with every frame');
  par('field', 7);
  let fd = op(NONBLOCK);
  reqbufs(fd, 3, CAP, MMAP);
  for (let i = 0; i < 3; i++) mapi(fd, i);
  qbuf(fd, 0);
  qbuf(fd, 1);
  qbuf(fd, 2);
  on(fd, CAP);
  fill(0, 0);
  fill(0, 0);
  fill(0, 0);
  dqbuf(fd);
  dqbuf(fd);
  dqbuf(fd);
  qbuf(fd, 1);
  fill(0, 0);
  dqbuf(fd);
  note('a refused QBUF does not turn it');
  qbuf(fd, 7);
  qbuf(fd, 1);
  qbuf(fd, 1);
  fill(0, 0);
  dqbuf(fd);
  note('a QBUF refused by buf_prepare does');
  par('failprep', 1);
  qbuf(fd, 1);
  qbuf(fd, 1);
  fill(0, 0);
  dqbuf(fd);

  cl(fd);
  par('field', 4);
  fd = op(NONBLOCK);
  note('V4L2_FIELD_INTERLACED');
  reqbufs(fd, 1, CAP, MMAP);
  mapi(fd, 0);
  qbuf(fd, 0);
  on(fd, CAP);
  fill(0, 0);
  dqbuf(fd);
  cl(fd);
}

export function reqLimits(): void {
  let fd = op(NONBLOCK);
  note('buf_setup allows two');
  par('maxbufs', 2);
  reqbufs(fd, 5, CAP, MMAP);
  reqbufs(fd, 1, CAP, MMAP);
  note('buf_setup allows none: the old buffers go all the same');
  par('maxbufs', 0);
  reqbufs(fd, 5, CAP, MMAP);
  flags(fd, 2);
  on(fd, CAP);
  off(fd, CAP);
  note('read with a buf_setup that allows one: the core takes two');
  par('maxbufs', 1);
  rd(fd, FS);
  flags(fd, 3);
  cl(fd);
  fd = op(NONBLOCK);
  note('buf_prepare fails in QBUF');
  par('maxbufs', -1);
  reqbufs(fd, 2, CAP, MMAP);
  mapi(fd, 0);
  par('failprep', 1);
  qbuf(fd, 0);
  flags(fd, 2);
  qbuf(fd, 0);
  cl(fd);
}

export function qry(): void {
  let fd = op(NONBLOCK);
  querybuf(fd, CAP, 0);
  reqbufs(fd, 3, CAP, MMAP);
  querybuf(fd, CAP, 0);
  querybuf(fd, CAP, 1);
  querybuf(fd, CAP, 2);
  querybuf(fd, CAP, 3);
  querybuf(fd, CAP, 31);
  querybuf(fd, CAP, 32);
  querybuf(fd, CAP, 0xffffffff);
  querybuf(fd, 0, 0);
  querybuf(fd, 2, 0);
  querybuf(fd, 4, 0);
  querybuf(fd, 9, 0);
  note('buffer 0 through its life');
  const p = mapi(fd, 0);
  querybuf(fd, CAP, 0);
  qbuf(fd, 0);
  querybuf(fd, CAP, 0);
  on(fd, CAP);
  querybuf(fd, CAP, 0);
  cmd('act');
  note('driver made it ACTIVE');
  querybuf(fd, CAP, 0);
  fill(0, 0);
  querybuf(fd, CAP, 0);
  dqbuf(fd);
  querybuf(fd, CAP, 0);
  qbuf(fd, 0);
  fill(0, 1);
  note('driver set ERROR');
  querybuf(fd, CAP, 0);
  dqbuf(fd);
  querybuf(fd, CAP, 0);
  qbuf(fd, 0);
  querybuf(fd, CAP, 0);
  off(fd, CAP);
  querybuf(fd, CAP, 0);
  unmap(p, FS, '(buffer 0)');
  querybuf(fd, CAP, 0);
  cl(fd);
  fd = op(0);
  reqbufs(fd, 2, CAP, UPTR);
  querybuf(fd, CAP, 0);
  reqbufs(fd, 2, CAP, OVL);
  querybuf(fd, CAP, 1);
  cl(fd);
}
