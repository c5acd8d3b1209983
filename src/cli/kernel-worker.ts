/**
 * The emulated kernel: devices, drivers and the syscall door, in a worker thread of the supervisor. It runs in
 * turns: between two of them the runtime collects garbage and messages arrive.
 */
import { once } from 'node:events';
import { parentPort } from 'node:worker_threads';
import { onDriverBug } from '../base/bug.ts';
import { Errno } from '../base/errno.ts';
import { onLog } from '../base/log.ts';
import { Timer } from '../base/timers.ts';
import { CameraSpecError } from '../drivers/index.ts';
import { MSG_DONTWAIT } from '../linux/constants.ts';
import { recv, send } from '../linux/libc.ts';
import { MonotonicClock } from '../linux/monotonic-clock.ts';
import { allocateNative } from '../linux/native-memory.ts';
import { receiveDescriptor } from '../linux/pass-fd.ts';
import { memfdPages } from '../memory/memfd.ts';
import { Door, FdRange, ShadowTree } from '../syscalls/index.ts';
import { Recorder, type TraceGroup, type TraceRecord } from '../trace/index.ts';
import { VideoDeviceRegistry } from '../v4l2-core/registry.ts';
import { DeviceTable } from '../vfs/device-table.ts';
import { makeCamera } from './cameras.ts';
import { CameraDrivers } from './driver-files.ts';
import { withoutOurs } from './driver-surroundings.ts';
import { observe } from './observe.ts';

export interface KernelConfig {
  readonly cameras: readonly string[];
  /** Tell what programs do. */
  readonly verbose: boolean;
  /** Number of the first device node. */
  readonly firstNode: number;
  /** Directory for the shadow tree. */
  readonly root: string;
  /** The numbers that descriptors of cameras get: first and last. */
  readonly range: readonly [number, number];
  /** Socket on which the launcher sends the listener. */
  readonly launcher: number;
  /** Socket on which the main thread asks for a turn. */
  readonly wakeUp: number;
  /** What is traced; nothing if empty. */
  readonly trace: readonly TraceGroup[];
}

export type KernelMessage =
  | { readonly kind: 'ended' }
  | { readonly kind: 'report'; readonly text: string }
  /** The cameras are there, as these paths; whoever sends the listener is served. */
  | { readonly kind: 'ready'; readonly nodes: readonly string[] }
  /** The cameras that were asked for cannot be: `text` says why. */
  | { readonly kind: 'refused'; readonly text: string }
  | { readonly kind: 'openFiles'; readonly count: number }
  | { readonly kind: 'trace'; readonly records: readonly TraceRecord[] };

const port = parentPort as NonNullable<typeof parentPort>;
/** It comes when the command line has been read; the worker starts before that. */
const [config] = (await once(port, 'message')) as [KernelConfig];
const native = allocateNative(4096);

/** For so long records are gathered. */
const TRACE_BATCH_NS = 10e6;
/** Sends what is left. */
let finishTrace = () => {};

function post(message: KernelMessage): void {
  port.postMessage(message);
}

/** What is traced goes to the main thread in batches: to print it must not delay a call. */
function startTrace(clock: MonotonicClock): void {
  const timer = new Timer(sendTrace);
  const recorder = new Recorder(clock, config.trace, () =>
    clock.timers.arm(timer, clock.now() + TRACE_BATCH_NS),
  );
  function sendTrace(): void {
    const records = recorder.take();
    if (records.length > 0) post({ kind: 'trace', records });
  }
  finishTrace = sendTrace;
}

function report(text: string): void {
  post({ kind: 'report', text });
}

/** Nobody is left to serve. */
function end(): void {
  finishTrace();
  post({ kind: 'ended' });
  port.close();
}

async function makeDevices(clock: MonotonicClock) {
  const registry = new VideoDeviceRegistry(clock);
  const drivers = new CameraDrivers();
  await drivers.load(config.cameras);
  const devices = config.cameras.flatMap((text, instance) =>
    makeCamera(text, drivers, { clock, pages: memfdPages, instance }),
  );
  for (const [n, device] of devices.entries()) registry.register(device, config.firstNode + n);
  if (config.verbose) {
    onLog(report);
    observe(devices, report);
  }
  return new DeviceTable(devices);
}

/** Why there can be no cameras, as a sentence; throws what is a bug of ours. */
function explain(error: unknown): string {
  if (error instanceof Errno) return error.reason || String(error);
  if (error instanceof CameraSpecError) return error.message;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (syscall === undefined) throw error;
  return `the device files cannot be written below ${config.root} (${code}); set TMPDIR to a directory with room`;
}

async function serve(): Promise<void> {
  const clock = new MonotonicClock();
  let devices: DeviceTable;
  let tree: ShadowTree;
  try {
    devices = await makeDevices(clock);
    tree = new ShadowTree(config.root, devices);
  } catch (error) {
    post({ kind: 'refused', text: explain(error) });
    port.close();
    return;
  }
  post({ kind: 'ready', nodes: devices.devices.map(({ name }) => `/dev/${name}`) });
  const received = receiveDescriptor(config.launcher);
  if (received === undefined) {
    end();
    return;
  }
  const { fd: listener, byte } = received;
  const door = new Door({
    listener,
    killable: byte === 1,
    range: new FdRange(...config.range),
    wakeUp: config.wakeUp,
    devices,
    tree,
    clock,
    report,
  });
  port.on('message', () => post({ kind: 'openFiles', count: door.openFiles }));
  if (config.trace.length > 0) startTrace(clock);
  send(config.launcher, native.address, 1, 0);
  const turn = () => {
    const state = door.run();
    while (recv(config.wakeUp, native.address, native.bytes.length, MSG_DONTWAIT) > 0);
    if (state === 'turn') setImmediate(turn);
    else end();
  };
  turn();
}

/** How often each bug of a driver has been met: one in every frame would say nothing else any more. */
const bugs = new Map<string, number>();

function reportBug(text: string): void {
  const times = (bugs.get(text) ?? 0) + 1;
  bugs.set(text, times);
  const known = /^10+$/.test(String(times)) ? ` (${times} times)` : '';
  if (times === 1 || known !== '') report(`driver bug${known}: ${withoutOurs(text)}`);
}

onDriverBug(reportBug);
await serve();
