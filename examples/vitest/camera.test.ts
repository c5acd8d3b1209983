/** A program that uses a camera, and what it does when the camera is unplugged under it. */
import { type Camera, type CameraSession, type SessionProgram, startSession } from 'usercam';
import { afterAll, beforeAll, expect, test } from 'vitest';

let session: CameraSession;
let camera: Camera;

beforeAll(async () => {
  session = await startSession({ cameras: ['webcam,source=pattern:red'] });
  camera = session.cameras[0] as Camera;
});
afterAll(() => session.end());

const exitCode = (program: SessionProgram) =>
  new Promise<number | null>((resolve) => program.on('close', resolve));

/** Stands for the program that is tested. */
const record = (...output: string[]) =>
  session.spawn(
    'ffmpeg',
    ['-v', 'error', '-f', 'v4l2', '-input_format', 'yuyv422', '-i', camera.node, ...output],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );

/** The colour of the pixel in the middle of the next picture. */
async function middle(): Promise<number[]> {
  const program = record('-frames:v', '1', '-vf', 'crop=1:1', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-');
  const bytes: number[] = [];
  program.stdout?.on('data', (data) => bytes.push(...Buffer.from(data)));
  expect(await exitCode(program)).toBe(0);
  return bytes;
}

test('it records what the camera shows', async () => {
  const [red = 0, green = 255] = await middle();
  expect(red).toBeGreaterThan(green + 100);
  await camera.show('pattern:green');
  const [lessRed = 255, moreGreen = 0] = await middle();
  expect(moreGreen).toBeGreaterThan(lessRed + 100);
});

test('it ends when the camera is unplugged', async () => {
  const program = record('-f', 'null', '-');
  const ended = exitCode(program);
  await camera.frames(5);
  expect((await camera.status()).programs[0]?.name).toBe('ffmpeg');
  await camera.unplug();
  await ended;
  await camera.plug();
  await middle();
});
