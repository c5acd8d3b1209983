/** Which paths are ours. Most are not, and that must be known after a look at a few bytes. */
import { realpathSync } from 'node:fs';
import { posix } from 'node:path';
import { ENOTDIR, Errno } from '../base/errno.ts';
import { AT_FDCWD } from '../linux/constants.ts';
import type { CharDevice } from '../vfs/file.ts';
import { isLink, readlink } from './proc-fs.ts';
import type { ShadowTree } from './shadow-tree.ts';

export type Found =
  /** A device node. */
  | { readonly kind: 'device'; readonly device: CharDevice }
  /** A file of the shadow tree, at `real`. */
  | { readonly kind: 'shadow'; readonly real: string }
  /** A real directory that gets the names `extra`. */
  | { readonly kind: 'directory'; readonly path: string; readonly extra: readonly string[] }
  /** What a thread has open (`/proc/self/fd/768`): whether that is ours is not known here. */
  | {
      readonly kind: 'descriptor';
      readonly tid: number;
      readonly fd: number;
      /** It was named as a directory, with a slash behind it. */
      readonly slash: boolean;
    };

const SLASH = 0x2f;
const DOT = 0x2e;
const LETTERS = [...'dsrp./'].map((letter) => letter.charCodeAt(0));
const VIDEO = [...'video'].map((letter) => letter.charCodeAt(0));
/** As many as the kernel follows. */
const MAX_LINKS = 40;
const decoder = new TextDecoder();
/** Relative paths whose last parts can name something of ours; a number may be a name in /proc/PID/fd. */
const RELATIVE = /video|\d+:\d+|^\.{1,2}\/?$|(^|\/)(dev|class|char|virtual)\/?$|^(fd\/)?\d+$/;
const PROC_FD = /^\/proc\/(?:self|thread-self|(\d+))(?:\/task\/\d+)?\/fd\/(\d+)$/;

/** True if the path has two dots in a row: what it starts with does not tell where it leads. */
function goesUp(bytes: Uint8Array): boolean {
  for (let i = 1; i < bytes.length; i++) if (bytes[i] === DOT && bytes[i - 1] === DOT) return true;
  return false;
}

const directoryOf = (tid: number, dirfd: number): string =>
  dirfd === AT_FDCWD ? `/proc/${tid}/cwd` : `/proc/${tid}/fd/${dirfd}`;

/** `path` as it has to be written for us to find there what thread `tid` finds. */
const asSeenFrom = (tid: number, path: string): string =>
  path
    .replace(/^\/proc\/(?:thread-)?self(?=\/)/, `/proc/${tid}`)
    .replace(/^\/dev\/fd(?=\/)/, `/proc/${tid}/fd`);

/** True if the last part of the path begins like the name of a device. */
function endsAsDevice(bytes: Uint8Array): boolean {
  const start = bytes.lastIndexOf(SLASH) + 1;
  for (let i = 0; i < VIDEO.length; i++) if (bytes[start + i] !== VIDEO[i]) return false;
  return true;
}

/** The directory that the last part of `path` is in, without links; undefined if there is none. */
function realDirectory(path: string): string | undefined {
  try {
    return realpathSync(posix.dirname(path));
  } catch {
    return undefined;
  }
}

export class Paths {
  readonly tree: ShadowTree;
  readonly #devices: ReadonlyMap<string, CharDevice>;

  constructor(tree: ShadowTree, devices: readonly CharDevice[]) {
    this.tree = tree;
    this.#devices = new Map(devices.map((device) => [`/dev/${device.name}`, device]));
  }

  /**
   * What `bytes`, looked up by thread `tid` from directory `dirfd`, is; undefined if it is none of ours. A symbolic
   * link at its end is followed if `follow` says so, and those on the way if the end is the name of a device.
   */
  find(tid: number, dirfd: number, bytes: Uint8Array, follow = true): Found | undefined {
    return this.#findAsWritten(tid, dirfd, bytes) ?? this.#findThroughLinks(tid, dirfd, bytes, follow);
  }

  #findAsWritten(tid: number, dirfd: number, bytes: Uint8Array): Found | undefined {
    const absolute = bytes[0] === SLASH;
    if (absolute && !LETTERS.includes(bytes[1] ?? SLASH) && !goesUp(bytes)) return undefined;
    const text = decoder.decode(bytes);
    if (absolute) return this.#lookUp(tid, text);
    if (bytes.length === 0 || !RELATIVE.test(text)) return undefined;
    const directory = readlink(directoryOf(tid, dirfd));
    return directory === undefined ? undefined : this.#lookUp(tid, `${this.unshadow(directory)}/${text}`);
  }

  #findThroughLinks(tid: number, dirfd: number, bytes: Uint8Array, follow: boolean): Found | undefined {
    if (bytes.length === 0) return undefined;
    const from = bytes[0] === SLASH ? '' : `${directoryOf(tid, dirfd)}/`;
    if (follow && isLink(from, bytes)) return this.#follow(tid, from + decoder.decode(bytes));
    if (!endsAsDevice(bytes)) return undefined;
    const path = asSeenFrom(tid, from + decoder.decode(bytes));
    const name = posix.basename(path);
    if (!this.#devices.has(`/dev/${name}`)) return undefined;
    const directory = realDirectory(path);
    return directory === undefined ? undefined : this.#lookUp(tid, `${directory}/${name}`);
  }

  #follow(tid: number, link: string): Found | undefined {
    let path = asSeenFrom(tid, link);
    for (let links = 0; links < MAX_LINKS; links++) {
      const target = readlink(path);
      const directory = target === undefined ? undefined : realDirectory(path);
      if (target === undefined || directory === undefined) return undefined;
      path = asSeenFrom(tid, posix.resolve(directory, target));
      const found = this.#lookUp(tid, path);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #lookUp(tid: number, text: string): Found | undefined {
    const path = posix.normalize(text);
    const found = this.#look(tid, path);
    const up = text.indexOf('/..');
    if (up > 0 && this.#devices.has(text.slice(0, up))) throw new Errno(ENOTDIR);
    // A way that leads through a directory of ours and out of it again does not exist for the kernel.
    if (
      (found === undefined || found.kind === 'directory') &&
      up > 0 &&
      this.tree.locate(text.slice(0, up))
    ) {
      return { kind: 'shadow', real: path };
    }
    return found;
  }

  /** The path that a program knows, for one that may lie in the shadow tree. */
  unshadow(path: string): string {
    return this.#isShadow(path) ? path.slice(this.tree.root.length) || '/' : path;
  }

  /** What the file is that the kernel calls `path`; undefined if it is none of ours. */
  identify(path: string): Extract<Found, { kind: 'shadow' | 'directory' }> | undefined {
    if (this.#isShadow(path)) return { kind: 'shadow', real: path };
    const extra = this.tree.additions.get(path);
    return extra && { kind: 'directory', path, extra };
  }

  #isShadow(path: string): boolean {
    const { root } = this.tree;
    return path.startsWith(root) && (path.length === root.length || path[root.length] === '/');
  }

  #look(tid: number, withSlash: string): Found | undefined {
    const slash = withSlash.length > 1 && withSlash.endsWith('/');
    const path = slash ? withSlash.slice(0, -1) : withSlash;
    const device = this.#devices.get(path);
    if (device !== undefined) {
      if (slash) throw new Errno(ENOTDIR);
      return { kind: 'device', device };
    }
    if (this.#devices.has(posix.dirname(path))) throw new Errno(ENOTDIR);
    const real = this.tree.locate(path);
    if (real !== undefined) return { kind: 'shadow', real };
    const extra = this.tree.additions.get(path);
    if (extra !== undefined) return { kind: 'directory', path, extra };
    const descriptor = PROC_FD.exec(path) ?? /^\/dev\/()fd\/(\d+)$/.exec(path);
    if (descriptor === null) return undefined;
    return { kind: 'descriptor', tid: Number(descriptor[1] || tid), fd: Number(descriptor[2]), slash };
  }
}
