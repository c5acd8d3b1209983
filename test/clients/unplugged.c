/*
 * Sleeps in every way that there is until the camera goes: unplugged FIFO
 *
 * /dev/video0 has a control and makes frames, /dev/video3 never makes one. Says "asleep" in the FIFO when all threads are, and
 * "closed" when nothing is open any more; ends when there is a /dev/video0 again. The last line on stdout is JSON; exits with 0 if all answers were right.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "check.h"

#define BUFFERS 2
#define MARK 42

static const char *device = "/dev/video0";
static int fd, mute_fd;

static int sleep_poll(short events)
{
	struct pollfd entry = { .fd = fd, .events = events };

	return poll(&entry, 1, -1) == 1 ? entry.revents : 0;
}

static int sleep_poll_events(void)
{
	return sleep_poll(POLLPRI);
}

static int sleep_poll_frames(void)
{
	return sleep_poll(POLLIN);
}

/* Who waits for nothing is told that it is gone all the same. */
static int sleep_poll_nothing(void)
{
	return sleep_poll(0);
}

static int sleep_select(void)
{
	fd_set readable, exceptional;

	FD_ZERO(&readable);
	FD_ZERO(&exceptional);
	FD_SET(fd, &readable);
	FD_SET(fd, &exceptional);
	return select(fd + 1, &readable, NULL, &exceptional, NULL) > 0 && FD_ISSET(fd, &readable) ? POLLERR : 0;
}

static int sleep_epoll(void)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLPRI };
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		die("epoll");
	return epoll_wait(epoll, &event, 1, -1) == 1 ? (int)event.events : 0;
}

static int sleep_dqbuf(void)
{
	struct v4l2_buffer buffer = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP };

	return ioctl(fd, VIDIOC_DQBUF, &buffer) < 0 ? errno : 0;
}

static int sleep_dqevent(void)
{
	struct v4l2_event event;

	return ioctl(fd, VIDIOC_DQEVENT, &event) < 0 ? errno : 0;
}

/* What the same thread hears the second time. */
static int sleep_dqevent_twice(void)
{
	int error = sleep_dqevent();

	return error == EINTR ? sleep_dqevent() : error;
}

static int sleep_read(void)
{
	static char bytes[1 << 16];

	return read(mute_fd, bytes, sizeof(bytes)) < 0 ? errno : 0;
}

struct sleeper {
	const char *name;
	int (*sleep)(void);
	/* Bits of poll(), of which one is shown at least; or the errno. */
	int bits, error;
	/* What ends the sleep, if the device's end does not. */
	int signal;
	int result;
	volatile pid_t tid;
	pthread_t thread;
};

static struct sleeper sleepers[] = {
	{ .name = "poll for events", .sleep = sleep_poll_events, .bits = POLLERR | POLLHUP | POLLPRI },
	{ .name = "poll for frames", .sleep = sleep_poll_frames, .bits = POLLERR | POLLHUP },
	{ .name = "poll for nothing", .sleep = sleep_poll_nothing, .bits = POLLERR | POLLHUP },
	{ .name = "select", .sleep = sleep_select, .bits = POLLERR },
	{ .name = "epoll", .sleep = sleep_epoll, .bits = POLLERR | POLLHUP },
	{ .name = "DQBUF", .sleep = sleep_dqbuf, .error = EINVAL },
	{ .name = "read", .sleep = sleep_read, .error = EINVAL },
	/* The last two: they sleep on, as in the kernel, until a signal comes. Who makes the call again calls a device that is gone. */
	{ .name = "DQEVENT, interrupted", .sleep = sleep_dqevent_twice, .error = ENODEV, .signal = SIGUSR1 },
	{ .name = "DQEVENT, restarted", .sleep = sleep_dqevent, .error = ENODEV, .signal = SIGUSR2 },
};
#define SLEEPERS (sizeof(sleepers) / sizeof(sleepers[0]))
#define STUBBORN (&sleepers[SLEEPERS - 2])

static void *run(void *argument)
{
	struct sleeper *self = argument;

	self->tid = (pid_t)syscall(SYS_gettid);
	self->result = self->sleep();
	return NULL;
}

static int is_asleep(pid_t tid)
{
	char path[64], state = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	file = fopen(path, "r");
	if (!file)
		return 0;
	if (fscanf(file, "%*d (unplugged) %c", &state) != 1)
		die("state");
	fclose(file);
	return state == 'S';
}

/* Calls are looked at in their order: once this thread is answered, those who slept before it are known to. */
static void wait_until_asleep(void)
{
	struct v4l2_capability capability;

	for (size_t i = 0; i < SLEEPERS; i++)
		while (!sleepers[i].tid || !is_asleep(sleepers[i].tid))
			sched_yield();
	check_errno("QUERYCAP before", try_ioctl(fd, VIDIOC_QUERYCAP, &capability), 0);
}

static void interrupted_by(int signal)
{
	(void)signal;
}

/* A stream of which no buffer is queued, and a subscription; the first buffer is mapped. */
static unsigned char *prepare(size_t *length)
{
	struct v4l2_event_subscription subscription = { .type = V4L2_EVENT_CTRL, .id = V4L2_CID_BRIGHTNESS };
	struct v4l2_buffer buffer = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP };
	enum v4l2_buf_type type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	unsigned int count = BUFFERS;
	unsigned char *mapped;

	check_errno("SUBSCRIBE_EVENT", try_ioctl(fd, VIDIOC_SUBSCRIBE_EVENT, &subscription), 0);
	check_errno("REQBUFS", reqbufs_as(fd, V4L2_MEMORY_MMAP, &count), 0);
	check_errno("QUERYBUF", try_ioctl(fd, VIDIOC_QUERYBUF, &buffer), 0);
	mapped = mmap(NULL, buffer.length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, buffer.m.offset);
	if (mapped == MAP_FAILED)
		die("mmap");
	*length = buffer.length;
	check_errno("QBUF", try_ioctl(fd, VIDIOC_QBUF, &buffer), 0);
	check_errno("STREAMON", try_ioctl(fd, VIDIOC_STREAMON, &type), 0);
	check_errno("DQBUF", try_ioctl(fd, VIDIOC_DQBUF, &buffer), 0);
	mapped[0] = MARK;
	return mapped;
}

static void check_sleepers(void)
{
	struct sigaction action = { .sa_handler = interrupted_by };

	sigaction(SIGUSR1, &action, NULL);
	action.sa_flags = SA_RESTART;
	sigaction(SIGUSR2, &action, NULL);
	for (struct sleeper *each = sleepers; each < STUBBORN; each++) {
		pthread_join(each->thread, NULL);
		if (each->bits)
			check(each->name, (each->result & each->bits) != 0);
		else
			check_errno(each->name, each->result, each->error);
	}
	for (struct sleeper *each = STUBBORN; each < sleepers + SLEEPERS; each++) {
		check("DQEVENT sleeps on", is_asleep(each->tid));
		pthread_kill(each->thread, each->signal);
		pthread_join(each->thread, NULL);
		check_errno(each->name, each->result, each->error);
	}
}

static void check_calls(unsigned char *mapped, size_t length)
{
	struct v4l2_capability capability;
	struct stat status;
	char byte;

	check_errno("QUERYCAP", try_ioctl(fd, VIDIOC_QUERYCAP, &capability), ENODEV);
	check_errno("DQBUF", sleep_dqbuf(), ENODEV);
	check_errno("DQEVENT", sleep_dqevent(), ENODEV);
	check_errno("read", read_errno(mute_fd, &byte, 1), ENODEV);
	check("all is shown", sleep_poll(0) == (POLLERR | POLLHUP));
	check("fstat", fstat(fd, &status) == 0 && S_ISCHR(status.st_mode));
	check_errno("stat", stat(device, &status) < 0 ? errno : 0, ENOENT);
	check_errno("open", open(device, O_RDWR) < 0 ? errno : 0, ENOENT);
	check_errno("mmap", mmap(NULL, length, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED ? errno : 0, ENODEV);
	check("the mapping has what was written", mapped[0] == MARK);
	mapped[length - 1] = MARK;
	check("the mapping can be written", mapped[length - 1] == MARK);
	close(fd);
	close(mute_fd);
	check("the mapping is there when all is closed", mapped[0] == MARK && mapped[length - 1] == MARK);
	check("munmap", munmap(mapped, length) == 0);
}

int main(int argc, char **argv)
{
	FILE *fifo = argc > 1 ? fopen(argv[1], "w") : NULL;
	unsigned char *mapped;
	size_t length;

	if (!fifo)
		die("the FIFO");
	fd = open_device(device, 0);
	mute_fd = open_device("/dev/video3", 0);
	mapped = prepare(&length);
	for (size_t i = 0; i < SLEEPERS; i++)
		pthread_create(&sleepers[i].thread, NULL, run, &sleepers[i]);
	wait_until_asleep();
	fputs("asleep\n", fifo);
	fflush(fifo);
	check_sleepers();
	check_calls(mapped, length);
	fputs("closed\n", fifo);
	fclose(fifo);
	/* The next camera gets the number that is free. */
	while (access(device, F_OK) < 0)
		sched_yield();
	return end_of_checks();
}
