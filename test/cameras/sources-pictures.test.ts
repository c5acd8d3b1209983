/** What a webcam shows of pictures, codes and programs, as it comes through the door. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import decodeQR from 'qr/decode.js';
import sharp from 'sharp';
import { needs, root, runUsercam, scratch } from '../support/door.ts';
import { capture, farthest, ffmpeg, frameOf, HEIGHT, WIDTH, webcam, YUYV_BYTES } from '../support/films.ts';

/** The picture of a captured frame. */
function picture(frame: Uint8Array): Uint8Array {
  const directory = scratch();
  writeFileSync(join(directory, 'frame'), frame);
  const input = [
    '-f',
    'rawvideo',
    '-pix_fmt',
    'yuyv422',
    '-s',
    `${WIDTH}x${HEIGHT}`,
    '-i',
    join(directory, 'frame'),
  ];
  return ffmpeg(...input, '-frames:v', '1', '-pix_fmt', 'rgba', '-f', 'rawvideo', 'pipe:1');
}

test('a QR code is read by a decoder, from uncompressed frames and JPEGs', needs(['ffmpeg']), async () => {
  const text = 'https://example.org/?a=b&c=d, 日本';
  const source = `qr:${text.replace(',', '\\,')}`;
  const read = (data: Uint8Array) => decodeQR({ width: WIDTH, height: HEIGHT, data });
  const raw = await capture(webcam(source, ',format=YUYV'), 2);
  assert.equal(read(picture(frameOf(raw.stdout, 1, YUYV_BYTES))), text);
  const { stdout } = await capture(webcam(source, ',format=MJPEG'), 1, 'mjpeg');
  assert.equal(read(await sharp(stdout).ensureAlpha().raw().toBuffer()), text);
});

test('a camera shows another one in whatever format and size both have', needs(['ffmpeg']), async () => {
  const read = (data: Uint8Array) => decodeQR({ width: WIDTH, height: HEIGHT, data });
  const viewer = (format: string) => webcam('camera:video1', `,format=${format}`);
  const other = (more: string) => `webcam,source=qr:Hello,fps=25,${more}`;
  const raw = await capture([viewer('YUYV'), other('format=MJPEG,size=640x480')], 3);
  assert.equal(read(picture(frameOf(raw.stdout, 2, YUYV_BYTES))), 'Hello');
  const jpeg = await capture([viewer('MJPEG'), other('format=YUYV,size=1280x720')], 1, 'mjpeg');
  assert.equal(read(await sharp(jpeg.stdout).ensureAlpha().raw().toBuffer()), 'Hello');
  const { stdout, stderr } = await capture([viewer('YUYV'), 'loopback'], 2);
  assert.match(stderr, /camera:\/dev\/video1 makes no pictures itself: name a vivi or a webcam/);
  assert.equal(stdout.length, 2 * YUYV_BYTES);
});

test(
  'pictures are shown in every format that a library reads, as it reads them',
  needs(['ffmpeg']),
  async () => {
    const directory = scratch();
    const rgb = Uint8Array.from(
      { length: WIDTH * HEIGHT * 3 },
      (_, i) => [i % 200, i % 97, (i >> 8) % 256][i % 3] as number,
    );
    const smooth = sharp(rgb, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } }).blur(8);
    for (const format of ['png', 'jpeg', 'webp'] as const) {
      const file = join(directory, `p.${format}`);
      await smooth.clone().toFormat(format).toFile(file);
      const { stdout } = await capture(webcam(file, ',format=YUYV'), 1);
      const decoded = join(directory, 'decoded');
      writeFileSync(decoded, await sharp(file).raw().toBuffer());
      const expected = ffmpeg(
        ...['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${WIDTH}x${HEIGHT}`, '-i', decoded],
        ...[
          '-vf',
          'scale=flags=accurate_rnd+full_chroma_int+area,format=yuyv422',
          '-f',
          'rawvideo',
          'pipe:1',
        ],
      );
      assert.ok(farthest(stdout, expected) <= 3, `${format}: ${farthest(stdout, expected)}`);
    }
    writeFileSync(
      join(directory, 'p.svg'),
      `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}"><rect width="100%" height="100%" fill="red"/></svg>`,
    );
    const { stdout } = await capture(webcam(join(directory, 'p.svg'), ',format=YUYV'), 1);
    assert.deepEqual([...stdout.subarray(0, 4)], [81, 90, 81, 240]);
  },
);

const scripts: Readonly<Record<string, string>> = {
  'paint.ts': `import { defineSource } from 'usercam';
    export default defineSource({ paint: ({ data }, { number }: { number: number }) => { data.fill(number * 10); } });`,
  'fill.mjs': `export default { fill: ([plane], { number }) => { plane.fill(number); } };`,
  'pictures.ts': `export default { async *pictures({ width, height }: { width: number; height: number }) {
    for (let n = 0; n < 3; n++) yield { width, height, data: new Uint8Array(width * height * 4).fill(n * 100) };
  } };`,
  'small.ts': `export default { *pictures() { yield { width: 3, height: 2, data: new Uint8Array(24) }; } };`,
  'throws.ts': `export default { paint(_: unknown, { number }: { number: number }) {
    if (number === 2) throw new Error('out of paint');
  } };`,
  'throws-nothing.ts': 'export default { paint() { throw undefined; } };',
  'prints.ts': `export default { fill: ([plane]: [Uint8Array]) => { console.log('hello'); plane.fill(1); } };`,
  'none.ts': 'export const x = 1;',
  'hangs.ts': 'export default () => { for (;;); };',
};

async function captureScript(name: string, frames: number) {
  const directory = scratch();
  const file = join(directory, name);
  writeFileSync(file, scripts[name] as string);
  return capture(webcam(file, ',format=YUYV,pace=frames'), frames);
}

test(
  'frames come from programs that paint, that fill planes, and that give pictures',
  needs(['ffmpeg']),
  async () => {
    const luma = ({ stdout }: { stdout: Uint8Array }, n: number) => stdout[n * YUYV_BYTES];
    const painted = await captureScript('paint.ts', 5);
    assert.deepEqual(
      [0, 1, 4].map((n) => luma(painted, n)),
      [16, 25, 50],
    );
    const filled = await captureScript('fill.mjs', 5);
    assert.deepEqual(
      [0, 1, 4].map((n) => luma(filled, n)),
      [0, 1, 4],
    );
    const printed = await captureScript('prints.ts', 3);
    assert.equal(printed.stdout.length, 3 * YUYV_BYTES, "standard output is the command's");
    assert.match(printed.stderr, /^hello$/m);
    const given = await captureScript('pictures.ts', 4);
    assert.deepEqual(
      [0, 1, 2].map((n) => luma(given, n)),
      [16, 102, 188],
    );
    assert.match(given.stderr, /pictures\.ts has come to its end/);
  },
);

test(
  'a program that is wrong costs nobody but its own picture, and its author reads why, once',
  needs(['ffmpeg']),
  async () => {
    const cases = [
      ['small.ts', /small\.ts gives a picture of 3x2 in 24 bytes, and the camera shows 320x240/],
      ['throws.ts', /throws\.ts cannot be shown: out of paint/],
      ['throws-nothing.ts', /throws-nothing\.ts cannot be shown: undefined, which is no Error/],
      ['none.ts', /none\.ts has no default export that is a source/],
      ['hangs.ts', /hangs\.ts gives no frames/],
    ] as const;
    for (const [name, message] of cases) {
      const { stderr } = await captureScript(name, 4);
      assert.match(stderr, message);
      assert.equal(stderr.match(/^usercam: /gm)?.length, 1, stderr);
    }
  },
);

test(
  'a source that does not come to an end delays no other camera',
  needs(['ffmpeg', 'v4l2-ctl']),
  async () => {
    const directory = scratch();
    writeFileSync(join(directory, 'hangs.ts'), scripts['hangs.ts'] as string);
    const hanging = 'ffmpeg -nostdin -loglevel error -f v4l2 -i /dev/video0 -frames:v 1 -f null -';
    const count = 'v4l2-ctl -d 1 --stream-mmap --stream-count=100 --stream-poll';
    const { code, stderr } = await runUsercam(['sh', '-c', `${hanging} & ${count}; kill $!; wait`], {
      cameras: [webcam('./hangs.ts', ',format=YUYV'), 'vivi,fps=120'],
      cwd: directory,
    });
    assert.equal(code, 0, stderr);
    assert.equal((stderr.match(/</g) ?? []).length, 100);
  },
);

test('the example paints', needs(['ffmpeg']), async () => {
  const { stdout, stderr } = await capture(
    webcam(join(root, 'examples', 'paint.ts'), ',format=YUYV,pace=frames'),
    30,
  );
  assert.doesNotMatch(stderr, /usercam/);
  const brightest = (n: number) => Math.max(...frameOf(stdout, n, YUYV_BYTES).filter((_, i) => i % 2 === 0));
  assert.ok(brightest(0) > 100, 'the ball');
  assert.notDeepEqual(frameOf(stdout, 0, YUYV_BYTES), frameOf(stdout, 29, YUYV_BYTES));
});
