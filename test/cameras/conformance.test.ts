/**
 * v4l2-compliance, the suite of the people who write the kernel's drivers. What fails or warns has to stand in
 * test/conformance/expectations.json with its reason; what stands there and passes is a failure, too.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { CapabilityName } from '../support/capabilities.ts';
import { type Outcome, outcomeOf } from '../support/compliance.ts';
import { needs, root, runUsercam } from '../support/door.ts';

interface Expectation {
  readonly device: string;
  readonly test: string;
  readonly reason: string;
}

const expectationsFile = join(root, 'test', 'conformance', 'expectations.json');
const expectations = JSON.parse(readFileSync(expectationsFile, 'utf8')) as readonly Expectation[];

interface Case {
  /** The name in expectations.json. */
  readonly device: string;
  readonly cameras: readonly string[];
  readonly options: readonly string[];
  /** A shell command that runs while v4l2-compliance does. */
  readonly producer?: string;
  /** What holds when it has begun; that a loopback has one format if nothing is said. */
  readonly begun?: string;
  readonly programs?: readonly CapabilityName[];
  /** The camera has a rate, so a frame for which no buffer is queued in time is lost, and that is right. */
  readonly paced?: boolean;
  /** Fewer tests than that mean that something was left out. */
  readonly atLeast: number;
}

// A rate that is asked for changes nothing here: no frame can be lost, and slow rates take no time.
const unpaced = 'vivi,fps=max';
const stream = ['-s', '10'];
const ffmpegProducer =
  'ffmpeg -nostdin -loglevel error -f lavfi -i testsrc=size=640x480:rate=60 -pix_fmt yuyv422 -f v4l2 /dev/video0';
const mmapProducer = 'v4l2-ctl -d 0 --stream-out-mmap';

const cases: readonly Case[] = [
  { device: 'vivi', cameras: ['vivi'], options: ['-s'], atLeast: 118, paced: true },
  { device: 'vivi without a rate', cameras: [unpaced], options: ['-s'], atLeast: 118 },
  { device: 'vivi, all formats', cameras: [unpaced], options: ['-s', '2', '-f', '1'], atLeast: 2398 },
  { device: 'vivi, std=ntsc', cameras: [`${unpaced},std=ntsc`], options: stream, atLeast: 118 },
  { device: 'vivi, crop=yes', cameras: [`${unpaced},crop=yes`], options: stream, atLeast: 118 },
  {
    device: 'vivi, memory=dma-contig',
    cameras: [`${unpaced},memory=dma-contig`],
    options: stream,
    atLeast: 118,
  },
  { device: 'vivi, memory=dma-sg', cameras: [`${unpaced},memory=dma-sg`], options: stream, atLeast: 118 },
  { device: 'vivi, read=no', cameras: [`${unpaced},read=no`], options: stream, atLeast: 52 },
  { device: 'skeleton', cameras: ['skeleton'], options: ['-s', '5'], atLeast: 52, paced: true },
  { device: 'm2m', cameras: ['m2m'], options: stream, atLeast: 52 },
  { device: 'vivi-mplane', cameras: ['vivi-mplane'], options: stream, atLeast: 52, paced: true },
  {
    device: 'vivi-mplane, all formats',
    cameras: ['vivi-mplane'],
    options: ['-s', '2', '-f', '1'],
    atLeast: 532,
    paced: true,
  },
  { device: 'webcam', cameras: ['webcam,profile=fullhd'], options: stream, atLeast: 52, paced: true },
  {
    device: 'webcam, H.264',
    cameras: ['webcam,profile=fullhd,format=H264,size=320x240,fps=60'],
    options: ['-s', '10'],
    programs: ['ffmpeg'],
    atLeast: 52,
    paced: true,
  },
  {
    device: 'webcam, metadata of what v4l2-ctl streams',
    cameras: ['webcam,metadata=yes,size=320x240,fps=60'],
    options: ['-d', '1', ...stream],
    producer: 'v4l2-ctl -d 0 --stream-mmap',
    begun: 'true',
    programs: ['v4l2-ctl'],
    atLeast: 52,
    paced: true,
  },
  {
    device: 'webcam, from its media device on',
    cameras: ['webcam'],
    options: ['-m', '/dev/media0', ...stream],
    atLeast: 60,
    paced: true,
  },
  {
    device: 'webcam, from its media device on, with metadata',
    cameras: ['webcam,metadata=yes'],
    options: ['-m', '/dev/media0'],
    atLeast: 100,
    paced: true,
  },
  {
    device: 'webcam, a QR code',
    cameras: ['webcam,profile=usb3,size=640x480,fps=15,source=qr:Hello'],
    options: ['-s', '2', '-f', '1'],
    atLeast: 52,
    paced: true,
  },
  { device: 'loopback output', cameras: ['loopback'], options: ['-d', '0', ...stream], atLeast: 52 },
  { device: 'loopback capture', cameras: ['loopback'], options: ['-d', '1', ...stream], atLeast: 52 },
  {
    device: 'loopback capture, readers=many',
    cameras: ['loopback,readers=many'],
    options: ['-d', '1', ...stream],
    atLeast: 52,
  },
  {
    device: 'loopback capture, v4l2-ctl streams to it',
    cameras: ['loopback,fps=120,drop=never'],
    options: ['-d', '1', ...stream],
    producer: mmapProducer,
    programs: ['v4l2-ctl'],
    atLeast: 52,
  },
  {
    device: 'loopback capture, ffmpeg writes to it',
    cameras: ['loopback,drop=never'],
    options: ['-d', '1', ...stream],
    producer: ffmpegProducer,
    programs: ['ffmpeg', 'v4l2-ctl'],
    atLeast: 52,
  },
  {
    device: 'vivi, DMABUF of vivi',
    cameras: [unpaced, unpaced],
    options: ['-d', '0', '-e', '1', ...stream],
    atLeast: 120,
  },
  {
    device: 'loopback output, DMABUF of vivi',
    cameras: [unpaced, 'loopback'],
    options: ['-d', '1', '-e', '0', ...stream],
    atLeast: 54,
  },
  {
    device: 'vivi with dma-contig, DMABUF of vivi with dma-contig',
    cameras: [`${unpaced},memory=dma-contig`, `${unpaced},memory=dma-contig`],
    options: ['-d', '0', '-e', '1', ...stream],
    atLeast: 120,
  },
  {
    device: 'vivi with dma-sg, DMABUF of vivi with dma-contig',
    cameras: [`${unpaced},memory=dma-sg`, `${unpaced},memory=dma-contig`],
    options: ['-d', '0', '-e', '1', ...stream],
    atLeast: 120,
  },
];

/** A producer of a loopback that is there has made its format the only one. */
const ONE_FORMAT = `[ "$(v4l2-ctl -d 1 --list-formats | grep -c "]: '")" = 1 ]`;

const withProducer = (producer: string, begun: string) => `
${producer} > /dev/null 2>&1 &
producer=$!
until ${begun}; do sleep 0.05; done
"$@"
code=$?
{ kill $producer; wait $producer; } 2> /dev/null
exit $code
`;

async function comply({
  cameras,
  options,
  producer,
  begun = ONE_FORMAT,
  paced = false,
}: Case): Promise<Outcome> {
  const command = ['v4l2-compliance', ...options];
  const whole =
    producer === undefined ? command : ['sh', '-c', withProducer(producer, begun), 'sh', ...command];
  const result = await runUsercam(whole, { cameras });
  assert.equal(result.stderr, '');
  return outcomeOf(result.text, paced);
}

for (const each of cases)
  test(
    `v4l2-compliance finds what is expected when the device is ${each.device}`,
    needs(['v4l2-compliance', ...(each.programs ?? [])]),
    async () => {
      const known = expectations.filter((expectation) => expectation.device === each.device);
      const expected = known.map((expectation) => expectation.test).sort();
      const outcome = await comply(each);
      assert.deepEqual(outcome.notable, expected, outcome.lines.join('\n'));
      assert.ok(outcome.total >= each.atLeast, `only ${outcome.total} tests`);
    },
  );

test('expectations.json names devices that are tested when it names any', needs([]), () => {
  const names = cases.map((each) => each.device);
  for (const { device, test: name, reason } of expectations) {
    assert.ok(names.includes(device), device);
    assert.ok(name.length > 0 && reason.length > 0, device);
  }
});

const lostFrame = [
  '\tVideo Capture: Frame #001\t\twarn: v4l2-test-buffers.cpp(438): got sequence number 3, expected 2',
  '\ttest MMAP (no poll): OK',
  'Total for vivi device /dev/video0: 1, Succeeded: 1, Failed: 0, Warnings: 1',
].join('\n');

test('a lost frame is no fault of a camera that has a rate', needs([]), () => {
  assert.deepEqual(outcomeOf(lostFrame, true).notable, []);
  assert.deepEqual(outcomeOf(lostFrame, false).notable, ['MMAP (no poll)']);
});
