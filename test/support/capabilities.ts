/**
 * What tests use beside Node and the utilities of every system (a shell, coreutils, grep, sed, setsid): one
 * table, and how to find out that each of it is usable here. A test names what it needs by these names.
 */
import { spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

interface Capability {
  /** Programs that have to be in PATH. */
  readonly programs: readonly [string, ...string[]];
  /** A shell script that succeeds where it is usable; `$1` is the first program. Runs in an empty directory. */
  readonly proof: string;
  /** Debian's packages. */
  readonly packages: readonly string[];
}

const compile = (options: string) => `
printf '#include <linux/videodev2.h>\\n#include <pthread.h>\\nint main(void) { return 0; }\\n' > try.c
"$1" ${options} -o try try.c && ./try`;

const CAPABILITIES = {
  bash: { programs: ['bash'], proof: '"$1" -c :', packages: ['bash'] },
  bubblewrap: {
    programs: ['bwrap'],
    proof: '"$1" --ro-bind / / --dev /dev --proc /proc true',
    packages: ['bubblewrap'],
  },
  busybox: { programs: ['busybox'], proof: '"$1" cat < /dev/null', packages: ['busybox'] },
  cam: { programs: ['cam'], proof: '"$1" --help', packages: ['libcamera-tools'] },
  chromium: {
    programs: ['chromium'],
    proof: `
test "$(id -u)" = 0 && sandbox=--no-sandbox
HOME=$PWD "$1" --headless --disable-gpu $sandbox --user-data-dir="$PWD/user" --dump-dom 'data:text/html,<p>hi' |
grep -q hi`,
    packages: ['chromium'],
  },
  chromedriver: { programs: ['chromedriver'], proof: '"$1" --version', packages: ['chromium-driver'] },
  coreutils: {
    programs: ['df', 'stat', 'timeout'],
    proof: 'df --output=target . && stat -f -c %T . && timeout 60 true',
    packages: ['coreutils'],
  },
  ffmpeg: {
    programs: ['ffmpeg'],
    proof:
      'for side in demuxer muxer; do "$1" -hide_banner -h $side=v4l2 | grep -qi "^$side .*v4l2" || exit; done',
    packages: ['ffmpeg'],
  },
  firefox: {
    programs: ['firefox-esr'],
    proof: 'HOME=$PWD "$1" --headless --screenshot "$PWD/page.png" "data:text/html,hi" && test -s page.png',
    packages: ['firefox-esr'],
  },
  gcc: { programs: ['gcc'], proof: compile(''), packages: ['gcc', 'libc6-dev'] },
  'gcc -static': { programs: ['gcc'], proof: compile('-static'), packages: ['gcc', 'libc6-dev'] },
  fuser: { programs: ['fuser'], proof: '"$1" -V', packages: ['psmisc'] },
  git: { programs: ['git'], proof: '"$1" init -q .', packages: ['git'] },
  go: { programs: ['go'], proof: 'HOME=$PWD "$1" list syscall', packages: ['golang-go'] },
  'gst-device-monitor': {
    programs: ['gst-device-monitor-1.0'],
    proof: '"$1" --version',
    packages: ['gstreamer1.0-plugins-base-apps'],
  },
  gstreamer: {
    programs: ['gst-launch-1.0', 'gst-inspect-1.0'],
    proof: 'for name in v4l2src v4l2sink videotestsrc filesink; do gst-inspect-1.0 $name || exit; done',
    packages: ['gstreamer1.0-tools', 'gstreamer1.0-plugins-base', 'gstreamer1.0-plugins-good'],
  },
  lsof: { programs: ['lsof'], proof: '"$1" -v', packages: ['lsof'] },
  'media-ctl': { programs: ['media-ctl'], proof: '"$1" --version', packages: ['v4l-utils'] },
  npm: { programs: ['npm'], proof: 'HOME=$PWD "$1" --version', packages: [] },
  opencv: {
    programs: ['python3'],
    proof: `"$1" -c '
import cv2, numpy
assert cv2.CAP_V4L2 in cv2.videoio_registry.getCameraBackends()'`,
    packages: ['python3-opencv'],
  },
  pipewire: {
    programs: ['pipewire', 'wireplumber', 'pw-mon', 'dbus-daemon', 'gst-inspect-1.0'],
    proof: 'gst-inspect-1.0 pipewiresrc',
    packages: ['pipewire', 'wireplumber', 'dbus-daemon', 'gstreamer1.0-pipewire', 'gstreamer1.0-tools'],
  },
  pv: { programs: ['pv'], proof: '"$1" -q < /dev/null', packages: ['pv'] },
  pytest: {
    programs: ['python3'],
    proof: '"$1" -m pytest --version',
    packages: ['python3-pytest'],
  },
  python3: { programs: ['python3'], proof: '"$1" -c "import json, pty, socket"', packages: ['python3'] },
  setpriv: {
    programs: ['setpriv'],
    proof: '"$1" --help | grep -q -e --bounding-set',
    packages: ['util-linux'],
  },
  udevadm: { programs: ['udevadm'], proof: '"$1" --version', packages: ['udev'] },
  'user namespaces': {
    programs: ['unshare', 'mount'],
    proof: '"$1" -Urm mount -t tmpfs none .',
    packages: ['util-linux', 'mount'],
  },
  'v4l2-compliance': { programs: ['v4l2-compliance'], proof: '"$1" --version', packages: ['v4l-utils'] },
  'v4l2-ctl': { programs: ['v4l2-ctl'], proof: '"$1" --help', packages: ['v4l-utils'] },
} as const satisfies Record<string, Capability>;

export type CapabilityName = keyof typeof CAPABILITIES;
export const capabilityNames = Object.keys(CAPABILITIES) as readonly CapabilityName[];

/** The first program of each capability that is usable. */
export type Usable = Readonly<Partial<Record<CapabilityName, string>>>;

export function packagesOf(names: readonly CapabilityName[]): readonly string[] {
  return [...new Set(names.flatMap((name): readonly string[] => CAPABILITIES[name].packages))];
}

export function programsOf(name: CapabilityName): readonly string[] {
  return CAPABILITIES[name].programs;
}

/**
 * PATH with the distribution's own programs first: what version managers put before them are scripts that start
 * other programs, or lack what the distribution's have.
 */
export function searchPath(): string {
  const directories = (process.env.PATH ?? '').split(delimiter).filter((each) => each.startsWith('/'));
  const own = ['/usr/bin', '/bin'].filter((each) => directories.includes(each));
  return [...new Set([...own, ...directories])].join(delimiter);
}

/** The places where a program is in PATH. */
function placesOf(program: string): readonly string[] {
  const places = searchPath()
    .split(delimiter)
    .map((directory) => join(directory, program));
  return places.filter((place) => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Ends a proof that hangs, and all that it has started, also when nobody waits for it any more. */
const WITHIN = ['-k', '5', '120'];

function succeeds(script: string, program: string): Promise<boolean> {
  const cwd = mkdtempSync(join(tmpdir(), 'proof-'));
  const env = { ...process.env, PATH: searchPath(), TMPDIR: cwd, GO111MODULE: 'off' };
  const command = spawn('timeout', [...WITHIN, 'sh', '-c', script, 'sh', program], {
    cwd,
    env,
    stdio: 'ignore',
  });
  return new Promise((resolve) => {
    const end = (code: number | null) => {
      rmSync(cwd, { recursive: true, force: true, maxRetries: 5 });
      resolve(code === 0);
    };
    command.on('error', () => end(null));
    command.on('exit', end);
  });
}

async function usableProgram({ programs, proof }: Capability): Promise<string | undefined> {
  const [first, ...others] = programs;
  if (others.some((program) => placesOf(program).length === 0)) return undefined;
  for (const place of placesOf(first)) if (await succeeds(proof, place)) return place;
  return undefined;
}

/** Finds out what is usable here. */
export async function findUsable(): Promise<Usable> {
  const found = await Promise.all(
    capabilityNames.map(async (name) => [name, await usableProgram(CAPABILITIES[name])] as const),
  );
  return Object.fromEntries(found.filter(([, program]) => program !== undefined)) as Usable;
}
