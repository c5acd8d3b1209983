/** `usercam profile /dev/video0`: writes down what a camera is, so that webcam,profile=FILE can be one. */
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import * as abi from '../abi/index.ts';
import {
  isWebcamFormat,
  type ProfileControl,
  type ProfileFormat,
  type ProfileSize,
  type WebcamProfile,
} from '../drivers/index.ts';
import { ioctl } from '../linux/libc.ts';
import { addressOf, allocateNative } from '../linux/native-memory.ts';
import { formatInfo } from '../pixel/index.ts';

/** It cannot be; the message is a sentence. */
export class ProfileError extends Error {}

const STRUCT_ROOM = 4096;
const CAPTURE = abi.V4L2_BUF_TYPE_VIDEO_CAPTURE;

/** Structs for the kernel. */
class Camera {
  readonly #fd: number;
  readonly #memory = allocateNative(STRUCT_ROOM);

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** A struct of zeros; the one before is gone. */
  make<V>(layout: { at(bytes: Uint8Array, offset?: number): V }): V {
    this.#memory.bytes.fill(0);
    return layout.at(this.#memory.bytes);
  }

  /** True if the camera answers; then the struct has what. */
  ask(cmd: number): boolean {
    return ioctl(this.#fd, cmd, addressOf(this.#memory.bytes) as number) >= 0;
  }

  /** Asks for entry after entry. */
  *all<V>(cmd: number, layout: { at(bytes: Uint8Array): V }, fill: (view: V, index: number) => void) {
    for (let index = 0; ; index++) {
      const view = this.make(layout);
      fill(view, index);
      if (!this.ask(cmd)) return;
      yield view;
    }
  }
}

const rateOf = ({ numerator, denominator }: { numerator: number; denominator: number }): number | string => {
  const rate = denominator / numerator;
  return Number.isInteger(rate * 2) ? rate : `${denominator}/${numerator}`;
};

function ratesOf(camera: Camera, fourcc: number, width: number, height: number): ProfileSize {
  const rates: (number | string)[] = [];
  const intervals = camera.all(abi.VIDIOC_ENUM_FRAMEINTERVALS, abi.v4l2_frmivalenum, (view, index) => {
    Object.assign(view, { index, pixel_format: fourcc, width, height });
  });
  for (const { type, discrete, stepwise } of intervals) {
    if (type === abi.V4L2_FRMIVAL_TYPE_DISCRETE) rates.push(rateOf(discrete));
    else rates.push(rateOf(stepwise.min), rateOf(stepwise.max));
    if (type !== abi.V4L2_FRMIVAL_TYPE_DISCRETE) break;
  }
  return { width, height, rates: rates.length > 0 ? rates : [30] };
}

function sizesOf(camera: Camera, fourcc: number): readonly ProfileSize[] {
  const sizes: [number, number][] = [];
  const all = camera.all(abi.VIDIOC_ENUM_FRAMESIZES, abi.v4l2_frmsizeenum, (view, index) => {
    Object.assign(view, { index, pixel_format: fourcc });
  });
  for (const { type, discrete, stepwise } of all) {
    if (type === abi.V4L2_FRMSIZE_TYPE_DISCRETE) {
      sizes.push([discrete.width, discrete.height]);
      continue;
    }
    sizes.push([stepwise.max_width, stepwise.max_height], [stepwise.min_width, stepwise.min_height]);
    break;
  }
  return sizes.map(([width, height]) => ratesOf(camera, fourcc, width, height));
}

/** Those that we can make too, and the names of the others. */
function formatsOf(camera: Camera): { formats: readonly ProfileFormat[]; others: readonly string[] } {
  const fourccs: number[] = [];
  const others: string[] = [];
  const all = camera.all(abi.VIDIOC_ENUM_FMT, abi.v4l2_fmtdesc, (view, index) => {
    Object.assign(view, { index, type: CAPTURE });
  });
  for (const { pixelformat, description } of all) {
    const info = formatInfo(pixelformat);
    if (info !== undefined && isWebcamFormat(info)) fourccs.push(pixelformat);
    else others.push(description);
  }
  const formats = fourccs.map((fourcc) => ({
    format: formatInfo(fourcc)?.name ?? '',
    sizes: sizesOf(camera, fourcc),
  }));
  return { formats: formats.filter(({ sizes }) => sizes.length > 0), others };
}

const CLASSES = [abi.V4L2_CTRL_CLASS_USER, abi.V4L2_CTRL_CLASS_CAMERA];
const TYPES = [abi.V4L2_CTRL_TYPE_INTEGER, abi.V4L2_CTRL_TYPE_BOOLEAN, abi.V4L2_CTRL_TYPE_MENU];

function nameOf(id: number): string | undefined {
  const entry = Object.entries(abi).find(([name, value]) => value === id && name.startsWith('V4L2_CID_'));
  return entry?.[0].replace('V4L2_CID_', '');
}

function itemsOf(camera: Camera, id: number, min: number, max: number): readonly number[] {
  return Array.from({ length: max - min + 1 }, (_, n) => min + n).filter((index) => {
    Object.assign(camera.make(abi.v4l2_querymenu), { id, index });
    return camera.ask(abi.VIDIOC_QUERYMENU);
  });
}

function controlsOf(camera: Camera): readonly ProfileControl[] {
  const controls: ProfileControl[] = [];
  for (let last = 0; ; ) {
    const query = camera.make(abi.v4l2_queryctrl);
    query.id = last | abi.V4L2_CTRL_FLAG_NEXT_CTRL;
    if (!camera.ask(abi.VIDIOC_QUERYCTRL)) return controls;
    const { id, type, minimum: min, maximum: max, step, default_value } = query;
    last = id;
    const name = nameOf(id);
    const isKnown = CLASSES.includes(abi.V4L2_CTRL_ID2WHICH(id)) && TYPES.includes(type);
    if (name === undefined || !isKnown) continue;
    const items = type === abi.V4L2_CTRL_TYPE_MENU ? itemsOf(camera, id, min, max) : undefined;
    controls.push({
      ...{ id: name, min, max, default: default_value },
      ...(step > 1 && { step }),
      ...(items !== undefined && items.length < max + 1 && { items }),
    });
  }
}

/** As sysfs has the number of a device: `81:0`. */
function numberOf(fd: number): string {
  const { rdev } = fstatSync(fd, { bigint: true });
  const major = (rdev >> 8n) & 0xfffn;
  const minor = (rdev & 0xffn) | ((rdev >> 12n) & 0xfff00n);
  return `${major}:${minor}`;
}

/** The ids of the USB device that a node belongs to, by whatever name it was opened. */
function usbOf(fd: number): WebcamProfile['usb'] {
  const device = `/sys/dev/char/${numberOf(fd)}/device`;
  const read = (name: string) => {
    try {
      return readFileSync(`${device}/../${name}`, 'utf8').trim();
    } catch {
      return '0000';
    }
  };
  return { vendor: read('idVendor'), product: read('idProduct') };
}

function openCamera(node: string): number {
  try {
    return openSync(node, 'r+');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ProfileError(
      code === 'ENOENT'
        ? `there is no ${node}: name a camera, such as /dev/video0, or run this under usercam run`
        : `${node} cannot be opened (${code})`,
    );
  }
}

/** What the camera `node` is, and which of its formats are left out. Throws ProfileError. */
export function profileOf(node: string): { profile: WebcamProfile; others: readonly string[] } {
  const fd = openCamera(node);
  try {
    const camera = new Camera(fd);
    const { card, caps, hasMetadata } = readCapability(camera, node);
    if ((caps & abi.V4L2_CAP_VIDEO_CAPTURE) === 0)
      throw new ProfileError(`${node} gives no pictures (with one plane of memory): name another node`);
    const { formats, others } = formatsOf(camera);
    if (formats.length === 0) throw new ProfileError(`${node} has no format that a webcam here can have`);
    const profile = { card, usb: usbOf(fd), formats, controls: controlsOf(camera) };
    return { profile: hasMetadata ? { ...profile, metadata: true } : profile, others };
  } finally {
    closeSync(fd);
  }
}

interface Capability {
  readonly card: string;
  readonly caps: number;
  /** One of its nodes has it. */
  readonly hasMetadata: boolean;
}

function readCapability(camera: Camera, node: string): Capability {
  const capability = camera.make(abi.v4l2_capability);
  if (!camera.ask(abi.VIDIOC_QUERYCAP)) throw new ProfileError(`${node} is no video device`);
  const { card, capabilities, device_caps: caps } = capability;
  return { card, caps, hasMetadata: (capabilities & abi.V4L2_CAP_META_CAPTURE) !== 0 };
}
