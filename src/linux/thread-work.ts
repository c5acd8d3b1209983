/** What threads do when nothing is heard of them, as the scheduler tells it. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** What some threads did so far, together. */
export interface Work {
  /** Nanoseconds on a processor. */
  readonly ran: number;
  /** Nanoseconds in which they were ready to run, and no processor was free. */
  readonly waited: number;
  /** One of them waits for a disk now (or whatever else no signal interrupts). */
  readonly isAtDisk: boolean;
}

/** The number of the thread that calls, in the system. */
export function ownThread(): number {
  const [, thread] = /\/task\/(\d+)$/.exec(readlinkSync('/proc/thread-self')) ?? [];
  return Number(thread);
}

const NOTHING: Work = { ran: 0, waited: 0, isAtDisk: false };

/** Nothing where the kernel does not count, or the thread has ended. */
function workOf(task: string): Work {
  try {
    const [ran, waited] = readFileSync(`${task}/schedstat`, 'latin1').split(' ').map(Number);
    const stat = readFileSync(`${task}/stat`, 'latin1');
    return { ran: ran ?? 0, waited: waited ?? 0, isAtDisk: stat[stat.lastIndexOf(')') + 2] === 'D' };
  } catch {
    return NOTHING;
  }
}

export function together(one: Work, other: Work): Work {
  return {
    ran: one.ran + other.ran,
    waited: one.waited + other.waited,
    isAtDisk: one.isAtDisk || other.isAtDisk,
  };
}

/** Of a thread of this process. */
export function threadWork(thread: number): Work {
  return workOf(`/proc/self/task/${thread}`);
}

/** Of all threads that a process has now. */
export function processWork(pid: number): Work {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`);
    return tasks.map((task) => workOf(`/proc/${pid}/task/${task}`)).reduce(together, NOTHING);
  } catch {
    return NOTHING;
  }
}
