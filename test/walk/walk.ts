/**
 * Puppets do with some cameras what programs do, step after step, in any order. After each step every descriptor is asked
 * what it is, and each camera is busy exactly if somebody has its queue.
 */
import { join } from 'node:path';
import { root } from '../support/door.ts';
import { descriptorSteps } from './descriptor-steps.ts';
import { eventSteps } from './event-steps.ts';
import { isPoll, Model, type OpenFile, type Process, type Thread } from './model.ts';
import { processSteps, SIGUSR1 } from './process-steps.ts';
import { queueSteps } from './queue-steps.ts';
import { type Actor, answerOf, Stage, until } from './stage.ts';
import {
  expect,
  type Kind,
  type Mix,
  type Plan,
  Random,
  type Step,
  type World,
  WrongAnswer,
} from './steps.ts';
import { waitSteps } from './wait-steps.ts';

const CAMERA = `${join(root, 'test', 'walk', 'camera.ts')},fps=120`;
const CAMERAS = 3;
/** Where fstat() sees a camera; below it sees what the kernel has there. */
const FIRST_CAMERA = 768;
const NO_NODE = -1;
const EBUSY = 16;
const EINVAL = 22;
/** All processes are asked so often, others only about what they did. */
const ALL_EVERY = 16;

const KINDS: Readonly<Record<string, Kind>> = {
  ...descriptorSteps,
  ...processSteps,
  ...queueSteps,
  ...waitSteps,
  ...eventSteps,
};

/** How often a kind is chosen, if not once: few processes end, and frames need some steps one after the other. */
const WEIGHTS: Readonly<Record<string, number>> = {
  ...{ open: 4, dup2: 4, close: 4, claim: 4, map: 4, fork: 2, birth: 2, streamOn: 3, qbuf: 4, dqbuf: 2 },
  ...{ sleep: 3, epollCtl: 6, epollWait: 10, send: 2, receive: 2 },
  ...{ share: 2, divorce: 2, together: 10, disturbed: 6, sleepInPoll: 2 },
  ...{ set: 5, setMany: 2, drive: 3, subscribe: 5, dequeue: 4, sleepForEvent: 4, sleepForPri: 4, race: 3 },
  ...{ poke: 3, peek: 4 },
};

/** Kinds of which two steps are carried out at the same moment. */
const PAIRS: Readonly<Record<string, (world: World, random: Random) => readonly Plan[]>> = {
  together: planTogether,
  disturbed: planDisturbed,
};

export const KIND_NAMES: readonly string[] = [...Object.keys(KINDS), ...Object.keys(PAIRS)];
const CHOICES: readonly string[] = KIND_NAMES.flatMap((name) => Array<string>(WEIGHTS[name] ?? 1).fill(name));

/** The steps that follow from a seed. */
export function stepsOf(seed: number, count: number): Step[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => [random.of(CHOICES) as string, random.below(2 ** 31)] as const);
}

/** What has been done: how often each kind, and each step in words. */
export interface Walked {
  readonly counts: Record<string, number>;
  readonly log: string[];
}

/** Carries out `steps`; throws an error that tells the way if an answer was wrong. */
export async function walk(steps: readonly Step[]): Promise<Walked> {
  const walked: Walked = { counts: {}, log: [] };
  const { stage, root: first } = await Stage.open(Array<string>(CAMERAS).fill(CAMERA));
  let names = 0;
  const newName = () => `P${++names}`;
  const world: World = { stage, root: first[0] as Actor, model: new Model(CAMERAS), newName };
  try {
    for (const device of world.model.devices) await probe(world, device.index);
    const holdings = () => JSON.stringify(stage.holdings());
    await until('a usercam that has given its streams away', () => stage.hasHandedOver());
    await until('the end of the first files', () => !holdings().includes('memfd'));
    // Whoever closes the memory of a file closes the rest of it too, before he answers anybody.
    await world.root.ask(`close ${FIRST_CAMERA}`);
    const before = holdings();
    for (const step of steps) await take(world, step, walked);
    await endAll(world, before);
    (world.root as Actor).begin('exit 0');
    const { code, stderr } = await stage.close();
    expect('what usercam says', stderr, '');
    expect('the exit code', code, 0);
  } catch (error) {
    stage.kill();
    throw new WalkError(error as Error, walked.log);
  }
  return walked;
}

export class WalkError extends Error {
  constructor(cause: Error, log: readonly string[]) {
    super(`${log.slice(-60).join('\n')}\n${cause instanceof WrongAnswer ? cause.message : cause.stack}`, {
      cause,
    });
  }
}

/** Everybody ends, and then nothing is held that was not held `before`. */
async function endAll(world: World, before: string): Promise<void> {
  const { model, stage } = world;
  const random = new Random(0);
  while (model.processes.length > 0)
    await processSteps.kill(world, random)?.apply({ errno: 0, result: 0, rest: [] });
  await emptyBoxes(world);
  const after = () => JSON.stringify(stage.holdings());
  await until('a supervisor that holds nothing', () => after() === before).catch((error) => {
    throw new WrongAnswer(`the supervisor holds ${after()}, not ${before}: ${error.message}`);
  });
  for (const device of model.devices) expect('a camera at the end', await probe(world, device.index), 0);
}

async function emptyBoxes({ model, root }: World): Promise<void> {
  for (const [box, messages] of model.boxes.entries())
    for (const file of messages.splice(0)) {
      await root.ask(`receive ${box} 1`);
      model.drop(file);
    }
}

async function take(world: World, [kind, seed]: Step, walked: Walked): Promise<void> {
  const random = new Random(seed);
  const plans =
    PAIRS[kind]?.(world, random) ?? [KINDS[kind]?.(world, random)].filter((plan) => plan !== undefined);
  if (plans.length === 0) return;
  walked.log.push(plans.map(inWords).join('  ||  '));
  walked.counts[kind] = (walked.counts[kind] ?? 0) + 1;
  await carryOut(plans);
  await endStrayPolls(world);
  const { processes } = world.model;
  const all = walked.log.length % ALL_EVERY === 0;
  const asked = all ? processes : processes.filter((each) => plans.some((plan) => plan.process === each));
  for (const process of asked) await look(world, process);
  for (const device of world.model.devices) {
    const isFree = device.owner === undefined;
    const what = `of a new file of video${device.index}`;
    if (all) {
      expect(`REQBUFS ${what}`, await probe(world, device.index), isFree ? 0 : EBUSY);
      // Whoever waits for the queue is woken when it is let go again, as in the kernel.
      if (isFree) world.model.changed(device);
    }
    // A file is released just after close() has returned: this call waits for that, and who is woken by it has been woken.
    const { errno } = await world.root.ask(`ask_owner ${device.index}`);
    expect(`QBUF of no buffer ${what}`, errno, isFree ? EINVAL : EBUSY);
  }
}

/** A poll() asks again for its number when it wakes. Under one that means something else by now nobody shall sleep. */
async function endStrayPolls({ model, root }: World): Promise<void> {
  for (const process of model.processes)
    for (const thread of process.threads) {
      const { sleep, actor, table } = thread;
      if (sleep === undefined || !isPoll(sleep)) continue;
      if (table.fds.get(sleep.fd)?.file === sleep.file) continue;
      if (!sleep.sleeping.isOver) await root.ask(`kill ${process.pid} ${actor.tid} ${SIGUSR1}`);
      await answerOf(sleep.sleeping);
      model.wake(thread);
    }
}

const inWords = ({ process, thread, text }: Plan): string =>
  [process?.name, thread && `thread ${process?.threads.indexOf(thread)}`, text].filter(Boolean).join(' ');

async function carryOut(plans: readonly Plan[]): Promise<void> {
  const replies = await Promise.all(
    plans.map(({ thread, command }) =>
      thread === undefined || command === undefined
        ? { errno: 0, result: 0, rest: [] }
        : thread.actor.ask(command),
    ),
  );
  for (const [i, plan] of plans.entries()) await plan.apply(replies[i] as NonNullable<(typeof replies)[0]>);
}

/** What mmap() may meet in another thread, or in the same one's process a moment later. */
const MIXES: ReadonlySet<Mix> = new Set(['looks', 'adds', 'sends', 'forks']);
const MIXABLE = [
  ...['map', 'epollCtl', 'open', 'dup', 'dupfd', 'send', 'fork', 'share', 'spawn', 'peek'],
  ...['set', 'drive', 'subscribe', 'dequeue'],
];

/** An mmap() and something else at the same moment, in two threads. */
function planTogether(world: World, random: Random): readonly Plan[] {
  const mapping = queueSteps.map(world, random);
  const other = mapping && KINDS[random.of(MIXABLE) as string]?.(world, random);
  if (mapping === undefined || other?.mix === undefined || !MIXES.has(other.mix)) return [];
  // Under a low number nobody sees that epoll asks for what shows memory at the moment.
  if (other.text.startsWith('epoll_ctl') && Number(other.text.split(' ')[3]) < FIRST_CAMERA) return [];
  // The other may wake who sleeps with the last file of a queue: its buffers are there for an mmap() just before that, and not after.
  const { model } = world;
  if (model.devices.some(({ owner }) => owner !== undefined && model.isHeldAsleep(owner))) return [];
  return mapping.thread === other.thread ? [] : [withAnotherCall(mapping), other];
}

/** Who has slept through the mmap() hears of what came meanwhile when its process calls again, as each does that maps. */
function withAnotherCall(mapping: Plan): Plan {
  const apply: Plan['apply'] = async (reply) => {
    await mapping.apply(reply);
    await mapping.thread?.actor.ask('ask_owner 0');
  };
  return { ...mapping, apply };
}

const DISTURBABLE = [
  'close',
  'close',
  'dup2',
  'dup2',
  'closeRange',
  'dup',
  'dupfd',
  'open',
  'send',
  'receive',
];
const MOST_USES = 30;

/** Something happens to descriptors while another thread uses one of their numbers. */
function planDisturbed(world: World, random: Random): readonly Plan[] {
  const plan = KINDS[random.of(DISTURBABLE) as string]?.(world, random);
  const { process, command } = plan ?? {};
  const thread = random.of(process?.awake.filter((each) => each !== plan?.thread) ?? []);
  if (plan === undefined || process === undefined || thread === undefined) return [];
  const { fds } = thread.table;
  const numbers = [...(command?.matchAll(/\d+/g) ?? [])].map(Number).filter((fd) => fds.has(fd));
  const fd = random.of(numbers) ?? random.of([...fds.keys()]) ?? FIRST_CAMERA;
  const use = `use ${fd} ${1 + random.below(MOST_USES)}`;
  return [plan, { text: use, process, thread, command: use, apply: () => {} }];
}

/** What a new file hears that takes the queue, and lets it go. */
async function probe({ root }: World, device: number): Promise<number> {
  return (await root.ask(`probe ${device}`)).errno;
}

/** What `process` has is what it should have, down to each bit. */
async function look({ model }: World, process: Process): Promise<void> {
  if (!model.processes.includes(process)) return;
  const seen = new Map(process.awake.map((thread) => [thread.table, thread]));
  for (const thread of seen.values()) await lookAt(process, thread);
}

async function lookAt(process: Process, thread: Thread): Promise<void> {
  const { rest } = await thread.actor.ask('table');
  const told = new Map(
    rest.map((word) => [Number(word.slice(0, word.indexOf(':'))), word.split(':').map(Number)]),
  );
  for (const [fd, { file, cloexec }] of thread.table.fds) {
    const [, bus, minor, nonblock, closes, owned, bits] = told.get(fd) ?? [];
    const what = `${process.name}: ${file} under ${fd}:`;
    told.delete(fd);
    expect(`${what} its camera`, bus, file.device.index);
    expect(`${what} its node`, minor, file.device.index, ...(fd < FIRST_CAMERA ? [NO_NODE] : []));
    expect(`${what} O_NONBLOCK`, nonblock, file.nonblock ? 1 : 0);
    expect(`${what} FD_CLOEXEC`, closes, cloexec ? 1 : 0);
    expect(`${what} QBUF of no buffer`, owned, isOthers(file) ? EBUSY : EINVAL);
    expect(`${what} poll()`, bits, ...file.bits());
  }
  expect(`${process.name}: what else is open`, [...told.keys()].join(' '), '');
}

const isOthers = (file: OpenFile): boolean => file.device.owner !== undefined && file.device.owner !== file;
