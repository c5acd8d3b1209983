/** MEDIA_IOC_G_TOPOLOGY: the whole graph at once. */
import * as abi from '../abi/index.ts';
import { ENOSPC, Errno } from '../base/errno.ts';
import type { Caller } from '../vfs/file.ts';
import { writeArray } from './arrays.ts';
import type { MediaDevice } from './media-device.ts';

type Topology = abi.media_v2_topology;
type Kind = 'entities' | 'interfaces' | 'pads' | 'links';

/** Puts one kind of objects into the program's array, and how many there are into `topology`. ENOSPC if they have no room. */
type Part = (mdev: MediaDevice, topology: Topology, caller: Caller) => void;

function part<F extends abi.Fields, T>(
  kind: Kind,
  reserved: `reserved${1 | 2 | 3 | 4}`,
  layout: abi.Layout<F>,
  objectsOf: (mdev: MediaDevice) => readonly T[],
  fill: (view: abi.ViewOf<F>, object: T) => void,
): Part {
  return (mdev, topology, caller) => {
    const objects = objectsOf(mdev);
    const room = topology[`num_${kind}`];
    const address = topology[`ptr_${kind}`];
    writeArray(caller, address, layout, objects.slice(0, room), fill);
    if (address !== 0 && objects.length > room)
      throw new Errno(ENOSPC, `there are ${objects.length} ${kind}, and room for ${room}`);
    topology[`num_${kind}`] = objects.length;
    topology[reserved] = 0;
  };
}

const parts: readonly Part[] = [
  part(
    'entities',
    'reserved1',
    abi.media_v2_entity,
    ({ entities }) => entities,
    (view, entity) => {
      view.id = entity.id;
      view.name = entity.name;
      view.function = entity.function;
      view.flags = entity.flags;
    },
  ),
  part(
    'interfaces',
    'reserved2',
    abi.media_v2_interface,
    ({ interfaces }) => interfaces,
    (view, { id, type, flags, node }) => {
      view.id = id;
      view.intf_type = type;
      view.flags = flags;
      view.devnode.major = node.major;
      view.devnode.minor = node.minor;
    },
  ),
  part(
    'pads',
    'reserved3',
    abi.media_v2_pad,
    ({ pads }) => pads,
    (view, { id, entity, flags, index }) => {
      view.id = id;
      view.entity_id = entity.id;
      view.flags = flags;
      view.index = index;
    },
  ),
  part(
    'links',
    'reserved4',
    abi.media_v2_link,
    ({ allLinks }) => allLinks,
    (view, { id, source, sink, flags }) => {
      view.id = id;
      view.source_id = source.id;
      view.sink_id = sink.id;
      view.flags = flags;
    },
  ),
];

/**
 * Arrays whose address is 0 are left out, but counted. What was written before one of them turned out to be too small stays
 * there, and the counts are not told.
 *
 * @kernel media_device_get_topology
 */
export function getTopology(mdev: MediaDevice, topology: Topology, caller: Caller): void {
  topology.topology_version = mdev.topologyVersion;
  for (const put of parts) put(mdev, topology, caller);
}
