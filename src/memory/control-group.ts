/** What the control groups of this process still let it take: in a container the memory of the machine says little. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

interface Version {
  /** The line of /proc/self/cgroup with the path of the group. */
  readonly line: RegExp;
  readonly folder: string;
  readonly limit: string;
  readonly used: string;
  /** What is used, but given back when somebody needs memory: pages of files. */
  readonly cache: RegExp;
}

const VERSIONS: readonly Version[] = [
  {
    line: /^0::(.*)$/m,
    folder: '',
    limit: 'memory.max',
    used: 'memory.current',
    cache: /^(?:in)?active_file (\d+)$/gm,
  },
  {
    line: /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m,
    folder: 'memory',
    limit: 'memory.limit_in_bytes',
    used: 'memory.usage_in_bytes',
    cache: /^total_(?:in)?active_file (\d+)$/gm,
  },
];

function roomIn(directory: string, { limit, used, cache }: Version): number {
  const text = (name: string) => readFileSync(join(directory, name), 'latin1');
  try {
    const most = Number(text(limit));
    if (Number.isNaN(most)) return Number.POSITIVE_INFINITY;
    const cached = [...text('memory.stat').matchAll(cache)].reduce((sum, match) => sum + Number(match[1]), 0);
    return most - Number(text(used)) + cached;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/**
 * Bytes that the group and those above it have left; infinity if none has a limit. `groups` is what /proc/self/cgroup
 * says. In a container it may name a path of the host: the own group is at the root then.
 */
export function roomInControlGroups(groups: string, mount = '/sys/fs/cgroup'): number {
  let room = Number.POSITIVE_INFINITY;
  for (const version of VERSIONS) {
    let path = version.line.exec(groups)?.[1];
    while (path !== undefined) {
      room = Math.min(room, roomIn(join(mount, version.folder, path), version));
      path = path === dirname(path) ? undefined : dirname(path);
    }
  }
  return room;
}

/** The same for this process. */
export function roomInOwnControlGroups(): number {
  try {
    return roomInControlGroups(readFileSync('/proc/self/cgroup', 'latin1'));
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
