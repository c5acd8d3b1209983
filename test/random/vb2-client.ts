import type { HeapDmabufs } from '../../src/memory/heap-dmabuf.ts';
import type { MappedPlane } from '../../src/memory/mem-ops.ts';
import { TestCaller, TestFile, TestMemory } from '../support/vb2-fixture.ts';

const MEMORY_SIZE = 0x2000;

/** A program: one open file, two threads, memory, descriptors, mappings. */
export class Client {
  readonly file = new TestFile();
  readonly memory = new TestMemory(MEMORY_SIZE);
  readonly threads: readonly TestCaller[];
  fds: number[] = [];
  mappings: MappedPlane[] = [];

  constructor(dmabufs: HeapDmabufs) {
    this.threads = [new TestCaller(dmabufs, this.memory), new TestCaller(dmabufs, this.memory)];
  }
}
