/** Scenarios of the recorder, as in client/scen.c. */

import { POLLIN } from 'usercam';
import {
  alloc,
  CAP,
  cb,
  cl,
  dqbuf,
  endOfMemory,
  FS,
  fill,
  flags,
  MMAP,
  map,
  mapi,
  ms,
  NONBLOCK,
  note,
  off,
  on,
  op,
  par,
  qbuf,
  qbufx,
  querybuf,
  RW,
  rd,
  readInto,
  reqbufs,
  SHARED,
  say,
  setNonblock,
  UPTR,
  word,
  writeFrom,
} from './calls.ts';
import { pol } from './polls.ts';
import { bgShow, bgStart } from './threads.ts';
import { outcome } from './words.ts';

export function rdsNb(): void {
  const fd = op(NONBLOCK);
  note('non-blocking read_stream; 4 buffers (buf_setup answers 4 for 0)');
  rd(fd, FS);
  rd(fd, FS);
  fill(0, 0);
  rd(fd, FS);
  rd(fd, FS);
  note('parts');
  fill(0, 0);
  rd(fd, 1000);
  rd(fd, 100000);
  rd(fd, FS);
  rd(fd, 10);
  note('three done, one read of two and a half frames');
  fill(0, 0);
  fill(0, 0);
  fill(0, 0);
  rd(fd, 2 * FS + FS / 2);
  rd(fd, FS);
  note('larger than what is there');
  fill(0, 0);
  rd(fd, 10 * FS);
  rd(fd, FS);
  note('read of 0 bytes');
  rd(fd, 0);
  fill(0, 0);
  rd(fd, 0);
  rd(fd, FS);
  note('later one done first');
  fill(1, 0);
  rd(fd, FS);
  fill(0, 0);
  rd(fd, FS);
  rd(fd, FS);
  note('error frame');
  fill(0, 1);
  fill(0, 0);
  rd(fd, FS);
  rd(fd, FS);
  rd(fd, FS);
  note('good frame, then an error frame, in one read');
  fill(0, 0);
  fill(0, 1);
  fill(0, 0);
  rd(fd, 3 * FS);
  rd(fd, FS);
  rd(fd, FS);
  note('short frame');
  par('dropsize', 600);
  fill(0, 0);
  par('dropsize', 0);
  rd(fd, FS);
  fill(0, 0);
  rd(fd, FS);
  cl(fd);
}

export function rdsZero(): void {
  const fd = op(NONBLOCK);
  note('a first read of 0 bytes: does it start capture?');
  rd(fd, 0);
  flags(fd, 4);
  reqbufs(fd, 2, CAP, MMAP);
  on(fd, CAP);
  cl(fd);
}

export function rdsCalls(): void {
  const fd = op(NONBLOCK);
  note('streaming calls while read_stream runs');
  rd(fd, FS);
  flags(fd, 5);
  querybuf(fd, CAP, 0);
  reqbufs(fd, 2, CAP, MMAP);
  reqbufs(fd, 0, CAP, MMAP);
  reqbufs(fd, 2, CAP, UPTR);
  qbufx(fd, CAP, 0, UPTR, 'NULL', 0, FS);
  qbuf(fd, 0);
  on(fd, CAP);
  off(fd, CAP);
  dqbuf(fd);
  // What the kernel says itself of a device without a position.
  say('  LSEEK 0 -> ESPIPE');
  say('  LSEEK +100 from here -> ESPIPE');
  say(`  PREAD at 0 -> ${outcome(readInto(fd, alloc(16).address, 16))}`);
  const w = writeFrom(fd, alloc(16).address, 16);
  say(`  WRITE -> ${outcome(w)}`);
  cb();
  note('nothing but close ends the reading');
  fill(0, 0);
  rd(fd, FS);
  cl(fd);
}

export function rdsWhileStream(): void {
  let fd = op(NONBLOCK);
  reqbufs(fd, 2, CAP, MMAP);
  note('read after REQBUFS without mapping: takes the buffers away');
  rd(fd, FS);
  querybuf(fd, CAP, 0);
  flags(fd, 4);
  map(fd, RW, SHARED, 0, FS, '');
  cl(fd);
  fd = op(NONBLOCK);
  reqbufs(fd, 2, CAP, MMAP);
  mapi(fd, 0);
  note('read after REQBUFS and mmap');
  rd(fd, FS);
  qbuf(fd, 0);
  note('queued, not streaming');
  rd(fd, FS);
  flags(fd, 2);
  on(fd, CAP);
  note('streaming');
  rd(fd, FS);
  rd(fd, 0);
  fill(0, 0);
  rd(fd, FS);
  dqbuf(fd);
  off(fd, CAP);
  note('stream off, still mapped');
  rd(fd, FS);
  flags(fd, 2);
  cl(fd);
}

export function rdsBlock(): void {
  const fd = op(0);
  let B1 = bgStart('READ', fd, { n: FS });
  note('blocking read; another thread asks for other things');
  const B2 = bgStart('REQ0', fd);
  bgShow(B2, 'REQBUFS 0', 300);
  fill(0, 0);
  bgShow(B1, 'READ', 500);
  bgShow(B2, 'REQBUFS 0', 500);
  note('blocking read of two frames; the first is done');
  B1 = bgStart('READ', fd, { n: 2 * FS });
  fill(0, 0);
  bgShow(B1, 'READ 2 frames', 200);
  fill(0, 0);
  bgShow(B1, 'READ 2 frames', 400);
}

export function rdsTwo(): void {
  const fd = op(0);
  note('two threads read one handle');
  const B1 = bgStart('READ', fd, { n: FS });
  const B2 = bgStart('READ', fd, { n: FS });
  fill(0, 0);
  bgShow(B1, 'READ a', 300);
  bgShow(B2, 'READ b', 300);
  fill(0, 0);
  bgShow(B1, 'READ a', 300);
  bgShow(B2, 'READ b', 300);
  note('a second handle reads too');
  const g = op(NONBLOCK);
  rd(g, FS);
  for (let i = 0; i < 8; i++) fill(0, 0);
  rd(g, FS);
  setNonblock(fd, true);
  rd(fd, FS);
  rd(g, FS);
  rd(fd, FS);
  cl(g);
  cl(fd);
}

export function rdsEfault(): void {
  const fd = op(NONBLOCK);
  rd(fd, 10);
  fill(0, 0);
  let r = readInto(fd, 8, FS);
  say(`  READ into unmapped memory -> ${outcome(r)}`);
  cb();
  rd(fd, FS);
  fill(0, 0);
  r = readInto(fd, endOfMemory(4000), FS);
  say(`  READ of a frame into one page -> -1 ${outcome(r)}`);
  cb();
  rd(fd, FS);
  cl(fd);
}

export function rdsWaiters(): void {
  const fd = op(NONBLOCK);
  note('driver that fills only for waiters, 15 fps running: read');
  par('waiters', 1);
  par('run', 1);
  rd(fd, FS);
  ms(300);
  rd(fd, FS);
  pol(fd, POLLIN, 1000);
  rd(fd, FS);
  rd(fd, FS);
  setNonblock(fd, false);
  rd(fd, 2 * FS);
  par('run', 0);
  cl(fd);
}

export function rdsVbi(): void {
  par('vbihack', 1);
  const fd = op(NONBLOCK);
  const p = alloc(FS);
  note('vbihack: the frame counter (field_count >> 1) overwrites the last 4 bytes of what read gives');
  rd(fd, 4);
  for (let i = 0; i < 3; i++) {
    fill(0, 0);
    const r = readInto(fd, p.address, FS);
    say(`  READ -> ${r}; first word ${word(p.bytes)}, last word ${word(p.bytes, FS / 4 - 1)}`);
  }
  cl(fd);
}

export function rdo(): void {
  par('readone', 1);
  const fd = op(NONBLOCK);
  note('non-blocking read_one');
  rd(fd, FS);
  note('nothing more is queued than one');
  fill(0, 0);
  fill(0, 0);
  rd(fd, FS);
  rd(fd, FS);
  note('parts');
  fill(0, 0);
  rd(fd, 1000);
  rd(fd, 100000);
  rd(fd, FS);
  rd(fd, FS);
  note('larger');
  fill(0, 0);
  rd(fd, 3 * FS);
  rd(fd, 0);
  fill(0, 0);
  rd(fd, 0);
  rd(fd, FS);
  note('error');
  rd(fd, FS);
  fill(0, 1);
  rd(fd, FS);
  rd(fd, FS);
  fill(0, 0);
  note('started by a read of 10 bytes');
  rd(fd, FS);
  rd(fd, 10);
  fill(0, 0);
  rd(fd, 10);
  rd(fd, FS);
  note('short frame');
  rd(fd, FS);
  par('dropsize', 600);
  fill(0, 0);
  par('dropsize', 0);
  rd(fd, FS);
  rd(fd, FS);
  fill(0, 0);
  rd(fd, FS);
  cl(fd);
}

export function rdoLeak(): void {
  par('readone', 1);
  const fd = op(NONBLOCK);
  note("close while a read_one buffer is in the driver's list: the core does not release it");
  rd(fd, FS);
  fill(0, 0);
  rd(fd, 10);
  note('(frame done and half read; then close)');
  cl(fd);
}

export function rdoCalls(): void {
  par('readone', 1);
  const fd = op(NONBLOCK);
  note('streaming calls between the parts of a read_one');
  rd(fd, FS);
  reqbufs(fd, 2, CAP, MMAP);
  mapi(fd, 0);
  qbuf(fd, 0);
  on(fd, CAP);
  note('read_one does not look whether a stream runs');
  rd(fd, FS);
  fill(0, 0);
  rd(fd, 100);
  fill(0, 0);
  dqbuf(fd);
  rd(fd, FS);
  pol(fd, POLLIN, 0);
  off(fd, CAP);
  dqbuf(fd);
  rd(fd, FS);
  fill(0, 0);
  rd(fd, FS);
  cl(fd);
}

export function rdoBlock(): void {
  par('readone', 1);
  const fd = op(0);
  note('blocking read_one of a whole frame (zero copy tried first)');
  let B1 = bgStart('READ', fd, { n: FS });
  cb();
  fill(0, 0);
  bgShow(B1, 'READ frame', 500);
  note('blocking, larger than a frame');
  B1 = bgStart('READ', fd, { n: 2 * FS });
  cb();
  fill(0, 0);
  bgShow(B1, 'READ 2 frames', 500);
  note('blocking, smaller');
  B1 = bgStart('READ', fd, { n: 1000 });
  cb();
  fill(0, 0);
  bgShow(B1, 'READ 1000', 500);
  note('the rest, asking for a whole frame');
  rd(fd, FS);
  note('blocking, frame with an error');
  B1 = bgStart('READ', fd, { n: FS });
  cb();
  fill(0, 1);
  bgShow(B1, 'READ frame', 500);
  cl(fd);
}
