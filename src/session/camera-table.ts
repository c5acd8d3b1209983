/** The cameras that there are, by their descriptions: they come and go while programs run. */
import { readFileSync } from 'node:fs';
import { EEXIST, ENODEV, Errno } from '../base/errno.ts';
import { prWarn } from '../base/log.ts';
import type { Clock } from '../base/timers.ts';
import {
  CameraSpecError,
  type CameraSteering,
  type DriverModule,
  type SteeredDevices,
} from '../drivers/index.ts';
import { memfdPages } from '../memory/memfd.ts';
import { threadProducers } from '../producers/thread-producers.ts';
import type { VideoDevice } from '../v4l2-core/index.ts';
import type { DeviceTable } from '../vfs/device-table.ts';
import { CameraNodes, type FirstNodes, mediaOf } from './camera-nodes.ts';
import { steer } from './camera-steering.ts';
import { driverWord, isDriverFile } from './camera-words.ts';
import { makeCamera } from './cameras.ts';
import { CameraDrivers } from './driver-files.ts';
import type { CameraInfo } from './protocol.ts';
import { cameraShownBy, SharedCameras } from './shared-cameras.ts';

/** A camera of the table. */
export interface Camera {
  spec: string;
  /** See {@link CameraSurroundings}. */
  readonly instance: number;
  /** Its devices; those that it had while it is unplugged. */
  devices: readonly VideoDevice[];
  steering: CameraSteering;
  isPlugged: boolean;
  /** What it was asked to show; undefined if that is what its description says. */
  shown?: string | undefined;
}

/** How a camera is to be. */
export interface Wanted {
  readonly spec: string;
  /** The camera that is to be so; undefined for another one. */
  readonly instead?: Camera | undefined;
  /** Where it is described, for whoever reads why it cannot be. */
  readonly where?: string | undefined;
}

const DEV = '/dev/';
export const nodesOf = (devices: readonly VideoDevice[]): readonly string[] =>
  devices.map(({ name }) => `${DEV}${name}`);

function freeInstance(cameras: readonly Camera[]): number {
  const taken = new Set(cameras.map(({ instance }) => instance));
  let instance = 0;
  while (taken.has(instance)) instance++;
  return instance;
}

/** For drivers whose settings name files. */
function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** What is said of a mistake says where it is. */
function located<T>(where: string | undefined, call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (where === undefined || !(error instanceof CameraSpecError || error instanceof Errno)) throw error;
    const text = error instanceof Errno ? error.reason || String(error) : error.message;
    throw new CameraSpecError(`${where}: ${text}`);
  }
}

export class CameraTable {
  /** Their devices, for whoever brings calls to them. */
  readonly devices: DeviceTable;
  readonly #places: CameraNodes;
  readonly #clock: Clock;
  readonly #shared: SharedCameras;
  readonly #cameras: Camera[] = [];
  #drivers = new CameraDrivers();

  /** The first nodes that are given are those of the numbers `first`. `isSteered`: somebody may change what cameras show. */
  constructor(clock: Clock, first: FirstNodes, isSteered = false) {
    this.#clock = clock;
    this.#places = new CameraNodes(clock, first);
    this.devices = this.#places.table;
    this.#shared = new SharedCameras(threadProducers(isSteered), (node) =>
      this.#cameras.find((camera) => camera.isPlugged && nodesOf(camera.devices).includes(node)),
    );
    this.devices.listen({
      added: () => {},
      removed: ({ name }) => this.#shared.removed(`${DEV}${name}`),
    });
  }

  get all(): readonly CameraInfo[] {
    const plugged = this.#cameras.filter(({ isPlugged }) => isPlugged);
    return plugged.map(({ spec, devices }) => ({ spec, nodes: nodesOf(devices) }));
  }

  /** All cameras, those that are unplugged too, as `look` sees them. */
  map<T>(look: (camera: Readonly<Camera>) => T): T[] {
    return this.#cameras.map(look);
  }

  /** Those that {@link add} and {@link rearrange} make cameras with. */
  get drivers(): CameraDrivers {
    return this.#drivers;
  }

  has(camera: Camera): boolean {
    return this.#cameras.includes(camera);
  }

  /** The file that the driver of `spec` must be loaded from before {@link add}; undefined if other cameras have it already. */
  missingFile(spec: string): string | undefined {
    const word = driverWord(spec);
    const isUsed = this.#cameras.some((camera) => driverWord(camera.spec) === word);
    return isDriverFile(word) && !isUsed ? word : undefined;
  }

  /** `module`, which came from `file`, makes the cameras that name this file from now on. */
  setDriver(file: string, module: DriverModule): void {
    this.#drivers = this.#drivers.with(file, module);
  }

  /** Plugs in the camera that `spec` describes; gives its nodes. Throws CameraSpecError or Errno, and nothing has changed. */
  add(spec: string): readonly string[] {
    return this.rearrange([{ spec }], []).flatMap(({ devices }) => nodesOf(devices));
  }

  /**
   * Plugs in cameras, makes others anew under their numbers, and unplugs `gone`: all are made before the first one goes.
   * Gives those that were `wanted`. Throws CameraSpecError or Errno if one of them cannot be made, and nothing has changed.
   */
  rearrange(wanted: readonly Wanted[], gone: readonly Camera[]): readonly Camera[] {
    const all = [...this.#cameras];
    const prepared = wanted.map(({ spec, instead, where }) => {
      const camera = instead ?? {
        spec,
        instance: freeInstance(all),
        devices: [],
        steering: {},
        isPlugged: true,
      };
      all.push(camera);
      return { camera, spec, made: located(where, () => this.#make(camera, this.#drivers, spec)) };
    });
    for (const camera of gone) this.#remove(camera);
    for (const { camera, spec, made } of prepared) this.#put(camera, spec, made);
    return prepared.map(({ camera }) => camera);
  }

  /** One that is unplugged stays so. */
  #put(camera: Camera, spec: string, made: SteeredDevices): void {
    if (!this.has(camera)) {
      this.#plug(camera, made);
      this.#cameras.push(camera);
    } else if (camera.isPlugged) this.#replace(camera, made);
    camera.spec = spec;
    camera.shown = undefined;
    this.#shared.changed();
  }

  #remove(camera: Camera): void {
    if (camera.isPlugged) this.#unplug(camera);
    this.#cameras.splice(this.#cameras.indexOf(camera), 1);
  }

  /** Unplugs the camera that has the node of this name, with all its nodes. Throws ENODEV if there is none. */
  remove(node: string): void {
    this.#remove(this.#with(node));
  }

  /** Unplugs the camera that has the node of this name, to be plugged in again. Throws ENODEV if there is none. */
  unplug(node: string): void {
    const camera = this.#with(node);
    if (!camera.isPlugged) throw new Errno(ENODEV, `${node} is unplugged already`);
    this.#unplug(camera);
    camera.isPlugged = false;
  }

  /** Plugs it in again, under its numbers if they are free; gives its nodes. Throws ENODEV, EEXIST, or as {@link add}. */
  plug(node: string): readonly string[] {
    const camera = this.#with(node);
    if (camera.isPlugged) throw new Errno(EEXIST, `${node} is plugged in already`);
    const made = this.#make(camera, this.#drivers);
    this.#replace(camera, made);
    camera.isPlugged = true;
    this.#shared.changed();
    return nodesOf(camera.devices);
  }

  /** The devices of the camera that has the node of this name. Throws ENODEV if there is none. */
  devicesOf(node: string): readonly VideoDevice[] {
    return this.#plugged(node).devices;
  }

  /**
   * Shows something else on it, which stays when it is unplugged and plugged in again. Throws ENODEV if there is no such camera,
   * EINVAL, CameraSpecError.
   */
  show(node: string, source: string): void {
    const camera = this.#plugged(node);
    const shown = cameraShownBy(source);
    // In a description it may come later; who asks now means one that there is.
    if (shown !== undefined) this.#with(shown);
    steer(camera.steering, node, 'show', source);
    camera.shown = source;
    this.#shared.changed();
  }

  /** What can be changed from outside at the camera that has the node of this name. Throws ENODEV if there is none. */
  steeringOf(node: string): CameraSteering {
    return this.#plugged(node).steering;
  }

  /** Tells that the camera that has the node of this name has changed. Throws ENODEV if there is none. */
  change(node: string): void {
    for (const device of this.#with(node).devices) this.devices.change(device);
  }

  #plugged(node: string): Camera {
    const camera = this.#with(node);
    if (!camera.isPlugged) throw new Errno(ENODEV, `${node} is unplugged; plug it in first`);
    return camera;
  }

  /** One that is plugged in goes before one that had the number once. */
  #with(node: string): Camera {
    const name = node.startsWith(DEV) ? node.slice(DEV.length) : node;
    const has = ({ devices }: Camera) =>
      [...devices, ...mediaOf(devices)].some((device) => device.name === name);
    const camera =
      this.#cameras.find((each) => each.isPlugged && has(each)) ?? this.#cameras.find((each) => has(each));
    if (camera === undefined)
      throw new Errno(ENODEV, `there is no camera ${node}; there are ${this.#nodes() || 'none'}`);
    return camera;
  }

  /**
   * Makes the cameras of `file` anew with `module`, and replugs them under their numbers: who has one open finds it
   * unplugged. Throws CameraSpecError or Errno if one of them cannot be made, and nothing has changed.
   */
  replug(file: string, module: DriverModule): readonly string[] {
    const drivers = this.#drivers.with(file, module);
    const cameras = this.#cameras.filter(({ spec }) => driverWord(spec) === file);
    const made = cameras.map((camera) => this.#make(camera, drivers));
    this.#drivers = drivers;
    for (const [i, camera] of cameras.entries()) this.#replace(camera, made[i] as SteeredDevices);
    this.#shared.changed();
    return cameras.flatMap(({ devices }) => nodesOf(devices));
  }

  #make(camera: Camera, drivers: CameraDrivers, spec = camera.spec): SteeredDevices {
    const surroundings = {
      clock: this.#clock,
      pages: memfdPages,
      producers: this.#shared.hostOf(camera),
      readText,
      instance: camera.instance,
    };
    const made = makeCamera(spec, drivers, surroundings);
    if (camera.shown !== undefined && spec === camera.spec) this.#showAgain(camera, made);
    return made;
  }

  /** It shows what it showed, if that is still there. */
  #showAgain(camera: Camera, { steering }: SteeredDevices): void {
    try {
      if (camera.shown !== undefined) steering.show?.(camera.shown);
    } catch (error) {
      if (!(error instanceof CameraSpecError)) throw error;
      camera.shown = undefined;
      prWarn(`${nodesOf(camera.devices).join(' ')} shows what its description says again: ${error.message}`);
    }
  }

  #plug(camera: Camera, { devices, steering }: SteeredDevices): void {
    camera.devices = devices;
    camera.steering = steering;
    try {
      this.#places.plug(devices);
      steering.begin?.();
    } catch (error) {
      this.#unplug(camera);
      throw error;
    }
  }

  #unplug({ devices, steering }: Camera): void {
    this.#places.unplug(devices);
    steering.end?.();
  }

  #replace(camera: Camera, { devices, steering }: SteeredDevices): void {
    const before = camera.devices;
    this.#places.hide(before);
    camera.steering.end?.();
    camera.devices = devices;
    camera.steering = steering;
    this.#places.replug(before, devices);
    steering.begin?.();
  }

  #nodes(): string {
    return this.#cameras.flatMap(({ devices }) => nodesOf(devices)).join(', ');
  }
}
