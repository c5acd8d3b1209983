/** Which paths are ours. Most are not, and that must be known after a look at a few bytes. */
import { realpathSync } from 'node:fs';
import { posix } from 'node:path';
import { ENOTDIR, Errno } from '../../base/errno.ts';
import { AT_FDCWD } from '../../linux/constants.ts';
import { isLink, readlink } from '../../linux/proc-fs.ts';
import type { DeviceTable } from '../../vfs/device-table.ts';
import type { CharDevice } from '../../vfs/file.ts';
import { ForeignView, type PathView, sharesRoot } from './program-root.ts';
import type { ShadowKind, ShadowTree } from './shadow-tree.ts';

/** A file of the shadow tree, at `real`; without a kind if there is none, which the kernel says best. */
export interface Shadow {
  readonly kind: 'shadow';
  readonly real: string;
  readonly is: ShadowKind | undefined;
}

/** A real directory that gets further names: those of {@link ShadowTree.additions}. */
export interface Directory {
  readonly kind: 'directory';
  readonly path: string;
  /** The way to it goes through directories of ours, so the kernel does not find it as it is written. */
  readonly out: boolean;
}

export type Found =
  /** A device node. */
  | { readonly kind: 'device'; readonly device: CharDevice }
  | Shadow
  | Directory
  /** A real directory, to which the kernel does not find the way because it goes through directories of ours. */
  | { readonly kind: 'behind'; readonly path: string }
  /** What a process has open (`/proc/self/fd/768`): whether that is ours is not known here. */
  | {
      readonly kind: 'descriptor';
      readonly pid: number | undefined;
      readonly fd: number;
      /** It was named as a directory, with a slash behind it. */
      readonly slash: boolean;
    };

const SLASH = 0x2f;
const DOT = 0x2e;
/** As many as the kernel follows. */
export const MAX_LINKS = 40;
const DEV = '/dev/';
const decoder = new TextDecoder();
const PROC_FD = /^\/proc\/(?:self|thread-self|(\d+))(?:\/task\/\d+)?\/fd\/(\d+)$/;
const DOTS_OR_DIGITS = /(^|\/)(\.{1,2}\/?|\d+)$/;
/** Where absolute paths begin that can be ours as they are written. */
const TOPS = ['dev', 'sys', 'run', 'proc', '.', '/'].map((top) => [...top].map((c) => c.charCodeAt(0)));

/** True if `bytes` go on with `word` at `start`. */
function startsAt(bytes: Uint8Array, start: number, word: readonly number[]): boolean {
  for (let i = 0; i < word.length; i++) if (bytes[start + i] !== word[i]) return false;
  return true;
}

/** True if the path has two dots in a row: what it starts with does not tell where it leads. */
function goesUp(bytes: Uint8Array): boolean {
  for (let i = 1; i < bytes.length; i++) if (bytes[i] === DOT && bytes[i - 1] === DOT) return true;
  return false;
}

/** What we call directory `dirfd` of thread `tid`. */
export const directoryOf = (tid: number, dirfd: number): string =>
  dirfd === AT_FDCWD ? `/proc/${tid}/cwd` : `/proc/${tid}/fd/${dirfd}`;

/** `path` as it has to be written for us to find there what thread `tid` finds. */
export const asSeenFrom = (tid: number, path: string): string =>
  path
    .replace(/^\/proc\/(?:thread-)?self(?=\/)/, `/proc/${tid}`)
    .replace(/^\/dev\/fd(?=\/)/, `/proc/${tid}/fd`);

/** Paths as we see them. */
const OUR_VIEW: PathView = {
  readlink,
  realDirectory(path) {
    try {
      return realpathSync(path);
    } catch {
      return undefined;
    }
  },
};

export class Paths {
  readonly tree: ShadowTree;
  readonly #devices: DeviceTable;
  /** True once a program may have another root than ours. */
  #rootsDiffer = false;

  constructor(tree: ShadowTree, devices: DeviceTable) {
    this.tree = tree;
    this.#devices = devices;
  }

  get devices(): readonly CharDevice[] {
    return this.#devices.devices;
  }

  /** The device whose node is at `path`, written without links and dots. */
  #deviceAt(path: string): CharDevice | undefined {
    return path.startsWith(DEV) ? this.#devices.find(path.slice(DEV.length)) : undefined;
  }

  /** Somebody is about to change what paths mean to him: from now on links are looked up where the program is. */
  rootsDiffer(): void {
    this.#rootsDiffer = true;
  }

  /**
   * What `bytes`, looked up by thread `tid` from directory `dirfd`, is; undefined if it is none of ours. A symbolic
   * link at its end is followed if `follow` says so, and those on the way if the end is the name of a device.
   */
  find(tid: number, dirfd: number, bytes: Uint8Array, follow = true): Found | undefined {
    if (bytes.length === 0) return undefined;
    return (
      this.#findAsWritten(tid, dirfd, bytes, follow) ?? this.#findThroughLinks(tid, dirfd, bytes, follow)
    );
  }

  #findAsWritten(tid: number, dirfd: number, bytes: Uint8Array, follow: boolean): Found | undefined {
    if (bytes[0] === SLASH) {
      if (!TOPS.some((top) => startsAt(bytes, 1, top)) && !goesUp(bytes)) return undefined;
      return this.#lookUp(decoder.decode(bytes), follow);
    }
    if (!this.#mayBeRelative(bytes)) return undefined;
    const directory = this.#nameOfDirectory(tid, dirfd);
    return directory === undefined
      ? undefined
      : this.#lookUp(`${directory}/${decoder.decode(bytes)}`, follow);
  }

  /** True if a part of the relative path is a name of something of ours, or the last one only dots or digits. */
  #mayBeRelative(bytes: Uint8Array): boolean {
    let candidate = this.tree.initials[bytes[0] as number] === 1;
    for (let i = 1; i < bytes.length && !candidate; i++)
      candidate = bytes[i - 1] === SLASH && this.tree.initials[bytes[i] as number] === 1;
    if (!candidate) return false;
    const text = decoder.decode(bytes);
    return DOTS_OR_DIGITS.test(text) || text.split('/').some((name) => this.tree.names.has(name));
  }

  /** What thread `tid` calls its directory `dirfd`, as far as we know. */
  #nameOfDirectory(tid: number, dirfd: number): string | undefined {
    const name = readlink(directoryOf(tid, dirfd));
    if (name === undefined || !this.#rootsDiffer || sharesRoot(tid)) return name && this.unshadow(name);
    return new ForeignView(tid).nameOf(name);
  }

  #findThroughLinks(tid: number, dirfd: number, bytes: Uint8Array, follow: boolean): Found | undefined {
    const isAbsolute = bytes[0] === SLASH;
    const root = this.#rootsDiffer ? `/proc/${tid}/root` : '';
    const from = isAbsolute ? root : `${directoryOf(tid, dirfd)}/`;
    const isFollowed = follow && isLink(from, bytes);
    if (!isFollowed && !this.#endsAsDevice(bytes)) return undefined;
    const foreign = root !== '' && !sharesRoot(tid) ? new ForeignView(tid) : undefined;
    const start = foreign && !isAbsolute ? this.#nameOfDirectory(tid, dirfd) : directoryOf(tid, dirfd);
    if (start === undefined) return undefined;
    const path = (isAbsolute ? '' : `${start}/`) + decoder.decode(bytes);
    return isFollowed
      ? this.#follow(tid, foreign ?? OUR_VIEW, path)
      : this.#inRealDirectory(foreign ?? OUR_VIEW, asSeenFrom(tid, path));
  }

  /** True if the last part of the path is the name of a device. */
  #endsAsDevice(bytes: Uint8Array): boolean {
    const start = bytes.lastIndexOf(SLASH) + 1;
    if (this.tree.initials[bytes[start] as number] !== 1) return false;
    return this.#devices.find(decoder.decode(bytes.subarray(start))) !== undefined;
  }

  #inRealDirectory(view: PathView, path: string): Found | undefined {
    const directory = view.realDirectory(posix.dirname(path));
    return directory === undefined ? undefined : this.#lookUp(`${directory}/${posix.basename(path)}`, true);
  }

  #follow(tid: number, view: PathView, link: string): Found | undefined {
    let path = asSeenFrom(tid, link);
    for (let links = 0; links < MAX_LINKS; links++) {
      const target = view.readlink(path);
      const directory = target === undefined ? undefined : view.realDirectory(posix.dirname(path));
      if (target === undefined || directory === undefined) return undefined;
      path = asSeenFrom(tid, posix.resolve(directory, target));
      const found = this.#lookUp(path, true);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The path that a program knows, for one that may lie in the shadow tree. */
  unshadow(path: string): string {
    return this.#isShadow(path) ? path.slice(this.tree.root.length) || '/' : path;
  }

  /** What the file is that the kernel calls `path`; undefined if it is none of ours. */
  identify(path: string): Shadow | Directory | undefined {
    if (this.#isShadow(path)) return this.#shadow(path);
    return this.tree.additions.has(path) ? { kind: 'directory', path, out: false } : undefined;
  }

  #isShadow(path: string): boolean {
    const { root } = this.tree;
    return path.startsWith(root) && (path.length === root.length || path[root.length] === '/');
  }

  #shadow(real: string): Shadow {
    if (!real.endsWith('/')) return { kind: 'shadow', real, is: this.tree.kindOf(real) };
    const is = this.tree.kindOf(real.slice(0, -1));
    return { kind: 'shadow', real, is: is === 'directory' ? is : undefined };
  }

  #lookUp(text: string, follow: boolean): Found | undefined {
    const { path: withSlash, out } = this.tree.walk(text, follow);
    const isDirectory = withSlash.length > 1 && withSlash.endsWith('/');
    const path = isDirectory ? withSlash.slice(0, -1) : withSlash;
    const device = this.#deviceAt(path);
    if (device !== undefined && !isDirectory) return { kind: 'device', device };
    if (device !== undefined || this.#goesThroughDevice(text)) throw new Errno(ENOTDIR);
    if (this.tree.locate(path) !== undefined) return this.#shadow(this.tree.root + withSlash);
    if (this.tree.additions.has(path)) return { kind: 'directory', path, out };
    const descriptor = PROC_FD.exec(path) ?? /^\/dev\/()fd\/(\d+)$/.exec(path);
    if (descriptor !== null) {
      const [, pid, fd] = descriptor;
      return { kind: 'descriptor', pid: pid ? Number(pid) : undefined, fd: Number(fd), slash: isDirectory };
    }
    return out ? { kind: 'behind', path } : undefined;
  }

  /** True if the way of `text` goes on behind a device. */
  #goesThroughDevice(text: string): boolean {
    for (let end = text.indexOf('/', 1); end > 0; end = text.indexOf('/', end + 1))
      if (this.#deviceAt(text.slice(0, end)) !== undefined) return true;
    return false;
  }
}
