/** The words of the commands that steer a session in the background. */
import type { Command } from 'commander';
import {
  type CameraFlags,
  cameraOption,
  checkWatched,
  configOption,
  currentDirectory,
  describedCameras,
  refuse,
} from './described-cameras.ts';
import type { Begun } from './run.ts';
import { chosenTrace, debugOption, type TraceFlags, traceFileOption } from './trace-options.ts';

interface SessionFlags {
  readonly session?: string | true | undefined;
}

/** The name that was given; undefined stands for the session of this directory. */
export const sessionName = ({ session }: SessionFlags): string | undefined =>
  session === true ? undefined : session;

const UP_HELP = `
The session starts programs, has them as its children, and ends them when it ends: with down, or with --until.
A directory has one session; --session gives it a name, by which it is found from everywhere.

Examples:
  usercam up                             /dev/video0, until usercam down
  usercam up --config cameras.ts --watch its cameras follow the file
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
  refuse(`--until ${text}: write the number of a process, such as --until $$`);
}

interface UpFlags extends SessionFlags, CameraFlags {
  readonly watch?: boolean;
  readonly replace?: boolean;
  readonly until?: string;
}

function addUp(root: Command, { programs, given }: Begun): void {
  root
    .command('up')
    .description('start a session in the background, and say the nodes of its cameras')
    .addOption(cameraOption())
    .addOption(configOption())
    .option('--watch', 'its cameras follow the configuration, and drivers out of files, when they are saved')
    .option('--session <name>', 'its name; that of the directory if left out')
    .option('--replace', 'take the place of cameras that the host has')
    .option('--until <pid>', 'the session ends when this process ends')
    .addHelpText('after', UP_HELP)
    .action(async (flags: UpFlags) => {
      currentDirectory();
      const { replace = false, watch = false, until } = flags;
      const described = describedCameras(flags);
      if (watch) checkWatched(described);
      const more = { session: sessionName(flags), replace, watch, until: processOf(until) };
      const options = { ...described, ...more };
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
      .hook('preAction', () => void currentDirectory())
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
  command('trace [groups]', 'say what goes on between programs and cameras, until it or the session is ended')
    .addOption(traceFileOption())
    .addOption(debugOption())
    .action(async (groups: string | undefined, flags: SessionFlags & TraceFlags) => {
      const chosen = chosenTrace({ ...flags, trace: groups ?? true });
      await (await actions()).trace(sessionName(flags), chosen);
    });
  command('status', 'say what cameras there are, and what programs do with them')
    .option('--json', 'for programs')
    .action(async (flags: SessionFlags & { json?: boolean }) =>
      (await actions()).status(sessionName(flags), flags.json ?? false),
    );
  command('down', 'end the session, and all that it has started').action(async (flags: SessionFlags) =>
    (await actions()).down(sessionName(flags)),
  );
}
