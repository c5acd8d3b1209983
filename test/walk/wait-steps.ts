/** Steps that wait for a camera: poll(), select(), and epoll in all its modes. */
import {
  Epoll,
  type Mode,
  type OpenFile,
  POLLERR,
  POLLIN,
  POLLPRI,
  type Process,
  type Thread,
  tablesOf,
  type Watch,
} from './model.ts';
import { callOf, type Reply, until } from './stage.ts';
import { expect, holder, type Kind, type Random, somebody, type World } from './steps.ts';

/** Numbers from here on are seen by usercam when somebody begins to wait for them. */
const FIRST_CAMERA = 768;
const FIRST_EPOLL = 500;
const EPOLLS = 3;
/** One that is there for a single step. */
export const SHORT_EPOLL = FIRST_EPOLL + EPOLLS;
export const ADD = 1;
const DEL = 2;
const MOD = 3;
export const EPOLLET = 0x8000_0000;
const EPOLLONESHOT = 0x4000_0000;
const EEXIST = 17;
const ENOENT = 2;
const SYS_POLL = '7 ';
/** Longer than any test. */
const FOR_EVER_MS = -1;

const poll: Kind = (world, random) => {
  const chosen = holder(world, random);
  if (chosen === undefined) return undefined;
  const { file, fd } = chosen;
  const events = random.of([POLLIN, POLLIN | POLLPRI, POLLPRI]) as number;
  return {
    ...chosen,
    text: `poll ${fd} for ${events}`,
    command: `poll ${fd} ${events} 0`,
    apply({ errno, rest }) {
      expect('poll', errno, 0);
      expect('what poll says', Number(rest[0]), ...file.bits().map((bits) => bits & (events | POLLERR)));
    },
  };
};

const select: Kind = (world, random) => {
  const chosen = holder(world, random);
  if (chosen === undefined) return undefined;
  const { file, fd } = chosen;
  const sets = (bits: number) =>
    (bits & (POLLIN | POLLERR) ? 1 : 0) | (bits & POLLERR ? 2 : 0) | (bits & POLLPRI ? 4 : 0);
  return {
    ...chosen,
    text: `select ${fd}`,
    command: `select ${fd}`,
    apply({ errno, rest }) {
      expect('select', errno, 0);
      expect('what select says', Number(rest[0]), ...file.bits().map(sets));
    },
  };
};

/** A thread falls asleep in poll(): nothing is queued, and nobody else can end the stream by closing it. */
const sleepInPoll: Kind = (world, random) => {
  const { model } = world;
  const chosen = holder(
    world,
    random,
    (file) =>
      file.device.owner === file &&
      file.device.streaming &&
      file.device.primed &&
      file.device.queue.length === 0 &&
      model.sleepers(file.device, 'dqbuf').length === 0,
  );
  if (chosen === undefined) return undefined;
  const { process, thread, file, fd } = chosen;
  return {
    text: `poll ${fd} sleeps`,
    process,
    async apply() {
      const { pid, tid } = thread.actor;
      model.hold(file);
      const sleeping = thread.actor.begin(`poll ${fd} ${POLLIN} ${FOR_EVER_MS}`);
      thread.sleep = { file, fd, call: 'poll', sleeping };
      await until('a sleeper', () => sleeping.isOver || callOf(pid, tid).startsWith(SYS_POLL));
      expect('poll for a frame', sleeping.isOver ? 'over' : 'asleep', 'asleep');
    },
  };
};

const epollNew: Kind = (world, random) => {
  const chosen = somebody(world, random);
  if (chosen === undefined) return undefined;
  const fd = FIRST_EPOLL + random.below(EPOLLS);
  return {
    ...chosen,
    text: `epoll ${fd} is made`,
    command: `epoll ${fd}`,
    apply({ errno }) {
      expect('epoll_create', errno, 0);
      chosen.thread.table.epolls.set(fd, new Epoll());
    },
  };
};

const flagsOf: Readonly<Record<Mode, number>> = { level: 0, edge: EPOLLET, once: EPOLLONESHOT };

const epollCtl: Kind = (world, random) => {
  const chosen = holder(world, random, () => true);
  const epoll = chosen && random.of([...chosen.thread.table.epolls]);
  if (chosen === undefined || epoll === undefined) return undefined;
  const { file, fd } = chosen;
  const [number, { watches }] = epoll;
  const watch = epoll[1].find(file, fd);
  const operation = random.of([ADD, ADD, MOD, MOD, DEL]) as number;
  const id = watch?.id ?? world.model.newWatch();
  const events = random.of([POLLIN, POLLIN | POLLPRI, POLLPRI]) as number;
  const mode = random.of(['level', 'edge', 'once'] as const) as Mode;
  const isSeen = operation !== DEL && fd >= FIRST_CAMERA;
  return {
    ...chosen,
    text: `epoll_ctl ${number} ${['', 'ADD', 'DEL', 'MOD'][operation]} ${fd} ${events} ${mode}`,
    mix: 'looks',
    command: `epoll_ctl ${number} ${operation} ${fd} ${events + flagsOf[mode]} ${id}`,
    apply({ errno }) {
      if (isSeen && events === POLLPRI) world.model.awaitsEvents(file);
      const fresh = { events, mode, edge: edgeOf(file, events), spent: false, lost: false } as const;
      const isNew = operation === ADD ? 0 : ENOENT;
      const isKnown = operation === ADD ? EEXIST : 0;
      // The watch of a file that was on its way may be one of a face that is no more.
      if (watch?.lost) expect('epoll_ctl', errno, isNew, isKnown);
      else expect('epoll_ctl', errno, watch === undefined ? isNew : isKnown);
      if (errno !== 0) return;
      if (watch === undefined) watches.push({ id, file, fd, ...fresh });
      else if (operation === DEL) watches.splice(watches.indexOf(watch), 1);
      else Object.assign(watch, fresh);
    },
  };
};

/** Who begins to wait hears of what is there already. */
function edgeOf(file: OpenFile, events: number): Watch['edge'] {
  return file.bits().every((bits) => (bits & (events | POLLERR)) !== 0) ? 'must' : 'may';
}

const epollWait: Kind = (world, random) => {
  const found = epollOf(world, random);
  if (found === undefined) return undefined;
  const { process, thread, number, epoll } = found;
  return {
    text: `epoll_wait ${number}`,
    process,
    thread,
    command: `epoll_wait ${number} 0`,
    apply(reply) {
      expect('epoll_wait', reply.errno, 0);
      compare(epoll, reply);
    },
  };
};

function epollOf(
  { model }: World,
  random: Random,
): { process: Process; thread: Thread; number: number; epoll: Epoll } | undefined {
  const all = model.processes.flatMap((process) =>
    tablesOf(process.awake).flatMap((table) =>
      [...table.epolls].map(([number, epoll]) => ({ process, table, number, epoll })),
    ),
  );
  const chosen = random.of(all.filter(({ epoll }) => epoll.watches.length > 0));
  const thread = chosen && random.of(chosen.process.awake.filter(({ table }) => table === chosen.table));
  return chosen && thread && { ...chosen, thread };
}

function compare(epoll: Epoll, { rest }: Reply): void {
  const told = new Map(rest.map((word) => word.split(':').map(Number) as [number, number]));
  for (const watch of epoll.watches) {
    const what = `epoll on ${watch.file} under ${watch.fd} (${watch.mode}, ${watch.edge}${watch.spent ? ', spent' : ''})`;
    const possible = watch.file.bits().map((bits) => bits & (watch.events | POLLERR));
    const bits = told.get(watch.id) ?? 0;
    told.delete(watch.id);
    if (watch.lost) continue;
    if (watch.spent) expect(what, bits, 0);
    else if (watch.mode !== 'edge') expect(what, bits, ...possible);
    else if (watch.edge === 'must') expect(what, bits, ...possible);
    else expect(what, bits, 0, ...(watch.edge === 'no' ? [] : possible));
    if (bits !== 0 && watch.mode === 'once') watch.spent = true;
    watch.edge = bits !== 0 ? 'no' : 'may';
  }
  expect('what else epoll tells of', [...told.keys()].join(' '), '');
}

export const waitSteps = {
  poll,
  select,
  sleepInPoll,
  epollNew,
  epollCtl,
  epollWait,
} satisfies Readonly<Record<string, Kind>>;
