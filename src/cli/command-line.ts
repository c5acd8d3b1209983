/** The command line. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { parseGroups, TRACE_GROUPS, type TraceGroup } from '../trace/index.ts';
import { doctor } from './doctor.ts';
import { startOverWithoutNodeOptions } from './inheritance.ts';
import { end } from './job.ts';
import { print, say } from './messages.ts';
import { type Begun, run } from './run.ts';

const EXIT_USAGE = 2;

interface Flags {
  readonly camera: readonly string[];
  readonly replace?: boolean;
  readonly verbose?: boolean;
  readonly trace?: string | true;
  readonly traceFile?: string;
}

function version(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

/** A file alone is for everything that can be traced. */
function tracedGroups({ trace, traceFile }: Flags): readonly TraceGroup[] {
  if (trace === true || (trace === undefined && traceFile !== undefined)) return TRACE_GROUPS;
  if (trace === undefined) return [];
  try {
    return parseGroups(trace);
  } catch (error) {
    say((error as RangeError).message);
    end(EXIT_USAGE);
  }
}

/** Node cannot do without a current directory; the command could. */
function hasCurrentDirectory(): boolean {
  try {
    process.cwd();
    return true;
  } catch {
    return false;
  }
}

function startRun(command: readonly string[], flags: Flags, begun: Begun): void {
  if (!hasCurrentDirectory()) {
    say('the current directory has been removed; change to one that exists');
    end(EXIT_USAGE);
  }
  startOverWithoutNodeOptions(begun.given, begun.inherited);
  const cameras = flags.camera.length > 0 ? flags.camera : ['vivi'];
  const { replace = false, verbose = false, traceFile } = flags;
  const trace = tracedGroups(flags);
  run({ words: command.length, cameras, replace, verbose, trace, traceFile }, begun);
}

function program(begun: Begun): Command {
  const root = new Command('usercam')
    .description('Video4Linux2 in user space: gives any unmodified program a camera')
    .version(version())
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: print,
      outputError: (text, write) => write(text.replace(/^error: /, 'usercam: ')),
    });
  root
    .command('run')
    .description('run COMMAND, and all that it starts, with cameras in /dev/video0 and on')
    .usage('[options] -- COMMAND [ARGUMENT...]')
    .option(
      '-c, --camera <spec>',
      'a camera, e.g. vivi,size=1280x720,fps=60,format=UYVY (again for more)',
      collect,
      [],
    )
    .option('--replace', 'take the place of cameras that the host has')
    .option(
      '--trace [groups]',
      `say what goes on between programs and cameras; groups: ${TRACE_GROUPS.join(',')} (all if left out)`,
    )
    .option('--trace-file <file>', 'write the trace into a file, as lines of JSON')
    .option('-v, --verbose', 'say more of what goes on')
    .argument('<command...>', 'the program and its arguments')
    .passThroughOptions()
    .action((command: string[], flags: Flags) => startRun(command, flags, begun));
  root
    .command('doctor')
    .description('say for each thing that is needed whether it is there, and what to do')
    .action(() => {
      process.exitCode = doctor();
    });
  return root;
}

export function main(begun: Begun): void {
  try {
    program(begun).parse();
  } catch (error: unknown) {
    if (!(error instanceof CommanderError)) throw error;
    end(error.exitCode === 0 ? 0 : EXIT_USAGE);
  }
}
