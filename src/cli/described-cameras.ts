/** Which cameras are wanted: those that are named, those of a configuration, or one to begin with. */
import { InvalidArgumentError, Option } from 'commander';
import { driverWord, isDriverFile } from '../session/camera-words.ts';
import { findConfig } from '../session/config-place.ts';
import { SessionError } from '../session/kernel.ts';
import { end } from './job.ts';
import { say } from './messages.ts';

const EXIT_USAGE = 2;
const USUAL = 'vivi';

export interface CameraFlags {
  readonly camera: readonly string[];
  readonly config?: string;
}

export interface DescribedCameras {
  readonly cameras: readonly string[];
  /** Instead of those; undefined if there is none. */
  readonly configuration: string | undefined;
}

export function refuse(text: string): never {
  say(text);
  end(EXIT_USAGE);
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

export const cameraOption = (): Option =>
  new Option('-c, --camera <spec>', 'a camera, e.g. vivi,size=1280x720,fps=60,format=UYVY (again for more)')
    .argParser(collect)
    .default([], USUAL);

export const configOption = (): Option =>
  new Option(
    '--config <file>',
    'cameras out of a file; usercam.config.ts (.js, .mjs, .json) is taken if it is here and no camera is named',
  ).argParser((file: string) => {
    if (file === '') throw new InvalidArgumentError('name a file such as usercam.config.ts');
    return file;
  });

/** Node cannot do without a current directory; a program could. */
export function currentDirectory(): string {
  try {
    return process.cwd();
  } catch {
    refuse('the current directory has been removed; change to one that exists');
  }
}

/** Looks for a configuration only where no camera is named. */
export function describedCameras({ camera, config }: CameraFlags): DescribedCameras {
  if (config !== undefined && camera.length > 0)
    refuse('--camera and --config both name cameras: leave one of them out');
  if (camera.length > 0) return { cameras: camera, configuration: undefined };
  try {
    const configuration = config ?? findConfig(currentDirectory());
    return { cameras: configuration === undefined ? [USUAL] : [], configuration };
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    refuse(error.message);
  }
}

/** Something must be there that can be saved. */
export function checkWatched({ cameras, configuration }: DescribedCameras): void {
  if (configuration !== undefined || cameras.some((spec) => isDriverFile(driverWord(spec)))) return;
  refuse(
    '--watch has nothing to watch: name the file of a driver, such as --camera ./my-camera.ts, or a configuration with --config',
  );
}
