import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { TraceOutput } from '../../src/cli/trace-output.ts';
import type { TraceRecord } from '../../src/trace/index.ts';

const ioctl = (name: string): TraceRecord => ({
  time: 12_000_345_678,
  group: 'ioctl',
  name,
  task: undefined,
  of: 'video0',
  inside: false,
  before: undefined,
  after: undefined,
  result: 0,
  duration: undefined,
  sleep: undefined,
});

test('the trace goes on after records of which nothing is written', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'trace-output-'));
  const path = join(directory, 'log');
  const fd = openSync(path, 'w');
  try {
    const output = new TraceOutput(undefined, ['ioctl'], fd);
    output.add([ioctl('VIDIOC_DQBUF')]);
    output.add([ioctl('VIDIOC_STREAMOFF')]);
    await output.finish();
    output.add([ioctl('VIDIOC_REQBUFS')]);
    await output.finish();
    assert.equal(readFileSync(path, 'utf8'), 'video0: VIDIOC_STREAMOFF\nvideo0: VIDIOC_REQBUFS\n');
  } finally {
    closeSync(fd);
    rmSync(directory, { recursive: true });
  }
});
