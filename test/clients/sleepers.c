/*
 * Threads that sleep in a call: sleepers MODE [device [device]]
 *
 * exec-main          the first thread executes another program while one sleeps in DQBUF: the camera is free
 * exec-thread        another thread does so while the first one sleeps
 * signal-two         a signal for the process while two threads sleep: no call ends with an errno that nobody knows
 * signal-leaderless  the same when one sleeps in DQBUF, one for other reasons, and the first thread has ended
 * stop               a process of two threads, one asleep, stops and goes on
 * trace              somebody traces a thread that sleeps
 * end-asleep         threads that die asleep, one after the other
 * leave-leaderless   it ends, and leaves a process whose first thread has ended
 *
 * The last line is JSON; exits with 0 if all answers were right. The cameras must not give frames by themselves: nobody
 * queues a buffer.
 */
#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "idle.h"

static char *self;

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

#ifdef SYS_pause
enum { PAUSE = SYS_pause };
#else
enum { PAUSE = SYS_ppoll };
#endif

/* Waits until the kernel shows thread `tid` in system call `nr`. */
static void await_call(pid_t tid, int nr)
{
	char path[64], text[256] = "";
	char wanted[16];

	snprintf(path, sizeof(path), "/proc/%d/syscall", tid);
	snprintf(wanted, sizeof(wanted), "%d ", nr);
	for (int i = 0; i < 5000 && strncmp(text, wanted, strlen(wanted)) != 0; i++) {
		FILE *file = fopen(path, "r");

		if (file == NULL || fgets(text, sizeof(text), file) == NULL)
			text[0] = 0;
		if (file != NULL)
			fclose(file);
		usleep(1000);
	}
}

static void await_ioctl(pid_t tid)
{
	await_call(tid, SYS_ioctl);
}

static void start_sleeper(struct sleeper *sleeper, int fd)
{
	*sleeper = (struct sleeper){ .fd = fd };
	pthread_create(&sleeper->thread, NULL, sleep_in_dqbuf, sleeper);
	while (sleeper->tid == 0)
		sched_yield();
	await_ioctl(sleeper->tid);
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

/*
 * Waits until the second thread of `pid` is in an ioctl() and the third in pause(): as long as that one begins, it takes signals
 * that were meant for the other, when it lets them in.
 */
static void await_sleepers(pid_t pid)
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
	if (entry == NULL)
		die("no second thread");
	await_ioctl(atoi(entry->d_name));
	entry = readdir(tasks);
	if (entry == NULL)
		die("no third thread");
	await_call(atoi(entry->d_name), PAUSE);
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
		await_sleepers(child);
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

/* Leaves a process behind whose first thread has ended, and says which. */
static void leave_leaderless(void)
{
	pid_t child = fork();
	pthread_t thread;

	if (child == 0) {
		pthread_create(&thread, NULL, sleep_for_ever, NULL);
		for (;;)
			syscall(SYS_exit, 0);
	}
	while (state_of(child) != 'Z')
		usleep(1000);
	printf("%d\n", child);
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

/* Waits until the first thread of `pid` is asleep in DQBUF: who makes a call later than it is answered later, too. */
static void await_asleep(pid_t pid)
{
	await_ioctl(pid);
	close(open(other_device, O_RDWR));
}

/* The tracer comes as early as a sleep can be told from a call that is about to be answered, or when it has slept for long. */
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
	alarm(10);
	for (int round = 0; round < 20; round++) {
		await_asleep(child);
		if (round % 4 == 3)
			usleep(50000);
		check("it can be traced", ptrace(PTRACE_SEIZE, child, 0, 0) == 0);
		check("and interrupted", ptrace(PTRACE_INTERRUPT, child, 0, 0) == 0);
		check("it stops", waitpid(child, &status, 0) == child && WIFSTOPPED(status));
		check("it is let go", ptrace(PTRACE_DETACH, child, 0, 0) == 0);
	}
	await_asleep(child);
	check("it still sleeps", waitpid(child, &status, WNOHANG) == 0);
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	alarm(0);
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

static const struct mode modes[] = {
	{ "expect-free", expect_free }, { "exec-main", exec_main }, { "exec-thread", exec_thread },
	{ "signal-two", signal_two },   { "stop", stop },           { "trace", trace },
	{ "end-asleep", end_asleep },   { "signal-leaderless", signal_leaderless },
	{ "leave-leaderless", leave_leaderless },
};

int main(int argc, char **argv)
{
	self = argv[0];
	return run_mode(modes, COUNT_OF(modes), argc, argv);
}
