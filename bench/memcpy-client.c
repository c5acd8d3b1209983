/*
 * memcpy of N frames into 8 buffers in rotation; prints frames a second. With `other` the buffers are those of another process:
 * the frame is copied to where it can be sent from, as somebody makes it there, and sent by process_vm_writev. Arguments:
 * bytes of a frame, frames, and that word.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { BUFFERS = 8, WARM_UP = 200 };

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* Whoever has the buffers, each at the same address as here. */
static pid_t other;

/* What is behind private memory is there for the child once it has written to it. */
static pid_t fork_with(char **buffers, size_t size)
{
	pid_t child = fork();

	if (child != 0)
		return child;
	for (int i = 0; i < BUFFERS; i++)
		memset(buffers[i], 1, size);
	for (;;)
		pause();
}

static void move(char *buffer, const char *source, char *made, size_t size)
{
	struct iovec from = { made, size }, to = { buffer, size };

	if (other == 0) {
		memcpy(buffer, source, size);
		return;
	}
	memcpy(made, source, size);
	if (process_vm_writev(other, &from, 1, &to, 1, 0) != (ssize_t)size) {
		perror("process_vm_writev");
		kill(other, SIGKILL);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	size_t size = argc > 1 ? strtoul(argv[1], NULL, 10) : 614400;
	int frames = argc > 2 ? atoi(argv[2]) : 1000;
	int is_other = argc > 3, kind = is_other ? MAP_PRIVATE : MAP_SHARED | MAP_POPULATE;
	char *source = malloc(size), *made = malloc(size), *buffers[BUFFERS];
	double start = 0;

	memset(source, 1, size);
	for (int i = 0; i < BUFFERS; i++)
		buffers[i] = mmap(NULL, size, PROT_READ | PROT_WRITE, kind | MAP_ANONYMOUS, -1, 0);
	if (is_other)
		other = fork_with(buffers, size);
	for (int i = 0; i < frames + WARM_UP; i++) {
		if (i == WARM_UP)
			start = now();
		move(buffers[i % BUFFERS], source, made, size);
		/* Keeps the compiler from leaving the copy out. */
		__asm__ volatile("" : : "r"(buffers[i % BUFFERS]) : "memory");
	}
	printf("%.1f\n", frames / (now() - start));
	if (is_other)
		kill(other, SIGKILL);
	return 0;
}
