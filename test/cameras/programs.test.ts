/** Programs that people use with cameras, as their distribution ships them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkYuyv, leftOut, yuyvRow } from '../support/bars.ts';
import { needs, programOf, runUsercam, scratch } from '../support/door.ts';

function assertBars(bytes: Uint8Array, frames: number, width: number, height: number): void {
  assert.deepEqual(checkYuyv(bytes, width, height), { frames, wrong: [] });
}

test('v4l2-ctl --list-devices finds the camera when it reads /dev', needs(['v4l2-ctl']), async () => {
  const result = await runUsercam(['v4l2-ctl', '--list-devices']);
  // Older versions end with an empty line.
  assert.equal(result.text.trimEnd(), 'vivi (platform:vivi-000):\n\t/dev/video0');
  assert.equal(result.stderr, '');
  assert.equal(result.code, 0);
});

test('v4l2-ctl --list-devices finds all cameras when there are four', needs(['v4l2-ctl']), async () => {
  const result = await runUsercam(['v4l2-ctl', '--list-devices'], {
    cameras: ['vivi', 'vivi', 'vivi', 'vivi'],
  });
  const devices = [0, 1, 2, 3].map((n) => `vivi (platform:vivi-00${n}):\n\t/dev/video${n}\n\n`);
  assert.equal(result.text.trimEnd(), devices.join('').trimEnd());
  assert.equal(result.code, 0);
});

test('v4l2-ctl --all describes the device when nothing was set', needs(['v4l2-ctl']), async () => {
  const result = await runUsercam(['v4l2-ctl', '--all']);
  assert.match(result.text, /Driver name\s+: vivi\n/);
  assert.match(result.text, /Bus info\s+: platform:vivi-000\n/);
  assert.match(result.text, /Device Caps\s+: 0x\w+\n\t\tVideo Capture\n/);
  assert.match(result.text, /Width\/Height\s+: 640\/480\n\tPixel Format\s+: 'YUYV'/);
  assert.match(result.text, /Frames per second: 30\.000 \(30\/1\)/);
  assert.equal(result.stderr, '');
  assert.equal(result.code, 0);
});

test('v4l2-ctl --list-formats-ext names formats, sizes and rates', needs(['v4l2-ctl']), async () => {
  const result = await runUsercam(['v4l2-ctl', '--list-formats-ext']);
  const formats = [...result.text.matchAll(/^\t\[\d+\]: '(....)'/gm)].map((match) => match[1]);
  assert.equal(formats[0], 'YUYV');
  for (const name of ['UYVY', 'YVYU', 'VYUY', 'RGBP', 'RGB3', 'BGR3'])
    assert.ok(formats.includes(name), name);
  assert.match(result.text, /1280x720\n\t\t\tInterval: /);
  assert.match(result.text, /\(120\.000 fps\)/);
  assert.equal(result.stderr, '');
  assert.equal(result.code, 0);
});

/** No frame is lost to a program that is slow, or has no time: the camera waits for it. */
const patient = ['vivi,fps=max'];

for (const more of [[], ['--stream-poll']])
  test(`v4l2-ctl --stream-mmap ${more} saves 100 frames of bars`, needs(['v4l2-ctl']), async () => {
    const file = join(scratch(), 'frames.yuyv');
    const format = '--set-fmt-video=width=640,height=480,pixelformat=YUYV';
    const options = [format, '--stream-mmap', '--stream-count=100', `--stream-to=${file}`, ...more];
    const result = await runUsercam(['v4l2-ctl', ...options], { cameras: patient });
    assert.equal(result.code, 0, result.stderr);
    assert.doesNotMatch(result.stderr, /dropped/);
    assertBars(readFileSync(file), 100, 640, 480);
  });

const ffmpegInput = (size: string, rate: number) => [
  ...['ffmpeg', '-hide_banner', '-nostdin', '-nostats', '-loglevel', 'warning'],
  ...['-f', 'v4l2', '-input_format', 'yuyv422', '-video_size', size, '-framerate', String(rate)],
  ...['-i', '/dev/video0'],
];

test('ffmpeg decodes 100 frames to the bars when it captures 1280x720', needs(['ffmpeg']), async () => {
  const file = join(scratch(), 'frames.yuyv');
  const command = [...ffmpegInput('1280x720', 30), '-frames:v', '100', '-f', 'rawvideo', file];
  const result = await runUsercam(command, { cameras: patient });
  assert.equal(result.code, 0, result.stderr);
  assertBars(readFileSync(file), 100, 1280, 720);
});

test('ffmpeg gets every frame when the camera waits for it', needs(['ffmpeg']), async () => {
  const frames = 200;
  // Two lines of each frame are enough to see which one it was.
  const crop = ['-vf', 'crop=640:2:0:400', '-pix_fmt', 'yuyv422'];
  const lines = [...crop, '-fps_mode', 'passthrough', '-frames:v', String(frames)];
  const command = [...ffmpegInput('640x480', 120), ...lines, '-f', 'rawvideo', '-'];
  const result = await runUsercam(command, { cameras: patient });
  assert.equal(result.code, 0, result.stderr);
  assert.doesNotMatch(result.stderr, /drop|corrupt/i);
  assertBars(result.stdout, frames, 640, 2);
  const rows = Array.from({ length: frames }, (_, n) => yuyvRow(result.stdout, 640, 2 * n));
  assert.equal(leftOut(rows), 0);
});

test('GStreamer v4l2src delivers 100 frames of bars', needs(['gstreamer']), async () => {
  const file = join(scratch(), 'frames.yuyv');
  const caps = 'video/x-raw,format=YUY2,width=640,height=480';
  const pipeline = ['v4l2src', 'num-buffers=100', '!', caps, '!', 'filesink', `location=${file}`];
  const result = await runUsercam(['gst-launch-1.0', ...pipeline], { cameras: patient });
  assert.equal(result.code, 0, result.stderr);
  assert.doesNotMatch(result.text, /ERROR|WARNING/);
  assertBars(readFileSync(file), 100, 640, 480);
});

/** Prints the shape and, of the last frame, one pixel of the middle of each bar in the last row. */
const openCv = `
import cv2, json, sys
camera = cv2.VideoCapture(0, getattr(cv2, sys.argv[1]))
for i in range(30):
    good, frame = camera.read()
    assert good, i
row = frame[-1].astype(int)
colors = [row[0].tolist()]
for b, g, r in row.tolist():
    if max(abs(b - colors[-1][0]), abs(g - colors[-1][1]), abs(r - colors[-1][2])) > 60:
        colors.append([b, g, r])
print(json.dumps({"shape": frame.shape, "colors": colors}))
`;

/** Blue, green and red of the bars, white to black. */
const barColors = [
  [204, 204, 204],
  [0, 208, 208],
  [206, 206, 0],
  [0, 239, 0],
  [239, 0, 239],
  [0, 0, 205],
  [255, 0, 0],
  [0, 0, 0],
];

// The backend that speaks V4L2 asks for 640x480; the default one is GStreamer here, which asks for the largest.
for (const backend of ['CAP_V4L2', 'CAP_ANY'])
  test(`OpenCV reads 30 frames with the colors of the bars: ${backend}`, needs(['opencv']), async () => {
    const result = await runUsercam([programOf('opencv'), '-c', openCv, backend]);
    assert.equal(result.code, 0, result.stderr);
    const { shape, colors } = JSON.parse(result.text) as { shape: number[]; colors: number[][] };
    if (backend === 'CAP_V4L2') assert.deepEqual(shape, [480, 640, 3]);
    for (const bar of barColors) {
      const near = (color: number[]) => color.every((value, i) => Math.abs(value - bar[i]!) <= 30);
      assert.ok(colors.some(near), `no bar of color ${bar} among ${JSON.stringify(colors)}`);
    }
  });
