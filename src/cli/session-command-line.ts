/** The words of the commands that steer a session in the background. */
import { type Command, Option } from 'commander';
import { end } from './job.ts';
import { say } from './messages.ts';
import type { Begun } from './run.ts';

const EXIT_USAGE = 2;

interface SessionFlags {
  readonly session?: string | true | undefined;
}

/** The name that was given; undefined stands for the session of this directory. */
export const sessionName = ({ session }: SessionFlags): string | undefined =>
  session === true ? undefined : session;

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

export const cameraOption = (): Option =>
  new Option('-c, --camera <spec>', 'a camera, e.g. vivi,size=1280x720,fps=60,format=UYVY (again for more)')
    .argParser(collect)
    .default([], 'vivi');

const UP_HELP = `
The session starts programs, has them as its children, and ends them when it ends: with down, or with --until.
A directory has one session; --session gives it a name, by which it is found from everywhere.

Examples:
  usercam up                             /dev/video0, until usercam down
  usercam up --until $$                  ends with this shell
  usercam run --session -- ./my-test     in the session of this directory
  usercam unplug /dev/video0; usercam plug /dev/video0
  usercam set /dev/video0 brightness=10
  usercam change /dev/video0 1280x720@25     it receives another size and rate
  usercam wait /dev/video0 frames=10     a program has been given ten more frames
  usercam status --json
  usercam down

Exit code: 0; 1 if it cannot be, 2 if it is not understood, and one sentence says why.
`;

/** They are loaded by who needs them: run does not wait for them. */
const actions = () => import('./session-commands.ts');

function processOf(text: string | undefined): number | undefined {
  if (text === undefined || /^[1-9]\d*$/.test(text)) return text === undefined ? undefined : Number(text);
  say(`--until ${text}: write the number of a process, such as --until $$`);
  end(EXIT_USAGE);
}

interface UpFlags extends SessionFlags {
  readonly camera: readonly string[];
  readonly replace?: boolean;
  readonly until?: string;
}

function addUp(root: Command, { programs, given }: Begun): void {
  root
    .command('up')
    .description('start a session in the background, and say the nodes of its cameras')
    .addOption(cameraOption())
    .option('--session <name>', 'its name; that of the directory if left out')
    .option('--replace', 'take the place of cameras that the host has')
    .option('--until <pid>', 'the session ends when this process ends')
    .addHelpText('after', UP_HELP)
    .action(async (flags: UpFlags) => {
      const { camera, replace = false, until } = flags;
      const cameras = camera.length > 0 ? camera : ['vivi'];
      const options = { session: sessionName(flags), cameras, replace, until: processOf(until) };
      await (await actions()).up(programs, options, given.descriptorLimit);
    });
}

/** Adds them to `root`. */
export function addSessionCommands(root: Command, begun: Begun): void {
  addUp(root, begun);
  const command = (words: string, description: string) =>
    root
      .command(words)
      .description(description)
      .option('--session <name>', 'which session; that of this directory if left out')
      .addHelpText('after', '\nSee usercam up --help.');
  for (const name of ['unplug', 'plug', 'remove'] as const) {
    const what = { unplug: 'unplug a camera', plug: 'plug it in again', remove: 'unplug it for good' }[name];
    command(`${name} <camera>`, what).action(async (camera: string, flags: SessionFlags) =>
      (await actions()).plugging(name, sessionName(flags), camera),
    );
  }
  command('add <spec>', 'plug in another camera').action(async (spec: string, flags: SessionFlags) =>
    (await actions()).add(sessionName(flags), spec),
  );
  command('show <camera> <source>', 'show something else').action(
    async (camera: string, source: string, flags: SessionFlags) =>
      (await actions()).show(sessionName(flags), camera, source),
  );
  command('set <camera> <control=value...>', 'set controls').action(
    async (camera: string, settings: string[], flags: SessionFlags) =>
      (await actions()).set(sessionName(flags), camera, settings),
  );
  command('change <camera> [size@rate]', 'receive another size or rate, as in 1280x720@25').action(
    async (camera: string, mode: string | undefined, flags: SessionFlags) =>
      (await actions()).change(sessionName(flags), camera, mode),
  );
  for (const name of ['freeze', 'blank'] as const) {
    const what = { freeze: 'show the same picture in each frame', blank: 'show a black picture' }[name];
    command(`${name} <camera> <on|off>`, what).action(
      async (camera: string, word: string, flags: SessionFlags) =>
        (await actions()).shut(name, sessionName(flags), camera, word),
    );
  }
  command(
    'wait <camera> <for>',
    'wait until it is open, streaming, closed, or has delivered frames=10',
  ).action(async (camera: string, until: string, flags: SessionFlags) =>
    (await actions()).wait(sessionName(flags), camera, until),
  );
  command('status', 'say what cameras there are, and what programs do with them')
    .option('--json', 'for programs')
    .action(async (flags: SessionFlags & { json?: boolean }) =>
      (await actions()).status(sessionName(flags), flags.json ?? false),
    );
  command('down', 'end the session, and all that it has started').action(async (flags: SessionFlags) =>
    (await actions()).down(sessionName(flags)),
  );
}
