/** A device with controls and events in a world that does what it likes: two programs with three open files, and a driver. */
import assert from 'node:assert/strict';
import * as abi from '../../src/abi/index.ts';
import { ENOENT } from '../../src/base/errno.ts';
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
import { CtrlRules, idOf } from './ctrl-rules.ts';
import { CLUSTER, CTRL_NAMES, CTRLS, type CtrlName, ROOM, reading, SKIPPED } from './ctrl-table.ts';

type Ctrl = V4l2Ctrl<CtrlWorld>;

const FILES = 3;

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

/** What can be subscribed: a control, or events of the driver's own. */
type Target = Pick<Told, 'type' | 'id'> & { readonly name?: CtrlName };

interface Client {
  readonly program: Program;
  file: ClientFile;
  model: ModelFile;
  /** A thread in VIDIOC_DQEVENT. */
  sleeper: { readonly thread: Thread; readonly event: abi.v4l2_event } | undefined;
}

const ops: V4l2CtrlOps<CtrlWorld> = {
  gVolatileCtrl({ handler: { drvdata }, cluster }) {
    (cluster[1] as Ctrl).val = reading(++drvdata.readings);
  },
  sCtrl: ({ id, handler }) => void handler.drvdata.setters.push(id),
};

const TYPES: Readonly<Partial<Record<CtrlName, number>>> = {
  menu: abi.V4L2_CTRL_TYPE_MENU,
  button: abi.V4L2_CTRL_TYPE_BUTTON,
};
const SETTABLE = ['plain', 'ranged', 'grabbed', ...CLUSTER] as const;
const GETTABLE = [...SETTABLE, 'automatic', 'manual'] as const;

export class CtrlWorld {
  readonly #hdl = new V4l2CtrlHandler<CtrlWorld>(this);
  readonly #ctrls = Object.fromEntries(CTRL_NAMES.map((name) => [name, this.#newCtrl(name)])) as Readonly<
    Record<CtrlName, Ctrl>
  >;
  readonly #rules = new CtrlRules<Client>((told, by) => this.#raise(by, told));
  readonly #targets: readonly Target[];
  readonly #vdev: VideoDevice<CtrlWorld>;
  readonly #clients: Client[];
  /** What the driver was called for: the masters of clusters; and how often it was asked for something volatile. */
  setters: number[] = [];
  readings = 0;

  constructor() {
    if (this.#hdl.error) throw this.#hdl.error;
    const { automatic, manual, first, second, third } = this.#ctrls;
    v4l2CtrlCluster([first, second, third]);
    v4l2CtrlAutoCluster([automatic, manual], 0, true);
    this.#hdl.setup();
    const driver = [abi.V4L2_EVENT_FRAME_SYNC, abi.V4L2_EVENT_PRIVATE_START].map((type) => ({ type, id: 0 }));
    this.#targets = [
      ...CTRL_NAMES.map((name) => ({ type: abi.V4L2_EVENT_CTRL, id: idOf(name), name })),
      ...driver,
    ];
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

  #newCtrl(name: CtrlName): Ctrl {
    const [min, max, step, def] = CTRLS[name];
    const items = name === 'menu' && { menuSkipMask: 1 << SKIPPED, qmenu: ['a', 'b', 'c', 'd'] };
    const type = TYPES[name] ?? abi.V4L2_CTRL_TYPE_INTEGER;
    return this.#hdl.newCustom({ ops, id: idOf(name), name, type, min, max, step, def, ...items });
  }

  #open(program: Program): Client {
    const file = program.open(this.#vdev, { nonblock: true });
    return { program, file, model: new ModelFile(), sleeper: undefined };
  }

  /** How many events have got no place of their own. */
  get missed(): number {
    return this.#clients.reduce((sum, { model }) => sum + model.missed, 0);
  }

  #raise(by: Client | undefined, told: Told): void {
    for (const client of this.#clients) client.model.raise(told, client === by);
  }

  /** S_CTRL: the value that was got, or the negative errno. */
  #sCtrl({ program, file }: Client, { id }: Ctrl, value: number): number {
    const control = program.make(abi.v4l2_control);
    control.id = id;
    control.value = value;
    const result = file.ioctl(abi.VIDIOC_S_CTRL, control);
    return result < 0 ? result : control.value;
  }

  #set(client: Client, name: CtrlName, value: number): void {
    const got = this.#sCtrl(client, this.#ctrls[name], value);
    const expected = this.#rules.set(client, name, value);
    assert.equal(got, 'errno' in expected ? -expected.errno : expected.value, name);
  }

  #setMany(client: Client, order: number, value: number): void {
    const orders = [
      ['third', 'first'],
      ['second', 'plain', 'first'],
      ['plain', 'third', 'second', 'first'],
      ['first', 'third'],
      ['third'],
      ['second', 'third', 'plain'],
    ] as const satisfies readonly (readonly CtrlName[])[];
    const names: readonly CtrlName[] = orders[order % orders.length] ?? [];
    const list = names.map((name, n) => [name, value + n] as const);
    const array = client.program.alloc(list.length * abi.v4l2_ext_control.size);
    array.bytes.fill(0);
    list.forEach(([name, value], n) => {
      const entry = abi.v4l2_ext_control.at(array.bytes, n * abi.v4l2_ext_control.size);
      entry.id = idOf(name);
      entry.value = value;
    });
    const ext = client.program.make(abi.v4l2_ext_controls);
    ext.count = list.length;
    ext.controls = array.address;
    this.setters = [];
    client.file.do(abi.VIDIOC_S_EXT_CTRLS, ext);
    const heads = this.#rules.setMany(client, list).map(idOf);
    assert.deepEqual(this.setters, heads, 'once for each cluster of which something changes');
  }

  #subscribe({ program, file, model }: Client, target: number, flags: number): void {
    const what = this.#targets[target % this.#targets.length] as Target;
    const sub = program.make(abi.v4l2_event_subscription);
    Object.assign(sub, { type: what.type, id: what.id, flags });
    file.do(abi.VIDIOC_SUBSCRIBE_EVENT, sub);
    const isCtrl = what.type === abi.V4L2_EVENT_CTRL;
    const feedback = (flags & abi.V4L2_EVENT_SUB_FL_ALLOW_FEEDBACK) !== 0;
    const isNew = model.subscribe(what, { feedback: feedback || !isCtrl, room: isCtrl ? 1 : ROOM });
    if (!isNew || !isCtrl || !(flags & abi.V4L2_EVENT_SUB_FL_SEND_INITIAL)) return;
    if (what.name !== undefined) model.raise(this.#rules.initial(what.name), false);
  }

  #unsubscribe({ program, file, model }: Client, target: number | undefined): void {
    const sub = program.make(abi.v4l2_event_subscription);
    const what = target === undefined ? undefined : this.#targets[target % this.#targets.length];
    Object.assign(sub, what === undefined ? { type: abi.V4L2_EVENT_ALL } : { type: what.type, id: what.id });
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

  #raiseOwn(type: number, byte: number): void {
    const event = abi.v4l2_event.make();
    event.type = type;
    event.u.data.set(0, byte);
    v4l2EventQueue(this.#vdev as VideoDevice, event);
    this.#raise(undefined, { type, id: 0, changes: 0, value: byte });
  }

  readonly #steps: Readonly<Record<StepName, (client: Client, a: number, b: number) => void>> = {
    set: (client, a, b) => this.#set(client, SETTABLE[a % SETTABLE.length] as CtrlName, (b % 300) - 100),
    'set a value that is no good': (client, a) => this.#set(client, 'menu', a % 2 === 0 ? SKIPPED : 4 + a),
    'set many': (client, a, b) => this.#setMany(client, a, (b % 150) - 25),
    'switch the automatic': (client, a) => this.#set(client, 'automatic', a % 2),
    'set the manual one': (client, _, b) => this.#set(client, 'manual', b),
    get: ({ program, file }, a) => {
      const name = GETTABLE[a % GETTABLE.length] as CtrlName;
      const control = program.make(abi.v4l2_control);
      control.id = idOf(name);
      file.do(abi.VIDIOC_G_CTRL, control);
      assert.equal(control.value, this.#rules.get(name), name);
    },
    press: (client) => this.#set(client, 'button', 1),
    grab: () => {
      this.#rules.grab();
      v4l2CtrlGrab(this.#ctrls.grabbed, this.#rules.isGrabbed);
    },
    range: () => {
      this.#rules.changeRange();
      v4l2CtrlModifyRange(this.#ctrls.ranged, ...this.#rules.range);
    },
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
    assert.equal(this.readings, this.#rules.readings, 'what is volatile is read as often as it is asked for');
    for (const name of GETTABLE) {
      const { val } = this.#ctrls[name].cur;
      const [min, max] = this.#rules.limitsOf(name);
      assert.equal(val, this.#rules.values[name], name);
      assert.ok(val >= min && val <= max, `${name} is ${val}`);
    }
  }
}
