/** `usercam doctor`: what is needed, whether it is there, and what to do if not. */
import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { release } from 'node:os';
import { processVmReadv } from '../linux/libc.ts';
import { allocateNative } from '../linux/native-memory.ts';
import { archOf } from '../syscalls/arch.ts';
import { tryInstall } from '../syscalls/install.ts';
import { loopbackWorks } from '../syscalls/poll-face.ts';
import { makeShadowRoot } from '../syscalls/shadow-root.ts';

interface Check {
  readonly what: string;
  /** What is wrong and how it is mended; undefined if all is well. */
  readonly trouble: () => string | undefined;
  /** True if usercam works all the same. */
  readonly harmless?: boolean;
}

const OLDEST_KERNEL = [5, 14];

function kernelTrouble(): string | undefined {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  const [wantMajor = 0, wantMinor = 0] = OLDEST_KERNEL;
  if (major > wantMajor || (major === wantMajor && minor >= wantMinor)) return undefined;
  return `Linux ${release()} is too old; ${OLDEST_KERNEL.join('.')} or newer is needed`;
}

/** Reads the memory of a child of ours, as the door does with the programs it serves. */
function memoryTrouble(): string | undefined {
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'], { stdio: 'ignore' });
  const native = allocateNative(4096);
  for (const at of [0, 16]) {
    native.view.setUint32(at, (native.address + 2048) % 0x1_0000_0000, true);
    native.view.setUint32(at + 4, Math.floor((native.address + 2048) / 0x1_0000_0000), true);
    native.view.setUint32(at + 8, 0, true);
  }
  const result = processVmReadv(child.pid ?? 0, native.address, 1, native.address + 16, 1, 0);
  child.kill('SIGKILL');
  return result < 0
    ? 'process_vm_readv() is not allowed; allow it in the container profile (Docker 19.03 and newer do)'
    : undefined;
}

function directoryTrouble(): string | undefined {
  try {
    rmSync(makeShadowRoot(), { recursive: true });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function signalTrouble(filter: ReturnType<typeof tryInstall>): string | undefined {
  if (typeof filter === 'string' || filter.killable) return undefined;
  return 'a program that gets thousands of signals a second may lose frames; Linux 5.19 and newer do not';
}

/** Told in this order; `filter` is what installing the filter gives here. */
const checks = (filter: ReturnType<typeof tryInstall>): readonly Check[] => [
  {
    what: 'processor',
    trouble: () => (archOf() === undefined ? `${process.arch} is not served; x64 and arm64 are` : undefined),
  },
  { what: 'kernel', trouble: kernelTrouble },
  { what: 'seccomp user notification', trouble: () => (typeof filter === 'string' ? filter : undefined) },
  { what: 'calls that no signal takes away', harmless: true, trouble: () => signalTrouble(filter) },
  { what: 'memory of other processes', trouble: memoryTrouble },
  {
    what: 'TCP over loopback',
    trouble: () => (loopbackWorks() ? undefined : 'no loopback connections; bring it up: ip link set lo up'),
  },
  { what: 'a directory for device files', trouble: directoryTrouble },
  {
    what: 'the name /dev/video0',
    harmless: true,
    trouble: () =>
      existsSync('/dev/video0')
        ? 'the host has a camera there; ours are numbered after it, or take its place with --replace'
        : undefined,
  },
];

/** Prints the findings; gives the exit code: 0 if usercam works here. */
export function doctor(): number {
  let works = true;
  for (const { what, trouble, harmless } of checks(tryInstall())) {
    const found = trouble();
    if (found !== undefined && !harmless) works = false;
    const mark = found === undefined ? 'ok  ' : harmless ? 'note' : 'FAIL';
    process.stdout.write(`${mark}  ${what}${found === undefined ? '' : `: ${found}`}\n`);
  }
  process.stdout.write(works ? 'usercam works here.\n' : 'usercam does not work here.\n');
  return works ? 0 : 1;
}
