/*
 * attributes-at NODE: what the calls on attributes that name a directory, a path and flags say of NODE, by its name and by a
 * descriptor. Nothing is set that any node would take. Says "not here" where the kernel has no such calls.
 */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <sys/xattr.h>

#include "check.h"

#define SETXATTRAT 463
#define GETXATTRAT 464
#define LISTXATTRAT 465
#define REMOVEXATTRAT 466
#define FILE_GETATTR 468
#define FILE_SETATTR 469
#define UNKNOWN 0x80
#define NOWHERE ((void *)16)

struct arguments {
	uint64_t value;
	uint32_t size;
	uint32_t flags;
};

static const char *said(long result)
{
	static char number[32];

	if (result < 0)
		return errno_name(errno);
	snprintf(number, sizeof(number), "%ld", result);
	return number;
}

static void attribute(const char *how, int fd, const char *path, int flags, const char *name)
{
	char value[64] = "value", list[64] = "";
	struct arguments get = { (uintptr_t)value, sizeof(value), 0 }, set = { (uintptr_t)value, 5, 0 };

	printf("%s %s: get %s", how, name, said(syscall(GETXATTRAT, fd, path, flags, name, &get, sizeof(get))));
	if (strncmp(name, "user.", 5) == 0 || strchr(name, '.') == NULL) {
		printf(", set %s", said(syscall(SETXATTRAT, fd, path, flags, name, &set, sizeof(set))));
		printf(", remove %s", said(syscall(REMOVEXATTRAT, fd, path, flags, name)));
	}
	if (fd >= 0)
		printf(", fgetxattr %s", said(fgetxattr(fd, name, value, sizeof(value))));
	printf(", list %s\n", said(syscall(LISTXATTRAT, fd, path, flags, list, sizeof(list))));
}

static void wrong(const char *how, int fd, const char *path, int flags)
{
	struct {
		struct arguments known;
		uint64_t more;
	} get = { .known = { 0, 0, 0 } };
	struct arguments flagged = { 0, 0, 1 }, many = { 0, 0, UNKNOWN }, large = { 0, 70000, 0 };
	const char *name = "user.x";

	printf("%s wrong: %s", how, said(syscall(GETXATTRAT, fd, path, flags, name, &get, 8)));
	printf(" %s", said(syscall(GETXATTRAT, fd, path, flags, name, &get, sizeof(get))));
	get.more = 1;
	printf(" %s", said(syscall(GETXATTRAT, fd, path, flags, name, &get, sizeof(get))));
	printf(" %s", said(syscall(GETXATTRAT, fd, path, flags, name, &get, 5000)));
	printf(" %s", said(syscall(GETXATTRAT, fd, path, flags, name, NOWHERE, 16)));
	printf(" %s", said(syscall(GETXATTRAT, fd, path, flags, name, &flagged, 16)));
	printf(" %s", said(syscall(GETXATTRAT, fd, path, flags | UNKNOWN, name, &get, 16)));
	printf(" %s", said(syscall(GETXATTRAT, fd, path, flags, "", &get, 16)));
	printf(" %s", said(syscall(SETXATTRAT, fd, path, flags, name, &many, 16)));
	printf(" %s", said(syscall(SETXATTRAT, fd, path, flags, name, &large, 16)));
	printf(" %s", said(syscall(SETXATTRAT, fd, path, flags, name, &get, 8)));
	printf(" %s", said(syscall(LISTXATTRAT, fd, path, flags | UNKNOWN, NULL, 0)));
	printf(" %s\n", said(syscall(REMOVEXATTRAT, fd, path, flags | UNKNOWN, name)));
}

static void all(const char *how, int fd, const char *path, int flags)
{
	static const char *const names[] = {
		"user.x", "trusted.x", "security.x", "security.", "trusted.", "user.", "system.posix_acl_access", "system.sockprotoname", "none",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		attribute(how, fd, path, flags, names[i]);
	wrong(how, fd, path, flags);
}

static void file_attributes(const char *how, int fd, const char *path, int flags)
{
	uint64_t bytes[8] = { 0 };

	printf("%s: %s", how, said(syscall(FILE_GETATTR, fd, path, bytes, 24, flags)));
	printf(" %s", said(syscall(FILE_GETATTR, fd, path, bytes, 8, flags)));
	printf(" %s", said(syscall(FILE_GETATTR, fd, path, bytes, 5000, flags)));
	printf(" %s", said(syscall(FILE_GETATTR, fd, path, bytes, 24, flags | UNKNOWN)));
	memset(bytes, 0, sizeof(bytes));
	printf(" %s", said(syscall(FILE_SETATTR, fd, path, bytes, 24, flags)));
	printf(" %s", said(syscall(FILE_SETATTR, fd, path, bytes, 8, flags)));
	printf(" %s\n", said(syscall(FILE_SETATTR, fd, path, NOWHERE, 24, flags)));
}

int main(int argc, char **argv)
{
	int fd = open(argv[argc - 1], O_RDWR | O_NONBLOCK), named = open(argv[argc - 1], O_PATH);

	if (fd < 0 || named < 0)
		return 1;
	if (syscall(LISTXATTRAT, -1, "", 0, NULL, 0) < 0 && errno == ENOSYS)
		printf("not here\n");
	all("by name", AT_FDCWD, argv[argc - 1], 0);
	all("not through links", AT_FDCWD, argv[argc - 1], AT_SYMLINK_NOFOLLOW);
	all("by descriptor", fd, "", AT_EMPTY_PATH);
	all("by NULL", fd, NULL, AT_EMPTY_PATH);
	all("of what is named", named, "", AT_EMPTY_PATH);
	all("without a flag", fd, "", 0);
	file_attributes("file by name", AT_FDCWD, argv[argc - 1], 0);
	file_attributes("file by descriptor", fd, "", AT_EMPTY_PATH);
	file_attributes("file of what is named", named, "", AT_EMPTY_PATH);
	return 0;
}
