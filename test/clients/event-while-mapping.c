/*
 * A thread sleeps in poll() or select() for an event that comes right after another thread has mapped a buffer through the
 * same descriptor: event-while-mapping [device]
 *
 * Another process makes the event, so that nobody of this one makes a call that a driver serves until it has come and who
 * sleeps has looked. Exits with 0 if all answers were right.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "check.h"

#define ROUNDS 20
#define PATIENCE_SEC 10

static int fd;
static volatile pid_t sleeper;
static int by_select;
static int woken;

static void *wait_for_event(void *unused)
{
	(void)unused;
	sleeper = gettid();
	if (by_select) {
		struct timeval time = { .tv_sec = PATIENCE_SEC };
		fd_set exceptional;

		FD_ZERO(&exceptional);
		FD_SET(fd, &exceptional);
		woken = select(fd + 1, NULL, NULL, &exceptional, &time);
	} else {
		struct pollfd entry = { .fd = fd, .events = POLLPRI };

		woken = poll(&entry, 1, 1000 * PATIENCE_SEC);
	}
	return NULL;
}

/* The state of a thread is the third field of its line. */
static void wait_until_asleep(pid_t tid)
{
	char path[64], state = 'R';

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	while (state != 'S') {
		FILE *file = fopen(path, "r");

		if (file == NULL || fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
			die("stat");
		fclose(file);
	}
}

/* Sets the control to another value for each byte that it reads, and answers with a byte. */
static pid_t start_setter(const char *device, const int orders[2], int answers)
{
	pid_t pid = fork();
	struct v4l2_control control = { .id = V4L2_CID_BRIGHTNESS };
	char byte;
	int own;

	if (pid != 0)
		return pid;
	close(orders[1]);
	own = open_device(device, 0);
	while (read(orders[0], &byte, 1) == 1) {
		control.value = (control.value + 1) % 100;
		if (ioctl(own, VIDIOC_S_CTRL, &control) < 0 || write(answers, &byte, 1) != 1)
			_exit(1);
	}
	_exit(0);
}

static void map_while_somebody_sleeps(const struct v4l2_buffer *buffer, int to_setter, int from_setter)
{
	struct v4l2_event event;
	struct v4l2_input input = { .index = 0 };
	pthread_t thread;
	void *memory;
	char byte = 0;

	sleeper = 0;
	pthread_create(&thread, NULL, wait_for_event, NULL);
	while (sleeper == 0)
		usleep(100);
	wait_until_asleep(sleeper);
	memory = mmap(NULL, buffer->length, PROT_READ, MAP_SHARED, fd, buffer->m.offset);
	check("mmap", memory != MAP_FAILED);
	if (write(to_setter, &byte, 1) != 1 || read(from_setter, &byte, 1) != 1)
		die("the setter");
	usleep(5000);
	check_errno("VIDIOC_ENUMINPUT", try_ioctl(fd, VIDIOC_ENUMINPUT, &input), 0);
	pthread_join(thread, NULL);
	check(by_select ? "select() wakes" : "poll() wakes", woken == 1);
	check_errno("VIDIOC_DQEVENT", try_ioctl(fd, VIDIOC_DQEVENT, &event), 0);
	munmap(memory, buffer->length);
}

int main(int argc, char **argv)
{
	const char *device = argc > 1 ? argv[1] : "/dev/video0";
	struct v4l2_event_subscription subscription = { .type = V4L2_EVENT_CTRL, .id = V4L2_CID_BRIGHTNESS };
	struct v4l2_buffer buffer = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP };
	unsigned int count = 1;
	int orders[2], answers[2];
	pid_t setter;

	if (pipe2(orders, O_CLOEXEC) < 0 || pipe2(answers, O_CLOEXEC) < 0)
		die("pipe2");
	setter = start_setter(device, orders, answers[1]);
	close(orders[0]);
	fd = open_device(device, O_NONBLOCK);
	check_errno("VIDIOC_SUBSCRIBE_EVENT", try_ioctl(fd, VIDIOC_SUBSCRIBE_EVENT, &subscription), 0);
	check_errno("VIDIOC_REQBUFS", reqbufs_as(fd, V4L2_MEMORY_MMAP, &count), 0);
	check_errno("VIDIOC_QUERYBUF", try_ioctl(fd, VIDIOC_QUERYBUF, &buffer), 0);
	for (unsigned int round = 0; round < ROUNDS; round++) {
		by_select = round % 2;
		map_while_somebody_sleeps(&buffer, orders[1], answers[0]);
	}
	close(orders[1]);
	waitpid(setter, NULL, 0);
	close(fd);
	return end_of_checks();
}
