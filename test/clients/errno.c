/*
 * What a client's mistakes are answered with: errno [device]
 *
 * Prints one line `name: ERRNO` (or `name: OK`) per question; whoever runs it knows the right answers.
 * The questions stand in the order of a stream's life: idle, buffers, streaming, stopped.
 */
#include "client.h"

#define CAPTURE V4L2_BUF_TYPE_VIDEO_CAPTURE
#define OUTPUT V4L2_BUF_TYPE_VIDEO_OUTPUT

static int fd;

static void row(const char *name, int error)
{
	printf("%s: %s\n", name, errno_name(error));
}

static void ask(const char *name, unsigned long request, void *arg)
{
	row(name, try_ioctl(fd, request, arg));
}

static void ask_type(const char *name, unsigned long request, int type)
{
	ask(name, request, &type);
}

static void ask_reqbufs(const char *name, unsigned int count, unsigned int type, unsigned int memory)
{
	struct v4l2_requestbuffers arg;

	memset(&arg, 0, sizeof(arg));
	arg.count = count;
	arg.type = type;
	arg.memory = memory;
	ask(name, VIDIOC_REQBUFS, &arg);
}

static void ask_buffer(const char *name, unsigned long request, unsigned int index)
{
	struct v4l2_buffer arg = mmap_buffer(index);

	ask(name, request, &arg);
}

static void ask_buffer_as(const char *name, unsigned long request, unsigned int type, unsigned int memory)
{
	struct v4l2_buffer arg = mmap_buffer(0);

	arg.type = type;
	arg.memory = memory;
	ask(name, request, &arg);
}

static void ask_mmap(const char *name, size_t length, int prot, int flags, off_t offset)
{
	void *start = mmap(NULL, length, prot, flags, fd, offset);

	row(name, start == MAP_FAILED ? errno : 0);
	if (start != MAP_FAILED)
		munmap(start, length);
}

static void bad_pointers(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *memory = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		die("mmap");
	munmap(memory + page, page);
	ask("querycap null", VIDIOC_QUERYCAP, NULL);
	ask("querycap low address", VIDIOC_QUERYCAP, (void *)8);
	ask("querycap unmapped", VIDIOC_QUERYCAP, memory + page);
	ask("querycap half mapped", VIDIOC_QUERYCAP, memory + page - sizeof(struct v4l2_capability) / 2);
	ask("g_fmt null", VIDIOC_G_FMT, NULL);
	ask("reqbufs half mapped", VIDIOC_REQBUFS, memory + page - 4);
	ask("qbuf null", VIDIOC_QBUF, NULL);
	ask("dqbuf null", VIDIOC_DQBUF, NULL);
	ask("streamon null", VIDIOC_STREAMON, NULL);
	mprotect(memory, page, PROT_READ);
	ask("querycap read-only memory", VIDIOC_QUERYCAP, memory);
	munmap(memory, page);
}

/* Numbers that V4L2 does not have, with the largest size that a number can carry. */
static void unknown_ioctls(void)
{
	static unsigned char buffer[0x4000];
	static const struct {
		const char *name;
		unsigned int direction;
	} directions[] = {
		{ "unknown ioctl none", _IOC_NONE },
		{ "unknown ioctl read", _IOC_READ },
		{ "unknown ioctl write", _IOC_WRITE },
		{ "unknown ioctl read write", _IOC_READ | _IOC_WRITE },
	};
	int touched = 0;

	ask("unknown ioctl without argument", _IOC(_IOC_NONE, 'V', 0xff, 0), NULL);
	memset(buffer, 0xa5, sizeof(buffer));
	for (size_t i = 0; i < sizeof(directions) / sizeof(directions[0]); i++)
		ask(directions[i].name, _IOC(directions[i].direction, 'V', 0, 0x3fff), buffer);
	for (size_t i = 0; i < sizeof(buffer); i++)
		touched |= buffer[i] != 0xa5;
	printf("unknown ioctl buffer: %s\n", touched ? "touched" : "untouched");
}

static void enumerations(void)
{
	struct v4l2_fmtdesc format = { .index = 1000, .type = CAPTURE };
	struct v4l2_fmtdesc output = { .index = 0, .type = OUTPUT };
	struct v4l2_input input = { .index = 1000 };
	struct v4l2_control control = { .id = 0 };
	struct v4l2_format wrong = { .type = OUTPUT };
	int number = 1000;

	ask("enum_fmt past the end", VIDIOC_ENUM_FMT, &format);
	ask("enum_fmt wrong type", VIDIOC_ENUM_FMT, &output);
	ask("enuminput past the end", VIDIOC_ENUMINPUT, &input);
	ask("s_input past the end", VIDIOC_S_INPUT, &number);
	ask("g_ctrl id 0", VIDIOC_G_CTRL, &control);
	ask("g_fmt wrong type", VIDIOC_G_FMT, &wrong);
}

static void idle(void)
{
	ask_reqbufs("reqbufs type 0", 1, 0, V4L2_MEMORY_MMAP);
	ask_reqbufs("reqbufs wrong type", 1, OUTPUT, V4L2_MEMORY_MMAP);
	ask_reqbufs("reqbufs memory 0", 1, CAPTURE, 0);
	ask_reqbufs("reqbufs memory 99", 1, CAPTURE, 99);
	ask_buffer("querybuf without buffers", VIDIOC_QUERYBUF, 0);
	ask_buffer("qbuf without buffers", VIDIOC_QBUF, 0);
	ask_buffer("dqbuf without buffers", VIDIOC_DQBUF, 0);
	ask_type("streamon without buffers", VIDIOC_STREAMON, CAPTURE);
	ask_type("streamon wrong type", VIDIOC_STREAMON, OUTPUT);
	ask_type("streamoff idle", VIDIOC_STREAMOFF, CAPTURE);
	ask_mmap("mmap without buffers", 4096, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
	row("lseek", lseek(fd, 0, SEEK_SET) < 0 ? errno : 0);
	row("write", write(fd, "x", 1) < 0 ? errno : 0);
}

static void mappings(void)
{
	struct v4l2_buffer buffer = mmap_buffer(0);
	int both = PROT_READ | PROT_WRITE;
	size_t length;
	off_t offset;

	if (xioctl(fd, VIDIOC_QUERYBUF, &buffer) < 0)
		die("VIDIOC_QUERYBUF");
	length = buffer.length;
	offset = (off_t)buffer.m.offset;
	ask_mmap("mmap", length, both, MAP_SHARED, offset);
	ask_mmap("mmap read-only", length, PROT_READ, MAP_SHARED, offset);
	ask_mmap("mmap first page", 4096, both, MAP_SHARED, offset);
	ask_mmap("mmap unaligned offset", length, both, MAP_SHARED, offset + 1);
	ask_mmap("mmap unknown offset", length, both, MAP_SHARED, offset + 0x3ffff000);
	ask_mmap("mmap offset within the buffer", 4096, both, MAP_SHARED, offset + 4096);
	ask_mmap("mmap longer than the buffer", length + 2 * 4096, both, MAP_SHARED, offset);
	ask_mmap("mmap write-only", length, PROT_WRITE, MAP_SHARED, offset);
	ask_mmap("mmap private", length, both, MAP_PRIVATE, offset);
}

/* Two buffers, none queued. */
static void buffers(void)
{
	ask_reqbufs("reqbufs 2", 2, CAPTURE, V4L2_MEMORY_MMAP);
	ask_buffer("querybuf", VIDIOC_QUERYBUF, 0);
	ask_buffer("querybuf index count", VIDIOC_QUERYBUF, 2);
	ask_buffer_as("querybuf wrong type", VIDIOC_QUERYBUF, OUTPUT, V4L2_MEMORY_MMAP);
	mappings();
	ask_buffer("qbuf index count", VIDIOC_QBUF, 2);
	ask_buffer_as("qbuf wrong type", VIDIOC_QBUF, OUTPUT, V4L2_MEMORY_MMAP);
	ask_buffer_as("qbuf wrong memory", VIDIOC_QBUF, CAPTURE, V4L2_MEMORY_USERPTR);
	ask_buffer("qbuf", VIDIOC_QBUF, 0);
	ask_buffer("qbuf twice", VIDIOC_QBUF, 0);
	ask_buffer("qbuf the other", VIDIOC_QBUF, 1);
	ask_buffer("dqbuf not streaming", VIDIOC_DQBUF, 0);
}

static void second_open(const char *device)
{
	int first = fd;

	fd = open_device(device, 0);
	ask_buffer("second open querybuf", VIDIOC_QUERYBUF, 0);
	ask_buffer("second open qbuf", VIDIOC_QBUF, 0);
	ask_buffer("second open dqbuf", VIDIOC_DQBUF, 0);
	ask_reqbufs("second open reqbufs", 1, CAPTURE, V4L2_MEMORY_MMAP);
	ask_reqbufs("second open reqbufs 0", 0, CAPTURE, V4L2_MEMORY_MMAP);
	ask_type("second open streamon", VIDIOC_STREAMON, CAPTURE);
	ask_type("second open streamoff", VIDIOC_STREAMOFF, CAPTURE);
	close(fd);
	fd = first;
}

static void streaming(void)
{
	struct v4l2_format format = { .type = CAPTURE };
	struct v4l2_event event;
	char byte;

	if (xioctl(fd, VIDIOC_G_FMT, &format) < 0)
		die("VIDIOC_G_FMT");
	format.fmt.pix.width += 16;
	ask_type("streamon", VIDIOC_STREAMON, CAPTURE);
	ask_type("streamon twice", VIDIOC_STREAMON, CAPTURE);
	ask_reqbufs("reqbufs while streaming", 2, CAPTURE, V4L2_MEMORY_MMAP);
	ask("s_fmt while streaming", VIDIOC_S_FMT, &format);
	row("read while streaming", read(fd, &byte, 1) < 0 ? errno : 0);
	ask_buffer_as("dqbuf wrong type", VIDIOC_DQBUF, OUTPUT, V4L2_MEMORY_MMAP);
	ask_buffer("dqbuf", VIDIOC_DQBUF, 0);
	ask_buffer("dqbuf the other", VIDIOC_DQBUF, 0);
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	ask_buffer("dqbuf nonblocking and empty", VIDIOC_DQBUF, 0);
	ask("dqevent nonblocking and empty", VIDIOC_DQEVENT, &event);
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
}

static void stopped(void)
{
	ask_type("streamoff", VIDIOC_STREAMOFF, CAPTURE);
	ask_type("streamoff twice", VIDIOC_STREAMOFF, CAPTURE);
	ask_buffer("dqbuf after streamoff", VIDIOC_DQBUF, 0);
	ask_reqbufs("reqbufs 0", 0, CAPTURE, V4L2_MEMORY_MMAP);
	ask_buffer("querybuf after reqbufs 0", VIDIOC_QUERYBUF, 0);
}

int main(int argc, char **argv)
{
	const char *device = argc > 1 ? argv[1] : "/dev/video0";

	fd = open_device(device, 0);
	bad_pointers();
	unknown_ioctls();
	enumerations();
	idle();
	buffers();
	second_open(device);
	streaming();
	stopped();
	close(fd);
	return 0;
}
