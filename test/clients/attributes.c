/*
 * Writes files in /sys that belong to the first camera, as `udevadm trigger` does, and asks who may: attributes
 *
 * Root may write `uevent`, and whoever listens is told what was written; and `dev_debug`, which says it from then on. Nobody may
 * write anything else. Exits with 0 if all answers were right.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/netlink.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "check.h"

#define HOME "/sys/class/video4linux/video0"
#define UEVENT HOME "/uevent"
#define DEBUG HOME "/dev_debug"
#define UUID "12345678-90ab-cdef-1234-567890abcdef"

static int is_root;

static int open_errno(const char *path, int flags)
{
	int fd = open(path, flags, 0644);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int access_errno(const char *path, int mode)
{
	return access(path, mode) < 0 ? errno : 0;
}

static void ask_who_may(void)
{
	int refused = is_root ? 0 : EACCES;
	struct stat status;

	check("the mode of uevent", stat(UEVENT, &status) == 0 && (status.st_mode & 0777) == 0644);
	check("the mode of name", stat(HOME "/name", &status) == 0 && (status.st_mode & 0777) == 0444);
	check_errno("uevent to be written", open_errno(UEVENT, O_WRONLY), refused);
	check_errno("uevent as a shell does", open_errno(UEVENT, O_WRONLY | O_CREAT | O_TRUNC), refused);
	check_errno("uevent, only new", open_errno(UEVENT, O_WRONLY | O_CREAT | O_EXCL), EEXIST);
	check_errno("uevent as a directory", open_errno(UEVENT, O_WRONLY | O_DIRECTORY), ENOTDIR);
	check_errno("name to be written", open_errno(HOME "/name", O_WRONLY), EACCES);
	check_errno("what is not there", open_errno(HOME "/none", O_WRONLY), ENOENT);
	check_errno("what is not there, new", open_errno(HOME "/none", O_WRONLY | O_CREAT), EACCES);
	check_errno("below a file", open_errno(HOME "/name/none", O_WRONLY), ENOTDIR);
	check_errno("a directory", open_errno(HOME, O_WRONLY), EISDIR);
	check_errno("a link", open_errno(HOME, O_WRONLY | O_NOFOLLOW), ELOOP);
	check("the mode of dev_debug", stat(DEBUG, &status) == 0 && (status.st_mode & 0777) == 0644);
	check_errno("dev_debug to be written", open_errno(DEBUG, O_RDWR | O_TRUNC), refused);
	check_errno("uevent without the cache", open_errno(UEVENT, O_RDWR | O_DIRECT), is_root ? EINVAL : EACCES);
	check_errno("name without the cache", open_errno(HOME "/name", O_RDWR | O_DIRECT), EACCES);
	check_errno("name without the cache, to be read", open_errno(HOME "/name", O_DIRECT), EINVAL);
	check_errno("name to be emptied and read", open_errno(HOME "/name", O_RDONLY | O_TRUNC), refused);
	check_errno("a file without a name", open_errno(HOME, O_WRONLY | O_TMPFILE), is_root ? EOPNOTSUPP : EACCES);
	check_errno("may uevent be written", access_errno(UEVENT, W_OK), refused);
	check_errno("may names be made", access_errno(HOME "/", W_OK), refused);
	check_errno("may name be read", access_errno(HOME "/name", R_OK), 0);
	check_errno("may name be executed", access_errno(HOME "/name", X_OK), EACCES);
}

static int truncate_errno(const char *path, off_t length)
{
	return truncate(path, length) < 0 ? errno : 0;
}

static void ask_for_length(void)
{
	const char *files[] = { UEVENT, DEBUG, HOME "/name" };
	struct stat before, after;

	for (int i = 0; i < 3; i++) {
		check("before", stat(files[i], &before) == 0);
		check_errno("truncate", truncate_errno(files[i], 0), is_root ? 0 : EACCES);
		check_errno("truncate to more", truncate_errno(files[i], 5), is_root ? 0 : EACCES);
		check_errno("truncate to too much", truncate_errno(files[i], 1L << 31), is_root ? EFBIG : EACCES);
		check_errno("truncate to less than nothing", truncate_errno(files[i], -1), EINVAL);
		check("it is as it was", stat(files[i], &after) == 0 && after.st_size == before.st_size);
	}
	check_errno("truncate of a directory", truncate_errno(HOME, 0), EISDIR);
	check_errno("truncate of a directory to less", truncate_errno(HOME, -1), EINVAL);
	check_errno("truncate of what is not there", truncate_errno(HOME "/none", 0), ENOENT);
	check_errno("truncate of a camera to less", truncate_errno("/dev/video0", -1), EINVAL);
}

static int listen_to_kernel(void)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);

	check("the socket", bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	return fd;
}

/* Whether the next message, which is there already, begins with `words`, and has `pair`. */
static void expect(int heard, const char *words, const char *pair)
{
	char text[4097];
	ssize_t length = recv(heard, text, sizeof(text) - 1, 0);
	int found = 0;

	if (!check(words, length > 0))
		return;
	text[length] = 0;
	check(words, strncmp(text, words, strlen(words)) == 0 && text[strlen(words)] == '@');
	for (const char *at = text; at < text + length; at += strlen(at) + 1)
		found |= strcmp(at, pair) == 0;
	check(pair, found);
}

static void expect_write(int fd, const char *text, int expected)
{
	ssize_t written = write(fd, text, strlen(text));

	check_errno(text, written < 0 ? errno : 0, expected);
	check(text, expected != 0 || written == (ssize_t)strlen(text));
}

static void tell(int heard)
{
	struct iovec pieces[] = { { "on", 2 }, { "line\n", 5 } };
	char content[256] = "", after[256] = "";
	int fd = open(UEVENT, O_RDWR), low;

	check("uevent to be read and written", fd >= 0);
	check("what it says", read(fd, content, sizeof(content) - 1) > 0 && strstr(content, "DEVNAME=video0\n"));
	expect_write(fd, "change", 0);
	expect(heard, "change", "SYNTH_UUID=0");
	expect_write(fd, "add " UUID " A=1 B=2\n", 0);
	expect(heard, "add", "SYNTH_ARG_B=2");
	check("pieces", writev(fd, pieces, 2) == 7);
	expect(heard, "online", "SUBSYSTEM=video4linux");
	check("somewhere in it", pwrite(fd, "unbind", 6, 100) == 6);
	expect(heard, "unbind", "SYNTH_UUID=0");
	expect_write(fd, "", 0);
	expect_write(fd, "\n", EINVAL);
	expect_write(fd, "changed", EINVAL);
	expect_write(fd, "change 1234", EINVAL);
	expect_write(fd, "change " UUID " A", EINVAL);
	check_errno("bytes that are not there", syscall(SYS_write, fd, 8L, 8L) < 0 ? errno : 0, EFAULT);
	check("nothing more is told", recv(heard, content, 1, 0) < 0 && errno == EAGAIN);
	/* As a shell does that redirects what it writes itself. */
	low = dup(1);
	check("as standard output", dup2(fd, 1) == 1);
	close(fd);
	expect_write(1, "offline\n", 0);
	check("standard output again", dup2(low, 1) == 1);
	expect(heard, "offline", "DEVNAME=video0");
	fd = open(UEVENT, O_RDONLY);
	check("what it says afterwards", read(fd, after, sizeof(after) - 1) > 0 && strcmp(after, content) == 0);
}

/* Whether DEBUG says `text`, to who opens it and to who has it open. */
static void expect_debug(int fd, const char *text)
{
	char content[16] = "", old[16] = "";
	int anew = open(DEBUG, O_RDONLY);

	check(text, read(anew, content, sizeof(content) - 1) > 0 && strcmp(content, text) == 0);
	check("who has it open", pread(fd, old, sizeof(old) - 1, 0) > 0 && strcmp(old, text) == 0);
	close(anew);
}

static void debug(void)
{
	static const struct {
		const char *text;
		int error;
		const char *shown;
	} writes[] = {
		{ "1", 0, "1\n" },	   { "65535\n", 0, "65535\n" }, { "65536", ERANGE, "65535\n" }, { "0x10", 0, "16\n" },
		{ "010", 0, "8\n" },	   { "+3", 0, "3\n" },		{ "08", EINVAL, "3\n" },	 { "0x", EINVAL, "3\n" },
		{ "-1", EINVAL, "3\n" },  { " 1", EINVAL, "3\n" },	{ "1 ", EINVAL, "3\n" },	 { "1\n\n", EINVAL, "3\n" },
		{ "ioctl", EINVAL, "3\n" }, { "70000x", EINVAL, "3\n" }, { "\n", EINVAL, "3\n" },
		{ "99999999999999999999x", ERANGE, "3\n" },
	};
	int reader = open(DEBUG, O_RDONLY), fd = open(DEBUG, O_RDWR), low = dup(1);
	char rest[16] = "";

	check("dev_debug to be read and written", fd >= 0);
	expect_debug(reader, "0\n");
	for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); i++) {
		expect_write(fd, writes[i].text, writes[i].error);
		expect_debug(reader, writes[i].shown);
	}
	check("where it was written", lseek(fd, 0, SEEK_CUR) == 1 + 6 + 4 + 3 + 2);
	check("pwrite moves nothing", pwrite(fd, "27", 2, 7) == 2 && lseek(fd, 0, SEEK_CUR) == 16);
	check("it says so to who has written", lseek(fd, 0, SEEK_SET) == 0 && read(fd, rest, 15) == 3);
	check("what it says", strcmp(rest, "27\n") == 0);
	check("as standard output", dup2(fd, 1) == 1);
	expect_write(1, "0\n", 0);
	check("standard output again", dup2(low, 1) == 1);
	expect_debug(reader, "0\n");
	close(low);
	close(fd);
	close(reader);
}

/* A file of the program's own is that, whatever the name it has been given. */
static void write_to_namesake(void)
{
	int fd = memfd_create("usercam-written:/sys/devices/virtual/video4linux/video0/uevent", MFD_CLOEXEC), low = dup(1);

	check("the namesake as standard output", dup2(fd, 1) == 1);
	expect_write(1, "anything", 0);
	check("standard output after the namesake", dup2(low, 1) == 1);
	close(fd);
	close(low);
}

int main(void)
{
	is_root = geteuid() == 0;
	ask_who_may();
	ask_for_length();
	if (is_root) {
		tell(listen_to_kernel());
		debug();
	}
	write_to_namesake();
	return end_of_checks();
}
