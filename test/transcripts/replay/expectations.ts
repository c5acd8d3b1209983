/**
 * Differences from the kernel that have a reason. One that is not listed fails the test, and so does one that is listed and not
 * there.
 */
export interface Expectation {
  readonly transcript: string;
  /** The kernel's line; none where we say one more. */
  readonly kernel?: string;
  /** What stands in its place here: one of these. None where the kernel says one more. */
  readonly ours?: readonly string[];
  readonly reason: string;
}

const ERR_FOR_ALL =
  'The poll face cannot know what is asked: ERR of an idle queue reaches also who asks for events only, for OUT or for nothing.';
const IN_FOR_ERR =
  'Once a program has subscribed an event, the poll face says IN where the kernel says ERR to who waits for frames: so who waits for events alone sleeps (decision 22).';
const HUP_AND_MORE =
  'The poll face of a device that has gone says ERR, PRI and HUP one after the other, and IN and OUT to who asks for them.';
const IDLE_READ =
  'The poll face says IN on an idle camera that can be read, so that who waits goes on to read; the kernel starts to read and says nothing.';
const WRITTEN =
  'What write() has put into a buffer QUERYBUF tells; the kernel says 0, and so to the driver: a bug of 6.1 and 6.12.';
const AT_ONCE = 'The time of a transaction may be 0 here, and is unless the device is made with another.';
const MAPPABLE = 'Any memory that can be mapped serves where a dma-buf is wanted (decision 8).';
const HAS_EVENTS = 'vivi has events; the node of the kernel that this is compared with has none.';
const WRITABLE =
  'The node of the kernel has no write operation, so it cannot be written even when it is gone; vivi has.';
const ONE_WAY =
  'A device goes in one way here, that of vb2_video_unregister_device(): who waits for a frame is told.';
const NODE_STAYS =
  'The driver takes its device away by itself and leaves the node, as one made by mknod is left.';
const EXPORTED =
  'A plane that is mapped and exported is made equal in both when its buffer goes to or comes from the driver (decision 8).';

const POLLED = 'poll-events.h6cam-ctrl';
const kernelIdle = (state: string, pri: string) => {
  const rest =
    pri === '0 0' ? 'poll 1 ERR; select 2 rw-; epoll 1 ERR' : 'poll 1 PRI|ERR; select 3 rwx; epoll 1 PRI|ERR';
  return `[${state}] PRI: ${pri}; nothing: 0 0; IN: 1 ERR; OUT: 0 0; all: ${rest}`;
};
const unsubscribed: Expectation = {
  transcript: POLLED,
  kernel: kernelIdle('REQBUFS, not subscribed', '0 0'),
  ours: [
    '[REQBUFS, not subscribed] PRI: 1 ERR; nothing: 1 ERR; IN: 1 ERR; OUT: 1 ERR; all: poll 1 ERR; select 2 rw-; epoll 1 ERR',
  ],
  reason: ERR_FOR_ALL,
};
const idle = (state: string, pri: string): Expectation => {
  const rest =
    pri === '0 0'
      ? 'poll 1 IN|RDNORM; select 1 r--; epoll 1 IN|RDNORM'
      : 'poll 1 IN|PRI|RDNORM; select 2 r-x; epoll 1 IN|PRI|RDNORM';
  return {
    transcript: POLLED,
    kernel: kernelIdle(state, pri),
    ours: [`[${state}] PRI: ${pri}; nothing: 0 0; IN: 1 IN|RDNORM; OUT: 0 0; all: ${rest}`],
    reason: IN_FOR_ERR,
  };
};

/** What both ways of going have in common. */
const gone = (transcript: string): readonly Expectation[] => {
  const waiting = (who: string, kernel: string, ours: readonly string[]): Expectation => ({
    transcript,
    kernel: `after: waiting ${who} -> ${kernel}`,
    ours: ours.map((answer) => `after: waiting ${who} -> ${answer}`),
    reason: HUP_AND_MORE,
  });
  const looked = (what: string): Expectation => ({
    transcript,
    kernel: `[${what}] PRI: 1 PRI|ERR|HUP; nothing: 1 ERR|HUP; IN: 1 ERR|HUP; OUT: 1 ERR|HUP; all: poll 1 PRI|ERR|HUP; select 3 rwx; epoll 1 PRI|ERR|HUP`,
    ours: [
      `[${what}] PRI: 1 PRI|ERR|HUP; nothing: 1 ERR|HUP; IN: 1 IN|ERR|HUP|RDNORM; OUT: 1 OUT|ERR|HUP|WRNORM; all: poll 1 IN|PRI|OUT|ERR|HUP|RDNORM|WRNORM; select 3 rwx; epoll 1 IN|PRI|OUT|ERR|HUP|RDNORM|WRNORM`,
    ],
    reason: HUP_AND_MORE,
  });
  // Who is woken by ERR may look before PRI and HUP are there too.
  const first = ['1 ERR', '1 PRI|ERR'];
  return [
    waiting('poll IN|PRI', '1 PRI|ERR|HUP', [...first, '1 IN|PRI|ERR|HUP']),
    waiting('poll PRI', '1 PRI|ERR|HUP', [...first, '1 PRI|ERR|HUP']),
    { ...waiting('select', '2 rx', ['1 r-', '2 rx']) },
    waiting('epoll', '1 PRI|ERR|HUP', [...first, '1 IN|PRI|ERR|HUP']),
    looked('afterwards'),
    { transcript, kernel: 'the exported buffer: 43', ours: ['the exported buffer: 0'], reason: EXPORTED },
    looked('the file that was opened late'),
  ];
};

/** A queue that is idle or has failed, looked at through a file that nobody has subscribed an event for. */
const failed = (transcript: string, states: readonly string[]): readonly Expectation[] => {
  const one = transcript.endsWith('-output') ? 'IN: 0 0; OUT: 1 ERR' : 'IN: 1 ERR; OUT: 0 0';
  const all = 'all: poll 1 ERR; select 2 rw-; epoll 1 ERR';
  const said = states.map((state) => ({
    transcript,
    kernel: `[${state}] PRI: 0 0; nothing: 0 0; ${one}; ${all}`,
    ours: [`[${state}] PRI: 1 ERR; nothing: 1 ERR; IN: 1 ERR; OUT: 1 ERR; ${all}`],
    reason: ERR_FOR_ALL,
  }));
  return twice(said);
};

/** A camera that could be read, and is not yet. */
const readable = (transcript: string, states: readonly string[]): readonly Expectation[] =>
  twice(
    states.map((state) => ({
      transcript,
      kernel: `[${state}] PRI: 0 0; nothing: 0 0; IN: 0 0; OUT: 0 0; all: poll 0 0; select 0 ---; epoll 0 0`,
      ours: [
        `[${state}] PRI: 0 0; nothing: 0 0; IN: 1 IN|RDNORM; OUT: 0 0; all: poll 1 IN|RDNORM; select 0 ---; epoll 0 0`,
      ],
      reason: IDLE_READ,
    })),
  );

/** All is asked with a file that blocks, and with one that does not. */
const twice = (said: readonly Expectation[]): readonly Expectation[] => [...said, ...said];

const CAPTURE = 'poll.h6cam-capture';
const SENT = 'poll.h6cam-output';
const FAILING = 'poll.h6cam-failing';
const WRITE = 'write.h6cam-output';
const M2M = 'ctrl-walk.vim2m';

const written = (flags: string, ...bytes: readonly number[]): Expectation => {
  const line = (counts: readonly number[]) =>
    `  buffers: ${counts.map((count, n) => `${n}:${flags[n]?.trim()}(bytesused ${count})`).join(' ')} EINVAL`;
  return { transcript: WRITE, kernel: line([0, 0]), ours: [line(bytes)], reason: WRITTEN };
};

const atOnce = (asked: string, more = ''): Expectation => {
  const line = (min: number, def: number) =>
    `${asked} -> OK; id ${/08000000/.test(asked) ? '08000000' : '00981900'} type 1 name 'Transaction Time (msec)' min ${min} max 10001 step 1 def ${def} flags 0 ${more}reserved 0${more ? '' : ' 0'}`;
  return { transcript: M2M, kernel: line(1, 40), ours: [line(0, 0)], reason: AT_ONCE };
};
const ONE_ELEMENT = 'elem_size 4 elems 1 nr_of_dims 0 dims 0,0,0,0 ';

const GONE = 'gone.h6cam-ctrl';
const GONE_VB2 = 'gone-vb2.h6cam-ctrl';

export const expectations: readonly Expectation[] = [
  unsubscribed,
  idle('REQBUFS, subscribed', '0 0'),
  idle('REQBUFS, pending', '1 PRI'),
  idle('QBUF, pending', '1 PRI'),
  idle('STREAMOFF, pending', '1 PRI'),
  idle('unsubscribed', '0 0'),
  {
    transcript: POLLED,
    kernel: 'poll 1 PRI; select 1 --x; epoll 1 PRI',
    ours: ['poll 1 IN|PRI|RDNORM; select 1 --x; epoll 1 PRI', 'poll 1 PRI; select 1 --x; epoll 1 PRI'],
    reason: IDLE_READ,
  },

  ...gone(GONE),
  {
    transcript: GONE,
    kernel: 'after: waiting DQBUF -> waits on',
    ours: ['after: waiting DQBUF -> EINVAL'],
    reason: ONE_WAY,
  },
  { transcript: GONE, kernel: 'after a signal: waiting DQBUF -> BLOCKS', reason: ONE_WAY },

  ...gone(GONE_VB2),
  {
    transcript: GONE_VB2,
    kernel: 'stat of the node -> ENOENT',
    ours: ['stat of the node -> OK'],
    reason: NODE_STAYS,
  },
  { transcript: GONE_VB2, kernel: 'open -> ENOENT', ours: ['open -> ENODEV'], reason: NODE_STAYS },
  {
    transcript: GONE_VB2,
    kernel: 'open when all are closed -> ENOENT',
    ours: ['open when all are closed -> ENXIO'],
    reason: NODE_STAYS,
  },

  ...failed(CAPTURE, [
    'REQBUFS',
    'the other file',
    'QBUF, no STREAMON',
    'STREAMOFF',
    'STREAMON, nothing queued',
  ]),
  ...readable(CAPTURE, ['open', 'REQBUFS 0']),
  ...failed(SENT, ['REQBUFS', 'the other file', 'QBUF, no STREAMON', 'all queued, no STREAMON', 'STREAMOFF']),
  ...failed(FAILING, [
    'REQBUFS',
    'QBUF, no STREAMON',
    'queue error, a frame done',
    'STREAMOFF',
    'STREAMOFF, QBUF',
    'STREAMOFF after the last frame',
    'STREAMON, nothing queued',
    'STREAMOFF, STREAMON, nothing queued',
  ]),
  ...readable(FAILING, ['open', 'REQBUFS 0: read() can start']),
  {
    transcript: 'idlepoll.h6cam-capture',
    kernel: 'open; poll IN 0 ms -> 0 revents 0',
    ours: ['open; poll IN 0 ms -> 1 revents 1'],
    reason: IDLE_READ,
  },

  written('Q ', 614400, 0),
  written('DD', 614400, 614400),
  written('QQ', 614400, 614400),

  ...['QUERYCTRL 80980915', 'QUERYCTRL c0980915', 'QUERYCTRL 08000000'].map((asked) => atOnce(asked)),
  ...['QUERY_EXT_CTRL 80980915', 'QUERY_EXT_CTRL 08000000'].map((asked) => atOnce(asked, ONE_ELEMENT)),

  {
    transcript: 'errno-capture.h6cam',
    kernel: 'dqevent: ENOTTY',
    ours: ['dqevent: ENOENT'],
    reason: HAS_EVENTS,
  },
  {
    transcript: 'errno-ordinary-file.h6cam',
    kernel: 'qbuf memory=dmabuf fd=file: EINVAL',
    ours: ['qbuf memory=dmabuf fd=file: OK'],
    reason: MAPPABLE,
  },
  {
    transcript: 'errno-unplugged.h6ctrl-mknod',
    kernel: 'write: EINVAL',
    ours: ['write: ENODEV'],
    reason: WRITABLE,
  },
];
