/*
 * When a device is ready, by poll(), select() and epoll: poll [device]
 *
 * Each of them looks at four moments of a stream: buffers but not streaming (ERR), a frame is there (IN), all
 * frames are taken and no buffer is queued (nothing), stopped (ERR). select() has no set for ERR and
 * shows it as readable. epoll adds the device with no events first, then asks for EPOLLIN, as
 * v4l2-compliance does. Prints one line of JSON; exits with 0 if all of it was as in the kernel.
 */
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>

#include "client.h"

#define BUFFERS 3
/* Whoever waits so long hangs. */
#define FRAME_TIMEOUT_MSEC 60000

/* The bits (POLLIN ...) that come up within `timeout` milliseconds, -1 for an error. */
typedef int (*look_function)(int fd, int timeout);

static int look_poll(int fd, int timeout)
{
	struct pollfd entry = { .fd = fd, .events = POLLIN };

	return poll(&entry, 1, timeout) < 0 ? -1 : entry.revents;
}

static int look_select(int fd, int timeout)
{
	struct timeval time = { .tv_sec = timeout / 1000, .tv_usec = timeout % 1000 * 1000 };
	fd_set readable, exceptional;

	FD_ZERO(&readable);
	FD_SET(fd, &readable);
	FD_ZERO(&exceptional);
	FD_SET(fd, &exceptional);
	if (select(fd + 1, &readable, NULL, &exceptional, &time) < 0)
		return -1;
	return (FD_ISSET(fd, &readable) ? POLLIN : 0) | (FD_ISSET(fd, &exceptional) ? POLLPRI : 0);
}

static int epoll_fd;

static int look_epoll(int fd, int timeout)
{
	struct epoll_event event = { .events = 0 };
	int ready = epoll_wait(epoll_fd, &event, 1, timeout);

	(void)fd;
	if (ready < 0)
		return -1;
	/* EPOLLIN, EPOLLPRI and EPOLLERR have the values of POLLIN, POLLPRI and POLLERR. */
	return ready == 0 ? 0 : (int)event.events;
}

static void change_epoll(int operation, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events };

	if (epoll_ctl(epoll_fd, operation, fd, &event) < 0)
		die("epoll_ctl");
}

static const char *bits(int found)
{
	static const char *const names[] = { "-", "IN", "PRI", "IN|PRI", "ERR", "IN|ERR", "PRI|ERR", "IN|PRI|ERR" };

	if (found < 0)
		return errno_name(errno);
	return names[(found & POLLIN ? 1 : 0) | (found & POLLPRI ? 2 : 0) | (found & POLLERR ? 4 : 0)];
}

static int check(const char *moment, int found, int expected)
{
	printf(",\"%s\":\"%s\"", moment, bits(found));
	return found >= 0 && (found & (POLLIN | POLLPRI | POLLERR | POLLHUP)) == expected;
}

/* Goes through a stream; `idle` is what shows while it does not run. */
static int look_at_stream(struct stream *stream, look_function look, int idle)
{
	int right = check("idle", look(stream->fd, 0), idle);

	for (unsigned int i = 0; i < stream->count; i++)
		qbuf(stream->fd, i);
	stream_on(stream->fd);
	right &= check("frame", look(stream->fd, FRAME_TIMEOUT_MSEC), POLLIN);
	for (unsigned int i = 0; i < stream->count; i++)
		dqbuf(stream->fd);
	right &= check("drained", look(stream->fd, 0), 0);
	qbuf(stream->fd, 0);
	right &= check("again", look(stream->fd, FRAME_TIMEOUT_MSEC), POLLIN);
	stream_off(stream->fd);
	right &= check("stopped", look(stream->fd, 0), idle);
	return right;
}

static int look_by(const char *name, const char *device, look_function look, int idle)
{
	struct stream stream = { .fd = open_device(device, 0) };
	int right;

	/* Before there are buffers, looking would start the emulation of read(). */
	request_buffers(&stream, BUFFERS);
	printf("\"%s\":{\"buffers\":%u", name, stream.count);
	if (look == look_epoll) {
		epoll_fd = epoll_create1(0);
		if (epoll_fd < 0)
			die("epoll_create1");
		change_epoll(EPOLL_CTL_ADD, stream.fd, 0);
		printf(",\"noEvents\":\"%s\"", bits(look(stream.fd, 0)));
		change_epoll(EPOLL_CTL_MOD, stream.fd, EPOLLIN);
	}
	right = look_at_stream(&stream, look, idle);
	close(stream.fd);
	printf("},");
	return right;
}

int main(int argc, char **argv)
{
	const char *device = argc > 1 ? argv[1] : "/dev/video0";
	int right = 1;

	printf("{");
	right &= look_by("poll", device, look_poll, POLLERR);
	right &= look_by("select", device, look_select, POLLIN);
	right &= look_by("epoll", device, look_epoll, POLLERR);
	printf("\"right\":%s}\n", json_bool(right));
	return right ? 0 : 1;
}
