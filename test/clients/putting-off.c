/*
 * Opens /dev/video0 and has it under a number whose close nobody sees, while children copy /dev/video1 all the time. Says
 * "closed" when the camera is closed; all end with standard input.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include "client.h"

#define UNSEEN 5
#define COPY 6
#define CHILDREN 4

int main(void)
{
	int fd = open("/dev/video0", O_RDWR), other = open("/dev/video1", O_RDWR);
	pid_t children[CHILDREN];

	if (fd < 0 || other < 0 || dup2(fd, UNSEEN) < 0 || close(fd) < 0)
		return 1;
	for (int i = 0; i < CHILDREN; i++) {
		children[i] = fork();
		if (children[i] != 0)
			continue;
		close(UNSEEN);
		for (;;)
			dup2(other, COPY);
	}
	usleep(300000);
	close(UNSEEN);
	printf("closed\n");
	fflush(stdout);
	while (read(0, &(char){ 0 }, 1) > 0)
		;
	for (int i = 0; i < CHILDREN; i++) {
		kill(children[i], SIGKILL);
		waitpid(children[i], NULL, 0);
	}
	return 0;
}
