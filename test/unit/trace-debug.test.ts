import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  debugTextOf,
  debugWordsOf,
  groupsToDebug,
  parseDebug,
  type TraceRecord,
} from '../../src/trace/index.ts';

const NOTHING: TraceRecord = {
  time: 12_000_345_678,
  group: 'ioctl',
  name: 'VIDIOC_G_INPUT',
  task: undefined,
  of: 'video0',
  inside: false,
  before: undefined,
  after: undefined,
  result: 0,
  duration: undefined,
  sleep: undefined,
};
const ALL = ['ioctl', 'arg', 'fop', 'streaming', 'poll'] as const;
const line = (record: Partial<TraceRecord>, words: Parameters<typeof debugTextOf>[1] = ALL) =>
  debugTextOf({ ...NOTHING, ...record }, words);

test('an ioctl is a line with its argument as it was handed back', () => {
  const record = { before: '{value=1}', after: '{value=2}' };
  assert.equal(line(record), 'video0: VIDIOC_G_INPUT: value=2');
  assert.equal(line(record, ['ioctl']), 'video0: VIDIOC_G_INPUT');
});

test('one that fails has its error, and what it was given', () => {
  const record = { before: '{index=9, name="a"}', result: -22 };
  assert.equal(line(record), 'video0: VIDIOC_G_INPUT: error -22 (EINVAL): index=9, name="a"');
});

test('one that sleeps is told of when it is over; those of each frame only if they are asked for', () => {
  assert.equal(line({ result: undefined, sleep: 'begins' }), undefined);
  assert.equal(line({ name: 'VIDIOC_DQBUF' }, ['ioctl', 'arg']), undefined);
  assert.equal(line({ name: 'VIDIOC_DQBUF' }, ['ioctl', 'streaming']), 'video0: VIDIOC_DQBUF');
});

test('what is done with the file stands beside', () => {
  assert.equal(
    line({ group: 'open', name: 'open', before: 'O_RDWR', result: 3 }),
    'video0: open: O_RDWR (3)',
  );
  assert.equal(line({ group: 'close', name: 'release', before: '', result: undefined }), 'video0: release');
});

test('of media devices the log has nothing', () => {
  assert.equal(line({ of: 'media0', name: 'MEDIA_IOC_G_TOPOLOGY' }), undefined);
  assert.equal(line({ of: 'media0', group: 'close', name: 'release', before: '' }), undefined);
});

test('words choose what is recorded, and a wrong one is named with those that there are', () => {
  assert.deepEqual(parseDebug('poll,ioctl'), ['ioctl', 'poll']);
  assert.deepEqual(groupsToDebug(['ioctl', 'arg', 'poll']), ['ioctl', 'poll']);
  assert.throws(() => parseDebug('ioctls'), /nothing to debug called "ioctls"; there are ioctl, arg, fop/);
});

test('the bits of dev_debug are words; that of streaming adds to what is told of ioctls', () => {
  assert.deepEqual(
    [0, 1, 2, 0x0b, 8, 0x18, 0x20, 0xffff].map((mask) => debugWordsOf(mask).join()),
    ['', 'ioctl', 'arg', 'ioctl,arg,streaming', '', 'poll', '', ALL.join()],
  );
});
