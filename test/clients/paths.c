/*
 * Asks and changes what belongs to the names of a camera, by path and by descriptor. What would make or remove
 * something is tried with a name in /sys first, where the kernel allows none of it: only when the answer is ours
 * the name in /dev follows.
 */
#define _GNU_SOURCE
#include "check.h"

#include <dirent.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <utime.h>

#define NODE "/dev/video0"
#define HOME "/sys/devices/virtual/video4linux/video0"
#define LINK "/sys/class/video4linux/video0"
#define TARGET "../../devices/virtual/video4linux/video0"

static int is_root;

/* The errno of a call that returned `result`. */
static int error_of(long result)
{
	return result < 0 ? errno : 0;
}

static int is_camera(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == makedev(81, 0);
}

static void ask_path(void)
{
	struct statfs fs;
	struct statx stx;
	struct stat st;

	check("stat", stat(NODE, &st) == 0 && is_camera(&st));
	check("fstatat with AT_EMPTY_PATH and a path", fstatat(AT_FDCWD, NODE, &st, AT_EMPTY_PATH) == 0 && is_camera(&st));
	check("statx with AT_EMPTY_PATH and a path",
	      statx(AT_FDCWD, NODE, AT_EMPTY_PATH, STATX_BASIC_STATS, &stx) == 0 && S_ISCHR(stx.stx_mode));
	check("/proc/self/root", stat("/proc/self/root" NODE, &st) == 0 && is_camera(&st));
	check("statfs of the node", statfs(NODE, &fs) == 0 && fs.f_type == TMPFS_MAGIC);
	check("statfs in /sys", statfs(HOME, &fs) == 0 && fs.f_type == SYSFS_MAGIC);
	check_errno("statfs of nothing", error_of(statfs(HOME "/nothing", &fs)), ENOENT);
	check("lstat of a link", lstat(LINK, &st) == 0 && S_ISLNK(st.st_mode));
}

/* Flags, masks and modes that the kernel has not, of what is a file of ours and of what the kernel has. */
static void ask_wrongly(const char *path)
{
	struct statx stx;
	struct stat st;
	char what[128];

	snprintf(what, sizeof(what), "fstatat with an unknown flag of %s", path);
	check_errno(what, error_of(syscall(SYS_newfstatat, AT_FDCWD, path, &st, 0x80000)), EINVAL);
	snprintf(what, sizeof(what), "statx with a reserved mask of %s", path);
	check_errno(what, error_of(syscall(SYS_statx, AT_FDCWD, path, 0, 0x80000000u, &stx)), EINVAL);
	snprintf(what, sizeof(what), "statx with both ways of AT_STATX_SYNC_TYPE of %s", path);
	check_errno(what, error_of(syscall(SYS_statx, AT_FDCWD, path, 0x6000, STATX_BASIC_STATS, &stx)), EINVAL);
	snprintf(what, sizeof(what), "faccessat2 with an unknown flag of %s", path);
	check_errno(what, error_of(syscall(439, AT_FDCWD, path, R_OK, 0x8000)), EINVAL);
	snprintf(what, sizeof(what), "access with an unknown mode of %s", path);
	check_errno(what, error_of(access(path, 0x18)), EINVAL);
}

/* The camera as `fd`, whatever its number is. */
static void ask_descriptor(int fd)
{
	char name[64];
	char target[64];
	struct statfs fs;
	struct statx stx;
	struct stat st;
	ssize_t length;

	check("fstat", fstat(fd, &st) == 0 && is_camera(&st));
	check("fstatat", fstatat(fd, "", &st, AT_EMPTY_PATH) == 0 && is_camera(&st));
	check("statx", statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &stx) == 0 && S_ISCHR(stx.stx_mode) &&
			       stx.stx_rdev_major == 81);
	check("fstatfs", fstatfs(fd, &fs) == 0 && fs.f_type == TMPFS_MAGIC);

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	check("stat of /proc/self/fd", stat(name, &st) == 0 && is_camera(&st));
	check("lstat of /proc/self/fd", lstat(name, &st) == 0 && S_ISLNK(st.st_mode));
	check("statfs of /proc/self/fd", statfs(name, &fs) == 0 && fs.f_type == TMPFS_MAGIC);
	length = readlink(name, target, sizeof(target));
	check("readlink of /proc/self/fd", length == (ssize_t)strlen(NODE) && memcmp(target, NODE, length) == 0);
	snprintf(name, sizeof(name), "/proc/%d/fd/%d", getppid(), fd);
	check("a number in another process", stat(name, &st) != 0 || !is_camera(&st));
}

static void ask_streams(void)
{
	int fd = open(NODE, O_RDONLY);

	for (int stream = 0; stream < 2; stream++) {
		int before = dup(stream);

		dup2(fd, stream);
		ask_descriptor(stream);
		dup2(before, stream);
		close(before);
	}
	ask_descriptor(fd);
	close(fd);
}

/* A walk as systemd does it: each part is opened with O_PATH, and a link that is found is read and not followed. */
static void walk(void)
{
	struct statfs fs;
	struct stat st;
	char target[64];
	int class = open("/sys/class/video4linux", O_PATH | O_DIRECTORY);
	int link = openat(class, "video0", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	int home = openat(class, "video0", O_PATH);

	check("O_PATH of a link", link >= 0 && fstat(link, &st) == 0 && S_ISLNK(st.st_mode));
	check("readlinkat of a descriptor", readlinkat(link, "", target, sizeof(target)) == (ssize_t)strlen(TARGET) &&
						    memcmp(target, TARGET, strlen(TARGET)) == 0);
	check("fstatfs of a link", fstatfs(link, &fs) == 0 && fs.f_type == SYSFS_MAGIC);
	check_errno("O_DIRECTORY of a link", error_of(openat(class, "video0", O_PATH | O_NOFOLLOW | O_DIRECTORY)), ENOTDIR);
	check("O_PATH of a directory", home >= 0 && fstat(home, &st) == 0 && S_ISDIR(st.st_mode));
	check("fstatfs of a directory", fstatfs(home, &fs) == 0 && fs.f_type == SYSFS_MAGIC);
	check("faccessat", faccessat(home, "uevent", F_OK, 0) == 0);
	close(link);
	close(home);
	close(class);
}

/* True if the directory `fd` has the name `name`. */
static int lists(int fd, const char *name)
{
	DIR *directory = fdopendir(fd);
	struct dirent *entry;
	int found = 0;

	while (directory != NULL && (entry = readdir(directory)) != NULL)
		found |= strcmp(entry->d_name, name) == 0;
	if (directory != NULL)
		closedir(directory);
	return found;
}

static void reopen(void)
{
	char name[64];
	int class = open("/sys/class", O_PATH | O_DIRECTORY);

	snprintf(name, sizeof(name), "/proc/self/fd/%d", class);
	check("a directory that is opened again lists the camera", lists(open(name, O_RDONLY | O_DIRECTORY), "video4linux"));
	close(class);
}

/* O_PATH does not open the camera: it can be opened through the descriptor later. */
static void name_only(void)
{
	struct v4l2_capability capability;
	struct stat st;
	char name[64];
	int fd = open(NODE, O_PATH);
	int opened;

	check("O_PATH of the node", fd >= 0 && fstat(fd, &st) == 0 && is_camera(&st));
	check("no ioctl with O_PATH", try_ioctl(fd, VIDIOC_QUERYCAP, &capability) != 0);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	opened = open(name, O_RDWR);
	check_errno("QUERYCAP", try_ioctl(opened, VIDIOC_QUERYCAP, &capability), 0);
	close(opened);
	close(fd);
	check_errno("O_PATH | O_DIRECTORY", error_of(open(NODE, O_PATH | O_DIRECTORY)), ENOTDIR);
	check_errno("a file in /sys cannot be written", error_of(open(HOME "/name", O_WRONLY)), EACCES);
}

/* Nothing of a camera is a program, however it is named. */
static void execute(void)
{
	char *const nothing[] = { NULL };
	char *const arguments[] = { "x", NULL };
	char name[64];
	int fd = open(NODE, O_RDWR | O_CLOEXEC);
	int named = open(NODE, O_PATH | O_CLOEXEC);
	int dev = open("/dev", O_PATH | O_CLOEXEC);

	check_errno("execve", error_of(execve(NODE, arguments, nothing)), EACCES);
	check_errno("execve of a directory in /sys", error_of(execve(HOME, arguments, nothing)), EACCES);
	check_errno("execve of a file in /sys", error_of(execve(HOME "/uevent", arguments, nothing)), EACCES);
	check_errno("execve of nothing", error_of(execve(HOME "/nothing", arguments, nothing)), ENOENT);
	check_errno("execve below it", error_of(execve(NODE "/x", arguments, nothing)), ENOTDIR);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	check_errno("execve of a descriptor", error_of(execve(name, arguments, nothing)), EACCES);
	check_errno("execveat", error_of(syscall(SYS_execveat, dev, "video0", arguments, nothing, 0)), EACCES);
	check_errno("fexecve", error_of(syscall(SYS_execveat, fd, "", arguments, nothing, AT_EMPTY_PATH)), EACCES);
	check_errno("fexecve of O_PATH", error_of(syscall(SYS_execveat, named, "", arguments, nothing, AT_EMPTY_PATH)),
		    EACCES);
	check_errno("execveat of a link",
		    error_of(syscall(SYS_execveat, AT_FDCWD, LINK, arguments, nothing, AT_SYMLINK_NOFOLLOW)), ELOOP);
	check_errno("execveat with a wrong flag",
		    error_of(syscall(SYS_execveat, AT_FDCWD, NODE, arguments, nothing, 0x2000000)), EINVAL);
	close(fd);
	close(named);
	close(dev);
}

static int try_openat2(int dirfd, const char *path, unsigned long long flags, unsigned long long resolve, size_t size)
{
	struct {
		struct open_how how;
		unsigned long long more;
	} argument = { .how = { .flags = flags, .resolve = resolve }, .more = 1 };
	long fd = syscall(SYS_openat2, dirfd, path, &argument, size);

	if (fd < 0)
		return errno;
	close((int)fd);
	return 0;
}

static void openat2_rules(void)
{
	const size_t size = sizeof(struct open_how);
	int dev = open("/dev", O_RDONLY | O_DIRECTORY);

	check_errno("openat2", try_openat2(AT_FDCWD, NODE, O_RDWR, 0, size), 0);
	check_errno("openat2 with a small struct", try_openat2(AT_FDCWD, NODE, O_RDWR, 0, 8), EINVAL);
	check_errno("openat2 with more than is known", try_openat2(AT_FDCWD, NODE, O_RDWR, 0, size + 8), E2BIG);
	check_errno("openat2 with an unknown flag", try_openat2(AT_FDCWD, NODE, 1ULL << 40, 0, size), EINVAL);
	check_errno("openat2 with an unknown resolve", try_openat2(AT_FDCWD, NODE, O_RDWR, 1 << 20, size), EINVAL);
	check_errno("RESOLVE_BENEATH", try_openat2(dev, "video0", O_RDWR, RESOLVE_BENEATH, size), 0);
	check_errno("RESOLVE_BENEATH from the root", try_openat2(dev, NODE, O_RDWR, RESOLVE_BENEATH, size), EXDEV);
	close(dev);
}

static void change_attributes(void)
{
	const struct timespec times[2] = { { 1, 0 }, { 1, 0 } };
	const int denied = is_root ? 0 : EPERM;
	struct stat st;
	int fd = open(NODE, O_RDWR);

	check_errno("chmod in /sys", error_of(chmod(HOME, 0700)), EPERM);
	check_errno("chown in /sys", error_of(chown(HOME, 0, 0)), EPERM);
	check_errno("utimensat in /sys", error_of(utimensat(AT_FDCWD, HOME, times, 0)), EPERM);
	check_errno("chmod", error_of(chmod(NODE, 0640)), denied);
	check("the mode", stat(NODE, &st) == 0 && st.st_mode == (S_IFCHR | (is_root ? 0640 : 0666)));
	check_errno("fchmod", error_of(fchmod(fd, 0660)), denied);
	check("the mode of the descriptor", fstat(fd, &st) == 0 && st.st_mode == (S_IFCHR | (is_root ? 0660 : 0666)));
	check_errno("fchmodat", error_of(fchmodat(AT_FDCWD, NODE, 0666, 0)), denied);
	check_errno("chown", error_of(chown(NODE, 1, 44)), denied);
	check("the owner", stat(NODE, &st) == 0 && st.st_uid == (is_root ? 1U : 0U) && st.st_gid == (is_root ? 44U : 0U));
	check_errno("lchown", error_of(lchown(NODE, 0, -1)), is_root ? 0 : 0);
	check_errno("fchown", error_of(fchown(fd, -1, 7)), denied);
	check_errno("fchownat", error_of(fchownat(fd, "", 0, 8, AT_EMPTY_PATH)), denied);
	check("the owner again", fstat(fd, &st) == 0 && st.st_uid == 0 && st.st_gid == (is_root ? 8U : 0U));
	check_errno("utimensat", error_of(utimensat(AT_FDCWD, NODE, times, 0)), denied);
	check_errno("utimensat to now", error_of(utimensat(AT_FDCWD, NODE, NULL, 0)), 0);
	check_errno("futimens", error_of(futimens(fd, times)), denied);
	check_errno("utimes to now", error_of(utimes(NODE, NULL)), 0);
	check_errno("utime to now", error_of(utime(NODE, NULL)), 0);
	check_errno("truncate", error_of(truncate(NODE, 0)), EINVAL);
	check_errno("truncate in /sys", error_of(truncate(HOME "/uevent", 0)), is_root ? 0 : EACCES);
	close(fd);
}

/* What the kernel refuses before it looks what kind of file it is. */
static void change_wrongly(const char *path)
{
	const struct timespec too_many = { 0, 1000000000 };
	const struct timespec no_part[2] = { { 1, 0 }, too_many };
	const struct timespec as_they_are[2] = { { 0, UTIME_OMIT }, { 0, UTIME_OMIT } };
	const struct timeval no_micros[2] = { { 1, 1000000 }, { 1, 0 } };
	void *nowhere = (void *)8;

	check_errno("fchownat with an unknown flag", error_of(fchownat(AT_FDCWD, path, -1, -1, AT_REMOVEDIR)), EINVAL);
	check_errno("utimensat with an unknown flag", error_of(utimensat(AT_FDCWD, path, NULL, AT_REMOVEDIR)), EINVAL);
	check_errno("unlinkat with an unknown flag", error_of(unlinkat(AT_FDCWD, path, AT_EMPTY_PATH)), EINVAL);
	check_errno("linkat with an unknown flag", error_of(linkat(AT_FDCWD, path, AT_FDCWD, "x", AT_REMOVEDIR)), EINVAL);
	check_errno("a second of nanoseconds", error_of(utimensat(AT_FDCWD, path, no_part, 0)), EINVAL);
	check_errno("both times as they are", error_of(utimensat(AT_FDCWD, path, as_they_are, 0)), 0);
	check_errno("utimensat with times nowhere", error_of(syscall(SYS_utimensat, AT_FDCWD, path, nowhere, 0)), EFAULT);
#ifdef SYS_utime
	check_errno("a second of microseconds", error_of(syscall(SYS_utimes, path, no_micros)), EINVAL);
	check_errno("utimes with times nowhere", error_of(syscall(SYS_utimes, path, nowhere)), EFAULT);
	check_errno("utime with times nowhere", error_of(syscall(SYS_utime, path, nowhere)), EFAULT);
#else
	(void)no_micros;
#endif
}

static void make_names(const char *mine)
{
	if (check("mkdir in /sys", error_of(mkdir(LINK, 0700)) == EEXIST))
		check_errno("mkdir", error_of(mkdir(NODE, 0700)), EEXIST);
	if (check("mknod in /sys", error_of(mknod(LINK, S_IFREG | 0600, 0)) == EEXIST))
		check_errno("mknod", error_of(mknod(NODE, S_IFREG | 0600, 0)), EEXIST);
	if (check("symlink in /sys", error_of(symlink(mine, LINK)) == EEXIST))
		check_errno("symlink", error_of(symlink(mine, NODE)), EEXIST);
	if (check("link in /sys", error_of(link(mine, LINK)) == EEXIST))
		check_errno("link", error_of(link(mine, NODE)), EEXIST);
	check_errno("a new file in /sys", error_of(mkdir(HOME "/new", 0700)), EPERM);
	check_errno("link to the node", error_of(link(NODE, "other")), EPERM);
}

static void move_names(const char *mine)
{
	const int denied = is_root ? EPERM : EACCES;

	if (check("rename onto /sys", error_of(rename(mine, LINK)) == denied))
		check_errno("rename onto", error_of(rename(mine, NODE)), denied);
	check_errno("rename onto what is there",
		    error_of(renameat2(AT_FDCWD, mine, AT_FDCWD, LINK, RENAME_NOREPLACE)), EEXIST);
	if (check("rename in /sys", error_of(rename(LINK, "moved")) == denied))
		check_errno("rename", error_of(rename(NODE, "moved")), denied);
	if (check("unlink in /sys", error_of(unlink(LINK)) == denied))
		check_errno("unlink", error_of(unlink(NODE)), denied);
	if (check("rmdir in /sys", error_of(rmdir(HOME)) == denied))
		check_errno("rmdir", error_of(rmdir(NODE)), is_root ? ENOTDIR : EACCES);
}

static void change_names(void)
{
	struct stat st;
	int fd = open("mine", O_CREAT | O_WRONLY, 0600);

	if (fd < 0)
		die("mine");
	close(fd);
	make_names("mine");
	move_names("mine");
	check("the node is there", stat(NODE, &st) == 0 && is_camera(&st));
	check("the file is there", stat("mine", &st) == 0 && S_ISREG(st.st_mode));
	if (check("creat in /sys", error_of(creat(HOME "/name", 0600)) == EACCES)) {
		fd = creat(NODE, 0600);
		check("creat opens the node", fd >= 0 && fstat(fd, &st) == 0 && is_camera(&st));
		close(fd);
	}
	unlink("mine");
}

static void watch(void)
{
	int inotify = inotify_init1(IN_NONBLOCK);
	int node = inotify_add_watch(inotify, NODE, IN_ATTRIB | IN_DELETE_SELF);
	int home = inotify_add_watch(inotify, HOME "/uevent", IN_OPEN);
	struct inotify_event event;

	check("a watch of the node", node > 0);
	check("a watch in /sys", home > 0 && home != node);
	check_errno("a watch of nothing", error_of(inotify_add_watch(inotify, HOME "/nothing", IN_OPEN)), ENOENT);
	check("nothing has happened", read(inotify, &event, sizeof(event)) < 0 && errno == EAGAIN);
	close(open(HOME "/uevent", O_RDONLY));
	check("the open is seen", read(inotify, &event, sizeof(event)) == sizeof(event) && event.wd == home);
	check_errno("a watch is removed", error_of(inotify_rm_watch(inotify, node)), 0);
	close(inotify);
}

/* Into the directories of a camera, and out of them again. */
static void enter(void)
{
	int dir = open("/dev/v4l", O_PATH | O_DIRECTORY), up = openat(dir, "..", O_PATH | O_DIRECTORY);
	char name[64] = "", place[64];
	struct stat st;

	check_errno("chdir by the name", error_of(chdir("/dev/v4l")), EACCES);
	check_errno("chdir by a link", error_of(chdir("/sys/class/video4linux/video0")), EACCES);
	check_errno("chdir into a file", error_of(chdir(HOME "/uevent")), ENOTDIR);
	check_errno("chdir into nothing", error_of(chdir("/dev/v4l/none")), ENOENT);
	check("the directory above", up >= 0 && fstatat(up, "null", &st, 0) == 0 && S_ISCHR(st.st_mode));
	snprintf(place, sizeof(place), "/proc/self/fd/%d", up);
	check("it is /dev", readlink(place, name, sizeof(name) - 1) == 4 && strcmp(name, "/dev") == 0);
	check_errno("fchdir", error_of(fchdir(dir)), 0);
	check_errno("what is there", error_of(stat("by-path", &st)), 0);
	check_errno("what is above", error_of(stat("../video0", &st)), 0);
	check_errno("chdir from there", error_of(chdir("by-path")), 0);
	check_errno("chdir up again", error_of(chdir("..")), 0);
	check_errno("chdir into what is not there", error_of(chdir("none")), ENOENT);
	check_errno("chdir away", error_of(chdir("/")), 0);
	close(dir);
	close(up);
}

int main(void)
{
	is_root = geteuid() == 0;
	ask_path();
	ask_wrongly(NODE);
	ask_wrongly(HOME "/uevent");
	ask_wrongly("/dev/null");
	ask_streams();
	walk();
	reopen();
	name_only();
	execute();
	openat2_rules();
	change_attributes();
	change_wrongly(NODE);
	change_wrongly("/dev/null");
	check_errno("an access list", error_of(getxattr(NODE, "system.posix_acl_access", NULL, 0)), ENODATA);
	change_names();
	enter();
	watch();
	return end_of_checks();
}
