import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ARCH } from '../../src/linux/arch.ts';
import { O_NONBLOCK } from '../../src/linux/constants.ts';
import { read, syscall } from '../../src/linux/libc.ts';
import { allocateNative, putCString } from '../../src/linux/native-memory.ts';
import { DevEvents } from '../../src/syscalls/watches/dev-events.ts';

const IN_MOVED = 0xc0;
const IN_CREATE = 0x100;
const IN_DELETE = 0x200;
const native = allocateNative(8192);
const root = mkdtempSync(join(tmpdir(), 'dev-events-'));
after(() => rmSync(root, { recursive: true }));

/** The masks and names that have come to a program's instance since the last time. */
function eventsOf(inotify: number): string[] {
  const events: string[] = [];
  const got = read(inotify, native.address, 4096);
  for (let at = 0; at < got; ) {
    const end = at + 16 + native.view.getUint32(at + 12, true);
    const [name] = new TextDecoder().decode(native.bytes.slice(at + 16, end)).split('\0');
    events.push(`${native.view.getUint32(at + 4, true).toString(16)} ${name}`);
    at = end;
  }
  return events;
}

test('DevEvents shows devices that come and go, and what the real directory has, under one watch', () => {
  const [real, shadow] = [join(root, 'real'), join(root, 'shadow')];
  let look = () => {};
  mkdirSync(join(shadow, 'dev'), { recursive: true });
  mkdirSync(real);
  writeFileSync(join(shadow, 'dev', 'video0'), '');
  for (const name of ['null', 'video0', 'gone']) writeFileSync(join(real, name), '');
  const mask = IN_CREATE | IN_DELETE | IN_MOVED;
  const directory = new DevEvents(
    shadow,
    (name) => name.startsWith('video'),
    (_inotify, next) => {
      look = next;
    },
    real,
  ).watch(mask);
  assert.equal(directory, join(shadow, 'dev'));
  const inotify = syscall(ARCH.nr.inotify_init1 as number, O_NONBLOCK, 0, 0, 0, 0, 0);
  const path = putCString(native, 4096, directory);
  assert.equal(syscall(ARCH.nr.inotify_add_watch as number, inotify, path, mask, 0, 0, 0), 1);
  assert.deepEqual(eventsOf(inotify), []);

  writeFileSync(join(directory, 'video1'), '');
  rmSync(join(directory, 'video1'));
  assert.deepEqual(eventsOf(inotify), ['100 video1', '200 video1']);

  writeFileSync(join(real, 'sda'), '');
  renameSync(join(real, 'null'), join(real, 'nil'));
  rmSync(join(real, 'gone'));
  rmSync(join(real, 'video0'));
  look();
  assert.deepEqual(eventsOf(inotify), ['100 sda', '40 null', '80 nil', '200 gone']);
});
