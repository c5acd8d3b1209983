import assert from 'node:assert/strict';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ENOTDIR } from '../../src/base/errno.ts';
import { AT_FDCWD } from '../../src/linux/constants.ts';
import { Paths } from '../../src/syscalls/names/paths.ts';
import { makeShadowRoot } from '../../src/syscalls/names/shadow-root.ts';
import { ShadowTree } from '../../src/syscalls/names/shadow-tree.ts';
import { DeviceTable } from '../../src/vfs/device-table.ts';
import type { CharDevice, FileOperations } from '../../src/vfs/file.ts';

const device: CharDevice = {
  name: 'video7',
  major: 81,
  minor: 7,
  fops: {} as FileOperations,
  subsystem: 'video4linux',
  attributes: { name: 'test camera', index: '0' },
  udevProperties: { ID_V4L_VERSION: '2' },
  links: ['v4l/by-path/platform-test-video-index0'],
};

const root = makeShadowRoot();
const devices = new DeviceTable([device]);
const tree = new ShadowTree(root, devices);
const paths = new Paths(tree, devices);
after(() => rmSync(root, { recursive: true, force: true }));

const find = (path: string) => paths.find(process.pid, AT_FDCWD, new TextEncoder().encode(path));

test('Paths finds the device when its node is named in any spelling', () => {
  for (const path of [
    '/dev/video7',
    '//dev//video7',
    '/dev/./video7',
    '/dev/../dev/video7',
    '/tmp/../dev/video7',
  ]) {
    assert.deepEqual(find(path), { kind: 'device', device }, path);
  }
});

test('Paths leaves a path alone when it is none of ours', () => {
  for (const path of [
    '/dev/video70',
    '/dev/video',
    '/dev/null',
    '/etc/passwd',
    '/sys/class/net',
    'video7',
    '',
    '/',
  ]) {
    assert.equal(find(path), undefined, path);
  }
});

test('Paths resolves a relative path when the program stands in /dev', () => {
  const before = process.cwd();
  process.chdir('/dev');
  try {
    assert.deepEqual(find('video7'), { kind: 'device', device });
    assert.deepEqual(find('./video7'), { kind: 'device', device });
  } finally {
    process.chdir(before);
  }
});

test('Paths follows symbolic links when they lead to the device', () => {
  const directory = mkdtempSync(join(tmpdir(), 'links-'));
  const before = process.cwd();
  const links = {
    cam: '/dev/video7',
    again: 'cam',
    dev: '/dev',
    up: '../../../../../../dev/video7',
    loop: 'loop',
  };
  try {
    for (const [name, target] of Object.entries(links)) symlinkSync(target, join(directory, name));
    process.chdir(directory);
    for (const name of [
      'cam',
      'again',
      'up',
      './again',
      'dev/video7',
      `${directory}/cam`,
      `${directory}/dev/video7`,
    ])
      assert.deepEqual(find(name), { kind: 'device', device }, name);
    for (const name of ['loop', 'none', 'dev/null', 'dev/video8', 'none/video7'])
      assert.equal(find(name), undefined, name);
    const bytes = new TextEncoder().encode('cam');
    assert.equal(paths.find(process.pid, AT_FDCWD, bytes, false), undefined, 'not followed');
  } finally {
    process.chdir(before);
    rmSync(directory, { recursive: true });
  }
});

test('Paths goes up only from what is a directory, and from where it really is', () => {
  const directory = mkdtempSync(join(tmpdir(), 'dots-'));
  try {
    symlinkSync('/dev/shm', join(directory, 'shm'));
    symlinkSync('/usr/share', join(directory, 'share'));
    for (const path of [
      '/dev/shm/../video7',
      `${directory}/shm/../video7`,
      `${directory}/share/../../dev/video7`,
    ])
      assert.deepEqual(find(path), { kind: 'device', device }, path);
    const nowhere = [
      '/dev/none/../video7',
      '/dev/null/../video7',
      '/dev/fd/../video7',
      `/${'x'.repeat(256)}/../dev/video7`,
    ];
    for (const path of [...nowhere, `${directory}/share/../dev/video7`])
      assert.equal(find(path), undefined, path);
    for (const path of ['/dev/video7/.', '/dev/./video7/.', '/dev/video7/../video7', '/dev/../dev/video7/..'])
      assert.throws(() => find(path), { code: ENOTDIR }, path);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('Paths follows links through /proc, and those that end with a slash', () => {
  const directory = mkdtempSync(join(tmpdir(), 'links-'));
  const before = process.cwd();
  const links = {
    root: '/proc/self/root/dev/video7',
    slash: '/dev/video7/',
    camera: '/dev/video7',
    dev: '/dev/',
  };
  try {
    for (const [name, target] of Object.entries(links)) symlinkSync(target, join(directory, name));
    process.chdir(directory);
    for (const path of ['root', 'dev/video7', '/proc/self/cwd/camera', '/proc/thread-self/cwd/root'])
      assert.deepEqual(find(path), { kind: 'device', device }, path);
    for (const path of ['slash', 'camera/', 'camera/.', `${directory}/root//`])
      assert.throws(() => find(path), { code: ENOTDIR }, path);
    for (const path of ['dev', 'dev/', 'dev/.']) assert.equal(find(path)?.kind, 'directory', path);
  } finally {
    process.chdir(before);
    rmSync(directory, { recursive: true });
  }
});

test('Paths finds files of the shadow tree when sysfs or the udev database is named', () => {
  for (const path of [
    '/sys/class/video4linux',
    '/sys/class/video4linux/video7',
    '/sys/dev/char/81:7/uevent',
    '/sys/devices/virtual/video4linux/video7/name',
    '/run/udev/data/c81:7',
  ]) {
    const found = find(path);
    assert.ok(found?.kind === 'shadow', path);
    assert.ok(existsSync(found.real), path);
  }
});

test('Paths leads out of the shadow tree when a path goes up from it', () => {
  const way = find('/sys/class/video4linux/..');
  assert.ok(way?.kind === 'directory' && way.path === '/sys/class');
  assert.deepEqual(find('/sys/class/video4linux/../net'), { kind: 'behind', path: '/sys/class/net' });
});

test('Paths adds names to a directory when the device shows in it', () => {
  const found = find('/dev/');
  assert.ok(found?.kind === 'directory');
  assert.deepEqual(
    tree.additions.get(found.path)?.map(({ name }) => name),
    ['video7', ...['char', 'v4l'].filter((name) => !existsSync(`/dev/${name}`))],
  );
});

test('Paths knows a descriptor when it is named through /proc', () => {
  for (const path of ['/proc/self/fd/768', '/dev/fd/768'])
    assert.deepEqual(find(path), { kind: 'descriptor', pid: undefined, fd: 768, slash: false }, path);
  assert.deepEqual(find('/proc/12/fd/768/'), { kind: 'descriptor', pid: 12, fd: 768, slash: true });
  assert.throws(() => find('/dev/video7/'), { code: ENOTDIR });
});

test('ShadowTree has the files that programs look for when a device is there', () => {
  assert.match(readFileSync(`${root}/sys/dev/char/81:7/uevent`, 'utf8'), /^DEVNAME=video7$/m);
  assert.equal(readFileSync(`${root}/sys/class/video4linux/video7/name`, 'utf8'), 'test camera\n');
  assert.match(readFileSync(`${root}/run/udev/data/c81:7`, 'utf8'), /^E:ID_V4L_VERSION=2$/m);
  assert.equal(
    realpathSync(`${root}/sys/dev/char/81:7`),
    `${realpathSync(root)}/sys/devices/virtual/video4linux/video7`,
  );
});

test('ShadowTree leaves a class of devices as it is when the host has it too', () => {
  const ofHost = makeShadowRoot();
  try {
    const mixed = new ShadowTree(ofHost, new DeviceTable([{ ...device, subsystem: 'mem' }]));
    assert.equal(mixed.additions.has('/sys/class'), false);
    assert.deepEqual(
      mixed.additions.get('/sys/devices/virtual/mem')?.map(({ name }) => name),
      ['video7'],
    );
    assert.equal(mixed.locate('/sys/devices/virtual/mem/null'), undefined);
    assert.ok(mixed.locate('/sys/devices/virtual/mem/video7/name'));
    assert.equal(mixed.locate('/sys/class/mem/null'), undefined);
    assert.ok(mixed.locate('/sys/class/mem/video7/name'));
  } finally {
    rmSync(ofHost, { recursive: true, force: true });
  }
});

test('Paths knows a directory of the shadow tree by what the kernel calls it when its root is named by a link', () => {
  const directory = mkdtempSync(join(tmpdir(), 'root-'));
  const ours = makeShadowRoot();
  try {
    symlinkSync(ours, join(directory, 'link'));
    const table = new DeviceTable([device]);
    const throughLink = new Paths(new ShadowTree(join(directory, 'link'), table), table);
    const unshadow = (path: string) => throughLink.unshadow(realpathSync(ours) + path);
    assert.equal(unshadow('/sys/class/video4linux'), '/sys/class/video4linux');
    // The real one is another.
    assert.equal(unshadow('/sys/class'), `${realpathSync(ours)}/sys/class`);
  } finally {
    for (const made of [directory, ours]) rmSync(made, { recursive: true });
  }
});

test('Paths follows devices that come and go', () => {
  const ours = makeShadowRoot();
  after(() => rmSync(ours, { recursive: true, force: true }));
  const table = new DeviceTable([device]);
  const moving = new Paths(new ShadowTree(ours, table), table);
  const seen = (path: string) => moving.find(process.pid, AT_FDCWD, new TextEncoder().encode(path))?.kind;
  const other = { ...device, name: 'video8', minor: 8, links: [...device.links, 'v4l/by-path/other'] };
  assert.equal(seen('/dev/video8'), undefined);
  table.add(other);
  assert.equal(seen('/dev/video8'), 'device');
  assert.equal(seen('/dev/char/81:8'), 'device');
  assert.equal(seen('/sys/class/video4linux/video8/name'), 'shadow');
  assert.equal(seen('/sys/dev/char/81:8'), 'shadow');
  assert.equal(seen('/run/udev/data/c81:8'), 'shadow');
  table.remove(device);
  assert.equal(seen('/dev/video7'), undefined);
  assert.notEqual(seen('/dev/char/81:7'), 'device');
  assert.equal(seen('/sys/dev/char/81:7'), undefined);
  // A name that both claimed belongs to the one that is left.
  assert.equal(seen('/dev/v4l/by-path/platform-test-video-index0'), 'device');
  assert.equal(readFileSync(`${ours}/sys/class/video4linux/video8/dev`, 'utf8'), '81:8\n');
  table.remove(other);
  assert.deepEqual(moving.tree.additions.get('/dev'), []);
  // udev's own name stays, where the host has none.
  const left = readdirSync(ours, { recursive: true, withFileTypes: true }).filter(
    (entry) => !entry.isDirectory() && entry.name !== 'control',
  );
  // The mark of the directory itself.
  assert.deepEqual(
    left.map(({ name }) => name),
    ['.usercam-devices'],
  );
});

test('Paths leaves nothing behind when devices come and go a thousand times', () => {
  const ours = makeShadowRoot();
  after(() => rmSync(ours, { recursive: true, force: true }));
  const table = new DeviceTable([device]);
  const moving = new Paths(new ShadowTree(ours, table), table);
  const files = () => readdirSync(ours, { recursive: true }).toSorted();
  const before = files();
  for (let i = 0; i < 1000; i++) {
    const guest = { ...device, name: `video${8 + (i % 3)}`, minor: 8 + (i % 3), links: [] };
    table.add(guest);
    const path = new TextEncoder().encode(`/dev/${guest.name}`);
    assert.equal(moving.find(process.pid, AT_FDCWD, path)?.kind, 'device');
    table.remove(guest);
    assert.equal(moving.find(process.pid, AT_FDCWD, path), undefined);
  }
  assert.deepEqual(files(), before);
});
