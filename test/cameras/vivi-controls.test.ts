/** Controls that are set while another program captures: each frame it gets is the old picture or the new one, to the byte. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { formatsNamed, sizeimageOf } from '../../src/pixel/index.ts';
import {
  type Adjustment,
  adjust,
  FramePainter,
  NO_ADJUSTMENT,
  type Pattern,
  recolored,
  viviBars,
} from '../../src/tpg/index.ts';
import { needs, programOf, runUsercam, scratch } from '../support/door.ts';

/** Too small for text: a frame is bars and nothing else. */
const SIZE = { width: 64, height: 48 };
const [info] = formatsNamed('ABGR32');
const FRAME_BYTES = sizeimageOf(info, SIZE);
const SCROLL_STEP = 2;
const BEFORE = 100;
/** More than there are in buffers and pipes when the control is set. */
const AFTER = 300;

/**
 * Takes frames from a pipe, sets something when so many have come, and goes on. The camera has no rate: it waits for
 * ffmpeg, which waits for the pipe. (ffmpeg complains of times that are too close, as they are then.)
 */
const script = `
set -e
ffmpeg -nostdin -loglevel fatal -f v4l2 -input_format bgra -video_size ${SIZE.width}x${SIZE.height} -i /dev/video0 \\
  -frames:v ${BEFORE + AFTER} -fps_mode passthrough -f rawvideo - |
{
  head -c ${BEFORE * FRAME_BYTES}
  v4l2-ctl "$@" > /dev/null
  cat
} > "$FRAMES"
`;

interface View {
  readonly input?: number;
  readonly alpha?: number;
  readonly adjustment?: Partial<Adjustment>;
}

/** Frame `n` of the camera. */
function expected({ input = 0, alpha = 0, adjustment = {} }: View): (n: number) => Uint8Array {
  const painter = new FramePainter(info, SIZE);
  const settings = { ...NO_ADJUSTMENT, ...adjustment };
  const pattern = recolored(viviBars[input] as Pattern, (color) => adjust(color, settings));
  const frame = new Uint8Array(FRAME_BYTES);
  return (n) => {
    painter.paint(frame, 0, pattern, n * SCROLL_STEP, alpha);
    return frame;
  };
}

/** The first frame that is the new one; each before it is the old one, each behind it the new one. */
function turningPoint(bytes: Uint8Array, view: View): number {
  const isOld = expected({});
  const isNew = expected(view);
  const frames = bytes.length / FRAME_BYTES;
  const frame = (n: number) => Buffer.from(bytes.subarray(n * FRAME_BYTES, (n + 1) * FRAME_BYTES));
  let turn = 0;
  while (turn < frames && frame(turn).equals(isOld(turn))) turn++;
  for (let n = turn; n < frames; n++)
    assert.ok(frame(n).equals(isNew(n)), `frame ${n}, the first new one is ${turn}`);
  return turn;
}

const cases: readonly (readonly [options: readonly string[], view: View])[] = [
  [['-c', 'brightness=200'], { adjustment: { brightness: 200 } }],
  [['-c', 'contrast=23'], { adjustment: { contrast: 23 } }],
  [['-c', 'saturation=40'], { adjustment: { saturation: 40 } }],
  [['-c', 'hue=-100'], { adjustment: { hue: -100 } }],
  [['-c', 'alpha_component=129'], { alpha: 129 }],
  [['-i', '2'], { input: 2 }],
];

for (const [options, view] of cases)
  test(
    `v4l2-ctl ${options.join(' ')} changes the frames that ffmpeg gets, exactly`,
    needs(['v4l2-ctl', 'ffmpeg']),
    async () => {
      const file = join(scratch(), 'frames');
      const command = ['sh', '-c', script, 'sh', ...options];
      const result = await runUsercam(command, { cameras: ['vivi,fps=max'], env: { FRAMES: file } });
      assert.equal(result.stderr, '');
      assert.equal(result.code, 0);
      const bytes = readFileSync(file);
      assert.equal(bytes.length, (BEFORE + AFTER) * FRAME_BYTES);
      const turn = turningPoint(bytes, view);
      assert.ok(turn >= BEFORE && turn < BEFORE + AFTER, `frame ${turn} is the first new one`);
    },
  );

/** Sets each property, and says what it was, whether it could be set, and what it is. */
const openCv = `
import cv2, json
camera = cv2.VideoCapture(0, cv2.CAP_V4L2)
wanted = {"BRIGHTNESS": 200, "CONTRAST": 30, "SATURATION": 10, "HUE": 5}
properties = {name: getattr(cv2, "CAP_PROP_" + name) for name in wanted}
print(json.dumps([[camera.get(id), camera.set(id, wanted[name]), camera.get(id)] for name, id in properties.items()]))
`;

test(
  'OpenCV sets brightness, contrast, saturation and hue, and reads them back',
  needs(['opencv']),
  async () => {
    const result = await runUsercam([programOf('opencv'), '-c', openCv]);
    assert.equal(result.code, 0, result.stderr);
    assert.deepEqual(JSON.parse(result.text), [
      [127, true, 200],
      [16, true, 30],
      [127, true, 10],
      [0, true, 5],
    ]);
  },
);
