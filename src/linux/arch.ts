/** What differs between the processors: the numbers of the system calls and the places in `struct stat`. */

/** The calls that are served or made, with their numbers on x64 and arm64; a call that one does not have is missing. */
const NUMBERS = {
  read: [0, 63],
  write: [1, 64],
  open: [2, undefined],
  close: [3, 57],
  stat: [4, undefined],
  fstat: [5, 80],
  lstat: [6, undefined],
  poll: [7, undefined],
  mmap: [9, 222],
  ioctl: [16, 29],
  pread64: [17, 67],
  pwrite64: [18, 68],
  readv: [19, 65],
  writev: [20, 66],
  access: [21, undefined],
  select: [23, undefined],
  dup: [32, 23],
  dup2: [33, undefined],
  sendfile: [40, 71],
  socket: [41, 198],
  connect: [42, 203],
  accept: [43, 202],
  sendto: [44, 206],
  recvfrom: [45, 207],
  sendmsg: [46, 211],
  recvmsg: [47, 212],
  shutdown: [48, 210],
  bind: [49, 200],
  listen: [50, 201],
  getsockname: [51, 204],
  getpeername: [52, 205],
  setsockopt: [54, 208],
  getsockopt: [55, 209],
  clone: [56, 220],
  execve: [59, 221],
  fcntl: [72, 25],
  flock: [73, 32],
  truncate: [76, 45],
  chdir: [80, 49],
  rename: [82, undefined],
  mkdir: [83, undefined],
  rmdir: [84, undefined],
  creat: [85, undefined],
  link: [86, undefined],
  unlink: [87, undefined],
  symlink: [88, undefined],
  readlink: [89, undefined],
  chmod: [90, undefined],
  fchmod: [91, 52],
  chown: [92, undefined],
  fchown: [93, 55],
  lchown: [94, undefined],
  utime: [132, undefined],
  mknod: [133, undefined],
  statfs: [137, 43],
  fstatfs: [138, 44],
  setxattr: [188, 5],
  lsetxattr: [189, 6],
  fsetxattr: [190, 7],
  getxattr: [191, 8],
  lgetxattr: [192, 9],
  fgetxattr: [193, 10],
  listxattr: [194, 11],
  llistxattr: [195, 12],
  flistxattr: [196, 13],
  removexattr: [197, 14],
  lremovexattr: [198, 15],
  fremovexattr: [199, 16],
  getdents64: [217, 61],
  epoll_ctl: [233, 21],
  tgkill: [234, 131],
  utimes: [235, undefined],
  inotify_init: [253, undefined],
  inotify_add_watch: [254, 27],
  inotify_rm_watch: [255, 28],
  openat: [257, 56],
  mkdirat: [258, 34],
  mknodat: [259, 33],
  fchownat: [260, 54],
  futimesat: [261, undefined],
  newfstatat: [262, 79],
  unlinkat: [263, 35],
  renameat: [264, 38],
  linkat: [265, 37],
  symlinkat: [266, 36],
  readlinkat: [267, 78],
  fchmodat: [268, 53],
  faccessat: [269, 48],
  pselect6: [270, 72],
  ppoll: [271, 73],
  unshare: [272, 97],
  splice: [275, 76],
  utimensat: [280, 88],
  accept4: [288, 242],
  dup3: [292, 24],
  inotify_init1: [294, 26],
  preadv: [295, 69],
  pwritev: [296, 70],
  recvmmsg: [299, 243],
  prlimit64: [302, 261],
  getrlimit: [97, 163],
  setrlimit: [160, 164],
  sendmmsg: [307, 269],
  renameat2: [316, 276],
  seccomp: [317, 277],
  execveat: [322, 281],
  pivot_root: [155, 41],
  chroot: [161, 51],
  mount: [165, 40],
  umount2: [166, 39],
  setns: [308, 268],
  move_mount: [429, 429],
  copy_file_range: [326, 285],
  preadv2: [327, 286],
  pwritev2: [328, 287],
  statx: [332, 291],
  pidfd_send_signal: [424, 424],
  pidfd_open: [434, 434],
  close_range: [436, 436],
  openat2: [437, 437],
  pidfd_getfd: [438, 438],
  faccessat2: [439, 439],
  fchmodat2: [452, 452],
  setxattrat: [463, 463],
  getxattrat: [464, 464],
  listxattrat: [465, 465],
  removexattrat: [466, 466],
  file_getattr: [468, 468],
  file_setattr: [469, 469],
} as const satisfies Readonly<Record<string, readonly [number, number | undefined]>>;

export type CallName = keyof typeof NUMBERS;

export interface Arch {
  /** AUDIT_ARCH_*: what seccomp calls this architecture. */
  readonly audit: number;
  /** Numbers of the calls; one that the architecture does not have is missing. */
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

function numbersOf(column: 0 | 1): Arch['nr'] {
  const entries = Object.entries(NUMBERS).map(([name, numbers]) => [name, numbers[column]]);
  return Object.fromEntries(entries) as Arch['nr'];
}

const X64: Arch = {
  audit: 0xc000003e,
  nr: numbersOf(0),
  stat: { size: 144, ino: 8, mode: 24, uid: 28, gid: 32, rdev: 40 },
};

const ARM64: Arch = {
  audit: 0xc00000b7,
  nr: numbersOf(1),
  stat: { size: 128, ino: 8, mode: 16, uid: 24, gid: 28, rdev: 32 },
};

/** The architecture of this process, undefined if it is not one that is served. */
export function archOf(name: string = process.arch): Arch | undefined {
  return name === 'x64' ? X64 : name === 'arm64' ? ARM64 : undefined;
}

/** The architecture of this process, for code that runs only after `archOf` was checked. */
export const ARCH: Arch = archOf() ?? X64;
