/** Steps with the queue of a camera: buffers, their memory, frames. */
import { type Buffer, type Device, type OpenFile, POLLERR, POLLIN, type Thread } from './model.ts';
import { answerOf, callOf, until } from './stage.ts';
import { expect, type Holder, holder, type Kind, type Random, somebody, type World } from './steps.ts';

const EAGAIN = 11;
const EBUSY = 16;
const EINVAL = 22;
const SYS_IOCTL = '16 ';
/** Far more than a frame takes, on any machine. */
const FRAME_MS = 15_000;

const isBusyElsewhere = (file: OpenFile): boolean =>
  file.device.owner !== undefined && file.device.owner !== file;

/** The errno of an operation that only the owner of a queue may do, if there is one. */
const ownerErrno = (file: OpenFile, otherwise: number): number => (isBusyElsewhere(file) ? EBUSY : otherwise);

/** Often the owner, as all others hear the same. */
function queueUser(world: World, random: Random): Holder | undefined {
  const owner = holder(world, random, (file) => file.device.owner === file);
  return owner !== undefined && random.chance(75) ? owner : holder(world, random);
}

const claim: Kind = (world, random) => {
  const chosen = holder(world, random);
  if (chosen === undefined) return undefined;
  const { file, fd } = chosen;
  const { device } = file;
  const count = 1 + random.below(4);
  return {
    ...chosen,
    text: `REQBUFS ${fd} ${count}`,
    command: `reqbufs ${fd} ${count}`,
    apply({ errno, result }) {
      expect('REQBUFS', errno, isBusyElsewhere(file) || device.streaming ? EBUSY : 0);
      if (errno !== 0) return;
      expect('the number of buffers', result >= count, true);
      device.free();
      device.owner = file;
      device.buffers = Array.from({ length: result }, () => ({ mark: undefined }));
      world.model.changed(device);
    },
  };
};

const release: Kind = (world, random) => {
  const chosen = queueUser(world, random);
  if (chosen === undefined) return undefined;
  const { file, fd } = chosen;
  return {
    ...chosen,
    text: `REQBUFS ${fd} 0`,
    command: `reqbufs ${fd} 0`,
    apply({ errno }) {
      expect('REQBUFS 0', errno, isBusyElsewhere(file) || file.device.streaming ? EBUSY : 0);
      if (errno !== 0) return;
      file.device.free();
      world.model.changed(file.device);
    },
  };
};

const format: Kind = (world, random) => {
  const chosen = holder(world, random);
  if (chosen === undefined) return undefined;
  const { file, fd } = chosen;
  const [width, height] = random.of([
    [64, 48],
    [160, 120],
  ]) as [number, number];
  return {
    ...chosen,
    text: `S_FMT ${fd} ${width}x${height}`,
    command: `format ${fd} ${width} ${height}`,
    apply({ errno }) {
      expect('S_FMT', errno, file.device.buffers.length > 0 ? EBUSY : 0);
    },
  };
};

const streamOn: Kind = (world, random) => {
  const chosen = queueUser(world, random);
  if (chosen === undefined) return undefined;
  const { file, fd } = chosen;
  const { device } = file;
  return {
    ...chosen,
    text: `STREAMON ${fd}`,
    command: `stream ${fd} 1`,
    apply({ errno }) {
      expect('STREAMON', errno, ownerErrno(file, device.buffers.length > 0 ? 0 : EINVAL));
      if (errno !== 0) return;
      device.streaming = true;
      forgetMarks(device);
      world.model.changed(device);
    },
  };
};

/** The driver may have painted over what is queued. */
function forgetMarks(device: Device): void {
  if (device.streaming) for (const index of device.queue) (device.buffers[index] as Buffer).mark = undefined;
}

const streamOff: Kind = (world, random) => {
  const chosen = queueUser(world, random);
  if (chosen === undefined) return undefined;
  const { file, fd } = chosen;
  const { device } = file;
  return {
    ...chosen,
    text: `STREAMOFF ${fd}`,
    command: `stream ${fd} 0`,
    async apply({ errno }) {
      expect('STREAMOFF', errno, ownerErrno(file, 0));
      if (errno !== 0) return;
      device.stop();
      world.model.changed(device);
      for (const thread of world.model.sleepers(device)) await wakeAtEnd(world, thread);
    },
  };
};

/** A stream that ends wakes all who wait for its frames: DQBUF fails, poll() tells of an error. */
async function wakeAtEnd({ model }: World, thread: Thread): Promise<void> {
  const reply = await answerOf(thread.sleep?.sleeping);
  if (thread.sleep?.call === 'dqbuf') expect('DQBUF at the end of a stream', reply?.errno, EINVAL);
  // A face that has been let go cannot show an error any more: it wakes the sleeper by IN.
  else expect('poll() at the end of a stream', Number(reply?.rest[0]), POLLERR, POLLIN);
  model.wake(thread);
}

const qbuf: Kind = (world, random) => {
  const chosen = queueUser(world, random);
  if (chosen === undefined) return undefined;
  const { file, fd, thread } = chosen;
  const { device } = file;
  const index = random.below(device.buffers.length + 1);
  const isFree = index < device.buffers.length && !device.queue.includes(index);
  return {
    ...chosen,
    text: `QBUF ${fd} ${index}`,
    command: `qbuf ${fd} ${index}`,
    async apply({ errno }) {
      expect('QBUF', errno, ownerErrno(file, isFree ? 0 : EINVAL));
      if (errno !== 0) return;
      device.queue.push(index);
      device.primed = true;
      forgetMarks(device);
      world.model.changed(device);
      if (device.streaming) await frame(world, thread, fd, device);
    },
  };
};

/** A frame is about to be done: who waits for it gets it, else it is there. */
async function frame(world: World, thread: Thread, fd: number, device: Device): Promise<void> {
  const { model } = world;
  const [sleeper] = model.sleepers(device, 'dqbuf');
  if (sleeper !== undefined) {
    const reply = await answerOf(sleeper.sleep?.sleeping);
    expect('DQBUF that slept', reply?.errno, 0);
    expect('the buffer of DQBUF that slept', reply?.result, device.queue.shift());
    model.wake(sleeper);
    // Its frame was there for a moment.
    model.changed(device);
    return;
  }
  const { rest } = await thread.actor.ask(`poll ${fd} 1 ${FRAME_MS}`);
  expect('poll() for a frame', Number(rest[0]) & 1, 1);
  // One that was there before has answered that: when this one comes, nobody has seen.
  if (device.done > 0) model.changed(device);
  else model.frameDone(device);
  device.done = Math.max(device.done, 1);
  for (const each of model.sleepers(device, 'poll')) {
    const reply = await answerOf(each.sleep?.sleeping);
    expect('poll() that slept', Number(reply?.rest[0]), POLLIN);
    model.wake(each);
  }
}

/** DQBUF that does not have to wait. */
const dqbuf: Kind = (world, random) => {
  const chosen = queueUser(world, random);
  if (chosen === undefined) return undefined;
  const { file, fd } = chosen;
  const { device } = file;
  const mayBusy = world.model.sleepers(device, 'dqbuf').length > 0;
  const isEmpty = device.queue.length === 0;
  if (!isBusyElsewhere(file) && device.streaming && isEmpty && !file.nonblock && !mayBusy) return undefined;
  return {
    ...chosen,
    text: `DQBUF ${fd}`,
    command: `dqbuf ${fd}`,
    apply({ errno, result }) {
      expect('DQBUF', errno, ...dqbufErrnos(file, mayBusy));
      if (errno !== 0) return;
      expect('the buffer of DQBUF', result, device.queue.shift());
      device.done = Math.max(device.done - 1, 0);
      world.model.changed(device);
    },
  };
};

function dqbufErrnos(file: OpenFile, isAwaited: boolean): readonly number[] {
  const { device } = file;
  if (isBusyElsewhere(file) || isAwaited) return [EBUSY];
  if (!device.streaming) return [EINVAL];
  if (device.queue.length === 0) return [EAGAIN];
  return device.done > 0 || !file.nonblock ? [0] : [0, EAGAIN];
}

/** A thread falls asleep for a frame: nothing is queued. */
const sleep: Kind = (world, random) => {
  const { model } = world;
  const chosen = holder(
    world,
    random,
    (file) =>
      file.device.owner === file &&
      file.device.streaming &&
      file.device.queue.length === 0 &&
      !file.nonblock &&
      model.sleepers(file.device).length === 0,
  );
  if (chosen === undefined) return undefined;
  const { process, thread, file, fd } = chosen;
  return {
    text: `DQBUF ${fd} sleeps`,
    process,
    async apply() {
      const { pid, tid } = thread.actor;
      model.hold(file);
      thread.sleep = { file, fd, call: 'dqbuf', sleeping: thread.actor.begin(`dqbuf ${fd}`) };
      await until('a sleeper', () => callOf(pid, tid).startsWith(SYS_IOCTL));
    },
  };
};

const map: Kind = (world, random) => {
  const chosen = holder(world, random, (file) => file.device.buffers.length > 0);
  if (chosen === undefined) return undefined;
  const { process, file, fd } = chosen;
  const { device } = file;
  const index = random.below(device.buffers.length);
  const slot = world.model.newSlot();
  return {
    ...chosen,
    text: `mmap ${fd} of buffer ${index}`,
    mix: 'looks',
    command: `map ${slot} ${fd} ${index}`,
    apply({ errno, rest }) {
      expect('mmap', errno, 0);
      const buffer = device.buffers[index] as Buffer;
      if (buffer.mark !== undefined) expect('the mark in the memory', Number(rest[0]), buffer.mark);
      world.model.map(process, slot, { buffer, file });
    },
  };
};

const isQueued = ({ model }: World, buffer: Buffer): boolean =>
  model.devices.some(
    ({ buffers, queue }) => queue.includes(buffers.indexOf(buffer)) && buffers.includes(buffer),
  );

const poke: Kind = (world, random) => {
  const chosen = somebody(world, random);
  const mapping = chosen && random.of([...chosen.process.mappings]);
  if (chosen === undefined || mapping === undefined) return undefined;
  const [slot, { buffer }] = mapping;
  const mark = 1 + random.below(1_000_000);
  return {
    ...chosen,
    text: `write ${mark} to memory ${slot}`,
    command: `poke ${slot} ${mark}`,
    apply() {
      buffer.mark = isQueued(world, buffer) ? undefined : mark;
    },
  };
};

const peek: Kind = (world, random) => {
  const chosen = somebody(world, random);
  const mapping =
    chosen && random.of([...chosen.process.mappings].filter(([, { buffer }]) => buffer.mark !== undefined));
  if (chosen === undefined || mapping === undefined) return undefined;
  const [slot, { buffer }] = mapping;
  const { mark } = buffer;
  return {
    ...chosen,
    text: `read memory ${slot}`,
    mix: 'looks',
    command: `peek ${slot}`,
    apply({ rest }) {
      expect('the mark in the memory', Number(rest[0]), mark);
    },
  };
};

const unmap: Kind = (world, random) => {
  const chosen = somebody(world, random);
  const mapping = chosen && random.of([...chosen.process.mappings]);
  if (chosen === undefined || mapping === undefined) return undefined;
  const [slot] = mapping;
  return {
    ...chosen,
    text: `unmap memory ${slot}`,
    command: `unmap ${slot}`,
    apply({ errno }) {
      expect('munmap', errno, 0);
      world.model.unmap(chosen.process, slot);
    },
  };
};

export const queueSteps = {
  claim,
  release,
  format,
  streamOn,
  streamOff,
  qbuf,
  dqbuf,
  sleep,
  map,
  poke,
  peek,
  unmap,
} satisfies Readonly<Record<string, Kind>>;
