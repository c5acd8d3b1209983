/** A page in Chromium, steered by Selenium and Debian's chromium-driver; the test reads what the page shows. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import jsqr from 'jsqr';
import { PNG } from 'pngjs';
import { Builder, By } from 'selenium-webdriver';
import { Options, ServiceBuilder } from 'selenium-webdriver/chrome.js';
import { startSession } from 'usercam';

const server = createServer((_, response) => {
  response.setHeader('Content-Type', 'text/html').end('<video autoplay muted playsinline></video>');
});

let session;
let driver;

before(async () => {
  session = await startSession({ cameras: ['webcam,profile=fullhd'], replace: true });
  const options = new Options()
    .setBinaryPath(session.wrap('/usr/bin/chromium'))
    .addArguments('--headless', '--use-fake-ui-for-media-stream');
  // Chromium has no sandbox for root.
  if (process.getuid() === 0) options.addArguments('--no-sandbox');
  driver = await new Builder()
    .forBrowser('chrome')
    .setChromeOptions(options)
    .setChromeService(new ServiceBuilder('/usr/bin/chromedriver'))
    .build();
  await driver.manage().setTimeouts({ script: 60_000 });
  await new Promise((resolve) => server.listen(0, 'localhost', resolve));
});

after(async () => {
  await driver?.quit();
  await session?.end();
  server.close();
});

/** Starts the camera in the page; gives its name. */
const look = () =>
  driver.executeAsyncScript(`
    const done = arguments[0];
    const [video] = document.getElementsByTagName('video');
    navigator.mediaDevices.getUserMedia({ video: true }).then((stream) => {
      video.srcObject = stream;
      const [track] = stream.getVideoTracks();
      window.ended = new Promise((resolve) => track.addEventListener('ended', resolve));
      video.requestVideoFrameCallback(() => done(track.label));
    }, (error) => done(String(error)));`);

/** Settles when the page has heard that there are so many cameras. */
const cameras = (count) =>
  driver.executeAsyncScript(
    `
    const [count, done] = arguments;
    const look = async () => {
      const devices = await navigator.mediaDevices.enumerateDevices();
      if (devices.filter(({ kind }) => kind === 'videoinput').length === count) done();
    };
    navigator.mediaDevices.addEventListener('devicechange', look);
    look();`,
    count,
  );

/** The text of the QR code that the page shows. */
async function shown() {
  const { data, width, height } = PNG.sync.read(
    Buffer.from(await driver.findElement(By.css('video')).takeScreenshot(), 'base64'),
  );
  return jsqr(new Uint8ClampedArray(data), width, height)?.data;
}

test('a page shows what the camera shows, and hears that it goes and comes', async () => {
  const [camera] = session.cameras;
  const reads = (text) => driver.wait(async () => (await shown()) === text, 60_000);
  await driver.get(`http://localhost:${server.address().port}/`);
  await camera.show('qr:the first');
  assert.match(await look(), /Webcam/);
  await reads('the first');
  await camera.show('qr:the second');
  await reads('the second');
  await camera.unplug();
  await driver.executeAsyncScript('window.ended.then(() => arguments[0]())');
  await cameras(0);
  await camera.plug();
  await cameras(1);
  await look();
  await camera.show('qr:the third');
  await reads('the third');
});
