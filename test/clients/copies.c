/*
 * Descriptors that one thread copies while another one maps through them: copies MODE [device [device]]
 *
 * over-other   a thread maps through a number that another one, which computes since, has just made by dup2()
 * over-same    the same, and it was a copy of the same camera before
 * refused      the same, and dup3() has refused it: the number is what it was
 * dup2         numbers made by dup2() while another thread maps all the time: each shows the camera, nobody waits for ever
 * dupfd        the same by fcntl(F_DUPFD)
 *
 * The last line is JSON; exits with 0 if all answers were right. Nobody queues a buffer.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>

#include "idle.h"

/* Where close() is not seen, and copies are no copies of ours. */
#define LOW_NUMBER 9
#define SILENT_ROUNDS 50
#define BUSY_ROUNDS 1500

static int camera;
static struct v4l2_buffer buffer;

static void open_camera(void)
{
	unsigned int count = 1;

	camera = open_device(device, 0);
	if (reqbufs_as(camera, V4L2_MEMORY_MMAP, &count) != 0)
		die("REQBUFS");
	buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	buffer.memory = V4L2_MEMORY_MMAP;
	if (ioctl(camera, VIDIOC_QUERYBUF, &buffer) < 0)
		die("QUERYBUF");
}

static int maps(int fd)
{
	void *memory = mmap(NULL, buffer.length, PROT_READ, MAP_SHARED, fd, buffer.m.offset);

	if (memory == MAP_FAILED)
		return 0;
	munmap(memory, buffer.length);
	return 1;
}

static int copy_to, copy_flags;
static volatile int step;

/* Copies, says so, and computes. */
static void *copy_silently(void *argument)
{
	dup3(camera, copy_to, copy_flags);
	step = 1;
	while (step == 1)
		;
	return argument;
}

static void map_copied(int to, int flags)
{
	unsigned int failed = 0;

	copy_to = to;
	copy_flags = flags;
	for (int round = 0; round < SILENT_ROUNDS; round++) {
		pthread_t thread;

		step = 0;
		pthread_create(&thread, NULL, copy_silently, NULL);
		while (step == 0)
			;
		failed += !maps(copy_to);
		step = 2;
		pthread_join(thread, NULL);
	}
	check("no mmap fails", failed == 0);
}

static void over_other(void)
{
	open_camera();
	map_copied(open_device(other_device, 0), 0);
}

static void over_same(void)
{
	open_camera();
	map_copied(dup(camera), 0);
}

static void refused(void)
{
	open_camera();
	map_copied(dup(camera), O_NONBLOCK);
}

static volatile int ended;

static void *map_always(void *failed)
{
	while (!ended)
		*(unsigned int *)failed += !maps(camera);
	return NULL;
}

/* Memory is always ready, and a camera of which nobody has queued a buffer only has an error to tell. */
static int shows_memory(int fd)
{
	struct pollfd entry = { .fd = fd, .events = POLLIN | POLLOUT };

	poll(&entry, 1, 0);
	return (entry.revents & (POLLIN | POLLOUT)) != 0;
}

static void copy_mapped(int by_dup2)
{
	unsigned int failed = 0, memory = 0;
	pthread_t thread;

	open_camera();
	pthread_create(&thread, NULL, map_always, &failed);
	for (int round = 0; round < BUSY_ROUNDS; round++) {
		int fd = by_dup2 ? dup2(camera, LOW_NUMBER) : fcntl(camera, F_DUPFD, LOW_NUMBER);

		if (fd < 0)
			die("a copy");
		memory += shows_memory(fd);
		close(fd);
	}
	ended = 1;
	pthread_join(thread, NULL);
	check("no mmap fails", failed == 0);
	check("no copy shows memory", memory == 0);
}

static void by_dup2(void)
{
	copy_mapped(1);
}

static void by_fcntl(void)
{
	copy_mapped(0);
}

static const struct mode modes[] = {
	{ "over-other", over_other }, { "over-same", over_same }, { "refused", refused },
	{ "dup2", by_dup2 },          { "dupfd", by_fcntl },
};

int main(int argc, char **argv)
{
	return run_mode(modes, COUNT_OF(modes), argc, argv);
}
