/** Numbers of the Linux ABI that are the same on every architecture served here. */
export const AT_FDCWD = -100;
export const AT_SYMLINK_NOFOLLOW = 0x100;
export const AT_REMOVEDIR = 0x200;
export const AT_SYMLINK_FOLLOW = 0x400;
export const AT_EMPTY_PATH = 0x1000;
export const AT_EXECVE_CHECK = 0x10000;

export const CLOCK_MONOTONIC = 1;

export const O_ACCMODE = 3;
export const O_RDONLY = 0;
export const O_WRONLY = 1;
export const O_RDWR = 2;
export const O_CREAT = 0o100;
export const O_EXCL = 0o200;
export const O_NOCTTY = 0o400;
export const O_TRUNC = 0o1000;
export const O_APPEND = 0o2000;
export const O_NONBLOCK = 0o4000;
export const O_DSYNC = 0o10000;
export const O_ASYNC = 0o20000;
export const O_DIRECT = process.arch === 'arm64' ? 0o200000 : 0o40000;
/** open() of a 64-bit program adds it, F_GETFL shows it. */
export const O_LARGEFILE = process.arch === 'arm64' ? 0o400000 : 0o100000;
export const O_DIRECTORY = process.arch === 'arm64' ? 0o40000 : 0o200000;
export const O_NOFOLLOW = process.arch === 'arm64' ? 0o100000 : 0o400000;
export const O_NOATIME = 0o1000000;
export const O_CLOEXEC = 0o2000000;
export const O_PATH = 0o10000000;
/** O_SYNC without the O_DSYNC that is in it. */
export const __O_SYNC = 0o4000000;
/** O_TMPFILE without the O_DIRECTORY that is in it. */
export const __O_TMPFILE = 0o20000000;

export const F_DUPFD = 0;
export const F_GETFD = 1;
export const F_SETFD = 2;
export const F_GETFL = 3;
export const F_SETFL = 4;
export const F_GETLK = 5;
export const F_SETLK = 6;
export const F_SETLKW = 7;
export const F_SETOWN = 8;
export const F_GETOWN = 9;
export const F_SETOWN_EX = 15;
export const F_GETOWN_EX = 16;
export const F_SETSIG = 10;
export const F_RDLCK = 0;
export const F_SETLEASE = 1024;
export const F_GET_RW_HINT = 1035;
export const F_SET_RW_HINT = 1036;
export const F_WRLCK = 1;
export const F_UNLCK = 2;
/** Where the fields of a `struct flock` lie, and its size. */
export const FLOCK = { type: 0, whence: 2, start: 8, length: 16, pid: 24, size: 32 } as const;
export const F_OFD_GETLK = 36;
export const F_OFD_SETLK = 37;
export const F_OFD_SETLKW = 38;
export const F_DUPFD_CLOEXEC = 1030;
export const FD_CLOEXEC = 1;

/** The type in the mode of a file. */
export const S_IFMT = 0o170000;
export const S_IFIFO = 0o010000;
export const S_IFDIR = 0o040000;
export const S_IFSOCK = 0o140000;
export const LOCK_SH = 1;
export const LOCK_EX = 2;
export const LOCK_NB = 4;
export const LOCK_UN = 8;
export const LOCK_MAND = 32;

export const SEEK_SET = 0;

export const MS_BIND = 0x1000;

export const MFD_CLOEXEC = 1;

export const PR_SET_NO_NEW_PRIVS = 38;
export const PR_SET_CHILD_SUBREAPER = 36;

export const SIGKILL = 9;
export const SIGCHLD = 17;
export const SIGCONT = 18;
export const SIGPROF = 27;

export const SIG_IGN = 1;

export const WNOHANG = 1;
export const WUNTRACED = 2;
export const WCONTINUED = 8;

export const RLIMIT_CPU = 0;
export const RLIMIT_FSIZE = 1;
export const RLIMIT_NPROC = 6;
export const RLIMIT_NOFILE = 7;

export const AF_UNSPEC = 0;
export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_NETLINK = 16;
export const NETLINK_KOBJECT_UEVENT = 15;
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOCK_SEQPACKET = 5;
export const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;
export const SOL_SOCKET = 1;
export const SOL_NETLINK = 270;
export const SO_TYPE = 3;
export const SO_ERROR = 4;
export const SO_SNDBUF = 7;
export const SO_RCVBUF = 8;
export const SO_KEEPALIVE = 9;
export const SO_LINGER = 13;
export const SO_PASSCRED = 16;
export const SO_RCVLOWAT = 18;
export const SO_RCVTIMEO = 20;
export const SO_BINDTODEVICE = 25;
export const SO_TIMESTAMPING = 37;
export const SO_PROTOCOL = 38;
export const SO_DOMAIN = 39;
export const SO_ZEROCOPY = 60;
export const SCM_RIGHTS = 1;
export const SCM_CREDENTIALS = 2;
export const IPPROTO_TCP = 6;
export const TCP_NODELAY = 1;
export const TCP_KEEPIDLE = 4;
export const TCP_KEEPINTVL = 5;
export const TCP_KEEPCNT = 6;
export const TCP_INFO = 11;
export const TCP_QUICKACK = 12;
export const TCP_CONGESTION = 13;
export const TCP_NOTSENT_LOWAT = 25;
/** ioctl() of a socket: how many bytes it has sent that are not acknowledged. */
export const TIOCOUTQ = 0x5411;
/** ioctl() of a socket: whether the place of an urgent byte comes next. */
export const SIOCATMARK = 0x8905;
export const SHUT_RDWR = 2;
export const MSG_OOB = 1;
export const MSG_PEEK = 2;
export const MSG_TRUNC = 0x20;
export const MSG_DONTWAIT = 0x40;
export const MSG_ERRQUEUE = 0x2000;
export const MSG_NOSIGNAL = 0x4000;
export const MSG_ZEROCOPY = 0x4000000;
export const MSG_CMSG_CLOEXEC = 0x40000000;

export const POLLIN = 1;
export const EPOLLIN = 1;
export const EPOLL_CTL_ADD = 1;
export const EPOLL_CTL_DEL = 2;
export const POLLOUT = 4;
export const POLLERR = 8;
export const POLLHUP = 0x10;

/** Flags of clone(), unshare() and close_range() that say whose table of descriptors is meant. */
export const CLONE_FILES = 0x400;
export const CLONE_THREAD = 0x10000;
export const CLOSE_RANGE_UNSHARE = 2;
export const CLOSE_RANGE_CLOEXEC = 4;
