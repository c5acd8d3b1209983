/**
 * Records as the kernel's log has them when `dev_debug` is set on a node: a line for each ioctl when it has been answered,
 * with its arguments as they are then.
 */
import { errnoName } from '../base/errno.ts';
import type { TraceGroup, TraceRecord } from './record.ts';
import { withoutClear } from './shorten.ts';

/** The bits of dev_debug from the lowest on, by the names that they are asked for with. */
export const DEBUG_WORDS = ['ioctl', 'arg', 'fop', 'streaming', 'poll'] as const;

export type DebugWord = (typeof DEBUG_WORDS)[number];

/** What has to be recorded for which word; `arg` and `streaming` only say more of ioctls. */
const groupsOf: Readonly<Record<DebugWord, readonly TraceGroup[]>> = {
  ioctl: ['ioctl'],
  arg: ['ioctl'],
  fop: ['open', 'mmap', 'close'],
  streaming: ['ioctl'],
  poll: ['poll'],
};

/** One for each frame, which would hide all others. @kernel V4L2_DEV_DEBUG_STREAMING */
const STREAMING: readonly string[] = ['VIDIOC_QBUF', 'VIDIOC_DQBUF'];

/** Only video devices have a log. */
const SILENT = /^media\d/;

/** The words in `text`, separated by commas. Throws a sentence for the user. */
export function parseDebug(text: string): readonly DebugWord[] {
  const known: readonly string[] = DEBUG_WORDS;
  const words = text.split(',');
  const wrong = words.find((word) => !known.includes(word));
  if (wrong === undefined) return DEBUG_WORDS.filter((word) => words.includes(word));
  throw new RangeError(
    `there is nothing to debug called "${wrong}"; there are ${DEBUG_WORDS.join(', ')}, as in --debug=ioctl,arg (put -- before the command)`,
  );
}

/**
 * The words for the bits that are set in `mask`. That of streaming says what is told of ioctls; by itself it asks for reads and writes, of
 * which there is no record.
 */
export function debugWordsOf(mask: number): readonly DebugWord[] {
  const words = DEBUG_WORDS.filter((_, bit) => (mask >> bit) & 1);
  const hasIoctls = words.includes('ioctl') || words.includes('arg');
  return hasIoctls ? words : words.filter((word) => word !== 'streaming');
}

export function groupsToDebug(words: readonly DebugWord[]): readonly TraceGroup[] {
  return [...new Set(words.flatMap((word) => groupsOf[word]))];
}

/** `driver=vivi, card=vivi`: the struct without its braces. */
const fields = (text: string) => withoutClear(text).replace(/^\{(.*)\}$/s, '$1');

function ioctlLine(record: TraceRecord, words: readonly DebugWord[]): string | undefined {
  const { name, of, result, before, after } = record;
  // Of a call that sleeps the kernel says nothing until it is over.
  if (result === undefined) return undefined;
  if (STREAMING.includes(name) && !words.includes('streaming')) return undefined;
  const error = result < 0 ? `: error ${result} (${errnoName(-result)})` : '';
  const argument = after ?? before;
  const shown = words.includes('arg') && argument !== undefined ? `: ${fields(argument)}` : '';
  return `${of}: ${name}${error}${shown}`;
}

/** A line of the log, without its end; undefined for what is not asked for. @kernel video_ioctl2 v4l_printk_ioctl */
export function debugTextOf(record: TraceRecord, words: readonly DebugWord[]): string | undefined {
  if (SILENT.test(record.of)) return undefined;
  if (record.group === 'ioctl') return ioctlLine(record, words);
  const { of, name, before = '', result } = record;
  const answer = result === undefined ? '' : ` (${result})`;
  return `${of}: ${name}${before === '' ? '' : `: ${before}`}${answer}`;
}
