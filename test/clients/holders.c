/*
 * Who has a camera open, and who sleeps in a call: holders MODE [device [device]]
 *
 * exec-main     the first thread executes another program while one sleeps in DQBUF: the camera is free
 * exec-thread   another thread does so while the first one sleeps
 * signal-two    a signal for the process while two threads sleep: no call ends with an errno that nobody knows
 * signal-leaderless  the same when one sleeps in DQBUF, one for other reasons, and the first thread has ended
 * stop          a process of two threads, one asleep, stops and goes on
 * trace         somebody traces a thread that sleeps
 * churn         the only descriptor has a low number, and processes come and go
 * many-files    open files by the hundred while other threads open cameras: none loses its number
 * close-race    open, S_FMT, REQBUFS, close, a thousand times
 * close-used    the same, and dup2() over it, while other threads use the number: the camera is free afterwards
 * end-asleep    threads that die asleep, one after the other
 * in-flight     a camera is closed while a descriptor of another one is on its way to nobody
 * exhaust       more processes open the camera than usercam has descriptors for: each gets it, or hears ENFILE
 *
 * The last line is JSON; exits with 0 if all answers were right. The cameras must not give frames by themselves: nobody
 * queues a buffer.
 */
#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "check.h"
#include "pass-fd.h"

static const char *device = "/dev/video0";
static const char *other_device = "/dev/video1";
static char *self;

static int dqbuf_errno(int fd)
{
	struct v4l2_buffer buffer = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP };

	return ioctl(fd, VIDIOC_DQBUF, &buffer) < 0 ? errno : 0;
}

/* A stream that waits for buffers. */
static int open_idle(const char *path, int flags)
{
	enum v4l2_buf_type type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	unsigned int count = 2;
	int fd = open_device(path, flags);

	if (reqbufs_as(fd, V4L2_MEMORY_MMAP, &count) != 0 || ioctl(fd, VIDIOC_STREAMON, &type) < 0)
		die("STREAMON");
	return fd;
}

struct sleeper {
	pthread_t thread;
	int fd;
	volatile pid_t tid;
	volatile int error;
	volatile int done;
};

static void *sleep_in_dqbuf(void *argument)
{
	struct sleeper *sleeper = argument;

	sleeper->tid = (pid_t)syscall(SYS_gettid);
	sleeper->error = dqbuf_errno(sleeper->fd);
	sleeper->done = 1;
	return NULL;
}

/* Waits until the kernel shows thread `tid` in an ioctl(). */
static void await_ioctl(pid_t tid)
{
	char path[64], text[256] = "";
	char wanted[16];

	snprintf(path, sizeof(path), "/proc/%d/syscall", tid);
	snprintf(wanted, sizeof(wanted), "%d ", SYS_ioctl);
	for (int i = 0; i < 5000 && strncmp(text, wanted, strlen(wanted)) != 0; i++) {
		FILE *file = fopen(path, "r");

		if (file == NULL || fgets(text, sizeof(text), file) == NULL)
			text[0] = 0;
		if (file != NULL)
			fclose(file);
		usleep(1000);
	}
}

static void start_sleeper(struct sleeper *sleeper, int fd)
{
	*sleeper = (struct sleeper){ .fd = fd };
	pthread_create(&sleeper->thread, NULL, sleep_in_dqbuf, sleeper);
	while (sleeper->tid == 0)
		sched_yield();
	await_ioctl(sleeper->tid);
}

static void expect_free(void)
{
	unsigned int count = 1;
	int fd = open_device(device, 0);

	check_errno("the camera is free", reqbufs_as(fd, V4L2_MEMORY_MMAP, &count), 0);
	close(fd);
}

static void execute_self(const char *mode)
{
	execl(self, self, mode, device, NULL);
	die("execl");
}

static void exec_main(void)
{
	struct sleeper sleeper;

	start_sleeper(&sleeper, open_idle(device, O_CLOEXEC));
	execute_self("expect-free");
}

static void *execute_from_thread(void *argument)
{
	await_ioctl((pid_t)(intptr_t)argument);
	execute_self("expect-free");
	return NULL;
}

static void exec_thread(void)
{
	int fd = open_idle(device, O_CLOEXEC);
	pthread_t thread;

	pthread_create(&thread, NULL, execute_from_thread, (void *)(intptr_t)getpid());
	dqbuf_errno(fd);
	check("nobody gets here", 0);
}

static volatile int signals;

static void count_signal(int signal)
{
	(void)signal;
	signals++;
}

static void handle(int signal, int flags)
{
	struct sigaction action = { .sa_handler = count_signal, .sa_flags = flags };

	sigaction(signal, &action, NULL);
}

/* The first thread sleeps too; a child sends the signal. */
static void signal_two(void)
{
	for (int round = 0; round < 8; round++) {
		int restart = round % 2;
		int fd = open_idle(device, 0), other = open_idle(other_device, 0);
		struct sleeper sleeper;
		pid_t child, parent = getpid();
		int error;

		handle(SIGUSR1, restart ? SA_RESTART : 0);
		signals = 0;
		start_sleeper(&sleeper, other);
		child = fork();
		if (child == 0) {
			enum v4l2_buf_type type = V4L2_BUF_TYPE_VIDEO_CAPTURE;

			await_ioctl(parent);
			usleep(20000);
			kill(parent, SIGUSR1);
			usleep(100000);
			ioctl(fd, VIDIOC_STREAMOFF, &type);
			ioctl(other, VIDIOC_STREAMOFF, &type);
			_exit(0);
		}
		error = dqbuf_errno(fd);
		waitpid(child, NULL, 0);
		pthread_join(sleeper.thread, NULL);
		check("the signal came", signals == 1);
		check_errno("the first thread", error, restart ? EINVAL : EINTR);
		check_errno("the other thread", sleeper.error, EINVAL);
		close(fd);
		close(other);
	}
}

static int told[2];

static void tell(char what)
{
	if (write(told[1], &what, 1) != 1)
		_exit(1);
}

static void tell_signal(int signal)
{
	(void)signal;
	tell('s');
}

static void *tell_dqbuf(void *argument)
{
	tell(dqbuf_errno((int)(intptr_t)argument) == EINTR ? 'i' : '?');
	return NULL;
}

static void *sleep_for_ever(void *argument)
{
	for (;;)
		pause();
	return argument;
}

/* A process whose first thread has ended; another one sleeps in DQBUF, and a third for other reasons. */
static void leaderless(int flags)
{
	struct sigaction action = { .sa_handler = tell_signal, .sa_flags = flags };
	int fd = open_idle(device, 0);
	pthread_t thread;

	sigaction(SIGUSR1, &action, NULL);
	pthread_create(&thread, NULL, tell_dqbuf, (void *)(intptr_t)fd);
	pthread_create(&thread, NULL, sleep_for_ever, NULL);
	for (;;)
		syscall(SYS_exit, 0);
}

/* Waits until a thread of `pid` but the first is in an ioctl(). */
static void await_sleeper(pid_t pid)
{
	char path[64];
	DIR *tasks;
	struct dirent *entry;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	tasks = opendir(path);
	if (tasks == NULL)
		die("opendir");
	while ((entry = readdir(tasks)) != NULL && atoi(entry->d_name) <= pid)
		;
	if (entry != NULL)
		await_ioctl(atoi(entry->d_name));
	closedir(tasks);
}

static int state_of(pid_t pid)
{
	char path[64], state = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "r");
	if (file == NULL || fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
		die("stat");
	fclose(file);
	return state;
}

static void signal_leaderless(void)
{
	for (int round = 0; round < 4; round++) {
		int restart = round % 2;
		char what = 0, then = 0;
		pid_t child;

		if (pipe(told) < 0)
			die("pipe");
		child = fork();
		if (child == 0)
			leaderless(restart ? SA_RESTART : 0);
		alarm(20);
		while (state_of(child) != 'Z')
			usleep(1000);
		await_sleeper(child);
		kill(child, SIGUSR1);
		check("the signal is handled", read(told[0], &what, 1) == 1 && what == 's');
		if (restart)
			kill(child, SIGUSR1);
		check("and DQBUF goes on or not", read(told[0], &then, 1) == 1 && then == (restart ? 's' : 'i'));
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		alarm(0);
		close(told[0]);
		close(told[1]);
		expect_free();
	}
}

/* The child has the camera and two threads; we stop it as a shell does. */
static void stop(void)
{
	int ready[2];
	int status;
	pid_t child;
	char byte;

	if (pipe(ready) < 0)
		die("pipe");
	child = fork();
	if (child == 0) {
		struct sleeper sleeper;

		start_sleeper(&sleeper, open_idle(device, 0));
		if (write(ready[1], "r", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	if (read(ready[0], &byte, 1) != 1)
		die("read");
	for (int round = 0; round < 5; round++) {
		kill(child, SIGSTOP);
		alarm(5);
		check("it stops", waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status));
		kill(child, SIGCONT);
		check("it goes on", waitpid(child, &status, WCONTINUED) == child && WIFCONTINUED(status));
	}
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	alarm(0);
	expect_free();
}

static void trace(void)
{
	int ready[2];
	int status;
	pid_t child;
	char byte;

	if (pipe(ready) < 0)
		die("pipe");
	child = fork();
	if (child == 0) {
		int fd = open_idle(device, 0);

		if (write(ready[1], "r", 1) != 1)
			_exit(1);
		dqbuf_errno(fd);
		_exit(1);
	}
	if (read(ready[0], &byte, 1) != 1)
		die("read");
	usleep(20000);
	alarm(10);
	for (int round = 0; round < 3; round++) {
		check("it can be traced", ptrace(PTRACE_SEIZE, child, 0, 0) == 0);
		check("and interrupted", ptrace(PTRACE_INTERRUPT, child, 0, 0) == 0);
		check("it stops", waitpid(child, &status, 0) == child && WIFSTOPPED(status));
		check("it is let go", ptrace(PTRACE_DETACH, child, 0, 0) == 0);
		usleep(50000);
	}
	check("it still sleeps", waitpid(child, &status, WNOHANG) == 0);
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	alarm(0);
	expect_free();
}

/* Processes come and go for `seconds`; each has the descriptor for a moment, or not. */
static void fork_much(int rounds)
{
	for (int i = 0; i < rounds; i++) {
		pid_t child = fork();

		if (child == 0) {
			pid_t grandchild = fork();

			if (grandchild == 0)
				_exit(0);
			_exit(0);
		}
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		if (child > 0)
			waitpid(child, NULL, 0);
	}
}

static void churn(void)
{
	pid_t forkers[3];

	for (int i = 0; i < 3; i++) {
		forkers[i] = fork();
		if (forkers[i] == 0) {
			fork_much(1500);
			_exit(0);
		}
	}
	for (int round = 0; round < 40; round++) {
		struct v4l2_capability capability;
		pid_t keeper;
		int ready[2], status = 1;
		char byte;

		if (pipe(ready) < 0)
			die("pipe");
		keeper = fork();
		if (keeper == 0) {
			int fd = open_device(device, 0);

			dup2(fd, 9);
			close(fd);
			if (write(ready[1], "r", 1) != 1)
				_exit(2);
			usleep(30000);
			_exit(ioctl(9, VIDIOC_QUERYCAP, &capability) == 0 ? 0 : 1);
		}
		if (read(ready[0], &byte, 1) != 1)
			die("read");
		/* Others open and close meanwhile. */
		for (int i = 0; i < 5; i++)
			close(open_device(device, 0));
		waitpid(keeper, &status, 0);
		check("the only descriptor is still a camera", status == 0);
		close(ready[0]);
		close(ready[1]);
	}
	for (int i = 0; i < 3; i++)
		waitpid(forkers[i], NULL, 0);
	expect_free();
}

struct opener {
	pthread_t thread;
	int fds[200];
	unsigned int lost;
};

static dev_t null_device;

static void *open_files(void *argument)
{
	struct opener *opener = argument;

	for (int round = 0; round < 40; round++) {
		for (int i = 0; i < 200; i++)
			opener->fds[i] = open("/dev/null", O_RDONLY);
		for (int i = 0; i < 200; i++) {
			struct stat stat;

			if (opener->fds[i] < 0)
				continue;
			if (fstat(opener->fds[i], &stat) < 0 || stat.st_rdev != null_device)
				opener->lost++;
			close(opener->fds[i]);
		}
	}
	return NULL;
}

static void many_files(void)
{
	struct rlimit limit;
	struct stat stat_null;
	struct opener openers[4];
	unsigned int lost = 0, cameras = 0;

	stat("/dev/null", &stat_null);
	null_device = stat_null.st_rdev;
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max < 4096 ? limit.rlim_max : 4096;
	setrlimit(RLIMIT_NOFILE, &limit);
	for (int i = 0; i < 500; i++)
		check("a file", open("/dev/null", O_RDONLY) >= 0);
	for (int i = 0; i < 4; i++) {
		openers[i].lost = 0;
		pthread_create(&openers[i].thread, NULL, open_files, &openers[i]);
	}
	for (int i = 0; i < 300; i++) {
		struct v4l2_capability capability;
		int fd = open(device, O_RDWR);

		if (fd >= 0 && ioctl(fd, VIDIOC_QUERYCAP, &capability) == 0)
			cameras++;
		close(fd);
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(openers[i].thread, NULL);
		lost += openers[i].lost;
	}
	check("no file loses its number", lost == 0);
	check("all cameras are there", cameras == 300);
}

static void close_race(void)
{
	for (int round = 0; round < 1000; round++) {
		struct v4l2_pix_format pix;
		unsigned int count = 2;
		int fd = open_device(device, 0);

		check("a descriptor", fd > 2);
		check_errno("S_FMT", set_format(fd, 640, 480, &pix), 0);
		check_errno("REQBUFS", reqbufs_as(fd, V4L2_MEMORY_MMAP, &count), 0);
		close(fd);
	}
}

static volatile int used_fd = -1;

/* Asks for the format of whatever has the number, again and again. */
static void *use(void *argument)
{
	struct v4l2_format format = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };

	while (used_fd != -2)
		if (used_fd >= 0)
			ioctl(used_fd, VIDIOC_G_FMT, &format);
	return argument;
}

static int is_same(int fd, int other)
{
	struct v4l2_capability one = { .bus_info = "" }, two = { .bus_info = "" };

	return ioctl(fd, VIDIOC_QUERYCAP, &one) == 0 && ioctl(other, VIDIOC_QUERYCAP, &two) == 0 &&
	       strcmp((char *)one.bus_info, (char *)two.bus_info) == 0;
}

static void close_used(void)
{
	unsigned int count = 1, foreign = 0;
	pthread_t threads[2];

	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, use, NULL);
	for (int round = 0; round < 300; round++) {
		int fd = open_device(device, 0), other = open_device(other_device, 0);

		reqbufs_as(fd, V4L2_MEMORY_MMAP, &count);
		used_fd = fd;
		usleep(round % 8 * 50);
		if (round % 2 == 0) {
			if (dup2(other, fd) != fd)
				die("dup2");
			foreign += !is_same(fd, other);
		}
		close(fd);
		close(other);
	}
	used_fd = -2;
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	check("the number means what dup2() made it", foreign == 0);
	expect_free();
}

static void end_asleep(void)
{
	for (int round = 0; round < 20; round++) {
		int fd = open_idle(device, 0);
		struct sleeper sleeper;
		pid_t child = fork();

		if (child == 0) {
			start_sleeper(&sleeper, fd);
			_exit(0);
		}
		waitpid(child, NULL, 0);
		close(fd);
		expect_free();
	}
}

/* The memory of a camera was in the place of its descriptor for a moment, and is gone. */
static void map_and_close(void)
{
	struct stream stream = { .fd = open_idle(device, 0), .count = 2 };

	map_buffers(&stream);
	unmap_buffers(&stream);
	close(stream.fd);
}

static void in_flight(void)
{
	int sockets[2], other = open_device(other_device, 0);

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) < 0)
		die("socketpair");
	send_fd(sockets[0], other);
	close(other);
	for (int round = 0; round < 3; round++) {
		expect_free();
		map_and_close();
	}
	expect_free();
	other = receive_fd(sockets[1]);
	check_errno("what was sent is open", dqbuf_errno(other), EINVAL);
	close(other);
}

/* A process that has the camera for as long as `hold` is open; its exit code is what open() said. */
static pid_t start_holder(const int *hold, const int *ready)
{
	pid_t child = fork();

	if (child == 0) {
		int fd = open(device, O_RDWR);
		int error = fd < 0 ? errno : 0;
		char byte;

		close(hold[1]);
		if (write(ready[1], "r", 1) != 1 || read(hold[0], &byte, 1) != 0)
			_exit(255);
		_exit(error);
	}
	return child;
}

static void exhaust(void)
{
	for (int round = 0; round < 3; round++) {
		int hold[2], ready[2], got = 0;
		pid_t children[60];
		char byte;

		if (pipe(hold) < 0 || pipe(ready) < 0)
			die("pipe");
		for (int i = 0; i < 60; i++)
			children[i] = start_holder(hold, ready);
		for (int i = 0; i < 60; i++)
			check("an answer", read(ready[0], &byte, 1) == 1);
		close(hold[0]);
		close(hold[1]);
		for (int i = 0; i < 60; i++) {
			int status = 1;

			waitpid(children[i], &status, 0);
			got += status == 0;
			check("it is open, or there is no room", WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == ENFILE);
		}
		check("some got it", got > 0);
		check("not all did", got < 60);
		close(ready[0]);
		close(ready[1]);
		expect_free();
	}
}

static const struct {
	const char *name;
	void (*run)(void);
} modes[] = {
	{ "expect-free", expect_free }, { "exec-main", exec_main },   { "exec-thread", exec_thread },
	{ "signal-two", signal_two },   { "signal-leaderless", signal_leaderless },
	{ "stop", stop },             { "trace", trace },
	{ "churn", churn },             { "many-files", many_files }, { "close-race", close_race },
	{ "close-used", close_used },
	{ "end-asleep", end_asleep },   { "in-flight", in_flight },   { "exhaust", exhaust },
};

int main(int argc, char **argv)
{
	self = argv[0];
	if (argc > 2)
		device = argv[2];
	if (argc > 3)
		other_device = argv[3];
	for (size_t i = 0; argc > 1 && i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcmp(argv[1], modes[i].name) == 0) {
			modes[i].run();
			return end_of_checks();
		}
	fprintf(stderr, "usage: holders MODE [device [device]]\n");
	return 2;
}
