/** What every test with a camera needs: a session for each worker, and a browser that is started in it. */
import { test as base } from '@playwright/test';
import { type Camera, type CameraSession, startSession } from 'usercam';

const isRoot = process.getuid?.() === 0;

export const test = base.extend<{ camera: Camera }, { session: CameraSession }>({
  session: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright wants a pattern.
    async ({}, use) => {
      await using session = await startSession({ cameras: ['webcam,profile=fullhd'], replace: true });
      await use(session);
    },
    { scope: 'worker' },
  ],
  launchOptions: [
    // Chromium has no sandbox for root.
    ({ session }, use) =>
      use({ executablePath: session.wrap('/usr/bin/chromium'), chromiumSandbox: !isRoot }),
    { scope: 'worker' },
  ],
  camera: ({ session }, use) => use(session.cameras[0] as Camera),
});
