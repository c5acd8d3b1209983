/** What a webcam shows of films, streams and pipes, as it comes through the door. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { needs, programOf, runUsercam, scratch, startUsercam, until } from '../support/door.ts';
import { capture, ffmpeg, frameOf, HEIGHT, makeFilm, WIDTH, webcam, YUYV_BYTES } from '../support/films.ts';

test(
  'frame n of a film is frame n of what ffmpeg itself decodes: 300 of them, none lost and none twice',
  needs(['ffmpeg']),
  async () => {
    const film = makeFilm(scratch(), 300);
    const decoded = ffmpeg('-i', film, '-vf', 'format=yuyv422', '-f', 'rawvideo', 'pipe:1');
    const { stdout } = await capture(webcam(film, ',format=YUYV,pace=frames'), 300);
    assert.equal(stdout.length, 300 * YUYV_BYTES);
    for (let n = 0; n < 300; n++)
      assert.ok(
        Buffer.compare(frameOf(stdout, n, YUYV_BYTES), frameOf(decoded, n, YUYV_BYTES)) === 0,
        `frame ${n} is another`,
      );
  },
);

test(
  'a film begins with its first frame also where ffmpeg needs long to begin',
  needs(['ffmpeg', 'v4l2-ctl']),
  async () => {
    const directory = scratch();
    const film = makeFilm(directory, 3);
    const decoded = ffmpeg('-i', film, '-vf', 'format=yuyv422', '-f', 'rawvideo', 'pipe:1');
    // More time of a processor than a source may do nothing.
    const slow = `#!/bin/sh
while read -r ran _ </proc/$$/schedstat && [ "$ran" -lt 2500000000 ]; do :; done
exec '${programOf('ffmpeg')}' "$@"
`;
    writeFileSync(join(directory, 'ffmpeg'), slow, { mode: 0o755 });
    const command = ['v4l2-ctl', '--stream-mmap', '--stream-count=1', '--stream-to=out'];
    const { code, stderr } = await runUsercam(command, {
      cameras: [webcam(film, ',format=YUYV')],
      cwd: directory,
      env: { PATH: `${directory}:${process.env.PATH}` },
    });
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stderr, /gives no frames/);
    assert.deepEqual(readFileSync(join(directory, 'out')), Buffer.from(frameOf(decoded, 0, YUYV_BYTES)));
  },
);

test(
  'a film goes by time: what has sequence n is frame n, or one before it where the machine was late, and never goes back',
  needs(['ffmpeg', 'v4l2-ctl']),
  async () => {
    const directory = scratch();
    const film = makeFilm(directory, 60);
    const decoded = ffmpeg('-i', film, '-vf', 'format=yuyv422', '-f', 'rawvideo', 'pipe:1');
    const command = ['v4l2-ctl', '--stream-mmap', '--stream-count=40', '--stream-to=out', '--verbose'];
    const { stderr, text } = await runUsercam(command, {
      cameras: [webcam(film, ',format=YUYV')],
      cwd: directory,
    });
    const sequences = [...`${text}${stderr}`.matchAll(/seq:\s*(\d+)/g)].map(([, n]) => Number(n));
    const out = readFileSync(join(directory, 'out'));
    assert.equal(sequences.length, 40);
    const shown = sequences.map((_, i) => {
      const frame = frameOf(out, i, YUYV_BYTES);
      const all = Array.from({ length: 60 }, (_each, n) => frameOf(decoded, n, YUYV_BYTES));
      return all.findIndex((each) => Buffer.compare(each, frame) === 0);
    });
    assert.equal(shown[0], 0);
    for (const [i, n] of sequences.entries()) {
      assert.ok((shown[i] as number) <= n, `${shown[i]} is shown as ${n}`);
      assert.ok((shown[i] as number) >= (shown[i - 1] ?? 0), `${shown[i]} is shown behind ${shown[i - 1]}`);
    }
  },
);

test('a film as MJPEG differs from it by no more than the encoder does', needs(['ffmpeg']), async () => {
  const film = makeFilm(scratch(), 30);
  const rgb = ['-vf', 'format=rgb24', '-f', 'rawvideo', 'pipe:1'];
  const decoded = ffmpeg('-i', film, ...rgb);
  const { stdout } = await capture(webcam(film, ',format=MJPEG,pace=frames'), 30, 'mjpeg');
  const directory = scratch();
  writeFileSync(join(directory, 'out.mjpeg'), stdout);
  const shown = ffmpeg('-f', 'mjpeg', '-i', join(directory, 'out.mjpeg'), ...rgb);
  assert.equal(shown.length, decoded.length);
  for (let n = 0; n < 30; n++) {
    const [a, b] = [shown, decoded].map((all) => frameOf(all, n, WIDTH * HEIGHT * 3)) as [
      Uint8Array,
      Uint8Array,
    ];
    const squares = a.reduce((sum, value, i) => sum + (value - (b[i] as number)) ** 2, 0);
    const psnr = 10 * Math.log10(255 ** 2 / (squares / a.length));
    assert.ok(psnr > 28, `frame ${n}: ${psnr.toFixed(1)} dB`);
  }
});

test(
  'a film that has ended begins again, or the camera shows the placeholder and says so',
  needs(['ffmpeg']),
  async () => {
    const film = makeFilm(scratch(), 4);
    const round = await capture(webcam(film, ',format=YUYV,pace=frames'), 10);
    for (let n = 4; n < 10; n++)
      assert.deepEqual(
        frameOf(round.stdout, n, YUYV_BYTES),
        frameOf(round.stdout, n - 4, YUYV_BYTES),
        `frame ${n}`,
      );
    const { stdout, stderr } = await capture(webcam(film, ',format=YUYV,pace=frames,loop=no'), 8);
    assert.deepEqual(frameOf(stdout, 3, YUYV_BYTES), frameOf(round.stdout, 3, YUYV_BYTES));
    assert.notDeepEqual(frameOf(stdout, 4, YUYV_BYTES), frameOf(round.stdout, 0, YUYV_BYTES));
    assert.deepEqual(frameOf(stdout, 7, YUYV_BYTES), frameOf(stdout, 4, YUYV_BYTES));
    assert.match(stderr, /^usercam: webcam-000: .*film\.mkv has come to its end$/m);
  },
);

test('a film of another shape is fitted in each of three ways', needs(['ffmpeg']), async () => {
  const directory = scratch();
  const file = join(directory, 'wide.mkv');
  ffmpeg('-f', 'lavfi', '-i', 'color=white:size=320x120:rate=25', '-frames:v', '8', '-c:v', 'mpeg4', file);
  const lumaAt = async (fit: string, y: number) => {
    const { stdout } = await capture(webcam(file, `,format=YUYV,fit=${fit}`), 1);
    return stdout[y * WIDTH * 2 + WIDTH] as number;
  };
  assert.ok((await lumaAt('contain', 10)) < 20, 'a bar');
  assert.ok((await lumaAt('contain', 120)) > 220);
  assert.ok((await lumaAt('cover', 10)) > 220);
  assert.ok((await lumaAt('fill', 10)) > 220);
});

test('frames come from a pipe, as Y4M and raw', needs(['ffmpeg']), async () => {
  const directory = scratch();
  const source = [
    '-f',
    'lavfi',
    '-i',
    `testsrc2=size=${WIDTH}x${HEIGHT}:rate=25,format=yuv420p`,
    '-frames:v',
    '20',
  ];
  const expected = ffmpeg(...source, '-vf', 'format=yuyv422', '-f', 'rawvideo', 'pipe:1');
  const kinds = [
    ['y4m:f.pipe', ['-f', 'yuv4mpegpipe']],
    [`raw:yuv420p:${WIDTH}x${HEIGHT}@25:f.pipe`, ['-f', 'rawvideo']],
  ] as const;
  for (const [words, output] of kinds) {
    assert.equal(spawnSync('mkfifo', ['-m', '666', join(directory, 'f.pipe')]).status, 0);
    // What is in the pipe is there at once, however slow the machine is.
    ffmpeg(...source, ...output, '-y', join(directory, 'frames'));
    const read = `ffmpeg -nostdin -loglevel error -f v4l2 -input_format yuyv422 -i /dev/video0 -frames:v 20 -c:v copy -f rawvideo pipe:1`;
    const { code, stdout, stderr } = await runUsercam(['sh', '-c', `cat frames >f.pipe & ${read}; wait`], {
      cameras: [webcam(words, ',format=YUYV,pace=frames')],
      cwd: directory,
    });
    assert.equal(code, 0, stderr);
    assert.deepEqual(Buffer.compare(stdout, expected), 0, words);
    rmSync(join(directory, 'f.pipe'));
  }
});

test(
  'without ffmpeg a film is the placeholder, and one sentence says what to install',
  needs(['v4l2-ctl']),
  async () => {
    const directory = scratch();
    const film = join(directory, 'film.mkv');
    writeFileSync(film, '');
    symlinkSync(programOf('v4l2-ctl'), join(directory, 'v4l2-ctl'));
    const { code, stderr } = await runUsercam(['v4l2-ctl', '--stream-mmap', '--stream-count=3'], {
      cameras: [webcam(film, ',format=YUYV')],
      env: { PATH: directory },
    });
    assert.equal(code, 0, stderr);
    assert.match(stderr, /film\.mkv needs ffmpeg, which is not installed: apt-get install ffmpeg/);
  },
);

test('what is no film is the placeholder, and what is not there is refused', needs(['ffmpeg']), async () => {
  const film = join(scratch(), 'film.mkv');
  writeFileSync(film, 'no film at all');
  const { stderr } = await capture(webcam(film, ',format=YUYV'), 2);
  assert.match(stderr, /film\.mkv cannot be shown: .*Invalid data found/);
  const { code, stderr: refused } = await runUsercam(['true'], { cameras: [webcam('nosuch.mp4')] });
  assert.equal(code, 2);
  assert.match(refused, /^usercam: source: there is no file "nosuch\.mp4" in .*\.\n$/);
});

test(
  'ffmpeg runs while somebody streams, and ends with usercam however that ends',
  needs(['ffmpeg', 'v4l2-ctl']),
  async () => {
    const film = makeFilm(scratch(), 10);
    const isOurs = (pid: string) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
        return words[0] === 'ffmpeg' && words.includes(film);
      } catch {
        return false;
      }
    };
    const runs = () => readdirSync('/proc').some(isOurs);
    const stream = 'v4l2-ctl --stream-mmap --stream-count=3';
    const running = startUsercam(
      ['sh', '-c', `${stream}; echo idle; read x; ${stream.replace('3', '300')}`],
      {
        cameras: [webcam(film, ',format=YUYV')],
      },
    );
    await running.line('idle');
    await until('ffmpeg ends', () => !runs());
    running.child.stdin?.write('\n');
    await until('ffmpeg runs', runs);
    process.kill(running.pid, 'SIGKILL');
    await until('ffmpeg ends', () => !runs());
    await running.end.catch(() => {});
  },
);

/** Says which processes below usercam itself there are that are called ffmpeg, also those that nobody has heard the end of. */
const OF_USERCAM = `
  read -r _ _ _ usercam _ </proc/$PPID/stat
  for stat in /proc/[0-9]*/stat; do
    read -r pid name state parent _ 2>/dev/null <$stat
    [ "$parent" = "$usercam" ] && [ "$name" = '(ffmpeg)' ] && echo "ffmpeg $pid $state"
  done
  true`;

test(
  'no ffmpeg is left of streams that have ended, in H.264 neither of the film nor of the encoder',
  needs(['ffmpeg', 'v4l2-ctl']),
  async () => {
    const film = makeFilm(scratch(), 10);
    const streams = 'for i in 1 2 3; do v4l2-ctl --stream-mmap --stream-count=3 2>/dev/null; done; sleep 1';
    for (const spec of [`${film},format=H264`, `pattern:bars,format=H264`, `${film},format=YUYV`]) {
      const cameras = [`webcam,profile=fullhd,source=${spec}`];
      const { text, code, stderr } = await runUsercam(['sh', '-c', `${streams}; ${OF_USERCAM}`], { cameras });
      assert.deepEqual([text, code], ['', 0], `${spec}: ${stderr}`);
    }
  },
);

test(
  'an ffmpeg whose frames cannot be used is ended, and not left to itself',
  needs(['v4l2-ctl']),
  async () => {
    const directory = scratch();
    const film = join(directory, 'film.mkv');
    writeFileSync(film, '');
    const part = 'Content-type: image/jpeg\\r\\nContent-length: 8\\r\\n\\r\\nNO JPEG!\\r\\n';
    const mute = `#!/bin/sh\nprintf -- '--ffmpeg\\r\\n${part}'\nexec sleep 60\n`;
    writeFileSync(join(directory, 'ffmpeg'), mute, { mode: 0o755 });
    // With its controls as they are a camera does not look at JPEGs.
    const stream = 'v4l2-ctl -c brightness=10; v4l2-ctl --stream-mmap --stream-count=20 2>/dev/null; sleep 1';
    const sleeping = OF_USERCAM.replace('(ffmpeg)', '(sleep)');
    const { text, stderr } = await runUsercam(['sh', '-c', `${stream}; ${sleeping}`], {
      cameras: [webcam(film, '')],
      env: { PATH: `${directory}:${process.env.PATH}` },
    });
    assert.match(stderr, /film\.mkv cannot be shown: /);
    assert.equal(text, '');
  },
);
