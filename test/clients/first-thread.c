/*
 * A program whose first thread ends while another goes on: first-thread [device]
 *
 * What the first thread did last, an mmap, is over then, though nobody hears from it again: the other one maps and streams.
 * Exits with 0 if all answers were right.
 */
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"

static struct stream stream;
/* What the kernel says of the first thread. */
static int status;

/* No call is made meanwhile that would show that the mmap is over. */
static void await_end(void)
{
	char text[256], *name_end;

	do {
		usleep(1000);
		memset(text, 0, sizeof(text));
		if (pread(status, text, sizeof(text) - 1, 0) <= 0)
			die("pread");
		name_end = strrchr(text, ')');
	} while (name_end == NULL || name_end[2] != 'Z');
}

static void *go_on(void *unused)
{
	struct v4l2_buffer buffer = mmap_buffer(0);
	void *start;

	await_end();
	if (xioctl(stream.fd, VIDIOC_QUERYBUF, &buffer) < 0)
		die("VIDIOC_QUERYBUF");
	start = mmap(NULL, buffer.length, PROT_READ, MAP_SHARED, stream.fd, buffer.m.offset);
	check("mmap", start != MAP_FAILED);
	munmap(start, buffer.length);
	map_buffers(&stream);
	for (unsigned int i = 0; i < stream.count; i++)
		qbuf(stream.fd, i);
	stream_on(stream.fd);
	check("frames", take_frames(stream.fd, 5).frames == 5);
	stop_stream(&stream);
	exit(end_of_checks());
	return unused;
}

int main(int argc, char **argv)
{
	struct v4l2_buffer buffer = mmap_buffer(0);
	pthread_t other;

	stream.fd = open_device(argc > 1 ? argv[1] : "/dev/video0", 0);
	request_buffers(&stream, 3);
	if (xioctl(stream.fd, VIDIOC_QUERYBUF, &buffer) < 0)
		die("VIDIOC_QUERYBUF");
	status = open("/proc/self/stat", O_RDONLY);
	if (pthread_create(&other, NULL, go_on, NULL))
		die("pthread_create");
	if (mmap(NULL, buffer.length, PROT_READ, MAP_SHARED, stream.fd, buffer.m.offset) == MAP_FAILED)
		die("mmap");
	/* pthread_exit() would open a library. */
	syscall(SYS_exit, 0);
	return 1;
}
