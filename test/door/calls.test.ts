/** Calls on a camera that few programs make, and programs that make them. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { CapabilityName } from '../support/capabilities.ts';
import {
  client,
  json,
  needs,
  python,
  type Result,
  run,
  runUsercam,
  scratch,
  underUsercam,
} from '../support/door.ts';

function assertRight(result: Result): void {
  assert.equal(result.stderr, '');
  assert.equal(json(result).wrong, 0);
  assert.equal(result.code, 0);
}

const camera = {
  copies: 'splice, sendfile, copy_file_range and tee are refused as by any device without them',
  vectors: 'readv and its variants go on from piece to piece, and refuse what the kernel refuses',
  flags: 'O_DIRECT, O_ASYNC and their like are answered as by a device that does not know them',
  names: 'a descriptor that only names a camera does nothing, and nothing lies below a camera',
};

for (const [mode, title] of Object.entries(camera))
  test(title, needs(['gcc']), async () => {
    assertRight(await runUsercam([client('calls'), mode]));
  });

test('what is wrong with a call on a camera is said as of any node', needs(['gcc']), async () => {
  const command = [client('wrong'), '/dev/video0', '/sys/class/video4linux/video0', '/dev'];
  assertRight(await runUsercam(command));
  const sysfs = '/sys/class/mem/null';
  if (existsSync(sysfs)) assertRight(await run([client('wrong'), '/dev/null', sysfs, '/dev']));
});

test(
  'attributes are those of any node, also for calls with a directory and flags',
  needs(['gcc']),
  async () => {
    const ofNull = await run([client('attributes-at'), '/dev/null']);
    const ofCamera = await runUsercam([client('attributes-at'), '/dev/video0']);
    assert.deepEqual(ofCamera, ofNull);
  },
);

test('lengths and addresses that no program can mean are told as of any node', needs(['gcc']), async () => {
  const ofNull = await run([client('lengths'), '/dev/null', '/dev/null']);
  const ofCameras = await runUsercam([client('lengths'), '/dev/video3', '/dev/video0'], {
    cameras: ['loopback', 'loopback'],
  });
  assert.deepEqual(ofCameras, ofNull);
  assert.equal(ofCameras.code, 0);
});

test('writev and its variants hand over what lies in pieces', needs(['gcc']), async () => {
  assertRight(await runUsercam([client('calls'), 'writes'], { cameras: ['loopback'] }));
});

const locks = {
  files: 'flock() on a node excludes other open files of it',
  ranges: 'fcntl() locks bytes of a node for processes and open files',
  streams: 'fcntl() locks a node that is a standard stream',
  circles: 'of two processes that wait for locks of each other one hears EDEADLK',
  waiting: 'a lock that is waited for comes when its owner ends, and a signal comes through',
};

for (const [mode, title] of Object.entries(locks))
  test(title, needs(['gcc']), async () => {
    assertRight(await runUsercam([client('locks'), mode], { cameras: ['vivi', 'vivi'] }));
  });

/** A node of the kernel's own that answers reads and writes, if we may make one. */
function makeZero(): string | undefined {
  const node = join(scratch(), 'zero');
  return spawnSync('mknod', [node, 'c', '1', '5']).status === 0 ? node : undefined;
}

test('a device of the kernel is locked and watched in the same way', needs(['gcc']), async (context) => {
  const zero = makeZero();
  if (zero === undefined) {
    context.skip('nodes can be made by root only');
    return;
  }
  for (const mode of Object.keys(locks)) assertRight(await run([client('locks'), mode, zero, '/dev/null']));
  for (const mode of ['read', 'write']) assertRight(await run([client('watch'), mode, zero]));
});

test('inotify tells who opens, reads and closes a camera', needs(['gcc']), async () => {
  assertRight(await runUsercam([client('watch'), 'read']));
});

test('inotify tells who writes to a camera', needs(['gcc']), async () => {
  assertRight(await runUsercam([client('watch'), 'write'], { cameras: ['loopback'] }));
});

for (const [mode, cameras] of [
  ['read', ['vivi']],
  ['write', ['loopback']],
] as const)
  test(
    `inotify tells the same where nobody may copy descriptors of others: ${mode}`,
    needs(['gcc']),
    async () => {
      const command = underUsercam([client('watch'), mode], cameras);
      assertRight(await run([client('nosys'), 'pidfd_getfd', ...command]));
    },
  );

test(
  'what a program no longer has of inotify is not kept from it',
  needs(['gcc', 'python3', 'user namespaces']),
  async () => {
    const few = [
      'unshare',
      '-Ur',
      'sh',
      '-c',
      'echo 9 > /proc/sys/user/max_inotify_instances && exec "$@"',
      'sh',
    ];
    const script = `
import ctypes, os
libc = ctypes.CDLL(None)
instances = [libc.inotify_init1(0)]
while instances[-1] >= 0:
    instances.append(libc.inotify_init1(0))
for fd in instances[:-1]:
    os.close(fd)
print(len(instances), libc.inotify_init1(0) >= 0)`;
    const result = await run([
      ...few,
      client('nosys'),
      'pidfd_getfd',
      ...underUsercam([python, '-c', script]),
    ]);
    assert.equal(result.stderr, '');
    assert.equal(result.text, '10 True\n');
  },
);

/** In a /dev of one's own, where nothing is but what is needed. */
const ownDev = [
  'unshare',
  '-Urm',
  'sh',
  '-c',
  `touch null && mount --bind /dev/null null && mount -t tmpfs -o mode=755 none /dev && touch /dev/null &&
    mount --bind null /dev/null && exec "$@"`,
  'sh',
];

test(
  'a watch on /dev sees cameras and all others under one number',
  needs(['gcc', 'user namespaces']),
  async () => {
    const options = { cwd: scratch() };
    const file = ['sh', '-c', 'touch /dev/video0 && exec "$@"', 'sh'];
    assertRight(await run([...ownDev, ...file, client('watch'), 'dev'], options));
    assertRight(await run([...ownDev, ...underUsercam([client('watch'), 'dev'])], options));
  },
);

test('an exported buffer answers what only a dma-buf knows', needs(['gcc']), async () => {
  assertRight(await runUsercam([client('sync')]));
});

const SIZE = 1_000_000;
const copiers: Readonly<Record<string, readonly [needed: CapabilityName, script: string]>> = {
  cat: ['coreutils', 'cat /dev/video0'],
  'cat of standard input': ['coreutils', 'cat < /dev/video0'],
  'busybox cat': ['busybox', 'busybox cat /dev/video0'],
  pv: ['pv', 'pv -q /dev/video0'],
  'pv of standard input': ['pv', 'pv -q < /dev/video0'],
  'dd by a few bytes': ['coreutils', `dd bs=100 count=${SIZE / 100} status=none < /dev/video0`],
};

for (const [name, [program, script]] of Object.entries(copiers))
  test(`${name} copies a camera`, needs([program]), async () => {
    const result = await runUsercam(['sh', '-c', `${script} | head -c ${SIZE} | wc -c`]);
    assert.equal(result.text.trim(), String(SIZE), result.stderr);
  });

const copyInPython = `
import os, shutil
source, target = open("/dev/video0", "rb", buffering=0), open("copy", "wb", buffering=0)
for copy in (lambda: os.sendfile(target.fileno(), source.fileno(), None, 1000),
             lambda: os.copy_file_range(source.fileno(), target.fileno(), 1000)):
    try:
        print(copy())
    except OSError as error:
        print(error.strerror)
class Some:
    left = ${SIZE}
    def read(self, count):
        bytes = source.read(min(count, self.left))
        self.left -= len(bytes)
        return bytes
shutil.copyfileobj(Some(), target)
print(os.path.getsize("copy"))
`;

test('Python copies a camera by read() after the kernel has refused', needs(['python3']), async () => {
  const result = await runUsercam([python, '-c', copyInPython]);
  assert.equal(result.text, `Invalid argument\nInvalid argument\n${SIZE}\n`, result.stderr);
});

/** Who holds the camera, and then is ended by fuser. */
const fuser = `
sleep 1000 3< /dev/video0 &
holder=$!
until fuser -s /dev/video0 2> /dev/null; do :; done
test "$(fuser /dev/video0 2> /dev/null | tr -d ' ')" = "$holder" && echo one user
fuser -k /dev/video0 > /dev/null 2>&1
wait $holder
head -c 100000 /dev/video0 | wc -c
`;

test(
  'fuser finds and ends the users of a camera, and usercam is none of them',
  needs(['fuser']),
  async () => {
    const result = await runUsercam(['sh', '-c', fuser]);
    assert.equal(result.text, 'one user\n100000\n', result.stderr);
  },
);

test('lsof finds the users of a camera, and usercam is none of them', needs(['lsof']), async () => {
  const script = 'exec 3< /dev/video0; lsof -t /dev/video0 2> /dev/null | tr "\\n" " "; echo = $$';
  const [found, shell] = (await runUsercam(['sh', '-c', script])).text.split('=').map((text) => text.trim());
  // The shell's children have the descriptor too.
  assert.ok(found?.split(' ').includes(shell ?? ''), found);
  for (const pid of found?.split(' ') ?? [])
    assert.ok(Number(pid) >= Number(shell), `${pid} before ${shell}`);
});

const countOpens = `
import os
fds = []
try:
    while True: fds.append(os.open("/dev/video0", os.O_RDWR))
except OSError as error:
    print(len(fds), error.strerror)
`;

test('the limit of open descriptors holds for cameras', needs(['python3']), async () => {
  const result = await runUsercam(['sh', '-c', `ulimit -Sn 50; exec "$0" -c "$1"`, python, countOpens]);
  assert.match(result.text, /^4[5-7] Too many open files\n$/, result.stderr);
});

/** UVCIOC_CTRL_QUERY through a camera's own descriptor, a copy under a low number, and standard input. */
const askUnit = `
import errno, fcntl, os
camera = os.open("/dev/video0", os.O_RDWR)
os.dup2(camera, 50)
os.dup2(camera, 0)
for fd in (camera, 50, 0):
    try: fcntl.ioctl(fd, 0xc0107521, bytearray(16))
    except OSError as error: print(errno.errorcode[error.errno])
`;

test('ioctls of USB cameras are those of the camera under every number', needs(['python3']), async () => {
  for (const [camera, answer] of [
    ['webcam', 'ENOENT'],
    ['vivi', 'ENOTTY'],
  ] as const) {
    const result = await runUsercam([python, '-c', askUnit], { cameras: [camera] });
    assert.equal(result.text, `${answer}\n`.repeat(3), camera + result.stderr);
  }
});
