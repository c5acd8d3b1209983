/** A program that scans codes, with a camera that shows what the test wants it to read. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import jsQR from 'jsqr';
import { startSession } from 'usercam';

const session = await startSession({ cameras: ['webcam,size=640x480,format=YUYV'] });
after(() => session.end());
const [camera] = session.cameras;

const SIZE = 640 * 480 * 4;

/** Stands for the program that is tested: looks at pictures until one has a code, and says what is in it. */
async function scan(pictures = Number.POSITIVE_INFINITY) {
  const ffmpeg = session.spawn(
    'ffmpeg',
    ['-v', 'error', '-f', 'v4l2', '-i', camera.node, '-f', 'rawvideo', '-pix_fmt', 'rgba', '-'],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  let bytes = Buffer.alloc(0);
  let text;
  for await (const data of ffmpeg.stdout) {
    bytes = Buffer.concat([bytes, data]);
    if (bytes.length < SIZE) continue;
    text = jsQR(new Uint8ClampedArray(bytes.subarray(0, SIZE)), 640, 480)?.data;
    if (text !== undefined || --pictures === 0) break;
    bytes = bytes.subarray(SIZE);
  }
  ffmpeg.kill('SIGTERM');
  await camera.closed();
  return text;
}

for (const text of ['4006381333931', 'https://example.org/ticket?id=7', 'Grüße'])
  test(`it reads ${text}`, async () => {
    await camera.show(`qr:${text}`);
    assert.equal(await scan(), text);
  });

test('it reads nothing where there is no code', async () => {
  await camera.show('pattern:ramp');
  assert.equal(await scan(5), undefined);
});
