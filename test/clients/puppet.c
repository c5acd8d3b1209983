/*
 * A process that does what it is told: puppet SOCKET TOKEN
 *
 * Each of its threads connects to SOCKET, says "TOKEN pid tid" and then carries out one line after another: a word and
 * numbers. Each is answered with one line: the errno, and what there is to tell. Children, and what it executes (itself),
 * do the same under the token that they were given.
 *
 * The numbers of its own descriptors are apart from those that cameras get: mailboxes, through which descriptors are
 * sent to whoever has them too, from 200 on, connections from 400 on, epoll from 500 on.
 */
#define _GNU_SOURCE
#include <linux/close_range.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "puppet-events.h"

#define THREADS 3
#define BOXES 2
#define FIRST_BOX 200
#define FIRST_CONNECTION 400
#define AFTER_CONNECTIONS 500
#define AFTER_OWN 600
#define NO_BUFFER 31

static char *self, *socket_path;
static long token;
static volatile int signals;

static __thread int connection;

static void write_reply(struct reply *reply)
{
	reply->text[reply->length++] = '\n';
	for (size_t sent = 0; sent < reply->length;) {
		ssize_t count = send(connection, reply->text + sent, reply->length - sent, MSG_NOSIGNAL);

		if (count < 0 && errno != EINTR)
			_exit(3);
		sent += count < 0 ? 0 : (size_t)count;
	}
	reply->length = 0;
}

static void device_path(char *path, size_t size, long device)
{
	snprintf(path, size, "/dev/video%ld", device);
}

static void do_open(const long *a, struct reply *reply)
{
	char path[32];

	device_path(path, sizeof(path), a[0]);
	answer(reply, open(path, O_RDWR | (int)a[1]));
}

static void do_dup(const long *a, struct reply *reply)
{
	answer(reply, dup((int)a[0]));
}

static void do_dupfd(const long *a, struct reply *reply)
{
	answer(reply, fcntl((int)a[0], a[2] ? F_DUPFD_CLOEXEC : F_DUPFD, (int)a[1]));
}

static void do_dup2(const long *a, struct reply *reply)
{
	answer(reply, dup2((int)a[0], (int)a[1]));
}

static void do_dup3(const long *a, struct reply *reply)
{
	answer(reply, dup3((int)a[0], (int)a[1], (int)a[2]));
}

static void do_close(const long *a, struct reply *reply)
{
	answer(reply, close((int)a[0]));
}

static void do_close_range(const long *a, struct reply *reply)
{
	answer(reply, syscall(SYS_close_range, (unsigned int)a[0], (unsigned int)a[1], (unsigned int)a[2]));
}

static void do_setfd(const long *a, struct reply *reply)
{
	answer(reply, fcntl((int)a[0], F_SETFD, a[1] ? FD_CLOEXEC : 0));
}

static void do_setfl(const long *a, struct reply *reply)
{
	answer(reply, fcntl((int)a[0], F_SETFL, a[1] ? O_NONBLOCK : 0));
}

static void do_fionbio(const long *a, struct reply *reply)
{
	int on = (int)a[1];

	answer(reply, ioctl((int)a[0], FIONBIO, &on));
}

static void start_threads(void);
static void connect_thread(void);

/* A child begins: it obeys as its parent does, with threads of its own. */
static void begin_child(long its_token)
{
	token = its_token;
	signals = 0;
	connect_thread();
	start_threads();
}

static void do_fork(const long *a, struct reply *reply)
{
	pid_t child = fork();

	if (child == 0) {
		syscall(SYS_close_range, FIRST_CONNECTION, AFTER_CONNECTIONS - 1, 0);
		begin_child(a[0]);
		return;
	}
	answer(reply, child);
}

/* A child that has the same table of descriptors. */
static void do_share(const long *a, struct reply *reply)
{
	pid_t child = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, NULL);

	if (child == 0) {
		begin_child(a[0]);
		return;
	}
	answer(reply, child);
}

/* This thread leaves the table that it has with others, and takes a[0] not with it; its connection is the result. */
static void do_divorce(const long *a, struct reply *reply)
{
	unsigned int fd = (unsigned int)a[0];
	long failed = a[0] < 0 ? unshare(CLONE_FILES) : syscall(SYS_close_range, fd, fd, CLOSE_RANGE_UNSHARE);

	if (failed == 0) {
		syscall(SYS_close_range, FIRST_CONNECTION, connection - 1, 0);
		syscall(SYS_close_range, connection + 1, AFTER_CONNECTIONS - 1, 0);
	}
	answer(reply, failed < 0 ? -1 : connection);
}

static void do_exec(const long *a, struct reply *reply)
{
	char text[24];

	snprintf(text, sizeof(text), "%ld", a[0]);
	execl(self, self, socket_path, text, NULL);
	answer(reply, -1);
}

/* Children are reaped by nobody: waitpid() waits for their end and says ECHILD. */
static void do_spawn(const long *a, struct reply *reply)
{
	pid_t child = vfork();

	(void)a;
	if (child == 0) {
		execl("/bin/true", "true", NULL);
		_exit(127);
	}
	answer(reply, child);
	waitpid(child, NULL, 0);
}

static void do_exit(const long *a, struct reply *reply)
{
	(void)reply;
	_exit((int)a[0]);
}

/* Ends this thread, the first one too. */
static void do_leave(const long *a, struct reply *reply)
{
	(void)a;
	answer(reply, 0);
	write_reply(reply);
	close(connection);
	for (;;)
		syscall(SYS_exit, 0);
}

union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int))];
};

static void do_send(const long *a, struct reply *reply)
{
	union control control = { .header = { CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS } };
	struct iovec iov = { "x", 1 };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };
	int fd = (int)a[1];

	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	answer(reply, sendmsg(FIRST_BOX + 2 * (int)a[0], &message, MSG_DONTWAIT));
}

/* With a[1] the descriptor in the message is not wanted: the kernel closes it. */
static void do_receive(const long *a, struct reply *reply)
{
	union control control;
	char byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };
	int fd = -1;

	if (a[1])
		message.msg_controllen = 0;
	if (recvmsg(FIRST_BOX + 2 * (int)a[0] + 1, &message, MSG_DONTWAIT | (a[2] ? MSG_CMSG_CLOEXEC : 0)) < 0) {
		answer(reply, -1);
		return;
	}
	if (!a[1] && message.msg_controllen > 0)
		memcpy(&fd, CMSG_DATA(&control.header), sizeof(fd));
	errno = EBADF;
	answer(reply, a[1] ? 0 : fd);
}

/* What is open as `fd`, told by every means: number, device, node, O_NONBLOCK, FD_CLOEXEC, whose queue, poll. */
static void tell(struct reply *reply, int fd)
{
	struct v4l2_capability capability = { .bus_info = "" };
	struct v4l2_buffer buffer = mmap_buffer(NO_BUFFER);
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN | POLLOUT | POLLPRI };
	struct stat stat = { .st_mode = 0 };
	int error = ioctl(fd, VIDIOC_QUERYCAP, &capability) < 0 ? errno : 0;
	int flags = fcntl(fd, F_GETFL);
	int owned = ioctl(fd, VIDIOC_QBUF, &buffer) < 0 ? errno : 0;
	char *number = strrchr((char *)capability.bus_info, '-');

	poll(&poll_fd, 1, 0);
	fstat(fd, &stat);
	say(reply, " %ld", fd);
	say(reply, ":%ld", error != 0 || number == NULL ? -error : atol(number + 1));
	say(reply, ":%ld", S_ISCHR(stat.st_mode) ? (long)(stat.st_rdev & 0xff) : -1);
	say(reply, ":%ld", flags & O_NONBLOCK ? 1 : 0);
	say(reply, ":%ld", fcntl(fd, F_GETFD) & FD_CLOEXEC ? 1 : 0);
	say(reply, ":%ld", owned);
	say(reply, ":%ld", poll_fd.revents);
}

static int is_own(int fd)
{
	return fd == 1 || fd == 2 || (fd >= FIRST_BOX && fd < AFTER_OWN);
}

static void do_table(const long *a, struct reply *reply)
{
	struct pollfd fds[1024];

	(void)a;
	for (int fd = 0; fd < 1024; fd++)
		fds[fd] = (struct pollfd){ .fd = is_own(fd) ? -1 : fd };
	poll(fds, 1024, 0);
	answer(reply, 0);
	for (int fd = 0; fd < 1024; fd++)
		if (!is_own(fd) && (fds[fd].revents & POLLNVAL) == 0)
			tell(reply, fd);
}

/* Whether a device is free, as one finds who opens it. */
/* One ioctl of a new open file. */
static void ask_new_file(long device, unsigned long request, void *argument, struct reply *reply)
{
	char path[32];
	int fd, result;

	device_path(path, sizeof(path), device);
	fd = open(path, O_RDWR | O_CLOEXEC);
	result = ioctl(fd, request, argument);
	answer(reply, result);
	close(fd);
}

static void do_probe(const long *a, struct reply *reply)
{
	struct v4l2_requestbuffers request = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP, .count = 1 };

	ask_new_file(a[0], VIDIOC_REQBUFS, &request, reply);
}

/* Whether somebody owns the queue, without taking it. */
static void do_ask_owner(const long *a, struct reply *reply)
{
	struct v4l2_buffer none = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP, .index = VIDEO_MAX_FRAME };

	ask_new_file(a[0], VIDIOC_QBUF, &none, reply);
}

static void do_kill(const long *a, struct reply *reply)
{
	answer(reply, a[1] == 0 ? kill((pid_t)a[0], (int)a[2]) : syscall(SYS_tgkill, a[0], a[1], (int)a[2]));
}

static void do_signals(const long *a, struct reply *reply)
{
	(void)a;
	answer(reply, signals);
}

static const struct {
	const char *name;
	void (*carry_out)(const long *arguments, struct reply *reply);
} commands[] = {
	{ "open", do_open },           { "dup", do_dup },         { "dupfd", do_dupfd },         { "dup2", do_dup2 },
	{ "dup3", do_dup3 },           { "close", do_close },     { "setfd", do_setfd },         { "close_range", do_close_range },
	{ "setfl", do_setfl },         { "fionbio", do_fionbio }, { "fork", do_fork },           { "exec", do_exec },
	{ "share", do_share },         { "divorce", do_divorce },
	{ "spawn", do_spawn },         { "exit", do_exit },       { "leave", do_leave },         { "send", do_send },
	{ "receive", do_receive },     { "reqbufs", do_reqbufs }, { "stream", do_stream },       { "qbuf", do_qbuf },
	{ "dqbuf", do_dqbuf },         { "format", do_format },   { "map", do_map },           { "use", do_use },
	{ "unmap", do_unmap },         { "poke", do_poke },       { "peek", do_peek },           { "poll", do_poll },
	{ "select", do_select },       { "epoll", do_epoll_new }, { "epoll_ctl", do_epoll_ctl }, { "epoll_wait", do_epoll_wait },
	{ "table", do_table },         { "probe", do_probe },     { "kill", do_kill },           { "signals", do_signals },
	{ "get", do_get },             { "set", do_set },         { "set_many", do_set_many },   { "dqevent", do_dqevent },
	{ "subscribe", do_subscribe }, { "unsubscribe", do_unsubscribe }, { "ask_owner", do_ask_owner },
};

static void carry_out(char *line, struct reply *reply)
{
	long arguments[8] = { 0 };
	char *rest, *word = strtok_r(line, " ", &rest);

	for (int i = 0; i < 8; i++) {
		char *argument = strtok_r(NULL, " ", &rest);

		if (argument == NULL)
			break;
		arguments[i] = atol(argument);
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(word, commands[i].name) == 0)
			commands[i].carry_out(arguments, reply);
}

static void connect_thread(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	char text[64];
	int length;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", socket_path);
	connection = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_CONNECTION);
	close(fd);
	if (connect(connection, (struct sockaddr *)&address, sizeof(address)) < 0)
		_exit(4);
	length = snprintf(text, sizeof(text), "%ld %d %ld\n", token, getpid(), syscall(SYS_gettid));
	if (send(connection, text, (size_t)length, MSG_NOSIGNAL) != length)
		_exit(5);
}

static void obey(void)
{
	struct reply reply = { .length = 0 };
	char line[256];
	size_t length = 0;

	for (;;) {
		ssize_t count = recv(connection, line + length, sizeof(line) - length, 0);

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			_exit(0);
		length += (size_t)count;
		if (line[length - 1] != '\n')
			continue;
		line[length - 1] = 0;
		length = 0;
		carry_out(line, &reply);
		if (reply.length > 0)
			write_reply(&reply);
	}
}

static void *obey_as_thread(void *argument)
{
	connect_thread();
	obey();
	return argument;
}

static void start_threads(void)
{
	for (int i = 1; i < THREADS; i++) {
		pthread_t thread;

		pthread_create(&thread, NULL, obey_as_thread, NULL);
	}
}

static void count_signal(int signal)
{
	(void)signal;
	signals++;
}

/* The first one of all makes the mailboxes; others have inherited them. */
static void make_boxes(void)
{
	for (int box = 0; box < BOXES; box++) {
		int sockets[2];

		if (fcntl(FIRST_BOX + 2 * box, F_GETFD) >= 0)
			continue;
		socketpair(AF_UNIX, SOCK_DGRAM, 0, sockets);
		for (int side = 0; side < 2; side++) {
			dup2(sockets[side], FIRST_BOX + 2 * box + side);
			close(sockets[side]);
		}
	}
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = count_signal };
	int is_first;

	if (argc != 3)
		return 2;
	self = argv[0];
	socket_path = argv[1];
	token = atol(argv[2]);
	is_first = fcntl(FIRST_BOX, F_GETFD) < 0;
	if (is_first)
		close(0);
	make_boxes();
	signal(SIGCHLD, SIG_IGN);
	sigaction(SIGUSR1, &action, NULL);
	action.sa_flags = SA_RESTART;
	sigaction(SIGUSR2, &action, NULL);
	connect_thread();
	start_threads();
	obey();
}
