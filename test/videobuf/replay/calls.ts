/** The calls of the recorder (client/vb1.c), made in this process and written down in the same words. */
import {
  Errno,
  errnoName,
  type Fields,
  type Layout,
  MAP_SHARED,
  PROT_READ,
  PROT_WRITE,
  type Thread,
  V4L2_BUF_TYPE_VIDEO_CAPTURE,
  V4L2_MEMORY_DMABUF,
  V4L2_MEMORY_MMAP,
  V4L2_MEMORY_OVERLAY,
  V4L2_MEMORY_USERPTR,
  VIDIOC_DQBUF,
  VIDIOC_QBUF,
  VIDIOC_QUERYBUF,
  VIDIOC_REQBUFS,
  VIDIOC_S_FMT,
  VIDIOC_STREAMOFF,
  VIDIOC_STREAMON,
  type VideobufMapping,
  type ViewOf,
  v4l2_buffer,
  v4l2_format,
  v4l2_requestbuffers,
} from 'usercam';
import { bufferText, flagsText, frameText, memoryName, outcome, typeName } from './words.ts';
import { Description, Mapping, MS, pageAt, pagesOf, type Waiting, type World } from './world.ts';

export const CAP = V4L2_BUF_TYPE_VIDEO_CAPTURE;
export const MMAP = V4L2_MEMORY_MMAP;
export const UPTR = V4L2_MEMORY_USERPTR;
export const OVL = V4L2_MEMORY_OVERLAY;
export const DBUF = V4L2_MEMORY_DMABUF;
/** 320x240 YUYV. */
export const FS = 153600;
export const RW = PROT_READ | PROT_WRITE;
export const SHARED = MAP_SHARED;
export const PRIVATE = 2;
export const SHARED_VALIDATE = 3;
export const NONBLOCK = 0o4000;
export const RDONLY = 1 << 20;

/** Memory of the program, and in a mapping where. */
export interface Pointer {
  readonly bytes: Uint8Array;
  readonly address: number;
  readonly mapping?: Mapping;
  readonly offset: number;
}

export const at = (pointer: Pointer, offset: number): Pointer => ({
  ...pointer,
  bytes: pointer.bytes.subarray(offset),
  address: pointer.address + offset,
  offset: pointer.offset + offset,
});

let world: World;

/** Which world the calls below are made in. */
export function enter(next: World): void {
  world = next;
}

export const currentWorld = (): World => world;
export const say = (line: string): void => world.say(line);
export const note = (text: string): void => say(`  # ${text}`);

export function cb(): void {
  if (!world.tracing) return;
  const text = world.device.takeTrace();
  if (text !== '') say(`      cb:${text}`);
}

export function tracing(on: boolean): void {
  world.tracing = on;
}

export function cmd(text: string): void {
  world.device.command(text);
  world.settle();
}

export function par(name: string, value: number): void {
  world.device.set(name, value);
}

export const ms = (n: number): void => world.sleep(n * MS);

export function fill(position: number, error: number): void {
  cmd(`fill ${position} ${error}`);
  const { answer } = world.device;
  const what = answer.startsWith('-') ? 'nothing there' : `buffer ${answer}`;
  say(`  DRIVER finishes entry ${position} of its list${error ? ' with an error' : ''} -> ${what}`);
  cb();
}

export const fileOf = (fd: number): Description => {
  const found = world.process.fds[fd];
  if (found === undefined) throw new Error(`no descriptor ${fd}`);
  return found;
};

/** A call of the main thread, with its result. */
export function call(start: () => Thread): number {
  const thread = start();
  world.wait(waitingThread(thread));
  return thread.result as number;
}

export function waitingThread(thread: Thread): Waiting {
  return { poke: () => thread.result !== undefined, kill: () => thread.interrupt() };
}

export function ioctl(
  fd: number,
  command: number,
  argument: { readonly $bytes: Uint8Array } | number,
): number {
  return call(() => fileOf(fd).client.start(command, argument as never));
}

export const make = <F extends Fields>(layout: Layout<F>): ViewOf<F> => world.program.make(layout);

export function alloc(length: number): Pointer {
  const { address, bytes } = world.program.alloc(length);
  bytes.fill(0);
  return { address, bytes, offset: 0 };
}

export function op(flags: number): number {
  const client = world.program.open(world.node as never, { nonblock: (flags & NONBLOCK) !== 0 });
  const fd = world.process.fds.length;
  world.process.fds.push(new Description(client));
  const mode = flags & RDONLY ? 'RDONLY' : 'RDWR';
  if (flags & RDONLY) readOnly.add(client);
  say(`  OPEN ${mode}${flags & NONBLOCK ? '|NONBLOCK' : ''} -> ok`);
  cb();
  return fd;
}

const readOnly = new WeakSet<object>();

export function setNonblock(fd: number, on: boolean): void {
  fileOf(fd).client.nonblock = on;
}

export function dup(fd: number): number {
  const description = fileOf(fd);
  description.references++;
  return world.process.fds.push(description) - 1;
}

export function cl(fd: number): void {
  world.process.close(fd);
  world.settle();
  say('  CLOSE -> ok');
  cb();
}

/** Calls and says whether a struct was changed, which must not be if it fails. */
function unchanged(bytes: Uint8Array, before: Uint8Array): string {
  return bytes.every((byte, i) => byte === before[i]) ? 'unchanged' : 'CHANGED';
}

export function reqbufs(fd: number, count: number, type: number, memory: number): number {
  const r = world.program.make(v4l2_requestbuffers);
  r.count = count;
  r.type = type;
  r.memory = memory;
  const before = r.$bytes.slice();
  const result = ioctl(fd, VIDIOC_REQBUFS, r);
  const asked = `  REQBUFS count=${count} type=${typeName(type)} memory=${memoryName(memory)} ->`;
  if (result < 0) say(`${asked} ${outcome(result)}; struct ${unchanged(r.$bytes, before)}`);
  else say(`${asked} ok; count=${r.count} capabilities=0x${r.capabilities.toString(16)}`);
  cb();
  return result < 0 ? result : r.count;
}

function buffer(type: number, index: number, memory = 0): v4l2_buffer {
  const b = world.program.make(v4l2_buffer);
  b.type = type;
  b.index = index;
  b.memory = memory;
  return b;
}

export function querybuf(fd: number, type: number, index: number): void {
  const b = buffer(type, index);
  const before = b.$bytes.slice();
  const result = ioctl(fd, VIDIOC_QUERYBUF, b);
  if (result < 0)
    say(
      `  QUERYBUF index=${index} type=${typeName(type)} -> ${outcome(result)}; struct ${unchanged(b.$bytes, before)}`,
    );
  else say(`  QUERYBUF index=${index} -> ok; ${bufferText(b)}`);
  cb();
}

export function qbufx(
  fd: number,
  type: number,
  index: number,
  memory: number,
  what = '',
  userptr = 0,
  length = 0,
): number {
  const b = buffer(type, index, memory);
  if (memory === UPTR) {
    b.m.userptr = userptr;
    b.length = length;
  }
  const before = b.$bytes.slice();
  const result = ioctl(fd, VIDIOC_QBUF, b);
  const changed = unchanged(b.$bytes, before) === 'CHANGED';
  const asked = `  QBUF index=${index} type=${typeName(type)} memory=${memoryName(memory)}${what && ' '}${what}`;
  say(`${asked} -> ${outcome(result)}; struct ${changed ? `CHANGED ${bufferText(b)}` : 'unchanged'}`);
  cb();
  return result;
}

export const qbuf = (fd: number, index: number): number => qbufx(fd, CAP, index, MMAP);

/** A DQBUF that may sleep: its thread, and how it is told when it is over. */
export function startDqbuf(
  fd: number,
  type = CAP,
  index = 0,
  memory = MMAP,
): { thread: Thread; b: v4l2_buffer; text: () => string } {
  const b = buffer(type, index, memory);
  b.length = 4242;
  b.bytesused = 7;
  const before = b.$bytes.slice();
  const thread = fileOf(fd).client.start(VIDIOC_DQBUF, b);
  const text = () => {
    const result = thread.result as number;
    return result < 0 ? `${outcome(result)}; struct ${unchanged(b.$bytes, before)}` : `ok; ${bufferText(b)}`;
  };
  return { thread, b, text };
}

function finishDqbuf(asked: string, { thread, b, text }: ReturnType<typeof startDqbuf>): number {
  world.wait(waitingThread(thread));
  say(`  DQBUF${asked} -> ${text()}`);
  cb();
  return (thread.result as number) < 0 ? (thread.result as number) : b.index;
}

export const dqbuf = (fd: number): number => finishDqbuf('', startDqbuf(fd));

export function dqbufx(fd: number, type: number, index: number, memory: number): number {
  const asked = ` (in: type=${typeName(type)} index=${index} memory=${memoryName(memory)})`;
  return finishDqbuf(asked, startDqbuf(fd, type, index, memory));
}

export function startStream(fd: number, command: number, type: number): Thread {
  const argument = world.program.alloc(4);
  new DataView(argument.bytes.buffer, argument.bytes.byteOffset).setInt32(0, type, true);
  return fileOf(fd).client.start(command, argument.address);
}

export function on(fd: number, type: number): void {
  const result = call(() => startStream(fd, VIDIOC_STREAMON, type));
  say(`  STREAMON type=${typeName(type)} -> ${outcome(result)}`);
  cb();
}

export function off(fd: number, type: number): void {
  const result = call(() => startStream(fd, VIDIOC_STREAMOFF, type));
  say(`  STREAMOFF type=${typeName(type)} -> ${outcome(result)}`);
  cb();
}

/** What the kernel refuses before the device hears of it. */
function refusal(fd: number, prot: number, flags: number, offset: number, length: number): number {
  if (length === 0 || offset % 4096 !== 0) return 22;
  const writes = (flags & MAP_SHARED) !== 0 && (prot & PROT_WRITE) !== 0;
  return readOnly.has(fileOf(fd).client) && writes ? 13 : 0;
}

export function map(
  fd: number,
  prot: number,
  flags: number,
  offset: number,
  length: number,
  what = '',
): Pointer | undefined {
  const name = ['', 'SHARED', 'PRIVATE', 'SHARED_VALIDATE'][flags & 3];
  const letters = `${prot & PROT_READ ? 'R' : ''}${prot & PROT_WRITE ? 'W' : ''}`;
  let pointer: Pointer | undefined;
  let code = refusal(fd, prot, flags, offset, length);
  if (code === 0) {
    try {
      pointer = mapNow(fd, { offset, length, prot, flags });
    } catch (thrown) {
      if (!(thrown instanceof Errno)) throw thrown;
      code = thrown.code;
    }
  }
  const told = `  MMAP prot=${letters} flags=${name} offset=${offset} length=${length}${what && ' '}${what}`;
  say(`${told} -> ${code === 0 ? 'ok' : errnoName(code)}`);
  cb();
  return pointer;
}

function mapNow(
  fd: number,
  { offset, length, prot, flags }: { offset: number; length: number; prot: number; flags: number },
): Pointer {
  const { client, queue } = fileOf(fd);
  const plane = client.mmap(offset, length, { prot, flags });
  const memory = queue.bufs.find((vb) => vb?.map?.bytes === plane.bytes)?.map as VideobufMapping;
  const mapping = new Mapping(client.file, plane, memory);
  mapping.pages.set(world.process, new Set(Array.from({ length: pagesOf(length) }, (_, i) => i)));
  world.process.mappings.push(mapping);
  return { bytes: plane.bytes, address: 0, mapping, offset: 0 };
}

/** The kernel's munmap() returns when the device has dealt with it. */
export function startUnmap({ mapping, offset }: Pointer, length: number): Waiting {
  const isLast = mapping?.unmap(world.process, pageAt(offset), pagesOf(length)) ?? false;
  return { poke: () => !isLast || (mapping?.memory.isOver ?? true), kill: () => {} };
}

export function unmap(pointer: Pointer, length: number, what: string): void {
  world.wait(startUnmap(pointer, length));
  say(`  MUNMAP ${what} length=${length} -> ok`);
  cb();
}

export function mapi(fd: number, index: number): Pointer {
  const b = buffer(CAP, index);
  const result = ioctl(fd, VIDIOC_QUERYBUF, b);
  if (result < 0) {
    say(`  (querybuf ${index}: ${outcome(result)})`);
    return { bytes: new Uint8Array(FS), address: 0, offset: 0 };
  }
  return map(fd, RW, MAP_SHARED, b.m.offset, b.length, `(buffer ${index})`) as Pointer;
}

/** A read() that may sleep. */
export function startRead(fd: number, count: number): { thread: Thread; text: () => string } {
  const { address, bytes } = world.program.alloc(count + 1);
  bytes.fill(0xee);
  const thread = fileOf(fd).client.read(address, count);
  const text = () => {
    const result = thread.result as number;
    return result < 0 ? outcome(result) : `${result}${frameText(bytes.subarray(0, result))}`;
  };
  return { thread, text };
}

export function rd(fd: number, count: number): number {
  const { thread, text } = startRead(fd, count);
  world.wait(waitingThread(thread));
  say(`  READ ${count} -> ${text()}`);
  cb();
  return thread.result as number;
}

export function flags(fd: number, n: number): void {
  const words = Array.from({ length: n }, (_, i) => {
    const b = buffer(CAP, i);
    const result = ioctl(fd, VIDIOC_QUERYBUF, b);
    return ` ${i}:${result < 0 ? outcome(result) : flagsText(b.flags)}`;
  });
  say(`  FLAGS${words.join('')}`);
}

export function word(bytes: Uint8Array, index = 0): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(4 * index, true);
}

export function look(what: string, { bytes }: Pointer): void {
  say(`  MEMORY ${what}: first word ${word(bytes)}, byte 4 ${bytes[4]}, last byte ${bytes[FS - 1]}`);
}

/** A mapping that must come to be. */
export function mapAt(...request: Parameters<typeof map>): Pointer {
  return map(...request) as Pointer;
}

/** An address in the upper half, as a double has it. */
export const KERNEL_HALF = 0xffff_8880_0000_0000;
/** Where a mapping would be: mappings have no addresses here. */
export const MAPPED = 0x7f00_0000_0000;

export const readInto = (fd: number, address: number, count: number): number =>
  call(() => fileOf(fd).client.read(address, count));

export const writeFrom = (fd: number, address: number, count: number): number =>
  call(() => fileOf(fd).client.write(address, count));

/** An address with so many bytes before the end of all memory. */
export const endOfMemory = (bytes: number): number => world.program.end - bytes;

export function sFmt(fd: number, width: number, height: number, what: string): void {
  const f = make(v4l2_format);
  f.type = CAP;
  f.fmt.pix.width = width;
  f.fmt.pix.height = height;
  f.fmt.pix.pixelformat = 0x56595559;
  const result = ioctl(fd, VIDIOC_S_FMT, f);
  const size = result < 0 ? 0 : f.fmt.pix.sizeimage;
  say(`  S_FMT ${width}x${height} (${what}) -> ${outcome(result)}; sizeimage=${size}`);
}
