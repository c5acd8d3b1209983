/** A camera that looks like one on USB, as programs find it. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { WebcamProfile } from '../../src/drivers/index.ts';
import { needs, root, runtime, runUsercam, scratch, usercam } from '../support/door.ts';

const DEVICE = '/sys/class/video4linux/video0/device';

test('a webcam has its USB ids and its interface in sysfs, found by way of its node', needs([]), async () => {
  const script = `
    cat ${DEVICE}/../idVendor ${DEVICE}/../idProduct ${DEVICE}/interface ${DEVICE}/bInterfaceClass
    cat /sys/class/video4linux/video0/name ${DEVICE}/modalias ${DEVICE}/uevent
    readlink -f ${DEVICE}
    ls /dev/v4l/by-id /sys/class/video4linux`;
  const cameras = ['webcam,profile=fullhd', 'webcam,profile=hd,name=Second'];
  const { code, text, stderr } = await runUsercam(['sh', '-c', script], { cameras });
  assert.equal(code, 0, stderr);
  assert.deepEqual(text.trim().split('\n'), [
    '046d',
    '082d',
    'HD Pro Webcam C920',
    '0e',
    'HD Pro Webcam C920',
    'usb:v046Dp082Dd0100dcEFdsc02dp01ic0Eisc01ip00in00',
    'DEVTYPE=usb_interface',
    'DRIVER=uvcvideo',
    'PRODUCT=46d/82d/100',
    'TYPE=239/2/1',
    'INTERFACE=14/1/0',
    'MODALIAS=usb:v046Dp082Dd0100dcEFdsc02dp01ic0Eisc01ip00in00',
    '/sys/devices/platform/vhci_hcd.0/usb1/1-1/1-1:1.0',
    '/dev/v4l/by-id:',
    'usb-046d_HD_Pro_Webcam_C920-video-index0',
    'usb-04f2_Second-video-index0',
    '',
    '/sys/class/video4linux:',
    'video0',
    'video1',
  ]);
});

test('udev knows a webcam as a USB device', needs(['udevadm']), async () => {
  const command = ['udevadm', 'info', '--query=property', '/dev/video0'];
  const { code, text, stderr } = await runUsercam(command, { cameras: ['webcam,profile=fullhd'] });
  assert.equal(code, 0, stderr);
  const ids = ['ID_BUS=usb', 'ID_VENDOR_ID=046d', 'ID_MODEL_ID=082d', 'ID_V4L_CAPABILITIES=:capture:'];
  for (const line of [...ids, 'ID_MODEL_ENC=HD\\x20Pro\\x20Webcam\\x20C920'])
    assert.ok(text.split('\n').includes(line), `${line} in ${text}`);
});

test('udev finds by itself where a webcam is plugged in', needs(['udevadm']), async () => {
  const command = ['udevadm', 'test-builtin', 'path_id', '/sys/class/video4linux/video1'];
  const { code, text, stderr } = await runUsercam(command, { cameras: ['webcam', 'webcam'] });
  assert.equal(code, 0, stderr);
  assert.match(`${text}\n${stderr}`, /^ID_PATH=platform-vhci_hcd\.0-usb-0:2:1\.0$/m);
});

test(
  'usercam profile writes down a camera, and webcam,profile=FILE is that camera',
  needs(['ffmpeg']),
  async () => {
    const profile = [runtime, usercam, 'profile', '/dev/video0'];
    for (const camera of [
      'webcam,profile=hd,metadata=yes',
      'webcam,profile=fullhd',
      'webcam,profile=usb3',
      'vivi',
    ]) {
      const first = await runUsercam(profile, { cameras: [camera] });
      assert.equal(first.code, 0, first.stderr);
      const directory = scratch();
      writeFileSync(join(directory, 'mine.json'), first.text);
      const again = await runUsercam(profile, { cameras: ['webcam,profile=./mine.json'], cwd: directory });
      const written = JSON.parse(first.text) as WebcamProfile;
      assert.deepEqual(JSON.parse(again.text), written, camera);
      assert.equal(written.metadata, camera.includes('metadata') ? true : undefined);
      assert.equal(
        written.formats.some(({ format }) => format === 'H264'),
        camera.includes('fullhd'),
      );
    }
  },
);

test('usercam profile finds the USB ids of a camera by whatever name it is opened', needs([]), async () => {
  const profile = `"$0" "${usercam}" profile`;
  const script = `${profile} /dev/video1; ${profile} /dev/v4l/by-id/*Second*; cd /dev && ${profile} ./video1`;
  const cameras = ['vivi', 'webcam,profile=usb3,name=Second'];
  const { text, stderr } = await runUsercam(['sh', '-c', script, runtime], { cameras });
  const ids = [...text.matchAll(/"(?:vendor|product)": "(.*)"/g)].map(([, id]) => id);
  assert.deepEqual(ids, ['1d6b', '0102', '1d6b', '0102', '1d6b', '0102'], stderr);
});

test('usercam profile leaves out formats that a webcam here cannot have', needs([]), async () => {
  const directory = scratch();
  const driver = readFileSync(join(root, 'examples', 'my-camera.ts'), 'utf8');
  const more = driver.replace("formatsNamed('RGB24')", "formatsNamed('RGB24', 'Y16')");
  assert.notEqual(more, driver);
  writeFileSync(join(directory, 'more.ts'), more);
  const command = [runtime, usercam, 'profile', '/dev/video0'];
  const { code, text, stderr } = await runUsercam(command, { cameras: ['./more.ts'], cwd: directory });
  assert.equal(code, 0, stderr);
  assert.match(stderr, /left out, because a webcam here cannot have it: 16-bit Greyscale/);
  writeFileSync(join(directory, 'mine.json'), text);
  const again = await runUsercam(command, { cameras: ['webcam,profile=./mine.json'], cwd: directory });
  assert.deepEqual(JSON.parse(again.text), JSON.parse(text), again.stderr);
});

test('usercam profile says what is no camera', needs([]), async () => {
  const { code, stderr } = await runUsercam([runtime, usercam, 'profile', '/dev/video7']);
  assert.equal(code, 2);
  assert.match(stderr, /^usercam: there is no \/dev\/video7: name a camera/);
});

test('every camera can call its driver as a program wants it', needs(['v4l2-ctl']), async () => {
  const cameras = ['webcam,driver=v4l2 loopback', 'vivi,driver=uvcvideo'];
  const { text } = await runUsercam(['sh', '-c', 'v4l2-ctl -d 0 --info; v4l2-ctl -d 1 --info'], { cameras });
  assert.deepEqual(
    [...text.matchAll(/^Driver Info:\n\tDriver name\s+: (.*)/gm)].map(([, name]) => name),
    ['v4l2 loopback', 'uvcvideo'],
  );
});
