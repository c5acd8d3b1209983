/*
 * Who has a camera open: holders MODE [device [device]]
 *
 * churn         the only descriptor has a low number, and processes come and go
 * many-files    open files by the hundred while other threads open cameras: none loses its number
 * close-race    open, S_FMT, REQBUFS, close, a thousand times
 * close-used    the same, and dup2() over it, while other threads use the number: the camera is free afterwards
 * in-flight     a camera is closed while a descriptor of another one is on its way to nobody
 * exhaust       more processes open the camera than usercam has descriptors for: each gets it, or hears ENFILE
 *
 * The last line is JSON; exits with 0 if all answers were right. The cameras must not give frames by themselves: nobody
 * queues a buffer.
 */
#include <pthread.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "idle.h"
#include "pass-fd.h"

/* Processes come and go for `seconds`; each has the descriptor for a moment, or not. */
static void fork_much(int rounds)
{
	for (int i = 0; i < rounds; i++) {
		pid_t child = fork();

		if (child == 0) {
			pid_t grandchild = fork();

			if (grandchild == 0)
				_exit(0);
			_exit(0);
		}
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		if (child > 0)
			waitpid(child, NULL, 0);
	}
}

static void churn(void)
{
	pid_t forkers[3];

	for (int i = 0; i < 3; i++) {
		forkers[i] = fork();
		if (forkers[i] == 0) {
			fork_much(1500);
			_exit(0);
		}
	}
	for (int round = 0; round < 40; round++) {
		struct v4l2_capability capability;
		pid_t keeper;
		int ready[2], status = 1;
		char byte;

		if (pipe(ready) < 0)
			die("pipe");
		keeper = fork();
		if (keeper == 0) {
			int fd = open_device(device, 0);

			dup2(fd, 9);
			close(fd);
			if (write(ready[1], "r", 1) != 1)
				_exit(2);
			usleep(30000);
			_exit(ioctl(9, VIDIOC_QUERYCAP, &capability) == 0 ? 0 : 1);
		}
		if (read(ready[0], &byte, 1) != 1)
			die("read");
		/* Others open and close meanwhile. */
		for (int i = 0; i < 5; i++)
			close(open_device(device, 0));
		waitpid(keeper, &status, 0);
		check("the only descriptor is still a camera", status == 0);
		close(ready[0]);
		close(ready[1]);
	}
	for (int i = 0; i < 3; i++)
		waitpid(forkers[i], NULL, 0);
	expect_free();
}

struct opener {
	pthread_t thread;
	int fds[200];
	unsigned int lost;
};

static dev_t null_device;

static void *open_files(void *argument)
{
	struct opener *opener = argument;

	for (int round = 0; round < 40; round++) {
		for (int i = 0; i < 200; i++)
			opener->fds[i] = open("/dev/null", O_RDONLY);
		for (int i = 0; i < 200; i++) {
			struct stat stat;

			if (opener->fds[i] < 0)
				continue;
			if (fstat(opener->fds[i], &stat) < 0 || stat.st_rdev != null_device)
				opener->lost++;
			close(opener->fds[i]);
		}
	}
	return NULL;
}

static void many_files(void)
{
	struct rlimit limit;
	struct stat stat_null;
	struct opener openers[4];
	unsigned int lost = 0, cameras = 0;

	stat("/dev/null", &stat_null);
	null_device = stat_null.st_rdev;
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max < 4096 ? limit.rlim_max : 4096;
	setrlimit(RLIMIT_NOFILE, &limit);
	for (int i = 0; i < 500; i++)
		check("a file", open("/dev/null", O_RDONLY) >= 0);
	for (int i = 0; i < 4; i++) {
		openers[i].lost = 0;
		pthread_create(&openers[i].thread, NULL, open_files, &openers[i]);
	}
	for (int i = 0; i < 300; i++) {
		struct v4l2_capability capability;
		int fd = open(device, O_RDWR);

		if (fd >= 0 && ioctl(fd, VIDIOC_QUERYCAP, &capability) == 0)
			cameras++;
		close(fd);
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(openers[i].thread, NULL);
		lost += openers[i].lost;
	}
	check("no file loses its number", lost == 0);
	check("all cameras are there", cameras == 300);
}

static void close_race(void)
{
	for (int round = 0; round < 1000; round++) {
		struct v4l2_pix_format pix;
		unsigned int count = 2;
		int fd = open_device(device, 0);

		check("a descriptor", fd > 2);
		check_errno("S_FMT", set_format(fd, 640, 480, &pix), 0);
		check_errno("REQBUFS", reqbufs_as(fd, V4L2_MEMORY_MMAP, &count), 0);
		close(fd);
	}
}

static volatile int used_fd = -1;

/* Asks for the format of whatever has the number, again and again. */
static void *use(void *argument)
{
	struct v4l2_format format = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };

	while (used_fd != -2)
		if (used_fd >= 0)
			ioctl(used_fd, VIDIOC_G_FMT, &format);
	return argument;
}

static int is_same(int fd, int other)
{
	struct v4l2_capability one = { .bus_info = "" }, two = { .bus_info = "" };

	return ioctl(fd, VIDIOC_QUERYCAP, &one) == 0 && ioctl(other, VIDIOC_QUERYCAP, &two) == 0 &&
	       strcmp((char *)one.bus_info, (char *)two.bus_info) == 0;
}

static void close_used(void)
{
	unsigned int count = 1, foreign = 0;
	pthread_t threads[2];

	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, use, NULL);
	for (int round = 0; round < 300; round++) {
		int fd = open_device(device, 0), other = open_device(other_device, 0);

		reqbufs_as(fd, V4L2_MEMORY_MMAP, &count);
		used_fd = fd;
		usleep(round % 8 * 50);
		if (round % 2 == 0) {
			if (dup2(other, fd) != fd)
				die("dup2");
			foreign += !is_same(fd, other);
		}
		close(fd);
		close(other);
	}
	used_fd = -2;
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	check("the number means what dup2() made it", foreign == 0);
	expect_free();
}

/* The memory of a camera was in the place of its descriptor for a moment, and is gone. */
static void map_and_close(void)
{
	struct stream stream = { .fd = open_idle(device, 0), .count = 2 };

	map_buffers(&stream);
	unmap_buffers(&stream);
	close(stream.fd);
}

static void in_flight(void)
{
	int sockets[2], other = open_device(other_device, 0);

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) < 0)
		die("socketpair");
	send_fd(sockets[0], other);
	close(other);
	for (int round = 0; round < 3; round++) {
		expect_free();
		map_and_close();
	}
	expect_free();
	other = receive_fd(sockets[1]);
	check_errno("what was sent is open", dqbuf_errno(other), EINVAL);
	close(other);
}

static int reqbufs_errno(int fd)
{
	unsigned int count = 1;

	return reqbufs_as(fd, V4L2_MEMORY_MMAP, &count);
}

/* A mapping has the file open, whichever process it is in. */
static void mapped(void)
{
	int other = open_device(device, 0);

	for (int round = 0; round < 20; round++) {
		struct stream stream = { .fd = open_idle(device, 0), .count = 2 };
		int end[2], status = 1;
		pid_t child;
		char byte;

		map_buffers(&stream);
		if (pipe(end) < 0)
			die("pipe");
		child = fork();
		if (child == 0) {
			close(stream.fd);
			close(end[1]);
			_exit(read(end[0], &byte, 1) == 0 ? 0 : 1);
		}
		close(stream.fd);
		check_errno("a mapping has the camera", reqbufs_errno(other), EBUSY);
		munmap(stream.buffers[0].start, stream.buffers[0].length);
		check_errno("one of two mappings has the camera", reqbufs_errno(other), EBUSY);
		munmap(stream.buffers[1].start, stream.buffers[1].length);
		check_errno("the mappings of a child have the camera", reqbufs_errno(other), EBUSY);
		close(end[1]);
		waitpid(child, &status, 0);
		check("the child ends well", status == 0);
		close(end[0]);
		check_errno("the camera is free at once", reqbufs_errno(other), 0);
		check_errno("and given back", reqbufs_as(other, V4L2_MEMORY_MMAP, &(unsigned int){ 0 }), 0);
	}
	close(other);
}

/* A process that has the camera for as long as `hold` is open; its exit code is what open() said. */
static pid_t start_holder(const int *hold, const int *ready)
{
	pid_t child = fork();

	if (child == 0) {
		int fd = open(device, O_RDWR);
		int error = fd < 0 ? errno : 0;
		char byte;

		close(hold[1]);
		if (write(ready[1], "r", 1) != 1 || read(hold[0], &byte, 1) != 0)
			_exit(255);
		_exit(error);
	}
	return child;
}

static void exhaust(void)
{
	for (int round = 0; round < 3; round++) {
		int hold[2], ready[2], got = 0;
		pid_t children[60];
		char byte;

		if (pipe(hold) < 0 || pipe(ready) < 0)
			die("pipe");
		for (int i = 0; i < 60; i++)
			children[i] = start_holder(hold, ready);
		for (int i = 0; i < 60; i++)
			check("an answer", read(ready[0], &byte, 1) == 1);
		close(hold[0]);
		close(hold[1]);
		for (int i = 0; i < 60; i++) {
			int status = 1;

			waitpid(children[i], &status, 0);
			got += status == 0;
			check("it is open, or there is no room", WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == ENFILE);
		}
		check("some got it", got > 0);
		check("not all did", got < 60);
		close(ready[0]);
		close(ready[1]);
		expect_free();
	}
}

static const struct mode modes[] = {
	{ "churn", churn },           { "many-files", many_files }, { "close-race", close_race },
	{ "close-used", close_used }, { "in-flight", in_flight },   { "exhaust", exhaust },
	{ "mapped", mapped },
};

int main(int argc, char **argv)
{
	return run_mode(modes, COUNT_OF(modes), argc, argv);
}
