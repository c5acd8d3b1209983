/** The names of bits, as in the headers of C. */
import * as file from '../vfs/file.ts';

type Names = readonly (readonly [bit: number, name: string])[];

const POLL: Names = [
  [file.POLLIN, 'POLLIN'],
  [file.POLLPRI, 'POLLPRI'],
  [file.POLLOUT, 'POLLOUT'],
  [file.POLLERR, 'POLLERR'],
  [file.POLLHUP, 'POLLHUP'],
];

const PROT: Names = [
  [file.PROT_READ, 'PROT_READ'],
  [file.PROT_WRITE, 'PROT_WRITE'],
];

const O_ACCMODE = 3;
const ACCESS = ['O_RDONLY', 'O_WRONLY', 'O_RDWR', 'O_ACCMODE'];
const OPEN: Names = [
  [0o100, 'O_CREAT'],
  [0o4000, 'O_NONBLOCK'],
  [0o2000000, 'O_CLOEXEC'],
];

/** `A|B|0x40`, or `0`. */
function bits(value: number, names: Names, words: string[] = []): string {
  let rest = value;
  for (const [bit, name] of names) {
    if ((rest & bit) === 0) continue;
    words.push(name);
    rest &= ~bit;
  }
  if (rest !== 0) words.push(`0x${(rest >>> 0).toString(16)}`);
  return words.length === 0 ? '0' : words.join('|');
}

export const pollBits = (value: number): string => bits(value, POLL);

export const openFlags = (flags: number): string =>
  bits(flags & ~O_ACCMODE, OPEN, [ACCESS[flags & O_ACCMODE] as string]);

export const mmapText = ({ length, prot, flags, offset }: file.MmapRequest): string =>
  `length=${length}, prot=${bits(prot, PROT)}, flags=${bits(flags, [[file.MAP_SHARED, 'MAP_SHARED']])}, offset=0x${offset.toString(16)}`;
