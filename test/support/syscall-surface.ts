/**
 * The system calls of Linux on x64, as the headers of Linux 6.1 have them, and what each does to a camera: the source of
 * `docs/syscalls.md`.
 */

export interface SurfaceRow {
  /** Names, separated by spaces. */
  readonly calls: string;
  /** What they do with a camera of the kernel's. */
  readonly kernel: string;
  /** What they do with one of ours. */
  readonly here: string;
  /** Who carries them out here: our door (for what is ours), the kernel on what stands for the camera, or nobody. */
  readonly by: 'door' | 'kernel' | 'nobody';
  /** File of the tests, below `test/`. */
  readonly tested: string;
}

const SAME = 'the same';

export const SURFACE: readonly SurfaceRow[] = [
  {
    calls: 'open openat openat2 creat',
    kernel:
      'opens it; O_DIRECT: EINVAL; O_DIRECTORY, a slash behind it: ENOTDIR; O_PATH names it only; RESOLVE_ flags of openat2() decide about the way to it',
    here: 'the same; the number is from the reserved range, or that of a standard input or output that is closed; /proc/PID/fd and fdinfo show O_RDWR however it was opened; O_PATH gives an empty file that stands for the node; by RESOLVE_BENEATH and RESOLVE_IN_ROOT only devices are found, and not through links of ours',
    by: 'door',
    tested: 'door/calls, door/names',
  },
  {
    calls: 'close close_range',
    kernel: 'the last one releases it',
    here: 'the same, a moment after the call',
    by: 'door',
    tested: 'door/lifetime',
  },
  {
    calls: 'dup dup2 dup3',
    kernel: 'one more descriptor',
    here: 'the same; `dup()` gives the number of a standard input or output that is closed, else one of the reserved range; under another number see "low numbers"',
    by: 'door',
    tested: 'door/lifetime, door/sharing',
  },
  {
    calls: 'fcntl',
    kernel:
      'flags, copies, locks of bytes by process and by open file; O_ASYNC is ignored, O_DIRECT is EINVAL; O_PATH: EBADF but for copies and flags',
    here: 'the same; locks are ours (of the low numbers only under 0, 1 and 2); a copy by F_DUPFD from 1 to 9 on, or by a shell of its standard streams, has the number that the kernel gives, others one of the reserved range',
    by: 'door',
    tested: 'door/calls, door/descriptors',
  },
  {
    calls: 'getrlimit setrlimit prlimit64',
    kernel: 'a descriptor above the limit is as good as any',
    here: 'the same; a hard limit below the reserved range is remembered and told, but the kernel has a higher one, which /proc/PID/limits and other processes show',
    by: 'door',
    tested: 'door/sharing',
  },
  {
    calls: 'flock',
    kernel: 'locks the node against other open files',
    here: SAME,
    by: 'door',
    tested: 'door/calls',
  },
  {
    calls: 'ioctl',
    kernel:
      'the driver; FIOASYNC: ENOTTY; on a dma-buf: SYNC, SET_NAME, since 6.0 EXPORT_ and IMPORT_SYNC_FILE',
    here: 'the same; no sync files (ENOTTY), and a name of a dma-buf is not shown',
    by: 'door',
    tested: 'cameras/conformance, door/calls',
  },
  {
    calls: 'read pread64 readv preadv preadv2',
    kernel: 'the driver, piece after piece; offsets do not matter; flags but RWF_HIPRI: EOPNOTSUPP',
    here: 'the same; a read() of one byte at descriptor 0 is not served: EAGAIN',
    by: 'door',
    tested: 'door/readwrite, door/calls',
  },
  {
    calls: 'write pwrite64 writev pwritev pwritev2',
    kernel: 'the driver, in the same way',
    here: SAME,
    by: 'door',
    tested: 'door/readwrite, door/calls',
  },
  {
    calls: 'sendfile splice copy_file_range',
    kernel: 'EINVAL: the device has no such operation',
    here: 'the same; to a camera from a file at its end EINVAL in place of 0',
    by: 'door',
    tested: 'door/calls',
  },
  {
    calls: 'tee vmsplice',
    kernel: 'EINVAL; EBADF: not a pipe',
    here: SAME,
    by: 'kernel',
    tested: 'door/calls',
  },
  { calls: 'mmap', kernel: 'a buffer', here: SAME, by: 'door', tested: 'door/memory' },
  {
    calls: 'mremap munmap mprotect msync madvise mlock mlock2 munlock mincore remap_file_pages mbind mseal',
    kernel: 'work on the mapping of a buffer',
    here: 'the same: it is a mapping of shared memory',
    by: 'kernel',
    tested: 'door/memory',
  },
  {
    calls: 'select pselect6 epoll_ctl',
    kernel: 'wait for it, and make an idle one begin to read',
    here: SAME,
    by: 'door',
    tested: 'door/readwrite, door/calls',
  },
  {
    calls: 'poll ppoll epoll_wait epoll_pwait epoll_pwait2',
    kernel: 'wait for it',
    here: 'the same, on its poll face',
    by: 'kernel',
    tested: 'door/readwrite',
  },
  {
    calls: 'stat lstat newfstatat statx fstat statfs fstatfs',
    kernel: 'a character device in /dev',
    here: 'the same; fstat() of a low number shows a socket; a name with AT_EMPTY_PATH in a directory that is open is not seen (ENOENT)',
    by: 'door',
    tested: 'door/paths',
  },
  {
    calls: 'access faccessat faccessat2',
    kernel: 'by mode and user',
    here: 'cameras are there for all users of a run',
    by: 'door',
    tested: 'door/paths',
  },
  {
    calls: 'readlink readlinkat',
    kernel: 'EINVAL; in /proc/PID/fd its name, and "/dmabuf:" for exported memory',
    here: 'the same; the descriptors of usercam itself show what they are',
    by: 'door',
    tested: 'door/calls',
  },
  {
    calls: 'getdents64',
    kernel: 'lists /dev, /sys/class and the like',
    here: 'the same, with our names; a copy of the descriptor lists without them',
    by: 'door',
    tested: 'door/paths',
  },
  {
    calls: 'chdir',
    kernel: 'ENOTDIR; into the directories of a device in /sys',
    here: 'ENOTDIR; nobody is led into directories of ours by their names (EACCES), by fchdir() one is',
    by: 'door',
    tested: 'door/calls',
  },
  {
    calls: 'execve execveat',
    kernel: 'closes what is to be closed; a camera is no program: EACCES',
    here: SAME,
    by: 'door',
    tested: 'door/lifetime',
  },
  {
    calls: 'chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat utime utimes futimesat utimensat',
    kernel: 'change the node',
    here: 'modes and owners are shown and nobody is refused by them; times do not change',
    by: 'door',
    tested: 'door/untouched',
  },
  {
    calls: 'truncate',
    kernel: 'EINVAL',
    here: SAME,
    by: 'door',
    tested: 'door/untouched',
  },
  {
    calls:
      'mkdir mkdirat mknod mknodat symlink symlinkat link linkat rename renameat renameat2 unlink unlinkat rmdir',
    kernel: 'root may make, move and remove nodes',
    here: 'EEXIST where a name is ours, EPERM or EACCES for what would change one',
    by: 'door',
    tested: 'door/untouched',
  },
  {
    calls: 'file_getattr file_setattr',
    kernel: 'EOPNOTSUPP',
    here: 'the same',
    by: 'door',
    tested: 'door/calls',
  },
  {
    calls:
      'getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr getxattrat listxattrat setxattrat removexattrat',
    kernel:
      'ENODATA and an empty list; EPERM for attributes of users; root may set trusted and security attributes, and access lists',
    here: 'the same; EOPNOTSUPP for what root may set',
    by: 'door',
    tested: 'door/calls, door/names, door/paths',
  },
  {
    calls: 'inotify_add_watch inotify_init inotify_init1',
    kernel: 'tells of opens, reads, writes, closes and changes of a node, and of names in /dev',
    here: 'the same; of opens of other files a watch on /dev tells when they are closed, and of everything there a moment later; where pidfd_getfd() is refused, a child cannot add a camera to an instance whose maker has closed it (ENOENT)',
    by: 'door',
    tested: 'door/calls',
  },
  {
    calls: 'bind',
    kernel: 'ENOTSOCK; a Unix socket at the name of a camera: EADDRINUSE',
    here: SAME,
    by: 'door',
    tested: 'door/names',
  },
  {
    calls:
      'connect accept accept4 sendto recvfrom sendmsg recvmsg sendmmsg recvmmsg shutdown listen getsockname getpeername setsockopt getsockopt',
    kernel:
      'ENOTSOCK; messages carry descriptors of cameras; a Unix socket to the name of a camera: ECONNREFUSED',
    here: 'the same (not under low numbers but 0, 1 and 2, where a connection made anew leads nowhere); to the name: ENOENT',
    by: 'door',
    tested: 'door/readwrite, door/sharing',
  },
  {
    calls: 'socket',
    kernel: 'NETLINK_KOBJECT_UEVENT tells of cameras that come, go and change',
    here: 'the same, and of the devices of the host; a message of a program to such sockets is EPERM for root too; a recvmsg() that blocks, or under a low number, does not say who has sent',
    by: 'door',
    tested: 'door/hotplug',
  },
  {
    calls: 'lseek fsync fdatasync ftruncate fallocate readahead fadvise64 sync_file_range syncfs',
    kernel: 'ESPIPE; EINVAL; EINVAL; EINVAL; ENODEV; EINVAL; 0; ESPIPE; 0',
    here: 'the same; fallocate() of one that is open to be read only is ENODEV, not EBADF',
    by: 'kernel',
    tested: 'door/calls',
  },
  {
    calls: 'cachestat',
    kernel: 'counts no pages',
    here: 'the same',
    by: 'kernel',
    tested: 'none',
  },
  {
    calls: 'fchdir',
    kernel: 'ENOTDIR',
    here: SAME,
    by: 'kernel',
    tested: 'none: a socket is no directory either',
  },
  {
    calls: 'clone unshare',
    kernel: 'a process shares the table of descriptors of another, or a thread has one of its own',
    here: 'the same',
    by: 'door',
    tested: 'door/identity',
  },
  {
    calls: 'fork vfork clone3 kcmp pidfd_getfd',
    kernel: 'share, copy and compare descriptors',
    here: 'the same: a camera is known by its inode, whoever has it (that clone3() makes two processes share a table, or two threads not, is noticed only when somebody finds the camera taken)',
    by: 'kernel',
    tested: 'door/sharing',
  },
  {
    calls: 'process_vm_readv process_vm_writev process_madvise ptrace',
    kernel: 'work on mapped buffers like on other memory',
    here: SAME,
    by: 'kernel',
    tested: 'none',
  },
  {
    calls:
      'signalfd signalfd4 timerfd_settime timerfd_gettime inotify_rm_watch pidfd_send_signal process_mrelease mq_timedsend mq_timedreceive mq_notify mq_getsetattr landlock_add_rule landlock_restrict_self io_uring_register finit_module kexec_file_load perf_event_open bpf fsconfig fsmount mount_setattr open_by_handle_at quotactl_fd vhangup',
    kernel: 'want another kind of descriptor and fail',
    here: 'fail, now and then with another errno',
    by: 'kernel',
    tested: 'none',
  },
  {
    calls: 'getdents epoll_ctl_old epoll_wait_old uselib',
    kernel: 'old calls that nothing uses',
    here: 'getdents() lists without our names',
    by: 'nobody',
    tested: 'none',
  },
  {
    calls: 'io_submit io_getevents io_pgetevents io_uring_enter io_uring_setup io_setup',
    kernel: 'read, write and poll without a call for each',
    here: 'polling works; reading is not served, and gives nothing: a filter cannot see such requests',
    by: 'nobody',
    tested: 'syscalls/poll-face',
  },
  {
    calls: 'chroot pivot_root setns mount umount2 move_mount',
    kernel:
      'change what paths mean; a camera is no directory: ENOTDIR; umount2: EINVAL; root may mount a file on it, and it elsewhere',
    here: 'the same, but nothing is mounted on a camera, nor a camera elsewhere: EPERM (move_mount: ENOENT); links are looked up in the root of each program then',
    by: 'door',
    tested: 'door/names',
  },
  {
    calls:
      'name_to_handle_at fanotify_init fanotify_mark fspick open_tree open_tree_attr swapon swapoff acct quotactl landlock_create_ruleset',
    kernel: 'find the node, and mostly refuse a character device or an ordinary user',
    here: 'ENOENT: the kernel has no such node',
    by: 'nobody',
    tested: 'none',
  },
];

/** Calls that take neither a path nor a descriptor that could be a camera. */
export const NEITHER: readonly string[] = `
  brk rt_sigaction rt_sigprocmask rt_sigreturn pipe sched_yield shmget shmat shmctl pause nanosleep getitimer alarm
  setitimer getpid socketpair exit wait4 kill uname semget semop semctl shmdt msgget msgsnd msgrcv msgctl getcwd
  umask gettimeofday getrusage sysinfo times getuid syslog getgid setuid setgid geteuid getegid setpgid getppid
  getpgrp setsid setreuid setregid getgroups setgroups setresuid getresuid setresgid getresgid getpgid setfsuid setfsgid
  getsid capget capset rt_sigpending rt_sigtimedwait rt_sigqueueinfo rt_sigsuspend sigaltstack personality ustat sysfs
  getpriority setpriority sched_setparam sched_getparam sched_setscheduler sched_getscheduler sched_get_priority_max
  sched_get_priority_min sched_rr_get_interval mlockall munlockall modify_ldt _sysctl prctl arch_prctl adjtimex
  sync settimeofday reboot sethostname setdomainname iopl ioperm create_module init_module delete_module get_kernel_syms
  query_module nfsservctl getpmsg putpmsg afs_syscall tuxcall security gettid tkill time futex sched_setaffinity
  sched_getaffinity set_thread_area io_destroy io_cancel get_thread_area lookup_dcookie epoll_create set_tid_address
  restart_syscall semtimedop timer_create timer_settime timer_gettime timer_getoverrun timer_delete clock_settime
  clock_gettime clock_getres clock_nanosleep exit_group tgkill vserver set_mempolicy get_mempolicy mq_open mq_unlink
  kexec_load waitid add_key request_key keyctl ioprio_set ioprio_get migrate_pages set_robust_list
  get_robust_list move_pages timerfd_create eventfd eventfd2 epoll_create1 pipe2 rt_tgsigqueueinfo
  clock_adjtime getcpu sched_setattr sched_getattr seccomp getrandom memfd_create userfaultfd membarrier
  pkey_mprotect pkey_alloc pkey_free rseq fsopen pidfd_open memfd_secret futex_waitv set_mempolicy_home_node
  map_shadow_stack futex_wake futex_wait futex_requeue statmount listmount listns lsm_get_self_attr lsm_set_self_attr
  lsm_list_modules uretprobe uprobe rseq_slice_yield`
  .trim()
  .split(/\s+/);

export const namesOf = ({ calls }: SurfaceRow): readonly string[] => calls.split(' ');

const WHO = { door: 'usercam', kernel: 'the kernel', nobody: 'not served' } as const;

/** `docs/syscalls.md`. */
export function surfacePage(): string {
  const rows = SURFACE.map(({ calls, kernel, here, by, tested }) => {
    const names = calls
      .split(' ')
      .map((name) => `\`${name}\``)
      .join(' ');
    return `| ${names} | ${kernel} | ${here} | ${WHO[by]} | ${tested} |`;
  });
  return `# System calls

Every system call of Linux on x64 that takes a path or a descriptor, what it does with a camera of the kernel's, and
what with one of usercam's. Generated by \`npm run docs\` from \`test/support/syscall-surface.ts\`; a test keeps the list
complete and the page fresh.

"Low numbers": a filter sees numbers only, so a copy of a camera's descriptor under a number outside the reserved range
(by \`dup2()\`, most often from a shell's \`exec 3< /dev/video0\`) is served by the calls that come to usercam whatever the
number is: ioctl, mmap of shared memory, flock, the calls that name paths. As standard input and output also read, write
and their variants are, and a copy of those by \`dup()\` or F_DUPFD gets a number from the range; as one of the three standard streams
also the calls of sockets, \`fstat()\`, \`fchmod()\`, \`fchown()\`, those on extended attributes, and FIONREAD.

| Calls | The kernel's camera | Here | Carried out by | Tested in |
|---|---|---|---|---|
${rows.join('\n')}

## Neither

These take neither a path nor a descriptor that could be a camera: ${NEITHER.map((name) => `\`${name}\``).join(' ')}.
`;
}
