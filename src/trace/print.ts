/** Records as text for people, in the manner of strace, and as JSON for programs. */
import { errnoName } from '../base/errno.ts';
import type { TraceRecord } from './record.ts';
import { changes, withoutClear } from './shorten.ts';

const SECOND = 1e9;
/** Numbers that the kernel gives to no program, beside those that it does. */
const ERESTARTSYS = 512;

/** A program may call itself anything. */
const UNPRINTABLE = /[^\x20-\x7e\xa0-\xff]/g;

const seconds = (nanoseconds: number) => (nanoseconds / SECOND).toFixed(6);

function errorName(code: number): string {
  return code === ERESTARTSYS ? 'ERESTARTSYS' : errnoName(code);
}

/** `v4l2-ctl[77]`, with the thread if it is not the first one; `-` for nobody. */
function taskText({ task }: TraceRecord): string {
  if (task === undefined) return '-';
  const { pid, tid, comm } = task;
  return `${comm.replaceAll(UNPRINTABLE, '?')}[${pid === tid ? pid : `${pid}:${tid}`}]`;
}

function resultText({ result, duration }: TraceRecord): string {
  if (result === undefined) return '';
  const value = result < 0 ? `-1 ${errorName(-result)}` : String(result);
  return duration === undefined ? ` = ${value}` : ` = ${value} <${seconds(duration)}>`;
}

/** What was given, and what of it has changed. */
function argumentsText({ before, after }: TraceRecord): string {
  const given = before === undefined ? '' : ` ${withoutClear(before)}`;
  if (after === undefined) return given;
  if (before === undefined) return ` ${withoutClear(after)}`;
  const changed = changes(before, after);
  return changed === undefined ? given : `${given} → ${changed}`;
}

function callText(record: TraceRecord): string {
  const { name, sleep } = record;
  if (sleep === 'begins') return `${name}${argumentsText(record)} <unfinished ...>`;
  const call = sleep === 'over' ? `<... ${name} resumed>` : name;
  return `${call}${argumentsText(record)}${resultText(record)}`;
}

function stepText(record: TraceRecord): string {
  const { name, before = '', group } = record;
  if (group === 'vb2') return before === '' ? name : `${name} ${before}`;
  if (group === 'poll') return `${name} ${before}`;
  return `${name}(${before})${resultText(record)}`;
}

/** One line. A step of a call stands indented under it. */
export function textOf(record: TraceRecord): string {
  const what = record.group === 'ioctl' ? callText(record) : stepText(record);
  const who = record.inside ? '   ' : taskText(record);
  return `${seconds(record.time)} ${who} ${record.of}: ${what}`;
}

/** One line, with all that is known; times are in seconds, errors by name. */
export function jsonOf(record: TraceRecord): string {
  const { time, group, name, task, of, inside, before, after, result, duration, sleep } = record;
  return JSON.stringify({
    time: Number((time / SECOND).toFixed(9)),
    pid: task?.pid,
    tid: task?.tid,
    comm: task?.comm,
    group,
    name,
    [group === 'vb2' ? 'queue' : 'device']: of,
    inside: inside || undefined,
    sleep,
    before,
    after,
    result,
    error: result !== undefined && result < 0 ? errorName(-result) : undefined,
    duration: duration === undefined ? undefined : Number((duration / SECOND).toFixed(9)),
  });
}
