/** For how long threads were ready to run and had to wait for a processor, as the scheduler counts it. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** The number of the thread that calls, in the system. */
export function ownThread(): number {
  const [, thread] = /\/task\/(\d+)$/.exec(readlinkSync('/proc/thread-self')) ?? [];
  return Number(thread);
}

/** Nanoseconds; 0 where the kernel does not count them, or the thread has ended. */
function runDelay(task: string): number {
  try {
    return Number(readFileSync(`${task}/schedstat`, 'latin1').split(' ')[1]);
  } catch {
    return 0;
  }
}

/** Of a thread of this process, in nanoseconds. */
export function threadRunDelay(thread: number): number {
  return runDelay(`/proc/self/task/${thread}`);
}

/** Of all threads that a process has now, together, in nanoseconds. */
export function processRunDelay(pid: number): number {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`);
    return tasks.reduce((sum, task) => sum + runDelay(`/proc/${pid}/task/${task}`), 0);
  } catch {
    return 0;
  }
}
