/** H.264 of a webcam, as programs decode it. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { needs, run, runtime, scratch, usercam } from '../support/door.ts';
import { capture, ffmpeg, frameOf, HEIGHT, makeFilm, WIDTH, webcam } from '../support/films.ts';

const FRAMES = 60;
const BYTES = (WIDTH * HEIGHT * 3) / 2;
const SPS = 7;

const h264 = (source: string) => webcam(source, ',profile=fullhd,format=H264');

/** The frames of a stream or film, as planes. */
function decode(...input: readonly string[]): Uint8Array {
  return ffmpeg(...input, '-pix_fmt', 'yuv420p', '-fps_mode', 'passthrough', '-f', 'rawvideo', 'pipe:1');
}

function decodeStream(stream: Uint8Array): Uint8Array {
  const file = join(scratch(), 'stream.h264');
  writeFileSync(file, stream);
  return decode('-f', 'h264', '-i', file);
}

/** How far samples are from each other in the middle. */
function distance(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, sample, i) => sum + Math.abs(sample - (b[i] as number)), 0) / a.length;
}

test('ffmpeg decodes every frame of a film out of H.264, in its order', needs(['ffmpeg']), async () => {
  const film = makeFilm(scratch(), FRAMES);
  const { stdout } = await capture(h264(film), FRAMES, 'h264');
  assert.equal((stdout[4] as number) & 0x1f, SPS, 'it begins with parameters');
  const [seen, shown] = [decodeStream(stdout), decode('-i', film)];
  assert.equal(seen.length, FRAMES * BYTES);
  for (let n = 0; n < FRAMES; n++) {
    const frame = frameOf(seen, n, BYTES);
    assert.ok(distance(frame, frameOf(shown, n, BYTES)) < 3, `frame ${n}`);
    if (n > 0)
      assert.ok(distance(frame, frameOf(shown, n - 1, BYTES)) > 0.1, `frame ${n} is not the one before`);
  }
});

test(
  'H.264 of patterns and codes, and what stands in for a film that is none',
  needs(['ffmpeg']),
  async () => {
    const luma = async (source: string) => {
      const { stdout, stderr } = await capture(h264(source), 3, 'h264');
      const frames = decodeStream(stdout);
      assert.equal(frames.length, 3 * BYTES, source);
      const row = frameOf(frames, 2, BYTES).subarray((HEIGHT / 2) * WIDTH, (HEIGHT / 2 + 1) * WIDTH);
      return { row, stderr };
    };
    const red = await luma('pattern:red');
    assert.ok(
      red.row.every((sample) => Math.abs(sample - 81) <= 3),
      `${red.row}`,
    );
    const code = await luma('qr:Hello');
    assert.ok(code.row.includes(16) && code.row.some((sample) => sample > 230));
    const none = join(scratch(), 'none.mp4');
    writeFileSync(none, 'no film');
    const bars = await luma(none);
    assert.match(bars.stderr, /none\.mp4 cannot be shown: /);
    assert.ok(new Set(bars.row).size >= 6, 'bars');
  },
);

test('without ffmpeg a webcam has no H.264, and says so to who asks', needs(['v4l2-ctl']), async () => {
  const words = ['run', '-v', '--replace', '--camera', 'webcam,profile=fullhd'];
  const command = [runtime, usercam, ...words, '--', '/usr/bin/v4l2-ctl', '--list-formats'];
  const { text, stderr } = await run(['env', 'PATH=/nowhere', ...command]);
  assert.deepEqual(text.match(/'[A-Z0-9]{4}'/g), ["'YUYV'", "'MJPG'"]);
  assert.match(stderr, /webcam-000: it has no H264 here, as ffmpeg is not installed: apt-get install ffmpeg/);
});
