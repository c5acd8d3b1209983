/** What usercam needs of the system: `doctor` tells of each thing, `run` refuses when one is missing. */
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { release } from 'node:os';
import { EPERM, errnoName } from '../base/errno.ts';
import { isOutOfDescriptors, TOO_FEW_DESCRIPTORS } from '../base/too-few-descriptors.ts';
import { ARCH, archOf } from '../linux/arch.ts';
import { MFD_CLOEXEC, RLIMIT_NPROC, SIGCHLD, SIGKILL } from '../linux/constants.ts';
import {
  addressOfFunction,
  clone,
  close,
  errno,
  getrlimit,
  kill,
  memfdCreate,
  processVmReadv,
  processVmWritev,
  syscall,
  waitpid,
} from '../linux/libc.ts';
import { loopbackTrouble } from '../linux/loopback.ts';
import { allocateNative } from '../linux/native-memory.ts';
import { removeOwnDirectory } from '../linux/own-directory.ts';
import { isZombie } from '../linux/proc-fs.ts';
import { makeShadowRoot } from '../syscalls/index.ts';

export interface Requirement {
  readonly what: string;
  /** What is wrong and how it is mended; undefined if all is well. */
  readonly trouble: () => string | undefined;
}

/** That of package.json; `bin/usercam.js` refuses the same, before anything is loaded. */
const OLDEST_NODE = [20, 19] as const;
const OLDEST_KERNEL = [5, 14] as const;
const STACK_SIZE = 65536;
const ATTEMPT = 'allow it in the container profile (those of Podman and of newer Dockers do)';

function processorTrouble(): string | undefined {
  return archOf() === undefined ? `${process.arch} is not served; x64 and arm64 are` : undefined;
}

function ageTrouble(what: string, version: string, oldest: readonly [number, number]): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantMajor, wantMinor] = oldest;
  if (major > wantMajor || (major === wantMajor && minor >= wantMinor)) return undefined;
  return `${what} ${version} is too old; ${oldest.join('.')} or newer is needed`;
}

/** Deno has most of Node, but descriptors of its own among those of the user's. */
function runtimeTrouble(): string | undefined {
  const { node, deno } = process.versions;
  if (deno !== undefined) return 'usercam runs on Node or Bun; start it with one of them, and Deno below it';
  return ageTrouble('Node', node, OLDEST_NODE);
}

function kernelTrouble(): string | undefined {
  return ageTrouble('Linux', release(), OLDEST_KERNEL);
}

function procTrouble(): string | undefined {
  let self: string;
  try {
    self = readlinkSync('/proc/self');
  } catch {
    return '/proc is not there; mount it: mount -t proc proc /proc';
  }
  if (self === String(process.pid)) return undefined;
  return '/proc shows the processes of another PID namespace; mount it anew (unshare --mount-proc does)';
}

/**
 * Children that do nothing, as the door has to do with children; they end by themselves if they are forgotten. If the first
 * has done so before `look` was over, on a machine that stood still, what was found is not what there is: another look.
 */
function withChildren(count: number, look: (pid: number) => string | undefined): string | undefined {
  for (;;) {
    const { trouble, isSure } = lookAtChildren(count, look);
    if (isSure) return trouble;
  }
}

function lookAtChildren(count: number, look: (pid: number) => string | undefined) {
  const stack = allocateNative(STACK_SIZE);
  const sleep = addressOfFunction('sleep');
  const pids: number[] = [];
  try {
    while (pids.length < count) {
      const pid = clone(sleep, stack.address + STACK_SIZE, SIGCHLD, 1);
      if (pid < 0)
        return {
          trouble: `too few processes are allowed (${errnoName(errno())}); raise ulimit -u`,
          isSure: true,
        };
      pids.push(pid);
    }
    const [first = 0] = pids;
    const trouble = look(first);
    return { trouble, isSure: trouble === undefined || !isZombie(first) };
  } finally {
    for (const pid of pids) kill(pid, SIGKILL);
    for (const pid of pids) waitpid(pid, stack.address, 0);
    stack.unmap();
  }
}

/**
 * The launcher is a Node as this process is, and wants as many threads; one that cannot get them hangs. Whether they
 * are allowed is tried where the limit is not above all that there is.
 */
function processesTrouble(): string | undefined {
  if (!existsSync('/proc/self/status')) return undefined;
  const limits = allocateNative(4096);
  getrlimit(RLIMIT_NPROC, limits.address);
  const soft = limits.view.getBigUint64(0, true);
  const threads = Number(/^Threads:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1]);
  const everywhere = Number(/\/(\d+)/.exec(readFileSync('/proc/loadavg', 'latin1'))?.[1]);
  const wanted = threads + 1;
  if (soft > BigInt(everywhere + wanted)) return undefined;
  return withChildren(wanted, () => undefined);
}

/** The Yama security module decides who may read whose memory, beside the usual rights. */
function yamaScope(): number {
  try {
    return Number(readFileSync('/proc/sys/kernel/yama/ptrace_scope', 'latin1'));
  } catch {
    return 0;
  }
}

function explainMemory(call: string): string {
  const code = errno();
  const scope = code === EPERM ? yamaScope() : 0;
  if (scope === 3)
    return 'kernel.yama.ptrace_scope is 3, which forbids to read the memory of a process until the next boot; boot with 1';
  if (scope === 2)
    return 'kernel.yama.ptrace_scope is 2, which wants CAP_SYS_PTRACE; set it to 1: sysctl kernel.yama.ptrace_scope=1';
  return `${call}() is not allowed (${errnoName(code)}); ${ATTEMPT}`;
}

/** Moves a byte: none at all the kernel allows without looking at rights. */
function memoryTrouble(): string | undefined {
  const native = allocateNative(4096);
  const [BYTE, IOV] = [0, 64];
  native.view.setBigUint64(IOV, BigInt(native.address + BYTE), true);
  native.view.setBigUint64(IOV + 8, 1n, true);
  const iov = native.address + IOV;
  return withChildren(1, (pid) => {
    if (processVmReadv(pid, iov, 1, iov, 1, 0) !== 1) return explainMemory('process_vm_readv');
    if (processVmWritev(pid, iov, 1, iov, 1, 0) !== 1) return explainMemory('process_vm_writev');
    return undefined;
  });
}

/** `call` has not given one. */
function explainDescriptor(call: string, mend: string): string {
  const code = errno();
  return isOutOfDescriptors(code)
    ? TOO_FEW_DESCRIPTORS
    : `${call}() is not allowed (${errnoName(code)}); ${mend}`;
}

function pidfdTrouble(): string | undefined {
  const fd = syscall(ARCH.nr.pidfd_open as number, process.pid, 0, 0, 0, 0, 0);
  if (fd < 0) return explainDescriptor('pidfd_open', 'allow it in the container profile');
  close(fd);
  return undefined;
}

function memfdTrouble(): string | undefined {
  const fd = memfdCreate('probe', MFD_CLOEXEC);
  if (fd < 0) return explainDescriptor('memfd_create', ATTEMPT);
  close(fd);
  return undefined;
}

function directoryTrouble(): string | undefined {
  try {
    removeOwnDirectory(makeShadowRoot());
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Asked before anything is started; the filter can only be tried by a process that keeps it. */
export const REQUIREMENTS: readonly Requirement[] = [
  { what: 'runtime', trouble: runtimeTrouble },
  { what: 'processor', trouble: processorTrouble },
  { what: 'kernel', trouble: kernelTrouble },
  { what: '/proc', trouble: procTrouble },
  { what: 'processes', trouble: processesTrouble },
  { what: 'memory of other processes', trouble: memoryTrouble },
  { what: 'ends of other processes', trouble: pidfdTrouble },
  { what: 'memory for buffers', trouble: memfdTrouble },
  { what: 'TCP over loopback', trouble: loopbackTrouble },
];

/** `run` makes this directory anyway. */
export const DIRECTORY: Requirement = { what: 'a directory for device files', trouble: directoryTrouble };

/** The first thing that is missing, with its mend. */
export function firstTrouble(): string | undefined {
  for (const { trouble } of REQUIREMENTS) {
    const found = trouble();
    if (found !== undefined) return found;
  }
  return undefined;
}
