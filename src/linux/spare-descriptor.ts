/**
 * A descriptor that is kept for when there is no other. Who has a device open is read in files of /proc, and must be known also
 * when programs have had so much opened that this process may open no more. One is enough: each of those files is closed
 * before the next one is opened.
 */
import { EMFILE, ENFILE } from '../base/errno.ts';
import { O_CLOEXEC, O_PATH } from './constants.ts';
import { close, open } from './libc.ts';

const NONE = -1;
let spare = NONE;

/** True if this errno says that no more may be opened. */
export const isOutOfDescriptors = (code: number): boolean => code === EMFILE || code === ENFILE;

/** From now on there is one, if there may be; nothing happens if there is. */
export function keepSpare(): void {
  if (spare === NONE) spare = Math.max(NONE, open('/', O_PATH | O_CLOEXEC));
}

/** Gives it up for what is opened next, after which {@link keepSpare} takes one again. False if there is none. */
export function giveUpSpare(): boolean {
  if (spare === NONE) return false;
  close(spare);
  spare = NONE;
  return true;
}
