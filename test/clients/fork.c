/*
 * Who holds an open device: fork MODE [device]
 *
 * fork          a child goes on with the stream after its parent, the opener, has closed
 * dup           a duplicate goes on with the stream after the original is closed
 * exec-keep     a descriptor without close-on-exec is still streaming after execve
 * exec-cloexec  a descriptor with close-on-exec is gone after execve, and the queue is free again
 * last-close    the queue is busy for others until the last holder (opener, duplicate, child) is gone
 *
 * Each mode prints one line of JSON and exits with 0 if it went as in the kernel.
 */
#include <sys/wait.h>

#include "client.h"

#define FRAMES 20

static int report(const char *mode, const struct pace *pace)
{
	printf("{\"mode\":\"%s\",\"frames\":%u,\"gaps\":%u,\"monotonic\":%s}\n", mode, pace->frames,
	       pace->gaps, json_bool(pace->monotonic));
	fflush(stdout);
	return pace->frames == FRAMES && pace->gaps == 0 && pace->monotonic ? 0 : 1;
}

static int exit_status_of(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			die("waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static int mode_fork(const char *device)
{
	struct stream stream = { .fd = open_device(device, 0) };
	pid_t child;

	start_stream(&stream, 4);
	take_frames(stream.fd, 2);
	child = fork();
	if (child < 0)
		die("fork");
	if (child == 0) {
		struct pace pace = take_frames(stream.fd, FRAMES);

		stop_stream(&stream);
		close(stream.fd);
		_exit(report("fork", &pace));
	}
	unmap_buffers(&stream);
	close(stream.fd);
	return exit_status_of(child);
}

static int mode_dup(const char *device)
{
	struct stream stream = { .fd = open_device(device, 0) };
	int original = stream.fd;
	struct pace pace;

	start_stream(&stream, 4);
	take_frames(stream.fd, 2);
	stream.fd = dup(original);
	if (stream.fd < 0)
		die("dup");
	close(original);
	pace = take_frames(stream.fd, FRAMES);
	stop_stream(&stream);
	close(stream.fd);
	return report("dup", &pace);
}

/* Runs this program again, in this process, in the mode that continues. */
static int exec_self(const char *mode, const char *argument, unsigned int count)
{
	char number[16];

	snprintf(number, sizeof(number), "%u", count);
	execl("/proc/self/exe", "fork", mode, argument, number, (char *)NULL);
	die("execl");
	return 1;
}

static int mode_exec_keep(const char *device)
{
	struct stream stream = { .fd = open_device(device, 0) };
	char number[16];

	start_stream(&stream, 4);
	take_frames(stream.fd, 2);
	snprintf(number, sizeof(number), "%d", stream.fd);
	return exec_self("exec-kept", number, stream.count);
}

static int mode_exec_kept(const char *fd, const char *count)
{
	struct stream stream = { .fd = atoi(fd), .count = (unsigned int)atoi(count) };
	struct pace pace;

	map_buffers(&stream);
	pace = take_frames(stream.fd, FRAMES);
	stop_stream(&stream);
	close(stream.fd);
	return report("exec-keep", &pace);
}

static int mode_exec_cloexec(const char *device)
{
	struct stream stream = { .fd = open_device(device, O_CLOEXEC) };

	start_stream(&stream, 4);
	take_frames(stream.fd, 2);
	return exec_self("exec-closed", device, (unsigned int)stream.fd);
}

static int mode_exec_closed(const char *device, const char *old_fd)
{
	int closed = fcntl(atoi(old_fd), F_GETFD) < 0 && errno == EBADF;
	int fd = open_device(device, 0);
	int error = reqbufs(fd, 4) < 0 ? errno : 0;

	close(fd);
	printf("{\"mode\":\"exec-cloexec\",\"closed\":%s,\"reqbufs\":\"%s\"}\n", json_bool(closed),
	       errno_name(error));
	return closed && error == 0 ? 0 : 1;
}

/* What another open file gets when it asks for the buffers. */
static int error_for_others(const char *device)
{
	int fd = open_device(device, 0);
	int error = reqbufs(fd, 1) < 0 ? errno : 0;

	close(fd);
	return error;
}

static int mode_last_close(const char *device)
{
	int fd = open_device(device, 0);
	int opener, duplicate, child, nobody;
	int copy, gate[2];
	char byte;
	pid_t pid;

	if (reqbufs(fd, 2) < 0)
		die("VIDIOC_REQBUFS");
	opener = error_for_others(device);

	copy = dup(fd);
	close(fd);
	duplicate = error_for_others(device);

	/* The child holds its copy until the parent opens the gate. */
	if (pipe(gate) < 0)
		die("pipe");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0) {
		close(gate[1]);
		_exit(read(gate[0], &byte, 1) == 0 ? 0 : 1);
	}
	close(copy);
	child = error_for_others(device);

	close(gate[1]);
	exit_status_of(pid);
	nobody = error_for_others(device);

	printf("{\"mode\":\"last-close\",\"opener\":\"%s\",\"dup\":\"%s\",", errno_name(opener),
	       errno_name(duplicate));
	printf("\"child\":\"%s\",\"nobody\":\"%s\"}\n", errno_name(child), errno_name(nobody));
	return opener == EBUSY && duplicate == EBUSY && child == EBUSY && nobody == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";
	const char *device = argc > 2 ? argv[2] : "/dev/video0";

	if (strcmp(mode, "fork") == 0)
		return mode_fork(device);
	if (strcmp(mode, "dup") == 0)
		return mode_dup(device);
	if (strcmp(mode, "exec-keep") == 0)
		return mode_exec_keep(device);
	if (strcmp(mode, "exec-kept") == 0 && argc > 3)
		return mode_exec_kept(argv[2], argv[3]);
	if (strcmp(mode, "exec-cloexec") == 0)
		return mode_exec_cloexec(device);
	if (strcmp(mode, "exec-closed") == 0 && argc > 3)
		return mode_exec_closed(argv[2], argv[3]);
	if (strcmp(mode, "last-close") == 0)
		return mode_last_close(device);
	fprintf(stderr, "usage: fork fork|dup|exec-keep|exec-cloexec|last-close [device]\n");
	return 2;
}
