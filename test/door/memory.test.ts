/** Where frames may lie: buffers of the camera, memory of the program, buffers of another device. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Camera } from '../../src/index.ts';
import { checkYuyv } from '../support/bars.ts';
import { client, json, needs, type Result, runUsercam, scratch } from '../support/door.ts';
import { startSession } from '../support/library.ts';

const VGA = 2 * 640 * 480;
const BACK_ENDS = ['vmalloc', 'dma-contig', 'dma-sg'];
const format = '--set-fmt-video=width=640,height=480,pixelformat=YUYV';

function assertBars(bytes: Uint8Array, frames: number): void {
  assert.deepEqual(checkYuyv(bytes, 640, 480), { frames, wrong: [] });
}

function assertRight(result: Result): void {
  assert.equal(result.stderr, '');
  assert.equal(json(result).wrong, 0);
  assert.equal(result.code, 0);
}

for (const memory of BACK_ENDS)
  test(`USERPTR writes the frame and no byte more when memory=${memory}`, needs(['gcc']), async () => {
    assertRight(await runUsercam([client('userptr')], { cameras: [`vivi,fps=max,memory=${memory}`] }));
  });

test('USERPTR of an output takes memory that a program may only read', needs(['gcc']), async () => {
  assertRight(
    await runUsercam([client('constant'), '/dev/video0', '/dev/video1'], { cameras: ['loopback'] }),
  );
  assertRight(await runUsercam([client('constant'), '/dev/video0'], { cameras: ['m2m'] }));
});

test('USERPTR never writes into the program that is executed next', needs(['gcc']), async () => {
  assertRight(await runUsercam([client('userptr-exec')], { cameras: ['vivi,fps=10'] }));
});

for (const memory of BACK_ENDS)
  test(`EXPBUF and DMABUF share frames when memory=${memory}`, needs(['gcc']), async () => {
    const camera = `vivi,fps=max,memory=${memory}`;
    assertRight(await runUsercam([client('dmabuf')], { cameras: [camera, camera, 'vivi'] }));
  });

for (const memory of BACK_ENDS)
  test(`a buffer is MAPPED while somebody has it when memory=${memory}`, needs(['gcc']), async () => {
    assertRight(await runUsercam([client('mapped')], { cameras: [`vivi,memory=${memory}`] }));
  });

test('DMABUF fills a file when it is as large as a frame', needs(['gcc']), async () => {
  assertRight(await runUsercam([client('dmabuf'), 'file']));
});

test('DMABUF harms nobody else when a program takes the pages away', needs(['gcc']), async () => {
  assertRight(await runUsercam([client('dmabuf'), 'truncate']));
});

const captures: Readonly<Record<string, readonly string[]>> = {
  '--stream-user': ['--stream-user'],
  '--stream-user --stream-poll': ['--stream-user', '--stream-poll'],
  '--stream-dmabuf': ['--stream-dmabuf', '--export-device', '/dev/video1'],
};

for (const [name, options] of Object.entries(captures))
  test(`v4l2-ctl ${name} saves 60 frames of bars`, needs(['v4l2-ctl']), async () => {
    const file = join(scratch(), 'frames.yuyv');
    const command = ['v4l2-ctl', format, ...options, '--stream-count=60', `--stream-to=${file}`];
    const result = await runUsercam(command, { cameras: ['vivi,fps=max', 'vivi'] });
    assert.equal(result.code, 0, result.stderr);
    assert.doesNotMatch(result.stderr, /dropped/);
    assertBars(readFileSync(file), 60);
  });

/** Frames that are unlike all the others. */
function differentFrames(bytes: Uint8Array): number {
  const count = bytes.length / VGA;
  const frames = Array.from({ length: count }, (_, n) =>
    Buffer.from(bytes.subarray(n * VGA, (n + 1) * VGA)).toString('latin1'),
  );
  return new Set(frames).size;
}

/** 60 frames that come out of the last camera, a loopback, while `producer` streams into it. */
async function readFrom(
  cameras: readonly string[],
  producer: readonly [string, ...string[]],
): Promise<Buffer> {
  const file = join(scratch(), 'frames.yuyv');
  await using session = await startSession({ cameras, replace: true });
  const loopback = session.cameras.at(-1) as Camera;
  const [name, ...words] = producer;
  session.spawn(name, words, { stdio: 'ignore' });
  await loopback.streaming();
  const options = ['-d', loopback.nodes[1] as string, '--stream-mmap', '--stream-count=60'];
  const reader = session.spawn('v4l2-ctl', [...options, `--stream-to=${file}`], { stdio: 'ignore' });
  const code = await new Promise((resolve) => reader.on('exit', resolve));
  assert.equal(code, 0);
  return readFileSync(file);
}

const outputs: Readonly<Record<string, readonly string[]>> = {
  '--stream-out-mmap': ['--stream-out-mmap'],
  '--stream-out-user': ['--stream-out-user'],
};

for (const [name, options] of Object.entries(outputs))
  test(`v4l2-ctl ${name} reaches the reader of a loopback`, needs(['v4l2-ctl']), async () => {
    const producer = ['-d', '/dev/video0', '--stream-out-pattern=7', ...options];
    const bytes = await readFrom(['loopback,fps=60'], ['v4l2-ctl', ...producer]);
    assert.equal(bytes.length, 60 * VGA);
    // Without a producer there would be bars.
    assert.deepEqual(checkYuyv(bytes.subarray(59 * VGA), 640, 480), { frames: 1, wrong: [0] });
  });

const caps = 'video/x-raw,format=YUY2,width=640,height=480';

for (const mode of ['rw', 'mmap', 'dmabuf'])
  test(`GStreamer v4l2src saves 30 frames of bars when io-mode=${mode}`, needs(['gstreamer']), async () => {
    const file = join(scratch(), 'frames.yuyv');
    const source = ['v4l2src', 'num-buffers=30', `io-mode=${mode}`];
    const pipeline = [...source, '!', caps, '!', 'filesink', `location=${file}`];
    const result = await runUsercam(['gst-launch-1.0', ...pipeline]);
    assert.equal(result.code, 0, result.stderr);
    assert.doesNotMatch(result.text, /ERROR|WARNING/);
    assertBars(readFileSync(file), 30);
  });

for (const [source, sink] of [
  ['userptr', 'mmap'],
  ['dmabuf', 'dmabuf-import'],
  ['dmabuf-import', 'dmabuf'],
] as const)
  test(
    `GStreamer hands frames on when v4l2src io-mode=${source} and v4l2sink io-mode=${sink}`,
    needs(['gstreamer', 'v4l2-ctl']),
    async () => {
      const sinkWords = ['v4l2sink', 'device=/dev/video1', `io-mode=${sink}`];
      const pipeline = ['v4l2src', `io-mode=${source}`, '!', caps, '!', ...sinkWords];
      const bytes = await readFrom(['vivi,fps=60', 'loopback'], ['gst-launch-1.0', ...pipeline]);
      assertBars(bytes, 60);
      assert.ok(differentFrames(bytes) > 10, `${differentFrames(bytes)} different frames`);
    },
  );
