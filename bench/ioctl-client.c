/* Asks VIDIOC_G_FMT again and again and prints the nanoseconds of one round trip, the median of the rounds. */
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

enum { ROUNDS = 15 };

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
	const char *device = argc > 1 ? argv[1] : "/dev/video0";
	int calls = argc > 2 ? atoi(argv[2]) : 5000;
	/* With "-" the descriptor is one that only a supervisor knows to be a device. */
	int fd = strcmp(device, "-") ? open(device, O_RDWR) : 0;
	double rounds[ROUNDS];

	if (fd < 0) {
		perror(device);
		return 1;
	}
	for (int round = 0; round < ROUNDS; round++) {
		double start = now_ns();

		for (int i = 0; i < calls; i++) {
			struct v4l2_format format = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };

			if (ioctl(fd, VIDIOC_G_FMT, &format) < 0) {
				perror("VIDIOC_G_FMT");
				return 1;
			}
		}
		rounds[round] = (now_ns() - start) / calls;
	}
	qsort(rounds, ROUNDS, sizeof(rounds[0]), compare);
	printf("%.0f\n", rounds[ROUNDS / 2]);
	return 0;
}
