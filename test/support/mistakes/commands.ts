/** Commands that are wrong, or that cannot be, and what is said of them: the truth of tests and of `docs/errors.md`. */

export interface WrongCommand {
  /** What is typed after `usercam`. */
  readonly words: readonly string[];
  /** Where it is typed there are these files, by their names. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** This program cannot be found. */
  readonly without?: string;
  /** On standard error, after `usercam: `; DIR is the directory where it is typed. */
  readonly says: string;
  /** 0: the command is started all the same, and the camera shows the placeholder. */
  readonly code: 0 | 1 | 2;
}

const TRUE = ['--', 'true'];
/** Looks at the camera. */
const LOOK = ['--', 'v4l2-ctl', '--stream-mmap'];
const CONFIG_NAMES = 'usercam.config.ts, usercam.config.js, usercam.config.mjs, usercam.config.json';
const CHOICE =
  'choose one of vivi, vivi-mplane, vivi-legacy, webcam, loopback, m2m, skeleton, or the file of a driver, such as ./my-camera.ts';

/** How cameras are named, on the command line and in files. */
const cameras: readonly WrongCommand[] = [
  {
    words: ['run', '-c', 'vivi', '--config', 'usercam.config.ts', ...TRUE],
    says: '--camera and --config both name cameras: leave one of them out',
    code: 2,
  },
  {
    words: ['run', '--config', 'cameras.ts', ...TRUE],
    says: `There is no configuration "cameras.ts" in DIR: name one such as ${CONFIG_NAMES}.`,
    code: 2,
  },
  {
    words: ['up', '--config', 'cameras.ts'],
    says: `There is no configuration "cameras.ts" in DIR: name one such as ${CONFIG_NAMES}.`,
    code: 2,
  },
  {
    words: ['run', '--config', '.', ...TRUE],
    says: '"." is a directory: name the configuration in it.',
    code: 2,
  },
  {
    words: ['run', '--config', 'cameras.yaml', ...TRUE],
    files: { 'cameras.yaml': 'cameras: [vivi]' },
    says: `"cameras.yaml" is no configuration: name one such as ${CONFIG_NAMES}.`,
    code: 2,
  },
  {
    words: ['run', '--config', '', ...TRUE],
    says: "option '--config <file>' argument '' is invalid. name a file such as usercam.config.ts; see usercam run --help",
    code: 2,
  },
  {
    words: ['run', ...TRUE],
    files: { 'usercam.config.ts': '', 'usercam.config.json': '{}' },
    says: 'there are usercam.config.ts and usercam.config.json in DIR: keep one of them, or name one with --config',
    code: 2,
  },
  {
    words: ['run', ...TRUE],
    files: { 'usercam.config.ts': "export const cameras = ['vivi'];\n" },
    says: "./usercam.config.ts has no default export, which would be the configuration: write export default defineConfig({ cameras: ['vivi'] }).",
    code: 2,
  },
  {
    words: ['run', ...TRUE],
    files: { 'usercam.config.ts': "\nexport default { cameras: ['vivi' };\n" },
    says: './usercam.config.ts:2 cannot be read as a program: Unexpected token, expected ",".',
    code: 2,
  },
  {
    words: ['run', ...TRUE],
    files: { 'usercam.config.mjs': '\n\nexport default { cameras: [camera] };\n' },
    says: './usercam.config.mjs:3 throws while it is loaded: ReferenceError: camera is not defined',
    code: 2,
  },
  {
    words: ['run', ...TRUE],
    files: { 'usercam.config.ts': '\nthrow new Error("not on Mondays");\n' },
    says: './usercam.config.ts:2 throws while it is loaded: Error: not on Mondays',
    code: 2,
  },
  {
    words: ['run', ...TRUE],
    files: { 'usercam.config.ts': 'process.exit(0);\n' },
    says: './usercam.config.ts:1 throws while it is loaded: Error: process.exit() would end usercam, and all that it serves',
    code: 2,
  },
  {
    words: ['up'],
    files: { 'usercam.config.ts': 'await new Promise(() => {});\n' },
    says: 'usercam.config.ts never ends to load: what it awaits does not come; take that out.',
    code: 2,
  },
  {
    words: ['up'],
    files: { 'usercam.config.ts': 'import { cameras } from "./cameras.ts";\nexport default { cameras };\n' },
    says: './usercam.config.ts:1 imports "./cameras.ts", which cannot be found: correct the path.',
    code: 2,
  },
  {
    words: ['run', ...TRUE],
    files: { 'usercam.config.ts': 'import "left-pad-not";\n' },
    says: './usercam.config.ts:1 imports "left-pad-not", which cannot be found: install it beside the configuration: npm install left-pad-not.',
    code: 2,
  },
  {
    words: ['run', ...TRUE],
    files: { 'usercam.config.json': '{\n  "cameras": ["vivi"\n' },
    says: './usercam.config.json:2 is no JSON: Unexpected token, expected ",".',
    code: 2,
  },
  {
    words: ['run', ...TRUE],
    files: { 'usercam.config.json': '{ "cameras": ["vivi"], }' },
    says: './usercam.config.json is no JSON: it has a comment, a comma too many or something else that only programs have, and would have to be called usercam.config.js.',
    code: 2,
  },
  {
    words: ['up'],
    files: { 'usercam.config.json': '{ "cameras": [{ "camera": "vivi", "size": "big" }] }' },
    says: './usercam.config.json: cameras[0].size: size=big is not a size: write it as WIDTHxHEIGHT, such as size=1280x720.',
    code: 2,
  },
  {
    words: ['run', ...TRUE],
    files: { 'usercam.config.ts': "export default { cameras: ['vivi', { camera: './mine.ts' }] };\n" },
    says: `./usercam.config.ts: cameras[1]: There is no file "./mine.ts" in DIR: ${CHOICE}.`,
    code: 2,
  },
  {
    words: ['run', ...TRUE],
    files: {
      'usercam.config.js': "export default { cameras: [{ camera: 'webcam', source: 'talk.mp4' }] };\n",
    },
    says: './usercam.config.js: cameras[0]: source: there is no file "talk.mp4" in DIR: correct the path.',
    code: 2,
  },
  {
    words: ['run', '--watch', ...TRUE],
    says: '--watch has nothing to watch: name the file of a driver, such as --camera ./my-camera.ts, or a configuration with --config',
    code: 2,
  },
];

/** What a camera shows. */
const sources: readonly WrongCommand[] = [
  {
    words: ['run', '-c', 'webcam,source=talk.mp4', ...TRUE],
    says: 'source: there is no file "talk.mp4" in DIR: correct the path.',
    code: 2,
  },
  {
    words: ['run', '-c', 'webcam,source=./', ...TRUE],
    says: 'source: "./" is a directory: name a file in it.',
    code: 2,
  },
  {
    words: ['run', '-c', 'webcam,profile=mine.json', ...TRUE],
    says: 'profile=mine.json cannot be read: name a file that is there.',
    code: 2,
  },
  {
    words: ['run', '-c', 'webcam,profile=mine.json', ...TRUE],
    files: { 'mine.json': '{ "card": "Mine" }' },
    says: 'mine.json is no profile of a webcam: "usb" is to have "vendor" and "product", four digits of hexadecimal each; usercam profile /dev/video0 writes one.',
    code: 2,
  },
  {
    words: ['profile', '/dev/video77'],
    says: 'there is no /dev/video77: name a camera, such as /dev/video0, or run this under usercam run',
    code: 2,
  },
];

/** What turns out only when a program looks at the camera. */
const pictures: readonly WrongCommand[] = [
  {
    words: ['run', '-c', 'webcam,source=photo.png', ...LOOK],
    files: { 'photo.png': 'no picture at all' },
    says: 'webcam-000: photo.png is no picture that can be read: name another one (PNG, JPEG, WebP, SVG, GIF, AVIF, TIFF), or write film:photo.png for ffmpeg',
    code: 0,
  },
  {
    words: ['run', '-c', 'webcam,source=film.mp4', ...LOOK],
    files: { 'film.mp4': '' },
    without: 'ffmpeg',
    says: 'webcam-000: film.mp4 needs ffmpeg, which is not installed: apt-get install ffmpeg, or what your system has',
    code: 0,
  },
  {
    words: ['run', '-c', 'webcam,source=./paint.ts', ...LOOK],
    files: { 'paint.ts': "export default { paint() { throw new Error('out of paint'); } };\n" },
    says: 'webcam-000: ./paint.ts cannot be shown: out of paint',
    code: 0,
  },
  {
    words: ['run', '-c', 'webcam,source=./paint.ts', ...LOOK],
    files: { 'paint.ts': 'export const paint = () => {};\n' },
    says: 'webcam-000: ./paint.ts has no default export that is a source: write export default defineSource({ paint(canvas) { … } })',
    code: 0,
  },
];

/** How a command is written. */
const usage: readonly WrongCommand[] = [
  { words: ['doctr'], says: '"doctr" is no command of usercam: did you mean doctor?', code: 2 },
  {
    words: ['run', '--sesion', 'x', ...TRUE],
    says: "unknown option '--sesion': did you mean --session?",
    code: 2,
  },
  { words: ['run', '--fast', ...TRUE], says: "unknown option '--fast'; see usercam run --help", code: 2 },
  { words: ['run'], says: "missing required argument 'command'; see usercam run --help", code: 2 },
  {
    words: ['run', '-c'],
    says: "option '-c, --camera <spec>' argument missing; see usercam run --help",
    code: 2,
  },
  { words: ['unplug'], says: "missing required argument 'camera'; see usercam unplug --help", code: 2 },
  {
    words: ['set', '/dev/video0'],
    says: "missing required argument 'control=value'; see usercam set --help",
    code: 2,
  },
  {
    words: ['plug', '0', '1'],
    says: "too many arguments for 'plug'. Expected 1 argument but got 2; see usercam plug --help",
    code: 2,
  },
  {
    words: ['run', '--trace=ioctl,frames', ...TRUE],
    says: 'there is no trace group "frames"; there are ioctl, vb2, open, mmap, poll and close, as in --trace=ioctl,vb2 (put -- before the command)',
    code: 2,
  },
  {
    words: ['run', '--debug=all', ...TRUE],
    says: 'there is nothing to debug called "all"; there are ioctl, arg, fop, streaming, poll, as in --debug=ioctl,arg (put -- before the command)',
    code: 2,
  },
  {
    words: ['run', '--trace-file', 'no/such/file', ...TRUE],
    says: '--trace-file: cannot write no/such/file (ENOENT); name a file in a directory of yours',
    code: 2,
  },
  {
    words: ['up', '--until', 'now'],
    says: '--until now: write the number of a process, such as --until $$',
    code: 2,
  },
  { words: ['up', '-c', 'vivy'], says: 'There is no driver "vivy": did you mean vivi?', code: 2 },
];

/** Sessions that are not there, or cannot be. */
const places: readonly WrongCommand[] = [
  {
    words: ['status'],
    says: 'there is no session for this directory; start one with usercam up',
    code: 1,
  },
  {
    words: ['down', '--session', 'x'],
    says: 'there is no session "x"; start one with usercam up --session x',
    code: 1,
  },
  {
    words: ['run', '--session', ...TRUE],
    says: 'there is no session for this directory; start one with usercam up',
    code: 2,
  },
  {
    words: ['run', '--session', 'x', '-c', 'vivi', ...TRUE],
    says: 'a session that is running has its cameras; usercam add gives it another one',
    code: 2,
  },
  {
    words: ['run', '--session', '--trace', ...TRUE],
    says: 'a session that is running is traced by a command of its own: usercam trace',
    code: 2,
  },
  {
    words: ['trace', '--session', 'x'],
    says: 'there is no session "x"; start one with usercam up --session x',
    code: 1,
  },
  {
    words: ['up', '--session', 'a b'],
    says: '"a b" is no name of a session: use letters, digits, and . _ -, or a path with a slash',
    code: 2,
  },
  {
    words: ['up', '--session', '..'],
    says: '".." is no name of a session: use letters, digits, and . _ -, or a path with a slash',
    code: 2,
  },
  {
    words: ['up'],
    env: { XDG_RUNTIME_DIR: '/proc' },
    says: '/proc/usercam-UID/NAME cannot be made (ENOENT); set XDG_RUNTIME_DIR to a directory of yours',
    code: 2,
  },
  {
    words: ['up'],
    env: { XDG_RUNTIME_DIR: `/tmp/${'long'.repeat(30)}` },
    says: `/tmp/${'long'.repeat(30)}/usercam-UID/NAME/socket is too long for a socket; set XDG_RUNTIME_DIR to a shorter path`,
    code: 2,
  },
];

/** Asked of a session that has a vivi and a webcam as /dev/video0 and /dev/video1. */
const steering: readonly WrongCommand[] = [
  {
    words: ['up'],
    says: 'there is a session in PLACE already; usercam down ends it',
    code: 2,
  },
  {
    words: ['unplug', 'camera'],
    says: '"camera" is no camera: write /dev/video0',
    code: 2,
  },
  {
    words: ['unplug', '/dev/video7'],
    says: 'there is no camera /dev/video7; there are /dev/video0, /dev/video1',
    code: 1,
  },
  { words: ['plug', '0'], says: '/dev/video0 is plugged in already', code: 1 },
  {
    words: ['add', 'vivi,size=1'],
    says: 'size=1 is not a size: write it as WIDTHxHEIGHT, such as size=1280x720.',
    code: 1,
  },
  {
    words: ['show', '0', 'film.mp4'],
    says: '/dev/video0 makes its own picture, and can show nothing else; a webcam can (--camera webcam)',
    code: 1,
  },
  {
    words: ['show', '1', 'talk.mp4'],
    says: 'source: there is no file "talk.mp4" in DIR: correct the path.',
    code: 1,
  },
  {
    words: ['show', '1', 'qrcode:Hello'],
    says: 'source=qrcode:Hello is not possible: there is no kind of source "qrcode": choose one of pattern, qr, still, film, raw, y4m, screen, camera, lavfi, or name a file.',
    code: 1,
  },
  {
    words: ['show', '1', 'camera:front'],
    says: 'source=camera:front is not possible: "front" is no camera of the session: write it as camera:/dev/video0.',
    code: 1,
  },
  {
    words: ['show', '1', 'camera:7'],
    says: 'there is no camera /dev/video7; there are /dev/video0, /dev/video1',
    code: 1,
  },
  {
    words: ['show', '1', 'camera:1'],
    says: 'source: /dev/video1 cannot show itself: name another camera.',
    code: 1,
  },
  {
    words: ['change', '0', '800'],
    says: 'size=800 is not a size: write it as WIDTHxHEIGHT, such as size=1280x720.',
    code: 1,
  },
  {
    words: ['change', '0', '@'],
    says: '"@" is no size or rate: write 1280x720@25, 1280x720 or @25',
    code: 2,
  },
  {
    words: ['change', '0', '@0'],
    says: 'fps=0 is out of range: vivi makes 1 to 120 frames a second.',
    code: 1,
  },
  {
    words: ['freeze', '0', 'maybe'],
    says: '"maybe" is not possible: write freeze 0 on, or off',
    code: 2,
  },
  {
    words: ['blank', '1', ''],
    says: '"" is not possible: write blank 1 on, or off',
    code: 2,
  },
  {
    words: ['set', '0', 'brightness'],
    says: '"brightness" sets nothing: write it as control=value',
    code: 2,
  },
  {
    words: ['set', '0', 'brightnes=1'],
    says: 'vivi-000-vid-cap has no control brightnes: did you mean brightness?',
    code: 1,
  },
  {
    words: ['set', '0', 'brightness=high'],
    says: 'brightness=high is not possible: it is a whole number',
    code: 1,
  },
  {
    words: ['wait', '0', 'frame=3'],
    says: '"frame=3" cannot be waited for: open, streaming, closed, frames=10 can',
    code: 2,
  },
];

export const wrongCommands = { cameras, sources, pictures, usage, places, steering } as const;
