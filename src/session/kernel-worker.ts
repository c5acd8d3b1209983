/**
 * The emulated kernel: devices, drivers and the syscall door, in a worker thread of the supervisor. It runs in turns:
 * between two of them the runtime collects garbage, and promises go on. What the main thread asks is answered within
 * them (see `protocol.ts`).
 */
import { once } from 'node:events';
import { parentPort, receiveMessageOnPort } from 'node:worker_threads';
import { onDriverBug } from '../base/bug.ts';
import { ENODEV, Errno } from '../base/errno.ts';
import { onLog, onWarning } from '../base/log.ts';
import { MSG_DONTWAIT } from '../linux/constants.ts';
import { recv, send } from '../linux/libc.ts';
import { MonotonicClock } from '../linux/monotonic-clock.ts';
import { allocateNative } from '../linux/native-memory.ts';
import { receiveDescriptor } from '../linux/pass-fd.ts';
import { waitReadable } from '../linux/wait-readable.ts';
import { Door, FdRange, prepareNetwork, ShadowTree } from '../syscalls/index.ts';
import type { VideoDevice } from '../v4l2-core/index.ts';
import { Activity } from './activity.ts';
import { readControls, setControls, steer } from './camera-steering.ts';
import { CameraTable } from './camera-table.ts';
import { ConfiguredCameras } from './configured-cameras.ts';
import { DevDebug } from './dev-debug.ts';
import { DriverLoader } from './driver-loader.ts';
import { withoutOurs } from './driver-surroundings.ts';
import { FileWatch } from './file-watch.ts';
import { observe } from './observe.ts';
import type { CameraStatus, KernelConfig, KernelMessage, KernelRequest } from './protocol.ts';
import { explain, LATER, type RequestHandlers, Requests } from './requests.ts';
import { Tracing } from './tracing.ts';

const port = parentPort as NonNullable<typeof parentPort>;
const native = allocateNative(4096);
const clock = new MonotonicClock();

/** The runtime gets a turn so often, to collect and finalize what is no longer used; and while it loads a file. */
const TURN_NS = 500e6;
const LOADING_TURN_NS = 1e6;
/** The ends of those who were served are there to be heard. */
const LAST_TURN_NS = 1;

function post(message: KernelMessage): void {
  port.postMessage(message);
}

function report(text: string): void {
  post({ kind: 'report', text });
}

class EmulatedKernel {
  readonly #watch: FileWatch | undefined;
  readonly #loader: DriverLoader;
  readonly #config: KernelConfig;
  readonly #cameras: CameraTable;
  readonly #configured: ConfiguredCameras | undefined;
  readonly #requests: Requests;
  readonly #activity = new Activity();
  readonly #tracing = new Tracing(clock, (records) => post({ kind: 'trace', records }));
  readonly #devDebug: DevDebug;
  #tree: ShadowTree | undefined;
  /** There is one when the first command starts. */
  #door: Door | undefined;
  #isOver = false;

  /** Throws Errno if files are to be watched and cannot be. */
  constructor(config: KernelConfig) {
    this.#config = config;
    this.#cameras = new CameraTable(clock, config.firstNodes, config.counts);
    this.#devDebug = new DevDebug(clock, this.#cameras.devices, report);
    if (config.watch) this.#watch = new FileWatch((file, path) => post({ kind: 'saved', file, path }));
    this.#loader = new DriverLoader(this.#watch);
    if (config.configuration !== undefined)
      this.#configured = new ConfiguredCameras(config.configuration, this.#cameras, this.#loader);
    this.#requests = new Requests(this.#handlers(), config.root, post);
    if (config.counts) {
      this.#activity.listen();
      this.#cameras.devices.listen({
        added: () => {},
        removed: (device) => this.#activity.removed(device),
      });
    }
    this.#tracing.trace(config.trace);
    if (!config.verbose) return;
    onLog(report);
    observe(this.#cameras.devices, report);
  }

  /** The file that is loaded at this moment. */
  get loading(): string | undefined {
    return this.#loader.loading;
  }

  /** Plugs in the first cameras. Throws CameraSpecError, Errno, or what the file system says. */
  async plugIn(): Promise<void> {
    for (const spec of this.#config.cameras) {
      const file = this.#cameras.missingFile(spec);
      if (file !== undefined) this.#cameras.setDriver(file, await this.#loader.load(file));
      this.#cameras.add(spec);
    }
    await this.#configured?.plugIn();
    this.#tree = new ShadowTree(this.#config.root, this.#cameras.devices);
  }

  /** Answers from now on, and serves when there is somebody to be served. */
  start(): void {
    post({ kind: 'ready', nodes: this.#cameras.all.flatMap(({ nodes }) => nodes) });
    port.on('message', (request: KernelRequest) => this.#requests.take(request));
    // The launcher takes longer to start than this thread.
    prepareNetwork();
    const turn = () => {
      if (this.#turn()) setImmediate(turn);
      else this.#end();
    };
    turn();
  }

  /** False when nobody is left to be served, or it is told so. */
  #turn(): boolean {
    const isLast = this.#isOver;
    const patience = isLast ? LAST_TURN_NS : this.#requests.needTurns ? LOADING_TURN_NS : TURN_NS;
    if (this.#door !== undefined) return this.#door.run(patience) === 'turn' && !isLast;
    // Cameras may do something before there is a program.
    clock.timers.run(clock.now());
    const due = Math.max(0, clock.timers.next() - clock.now());
    const watched = this.#watch === undefined ? [] : [this.#watch.fd];
    const waited = [this.#config.launcher, this.#config.wakeUp, ...watched];
    const [hasListener, hasRequest, isSaved] = waitReadable(waited, Math.min(patience, due));
    if (hasRequest) this.#attend();
    if (isSaved) this.#watch?.look();
    return !isLast && (!hasListener || this.#openDoor());
  }

  /** False if there will be no listener. */
  #openDoor(): boolean {
    const received = receiveDescriptor(this.#config.launcher);
    if (received === undefined) return false;
    const door = new Door({
      listener: received.fd,
      killable: received.byte === 1,
      range: new FdRange(...this.#config.range),
      devices: this.#cameras.devices,
      tree: this.#tree as ShadowTree,
      clock,
      report,
    });
    door.attend(this.#config.wakeUp, () => this.#attend());
    if (this.#watch !== undefined) door.attend(this.#watch.fd, () => this.#watch?.look());
    this.#door = door;
    send(this.#config.launcher, native.address, 1, 0);
    return true;
  }

  /** The main thread has sent requests: they are there when it says so. */
  #attend(): void {
    while (recv(this.#config.wakeUp, native.address, native.bytes.length, MSG_DONTWAIT) > 0);
    for (let sent = receiveMessageOnPort(port); sent !== undefined; sent = receiveMessageOnPort(port))
      this.#requests.take(sent.message as KernelRequest);
    // The runtime gets a turn: for promises of theirs, and for what is made ready for the next one.
    this.#door?.leave();
  }

  #handlers(): RequestHandlers {
    return {
      end: () => {
        this.#isOver = true;
        return undefined;
      },
      openFiles: () => this.#door?.openFiles ?? 0,
      cameras: () => this.#cameras.all,
      add: (spec) => {
        const file = this.#cameras.missingFile(spec);
        return file === undefined ? this.#cameras.add(spec) : this.#addFrom(file, spec);
      },
      unplug: (node) => {
        this.#cameras.unplug(node);
        return undefined;
      },
      plug: (node) => this.#cameras.plug(node),
      show: ({ node, source }) => {
        this.#cameras.show(node, source);
        return undefined;
      },
      receive: ({ node, mode }) => {
        steer(this.#cameras.steeringOf(node), node, 'receive', mode);
        this.#cameras.change(node);
        return undefined;
      },
      freeze: ({ node, on }) => {
        steer(this.#cameras.steeringOf(node), node, 'freeze', on);
        return undefined;
      },
      blank: ({ node, on }) => {
        steer(this.#cameras.steeringOf(node), node, 'blank', on);
        return undefined;
      },
      set: ({ node, controls }) => {
        setControls(this.#cameras.devicesOf(node), controls);
        return undefined;
      },
      wait: ({ node, until, asker }, answer, refuse) => {
        const [device] = this.#cameras.devicesOf(node) as readonly [VideoDevice];
        const say = (why: string) => refuse(new Errno(ENODEV, `${node} ${why}`));
        this.#activity.wait(device, until, { met: () => answer(undefined), refuse: say, asker });
        return LATER;
      },
      abandon: (asker) => {
        this.#activity.abandon(asker);
        return undefined;
      },
      commandEnded: (left) => {
        this.#activity.commandEnded(left);
        return undefined;
      },
      status: () => this.#status(),
      remove: (node) => {
        this.#cameras.remove(node);
        return undefined;
      },
      change: (node) => {
        this.#cameras.change(node);
        return undefined;
      },
      trace: (groups) => {
        this.#tracing.trace(groups);
        return undefined;
      },
      reload: async ({ file, saved }) => {
        if (file === this.#config.configuration) return this.#configured?.reload(saved);
        const module = await this.#loader.reload(file, saved, () => this.#loader.load(file));
        return (module && this.#cameras.replug(file, module).join(', ')) || undefined;
      },
    };
  }

  #status(): readonly CameraStatus[] {
    return this.#cameras.map(({ spec, devices, isPlugged, shown, steering }) => {
      const { frozen = false, blank = false, receives = {} } = steering.state?.() ?? {};
      const delivered = devices.map((device) => this.#activity.delivered(device));
      return {
        spec,
        nodes: devices.map(({ name }) => `/dev/${name}`),
        plugged: isPlugged,
        ...(shown !== undefined && { shows: shown }),
        ...{ frozen, blank, receives },
        frames: delivered.reduce((sum, { frames }) => sum + frames, 0),
        dropped: delivered.reduce((sum, { dropped }) => sum + dropped, 0),
        programs: devices.flatMap((device) => this.#activity.programs(device)),
        controls: readControls(devices),
      };
    });
  }

  async #addFrom(file: string, spec: string): Promise<readonly string[]> {
    this.#cameras.setDriver(file, await this.#loader.load(file));
    return this.#cameras.add(spec);
  }

  /**
   * Nobody is served any more. The thread stays: with it Node would end those of producers, which is fatal if one of them is
   * half-way through its start. They end with the process.
   */
  #end(): void {
    this.#tracing.finish();
    this.#devDebug.finish();
    post({ kind: 'ended' });
  }
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
onWarning(report);
/** Not by an await of the module: Node says something of its own of one that never ends, as a driver's loading may not. */
async function begin(config: KernelConfig): Promise<void> {
  try {
    const kernel = new EmulatedKernel(config);
    // Nothing is left that this thread could wait for.
    process.on('exit', () => {
      if (kernel.loading === undefined) return;
      const text = `${kernel.loading} never ends to load: what it awaits does not come; take that out.`;
      post({ kind: 'refused', text });
    });
    await kernel.plugIn();
    kernel.start();
  } catch (error) {
    const text = explain(error, config.root);
    if (text === undefined) throw error;
    post({ kind: 'refused', text });
  }
}

/** It comes when the command line has been read; the worker starts before that. */
once(port, 'message').then(([config]) => begin(config as KernelConfig));
