/** Programs that fork, are killed and end, and what is counted in a loop. */

import { POLLIN, VIDIOC_DQBUF, VIDIOC_QBUF, v4l2_buffer } from 'usercam';
import { CAP, cb, currentWorld, fill, ioctl, MMAP, make, note, say } from './calls.ts';
import { EpollSet, Poller } from './polls.ts';
import { outcome, pollText } from './words.ts';
import { Blocked, MS, type Process, type Waiting } from './world.ts';

const PATIENCE_MS = 3000;

export const fork = (): Process => currentWorld().process.fork();

/** Runs `body` as `process`: what it waits in when it cannot go on; undefined when it comes to its end. */
export function inProcess(process: Process, body: () => void): Waiting | undefined {
  const world = currentWorld();
  const before = world.process;
  world.process = process;
  try {
    body();
    return undefined;
  } catch (thrown) {
    if (thrown instanceof Blocked) return thrown.on;
    throw thrown;
  } finally {
    world.process = before;
  }
}

export function waitForExit(process: Process): void {
  const world = currentWorld();
  world.wait(world.exit(process));
}

/** A program that does `body`, and is killed where it is then. */
export function inChild(what: string, body: () => void, signal: string): void {
  const world = currentWorld();
  note(what);
  const child = fork();
  const blockedIn = inProcess(child, body);
  world.sleep(500 * MS);
  const exit = world.exit(child, blockedIn);
  if (world.await(exit, PATIENCE_MS * MS)) {
    say(`  KILL -> ended by ${signal}`);
    cb();
    return;
  }
  say('  KILL -> process does not end');
  fill(0, 0);
  if (!world.await(exit, PATIENCE_MS * MS)) say('  still there');
  else {
    say(`  after the frame -> ended by ${signal}`);
    cb();
  }
}

/** How many frames there are at each wake-up. */
export function loopWait(fd: number, how: 'poll' | 'epoll' | 'epoll later'): void {
  const world = currentWorld();
  const set = new EpollSet();
  if (how !== 'poll') set.add(fd, how === 'epoll' ? POLLIN : 0);
  if (how === 'epoll later') set.modify(POLLIN);
  for (let k = 0; k < 6; k++) {
    let bits = 0;
    if (how === 'poll') {
      const poller = new Poller(fd, POLLIN, 1500);
      world.wait(poller);
      bits = poller.revents ?? 0;
    } else bits = set.wait(1500);
    const { got, end } = fetchAll(fd);
    const call = how === 'poll' ? 'POLL' : 'EPOLL_WAIT';
    const told = bits ? pollText(bits) : 'timeout';
    say(`  ${call} wake ${k} -> ${bits ? 1 : 0} ${told}; frames fetched until ${end}: ${got}`);
  }
  set.close();
}

function fetchAll(fd: number): { got: number; end: string } {
  for (let got = 0; ; got++) {
    const b = make(v4l2_buffer);
    b.type = CAP;
    b.memory = MMAP;
    const result = ioctl(fd, VIDIOC_DQBUF, b);
    if (result < 0) return { got, end: outcome(result) };
    ioctl(fd, VIDIOC_QBUF, b);
  }
}
