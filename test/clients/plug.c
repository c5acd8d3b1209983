/*
 * Cameras that come and go: plug list | stream | poll | stay [device]
 *
 * list    looks at all names that a camera has, and opens those that are listed
 * stream  streams from any camera but /dev/video0 until it is unplugged, then from the next one
 * poll    the same, and waits with poll()
 * stay    streams from `device`, which must not be unplugged
 *
 * Whoever streams makes an empty file $FRAMES/stream or $FRAMES/poll when it has its first frame, if there is such a directory.
 * Ends at SIGTERM with one line of JSON; exits with 0 if all answers were right.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>

#include "check.h"

/* Whoever waits so long hangs. */
#define PATIENCE_MSEC 60000
#define BUFFERS 3

static volatile sig_atomic_t ended;
static unsigned int opened, frames, gaps, unplugged, listed, gone;

static void end(int signal)
{
	(void)signal;
	ended = 1;
}

/* What is there may go at any time: then it is not found. */
static int found(const char *what, int result)
{
	if (result >= 0)
		return 1;
	gone++;
	check_errno(what, errno, ENOENT);
	return 0;
}

static void look_at(const char *name)
{
	char path[300], text[64];
	struct v4l2_capability capability;
	struct stat status;
	int fd, error;

	snprintf(path, sizeof(path), "/dev/%s", name);
	if (found("stat", stat(path, &status)))
		check("a character device", S_ISCHR(status.st_mode));
	fd = open(path, O_RDWR | O_NONBLOCK);
	if (found("open", fd)) {
		opened++;
		error = try_ioctl(fd, VIDIOC_QUERYCAP, &capability);
		check("QUERYCAP", error == 0 || error == ENODEV);
		unplugged += error == ENODEV;
		close(fd);
	}
	snprintf(path, sizeof(path), "/sys/class/video4linux/%s/name", name);
	fd = open(path, O_RDONLY);
	if (found("the name in sysfs", fd)) {
		check("its text", read(fd, text, sizeof(text)) > 1);
		close(fd);
	}
}

static void list_once(const char *path)
{
	struct dirent *entry;
	DIR *directory = opendir(path);

	if (!check(path, directory != NULL))
		return;
	while ((entry = readdir(directory)) != NULL)
		if (strncmp(entry->d_name, "video", 5) == 0) {
			listed++;
			look_at(entry->d_name);
		}
	closedir(directory);
}

/* Opens the first camera that is listed and is not the one that stays; -1 if there is none. */
static int open_any(int flags)
{
	char path[300] = "";
	struct dirent *entry;
	DIR *directory = opendir("/dev");
	int fd;

	if (!check("/dev", directory != NULL))
		return -1;
	while ((entry = readdir(directory)) != NULL)
		if (strncmp(entry->d_name, "video", 5) == 0 && strcmp(entry->d_name, "video0") != 0)
			snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
	closedir(directory);
	if (path[0] == '\0')
		return -1;
	fd = open(path, O_RDWR | flags);
	return found("open", fd) ? fd : -1;
}

static void tell_first(const char *role)
{
	const char *directory = getenv("FRAMES");
	char path[300];

	if (directory == NULL)
		return;
	snprintf(path, sizeof(path), "%s/%s", directory, role);
	close(open(path, O_CREAT | O_WRONLY, 0600));
}

/* True if a step has been done; a camera that is unplugged on the way, or taken by another one, is no wrong answer. */
static int done(const char *what, int error)
{
	if (error == 0)
		return 1;
	check(what, error == ENODEV || error == EBUSY);
	return 0;
}

static int begin(struct stream *stream)
{
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	int given = reqbufs(stream->fd, BUFFERS);

	if (!done("REQBUFS", given < 0 ? errno : 0))
		return 0;
	for (unsigned int i = 0; i < (unsigned int)given; i++) {
		struct v4l2_buffer buffer = mmap_buffer(i);
		void *start;

		if (!done("QUERYBUF", try_ioctl(stream->fd, VIDIOC_QUERYBUF, &buffer)))
			return 0;
		start = mmap(NULL, buffer.length, PROT_READ | PROT_WRITE, MAP_SHARED, stream->fd, buffer.m.offset);
		if (!done("mmap", start == MAP_FAILED ? errno : 0))
			return 0;
		stream->buffers[stream->count].start = start;
		stream->buffers[stream->count++].length = buffer.length;
		if (!done("QBUF", try_ioctl(stream->fd, VIDIOC_QBUF, &buffer)))
			return 0;
	}
	return done("STREAMON", try_ioctl(stream->fd, VIDIOC_STREAMON, &type));
}

/* False when no frame comes any more. */
static int take_frame(struct stream *stream, int polls)
{
	struct v4l2_buffer buffer = mmap_buffer(0);
	struct pollfd wait = { .fd = stream->fd, .events = POLLIN };
	int error;

	if (polls) {
		if (poll(&wait, 1, PATIENCE_MSEC) < 0)
			return errno == EINTR;
		if (!check("poll", wait.revents != 0))
			return 0;
	}
	error = ioctl(stream->fd, VIDIOC_DQBUF, &buffer) < 0 ? errno : 0;
	if (error == EINTR || (polls && error == EAGAIN))
		return !ended;
	if (error != 0) {
		/* Who sleeps in it when the camera goes hears that the queue streams no longer. */
		check("DQBUF", error == ENODEV || (!polls && error == EINVAL));
		return 0;
	}
	if (frames++ == 0)
		tell_first(polls ? "poll" : "stream");
	*(volatile char *)stream->buffers[buffer.index].start = 1;
	error = try_ioctl(stream->fd, VIDIOC_QBUF, &buffer);
	check("QBUF", error == 0 || error == ENODEV);
	return error == 0;
}

/* What an unplugged camera says, also to those who ask again. */
static void ask_unplugged(struct stream *stream)
{
	struct pollfd wait = { .fd = stream->fd, .events = POLLIN };
	struct v4l2_capability capability;
	struct v4l2_format format = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };
	char byte;

	unplugged++;
	check_errno("QUERYCAP of what is gone", try_ioctl(stream->fd, VIDIOC_QUERYCAP, &capability), ENODEV);
	check_errno("G_FMT of what is gone", try_ioctl(stream->fd, VIDIOC_G_FMT, &format), ENODEV);
	check_errno("read of what is gone", read_errno(stream->fd, &byte, 1), ENODEV);
	check("poll of what is gone", poll(&wait, 1, PATIENCE_MSEC) == 1 && (wait.revents & POLLERR));
}

static void stream_once(int polls)
{
	struct stream stream = { .count = 0 };
	struct v4l2_capability capability;

	stream.fd = open_any(polls ? O_NONBLOCK : 0);
	if (stream.fd < 0) {
		/* The next look is at another moment. */
		poll(NULL, 0, 1);
		return;
	}
	opened++;
	if (begin(&stream)) {
		while (!ended && take_frame(&stream, polls))
			continue;
	} else {
		/* Another one streams, or it is gone already. */
		poll(NULL, 0, 1);
	}
	if (try_ioctl(stream.fd, VIDIOC_QUERYCAP, &capability) == ENODEV)
		ask_unplugged(&stream);
	/* The memory is the program's until it gives it back. */
	for (unsigned int i = 0; i < stream.count; i++)
		*(volatile char *)stream.buffers[i].start = 2;
	unmap_buffers(&stream);
	close(stream.fd);
}

static void stay(const char *device)
{
	struct stream stream = { .fd = open_device(device, 0) };
	struct pace pace = new_pace();

	start_stream(&stream, 4);
	printf("streaming\n");
	fflush(stdout);
	while (!ended) {
		struct v4l2_buffer buffer = mmap_buffer(0);

		if (ioctl(stream.fd, VIDIOC_DQBUF, &buffer) < 0) {
			check_errno("DQBUF", errno, EINTR);
			continue;
		}
		count_frame(&pace, &buffer);
		qbuf(stream.fd, buffer.index);
	}
	stop_stream(&stream);
	frames = pace.frames;
	gaps = pace.gaps;
	check("timestamps", pace.monotonic);
}

int main(int argc, char **argv)
{
	const char *role = argc > 1 ? argv[1] : "list";
	struct sigaction action = { .sa_handler = end, .sa_flags = SA_RESTART };

	sigaction(SIGTERM, &action, NULL);
	if (strcmp(role, "stay") == 0)
		stay(argc > 2 ? argv[2] : "/dev/video0");
	while (!ended) {
		if (strcmp(role, "list") == 0) {
			list_once("/dev");
			list_once("/sys/class/video4linux");
		} else {
			stream_once(strcmp(role, "poll") == 0);
		}
	}
	printf("{\"role\":\"%s\",\"listed\":%u,\"gone\":%u,\"opened\":%u,\"frames\":%u,\"gaps\":%u,", role, listed, gone,
	       opened, frames, gaps);
	printf("\"unplugged\":%u,\"checks\":%u,\"wrong\":%u}\n", unplugged, checks, wrong_answers);
	return wrong_answers == 0 ? 0 : 1;
}
