/** Cameras as files: what programs that know nothing of V4L2 get from them and give to them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkYuyv } from '../support/bars.ts';
import { client, json, needs, type Result, runUsercam, scratch } from '../support/door.ts';

const VGA = 2 * 640 * 480;

function assertBars(bytes: Uint8Array, frames: number): void {
  assert.deepEqual(checkYuyv(bytes, 640, 480), { frames, wrong: [] });
}

function assertRight(result: Result): void {
  assert.equal(result.stderr, '');
  assert.equal(json(result).wrong, 0);
  assert.equal(result.code, 0);
}

const readers = {
  dd: `dd if=/dev/video0 bs=${VGA} count=10 status=none`,
  'head -c': `head -c ${10 * VGA} /dev/video0`,
  'cat into head': `cat /dev/video0 | head -c ${10 * VGA}`,
  'a shell that redirects': `head -c ${10 * VGA} < /dev/video0`,
};

for (const [name, script] of Object.entries(readers))
  test(`read() gives ten frames of bars when the reader is ${name}`, needs([]), async () => {
    const result = await runUsercam(['sh', '-c', script]);
    assert.equal(result.code, 0, result.stderr);
    assertBars(result.stdout, 10);
  });

/** As programs in Rust copy it, and Python: to keep it from what they start. */
const copied = `
import fcntl, os, sys
for camera in fcntl.fcntl(0, fcntl.F_DUPFD_CLOEXEC, 3), os.dup(0):
    frame = b""
    while len(frame) < ${VGA}:
        frame += os.read(camera, ${VGA} - len(frame))
    sys.stdout.buffer.write(frame)
    os.close(camera)
for copy in os.dup(1), fcntl.fcntl(1, fcntl.F_DUPFD_CLOEXEC, 20):
    print(copy, file=sys.stderr)
`;

test('a copy of standard input is read as a camera too', needs(['python3']), async () => {
  const result = await runUsercam(['sh', '-c', 'python3 -c "$0" < /dev/video0', copied]);
  assert.equal(result.stderr, '3\n20\n');
  assertBars(result.stdout, 2);
});

const questions = {
  partial: 'read() gives frames in pieces when less than a frame is asked for',
  busy: 'read() and buffers exclude each other when one of them is in use',
  nonblock: 'read() says EAGAIN when there is no frame yet and the file does not block',
  ready: 'poll, select and epoll start an idle camera when they wait for something to read',
  access: 'a file is used as it was opened when the program tries otherwise',
};

for (const [mode, title] of Object.entries(questions))
  test(title, needs(['gcc']), async () => {
    // The next frame of a slow camera does not come while somebody looks whether there is one.
    const cameras = mode === 'nonblock' ? ['vivi,fps=1'] : ['vivi'];
    assertRight(await runUsercam([client('readwrite'), mode], { cameras }));
  });

/** Copies frames from a loopback to a file until the last that is sent has come; says when it reads. */
const reader = `
import os, sys
sent, got = sys.argv[1:]
with open(sent, "rb") as file:
    last = file.read()[-${VGA}:]
camera = os.open("/dev/video1", os.O_RDONLY)
with open(got, "wb") as file:
    file.write(os.read(camera, ${VGA}))
    print("reading", flush=True)
    frame = b""
    while frame != last:
        frame = os.read(camera, ${VGA})
        file.write(frame)
`;

/** `$2` gets what the writer gives, from its first frame to its last; `$3` makes `$1`, `$4` is the reader. */
const roundTrip = (writer: string) => `
python3 -c "$3" > "$1"
mkfifo words
python3 -c "$4" "$1" "$2" > words &
read word < words
${writer}
wait $!
`;

/** Numbered frames: each has bytes of its own. */
const makeFrames = `
import sys
frame = lambda n: bytes((n * 7 + i * 13) % 251 for i in range(1021)) * 602
sys.stdout.buffer.write(b"".join(frame(n)[:${VGA}] for n in range(20)))
`;

/** The frames of `got` that are in `sent`, as their numbers there. */
function numbersOf(got: Uint8Array, sent: Uint8Array): number[] {
  const frame = (bytes: Uint8Array, n: number) => Buffer.from(bytes.subarray(n * VGA, (n + 1) * VGA));
  const all = Array.from({ length: sent.length / VGA }, (_, n) => frame(sent, n));
  const numbers = Array.from({ length: got.length / VGA }, (_, n) =>
    all.findIndex((candidate) => candidate.equals(frame(got, n))),
  );
  return numbers.filter((number) => number >= 0);
}

/** The dd of uutils looks for its place in what it writes, and no device has one; where it is, GNU's has this name. */
const DD = '$(command -v gnudd || echo dd)';

const writers = {
  cat: 'cat "$1" > /dev/video0',
  'dd in pieces': `${DD} if="$1" of=/dev/video0 bs=10000 status=none`,
  ffmpeg:
    'ffmpeg -nostdin -loglevel error -f rawvideo -pix_fmt yuyv422 -s 640x480 -i "$1" -c copy -f v4l2 /dev/video0',
};

for (const [name, writer] of Object.entries(writers))
  test(
    `write() hands frames on bit by bit when the writer is ${name}`,
    needs(name === 'ffmpeg' ? ['python3', 'ffmpeg'] : ['python3']),
    async () => {
      const directory = scratch();
      const [sent, got] = [join(directory, 'sent'), join(directory, 'got')];
      const command = ['sh', '-c', roundTrip(writer), 'sh', sent, got, makeFrames, reader];
      const result = await runUsercam(command, { cameras: ['loopback,drop=never'] });
      assert.equal(result.code, 0, result.stderr);
      assert.equal(result.stderr, '');
      const numbers = numbersOf(readFileSync(got), readFileSync(sent));
      assert.deepEqual(
        numbers,
        Array.from({ length: 20 }, (_, n) => n),
      );
    },
  );
