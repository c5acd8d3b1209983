import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatsNamed, memorySizes } from '../../src/pixel/index.ts';
import {
  type FrameShape,
  type FrameSource,
  MovingPattern,
  putFrame,
  stillPicture,
} from '../../src/sources/index.ts';
import { FramePainter, grayRamp } from '../../src/tpg/index.ts';

const shapeOf = (name: 'NV12M' | 'GREY'): FrameShape => ({
  info: formatsNamed(name)[0]!,
  width: 16,
  height: 4,
});

/** Where frames go in these tests. */
function target(sizes: readonly number[]) {
  const planes = sizes.map((bytes) => new Uint8Array(bytes));
  const payloads: number[] = [];
  return {
    planes,
    payloads,
    planeVaddr: (n: number) => planes[n] as Uint8Array,
    setPlanePayload: (n: number, bytes: number) => {
      payloads[n] = bytes;
    },
  };
}

test('MovingPattern paints every plane, a step further with each frame', () => {
  const shape = shapeOf('NV12M');
  const source = new MovingPattern(shape, grayRamp, 3);
  const painter = new FramePainter(shape.info, shape);
  for (const number of [0, 1, 7]) {
    const { planes, ...to } = target(memorySizes(shape.info, shape));
    assert.equal(putFrame(source, to, number, 0), true);
    for (const [n, plane] of planes.entries()) {
      const expected = new Uint8Array(plane.length);
      painter.paint(expected, n, grayRamp, number * 3);
      assert.deepEqual(plane, expected);
    }
  }
});

test('putFrame copies the latest picture and says how long it is', () => {
  let picture: readonly Uint8Array[] | undefined;
  const source: FrameSource = { shape: shapeOf('GREY'), latest: () => picture };
  const to = target([64]);
  assert.equal(putFrame(source, to, 0, 0), false);
  picture = [Uint8Array.of(1, 2, 3)];
  assert.equal(putFrame(source, to, 1, 0), true);
  assert.deepEqual([[...(to.planes[0] as Uint8Array).subarray(0, 4)], to.payloads], [[1, 2, 3, 0], [3]]);
});

test('putFrame says that a picture does not fit, and writes as much as does', () => {
  const to = target([2]);
  assert.equal(putFrame(stillPicture(shapeOf('GREY'), [Uint8Array.of(7, 8, 9)]), to, 0, 0), false);
  assert.deepEqual([[...(to.planes[0] as Uint8Array)], to.payloads], [[7, 8], [2]]);
});
