/*
 * A client that only counts: streams N frames with QBUF and DQBUF, looks at none of them, and prints how many came
 * in a second. Arguments: device, width, height, frames, and `userptr` for frames in memory of its own.
 */
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>

enum { BUFFERS = 8, WARM_UP = 200 };

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void must(int fd, unsigned long request, void *arg, const char *name)
{
	if (ioctl(fd, request, arg) < 0) {
		perror(name);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	const unsigned int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	struct v4l2_format format = { .type = type };
	const unsigned int memory = argc > 5 ? V4L2_MEMORY_USERPTR : V4L2_MEMORY_MMAP;
	struct v4l2_requestbuffers request = { .count = BUFFERS, .type = type, .memory = memory };
	struct v4l2_buffer buffer;
	int frames, fd;
	double start = 0;

	if (argc < 5 || (fd = open(argv[1], O_RDWR)) < 0) {
		perror(argc < 5 ? "usage: count-client DEVICE WIDTH HEIGHT FRAMES" : argv[1]);
		return 1;
	}
	frames = atoi(argv[4]);
	format.fmt.pix.width = atoi(argv[2]);
	format.fmt.pix.height = atoi(argv[3]);
	format.fmt.pix.pixelformat = V4L2_PIX_FMT_YUYV;
	must(fd, VIDIOC_S_FMT, &format, "VIDIOC_S_FMT");
	must(fd, VIDIOC_REQBUFS, &request, "VIDIOC_REQBUFS");
	for (unsigned int i = 0; i < request.count; i++) {
		buffer = (struct v4l2_buffer){ .index = i, .type = type, .memory = memory };
		if (memory == V4L2_MEMORY_USERPTR) {
			buffer.length = format.fmt.pix.sizeimage;
			buffer.m.userptr = (unsigned long)calloc(1, buffer.length);
		}
		must(fd, VIDIOC_QBUF, &buffer, "VIDIOC_QBUF");
	}
	must(fd, VIDIOC_STREAMON, (void *)&type, "VIDIOC_STREAMON");
	for (int i = 0; i < frames + WARM_UP; i++) {
		if (i == WARM_UP)
			start = now();
		buffer = (struct v4l2_buffer){ .type = type, .memory = memory };
		must(fd, VIDIOC_DQBUF, &buffer, "VIDIOC_DQBUF");
		must(fd, VIDIOC_QBUF, &buffer, "VIDIOC_QBUF");
	}
	printf("%.1f\n", frames / (now() - start));
	return 0;
}
