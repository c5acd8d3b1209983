/*
 * Says when a camera begins to show something else: show-client [device] [MJPEG]
 * A line "nanoseconds-of-CLOCK_MONOTONIC" for each frame that differs from the one before, when it has been dequeued.
 */
#include "../test/clients/client.h"
#include <time.h>

static void set_format(int fd, unsigned int fourcc)
{
	struct v4l2_format format = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };

	if (xioctl(fd, VIDIOC_G_FMT, &format) < 0)
		die("VIDIOC_G_FMT");
	format.fmt.pix.pixelformat = fourcc;
	if (xioctl(fd, VIDIOC_S_FMT, &format) < 0)
		die("VIDIOC_S_FMT");
}

int main(int argc, char **argv)
{
	struct stream stream = { .fd = open_device(argc > 1 ? argv[1] : "/dev/video0", 0) };
	unsigned int last = 0;

	set_format(stream.fd, argc > 2 ? V4L2_PIX_FMT_MJPEG : V4L2_PIX_FMT_YUYV);
	start_stream(&stream, 4);
	for (;;) {
		struct v4l2_buffer buffer = dqbuf(stream.fd);
		const unsigned char *bytes = stream.buffers[buffer.index].start;
		struct timespec now;
		unsigned int sum = buffer.bytesused;

		clock_gettime(CLOCK_MONOTONIC, &now);
		for (unsigned int i = 0; i < buffer.bytesused; i += 3)
			sum = sum * 31 + bytes[i];
		if (sum != last) {
			printf("%lld\n", (long long)now.tv_sec * 1000000000 + now.tv_nsec);
			fflush(stdout);
		}
		last = sum;
		qbuf(stream.fd, buffer.index);
	}
}
