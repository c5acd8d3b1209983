/** Capture programs of our own against libc, without libc's dynamic loader, and without libc. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PNG } from 'pngjs';
import { type Row, rgbShowsBars } from '../support/bars.ts';
import {
  client,
  goClient,
  json,
  needs,
  type Result,
  root,
  runUsercam,
  scratch,
  staticClient,
} from '../support/door.ts';

const VGA = { width: 640, height: 480, fourcc: 'YUYV' };
const HD = { width: 1280, height: 720, fourcc: 'YUYV' };

function assertCaptured(result: Result, frames: number, format: object): void {
  assert.equal(result.stderr, '');
  const right = { frames, gaps: 0, monotonic: true, bars: true, complete: true, ...format, buffers: 4 };
  assert.deepEqual(json(result), right);
  assert.equal(result.code, 0);
}

/** No frame is lost to a program that is slow, or has no time: the camera waits for it. */
const patient = ['vivi,fps=max'];

test('capture gets 100 frames when it is linked dynamically', needs(['gcc']), async () => {
  assertCaptured(await runUsercam([client('capture')], { cameras: patient }), 100, VGA);
});

test('capture gets 100 frames when it is linked statically', needs(['gcc -static']), async () => {
  assertCaptured(await runUsercam([staticClient('capture')], { cameras: patient }), 100, VGA);
});

test('capture gets 100 frames when it asks for 1280x720', needs(['gcc']), async () => {
  const command = [client('capture'), '/dev/video0', '100', '1280', '720'];
  assertCaptured(await runUsercam(command, { cameras: patient }), 100, HD);
});

test('capture gets its frames in their order when the camera makes 30 a second', needs(['gcc']), async () => {
  const { gaps: _, ...seen } = json(await runUsercam([client('capture'), '/dev/video0', '30']));
  const right = { frames: 30, monotonic: true, bars: true, complete: true, ...VGA, buffers: 4 };
  assert.deepEqual(seen, right);
});

test('a Go program gets 30 frames when it makes its system calls itself', needs(['go']), async () => {
  const result = await runUsercam([goClient('capture')], { cameras: patient });
  assert.equal(result.stderr, '');
  assert.deepEqual(json(result), { driver: 'vivi', frames: 30, gaps: 0, width: 640, height: 480 });
  assert.equal(result.code, 0);
});

// Go registers what it opens with epoll, which starts a camera that can be read.
for (const [camera, errno] of [
  ['vivi', 'EBUSY'],
  ['vivi,read=no', '0'],
] as const)
  test(
    `os.OpenFile of Go and then REQBUFS gives ${errno} when the camera is ${camera}`,
    needs(['go']),
    async () => {
      const result = await runUsercam([goClient('openfile')], { cameras: [camera] });
      assert.equal(result.text, `${errno}\n`);
      assert.equal(result.code, 0);
    },
  );

test('poll, select and epoll see a frame come and go when a stream runs', needs(['gcc']), async () => {
  const result = await runUsercam([client('poll')]);
  assert.equal(json(result).right, true, result.text);
  assert.equal(result.code, 0);
});

function pictureRow(file: string, line: (height: number) => number): Row {
  const png = PNG.sync.read(readFileSync(file));
  return Array.from({ length: png.width }, (_, x) => {
    const at = 4 * (line(png.height) * png.width + x);
    return [png.data[at]!, png.data[at + 1]!, png.data[at + 2]!] as const;
  });
}

test('examples/capture leaves a picture of the bars when it ends', needs([]), async () => {
  const file = join(scratch(), 'frame.png');
  const example = join(root, 'dist', 'examples', 'capture.js');
  const result = await runUsercam([process.execPath, example, '--frames', '30', '--png', file]);
  assert.equal(result.code, 0, result.stderr);
  assert.ok(rgbShowsBars(pictureRow(file, (height) => height >> 1)));
  assert.ok(rgbShowsBars(pictureRow(file, (height) => height - 1)));
});
