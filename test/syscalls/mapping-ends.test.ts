import assert from 'node:assert/strict';
import { test } from 'node:test';
import { O_RDWR } from '../../src/linux/constants.ts';
import { close, memfdCreate, open } from '../../src/linux/libc.ts';
import { waitReadable } from '../../src/linux/wait-readable.ts';
import { MappingEnds } from '../../src/syscalls/files/mapping-ends.ts';

/** More than the kernel queues for one instance of inotify. */
const MANY = 20_000;

test('MappingEnds misses no end when more come at once than the kernel queues', () => {
  const looks = new Map<number, () => void>();
  const ends = new MappingEnds((inotify, look) => looks.set(inotify, look));
  const ended = new Uint8Array(MANY);
  for (let i = 0; i < MANY; i++) {
    const made = memfdCreate('mapped', 0);
    // Of the close of what is not opened by a name nobody is told.
    const fd = open(`/proc/self/fd/${made}`, O_RDWR);
    close(made);
    ends.watch(fd, () => {
      ended[i] = (ended[i] as number) + 1;
    });
    close(fd);
  }
  for (const [inotify, look] of looks) {
    while (waitReadable([inotify], 0)[0]) look();
    close(inotify);
  }
  assert.equal(ended.filter((count) => count === 1).length, MANY);
});
