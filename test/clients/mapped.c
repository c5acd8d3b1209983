/*
 * V4L2_BUF_FLAG_MAPPED: mapped [device]
 *
 * It is there while any program has the buffer mapped or exported, and not after that.
 * Exits with 0 if all answers were right.
 */
#include <sys/wait.h>

#include "check.h"

static int is_mapped(int fd)
{
	struct v4l2_buffer buffer = mmap_buffer(0);

	if (xioctl(fd, VIDIOC_QUERYBUF, &buffer) < 0)
		die("VIDIOC_QUERYBUF");
	return (buffer.flags & V4L2_BUF_FLAG_MAPPED) != 0;
}

static void a_mapping(int fd)
{
	struct v4l2_buffer buffer = mmap_buffer(0);
	void *start;

	if (xioctl(fd, VIDIOC_QUERYBUF, &buffer) < 0)
		die("VIDIOC_QUERYBUF");
	start = mmap(NULL, buffer.length, PROT_READ, MAP_SHARED, fd, buffer.m.offset);
	check("MAPPED when it is mapped", is_mapped(fd));
	munmap(start, buffer.length);
	check("not MAPPED when it is unmapped", !is_mapped(fd));
}

static void a_childs_mapping(int fd)
{
	struct v4l2_buffer buffer = mmap_buffer(0);
	int gate[2], status;
	void *start;
	char byte;
	pid_t child;

	if (pipe(gate) < 0 || xioctl(fd, VIDIOC_QUERYBUF, &buffer) < 0)
		die("VIDIOC_QUERYBUF");
	start = mmap(NULL, buffer.length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, buffer.m.offset);
	child = fork();
	if (child == 0) {
		close(gate[1]);
		_exit(read(gate[0], &byte, 1) == 0 ? 0 : 1);
	}
	munmap(start, buffer.length);
	check("MAPPED when a child has it mapped", is_mapped(fd));
	close(gate[1]);
	waitpid(child, &status, 0);
	check("not MAPPED when the child has ended", !is_mapped(fd));
	close(gate[0]);
}

static void an_export(int fd)
{
	struct v4l2_exportbuffer exported = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .flags = O_RDONLY };

	check_errno("EXPBUF", try_ioctl(fd, VIDIOC_EXPBUF, &exported), 0);
	check("MAPPED when it is exported", is_mapped(fd));
	close(exported.fd);
	check("not MAPPED when the exported descriptor is closed", !is_mapped(fd));
}

int main(int argc, char **argv)
{
	int fd = open_device(argc > 1 ? argv[1] : "/dev/video0", 0);

	check("REQBUFS", reqbufs(fd, 2) == 2);
	check("not MAPPED at first", !is_mapped(fd));
	a_mapping(fd);
	a_childs_mapping(fd);
	an_export(fd);
	a_mapping(fd);
	close(fd);
	return end_of_checks();
}
