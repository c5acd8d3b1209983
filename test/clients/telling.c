/*
 * Two programs, one control: telling wait|set [device]
 *
 * `wait` says its process id, waits for an event of the control in one way after the other, and says it again before each.
 * `set` reads that, sets the control when the other is asleep, and looks at what it hears of its own doings. Each exits with
 * 0 if all answers were right. Nobody is in a hurry: who is not woken hangs.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/select.h>

#include "check.h"

static const char *device = "/dev/video0";

static void subscribe(int fd, unsigned int flags)
{
	struct v4l2_event_subscription subscription = {
		.type = V4L2_EVENT_CTRL,
		.id = V4L2_CID_BRIGHTNESS,
		.flags = flags,
	};

	if (xioctl(fd, VIDIOC_SUBSCRIBE_EVENT, &subscription) < 0)
		die("VIDIOC_SUBSCRIBE_EVENT");
}

static void set(int fd, int value)
{
	struct v4l2_control control = { .id = V4L2_CID_BRIGHTNESS, .value = value };

	check_errno("the control is set", try_ioctl(fd, VIDIOC_S_CTRL, &control), 0);
}

/* The next event says that the control has become `value`, and no other is left. */
static void check_event(int fd, int value)
{
	struct v4l2_event event;

	memset(&event, 0, sizeof(event));
	check_errno("there is an event", try_ioctl(fd, VIDIOC_DQEVENT, &event), 0);
	check("it is one of the control", event.type == V4L2_EVENT_CTRL && event.id == V4L2_CID_BRIGHTNESS);
	check("it has the value", event.u.ctrl.value == value);
	check("only the value has changed", event.u.ctrl.changes == V4L2_EVENT_CTRL_CH_VALUE);
	check("it is the last one", event.pending == 0);
}

static int shown(int fd)
{
	struct pollfd entry = { .fd = fd, .events = POLLPRI };

	return poll(&entry, 1, 0) < 0 ? -1 : entry.revents;
}

/* ---- who waits ---- */

/* Not a word between this and the call that sleeps. */
static void say_ready(void)
{
	printf("%d\n", getpid());
	fflush(stdout);
}

static void wait_select(int fd)
{
	fd_set exceptional;

	FD_ZERO(&exceptional);
	FD_SET(fd, &exceptional);
	say_ready();
	check("select() has found it", select(fd + 1, NULL, NULL, &exceptional, NULL) == 1);
}

static void wait_poll(int fd)
{
	struct pollfd entry = { .fd = fd, .events = POLLPRI };

	say_ready();
	check("poll() has found it", poll(&entry, 1, -1) == 1 && entry.revents == POLLPRI);
}

static void wait_epoll(int fd)
{
	struct epoll_event event = { .events = EPOLLPRI };
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		die("epoll");
	say_ready();
	check("epoll_wait() has found it", epoll_wait(epoll, &event, 1, -1) == 1 && event.events == EPOLLPRI);
	close(epoll);
}

/* VIDIOC_DQEVENT itself, which blocks. */
static void wait_ioctl(int fd)
{
	(void)fd;
	say_ready();
}

static void (*const ways[])(int fd) = { wait_select, wait_poll, wait_epoll, wait_ioctl };
#define WAYS (int)(sizeof(ways) / sizeof(ways[0]))

static void wait_for_events(void)
{
	int fd = open_device(device, 0);

	subscribe(fd, 0);
	for (int n = 0; n < WAYS; n++) {
		ways[n](fd);
		check_event(fd, n + 1);
		check("nothing is shown any more", shown(fd) == 0);
	}
}

/* ---- who sets ---- */

static int is_asleep(int pid)
{
	char path[64], state = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "r");
	if (!file)
		die(path);
	if (fscanf(file, "%*d (telling) %c", &state) != 1)
		die("state");
	fclose(file);
	return state == 'S';
}

static void set_controls(void)
{
	int fd = open_device(device, O_NONBLOCK), curious = open_device(device, O_NONBLOCK);
	struct v4l2_event event;
	int pid;

	subscribe(fd, 0);
	for (int n = 0; n < WAYS; n++) {
		if (scanf("%d", &pid) != 1)
			die("the process that waits");
		while (!is_asleep(pid))
			sched_yield();
		set(fd, n + 1);
		check("who sets it is shown nothing", shown(fd) == 0);
		check_errno("who sets it is told nothing", try_ioctl(fd, VIDIOC_DQEVENT, &event), ENOENT);
	}
	subscribe(curious, V4L2_EVENT_SUB_FL_ALLOW_FEEDBACK);
	set(curious, WAYS + 1);
	check("who asked to be told is shown it", shown(curious) == POLLPRI);
	check_event(curious, WAYS + 1);
	check_event(fd, WAYS + 1);
}

int main(int argc, char **argv)
{
	const char *role = argc > 1 ? argv[1] : "";

	if (argc > 2)
		device = argv[2];
	if (strcmp(role, "wait") == 0)
		wait_for_events();
	else
		set_controls();
	fprintf(stderr, "%s: %u answers, %u wrong\n", role, checks, wrong_answers);
	return wrong_answers == 0 ? 0 : 1;
}
