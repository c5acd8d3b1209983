/**
 * A camera of one's own, to be copied and changed:
 *
 *     usercam run --camera ./my-camera.ts,size=640x480,color=teal -- ffplay /dev/video0
 */
import {
  captureNode,
  captureOps,
  choiceSetting,
  defineDriver,
  formatsNamed,
  memOpsOf,
  oneInputOps,
  rateSetting,
  sizeSetting,
  usualLimits,
  type VideoDevice,
} from 'usercam';

const formats = formatsNamed('RGB24');
const colors = { orange: [255, 128, 0], teal: [0, 128, 128] } as const;

/** Paints frame `number`: one colour, and a square that falls. */
function paint(bytes: Uint8Array, number: number, width: number, height: number, color: readonly number[]) {
  const line = 3 * width;
  for (let at = 0; at < line; at += 3) bytes.set(color, at);
  for (let y = 1; y < height; y++) bytes.copyWithin(y * line, 0, line);
  const top = (4 * number) % height;
  for (let y = top; y < Math.min(top + 32, height); y++) bytes.fill(255, y * line, y * line + 32 * 3);
}

export default defineDriver({
  name: 'my-camera',
  help: 'A camera that shows one colour, and a square that falls.',
  settings: {
    size: sizeSetting(usualLimits),
    fps: rateSetting(usualLimits),
    color: choiceSetting(['orange', 'teal'], 'What is behind the square.'),
  },
  create({ size, fps, color }, common, { clock, pages }) {
    const look = { formats, format: formats[0], limits: usualLimits, size, rate: fps, own: undefined };
    const memory = { memOps: memOpsOf('vmalloc', pages), readwrite: true, isMultiplanar: false };
    const config = { ...common, ...look, ...memory, clock };
    const node = captureNode(
      {
        ...config,
        createSource: (shape) => ({
          shape,
          fill: (target, n) => paint(target.planeVaddr(0), n, shape.width, shape.height, colors[color]),
        }),
      },
      (queueOf) => ({ ...captureOps(queueOf), ...oneInputOps }),
    );
    return [node as VideoDevice];
  },
});
// 1
// 2
// 3
// 4
