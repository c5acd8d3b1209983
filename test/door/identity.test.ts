/** Descriptors, threads and processes are known by what they are: many of them at once, whatever their numbers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  client,
  json,
  needs,
  type Result,
  run,
  runtime,
  runUsercam,
  underUsercam,
  usercam,
} from '../support/door.ts';

const idle = ['vivi,read=no', 'vivi,read=no'];

function expectRight(result: Result): void {
  assert.equal(result.stderr, '');
  assert.equal(json(result).wrong, 0);
  assert.equal(result.code, 0);
}

const shared = {
  'map-threads': 'each thread maps its own buffer when many map through one descriptor',
  'map-epoll': 'a descriptor is registered with epoll right after another thread has mapped through it',
  'map-edge': 'an mmap is no edge for who waits for events',
  'map-fork': 'a child born right after an mmap waits for frames as everybody does',
  'map-send': 'a descriptor sent right after an mmap waits for frames as any other',
  reopen: 'dup2() over an open camera opens the new one and closes the old one',
  'dup-onto': 'dup2() over a copy of the same camera closes nothing',
  edges: 'a waiter that takes one frame for each edge gets all frames',
  stolen: 'bytes that are read past the door disturb nobody',
};

for (const [mode, title] of Object.entries(shared))
  test(title, needs(['gcc'], 60), async () => {
    const command = [client('identity'), mode];
    expectRight(
      await runUsercam(command, {
        cameras: ['vivi,fps=60', mode === 'stolen' ? 'vivi,fps=2' : 'vivi'],
        seconds: 60,
      }),
    );
  });

test('a descriptor is not ready after an mmap once the process has made a call', needs(['gcc']), async () => {
  expectRight(await runUsercam([client('identity'), 'map-poll'], { cameras: ['vivi'] }));
});

/** What clients do that need cameras of which nobody queues a buffer. */
const onIdle = {
  copies: {
    'over-other': 'a thread maps through a number that another one has just made by dup2()',
    'over-same': 'a thread maps through a number that another one has made what it was by dup2()',
    refused: 'a thread maps through a number that dup3() has refused to another one',
    dup2: 'dup2() gives the camera while another thread maps all the time, and neither waits for ever',
    dupfd: 'fcntl() copies the camera while another thread maps all the time, and neither waits for ever',
  },
  sleepers: {
    'exec-main': 'a camera is free when a thread executes another program while one sleeps',
    'exec-thread': 'a camera is free when another thread than the first executes a program',
    'signal-two': 'a signal for a process ends the right call when two threads sleep',
    'signal-leaderless':
      'a signal for a process is handled when its first thread has ended and another sleeps',
    stop: 'a process stops and goes on when one of its threads sleeps in a call',
    trace: 'a thread that sleeps in a call can be traced',
    'end-asleep': 'a camera is free when a process ends with a thread asleep',
  },
  holders: {
    churn: 'a camera stays open when its only descriptor has a low number and processes come and go',
    'many-files': 'no file loses its number when a program with many of them opens cameras',
    'close-race': 'a camera is free when it has been closed, a thousand times',
    'close-used': 'a camera is free when it has been closed while other threads used its number',
    mapped: 'a camera is taken as long as a process has its memory mapped, and free then',
    'in-flight': 'a camera is free when it is closed while another one is on its way between programs',
  },
};

/** Numbers of descriptors mean something in a table, and not every process has one of its own. */
const tables = {
  shared: 'a child that has the table of its parent closes and opens for both',
  thread: 'a thread that leaves the table of its process has other cameras under the same numbers',
  'close-range': 'a thread that leaves the table by close_range() closes nothing that others have',
  'born-apart': 'a thread that is made with a table of its own closes nothing that others have',
  last: 'a camera is taken as long as a thread has it in a table of its own',
  unseen: 'a camera is free when it was closed in a way that nobody sees',
  stream: 'a stream goes on in a thread with a table of its own when everybody else has closed it',
};

for (const [mode, title] of Object.entries(tables))
  test(title, needs(['gcc']), async () => {
    const cameras = mode === 'stream' ? ['vivi,fps=60'] : idle;
    expectRight(await runUsercam([client('tables'), mode], { cameras }));
  });

for (const [name, modes] of Object.entries(onIdle))
  for (const [mode, title] of Object.entries(modes))
    test(title, needs(['gcc'], 60), async () => {
      expectRight(await runUsercam([client(name), mode], { cameras: idle, seconds: 60 }));
    });

test('a program maps and streams when its first thread has ended after an mmap', needs(['gcc']), async () => {
  expectRight(await runUsercam([client('first-thread')]));
});

test(
  'who opens a camera hears ENFILE when usercam has no descriptor left',
  needs(['gcc', 'bash']),
  async () => {
    const command = underUsercam([client('holders'), 'exhaust'], idle);
    expectRight(await run(['bash', '-c', 'ulimit -n 110; exec "$@"', 'bash', ...command]));
  },
);

const afterwards = {
  ends: 'a camera is free when a program has ended that had taken all descriptors of usercam',
  closes: 'a program that has taken all descriptors of usercam can close what it has',
  children:
    'children of a program that had taken all descriptors of usercam keep what they have to their end',
};

for (const [mode, title] of Object.entries(afterwards))
  for (const trace of [[], ['--trace', 'open,close', '--trace-file', '/dev/null']])
    test(`${title}${trace.length > 0 ? ', traced' : ''}`, needs(['gcc', 'bash']), async () => {
      const command = [runtime, usercam, 'run', ...trace, '--', client('exhaust'), mode];
      // A camera takes two, so that there are two ways to have none left.
      for (const limit of [120, 121]) {
        const limited = ['bash', '-c', `ulimit -n ${limit}; exec "$@"`, 'bash', ...command];
        expectRight(await run(limited));
      }
    });
