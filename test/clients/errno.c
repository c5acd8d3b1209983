/*
 * What a client's mistakes are answered with: errno DEVICE [capture|output|mplane] < questions
 *
 * A question is a line `[other|thread] what key=value ...`, an empty line closes all files. Each question is
 * printed with its answer, `question: ERRNO` or `question: OK`. The words are explained in
 * test/transcripts/errno.golden.txt, which has the questions and the right answers; test/support/errno-client.ts
 * asks the same without a door.
 */
#include "errno-words.h"

#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>

#define BLOCKS -1

enum { MAIN, OTHER, FILES };

static const char *device;
static int fds[FILES] = { -1, -1 };

/* ---- questions ---- */

static int ask_buffer(unsigned long request)
{
	struct v4l2_plane planes[VIDEO_MAX_PLANES];
	struct v4l2_buffer argument = buffer_argument(planes);

	return ask(request, &argument);
}

static int ask_reqbufs(void)
{
	struct v4l2_requestbuffers argument;

	memset(&argument, 0, sizeof(argument));
	argument.count = (unsigned int)number("count", 2);
	argument.type = type();
	argument.memory = (unsigned int)number("memory", V4L2_MEMORY_MMAP);
	return ask(VIDIOC_REQBUFS, &argument);
}

static int ask_create_bufs(void)
{
	struct v4l2_create_buffers argument;

	memset(&argument, 0, sizeof(argument));
	argument.format.type = default_type;
	if (xioctl(fd, VIDIOC_G_FMT, &argument.format) < 0)
		die("VIDIOC_G_FMT");
	argument.count = (unsigned int)number("count", 1);
	argument.memory = (unsigned int)number("memory", V4L2_MEMORY_MMAP);
	argument.format.type = type();
	if (default_type == V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE) {
		argument.format.fmt.pix_mp.num_planes = (unsigned char)number("planes", plane_count);
		for (unsigned int i = 0; i < plane_count; i++)
			if (concerns(i))
				argument.format.fmt.pix_mp.plane_fmt[i].sizeimage =
					(unsigned int)size("size", i, plane_sizes[i]);
	} else {
		argument.format.fmt.pix.sizeimage = (unsigned int)size("size", 0, plane_sizes[0]);
	}
	return ask(VIDIOC_CREATE_BUFS, &argument);
}

static int ask_remove_bufs(void)
{
	struct v4l2_remove_buffers argument;

	memset(&argument, 0, sizeof(argument));
	argument.index = (unsigned int)number("index", 0);
	argument.count = (unsigned int)number("count", 1);
	argument.type = type();
	return ask(VIDIOC_REMOVE_BUFS, &argument);
}

static int ask_expbuf(void)
{
	struct v4l2_exportbuffer argument;
	int error;

	memset(&argument, 0, sizeof(argument));
	argument.type = type();
	argument.index = (unsigned int)number("index", 0);
	argument.plane = (unsigned int)number("plane", 0);
	argument.flags = (unsigned int)number("flags", O_RDWR | O_CLOEXEC);
	error = ask(VIDIOC_EXPBUF, &argument);
	if (error == 0)
		exported[argument.plane] = argument.fd;
	return error;
}

static int ask_streamon(void)
{
	int argument = (int)type();

	return ask(VIDIOC_STREAMON, &argument);
}

static int ask_streamoff(void)
{
	int argument = (int)type();

	return ask(VIDIOC_STREAMOFF, &argument);
}

static int ask_mmap(void)
{
	unsigned int plane = (unsigned int)number("plane", 0);
	off_t offset = offset_of(plane) + number("beyond", 0);
	size_t length = size("length", plane, plane_sizes[plane]);
	int prot = (int)number("prot", PROT_READ | PROT_WRITE);
	void *start = mmap(NULL, length, prot, (int)number("flags", MAP_SHARED), fd, offset);

	if (start == MAP_FAILED)
		return errno;
	if (!value("keep"))
		munmap(start, length);
	return 0;
}

static int ask_read(void)
{
	return read(fd, address("to", memory), size("count", 0, 1)) < 0 ? errno : 0;
}

static int ask_write(void)
{
	return write(fd, address("from", memory), size("count", 0, 1)) < 0 ? errno : 0;
}

static int ask_close(void)
{
	int which = fd == fds[OTHER] ? OTHER : MAIN;

	fds[which] = -1;
	return close(fd) < 0 ? errno : 0;
}

static int ask_nonblock(void)
{
	int flags = fcntl(fd, F_GETFL);

	return fcntl(fd, F_SETFL, flags ^ O_NONBLOCK) < 0 ? errno : 0;
}

static int ask_lseek(void)
{
	return lseek(fd, 0, SEEK_SET) < 0 ? errno : 0;
}

static int ask_s_priority(void)
{
	unsigned int argument = (unsigned int)number("priority", V4L2_PRIORITY_INTERACTIVE);

	return ask(VIDIOC_S_PRIORITY, &argument);
}

static int ask_querycap(void)
{
	struct v4l2_capability argument;

	return ask(VIDIOC_QUERYCAP, &argument);
}

static int ask_g_fmt(void)
{
	struct v4l2_format argument = { .type = type() };

	return ask(VIDIOC_G_FMT, &argument);
}

/* Another size than the present one. */
static int ask_s_fmt(void)
{
	struct v4l2_format argument = { .type = default_type };

	if (xioctl(fd, VIDIOC_G_FMT, &argument) < 0)
		die("VIDIOC_G_FMT");
	argument.type = type();
	/* Both formats begin with the width. */
	argument.fmt.pix.width += 16;
	return ask(VIDIOC_S_FMT, &argument);
}

static int ask_enum_fmt(void)
{
	struct v4l2_fmtdesc argument = { .index = (unsigned int)number("index", 0), .type = type() };

	return ask(VIDIOC_ENUM_FMT, &argument);
}

static int ask_enuminput(void)
{
	struct v4l2_input argument = { .index = (unsigned int)number("index", 0) };

	return ask(VIDIOC_ENUMINPUT, &argument);
}

static int ask_s_input(void)
{
	int argument = (int)number("index", 0);

	return ask(VIDIOC_S_INPUT, &argument);
}

static int ask_dqevent(void)
{
	struct v4l2_event argument;

	return ask(VIDIOC_DQEVENT, &argument);
}

/* A number that V4L2 does not have, with the largest size that a number can carry; it leaves the memory alone. */
static int ask_unknown(void)
{
	static unsigned char buffer[0x4000];
	int error;

	memset(buffer, 0xa5, sizeof(buffer));
	error = ask(_IOC((unsigned int)number("direction", 0), 'V', 0, 0x3fff), buffer);
	for (size_t i = 0; i < sizeof(buffer); i++)
		if (buffer[i] != 0xa5)
			die("an unknown ioctl has written to its argument");
	return error;
}

static const struct {
	const char *word;
	int (*ask)(void);
	/* Of those that are about one buffer. */
	unsigned long request;
} questions[] = {
	{ "querybuf", NULL, VIDIOC_QUERYBUF },
	{ "prepare_buf", NULL, VIDIOC_PREPARE_BUF },
	{ "qbuf", NULL, VIDIOC_QBUF },
	{ "dqbuf", NULL, VIDIOC_DQBUF },
	{ "reqbufs", ask_reqbufs, 0 },
	{ "create_bufs", ask_create_bufs, 0 },
	{ "remove_bufs", ask_remove_bufs, 0 },
	{ "expbuf", ask_expbuf, 0 },
	{ "streamon", ask_streamon, 0 },
	{ "streamoff", ask_streamoff, 0 },
	{ "mmap", ask_mmap, 0 },
	{ "read", ask_read, 0 },
	{ "write", ask_write, 0 },
	{ "close", ask_close, 0 },
	{ "nonblock", ask_nonblock, 0 },
	{ "lseek", ask_lseek, 0 },
	{ "s_priority", ask_s_priority, 0 },
	{ "querycap", ask_querycap, 0 },
	{ "g_fmt", ask_g_fmt, 0 },
	{ "s_fmt", ask_s_fmt, 0 },
	{ "enum_fmt", ask_enum_fmt, 0 },
	{ "enuminput", ask_enuminput, 0 },
	{ "s_input", ask_s_input, 0 },
	{ "dqevent", ask_dqevent, 0 },
	{ "unknown", ask_unknown, 0 },
};

/* ---- a thread that blocks ---- */

static pthread_t thread;
static volatile pid_t thread_id;
static volatile int thread_error;

static void *dqbuf_thread(void *unused)
{
	thread_id = (pid_t)syscall(SYS_gettid);
	thread_error = ask_buffer(VIDIOC_DQBUF);
	return unused;
}

static int is_in_ioctl(pid_t id)
{
	char path[64];
	long call = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", (int)id);
	file = fopen(path, "r");
	if (!file)
		return 0;
	/* A thread that runs is `running`, one that sleeps the number of its call. */
	if (fscanf(file, "%ld", &call) != 1)
		call = -1;
	fclose(file);
	return call == SYS_ioctl;
}

static int start_thread(void)
{
	thread_id = 0;
	thread_error = BLOCKS;
	if (pthread_create(&thread, NULL, dqbuf_thread, NULL) != 0)
		die("pthread_create");
	while (thread_error == BLOCKS && (thread_id == 0 || !is_in_ioctl(thread_id)))
		sched_yield();
	return thread_error;
}

static int join_thread(void)
{
	pthread_join(thread, NULL);
	return thread_error;
}

/* ---- the conversation ---- */

static int answer(char **word)
{
	if (strcmp(*word, "thread") == 0)
		return strcmp(word[1], "join") == 0 ? join_thread() : start_thread();
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
		if (strcmp(questions[i].word, *word) == 0)
			return questions[i].ask ? questions[i].ask() : ask_buffer(questions[i].request);
	fprintf(stderr, "what is %s?\n", *word);
	exit(1);
}

static void converse(char *line)
{
	char copy[256];
	size_t count = 0;
	int which;
	int error;

	snprintf(copy, sizeof(copy), "%s", line);
	for (char *word = strtok(copy, " "); word && count < MAX_WORDS; word = strtok(NULL, " "))
		words[count++] = word;
	words[count] = NULL;
	which = strcmp(words[0], "other") == 0 ? OTHER : MAIN;
	if (fds[which] < 0)
		fds[which] = open_device(device, 0);
	fd = fds[which];
	error = answer(which == OTHER ? words + 1 : words);
	printf("%s: %s\n", line, error == BLOCKS ? "BLOCKS" : errno_name(error));
}

static void close_all(void)
{
	for (int i = 0; i < FILES; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
		fds[i] = -1;
	}
}

static void look_at_format(void)
{
	struct v4l2_format format = { .type = default_type };
	size_t longest = 0;

	fd = open_device(device, 0);
	if (xioctl(fd, VIDIOC_G_FMT, &format) < 0)
		die("VIDIOC_G_FMT");
	close(fd);
	plane_sizes[0] = format.fmt.pix.sizeimage;
	if (default_type == V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE) {
		plane_count = format.fmt.pix_mp.num_planes;
		for (unsigned int i = 0; i < plane_count; i++)
			plane_sizes[i] = format.fmt.pix_mp.plane_fmt[i].sizeimage;
	}
	for (unsigned int i = 0; i < plane_count; i++)
		longest = plane_sizes[i] > longest ? plane_sizes[i] : longest;
	longest = (longest + 8192) & ~(size_t)4095;
	memory = mmap(NULL, longest + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		die("mmap");
	memory_end = memory + longest;
	munmap(memory_end, 4096);
}

int main(int argc, char **argv)
{
	const char *kind = argc > 2 ? argv[2] : "capture";
	char line[256];

	device = argc > 1 ? argv[1] : "/dev/video0";
	default_type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	if (strcmp(kind, "output") == 0)
		default_type = V4L2_BUF_TYPE_VIDEO_OUTPUT;
	else if (strcmp(kind, "mplane") == 0)
		default_type = V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE;
	setvbuf(stdout, NULL, _IOLBF, 0);
	look_at_format();
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] != '\0') {
			converse(line);
			continue;
		}
		close_all();
		putchar('\n');
	}
	close_all();
	return 0;
}
