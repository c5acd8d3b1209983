/**
 * The life of a buffer: all states, every transition, and what user space sees of them.
 *
 * Nothing else in the framework assigns a state. A transition that is not in the table is a bug of the driver
 * (or of the framework), never a mistake of the client: the checks before it have already refused that.
 */

export const VB2_BUF_STATES = [
  'DEQUEUED',
  'IN_REQUEST',
  'PREPARING',
  'QUEUED',
  'ACTIVE',
  'DONE',
  'ERROR',
] as const;

/** @kernel vb2_buffer_state */
export type Vb2BufferState = (typeof VB2_BUF_STATES)[number];

/** `V4L2_BUF_FLAG_…` without the prefix. */
export type StateFlag = 'QUEUED' | 'DONE' | 'ERROR' | 'IN_REQUEST' | 'PREPARED';

interface StateFacts {
  /** Who holds the buffer and what may happen to it. */
  readonly meaning: string;
  /** The flags that QUERYBUF, QBUF and DQBUF show in this state. */
  readonly flags: readonly StateFlag[];
  /** Further flags while the buffer is prepared (PREPARE_BUF, or a QBUF that went into a request). */
  readonly flagsWhenPrepared: readonly StateFlag[];
}

export const STATE_FACTS: Readonly<Record<Vb2BufferState, StateFacts>> = {
  DEQUEUED: {
    meaning: 'The program owns the buffer.',
    flags: [],
    flagsWhenPrepared: ['PREPARED'],
  },
  IN_REQUEST: {
    meaning: 'The buffer is part of a request that has not been queued yet.',
    flags: ['IN_REQUEST'],
    flagsWhenPrepared: ['PREPARED'],
  },
  PREPARING: {
    meaning: 'QBUF or PREPARE_BUF is checking the buffer and acquiring its memory. Never seen from outside.',
    flags: [],
    flagsWhenPrepared: [],
  },
  QUEUED: {
    meaning: 'The buffer waits in the queue; the driver does not have it yet.',
    flags: ['QUEUED'],
    flagsWhenPrepared: [],
  },
  ACTIVE: {
    meaning: 'The driver owns the buffer and works on it.',
    flags: ['QUEUED'],
    flagsWhenPrepared: [],
  },
  DONE: {
    meaning: 'The driver has given the buffer back; DQBUF hands it out.',
    flags: ['DONE'],
    flagsWhenPrepared: [],
  },
  ERROR: {
    meaning: 'As DONE, but the contents are not to be trusted.',
    flags: ['DONE', 'ERROR'],
    flagsWhenPrepared: [],
  },
};

export interface Transition {
  readonly from: readonly Vb2BufferState[];
  readonly to: Vb2BufferState;
  readonly when: string;
}

export const TRANSITIONS = {
  prepare: {
    from: ['DEQUEUED', 'IN_REQUEST'],
    to: 'PREPARING',
    when: 'PREPARE_BUF, or QBUF of a buffer that is not prepared, begins.',
  },
  endPrepare: {
    from: ['PREPARING'],
    to: 'DEQUEUED',
    when: 'The preparation is over, well or badly; whether it went well is the mark "prepared".',
  },
  endPrepareInRequest: {
    from: ['PREPARING'],
    to: 'IN_REQUEST',
    when: 'As endPrepare, for a buffer that came from a request.',
  },
  bindRequest: {
    from: ['DEQUEUED'],
    to: 'IN_REQUEST',
    when: 'QBUF names a request.',
  },
  unbindRequest: {
    from: ['IN_REQUEST'],
    to: 'DEQUEUED',
    when: 'The request is freed or initialised again without having been queued.',
  },
  qbuf: {
    from: ['DEQUEUED', 'IN_REQUEST'],
    to: 'QUEUED',
    when: 'QBUF, or the queueing of the request.',
  },
  unqbuf: {
    from: ['QUEUED', 'DONE', 'ERROR'],
    to: 'DEQUEUED',
    when: 'That QBUF made the driver start streaming and the driver failed: the program keeps the buffer.',
  },
  bufQueue: {
    from: ['QUEUED'],
    to: 'ACTIVE',
    when: 'The buffer is given to the driver: streaming starts, or is already running at QBUF.',
  },
  giveBack: {
    from: ['ACTIVE'],
    to: 'QUEUED',
    when: 'The driver says done("QUEUED") for a buffer it has not touched, because it cannot start.',
  },
  done: {
    from: ['ACTIVE'],
    to: 'DONE',
    when: 'The driver says done("DONE").',
  },
  error: {
    from: ['ACTIVE'],
    to: 'ERROR',
    when: 'The driver says done("ERROR"), or did not give the buffer back when told to stop.',
  },
  discard: {
    from: ['DONE'],
    to: 'ERROR',
    when: 'The driver says discardDone(): the frames that wait for DQBUF are no good.',
  },
  dqbuf: {
    from: ['DONE', 'ERROR'],
    to: 'DEQUEUED',
    when: 'DQBUF.',
  },
  undqbufDone: {
    from: ['DEQUEUED'],
    to: 'DONE',
    when: 'The answer of the DQBUF that handed out the buffer did not reach the program.',
  },
  undqbufError: {
    from: ['DEQUEUED'],
    to: 'ERROR',
    when: 'As undqbufDone, for a buffer that was ERROR.',
  },
  cancel: {
    from: ['IN_REQUEST', 'QUEUED', 'DONE', 'ERROR'],
    to: 'DEQUEUED',
    when: 'STREAMOFF, unplug, close of the owner, REQBUFS before STREAMON. The driver has given all back before.',
  },
} as const satisfies Record<string, Transition>;

export type TransitionName = keyof typeof TRANSITIONS;

/**
 * The state that a transition leads to from `state`, `undefined` if that is not allowed. Every frame comes here six
 * times.
 */
export function nextState(state: Vb2BufferState, { from, to }: Transition): Vb2BufferState | undefined {
  // One to four states: to walk over them is quicker than any set.
  for (let i = 0; i < from.length; i++) if (from[i] === state) return to;
  return undefined;
}

/** What a transition is called. */
export function nameOf(transition: Transition): string {
  return Object.entries(TRANSITIONS).find(([, known]) => known === transition)?.[0] ?? 'change';
}
