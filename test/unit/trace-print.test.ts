import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonOf, parseGroups, TRACE_GROUPS, type TraceRecord, textOf } from '../../src/trace/index.ts';

const TASK = { pid: 77, tid: 77, comm: 'camera' };

const NOTHING: TraceRecord = {
  time: 12_000_345_678,
  group: 'ioctl',
  name: 'VIDIOC_QBUF',
  task: TASK,
  of: 'video0',
  inside: false,
  before: undefined,
  after: undefined,
  result: undefined,
  duration: undefined,
  sleep: undefined,
};

const text = (record: Partial<TraceRecord>) => textOf({ ...NOTHING, ...record });

test('an ioctl is a line like one of strace, with what has changed behind the arrow', () => {
  const before = '{index=1, flags=0x0, m={offset=0x0}, timecode={type=0, userbits=[0 × 4]}, name="a, {b"}';
  const after =
    '{index=1, flags=0x2003, m={offset=0x8000}, timecode={type=0, userbits=[0 × 4]}, name="a, {b"}';
  assert.equal(
    text({ before, after, result: 0, duration: 12_345 }),
    '12.000346 camera[77] video0: VIDIOC_QBUF {index=1, flags=0x0, m={offset=0x0}, name="a, {b"} → {flags=0x2003, m={offset=0x8000}} = 0 <0.000012>',
  );
});

test('an ioctl that changes nothing, one that only answers, and one that fails', () => {
  const one = '{value=1}';
  assert.match(text({ before: one, after: one, result: 0 }), /: VIDIOC_QBUF \{value=1\} = 0$/);
  assert.match(text({ after: one, result: 0 }), /: VIDIOC_QBUF \{value=1\} = 0$/);
  assert.match(text({ before: one, result: -22 }), /: VIDIOC_QBUF \{value=1\} = -1 EINVAL$/);
  assert.match(text({ result: -512 }), /: VIDIOC_QBUF = -1 ERESTARTSYS$/);
});

test('an argument with an array is shown whole', () => {
  const after = '{length=1} [{bytesused=1}]';
  assert.match(
    text({ before: '{length=1} [{bytesused=0}]', after }),
    /bytesused=0\}\] → \{length=1\} \[\{bytes/,
  );
});

test('a call that sleeps is unfinished, and resumed', () => {
  assert.match(
    text({ before: '{index=0}', sleep: 'begins' }),
    /VIDIOC_QBUF \{index=0\} <unfinished \.\.\.>$/,
  );
  assert.match(
    text({ after: '{index=2}', result: 0, duration: 1e9, sleep: 'over' }),
    /<\.\.\. VIDIOC_QBUF resumed> \{index=2\} = 0 <1\.000000>$/,
  );
});

test('steps stand indented; a thread is named when it is not the first one; nobody is a dash', () => {
  const step = { group: 'vb2', name: 'vb2_qbuf', of: 'vivi', before: 'index=0' } as const;
  assert.equal(text({ ...step, inside: true }), '12.000346     vivi: vb2_qbuf index=0');
  assert.equal(text({ ...step, task: undefined }), '12.000346 - vivi: vb2_qbuf index=0');
  assert.equal(
    text({ group: 'open', name: 'open', before: 'O_RDWR', result: 3, task: { ...TASK, tid: 78 } }),
    '12.000346 camera[77:78] video0: open(O_RDWR) = 3',
  );
  assert.match(text({ task: { ...TASK, comm: 'a\x1b[2J\n' } }), / a\?\[2J\?\[77\] video0/);
  assert.match(text({ group: 'poll', name: 'poll', before: '0 → POLLIN' }), /video0: poll 0 → POLLIN$/);
});

test('JSON has all that is known, and nothing else', () => {
  const record: TraceRecord = { ...NOTHING, before: '{index=0}', result: -22, duration: 12_345 };
  assert.deepEqual(JSON.parse(jsonOf(record)), {
    time: 12.000345678,
    pid: 77,
    tid: 77,
    comm: 'camera',
    group: 'ioctl',
    name: 'VIDIOC_QBUF',
    device: 'video0',
    before: '{index=0}',
    result: -22,
    error: 'EINVAL',
    duration: 0.000012345,
  });
  const step = { ...NOTHING, group: 'vb2', of: 'vivi', inside: true, task: undefined } as const;
  assert.deepEqual(JSON.parse(jsonOf(step)), {
    time: 12.000345678,
    group: 'vb2',
    name: 'VIDIOC_QBUF',
    queue: 'vivi',
    inside: true,
  });
});

test('groups are chosen by name; one that does not exist is told with all that do', () => {
  assert.deepEqual(parseGroups('vb2,ioctl'), ['ioctl', 'vb2']);
  assert.deepEqual(parseGroups(TRACE_GROUPS.join(',')), TRACE_GROUPS);
  for (const wrong of ['v4l2-ctl', 'ioctl,', ''])
    assert.throws(
      () => parseGroups(wrong),
      /^RangeError: there is no trace group ".*"; there are ioctl, vb2, open, mmap, poll and close/,
    );
});
