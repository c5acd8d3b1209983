/** Scenarios of the recorder, as in client/scen.c. */

import { POLLIN, POLLPRI, PROT_READ, PROT_WRITE } from 'usercam';
import {
  at,
  CAP,
  cb,
  cl,
  dqbuf,
  FS,
  fill,
  flags,
  look,
  MMAP,
  map,
  mapAt,
  mapi,
  NONBLOCK,
  note,
  off,
  on,
  op,
  type Pointer,
  PRIVATE,
  qbuf,
  querybuf,
  RDONLY,
  RW,
  rd,
  reqbufs,
  SHARED,
  SHARED_VALIDATE,
  say,
  unmap,
} from './calls.ts';
import { pol } from './polls.ts';
import { fork, inProcess, waitForExit } from './processes.ts';
import { hex } from './words.ts';

export function mapArgs(): void {
  let fd = op(0);
  map(fd, RW, SHARED, 0, FS, '(before REQBUFS)');
  reqbufs(fd, 3, CAP, MMAP);
  map(fd, PROT_READ, SHARED, 0, FS, '');
  map(fd, RW, PRIVATE, 0, FS, '');
  map(fd, PROT_READ, PRIVATE, 0, FS, '');
  map(fd, PROT_WRITE, SHARED, 0, FS, '');
  flags(fd, 3);
  map(fd, RW, SHARED_VALIDATE, 155648, FS, '');
  flags(fd, 3);
  map(fd, RW, SHARED, 4096, FS, '(no buffer starts there)');
  map(fd, RW, SHARED, 3 * 155648, FS, '(behind the last)');
  map(fd, RW, SHARED, 100, FS, '(not a multiple of the page)');
  map(fd, RW, SHARED, 0x7ffff000, FS, '');
  cl(fd);
  note('the handle opened read-only');
  fd = op(RDONLY);
  reqbufs(fd, 2, CAP, MMAP);
  map(fd, RW, SHARED, 0, FS, '');
  map(fd, PROT_READ, SHARED, 0, FS, '');
  map(fd, RW, PRIVATE, 0, FS, '');
  qbuf(fd, 0);
  cl(fd);
}

export function mapLen(): void {
  const fd = op(0);
  reqbufs(fd, 4, CAP, MMAP);
  const p = mapAt(fd, RW, SHARED, 0, FS, 'exact');
  const q = mapAt(fd, RW, SHARED, 155648, 155648, 'page rounded');
  const s = mapAt(fd, RW, SHARED, 2 * 155648, 4096, 'one page only');
  flags(fd, 4);
  const l = map(fd, RW, SHARED, 3 * 155648, 2 * 155648, 'twice the length');
  flags(fd, 4);
  map(fd, RW, SHARED, 0, 0, 'length 0');
  if (l !== undefined) {
    l.bytes[0] = 1;
    note('touched the first page of the long one');
    l.bytes[2 * 155648 - 1] = 1;
    note('touched its last byte');
  }
  p.bytes[0] = 1;
  q.bytes[155647] = 1;
  s.bytes[4095] = 1;
  querybuf(fd, CAP, 2);
  querybuf(fd, CAP, 3);
  note('everything unmapped again');
  unmap(p, FS, 'exact');
  unmap(q, 155648, 'page rounded');
  unmap(s, 4096, 'one page');
  if (l !== undefined) unmap(l, 2 * 155648, 'twice');
  flags(fd, 4);
  reqbufs(fd, 0, CAP, MMAP);
  cl(fd);
}

export function mapTwice(): void {
  const fd = op(NONBLOCK);
  reqbufs(fd, 2, CAP, MMAP);
  const a = mapi(fd, 0);
  const b = mapi(fd, 0);
  const o = mapi(fd, 1);
  note('buffer 0 is mapped twice: same memory?');
  a.bytes[10] = 0x11;
  b.bytes[10] = 0x22;
  say(
    `  MEMORY first[10]=${hex(a.bytes[10])} second[10]=${hex(b.bytes[10])} -> ${a.bytes[10] === b.bytes[10] ? 'shared' : 'two separate memories'}`,
  );
  qbuf(fd, 0);
  qbuf(fd, 1);
  on(fd, CAP);
  fill(0, 0);
  dqbuf(fd);
  look('first mapping', a);
  look('second mapping', b);
  qbuf(fd, 0);
  note('unmap the first (older) mapping of buffer 0 while streaming');
  unmap(a, FS, '(first of buffer 0)');
  flags(fd, 2);
  dqbuf(fd);
  on(fd, CAP);
  flags(fd, 2);
  qbuf(fd, 0);
  fill(0, 0);
  dqbuf(fd);
  look('second mapping', b);
  unmap(b, FS, '(second of buffer 0)');
  flags(fd, 2);
  dqbuf(fd);
  o.bytes[0] = 1;
  cl(fd);
}

export function mapReq(): void {
  const fd = op(NONBLOCK);
  reqbufs(fd, 2, CAP, MMAP);
  let a = mapi(fd, 0);
  note('REQBUFS again while mapped, then after unmapping; memory is new');
  a.bytes[0] = 0x55;
  reqbufs(fd, 2, CAP, MMAP);
  unmap(a, FS, '(buffer 0)');
  reqbufs(fd, 2, CAP, MMAP);
  a = mapi(fd, 0);
  say(`  MEMORY first byte ${a.bytes[0]}`);
  note('unmap and map again without REQBUFS: memory is new too');
  a.bytes[0] = 0x66;
  unmap(a, FS, '(buffer 0)');
  a = mapi(fd, 0);
  say(`  MEMORY first byte ${a.bytes[0]}`);
  cl(fd);
}

export function mapUnmapOne(): void {
  const fd = op(NONBLOCK);
  reqbufs(fd, 4, CAP, MMAP);
  const m: Pointer[] = [];
  for (let i = 0; i < 4; i++) m[i] = mapi(fd, i);
  for (let i = 0; i < 4; i++) qbuf(fd, i);
  on(fd, CAP);
  fill(0, 0);
  fill(0, 0);
  dqbuf(fd);
  note('streaming: 0 dequeued, 1 done, 2 and 3 queued. munmap of the idle buffer 0');
  unmap(m[0] as Pointer, FS, '(buffer 0)');
  flags(fd, 4);
  dqbuf(fd);
  pol(fd, POLLPRI, 0);
  off(fd, CAP);
  on(fd, CAP);
  qbuf(fd, 0);
  qbuf(fd, 1);
  flags(fd, 4);
  fill(0, 0);
  dqbuf(fd);
  look('buffer 1', m[1] as Pointer);
  note('munmap of a queued buffer');
  qbuf(fd, 2);
  qbuf(fd, 3);
  unmap(m[2] as Pointer, FS, '(buffer 2)');
  flags(fd, 4);
  fill(0, 0);
  fill(0, 0);
  dqbuf(fd);
  dqbuf(fd);
  look('buffer 3', m[3] as Pointer);
  off(fd, CAP);
  note('munmap when not streaming, buffer prepared');
  qbuf(fd, 3);
  unmap(m[3] as Pointer, FS, '(buffer 3)');
  flags(fd, 4);
  on(fd, CAP);
  flags(fd, 4);
  note('munmap of the last mapping');
  unmap(m[1] as Pointer, FS, '(buffer 1)');
  flags(fd, 4);
  dqbuf(fd);
  reqbufs(fd, 0, CAP, MMAP);
  cl(fd);
}

export function mapPart(): void {
  const fd = op(NONBLOCK);
  reqbufs(fd, 2, CAP, MMAP);
  const a = mapi(fd, 0);
  qbuf(fd, 0);
  on(fd, CAP);
  note('munmap of a part: first page, then a page in the middle, then the rest');
  unmap(a, 4096, 'first page');
  flags(fd, 2);
  dqbuf(fd);
  unmap(at(a, 8 * 4096), 4096, '9th page');
  flags(fd, 2);
  dqbuf(fd);
  fill(0, 0);
  dqbuf(fd);
  say(`  MEMORY remaining part: byte ${a.bytes[4096]}`);
  unmap(a, 155648, 'whole range');
  flags(fd, 2);
  dqbuf(fd);
  cl(fd);
}

export function mapProt(): void {
  const fd = op(NONBLOCK);
  reqbufs(fd, 2, CAP, MMAP);
  const a = mapi(fd, 0);
  // Neither asks the device.
  say('  MPROTECT read-only -> ok');
  qbuf(fd, 0);
  on(fd, CAP);
  fill(0, 0);
  dqbuf(fd);
  look('buffer 0', a);
  say('  MREMAP to another place -> ok');
  flags(fd, 2);
  qbuf(fd, 0);
  fill(0, 0);
  dqbuf(fd);
  look('buffer 0 at its new place', a);
  say('  MREMAP to a larger size -> EFAULT');
  flags(fd, 2);
  dqbuf(fd);
  cl(fd);
}

export function mapFork(): void {
  const fd = op(NONBLOCK);
  reqbufs(fd, 2, CAP, MMAP);
  const a = mapi(fd, 0);
  mapi(fd, 1);
  a.bytes[0] = 1;
  qbuf(fd, 0);
  qbuf(fd, 1);
  on(fd, CAP);
  const child = fork();
  inProcess(child, () => {
    say(`  CHILD: sees byte ${a.bytes[0]}`);
    a.bytes[1] = 42;
    dqbuf(fd);
    note('(that was the child)');
  });
  say(`  PARENT: byte written by the child is ${a.bytes[1]}`);
  fill(0, 0);
  dqbuf(fd);
  note('parent unmaps buffer 0, the child still has it: no effect on the stream');
  unmap(a, FS, '(buffer 0, parent)');
  flags(fd, 2);
  dqbuf(fd);
  qbuf(fd, 0);
  fill(0, 0);
  dqbuf(fd);
  look('buffer 0 in the child after the parent unmapped it', a);
  waitForExit(child);
  note('child has ended: now the last mapping of buffer 0 is gone');
  cb();
  flags(fd, 2);
  dqbuf(fd);
  cl(fd);
}

export function mapFork2(): void {
  const fd = op(NONBLOCK);
  reqbufs(fd, 2, CAP, MMAP);
  mapi(fd, 0);
  mapi(fd, 1);
  qbuf(fd, 0);
  qbuf(fd, 1);
  on(fd, CAP);
  note('a child that only exits');
  waitForExit(fork());
  cb();
  flags(fd, 2);
  dqbuf(fd);
  fill(0, 0);
  dqbuf(fd);
  note('a child queues and dequeues on the inherited handle');
  const child = fork();
  inProcess(child, () => {
    dqbuf(fd);
    qbuf(fd, 0);
    fill(0, 0);
    dqbuf(fd);
    off(fd, CAP);
  });
  waitForExit(child);
  flags(fd, 2);
  dqbuf(fd);
  cl(fd);
}

export function mapAfter(): void {
  const fd = op(NONBLOCK);
  reqbufs(fd, 2, CAP, MMAP);
  const a = mapi(fd, 0);
  mapi(fd, 1);
  qbuf(fd, 0);
  on(fd, CAP);
  fill(0, 0);
  dqbuf(fd);
  look('buffer 0', a);
  off(fd, CAP);
  look('after STREAMOFF', a);
  a.bytes[0] = 9;
  reqbufs(fd, 0, CAP, MMAP);
  look('after the refused REQBUFS(0)', a);
  qbuf(fd, 0);
  qbuf(fd, 1);
  on(fd, CAP);
  note('close with mappings left, while streaming');
  cl(fd);
  look('after close', a);
  fill(0, 0);
  look('after close and one more frame', a);
  unmap(a, FS, '(buffer 0, after close)');
  fill(0, 0);
}

export function mapReadBusy(): void {
  const fd = op(NONBLOCK);
  note('mmap while a read is going on (the read buffers are not MMAP)');
  rd(fd, 100);
  map(fd, RW, SHARED, 0, FS, '');
  flags(fd, 4);
  querybuf(fd, CAP, 0);
  cl(fd);
}

export function mapDone(): void {
  const fd = op(NONBLOCK);
  reqbufs(fd, 3, CAP, MMAP);
  const m: Pointer[] = [];
  for (let i = 0; i < 3; i++) m[i] = mapi(fd, i);
  qbuf(fd, 0);
  qbuf(fd, 1);
  qbuf(fd, 2);
  on(fd, CAP);
  fill(0, 0);
  fill(0, 0);
  note('streaming: 0 and 1 done, 2 queued. munmap of the done head 0');
  unmap(m[0] as Pointer, FS, '(buffer 0)');
  flags(fd, 3);
  pol(fd, POLLIN | POLLPRI, 0);
  dqbuf(fd);
  dqbuf(fd);
  flags(fd, 3);
  off(fd, CAP);
  flags(fd, 3);
  note('and without streaming: 1 is prepared, then unmapped');
  qbuf(fd, 1);
  unmap(m[1] as Pointer, FS, '(buffer 1)');
  flags(fd, 3);
  on(fd, CAP);
  fill(0, 0);
  dqbuf(fd);
  flags(fd, 3);
  off(fd, CAP);
  cl(fd);
}
