/**
 * What is told of a device that comes, goes or changes: the kernel's own message, and the one that udev sends when it has
 * looked at the device. The latter has a header by which sockets filter: hashes of subsystem, type and tags.
 */

import type { CharDevice } from '../../vfs/file.ts';
import { homeOf } from '../names/shadow-tree.ts';
import { TAGS, USEC_INITIALIZED } from '../names/udev-record.ts';

/** What can be told. @kernel kobject_actions */
export const UEVENT_ACTIONS = [
  'add',
  'remove',
  'change',
  'move',
  'online',
  'offline',
  'bind',
  'unbind',
] as const;
export type UeventAction = (typeof UEVENT_ACTIONS)[number];

/** What somebody adds who asked for the event. */
export type Extras = Readonly<Record<string, string>>;

/** The multicast groups of NETLINK_KOBJECT_UEVENT, as bits. */
export const KERNEL_GROUP = 1;
export const UDEV_GROUP = 2;

const PREFIX = 'libudev\0';
const MAGIC = 0xfeed_cafe;
const HEADER_SIZE = 40;
const AT = {
  magic: 8,
  headerSize: 12,
  propertiesAt: 16,
  propertiesLength: 20,
  subsystem: 24,
  tags: 32,
} as const;
const ENCODER = new TextEncoder();
const PREFIX_BYTES = ENCODER.encode(PREFIX);

/** Which of the groups a message is for, whoever sent it. */
export const groupOf = (message: Uint8Array): number =>
  PREFIX_BYTES.every((byte, i) => message[i] === byte) ? UDEV_GROUP : KERNEL_GROUP;

/** MurmurHash2 (Austin Appleby, public domain) with seed 0: what udev fills its header with. */
export function murmurHash2(text: string): number {
  const bytes = ENCODER.encode(text);
  const view = new DataView(bytes.buffer);
  const whole = bytes.length & ~3;
  let hash = bytes.length;
  for (let at = 0; at < whole; at += 4) {
    let k = Math.imul(view.getUint32(at, true), 0x5bd1e995);
    k = Math.imul(k ^ (k >>> 24), 0x5bd1e995);
    hash = Math.imul(hash, 0x5bd1e995) ^ k;
  }
  if (whole < bytes.length) {
    for (let at = whole; at < bytes.length; at++) hash ^= (bytes[at] as number) << (8 * (at - whole));
    hash = Math.imul(hash, 0x5bd1e995);
  }
  hash = Math.imul(hash ^ (hash >>> 13), 0x5bd1e995);
  return (hash ^ (hash >>> 15)) >>> 0;
}

/** The bits that a tag sets in the filter of 64. */
function tagBits(tag: string): bigint {
  const hash = murmurHash2(tag);
  return [0, 6, 12, 18].reduce((bits, shift) => bits | (1n << BigInt((hash >>> shift) & 63)), 0n);
}

const pathOf = (device: CharDevice): string => homeOf(device).slice('/sys'.length);

/** Lines of a message: each ends with a NUL. */
const lines = (texts: readonly string[]): Uint8Array<ArrayBuffer> =>
  ENCODER.encode(texts.map((text) => `${text}\0`).join(''));

const pairs = (values: Readonly<Record<string, string | number>>): string[] =>
  Object.entries(values).map(([key, value]) => `${key}=${value}`);

/** @kernel kobject_uevent_env */
export function kernelMessage(
  action: UeventAction,
  device: CharDevice,
  serial: number,
  extras: Extras = {},
): Uint8Array {
  const { subsystem, major, minor, name } = device;
  const path = pathOf(device);
  return lines([
    `${action}@${path}`,
    ...pairs({ ACTION: action, DEVPATH: path, SUBSYSTEM: subsystem, ...extras }),
    ...pairs({ MAJOR: major, MINOR: minor, DEVNAME: name, SEQNUM: serial }),
  ]);
}

export function udevMessage(
  action: UeventAction,
  device: CharDevice,
  serial: number,
  extras: Extras = {},
): Uint8Array {
  const { subsystem, major, minor, name, links, udevProperties } = device;
  const tags = `:${TAGS.join(':')}:`;
  const properties = lines([
    ...pairs({ ACTION: action, DEVPATH: pathOf(device), SUBSYSTEM: subsystem, ...extras }),
    ...pairs({ MAJOR: major, MINOR: minor, DEVNAME: `/dev/${name}`, SEQNUM: serial, USEC_INITIALIZED }),
    ...pairs(udevProperties),
    ...pairs(links.length === 0 ? {} : { DEVLINKS: links.map((link) => `/dev/${link}`).join(' ') }),
    ...pairs({ TAGS: tags, CURRENT_TAGS: tags }),
  ]);
  const message = new Uint8Array(HEADER_SIZE + properties.length);
  const view = new DataView(message.buffer);
  message.set(PREFIX_BYTES);
  // What filters compare is in the order of the network, the rest in that of the processor.
  view.setUint32(AT.magic, MAGIC);
  view.setUint32(AT.headerSize, HEADER_SIZE, true);
  view.setUint32(AT.propertiesAt, HEADER_SIZE, true);
  view.setUint32(AT.propertiesLength, properties.length, true);
  view.setUint32(AT.subsystem, murmurHash2(subsystem));
  view.setBigUint64(
    AT.tags,
    TAGS.reduce((bits, tag) => bits | tagBits(tag), 0n),
  );
  message.set(properties, HEADER_SIZE);
  return message;
}
