/*
 * The capture application of the textbooks: capture [device [frames [width height [fourcc]]]]
 *
 * Goes through the whole life of a stream with select() and checks what it gets: no gap in the sequence
 * numbers, timestamps that increase, and (YUYV, first input) the eight colour bars in every frame.
 * Prints one line of JSON; exits with 0 if all of it was right.
 */
#include <sys/select.h>

#include "client.h"

/* Whoever waits so long hangs. */
#define FRAME_TIMEOUT_SEC 60
#define BARS 8
/* The driver writes text into the upper lines. */
#define ROW_BELOW_TEXT 160

struct yuv {
	int y, u, v;
};

static const struct yuv bars[BARS] = {
	{ 191, 128, 128 }, /* white */
	{ 174, 37, 143 },  /* amber */
	{ 140, 159, 38 },  /* cyan */
	{ 136, 58, 40 },   /* green */
	{ 101, 198, 216 }, /* magenta */
	{ 69, 98, 218 },   /* red */
	{ 41, 240, 110 },  /* blue */
	{ 16, 128, 128 },  /* black */
};

static int near(int a, int b)
{
	return abs(a - b) <= 2;
}

/* The bar that a pair of YUYV pixels belongs to, -1 if its pixels differ or have another colour. */
static int bar_of_pair(const uint8_t *pair)
{
	for (int i = 0; i < BARS; i++)
		if (near(pair[0], bars[i].y) && near(pair[2], bars[i].y) && near(pair[1], bars[i].u) &&
		    near(pair[3], bars[i].v))
			return i;
	return -1;
}

/*
 * A row must show all eight bars, each followed by the next one, white after black. A boundary may lie in
 * the middle of a pair: one pair that belongs to no bar is allowed between two.
 */
static int row_has_bars(const uint8_t *row, unsigned int width)
{
	unsigned int seen = 0;
	int last = -1;
	int mixed = 0;

	for (unsigned int x = 0; x + 1 < width; x += 2) {
		int bar = bar_of_pair(row + 2 * x);

		if (bar < 0) {
			if (++mixed > 1)
				return 0;
			continue;
		}
		if (last >= 0 && bar != last && bar != (last + 1) % BARS)
			return 0;
		if (bar == last && mixed)
			return 0;
		mixed = 0;
		last = bar;
		seen |= 1u << bar;
	}
	return seen == (1u << BARS) - 1;
}

static struct v4l2_format negotiate(int fd, unsigned int width, unsigned int height, uint32_t fourcc)
{
	struct v4l2_capability capability;
	struct v4l2_fmtdesc description;
	struct v4l2_format format;

	if (xioctl(fd, VIDIOC_QUERYCAP, &capability) < 0)
		die("VIDIOC_QUERYCAP");
	if (!(capability.device_caps & V4L2_CAP_VIDEO_CAPTURE) || !(capability.device_caps & V4L2_CAP_STREAMING)) {
		fprintf(stderr, "no capture device, or it cannot stream\n");
		exit(1);
	}
	memset(&description, 0, sizeof(description));
	description.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	while (xioctl(fd, VIDIOC_ENUM_FMT, &description) == 0)
		description.index++;
	if (errno != EINVAL || description.index == 0)
		die("VIDIOC_ENUM_FMT");

	memset(&format, 0, sizeof(format));
	format.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	format.fmt.pix.width = width;
	format.fmt.pix.height = height;
	format.fmt.pix.pixelformat = fourcc;
	format.fmt.pix.field = V4L2_FIELD_ANY;
	if (xioctl(fd, VIDIOC_S_FMT, &format) < 0)
		die("VIDIOC_S_FMT");
	if (xioctl(fd, VIDIOC_G_FMT, &format) < 0)
		die("VIDIOC_G_FMT");
	return format;
}

static void wait_for_frame(int fd)
{
	for (;;) {
		struct timeval timeout = { .tv_sec = FRAME_TIMEOUT_SEC };
		fd_set readable;
		int ready;

		FD_ZERO(&readable);
		FD_SET(fd, &readable);
		ready = select(fd + 1, &readable, NULL, NULL, &timeout);
		if (ready > 0)
			return;
		if (ready == 0) {
			fprintf(stderr, "no frame within %d seconds\n", FRAME_TIMEOUT_SEC);
			exit(1);
		}
		if (errno != EINTR)
			die("select");
	}
}

int main(int argc, char **argv)
{
	const char *device = argc > 1 ? argv[1] : "/dev/video0";
	unsigned int frames = argc > 2 ? (unsigned int)atoi(argv[2]) : 100;
	unsigned int width = argc > 4 ? (unsigned int)atoi(argv[3]) : 640;
	unsigned int height = argc > 4 ? (unsigned int)atoi(argv[4]) : 480;
	const char *name = argc > 5 && strlen(argv[5]) == 4 ? argv[5] : "YUYV";
	uint32_t fourcc = v4l2_fourcc(name[0], name[1], name[2], name[3]);
	struct stream stream = { .fd = open_device(device, 0) };
	struct v4l2_format format = negotiate(stream.fd, width, height, fourcc);
	const struct v4l2_pix_format *pix = &format.fmt.pix;
	unsigned int row = pix->height > ROW_BELOW_TEXT ? ROW_BELOW_TEXT : pix->height - 1;
	struct pace pace = new_pace();
	int bars_known = pix->pixelformat == V4L2_PIX_FMT_YUYV;
	int bars_right = 1;
	int complete = 1;
	uint32_t got = pix->pixelformat;

	start_stream(&stream, 4);
	while (pace.frames < frames) {
		struct v4l2_buffer buffer;
		const uint8_t *pixels;

		wait_for_frame(stream.fd);
		buffer = dqbuf(stream.fd);
		pixels = stream.buffers[buffer.index].start;
		count_frame(&pace, &buffer);
		if (buffer.bytesused != pix->sizeimage)
			complete = 0;
		if (bars_known && !row_has_bars(pixels + (size_t)row * pix->bytesperline, pix->width))
			bars_right = 0;
		qbuf(stream.fd, buffer.index);
	}
	stop_stream(&stream);
	close(stream.fd);

	printf("{\"frames\":%u,\"gaps\":%u,\"monotonic\":%s,\"bars\":%s,\"complete\":%s,"
	       "\"width\":%u,\"height\":%u,\"fourcc\":\"%c%c%c%c\",\"buffers\":%u}\n",
	       pace.frames, pace.gaps, json_bool(pace.monotonic),
	       bars_known ? json_bool(bars_right) : "null", json_bool(complete), pix->width, pix->height,
	       got & 0xff, (got >> 8) & 0xff, (got >> 16) & 0xff, (got >> 24) & 0x7f, stream.count);
	return pace.gaps == 0 && pace.monotonic && bars_right && complete ? 0 : 1;
}
