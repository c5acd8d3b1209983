/** How much memory processes have. */
import { readdirSync, readFileSync } from 'node:fs';

export interface Resident {
  /** What each process has in memory, summed up: what two of them share, such as the code of Node, counts twice. */
  readonly each: number;
  /** The same, with what lies in files (code, shared memory) counted once however many have it. */
  readonly once: number;
}

/** Bytes in memory: all, and those of files by the files. */
interface Mapped {
  rss: number;
  anonymous: number;
  readonly files: Map<string, number>;
}

const MAPPING = /^[0-9a-f]+-[0-9a-f]+ \S+ \S+ (\S+) (\d+)/;
const FIELD = /^(Rss|Anonymous): +(\d+) kB$/;
const KB = 1024;

function mappedBy(pid: number): Mapped {
  const all: Mapped = { rss: 0, anonymous: 0, files: new Map() };
  let file = '';
  let rss = 0;
  for (const line of readFileSync(`/proc/${pid}/smaps`, 'latin1').split('\n')) {
    const [, device, inode] = MAPPING.exec(line) ?? [];
    if (inode !== undefined) file = inode === '0' ? '' : `${device}:${inode}`;
    const [, name, kilobytes] = FIELD.exec(line) ?? [];
    if (name === 'Rss') {
      rss = Number(kilobytes) * KB;
      all.rss += rss;
    } else if (name === 'Anonymous') {
      const own = Number(kilobytes) * KB;
      all.anonymous += own;
      if (file !== '') all.files.set(file, (all.files.get(file) ?? 0) + rss - own);
    }
  }
  return all;
}

export function residentOf(pids: readonly number[]): Resident {
  const all = pids.map(mappedBy);
  const files = new Map<string, number>();
  for (const each of all)
    for (const [file, bytes] of each.files) files.set(file, Math.max(bytes, files.get(file) ?? 0));
  const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0);
  return {
    each: sum(all.map(({ rss }) => rss)),
    once: sum(all.map(({ anonymous }) => anonymous)) + sum(files.values()),
  };
}

/** All processes below `pid`, without those whose command line `leftOut` matches, and what is below them. */
export function processesBelow(pid: number, leftOut = /^$/): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((tid) =>
    readFileSync(`/proc/${pid}/task/${tid}/children`, 'latin1').split(' ').filter(Boolean).map(Number),
  );
  return children
    .filter((child) => !leftOut.test(readFileSync(`/proc/${child}/cmdline`, 'latin1').replaceAll('\0', ' ')))
    .flatMap((child) => [child, ...processesBelow(child, leftOut)]);
}
