/*
 * One signal in the middle of a wait for a frame: interrupt restart|norestart [device]
 *
 * The camera has to be slow: the signal comes when this thread waits in an ioctl, before the next frame.
 * Without SA_RESTART the waiting DQBUF fails with EINTR; with it, the kernel makes the call again and the
 * program sees only the frame. Prints one line of JSON; exits with 0 if that was so.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>

#include "client.h"

static volatile sig_atomic_t signals;

static void on_signal(int number)
{
	(void)number;
	signals++;
}

static volatile int waits;

/* The number of the call that the main thread is in, -1 if it runs. */
static long call_of_main_thread(void)
{
	char path[64], words[256] = "";
	char *end;
	long number;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", getpid());
	fd = open(path, O_RDONLY);
	if (fd < 0 || read(fd, words, sizeof(words) - 1) < 0)
		die(path);
	close(fd);
	number = strtol(words, &end, 10);
	return end == words ? -1 : number;
}

static void *interrupt_main_thread(void *main_thread)
{
	while (!waits || call_of_main_thread() != SYS_ioctl)
		sched_yield();
	pthread_kill(*(pthread_t *)main_thread, SIGALRM);
	return NULL;
}

int main(int argc, char **argv)
{
	int restart = argc > 1 && strcmp(argv[1], "restart") == 0;
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = restart ? SA_RESTART : 0 };
	struct stream stream = { .fd = open_device(argc > 2 ? argv[2] : "/dev/video0", 0) };
	struct v4l2_buffer buffer;
	pthread_t self = pthread_self(), other;
	struct pace pace;
	int error;

	sigaction(SIGALRM, &action, NULL);
	start_stream(&stream, 4);
	pace = take_frames(stream.fd, 1);
	if (pthread_create(&other, NULL, interrupt_main_thread, &self) != 0)
		die("pthread_create");
	buffer = mmap_buffer(0);
	waits = 1;
	error = ioctl(stream.fd, VIDIOC_DQBUF, &buffer) < 0 ? errno : 0;
	if (error != 0)
		buffer = dqbuf(stream.fd);
	pthread_join(other, NULL);
	count_frame(&pace, &buffer);
	stop_stream(&stream);
	close(stream.fd);

	printf("{\"signals\":%d,\"error\":\"%s\",\"frames\":%u,\"gaps\":%u}\n", (int)signals, errno_name(error),
	       pace.frames, pace.gaps);
	return signals == 1 && error == (restart ? 0 : EINTR) && pace.gaps == 0 ? 0 : 1;
}
