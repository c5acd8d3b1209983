/** Programs that give frames to programs: every frame arrives, as it was, whoever comes or goes. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkYuyv } from '../support/bars.ts';
import { client, needs, programOf, run, runUsercam, scratch } from '../support/door.ts';

const QVGA = 2 * 320 * 240;
const qvga = 'loopback,size=320x240,fps=120,drop=never';

interface Consumed {
  readonly frames: number;
  readonly first: number;
  readonly last: number;
  readonly missing: number;
  readonly back: number;
  readonly torn: number;
  readonly still: number;
  readonly gaps: number;
}

function lines(text: string): Consumed[] {
  const found = text.split('\n').filter((line) => line.startsWith('{"frames"') && line.includes('"torn"'));
  return found.map((line) => JSON.parse(line) as Consumed);
}

/** Runs `script` with `$1` produce, `$2` consume and what else it needs. */
async function inShell(script: string, cameras: readonly string[], more: readonly string[] = []) {
  const command = ['sh', '-c', script, 'sh', client('produce'), client('consume'), ...more];
  const result = await runUsercam(command, { cameras });
  assert.equal(result.code, 0, result.stderr);
  return result;
}

/** The consumer streams before the producer starts, so the first frame is the first. */
const consumeThenProduce = (frames: number, produce: string) => `
mkfifo words
"$2" /dev/video1 ${frames} > words &
{
  read word
  ${produce} > /dev/null
  wait
  cat
} < words
`;

/** Large enough to be moved in pieces, between which calls are served. */
const large = 'loopback,size=1920x1080,fps=120,drop=never';

for (const [how, camera, frames, words] of [
  ['come as fast as they are taken', qvga, 1000, ''],
  ['come 120 a second', qvga, 240, '0 120'],
  ['come in pieces', large, 200, ''],
  ['are written in pieces, while signals come', large, 200, '0 0 write'],
] as const)
  test(`frame n is frame n, bit by bit, when ${frames} frames ${how}`, needs(['gcc']), async () => {
    const produce = `"$1" /dev/video0 ${frames} ${words}`;
    const result = await inShell(consumeThenProduce(frames, produce), [camera]);
    const [seen] = lines(result.text);
    const { still: _, ...rest } = seen as Consumed;
    const right = { frames, first: 0, last: frames - 1, missing: 0, back: 0, torn: 0, gaps: 0 };
    assert.deepEqual(rest, right);
  });

const three = `
for n in 1 2 3; do
  mkfifo words$n
  "$2" /dev/video1 300 > words$n &
done
exec 3< words1 4< words2 5< words3
read word <&3; read word <&4; read word <&5
"$1" /dev/video0 300 0 120 > /dev/null
wait
cat <&3; cat <&4; cat <&5
`;

test('three consumers see every frame when readers=many', needs(['gcc']), async () => {
  const seen = lines((await inShell(three, [`${qvga},readers=many`])).text);
  assert.equal(seen.length, 3);
  for (const { frames, first, last, torn, missing } of seen)
    assert.deepEqual(
      { frames, first, last, torn, missing },
      { frames: 300, first: 0, last: 299, torn: 0, missing: 0 },
    );
});

const producerDies = `
mkfifo words
"$2" /dev/video1 100000 1000099 > words &
{
  read word
  "$1" /dev/video0 1000000 0 120 > /dev/null &
  read word
  kill -9 $!
  wait $!
  "$1" /dev/video0 100 1000000 120 > /dev/null
  wait
  cat
} < words
`;

test('the consumer goes on when the producer is killed and another one starts', needs(['gcc']), async () => {
  const [seen] = lines((await inShell(producerDies, [qvga])).text);
  const { last, back, torn, frames } = seen as Consumed;
  assert.deepEqual({ last, back, torn }, { last: 1_000_099, back: 0, torn: 0 });
  assert.ok(frames > 100, `${frames} frames`);
});

const consumerDies = `
mkfifo words
"$1" /dev/video0 1000000 0 120 > /dev/null &
producer=$!
for n in 1 2 3; do
  "$2" /dev/video1 100000 > words &
  consumer=$!
  { read word; read word; kill -9 $consumer; wait $consumer; } < words
done
"$2" /dev/video1 100
kill $producer
wait $producer
exit 0
`;

test('the producer goes on when the consumer is killed and another one starts', needs(['gcc']), async () => {
  const [seen] = lines((await inShell(consumerDies, [qvga])).text);
  const { frames, missing, back, torn } = seen as Consumed;
  assert.deepEqual({ frames, missing, back, torn }, { frames: 100, missing: 0, back: 0, torn: 0 });
});

test(
  'a consumer sees bars that stand still when there was no producer yet',
  needs(['v4l2-ctl']),
  async () => {
    const file = join(scratch(), 'frames.yuyv');
    const command = ['v4l2-ctl', '-d', '1', '--stream-mmap', '--stream-count=30', `--stream-to=${file}`];
    const result = await runUsercam(command, { cameras: ['loopback'] });
    assert.equal(result.code, 0, result.stderr);
    const bytes = readFileSync(file);
    assert.deepEqual(checkYuyv(bytes, 640, 480), { frames: 30, wrong: [] });
    const size = 2 * 640 * 480;
    for (let n = 1; n < 30; n++)
      assert.ok(bytes.subarray(n * size, (n + 1) * size).equals(bytes.subarray(0, size)), `frame ${n}`);
  },
);

/** ffmpeg writes one line for each frame that it reads, until the picture without a producer is back. */
const hashWhile = (produce: string, format: string) => `
file=$3
ffmpeg -nostdin -loglevel error -f v4l2 -input_format ${format} -i /dev/video1 -c copy -f framemd5 -flush_packets 1 "$file" &
reader=$!
until grep -qs '^0,' "$file"; do sleep 0.05; done
${produce}
until [ "$(tail -n 1 "$file" | sed 's/.* //')" = "$(grep '^0,' "$file" | head -n 1 | sed 's/.* //')" ]; do
  sleep 0.05
done
kill -INT $reader
wait $reader
exit 0
`;

const hashesOf = (text: string) => [...text.matchAll(/^0,.*\s([0-9a-f]{32})$/gm)].map((match) => match[1]);

async function hashed(produce: string, format = 'yuyv422'): Promise<readonly (string | undefined)[]> {
  const file = join(scratch(), 'frames.md5');
  const command = ['sh', '-c', hashWhile(produce, format), 'sh', '', '', file];
  const result = await runUsercam(command, { cameras: [qvga] });
  // ffmpeg gives its last packets back when it has closed the camera.
  const complaints = result.stderr
    .split('\n')
    .filter((line) => !line.endsWith('(VIDIOC_QBUF): Bad file descriptor'));
  assert.deepEqual(complaints, ['']);
  const all = hashesOf(readFileSync(file, 'utf8'));
  // The first is the picture that is there without a producer.
  return all.filter((hash) => hash !== all[0]);
}

test('ffmpeg reads each of 1,000 frames when ffmpeg writes them', needs(['ffmpeg']), async () => {
  const source = '-nostdin -loglevel error -f lavfi -i testsrc=size=320x240:rate=120 -frames:v 1000';
  const produced = `ffmpeg ${source} -pix_fmt yuyv422`;
  const expected = await run(['sh', '-c', `${produced} -f framemd5 -`]);
  const got = await hashed(`${produced} -f v4l2 /dev/video0`);
  assert.deepEqual(got, hashesOf(expected.text));
  assert.equal(got.length, 1000);
});

for (const format of ['bgr0', 'bgra', '0rgb', 'yuv422p', 'yuv411p'])
  test(`ffmpeg, which does not look at what it gets, writes ${format}`, needs(['ffmpeg']), async () => {
    const source = '-nostdin -loglevel error -f lavfi -i testsrc=size=320x240:rate=60 -frames:v 60';
    const produced = `ffmpeg ${source} -pix_fmt ${format}`;
    const expected = await run(['sh', '-c', `${produced} -f framemd5 -`]);
    assert.deepEqual(await hashed(`${produced} -f v4l2 /dev/video0`, format), hashesOf(expected.text));
  });

test(
  'ffmpeg reads each of 300 frames when GStreamer writes them',
  needs(['ffmpeg', 'gstreamer']),
  async () => {
    const raw = join(scratch(), 'frames.yuyv');
    const caps = 'video/x-raw,format=YUY2,width=320,height=240,framerate=60/1,interlace-mode=progressive';
    const source = `gst-launch-1.0 -q videotestsrc num-buffers=300 pattern=ball ! "${caps}"`;
    await run(['sh', '-c', `${source} ! filesink location=${raw}`]);
    const bytes = readFileSync(raw);
    const expected = Array.from({ length: bytes.length / QVGA }, (_, n) =>
      createHash('md5')
        .update(bytes.subarray(n * QVGA, (n + 1) * QVGA))
        .digest('hex'),
    );
    assert.equal(expected.length, 300);
    assert.deepEqual(
      await hashed(`${source} ! v4l2sink device=/dev/video0 sync=false show-preroll-frame=false`),
      expected,
    );
  },
);

/** Frames as they are, without a conversion: each says which one it is in its first word. */
const openCv = `
import cv2, json, numpy
camera = cv2.VideoCapture(1, cv2.CAP_V4L2)
camera.set(cv2.CAP_PROP_CONVERT_RGB, 0)
numbers, torn = [], 0
for i in range(100):
    good, frame = camera.read()
    assert good, i
    words = numpy.frombuffer(frame.tobytes(), dtype=numpy.uint32)
    n = int(words[0])
    places = numpy.arange(len(words), dtype=numpy.uint64)
    wanted = ((n * 2654435761) & 0xffffffff) ^ ((places * 40503) & 0xffffffff)
    torn += not numpy.array_equal(words[1:], wanted[1:].astype(numpy.uint32))
    numbers.append(n)
print(json.dumps({"numbers": numbers, "torn": torn, "shape": frame.shape}))
`;

test('OpenCV reads 100 frames in a row when a program writes them', needs(['opencv', 'gcc']), async () => {
  const script = `
mkfifo words
"$1" /dev/video0 1000000 0 120 > words &
{ read word; } < words
${programOf('opencv')} -c "$3"
code=$?
kill $!
wait $!
exit $code
`;
  const result = await inShell(script, [qvga], [openCv]);
  const { numbers, torn } = JSON.parse(result.text) as { numbers: number[]; torn: number };
  assert.equal(torn, 0);
  const from = numbers[0] as number;
  assert.deepEqual(
    numbers,
    numbers.map((_, i) => from + i),
  );
});
