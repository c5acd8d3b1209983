/*
 * Streams until it is killed: hold [device]
 *
 * Prints "streaming" after the first frame. For tests of what is left behind when a client dies.
 */
#include "client.h"

int main(int argc, char **argv)
{
	struct stream stream = { .fd = open_device(argc > 1 ? argv[1] : "/dev/video0", 0) };

	start_stream(&stream, 4);
	take_frames(stream.fd, 1);
	puts("streaming");
	fflush(stdout);
	for (;;)
		take_frames(stream.fd, 1);
}
