/** Which system calls this kernel has. */
import { ENOSYS } from '../base/errno.ts';
import { ARCH, type CallName } from './arch.ts';
import { errno, syscall } from './libc.ts';

const known = new Map<CallName, boolean>();

/** Only for calls that do nothing without a path. */
export function isKnown(name: CallName): boolean {
  let answer = known.get(name);
  if (answer === undefined) {
    const number = ARCH.nr[name];
    answer = number !== undefined && !(syscall(number, -1, 0, 0, 0, 0, 0) < 0 && errno() === ENOSYS);
    known.set(name, answer);
  }
  return answer;
}
