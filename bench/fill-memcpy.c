/*
 * The yardstick of bench/fill.ts: memcpy of one frame into buffers in rotation. fill.ts builds this as a
 * shared object with the C compiler of the machine and calls it on the buffers that it fills itself.
 */
#include <stdint.h>
#include <string.h>
#include <time.h>

static double now_usec(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

/*
 * Copies `bytes` from `source` to one of `count` buffers after the other, which lie `stride` bytes apart, and
 * writes how long each of `frames` copies took, in microseconds, to `usec`.
 */
void memcpy_round(uint8_t *buffers, size_t stride, int count, const uint8_t *source, size_t bytes,
		  int frames, double *usec)
{
	for (int frame = 0; frame < frames; frame++) {
		uint8_t *destination = buffers + (size_t)(frame % count) * stride;
		double start = now_usec();

		memcpy(destination, source, bytes);
		usec[frame] = now_usec() - start;
	}
}
