/** What programs learn of a camera from its names: in /dev, in /sys, in /proc and from udev. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { client, json, needs, run, runtime, runUsercam, staticClient, usercam } from '../support/door.ts';

for (const [linked, compiler, build] of [
  ['dynamically', 'gcc', client],
  ['statically', 'gcc -static', staticClient],
] as const)
  test(
    `the names of a camera answer as a device's to a program linked ${linked}`,
    needs([compiler]),
    async () => {
      const result = await runUsercam([build('paths')]);
      assert.equal(result.stderr, '');
      assert.equal(json(result).wrong, 0);
      assert.equal(result.code, 0);
    },
  );

test('the real /dev stays as it is when a program changes the names in it', needs(['gcc']), async () => {
  const before = existsSync('/dev/video0');
  await runUsercam([client('paths')]);
  assert.equal(existsSync('/dev/video0'), before);
});

test('root writes what it may in /sys, and events are told of that', needs(['gcc']), async () => {
  const result = await runUsercam([client('attributes')]);
  assert.deepEqual([result.stderr, result.code], ['', 0]);
  assert.equal(json(result).wrong, 0);
});

test(
  'what root writes into dev_debug makes usercam tell what the log of a kernel tells',
  needs(['v4l2-ctl']),
  async () => {
    const debug = '/sys/class/video4linux/video0/dev_debug';
    const ask = 'v4l2-ctl -d /dev/video0 --get-input >/dev/null';
    const script = `${ask}; echo 3 > ${debug}; ${ask}; echo 0x4 > ${debug}; ${ask}; echo 8 > ${debug}; ${ask}; echo 0 > ${debug}; ${ask}`;
    const { stderr } = await runUsercam(['sh', '-c', script]);
    if (process.getuid?.() !== 0) {
      assert.match(stderr, /Permission denied/);
      assert.doesNotMatch(stderr, /video0: /);
      return;
    }
    const lines = stderr.split('\n').filter((line) => line.startsWith('usercam: video0: '));
    const [names, files] = [
      lines.filter((line) => /VIDIOC_/.test(line)),
      lines.filter((line) => !/VIDIOC_/.test(line)),
    ];
    assert.match(names[0] ?? '', /^usercam: video0: VIDIOC_QUERYCAP: driver="vivi", /);
    assert.equal(names.filter((line) => line.startsWith('usercam: video0: VIDIOC_G_INPUT: ')).length, 1);
    assert.match(
      files.join('\n'),
      /^usercam: video0: open: .*\n(usercam: video0: .*\n)*usercam: video0: release$/,
    );
    assert.equal(files.filter((line) => line.includes(' open')).length, 1);
    assert.deepEqual(lines, stderr.trimEnd().split('\n'), 'and nothing else');
  },
);

test('what belongs to a camera is for all to read, whatever the umask', needs(['coreutils']), async () => {
  const home = '/sys/class/video4linux/video0';
  const files = [home, `${home}/name`, `${home}/uevent`, '/dev/v4l', '/run/udev/data/c81:0'];
  const command = ['stat', '-L', '-c', '%a', ...files];
  const { text } = await run([
    'sh',
    '-c',
    'umask 077; exec "$@"',
    'sh',
    runtime,
    usercam,
    'run',
    '--',
    ...command,
  ]);
  assert.deepEqual(text.split('\n'), ['755', '444', '644', '755', '444', '']);
});

test('udevadm triggers events as it does without a camera', needs(['udevadm']), async () => {
  const trigger = ['udevadm', 'trigger', '--subsystem-match=mem'];
  const plain = await run(trigger);
  const served = await runUsercam([...trigger, '--subsystem-match=video4linux', '--subsystem-match=media'], {
    cameras: ['webcam'],
  });
  assert.equal(served.code, plain.code);
});

const properties = [
  'DEVNAME=/dev/video0',
  'DEVPATH=/devices/virtual/video4linux/video0',
  'SUBSYSTEM=video4linux',
  'MAJOR=81',
  'ID_V4L_VERSION=2',
  'ID_V4L_PRODUCT=vivi',
  'ID_V4L_CAPABILITIES=:capture:',
];

for (const options of [
  ['--query=property', '--name=/dev/video0'],
  ['--query=property', '/dev/video0'],
  ['--query=property', '--path=/sys/class/video4linux/video0'],
])
  test(`udevadm info ${options.join(' ')} describes the camera`, needs(['udevadm']), async () => {
    const result = await runUsercam(['udevadm', 'info', ...options]);
    assert.equal(result.stderr, '');
    const lines = result.text.split('\n');
    for (const property of properties) assert.ok(lines.includes(property), `${property}: ${result.text}`);
    assert.equal(result.code, 0);
  });

test('udevadm info --export-db lists every camera once', needs(['udevadm']), async () => {
  const result = await runUsercam(['udevadm', 'info', '--export-db'], { cameras: ['vivi', 'vivi'] });
  const found = result.text.match(/^P: .*\/video4linux\/.*$/gm);
  const home = '/devices/virtual/video4linux';
  assert.deepEqual(found, [`P: ${home}/video0`, `P: ${home}/video1`]);
  assert.equal(result.code, 0);
});

test(
  'gst-device-monitor-1.0 finds the camera',
  needs(['gst-device-monitor', 'gstreamer', 'coreutils']),
  async () => {
    const command = ['timeout', '20', 'gst-device-monitor-1.0', 'Video/Source'];
    const result = await runUsercam(command);
    assert.match(result.text, /^\t\tdevice\.path = \/dev\/video0$/m, result.stderr);
    assert.match(result.text, /^\t\tdevice\.capabilities = :capture:$/m);
  },
);

test('df and stat -f name a file system when they are asked for a camera', needs(['coreutils']), async () => {
  const result = await runUsercam(['sh', '-c', 'df --output=target /dev/video0; stat -f -c %T /dev/video0']);
  assert.equal(result.stderr, '');
  assert.match(result.text, /\/dev\ntmpfs\n$/);
});

test('stat and readlink know a camera when it is standard input', needs(['coreutils']), async () => {
  const script = 'stat -L -c "%F %t:%T" /dev/stdin < /dev/video0; readlink /proc/self/fd/0 < /dev/video0';
  const result = await runUsercam(['sh', '-c', script]);
  assert.equal(result.text, 'character special file 51:0\n/dev/video0\n');
});

test('v4l2-ctl opens /dev/stdin when that is a camera', needs(['v4l2-ctl']), async () => {
  const result = await runUsercam(['sh', '-c', 'v4l2-ctl -d /dev/stdin --info < /dev/video0']);
  assert.match(result.text, /Driver name\s+: vivi\n/);
  assert.equal(result.code, 0, result.stderr);
});

test('rm, mv and chmod of a camera change nothing', needs([]), async () => {
  const script =
    'rm -f /dev/video0; mv /dev/video0 moved; chmod 666 /dev/video0; test -c /dev/video0 && test ! -e moved';
  const result = await runUsercam(['sh', '-c', script]);
  assert.equal(result.code, 0, result.stderr);
});
