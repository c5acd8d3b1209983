/* What a puppet does with queues, memory and waits: for puppet.c only. */
#ifndef USERCAM_TEST_PUPPET_QUEUE_H
#define USERCAM_TEST_PUPPET_QUEUE_H

#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>

#include "client.h"

#define SLOTS 1024

static struct {
	uint64_t *start;
	size_t length;
} slots[SLOTS];

struct reply {
	char text[8192];
	size_t length;
};

static void say(struct reply *reply, const char *format, long value)
{
	reply->length += (size_t)snprintf(reply->text + reply->length, sizeof(reply->text) - reply->length, format, value);
}

/* The errno comes first. */
static void answer(struct reply *reply, long result)
{
	say(reply, "%ld", result < 0 ? errno : 0);
	say(reply, " %ld", result);
}

static void do_reqbufs(const long *a, struct reply *reply)
{
	struct v4l2_requestbuffers request = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP, .count = (unsigned int)a[1] };
	int result = ioctl((int)a[0], VIDIOC_REQBUFS, &request);

	answer(reply, result < 0 ? -1 : (long)request.count);
}

static void do_stream(const long *a, struct reply *reply)
{
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;

	answer(reply, ioctl((int)a[0], a[1] ? VIDIOC_STREAMON : VIDIOC_STREAMOFF, &type));
}

static void do_qbuf(const long *a, struct reply *reply)
{
	struct v4l2_buffer buffer = mmap_buffer((unsigned int)a[1]);

	answer(reply, ioctl((int)a[0], VIDIOC_QBUF, &buffer));
}

static void do_dqbuf(const long *a, struct reply *reply)
{
	struct v4l2_buffer buffer = mmap_buffer(0);
	int result = ioctl((int)a[0], VIDIOC_DQBUF, &buffer);

	answer(reply, result < 0 ? -1 : (long)buffer.index);
}

static void do_format(const long *a, struct reply *reply)
{
	struct v4l2_format format = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };

	format.fmt.pix.width = (unsigned int)a[1];
	format.fmt.pix.height = (unsigned int)a[2];
	format.fmt.pix.pixelformat = V4L2_PIX_FMT_YUYV;
	answer(reply, ioctl((int)a[0], VIDIOC_S_FMT, &format));
}

/* Asks for the format of whatever has the number, a[1] times: nobody cares for the answers. */
static void do_use(const long *a, struct reply *reply)
{
	struct v4l2_format format = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };

	for (long i = 0; i < a[1]; i++)
		ioctl((int)a[0], VIDIOC_G_FMT, &format);
	answer(reply, 0);
}

static void do_map(const long *a, struct reply *reply)
{
	struct v4l2_buffer buffer = mmap_buffer((unsigned int)a[2]);
	void *start;

	if (ioctl((int)a[1], VIDIOC_QUERYBUF, &buffer) < 0) {
		answer(reply, -1);
		return;
	}
	start = mmap(NULL, buffer.length, PROT_READ | PROT_WRITE, MAP_SHARED, (int)a[1], buffer.m.offset);
	answer(reply, start == MAP_FAILED ? -1 : 0);
	if (start == MAP_FAILED)
		return;
	slots[a[0]].start = start;
	slots[a[0]].length = buffer.length;
	say(reply, " %ld", (long)*slots[a[0]].start);
}

static void do_unmap(const long *a, struct reply *reply)
{
	answer(reply, munmap(slots[a[0]].start, slots[a[0]].length));
}

static void do_poke(const long *a, struct reply *reply)
{
	*slots[a[0]].start = (uint64_t)a[1];
	answer(reply, 0);
}

static void do_peek(const long *a, struct reply *reply)
{
	answer(reply, 0);
	say(reply, " %ld", (long)*slots[a[0]].start);
}

static void do_poll(const long *a, struct reply *reply)
{
	struct pollfd poll_fd = { .fd = (int)a[0], .events = (short)a[1] };

	answer(reply, poll(&poll_fd, 1, (int)a[2]));
	say(reply, " %ld", poll_fd.revents);
}

/* Which sets it is in afterwards: 1 to read, 2 to write, 4 of exceptions. */
static void do_select(const long *a, struct reply *reply)
{
	struct timeval now = { 0, 0 };
	int fd = (int)a[0];
	fd_set sets[3];

	for (int i = 0; i < 3; i++) {
		FD_ZERO(&sets[i]);
		FD_SET(fd, &sets[i]);
	}
	answer(reply, select(fd + 1, &sets[0], &sets[1], &sets[2], &now));
	say(reply, " %ld", FD_ISSET(fd, &sets[0]) | FD_ISSET(fd, &sets[1]) << 1 | FD_ISSET(fd, &sets[2]) << 2);
}

static void do_epoll_new(const long *a, struct reply *reply)
{
	int fd = epoll_create1(0);

	answer(reply, dup2(fd, (int)a[0]));
	close(fd);
}

static void do_epoll_ctl(const long *a, struct reply *reply)
{
	struct epoll_event event = { .events = (uint32_t)a[3], .data = { .u64 = (uint64_t)a[4] } };

	answer(reply, epoll_ctl((int)a[0], (int)a[1], (int)a[2], &event));
}

static void do_epoll_wait(const long *a, struct reply *reply)
{
	struct epoll_event events[64];
	int count = epoll_wait((int)a[0], events, 64, (int)a[1]);

	answer(reply, count);
	for (int i = 0; i < count; i++) {
		say(reply, " %ld", (long)events[i].data.u64);
		say(reply, ":%ld", events[i].events);
	}
}

#endif
