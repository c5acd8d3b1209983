/** How many descriptors a program may have: one above its limit is as good as any, only to make it is forbidden. */
import { ARCH } from '../../linux/arch.ts';
import { RLIMIT_NOFILE } from '../../linux/constants.ts';
import { syscall } from '../../linux/libc.ts';
import { allocateNative } from '../../linux/native-memory.ts';

const NEW = 0;
const OLD = 16;
const native = allocateNative(4096);

/** How many descriptors a process may have now, and how many it may allow itself. */
export interface DescriptorLimit {
  readonly soft: number;
  readonly hard: number;
}

/** Not every system lets us look at the limits of another user's program: then they are not known to forbid anything. */
const UNKNOWN: DescriptorLimit = { soft: Number.POSITIVE_INFINITY, hard: Number.POSITIVE_INFINITY };

const prlimit = (pid: number, next: number, old: number): boolean =>
  syscall(ARCH.nr.prlimit64 as number, pid, RLIMIT_NOFILE, next, old, 0, 0) === 0;

const getU64 = (at: number): number =>
  native.view.getUint32(at, true) + native.view.getUint32(at + 4, true) * 0x1_0000_0000;

export function descriptorLimit(pid: number): DescriptorLimit {
  if (!prlimit(pid, 0, native.address + OLD)) return UNKNOWN;
  return { soft: getU64(OLD), hard: getU64(OLD + 8) };
}

/** Sets the limits of `pid`, if we may. */
export const setDescriptorLimit = (pid: number, limit: DescriptorLimit): boolean =>
  setLimits(pid, limit) !== undefined;

/** Sets the limits of `pid`; gives those that were there at that moment, undefined if we may not. */
function setLimits(pid: number, { soft, hard }: DescriptorLimit): DescriptorLimit | undefined {
  native.view.setBigUint64(NEW, BigInt(soft), true);
  native.view.setBigUint64(NEW + 8, BigInt(hard), true);
  if (!prlimit(pid, native.address + NEW, native.address + OLD)) return undefined;
  return { soft: getU64(OLD), hard: getU64(OLD + 8) };
}

/**
 * Does `action` while process `pid` may have descriptors up to `fd`; false if it may already, or if that cannot be (a hard
 * limit is raised by root alone). If the program sets its limits itself in that moment, what it has set stays.
 */
export function whileAllowed(pid: number, fd: number, action: () => boolean): boolean {
  const { soft, hard } = descriptorLimit(pid);
  if (soft > fd) return false;
  const wanted = { soft: fd + 1, hard: Math.max(hard, fd + 1) };
  const before = setLimits(pid, wanted);
  if (before === undefined) return false;
  const done = action();
  const during = setLimits(pid, before);
  if (during !== undefined && (during.soft !== wanted.soft || during.hard !== wanted.hard))
    setLimits(pid, during);
  return done;
}
