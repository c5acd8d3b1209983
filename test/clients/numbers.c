/*
 * Descriptors of a camera that take unusual ways: numbers MODE [device]
 *
 * sent    a child opens the camera, sends the descriptor over a socket and ends; it is received after that
 * flags   O_NONBLOCK that is set on one of two copies that were in messages is set on the other, which is received later
 * dupfd   fcntl(F_DUPFD, n) gives a number from n on, or the errno of the kernel
 * limit   a program that may have few descriptors reads a frame all the same, and maps buffers
 * lowered the same for one that lowers its limit when it has the camera open, and between two calls of a stream
 * hard    the same for its hard limit, which it is told as it has set it, and children and other programs inherit
 * same    copies that nobody had while they were in messages are still one and the same, in the kernel too
 * streams copies of one that is a standard stream are read; where a standard stream is closed the next one gets its number
 *
 * Exits with 0 if all answers were right.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "check.h"
#include "pass-fd.h"

static const char *device = "/dev/video0";

static void sent(void)
{
	int sockets[2], other, status;
	unsigned int count = 2;
	struct stream stream;
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) < 0)
		die("socketpair");
	child = fork();
	if (child == 0) {
		stream.fd = open_device(device, 0);
		request_buffers(&stream, 4);
		send_fd(sockets[1], stream.fd);
		_exit(0);
	}
	waitpid(child, &status, 0);
	/* By now the end of the child has been noticed; its queue is still somebody's. */
	other = open_device(device, 0);
	check_errno("REQBUFS of another", reqbufs_as(other, V4L2_MEMORY_MMAP, &count), EBUSY);
	stream.fd = receive_fd(sockets[0]);
	start_stream(&stream, 4);
	check("frames", take_frames(stream.fd, 5).frames == 5);
	stop_stream(&stream);
	close(stream.fd);
	count = 2;
	check_errno("REQBUFS of another at last", reqbufs_as(other, V4L2_MEMORY_MMAP, &count), 0);
	close(other);
}

static int dupfd(int fd, int first)
{
	return fcntl(fd, F_DUPFD_CLOEXEC, first);
}

static void dup_numbers(void)
{
	int fd = open_device(device, 0);
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	for (int first = 0; first < (int)limit.rlim_cur; first += 100 + first) {
		int copy = dupfd(fd, first);
		struct v4l2_capability capability;

		check("F_DUPFD", copy >= first);
		check_errno("QUERYCAP of the copy", try_ioctl(copy, VIDIOC_QUERYCAP, &capability), 0);
		close(copy);
	}
	check_errno("a negative number", dupfd(fd, -1) < 0 ? errno : 0, EINVAL);
	check_errno("a number above the limit", dupfd(fd, (int)limit.rlim_cur) < 0 ? errno : 0, EINVAL);
	close(fd);
}

static void lower_limit(rlim_t soft)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = soft;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		die("setrlimit");
}

static void stream_frames(int fd)
{
	struct stream stream = { .fd = fd };

	start_stream(&stream, 4);
	check("frames", take_frames(fd, 5).frames == 5);
	stop_stream(&stream);
}

static void low_limit(void)
{
	struct rlimit limit, after;
	struct v4l2_pix_format pix;
	char *frame;
	int fd;

	lower_limit(64);
	getrlimit(RLIMIT_NOFILE, &limit);
	fd = open_device(device, 0);
	getrlimit(RLIMIT_NOFILE, &after);
	check("the limit stays", after.rlim_cur == limit.rlim_cur && after.rlim_max == limit.rlim_max);
	check_errno("S_FMT", set_format(fd, 640, 480, &pix), 0);
	frame = malloc(pix.sizeimage);
	check("a frame", read(fd, frame, pix.sizeimage) == (ssize_t)pix.sizeimage);
	free(frame);
	close(fd);
	fd = open_device(device, 0);
	stream_frames(fd);
	getrlimit(RLIMIT_NOFILE, &after);
	check("the limit stays", after.rlim_cur == limit.rlim_cur && after.rlim_max == limit.rlim_max);
	close(fd);
}

/* No memory may stay in the place of the camera, which would be ready whoever asks. */
static void lowered(void)
{
	struct stream stream = { .fd = open_device(device, 0) };
	struct pollfd waits = { .fd = stream.fd, .events = POLLIN };

	request_buffers(&stream, 4);
	map_buffers(&stream);
	lower_limit(32);
	for (unsigned int i = 0; i < stream.count; i++)
		qbuf(stream.fd, i);
	stream_on(stream.fd);
	for (unsigned int i = 0; i < stream.count; i++)
		dqbuf(stream.fd);
	check("not ready when all frames are taken", poll(&waits, 1, 0) == 0);
	qbuf(stream.fd, 0);
	check("ready when there is one", poll(&waits, 1, 5000) == 1 && waits.revents & POLLIN);
	stop_stream(&stream);
	stream_frames(stream.fd);
	close(stream.fd);
}

/* It is noticed by then who has the camera. */
static void look(void)
{
	close(open_device(device, 0));
}

/* Each time nobody but messages has the camera. */
static void flags_of_copies(void)
{
	struct v4l2_input input = { .index = 0 };
	int first[2], second[2], fd = open_device(device, 0);

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, first) < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, second) < 0)
		die("socketpair");
	send_fd(first[1], fd);
	send_fd(second[1], fd);
	close(fd);
	look();
	fd = receive_fd(first[0]);
	check_errno("ENUMINPUT", try_ioctl(fd, VIDIOC_ENUMINPUT, &input), 0);
	check("as it was opened", (fcntl(fd, F_GETFL) & O_NONBLOCK) == 0);
	check("F_SETFL", fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
	close(fd);
	look();
	fd = receive_fd(second[0]);
	check_errno("ENUMINPUT", try_ioctl(fd, VIDIOC_ENUMINPUT, &input), 0);
	check("as it was set", (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
	close(fd);
}

/* A frame, the first of its bytes alone. */
static void read_frame(const char *what, int fd)
{
	static char frame[640 * 480 * 2];

	check(what, read(fd, frame, 100) == 100 && read(fd, frame, sizeof(frame)) == sizeof(frame) - 100);
}

/* As shells and daemons do it that know nothing of dup2(). */
static void closed_stream(int stream, int camera)
{
	int saved = dup(stream);
	char bytes[2];

	close(stream);
	check("dup() gives the number that is free", dup(camera) == stream);
	read_frame("a frame from the copy", stream);
	close(stream);
	check("so does F_DUPFD", dupfd(camera, stream) == stream);
	check("but not where a higher one is wanted", dupfd(camera, 3) > 2);
	close(stream);
	check("and open()", open(device, O_RDWR) == stream);
	check_errno("read() is served there: another file has the frames", read_errno(stream, bytes, sizeof(bytes)), EBUSY);
	dup2(saved, stream);
	close(saved);
}

static void streams(void)
{
	struct v4l2_pix_format pix;
	int fd = open_device(device, 0), in = dup(0);

	check_errno("S_FMT", set_format(fd, 640, 480, &pix), 0);
	dup2(fd, 0);
	read_frame("a frame from a copy by dup()", dup(0));
	read_frame("a frame from a copy by F_DUPFD", dupfd(0, 3));
	dup2(in, 0);
	closed_stream(0, fd);
	closed_stream(1, fd);
}

/* The errno of setting both limits. */
static int set_limits(rlim_t soft, rlim_t hard)
{
	struct rlimit limit = { soft, hard };

	return setrlimit(RLIMIT_NOFILE, &limit) < 0 ? errno : 0;
}

static int has_limits(rlim_t soft, rlim_t hard)
{
	struct rlimit limit, other;

	getrlimit(RLIMIT_NOFILE, &limit);
	prlimit(getpid(), RLIMIT_NOFILE, NULL, &other);
	return limit.rlim_cur == soft && limit.rlim_max == hard && other.rlim_cur == soft && other.rlim_max == hard;
}

/* 24: CAP_SYS_RESOURCE */
static int may_raise(void)
{
	unsigned long long mask = 0;
	char line[256];
	FILE *status = fopen("/proc/self/status", "r");

	while (fgets(line, sizeof(line), status) != NULL)
		sscanf(line, "CapEff: %llx", &mask);
	fclose(status);
	return mask >> 24 & 1;
}

static void hard_limit(void)
{
	struct stream stream = { .fd = open_device(device, 0) };
	struct rlimit limit = { 90, 100 }, old;
	int status, fd;
	pid_t child;

	check_errno("setrlimit", set_limits(64, 256), 0);
	check("what was set", has_limits(64, 256));
	stream_frames(stream.fd);
	check("it stays", has_limits(64, 256));
	close(stream.fd);
	fd = open_device(device, 0);
	stream_frames(fd);
	close(fd);
	check_errno("more than the hard one", set_limits(257, 256), EINVAL);
	if (!may_raise())
		check_errno("a hard one that is raised", set_limits(64, 257), EPERM);
	check_errno("as far as it goes", set_limits(256, 256), 0);
	check("so far", has_limits(256, 256));
	check_errno("limits nowhere", syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, 16, NULL) < 0 ? errno : 0, EFAULT);
	child = fork();
	if (child == 0) {
		check("a child inherits them", has_limits(256, 256));
		check("prlimit", prlimit(0, RLIMIT_NOFILE, &limit, &old) == 0 && old.rlim_max == 256);
		check("less than before", has_limits(90, 100));
		fd = open_device(device, 0);
		stream_frames(fd);
		close(fd);
		fflush(stderr);
		execlp("sh", "sh", "-c", "test \"$(ulimit -Sn) $(ulimit -Hn)\" = '90 100' && exit $0",
		       wrong_answers == 0 ? "7" : "1", NULL);
	}
	check("a child", waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 7);
	check("of which nothing is known here", has_limits(256, 256));
}

static int is_same(int one, int other)
{
	return syscall(SYS_kcmp, getpid(), getpid(), 0, one, other) == 0;
}

/* Containers refuse one or the other; without the first, usercam too makes do with other copies. */
static int may_take_and_compare(void)
{
	int self = syscall(SYS_pidfd_open, getpid(), 0), taken = syscall(SYS_pidfd_getfd, self, self, 0);

	close(self);
	return taken >= 0 && is_same(taken, taken) && close(taken) == 0;
}

static void same(void)
{
	int fd = open_device(device, 0), sockets[2], first, copy, second;
	struct v4l2_capability caps;

	if (!may_take_and_compare())
		return;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) < 0)
		die("socketpair");
	send_fd(sockets[0], fd);
	send_fd(sockets[0], fd);
	close(fd);
	/* Until nobody seems to have it. */
	usleep(100000);
	first = receive_fd(sockets[1]);
	copy = fcntl(first, F_DUPFD, 40);
	check_errno("QUERYCAP", try_ioctl(first, VIDIOC_QUERYCAP, &caps), 0);
	check("a copy is the same", is_same(first, copy));
	check_errno("F_SETFL", fcntl(copy, F_SETFL, O_NONBLOCK) < 0 ? errno : 0, 0);
	second = receive_fd(sockets[1]);
	check("one that is received later is the same", is_same(first, second));
	check("it does not wait", fcntl(second, F_GETFL) & O_NONBLOCK);
	check_errno("QUERYCAP of all", try_ioctl(second, VIDIOC_QUERYCAP, &caps) | try_ioctl(copy, VIDIOC_QUERYCAP, &caps), 0);
	check_errno("F_SETFL back", fcntl(first, F_SETFL, 0) < 0 ? errno : 0, 0);
	check("they stay the same", is_same(first, second) && is_same(first, copy));
	stream_frames(second);
	close(first);
	close(copy);
	close(second);
	fd = open_device(device, 0);
	stream_frames(fd);
	close(fd);
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";

	device = argc > 2 ? argv[2] : device;
	if (strcmp(mode, "sent") == 0)
		sent();
	else if (strcmp(mode, "flags") == 0)
		flags_of_copies();
	else if (strcmp(mode, "dupfd") == 0)
		dup_numbers();
	else if (strcmp(mode, "limit") == 0)
		low_limit();
	else if (strcmp(mode, "same") == 0)
		same();
	else if (strcmp(mode, "hard") == 0)
		hard_limit();
	else if (strcmp(mode, "lowered") == 0)
		lowered();
	else if (strcmp(mode, "streams") == 0)
		streams();
	else
		check(mode, 0);
	return end_of_checks();
}
