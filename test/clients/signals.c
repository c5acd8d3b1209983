/*
 * A capture under a rain of signals: signals restart|norestart [device [frames]]
 *
 * A timer fires every 200 us from before the first ioctl to after the last. With `restart` the handler has
 * SA_RESTART and the kernel makes interrupted calls again; with `norestart` calls fail with EINTR and the
 * program makes them again. Either way no buffer may be lost or come twice and no other error may show.
 * A buffer is lost when it was dequeued and this program has not heard of it: it is not queued at the end.
 * Prints one line of JSON; exits with 0 if all was so.
 */
#include <signal.h>
#include <sys/time.h>

#include "client.h"

#define INTERVAL_USEC 200

static volatile sig_atomic_t signals;

static void on_signal(int number)
{
	(void)number;
	signals++;
}

static void set_timer(int usec)
{
	struct itimerval interval = { .it_interval = { 0, usec }, .it_value = { 0, usec } };

	if (setitimer(ITIMER_REAL, &interval, NULL) < 0)
		die("setitimer");
}

/* How many buffers are neither with the driver nor done. */
static unsigned int count_lost(const struct stream *stream)
{
	unsigned int lost = 0;

	for (unsigned int i = 0; i < stream->count; i++) {
		struct v4l2_buffer buffer = mmap_buffer(i);

		if (xioctl(stream->fd, VIDIOC_QUERYBUF, &buffer) < 0)
			die("VIDIOC_QUERYBUF");
		if (!(buffer.flags & (V4L2_BUF_FLAG_QUEUED | V4L2_BUF_FLAG_DONE)))
			lost++;
	}
	return lost;
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";
	const char *device = argc > 2 ? argv[2] : "/dev/video0";
	unsigned int frames = argc > 3 ? (unsigned int)atoi(argv[3]) : 100;
	struct sigaction action = { .sa_handler = on_signal };
	struct stream stream;
	struct pace pace = new_pace();
	unsigned int errors = 0;
	int last_error = 0;
	const char *last_call = "";
	unsigned int lost;

	if (strcmp(mode, "restart") == 0) {
		action.sa_flags = SA_RESTART;
	} else if (strcmp(mode, "norestart") != 0) {
		fprintf(stderr, "usage: signals restart|norestart [device [frames]]\n");
		return 2;
	}
	sigaction(SIGALRM, &action, NULL);

	stream.fd = open_device(device, 0);
	set_timer(INTERVAL_USEC);
	start_stream(&stream, 4);
	while (pace.frames < frames && errors < 100) {
		struct v4l2_buffer buffer = mmap_buffer(0);
		const char *call = "DQBUF";
		int error = try_ioctl(stream.fd, VIDIOC_DQBUF, &buffer);

		if (error == 0) {
			count_frame(&pace, &buffer);
			call = "QBUF";
			error = try_ioctl(stream.fd, VIDIOC_QBUF, &buffer);
		}
		if (error != 0) {
			errors++;
			last_error = error;
			last_call = call;
		}
	}
	lost = count_lost(&stream);
	stop_stream(&stream);
	set_timer(0);
	close(stream.fd);

	printf("{\"mode\":\"%s\",\"frames\":%u,\"gaps\":%u,\"lost\":%u,\"monotonic\":%s,\"signals\":%d,"
	       "\"eintr\":%u,\"errors\":%u,\"lastError\":\"%s\",\"lastCall\":\"%s\"}\n",
	       mode, pace.frames, pace.gaps, lost, json_bool(pace.monotonic), (int)signals, interrupted, errors,
	       errno_name(last_error), last_call);
	return pace.frames == frames && lost == 0 && pace.monotonic && errors == 0 ? 0 : 1;
}
