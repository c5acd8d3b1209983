/** What v4l2-ctl prints about a camera, and the golden file of it: `test/cameras/v4l2-ctl.golden.txt`. */
import { readFileSync } from 'node:fs';
import { runUsercam } from './door.ts';

const golden = new URL('../../../test/cameras/v4l2-ctl.golden.txt', import.meta.url);

/** A camera, and all that was asked of it, one after the other: `$ v4l2-ctl OPTIONS` and what came. */
export interface Section {
  readonly camera: string;
  readonly lines: readonly string[];
}

export interface Golden {
  /** What `v4l2-ctl --version` says; others print other words. */
  readonly version: string;
  readonly sections: readonly Section[];
}

export function readGolden(): Golden {
  const text = readFileSync(golden, 'utf8').replace(/^#.*\n/gm, '');
  const [version = '', ...sections] = text.split(/^\[(.*)\]\n/m);
  return {
    version: version.trim(),
    sections: sections.flatMap((camera, n) =>
      n % 2 === 0 ? [{ camera, lines: linesOf(sections[n + 1] ?? '') }] : [],
    ),
  };
}

/** Empty lines at the end belong to the file. */
const linesOf = (text: string): readonly string[] => text.trimEnd().split('\n');

/** What is volatile says the time. */
const timeless = (text: string): string => text.replace(/(value=)\d+(?= flags=.*volatile)/g, '$1*');

/** Asks the camera what the section asks. */
export async function askAgain({ camera, lines }: Section): Promise<readonly string[]> {
  const commands = lines.flatMap((line) => /^\$ (.*)$/.exec(line)?.[1] ?? []);
  const script = commands.map((command) => `echo '$ ${command}'\n${command}`).join('\n');
  const result = await runUsercam(['sh', '-c', `exec 2>&1\n${script}`], { cameras: [camera] });
  return linesOf(timeless(result.text));
}
