/*
 * The words of a question of errno.c, and what they make of the argument of a call: all that the question does
 * not say is right.
 */
#ifndef USERCAM_TEST_ERRNO_WORDS_H
#define USERCAM_TEST_ERRNO_WORDS_H

#include "client.h"

/* Newer than the header of many systems. */
#ifndef VIDIOC_REMOVE_BUFS
struct v4l2_remove_buffers {
	__u32 index;
	__u32 count;
	__u32 type;
	__u32 reserved[13];
};
#define VIDIOC_REMOVE_BUFS _IOWR('V', 104, struct v4l2_remove_buffers)
#endif

#define MAX_WORDS 16

static unsigned int default_type;
/* The file that the present question is about. */
static int fd;
static char *words[MAX_WORDS + 1];

static unsigned int plane_count = 1;
static size_t plane_sizes[VIDEO_MAX_PLANES];
/* What EXPBUF gave last, by plane. */
static int exported[VIDEO_MAX_PLANES];
/* Memory for frames, followed by a page that is not mapped. */
static char *memory;
static char *memory_end;

static const struct {
	const char *word;
	long number;
} numbers[] = {
	{ "mmap", V4L2_MEMORY_MMAP },
	{ "userptr", V4L2_MEMORY_USERPTR },
	{ "overlay", V4L2_MEMORY_OVERLAY },
	{ "dmabuf", V4L2_MEMORY_DMABUF },
	{ "capture", V4L2_BUF_TYPE_VIDEO_CAPTURE },
	{ "output", V4L2_BUF_TYPE_VIDEO_OUTPUT },
	{ "capture_mplane", V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE },
	{ "request", 0x00800000 },
	{ "alternate", V4L2_FIELD_ALTERNATE },
	{ "cloexec", O_CLOEXEC },
	{ "rdwr", O_RDWR },
	{ "append", O_APPEND },
	{ "no", PROT_NONE },
	{ "r", PROT_READ },
	{ "w", PROT_WRITE },
	{ "rw", PROT_READ | PROT_WRITE },
	{ "shared", MAP_SHARED },
	{ "private", MAP_PRIVATE },
	{ "record", V4L2_PRIORITY_RECORD },
};

static const char *value(const char *key)
{
	size_t length = strlen(key);

	for (char **word = words; *word; word++)
		if (strncmp(*word, key, length) == 0 && (*word)[length] == '=')
			return *word + length + 1;
	return NULL;
}

static long number(const char *key, long otherwise)
{
	const char *text = value(key);

	if (!text)
		return otherwise;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (strcmp(numbers[i].word, text) == 0)
			return numbers[i].number;
	return strtol(text, NULL, 0);
}

/* A number of bytes: `frame`, which is the size of the plane, `frame+1`, or just a number. */
static size_t size(const char *key, unsigned int plane, size_t otherwise)
{
	const char *text = value(key);

	if (text && strncmp(text, "frame", 5) == 0)
		return plane_sizes[plane] + (size_t)strtol(text + 5, NULL, 0);
	return (size_t)number(key, (long)otherwise);
}

static void *address(const char *key, void *otherwise)
{
	const char *text = value(key);

	if (!text)
		return otherwise;
	if (strcmp(text, "null") == 0)
		return NULL;
	return strcmp(text, "low") == 0 ? (void *)8 : memory_end;
}

static unsigned int type(void)
{
	return (unsigned int)number("type", default_type);
}

static int is_output(void)
{
	return default_type == V4L2_BUF_TYPE_VIDEO_OUTPUT;
}

/* What is wrong with one plane only is wrong with the plane `only`. */
static int concerns(unsigned int plane)
{
	return number("only", plane) == (long)plane;
}

/* A file of the disk that is as large as a frame. It is left to the end of the program, as is the pipe. */
static int ordinary_file(void)
{
	FILE *file = tmpfile();

	if (!file || ftruncate(fileno(file), (off_t)plane_sizes[0]) < 0)
		die("tmpfile");
	return fileno(file);
}

static int a_pipe(void)
{
	int ends[2];

	if (pipe(ends) < 0)
		die("pipe");
	return ends[0];
}

static int memory_fd(unsigned int plane)
{
	const char *text = concerns(plane) ? value("fd") : NULL;

	if (!text)
		return exported[plane];
	if (strcmp(text, "closed") == 0)
		return -1;
	return strcmp(text, "file") == 0 ? ordinary_file() : a_pipe();
}

static struct v4l2_plane plane_argument(unsigned int plane)
{
	size_t whole = plane_sizes[plane];
	struct v4l2_plane argument;

	memset(&argument, 0, sizeof(argument));
	argument.length = (unsigned int)(concerns(plane) ? size("length", plane, whole) : whole);
	argument.bytesused = (unsigned int)size("bytesused", plane, is_output() ? whole : 0);
	if (number("memory", V4L2_MEMORY_MMAP) == V4L2_MEMORY_DMABUF)
		argument.m.fd = memory_fd(plane);
	else
		argument.m.userptr =
			(unsigned long)(concerns(plane) ? address("userptr", memory) : memory);
	return argument;
}

static struct v4l2_buffer buffer_argument(struct v4l2_plane *planes)
{
	struct v4l2_buffer argument = mmap_buffer((unsigned int)number("index", 0));

	for (unsigned int i = 0; i < VIDEO_MAX_PLANES; i++)
		planes[i] = plane_argument(i);
	argument.type = type();
	argument.memory = (unsigned int)number("memory", V4L2_MEMORY_MMAP);
	argument.flags = (unsigned int)number("flags", 0);
	argument.field = (unsigned int)number("field", is_output() ? V4L2_FIELD_NONE : V4L2_FIELD_ANY);
	if (default_type == V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE) {
		argument.length = (unsigned int)number("planes", plane_count);
		argument.m.planes = address("array", planes);
		return argument;
	}
	argument.length = planes[0].length;
	argument.bytesused = planes[0].bytesused;
	if (argument.memory == V4L2_MEMORY_DMABUF)
		argument.m.fd = planes[0].m.fd;
	else
		argument.m.userptr = planes[0].m.userptr;
	return argument;
}

/* Where QUERYBUF says that the plane is. */
static off_t offset_of(unsigned int plane)
{
	struct v4l2_plane planes[VIDEO_MAX_PLANES];
	struct v4l2_buffer argument = buffer_argument(planes);

	if (xioctl(fd, VIDIOC_QUERYBUF, &argument) < 0)
		return 0;
	if (default_type == V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE)
		return planes[plane].m.mem_offset;
	return argument.m.offset;
}

/* An ioctl whose argument lies where the question says. */
static int ask(unsigned long request, void *argument)
{
	const char *where = value("at");

	if (where && strcmp(where, "half") == 0)
		return try_ioctl(fd, request, memory_end - _IOC_SIZE(request) / 2);
	if (!where || strcmp(where, "readonly") != 0)
		return try_ioctl(fd, request, address("at", argument));
	char *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int error = try_ioctl(fd, request, page);
	munmap(page, 4096);
	return error;
}

#endif
