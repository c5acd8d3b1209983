/** v4l2-ctl and ffmpeg ask vivi all that can be asked from a command line, and print what they print of a camera in a kernel. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needs, runtime, runUsercam, start, usercam } from '../support/door.ts';
import { askAgain, readGolden } from '../support/v4l2-ctl.ts';

const golden = readGolden();

for (const section of golden.sections)
  test(`v4l2-ctl prints of ${section.camera} what it should`, needs(['v4l2-ctl']), async (t) => {
    const { text: version } = await runUsercam(['v4l2-ctl', '--version']);
    if (version.trim() === golden.version) assert.deepEqual(await askAgain(section), section.lines);
    else t.skip(`the golden file is of ${golden.version}`);
  });

test('v4l2-ctl --log-status has the status in the log of --verbose', needs(['v4l2-ctl']), async () => {
  const command = [
    runtime,
    usercam,
    'run',
    '--verbose',
    '--',
    'sh',
    '-c',
    'v4l2-ctl --log-status > /dev/null',
  ];
  const { stderr } = await start(command).end;
  const [, status = ''] =
    /(usercam: vivi-000\S*: =+ {2}START STATUS[\s\S]*END STATUS {2}=+)\n/.exec(stderr) ?? [];
  const lines = status.split('\n').map((line) => line.replace(/^usercam: vivi-000\S*: /, ''));
  assert.deepEqual(lines, [
    '=================  START STATUS  =================',
    'Volume: 200',
    'Brightness: 127',
    'Contrast: 16',
    'Saturation: 127',
    'Hue: 0',
    'Alpha Component: 0',
    'Gain, Automatic: true',
    'Gain: 100 inactive volatile',
    'Boolean: true',
    'Integer 32 Bits: 0',
    'Integer 64 Bits: 0',
    'Menu: Menu Item 3',
    'String:   ',
    'Bitmask: 0x80002000',
    'Integer menu: 5',
    '==================  END STATUS  ==================',
  ]);
});

/**
 * That somebody waits nobody is told: the button is pressed until he has gone. Who polls is told the value first. Times and how
 * many events came before are left out.
 */
const eventScript = `
v4l2-ctl --wait-for-event=ctrl=button > waited & waiting=$!
while kill -0 $waiting 2> /dev/null; do v4l2-ctl -c button=1 || exit; done
wait $waiting && cat waited
for how in poll epoll; do
  : > told
  stdbuf -oL v4l2-ctl --$how-for-event=ctrl=brightness > told & waiting=$!
  until grep -q 'flags: slider' told; do :; done
  v4l2-ctl -c brightness=$((\${#how} + 10))
  until grep -q "value: $((\${#how} + 10))" told; do :; done
  kill $waiting
  wait $waiting 2> /dev/null
  cat told
done
`;

test('v4l2-ctl waits for events of controls in three ways', needs(['v4l2-ctl', 'coreutils']), async () => {
  const result = await runUsercam(['sh', '-c', eventScript]);
  const timeless = result.text.replace(/^[\d.]+: event \d+/gm, 'event');
  const told = (before: number, value: number) =>
    `event, pending 0: ctrl: brightness
\tvalue: ${before} 0x${before.toString(16)}
\tflags: slider
event, pending 0: ctrl: brightness
\tvalue: ${value} 0x${value.toString(16)}
`;
  const pressed = 'event, pending 0: ctrl: button\n\tvalue: 0 0x0\n';
  assert.equal(timeless, pressed + told(127, 14) + told(14, 15));
  assert.equal(result.stderr, '');
});

/** What libavformat says when it has looked: without its name (ffmpeg 9 says in#0) and address, and with the sizes in their own line. */
const said = (stderr: string): readonly string[] =>
  stderr
    .split('\n')
    .flatMap(
      (line) =>
        /^\[(?:video4linux2,v4l2|in#0) @ 0x[\da-f]+\] (?!Error opening input: )(.*)$/.exec(line)?.[1] ?? [],
    );

const ffmpeg = ['ffmpeg', '-hide_banner', '-nostdin', '-f', 'v4l2'];

test('ffmpeg -list_formats all lists every format with its sizes', needs(['ffmpeg']), async () => {
  const { stderr } = await runUsercam([...ffmpeg, '-list_formats', 'all', '-i', '/dev/video0']);
  const formats = said(stderr).map((line) => line.split(' : ').map((part) => part.trim()));
  const names = formats.map(([, name]) => name);
  const known = ['yuyv422', 'uyvy422', 'rgb565le', 'rgb565be', 'rgb555le', 'rgb555be', 'rgb24', 'bgr24'];
  for (const name of [...known, 'nv12', 'yuv420p', 'gray', 'argb', 'bgra'])
    assert.ok(names.includes(name), name);
  const sizes =
    '640x480 48x32 160x120 320x180 320x240 640x360 800x600 1280x720 1280x960 1600x1200 1920x1080 1920x1200';
  for (const [kind, name, description, listed] of formats)
    assert.deepEqual([kind, listed], ['Raw', sizes], `${name}: ${description}`);
});

test(
  'ffmpeg lists the standards, and takes -standard and -channel',
  needs(['ffmpeg', 'v4l2-ctl']),
  async () => {
    const cameras = ['vivi,std=ntsc'];
    const listed = await runUsercam([...ffmpeg, '-list_standards', 'all', '-i', '/dev/video0'], { cameras });
    const standards = said(listed.stderr).map((line) => line.replaceAll(/\s+/g, ''));
    assert.deepEqual(standards, [
      '0,b000,NTSC',
      '1,1000,NTSC-M',
      '2,2000,NTSC-M-JP',
      '3,8000,NTSC-M-KR',
      '4,4000,NTSC-443',
      '5,100,PAL-M',
      '6,800,PAL-60',
    ]);
    const capture = [...ffmpeg, '-standard', 'NTSC-M-JP', '-channel', '2', '-i', '/dev/video0'];
    const command = [...capture, '-frames:v', '2', '-f', 'null', '-'];
    const script = '"$@" && v4l2-ctl --get-standard --get-input';
    const chosen = await runUsercam(['sh', '-c', script, 'sh', ...command], { cameras });
    assert.equal(chosen.code, 0, chosen.stderr);
    assert.equal(chosen.text, 'Video input : 2 (Camera 2: ok)\nVideo Standard = 0x00002000\n\tNTSC-M-JP\n');
    assert.match(chosen.stderr, /29\.97 fps/);
    for (const [wrong, complaint] of [
      [['-standard', 'PAL'], "Unknown or unsupported standard 'PAL'"],
      [['-channel', '4'], 'ioctl(VIDIOC_S_INPUT): Invalid argument'],
    ] as const) {
      const refused = await runUsercam([...ffmpeg, ...wrong, '-i', '/dev/video0'], { cameras });
      assert.deepEqual(said(refused.stderr), [complaint]);
    }
  },
);
