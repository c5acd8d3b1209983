/**
 * What a driver from a file finds around it: it runs in usercam itself, and its mistakes must not become those of the
 * programs that use its camera.
 */
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeThrown, driverBug } from '../base/bug.ts';
import { sendConsoleToStderr } from '../producers/console.ts';

/** Where something is in a file, as stacks and parsers write it. */
const PLACE = /((?:file:\/\/)?\/[^\s():]+):(\d+)(?::\d+)?/g;
/**
 * Code that is not the driver's: ours, which is in the bundle that this is in, or has a name that is no path
 * (`compiled-program.ts`), and the loader's.
 */
const OURS = fileURLToPath(new URL('.', import.meta.url));
const LOADER = '/node_modules/jiti/';

/** A path as somebody would write it who is where the command was typed. */
export function shown(path: string): string {
  const short = relative(process.cwd(), path);
  if (short.startsWith('../..')) return path;
  return short.startsWith('..') ? short : `./${short}`;
}

/** The first place in `text` that is in code of a driver's author, as `./my-camera.ts:12`. */
function placeIn(text: string): string | undefined {
  for (const [, file = '', line] of text.matchAll(PLACE)) {
    const path = file.startsWith('file:') ? fileURLToPath(file) : file;
    if (!path.startsWith(OURS) && !path.includes(LOADER)) return `${shown(path)}:${line}`;
  }
  return undefined;
}

/** Where in the driver's own code something that was thrown comes from. */
export function placeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error ? placeIn(thrown.stack ?? thrown.message) : undefined;
}

/** A report with the way to us that every call has: where it leads through a driver's own file, only that is of use. */
export function withoutOurs(report: string): string {
  if (placeIn(report) === undefined) return report;
  const lines = report.split('\n');
  return lines.filter((line) => !/^\s+at /.test(line) || placeIn(line) !== undefined).join('\n');
}

let isContained = false;

/** From now on drivers may be there that we know nothing of. */
export function contain(): void {
  if (isContained) return;
  isContained = true;
  sendConsoleToStderr();
  process.exit = () => {
    throw new Error('process.exit() would end usercam, and all that it serves');
  };
  // From timers and promises of the driver's own, which nobody here has called.
  process.on('uncaughtException', (thrown) => {
    driverBug(`something outside of all calls threw: ${describeThrown(thrown)}`);
  });
}
