import { Call } from '../../src/syscalls/wire/call.ts';

/** A call that thread `tid` could have made. */
export function callOf(tid: number): Call {
  const call = new Call();
  call.words[2] = tid;
  return call;
}
