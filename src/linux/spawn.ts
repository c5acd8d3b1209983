/**
 * Programs started with the very bytes that were given for them. Node decodes arguments and environment as UTF-8, and
 * what is none is lost; here they are "byte strings", one character for each byte (latin1).
 */
import {
  execve,
  posixSpawn,
  spawnActionsAdddup2,
  spawnActionsDestroy,
  spawnActionsInit,
  spawnattrInit,
  spawnattrSetflags,
  spawnattrSetsigdefault,
  spawnattrSetsigmask,
} from './libc.ts';
import { allocateNative, type NativeMemory } from './native-memory.ts';

const POSIX_SPAWN_SETPGROUP = 2;
const POSIX_SPAWN_SETSIGDEF = 4;
const POSIX_SPAWN_SETSIGMASK = 8;
/** Larger than posix_spawnattr_t (336 bytes) and posix_spawn_file_actions_t (80) of any C library. */
const ATTRIBUTES_SIZE = 1024;
const SIGSET_SIZE = 128;
const SIGNALS = 64;
const POINTER = 8;

export interface Program {
  /** Path of the executable; it is not searched for. */
  readonly file: string;
  readonly argv: readonly string[];
  readonly environment: readonly string[];
}

interface Image {
  readonly memory: NativeMemory;
  readonly file: number;
  readonly argv: number;
  readonly environment: number;
}

/** The three arguments of execve(2) in memory. */
function layOut({ file, argv, environment }: Program): Image {
  const strings = [file, ...argv, ...environment];
  const pointers = argv.length + environment.length + 2;
  const memory = allocateNative(strings.reduce((sum, text) => sum + text.length + 1, pointers * POINTER));
  let end = pointers * POINTER;
  const put = (text: string) => {
    const address = memory.address + end;
    for (let i = 0; i < text.length; i++) memory.bytes[end++] = text.charCodeAt(i);
    end++;
    return address;
  };
  let slot = 0;
  const putAll = (texts: readonly string[]) => {
    const address = memory.address + slot * POINTER;
    for (const text of texts) memory.view.setBigUint64(slot++ * POINTER, BigInt(put(text)), true);
    slot++;
    return address;
  };
  return { memory, file: put(file), argv: putAll(argv), environment: putAll(environment) };
}

/** Signals of a program that starts, by number. */
export interface Signals {
  /** All others have their default action. These must be ignored by the process that starts it. */
  readonly ignored: readonly number[];
  readonly blocked: readonly number[];
}

/** What a program gets that does not get what this process has. */
export interface Setting {
  /** Descriptors of ours, by the numbers that they are to have; ours have other numbers than any of these. */
  readonly descriptors: ReadonlyMap<number, number>;
  /** It has a process group of its own. */
  readonly ownGroup: boolean;
}

/**
 * Starts a program as a child of this process. It inherits what is not close-on-exec, and the filters of the calling thread. Gives
 * the process, or the errno. The memory of this process is not copied for it, as fork() does: that takes several milliseconds.
 */
export function spawnProgram(
  program: Program,
  { ignored, blocked }: Signals,
  setting?: Setting,
): { pid: number } | { errno: number } {
  const image = layOut(program);
  const own = allocateNative(2 * ATTRIBUTES_SIZE + 2 * SIGSET_SIZE + POINTER);
  const [mask, defaults] = [ATTRIBUTES_SIZE, ATTRIBUTES_SIZE + SIGSET_SIZE];
  const pid = defaults + SIGSET_SIZE;
  const actions = own.address + pid + POINTER;
  const add = (set: number, n: number) => {
    own.bytes[set + ((n - 1) >> 3)]! |= 1 << ((n - 1) & 7);
  };
  for (let n = 1; n <= SIGNALS; n++) if (!ignored.includes(n)) add(defaults, n);
  for (const n of blocked) add(mask, n);
  spawnattrInit(own.address);
  spawnattrSetsigmask(own.address, own.address + mask);
  spawnattrSetsigdefault(own.address, own.address + defaults);
  const group = setting?.ownGroup ? POSIX_SPAWN_SETPGROUP : 0;
  spawnattrSetflags(own.address, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | group);
  spawnActionsInit(actions);
  for (const [target, fd] of setting?.descriptors ?? []) spawnActionsAdddup2(actions, fd, target);
  const { file, argv, environment } = image;
  const code = posixSpawn(own.address + pid, file, actions, own.address, argv, environment);
  const result = code === 0 ? { pid: own.view.getInt32(pid, true) } : { errno: code };
  spawnActionsDestroy(actions);
  image.memory.unmap();
  own.unmap();
  return result;
}

/** Makes this process another program. Returns only when that failed. */
export function becomeProgram(program: Program): void {
  const { file, argv, environment } = layOut(program);
  execve(file, argv, environment);
}
