/**
 * Answers that did not arrive. A call that took effect can still be interrupted by a signal before its answer
 * is delivered; the kernel then restarts it, or the program sees EINTR and tries again. The identical call must
 * get the answer it missed: done twice, a VIDIOC_QBUF would fail with EINVAL.
 */
import { Errno } from '../../base/errno.ts';
import type { ProcessMemory, Written } from '../processes/process-memory.ts';
import type { OpenFile } from './open-file.ts';

/** A call and the answer to it. */
export interface KeptAnswer {
  readonly openFile: OpenFile;
  readonly cmd: number;
  readonly arg: number;
  /** What the call had read at `arg`: the same pointer with other contents is another call. */
  readonly inputs: Uint8Array;
  readonly outputs: readonly Written[];
  readonly result: number;
}

/** Keeps the answer to the call that was just carried out. */
export function keepAnswer(
  openFile: OpenFile,
  cmd: number,
  arg: number,
  result: number,
  memory: ProcessMemory,
): KeptAnswer {
  return { openFile, cmd, arg, result, inputs: memory.firstInput(), outputs: memory.outputs() };
}

/** True if a call of `cmd` with `arg` on `openFile`, made now, is the one that `answer` belongs to. */
export function isSameCall(
  answer: KeptAnswer,
  openFile: OpenFile,
  cmd: number,
  arg: number,
  memory: ProcessMemory,
): boolean {
  if (answer.openFile !== openFile || answer.cmd !== cmd || answer.arg !== arg) return false;
  if (answer.inputs.length === 0) return true;
  const again = new Uint8Array(answer.inputs.length);
  try {
    memory.read(arg, again);
  } catch (error) {
    if (error instanceof Errno) return false;
    throw error;
  }
  return again.every((byte, i) => byte === answer.inputs[i]) || sameAsAnswered(answer, again);
}

/** The program's memory may already show the answer: it was written before the call was interrupted. */
function sameAsAnswered(answer: KeptAnswer, again: Uint8Array): boolean {
  const first = answer.outputs.find(({ address }) => address === answer.arg);
  return first?.bytes.every((byte, i) => byte === again[i]) ?? false;
}
