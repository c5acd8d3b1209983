/**
 * Files in /sys that root may write: `uevent`, which tells whoever listens that something has happened to the device, and what
 * the device itself takes. `udevadm trigger` writes `uevent` of all devices that there are, and fails where it may not.
 */
import { basename, dirname } from 'node:path';
import { EACCES, EINVAL, EISDIR, ELOOP, ENODEV, ENOTDIR, EOPNOTSUPP, Errno } from '../../base/errno.ts';
import {
  __O_TMPFILE,
  O_ACCMODE,
  O_CLOEXEC,
  O_DIRECT,
  O_DIRECTORY,
  O_RDWR,
  O_WRONLY,
} from '../../linux/constants.ts';
import { close } from '../../linux/libc.ts';
import { fileSystemUid } from '../../linux/proc-fs.ts';
import type { CharDevice } from '../../vfs/file.ts';
import type { Shadow } from '../names/paths.ts';
import { homeOf } from '../names/shadow-tree.ts';
import { type Extras, UEVENT_ACTIONS } from '../watches/uevent-message.ts';
import type { Answer, Call } from '../wire/call.ts';
import type { Context } from './context.ts';
import { ourFailure, placeForDevice } from './give-fd.ts';
import { readVector } from './transfers.ts';

/** As much as sysfs takes at once. */
const MAX_WRITTEN = 4096;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const PAIR = /^([0-9a-z]+)=([0-9a-z]+)$/i;
const decoder = new TextDecoder('latin1');

/** Throws why `target` cannot be opened with `flags`, which say more than that it is read. @kernel kernfs_fop_open */
function checkWriting({ paths }: Context, { tid }: Call, { is, real }: Shadow, flags: number): void {
  const isRoot = fileSystemUid(tid) === 0;
  if (is === 'link') throw new Errno(ELOOP);
  if (is === 'directory') {
    if (flags & __O_TMPFILE) throw new Errno(isRoot ? EOPNOTSUPP : EACCES);
    throw new Errno(EISDIR);
  }
  if (flags & O_DIRECTORY) throw new Errno(ENOTDIR);
  // To be emptied it need not have what is written: it is not emptied.
  const isWritten = writes(flags);
  if (!isRoot || (isWritten && !paths.tree.isWritable(paths.unshadow(real)))) throw new Errno(EACCES);
  if (flags & O_DIRECT) throw new Errno(EINVAL);
}

const writes = (flags: number): boolean => [O_WRONLY, O_RDWR].includes(flags & O_ACCMODE);

/** Opens what there is in the shadow tree and is not only to be read; undefined if it is, as far as it comes to that. */
export function openAttribute(
  context: Context,
  call: Call,
  target: Shadow,
  flags: number,
): Answer | undefined {
  checkWriting(context, call, target, flags);
  if (!writes(flags)) return undefined;
  const path = context.paths.unshadow(target.real);
  const process = context.threads.get(call)?.process;
  if (process === undefined) throw new Errno(EACCES);
  // Under an ordinary number writes change the copy, and nothing else.
  const at = placeForDevice(context, call, process);
  const source = context.attributes.open(target.real, path, flags & O_ACCMODE);
  if (source < 0) throw ourFailure();
  const done = () => {
    close(source);
  };
  return { kind: 'descriptor', source, cloexec: (flags & O_CLOEXEC) !== 0, at, given: done, refused: done };
}

/** What a call writes, whole or in pieces, as far as it is taken. */
function writtenText({ memory }: Context, call: Call, isVector: boolean): string {
  const pieces = isVector
    ? readVector(call.address(1), call.uint(2), memory)
    : [{ base: call.address(1), length: call.size(2) }];
  let text = '';
  for (const { base, length } of pieces) {
    const bytes = new Uint8Array(Math.min(length, MAX_WRITTEN - text.length));
    memory.read(base, bytes);
    text += decoder.decode(bytes);
  }
  return text;
}

/** What follows the action: a UUID, by which who wrote it knows the event again, and words of his own. @kernel kobject_action_args */
function extrasOf(words: readonly string[]): Extras {
  const [uuid, ...rest] = words;
  if (uuid === undefined) return { SYNTH_UUID: '0' };
  if (!UUID.test(uuid)) throw new Errno(EINVAL);
  const named = rest.map((word) => {
    const [, key, value] = PAIR.exec(word) ?? [];
    if (key === undefined || value === undefined) throw new Errno(EINVAL);
    return [`SYNTH_ARG_${key}`, value] as const;
  });
  return { SYNTH_UUID: uuid, ...Object.fromEntries(named) };
}

/** @kernel kobject_synth_uevent */
function writeUevent({ uevents }: Context, device: CharDevice | undefined, text: string): void {
  const [word, ...words] = text.replace(/[\n\0]$/, '').split(' ');
  const action = UEVENT_ACTIONS.find((each) => each === word);
  if (action === undefined) throw new Errno(EINVAL);
  const extras = extrasOf(words);
  // Of what a device is plugged in to nobody is told when it comes either.
  if (device !== undefined) uevents.tell(action, device, extras);
}

/** `text` is written into the file that /sys calls `path`. */
function store(context: Context, path: string, text: string): void {
  const { paths } = context;
  if (paths.tree.kindOf(paths.tree.root + path) === undefined) throw new Errno(ENODEV);
  const device = paths.devices.find((each) => homeOf(each) === dirname(path));
  const name = basename(path);
  if (name === 'uevent') writeUevent(context, device, text);
  else if (device !== undefined) {
    device.stores?.[name]?.(text);
    paths.tree.rewrite(device, name);
  }
}

/** The calls that write such a file; where in it they write does not matter. */
export const ATTRIBUTE_WRITES = ['write', 'pwrite64', 'writev', 'pwritev'] as const;

/** Answers call `name`; undefined if its descriptor is no such file. */
export function attributeWrite(
  context: Context,
  name: (typeof ATTRIBUTE_WRITES)[number],
  call: Call,
): Answer | undefined {
  const path = context.attributes.find(call.tid, call.int(0));
  if (path === undefined) return undefined;
  context.memory.attach(call);
  const text = writtenText(context, call, name === 'writev' || name === 'pwritev');
  if (text.length === 0) return 0;
  store(context, path, text);
  const moved = name === 'write' || name === 'writev' ? text.length : 0;
  context.attributes.wrote(call.tid, call.int(0), context.paths.tree.root + path, moved);
  return text.length;
}
