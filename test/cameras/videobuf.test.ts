/**
 * videobuf through the door: programs that capture from `vivi-legacy`, v4l2-compliance, and the program that recorded what
 * Linux 6.1 answered, which asks the measuring driver.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkYuyv } from '../support/bars.ts';
import { outcomeOf } from '../support/compliance.ts';
import { needs, python, root, run, runUsercam, staticClient } from '../support/door.ts';
import { type Memory, memories } from '../videobuf/measuring.ts';
import { compare } from '../videobuf/replay/compare.ts';
import { type Expectation, groups, recorded, scenariosIn } from '../videobuf/replay/transcripts.ts';

const FRAMES = 1000;
const VGA = 2 * 640 * 480;
const fast = 'vivi-legacy,fps=120,size=160x120';

const programs = {
  'v4l2-ctl': `v4l2-ctl --stream-mmap=3 --stream-count=${FRAMES} --stream-to=- 2>/dev/null | wc -c`,
  ffmpeg: `ffmpeg -nostdin -loglevel error -f v4l2 -i /dev/video0 -frames:v ${FRAMES} -f rawvideo - | wc -c`,
  gstreamer:
    `gst-launch-1.0 -q v4l2src device=/dev/video0 num-buffers=${FRAMES} ! ` +
    'video/x-raw,format=YUY2,width=160,height=120 ! fdsink fd=1 | wc -c',
} as const;

for (const [name, script] of Object.entries(programs))
  test(
    `${name} captures ${FRAMES} frames by mmap when the camera is of videobuf`,
    needs([name as keyof typeof programs]),
    async () => {
      const result = await runUsercam(['sh', '-c', script], { cameras: [fast] });
      assert.deepEqual([result.text.trim(), result.stderr], [String(FRAMES * 2 * 160 * 120), '']);
    },
  );

const readers = {
  dd: `dd if=/dev/video0 bs=${VGA} count=10 iflag=fullblock status=none`,
  cat: `cat /dev/video0 | head -c ${10 * VGA}`,
};

for (const memory of memories)
  for (const [name, script] of Object.entries(readers))
    test(`${name} reads ten frames of bars when the buffers are of ${memory}`, needs([]), async () => {
      for (const read of ['stream', 'one']) {
        const cameras = [`vivi-legacy,memory=${memory},read=${read},fps=120`];
        const result = await runUsercam(['sh', '-c', script], { cameras });
        assert.deepEqual(checkYuyv(result.stdout, 640, 480), { frames: 10, wrong: [] });
      }
    });

/** What is refused, one line for each. */
const refusals = `
import ctypes, fcntl, mmap, os, struct
def ioctl(fd, cmd, data):
    try:
        fcntl.ioctl(fd, cmd, data)
        return "ok"
    except OSError as error:
        return os.strerror(error.errno)
REQBUFS = 0xc0145608
def request(count):
    return bytearray(struct.pack("5I", count, 1, 1, 0, 0))
def read(fd):
    try:
        return len(os.read(fd, 100))
    except OSError as error:
        return os.strerror(error.errno)
def map_it(fd, prot):
    try:
        return mmap.mmap(fd, 614400, mmap.MAP_SHARED, prot)
    except (OSError, PermissionError) as error:
        return os.strerror(error.errno)
fd = os.open("/dev/video0", os.O_RDWR)
print(ioctl(fd, REQBUFS, request(2)))
print(map_it(fd, mmap.PROT_READ))
mapped = map_it(fd, mmap.PROT_READ | mmap.PROT_WRITE)
print(read(fd))
print(ioctl(fd, REQBUFS, request(0)))
mapped.close()
print(ioctl(fd, REQBUFS, request(0)))
print(read(fd))
print(ioctl(fd, REQBUFS, request(2)))
`;

test(
  'reading and streaming refuse each other, and a mapping that is read-only is refused, when the camera is of videobuf',
  needs([python]),
  async () => {
    const result = await runUsercam([python, '-c', refusals], { cameras: ['vivi-legacy'] });
    const busy = 'Device or resource busy';
    const expected = ['ok', 'Invalid argument', busy, busy, 'ok', '100', busy];
    assert.deepEqual([result.text.trim().split('\n'), result.stderr], [expected, '']);
  },
);

test(
  'OpenCV, which maps to read only, gets no frame from a camera of videobuf',
  needs(['opencv']),
  async () => {
    const script = 'import cv2; print(cv2.VideoCapture(0, cv2.CAP_V4L2).read()[0])';
    const result = await runUsercam([python, '-c', script], { cameras: ['vivi-legacy'] });
    assert.equal(result.text.trim(), 'False');
  },
);

for (const step of ['1-videobuf', '2-one-queue', '3-videobuf2'])
  test(`the driver that is ported runs at each step: ${step}`, needs(['v4l2-ctl']), async () => {
    const frame = 320 * 240;
    const script = `v4l2-ctl --stream-mmap=3 --stream-count=3 --stream-to=- 2>/dev/null | wc -c
head -c ${2 * frame} /dev/video0 | od -An -v -tu1 -w${frame} | cut -c1-8`;
    const cameras = [join(root, 'examples', 'port', `${step}.ts`)];
    const result = await runUsercam(['sh', '-c', script], { cameras });
    const [captured, first = '', second = ''] = result.text.trim().split('\n');
    assert.equal(captured, String(3 * frame));
    // Each frame is a grey of its own.
    const [grey = 0, next] = [first, second].map((line) => Number(line.trim().split(/ +/)[0]));
    assert.equal(next, grey + 1);
    assert.equal(result.stderr, '');
  });

interface Failure {
  readonly test: string;
  readonly first: string;
  readonly why: string;
}

const failures = JSON.parse(
  readFileSync(join(root, 'test', 'videobuf', 'compliance.json'), 'utf8'),
) as readonly Failure[];

/** Those that were seen to find the same; later ones ask for more than videobuf was ever asked for. */
const SEEN = /^v4l2-compliance 1\.2[26]\./;

for (const camera of [...memories.map((memory) => `memory=${memory}`), 'read=one'])
  test(
    `v4l2-compliance finds what it found in Linux 6.1 when the camera is of videobuf, ${camera}`,
    needs(['v4l2-compliance']),
    async (t) => {
      const version = (await run(['v4l2-compliance', '--version'])).text.trim();
      if (!SEEN.test(version))
        return t.skip(`what it finds is known of 1.22 and 1.26, and this is ${version}`);
      const cameras = [`vivi-legacy,${camera},fps=120`];
      const result = await runUsercam(['v4l2-compliance', '-s', '10'], { cameras });
      assert.equal(result.stderr, '');
      const { notable, lines } = outcomeOf(result.text, true);
      assert.deepEqual(notable, failures.map((failure) => failure.test).sort(), result.text);
      // The first complaint of each test; the lines are those of v4l2-utils 1.22.1.
      const said = new Set(lines.map((line) => line.replace(/^fail: v4l2-test-buffers\.cpp\(\d+\): /, '')));
      const known = new Set([...failures.map(({ first }) => first), 'testBlockingDQBuf(node, q)']);
      assert.deepEqual(said, known);
    },
  );

const file = join(root, 'test', 'videobuf', 'door-expectations.json');
const expectations = JSON.parse(readFileSync(file, 'utf8')) as readonly Expectation[];

/** What needs no threads, so that it is the same on any machine; of scattered buffers what no munmap() waits for. */
const asked = [
  ...['req1', 'req2', 'req3', 'req4', 'req5', 'req6', 'req7', 'req8', 'req9', 'qry1'],
  ...['qbu1', 'qbu2', 'qbu3', 'qbu4', 'qbu5', 'qbu6', 'dqb1', 'str1'],
  ...['map1', 'map2', 'map4', 'map6', 'map9', 'mapa', 'mapb', 'mapc'],
  ...['rds1', 'rds2', 'rds3', 'rds4', 'rds7', 'rds9', 'rdo1', 'rdo2', 'cls1', 'oth1'],
];
const ofOnePiece = ['map3', 'map5', 'map8'];

/** In which order the mappings and files of a process end at its exit is the kernel's business: callbacks sorted. */
const atExit = (line: string) =>
  line.startsWith('      cb: ')
    ? line
        .replace(/^ +cb: /, '')
        .split(' ')
        .sort()
        .join(' ')
    : line;

for (const memory of memories)
  test(
    `videobuf answers as Linux 6.1 did through the door, with ${memory} buffers`,
    needs(['gcc -static']),
    async (t) => {
      const names = memory === 'dma-sg' ? asked : [...asked, ...ofOnePiece];
      const env: Record<string, string> = memory === 'vmalloc' ? {} : { FREE: '1' };
      const cameras = [`${join(root, 'test', 'videobuf', 'measuring.ts')},memory=${memory}`];
      const result = await runUsercam([staticClient('vb1probe'), ...names], { cameras, env });
      assert.equal(result.stderr, '');
      const here = scenariosIn(result.text);
      let [equal, total] = [0, 0];
      for (const group of groups)
        for (const [name, { lines }] of recorded(memory as Memory, group)) {
          if (!names.includes(name)) continue;
          const truth = lines.filter((line) => line !== '');
          const told = (here.get(name)?.lines ?? []).filter((line) => line !== '');
          const last = (all: readonly string[]) =>
            all.map((line, i) => (i === all.length - 1 ? atExit(line) : line));
          const comparison = compare(last(truth), last(told));
          equal += comparison.equal;
          total += comparison.total;
          const known = expectations.find(
            ({ kinds, scenario }) => kinds.includes(memory) && scenario === name,
          );
          assert.deepEqual(comparison.differences, known?.differences ?? [], `${memory}, ${name}`);
        }
      t.diagnostic(`${memory}: ${equal} of ${total} lines are equal through the door`);
      assert.ok(equal / total >= 0.97);
    },
  );

test(
  'who is killed, forks or closes half-way leaves nothing of videobuf behind',
  needs(['gcc -static']),
  async () => {
    for (const memory of ['vmalloc', 'dma-contig']) {
      const cameras = [`${join(root, 'test', 'videobuf', 'measuring.ts')},memory=${memory}`];
      // The last one comes when all before it has ended.
      const command = [staticClient('vb1probe'), 'cls1', 'cls2', 'map8', 'map9', 'sig1', 'req1'];
      const { text, stderr } = await runUsercam(command, { cameras });
      assert.equal(stderr, '');
      const count = (part: RegExp) => text.match(part)?.length ?? 0;
      assert.equal(count(/\]=0/g), count(/^ {2}OPEN/gm), 'each open file was released');
      assert.equal(count(/\]=-/g), 0, 'and all of its buffers');
    }
  },
);
