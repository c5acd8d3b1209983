/*
 * Gets a control, sets it, or sets it and takes the event that it makes, again and again, and prints the nanoseconds of one
 * round trip, the median of the rounds: controls-client DEVICE get|set|event CALLS
 */
#include <fcntl.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

enum { ROUNDS = 15 };

/* Who sets, and who listens. */
static int fd, listener;

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void must(int fd, unsigned long request, void *argument, const char *what)
{
	if (ioctl(fd, request, argument) >= 0)
		return;
	perror(what);
	exit(1);
}

static void get(int i)
{
	struct v4l2_control control = { .id = V4L2_CID_BRIGHTNESS };

	(void)i;
	must(fd, VIDIOC_G_CTRL, &control, "VIDIOC_G_CTRL");
}

/* Another value each time. */
static void set(int i)
{
	struct v4l2_control control = { .id = V4L2_CID_BRIGHTNESS, .value = i & 0x7f };

	must(fd, VIDIOC_S_CTRL, &control, "VIDIOC_S_CTRL");
}

static void set_and_hear(int i)
{
	struct pollfd entry = { .fd = listener, .events = POLLPRI };
	struct v4l2_event event;

	set(i);
	if (poll(&entry, 1, -1) != 1) {
		perror("poll");
		exit(1);
	}
	must(listener, VIDIOC_DQEVENT, &event, "VIDIOC_DQEVENT");
}

static void listen_to(const char *device)
{
	struct v4l2_event_subscription subscription = { .type = V4L2_EVENT_CTRL, .id = V4L2_CID_BRIGHTNESS };

	listener = open(device, O_RDWR);
	must(listener, VIDIOC_SUBSCRIBE_EVENT, &subscription, "VIDIOC_SUBSCRIBE_EVENT");
}

int main(int argc, char **argv)
{
	const char *device = argc > 1 ? argv[1] : "/dev/video0";
	const char *what = argc > 2 ? argv[2] : "get";
	int calls = argc > 3 ? atoi(argv[3]) : 5000;
	void (*call)(int) = *what == 'g' ? get : *what == 's' ? set : set_and_hear;
	double rounds[ROUNDS];

	/* With "-" the descriptor is one that only a supervisor knows to be a device. */
	if (strcmp(device, "-")) {
		fd = open(device, O_RDWR);
		if (call == set_and_hear)
			listen_to(device);
	}
	for (int round = 0; round < ROUNDS; round++) {
		double start = now_ns();

		for (int i = 0; i < calls; i++)
			call(i);
		rounds[round] = (now_ns() - start) / calls;
	}
	qsort(rounds, ROUNDS, sizeof(rounds[0]), compare);
	printf("%.0f\n", rounds[ROUNDS / 2]);
	return 0;
}
