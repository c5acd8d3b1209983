/** Archives in the format of cpio called newc, from which Linux makes its first file system. */
import { closeSync, lstatSync, openSync, readdirSync, readFileSync, readlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const S_IFDIR = 0o040000;
const S_IFCHR = 0o020000;
const S_IFREG = 0o100000;
const S_IFLNK = 0o120000;
const ALIGNMENT = 4;

interface Entry {
  readonly mode: number;
  readonly data: Uint8Array;
  /** Major and minor number of a device. */
  readonly device?: readonly [number, number];
}

const NOTHING = new Uint8Array(0);
/** What a kernel needs before its /dev is there. */
const devices: Readonly<Record<string, Entry>> = {
  'dev/console': { mode: S_IFCHR | 0o600, data: NOTHING, device: [5, 1] },
  'dev/null': { mode: S_IFCHR | 0o666, data: NOTHING, device: [1, 3] },
};

function entryOf(path: string): Entry {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return { mode: S_IFLNK | 0o777, data: Buffer.from(readlinkSync(path)) };
  if (stat.isDirectory()) return { mode: S_IFDIR | (stat.mode & 0o7777), data: NOTHING };
  return { mode: S_IFREG | (stat.mode & 0o7777), data: readFileSync(path) };
}

const padding = (length: number) => new Uint8Array((ALIGNMENT - (length % ALIGNMENT)) % ALIGNMENT);

function header(inode: number, name: string, { mode, data, device: [major, minor] = [0, 0] }: Entry): string {
  // inode, mode, uid, gid, nlink, mtime, size, dev (2), rdev (2), length of the name with its NUL, checksum
  const fields = [inode, mode, 0, 0, 1, 0, data.length, 0, 0, major, minor, name.length + 1, 0];
  return `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}${name}\0`;
}

/** What is in `directory`, and not what is behind its links; a directory comes before what is in it. */
function namesIn(directory: string, prefix = ''): readonly string[] {
  return readdirSync(join(directory, prefix), { withFileTypes: true }).flatMap((entry) => {
    const name = join(prefix, entry.name);
    return entry.isDirectory() ? [name, ...namesIn(directory, name)] : [name];
  });
}

/** Writes what is in `directory`, and the first devices, as if all of it were root's. */
export function writeArchive(directory: string, file: string): void {
  const fd = openSync(file, 'w');
  let inode = 1;
  const write = (name: string, entry: Entry) => {
    const head = Buffer.from(header(inode++, name, entry));
    for (const part of [head, padding(head.length), entry.data, padding(entry.data.length)])
      writeSync(fd, part);
  };
  for (const name of namesIn(directory)) write(name, entryOf(join(directory, name)));
  for (const [name, entry] of Object.entries(devices)) write(name, entry);
  write('TRAILER!!!', { mode: 0, data: NOTHING });
  closeSync(fd);
}
