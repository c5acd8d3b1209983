/** The media device of a webcam, as programs find it: /dev/media0, and what libcamera makes of it. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { outcomeOf } from '../support/compliance.ts';
import { client, json, needs, runUsercam, scratch, start } from '../support/door.ts';

const host = fileURLToPath(new URL('../support/plug-host.js', import.meta.url));
const PARENT = '/sys/devices/platform/vhci_hcd.0/usb1/1-1/1-1:1.0';
const cameras = ['webcam,profile=fullhd'];

test('a media device answers every ioctl as the kernel does', needs(['gcc']), async () => {
  const result = await runUsercam([client('media')], { cameras });
  assert.deepEqual([result.stderr, result.code], ['', 0]);
  assert.equal(json(result).wrong, 0);
});

test(
  'a media device goes with its camera, and its number is free after the last close',
  needs(['gcc']),
  async () => {
    const running = start([process.execPath, host, client('media'), 'plug'], {
      env: { USERCAM_TEST_FIRST: 'webcam' },
    });
    const plug = (line: string) => running.child.stdin?.write(`${line}\n`);
    await running.line('ready');
    plug('remove /dev/video0');
    await running.line('gone');
    plug('add webcam');
    await running.line('closed');
    plug('add webcam');
    const result = await running.end;
    assert.deepEqual([result.stderr, result.code], ['', 0]);
    assert.equal(json(result).wrong, 0);
  },
);

test('a media device is in /dev and on its bus in sysfs', needs([]), async () => {
  const script = `
    bus=/sys/bus/media/devices; ls $bus; readlink -f $bus/media0
    cat $bus/media0/uevent $bus/media0/model $bus/media0/dev
    readlink -f $bus/media0/subsystem; readlink -f /sys/dev/char/$(cat $bus/media0/dev)
    ls -d /sys/class/video4linux/video0/device/media*
    ls /sys/class | grep -c '^media$'; test -e $bus/media0/device || echo no device
    ls /dev | grep media; ls -l /dev/media0 | cut -c1`;
  const { code, text, stderr } = await runUsercam(['sh', '-c', script], { cameras: [...cameras, 'vivi'] });
  assert.equal(code, 0, stderr);
  assert.deepEqual(text.trim().split('\n'), [
    'media0',
    `${PARENT}/media0`,
    'MAJOR=384',
    'MINOR=0',
    'DEVNAME=media0',
    'HD Pro Webcam C920',
    '384:0',
    '/sys/bus/media',
    `${PARENT}/media0`,
    '/sys/class/video4linux/video0/device/media0',
    '0',
    'no device',
    'media0',
    'c',
  ]);
});

test('who watches /dev sees a media device come and go after its node', needs([]), async () => {
  const watch = `
    require('node:fs').watch('/dev', (event, name) => {
      if (event === 'rename' && /^(video|media)/.test(name)) console.log(name);
    });
    console.log('ready');`;
  const running = start([process.execPath, host, process.execPath, '-e', watch]);
  await running.line('ready');
  running.child.stdin?.write('add webcam\nremove /dev/video0\nadd loopback\n');
  await running.line('video1');
  process.kill(running.pid, 'SIGTERM');
  const { text } = await running.end;
  assert.deepEqual(text.trim().split('\n'), [
    'ready',
    ...['video0', 'media0'],
    ...['video0', 'media0'],
    ...['video0', 'video1'],
  ]);
});

test('media-ctl shows what a webcam is made of, and of its nodes', needs(['media-ctl']), async () => {
  const { code, text, stderr } = await runUsercam(['media-ctl', '-p'], {
    cameras: ['webcam,profile=fullhd,metadata=yes'],
  });
  assert.equal(code, 0, stderr);
  // Newer versions tell routes too, of which there are none.
  const shown = text.replaceAll(', 0 routes)', ')');
  const entities = [...shown.matchAll(/^- entity (\d+): (.*)\n +type (.*)$/gm)].map(([, ...words]) => words);
  assert.deepEqual(entities, [
    ['1', 'HD Pro Webcam C920 (1 pad, 1 link)', 'Node subtype V4L flags 1'],
    ['4', 'HD Pro Webcam C920 (0 pad, 0 link)', 'Node subtype V4L flags 0'],
    ['8', 'Extension 4 (2 pads, 2 links)', 'V4L2 subdev subtype Unknown flags 0'],
    ['11', 'Processing 2 (2 pads, 2 links)', 'V4L2 subdev subtype Unknown flags 0'],
    ['14', 'Camera 1 (1 pad, 1 link)', 'V4L2 subdev subtype Sensor flags 0'],
  ]);
  assert.deepEqual(
    [...text.matchAll(/^\s+-> (.*)$/gm)].map(([, link]) => link),
    [
      '"HD Pro Webcam C920":0 [ENABLED,IMMUTABLE]',
      '"Extension 4":0 [ENABLED,IMMUTABLE]',
      '"Processing 2":0 [ENABLED,IMMUTABLE]',
    ],
  );
  assert.deepEqual(
    [...text.matchAll(/device node name (.*)$/gm)].map(([, node]) => node),
    ['/dev/video0', '/dev/video1'],
  );
  for (const line of ['bus info        usb-vhci_hcd.0-1', 'hw revision     0x100', 'driver version  6.1.0'])
    assert.ok(text.split('\n').includes(line), `${line} in ${text}`);
});

test('v4l2-compliance finds nothing wrong with a media device', needs(['v4l2-compliance']), async () => {
  const { text } = await runUsercam(['v4l2-compliance', '-m', '/dev/media0'], { cameras });
  // It goes on with the nodes: 8 tests are of the media device. Those after 1.22 have more than 46 of a node.
  const { total, notable } = outcomeOf(text, true);
  assert.deepEqual([total >= 54, notable], [true, []], text);
});

test('v4l2-ctl finds a node by the name that it has in the media device', needs(['v4l2-ctl']), async () => {
  const words = ['v4l2-ctl', '-z', 'usb-vhci_hcd.0-1', '-d', 'HD Pro Webcam C920', '--info'];
  const { text, stderr } = await runUsercam(words, { cameras });
  assert.equal(stderr, '');
  assert.match(text, /Driver name\s+: uvcvideo\n/);
});

/** The example, before which a sensor and a lens stand. */
const driver = `
import {
  captureNode, captureOps, defineDriver, formatsNamed, MediaDevice, memOpsOf, oneInputOps, usualLimits,
  MEDIA_ENT_F_CAM_SENSOR, MEDIA_ENT_F_LENS, MEDIA_LNK_FL_ENABLED, MEDIA_LNK_FL_IMMUTABLE, MEDIA_PAD_FL_SINK, MEDIA_PAD_FL_SOURCE,
} from 'usercam';

const [format] = formatsNamed('GREY');

export default defineDriver({
  name: 'sensor',
  help: 'A sensor behind a lens.',
  settings: {},
  create(_values, common, { clock, pages }) {
    const { driver, card, bus } = common.identity;
    const mdev = new MediaDevice({ driver, model: card, busInfo: bus });
    const node = captureNode(
      {
        ...common, clock, mdev, memOps: memOpsOf('vmalloc', pages), readwrite: true, isMultiplanar: false,
        formats: [format], format, limits: usualLimits, size: { width: 64, height: 32 }, own: undefined,
        rate: { timeperframe: { numerator: 1, denominator: 30 }, unpaced: false },
        createSource: (shape) => ({ shape, fill: (target) => target.planeVaddr(0).fill(128) }),
      },
      (queueOf) => ({ ...captureOps(queueOf), ...oneInputOps }),
    );
    node.entity.initPads([MEDIA_PAD_FL_SINK]);
    const parts = { pads: [MEDIA_PAD_FL_SOURCE], isSubdev: true };
    const sensor = mdev.registerEntity({ ...parts, name: 'a sensor', function: MEDIA_ENT_F_CAM_SENSOR });
    mdev.registerEntity({ name: 'a lens', function: MEDIA_ENT_F_LENS, isSubdev: true });
    mdev.createPadLink(sensor, 0, node.entity, 0, MEDIA_LNK_FL_ENABLED | MEDIA_LNK_FL_IMMUTABLE);
    return [node];
  },
});
`;

test(
  'a driver out of a file has a media device if it makes one',
  needs(['v4l2-compliance', 'media-ctl']),
  async () => {
    const cwd = scratch();
    writeFileSync(join(cwd, 'sensor.js'), driver);
    const options = { cwd, cameras: ['./sensor.js'] };
    const shown = await runUsercam(['media-ctl', '-p'], options);
    assert.equal(shown.stderr, '');
    assert.match(shown.text, /^bus info +platform:sensor-000$/m);
    assert.match(
      shown.text,
      /^- entity \d+: a sensor .*\n.*\n\s+pad0: (?:Source|SOURCE)\n\s+-> "sensor-000-vid-cap":0 /m,
    );
    assert.match(shown.text, /^- entity \d+: a lens \(0 pad, 0 link(?:, 0 routes)?\)\n.* subtype Lens /m);
    const { text } = await runUsercam(['v4l2-compliance', '-m', '/dev/media0', '-s', '5'], options);
    const { total, notable } = outcomeOf(text, true);
    assert.deepEqual([total > 54, notable], [true, []], text);
  },
);

const LIBCAMERA = { LIBCAMERA_LOG_NO_COLOR: '1' };

test('libcamera lists webcams, and captures from one', needs(['cam']), async () => {
  const two = ['webcam,profile=hd', 'webcam,name=Second,size=640x480,fps=30'];
  const listed = await runUsercam(['cam', '-l'], { cameras: two, env: LIBCAMERA });
  assert.deepEqual(
    [...listed.text.matchAll(/^\d: (?:External camera )?'(.*)' \((.*)\)$/gm)].map(([, ...words]) => words),
    [
      ['Integrated Camera: Integrated C', '\\_SB_.VHCI-1:1.0-04f2:b6d9'],
      ['Second', '\\_SB_.VHCI-2:1.0-04f2:b6d9'],
    ],
    listed.stderr,
  );
  const { code, text, stderr } = await runUsercam(['cam', '-c2', '--capture=5'], {
    cameras: two,
    env: LIBCAMERA,
  });
  assert.equal(code, 0, stderr);
  const frames = [...text.matchAll(/seq: (\d+) bytesused: (\d+)$/gm)];
  assert.equal(frames.length, 5, text);
  for (const [, , bytes] of frames) assert.ok(Number(bytes) > 1000, text);
});

test('libcamera hears of a webcam that comes and goes', needs(['cam']), async () => {
  const running = start([process.execPath, host, 'stdbuf', '-oL', 'cam', '-m'], { env: LIBCAMERA });
  await running.line('Press Ctrl-C to interrupt');
  running.child.stdin?.write('add webcam\n');
  await running.line('Camera Added: \\_SB_.VHCI-1:1.0-04f2:b6d9');
  running.child.stdin?.write('remove /dev/video0\n');
  await running.line('Camera Removed: \\_SB_.VHCI-1:1.0-04f2:b6d9');
  process.kill(running.pid, 'SIGTERM');
  await running.end;
});

test('udevadm hears of a media device after its nodes', needs(['udevadm']), async () => {
  const running = start([process.execPath, host, 'stdbuf', '-oL', 'udevadm', 'monitor', '-p']);
  let said = '';
  running.child.stdout?.on('data', (data) => {
    said += String(data);
  });
  await running.line('KERNEL - the kernel uevent');
  running.child.stdin?.write('add webcam\nremove /dev/video0\nadd vivi\n');
  await running.line('DEVPATH=/devices/virtual/video4linux/video0');
  process.kill(running.pid, 'SIGTERM');
  await running.end;
  const heard = [...said.matchAll(/^KERNEL\[[\d.]+\] (\w+) +\S*\/(\S+) \((\S+)\)$/gm)].map(
    ([, ...words]) => words,
  );
  assert.deepEqual(heard.slice(0, 4), [
    ['add', 'video0', 'video4linux'],
    ['add', 'media0', 'media'],
    ['remove', 'video0', 'video4linux'],
    ['remove', 'media0', 'media'],
  ]);
  const event = said.split('\n\n').find((each) => /^UDEV .* add .*\(media\)$/m.test(each));
  for (const line of ['SUBSYSTEM=media', 'MAJOR=384', 'MINOR=0', 'DEVNAME=/dev/media0', 'TAGS=:uaccess:'])
    assert.ok(event?.split('\n').includes(line), `${line} in ${event}`);
});
