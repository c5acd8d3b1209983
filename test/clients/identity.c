/*
 * Descriptors that many threads and processes use at once: identity MODE [device [device]]
 *
 * map-threads   each of eight threads maps a buffer of its own through one descriptor: it gets that buffer
 * map-epoll     a thread registers the descriptor with epoll while another one maps through it
 * map-poll      the descriptor is not ready after an mmap, once some call of the process has come
 * map-edge      an mmap is no edge for who waits for events, whatever other threads do
 * map-fork      a child that is born right after an mmap waits for frames as everybody does
 * map-send      the same for a descriptor that is sent right after an mmap
 * reopen        dup2() over an open camera, close() of the other one: the new one is open, the old one is closed
 * dup-onto      dup2() over a copy of the same camera
 * edges         a waiter that takes one frame for each edge gets all frames
 * stolen        a byte that is read past the door disturbs nobody
 *
 * The last line is JSON; exits with 0 if all answers were right.
 */
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "modes.h"
#include "pass-fd.h"

#define THREADS 8

static void query(int fd, unsigned int index, struct v4l2_buffer *buffer)
{
	memset(buffer, 0, sizeof(*buffer));
	buffer->type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	buffer->memory = V4L2_MEMORY_MMAP;
	buffer->index = index;
	if (ioctl(fd, VIDIOC_QUERYBUF, buffer) < 0)
		die("QUERYBUF");
}

static void request(int fd, unsigned int count)
{
	if (reqbufs_as(fd, V4L2_MEMORY_MMAP, &count) != 0)
		die("REQBUFS");
}

static uint32_t *map(int fd, const struct v4l2_buffer *buffer)
{
	return mmap(NULL, buffer->length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, buffer->m.offset);
}

struct mapper {
	pthread_t thread;
	pthread_barrier_t *start;
	int fd;
	unsigned int rounds;
	struct v4l2_buffer buffer;
	unsigned int failed;
	unsigned int foreign;
};

/* Buffer n is marked with n + 1 by the main thread. */
static void *map_own(void *argument)
{
	struct mapper *mapper = argument;

	for (unsigned int round = 0; round < mapper->rounds; round++) {
		uint32_t *memory;

		pthread_barrier_wait(mapper->start);
		memory = map(mapper->fd, &mapper->buffer);
		if (memory == MAP_FAILED) {
			mapper->failed++;
			continue;
		}
		if (*memory != mapper->buffer.index + 1)
			mapper->foreign++;
		munmap(memory, mapper->buffer.length);
	}
	return NULL;
}

static void map_threads(void)
{
	struct mapper mappers[THREADS];
	pthread_barrier_t start;
	int fd = open_device(device, 0);
	unsigned int failed = 0, foreign = 0;

	request(fd, THREADS);
	pthread_barrier_init(&start, NULL, THREADS);
	for (unsigned int i = 0; i < THREADS; i++) {
		uint32_t *memory;

		mappers[i] = (struct mapper){ .start = &start, .fd = fd, .rounds = 100 };
		query(fd, i, &mappers[i].buffer);
		memory = map(fd, &mappers[i].buffer);
		*memory = i + 1;
		munmap(memory, mappers[i].buffer.length);
	}
	for (unsigned int i = 0; i < THREADS; i++)
		pthread_create(&mappers[i].thread, NULL, map_own, &mappers[i]);
	for (unsigned int i = 0; i < THREADS; i++) {
		pthread_join(mappers[i].thread, NULL);
		failed += mappers[i].failed;
		foreign += mappers[i].foreign;
	}
	check("no mmap fails", failed == 0);
	check("each thread has mapped its own buffer", foreign == 0);
	close(fd);
}

/* A thread that maps when it is told to, and makes no other call that anybody could see. */
struct silent_mapper {
	pthread_t thread;
	int fd;
	struct v4l2_buffer buffer;
	volatile int turn;
	volatile int stop;
	unsigned int failed;
};

static void *map_silently(void *argument)
{
	struct silent_mapper *mapper = argument;

	while (!mapper->stop) {
		if (!mapper->turn)
			continue;
		if (map(mapper->fd, &mapper->buffer) == MAP_FAILED)
			mapper->failed++;
		mapper->turn = 0;
	}
	return NULL;
}

static void start_silent_mapper(struct silent_mapper *mapper, int fd)
{
	*mapper = (struct silent_mapper){ .fd = fd };
	query(fd, 0, &mapper->buffer);
	pthread_create(&mapper->thread, NULL, map_silently, mapper);
}

static void map_silent(struct silent_mapper *mapper)
{
	mapper->turn = 1;
	while (mapper->turn)
		;
}

static void map_epoll(void)
{
	struct silent_mapper mapper;
	int fd = open_device(device, 0);
	int epoll = epoll_create1(0);

	request(fd, 2);
	start_silent_mapper(&mapper, fd);
	for (unsigned int round = 0; round < 50; round++) {
		struct epoll_event event = { .events = 0 };

		map_silent(&mapper);
		check("epoll_ctl(ADD) after an mmap", epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0);
		map_silent(&mapper);
		check("epoll_ctl(DEL) after an mmap", epoll_ctl(epoll, EPOLL_CTL_DEL, fd, &event) == 0);
	}
	mapper.stop = 1;
	pthread_join(mapper.thread, NULL);
	check("no mmap fails", mapper.failed == 0);
	close(fd);
}

static int is_ready(int fd)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

	return poll(&poll_fd, 1, 0) != 0;
}

/* A stream in which no frame is done: none is queued, and who waits for IN waits. */
static void start_waiting(int fd)
{
	enum v4l2_buf_type type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	struct v4l2_buffer buffer;

	request(fd, 4);
	for (unsigned int i = 0; i < 2; i++) {
		query(fd, i, &buffer);
		if (ioctl(fd, VIDIOC_QBUF, &buffer) < 0)
			die("QBUF");
	}
	if (ioctl(fd, VIDIOC_STREAMON, &type) < 0)
		die("STREAMON");
}

/* With a camera of one frame a second, right after one of them. */
static void map_poll(void)
{
	struct silent_mapper mapper;
	struct v4l2_capability capability;
	struct v4l2_buffer buffer = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP };
	unsigned int ready = 0;
	int fd = open_device(device, 0);

	start_waiting(fd);
	start_silent_mapper(&mapper, fd);
	/* The driver has no buffer left that could become ready. */
	for (unsigned int i = 0; i < 2; i++)
		if (ioctl(fd, VIDIOC_DQBUF, &buffer) < 0)
			die("DQBUF");
	for (unsigned int round = 0; round < 20; round++) {
		map_silent(&mapper);
		try_ioctl(fd, VIDIOC_QUERYCAP, &capability);
		ready += is_ready(fd);
	}
	check("not ready once a call of the process has come", ready == 0);
	mapper.stop = 1;
	pthread_join(mapper.thread, NULL);
	close(fd);
}

/* Frames by poll() and a DQBUF that does not wait; how often there was none although poll() said so. */
static unsigned int count_vain_looks(int fd, unsigned int frames)
{
	unsigned int vain = 0;

	while (frames > 0) {
		struct v4l2_buffer buffer = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP };
		struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

		if (poll(&poll_fd, 1, 5000) != 1)
			die("poll");
		if (ioctl(fd, VIDIOC_DQBUF, &buffer) == 0) {
			frames--;
			ioctl(fd, VIDIOC_QBUF, &buffer);
		} else if (errno == EAGAIN) {
			vain++;
		} else {
			die("DQBUF");
		}
	}
	return vain;
}

static void map_last(int fd)
{
	struct v4l2_buffer buffer;

	start_waiting(fd);
	query(fd, 0, &buffer);
	if (map(fd, &buffer) == MAP_FAILED)
		die("mmap");
}

/* One look in vain is the first one: it finds the memory, and the call after it puts the face back. */
static void expect_few_vain_looks(int fd)
{
	check("a child waits for frames", count_vain_looks(fd, 10) <= 1);
	check("and has its descriptor to itself", !is_ready(fd) || count_vain_looks(fd, 3) <= 1);
}

static int end_of_child(void)
{
	fflush(stderr);
	_exit(wrong_answers == 0 ? 0 : 1);
}

static void expect_good_end(pid_t child)
{
	int status = 1;

	waitpid(child, &status, 0);
	check("the child ends well", status == 0);
}

static void map_fork(void)
{
	int fd = open_device(device, O_NONBLOCK);
	pid_t child;

	map_last(fd);
	child = fork();
	if (child == 0) {
		expect_few_vain_looks(fd);
		end_of_child();
	}
	close(fd);
	expect_good_end(child);
}

static void map_send(void)
{
	int sockets[2];
	pid_t child;

	socketpair(AF_UNIX, SOCK_STREAM, 0, sockets);
	child = fork();
	if (child == 0) {
		int fd = receive_fd(sockets[1]);

		expect_few_vain_looks(fd);
		end_of_child();
	}
	int fd = open_device(device, O_NONBLOCK);

	map_last(fd);
	send_fd(sockets[0], fd);
	close(fd);
	expect_good_end(child);
}

static void expect_bus(int fd, const char *bus, const char *what)
{
	struct v4l2_capability capability;

	check_errno(what, try_ioctl(fd, VIDIOC_QUERYCAP, &capability), 0);
	check(what, strcmp((char *)capability.bus_info, bus) == 0);
}

static void expect_free(const char *path)
{
	unsigned int count = 1;
	int fd = open_device(path, 0);

	check_errno("the other camera is free", reqbufs_as(fd, V4L2_MEMORY_MMAP, &count), 0);
	close(fd);
}

static void reopen(void)
{
	for (unsigned int round = 0; round < 20; round++) {
		int first = open_device(device, 0);
		int second = open_device(other_device, 0);

		request(first, 1);
		check("dup2", dup2(second, first) == first);
		close(second);
		expect_bus(first, "platform:vivi-001", "the number is the second camera");
		expect_free(device);
		request(first, 1);
		close(first);
		expect_free(other_device);
	}
}

static void dup_onto(void)
{
	for (unsigned int round = 0; round < 20; round++) {
		int first = open_device(device, 0);
		int copy = dup(first);

		check("dup2 onto its copy", dup2(first, copy) == copy);
		check("dup2 onto itself", dup2(first, first) == first);
		close(first);
		expect_bus(copy, "platform:vivi-000", "the copy is open");
		request(copy, 1);
		check("dup2 onto a low number", dup2(copy, 9) == 9);
		close(copy);
		expect_bus(9, "platform:vivi-000", "the low number is open");
		close(9);
		expect_free(device);
	}
}

/* With a camera whose frames come faster than they are taken. */
static void edges(void)
{
	int fd = open_device(device, 0);
	int epoll = epoll_create1(0);
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	struct stream stream = { .fd = fd };
	unsigned int frames = 0;

	start_stream(&stream, 4);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
	while (frames < 120) {
		struct v4l2_buffer buffer = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP };

		if (!check("an edge comes", epoll_wait(epoll, &event, 1, 3000) == 1))
			break;
		if (frames % 20 == 0)
			usleep(100000);
		if (ioctl(fd, VIDIOC_DQBUF, &buffer) < 0)
			continue;
		frames++;
		ioctl(fd, VIDIOC_QBUF, &buffer);
	}
	check("all frames", frames == 120);
	close(fd);
}

struct stolen_stream {
	int fd;
	volatile int stop;
};

static void *take_for_ever(void *argument)
{
	struct stolen_stream *stream = argument;

	while (!stream->stop) {
		struct v4l2_buffer buffer = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP };

		if (ioctl(stream->fd, VIDIOC_DQBUF, &buffer) == 0)
			ioctl(stream->fd, VIDIOC_QBUF, &buffer);
		usleep(3000);
	}
	return NULL;
}

static volatile int spinning = 1;

static void *spin(void *argument)
{
	while (spinning)
		;
	return argument;
}

static void map_edge(void)
{
	struct v4l2_event_subscription subscription = { .type = V4L2_EVENT_CTRL, .id = V4L2_CID_BRIGHTNESS };
	struct v4l2_control control = { .id = V4L2_CID_BRIGHTNESS, .value = 7 };
	struct epoll_event event = { .events = EPOLLPRI | EPOLLET };
	int fd = open_device(device, 0), setter = open_device(device, 0), epoll = epoll_create1(0);
	struct v4l2_buffer buffer;
	pthread_t thread;

	request(fd, 1);
	query(fd, 0, &buffer);
	if (ioctl(fd, VIDIOC_SUBSCRIBE_EVENT, &subscription) < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		die("SUBSCRIBE_EVENT");
	pthread_create(&thread, NULL, spin, NULL);
	for (control.value = 0; control.value < 20; control.value++) {
		if (ioctl(setter, VIDIOC_S_CTRL, &control) < 0)
			die("S_CTRL");
		check("an event is an edge", epoll_wait(epoll, &event, 1, 1000) == 1 && event.events == EPOLLPRI);
		check("one edge", epoll_wait(epoll, &event, 1, 0) == 0);
		munmap(map(fd, &buffer), buffer.length);
		query(fd, 0, &buffer);
		check("an mmap is none", epoll_wait(epoll, &event, 1, 0) == 0);
	}
	spinning = 0;
	pthread_join(thread, NULL);
	close(epoll);
	close(setter);
	close(fd);
}

/*
 * Reads the face under a number that is not watched, again and again, while the stream goes on. The other
 * camera is slow enough for a busy machine, and not for a wait in the wrong place.
 */
static void *steal(void *argument)
{
	struct stolen_stream *stream = argument;
	char bytes[64];

	while (!stream->stop) {
		struct iovec iov = { bytes, sizeof(bytes) };

		if (syscall(SYS_readv, 9, &iov, 1) <= 0)
			usleep(1000);
	}
	return NULL;
}

static void stolen(void)
{
	int fd = open_device(device, O_NONBLOCK);
	int other = open_device(other_device, 0);
	struct stream stream = { .fd = fd }, witness = { .fd = other };
	struct stolen_stream stolen = { .fd = fd };
	struct pace pace;
	pthread_t thief, taker;

	dup2(fd, 9);
	start_stream(&stream, 4);
	start_stream(&witness, 4);
	pthread_create(&thief, NULL, steal, &stolen);
	pthread_create(&taker, NULL, take_for_ever, &stolen);
	pace = take_frames(other, 8);
	stolen.stop = 1;
	pthread_join(thief, NULL);
	pthread_join(taker, NULL);
	check("no frame of the other camera is lost", pace.gaps == 0 && pace.frames == 8);
	close(9);
	close(fd);
	close(other);
}

static const struct mode modes[] = {
	{ "map-threads", map_threads }, { "map-epoll", map_epoll }, { "map-poll", map_poll }, { "map-edge", map_edge },
	{ "map-fork", map_fork },       { "map-send", map_send },   { "reopen", reopen },     { "dup-onto", dup_onto },
	{ "edges", edges },             { "stolen", stolen },
};

int main(int argc, char **argv)
{
	return run_mode(modes, COUNT_OF(modes), argc, argv);
}
