/*
 * Streams from a camera and says what it is given: receiver follow | deaf [device]
 *
 * follow  hears of a change of what comes in, gives back its buffers, and goes on with what is there now
 * deaf    hears nothing, and takes frames
 *
 * A line for each format ("format 640x480 614400 1/30 sizes=640x480,…"), for each event ("change INPUT CHANGES") and for each
 * frame ("frame SEQUENCE MICROSECONDS BYTES SUM LEAST GREATEST", of all its bytes). Ends at SIGTERM with a line of JSON.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>

#include "check.h"

#define BUFFERS 4
#define PATIENCE_MSEC 60000

static volatile sig_atomic_t ended;
static struct pace pace;

static void end(int signal)
{
	(void)signal;
	ended = 1;
}

static void say_sizes(int fd, unsigned int fourcc)
{
	struct v4l2_frmsizeenum size = { .pixel_format = fourcc };

	for (; try_ioctl(fd, VIDIOC_ENUM_FRAMESIZES, &size) == 0; size.index++)
		printf("%s%ux%u", size.index ? "," : "", size.discrete.width, size.discrete.height);
	printf("\n");
}

static void say_format(int fd)
{
	struct v4l2_format format = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };
	struct v4l2_streamparm parm = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };
	struct v4l2_pix_format *pix = &format.fmt.pix;
	struct v4l2_fract *interval = &parm.parm.capture.timeperframe;

	check_errno("G_FMT", try_ioctl(fd, VIDIOC_G_FMT, &format), 0);
	check_errno("G_PARM", try_ioctl(fd, VIDIOC_G_PARM, &parm), 0);
	printf("format %ux%u %u %u/%u sizes=", pix->width, pix->height, pix->sizeimage, interval->numerator,
	       interval->denominator);
	say_sizes(fd, pix->pixelformat);
	/* Whoever goes on with it sets it, as most do. */
	check_errno("S_FMT", try_ioctl(fd, VIDIOC_S_FMT, &format), 0);
}

static void say_frame(const struct v4l2_buffer *buffer, const unsigned char *bytes)
{
	unsigned int least = 255, greatest = 0, sum = 0;

	for (unsigned int i = 0; i < buffer->bytesused; i++) {
		sum = sum * 31 + bytes[i];
		least = bytes[i] < least ? bytes[i] : least;
		greatest = bytes[i] > greatest ? bytes[i] : greatest;
	}
	printf("frame %u %lld %u %u %u %u\n", buffer->sequence,
	       (long long)buffer->timestamp.tv_sec * 1000000 + buffer->timestamp.tv_usec, buffer->bytesused, sum, least,
	       greatest);
}

/* True if something else comes in. */
static int take_event(int fd)
{
	struct v4l2_event event;

	if (!check("DQEVENT", try_ioctl(fd, VIDIOC_DQEVENT, &event) == 0))
		return 0;
	printf("change %u %u\n", event.id, event.u.src_change.changes);
	return event.type == V4L2_EVENT_SOURCE_CHANGE;
}

/* Until something else comes in, for who hears it. */
static void stream_once(struct stream *stream)
{
	struct pollfd wait = { .fd = stream->fd, .events = POLLIN | POLLPRI };

	say_format(stream->fd);
	start_stream(stream, BUFFERS);
	pace = new_pace();
	while (!ended) {
		struct v4l2_buffer buffer = mmap_buffer(0);

		fflush(stdout);
		if (poll(&wait, 1, PATIENCE_MSEC) < 0)
			continue;
		if ((wait.revents & POLLPRI) && take_event(stream->fd))
			break;
		if (ioctl(stream->fd, VIDIOC_DQBUF, &buffer) < 0) {
			check("DQBUF", errno == EINTR || errno == EAGAIN);
			continue;
		}
		count_frame(&pace, &buffer);
		say_frame(&buffer, stream->buffers[buffer.index].start);
		qbuf(stream->fd, buffer.index);
	}
	check("timestamps", pace.monotonic);
	stop_stream(stream);
	check("no buffers", reqbufs(stream->fd, 0) == 0);
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = end };
	struct v4l2_event_subscription wanted = { .type = V4L2_EVENT_SOURCE_CHANGE };
	struct stream stream = { .fd = open_device(argc > 2 ? argv[2] : "/dev/video0", O_NONBLOCK) };

	sigaction(SIGTERM, &action, NULL);
	if (argc > 1 && strcmp(argv[1], "follow") == 0)
		check_errno("SUBSCRIBE_EVENT", try_ioctl(stream.fd, VIDIOC_SUBSCRIBE_EVENT, &wanted), 0);
	while (!ended)
		stream_once(&stream);
	close(stream.fd);
	return end_of_checks();
}
