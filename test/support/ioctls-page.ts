/** `docs/ioctls.md`: every ioctl, from the table that serves it, the drivers that have it, and the contracts of their ops. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _IOC_READ, _IOC_WRITE, iocDir } from '../../src/abi/index.ts';
import * as errno from '../../src/base/errno.ts';
import { VirtualClock } from '../../src/base/timers.ts';
import { createCameras, drivers, parseCamera } from '../../src/drivers/index.ts';
import { mediaIoctlTable } from '../../src/media/index.ts';
import { heapPages } from '../../src/memory/pages.ts';
import { type IoctlInfo, type IoctlName, ioctlTable, type VideoDevice } from '../../src/v4l2-core/index.ts';
import { BLOCKS, CTRL, PRIO } from '../../src/v4l2-core/ioctl/row.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** The contract of each op, as one line, from the sources. */
function contracts(): ReadonlyMap<string, string> {
  const directory = join(root, 'src', 'v4l2-core', 'ioctl', 'ops');
  const found = new Map<string, string>();
  for (const file of readdirSync(directory)) {
    const text = readFileSync(join(directory, file), 'utf8');
    for (const [, comment = '', op = ''] of text.matchAll(
      /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*(vidioc_\w+)\?/g,
    ))
      found.set(
        op,
        comment
          .replaceAll(/\n\s*\* ?/g, ' ')
          .replace(/@kernel.*$/, '')
          .trim(),
      );
  }
  return found;
}

/** The nodes of our drivers: a driver with several has them in brackets. */
function nodes(): readonly (readonly [name: string, vdev: VideoDevice])[] {
  return drivers.names.flatMap((name) => {
    const surroundings = { clock: new VirtualClock(), pages: heapPages, instance: 0 };
    const devices = createCameras(parseCamera(name), surroundings);
    return devices.map((vdev, i) => [devices.length === 1 ? name : `${name}[${i}]`, vdev] as const);
  });
}

/** What is not the answer of one op of the driver. */
const byTheCore: Partial<Record<IoctlName, string>> = {
  VIDIOC_ENUM_FMT:
    "Names format `index` of a buffer type; description and flags are the core's. EINVAL past the last.",
  VIDIOC_G_FMT: 'The format of a buffer type. EINVAL for a type that the device does not have.',
  VIDIOC_S_FMT:
    'Sets the nearest possible format. EBUSY while there are buffers, EINVAL for a type that is not there.',
  VIDIOC_TRY_FMT: 'What S_FMT would set. EINVAL for a type that the device does not have.',
  VIDIOC_ENUMSTD: 'Names standard `index` of the input. EINVAL past the last, ENODATA for an input without.',
  VIDIOC_CROPCAP:
    'What can be cropped, from the selection of the driver. EINVAL for a type that is not there.',
  VIDIOC_G_CROP:
    'The crop or compose rectangle, from the selection of the driver. EINVAL for a type that is not there.',
  VIDIOC_S_CROP: 'Sets it, by the selection of the driver. EINVAL for a type that is not there.',
  VIDIOC_G_PRIORITY: 'The highest priority of all open files.',
  VIDIOC_S_PRIORITY: 'Sets the priority of the open file. EINVAL for one that is none.',
  VIDIOC_DQEVENT: 'The oldest event of the open file, or waits for one. ENOENT with O_NONBLOCK.',
};

/** Up to its first full stop, colon or semicolon that is not in brackets. */
function firstSentence(text: string): string {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '(') depth++;
    else if (text[at] === ')') depth--;
    else if (depth === 0 && /^[.:;]( |$)/.test(text.slice(at, at + 2))) return `${text.slice(0, at)}.`;
  }
  return text;
}

const errorsIn = (text: string) =>
  [...new Set(text.match(/\bE[A-Z0-9]+\b/g) ?? [])].filter((word) => word in errno);

/** What an ioctl may answer beside ENODEV, ENOTTY and, with an argument, EFAULT. */
function errors(info: IoctlInfo, said: string): string {
  const known = errorsIn(said);
  if ((info.flags & PRIO) !== 0 && !known.includes('EBUSY')) known.push('EBUSY');
  return known.join(' ');
}

function properties({ flags, takesEffect, array }: IoctlInfo): string {
  return [
    (flags & PRIO) !== 0 && 'priority',
    (flags & CTRL) !== 0 && 'control handler',
    (flags & BLOCKS) !== 0 && 'may wait',
    array !== undefined && 'array',
    !takesEffect && 'only asks',
  ]
    .filter((word) => word !== false)
    .join(', ');
}

function direction({ cmd, arg }: Pick<IoctlInfo, 'cmd' | 'arg'>): string {
  if (arg === undefined) return '–';
  const dir = iocDir(cmd);
  const way = dir === _IOC_READ ? 'out' : dir === _IOC_WRITE ? 'in' : 'in, out';
  return `\`${arg.name}\` (${way})`;
}

const HEAD = `# Ioctls

Generated (\`npm run docs\`) from the one table, \`v4l2-core/ioctl/table.ts\`, the contracts in \`v4l2-core/ioctl/ops/\`, and our
drivers as they are without settings. Any ioctl may answer ENODEV (the device is gone), EFAULT (the argument is out of
reach) and ENOTTY (the device does not have it); *priority* ones answer EBUSY while another open file has a higher
priority. What is answered to which mistake, question by question, is in \`test/transcripts/errno.golden.txt\`.
`;

const tableRow = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\\\|')).join(' | ')} |`;

const MEDIA = `
## Of media devices

From \`media/ioctl.ts\`. They are answered to any open file of a media device, at once: EIO if it is gone, ENOTTY for all others, then
EFAULT. The device of \`webcam\` has them.
`;

function mediaRow(info: (typeof mediaIoctlTable)[number]): string {
  const { name, says, takesEffect } = info;
  return tableRow([
    `\`${name}\``,
    firstSentence(says),
    direction(info),
    takesEffect ? '' : 'only asks',
    errorsIn(says).join(' '),
  ]);
}

export function ioctlsPage(): string {
  const said = contracts();
  const devices = nodes();
  const rows = ioctlTable.map((info) => {
    const ofOps = info.ops.map((op) => said.get(op) ?? '').find((each) => each !== '');
    const own = byTheCore[info.name] ?? ofOps ?? '';
    const [, other = ''] = /As `(vidioc_\w+)`/.exec(own) ?? [];
    const has = devices.filter(([, vdev]) => vdev.isValid(info.cmd)).map(([name]) => name);
    const served = has.length === devices.length ? 'all' : has.join(', ') || 'none';
    const cells = [
      `\`${info.name}\``,
      firstSentence(own),
      direction(info),
      properties(info),
      errors(info, `${own} ${said.get(other) ?? ''}`),
      served,
    ];
    return tableRow(cells);
  });
  const table = ['| ioctl | | argument | | errors | served by |', '|---|---|---|---|---|---|', ...rows];
  const media = [
    '| ioctl | | argument | | errors |',
    '|---|---|---|---|---|',
    ...mediaIoctlTable.map(mediaRow),
  ];
  return `${[HEAD, ...table, MEDIA, ...media].join('\n')}\n`;
}
