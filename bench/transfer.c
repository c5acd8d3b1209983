/*
 * Frames from one process to another, as fast as they go; prints frames a second as the receiver sees them.
 *
 *   transfer loopback OUTPUT CAPTURE WIDTH HEIGHT FRAMES   through the two nodes of a loopback camera
 *   transfer userptr OUTPUT CAPTURE WIDTH HEIGHT FRAMES    the same, with frames in memory of the sender (USERPTR)
 *   transfer write OUTPUT CAPTURE WIDTH HEIGHT FRAMES      the same, with write() on the output node
 *   transfer pipe BYTES FRAMES                             through a pipe
 *   transfer shm BYTES FRAMES                              through shared memory, with an eventfd each way
 *   transfer relay BYTES FRAMES                            the same, with a process between that has two such memories
 *   transfer move BYTES FRAMES                             from memory of the sender, which a process between reads into such memory
 *
 * The sender writes every byte of a frame, but for `write` and `move`, which send the same again; the receiver reads every byte.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/videodev2.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BUFFERS = 4, WARM_UP = 50 };

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static char *scratch(size_t size)
{
	char *memory = malloc(size);

	memset(memory, 1, size);
	return memory;
}

/* One end of a device: its queue, mapped. */
struct queue {
	int fd;
	unsigned int type, memory, count, next;
	char *planes[BUFFERS];
	size_t size;
};

static void must(int fd, unsigned long request, void *arg, const char *name)
{
	if (ioctl(fd, request, arg) < 0)
		die(name);
}

static void open_queue(struct queue *q, const char *device, unsigned int type, unsigned int memory, int width, int height)
{
	struct v4l2_format format = { .type = type };
	struct v4l2_requestbuffers request = { .count = BUFFERS, .type = type, .memory = memory };

	q->fd = open(device, O_RDWR);
	if (q->fd < 0)
		die(device);
	q->type = type;
	q->memory = memory;
	format.fmt.pix.width = width;
	format.fmt.pix.height = height;
	format.fmt.pix.pixelformat = V4L2_PIX_FMT_YUYV;
	must(q->fd, VIDIOC_S_FMT, &format, "VIDIOC_S_FMT");
	must(q->fd, VIDIOC_REQBUFS, &request, "VIDIOC_REQBUFS");
	q->count = request.count < BUFFERS ? request.count : BUFFERS;
	q->size = format.fmt.pix.sizeimage;
	for (unsigned int i = 0; i < q->count; i++) {
		struct v4l2_buffer buffer = { .index = i, .type = type, .memory = memory };

		if (memory == V4L2_MEMORY_USERPTR) {
			q->planes[i] = scratch(q->size);
			continue;
		}
		must(q->fd, VIDIOC_QUERYBUF, &buffer, "VIDIOC_QUERYBUF");
		q->planes[i] = mmap(NULL, buffer.length, PROT_READ | PROT_WRITE, MAP_SHARED, q->fd, buffer.m.offset);
		if (q->planes[i] == MAP_FAILED)
			die("mmap");
	}
}

static void queue_buffer(struct queue *q, unsigned int index)
{
	struct v4l2_buffer buffer = { .index = index, .type = q->type, .memory = q->memory };

	buffer.bytesused = q->size;
	if (q->memory == V4L2_MEMORY_USERPTR) {
		buffer.m.userptr = (unsigned long)q->planes[index];
		buffer.length = q->size;
	}
	must(q->fd, VIDIOC_QBUF, &buffer, "VIDIOC_QBUF");
}

static unsigned int dequeue_buffer(struct queue *q)
{
	struct v4l2_buffer buffer = { .type = q->type, .memory = q->memory };

	must(q->fd, VIDIOC_DQBUF, &buffer, "VIDIOC_DQBUF");
	return buffer.index;
}

static void send_from(unsigned int memory, const char *device, int width, int height)
{
	struct queue q = { 0 };
	char *frame;

	open_queue(&q, device, V4L2_BUF_TYPE_VIDEO_OUTPUT, memory, width, height);
	frame = scratch(q.size);
	for (unsigned int i = 0; i < q.count; i++)
		queue_buffer(&q, i);
	must(q.fd, VIDIOC_STREAMON, &q.type, "VIDIOC_STREAMON");
	for (;;) {
		unsigned int index = dequeue_buffer(&q);

		memcpy(q.planes[index], frame, q.size);
		queue_buffer(&q, index);
	}
}

static void send_frames(const char *device, int width, int height)
{
	send_from(V4L2_MEMORY_MMAP, device, width, height);
}

static void send_user_frames(const char *device, int width, int height)
{
	send_from(V4L2_MEMORY_USERPTR, device, width, height);
}

static void write_frames(const char *device, int width, int height)
{
	struct v4l2_format format = { .type = V4L2_BUF_TYPE_VIDEO_OUTPUT };
	int fd = open(device, O_RDWR);
	char *frame;

	if (fd < 0)
		die(device);
	format.fmt.pix.width = width;
	format.fmt.pix.height = height;
	format.fmt.pix.pixelformat = V4L2_PIX_FMT_YUYV;
	must(fd, VIDIOC_S_FMT, &format, "VIDIOC_S_FMT");
	frame = scratch(format.fmt.pix.sizeimage);
	for (;;)
		if (write(fd, frame, format.fmt.pix.sizeimage) < 0)
			die("write");
}

static void loopback(char **argv, void (*produce)(const char *, int, int))
{
	int width = atoi(argv[2]), height = atoi(argv[3]), frames = atoi(argv[4]);
	struct queue q = { 0 };
	double start = 0;
	char *frame;
	pid_t sender = fork();

	if (sender == 0)
		produce(argv[0], width, height);
	usleep(300000);
	open_queue(&q, argv[1], V4L2_BUF_TYPE_VIDEO_CAPTURE, V4L2_MEMORY_MMAP, width, height);
	frame = scratch(q.size);
	for (unsigned int i = 0; i < q.count; i++)
		queue_buffer(&q, i);
	must(q.fd, VIDIOC_STREAMON, &q.type, "VIDIOC_STREAMON");
	for (int i = 0; i < frames + WARM_UP; i++) {
		unsigned int index = dequeue_buffer(&q);

		if (i == WARM_UP)
			start = now();
		memcpy(frame, q.planes[index], q.size);
		queue_buffer(&q, index);
	}
	printf("%.1f\n", frames / (now() - start));
	kill(sender, SIGKILL);
}

static void through_pipe(size_t size, int frames)
{
	char *frame = scratch(size);
	double start = 0;
	int ends[2];
	pid_t sender;

	if (pipe(ends) < 0)
		die("pipe");
	fcntl(ends[0], F_SETPIPE_SZ, 1 << 20);
	sender = fork();
	if (sender == 0)
		for (;;)
			if (write(ends[1], frame, size) < 0)
				die("write");
	for (int i = 0; i < frames + WARM_UP; i++) {
		if (i == WARM_UP)
			start = now();
		for (size_t got = 0; got < size;) {
			ssize_t n = read(ends[0], frame + got, size - got);

			if (n <= 0)
				die("read");
			got += n;
		}
	}
	printf("%.1f\n", frames / (now() - start));
	kill(sender, SIGKILL);
}

static void wait_for(int fd)
{
	uint64_t count;

	if (read(fd, &count, sizeof(count)) != sizeof(count))
		die("eventfd");
}

static void signal_to(int fd)
{
	uint64_t one = 1;

	if (write(fd, &one, sizeof(one)) != sizeof(one))
		die("eventfd");
}

/* Frames in memory that two processes share. */
struct ring {
	char *frames;
	size_t size;
	int filled, empty;
};

static struct ring ring(size_t size)
{
	return (struct ring){
		.frames = mmap(NULL, BUFFERS * size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0),
		.size = size,
		.filled = eventfd(0, EFD_SEMAPHORE),
		.empty = eventfd(BUFFERS, EFD_SEMAPHORE),
	};
}

static void fill_ring(const struct ring *r, const char *frame)
{
	for (int i = 0;; i = (i + 1) % BUFFERS) {
		wait_for(r->empty);
		memcpy(r->frames + i * r->size, frame, r->size);
		signal_to(r->filled);
	}
}

static void empty_ring(const struct ring *r, char *frame, int frames)
{
	double start = 0;

	for (int i = 0; i < frames + WARM_UP; i++) {
		if (i == WARM_UP)
			start = now();
		wait_for(r->filled);
		memcpy(frame, r->frames + (i % BUFFERS) * r->size, r->size);
		signal_to(r->empty);
	}
	printf("%.1f\n", frames / (now() - start));
}

static void through_memory(size_t size, int frames)
{
	struct ring r = ring(size);
	char *frame = scratch(size);
	pid_t sender = fork();

	if (sender == 0)
		fill_ring(&r, frame);
	empty_ring(&r, frame, frames);
	kill(sender, SIGKILL);
}

static void relay(const struct ring *from, const struct ring *to)
{
	for (int i = 0;; i = (i + 1) % BUFFERS) {
		wait_for(from->filled);
		wait_for(to->empty);
		memcpy(to->frames + i * to->size, from->frames + i * from->size, from->size);
		signal_to(from->empty);
		signal_to(to->filled);
	}
}

static void through_relay(size_t size, int frames)
{
	struct ring from = ring(size), to = ring(size);
	char *frame = scratch(size);
	pid_t sender, between;

	sender = fork();
	if (sender == 0)
		fill_ring(&from, frame);
	between = fork();
	if (between == 0)
		relay(&from, &to);
	empty_ring(&to, frame, frames);
	kill(between, SIGKILL);
	kill(sender, SIGKILL);
}

/* A frame is there, and nothing is done until it has been taken: what write() is. */
static void offer(char *frame, size_t size, int offered, int taken)
{
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
	memset(frame, 1, size);
	for (;;) {
		signal_to(offered);
		wait_for(taken);
	}
}

static void move_from(pid_t sender, char *frame, int offered, int taken, const struct ring *to)
{
	for (int i = 0;; i = (i + 1) % BUFFERS) {
		struct iovec local = { to->frames + i * to->size, to->size }, remote = { frame, to->size };

		wait_for(offered);
		wait_for(to->empty);
		if (process_vm_readv(sender, &local, 1, &remote, 1, 0) != (ssize_t)to->size)
			die("process_vm_readv");
		signal_to(taken);
		signal_to(to->filled);
	}
}

static void through_move(size_t size, int frames)
{
	struct ring to = ring(size);
	char *sent = scratch(size), *frame = scratch(size);
	int offered = eventfd(0, EFD_SEMAPHORE), taken = eventfd(0, EFD_SEMAPHORE);
	pid_t sender, between;

	sender = fork();
	if (sender == 0)
		offer(sent, size, offered, taken);
	between = fork();
	if (between == 0)
		move_from(sender, sent, offered, taken, &to);
	empty_ring(&to, frame, frames);
	kill(between, SIGKILL);
	kill(sender, SIGKILL);
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "";

	if (argc == 7 && strcmp(how, "loopback") == 0)
		loopback(argv + 2, send_frames);
	else if (argc == 7 && strcmp(how, "userptr") == 0)
		loopback(argv + 2, send_user_frames);
	else if (argc == 7 && strcmp(how, "write") == 0)
		loopback(argv + 2, write_frames);
	else if (argc == 4 && strcmp(how, "pipe") == 0)
		through_pipe(strtoul(argv[2], NULL, 10), atoi(argv[3]));
	else if (argc == 4 && strcmp(how, "shm") == 0)
		through_memory(strtoul(argv[2], NULL, 10), atoi(argv[3]));
	else if (argc == 4 && strcmp(how, "relay") == 0)
		through_relay(strtoul(argv[2], NULL, 10), atoi(argv[3]));
	else if (argc == 4 && strcmp(how, "move") == 0)
		through_move(strtoul(argv[2], NULL, 10), atoi(argv[3]));
	else
		return 2;
	return 0;
}
