/* Cameras that nobody queues a buffer for: for those clients that ask who has one. */
#ifndef USERCAM_TEST_IDLE_H
#define USERCAM_TEST_IDLE_H

#include "modes.h"

static inline int dqbuf_errno(int fd)
{
	struct v4l2_buffer buffer = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP };

	return ioctl(fd, VIDIOC_DQBUF, &buffer) < 0 ? errno : 0;
}

/* A stream that waits for buffers. */
static inline int open_idle(const char *path, int flags)
{
	enum v4l2_buf_type type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	unsigned int count = 2;
	int fd = open_device(path, flags);

	if (reqbufs_as(fd, V4L2_MEMORY_MMAP, &count) != 0 || ioctl(fd, VIDIOC_STREAMON, &type) < 0)
		die("STREAMON");
	return fd;
}

static inline void expect_free(void)
{
	unsigned int count = 1;
	int fd = open_device(device, 0);

	check_errno("the camera is free", reqbufs_as(fd, V4L2_MEMORY_MMAP, &count), 0);
	close(fd);
}

#endif
