/** The same page in Firefox, which Puppeteer steers by WebDriver BiDi: no driver program is needed. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import puppeteer from 'puppeteer-core';
import { startSession } from 'usercam';

const files = {
  '/': ['text/html', new URL('page.html', import.meta.url)],
  '/jsQR.js': ['text/javascript', createRequire(import.meta.url).resolve('jsqr')],
};
const server = createServer(({ url }, response) => {
  const [type, file] = files[url] ?? [];
  if (file === undefined) response.writeHead(404).end();
  else response.setHeader('Content-Type', type).end(readFileSync(file));
});

let session;
let browser;

before(async () => {
  session = await startSession({ cameras: ['webcam,profile=fullhd'], replace: true });
  browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: session.wrap('/usr/bin/firefox-esr'),
    extraPrefsFirefox: { 'media.navigator.permission.disabled': true },
  });
  await new Promise((resolve) => server.listen(0, 'localhost', resolve));
});

after(async () => {
  await browser?.close();
  await session?.end();
  server.close();
});

test('a page reads what the camera shows, and hears that it goes and comes', async () => {
  const [camera] = session.cameras;
  const page = await browser.newPage();
  await page.goto(`http://localhost:${server.address().port}/`);
  await camera.show('qr:the first');
  assert.match(await page.evaluate('look()'), /Webcam/);
  await page.evaluate('reads("the first")');

  const shown = performance.now();
  await camera.show('qr:the second');
  await page.evaluate('reads("the second")');
  console.log(`from show() to the picture on the page: ${(performance.now() - shown).toFixed(0)} ms`);

  await camera.unplug();
  await page.evaluate('ended');
  await page.evaluate('cameras(0)');
  await camera.plug();
  await page.evaluate('cameras(1)');
  await page.evaluate('look()');
  await camera.show('qr:the third');
  await page.evaluate('reads("the third")');
});
