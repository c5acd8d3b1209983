/*
 * Who waits for events, and for nothing else, sleeps until there is one; who waits for frames is told of the error in the
 * same moment: waiters [device]
 *
 * The device raises a SOURCE_CHANGE at VIDIOC_S_INPUT, its queue fails at the first VIDIOC_LOG_STATUS, and it is unplugged at
 * the second. Each way of waiting is tried in each state of the queue, while a thread waits for frames of the same
 * descriptor. Exits with 0 if all answers were right.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/select.h>

#include "check.h"

#define BUFFERS 3
/* So long nobody may be woken; whoever waits for longer than the other hangs. */
#define SLEEP_MSEC 20
#define PATIENCE_MSEC 20000

static const char *device = "/dev/video0";
/* The descriptor that is waited for, and another one of the device, which raises events. */
static int fd, other;

/* The bits that come up within `timeout` milliseconds for those who wait for `events`. */
typedef int (*wait_function)(short events, int timeout);

static int by_poll(short events, int timeout)
{
	struct pollfd entry = { .fd = fd, .events = events };

	return poll(&entry, 1, timeout) < 0 ? -1 : entry.revents & 0xff & ~POLLRDNORM;
}

static int by_ppoll(short events, int timeout)
{
	struct timespec time = { .tv_sec = timeout / 1000, .tv_nsec = timeout % 1000 * 1000000L };
	struct pollfd entry = { .fd = fd, .events = events };

	return ppoll(&entry, 1, &time, NULL) < 0 ? -1 : entry.revents & 0xff & ~POLLRDNORM;
}

static int by_select(short events, int timeout)
{
	struct timeval time = { .tv_sec = timeout / 1000, .tv_usec = timeout % 1000 * 1000 };
	fd_set readable, exceptional;

	FD_ZERO(&readable);
	FD_ZERO(&exceptional);
	if (events & POLLIN)
		FD_SET(fd, &readable);
	if (events & POLLPRI)
		FD_SET(fd, &exceptional);
	if (select(fd + 1, &readable, NULL, &exceptional, &time) < 0)
		return -1;
	return (FD_ISSET(fd, &readable) ? POLLIN : 0) | (FD_ISSET(fd, &exceptional) ? POLLPRI : 0);
}

static int by_pselect(short events, int timeout)
{
	struct timespec time = { .tv_sec = timeout / 1000, .tv_nsec = timeout % 1000 * 1000000L };
	fd_set exceptional;

	if (events & POLLIN)
		return by_select(events, timeout);
	FD_ZERO(&exceptional);
	FD_SET(fd, &exceptional);
	if (pselect(fd + 1, NULL, NULL, &exceptional, &time, NULL) < 0)
		return -1;
	return FD_ISSET(fd, &exceptional) ? POLLPRI : 0;
}

static int wait_epoll(uint32_t events, int timeout)
{
	struct epoll_event event = { .events = events };
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	int ready;

	if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		die("epoll");
	ready = epoll_wait(epoll, &event, 1, timeout);
	close(epoll);
	return ready < 0 ? -1 : ready == 0 ? 0 : (int)event.events;
}

/* EPOLLIN, EPOLLPRI and EPOLLERR have the values of POLLIN, POLLPRI and POLLERR. */
static int by_epoll(short events, int timeout)
{
	return wait_epoll((uint32_t)events, timeout);
}

static int by_edge(short events, int timeout)
{
	return wait_epoll((uint32_t)events | EPOLLET, timeout);
}

static int by_oneshot(short events, int timeout)
{
	return wait_epoll((uint32_t)events | EPOLLONESHOT, timeout);
}

static const struct {
	const char *name;
	wait_function wait;
} ways[] = {
	{ "poll", by_poll }, { "ppoll", by_ppoll }, { "select", by_select }, { "pselect", by_pselect },
	{ "epoll", by_epoll }, { "edge", by_edge }, { "oneshot", by_oneshot },
};

static void subscribe(void)
{
	struct v4l2_event_subscription subscription = { .type = V4L2_EVENT_SOURCE_CHANGE };

	if (xioctl(fd, VIDIOC_SUBSCRIBE_EVENT, &subscription) < 0)
		die("VIDIOC_SUBSCRIBE_EVENT");
}

static void raise_event(void)
{
	int input = 0;

	if (xioctl(other, VIDIOC_S_INPUT, &input) < 0)
		die("VIDIOC_S_INPUT");
}

static int dequeue_event(void)
{
	struct v4l2_event event;

	return try_ioctl(fd, VIDIOC_DQEVENT, &event);
}

static wait_function waiting;
static int woken_by;

static void *wait_for_event(void *unused)
{
	(void)unused;
	woken_by = waiting(POLLPRI, PATIENCE_MSEC);
	return NULL;
}

static volatile int is_over;

static void *wait_for_frames(void *unused)
{
	(void)unused;
	while (!is_over)
		by_poll(POLLIN, 1);
	return NULL;
}

/* How one way of waiting does while the queue is in a state, in which those who wait for frames see `frames`. */
static void look(const char *state, const char *name, wait_function wait, int frames)
{
	char what[96];
	pthread_t thread;
	int seen;

#define WHAT(text) (snprintf(what, sizeof(what), "%s, %s: %s", state, name, text), what)
	check(WHAT("no event"), wait(POLLPRI, 0) == 0 && wait(POLLPRI, SLEEP_MSEC) == 0);
	waiting = wait;
	woken_by = -1;
	pthread_create(&thread, NULL, wait_for_event, NULL);
	usleep(1000 * SLEEP_MSEC / 4);
	raise_event();
	pthread_join(thread, NULL);
	check(WHAT("an event wakes"), woken_by == POLLPRI);
	check(WHAT("the event is there"), wait(POLLPRI, 0) == POLLPRI);
	seen = wait(POLLIN | POLLPRI, 0);
	check(WHAT("events and frames"), seen == (POLLPRI | frames));
	check(WHAT("DQEVENT"), dequeue_event() == 0 && dequeue_event() == ENOENT);
	check(WHAT("the event is gone"), wait(POLLPRI, 0) == 0);
	seen = wait(POLLIN, 0);
	check(WHAT("frames"), seen == frames);
}

static void look_at(const char *state, int frames)
{
	for (unsigned int i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		look(state, ways[i].name, ways[i].wait, frames);
}

static void wait_for_done(unsigned int count)
{
	struct v4l2_buffer buffer;

	for (unsigned int i = 0; i < count; i++)
		do {
			buffer = mmap_buffer(i);
			if (xioctl(fd, VIDIOC_QUERYBUF, &buffer) < 0)
				die("VIDIOC_QUERYBUF");
		} while ((buffer.flags & V4L2_BUF_FLAG_DONE) == 0 && usleep(1000) == 0);
}

/* Another file, without a subscription: there is an error until epoll is seen to wait for events alone. */
static void look_without_subscription(void)
{
	struct epoll_event event = { .events = EPOLLPRI };
	int epoll = epoll_create1(EPOLL_CLOEXEC), before = fd;

	fd = open_device(device, O_NONBLOCK);
	check("an error for those who wait for frames", by_poll(POLLIN, 0) == POLLERR);
	check("select, an error", by_select(POLLIN | POLLPRI, 0) == POLLIN);
	check("select, events alone", by_select(POLLPRI, SLEEP_MSEC) == 0);
	check("epoll_ctl", epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0);
	check("epoll, events alone", epoll_wait(epoll, &event, 1, SLEEP_MSEC) == 0);
	close(epoll);
	close(fd);
	fd = before;
}

/* A device that is gone wakes whoever waits, and says so to those who ask for nothing, too. */
static void look_at_unplugging(void)
{
	pthread_t thread;

	waiting = by_poll;
	woken_by = -1;
	pthread_create(&thread, NULL, wait_for_event, NULL);
	usleep(1000 * SLEEP_MSEC / 4);
	check_errno("the device goes", try_ioctl(other, VIDIOC_LOG_STATUS, NULL), 0);
	pthread_join(thread, NULL);
	/* One bit comes after the other, and the first wakes. */
	check("gone, who waits is woken", woken_by > 0 && (woken_by & ~(POLLPRI | POLLERR | POLLHUP)) == 0);
	check("gone, poll for events", by_poll(POLLPRI, 0) == (POLLPRI | POLLERR | POLLHUP));
	check("gone, poll for nothing", by_poll(0, 0) == (POLLERR | POLLHUP));
	check("gone, poll for frames", (by_poll(POLLIN, 0) & ~POLLIN) == (POLLERR | POLLHUP));
	check("gone, select", by_select(POLLIN | POLLPRI, 0) == (POLLIN | POLLPRI));
	check("gone, epoll", by_epoll(POLLPRI, 0) == (EPOLLPRI | EPOLLERR | EPOLLHUP));
	check_errno("gone, DQEVENT", dequeue_event(), ENODEV);
}

int main(int argc, char **argv)
{
	struct stream stream;
	pthread_t thread;

	device = argc > 1 ? argv[1] : device;
	stream.fd = fd = open_device(device, O_NONBLOCK);
	other = open_device(device, O_NONBLOCK);
	request_buffers(&stream, BUFFERS);
	look_without_subscription();
	subscribe();
	pthread_create(&thread, NULL, wait_for_frames, NULL);
	/* What stands in the place of ERR, which would end each wait. */
	look_at("no stream", POLLIN);
	stream_on(fd);
	look_at("nothing queued", POLLIN);
	for (unsigned int i = 0; i < BUFFERS; i++)
		qbuf(fd, i);
	wait_for_done(BUFFERS);
	look_at("frames", POLLIN);
	for (unsigned int i = 0; i < BUFFERS; i++)
		dqbuf(fd);
	look_at("no frame", 0);
	check_errno("the queue fails", try_ioctl(other, VIDIOC_LOG_STATUS, NULL), 0);
	look_at("failed", POLLIN);
	stream_off(fd);
	look_at("stopped", POLLIN);
	is_over = 1;
	pthread_join(thread, NULL);
	look_at_unplugging();
	return end_of_checks();
}
