/** Films, and what comes of them through the door. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { runUsercam } from './door.ts';

export const WIDTH = 320;
export const HEIGHT = 240;
export const YUYV_BYTES = WIDTH * HEIGHT * 2;

/** Runs ffmpeg and gives what it writes. */
export function ffmpeg(...args: readonly string[]): Uint8Array {
  const options = { maxBuffer: 2 ** 30 };
  const { status, stdout, stderr } = spawnSync(
    'ffmpeg',
    ['-nostdin', '-loglevel', 'error', ...args],
    options,
  );
  assert.equal(status, 0, String(stderr));
  return stdout;
}

/** A film of `frames` different frames at 25 frames a second. */
export function makeFilm(directory: string, frames: number, name = 'film.mkv'): string {
  const file = join(directory, name);
  const source = `testsrc2=size=${WIDTH}x${HEIGHT}:rate=25,format=yuv420p`;
  ffmpeg('-f', 'lavfi', '-i', source, '-frames:v', String(frames), '-c:v', 'mpeg4', '-q:v', '3', file);
  return file;
}

export const webcam = (source: string, more = '') =>
  `webcam,source=${source},size=${WIDTH}x${HEIGHT},fps=25${more}`;

/** What ffmpeg captures from the first camera, packet by packet: no frame of it is made up or left out. */
export async function capture(
  camera: string | readonly string[],
  frames: number,
  format = 'yuyv422',
  env = {},
) {
  const input = ['-f', 'v4l2', '-input_format', format, '-video_size', `${WIDTH}x${HEIGHT}`];
  const output = ['-frames:v', String(frames), '-c:v', 'copy', '-f', 'rawvideo', 'pipe:1'];
  const command = ['ffmpeg', '-nostdin', '-loglevel', 'error', ...input, '-i', '/dev/video0', ...output];
  const { code, stdout, stderr } = await runUsercam(command, { cameras: [camera].flat(), env });
  assert.equal(code, 0, stderr);
  return { stdout, stderr };
}

export const frameOf = (frames: Uint8Array, n: number, bytes: number) =>
  frames.subarray(n * bytes, (n + 1) * bytes);

export function farthest(a: Uint8Array, b: Uint8Array): number {
  assert.equal(a.length, b.length);
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - (b[i] as number))), 0);
}
