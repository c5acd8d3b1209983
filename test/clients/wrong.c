/*
 * What is wrong with a call on a node is said as by any node of the kernel: wrong NODE SYSFS DIRECTORY
 *
 * SYSFS is the directory of the node there, DIRECTORY the one that the node lies in. Nothing is changed anywhere. Exits with 0
 * if all answers were right.
 */
#define _GNU_SOURCE
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>

#include "check.h"

#define NOWHERE ((void *)0x4000000000000000ul)
/* The errno of a call, 0 if it succeeded. */
#define ERROR_OF(call) ((call) < 0 ? errno : 0)
/* Flags that no call of these has. */
#define UNKNOWN 0x80
#define NOREPLACE_AND_EXCHANGE 3
/* As <linux/fs.h> has it, which knows no more what it was for. */
#define MANDATORY 32

static const char *node, *sysfs;

static int error_of_open(const char *path, int flags)
{
	int fd = open(path, flags, 0600);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static void links(void)
{
	char text[8];

	check_errno("readlink() without room", ERROR_OF(readlink(sysfs, text, 0)), EINVAL);
	check_errno("readlink() of a node without room", ERROR_OF(readlink(node, text, 0)), EINVAL);
	check_errno("readlink() with a negative size",
		    ERROR_OF(syscall(SYS_readlinkat, AT_FDCWD, sysfs, text, 0xffffffffl)), EINVAL);
	check_errno("readlink() of what is no link", ERROR_OF(readlink(node, text, sizeof(text))), EINVAL);
}

static void names(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int file = open("/proc/self/exe", O_RDONLY);

	check_errno("renameat2() with flags that are none",
		    ERROR_OF(syscall(SYS_renameat2, AT_FDCWD, node, AT_FDCWD, "/nowhere/name", UNKNOWN)), EINVAL);
	check_errno("renameat2() with flags that exclude each other",
		    ERROR_OF(syscall(SYS_renameat2, AT_FDCWD, node, AT_FDCWD, "/nowhere/name", NOREPLACE_AND_EXCHANGE)),
		    EINVAL);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", node);
	check_errno("bind() of nothing", ERROR_OF(bind(-1, (void *)&address, sizeof(address))), EBADF);
	check_errno("bind() of a file", ERROR_OF(bind(file, (void *)&address, sizeof(address))), ENOTSOCK);
	close(file);
	file = socket(AF_INET, SOCK_DGRAM, 0);
	check_errno("bind() of a socket of another family", ERROR_OF(bind(file, (void *)&address, sizeof(address))),
		    EAFNOSUPPORT);
	close(file);
}

static void leases(void)
{
	int fd = open_device(node, 0), refused = geteuid() == 0 ? EINVAL : EACCES;

	check_errno("a lease", ERROR_OF(fcntl(fd, F_SETLEASE, F_RDLCK)), refused);
	check_errno("a lease to write", ERROR_OF(fcntl(fd, F_SETLEASE, F_WRLCK)), refused);
	check_errno("no lease", ERROR_OF(fcntl(fd, F_SETLEASE, F_UNLCK)), refused);
	check_errno("a lease of no kind", ERROR_OF(fcntl(fd, F_SETLEASE, 77)), EINVAL);
	check("the lease that there is", fcntl(fd, F_GETLEASE) == F_UNLCK);
	close(fd);
}

static void attributes(void)
{
	char path[200];

	snprintf(path, sizeof(path), "%s/dev", sysfs);
	check_errno("an attribute is opened", error_of_open(path, O_RDONLY), 0);
	check_errno("an attribute that is there is made", error_of_open(path, O_RDONLY | O_CREAT | O_EXCL), EEXIST);
	check_errno("an attribute that is there may be made", error_of_open(path, O_RDONLY | O_CREAT), 0);
	check_errno("something below an attribute", error_of_open(strcat(path, "/x"), O_RDONLY | O_CREAT), ENOTDIR);
	snprintf(path, sizeof(path), "%s/nothing", sysfs);
	check_errno("an attribute that is not there is made", error_of_open(path, O_RDONLY | O_CREAT), EACCES);
	check_errno("only if it is not there", error_of_open(path, O_RDONLY | O_CREAT | O_EXCL), EACCES);
	check_errno("something below what is not there", error_of_open(strcat(path, "/x"), O_RDONLY | O_CREAT), ENOENT);
	check_errno("a directory is made", error_of_open(sysfs, O_RDONLY | O_CREAT), EISDIR);
	check_errno("a directory is named", error_of_open(sysfs, O_PATH | O_CREAT), 0);
}

static void numbers(const char *directory)
{
	struct rlimit limit;
	int listing = open(directory, O_RDONLY | O_DIRECTORY), fd = open_device(node, 0);

	getrlimit(RLIMIT_NOFILE, &limit);
	check_errno("a copy below 0", ERROR_OF(fcntl(listing, F_DUPFD, -1)), EINVAL);
	check_errno("a copy above the limit", ERROR_OF(fcntl(listing, F_DUPFD_CLOEXEC, (int)limit.rlim_cur)), EINVAL);
	check_errno("a copy of a node below 0", ERROR_OF(fcntl(fd, F_DUPFD, -1)), EINVAL);
	check_errno("a copy of a node above the limit", ERROR_OF(fcntl(fd, F_DUPFD, (int)limit.rlim_cur)), EINVAL);
	close(listing);
	close(fd);
}

static void calls(void)
{
	int fd = open_device(node, 0), neither = open(node, O_WRONLY | O_RDWR);
	struct iovec pieces[2] = { { NOWHERE, 10 }, { NULL, (size_t)-5 } };

	check_errno("readv() looks at all lengths first", ERROR_OF(readv(fd, pieces, 2)), EINVAL);
	check_errno("times of a descriptor know no flags",
		    ERROR_OF(syscall(SYS_utimensat, fd, NULL, NULL, AT_SYMLINK_NOFOLLOW)), EINVAL);
	check_errno("a lock that was mandatory", ERROR_OF(flock(fd, MANDATORY | LOCK_SH)), 0);
	check_errno("a lock of what is neither read nor written", ERROR_OF(flock(neither, LOCK_SH)), EBADF);
	check_errno("its end", ERROR_OF(flock(neither, LOCK_UN)), 0);
	close(neither);
	close(fd);
}

int main(int argc, char **argv)
{
	if (argc != 4)
		return 2;
	node = argv[1];
	sysfs = argv[2];
	links();
	names();
	leases();
	attributes();
	numbers(argv[3]);
	calls();
	return end_of_checks();
}
