/** A program that scans codes, with a camera that shows what the test wants it to read. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import jsQR from 'jsqr';
import { startSession } from 'usercam';

const session = await startSession({ cameras: ['webcam,size=640x480,format=YUYV'] });
after(() => session.end());
const [camera] = session.cameras;

/** Stands for the program that is tested: reads one picture, and says what is in it. */
async function scan() {
  const output = ['-frames:v', '1', '-f', 'rawvideo', '-pix_fmt', 'rgba', '-'];
  const ffmpeg = session.spawn(
    'ffmpeg',
    ['-v', 'error', '-f', 'v4l2', '-video_size', '640x480', '-i', camera.node, ...output],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const picture = [];
  for await (const data of ffmpeg.stdout) picture.push(data);
  return jsQR(new Uint8ClampedArray(Buffer.concat(picture)), 640, 480)?.data;
}

for (const text of ['4006381333931', 'https://example.org/ticket?id=7', 'Grüße'])
  test(`it reads ${text}`, async () => {
    await camera.show(`qr:${text}`);
    assert.equal(await scan(), text);
  });

test('it reads nothing where there is no code', async () => {
  await camera.show('pattern:ramp');
  assert.equal(await scan(), undefined);
});
