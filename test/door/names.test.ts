import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { client, json, needs, python, run, runUsercam, scratch, underUsercam } from '../support/door.ts';

/** A directory that looks like a root to those who ask for cameras. */
function makeRoot(): string {
  const outside = scratch();
  const root = join(outside, 'root');
  for (const path of ['dev', 'sys/class', 'sys/dev/char', 'sys/devices/virtual', 'run/udev/data', 'proc'])
    mkdirSync(join(root, path), { recursive: true });
  writeFileSync(join(root, 'dev', 'null'), '');
  symlinkSync('/dev/video0', join(outside, 'camera'));
  const links = {
    'to-dev': '/dev',
    'to-class': '/sys/class',
    'to-camera': 'dev/video0',
    link: join(outside, 'camera'),
  };
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(root, name));
  chmodSync(root, 0o755);
  return root;
}

for (const how of ['chroot', 'mount'])
  test(
    `a program with a root of its own gets the camera and nothing that leads out of it: ${how}`,
    needs(['gcc', 'user namespaces']),
    async () => {
      const result = await runUsercam([client('escape'), makeRoot(), how]);
      assert.equal(result.stderr, '');
      assert.equal(result.code, 0);
      assert.ok((json(result).checks as number) > 100);
    },
  );

test(
  'bwrap shows the camera by name and lists its own /dev',
  needs(['bubblewrap', 'coreutils']),
  async () => {
    const script =
      'test -c /dev/video0 && ls /dev && ls -d /sys/class/video4linux 2>&1; stat -c %t:%T /dev/video0';
    const mounts = ['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc'];
    const plain = spawnSync('bwrap', [...mounts, 'ls', '/dev'], { encoding: 'utf8' });
    const result = await runUsercam(['bwrap', ...mounts, '--', 'sh', '-c', script]);
    const names = [...plain.stdout.trim().split('\n'), 'video0'].sort();
    const listed = result.text.split('\n');
    assert.deepEqual(listed.slice(0, names.length).sort(), names, result.stderr);
    assert.match(result.text, /^51:0$/m);
  },
);

/** Lists a directory again and again through copies of its descriptor. */
const listings = `
import os
def names(fd): return [e for e in os.listdir(fd)]
def camera(what, found):
    print(what, found.count('video0'))
d = os.open('/dev', os.O_RDONLY | os.O_DIRECTORY)
camera('first', names(d))
camera('again', names(d))
e = os.dup(d)
camera('dup', names(e))
if os.fork() == 0:
    camera('child', names(d))
    os.close(d)
    camera('child dup', names(e))
    os._exit(0)
os.wait()
r, w = os.pipe()
if os.fork() == 0:
    os.read(r, 1)
    camera('orphan', names(d))
    os._exit(0)
os.close(d)
os.close(e)
os.write(w, b'x')
os.wait()
`;

test('a listing has the camera once through every copy of its descriptor', needs(['python3']), async () => {
  const result = await runUsercam([python, '-u', '-c', listings]);
  assert.equal(result.stderr, '');
  const lines = result.text.trimEnd().split('\n');
  const whats = ['first', 'again', 'dup', 'child', 'child dup', 'orphan'];
  assert.deepEqual(
    lines,
    whats.map((what) => `${what} 1`),
  );
});

test(
  'find finds the camera, which opens directories so that they cannot become its terminal',
  needs([]),
  async () => {
    const result = await runUsercam(['find', '/dev', '-maxdepth', '1', '-name', 'video*', '-type', 'c']);
    assert.equal(result.text, '/dev/video0\n', result.stderr);
  },
);

/** What is in each listing of /dev that is opened so, or why it is not opened. */
const asked = `
import os
for name in 'O_SYNC O_DSYNC O_APPEND O_ASYNC O_EXCL O_NOATIME O_RDWR O_DIRECT O_TMPFILE O_TRUNC'.split():
    try:
        d = os.open('/dev', os.O_DIRECTORY | getattr(os, name))
        print(name, os.listdir(d).count('video0'))
        os.close(d)
    except OSError as e:
        print(name, e.strerror)
print('an unknown flag', os.listdir(os.open('/dev', 1 << 30)).count('video0'))
`;

test('a directory is listed with the camera however it was opened', needs(['python3']), async () => {
  const result = await runUsercam([python, '-c', asked]);
  const bare = await run([python, '-c', asked]);
  const expected = bare.text.replace(/ 0$/gm, ' 1');
  assert.match(expected, /^O_SYNC 1$/m);
  assert.match(expected, /^O_RDWR Is a directory$/m);
  assert.equal(result.text, expected, result.stderr);
});

test('a listing goes on where its buffer was full, and where seekdir() goes', needs(['gcc']), async () => {
  const cameras = Array<string>(60).fill('vivi');
  const result = await runUsercam([client('listing'), '60'], { cameras });
  assert.equal(result.stderr, '');
  assert.equal(result.code, 0);
});

test('a directory of ours is listed with the one above it', needs(['coreutils']), async () => {
  const script = 'LC_ALL=C ls -la /sys/class/video4linux && test -x /sys/class/video4linux/..';
  const result = await runUsercam(['sh', '-c', script]);
  assert.equal(result.stderr, '');
  assert.equal(result.code, 0);
  assert.match(result.text, /^drwx.* \.\.$/m);
});

test(
  'udev finds a camera by where it is and by its number, and its links lead there',
  needs(['coreutils']),
  async () => {
    const link = '/dev/v4l/by-path/platform-vivi-000-video-index0';
    const script = `ls -A /dev/v4l/by-path; readlink ${link}; stat -L -c %F ${link}; cd /dev; stat -L -c %t:%T v4l/by-path/*;
    ls /dev | grep -c -e '^v4l$' -e '^char$'; readlink char/81:0; ls /dev/char | grep '^81:'; stat -L -c %t:%T char/81:0`;
    const result = await runUsercam(['sh', '-c', script]);
    assert.equal(result.stderr, '');
    const lines = [
      ...['platform-vivi-000-video-index0', '../../video0', 'character special file', '51:0', '2'],
      ...['../video0', '81:0', '51:0'],
    ];
    assert.equal(result.text, `${lines.join('\n')}\n`);
  },
);

const users = process.getuid?.() === 0 ? ['65534', undefined] : [undefined];

for (const user of users)
  test(
    `a program cannot use the rights of those who serve it: ${user ? `uid ${user} below root` : 'the same user'}`,
    needs(['gcc']),
    async () => {
      const file = join(scratch(), 'read-only');
      writeFileSync(file, new Uint8Array(4 << 20), { mode: 0o444 });
      const result = await runUsercam([client('rights'), file, ...(user === undefined ? [] : [user])]);
      assert.equal(result.stderr, '');
      assert.equal(result.code, 0);
    },
  );

if (process.getuid?.() === 0)
  test(
    'usercam says once whom it may not serve: a program that has become another user',
    needs(['setpriv']),
    async () => {
      const without = ['setpriv', '--bounding-set=-sys_ptrace', '--inh-caps=-sys_ptrace'];
      const asNobody = [
        'setpriv',
        '--reuid=65534',
        '--clear-groups',
        'sh',
        '-c',
        ': < /dev/video0; : < /dev/video0',
      ];
      const { stderr } = await run([...without, ...underUsercam(asNobody)]);
      assert.equal(
        stderr.match(/^usercam: a program runs as user 65534, .* CAP_SYS_PTRACE$/gm)?.length,
        1,
        stderr,
      );
    },
  );

test(
  'what is asked of a camera by its name is answered as for a device of the kernel',
  needs(['gcc']),
  async (context) => {
    if (statSync('/dev/zero').dev !== statSync('/dev').dev) {
      context.skip('the devices in /dev are mounts here');
      return;
    }
    const device = await run([client('node-names'), 'zero'], { cwd: scratch() });
    const camera = await runUsercam([client('node-names'), 'video0'], { cwd: scratch() });
    assert.equal(camera.stderr, device.stderr);
    assert.deepEqual(camera.text.replaceAll('video0', 'zero').split('\n'), device.text.split('\n'));
    assert.ok(device.text.split('\n').length > 140);
  },
);

if (process.getuid?.() === 0)
  test(
    'nothing can be mounted on a camera, and no camera elsewhere',
    needs(['gcc', 'user namespaces']),
    async () => {
      const result = await runUsercam(['unshare', '-m', client('node-names'), 'video0', 'mounts']);
      const answers = { umount: 'EINVAL', 'mount on it': 'EPERM', 'bind on it': 'EPERM', 'bind it': 'EPERM' };
      const lines = Object.entries(answers).map(([what, answer]) => `${what}: ${answer}`);
      assert.deepEqual(
        result.text.trimEnd().split('\n'),
        [...lines, 'mount what is on it: ENOENT'],
        result.stderr,
      );
    },
  );

/** In a /dev of one's own, where a device of the kernel's has the name of the first camera: /dev/zero is one. */
const realCamera = [
  'unshare',
  '-Urm',
  'sh',
  '-c',
  `touch null zero && mount --bind /dev/null null && mount --bind /dev/zero zero && mount -t tmpfs -o mode=755 none /dev &&
    touch /dev/null /dev/video0 && mount --bind null /dev/null && mount --bind zero /dev/video0 && mkdir /dev/links &&
    ln -s ../video0 /dev/links/camera && exec "$@"`,
  'sh',
];

/** What `stat` shows of a device by all its names, and whether there is anything but zeros to read. */
const ask = (name: string) => `
cd /
for path in /dev/${name} /dev/../dev//${name} dev/${name} /proc/self/root/dev/${name} /proc/self/cwd/dev/${name}; do
  stat -L -c %t:%T $path
done
(cd /dev && stat -c %t:%T ${name})
stat -L -c %t:%T - < /dev/${name}
head -c 1000 /dev/${name} | tr -d '\\0' | head -c 1 | wc -c`;

test(
  '--replace takes the place of a real device under all its names',
  needs(['coreutils', 'user namespaces']),
  async () => {
    const command = [
      ...underUsercam(['sh', '-c', `ls /dev; stat -L -c %t:%T /dev/links/camera; ${ask('video0')}`]),
    ];
    command.splice(command.indexOf('run') + 1, 0, '--replace');
    const after =
      'stat -c %t:%T /dev/video0; head -c 100 /dev/video0 | tr -d "\\0" | wc -c; stat -c %a /dev/video0';
    const changes =
      'chmod 600 /dev/video0; rm -f /dev/video0; mv /dev/null /dev/video0; ln -f /dev/null /dev/video0';
    const tried = [
      'sh',
      '-c',
      `"$@"; ${after}`,
      'sh',
      ...command.slice(0, -1),
      `${command.at(-1)}; (${changes}) 2> /dev/null; :`,
    ];
    const result = await run([...realCamera, ...tried], { cwd: scratch() });
    assert.equal(result.stderr, '');
    const listed = ['char', 'links', 'null', 'v4l', 'video0'];
    const ours = [...Array<string>(8).fill('51:0'), '1'];
    assert.deepEqual(result.text.trimEnd().split('\n'), [...listed, ...ours, '1:5', '0', '666']);
  },
);

test(
  'without --replace a real device keeps its name, and stderr says where the camera is',
  needs(['coreutils', 'user namespaces']),
  async () => {
    const command = underUsercam(['sh', '-c', `ls /dev; ${ask('video0')}; ${ask('video1')}`]);
    const result = await run([...realCamera, ...command], { cwd: scratch() });
    assert.equal(
      result.stderr,
      'usercam: the host has /dev/video0; the first camera of usercam is /dev/video1\n',
    );
    const listed = ['char', 'links', 'null', 'v4l', 'video0', 'video1'];
    const theirs = [...Array<string>(7).fill('1:5'), '0'];
    const ours = [...Array<string>(7).fill('51:1'), '1'];
    assert.deepEqual(result.text.trimEnd().split('\n'), [...listed, ...theirs, ...ours]);
  },
);

test(
  'who looks through the directory of temporary files does not come into /dev from there',
  needs(['coreutils']),
  async () => {
    const directory = scratch();
    const script = 'cd "$TMPDIR"/usercam-* && ls dev && ls sys && cd sys && ls class && echo looked';
    const command = underUsercam(['sh', '-c', script]);
    const result = await run(['sh', '-c', 'TMPDIR=$0 exec "$@"', directory, ...command]);
    assert.match(result.text, /^video0\n(.+\n)*class\n(.+\n)*looked\n$/m, result.stderr);
    assert.doesNotMatch(result.text, /^(null|net)$/m);
  },
);
