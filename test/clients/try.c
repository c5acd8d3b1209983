/*
 * Asks for the buffers of a device and prints the answer, OK or an errno: try [device]
 */
#include "client.h"

int main(int argc, char **argv)
{
	int fd = open_device(argc > 1 ? argv[1] : "/dev/video0", 0);
	int error = reqbufs(fd, 2) < 0 ? errno : 0;

	puts(errno_name(error));
	close(fd);
	return error == 0 ? 0 : 1;
}
