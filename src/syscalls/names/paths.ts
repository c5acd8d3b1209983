/** Which paths are ours. Most are not, and that must be known after a look at a few bytes. */
import { realpathSync } from 'node:fs';
import { posix } from 'node:path';
import { ENOTDIR, Errno } from '../../base/errno.ts';
import { AT_FDCWD } from '../../linux/constants.ts';
import { isLink, readlink } from '../../linux/proc-fs.ts';
import type { DeviceTable } from '../../vfs/device-table.ts';
import type { CharDevice } from '../../vfs/file.ts';
import { ForeignView, type PathView, sharesRoot } from './program-root.ts';
import type { ShadowKind, ShadowTree, Way } from './shadow-tree.ts';

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
const encoder = new TextEncoder();
const PROC_FD = /^\/proc\/(?:self|thread-self|(\d+))(?:\/task\/\d+)?\/fd\/(\d+)$/;
const DOTS_OR_DIGITS = /(^|\/)(\.{1,2}\/?|\d+)$/;
/** Where absolute paths begin that can be ours as they are written. */
const bytesOf = (text: string) => [...text].map((c) => c.charCodeAt(0));
const TOPS = ['dev', 'sys', 'run', 'proc', '.', '/'].map(bytesOf);
const PROC_SELF = bytesOf('proc/self/');
const PROC_THREAD = bytesOf('proc/thread-self/');
const DEV_FD = bytesOf('dev/fd/');

/** True if `bytes` go on with `word` at `start`. */
function startsAt(bytes: Uint8Array, start: number, word: readonly number[]): boolean {
  for (let i = 0; i < word.length; i++) if (bytes[start + i] !== word[i]) return false;
  return true;
}

/** A name of dots alone: what is before it must be a directory, and two of them lead out of where that really is. */
const DOTS = /(?:^|\/)\.{1,2}(?:\/|$)/;

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

/** {@link asSeenFrom} for an absolute path that may begin in /proc or /dev. */
function inProcOf(tid: number, bytes: Uint8Array): Uint8Array {
  if (!startsAt(bytes, 1, PROC_SELF) && !startsAt(bytes, 1, PROC_THREAD) && !startsAt(bytes, 1, DEV_FD))
    return bytes;
  return encoder.encode(asSeenFrom(tid, decoder.decode(bytes)));
}

/** `bytes` without what only says that they name a directory. */
function withoutSlashes(bytes: Uint8Array): Uint8Array {
  let { length } = bytes;
  for (;;) {
    if (length > 1 && bytes[length - 1] === SLASH) length--;
    else if (length > 2 && bytes[length - 1] === DOT && bytes[length - 2] === SLASH) length--;
    else return bytes.subarray(0, length);
  }
}

/** `path` with the directory that its last name is in as it really is; undefined if there is none. */
function realPath(view: PathView, path: string): string | undefined {
  const plain = path.replace(/\/+$/, '') || '/';
  const directory = view.realDirectory(posix.dirname(plain));
  if (directory === undefined) return undefined;
  return `${directory === '/' ? '' : directory}/${posix.basename(plain)}${plain === path ? '' : '/'}`;
}

/** Paths as we see them. */
const OUR_VIEW: PathView = {
  readlink,
  realDirectory(path) {
    try {
      // Not Node's own, which takes two dots after a link as they are written.
      return realpathSync.native(`${path}/.`);
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
      return this.#lookUp(tid, decoder.decode(bytes), follow);
    }
    if (!this.#mayBeRelative(bytes)) return undefined;
    const directory = this.#nameOfDirectory(tid, dirfd);
    return directory === undefined
      ? undefined
      : this.#lookUp(tid, `${directory}/${decoder.decode(bytes)}`, follow);
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
    // With a slash behind it, a link is followed in any case.
    const plain = withoutSlashes(bytes);
    const slash = plain.length < bytes.length ? '/' : '';
    const isAbsolute = bytes[0] === SLASH;
    const root = this.#rootsDiffer ? `/proc/${tid}/root` : '';
    const from = isAbsolute ? root : `${directoryOf(tid, dirfd)}/`;
    const isFollowed = (follow || slash !== '') && isLink(from, isAbsolute ? inProcOf(tid, plain) : plain);
    if (!isFollowed && !this.#endsAsDevice(plain)) return undefined;
    const view = this.#viewOf(tid);
    const start =
      view !== OUR_VIEW && !isAbsolute ? this.#nameOfDirectory(tid, dirfd) : directoryOf(tid, dirfd);
    if (start === undefined) return undefined;
    const path = (isAbsolute ? '' : `${start}/`) + decoder.decode(plain);
    return isFollowed
      ? this.#follow(tid, view, path + slash)
      : this.#inRealDirectory(tid, view, asSeenFrom(tid, path) + slash);
  }

  /** How links are read and directories found for thread `tid`. */
  #viewOf(tid: number): PathView {
    return this.#rootsDiffer && !sharesRoot(tid) ? new ForeignView(tid) : OUR_VIEW;
  }

  /** True if the last part of the path is the name of a device. */
  #endsAsDevice(bytes: Uint8Array): boolean {
    const start = bytes.lastIndexOf(SLASH) + 1;
    if (this.tree.initials[bytes[start] as number] !== 1) return false;
    return this.#devices.find(decoder.decode(bytes.subarray(start))) !== undefined;
  }

  /** What has the last name of `path`, in the directory that it is really in. */
  #inRealDirectory(tid: number, view: PathView, path: string): Found | undefined {
    const real = realPath(view, path);
    return real === undefined ? undefined : this.#lookUp(tid, real, true);
  }

  #follow(tid: number, view: PathView, link: string): Found | undefined {
    let path: string | undefined = realPath(view, asSeenFrom(tid, link));
    for (let links = 0; links < MAX_LINKS && path !== undefined; links++) {
      const name = path.replace(/\/$/, '');
      const target = view.readlink(name);
      if (target === undefined) return undefined;
      const slash = name === path ? '' : '/';
      const written = (target.startsWith('/') ? target : `${posix.dirname(name)}/${target}`) + slash;
      const next = asSeenFrom(tid, written);
      const found = this.#lookUp(tid, next, true);
      if (found !== undefined) return found;
      // Most links name a file beside them.
      path = target.includes('/') ? realPath(view, next) : next;
      // The way to what is ours can be a link itself.
      const behind = path === undefined || path === next ? undefined : this.#lookUp(tid, path, true);
      if (behind !== undefined) return behind;
    }
    return undefined;
  }

  /**
   * The path that a program knows, for one that may lie in the shadow tree. Above what is ours there the tree is what it is, a few
   * directories of ours: who cleans up the directory that it lies in must not come from there into the real /dev.
   */
  unshadow(path: string): string {
    if (!this.#isShadow(path)) return path;
    const outside = path.slice(this.tree.root.length) || '/';
    return this.tree.locate(outside) === undefined ? path : outside;
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

  /**
   * What is at the absolute path `text` of thread `tid`. Dots in it are looked at as written first: most paths with them are
   * none of ours.
   */
  #lookUp(tid: number, text: string, follow: boolean): Found | undefined {
    const found = this.#at(text, this.tree.walk(text, follow));
    if (found === undefined || !DOTS.test(text)) return found;
    const view = this.#viewOf(tid);
    const real = (path: string) => {
      if (this.#deviceAt(path) !== undefined) throw new Errno(ENOTDIR);
      return view.realDirectory(asSeenFrom(tid, `${path}/`));
    };
    return this.#at(text, this.tree.walk(text, follow, real));
  }

  #at(text: string, way: Way | undefined): Found | undefined {
    if (way === undefined) return undefined;
    const { path: withSlash, out } = way;
    const isDirectory = withSlash.length > 1 && withSlash.endsWith('/');
    const path = isDirectory ? withSlash.slice(0, -1) : withSlash;
    const device = this.#deviceAt(path);
    if (isDirectory && device !== undefined) throw new Errno(ENOTDIR);
    if (this.#goesThroughDevice(text)) throw new Errno(ENOTDIR);
    if (device !== undefined) return { kind: 'device', device };
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
