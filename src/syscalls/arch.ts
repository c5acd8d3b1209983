/** What differs between the processors: the numbers of the system calls and the places in `struct stat`. */
export interface Arch {
  /** AUDIT_ARCH_*: what seccomp calls this architecture. */
  readonly audit: number;
  /** Numbers of the calls that are served; a call that the architecture does not have is missing. */
  readonly nr: Readonly<Record<CallName, number | undefined>>;
  /** Byte offsets in the kernel's `struct stat`, and its size. */
  readonly stat: {
    readonly size: number;
    readonly ino: number;
    readonly mode: number;
    readonly uid: number;
    readonly gid: number;
    readonly rdev: number;
  };
}

export type CallName =
  | 'read'
  | 'write'
  | 'open'
  | 'close'
  | 'stat'
  | 'fstat'
  | 'lstat'
  | 'mmap'
  | 'ioctl'
  | 'readv'
  | 'writev'
  | 'pread64'
  | 'pwrite64'
  | 'access'
  | 'dup'
  | 'dup2'
  | 'dup3'
  | 'execve'
  | 'execveat'
  | 'fcntl'
  | 'readlink'
  | 'getdents64'
  | 'openat'
  | 'openat2'
  | 'newfstatat'
  | 'readlinkat'
  | 'faccessat'
  | 'faccessat2'
  | 'statx'
  | 'close_range'
  | 'getxattr'
  | 'lgetxattr'
  | 'listxattr'
  | 'llistxattr'
  | 'epoll_ctl'
  | 'select'
  | 'pselect6'
  | 'seccomp'
  | 'pidfd_open'
  | 'tgkill'
  | 'prlimit64'
  | 'connect'
  | 'accept'
  | 'sendto'
  | 'recvfrom'
  | 'sendmsg'
  | 'recvmsg'
  | 'shutdown'
  | 'bind'
  | 'listen'
  | 'getsockname'
  | 'getpeername'
  | 'setsockopt'
  | 'getsockopt'
  | 'accept4'
  | 'recvmmsg'
  | 'sendmmsg'
  | 'chmod'
  | 'fchmod'
  | 'fchmodat'
  | 'fchmodat2'
  | 'chown'
  | 'fchown'
  | 'lchown'
  | 'fchownat'
  | 'utime'
  | 'utimes'
  | 'futimesat'
  | 'utimensat'
  | 'truncate'
  | 'statfs'
  | 'fstatfs'
  | 'mkdir'
  | 'mkdirat'
  | 'rmdir'
  | 'mknod'
  | 'mknodat'
  | 'symlink'
  | 'symlinkat'
  | 'link'
  | 'linkat'
  | 'rename'
  | 'renameat'
  | 'renameat2'
  | 'unlink'
  | 'unlinkat'
  | 'creat'
  | 'inotify_add_watch'
  | 'pidfd_getfd'
  | 'chroot'
  | 'pivot_root'
  | 'setns'
  | 'mount'
  | 'umount2'
  | 'move_mount';

const X64: Arch = {
  audit: 0xc000003e,
  nr: {
    read: 0,
    write: 1,
    open: 2,
    close: 3,
    stat: 4,
    fstat: 5,
    lstat: 6,
    mmap: 9,
    ioctl: 16,
    readv: 19,
    writev: 20,
    pread64: 17,
    pwrite64: 18,
    access: 21,
    dup: 32,
    dup2: 33,
    dup3: 292,
    execve: 59,
    execveat: 322,
    fcntl: 72,
    readlink: 89,
    getdents64: 217,
    openat: 257,
    openat2: 437,
    newfstatat: 262,
    readlinkat: 267,
    faccessat: 269,
    faccessat2: 439,
    statx: 332,
    close_range: 436,
    seccomp: 317,
    pidfd_open: 434,
    tgkill: 234,
    prlimit64: 302,
    connect: 42,
    accept: 43,
    sendto: 44,
    recvfrom: 45,
    sendmsg: 46,
    recvmsg: 47,
    shutdown: 48,
    bind: 49,
    listen: 50,
    getsockname: 51,
    getpeername: 52,
    setsockopt: 54,
    getsockopt: 55,
    accept4: 288,
    recvmmsg: 299,
    sendmmsg: 307,
    getxattr: 191,
    lgetxattr: 192,
    listxattr: 194,
    llistxattr: 195,
    epoll_ctl: 233,
    select: 23,
    pselect6: 270,
    chmod: 90,
    fchmod: 91,
    fchmodat: 268,
    fchmodat2: 452,
    chown: 92,
    fchown: 93,
    lchown: 94,
    fchownat: 260,
    utime: 132,
    utimes: 235,
    futimesat: 261,
    utimensat: 280,
    truncate: 76,
    statfs: 137,
    fstatfs: 138,
    mkdir: 83,
    mkdirat: 258,
    rmdir: 84,
    mknod: 133,
    mknodat: 259,
    symlink: 88,
    symlinkat: 266,
    link: 86,
    linkat: 265,
    rename: 82,
    renameat: 264,
    renameat2: 316,
    unlink: 87,
    unlinkat: 263,
    creat: 85,
    inotify_add_watch: 254,
    pidfd_getfd: 438,
    chroot: 161,
    pivot_root: 155,
    setns: 308,
    mount: 165,
    umount2: 166,
    move_mount: 429,
  },
  stat: { size: 144, ino: 8, mode: 24, uid: 28, gid: 32, rdev: 40 },
};

const ARM64: Arch = {
  audit: 0xc00000b7,
  nr: {
    read: 63,
    write: 64,
    open: undefined,
    close: 57,
    stat: undefined,
    fstat: 80,
    lstat: undefined,
    mmap: 222,
    ioctl: 29,
    readv: 65,
    writev: 66,
    pread64: 67,
    pwrite64: 68,
    access: undefined,
    dup: 23,
    dup2: undefined,
    dup3: 24,
    execve: 221,
    execveat: 281,
    fcntl: 25,
    readlink: undefined,
    getdents64: 61,
    openat: 56,
    openat2: 437,
    newfstatat: 79,
    readlinkat: 78,
    faccessat: 48,
    faccessat2: 439,
    statx: 291,
    close_range: 436,
    seccomp: 277,
    pidfd_open: 434,
    tgkill: 131,
    prlimit64: 261,
    connect: 203,
    accept: 202,
    sendto: 206,
    recvfrom: 207,
    sendmsg: 211,
    recvmsg: 212,
    shutdown: 210,
    bind: 200,
    listen: 201,
    getsockname: 204,
    getpeername: 205,
    setsockopt: 208,
    getsockopt: 209,
    accept4: 242,
    recvmmsg: 243,
    sendmmsg: 269,
    getxattr: 8,
    lgetxattr: 9,
    listxattr: 11,
    llistxattr: 12,
    epoll_ctl: 21,
    select: undefined,
    pselect6: 72,
    chmod: undefined,
    fchmod: 52,
    fchmodat: 53,
    fchmodat2: 452,
    chown: undefined,
    fchown: 55,
    lchown: undefined,
    fchownat: 54,
    utime: undefined,
    utimes: undefined,
    futimesat: undefined,
    utimensat: 88,
    truncate: 45,
    statfs: 43,
    fstatfs: 44,
    mkdir: undefined,
    mkdirat: 34,
    rmdir: undefined,
    mknod: undefined,
    mknodat: 33,
    symlink: undefined,
    symlinkat: 36,
    link: undefined,
    linkat: 37,
    rename: undefined,
    renameat: 38,
    renameat2: 276,
    unlink: undefined,
    unlinkat: 35,
    creat: undefined,
    inotify_add_watch: 27,
    pidfd_getfd: 438,
    chroot: 51,
    pivot_root: 41,
    setns: 268,
    mount: 40,
    umount2: 39,
    move_mount: 429,
  },
  stat: { size: 128, ino: 8, mode: 16, uid: 24, gid: 28, rdev: 32 },
};

/** The architecture of this process, undefined if it is not one that is served. */
export function archOf(name: string = process.arch): Arch | undefined {
  return name === 'x64' ? X64 : name === 'arm64' ? ARM64 : undefined;
}

/** The architecture of this process, for code that runs only after `archOf` was checked. */
export const ARCH: Arch = archOf() ?? X64;
