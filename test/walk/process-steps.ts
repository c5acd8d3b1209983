/** Steps by which processes and threads come and go, and signals. */
import { readdirSync, readFileSync } from 'node:fs';
import { isPoll, Process, Table, type Thread, threadsOf } from './model.ts';
import { answerOf, callOf, stateOf, until } from './stage.ts';
import { expect, type Kind, type Plan, type Random, somebody, type World } from './steps.ts';

const MOST_PROCESSES = 5;
const EINTR = 4;
/** Its handler restarts no calls. */
export const SIGUSR1 = 10;
const SIGUSR2 = 12;
/** Far longer than a signal takes. */
const SIGNAL_MS = 15_000;

/** The standard streams of a puppet are its own. */
const isNoStream = (fd: number): boolean => fd > 2;

const hasRoom = ({ model }: World): boolean => model.processes.length < MOST_PROCESSES;

/** A child of the first puppet, which has no camera. */
const birth: Kind = (world) => {
  if (!hasRoom(world)) return undefined;
  const name = world.newName();
  const { stage, root, model } = world;
  return {
    text: `${name} is born`,
    process: undefined,
    async apply() {
      const token = stage.newToken();
      const arrival = stage.arrival(token);
      expect('fork', (await root.ask(`fork ${token}`)).errno, 0);
      model.processes.push(new Process(name, await arrival, new Table()));
    },
  };
};

/** A process is born of another one, by `command`, with a table that is made of the parent's. */
function childOf(
  command: string,
  world: World,
  random: Random,
  tableOf: (parents: Table) => Table,
): Plan | undefined {
  const chosen = somebody(world, random);
  if (chosen === undefined || !hasRoom(world)) return undefined;
  const { process, thread } = chosen;
  const { stage, model } = world;
  const name = world.newName();
  const token = stage.newToken();
  const arrival = stage.arrival(token);
  const mappings = new Map(process.mappings);
  return {
    text: `${command}: ${name}`,
    mix: 'forks',
    process,
    thread,
    command: `${command} ${token}`,
    async apply({ errno }) {
      expect(command, errno, 0);
      const child = new Process(name, await arrival, tableOf(thread.table));
      model.processes.push(child);
      for (const [slot, mapping] of mappings) model.map(child, slot, mapping);
      const unknown = [...process.unknownMappings];
      // What another thread maps meanwhile it may have or not.
      if (mappingsAt(child.pid) > mappings.size + unknown.length)
        for (const [slot, { file }] of process.mappings) if (!mappings.has(slot)) unknown.push(file);
      for (const file of unknown) model.hold(file);
      child.unknownMappings.push(...unknown);
    },
  };
}

const fork: Kind = (world, random) =>
  childOf('fork', world, random, (parents) => world.model.copyOf(parents));

/** A process that has the table of its parent, by clone(CLONE_FILES). */
const share: Kind = (world, random) => childOf('share', world, random, (parents) => parents);

/** A thread leaves the table that it had with others, by unshare() or, with something closed, close_range(). */
const divorce: Kind = (world, random) => {
  const chosen = somebody(world, random);
  if (chosen === undefined) return undefined;
  const { process, thread } = chosen;
  const { model } = world;
  const others = model.usersOf(thread.table).filter((each) => each !== thread);
  const other = random.of(others.filter(({ sleep }) => sleep === undefined));
  if (other === undefined) return undefined;
  const fd = random.chance(50) ? random.of([...thread.table.fds.keys()].filter(isNoStream)) : undefined;
  return {
    text: `thread ${process.threads.indexOf(thread)} has a table of its own${fd === undefined ? '' : `, without ${fd}`}`,
    process,
    async apply() {
      const before = thread.table;
      const { errno, result } = await thread.actor.ask(`divorce ${fd ?? -1}`);
      expect('unshare', errno, 0);
      // It is heard where it ends: the others must not have its connection.
      expect('close', (await other.actor.ask(`close ${result}`)).errno, 0);
      thread.table = model.copyOf(before);
      if (fd !== undefined) model.close(thread.table, fd);
      model.leaveTable(before);
    },
  };
};

/** How much memory of cameras `pid` has mapped. */
function mappingsAt(pid: number): number {
  return readFileSync(`/proc/${pid}/maps`, 'latin1').split(' /memfd:usercam ').length - 1;
}

const spawn: Kind = (world, random) => {
  const chosen = somebody(world, random);
  return (
    chosen && {
      ...chosen,
      text: 'vfork and exec',
      mix: 'forks',
      command: 'spawn',
      apply({ errno }) {
        expect('vfork', errno, 0);
      },
    }
  );
};

const exec: Kind = (world, random) => {
  const chosen = somebody(world, random);
  if (chosen === undefined) return undefined;
  const { process, thread } = chosen;
  const { stage, model } = world;
  return {
    text: 'exec',
    process,
    thread,
    async apply() {
      const token = stage.newToken();
      const arrival = stage.arrival(token);
      thread.actor.begin(`exec ${token}`);
      const actors = await arrival;
      model.unmapAll(process);
      for (const each of process.threads) model.wake(each);
      const { tables } = process;
      // What another process has, too, stays as it is.
      const isShared = model.usersOf(thread.table).some((each) => !process.threads.includes(each));
      const table = isShared ? model.copyOf(thread.table) : thread.table;
      process.threads = threadsOf(actors, table);
      for (const each of tables) model.leaveTable(each);
      for (const [fd, { cloexec }] of [...table.fds]) if (cloexec) model.close(table, fd);
    },
  };
};

/** Waits until all threads of `pid` are gone. */
async function gone(pid: number): Promise<void> {
  await until(`the end of ${pid}`, () => {
    const state = stateOf(pid);
    return state === undefined || (state === 'Z' && threadsAt(pid) <= 1);
  });
}

function threadsAt(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/task`).length;
  } catch {
    return 0;
  }
}

const exit: Kind = (world, random) => {
  const chosen = somebody(world, random);
  if (chosen === undefined) return undefined;
  const { process, thread } = chosen;
  return {
    text: 'exit',
    process: undefined,
    async apply() {
      thread.actor.begin('exit 0');
      await gone(process.pid);
      world.model.end(process);
    },
  };
};

const kill: Kind = (world, random) => {
  const victim = random.of(world.model.processes);
  if (victim === undefined) return undefined;
  return {
    text: `SIGKILL for ${victim.name}`,
    process: undefined,
    async apply() {
      process.kill(victim.pid, 'SIGKILL');
      await gone(victim.pid);
      world.model.end(victim);
    },
  };
};

/** A thread ends while others of its process go on; the first one too. */
const leave: Kind = (world, random) => {
  const chosen = somebody(world, random);
  if (chosen === undefined || chosen.process.threads.length < 2) return undefined;
  const { process } = chosen;
  const first = process.awake.find(({ actor }) => actor.tid === process.pid);
  const thread = first !== undefined && random.chance(60) ? first : chosen.thread;
  return {
    text: `thread ${process.threads.indexOf(thread)} ends`,
    process,
    thread,
    command: 'leave',
    async apply({ errno }) {
      expect('leave', errno, 0);
      await thread.actor.ended();
      const { tid } = thread.actor;
      const isGone = () => (thread === first ? stateOf(tid) === 'Z' : callOf(process.pid, tid) === '');
      await until('the end of a thread', isGone);
      process.threads = process.threads.filter((each) => each !== thread);
      world.model.leaveTable(thread.table);
    },
  };
};

const sleepersOf = ({ threads }: Process): readonly Thread[] =>
  threads.filter(({ sleep }) => sleep !== undefined);

interface Target {
  readonly process: Process;
  readonly sleeper: Thread;
}

function sleeper({ model }: World, random: Random): Target | undefined {
  const all = model.processes.flatMap((process) =>
    process.threads.flatMap((thread) => (thread.sleep === undefined ? [] : [{ process, sleeper: thread }])),
  );
  return random.of(all);
}

/** A signal whose handler restarts no calls, for a thread that sleeps. */
const interrupt: Kind = (world, random) => {
  const target = sleeper(world, random);
  if (target === undefined) return undefined;
  const { process, sleeper: thread } = target;
  return {
    text: `SIGUSR1 for the sleeper ${thread.actor.tid}`,
    process,
    async apply() {
      await world.root.ask(`kill ${process.pid} ${thread.actor.tid} ${SIGUSR1}`);
      const reply = await answerOf(thread.sleep?.sleeping);
      expect('a sleeper with a signal', reply?.errno, EINTR);
      world.model.wake(thread);
    },
  };
};

/** A signal whose handler restarts calls, for the process or for the thread that sleeps in an ioctl: it sleeps on. */
const restart: Kind = (world, random) => {
  const target = sleeper(world, random);
  const asker = target && random.of(target.process.awake);
  if (target === undefined || asker === undefined) return undefined;
  const { process, sleeper: thread } = target;
  // poll() is restarted by no handler, and an ioctl that is asks for O_NONBLOCK again.
  if (process.threads.some(({ sleep }) => isPoll(sleep) || sleep?.file.nonblock)) return undefined;
  // And it is a call on what its number means then.
  const moved = ({ sleep, table }: Thread) =>
    sleep !== undefined && table.fds.get(sleep.fd)?.file !== sleep.file;
  if (process.threads.some(moved)) return undefined;
  const whole = random.chance(40);
  // Which of several sleepers the kernel has chosen nobody tells, unless it is the first thread.
  if (whole && sleepersOf(process).length > 1 && stateOf(process.pid) === 'Z') return undefined;
  return {
    text: `SIGUSR2 for ${whole ? process.name : `the sleeper ${thread.actor.tid}`}`,
    process,
    async apply() {
      const before = (await asker.actor.ask('signals')).result;
      await world.root.ask(`kill ${process.pid} ${whole ? 0 : thread.actor.tid} ${SIGUSR2}`);
      const last = performance.now() + SIGNAL_MS;
      let after = before;
      while (after === before && performance.now() < last) after = (await asker.actor.ask('signals')).result;
      expect('the number of signals', after, before + 1);
      for (const { sleep } of sleepersOf(process)) {
        const answer = sleep?.sleeping.isOver ? await sleep.sleeping.answer : undefined;
        expect(
          'a sleeper with a signal',
          answer === undefined ? 'asleep' : `told ${JSON.stringify(answer)}`,
          'asleep',
        );
      }
    },
  };
};

export const processSteps = {
  birth,
  fork,
  share,
  divorce,
  spawn,
  exec,
  exit,
  kill,
  leave,
  interrupt,
  restart,
} satisfies Readonly<Record<string, Kind>>;
