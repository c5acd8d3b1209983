/** Calls that the kernel carries out, and that are not over when we let them go. */
import { currentCall } from '../../linux/proc-fs.ts';
import { runTimesOf } from './thread-status.ts';

/** What the kernel tells of the time in its own code is estimated, to about one tick. */
const TICKS = 2;

export class LetGo {
  readonly tid: number;
  readonly #inCall: string;
  /** How long the thread had run in its own code when somebody first asked, in ticks of the kernel. */
  #ran: number | undefined;

  /** `inCall` is what the kernel shows of thread `tid` while it is in the call: its number, and arguments of it. */
  constructor(tid: number, inCall: string) {
    this.tid = tid;
    this.#inCall = inCall;
  }

  /**
   * True if the thread is known to be out of the call: it is gone, or seen in another one, or it has run in its own code since
   * somebody first asked. One that runs is seen in no call, whether it is on its way in, or out, or computes.
   */
  isOver(): boolean {
    const now = currentCall(this.tid);
    if (now !== 'running') return !now?.startsWith(`${this.#inCall} `);
    const ran = runTimesOf(this.tid)?.user ?? 0;
    this.#ran ??= ran;
    return ran >= this.#ran + TICKS;
  }
}
