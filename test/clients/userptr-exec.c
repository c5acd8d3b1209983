/*
 * Frames in memory of a program that executes another one: userptr-exec
 *
 * The first program queues its memory, starts the stream and executes itself with the descriptor kept. The second one
 * has other memory at the same address and takes all frames: not a byte of them may be in it.
 */
#include "check.h"

#define BUFFERS 4
#define FRAME (640 * 480 * 2)
#define SIZE (BUFFERS * (size_t)FRAME)
#define ADDRESS ((void *)0x200000000000)
#define FILLER 0xa5

static uint8_t *map_memory(void)
{
	void *memory = mmap(ADDRESS, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	if (memory != ADDRESS)
		die("mmap");
	memset(memory, FILLER, SIZE);
	return memory;
}

static struct v4l2_buffer user_buffer(unsigned int index)
{
	struct v4l2_buffer buffer = mmap_buffer(index);

	buffer.memory = V4L2_MEMORY_USERPTR;
	return buffer;
}

static void first(const char *self)
{
	struct v4l2_format format = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };
	struct v4l2_requestbuffers request = {
		.count = BUFFERS, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_USERPTR
	};
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	int fd = open("/dev/video0", O_RDWR);
	uint8_t *memory = map_memory();
	char number[16];

	format.fmt.pix.width = 640;
	format.fmt.pix.height = 480;
	format.fmt.pix.pixelformat = V4L2_PIX_FMT_YUYV;
	if (fd < 0 || xioctl(fd, VIDIOC_S_FMT, &format) < 0 || xioctl(fd, VIDIOC_REQBUFS, &request) < 0)
		die("VIDIOC_REQBUFS");
	for (unsigned int index = 0; index < BUFFERS; index++) {
		struct v4l2_buffer buffer = user_buffer(index);

		buffer.m.userptr = (unsigned long)(memory + index * FRAME);
		buffer.length = FRAME;
		if (xioctl(fd, VIDIOC_QBUF, &buffer) < 0)
			die("VIDIOC_QBUF");
	}
	if (xioctl(fd, VIDIOC_STREAMON, &type) < 0)
		die("VIDIOC_STREAMON");
	snprintf(number, sizeof(number), "%d", fd);
	execl(self, self, number, (char *)NULL);
	die("execl");
}

static void second(int fd)
{
	uint8_t *memory = map_memory();
	size_t touched = 0;

	for (unsigned int n = 0; n < BUFFERS; n++) {
		struct v4l2_buffer buffer = user_buffer(0);

		check("VIDIOC_DQBUF", xioctl(fd, VIDIOC_DQBUF, &buffer) == 0);
	}
	for (size_t i = 0; i < SIZE; i++)
		touched += memory[i] != FILLER;
	if (!check("the memory of the second program is its own", touched == 0))
		fprintf(stderr, "%zu bytes were written\n", touched);
}

int main(int argc, char **argv)
{
	if (argc == 1)
		first(argv[0]);
	second(atoi(argv[1]));
	return end_of_checks();
}
