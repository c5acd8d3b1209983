/** What the controls of a webcam make of its picture, in frames and in JPEGs. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { needs, runUsercam, scratch } from '../support/door.ts';
import { ffmpeg, frameOf, HEIGHT, WIDTH, webcam } from '../support/films.ts';
import { startSession } from '../support/library.ts';
import { Receiver } from '../support/receiver.ts';

type Color = readonly [r: number, g: number, b: number];

/** Of the quarters: above on the left, on the right, below on the left, on the right. */
const quarters: readonly Color[] = [
  [100, 100, 100],
  [60, 120, 90],
  [30, 60, 90],
  [150, 90, 30],
];

const rgb = Uint8Array.from({ length: WIDTH * HEIGHT * 3 }, (_, i) => {
  const pixel = Math.floor(i / 3);
  const quarter = Number(pixel >= (WIDTH * HEIGHT) / 2) * 2 + Number(pixel % WIDTH >= WIDTH / 2);
  return quarters[quarter]?.[i % 3] as number;
});

/** The same picture as each kind of source. */
async function sourcesIn(directory: string): Promise<readonly string[]> {
  const [still, film, script] = ['p.png', 'p.mkv', 'p.mjs'].map((name) => join(directory, name)) as [
    ...[string, string, string],
  ];
  await sharp(rgb, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } }).toFile(still);
  ffmpeg('-loop', '1', '-i', still, '-frames:v', '25', '-c:v', 'ffv1', film);
  writeFileSync(
    script,
    `export default ({ data, width, height }) => {
      const colors = ${JSON.stringify(quarters)};
      for (let y = 0, at = 0; y < height; y++)
        for (let x = 0; x < width; x++, at += 4)
          data.set(colors[Number(2 * y >= height) * 2 + Number(2 * x >= width)], at);
    };`,
  );
  return [still, film, script];
}

/** Made once: nobody changes them. */
let made: Promise<readonly string[]> | undefined;
const allSources = (): Promise<readonly string[]> => {
  made ??= sourcesIn(scratch());
  return made;
};

/** Frames as pictures have them, one after the other, each some frames after controls were set. */
async function picturesOf(
  camera: string,
  format: 'yuyv422' | 'mjpeg' | 'h264',
  controls: readonly string[],
): Promise<readonly Uint8Array[]> {
  const input = `-f v4l2 -input_format ${format} -video_size ${WIDTH}x${HEIGHT} -i /dev/video0`;
  const take = `ffmpeg -nostdin -loglevel error ${input} -frames:v 1 -pix_fmt rgb24 -f rawvideo pipe:1`;
  const script = `for controls; do v4l2-ctl -d 0 --set-ctrl=$controls && ${take} || exit; done`;
  for (;;) {
    const { code, stdout, stderr } = await runUsercam(['sh', '-c', script, 'sh', ...controls], {
      cameras: [camera],
    });
    assert.equal(code, 0, stderr);
    // One was the placeholder, as the machine is busy.
    if (/gives no frames/.test(stderr)) continue;
    assert.equal(stdout.length, controls.length * rgb.length);
    return controls.map((_, i) => frameOf(stdout, i, rgb.length));
  }
}

async function pictureOf(
  camera: string,
  format: 'yuyv422' | 'mjpeg' | 'h264',
  controls: string,
): Promise<Uint8Array> {
  const [picture] = await picturesOf(camera, format, [controls]);
  return picture as Uint8Array;
}

/** Every pixel is of this colour, as near as a JPEG and limited range have it. */
function assertColor(picture: Uint8Array, color: Color, what: string): void {
  assert.equal(picture.length, rgb.length);
  const far = picture.reduce(
    (worst, value, i) => Math.max(worst, Math.abs(value - (color[i % 3] as number))),
    0,
  );
  assert.ok(far <= 6, `${what}: ${far} from ${color.join(' ')}, begins ${picture.subarray(0, 3).join(' ')}`);
}

const NEEDED = needs(['ffmpeg', 'v4l2-ctl']);
const CORNER = 'zoom_absolute=200,pan_absolute=36000,tilt_absolute=36000';

test('a webcam that has zoomed in shows a part of its source, also in JPEGs', NEEDED, async () => {
  for (const source of await allSources())
    for (const format of ['yuyv422', 'mjpeg'] as const) {
      const picture = await pictureOf(webcam(source, ',profile=usb3'), format, CORNER);
      assertColor(picture, quarters[1] as Color, `${source} in ${format}`);
    }
  const [still] = await allSources();
  const picture = await pictureOf(webcam(still as string, ',profile=fullhd'), 'h264', CORNER);
  assertColor(picture, quarters[1] as Color, 'in H.264');
});

test('brightness, contrast and saturation are seen, also in JPEGs', NEEDED, async () => {
  const [r, g, b] = quarters[1] as Color;
  const luma = Math.round(0.299 * r + 0.587 * g + 0.114 * b);
  const expected: readonly (readonly [control: string, color: Color])[] = [
    ['brightness=160,contrast=128,saturation=128', [r + 32, g + 32, b + 32]],
    ['brightness=128,contrast=64,saturation=128', [r / 2, g / 2, b / 2]],
    ['brightness=128,contrast=128,saturation=0', [luma, luma, luma]],
  ];
  const controls = expected.map(([control]) => `${CORNER},${control}`);
  for (const source of (await allSources()).slice(0, 2))
    for (const format of ['yuyv422', 'mjpeg'] as const) {
      const pictures = await picturesOf(webcam(source, ',profile=usb3'), format, controls);
      for (const [i, [control, color]] of expected.entries())
        assertColor(pictures[i] as Uint8Array, color, `${control} of ${source} in ${format}`);
    }
});

test('a pattern is seen so too', NEEDED, async () => {
  for (const format of ['yuyv422', 'mjpeg', 'h264'] as const) {
    const dark = await pictureOf(webcam('pattern:white', ',profile=fullhd'), format, 'contrast=64');
    assertColor(dark, [128, 128, 128], format);
  }
});

for (const source of ['qr:Hello', 'pattern:bars'])
  test(
    `${source} as JPEGs: a control that is set while a program streams is seen`,
    needs(['gcc']),
    async () => {
      await using session = await startSession({
        cameras: [webcam(source, ',profile=usb3,format=MJPEG')],
        replace: true,
      });
      const [camera] = session.cameras;
      const program = new Receiver(session, 'deaf');
      // Darker, so shorter.
      const { bytes } = await program.frame();
      await camera?.set({ contrast: 0, brightness: 0 });
      const black = await program.frameThat((frame) => frame.bytes < bytes * 0.9);
      assert.ok(black.bytes > 0);
      await camera?.set({ contrast: 128, brightness: 128 });
      await program.frameThat((frame) => frame.bytes >= bytes * 0.98);
      await program.end();
    },
  );
