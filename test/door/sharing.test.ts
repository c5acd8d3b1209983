/** Several programs, several cameras. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { client, json, needs, python, run, runUsercam, underUsercam } from '../support/door.ts';

/** `hold` streams in the background; `$1` hold, `$2` try. The fifo tells when the first frame is there. */
const holdAndTry = `
mkfifo frames
"$1" > frames &
holder=$!
read word < frames
echo "$word"
"$2"
kill -9 $holder
wait $holder
"$2"
`;

test(
  'REQBUFS is refused when another program streams and granted when that one is gone',
  needs(['gcc']),
  async () => {
    const result = await runUsercam(['sh', '-c', holdAndTry, 'sh', client('hold'), client('try')]);
    assert.equal(result.text, 'streaming\nEBUSY\nOK\n');
    assert.equal(result.code, 0, result.stderr);
  },
);

test('a second program may open and query when another one streams', needs(['gcc', 'v4l2-ctl']), async () => {
  const query = 'v4l2-ctl --info --get-fmt-video';
  const script = `mkfifo frames; "$1" > frames & read word < frames; ${query}; code=$?; kill -9 $!; exit $code`;
  const result = await runUsercam(['sh', '-c', script, 'sh', client('hold')]);
  assert.match(result.text, /Driver name\s+: vivi/);
  assert.match(result.text, /Width\/Height\s+: 640\/480/);
  assert.equal(result.code, 0, result.stderr);
});

test(
  'four programs lose no frame when each has a camera of its own that waits for it',
  needs(['gcc']),
  async () => {
    const script = 'for n in 0 1 2 3; do "$1" /dev/video$n 90 & done; wait';
    const cameras = ['vivi,fps=max', 'vivi,fps=max', 'vivi,fps=max', 'vivi,fps=max'];
    const result = await runUsercam(['sh', '-c', script, 'sh', client('capture')], { cameras });
    const lines = result.text.trimEnd().split('\n');
    assert.equal(lines.length, 4, result.stderr);
    for (const line of lines) {
      const { frames, gaps, monotonic, bars } = JSON.parse(line) as Record<string, unknown>;
      assert.deepEqual(
        { frames, gaps, monotonic, bars },
        { frames: 90, gaps: 0, monotonic: true, bars: true },
      );
    }
    assert.equal(result.stderr, '');
  },
);

for (const [threads, who] of [
  ['one thread', 'one'],
  ['two threads', 'two'],
] as const)
  test(`no frame is lost when a program of ${threads} asks all the time`, needs(['gcc']), async () => {
    // A camera that starves loses frames at any rate; a program that has no time for a moment, at a high one.
    const command = [client('rush'), who, '/dev/video0', '4'];
    const result = await runUsercam(command, { cameras: ['vivi,fps=1'] });
    assert.deepEqual(json(result), { frames: 4, gaps: 0, monotonic: true, eintr: 0 });
    assert.equal(result.code, 0, result.stderr);
  });

test('each camera has its own size when the command line says so', needs(['v4l2-ctl']), async () => {
  const cameras = ['vivi,size=320x240', 'vivi,size=1920x1080,format=UYVY'];
  const script = 'for n in 0 1; do v4l2-ctl -d $n --get-fmt-video; done';
  const result = await runUsercam(['sh', '-c', script], { cameras });
  const formats = [...result.text.matchAll(/Width\/Height\s+: (\S+)\n\tPixel Format\s+: '(....)'/g)];
  const found = formats.map((match) => match.slice(1));
  assert.deepEqual(found, [
    ['320/240', 'YUYV'],
    ['1920/1080', 'UYVY'],
  ]);
});

for (const mode of ['fork', 'dup', 'exec-keep', 'exec-cloexec', 'last-close'])
  test(`an open camera belongs to all that hold it: ${mode}`, needs(['gcc']), async () => {
    const result = await runUsercam([client('fork'), mode], { cameras: ['vivi,fps=max'] });
    assert.equal(result.code, 0, join(result.text, result.stderr));
    assert.equal(result.stderr, '');
    assert.match(result.text, new RegExp(`^\\{"mode":"${mode}",`));
  });

const ways = {
  sent: 'a descriptor that is sent keeps the camera open while nobody has it',
  flags: 'O_NONBLOCK is that of all copies, also of one that was in a message when it was set',
  dupfd: 'fcntl(F_DUPFD) gives the numbers that the kernel gives',
  limit: 'a camera can be read and mapped when the program may have few descriptors',
  lowered: 'a camera streams on when the program lowers its limit of descriptors',
  hard: 'and when it lowers its hard limit, which it is told as it has set it',
  same: 'copies that nobody had for a while are still one and the same',
  streams: 'a copy of a standard stream is read, and a camera takes the place of one that is closed',
};

for (const [mode, title] of Object.entries(ways))
  test(title, needs(['gcc']), async () => {
    const result = await runUsercam([client('numbers'), mode], { cameras: ['vivi,fps=120'] });
    assert.equal(result.stderr, '');
    assert.equal(json(result).wrong, 0);
    assert.equal(result.code, 0);
  });

test(
  'a hard limit is lowered also where there is no other limit above the cameras',
  needs(['gcc', 'bash']),
  async () => {
    const command = underUsercam([client('numbers'), 'hard'], ['vivi,fps=120']);
    const result = await run(['bash', '-c', 'ulimit -n 1024; exec "$@"', 'bash', ...command]);
    assert.equal(result.stderr, '');
    assert.equal(json(result).wrong, 0);
  },
);

const dupAbove = `
import fcntl, os
fd = os.open('/dev/video0', os.O_RDWR)
print(*(fcntl.fcntl(fd, fcntl.F_DUPFD, first) >= first for first in (0, 10, 800)))
`;

// In a container root may become another user whose limits it may not look at.
if (process.getuid?.() === 0)
  test(
    'fcntl(F_DUPFD) works when the limits of the program cannot be known',
    needs(['setpriv', python]),
    async () => {
      const program = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', python, '-c', dupAbove];
      const result = await run(['setpriv', '--bounding-set=-sys_resource', ...underUsercam(program)]);
      assert.deepEqual([result.text, result.stderr], ['True True True\n', '']);
    },
  );
