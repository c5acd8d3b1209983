/*
 * constant OUTPUT CAPTURE: what a program only shows to a device it need not be allowed to write. Frames for OUTPUT lie in memory
 * that is constant, in all ways that there are; if CAPTURE is another node, they come out there.
 */
#include "check.h"

#define SIDE_X 64
#define SIDE_Y 48
#define FRAME (2 * SIDE_X * SIDE_Y)
#define KINDS 3

static const uint8_t compiled[FRAME] = { 1, 2, 3 };

static const uint8_t *in_file(int flags)
{
	FILE *file = tmpfile();
	uint8_t bytes[FRAME];

	memset(bytes, flags, FRAME);
	if (file == NULL || fwrite(bytes, FRAME, 1, file) != 1 || fflush(file) != 0)
		die("tmpfile");
	return mmap(NULL, FRAME, PROT_READ, flags, fileno(file), 0);
}

static int queue(int fd, unsigned int type, const void *frame)
{
	struct v4l2_buffer buffer = {
		.type = type,
		.memory = V4L2_MEMORY_USERPTR,
		.m.userptr = (unsigned long)frame,
		.length = FRAME,
		.bytesused = FRAME,
	};

	return try_ioctl(fd, VIDIOC_QBUF, &buffer);
}

static void set_size(int fd, unsigned int type)
{
	struct v4l2_format format = { .type = type };

	format.fmt.pix.width = SIDE_X;
	format.fmt.pix.height = SIDE_Y;
	format.fmt.pix.pixelformat = V4L2_PIX_FMT_YUYV;
	check_errno("S_FMT", try_ioctl(fd, VIDIOC_S_FMT, &format), 0);
	check("a frame", format.fmt.pix.sizeimage == FRAME);
}

static void request(int fd, unsigned int type)
{
	struct v4l2_requestbuffers request = { .count = 1, .type = type, .memory = V4L2_MEMORY_USERPTR };

	check_errno("REQBUFS", try_ioctl(fd, VIDIOC_REQBUFS, &request), 0);
}

static void comes_out(int fd, int capture, const uint8_t *frame)
{
	struct v4l2_buffer done = { .type = V4L2_BUF_TYPE_VIDEO_OUTPUT, .memory = V4L2_MEMORY_USERPTR };
	static uint8_t seen[FRAME];

	check("a frame is read", read(capture, seen, FRAME) == FRAME && memcmp(seen, frame, FRAME) == 0);
	check_errno("DQBUF", try_ioctl(fd, VIDIOC_DQBUF, &done), 0);
}

int main(int argc, char **argv)
{
	const char *output = argv[1], *capture = argv[argc - 1];
	int fd = open(output, O_RDWR), type = V4L2_BUF_TYPE_VIDEO_OUTPUT;
	const uint8_t *frames[KINDS] = { compiled, in_file(MAP_PRIVATE), in_file(MAP_SHARED) };
	void *forbidden = mmap(NULL, FRAME, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int reader = -1;

	set_size(fd, V4L2_BUF_TYPE_VIDEO_OUTPUT);
	request(fd, V4L2_BUF_TYPE_VIDEO_OUTPUT);
	check_errno("memory that may not be read", queue(fd, V4L2_BUF_TYPE_VIDEO_OUTPUT, forbidden), EFAULT);
	check_errno("STREAMON", try_ioctl(fd, VIDIOC_STREAMON, &type), 0);
	if (strcmp(output, capture) == 0) {
		check_errno("memory that may not be written", queue(fd, V4L2_BUF_TYPE_VIDEO_OUTPUT, compiled), 0);
		set_size(fd, V4L2_BUF_TYPE_VIDEO_CAPTURE);
		request(fd, V4L2_BUF_TYPE_VIDEO_CAPTURE);
		check_errno("the same for a frame to come", queue(fd, V4L2_BUF_TYPE_VIDEO_CAPTURE, compiled), EFAULT);
		return end_of_checks();
	}
	reader = open(capture, O_RDWR | O_NONBLOCK);
	/* It takes part in the stream from now on. */
	check_errno("read", read_errno(reader, &(char){ 0 }, 1), EAGAIN);
	fcntl(reader, F_SETFL, 0);
	for (int i = 0; i < KINDS; i++) {
		check_errno("memory that may not be written", queue(fd, V4L2_BUF_TYPE_VIDEO_OUTPUT, frames[i]), 0);
		comes_out(fd, reader, frames[i]);
	}
	check_errno("memory of the kernel", queue(fd, type, (void *)0xffff888000000000), EFAULT);
	return end_of_checks();
}
