/** Steps with controls and events: what is set, who is told of it, and who waits for that. */
import {
  V4L2_EVENT_ALL,
  V4L2_EVENT_CTRL,
  V4L2_EVENT_FRAME_SYNC,
  V4L2_EVENT_PRIVATE_START,
  V4L2_EVENT_SUB_FL_ALLOW_FEEDBACK,
  V4L2_EVENT_SUB_FL_SEND_INITIAL,
} from '../../src/abi/index.ts';
import type { Told } from '../random/ctrl-model.ts';
import { idOf } from '../random/ctrl-rules.ts';
import { CLUSTER, CTRL_NAMES, type CtrlName, DEEDS, type Deed, ROOM } from '../random/ctrl-table.ts';
import { type Device, type OpenFile, POLLPRI, type SleepCall, type Thread } from './model.ts';
import { SIGUSR1 } from './process-steps.ts';
import { answerOf, callOf, type Reply, until } from './stage.ts';
import { expect, holder, type Kind, type Plan, type Random, type World } from './steps.ts';
import { ADD, EPOLLET, SHORT_EPOLL } from './wait-steps.ts';

const EINTR = 4;
const ENOENT = 2;
const SYS_IOCTL = '16 ';
const SYS_POLL = '7 ';
const FOR_EVER_MS = -1;
const MOST_LISTENERS = 2;
const FIRST_DEED = idOf('plain') + CTRL_NAMES.length;

/** What can be subscribed. */
interface Target extends Pick<Told, 'type' | 'id'> {
  readonly text: string;
  readonly ctrl?: CtrlName;
}

const targets: readonly Target[] = [
  ...CTRL_NAMES.map((ctrl) => ({ type: V4L2_EVENT_CTRL, id: idOf(ctrl), text: ctrl, ctrl })),
  { type: V4L2_EVENT_FRAME_SYNC, id: 0, text: 'frame sync' },
  { type: V4L2_EVENT_PRIVATE_START, id: 0, text: 'private event' },
];

/** Often somebody whose file is told of something: most are not. */
function user(world: World, random: Random) {
  const listening = holder(world, random, (file) => file.events.isSubscribed);
  return listening !== undefined && random.chance(60) ? listening : holder(world, random);
}

/** A thread that was asleep in DQEVENT, and how it was answered. */
interface Answered {
  readonly thread: Thread;
  readonly reply: Reply | undefined;
}

/** The event in `reply` is the one that comes next for `file`. */
function check(file: OpenFile, reply: Reply | undefined): void {
  expect('DQEVENT', reply?.errno, 0);
  const [type, id, changes, value, sequence, pending] = reply?.rest.map(Number) ?? [];
  const told = JSON.stringify({ type, id, changes, value, sequence, pending });
  const next = file.events.take();
  const { type: t, id: i, changes: c, value: v, sequence: s, pending: p } = next ?? {};
  expect(
    `the event of ${file}`,
    told,
    JSON.stringify({ type: t, id: i, changes: c, value: v, sequence: s, pending: p }),
  );
}

/** As many of the `asleep` as there are `events` have been told, in the order of those: whose answer comes first says nothing. */
async function answersOf(asleep: readonly Thread[], events: number): Promise<readonly Answered[]> {
  const answers = new Map(
    asleep.map((thread) => [thread, answerOf(thread.sleep?.sleeping).then((reply) => ({ thread, reply }))]),
  );
  const told: Answered[] = [];
  while (told.length < Math.min(asleep.length, events)) {
    const one = (await Promise.race(answers.values())) as Answered;
    answers.delete(one.thread);
    told.push(one);
  }
  const sequence = ({ reply }: Answered) => Number(reply?.rest[4]);
  return told.sort((a, b) => sequence(a) - sequence(b));
}

/** Who slept for what has been raised has it by now. */
async function deliver({ model }: World, device: Device): Promise<void> {
  for (const file of model.filesOf(device)) {
    const listeners = model.listeners(file, 'dqevent');
    for (const { thread, reply } of await answersOf(listeners, file.events.waiting.length)) {
      check(file, reply);
      model.wake(thread);
    }
    if (file.events.waiting.length === 0) continue;
    for (const thread of model.listeners(file, 'pri')) {
      const reply = await answerOf(thread.sleep?.sleeping);
      expect('poll() for an event', Number(reply?.rest[0]), POLLPRI);
      model.wake(thread);
    }
  }
}

/** A value for a control, good or not. */
function valueFor(name: CtrlName, random: Random): number {
  if (name === 'menu') return random.below(6) - 1;
  if (name === 'automatic' || name === 'button') return random.below(2);
  return random.below(300) - 100;
}

const set: Kind = (world, random) => {
  const chosen = user(world, random);
  const name = random.of(CTRL_NAMES);
  if (chosen === undefined || name === undefined) return undefined;
  const { file, fd } = chosen;
  const value = valueFor(name, random);
  return {
    ...chosen,
    text: `S_CTRL ${fd} ${name} ${value}`,
    mix: 'looks',
    command: `set ${fd} ${idOf(name)} ${value}`,
    apply({ errno, rest }) {
      const done = file.device.ctrls.set(file, name, value);
      expect(`S_CTRL of ${name}`, errno, 'errno' in done ? done.errno : 0);
      if ('value' in done) expect(`the value of ${name}`, Number(rest[0]), done.value);
      return deliver(world, file.device);
    },
  };
};

const LISTS = [
  ['third', 'first'],
  ['second', 'plain', 'first'],
  ['third', 'second', 'first'],
  ['plain', 'third'],
  ['third'],
  [...CLUSTER],
] as const satisfies readonly (readonly CtrlName[])[];

const setMany: Kind = (world, random) => {
  const chosen = user(world, random);
  if (chosen === undefined) return undefined;
  const { file, fd } = chosen;
  const { ctrls } = file.device;
  const names = random.of<readonly CtrlName[]>(LISTS) ?? [];
  const list = names.map((name) => [name, valueFor(name, random)] as const);
  return {
    ...chosen,
    text: `S_EXT_CTRLS ${fd} ${list.map((each) => each.join(' ')).join(', ')}`,
    command: `set_many ${fd} ${list.map(([name, value]) => `${idOf(name)} ${value}`).join(' ')}`,
    apply({ errno, rest }) {
      ctrls.setMany(file, list);
      expect('S_EXT_CTRLS', errno, 0);
      for (const [n, [name]] of list.entries())
        expect(`the value of ${name}`, Number(rest[n]), ctrls.values[name]);
      return deliver(world, file.device);
    },
  };
};

const get: Kind = (world, random) => {
  const chosen = holder(world, random);
  const name = random.of(CTRL_NAMES.filter((each) => each !== 'button'));
  if (chosen === undefined || name === undefined) return undefined;
  const { file, fd } = chosen;
  return {
    ...chosen,
    text: `G_CTRL ${fd} ${name}`,
    command: `get ${fd} ${idOf(name)}`,
    apply({ errno, rest }) {
      expect('G_CTRL', errno, 0);
      expect(`the value of ${name}`, Number(rest[0]), file.device.ctrls.get(name));
    },
  };
};

/** The driver does something by itself. */
const drive: Kind = (world, random) => {
  const chosen = user(world, random);
  if (chosen === undefined) return undefined;
  const { file, fd } = chosen;
  const n = random.below(DEEDS.length);
  const byte = random.below(256);
  return {
    ...chosen,
    text: `the driver: ${DEEDS[n]} ${byte}`,
    mix: 'looks',
    command: `set ${fd} ${FIRST_DEED + n} ${byte}`,
    apply({ errno }) {
      expect(`what the driver does (${DEEDS[n]})`, errno, 0);
      world.model.drives(file.device, DEEDS[n], byte);
      return deliver(world, file.device);
    },
  };
};

const subscribe: Kind = (world, random) => {
  const chosen = user(world, random);
  const target = random.of(targets);
  if (chosen === undefined || target === undefined) return undefined;
  const { file, fd } = chosen;
  const { type, id, ctrl, text } = target;
  const flags = random.below(4);
  return {
    ...chosen,
    text: `SUBSCRIBE_EVENT ${fd} ${text} ${flags}`,
    mix: 'looks',
    command: `subscribe ${fd} ${type} ${id} ${flags}`,
    apply({ errno }) {
      expect('SUBSCRIBE_EVENT', errno, 0);
      world.model.awaitsEvents(file);
      const feedback = ctrl === undefined || (flags & V4L2_EVENT_SUB_FL_ALLOW_FEEDBACK) !== 0;
      const isNew = file.events.subscribe(target, { feedback, room: ctrl === undefined ? ROOM : 1 });
      if (isNew && ctrl !== undefined && flags & V4L2_EVENT_SUB_FL_SEND_INITIAL) {
        file.events.raise(file.device.ctrls.initial(ctrl), false);
        world.model.raised(file);
      }
      return deliver(world, file.device);
    },
  };
};

const unsubscribe: Kind = (world, random) => {
  const chosen = user(world, random);
  const target = random.chance(25) ? undefined : random.of(targets);
  if (chosen === undefined) return undefined;
  const { file, fd } = chosen;
  const { type, id, text } = target ?? { type: V4L2_EVENT_ALL, id: 0, text: 'all' };
  return {
    ...chosen,
    text: `UNSUBSCRIBE_EVENT ${fd} ${text}`,
    command: `unsubscribe ${fd} ${type} ${id}`,
    apply({ errno }) {
      expect('UNSUBSCRIBE_EVENT', errno, 0);
      if (target === undefined) file.events.unsubscribeAll();
      else file.events.unsubscribe(target);
    },
  };
};

/** DQEVENT that does not have to wait. */
const dequeue: Kind = (world, random) => {
  const chosen = user(world, random);
  if (chosen === undefined) return undefined;
  const { file, fd } = chosen;
  const isEmpty = file.events.waiting.length === 0;
  if (isEmpty && !file.nonblock) return undefined;
  return {
    ...chosen,
    text: `DQEVENT ${fd}`,
    mix: 'looks',
    command: `dqevent ${fd}`,
    apply(reply) {
      world.model.awaitsEvents(file);
      if (isEmpty) expect('DQEVENT without an event', reply.errno, ENOENT);
      else check(file, reply);
    },
  };
};

/** One of several events is taken: who waits for edges has heard of them, and is told nothing. Frames would disturb that. */
const dequeueBesideEdge: Kind = (world, random) => {
  const { model } = world;
  const isStill = (file: OpenFile) => !file.device.streaming && file.events.isSubscribed;
  const chosen = holder(
    world,
    random,
    (file) => isStill(file) && model.listeners(file, 'dqevent').length === 0,
  );
  const { type, id, text } = random.of(targets.slice(-2)) as Target;
  if (chosen === undefined) return undefined;
  const { process, thread, file, fd } = chosen;
  const watch = model.newWatch();
  const ask = async (command: string): Promise<Reply> => {
    const reply = await thread.actor.ask(command);
    expect(command, reply.errno, 0);
    return reply;
  };
  const told = async () => (await ask(`epoll_wait ${SHORT_EPOLL} 0`)).rest.join(' ');
  const raise = async () => {
    await ask(`set ${fd} ${FIRST_DEED + DEEDS.indexOf(text as Deed)} 1`);
    model.drives(file.device, text as Deed, 1);
    await deliver(world, file.device);
  };
  return {
    text: `DQEVENT ${fd} (${text}) beside who waits for edges`,
    process,
    async apply() {
      await ask(`subscribe ${fd} ${type} ${id} 0`);
      file.events.subscribe({ type, id }, { feedback: true, room: ROOM });
      await raise();
      await raise();
      await ask(`epoll ${SHORT_EPOLL}`);
      await ask(`epoll_ctl ${SHORT_EPOLL} ${ADD} ${fd} ${POLLPRI + EPOLLET} ${watch}`);
      expect('the first edge', await told(), `${watch}:${POLLPRI}`);
      check(file, await ask(`dqevent ${fd}`));
      expect('an edge by DQEVENT', await told(), '');
      await ask(`close ${SHORT_EPOLL}`);
    },
  };
};

/** A thread falls asleep for an event: none waits. */
function fallAsleep(world: World, random: Random, call: SleepCall, wanted: (file: OpenFile) => boolean) {
  const { model } = world;
  const isFree = (file: OpenFile) => file.events.waiting.length === 0 && wanted(file);
  const chosen =
    holder(world, random, (file) => file.events.isSubscribed && isFree(file)) ??
    holder(world, random, isFree);
  if (chosen === undefined) return undefined;
  const { process, thread, file, fd } = chosen;
  const isIoctl = call === 'dqevent';
  const command = isIoctl ? `dqevent ${fd}` : `poll ${fd} ${POLLPRI} ${FOR_EVER_MS}`;
  return {
    text: `${isIoctl ? 'DQEVENT' : 'poll for PRI'} ${fd} sleeps`,
    process,
    async apply() {
      const { pid, tid } = thread.actor;
      model.hold(file);
      const sleeping = thread.actor.begin(command);
      thread.sleep = { file, fd, call, sleeping };
      const number = isIoctl ? SYS_IOCTL : SYS_POLL;
      await until('a sleeper', () => sleeping.isOver || callOf(pid, tid).startsWith(number));
      expect(command, sleeping.isOver ? 'over' : 'asleep', 'asleep');
      if (isIoctl) model.awaitsEvents(file);
    },
  } satisfies Plan;
}

const sleepForEvent: Kind = (world, random) =>
  fallAsleep(
    world,
    random,
    'dqevent',
    (file) =>
      !file.nonblock &&
      world.model.listeners(file, 'dqevent').length < MOST_LISTENERS &&
      world.model.listeners(file, 'pri').length === 0,
  );

const sleepForPri: Kind = (world, random) =>
  fallAsleep(
    world,
    random,
    'pri',
    (file) => file.awaitsEvents && world.model.listeners(file, 'dqevent').length === 0,
  );

/** A thread sleeps in DQEVENT alone: a signal and an event come at the same moment. What it is not given waits. */
const race: Kind = (world, random) => {
  const { model } = world;
  const chosen = holder(world, random, (file) => model.listeners(file, 'dqevent').length === 1);
  const sleeper = chosen && model.listeners(chosen.file, 'dqevent')[0];
  const owner = sleeper && model.processes.find(({ threads }) => threads.includes(sleeper));
  if (chosen === undefined || sleeper === undefined || owner === undefined) return undefined;
  const plan = random.of([drive, set, setMany])?.(world, random);
  if (plan?.thread === undefined || plan.command === undefined) return undefined;
  const { process, thread, command } = plan;
  return {
    text: `${plan.text}, and SIGUSR1 for the sleeper ${sleeper.actor.tid}`,
    process,
    async apply() {
      const kill = `kill ${owner.pid} ${sleeper.actor.tid} ${SIGUSR1}`;
      const [reply] = await Promise.all([thread.actor.ask(command), world.root.ask(kill)]);
      const answer = await answerOf(sleeper.sleep?.sleeping);
      if (answer?.errno === EINTR) model.wake(sleeper);
      await plan.apply(reply);
      if (sleeper.sleep !== undefined) expect('a sleeper with a signal and no event', answer?.errno, EINTR);
    },
  };
};

export const eventSteps = {
  set,
  setMany,
  get,
  drive,
  subscribe,
  unsubscribe,
  dequeue,
  dequeueBesideEdge,
  sleepForEvent,
  sleepForPri,
  race,
} satisfies Readonly<Record<string, Kind>>;
