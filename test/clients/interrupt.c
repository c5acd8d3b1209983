/*
 * One signal in the middle of a wait for a frame: interrupt restart|norestart [device]
 *
 * The camera has to be slow (5 frames a second or fewer): the signal comes 50 ms after a frame. Without
 * SA_RESTART the waiting DQBUF fails with EINTR; with it, the kernel makes the call again and the program
 * sees only the frame. Prints one line of JSON; exits with 0 if that was so.
 */
#include <signal.h>
#include <sys/time.h>

#include "client.h"

#define DELAY_USEC 50000

static volatile sig_atomic_t signals;

static void on_signal(int number)
{
	(void)number;
	signals++;
}

int main(int argc, char **argv)
{
	int restart = argc > 1 && strcmp(argv[1], "restart") == 0;
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = restart ? SA_RESTART : 0 };
	struct itimerval once = { .it_value = { 0, DELAY_USEC } };
	struct stream stream = { .fd = open_device(argc > 2 ? argv[2] : "/dev/video0", 0) };
	struct v4l2_buffer buffer;
	struct pace pace;
	int error;

	sigaction(SIGALRM, &action, NULL);
	start_stream(&stream, 4);
	pace = take_frames(stream.fd, 1);
	setitimer(ITIMER_REAL, &once, NULL);
	buffer = mmap_buffer(0);
	error = ioctl(stream.fd, VIDIOC_DQBUF, &buffer) < 0 ? errno : 0;
	if (error != 0)
		buffer = dqbuf(stream.fd);
	count_frame(&pace, &buffer);
	stop_stream(&stream);
	close(stream.fd);

	printf("{\"signals\":%d,\"error\":\"%s\",\"frames\":%u,\"gaps\":%u}\n", (int)signals, errno_name(error),
	       pace.frames, pace.gaps);
	return signals == 1 && error == (restart ? 0 : EINTR) && pace.gaps == 0 ? 0 : 1;
}
