/*
 * Writes numbered frames to an output node: produce DEVICE FRAMES [FIRST [FPS [write]]]
 *
 * As fast as they are taken unless there is a rate. With `write` they are given by write(), and signals interrupt it. Prints "producing" after the first and a line of JSON at
 * the end, when all have been taken.
 */
#include <signal.h>
#include <sys/time.h>
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

static void on_signal(int number)
{
	(void)number;
}

/* A frame of which write() has given nothing is given once more. */
static void write_frames(int fd, unsigned int frames, unsigned int first)
{
	const struct itimerval often = { .it_interval = { .tv_usec = 2000 }, .it_value = { .tv_usec = 2000 } };
	struct sigaction action = { .sa_handler = on_signal };
	struct v4l2_format format = { .type = V4L2_BUF_TYPE_VIDEO_OUTPUT };
	unsigned int size;
	uint32_t *words;

	if (xioctl(fd, VIDIOC_G_FMT, &format) < 0)
		die("VIDIOC_G_FMT");
	size = format.fmt.pix.sizeimage;
	words = malloc(size);
	if (words == NULL || sigaction(SIGALRM, &action, NULL) < 0 || setitimer(ITIMER_REAL, &often, NULL) < 0)
		die("setitimer");
	for (unsigned int n = 0; n < frames; n++) {
		ssize_t given;

		number_frame(words, size / 4, first + n);
		do
			given = write(fd, words, size);
		while (given < 0 && errno == EINTR);
		if (given != (ssize_t)size)
			die("write");
		if (n == 0) {
			puts("producing");
			fflush(stdout);
		}
	}
	printf("{\"frames\":%u,\"taken\":%u}\n", frames, frames);
}

int main(int argc, char **argv)
{
	struct stream stream = { .fd = open_device(argc > 1 ? argv[1] : "/dev/video0", 0) };
	unsigned int frames = argc > 2 ? (unsigned int)atoi(argv[2]) : 1;
	unsigned int first = argc > 3 ? (unsigned int)atoi(argv[3]) : 0;
	unsigned int fps = argc > 4 ? (unsigned int)atoi(argv[4]) : 0;
	int type = V4L2_BUF_TYPE_VIDEO_OUTPUT;
	unsigned int size, taken = 0;
	struct timespec time;

	if (argc > 5) {
		write_frames(stream.fd, frames, first);
		return 0;
	}
	size = start_output(&stream);
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
