/** PipeWire and WirePlumber between cameras and programs, as desktops have them. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkYuyv } from '../support/bars.ts';
import { needs, scratch, until } from '../support/door.ts';
import { startSession } from '../support/library.ts';

test(
  'WirePlumber finds the camera and hears that it goes and comes; PipeWire gives its frames on',
  needs(['pipewire', 'gstreamer']),
  async (context) => {
    const directory = scratch();
    const bus = `unix:path=${directory}/bus`;
    const env = {
      ...process.env,
      XDG_RUNTIME_DIR: directory,
      HOME: directory,
      DBUS_SESSION_BUS_ADDRESS: bus,
    };
    const session = await startSession({ cameras: ['vivi'], replace: true });
    context.after(() => session.end());
    const [camera] = session.cameras;
    assert.ok(camera);
    const start = (command: string, ...args: string[]) =>
      session.spawn(command, args, { env, stdio: ['ignore', 'pipe', 'ignore'] });
    /** Starts a program that makes a socket, and waits for it. */
    const serve = async (socket: string, command: string, ...args: string[]) => {
      start(command, ...args);
      await until(command, () => existsSync(join(directory, socket)));
    };
    await serve('bus', 'dbus-daemon', '--session', '--nofork', `--address=${bus}`);
    await serve('pipewire-0', 'pipewire');
    start('wireplumber');

    let said = '';
    const monitor = start('stdbuf', '-oL', 'pw-mon');
    monitor.stdout?.on('data', (data) => {
      said += String(data);
    });
    const hears = async (pattern: RegExp): Promise<string> => {
      await until(String(pattern), () => pattern.test(said));
      const [, id = ''] = pattern.exec(said) ?? [];
      said = '';
      return id;
    };
    const capture = async (frames: number) => {
      const file = join(directory, 'frames');
      const caps = 'video/x-raw,format=YUY2,width=640,height=480';
      const words = ['pipewiresrc', `num-buffers=${frames}`, '!', caps, '!', 'filesink', `location=${file}`];
      const pipeline = start('gst-launch-1.0', ...words);
      assert.equal(await new Promise((resolve) => pipeline.on('close', resolve)), 0);
      assert.deepEqual(checkYuyv(readFileSync(file), 640, 480), { frames, wrong: [] });
    };

    const added = /^added:\n\tid: (\d+)\n(?:[\t *].*\n)*?[\t *]+media\.class = "Video\/Source"/m;
    const id = await hears(added);
    await capture(10);
    await camera.unplug();
    await hears(new RegExp(`^removed:\n\tid: ${id}\n`, 'm'));
    await camera.plug();
    await hears(added);
    await capture(5);
  },
);
