/*
 * What the test clients share: the steps of a capture as an ordinary program writes them, against nothing
 * but libc and <linux/videodev2.h>. Each client is one C file, built with or without -static.
 */
#ifndef USERCAM_TEST_CLIENT_H
#define USERCAM_TEST_CLIENT_H

#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define MAX_BUFFERS 32

struct stream {
	int fd;
	unsigned int count;
	struct {
		void *start;
		size_t length;
	} buffers[MAX_BUFFERS];
};

/* Sequence numbers and timestamps over the frames of a stream. */
struct pace {
	unsigned int frames;
	unsigned int gaps;
	int monotonic;
	uint32_t last_sequence;
	int64_t last_usec;
};

static inline const char *errno_name(int code)
{
	static const struct {
		int code;
		const char *name;
	} names[] = {
		{ 0, "OK" },           { EPERM, "EPERM" },   { ENOENT, "ENOENT" },   { EINTR, "EINTR" },
		{ EIO, "EIO" },        { ENXIO, "ENXIO" },   { EBADF, "EBADF" },     { EAGAIN, "EAGAIN" },
		{ ENOMEM, "ENOMEM" },  { EACCES, "EACCES" }, { EFAULT, "EFAULT" },   { EBUSY, "EBUSY" },
		{ ENODEV, "ENODEV" },  { EINVAL, "EINVAL" }, { EMFILE, "EMFILE" },   { ENOTTY, "ENOTTY" },
		{ ENOSPC, "ENOSPC" },  { ESPIPE, "ESPIPE" }, { EPIPE, "EPIPE" },     { ERANGE, "ERANGE" },
		{ ENOSYS, "ENOSYS" },  { EBADR, "EBADR" },   { ENODATA, "ENODATA" }, { ENOBUFS, "ENOBUFS" },
		{ EOVERFLOW, "EOVERFLOW" }, { EEXIST, "EEXIST" }, { ENOTDIR, "ENOTDIR" }, { ELOOP, "ELOOP" },
		{ E2BIG, "E2BIG" },    { EXDEV, "EXDEV" },   { EOPNOTSUPP, "EOPNOTSUPP" }, { ENOTSOCK, "ENOTSOCK" },
	};
	static char unknown[32];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].code == code)
			return names[i].name;
	snprintf(unknown, sizeof(unknown), "errno %d", code);
	return unknown;
}

static inline void die(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, errno_name(errno));
	exit(1);
}

/* How many calls were interrupted by a signal and made again. */
static unsigned int interrupted;

static inline int xioctl(int fd, unsigned long request, void *arg)
{
	int result;

	for (;;) {
		result = ioctl(fd, request, arg);
		if (result >= 0 || errno != EINTR)
			return result;
		interrupted++;
	}
}

/* The errno of an ioctl, 0 if it succeeded. */
static inline int try_ioctl(int fd, unsigned long request, void *arg)
{
	return xioctl(fd, request, arg) < 0 ? errno : 0;
}

static inline int open_device(const char *device, int flags)
{
	int fd = open(device, O_RDWR | flags);

	if (fd < 0)
		die(device);
	return fd;
}

static inline struct v4l2_buffer mmap_buffer(unsigned int index)
{
	struct v4l2_buffer buffer;

	memset(&buffer, 0, sizeof(buffer));
	buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	buffer.memory = V4L2_MEMORY_MMAP;
	buffer.index = index;
	return buffer;
}

/* REQBUFS: the count that was given, or -1 and errno. */
static inline int reqbufs(int fd, unsigned int count)
{
	struct v4l2_requestbuffers request;

	memset(&request, 0, sizeof(request));
	request.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	request.memory = V4L2_MEMORY_MMAP;
	request.count = count;
	if (xioctl(fd, VIDIOC_REQBUFS, &request) < 0)
		return -1;
	return (int)request.count;
}

/* Maps the buffers that the queue of stream->fd has. */
static inline void map_buffers(struct stream *stream)
{
	for (unsigned int i = 0; i < stream->count; i++) {
		struct v4l2_buffer buffer = mmap_buffer(i);
		void *start;

		if (xioctl(stream->fd, VIDIOC_QUERYBUF, &buffer) < 0)
			die("VIDIOC_QUERYBUF");
		do {
			start = mmap(NULL, buffer.length, PROT_READ | PROT_WRITE, MAP_SHARED, stream->fd,
				     buffer.m.offset);
		} while (start == MAP_FAILED && errno == EINTR);
		if (start == MAP_FAILED)
			die("mmap");
		stream->buffers[i].start = start;
		stream->buffers[i].length = buffer.length;
	}
}

static inline void unmap_buffers(struct stream *stream)
{
	for (unsigned int i = 0; i < stream->count; i++)
		if (munmap(stream->buffers[i].start, stream->buffers[i].length) < 0)
			die("munmap");
}

static inline void request_buffers(struct stream *stream, unsigned int count)
{
	int given = reqbufs(stream->fd, count);

	if (given < 0)
		die("VIDIOC_REQBUFS");
	stream->count = given > MAX_BUFFERS ? MAX_BUFFERS : (unsigned int)given;
}

static inline void qbuf(int fd, unsigned int index)
{
	struct v4l2_buffer buffer = mmap_buffer(index);

	if (xioctl(fd, VIDIOC_QBUF, &buffer) < 0)
		die("VIDIOC_QBUF");
}

static inline struct v4l2_buffer dqbuf(int fd)
{
	struct v4l2_buffer buffer = mmap_buffer(0);

	if (xioctl(fd, VIDIOC_DQBUF, &buffer) < 0)
		die("VIDIOC_DQBUF");
	return buffer;
}

static inline void stream_on(int fd)
{
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;

	if (xioctl(fd, VIDIOC_STREAMON, &type) < 0)
		die("VIDIOC_STREAMON");
}

static inline void stream_off(int fd)
{
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;

	if (xioctl(fd, VIDIOC_STREAMOFF, &type) < 0)
		die("VIDIOC_STREAMOFF");
}

/* From an open device to a running stream of `count` mapped buffers. */
static inline void start_stream(struct stream *stream, unsigned int count)
{
	request_buffers(stream, count);
	map_buffers(stream);
	for (unsigned int i = 0; i < stream->count; i++)
		qbuf(stream->fd, i);
	stream_on(stream->fd);
}

static inline void stop_stream(struct stream *stream)
{
	stream_off(stream->fd);
	unmap_buffers(stream);
}

static inline struct pace new_pace(void)
{
	struct pace pace;

	memset(&pace, 0, sizeof(pace));
	pace.monotonic = 1;
	return pace;
}

static inline void count_frame(struct pace *pace, const struct v4l2_buffer *buffer)
{
	int64_t usec = (int64_t)buffer->timestamp.tv_sec * 1000000 + buffer->timestamp.tv_usec;

	if (pace->frames > 0) {
		pace->gaps += buffer->sequence - pace->last_sequence - 1;
		if (usec <= pace->last_usec)
			pace->monotonic = 0;
	}
	pace->frames++;
	pace->last_sequence = buffer->sequence;
	pace->last_usec = usec;
}

/* Takes `frames` frames from a running stream and gives each buffer back. */
static inline struct pace take_frames(int fd, unsigned int frames)
{
	struct pace pace = new_pace();

	while (pace.frames < frames) {
		struct v4l2_buffer buffer = dqbuf(fd);

		count_frame(&pace, &buffer);
		qbuf(fd, buffer.index);
	}
	return pace;
}

static inline const char *json_bool(int value)
{
	return value ? "true" : "false";
}

#endif
