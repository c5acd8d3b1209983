/** The command line. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { similar } from '../base/similar.ts';
import { startOverWithoutNodeOptions } from '../session/inheritance.ts';
import {
  type CameraFlags,
  cameraOption,
  checkWatched,
  configOption,
  currentDirectory,
  describedCameras,
  refuse,
} from './described-cameras.ts';
import { doctor } from './doctor.ts';
import { end } from './job.ts';
import { print, say } from './messages.ts';
import { type Begun, run } from './run.ts';
import { runInSession } from './run-in-session.ts';
import { addSessionCommands, sessionName } from './session-command-line.ts';
import { chosenTrace, debugOption, type TraceFlags, traceFileOption, traceOption } from './trace-options.ts';

const EXIT_USAGE = 2;

interface Flags extends CameraFlags, TraceFlags {
  readonly replace?: boolean;
  readonly verbose?: boolean;
  readonly watch?: boolean;
  /** One that is running, by its name or that of the directory. */
  readonly session?: string | true;
}

function version(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function startRun(command: readonly string[], flags: Flags, begun: Begun): void {
  currentDirectory();
  startOverWithoutNodeOptions(begun.given, begun.inherited());
  if (flags.session !== undefined) {
    if (flags.camera.length > 0 || flags.config !== undefined)
      refuse('a session that is running has its cameras; usercam add gives it another one');
    if (flags.trace !== undefined || flags.traceFile !== undefined || flags.debug !== undefined)
      refuse('a session that is running is traced by a command of its own: usercam trace');
    runInSession(command.length, sessionName(flags), begun);
    return;
  }
  const { replace = false, verbose = false, watch = false } = flags;
  const described = describedCameras(flags);
  if (watch) checkWatched(described);
  const chosen = { ...described, ...chosenTrace(flags), replace, verbose, watch };
  run({ words: command.length, ...chosen, mend: mendFor(command) }, begun);
}

/** What was meant by a program that turns out not to exist. */
function mendFor([program = '', ...rest]: readonly string[]): string | undefined {
  const [key = '', value] = program.split(/=(.*)/s);
  if (value !== undefined && /^[a-z]+$/.test(key))
    return `settings follow the camera after a comma: --camera vivi,${program}`;
  if (rest.length > 0 || !/\s/.test(program.trim())) return undefined;
  return `write the words one by one (usercam run -- ${program}), or let a shell read them: usercam run -- sh -c '${program}'`;
}

const SESSION_COMMANDS = [
  ...['up', 'down', 'status', 'wait', 'add', 'remove', 'unplug', 'plug'],
  ...['show', 'set', 'change', 'freeze', 'blank', 'trace'],
];
const COMMANDS = ['run', 'cameras', 'profile', 'doctor', 'help', ...SESSION_COMMANDS];

/** The program was typed where a command of ours belongs; undefined if a command of ours was meant. */
function forgottenRun(words: readonly string[]): string | undefined {
  const [first = ''] = words;
  if (first === '' || first.startsWith('-') || COMMANDS.includes(first)) return undefined;
  const meant = words.includes('--') ? 'run' : similar(first, COMMANDS);
  if (meant !== undefined) return `"${first}" is no command of usercam: did you mean ${meant}?`;
  return `"${first}" is no command of usercam: did you mean usercam run -- ${words.join(' ')}?`;
}

const RUN_HELP = `
Examples:
  usercam run -- ffmpeg -f v4l2 -i /dev/video0 -frames:v 100 out.mkv
  usercam run --camera vivi,size=1280x720,fps=60,format=UYVY -- v4l2-ctl --all
  usercam run -c vivi -c vivi -- ./two-cameras        /dev/video0 and /dev/video1
  usercam run -c loopback -- ./producer-and-consumer  writes /dev/video0, reads /dev/video1
  usercam run -c ./my-camera.ts -- v4l2-compliance -s
  usercam run --config cameras.ts -- ./my-test

A configuration: export default defineConfig({ cameras: [{ camera: 'vivi', size: '1280x720' }] }), from 'usercam'.

Exit code: that of COMMAND, or the signal that ended it; 2 if usercam cannot start, and one sentence says why;
126 if COMMAND cannot be executed, 127 if there is none; 125 if usercam was broken on the way.

USERCAM_DEVICES holds the nodes, for scripts: "/dev/video0 /dev/video1".
`;

const DOCTOR_HELP = `
ok is there, note is missing and does little harm, FAIL is missing and named with its mend.

Exit code: 0 if usercam works here, 1 if it does not.

Examples:
  usercam doctor
  usercam doctor --json | jq .facts.kernel
`;

const CAMERAS_HELP = `
Exit code: 0.

Examples:
  usercam cameras
  usercam cameras --json | jq '.[].driver'
`;

const PROFILE_HELP = `
Exit code: 0, or 2 if that is no camera.

Examples:
  usercam profile /dev/video0 > mine.json
  usercam run -c webcam,profile=./mine.json,source=film.mp4 -- chromium
`;

const ROOT_HELP = `
Examples:
  usercam run -- ffmpeg -f v4l2 -i /dev/video0 -frames:v 100 out.mkv
  usercam up              a session in the background, for tests: usercam up --help
  usercam run --help      cameras and their settings, exit codes
  usercam doctor          is all there that is needed?
`;

/** Loaded by those who ask: it needs all of videodev2.h. */
async function writeProfile(node: string): Promise<void> {
  const { profileOf, ProfileError } = await import('./camera-profile.ts');
  try {
    const { profile, others } = profileOf(node);
    print(`${JSON.stringify(profile, null, 2)}\n`);
    if (others.length > 0) say(`left out, because a webcam here cannot have it: ${others.join(', ')}`);
  } catch (error) {
    if (!(error instanceof ProfileError)) throw error;
    say(error.message);
    process.exitCode = EXIT_USAGE;
  }
}

/** What commander says of a command line that it does not understand, in one sentence with a mend. */
function mendedUsage(text: string): string {
  const [, what = '', meant] = /^error: (.*?)\.?\s*(?:\(Did you mean (.*)\?\)\s*)?$/s.exec(text) ?? [];
  if (meant !== undefined) return `${what}: did you mean ${meant}?`;
  const [first = ''] = process.argv.slice(2);
  return `${what}; see usercam ${COMMANDS.includes(first) ? `${first} ` : ''}--help`;
}

type CameraHelp = typeof import('./camera-help.ts');

/** What the drivers say of themselves is read by those who ask, others would wait for it. */
async function cameraHelp(words: readonly string[]): Promise<CameraHelp | undefined> {
  const options = words.includes('--') ? words.slice(0, words.indexOf('--')) : words;
  const isAsked =
    /^(help|cameras)$/.test(words[0] ?? '') || options.some((word) => /^(-h|--help)$/.test(word));
  return isAsked ? import('./camera-help.ts') : undefined;
}

/** Adds a command to the others. */
type Adder = (root: Command, begun: Begun, cameras: CameraHelp | undefined) => void;

const addRun: Adder = (root, begun, cameras) =>
  root
    .command('run')
    .description('run COMMAND, and all that it starts, with cameras in /dev/video0 and on')
    .usage('[options] -- COMMAND [ARGUMENT...]')
    .addOption(cameraOption())
    .addOption(configOption())
    .option('--session [name]', 'in a session that is running (see up): of this name, or of this directory')
    .option('--replace', 'take the place of cameras that the host has')
    .addOption(traceOption())
    .addOption(traceFileOption())
    .addOption(debugOption())
    .option('--watch', 'load the configuration and drivers out of files anew when they are saved')
    .option('-v, --verbose', 'tell what goes on: nodes, who opens them, formats, buffers, frames')
    .argument('<command...>', 'the program and its arguments')
    .passThroughOptions()
    .addHelpText('after', () => `\n${cameras?.camerasText() ?? ''}${RUN_HELP}`)
    .action((command: string[], flags: Flags) => startRun(command, flags, begun));

const addProfile: Adder = (root) =>
  root
    .command('profile')
    .description('write down what a camera is (JSON), so that webcam,profile=FILE can be one')
    .argument('<node>', 'the camera, such as /dev/video0')
    .addHelpText('after', PROFILE_HELP)
    .action(writeProfile);

const addDoctor: Adder = (root) =>
  root
    .command('doctor')
    .description('say for each thing that is needed whether it is there, and what to do')
    .option('--json', 'for programs: what was found, and facts (versions, kernel, limits)')
    .addHelpText('after', DOCTOR_HELP)
    .action(({ json = false }: { json?: boolean }) => {
      process.exitCode = doctor({ json, version: version() });
    });

const addCameras: Adder = (root, _begun, cameras) =>
  root
    .command('cameras')
    .description('say what cameras there are to choose, and what can be set')
    .option('--json', 'for programs')
    .addHelpText('after', CAMERAS_HELP)
    .action(({ json = false }: { json?: boolean }) => {
      print((json ? cameras?.camerasJson() : cameras?.camerasText()) ?? '');
    });

const addAll: Adder = (...given) => {
  for (const add of [addRun, addProfile, addDoctor, addCameras]) add(...given);
  const [root, begun] = given;
  root.version(version());
  addSessionCommands(root, begun);
};

/** Of all commands there are twenty; whoever runs a program waits for one. */
function program(words: readonly string[], begun: Begun, cameras: CameraHelp | undefined): Command {
  const root = new Command('usercam')
    .description('Video4Linux2 in user space: gives any unmodified program a camera')
    .enablePositionalOptions()
    .addHelpText('after', ROOT_HELP)
    .exitOverride()
    .configureOutput({
      writeOut: print,
      outputError: (text, write) => write(`usercam: ${mendedUsage(text)}\n`),
    });
  const add = words[0] === 'run' ? addRun : addAll;
  add(root, begun, cameras);
  return root;
}

export async function main(begun: Begun): Promise<void> {
  const words = process.argv.slice(2);
  const forgotten = forgottenRun(words);
  if (forgotten !== undefined) refuse(forgotten);
  const cameras = await cameraHelp(words);
  try {
    program(words, begun, cameras).parse();
  } catch (error: unknown) {
    if (!(error instanceof CommanderError)) throw error;
    end(error.exitCode === 0 ? 0 : EXIT_USAGE);
  }
}
