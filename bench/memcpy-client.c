/* memcpy of N frames into 8 buffers in rotation; prints frames a second. Arguments: bytes of a frame, frames. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

enum { BUFFERS = 8, WARM_UP = 200 };

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	size_t size = argc > 1 ? strtoul(argv[1], NULL, 10) : 614400;
	int frames = argc > 2 ? atoi(argv[2]) : 1000;
	char *source = malloc(size), *buffers[BUFFERS];
	double start = 0;

	memset(source, 1, size);
	for (int i = 0; i < BUFFERS; i++)
		buffers[i] = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	for (int i = 0; i < frames + WARM_UP; i++) {
		if (i == WARM_UP)
			start = now();
		memcpy(buffers[i % BUFFERS], source, size);
		/* Keeps the compiler from leaving the copy out. */
		__asm__ volatile("" : : "r"(buffers[i % BUFFERS]) : "memory");
	}
	printf("%.1f\n", frames / (now() - start));
	return 0;
}
