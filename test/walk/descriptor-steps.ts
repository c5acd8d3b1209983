/** Steps that make descriptors, copy them, change them and close them. */
import { OpenFile, type Process, type Table, type Thread } from './model.ts';
import {
  expect,
  type Holder,
  holder,
  type Kind,
  type Plan,
  type Random,
  somebody,
  type World,
} from './steps.ts';

const O_NONBLOCK = 0o4000;
const O_CLOEXEC = 0o2000000;
const EBADF = 9;
const CLOSE_RANGE_CLOEXEC = 4;
const MOST_DESCRIPTORS = 12;
const MOST_MESSAGES = 3;
/** Where the puppets have descriptors of their own. */
const FIRST_OWN = 200;
const AFTER_OWN = 600;

const hasRoom = ({ table: { fds } }: Thread): boolean => fds.size < MOST_DESCRIPTORS;

/** A new descriptor must not replace another one. */
function expectFree({ name }: Process, { fds }: Table, fd: number): void {
  expect(`${name}: descriptor ${fd} was`, fds.has(fd) ? 'open' : 'free', 'free');
}

const open: Kind = (world, random) => {
  const chosen = somebody(world, random);
  const device = random.of(world.model.devices);
  if (chosen === undefined || device === undefined || !hasRoom(chosen.thread)) return undefined;
  const { process, thread } = chosen;
  const nonblock = random.chance(40);
  const cloexec = random.chance(40);
  const flags = (nonblock ? O_NONBLOCK : 0) | (cloexec ? O_CLOEXEC : 0);
  return {
    text: `open video${device.index}${nonblock ? ' O_NONBLOCK' : ''}${cloexec ? ' O_CLOEXEC' : ''}`,
    mix: 'adds',
    process,
    thread,
    command: `open ${device.index} ${flags}`,
    apply({ errno, result }) {
      expect('open', errno, 0);
      expectFree(process, thread.table, result);
      world.model.give(thread.table, result, new OpenFile(device, nonblock), cloexec);
    },
  };
};

/** A plan that copies a descriptor to a number that the kernel chooses, from `from` on. */
function copy(
  world: World,
  chosen: Holder,
  command: string,
  from: number,
  cloexec: boolean,
): Plan | undefined {
  const { process, thread, file } = chosen;
  if (!hasRoom(thread)) return undefined;
  return {
    text: command,
    mix: 'adds',
    process,
    thread,
    command,
    apply({ errno, result }) {
      expect(command, errno, 0);
      expectFree(process, thread.table, result);
      expect(`${command}: number ${result}`, result >= from, true);
      world.model.give(thread.table, result, file, cloexec);
    },
  };
}

const dup: Kind = (world, random) => {
  const chosen = holder(world, random);
  return chosen && copy(world, chosen, `dup ${chosen.fd}`, 0, false);
};

const dupfd: Kind = (world, random) => {
  const chosen = holder(world, random);
  const from = random.of([0, 3, 20, AFTER_OWN, 700, 768, 900, 1000]) as number;
  const cloexec = random.chance(50);
  return chosen && copy(world, chosen, `dupfd ${chosen.fd} ${from} ${cloexec ? 1 : 0}`, from, cloexec);
};

/** A number for dup2(): free or taken, in the range of cameras or not. */
function targetOf({ fds }: Table, random: Random): number {
  const place = random.below(100);
  const taken = random.of([...fds.keys()]);
  if (place < 35 && taken !== undefined) return taken;
  if (place < 40) return 0;
  if (place < 65) return 3 + random.below(50);
  if (place < 75) return AFTER_OWN + random.below(100);
  return 768 + random.below(256);
}

const dup2: Kind = (world, random) => {
  const chosen = holder(world, random);
  if (chosen === undefined || !hasRoom(chosen.thread)) return undefined;
  const { process, thread, fd, file } = chosen;
  const to = targetOf(thread.table, random);
  const cloexec = random.chance(30);
  if (cloexec && fd === to) return undefined;
  const command = cloexec ? `dup3 ${fd} ${to} ${O_CLOEXEC}` : `dup2 ${fd} ${to}`;
  return {
    text: command,
    process,
    thread,
    command,
    apply({ errno, result }) {
      expect(command, errno, 0);
      expect(command, result, to);
      if (fd !== to) world.model.give(thread.table, to, file, cloexec);
    },
  };
};

const close: Kind = (world, random) => {
  const chosen = holder(world, random);
  if (chosen === undefined) return undefined;
  const { process, thread, fd } = chosen;
  return {
    text: `close ${fd}`,
    process,
    thread,
    command: `close ${fd}`,
    apply({ errno }) {
      expect('close', errno, 0);
      world.model.close(thread.table, fd);
    },
  };
};

const closeRange: Kind = (world, random) => {
  const chosen = holder(world, random);
  if (chosen === undefined) return undefined;
  const { process, thread, fd } = chosen;
  const high = fd >= AFTER_OWN;
  const first = high && random.chance(50) ? 768 : fd;
  const last = high ? 1023 : Math.min(fd + random.below(20), FIRST_OWN - 1);
  if (first > last || first < 3) return undefined;
  const cloexec = random.chance(30);
  const command = `close_range ${first} ${last} ${cloexec ? CLOSE_RANGE_CLOEXEC : 0}`;
  return {
    text: command,
    process,
    thread,
    command,
    apply({ errno }) {
      expect(command, errno, 0);
      for (const [number, descriptor] of [...thread.table.fds]) {
        if (number < first || number > last) continue;
        if (cloexec) descriptor.cloexec = true;
        else world.model.close(thread.table, number);
      }
    },
  };
};

const setfd: Kind = (world, random) => {
  const chosen = holder(world, random);
  const descriptor = chosen?.thread.table.fds.get(chosen.fd);
  if (chosen === undefined || descriptor === undefined) return undefined;
  const on = random.chance(50);
  return {
    ...chosen,
    text: `F_SETFD ${chosen.fd} ${on}`,
    command: `setfd ${chosen.fd} ${on ? 1 : 0}`,
    apply({ errno }) {
      expect('F_SETFD', errno, 0);
      descriptor.cloexec = on;
    },
  };
};

const setfl: Kind = (world, random) => {
  const chosen = holder(world, random);
  if (chosen === undefined) return undefined;
  const on = random.chance(50);
  const call = random.chance(50) ? 'setfl' : 'fionbio';
  return {
    ...chosen,
    text: `${call} ${chosen.fd} ${on}`,
    command: `${call} ${chosen.fd} ${on ? 1 : 0}`,
    apply({ errno }) {
      expect(call, errno, 0);
      chosen.file.nonblock = on;
    },
  };
};

const send: Kind = (world, random) => {
  const chosen = holder(world, random);
  const box = random.below(world.model.boxes.length);
  const messages = world.model.boxes[box] as OpenFile[];
  if (chosen === undefined || messages.length >= MOST_MESSAGES) return undefined;
  return {
    ...chosen,
    text: `send ${chosen.fd} to box ${box}`,
    mix: 'sends',
    command: `send ${box} ${chosen.fd}`,
    apply({ errno }) {
      expect('send', errno, 0);
      world.model.hold(chosen.file);
      messages.push(chosen.file);
    },
  };
};

interface Message {
  readonly process: Process;
  readonly thread: Thread;
  readonly box: number;
  readonly messages: OpenFile[];
}

function message(world: World, random: Random): Message | undefined {
  const chosen = somebody(world, random);
  const box = random.below(world.model.boxes.length);
  const messages = world.model.boxes[box] as OpenFile[];
  return chosen === undefined || messages.length === 0 ? undefined : { ...chosen, box, messages };
}

const receive: Kind = (world, random) => {
  const chosen = message(world, random);
  if (chosen === undefined || !hasRoom(chosen.thread)) return undefined;
  const { process, thread, box, messages } = chosen;
  const cloexec = random.chance(30);
  return {
    text: `receive from box ${box}`,
    process,
    thread,
    command: `receive ${box} 0 ${cloexec ? 1 : 0}`,
    apply({ errno, result }) {
      expect('receive', errno, 0);
      expectFree(process, thread.table, result);
      const file = messages.shift() as OpenFile;
      world.model.give(thread.table, result, file, cloexec);
      world.model.drop(file);
    },
  };
};

/** A message is read by somebody who does not want the descriptor in it. */
const discard: Kind = (world, random) => {
  const chosen = message(world, random);
  if (chosen === undefined) return undefined;
  const { process, thread, box, messages } = chosen;
  return {
    text: `discard from box ${box}`,
    process,
    thread,
    command: `receive ${box} 1`,
    apply({ errno }) {
      expect('discard', errno, 0);
      world.model.drop(messages.shift() as OpenFile);
    },
  };
};

/** A number that is closed is no camera. */
const closed: Kind = (world, random) => {
  const chosen = somebody(world, random);
  if (chosen === undefined) return undefined;
  const { process, thread } = chosen;
  const fd = targetOf(thread.table, random);
  if (thread.table.fds.has(fd)) return undefined;
  const call = random.of(['close', 'dup', 'setfl', 'qbuf']) as string;
  return {
    text: `${call} ${fd}, which is closed`,
    process,
    thread,
    command: `${call} ${fd}`,
    apply({ errno }) {
      expect(`${call} ${fd}`, errno, EBADF);
    },
  };
};

export const descriptorSteps = {
  open,
  dup,
  dupfd,
  dup2,
  close,
  closeRange,
  setfd,
  setfl,
  send,
  receive,
  discard,
  closed,
} satisfies Readonly<Record<string, Kind>>;
