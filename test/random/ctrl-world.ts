/** A device with controls and events in a world that does what it likes: two programs with three open files, and a driver. */
import assert from 'node:assert/strict';
import * as abi from '../../src/abi/index.ts';
import { EBUSY, EINVAL, ENOENT, ERANGE } from '../../src/base/errno.ts';
import { VirtualClock } from '../../src/base/timers.ts';
import { type ClientFile, Program, type Thread } from '../../src/testing/in-process-client.ts';
import {
  type V4l2Ctrl,
  V4l2CtrlHandler,
  type V4l2CtrlOps,
  VideoDevice,
  VideoDeviceRegistry,
  v4l2CtrlAutoCluster,
  v4l2CtrlCluster,
  v4l2CtrlGrab,
  v4l2CtrlModifyRange,
  v4l2CtrlSubscribeEvent,
  v4l2EventQueue,
  v4l2EventSubscribe,
  v4l2EventUnsubscribe,
} from '../../src/v4l2-core/index.ts';
import { POLLPRI } from '../../src/vfs/file.ts';
import { ModelFile, type Told } from './ctrl-model.ts';

type Ctrl = V4l2Ctrl<CtrlWorld>;

const VALUE = abi.V4L2_EVENT_CTRL_CH_VALUE;
const FLAGS = abi.V4L2_EVENT_CTRL_CH_FLAGS;
const RANGE = abi.V4L2_EVENT_CTRL_CH_RANGE;
const OWN = abi.V4L2_CID_USER_BASE | 0x1000;
const FILES = 3;
/** For how many events of the driver's own there is room. */
const ROOM = 4;
const WIDE = [0, 100, 1, 50] as const;
const NARROW = [0, 60, 7, 30] as const;
const SKIPPED = 2;

export const STEPS = [
  'set',
  'set a value that is no good',
  'set many',
  'switch the automatic',
  'set the manual one',
  'get',
  'press',
  'grab',
  'range',
  'raise',
  'subscribe',
  'unsubscribe',
  'unsubscribe all',
  'dequeue',
  'sleep',
  'open again',
] as const;
export type StepName = (typeof STEPS)[number];

/** What can be subscribed. */
type Target = Pick<Told, 'type' | 'id'>;

interface Client {
  readonly program: Program;
  file: ClientFile;
  model: ModelFile;
  /** A thread in VIDIOC_DQEVENT. */
  sleeper: { readonly thread: Thread; readonly event: abi.v4l2_event } | undefined;
}

const ops: V4l2CtrlOps<CtrlWorld> = {
  gVolatileCtrl({ handler: { drvdata }, cluster }) {
    (cluster[1] as Ctrl).val = 100 + (++drvdata.readings % 100);
  },
  sCtrl: ({ id, handler }) => void handler.drvdata.setters.push(id),
};

export class CtrlWorld {
  readonly #hdl = new V4l2CtrlHandler<CtrlWorld>(this);
  readonly #plain = this.#integer(0, [-10, 13, 5, -10]);
  readonly #ranged = this.#integer(1, WIDE);
  readonly #grabbed = this.#integer(2, WIDE);
  readonly #cluster: readonly [Ctrl, Ctrl, Ctrl] = [
    this.#integer(3, WIDE),
    this.#integer(4, WIDE),
    this.#integer(5, WIDE),
  ];
  readonly #automatic = this.#integer(6, [0, 1, 1, 1]);
  readonly #manual = this.#integer(7, [0, 255, 1, 5]);
  readonly #menu = this.#custom(8, abi.V4L2_CTRL_TYPE_MENU, [0, 3, 0, 1]);
  readonly #button = this.#custom(9, abi.V4L2_CTRL_TYPE_BUTTON, [0, 0, 0, 0]);
  readonly #ctrls = [
    this.#plain,
    this.#ranged,
    this.#grabbed,
    ...this.#cluster,
    this.#automatic,
    this.#manual,
  ];
  readonly #settable = [this.#plain, this.#ranged, this.#grabbed, ...this.#cluster];
  readonly #targets: readonly Target[];
  readonly #values = new Map<Ctrl, number>();
  readonly #vdev: VideoDevice<CtrlWorld>;
  readonly #clients: Client[];
  #isGrabbed = false;
  #range: readonly [number, number, number, number] = WIDE;
  /** What the driver was called for: the masters of clusters; and how often it was asked for something volatile. */
  setters: number[] = [];
  readings = 0;

  constructor() {
    if (this.#hdl.error) throw this.#hdl.error;
    v4l2CtrlCluster(this.#cluster);
    v4l2CtrlAutoCluster([this.#automatic, this.#manual], 0, true);
    this.#hdl.setup();
    const driver = [abi.V4L2_EVENT_FRAME_SYNC, abi.V4L2_EVENT_PRIVATE_START].map((type) => ({ type, id: 0 }));
    const all = [...this.#ctrls, this.#menu, this.#button];
    this.#targets = [...all.map(({ id }) => ({ type: abi.V4L2_EVENT_CTRL, id })), ...driver];
    for (const ctrl of all) this.#values.set(ctrl, ctrl.cur.val);
    this.setters = [];
    this.#vdev = new VideoDevice<CtrlWorld>({
      name: 'world',
      deviceCaps: abi.V4L2_CAP_VIDEO_CAPTURE,
      ioctlOps: {
        vidioc_subscribe_event: (_file, fh, sub) =>
          sub.type === abi.V4L2_EVENT_CTRL
            ? v4l2CtrlSubscribeEvent(fh, sub)
            : v4l2EventSubscribe(fh, sub, ROOM),
        vidioc_unsubscribe_event: (_file, fh, sub) => v4l2EventUnsubscribe(fh, sub),
      },
      fops: {},
      ctrlHandler: this.#hdl,
      drvdata: this,
    });
    new VideoDeviceRegistry(new VirtualClock()).register(this.#vdev);
    const programs = [new Program(), new Program()] as const;
    this.#clients = Array.from({ length: FILES }, (_, n) => this.#open(programs[n === 0 ? 0 : 1]));
  }

  #custom(n: number, type: number, [min, max, step, def]: readonly [number, number, number, number]): Ctrl {
    const menu = type === abi.V4L2_CTRL_TYPE_MENU;
    const items = menu && { menuSkipMask: 1 << SKIPPED, qmenu: ['a', 'b', 'c', 'd'] };
    return this.#hdl.newCustom({ ops, id: OWN + n, name: `Own ${n}`, type, min, max, step, def, ...items });
  }

  #integer(n: number, limits: readonly [number, number, number, number]): Ctrl {
    return this.#custom(n, abi.V4L2_CTRL_TYPE_INTEGER, limits);
  }

  #open(program: Program): Client {
    const file = program.open(this.#vdev, { nonblock: true });
    return { program, file, model: new ModelFile(), sleeper: undefined };
  }

  /** How many events have got no place of their own. */
  get missed(): number {
    return this.#clients.reduce((sum, { model }) => sum + model.missed, 0);
  }

  /** The value as the device takes it. */
  #rounded(ctrl: Ctrl, value: number): number {
    const { minimum, maximum, step } = ctrl;
    const [min, max, by] = [Number(minimum), Number(maximum), Number(step)];
    const inside = Math.min(Math.max(value + Math.floor(by / 2), min), max);
    return min + by * Math.floor((inside - min) / by);
  }

  /** All who listen are told; `by` did it, nobody if it was the driver. */
  #tell(by: Client | undefined, ctrl: Ctrl, changes: number): void {
    const value = this.#values.get(ctrl) ?? 0;
    this.#raise(by, { type: abi.V4L2_EVENT_CTRL, id: ctrl.id, changes, value });
  }

  #raise(by: Client | undefined, told: Told): void {
    for (const client of this.#clients) client.model.raise(told, client === by);
  }

  /** The value of the model changes; true if it does. */
  #become(ctrl: Ctrl, value: number): boolean {
    const isChanged = this.#values.get(ctrl) !== value;
    this.#values.set(ctrl, value);
    return isChanged;
  }

  /** S_CTRL: the value that was got, or the negative errno. */
  #sCtrl({ program, file }: Client, { id }: Ctrl, value: number): number {
    const control = program.make(abi.v4l2_control);
    control.id = id;
    control.value = value;
    const result = file.ioctl(abi.VIDIOC_S_CTRL, control);
    return result < 0 ? result : control.value;
  }

  #set(client: Client, ctrl: Ctrl, value: number): void {
    const got = this.#sCtrl(client, ctrl, value);
    const isGrabbed = ctrl === this.#grabbed && this.#isGrabbed;
    assert.equal(got, isGrabbed ? -EBUSY : this.#rounded(ctrl, value));
    if (!isGrabbed && this.#become(ctrl, got)) this.#tell(client, ctrl, VALUE);
  }

  /** Of a list each cluster is set at once, in the order of the list, and told of in its own. */
  #setMany(client: Client, order: number, value: number): void {
    const [a, b, c] = this.#cluster;
    const orders = [[c, a], [b, this.#plain, a], [this.#plain, c, b, a], [a, c], [c], [b, c, this.#plain]];
    const list = orders[order % orders.length] as Ctrl[];
    const array = client.program.alloc(list.length * abi.v4l2_ext_control.size);
    array.bytes.fill(0);
    list.forEach(({ id }, n) => {
      const entry = abi.v4l2_ext_control.at(array.bytes, n * abi.v4l2_ext_control.size);
      entry.id = id;
      entry.value = value + n;
    });
    const ext = client.program.make(abi.v4l2_ext_controls);
    ext.count = list.length;
    ext.controls = array.address;
    this.setters = [];
    client.file.do(abi.VIDIOC_S_EXT_CTRLS, ext);
    const clusters = list.map((ctrl) => (ctrl === this.#plain ? [ctrl] : this.#cluster));
    const setters: number[] = [];
    for (const cluster of new Set(clusters.map((each) => each[0]?.id)))
      this.#clusterSet(client, list, value, cluster as number, setters);
    assert.deepEqual(this.setters, setters, 'once for each cluster of which something changes');
  }

  #clusterSet(client: Client, list: readonly Ctrl[], value: number, master: number, setters: number[]): void {
    const cluster = master === this.#plain.id ? [this.#plain] : this.#cluster;
    const changed = cluster.filter((ctrl) => {
      const at = list.indexOf(ctrl);
      return at >= 0 && this.#become(ctrl, this.#rounded(ctrl, value + at));
    });
    if (changed.length > 0) setters.push(master);
    for (const ctrl of changed) this.#tell(client, ctrl, VALUE);
  }

  /** The manual control has the last value of the automatic one; of its flags everybody is told. */
  #switch(client: Client, on: number): void {
    assert.equal(this.#sCtrl(client, this.#automatic, on), on);
    if (!this.#become(this.#automatic, on)) return;
    this.#tell(client, this.#automatic, VALUE);
    const isChanged = on === 0 && this.#become(this.#manual, 100 + (this.readings % 100));
    this.#tell(undefined, this.#manual, FLAGS | (isChanged ? VALUE : 0));
  }

  #subscribe({ program, file, model }: Client, target: number, flags: number): void {
    const what = this.#targets[target % this.#targets.length] as Target;
    const sub = program.make(abi.v4l2_event_subscription);
    Object.assign(sub, what, { flags });
    file.do(abi.VIDIOC_SUBSCRIBE_EVENT, sub);
    const isCtrl = what.type === abi.V4L2_EVENT_CTRL;
    const feedback = (flags & abi.V4L2_EVENT_SUB_FL_ALLOW_FEEDBACK) !== 0;
    const isNew = model.subscribe(what, { feedback: feedback || !isCtrl, room: isCtrl ? 1 : ROOM });
    if (!isNew || !isCtrl || !(flags & abi.V4L2_EVENT_SUB_FL_SEND_INITIAL)) return;
    const [ctrl, value] = [...this.#values].find(([each]) => each.id === what.id) as [Ctrl, number];
    model.raise({ ...what, value, changes: FLAGS | (ctrl === this.#button ? 0 : VALUE) }, false);
  }

  #unsubscribe({ program, file, model }: Client, target: number | undefined): void {
    const sub = program.make(abi.v4l2_event_subscription);
    const what = target === undefined ? undefined : this.#targets[target % this.#targets.length];
    Object.assign(sub, what ?? { type: abi.V4L2_EVENT_ALL });
    file.do(abi.VIDIOC_UNSUBSCRIBE_EVENT, sub);
    if (what === undefined) model.unsubscribeAll();
    else model.unsubscribe(what);
  }

  #checkEvent({ model }: Client, event: abi.v4l2_event): void {
    const { type, id, sequence, pending } = event;
    const { changes, value } = event.u.ctrl;
    const isCtrl = type === abi.V4L2_EVENT_CTRL;
    const told = { type, id, changes: isCtrl ? changes : 0, value: isCtrl ? value : event.u.data.get(0) };
    assert.deepEqual({ ...told, sequence, pending }, model.take());
  }

  #dequeue(client: Client): void {
    const event = client.program.make(abi.v4l2_event);
    const result = client.file.ioctl(abi.VIDIOC_DQEVENT, event);
    if (client.model.waiting.length === 0) assert.equal(result, -ENOENT);
    else this.#checkEvent(client, event);
  }

  #sleep(client: Client): void {
    const event = client.program.make(abi.v4l2_event);
    client.file.nonblock = false;
    client.sleeper = { thread: client.file.start(abi.VIDIOC_DQEVENT, event), event };
    client.file.nonblock = true;
  }

  #reopen(client: Client): void {
    client.file.close();
    client.file = client.program.open(this.#vdev, { nonblock: true });
    client.model = new ModelFile();
  }

  #rangeChanges(): void {
    this.#range = this.#range === WIDE ? NARROW : WIDE;
    v4l2CtrlModifyRange(this.#ranged, ...this.#range);
    const isChanged = this.#become(
      this.#ranged,
      this.#rounded(this.#ranged, this.#values.get(this.#ranged) ?? 0),
    );
    this.#tell(undefined, this.#ranged, RANGE | (isChanged ? VALUE : 0));
  }

  #raiseOwn(type: number, byte: number): void {
    const event = abi.v4l2_event.make();
    event.type = type;
    event.u.data.set(0, byte);
    v4l2EventQueue(this.#vdev as VideoDevice, event);
    this.#raise(undefined, { type, id: 0, changes: 0, value: byte });
  }

  readonly #steps: Readonly<Record<StepName, (client: Client, a: number, b: number) => void>> = {
    set: (client, a, b) =>
      this.#set(client, this.#settable[a % this.#settable.length] as Ctrl, (b % 300) - 100),
    'set a value that is no good': (client, a) => {
      const [value, errno] = a % 2 === 0 ? [SKIPPED, EINVAL] : [4 + a, ERANGE];
      assert.equal(this.#sCtrl(client, this.#menu, value), -errno);
    },
    'set many': (client, a, b) => this.#setMany(client, a, (b % 150) - 25),
    'switch the automatic': (client, a) => this.#switch(client, a % 2),
    'set the manual one': (client, _, b) => {
      const isAutomatic = this.#values.get(this.#automatic) === 1;
      const value = this.#values.get(this.#manual) as number;
      const got = this.#sCtrl(client, this.#manual, b);
      assert.equal(got, isAutomatic ? value : this.#rounded(this.#manual, b));
      if (this.#become(this.#manual, got)) this.#tell(client, this.#manual, VALUE);
    },
    get: ({ program, file }, a) => {
      const ctrl = this.#ctrls[a % this.#ctrls.length] as Ctrl;
      const control = program.make(abi.v4l2_control);
      control.id = ctrl.id;
      file.do(abi.VIDIOC_G_CTRL, control);
      const isVolatile = ctrl === this.#manual && this.#values.get(this.#automatic) === 1;
      assert.equal(control.value, isVolatile ? 100 + (this.readings % 100) : this.#values.get(ctrl));
    },
    press: (client) => {
      assert.equal(this.#sCtrl(client, this.#button, 1), 0);
      this.#tell(client, this.#button, VALUE);
    },
    grab: () => {
      this.#isGrabbed = !this.#isGrabbed;
      v4l2CtrlGrab(this.#grabbed, this.#isGrabbed);
      this.#tell(undefined, this.#grabbed, FLAGS);
    },
    range: () => this.#rangeChanges(),
    raise: (_, a, b) =>
      this.#raiseOwn(a % 2 ? abi.V4L2_EVENT_FRAME_SYNC : abi.V4L2_EVENT_PRIVATE_START, b & 0xff),
    subscribe: (client, a, b) => this.#subscribe(client, a, b & 3),
    unsubscribe: (client, a) => this.#unsubscribe(client, a),
    'unsubscribe all': (client, a) => a < 64 && this.#unsubscribe(client, undefined),
    dequeue: (client) => this.#dequeue(client),
    sleep: (client) => this.#sleep(client),
    'open again': (client, a) => a < 64 && this.#reopen(client),
  };

  /** One step of who is not asleep; false if nobody can make it. */
  step(name: StepName, who: number, a: number, b: number): boolean {
    const client = this.#clients[who % FILES] as Client;
    if (client.sleeper !== undefined && name !== 'grab' && name !== 'range' && name !== 'raise') return false;
    this.#steps[name](client, a, b);
    for (const each of this.#clients) this.#check(each);
    this.#checkValues();
    return true;
  }

  /** Who sleeps wakes with the first event and not before; PRI is shown while an event waits. */
  #check(client: Client): void {
    const { sleeper, model, file } = client;
    const { length } = model.waiting;
    if (sleeper !== undefined) {
      assert.equal(sleeper.thread.result, length > 0 ? 0 : undefined, 'DQEVENT');
      if (length > 0) {
        client.sleeper = undefined;
        this.#checkEvent(client, sleeper.event);
      }
    }
    assert.equal((file.poll(POLLPRI) & POLLPRI) !== 0, model.waiting.length > 0, 'PRI');
  }

  #checkValues(): void {
    for (const ctrl of this.#ctrls) {
      const { val } = ctrl.cur;
      assert.equal(val, this.#values.get(ctrl), ctrl.name);
      assert.ok(val >= Number(ctrl.minimum) && val <= Number(ctrl.maximum), `${ctrl.name} is ${val}`);
    }
  }
}
