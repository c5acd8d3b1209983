/*
 * Asks a lot about a device by its name, and prints a line for each answer: node-names NAME [mounts], which is a
 * character device in /dev that everybody may open. Run in an empty directory.
 *
 * Nothing that is asked changes a real device, even for root, but for "mounts".
 */
#define _GNU_SOURCE
#include "client.h"

#include <linux/openat2.h>
#include <stddef.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/xattr.h>

static char path[64];

static void answer(const char *what, long result)
{
	printf("%s: %s\n", what, result < 0 ? errno_name(errno) : "yes");
}

static long open_how(int directory, const char *name, struct open_how how, size_t size)
{
	long fd = syscall(SYS_openat2, directory, name, &how, size);
	struct stat st;

	if (fd >= 0) {
		if (fstat((int)fd, &st) != 0 || !S_ISCHR(st.st_mode)) {
			errno = ENOTTY;
			return -1;
		}
		close((int)fd);
	}
	return fd;
}

static void resolve_from(const char *from, int directory, const char *name)
{
	static const struct {
		const char *name;
		__u64 bits;
	} ways[] = {
		{ "plain", 0 },
		{ "NO_XDEV", RESOLVE_NO_XDEV },
		{ "NO_MAGICLINKS", RESOLVE_NO_MAGICLINKS },
		{ "NO_SYMLINKS", RESOLVE_NO_SYMLINKS },
		{ "BENEATH", RESOLVE_BENEATH },
		{ "IN_ROOT", RESOLVE_IN_ROOT },
		{ "CACHED", RESOLVE_CACHED },
		{ "BENEATH NO_SYMLINKS", RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS },
		{ "IN_ROOT NO_XDEV", RESOLVE_IN_ROOT | RESOLVE_NO_XDEV },
		{ "BENEATH IN_ROOT", RESOLVE_BENEATH | RESOLVE_IN_ROOT },
		{ "an unknown way", 1 << 20 },
	};
	char what[256];

	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		struct open_how how = { .flags = O_RDWR, .resolve = ways[i].bits };

		snprintf(what, sizeof(what), "openat2 from %s, %s, %s", from, strcmp(name, path) ? name : "PATH", ways[i].name);
		answer(what, open_how(directory, name, how, sizeof(how)));
	}
}

/* A link that another question may have made. */
static void make_link(const char *target, const char *name)
{
	if (symlink(target, name) != 0 && errno != EEXIST)
		die(name);
}

static void open_names(const char *name)
{
	struct open_how how = { .flags = O_RDWR | O_NOFOLLOW };
	int dev = open("/dev", O_PATH | O_DIRECTORY);
	int root = open("/", O_PATH | O_DIRECTORY);
	int here = open(".", O_PATH | O_DIRECTORY);
	int device = open(path, O_RDWR);
	char below[80];
	char number[64];

	snprintf(below, sizeof(below), "dev/%s", name);
	snprintf(number, sizeof(number), "/proc/self/fd/%d", device);
	resolve_from("nowhere", AT_FDCWD, path);
	resolve_from("/", root, path);
	resolve_from("/dev", dev, path);
	make_link(path, "to-device");
	make_link("/dev", "to-dev");
	resolve_from("here", here, "to-device");
	if (symlinkat("to-dev", here, "to-to-dev") == 0) {
		char through[80];

		snprintf(through, sizeof(through), "to-to-dev/%s", name);
		printf("%s\n", "through two links:");
		for (__u64 bits = 1; bits <= RESOLVE_IN_ROOT; bits <<= 1)
			answer("  openat2", open_how(here, through, (struct open_how){ .flags = O_RDWR, .resolve = bits }, sizeof(how)));
	}
	printf("%s\n", "NAME from /dev, ./NAME, ../dev/NAME, /NAME, dev/NAME from /, the descriptor:");
	for (__u64 bits = 0; bits <= RESOLVE_IN_ROOT; bits = bits ? bits << 1 : 1) {
		struct open_how with = { .flags = O_RDWR, .resolve = bits };
		char dots[80];

		answer("  NAME", open_how(dev, name, with, sizeof(with)));
		snprintf(dots, sizeof(dots), "./%s", name);
		answer("  ./NAME", open_how(dev, dots, with, sizeof(with)));
		snprintf(dots, sizeof(dots), "../dev/%s", name);
		answer("  ../dev/NAME", open_how(dev, dots, with, sizeof(with)));
		snprintf(dots, sizeof(dots), "/%s", name);
		answer("  /NAME", open_how(dev, dots, with, sizeof(with)));
		answer("  dev/NAME", open_how(root, below, with, sizeof(with)));
		answer("  descriptor", open_how(AT_FDCWD, number, with, sizeof(with)));
		snprintf(dots, sizeof(dots), "%s/", name);
		answer("  NAME/", open_how(dev, dots, with, sizeof(with)));
	}
	answer("O_NOFOLLOW of a link", open_how(here, "to-device", how, sizeof(how)));
	answer("O_NOFOLLOW", open_how(dev, name, how, sizeof(how)));
	how.flags = 1ULL << 40;
	answer("an unknown flag", open_how(dev, name, how, sizeof(how)));
	how.flags = O_RDWR;
	answer("a small struct", open_how(dev, name, how, 8));
	close(device);
	close(here);
	close(root);
	close(dev);
}

static void create_names(void)
{
	answer("mkdir", mkdir(path, 0755));
	answer("mknod", mknod(path, S_IFCHR | 0600, makedev(1, 3)));
	answer("mknod of a file", mknod(path, S_IFREG | 0600, 0));
	answer("mkfifo", mkfifo(path, 0600));
	answer("symlink", symlink("/dev/null", path));
	answer("link to it", link("/dev/null", path));
	answer("rmdir", rmdir(path));
	answer("O_EXCL", open(path, O_CREAT | O_EXCL | O_RDWR, 0600));
	answer("O_DIRECTORY", open(path, O_DIRECTORY));
	answer("truncate", truncate(path, 0));
	answer("chdir", chdir(path));
	answer("chroot", chroot(path));
	answer("execute", access(path, X_OK));
}

static void bind_name(int type, const char *what)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type, 0);
	char words[64];

	strcpy(address.sun_path, path);
	snprintf(words, sizeof(words), "bind %s", what);
	answer(words, bind(fd, (struct sockaddr *)&address, sizeof(address)));
	snprintf(words, sizeof(words), "bind %s, the shortest address", what);
	answer(words, bind(fd, (struct sockaddr *)&address,
			   (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path))));
	make_link(path, "to-device");
	strcpy(address.sun_path, "to-device");
	snprintf(words, sizeof(words), "bind %s to a link", what);
	answer(words, bind(fd, (struct sockaddr *)&address, sizeof(address)));
	close(fd);
}

static void attributes(void)
{
	static const char *const names[] = { "user.x", "", "x", "nothing.x", "system.x" };
	char long_name[300];
	char what[400];
	static char value[1 << 20];

	memset(long_name, 'x', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	memcpy(long_name, "user.", 5);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(what, sizeof(what), "setxattr '%s'", names[i]);
		answer(what, setxattr(path, names[i], "v", 1, 0));
		snprintf(what, sizeof(what), "lsetxattr '%s'", names[i]);
		answer(what, lsetxattr(path, names[i], "v", 1, XATTR_REPLACE));
		snprintf(what, sizeof(what), "removexattr '%s'", names[i]);
		answer(what, removexattr(path, names[i]));
		snprintf(what, sizeof(what), "getxattr '%s'", names[i]);
		answer(what, getxattr(path, names[i], value, sizeof(value)));
	}
	answer("setxattr, a long name", setxattr(path, long_name, "v", 1, 0));
	answer("getxattr, a long name", getxattr(path, long_name, value, sizeof(value)));
	answer("removexattr, a long name", removexattr(path, long_name));
	answer("setxattr, unknown flags", setxattr(path, "user.x", "v", 1, 4));
	answer("setxattr, a long value", setxattr(path, "user.x", value, sizeof(value), 0));
	answer("setxattr, no name", setxattr(path, NULL, "v", 1, 0));
	if (getuid() != 0) {
		answer("setxattr trusted", setxattr(path, "trusted.x", "v", 1, 0));
		answer("removexattr trusted", removexattr(path, "trusted.x"));
		answer("setxattr security", setxattr(path, "security.x", "v", 1, 0));
	}
	answer("getxattr trusted", getxattr(path, "trusted.x", value, sizeof(value)));
}

static void mounts(void)
{
	answer("umount", umount2(path, 0));
	answer("mount on it", mount("none", path, "tmpfs", 0, NULL));
	answer("bind on it", mount("/dev/null", path, NULL, MS_BIND, NULL));
	answer("bind it", mount(path, "/dev/null", NULL, MS_BIND, NULL));
	answer("mount what is on it", mount(path, "/tmp", "ext4", 0, NULL));
}

int main(int argc, char **argv)
{
	if (argc < 2)
		die("usage");
	snprintf(path, sizeof(path), "/dev/%s", argv[1]);
	if (argc > 2) {
		mounts();
		return 0;
	}
	open_names(argv[1]);
	create_names();
	bind_name(SOCK_STREAM, "a stream");
	bind_name(SOCK_DGRAM, "a datagram socket");
	attributes();
	if (getuid() != 0)
		mounts();
	return 0;
}
