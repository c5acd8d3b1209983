/*
 * For clients that ask many questions: each wrong answer is a line on stderr, the last line on stdout is JSON.
 */
#ifndef USERCAM_TEST_CHECK_H
#define USERCAM_TEST_CHECK_H

#include "client.h"

static unsigned int checks;
static unsigned int wrong_answers;

static inline int check(const char *what, int is_right)
{
	checks++;
	if (!is_right) {
		wrong_answers++;
		fprintf(stderr, "wrong: %s\n", what);
	}
	return is_right;
}

static inline void check_errno(const char *what, int got, int expected)
{
	checks++;
	if (got == expected)
		return;
	wrong_answers++;
	fprintf(stderr, "wrong: %s: %s", what, errno_name(got));
	fprintf(stderr, ", not %s\n", errno_name(expected));
}

/* The errno of a read(), 0 if it gave anything. */
static inline int read_errno(int fd, void *bytes, size_t count)
{
	ssize_t got;

	do {
		got = read(fd, bytes, count);
	} while (got < 0 && errno == EINTR);
	return got < 0 ? errno : 0;
}

static inline int set_format(int fd, unsigned int width, unsigned int height, struct v4l2_pix_format *pix)
{
	struct v4l2_format format;
	int error;

	memset(&format, 0, sizeof(format));
	format.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	format.fmt.pix.width = width;
	format.fmt.pix.height = height;
	format.fmt.pix.pixelformat = V4L2_PIX_FMT_YUYV;
	error = try_ioctl(fd, VIDIOC_S_FMT, &format);
	*pix = format.fmt.pix;
	return error;
}

/* REQBUFS for capture buffers of any memory type: errno; `count` becomes what was given. */
static inline int reqbufs_as(int fd, unsigned int memory, unsigned int *count)
{
	struct v4l2_requestbuffers request;
	int error;

	memset(&request, 0, sizeof(request));
	request.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	request.memory = memory;
	request.count = *count;
	error = try_ioctl(fd, VIDIOC_REQBUFS, &request);
	*count = request.count;
	return error;
}

static inline int end_of_checks(void)
{
	printf("{\"checks\":%u,\"wrong\":%u}\n", checks, wrong_answers);
	return wrong_answers == 0 ? 0 : 1;
}

#endif
