/** A small graph behind /dev/mediaN: what programs are told of it, and each errno. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as abi from '../../src/abi/index.ts';
import { EBUSY, EFAULT, EINVAL, EIO, ENODEV, ENOSPC, ENOTTY, ENXIO, Errno } from '../../src/base/errno.ts';
import { VirtualClock } from '../../src/base/timers.ts';
import {
  MediaDevice,
  MediaDeviceRegistry,
  type MediaEntity,
  type MediaEntityOps,
  type MediaPad,
} from '../../src/media/index.ts';
import { BAD_ADDRESS, type ClientFile, Program } from '../../src/testing/in-process-client.ts';
import { Recorder, textOf } from '../../src/trace/index.ts';
import { VideoDevice, VideoDeviceRegistry } from '../../src/v4l2-core/index.ts';
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from '../../src/vfs/file.ts';
import '../support/driver-bugs.ts';

const { MEDIA_PAD_FL_SINK: SINK, MEDIA_PAD_FL_SOURCE: SOURCE } = abi;
const FIXED = abi.MEDIA_LNK_FL_ENABLED | abi.MEDIA_LNK_FL_IMMUTABLE;

const isErrno = (code: number) => (error: unknown) => error instanceof Errno && error.code === code;

/** Two sensors before a node: one is connected for good, the other can be. */
function graph(ops: { readonly sensor?: MediaEntityOps; readonly node?: MediaEntityOps } = {}) {
  const mdev = new MediaDevice({
    driver: 'test',
    model: 'A model',
    serial: '0815',
    busInfo: 'platform:test',
    hwRevision: 7,
  });
  const node = { major: 81, minor: 3 };
  const video = mdev.registerEntity({
    name: 'node',
    function: abi.MEDIA_ENT_F_IO_V4L,
    pads: [SINK],
    node,
    ops: ops.node ?? {},
  });
  mdev.createInterface(abi.MEDIA_INTF_T_V4L_VIDEO, node, video);
  const sensor = (name: string) =>
    mdev.registerEntity({
      name,
      function: abi.MEDIA_ENT_F_CAM_SENSOR,
      pads: [SOURCE],
      isSubdev: true,
      ops: ops.sensor ?? {},
    });
  const [fixed, free] = [sensor('fixed'), sensor('free')];
  mdev.createPadLink(fixed, 0, video, 0, FIXED);
  mdev.createPadLink(free, 0, video, 0, 0);
  return { mdev, video, fixed, free };
}

function opened(mdev: MediaDevice) {
  const registry = new MediaDeviceRegistry();
  registry.register(mdev);
  const program = new Program();
  return { registry, program, file: program.open(mdev) };
}

const setup = (program: Program, file: ClientFile, source: MediaEntity, sink: MediaEntity, flags: number) => {
  const link = program.make(abi.media_link_desc);
  link.source.entity = source.id;
  link.sink.entity = sink.id;
  link.flags = flags;
  return file.ioctl(abi.MEDIA_IOC_SETUP_LINK, link);
};

describe('a media device', () => {
  it('gives objects their numbers in the order in which they come, with their kind in the topmost byte', () => {
    const { mdev, video, fixed, free } = graph();
    assert.deepEqual(
      [video, fixed, free].map(({ id, pads }) => [id, pads[0]?.id]),
      [
        [1, 0x01000002],
        [5, 0x01000006],
        [7, 0x01000008],
      ],
    );
    // The way back of a link has a number too.
    assert.deepEqual(
      mdev.allLinks.map(({ id }) => id),
      [0x02000004, 0x02000009, 0x0200000b],
    );
  });

  it('refuses links between pads that are not there or lead the other way', () => {
    const { mdev, video, fixed } = graph();
    assert.throws(() => mdev.createPadLink(fixed, 1, video, 0, 0), isErrno(EINVAL));
    assert.throws(() => mdev.createPadLink(fixed, 0, video, 1, 0), isErrno(EINVAL));
    assert.throws(() => mdev.createPadLink(video, 0, fixed, 0, 0), isErrno(EINVAL));
    assert.throws(() => video.initPads([SINK]), isErrno(EINVAL));
  });

  it('says who it is in MEDIA_IOC_DEVICE_INFO', () => {
    const { program, file } = opened(graph().mdev);
    const info = abi.media_device_info.at(program.alloc(abi.media_device_info.size).bytes);
    file.do(abi.MEDIA_IOC_DEVICE_INFO, info);
    const { driver, model, serial, bus_info, hw_revision } = info;
    assert.deepEqual(
      [driver, model, serial, bus_info, hw_revision],
      ['test', 'A model', '0815', 'platform:test', 7],
    );
    assert.deepEqual([info.media_version, info.driver_version], [0x060100, 0x060100]);
    assert.ok(Array.from({ length: 31 }, (_, i) => info.reserved.get(i)).every((each) => each === 0));
  });

  it('names its entities one after the other', () => {
    const { mdev, fixed } = graph();
    const { program, file } = opened(mdev);
    const desc = program.make(abi.media_entity_desc);
    const seen: unknown[] = [];
    desc.id = abi.MEDIA_ENT_ID_FLAG_NEXT;
    while (file.ioctl(abi.MEDIA_IOC_ENUM_ENTITIES, desc) === 0) {
      const { id, name, type, pads, links, dev } = desc;
      seen.push([id, name, type, pads, links, dev.major, dev.minor]);
      desc.id = (desc.id | abi.MEDIA_ENT_ID_FLAG_NEXT) >>> 0;
    }
    assert.deepEqual(seen, [
      [1, 'node', abi.MEDIA_ENT_F_IO_V4L, 1, 0, 81, 3],
      [5, 'fixed', abi.MEDIA_ENT_F_CAM_SENSOR, 1, 1, 0, 0],
      [7, 'free', abi.MEDIA_ENT_F_CAM_SENSOR, 1, 1, 0, 0],
    ]);
    desc.id = fixed.id;
    file.do(abi.MEDIA_IOC_ENUM_ENTITIES, desc);
    assert.equal(desc.name, 'fixed');
    desc.id = 2;
    assert.equal(file.ioctl(abi.MEDIA_IOC_ENUM_ENTITIES, desc), -EINVAL);
  });

  it('maps new functions to those that old programs know', () => {
    const mdev = new MediaDevice({ driver: 'test', model: 'test', busInfo: 'platform:test' });
    const scaler = { name: 'scaler', function: abi.MEDIA_ENT_F_PROC_VIDEO_SCALER };
    mdev.registerEntity({ ...scaler, isSubdev: true });
    mdev.registerEntity(scaler);
    const { program, file } = opened(mdev);
    const desc = program.make(abi.media_entity_desc);
    const types = [1, 2].map((id) => {
      desc.id = id;
      file.do(abi.MEDIA_IOC_ENUM_ENTITIES, desc);
      return desc.type;
    });
    assert.deepEqual(types, [abi.MEDIA_ENT_F_V4L2_SUBDEV_UNKNOWN, abi.MEDIA_ENT_T_DEVNODE_UNKNOWN]);
  });

  it('tells the pads of an entity, and the links that lead away from it', () => {
    const { mdev, video, free } = graph();
    const { program, file } = opened(mdev);
    const pad = program.make(abi.media_pad_desc);
    const link = program.make(abi.media_link_desc);
    const links = program.make(abi.media_links_enum);
    links.entity = free.id;
    links.pads = program.addressOf(pad);
    links.links = program.addressOf(link);
    links.reserved.set(3, 9);
    file.do(abi.MEDIA_IOC_ENUM_LINKS, links);
    assert.deepEqual([pad.entity, pad.index, pad.flags], [free.id, 0, SOURCE]);
    assert.deepEqual([link.source.entity, link.sink.entity, link.flags], [free.id, video.id, 0]);
    assert.equal(links.reserved.get(3), 0);
    links.links = BAD_ADDRESS;
    assert.equal(file.ioctl(abi.MEDIA_IOC_ENUM_LINKS, links), -EFAULT);
    links.entity = 99;
    assert.equal(file.ioctl(abi.MEDIA_IOC_ENUM_LINKS, links), -EINVAL);
  });

  it('answers EFAULT for an argument that is out of reach, and ENOTTY for what is no ioctl of its', () => {
    const { file } = opened(graph().mdev);
    for (const cmd of [
      abi.MEDIA_IOC_DEVICE_INFO,
      abi.MEDIA_IOC_ENUM_ENTITIES,
      abi.MEDIA_IOC_ENUM_LINKS,
      abi.MEDIA_IOC_SETUP_LINK,
      abi.MEDIA_IOC_G_TOPOLOGY,
    ])
      assert.equal(file.ioctl(cmd, BAD_ADDRESS), -EFAULT);
    for (const cmd of [abi.MEDIA_IOC_REQUEST_ALLOC, abi.MEDIA_REQUEST_IOC_QUEUE, abi.VIDIOC_QUERYCAP])
      assert.equal(file.ioctl(cmd, BAD_ADDRESS), -ENOTTY);
  });

  it('has nothing to read, to write or to map, and is always ready', () => {
    const { program, file } = opened(graph().mdev);
    const { address } = program.alloc(8);
    assert.equal(file.read(address, 8).result, -EINVAL);
    assert.equal(file.write(address, 8).result, -EINVAL);
    assert.throws(() => file.mmap(0, 4096), isErrno(ENODEV));
    assert.equal(file.poll(POLLIN), POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM);
  });

  it('answers EIO when it has gone, and is not opened any more', () => {
    const { mdev } = graph();
    const { registry, program, file } = opened(mdev);
    let woken = 0;
    file.file.pollWait.add(() => woken++);
    registry.unregister(mdev);
    assert.equal(woken, 1);
    assert.equal(file.ioctl(abi.MEDIA_IOC_DEVICE_INFO, BAD_ADDRESS), -EIO);
    assert.equal(file.ioctl(abi.VIDIOC_QUERYCAP, BAD_ADDRESS), -EIO);
    assert.equal(file.poll(POLLIN), POLLERR | POLLHUP);
    assert.throws(() => program.open(mdev), isErrno(ENXIO));
  });

  it('keeps its number until the last close', () => {
    const { registry, program, file } = opened(graph().mdev);
    const [gone] = registry.devices as [MediaDevice];
    registry.unregister(gone);
    const [second, third, fourth] = [graph().mdev, graph().mdev, graph().mdev];
    registry.register(second);
    file.close();
    registry.register(third);
    assert.deepEqual([second.name, third.name], ['media1', 'media0']);
    assert.throws(() => registry.register(third), isErrno(EBUSY));
    // Who takes its place gets it at once.
    program.open(third);
    registry.replace(third, fourth);
    assert.equal(fourth.name, 'media0');
  });
});

describe('MEDIA_IOC_G_TOPOLOGY', () => {
  /** The whole graph, as a program asks for it with so much room for each kind. */
  function asked(room: { readonly [K in 'entities' | 'interfaces' | 'pads' | 'links']: number }) {
    const { program, file } = opened(graph().mdev);
    const topology = program.make(abi.media_v2_topology);
    const arrays = {
      entities: program.alloc(room.entities * abi.media_v2_entity.size),
      interfaces: program.alloc(room.interfaces * abi.media_v2_interface.size),
      pads: program.alloc(room.pads * abi.media_v2_pad.size),
      links: program.alloc(room.links * abi.media_v2_link.size),
    };
    for (const kind of ['entities', 'interfaces', 'pads', 'links'] as const) {
      topology[`num_${kind}`] = room[kind];
      topology[`ptr_${kind}`] = arrays[kind].address;
    }
    return { topology, arrays, file };
  }

  const ALL = { entities: 3, interfaces: 1, pads: 3, links: 3 };
  const counts = ({ num_entities, num_interfaces, num_pads, num_links }: abi.media_v2_topology) => [
    num_entities,
    num_interfaces,
    num_pads,
    num_links,
  ];

  it('counts what there is when it is given no arrays', () => {
    const { program, file } = opened(graph().mdev);
    const topology = program.make(abi.media_v2_topology);
    topology.reserved2 = 5;
    file.do(abi.MEDIA_IOC_G_TOPOLOGY, topology);
    assert.deepEqual(counts(topology), [3, 1, 3, 3]);
    assert.deepEqual([topology.topology_version, topology.reserved2], [0, 0]);
  });

  it('puts everything into arrays that have room for it, with nothing left of what they held', () => {
    const { topology, arrays, file } = asked({ ...ALL, entities: 4 });
    file.do(abi.MEDIA_IOC_G_TOPOLOGY, topology);
    assert.deepEqual(counts(topology), [3, 1, 3, 3]);
    const entity = abi.media_v2_entity.at(arrays.entities.bytes, abi.media_v2_entity.size);
    assert.deepEqual(
      [entity.id, entity.name, entity.function, entity.reserved.get(4)],
      [5, 'fixed', abi.MEDIA_ENT_F_CAM_SENSOR, 0],
    );
    assert.equal(arrays.entities.bytes.at(-1), 0xa5);
    const { id, intf_type, devnode } = abi.media_v2_interface.at(arrays.interfaces.bytes);
    assert.deepEqual([id, intf_type, devnode.major, devnode.minor], [0x03000003, 0x200, 81, 3]);
    const pad = abi.media_v2_pad.at(arrays.pads.bytes, abi.media_v2_pad.size);
    assert.deepEqual([pad.id, pad.entity_id, pad.flags, pad.index], [0x01000006, 5, SOURCE, 0]);
    const links = [0, 1, 2].map((i) => abi.media_v2_link.at(arrays.links.bytes, i * abi.media_v2_link.size));
    assert.deepEqual(
      links.map(({ source_id, sink_id, flags }) => [source_id, sink_id, flags]),
      [
        [0x03000003, 1, FIXED | abi.MEDIA_LNK_FL_INTERFACE_LINK],
        [0x01000006, 0x01000002, FIXED],
        [0x01000008, 0x01000002, 0],
      ],
    );
  });

  for (const kind of ['entities', 'interfaces', 'pads', 'links'] as const)
    it(`answers ENOSPC when ${kind} have not enough room, and tells no counts`, () => {
      const { topology, file } = asked({ ...ALL, [kind]: ALL[kind] - 1 });
      const before = counts(topology);
      assert.equal(file.ioctl(abi.MEDIA_IOC_G_TOPOLOGY, topology), -ENOSPC);
      assert.deepEqual(counts(topology), before);
    });

  it('answers EFAULT for an array that is out of reach', () => {
    const { topology, file } = asked(ALL);
    topology.ptr_links = BAD_ADDRESS;
    assert.equal(file.ioctl(abi.MEDIA_IOC_G_TOPOLOGY, topology), -EFAULT);
  });

  it('has another version when the graph has changed since the device was registered', () => {
    const { mdev } = graph();
    const { program, file } = opened(mdev);
    mdev.registerEntity({ name: 'late', function: abi.MEDIA_ENT_F_LENS });
    const topology = program.make(abi.media_v2_topology);
    file.do(abi.MEDIA_IOC_G_TOPOLOGY, topology);
    assert.deepEqual([topology.topology_version, topology.num_entities], [1, 4]);
  });
});

describe('MEDIA_IOC_SETUP_LINK', () => {
  it('enables and disables a link that is not immutable', () => {
    const { mdev, video, free } = graph();
    const { program, file } = opened(mdev);
    assert.equal(setup(program, file, free, video, abi.MEDIA_LNK_FL_ENABLED), 0);
    assert.equal(free.links[0]?.flags, abi.MEDIA_LNK_FL_ENABLED);
    assert.equal(setup(program, file, free, video, 0), 0);
    assert.equal(free.links[0]?.flags, 0);
  });

  it('answers EINVAL for an immutable link unless nothing changes, other flags, and links that are not there', () => {
    const { mdev, video, fixed, free } = graph();
    const { program, file } = opened(mdev);
    assert.equal(setup(program, file, fixed, video, FIXED), 0);
    assert.equal(setup(program, file, fixed, video, abi.MEDIA_LNK_FL_IMMUTABLE), -EINVAL);
    assert.equal(setup(program, file, free, video, abi.MEDIA_LNK_FL_DYNAMIC), -EINVAL);
    assert.equal(setup(program, file, free, fixed, 0), -EINVAL);
    assert.equal(setup(program, file, video, free, 0), -EINVAL);
    const link = program.make(abi.media_link_desc);
    link.source.entity = 99;
    assert.equal(file.ioctl(abi.MEDIA_IOC_SETUP_LINK, link), -EINVAL);
  });

  it('asks both ends, and tells the source what stays when the sink refuses', () => {
    const heard: unknown[] = [];
    const tell = (who: string) => (local: MediaPad, remote: MediaPad, flags: number) =>
      heard.push([who, local.entity.name, remote.entity.name, flags]);
    const refuse = () => {
      throw new Errno(EBUSY, 'frames pass');
    };
    const { mdev, video, free } = graph({
      sensor: { linkSetup: tell('source') },
      node: { linkSetup: refuse },
    });
    const { program, file } = opened(mdev);
    assert.equal(setup(program, file, free, video, abi.MEDIA_LNK_FL_ENABLED), -EBUSY);
    assert.deepEqual(heard, [
      ['source', 'free', 'node', 1],
      ['source', 'free', 'node', 0],
    ]);
    assert.equal(free.links[0]?.flags, 0);
  });

  it('may not be made again when its answer did not arrive', () => {
    const { mdev } = graph();
    const { file } = opened(mdev);
    assert.equal(mdev.fops.undelivered(file.file, abi.MEDIA_IOC_SETUP_LINK), false);
    assert.equal(mdev.fops.undelivered(file.file, abi.MEDIA_IOC_G_TOPOLOGY), true);
  });
});

describe('a video device with a media device', () => {
  it('is an entity with an interface that has its numbers, and lies beside it in sysfs', () => {
    const mdev = new MediaDevice({ driver: 'test', model: 'test', busInfo: 'platform:test' });
    const vdev = new VideoDevice({
      name: 'a node',
      deviceCaps: abi.V4L2_CAP_VIDEO_CAPTURE,
      ioctlOps: {},
      fops: {},
      mdev,
      drvdata: undefined,
    });
    new VideoDeviceRegistry(new VirtualClock()).register(vdev, 5);
    assert.equal(vdev.entity?.name, 'a node');
    assert.equal(vdev.parent?.path, '/sys/devices/platform/test');
    assert.equal(vdev.parent, mdev.parent);
    const { program, file } = opened(mdev);
    const desc = program.make(abi.media_entity_desc);
    desc.id = vdev.entity.id;
    file.do(abi.MEDIA_IOC_ENUM_ENTITIES, desc);
    assert.deepEqual([desc.type, desc.dev.major, desc.dev.minor], [abi.MEDIA_ENT_F_IO_V4L, 81, 5]);
  });
});

describe('a record of what goes on', () => {
  it('has the ioctls of a media device by their names', () => {
    const clock = new VirtualClock();
    const recorder = new Recorder(clock, ['ioctl']);
    const { program, file } = opened(graph().mdev);
    const desc = program.make(abi.media_entity_desc);
    desc.id = 1;
    file.do(abi.MEDIA_IOC_ENUM_ENTITIES, desc);
    desc.id = 99;
    file.ioctl(abi.MEDIA_IOC_ENUM_ENTITIES, desc);
    file.ioctl(abi.MEDIA_REQUEST_IOC_QUEUE);
    const [found = '', missing = '', unknown = ''] = recorder.take().map(textOf);
    recorder.stop();
    assert.match(found, /media0: MEDIA_IOC_ENUM_ENTITIES \{id=0x1,.*name="node".* = 0 /);
    assert.match(missing, /MEDIA_IOC_ENUM_ENTITIES \{.*\} = -1 EINVAL /);
    assert.match(unknown, /ioctl 0x7c80 0x0 = -1 ENOTTY /);
  });
});
