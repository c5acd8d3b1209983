/** A page in Chromium, and a camera whose picture and presence the test decides. */
import { createRequire } from 'node:module';
import { expect } from '@playwright/test';
import { test } from './fixtures.ts';

const files: Readonly<Record<string, string>> = {
  '/': 'page.html',
  '/jsQR.js': createRequire(import.meta.url).resolve('jsqr'),
};

test('a page reads what the camera shows, and hears that it goes and comes', async ({ page, camera }) => {
  await page.route('http://localhost/**', (route) =>
    route.fulfill({ path: files[new URL(route.request().url()).pathname] ?? '' }),
  );
  await page.goto('http://localhost/');
  await camera.show('qr:the first');
  expect(await page.evaluate('look()')).toMatch(/Webcam/);
  await page.evaluate('reads("the first")');

  const shown = performance.now();
  await camera.show('qr:the second');
  await page.evaluate('reads("the second")');
  console.log(`from show() to the picture on the page: ${(performance.now() - shown).toFixed(0)} ms`);

  await page.evaluate('look({ width: 320, height: 240 })');
  await page.evaluate('reads("the second")');

  await camera.unplug();
  await page.evaluate('ended');
  await page.evaluate('cameras(0)');
  await camera.plug();
  await page.evaluate('cameras(1)');
  await page.evaluate('look()');
  await camera.show('qr:the third');
  await page.evaluate('reads("the third")');
});
