/** Runs the scenarios of the recorder in this process. */
import { Program } from 'usercam';
import type { Memory } from '../measuring.ts';
import { cb, cmd, currentWorld, enter, par, say } from './calls.ts';
import { inProcess } from './processes.ts';
import * as dequeue from './scenarios-dequeue.ts';
import * as end from './scenarios-end.ts';
import * as free from './scenarios-free.ts';
import * as mapping from './scenarios-map.ts';
import * as polling from './scenarios-poll.ts';
import * as queue from './scenarios-queue.ts';
import * as reading from './scenarios-read.ts';
import * as request from './scenarios-request.ts';
import { bye } from './threads.ts';
import { MS, Process, World } from './world.ts';

/** By the names that they have in the transcripts. */
const scenarios: Readonly<Record<string, () => void>> = {
  req1: request.reqTypes,
  req2: request.reqCounts,
  req3: request.reqStates,
  req4: request.reqStreamingEmpty,
  req5: request.reqSecond,
  req6: request.reqFmt,
  req7: request.reqGarbage,
  req8: request.reqField,
  req9: request.reqLimits,
  qry1: request.qry,
  qbu1: queue.qb,
  qbu2: queue.qbUnmappedAgain,
  qbu3: queue.qbUptr,
  qbu4: queue.qbUptrNull,
  qbu5: queue.qbUptrMap,
  qbu6: queue.qbOvl,
  dqb1: dequeue.dqNb,
  dqb2: dequeue.dqFlip,
  dqb3: dequeue.dqBlockHead,
  dqb4: dequeue.dqBlockEmpty,
  dqb5: dequeue.dqBlockEmptyUnmap,
  dqb6: dequeue.dqOffHead,
  dqb7: dequeue.dqOffActive,
  dqb8: dequeue.dqOtherCalls,
  dqb9: dequeue.dqTwo,
  dqba: dequeue.dqWaiters,
  str1: queue.str,
  map1: mapping.mapArgs,
  map2: mapping.mapLen,
  map3: mapping.mapTwice,
  map4: mapping.mapReq,
  map5: mapping.mapUnmapOne,
  map6: mapping.mapPart,
  map7: mapping.mapProt,
  map8: mapping.mapFork,
  map9: mapping.mapFork2,
  mapa: mapping.mapAfter,
  mapb: mapping.mapReadBusy,
  mapc: mapping.mapDone,
  rds1: reading.rdsNb,
  rds2: reading.rdsZero,
  rds3: reading.rdsCalls,
  rds4: reading.rdsWhileStream,
  rds5: reading.rdsBlock,
  rds6: reading.rdsTwo,
  rds7: reading.rdsEfault,
  rds8: reading.rdsWaiters,
  rds9: reading.rdsVbi,
  rdo1: reading.rdo,
  rdo2: reading.rdoCalls,
  rdo3: reading.rdoBlock,
  rdo4: reading.rdoLeak,
  pol1: polling.polOpen,
  pol2: polling.polReq,
  pol3: polling.polStream,
  pol4: polling.polSleep,
  pol5: polling.polSleep2,
  pol6: polling.polOffThen,
  pol7: polling.polLoop,
  cls1: end.cls,
  cls2: end.killAll,
  cls3: end.killActive,
  cls4: end.killRdo,
  sig1: end.sig,
  sig2: end.sigRdo,
  oth1: end.other,
  met1: free.meta,
  met2: free.metaVivi,
  met3: free.metaActive,
};

const WATCHDOG_MS = 25_000;
const PATIENCE_MS = 3000;
const before = {
  run: 0,
  errnext: 0,
  waiters: 0,
  fcmode: 0,
  readone: 0,
  active: 0,
  dropsize: 0,
  field: 1,
  vbihack: 0,
  maxbufs: -1,
  failprep: 0,
};

/** Runs one scenario as the recorder does: in a process of its own, under a watchdog. */
function runScenario(body: () => void): void {
  const world = currentWorld();
  for (const [name, value] of Object.entries(before)) par(name, value);
  cmd('reset');
  world.device.takeTrace();
  world.program = new Program(1 << 26);
  const child = new Process();
  world.process = child;
  const blockedIn = inProcess(child, body);
  world.process = child;
  if (blockedIn === undefined) bye();
  else {
    world.sleep(WATCHDOG_MS * MS);
    say('  !! scenario did not end: SIGKILL');
  }
  finish(child, blockedIn);
  cb();
  world.tracing = true;
}

function finish(child: Process, blockedIn: ReturnType<typeof inProcess>): void {
  const world = currentWorld();
  let isFree = blockedIn === undefined;
  // What cannot be interrupted is waited for before the process ends.
  if (blockedIn !== undefined) {
    blockedIn.kill();
    isFree = world.await(blockedIn, PATIENCE_MS * MS);
    if (isFree) {
      world.await(world.exit(child));
      return;
    }
    say('  !! not even SIGKILL ends it; the driver now runs freely');
    par('run', 1);
    isFree = world.await(blockedIn, PATIENCE_MS * MS);
  }
  const ended = isFree && world.await(world.exit(child), PATIENCE_MS * MS);
  if (blockedIn !== undefined) {
    say(`  !! ${ended ? 'ended once frames came' : 'still there'}`);
    par('run', 0);
  }
}

/** What comes of `name` here. */
export function replayed(kind: Memory, names: readonly string[], hasExtLock = false): Map<string, string[]> {
  const world = new World(kind, hasExtLock);
  enter(world);
  const all = new Map<string, string[]>();
  for (const name of names) {
    world.lines.length = 0;
    runScenario(scenarios[name] as () => void);
    all.set(name, [...world.lines]);
  }
  return all;
}
