/*
 * Locks on a node: locks MODE [device [other]]
 *
 * files      flock() between two open files
 * ranges     fcntl() between processes, and between open files
 * streams    fcntl() under the number of a standard stream
 * circles    of two who wait for each other one hears EDEADLK
 * waiting    who waits for a lock gets it when its owner lets go, closes or dies, and hears of signals
 *
 * Exits with 0 if all answers were right.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>

#include "check.h"

#define ERROR_OF(call) ((call) < 0 ? errno : 0)

static const char *device = "/dev/video0";
static const char *another = "/dev/video1";

static void files(void)
{
	int a = open_device(device, 0), b = open_device(device, 0), copy = dup(a), other = open(another, O_RDWR);

	check_errno("exclusive", ERROR_OF(flock(a, LOCK_EX | LOCK_NB)), 0);
	check_errno("another open file", ERROR_OF(flock(b, LOCK_SH | LOCK_NB)), EWOULDBLOCK);
	check_errno("the same open file", ERROR_OF(flock(copy, LOCK_EX | LOCK_NB)), 0);
	check_errno("another device", ERROR_OF(flock(other, LOCK_EX | LOCK_NB)), 0);
	check_errno("shared", ERROR_OF(flock(a, LOCK_SH)), 0);
	check_errno("both share", ERROR_OF(flock(b, LOCK_SH)), 0);
	check_errno("not exclusive now", ERROR_OF(flock(b, LOCK_EX | LOCK_NB)), EWOULDBLOCK);
	check_errno("the shared one is lost by that", ERROR_OF(flock(a, LOCK_EX | LOCK_NB)), 0);
	check_errno("unlocked", ERROR_OF(flock(copy, LOCK_UN)), 0);
	check_errno("exclusive for the other", ERROR_OF(flock(b, LOCK_EX | LOCK_NB)), 0);
	close(b);
	check_errno("closed", ERROR_OF(flock(a, LOCK_EX | LOCK_NB)), 0);
	check_errno("no such operation", ERROR_OF(flock(a, LOCK_EX | LOCK_SH)), EINVAL);
	check_errno("nothing", ERROR_OF(flock(a, 0)), EINVAL);
	dup2(a, 9);
	close(a);
	close(copy);
	b = open_device(device, 0);
	check_errno("kept under a low number", ERROR_OF(flock(b, LOCK_EX | LOCK_NB)), EWOULDBLOCK);
	check_errno("unlocked there", ERROR_OF(flock(9, LOCK_UN)), 0);
	check_errno("free", ERROR_OF(flock(b, LOCK_EX | LOCK_NB)), 0);
}

static int lock_range(int fd, int cmd, short type, off_t start, off_t length)
{
	struct flock lock = { .l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length };

	return ERROR_OF(fcntl(fd, cmd, &lock));
}

/* What a child hears that opens the node by itself. */
static int in_child(int (*action)(int fd))
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(action(open_device(device, 0)));
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

static int try_first(int fd)
{
	return lock_range(fd, F_SETLK, F_WRLCK, 0, 10);
}

static int try_middle(int fd)
{
	return lock_range(fd, F_SETLK, F_WRLCK, 4, 2);
}

static int read_middle(int fd)
{
	return lock_range(fd, F_SETLK, F_RDLCK, 4, 2);
}

static int try_lockf(int fd)
{
	return ERROR_OF(lockf(fd, F_TLOCK, 0));
}

static int ask(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 0 };

	check_errno("F_GETLK", ERROR_OF(fcntl(fd, F_GETLK, &lock)), 0);
	check("what is locked", lock.l_type == F_RDLCK && lock.l_start == 6 && lock.l_len == 4);
	check("by whom", lock.l_pid == getppid());
	return wrong_answers == 0 ? 0 : 1;
}

static void ranges(void)
{
	int fd = open_device(device, 0), again = open_device(device, 0), reader = open(device, O_RDONLY);

	check_errno("ten bytes", lock_range(fd, F_SETLK, F_WRLCK, 0, 10), 0);
	check_errno("by the same process", lock_range(again, F_SETLK, F_WRLCK, 0, 10), 0);
	check_errno("by another", in_child(try_first), EAGAIN);
	check_errno("a hole", lock_range(fd, F_SETLK, F_UNLCK, 4, 2), 0);
	check_errno("in the hole", in_child(try_middle), 0);
	check_errno("beside it", in_child(try_first), EAGAIN);
	check_errno("for reading", lock_range(fd, F_SETLK, F_RDLCK, 4, 2), 0);
	check_errno("reading is shared", in_child(read_middle), 0);
	check_errno("writing is not", in_child(try_middle), EAGAIN);
	check_errno("the first six", lock_range(fd, F_SETLK, F_UNLCK, 0, 6), 0);
	check_errno("the rest for reading", lock_range(fd, F_SETLK, F_RDLCK, 6, 4), 0);
	check_errno("asked", in_child(ask), 0);
	check_errno("by an open file", lock_range(again, F_OFD_SETLK, F_WRLCK, 6, 1), EAGAIN);
	check_errno("lockf", in_child(try_lockf), EAGAIN);
	check_errno("to write what is only read", lock_range(reader, F_SETLK, F_WRLCK, 100, 1), EBADF);
	check_errno("no such lock", lock_range(fd, F_SETLK, 7, 0, 1), EINVAL);
	check_errno("before the start", lock_range(fd, F_SETLK, F_WRLCK, -1, 1), EINVAL);
	check_errno("nowhere", ERROR_OF(fcntl(fd, F_SETLK, 16)), EFAULT);
	close(again);
	check_errno("any close gives all up", in_child(try_first), 0);
	check_errno("an open file", lock_range(fd, F_OFD_SETLK, F_WRLCK, 0, 0), 0);
	close(reader);
	check_errno("and that one is kept", in_child(try_first), EAGAIN);
}

static void streams(void)
{
	int fd = open_device(device, 0);

	dup2(fd, 0);
	check_errno("as standard input", lock_range(0, F_SETLK, F_WRLCK, 0, 10), 0);
	check_errno("by another", in_child(try_first), EAGAIN);
	check_errno("unlocked", lock_range(0, F_SETLK, F_UNLCK, 0, 0), 0);
	check_errno("free", in_child(try_first), 0);
}

/* Locks a byte of its own, and when both have done so it waits for the other's; gives all up if that cannot end. */
static int reach(int mine, int first, int theirs, int second, int from, int to)
{
	char byte = 'x';
	int error = lock_range(mine, F_SETLK, F_WRLCK, first, 1);

	if (error != 0 || write(to, &byte, 1) != 1 || read(from, &byte, 1) != 1)
		return 255;
	error = lock_range(theirs, F_SETLKW, F_WRLCK, second, 1);
	lock_range(mine, F_SETLK, F_UNLCK, 0, 0);
	lock_range(theirs, F_SETLK, F_UNLCK, 0, 0);
	return error;
}

static void circle(const char *one, const char *two)
{
	int to[2], from[2], status, error;
	pid_t pid;

	if (pipe(to) < 0 || pipe(from) < 0)
		die("pipe");
	pid = fork();
	if (pid == 0) {
		int a = open_device(one, 0), b = open_device(two, 0);

		_exit(reach(b, 1, a, 0, to[0], from[1]));
	}
	error = reach(open_device(one, 0), 0, open_device(two, 0), 1, from[0], to[1]);
	waitpid(pid, &status, 0);
	check("one of both hears it", (error == EDEADLK && WEXITSTATUS(status) == 0) ||
					      (error == 0 && WEXITSTATUS(status) == EDEADLK));
}

static void circles(void)
{
	circle(device, device);
	circle(device, another);
}

static void on_alarm(int number)
{
	(void)number;
}

/* A child that locks, says so, and waits for a byte. */
static pid_t locker(int *ready, int *go, int by_range)
{
	int to[2], from[2];
	char byte = 'x';
	pid_t pid;

	if (pipe(to) < 0 || pipe(from) < 0)
		die("pipe");
	pid = fork();
	if (pid == 0) {
		int fd = open_device(device, 0);

		if ((by_range ? lock_range(fd, F_SETLK, F_WRLCK, 0, 0) : flock(fd, LOCK_EX)) != 0)
			_exit(1);
		close(to[1]);
		if (write(from[1], &byte, 1) != 1 || read(to[0], &byte, 1) < 0)
			_exit(1);
		_exit(0);
	}
	close(to[0]);
	*ready = from[0];
	*go = to[1];
	return pid;
}

static void waiting(void)
{
	struct sigaction action = { .sa_handler = on_alarm };
	int fd = open_device(device, 0), ready, go;
	char byte;

	sigaction(SIGALRM, &action, NULL);
	for (int by_range = 0; by_range < 2; by_range++) {
		pid_t pid = locker(&ready, &go, by_range);

		check("the child has it", read(ready, &byte, 1) == 1);
		alarm(1);
		check_errno("a signal", by_range ? lock_range(fd, F_SETLKW, F_WRLCK, 0, 0) : ERROR_OF(flock(fd, LOCK_EX)),
			    EINTR);
		close(go);
		check_errno("when it is dead",
			    by_range ? lock_range(fd, F_SETLKW, F_WRLCK, 0, 0) : ERROR_OF(flock(fd, LOCK_EX)), 0);
		check("it is", waitpid(pid, NULL, 0) == pid);
		flock(fd, LOCK_UN);
		lock_range(fd, F_SETLK, F_UNLCK, 0, 0);
	}
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";

	device = argc > 2 ? argv[2] : device;
	another = argc > 3 ? argv[3] : another;
	if (strcmp(mode, "files") == 0)
		files();
	else if (strcmp(mode, "ranges") == 0)
		ranges();
	else if (strcmp(mode, "streams") == 0)
		streams();
	else if (strcmp(mode, "circles") == 0)
		circles();
	else if (strcmp(mode, "waiting") == 0)
		waiting();
	else
		return 2;
	return end_of_checks();
}
