/* Lists /dev with small buffers and from saved positions. Argument: how many cameras there are. */
#define _GNU_SOURCE
#include "check.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/syscall.h>

struct entry {
	unsigned long long inode;
	long long next;
	unsigned short length;
	unsigned char type;
	char name[];
};

static int is_camera(const char *name)
{
	return strncmp(name, "video", 5) == 0 && name[5] >= '0' && name[5] <= '9';
}

/* How many cameras are listed from the position of `fd` on, with a buffer of `size` bytes; all names in `all`. */
static int count(int fd, size_t size, int *all)
{
	char buffer[32768];
	int cameras = 0;
	long got;

	*all = 0;
	while ((got = syscall(SYS_getdents64, fd, buffer, size)) > 0) {
		for (long at = 0; at < got; at += ((struct entry *)(buffer + at))->length) {
			struct entry *entry = (struct entry *)(buffer + at);

			*all += 1;
			cameras += is_camera(entry->name);
			check("type", !is_camera(entry->name) || entry->type == DT_CHR);
		}
	}
	check("no error at the end", got == 0);
	return cameras;
}

static void small_buffers(int wanted)
{
	int fd = open("/dev", O_RDONLY | O_DIRECTORY);
	char buffer[16];
	int all;
	int more;

	check("all cameras", count(fd, 32768, &all) == wanted);
	lseek(fd, 0, SEEK_SET);
	check("all cameras with a small buffer", count(fd, 300, &more) == wanted);
	check("as many names", more == all);
	check("the end stays the end", count(fd, 300, &more) == 0 && more == 0);
	lseek(fd, 0, SEEK_SET);
	check_errno("no room for a name", syscall(SYS_getdents64, fd, buffer, sizeof(buffer)) < 0 ? errno : 0, EINVAL);
	close(fd);
}

static void positions(void)
{
	DIR *directory = opendir("/dev");
	struct dirent *entry;
	char name[256] = "";
	long at = -1;
	long before;

	for (before = telldir(directory); (entry = readdir(directory)) != NULL; before = telldir(directory)) {
		if (!is_camera(entry->d_name))
			continue;
		at = before;
		strcpy(name, entry->d_name);
	}
	seekdir(directory, at);
	entry = readdir(directory);
	check("seekdir", entry != NULL && strcmp(entry->d_name, name) == 0);
	rewinddir(directory);
	check("rewinddir", (entry = readdir(directory)) != NULL && telldir(directory) > 0);
	closedir(directory);
}

int main(int argc, char **argv)
{
	small_buffers(argc > 1 ? atoi(argv[1]) : 1);
	positions();
	return end_of_checks();
}
