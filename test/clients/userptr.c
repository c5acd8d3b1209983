/*
 * Frames in memory of the program: userptr [device [frames]]
 *
 * The buffers lie as badly as they may: each begins 8 bytes before the end of a page. Around them is a filler
 * that nobody may touch. Exits with 0 if all answers were right.
 */
#include "check.h"

#define BUFFERS 4
#define PAGE 4096
#define BEFORE_PAGE_END 8
/* What every other buffer is longer than a frame. */
#define TAIL 1000
#define FILLER 0xa5

static struct {
	uint8_t *memory;
	size_t size;
	uint8_t *frame;
	size_t length;
} buffers[BUFFERS];

static unsigned int frame_size;

static void allocate(unsigned int index)
{
	size_t length = frame_size + (index % 2 ? TAIL : 0);
	size_t size = length + 3 * PAGE;
	uint8_t *memory = malloc(size);

	if (memory == NULL)
		die("malloc");
	memset(memory, FILLER, size);
	buffers[index].memory = memory;
	buffers[index].size = size;
	buffers[index].frame = (uint8_t *)(((uintptr_t)memory + PAGE) & ~(uintptr_t)(PAGE - 1)) + PAGE - BEFORE_PAGE_END;
	buffers[index].length = length;
}

static int is_filler(const uint8_t *start, const uint8_t *end)
{
	for (; start < end; start++)
		if (*start != FILLER)
			return 0;
	return 1;
}

static struct v4l2_buffer user_buffer(unsigned int index, void *pointer, size_t length)
{
	struct v4l2_buffer buffer = mmap_buffer(index);

	buffer.memory = V4L2_MEMORY_USERPTR;
	buffer.m.userptr = (unsigned long)pointer;
	buffer.length = (unsigned int)length;
	return buffer;
}

static int queue(int fd, unsigned int index)
{
	struct v4l2_buffer buffer = user_buffer(index, buffers[index].frame, buffers[index].length);

	return try_ioctl(fd, VIDIOC_QBUF, &buffer);
}

/* Both calls that take a pointer have to refuse it. */
static void refuse(int fd, const char *what, void *pointer, size_t length, int error)
{
	struct v4l2_buffer queued = user_buffer(0, pointer, length);
	struct v4l2_buffer prepared = user_buffer(1, pointer, length);

	check_errno(what, try_ioctl(fd, VIDIOC_QBUF, &queued), error);
	check_errno(what, try_ioctl(fd, VIDIOC_PREPARE_BUF, &prepared), error);
}

static void check_refusals(int fd)
{
	size_t mapped = (frame_size + PAGE) & ~(size_t)(PAGE - 1);
	uint8_t *hole = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint8_t *constant = mmap(NULL, mapped, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct v4l2_exportbuffer export = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };
	struct v4l2_buffer other = mmap_buffer(0);

	if (hole == MAP_FAILED || constant == MAP_FAILED)
		die("mmap");
	if (munmap(hole + mapped / 2 / PAGE * PAGE, PAGE) < 0)
		die("munmap");
	refuse(fd, "NULL", NULL, frame_size, EFAULT);
	refuse(fd, "memory that is not there", (void *)0x10000000000, frame_size, EFAULT);
	refuse(fd, "an address of the kernel", (void *)0xffff888000000000, frame_size, EFAULT);
	refuse(fd, "memory with a hole", hole, frame_size, EFAULT);
	refuse(fd, "memory that may not be written", constant, frame_size, EFAULT);
	refuse(fd, "too short", buffers[0].frame, frame_size - 1, EINVAL);
	refuse(fd, "no length", buffers[0].frame, 0, EINVAL);
	check_errno("QBUF of another memory type", try_ioctl(fd, VIDIOC_QBUF, &other), EINVAL);
	check_errno("EXPBUF", try_ioctl(fd, VIDIOC_EXPBUF, &export), EINVAL);
	check("mmap", mmap(NULL, frame_size, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED && errno == EINVAL);
}

/* A prepared buffer keeps its memory whatever QBUF says. */
static void check_prepared(int fd)
{
	struct v4l2_buffer prepared = user_buffer(0, buffers[0].frame, buffers[0].length);
	struct v4l2_buffer queued = user_buffer(0, NULL, 0);

	check_errno("PREPARE_BUF", try_ioctl(fd, VIDIOC_PREPARE_BUF, &prepared), 0);
	check_errno("QBUF of a prepared buffer", try_ioctl(fd, VIDIOC_QBUF, &queued), 0);
	check("the pointer that was prepared", queued.m.userptr == (unsigned long)buffers[0].frame);
	check("the length that was prepared", queued.length == buffers[0].length);
}

static void check_frame(const struct v4l2_buffer *got)
{
	unsigned int i = got->index;
	uint8_t *frame = buffers[i].frame;
	uint8_t *end = frame + got->bytesused;

	check("bytesused", got->bytesused == frame_size);
	check("userptr", got->m.userptr == (unsigned long)frame);
	check("length", got->length == buffers[i].length);
	check("what is before a frame", is_filler(buffers[i].memory, frame));
	check("what is after a frame", is_filler(end, buffers[i].memory + buffers[i].size));
	check("the first bytes", !is_filler(frame, frame + BEFORE_PAGE_END));
	check("the last bytes", !is_filler(end - BEFORE_PAGE_END, end));
	memset(frame, FILLER, frame_size);
}

static void stream_frames(int fd, unsigned int frames)
{
	struct pace pace = new_pace();

	for (unsigned int i = 1; i < BUFFERS; i++)
		check_errno("QBUF", queue(fd, i), 0);
	stream_on(fd);
	while (pace.frames < frames) {
		struct v4l2_buffer got = user_buffer(0, NULL, 0);

		if (xioctl(fd, VIDIOC_DQBUF, &got) < 0)
			die("VIDIOC_DQBUF");
		count_frame(&pace, &got);
		check_frame(&got);
		check_errno("QBUF again", queue(fd, got.index), 0);
	}
	check("a gap", pace.gaps == 0);
	stream_off(fd);
}

/* A client that gives its memory away while a frame is on its way harms nobody but itself. */
static void check_vanishing(int fd)
{
	size_t mapped = (frame_size + PAGE) & ~(size_t)(PAGE - 1);
	void *memory = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct v4l2_buffer buffer = user_buffer(0, memory, frame_size);

	if (memory == MAP_FAILED)
		die("mmap");
	check_errno("QBUF of a mapping", try_ioctl(fd, VIDIOC_QBUF, &buffer), 0);
	if (munmap(memory, mapped) < 0)
		die("munmap");
	stream_on(fd);
	check_errno("DQBUF without memory", try_ioctl(fd, VIDIOC_DQBUF, &buffer), 0);
	stream_off(fd);
	buffer = user_buffer(1, memory, frame_size);
	check_errno("QBUF without memory", try_ioctl(fd, VIDIOC_QBUF, &buffer), EFAULT);
}

int main(int argc, char **argv)
{
	int fd = open_device(argc > 1 ? argv[1] : "/dev/video0", 0);
	unsigned int frames = argc > 2 ? (unsigned int)atoi(argv[2]) : 30;
	unsigned int count = BUFFERS;
	struct v4l2_pix_format pix;

	check_errno("S_FMT", set_format(fd, 640, 480, &pix), 0);
	frame_size = pix.sizeimage;
	check_errno("REQBUFS", reqbufs_as(fd, V4L2_MEMORY_USERPTR, &count), 0);
	if (!check("four buffers", count == BUFFERS))
		return end_of_checks();
	for (unsigned int i = 0; i < BUFFERS; i++)
		allocate(i);
	check_refusals(fd);
	check_prepared(fd);
	stream_frames(fd, frames);
	check_vanishing(fd);
	count = 0;
	check_errno("REQBUFS(0)", reqbufs_as(fd, V4L2_MEMORY_USERPTR, &count), 0);
	return end_of_checks();
}
