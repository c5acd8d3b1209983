/** What dma-contig and dma-sg have in common: memory for the CPU that a device reaches at addresses of its own. */
import { driverBug } from '../base/bug.ts';
import { NO_BYTES } from '../base/bytes.ts';
import { plainAddress } from '../linux/user-address.ts';
import type { AllocatedMemory } from './allocated.ts';
import * as cpu from './cpu-memory.ts';
import type { ImportedMemory } from './dmabuf.ts';
import type { PlaneCookie, Vb2MemOps } from './mem-ops.ts';
import type { PageAllocator } from './pages.ts';
import type { UserptrMemory } from './userptr.ts';

/** The device's side of one plane, from mapping to release. */
export interface DeviceMapping {
  cookie(): PlaneCookie;
  release(): void;
}

/** How a back end shows memory to its device. */
export interface DeviceMapper {
  /** Memory that is ours, or that was imported. Throws ENOMEM, or EFAULT for memory that the device cannot reach. */
  map(target: { readonly bytes: Uint8Array }, length: number): DeviceMapping;
  /** Memory of a program at `address`. Throws EINVAL or EFAULT. */
  mapUserptr(target: { readonly bytes: Uint8Array }, length: number, address: number): DeviceMapping;
}

/** A plane: memory for the CPU, and its mapping for the device while there is one. */
export class DmaMemory {
  readonly length: number;
  /** The bytes; undefined only before alloc() has them. */
  cpu: cpu.CpuMemory | undefined = undefined;
  device: DeviceMapping | undefined = undefined;

  constructor(length: number) {
    this.length = length;
  }

  get bytes(): Uint8Array {
    return this.cpu?.bytes ?? NO_BYTES;
  }

  get allocated(): AllocatedMemory {
    return this.cpu as AllocatedMemory;
  }

  get pinned(): UserptrMemory {
    return this.cpu as UserptrMemory;
  }

  get imported(): ImportedMemory {
    return this.cpu as ImportedMemory;
  }

  releaseDevice(): void {
    if (this.device === undefined) driverBug('a plane is taken from its device twice');
    this.device?.release();
    this.device = undefined;
  }
}

/** Runs `body`; if it throws, `undo` runs first. */
function orUndo(body: () => void, undo: () => void): void {
  try {
    body();
  } catch (error) {
    undo();
    throw error;
  }
}

function allocate(device: DeviceMapper, pages: PageAllocator): NonNullable<Vb2MemOps<DmaMemory>['alloc']> {
  return (length, cookie, direction) => {
    const memory = new DmaMemory(length);
    memory.device = device.map(memory, length);
    // Programs may keep the memory mapped for longer than the framework: the device's addresses go with it.
    const onFree = () => memory.releaseDevice();
    orUndo(() => {
      memory.cpu = cpu.allocate(pages, length, cookie, direction, onFree);
    }, onFree);
    return memory;
  };
}

function getUserptr(device: DeviceMapper): NonNullable<Vb2MemOps<DmaMemory>['getUserptr']> {
  return (user, address, length, direction) => {
    const memory = new DmaMemory(length);
    memory.cpu = cpu.pin(user, address, length, direction);
    orUndo(
      () => {
        memory.device = device.mapUserptr(memory, length, plainAddress(address));
      },
      () => memory.pinned.release(),
    );
    return memory;
  };
}

function dmabufOps(device: DeviceMapper, pages: PageAllocator): Vb2MemOps<DmaMemory> {
  if (pages.dmabuf === undefined) return {};
  return {
    ...cpu.descriptorOps(pages),
    attachDmabuf(fd, length, direction) {
      const memory = new DmaMemory(length);
      memory.cpu = cpu.attach(pages, fd, length, direction);
      return memory;
    },
    detachDmabuf: (memory) => memory.imported.detach(),
    mapDmabuf(memory) {
      memory.imported.map();
      orUndo(
        () => {
          memory.device = device.map(memory, memory.length);
        },
        () => memory.imported.unmap(),
      );
    },
    unmapDmabuf(memory) {
      memory.releaseDevice();
      memory.imported.unmap();
    },
    getDmabuf: (memory, flags) => cpu.exportMemory(memory.cpu as cpu.CpuMemory, flags),
  };
}

/** The table of a back end whose device sees memory through `device`. */
export function dmaMemOps(device: DeviceMapper, pages: PageAllocator): Vb2MemOps<DmaMemory> {
  return {
    alloc: allocate(device, pages),
    put: (memory) => memory.allocated.put(),
    vaddr: (memory) => memory.bytes,
    cookie: (memory) => memory.device?.cookie() ?? [],
    numUsers: (memory) => memory.cpu?.numUsers ?? 0,
    mmap: (memory) => memory.allocated.map(),
    getUserptr: getUserptr(device),
    putUserptr(memory) {
      memory.releaseDevice();
      memory.pinned.release();
    },
    prepare: (memory, used) => memory.cpu?.prepare(used),
    finish: (memory, written) => memory.cpu?.finish(written),
    ...dmabufOps(device, pages),
  };
}
