/*
 * A capture by a program that asks VIDIOC_G_FMT all the time: rush one|two [device [frames]]
 *
 * one   one thread asks 500 times between two frames, and then waits for the frame
 * two   a second thread asks without a pause
 *
 * Prints one line of JSON; exits with 0 if no frame was missed.
 */
#include <pthread.h>

#include "client.h"

#define BETWEEN 500

static volatile int done;

static void ask(int fd, unsigned int times)
{
	for (unsigned int i = 0; i < times; i++) {
		struct v4l2_format format = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };

		if (xioctl(fd, VIDIOC_G_FMT, &format) < 0)
			die("VIDIOC_G_FMT");
	}
}

static void *ask_always(void *fd)
{
	while (!done)
		ask(*(int *)fd, BETWEEN);
	return NULL;
}

int main(int argc, char **argv)
{
	int two = argc > 1 && strcmp(argv[1], "two") == 0;
	const char *device = argc > 2 ? argv[2] : "/dev/video0";
	unsigned int frames = argc > 3 ? (unsigned int)atoi(argv[3]) : 60;
	struct stream stream;
	struct pace pace = new_pace();
	pthread_t thread;

	stream.fd = open_device(device, 0);
	start_stream(&stream, 4);
	if (two && pthread_create(&thread, NULL, ask_always, &stream.fd) != 0)
		die("pthread_create");
	while (pace.frames < frames) {
		struct v4l2_buffer buffer;

		if (!two)
			ask(stream.fd, BETWEEN);
		buffer = dqbuf(stream.fd);
		count_frame(&pace, &buffer);
		qbuf(stream.fd, buffer.index);
	}
	done = 1;
	if (two)
		pthread_join(thread, NULL);
	stop_stream(&stream);
	close(stream.fd);
	printf("{\"frames\":%u,\"gaps\":%u,\"monotonic\":%s,\"eintr\":%u}\n", pace.frames, pace.gaps,
	       json_bool(pace.monotonic), interrupted);
	return pace.gaps == 0 && pace.monotonic ? 0 : 1;
}
