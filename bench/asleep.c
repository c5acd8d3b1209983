/*
 * asleep N: N threads sleep in DQBUF, each on a camera of its own from /dev/video1 on, while VIDIOC_G_FMT is asked on
 * /dev/video0 again and again. Prints the nanoseconds of one round trip, the median of the rounds.
 */
#include <fcntl.h>
#include <linux/videodev2.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 15, CALLS = 10000 };

static void *sleep_on(void *number)
{
	struct v4l2_requestbuffers request = { 2, V4L2_BUF_TYPE_VIDEO_CAPTURE, V4L2_MEMORY_MMAP };
	struct v4l2_buffer buffer = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP };
	enum v4l2_buf_type type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/dev/video%d", (int)(long)number);
	fd = open(path, O_RDWR);
	if (fd < 0 || ioctl(fd, VIDIOC_REQBUFS, &request) < 0 || ioctl(fd, VIDIOC_STREAMON, &type) < 0)
		exit(1);
	ioctl(fd, VIDIOC_DQBUF, &buffer);
	exit(1);
}

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	int fd = open("/dev/video0", O_RDWR);
	double rounds[ROUNDS];

	for (long n = 1; argc > 1 && n <= atoi(argv[1]); n++) {
		pthread_t thread;

		pthread_create(&thread, NULL, sleep_on, (void *)n);
	}
	sleep(1);
	for (int round = 0; round < ROUNDS; round++) {
		double start = now_ns();

		for (int i = 0; i < CALLS; i++) {
			struct v4l2_format format = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };

			if (ioctl(fd, VIDIOC_G_FMT, &format) < 0)
				return 1;
		}
		rounds[round] = (now_ns() - start) / CALLS;
	}
	qsort(rounds, ROUNDS, sizeof(rounds[0]), compare);
	printf("%.0f\n", rounds[ROUNDS / 2]);
	return 0;
}
