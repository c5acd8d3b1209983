/**
 * Debian's kernel for clouds in an emulated machine, with a file system that is in memory as a whole. The
 * processor is emulated, too: it takes no KVM, no rights, and any architecture runs on any other.
 */
import { chmodSync, cpSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { command } from './command.ts';
import { writeArchive } from './cpio.ts';
import { type Architecture, Debian, debianNames } from './debian.ts';
import { installNode, installUsercam } from './package.ts';
import { type Finding, findingsIn } from './report.ts';

const here = fileURLToPath(new URL('../../../test/environments', import.meta.url));
/** Ends a machine that hangs. */
const LIMIT_SECONDS = 600;
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
  readonly console: string;
}

export const machines: Readonly<Record<Architecture, Machine>> = {
  x64: {
    program: 'qemu-system-x86_64',
    package: 'qemu-system-x86',
    options: ['-cpu', 'max'],
    console: 'ttyS0',
  },
  arm64: {
    program: 'qemu-system-aarch64',
    package: 'qemu-system-arm',
    // The emulation of signed pointers as the processor does it takes half of the time.
    options: ['-machine', 'virt', '-cpu', 'max,pauth-impdef=on'],
    console: 'ttyAMA0',
  },
};

interface Image {
  readonly kernel: string;
  readonly archive: string;
}

async function unpackKernel(debian: Debian, architecture: Architecture, directory: string): Promise<string> {
  const name = await debian.firstDependency(`linux-image-cloud-${debianNames[architecture]}`);
  const unpacked = join(directory, 'kernel');
  await debian.unpack([name], unpacked);
  const boot = join(unpacked, 'boot');
  const kernel = readdirSync(boot).find((each) => each.startsWith('vmlinuz'));
  if (kernel === undefined) throw new Error(`there is no kernel in ${name}`);
  return join(boot, kernel);
}

async function makeImage(architecture: Architecture, directory: string): Promise<Image> {
  const tree = join(directory, 'tree');
  for (const name of ['proc', 'sys', 'dev', 'tmp', 'usr/bin', 'usr/sbin', 'usr/lib', 'usr/lib64'])
    mkdirSync(join(tree, name), { recursive: true });
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) symlinkSync(`usr/${name}`, join(tree, name));
  const debian = new Debian(directory, 'bookworm', architecture);
  const [kernel, node] = await Promise.all([
    unpackKernel(debian, architecture, directory),
    installNode(join(directory, 'node'), architecture),
    debian.unpack(PACKAGES, tree),
    installUsercam(join(tree, 'opt', 'usercam'), architecture),
  ]);
  for (const name of LEFT_OUT) rmSync(join(tree, name), { recursive: true, force: true });
  cpSync(node, join(tree, 'usr/bin/node'));
  cpSync(join(here, 'init.sh'), join(tree, 'init'));
  for (const name of ['usr/bin/node', 'init']) chmodSync(join(tree, name), 0o755);
  const archive = join(directory, 'archive');
  writeArchive(tree, archive);
  rmSync(tree, { recursive: true });
  return { kernel, archive };
}

/** Boots a machine; gives what has come on its console until it was switched off. */
function boot({ program, options, console: tty }: Machine, { kernel, archive }: Image): Promise<string> {
  const words = `console=${tty} rdinit=/init quiet loglevel=4 panic=-1 mitigations=off`;
  const size = ['-accel', 'tcg,thread=multi', '-smp', String(CPUS), '-m', String(MEGABYTES)];
  const devices = ['-nographic', '-no-reboot', '-nic', 'none'];
  const system = ['-kernel', kernel, '-initrd', archive, '-append', words];
  return command([program, ...options, ...size, ...devices, ...system], {}, LIMIT_SECONDS);
}

/** Runs the checks on Debian's kernel for `architecture`. */
export async function checkGuest(architecture: Architecture, directory: string): Promise<readonly Finding[]> {
  const output = await boot(machines[architecture], await makeImage(architecture, directory));
  const environment = /GUEST (.*?)\r?$/m.exec(output)?.[1] ?? `Debian's kernel on ${architecture}`;
  return findingsIn(output, environment);
}
