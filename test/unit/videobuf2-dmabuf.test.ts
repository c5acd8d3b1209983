/** Buffers that come as descriptors, and buffers that go as such. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  V4L2_BUF_FLAG_MAPPED,
  V4L2_MEMORY_DMABUF,
  type v4l2_buffer,
  v4l2_exportbuffer,
} from '../../src/abi/index.ts';
import { EFAULT, EINVAL, EIO, EMFILE, Errno } from '../../src/base/errno.ts';
import { HeapDmabufs } from '../../src/memory/heap-dmabuf.ts';
import { vmallocMemOps } from '../../src/memory/vmalloc.ts';
import { MAP_SHARED, PROT_READ, PROT_WRITE } from '../../src/vfs/file.ts';
import { vb2Expbuf, vb2FopRelease, vb2Mmap, vb2PrepareBuf, vb2Qbuf } from '../../src/videobuf2/index.ts';
import { Bench, type BenchOptions, FRAME, fails, withoutBugs } from '../support/vb2-fixture.ts';

/** A queue that imports, and a program with descriptors of two pieces of memory. */
function importing(options: BenchOptions = {}, dmabufs = new HeapDmabufs()) {
  const bench = new Bench({ dmabufs, memory: V4L2_MEMORY_DMABUF, ...options });
  bench.reqbufs(2);
  const memories = [new Uint8Array(FRAME), new Uint8Array(FRAME + 100)] as const;
  const fds = memories.map((bytes) => dmabufs.descriptorOf(bytes));
  const state = () => [dmabufs.attachments, dmabufs.mappings, dmabufs.openFds - dmabufs.attachments];
  return { bench, dmabufs, memories, fds: fds as [number, number], state };
}

function named(bench: Bench, fd: number, length = 0): v4l2_buffer {
  const b = bench.buf(0);
  b.m.fd = fd;
  b.length = length;
  return b;
}

function qbuf(bench: Bench, fd: number, length = 0): v4l2_buffer {
  const b = named(bench, fd, length);
  vb2Qbuf(bench.q, bench.file, b, bench.caller);
  return b;
}

function again(bench: Bench): void {
  if (!bench.q.isStreaming()) bench.streamon();
  bench.device.complete();
  bench.dqbuf();
}

describe('QBUF of a descriptor', () => {
  it('tells the descriptor, and the length of the memory when the program gave none', () => {
    const { bench, fds, state } = importing();
    const b = qbuf(bench, fds[1]);
    assert.deepEqual([b.m.fd, b.length], [fds[1], FRAME + 100]);
    assert.deepEqual(state(), [1, 1, 2]);
  });

  it('shows descriptor 0 before there is one', () => {
    const { bench } = importing();
    assert.equal(bench.querybuf(0).m.fd, 0);
  });

  it('makes the driver write into the memory itself', () => {
    const { bench, fds, memories } = importing();
    qbuf(bench, fds[0]);
    bench.vb(0).planeVaddr(0)[5] = 77;
    assert.equal(memories[0][5], 77);
  });

  const rows: readonly (readonly [string, number, number, number])[] = [
    ['the descriptor is not open', 0xdead, 0, EINVAL],
    ['the descriptor is -1', -1, 0, EINVAL],
    ['the length is smaller than the plane', 1000, FRAME - 1, EINVAL],
    ['the length is larger than the memory', 1000, FRAME + 1, EFAULT],
  ];
  for (const [when, fd, length, code] of rows) {
    it(`fails when ${when}, for PREPARE_BUF too, and keeps nothing`, () => {
      const { bench, state } = importing();
      fails(code, () => qbuf(bench, fd, length));
      fails(code, () => vb2PrepareBuf(bench.q, bench.file, named(bench, fd, length), bench.caller));
      assert.deepEqual(state(), [0, 0, 2]);
      assert.equal(bench.vb(0).state, 'DEQUEUED');
    });
  }

  it('fails with EINVAL when the memory is smaller than the plane', () => {
    const { bench, dmabufs } = importing();
    fails(EINVAL, () => qbuf(bench, dmabufs.descriptorOf(new Uint8Array(FRAME - 1))));
    assert.equal(dmabufs.attachments, 0);
  });

  it('attaches once when the same memory comes again, under whatever number', () => {
    const { bench, dmabufs, fds } = importing();
    qbuf(bench, fds[0]);
    const attached = bench.vb(0).planes[0]?.memPriv;
    for (const fd of [fds[0], dmabufs.dup(fds[0])]) {
      again(bench);
      assert.equal(qbuf(bench, fd).m.fd, fd);
      assert.equal(bench.vb(0).planes[0]?.memPriv, attached);
    }
    assert.deepEqual(
      bench.device.log.filter((line) => line.startsWith('bufInit')),
      ['bufInit 0'],
    );
  });

  it('lets the old memory go when other memory comes', () => {
    const { bench, fds, state } = importing();
    qbuf(bench, fds[0]);
    again(bench);
    qbuf(bench, fds[1]);
    assert.deepEqual(state(), [1, 1, 2]);
    assert.equal(bench.vb(0).planeSize(0), FRAME + 100);
    assert.ok(bench.device.log.includes('bufCleanup 0'));
  });

  it('ignores the descriptor when the buffer is prepared, and says which it was', () => {
    const { bench, fds } = importing();
    vb2PrepareBuf(bench.q, bench.file, named(bench, fds[0]), bench.caller);
    assert.equal(qbuf(bench, -1).m.fd, fds[0]);
  });

  for (const op of ['attachDmabuf', 'mapDmabuf'] as const) {
    it(`keeps nothing when ${op} fails, and works the next time`, () => {
      let failing = true;
      const dmabufs = new HeapDmabufs();
      const real = vmallocMemOps(dmabufs);
      const memOps = {
        [op]: (...args: unknown[]) => {
          if (failing) throw new Errno(EIO, 'injected');
          return (real[op] as (...all: unknown[]) => unknown)(...args);
        },
      };
      const { bench, fds, state } = importing({ memOps }, dmabufs);
      withoutBugs(() => fails(EIO, () => qbuf(bench, fds[0])));
      assert.deepEqual(state(), [0, 0, 2]);
      failing = false;
      qbuf(bench, fds[0]);
      assert.deepEqual(state(), [1, 1, 2]);
      withoutBugs(() => bench.reqbufs(0));
      assert.deepEqual(state(), [0, 0, 2]);
    });
  }

  it('detaches and unmaps when the file is closed while streaming', () => {
    const { bench, fds, state } = importing();
    qbuf(bench, fds[0]);
    bench.streamon();
    withoutBugs(() => vb2FopRelease(bench.q, bench.file));
    assert.deepEqual(state(), [0, 0, 2]);
  });
});

function expbuf(bench: Bench, index = 0): number {
  const exp = v4l2_exportbuffer.make();
  Object.assign(exp, { type: bench.type, index });
  vb2Expbuf(bench.q, bench.file, exp, bench.caller);
  return exp.fd;
}

function exporting(options: BenchOptions = {}) {
  const dmabufs = new HeapDmabufs();
  const bench = new Bench({ dmabufs, ...options });
  bench.reqbufs(2);
  return { bench, dmabufs };
}

/** What a program finds that maps descriptor `fd` at offset 0. */
function behind(dmabufs: HeapDmabufs, fd: number): Uint8Array {
  const mapping = dmabufs.map(fd, FRAME);
  assert.ok(mapping);
  return mapping.bytes;
}

function mmap(bench: Bench, index = 0) {
  const request = {
    offset: index << 15,
    length: FRAME,
    prot: PROT_READ | PROT_WRITE,
    flags: MAP_SHARED,
  };
  return vb2Mmap(bench.q, request);
}

describe('EXPBUF', () => {
  it('gives the program a descriptor of its own, and keeps none', () => {
    const { bench, dmabufs } = exporting();
    const fds = [expbuf(bench), expbuf(bench)];
    assert.notEqual(fds[0], fds[1]);
    assert.equal(dmabufs.openFds, 2);
    behind(dmabufs, fds[0] as number)[3] = 33;
    assert.equal(behind(dmabufs, fds[1] as number)[3], 33);
  });

  it('closes its own descriptor when the program has no room for one', () => {
    const { bench, dmabufs } = exporting();
    const installFd = () => {
      throw new Errno(EMFILE);
    };
    Object.assign(bench.caller, { installFd });
    fails(EMFILE, () => expbuf(bench));
    assert.equal(dmabufs.openFds, 0);
  });

  it('shows the buffer as mapped from then on', () => {
    const { bench } = exporting();
    assert.equal(bench.querybuf().flags & V4L2_BUF_FLAG_MAPPED, 0);
    expbuf(bench);
    assert.notEqual(bench.querybuf().flags & V4L2_BUF_FLAG_MAPPED, 0);
  });

  it('makes frames appear behind the descriptor and in the mapping alike', () => {
    const { bench, dmabufs } = exporting();
    const mapped = mmap(bench).bytes;
    const exported = behind(dmabufs, expbuf(bench));
    bench.qbuf(0);
    bench.streamon();
    bench.vb(0).planeVaddr(0).fill(9);
    bench.device.complete();
    assert.deepEqual([mapped[0], mapped[FRAME - 1]], [9, 9]);
    assert.deepEqual([exported[0], exported[FRAME - 1]], [9, 9]);
  });

  it('keeps what is in the buffer', () => {
    const { bench, dmabufs } = exporting();
    mmap(bench).bytes.fill(3);
    assert.ok(behind(dmabufs, expbuf(bench)).every((byte) => byte === 3));
  });

  it('loses no frame when the driver has the buffer meanwhile', () => {
    const { bench, dmabufs } = exporting();
    bench.qbuf(0);
    bench.streamon();
    const held = bench.vb(0).planeVaddr(0);
    const exported = behind(dmabufs, expbuf(bench));
    assert.equal(bench.vb(0).planeVaddr(0), held, 'the driver works on what it has');
    held.fill(8);
    bench.device.complete();
    assert.equal(exported[FRAME - 1], 8);
    bench.dqbuf();
    bench.qbuf(0);
    bench.vb(0).planeVaddr(0).fill(4);
    bench.device.complete();
    assert.equal(exported[0], 4);
  });

  it('brings together what a program wrote through either way when the queue is for output', () => {
    const { bench, dmabufs } = exporting({ output: true });
    const exported = behind(dmabufs, expbuf(bench));
    const mapped = mmap(bench).bytes;
    for (const [index, value] of [
      [0, 1],
      [1, 2],
    ] as const) {
      mapped[index * 8] = value;
      exported[FRAME - 1 - index * 8] = value;
      bench.qbuf(0);
      const seen = bench.vb(0).planeVaddr(0);
      assert.deepEqual([seen[index * 8], seen[FRAME - 1 - index * 8]], [value, value]);
      bench.streamoff();
    }
  });

  it('frees both copies when the buffer goes', () => {
    const { bench, dmabufs } = exporting();
    expbuf(bench);
    assert.equal(dmabufs.allocations, 3);
    withoutBugs(() => bench.reqbufs(0));
    assert.equal(dmabufs.allocations, 0);
  });

  it('gives what another queue can import, and both then work on the same memory', () => {
    const { bench: source, dmabufs } = exporting();
    const fd = expbuf(source);
    const target = new Bench({ dmabufs, memory: V4L2_MEMORY_DMABUF, output: true });
    target.reqbufs(1);
    source.qbuf(0);
    source.streamon();
    source.vb(0).planeVaddr(0).fill(6);
    source.device.complete();
    const b = target.buf(0);
    b.m.fd = fd;
    b.bytesused = FRAME;
    vb2Qbuf(target.q, target.file, b, target.caller);
    assert.equal(target.vb(0).planeVaddr(0)[FRAME - 1], 6);
  });
});
