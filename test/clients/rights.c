/*
 * Has fewer rights than those who serve it, and tries to use theirs. Arguments: a file that it may read and not write,
 * and, if root is to become an ordinary user first, his number.
 */
#define _GNU_SOURCE
#include "check.h"

#include <arpa/inet.h>
#include <grp.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#define HOME "/sys/class/video4linux/video0"

/* A way through directories of ours, which the kernel does not find, to a file that others may not read. */
static void go_up(const char *secret)
{
	char path[4200];

	snprintf(path, sizeof(path), "%s/../../../..%s", HOME, secret);
	check("a file of somebody else", open(path, O_RDONLY) < 0);
	snprintf(path, sizeof(path), "%s/../../../../..%s", HOME, secret);
	check("a file of somebody else, from the directory itself", open(path, O_RDONLY) < 0);
}

static void make_files(void)
{
	const int fd = open("/dev", O_TMPFILE | O_RDWR, 0600);

	check("a file without a name in /dev", fd < 0 || faccessat(AT_FDCWD, "/dev", W_OK, AT_EACCESS) == 0);
	if (fd >= 0)
		close(fd);
	check("no directory for writing", open("/dev", O_RDWR) < 0 && errno == EISDIR);
	check("no new file in /sys", open(HOME "/new", O_CREAT | O_RDONLY, 0666) < 0);
}

static void empty_files(void)
{
	char name[64];
	int fd = open(HOME "/name", O_RDONLY | O_TRUNC);

	if (fd >= 0)
		close(fd);
	fd = open(HOME "/name", O_RDONLY);
	check("a file in /sys keeps what it has", read(fd, name, sizeof(name)) > 0);
	close(fd);
}

/* A frame must not be written to a file that the program may only read. */
static void import_file(const char *file)
{
	struct v4l2_requestbuffers request = { .count = 1, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_DMABUF };
	struct v4l2_buffer buffer = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_DMABUF };
	int camera = open("/dev/video0", O_RDWR);
	int fd = open(file, O_RDONLY);
	int memory = memfd_create("mine", 0);

	check_errno("REQBUFS", try_ioctl(camera, VIDIOC_REQBUFS, &request), 0);
	buffer.m.fd = fd;
	check_errno("a file that can only be read", try_ioctl(camera, VIDIOC_QBUF, &buffer), EINVAL);
	if (ftruncate(memory, 4 << 20) != 0)
		die("memfd");
	buffer.m.fd = memory;
	check_errno("memory of its own", try_ioctl(camera, VIDIOC_QBUF, &buffer), 0);
	close(memory);
	close(fd);
	close(camera);
}

/*
 * Whether this way is closed: by a network that nobody else is in, or by a filter. Not every system allows an ordinary
 * user one of them.
 */
static int may_confine(void)
{
	struct sock_filter all = { .code = BPF_RET | BPF_K, .k = 0xffffffff };
	struct sock_fprog program = { .len = 1, .filter = &all };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int allowed = setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) == 0;
	int status = 0;
	pid_t child = fork();

	if (child == 0)
		_exit(unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0);
	waitpid(child, &status, 0);
	close(fd);
	return allowed || status == 0;
}

/* What stands behind a camera must be of no use as a way into the network. */
static void reach_network(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr nobody = { .sa_family = AF_UNSPEC };
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	int camera = open("/dev/video0", O_RDWR | O_NONBLOCK);
	int copy = 100;
	const int off = 0;

	if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) != 0 || listen(listener, 1) != 0 ||
	    getsockname(listener, (struct sockaddr *)&address, &length) != 0 || dup2(camera, copy) != copy)
		die("network");
	setsockopt(copy, SOL_SOCKET, SO_DETACH_FILTER, &off, sizeof(off));
	if (connect(copy, &nobody, sizeof(nobody)) == 0)
		connect(copy, (struct sockaddr *)&address, length);
	check("a connection to somebody else", accept(listener, NULL, NULL) < 0);
	close(copy);
	close(camera);
	close(listener);
}

/*
 * In a namespace of its own a process has another number than we know it by: in a /proc from outside that is somebody
 * else's. Some containers do not allow another /proc.
 */
static int in_own_numbers(void)
{
	char name[64];
	struct stat st;
	int fd = open("/dev/video0", O_RDWR);
	int wrong;

	snprintf(name, sizeof(name), "/proc/%d/fd/%d", getpid(), fd);
	wrong = stat(name, &st) == 0 && S_ISCHR(st.st_mode) && major(st.st_rdev) == 81;
	if (mount("proc", "/proc", "proc", 0, NULL) == 0)
		wrong |= !(stat(name, &st) == 0 && S_ISCHR(st.st_mode)) << 1;
	return wrong;
}

static void number_processes(void)
{
	int status = 0;
	pid_t child;

	if (unshare(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS) != 0)
		return;
	child = fork();
	if (child == 0)
		_exit(in_own_numbers());
	check("a number names who has it", waitpid(child, &status, 0) == child && status == 0);
}

int main(int argc, char **argv)
{
	const int is_confined = may_confine();

	if (argc > 2 && (setgroups(0, NULL) != 0 || setgid(atoi(argv[2])) != 0 || setuid(atoi(argv[2])) != 0))
		die("setuid");
	go_up("/etc/shadow");
	make_files();
	empty_files();
	import_file(argv[1]);
	if (is_confined)
		reach_network();
	number_processes();
	return end_of_checks();
}
