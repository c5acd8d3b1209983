/** What a test does to cameras while programs use them: another size and rate, a picture that stands still, none at all. */
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Camera, CameraSession, CameraStatus } from '../../src/index.ts';
import { needs, run, runtime, scratch, until, usercam } from '../support/door.ts';
import { startSession } from '../support/library.ts';
import { linesOf, Receiver } from '../support/receiver.ts';

async function withCamera(
  spec: string,
  act: (camera: Camera, session: CameraSession) => Promise<void>,
): Promise<void> {
  await using session = await startSession({ cameras: [spec], replace: true });
  await act(session.cameras[0] as Camera, session);
}

const cameras = ['vivi,size=320x240,fps=60', 'webcam,format=YUYV,size=320x240,fps=60'];

for (const spec of cameras) {
  test(`${spec}: a program that listens follows each change of size and rate`, needs(['gcc']), () =>
    withCamera(spec, async (camera, session) => {
      const program = new Receiver(session, 'follow');
      const [size, bytes, interval] = await program.next('format');
      assert.deepEqual([size, bytes, interval], ['320x240', String(320 * 240 * 2), '1/60']);
      await program.frame();
      for (const [width, height, fps] of [
        [640, 480, 30],
        [160, 120, 50],
        [320, 240, 25],
      ] as const) {
        await camera.change({ size: `${width}x${height}`, fps });
        assert.deepEqual(await program.next('change'), ['0', '1']);
        const size = `${width}x${height}`;
        assert.deepEqual(await program.next('format'), [
          ...[size, String(width * height * 2), `1/${fps}`, `sizes=${size}`],
        ]);
        assert.equal((await program.frame()).bytes, width * height * 2);
      }
      await program.end();
    }),
  );

  test(`${spec}: one that does not goes on with frames of its size, at the new rate`, needs(['gcc']), () =>
    withCamera(spec, async (camera, session) => {
      const program = new Receiver(session, 'deaf');
      let last = await program.frame();
      await camera.change({ size: '640x480', fps: 40 });
      const { bytes } = await program.frameThat((frame) => {
        const [frames, time] = [frame.sequence - last.sequence, frame.time - last.time];
        last = frame;
        return Math.abs(time - frames * 25_000) <= 1;
      });
      assert.equal(bytes, 320 * 240 * 2);
      await program.end();
      const again = new Receiver(session, 'deaf');
      assert.deepEqual((await again.next('format')).slice(0, 1), ['640x480']);
      await again.end();
    }),
  );

  test(`${spec}: frozen, then blank, then as before`, needs(['gcc']), () =>
    withCamera(spec, async (camera, session) => {
      const program = new Receiver(session, 'deaf');
      let before = await program.frame();
      await camera.freeze(true);
      const frozen = await program.frameThat((frame) => {
        const isSame = frame.sum === before.sum;
        before = frame;
        return isSame;
      });
      for (let n = 1; n <= 5; n++) {
        const next = await program.frame();
        assert.equal(next.sum, frozen.sum);
        assert.ok(next.sequence > frozen.sequence && next.time > frozen.time);
      }
      await camera.blank(true);
      const black = await program.frameThat((frame) => frame.sum !== frozen.sum);
      assert.deepEqual([black.least, black.greatest], [16, 128]);
      await camera.blank(false);
      const shown = await program.frameThat((frame) => frame.sum !== black.sum);
      assert.equal(shown.sum, frozen.sum, 'it is still frozen');
      await camera.freeze(false);
      await program.frameThat((frame) => frame.sum !== frozen.sum);
      await program.end();
    }),
  );
}

test('GStreamer follows a change to a size that it found in the list', needs(['gstreamer']), () =>
  withCamera('vivi,size=320x240,fps=20', async (camera, session) => {
    const words = ['-v', 'v4l2src', `device=${camera.node}`, '!', 'fakesink'];
    const program = session.spawn('gst-launch-1.0', words, { stdio: ['ignore', 'pipe', 'ignore'] });
    const lines = linesOf(program.stdout as AsyncIterable<unknown>);
    await camera.frames(3);
    await camera.change({ size: '640x480' });
    for (let isThere = false; !isThere; ) {
      const { value, done } = await lines.next();
      assert.ok(!done, 'it ended');
      isThere = /v4l2src0.GstPad:src: caps = .*width=\(int\)640, height=\(int\)480/.test(value);
    }
    await camera.frames(3);
    program.kill('SIGKILL');
  }),
);

test('a webcam that is blank has its lid shut, for programs to see', needs([]), () =>
  withCamera('webcam', async (camera) => {
    await camera.blank(true);
    assert.equal((await camera.status()).controls.privacy, 1);
    await camera.blank(false);
    assert.equal((await camera.status()).controls.privacy, 0);
  }),
);

test('steered from the shell, and what cannot be is told in a sentence', needs(['v4l2-ctl']), () =>
  withCamera('webcam,profile=hd', async ({ node }, { name }) => {
    const ask = (...words: string[]) => run([runtime, usercam, ...words, '--session', name]);
    for (const words of [
      ['change', node, '800x600@25'],
      ['change', node, '@20'],
      ['change', node],
      ['freeze', node, 'on'],
      ['blank', '0', 'on'],
      ['blank', 'video0', 'off'],
    ])
      assert.deepEqual((({ code, stderr }) => [code, stderr])(await ask(...words)), [0, ''], words.join(' '));
    const list = ['v4l2-ctl', '--list-framesizes=YUYV', '--get-parm'];
    const { text } = await run([runtime, usercam, 'run', '--session', name, '--', ...list]);
    assert.deepEqual(text.match(/\d+x\d+/g), ['800x600']);
    assert.match(text, /20\.000/);
    assert.match((await ask('status')).text, /, receives 800x600@20, frozen$/m);
    const [camera] = JSON.parse((await ask('status', '--json')).text) as CameraStatus[];
    assert.deepEqual(
      [camera?.receives, camera?.frozen, camera?.blank],
      [{ size: '800x600', fps: '20' }, true, false],
    );
    await ask('show', node, 'pattern:red');
    await ask('unplug', node);
    await ask('plug', node);
    assert.match((await ask('status')).text, /, shows pattern:red$/m);
    const { code } = await ask('add', 'loopback');
    assert.equal(code, 0);
    const { stderr } = await ask('blank', '/dev/video1', 'on');
    assert.match(stderr, /\/dev\/video1 has no picture that could be blank/);
  }),
);

test(
  'with produce=always a program that makes frames runs while nobody streams',
  needs(['gcc']),
  async () => {
    const directory = scratch();
    const [script, mark] = [join(directory, 'count.mjs'), join(directory, 'mark')];
    // No camera takes so many frames ahead.
    writeFileSync(
      script,
      `import { writeFileSync } from 'node:fs';
    export default { fill: ([plane], { number }) => {
      plane.fill(number);
      if (number === 40) writeFileSync(${JSON.stringify(mark)}, '');
    } };`,
    );
    const spec = `webcam,source=${script},produce=always,format=YUYV,size=320x240,fps=30`;
    await withCamera(spec, async (_, session) => {
      await until('frame 40', () => existsSync(mark));
      const program = new Receiver(session, 'deaf');
      const { least, greatest } = await program.frame();
      assert.ok(least === greatest && least > 20, `${least} ${greatest}`);
      await program.end();
    });
  },
);
