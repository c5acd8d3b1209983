/**
 * Kernels of distributions in emulated machines, each with a file system that is in memory as a whole. The
 * processor is emulated, too: it takes no KVM, no rights, and any architecture runs on any other.
 */
import { chmodSync, cpSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installClients } from './clients.ts';
import { command } from './command.ts';
import { writeArchive } from './cpio.ts';
import { type Architecture, Debian, type Release } from './debian.ts';
import { installNode, installUsercam } from './package.ts';
import { CHECKS, type Finding, findingsIn } from './report.ts';

const here = fileURLToPath(new URL('../../../test/environments', import.meta.url));
/** Ends a machine that hangs. */
const LIMIT_SECONDS = 1800;
const CPUS = 2;
const MEGABYTES = 1024;

/** What the checks need, with all libraries, and what the first process needs. */
const PACKAGES = [
  ...['busybox-static', 'libc6', 'libcap-ng0', 'libgcc-s1', 'libjpeg62-turbo', 'libstdc++6', 'libudev1'],
  ...['libv4l-0', 'libv4l2rds0', 'libv4lconvert0', 'util-linux', 'v4l-utils'],
];
/** Nobody reads it there. */
const LEFT_OUT = ['usr/share', 'usr/lib/udev'];

interface Machine {
  readonly program: string;
  /** Debian's package of the program. */
  readonly package: string;
  readonly options: readonly string[];
  /** For the kernel: where its console is, first of all. */
  readonly words: readonly string[];
}

export const machines: Readonly<Record<Architecture, Machine>> = {
  x64: {
    program: 'qemu-system-x86_64',
    package: 'qemu-system-x86',
    options: ['-cpu', 'max'],
    // A kernel that has no time for its emulated timer takes it for broken, and panics.
    words: ['console=ttyS0', 'no_timer_check'],
  },
  arm64: {
    program: 'qemu-system-aarch64',
    package: 'qemu-system-arm',
    // The emulation of signed pointers as the processor does it takes half of the time. What is written with SVE, as glibc's
    // memcpy() does, is not noticed where it is code: QEMU runs what was there before (decision 30), and V8 reuses its memory.
    options: ['-machine', 'virt', '-cpu', 'max,pauth-impdef=on,sve=off,sme=off'],
    words: ['console=ttyAMA0'],
  },
};

export interface Guest {
  readonly name: string;
  readonly architecture: Architecture;
  readonly release: Release;
  /** A package of it. */
  readonly kernel: string;
  /** Names of checks.sh; those of network.sh have the name of a condition before a colon. */
  readonly checks: readonly string[];
}

/** What is refused by an old kernel is refused with a sentence. */
const REFUSED = ['refusal'] as const;
/** Test clients, and tests as they are, which take minutes there. */
const TESTS = ['face', 'identity', 'sleepers', 'holders', 'signals', 'waiters', 'walk'] as const;
/** Conditions of network.sh, and what is looked at under each. */
const NETWORK = {
  short_of_memory: ['mmap', 'read', 'loopback'],
  few_ports: ['mmap'],
  no_ipv6: ['mmap'],
  no_loopback: ['doctor', 'mmap', 'orphan'],
} as const;
const NETWORKS = Object.entries(NETWORK).flatMap(([condition, checks]) =>
  checks.map((check) => `${condition}:${check}`),
);
const ALL = [...CHECKS, 'planes', ...NETWORKS, ...TESTS];

/** Programs are of this release, whatever the kernel is of. */
const SYSTEM = 'bookworm';

const cloud = { x64: 'linux-image-cloud-amd64', arm64: 'linux-image-cloud-arm64' } as const;

/** Kernels on which everything is checked that is promised of all. */
export const usualGuests: readonly Guest[] = (['x64', 'arm64'] as const).map((architecture) => ({
  name: `Debian 12's kernel on ${architecture}`,
  architecture,
  release: 'bookworm',
  kernel: cloud[architecture],
  checks: CHECKS,
}));

/** The oldest and the newest that can be had, and large pages: when they are asked for. */
export const otherGuests: readonly Guest[] = [
  {
    name: "Debian 11's kernel (Linux 5.10) on x64",
    architecture: 'x64',
    release: 'bullseye',
    kernel: cloud.x64,
    checks: REFUSED,
  },
  ...(['x64', 'arm64'] as const).map(
    (architecture): Guest => ({
      name: `Debian 13's kernel on ${architecture}`,
      architecture,
      release: 'trixie',
      kernel: cloud[architecture],
      checks: ALL,
    }),
  ),
  {
    name: "Debian 13's kernel on arm64 with pages of 16K",
    architecture: 'arm64',
    release: 'trixie',
    kernel: 'linux-image-arm64-16k',
    checks: ALL,
  },
  {
    name: "Debian 13's newest kernel on x64",
    architecture: 'x64',
    release: 'trixie-backports',
    kernel: cloud.x64,
    checks: ALL,
  },
];

async function unpackKernel(packages: Debian, kernel: string, directory: string): Promise<string> {
  const name = await packages.kernelOf(kernel);
  const unpacked = join(directory, 'kernel');
  await packages.unpack([name], unpacked);
  const files = readdirSync(unpacked, { recursive: true }) as string[];
  const file = files.find((each) => basename(each).startsWith('vmlinuz'));
  if (file === undefined) throw new Error(`there is no kernel in ${name}`);
  return join(unpacked, file);
}

async function makeArchive(
  packages: Debian,
  { architecture, checks }: Guest,
  directory: string,
): Promise<string> {
  const tree = join(directory, 'tree');
  const opt = join(tree, 'opt');
  const withTests = checks.some((each) => (TESTS as readonly string[]).includes(each));
  for (const name of ['proc', 'sys', 'dev', 'tmp', 'usr/bin', 'usr/sbin', 'usr/lib', 'usr/lib64'])
    mkdirSync(join(tree, name), { recursive: true });
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) symlinkSync(`usr/${name}`, join(tree, name));
  const [node] = await Promise.all([
    installNode(join(directory, 'node'), architecture),
    packages.unpack(PACKAGES, tree),
    installUsercam(join(opt, 'usercam'), architecture, withTests),
    withTests ? installClients(join(opt, 'clients'), architecture) : undefined,
  ]);
  for (const name of LEFT_OUT) rmSync(join(tree, name), { recursive: true, force: true });
  cpSync(node, join(tree, 'usr/bin/node'));
  cpSync(join(here, 'init.sh'), join(tree, 'init'));
  cpSync(join(here, 'guest-cc.sh'), join(tree, 'usr/bin/gcc'));
  for (const name of ['usr/bin/node', 'usr/bin/gcc', 'init']) chmodSync(join(tree, name), 0o755);
  // The checks are an ordinary user's, and there the clients go.
  mkdirSync(join(opt, 'usercam/dist/clients'), { recursive: true });
  chmodSync(join(opt, 'usercam/dist/clients'), 0o777);
  const archive = join(directory, 'archive');
  writeArchive(tree, archive);
  rmSync(tree, { recursive: true });
  return archive;
}

/** Boots a machine; gives what has come on its console until it was switched off. */
function boot(kernel: string, archive: string, { architecture, checks }: Guest): Promise<string> {
  const machine = machines[architecture];
  const words = [
    ...[...machine.words, 'rdinit=/init', 'quiet', 'loglevel=4', 'panic=-1', 'mitigations=off'],
    `usercam.checks=${checks.join(',')}`,
  ];
  const size = ['-accel', 'tcg,thread=multi', '-smp', String(CPUS), '-m', String(MEGABYTES)];
  const devices = ['-nographic', '-no-reboot', '-nic', 'none'];
  const system = ['-kernel', kernel, '-initrd', archive, '-append', words.join(' ')];
  return command([machine.program, ...machine.options, ...size, ...devices, ...system], {}, LIMIT_SECONDS);
}

/** Runs the checks of `guest` in it. */
export async function checkGuest(guest: Guest, directory: string): Promise<readonly Finding[]> {
  const { architecture, release } = guest;
  const system = new Debian(directory, SYSTEM, architecture);
  const [kernel, archive] = await Promise.all([
    unpackKernel(
      release === SYSTEM ? system : new Debian(directory, release, architecture),
      guest.kernel,
      directory,
    ),
    makeArchive(system, guest, directory),
  ]);
  const output = await boot(kernel, archive, guest);
  const environment = /GUEST (.*?)\r?$/m.exec(output)?.[1] ?? guest.name;
  return findingsIn(output, environment, guest.checks);
}
