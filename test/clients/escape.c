/*
 * Lives in a root of its own and tries to get out of it through what it is given for the names of a camera. Arguments:
 * a directory to be the root, which the test has prepared, and the way in: "chroot", or "mount" for a mount namespace of
 * its own. Each thing that it reached and should not is a line on stderr.
 */
#define _GNU_SOURCE
#include "check.h"

#include <dirent.h>
#include <grp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#define CLASS "/sys/class/video4linux"

static struct stat outside;

static void write_file(const char *path, const char *format, int number)
{
	FILE *file = fopen(path, "w");

	if (file == NULL)
		return;
	fprintf(file, format, number);
	fclose(file);
}

/* An ordinary user may do this in a user namespace of his own. */
static void become_root(int flags)
{
	const int uid = (int)getuid();
	const int gid = (int)getgid();

	if (uid == 0 && unshare(flags) == 0)
		return;
	if (unshare(CLONE_NEWUSER | flags) != 0)
		die("unshare");
	write_file("/proc/self/setgroups", "deny", 0);
	write_file("/proc/self/uid_map", "0 %d 1", uid);
	write_file("/proc/self/gid_map", "0 %d 1", gid);
}

static void enter(const char *root, const char *how)
{
	if (strcmp(how, "mount") == 0) {
		become_root(CLONE_NEWNS);
		if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 || mount(root, root, NULL, MS_BIND, NULL) != 0)
			die("mount");
	} else {
		become_root(0);
	}
	if (chdir(root) != 0)
		die("chdir");
	if (strcmp(how, "mount") == 0) {
		if (syscall(SYS_pivot_root, ".", ".") != 0 || umount2(".", MNT_DETACH) != 0)
			die("pivot_root");
	} else if (chroot(".") != 0) {
		die("chroot");
	}
	if (chdir("/") != 0)
		die("chdir");
}

/* True if something that is open as `fd` leads, by going up, to the root outside. */
static int leads_outside(int fd)
{
	struct stat st;
	char up[64] = "";

	for (int i = 0; i < 12; i++) {
		strcat(up, "../");
		if (fstatat(fd, up, &st, 0) == 0 && st.st_dev == outside.st_dev && st.st_ino == outside.st_ino)
			return 1;
	}
	return 0;
}

static void try_directory(const char *path, int flags)
{
	int fd = open(path, O_RDONLY | flags);
	char what[128];

	snprintf(what, sizeof(what), "out through %s, flags %#x", path, flags);
	check(what, fd < 0 || !leads_outside(fd));
	close(fd);
}

static void try_directories(void)
{
	static const char *const paths[] = {
		"/dev", "/dev/", "/dev/.", "/sys/class", "/sys/dev/char", "/sys/devices/virtual",
		CLASS, CLASS "/video0", CLASS "/video0/", CLASS "/..", CLASS "/video0/subsystem", "/sys/dev/char/81:0",
		"/sys/devices/virtual/video4linux/video0", "/run/udev/data", "/dev/v4l", "/dev/v4l/by-path", "/dev/char",
		"/to-dev", "/to-class", "/dev/fd", "/proc/self/root/dev",
	};
	static const int flags[] = { 0, O_DIRECTORY, O_PATH, O_PATH | O_NOFOLLOW, O_DIRECTORY | O_CLOEXEC };

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		for (size_t k = 0; k < sizeof(flags) / sizeof(*flags); k++)
			try_directory(paths[i], flags[k]);
	check("to a file outside through a way that goes up",
	      open(CLASS "/../../../outside", O_RDONLY) < 0 && open(CLASS "/video0/../../../../../etc/passwd", O_RDONLY) < 0);
}

/* The files of a camera may be given, but nobody can do anything to what lies outside by having them. */
static void try_files(void)
{
	char name[64];
	int fd = open(CLASS "/video0/name", O_RDONLY);
	struct stat st;

	if (fd < 0)
		return;
	check("a file is a copy", fstat(fd, &st) == 0 && st.st_nlink == 0);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	check("a file cannot be written", open(name, O_RDWR) < 0 || write(open(name, O_RDWR), "x", 1) < 0);
	close(fd);
}

/* The camera itself is there by its name; so it is by a name of it in the new root, and not by one outside. */
static void use_camera(void)
{
	struct v4l2_capability capability;
	struct stat st;
	int fd = open("/dev/video0", O_RDWR);
	int link = open("/to-camera", O_RDWR);

	check_errno("QUERYCAP", try_ioctl(fd, VIDIOC_QUERYCAP, &capability), 0);
	check("stat of the camera", stat("/dev/video0", &st) == 0 && S_ISCHR(st.st_mode));
	check_errno("QUERYCAP by a link", try_ioctl(link, VIDIOC_QUERYCAP, &capability), 0);
	check("a link that leads to the camera outside only", stat("/link", &st) != 0);
	check("a relative name", chdir("/dev") == 0 && stat("video0", &st) == 0 && S_ISCHR(st.st_mode) && chdir("/") == 0);
	close(link);
	close(fd);
}

static void list_dev(void)
{
	DIR *directory = opendir("/dev");
	struct dirent *entry;
	int others = 0;
	int cameras = 0;
	struct stat st;

	while (directory != NULL && (entry = readdir(directory)) != NULL) {
		cameras += strcmp(entry->d_name, "video0") == 0;
		others += entry->d_name[0] != '.' && fstatat(dirfd(directory), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0;
	}
	check("/dev lists the camera once", directory == NULL || cameras == 1);
	check("/dev lists nothing that is not there", others == 0);
	if (directory != NULL)
		closedir(directory);
}

int main(int argc, char **argv)
{
	const char *how = argc > 2 ? argv[2] : "";

	if (stat("/", &outside) != 0)
		die("/");
	enter(argv[1], how);
	try_directories();
	try_files();
	use_camera();
	list_dev();
	return end_of_checks();
}
