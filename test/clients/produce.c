/*
 * Writes numbered frames to an output node: produce DEVICE FRAMES [FIRST [FPS]]
 *
 * As fast as they are taken unless there is a rate. Prints "producing" after the first and a line of JSON at
 * the end, when all have been taken.
 */
#include <time.h>

#include "client.h"
#include "numbered.h"

#define BUFFERS 4

static struct v4l2_buffer output_buffer(unsigned int index)
{
	struct v4l2_buffer buffer = mmap_buffer(index);

	buffer.type = V4L2_BUF_TYPE_VIDEO_OUTPUT;
	return buffer;
}

static unsigned int start_output(struct stream *stream)
{
	struct v4l2_requestbuffers request = { .type = V4L2_BUF_TYPE_VIDEO_OUTPUT, .memory = V4L2_MEMORY_MMAP };
	struct v4l2_format format = { .type = V4L2_BUF_TYPE_VIDEO_OUTPUT };

	if (xioctl(stream->fd, VIDIOC_G_FMT, &format) < 0)
		die("VIDIOC_G_FMT");
	request.count = BUFFERS;
	if (xioctl(stream->fd, VIDIOC_REQBUFS, &request) < 0)
		die("VIDIOC_REQBUFS");
	stream->count = request.count;
	for (unsigned int i = 0; i < stream->count; i++) {
		struct v4l2_buffer buffer = output_buffer(i);

		if (xioctl(stream->fd, VIDIOC_QUERYBUF, &buffer) < 0)
			die("VIDIOC_QUERYBUF");
		stream->buffers[i].start =
			mmap(NULL, buffer.length, PROT_READ | PROT_WRITE, MAP_SHARED, stream->fd, buffer.m.offset);
		if (stream->buffers[i].start == MAP_FAILED)
			die("mmap");
	}
	return format.fmt.pix.sizeimage;
}

static void wait_for(struct timespec *time, unsigned int fps)
{
	time->tv_nsec += 1000000000 / (long)fps;
	if (time->tv_nsec >= 1000000000) {
		time->tv_nsec -= 1000000000;
		time->tv_sec++;
	}
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, time, NULL) == EINTR)
		;
}

int main(int argc, char **argv)
{
	struct stream stream = { .fd = open_device(argc > 1 ? argv[1] : "/dev/video0", 0) };
	unsigned int frames = argc > 2 ? (unsigned int)atoi(argv[2]) : 1;
	unsigned int first = argc > 3 ? (unsigned int)atoi(argv[3]) : 0;
	unsigned int fps = argc > 4 ? (unsigned int)atoi(argv[4]) : 0;
	unsigned int size = start_output(&stream);
	int type = V4L2_BUF_TYPE_VIDEO_OUTPUT;
	unsigned int taken = 0;
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	if (xioctl(stream.fd, VIDIOC_STREAMON, &type) < 0)
		die("VIDIOC_STREAMON");
	for (unsigned int n = 0; n < frames; n++) {
		struct v4l2_buffer buffer = output_buffer(n);

		if (n >= stream.count) {
			if (xioctl(stream.fd, VIDIOC_DQBUF, &buffer) < 0)
				die("VIDIOC_DQBUF");
			taken++;
		}
		if (fps > 0)
			wait_for(&time, fps);
		number_frame(stream.buffers[buffer.index].start, size / 4, first + n);
		buffer.bytesused = size;
		buffer.field = V4L2_FIELD_NONE;
		memset(&buffer.timestamp, 0, sizeof(buffer.timestamp));
		if (xioctl(stream.fd, VIDIOC_QBUF, &buffer) < 0)
			die("VIDIOC_QBUF");
		if (n == 0) {
			puts("producing");
			fflush(stdout);
		}
	}
	for (; taken < frames; taken++) {
		struct v4l2_buffer buffer = output_buffer(0);

		if (xioctl(stream.fd, VIDIOC_DQBUF, &buffer) < 0)
			die("VIDIOC_DQBUF");
	}
	printf("{\"frames\":%u,\"taken\":%u}\n", frames, taken);
	return 0;
}
