/** How the transcripts write things down: one line for each call, no pointers, no times. */
import {
  errnoName,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLPRI,
  POLLRDNORM,
  POLLWRNORM,
  V4L2_MEMORY_MMAP,
  V4L2_MEMORY_OVERLAY,
  type v4l2_buffer,
} from 'usercam';

const types: Readonly<Record<number, string>> = {
  1: 'VIDEO_CAPTURE',
  2: 'VIDEO_OUTPUT',
  3: 'VIDEO_OVERLAY',
  4: 'VBI_CAPTURE',
  9: 'VIDEO_CAPTURE_MPLANE',
};
const memories: Readonly<Record<number, string>> = { 1: 'MMAP', 2: 'USERPTR', 3: 'OVERLAY', 4: 'DMABUF' };

export const typeName = (type: number): string => types[type] ?? `type${type}`;
export const memoryName = (memory: number): string => memories[memory] ?? `memory${memory}`;

/** `ok`, or the name of the error of a negative result. */
export const outcome = (result: number): string => (result < 0 ? errnoName(-result) : 'ok');

const flagNames: readonly (readonly [number, string])[] = [
  [1, 'MAPPED'],
  [2, 'QUEUED'],
  [4, 'DONE'],
  [0x40, 'ERROR'],
  [8, 'KEY'],
  [0x400, 'PREPARED'],
];
const CLOCK_MASK = 0xe000;
const MONOTONIC = 0x2000;

export function flagsText(flags: number): string {
  const words = flagNames.filter(([bit]) => flags & bit).map(([, name]) => name);
  let left = flagNames.reduce((rest, [bit]) => rest & ~bit, flags);
  if ((left & CLOCK_MASK) === MONOTONIC) {
    words.push('MONO');
    left &= ~CLOCK_MASK;
  }
  if (left !== 0) words.push(`0x${left.toString(16)}`);
  return words.join('|') || '0';
}

export function bufferText(b: v4l2_buffer): string {
  const where =
    b.memory === V4L2_MEMORY_MMAP || b.memory === V4L2_MEMORY_OVERLAY
      ? `offset=${b.m.offset}`
      : `userptr=${b.m.userptr ? 'set' : '0'}`;
  const stamp = b.timestamp.tv_sec || b.timestamp.tv_usec ? 'set' : '0';
  return (
    `index=${b.index} type=${typeName(b.type)} memory=${memoryName(b.memory)} flags=${flagsText(b.flags)} ` +
    `bytesused=${b.bytesused} field=${b.field} sequence=${b.sequence} length=${b.length} ts=${stamp} ${where}`
  );
}

const pollNames: readonly (readonly [number, string])[] = [
  [POLLIN, 'IN'],
  [POLLRDNORM, 'RDNORM'],
  [POLLPRI, 'PRI'],
  [POLLOUT, 'OUT'],
  [POLLWRNORM, 'WRNORM'],
  [POLLERR, 'ERR'],
  [POLLHUP, 'HUP'],
];

export const pollText = (bits: number): string =>
  pollNames
    .filter(([bit]) => bits & bit)
    .map(([, name]) => name)
    .join('|') || '0';

/** What was read, by its first word and how many bytes differ from the body. */
export function frameText(bytes: Uint8Array): string {
  if (bytes.length < 5) return '';
  const word = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const body = bytes[4];
  let differing = 0;
  for (let i = 5; i < bytes.length; i++) if (bytes[i] !== body) differing++;
  return `; data: first word ${word}, body byte ${body}, ${differing} differing`;
}

export const hex = (n = 0): string => `0x${(n >>> 0).toString(16)}`;
