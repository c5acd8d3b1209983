/** A web page that looks through the camera: Chromium finds it by itself, through udev or /dev and sysfs. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { needs, scratch, startUsercam } from '../support/door.ts';

/** Tells the server the labels of the cameras, the size of the picture and some pixels of the lowest line. */
const page = `<!doctype html><video id=video muted autoplay></video><script>
const tell = (what) => fetch('/told', { method: 'POST', body: JSON.stringify(what) });
(async () => {
  const wanted = { video: { width: 640, height: 480 } };
  video.srcObject = await navigator.mediaDevices.getUserMedia(wanted);
  const devices = await navigator.mediaDevices.enumerateDevices();
  const labels = devices.filter((device) => device.kind === 'videoinput').map((device) => device.label);
  let frames = 0;
  const next = () => new Promise((resolve) => video.requestVideoFrameCallback(() => resolve(++frames)));
  while ((await next()) < 10);
  const { videoWidth: width, videoHeight: height } = video;
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const lowest = () => {
    context.drawImage(video, 0, 0);
    return [...context.getImageData(0, height - 2, width, 1).data];
  };
  const line = lowest();
  const [track] = video.srcObject.getVideoTracks();
  // What a camera can do besides is asked for when the page says that it takes photos.
  await new ImageCapture(track).getPhotoCapabilities();
  const { brightness, contrast, saturation } = track.getCapabilities();
  await track.applyConstraints({ advanced: [{ brightness: 200, contrast: 8, saturation: 0 }] });
  const { brightness: bright, contrast: dull, saturation: grey } = track.getSettings();
  // The page cannot tell which frame is the first one of those: black has become the grey of 73.
  let after;
  do {
    await next();
    after = lowest();
  } while (frames < 300 && Math.min(...after.filter((_, i) => i % 4 < 3)) < 60);
  const can = [brightness, contrast, saturation].map(({ min, max, step }) => [min, max, step]);
  tell({ labels, width, height, frames, line, can, set: [bright, dull, grey], after });
})().catch((error) => tell({ error: String(error) }));
</script>`;

interface Told {
  readonly error?: string;
  readonly labels: readonly string[];
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  /** Red, green, blue, alpha of each pixel, at first and after settings have changed. */
  readonly line: readonly number[];
  readonly after: readonly number[];
  /** Least, greatest, step of brightness, contrast and saturation; and what they are when they were set. */
  readonly can: readonly (readonly number[])[];
  readonly set: readonly number[];
}

/** Serves the page on a port of its own and gives what it tells. */
function serve(): { told: Promise<Told>; address: Promise<string>; close: () => void } {
  let tell: (told: Told) => void;
  const told = new Promise<Told>((resolve) => {
    tell = resolve;
  });
  const server = createServer((request, response) => {
    if (request.method !== 'POST') {
      response.setHeader('Content-Type', 'text/html').end(page);
      return;
    }
    let body = '';
    request.on('data', (data) => {
      body += String(data);
    });
    request.on('end', () => {
      response.end();
      tell(JSON.parse(body) as Told);
    });
  });
  const address = new Promise<string>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    });
  });
  return { told, address, close: () => server.close() };
}

/** Hues of the bars that a conversion cannot confuse. */
const isColor = {
  white: (r: number, g: number, b: number) => Math.min(r, g, b) > 170,
  green: (r: number, g: number, b: number) => g > 180 && r < 80 && b < 80,
  red: (r: number, g: number, b: number) => r > 150 && g < 80 && b < 80,
  blue: (r: number, g: number, b: number) => b > 180 && r < 80 && g < 80,
  black: (r: number, g: number, b: number) => Math.max(r, g, b) < 50,
};

test('a page in Chromium finds the camera and shows its frames', needs(['chromium']), async () => {
  const { told, address, close } = serve();
  const home = scratch();
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const options = ['--headless', '--disable-gpu', '--no-first-run', `--user-data-dir=${home}/user`];
  const allow = ['--use-fake-ui-for-media-stream', '--autoplay-policy=no-user-gesture-required'];
  const command = ['chromium', ...options, ...allow, ...sandbox, '--remote-debugging-port=0', await address];
  const running = startUsercam(command, { env: { HOME: home }, input: '' });
  const ended = running.end.then((result) => assert.fail(`Chromium ended: ${result.stderr}`));
  const { error, labels, width, height, line, after, can, set } = await Promise.race([told, ended]);
  process.kill(running.pid, 'SIGTERM');
  await ended.catch(() => {});
  close();
  assert.equal(error, undefined);
  assert.equal(labels.length, 1);
  assert.match(labels[0]!, /^vivi/);
  assert.deepEqual([width, height], [640, 480]);
  for (const [name, is] of Object.entries(isColor)) {
    const found = Array.from(
      { length: width },
      (_, x) => line.slice(4 * x, 4 * x + 3) as [number, number, number],
    );
    assert.ok(
      found.some((pixel) => is(...pixel)),
      `no ${name} in the line`,
    );
  }
  assert.deepEqual(can, Array(3).fill([0, 255, 1]));
  assert.deepEqual(set, [200, 8, 0]);
  // White is (204 - 0) / 2 + 73, black 73, and all is grey.
  const shades = after.filter((_, i) => i % 4 < 3);
  assert.ok(Math.abs(Math.min(...shades) - 73) < 6, `black is ${Math.min(...shades)}`);
  assert.ok(Math.abs(Math.max(...shades) - 175) < 6, `white is ${Math.max(...shades)}`);
  for (let x = 0; x < width; x++) {
    const pixel = after.slice(4 * x, 4 * x + 3);
    assert.ok(Math.max(...pixel) - Math.min(...pixel) < 12, `pixel ${x} is ${pixel}`);
  }
});
