/*
 * A camera as a file: readwrite MODE [device]
 *
 * partial   reads of any size sum up to frames and never cross from one into the next
 * busy      read() and buffers exclude each other, whoever comes first
 * nonblock  without a frame there is EAGAIN, then poll() tells of the first
 * ready     poll(), select() and epoll of an idle camera start it
 * access    what the file was not opened for is refused, and the file tells how it was opened
 *
 * Exits with 0 if all answers were right.
 */
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>

#include "check.h"

/* Whoever waits so long hangs. */
#define FRAME_TIMEOUT_MSEC 60000
/* Nothing is mapped there. */
#define PAGE 4096

static const char *device = "/dev/video0";
static struct v4l2_pix_format pix;
static uint8_t *frame;

static int open_camera(int flags)
{
	int fd = open_device(device, flags);

	check_errno("S_FMT", set_format(fd, 640, 480, &pix), 0);
	frame = realloc(frame, 2 * pix.sizeimage);
	if (frame == NULL)
		die("realloc");
	return fd;
}

/* Bars lie one below the other: under the text all lines of a frame are the same. */
static int is_whole(const uint8_t *bytes)
{
	const uint8_t *last = bytes + pix.sizeimage - pix.bytesperline;
	const uint8_t *middle = bytes + pix.height / 2 * pix.bytesperline;

	return memcmp(middle, last, pix.bytesperline) == 0 && memchr(last, 191, pix.bytesperline) != NULL;
}

/* A frame in pieces of `piece` bytes: each is full but the last, which ends where the frame does. */
static void read_pieces(int fd, size_t piece)
{
	size_t have = 0;

	memset(frame, 0, pix.sizeimage);
	while (have < pix.sizeimage) {
		size_t left = pix.sizeimage - have;
		ssize_t got = read(fd, frame + have, piece);

		if (got < 0 && errno == EINTR)
			continue;
		if (!check("a piece", got == (ssize_t)(piece < left ? piece : left)))
			return;
		have += (size_t)got;
	}
	check("a whole frame", is_whole(frame));
}

static void partial(void)
{
	static const size_t pieces[] = { 100, 1000, 4096, 100000, 614399, 614400, 614401 };
	int fd = open_camera(0);

	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		read_pieces(fd, pieces[i]);
		read_pieces(fd, pieces[i]);
	}
	check_errno("read of nothing", read_errno(fd, frame, 0), 0);
	check("read to nowhere", read(fd, (void *)PAGE, 10) == -1 && errno == EFAULT);
	close(fd);
}

static void try_streaming(int fd, const char *when, int error)
{
	struct v4l2_buffer buffer = mmap_buffer(0);
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;

	check_errno(when, reqbufs(fd, 2) < 0 ? errno : 0, error);
	check_errno(when, try_ioctl(fd, VIDIOC_QBUF, &buffer), error);
	check_errno(when, try_ioctl(fd, VIDIOC_STREAMON, &type), error);
}

static void busy(void)
{
	int fd = open_camera(0);
	int other = open_device(device, 0);
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	struct v4l2_buffer buffer = mmap_buffer(0);

	check("REQBUFS", reqbufs(fd, 2) == 2);
	check_errno("read with buffers", read_errno(fd, frame, 1), EBUSY);
	check_errno("read of another with buffers", read_errno(other, frame, 1), EBUSY);
	qbuf(fd, 0);
	stream_on(fd);
	check_errno("read while streaming", read_errno(fd, frame, 1), EBUSY);
	stream_off(fd);
	check_errno("read with buffers that do not stream", read_errno(fd, frame, 1), EBUSY);
	check("REQBUFS(0)", reqbufs(fd, 0) == 0);
	check_errno("read", read_errno(fd, frame, 1), 0);
	try_streaming(fd, "streaming while reading", EBUSY);
	check_errno("DQBUF while reading", try_ioctl(fd, VIDIOC_DQBUF, &buffer), EBUSY);
	check_errno("STREAMOFF while reading", try_ioctl(fd, VIDIOC_STREAMOFF, &type), EBUSY);
	check_errno("S_FMT while reading", set_format(fd, 320, 240, &pix), EBUSY);
	check("mmap while reading", mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED && errno == EBUSY);
	try_streaming(other, "streaming of another while reading", EBUSY);
	check_errno("read of another while reading", read_errno(other, frame, 1), EBUSY);
	check_errno("read goes on", read_errno(fd, frame, 1), 0);
	close(fd);
	check_errno("read of another afterwards", read_errno(other, frame, 1), 0);
	close(other);
}

static int look_poll(int fd)
{
	struct pollfd entry = { .fd = fd, .events = POLLIN };

	int result = poll(&entry, 1, FRAME_TIMEOUT_MSEC);

	if (result == 1 && entry.revents == POLLIN)
		return 1;
	fprintf(stderr, "poll() gives %d, revents %#x\n", result, entry.revents);
	return 0;
}

static int look_select(int fd)
{
	struct timeval time = { .tv_sec = FRAME_TIMEOUT_MSEC / 1000 };
	fd_set readable;

	FD_ZERO(&readable);
	FD_SET(fd, &readable);
	return select(fd + 1, &readable, NULL, NULL, &time) == 1 && FD_ISSET(fd, &readable);
}

static int look_epoll(int fd)
{
	struct epoll_event event = { .events = EPOLLIN };
	int set = epoll_create1(EPOLL_CLOEXEC);
	int found;

	if (set < 0 || epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) < 0)
		die("epoll");
	event.events = 0;
	found = epoll_wait(set, &event, 1, FRAME_TIMEOUT_MSEC) == 1 && event.events == EPOLLIN;
	close(set);
	return found;
}

static void nonblock(void)
{
	int fd = open_camera(O_NONBLOCK);

	check_errno("read before the first frame", read_errno(fd, frame, pix.sizeimage), EAGAIN);
	check("poll", look_poll(fd));
	check("a frame", read(fd, frame, pix.sizeimage) == (ssize_t)pix.sizeimage && is_whole(frame));
	check_errno("read before the next frame", read_errno(fd, frame, pix.sizeimage), EAGAIN);
	close(fd);
}

static void look_and_read(const char *name, int (*look)(int fd))
{
	int fd = open_camera(O_NONBLOCK);

	for (int n = 0; n < 3; n++) {
		ssize_t length;

		check(name, look(fd));
		length = read(fd, frame, 2 * pix.sizeimage);
		/* A camera that nobody reads yet is ready at once for poll(), and begins with the first read(). */
		if (n == 0 && length < 0 && errno == EAGAIN) {
			check(name, look(fd));
			length = read(fd, frame, 2 * pix.sizeimage);
		}
		check("a frame when there is one", length == (ssize_t)pix.sizeimage);
		check("a whole frame when there is one", is_whole(frame));
	}
	close(fd);
}

static void ready(void)
{
	look_and_read("poll", look_poll);
	look_and_read("select", look_select);
	look_and_read("epoll", look_epoll);
}

static int write_errno(int fd)
{
	return write(fd, frame, pix.sizeimage) < 0 ? errno : 0;
}

static int map_errno(int fd, int prot)
{
	void *start = mmap(NULL, PAGE, prot, MAP_SHARED, fd, 0);

	if (start == MAP_FAILED)
		return errno;
	munmap(start, PAGE);
	return 0;
}

static void access_as(int mode, int reads, int writes)
{
	int fd, more, copy;
	socklen_t length = sizeof(more);
	struct stream stream;

	frame = realloc(frame, 2 * 640 * 480);
	pix.sizeimage = 2 * 640 * 480;
	fd = open(device, mode | O_NONBLOCK);
	if (fd < 0)
		die(device);
	check("F_GETFL", (fcntl(fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK)) == (mode | O_NONBLOCK));
	copy = dup(fd);
	check("F_SETFL", fcntl(copy, F_SETFL, 0) == 0);
	check("F_GETFL after F_SETFL", (fcntl(fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK)) == mode);
	close(copy);
	check("FIONREAD", ioctl(fd, FIONREAD, &more) < 0 && errno == ENOTTY);
	check("send", send(fd, &more, 1, 0) < 0 && errno == ENOTSOCK);
	check("getsockopt", getsockopt(fd, SOL_SOCKET, SO_TYPE, &more, &length) < 0 && errno == ENOTSOCK);
	/* A camera cannot be written to: EINVAL comes from its driver. */
	check_errno("write", write_errno(fd), writes ? EINVAL : EBADF);
	stream.fd = fd;
	request_buffers(&stream, 2);
	check_errno("mmap to read", map_errno(fd, PROT_READ), reads ? 0 : EACCES);
	check_errno("mmap to write", map_errno(fd, PROT_READ | PROT_WRITE), reads && writes ? 0 : EACCES);
	check_errno("read with buffers", read_errno(fd, frame, PAGE), reads ? EBUSY : EBADF);
	close(fd);
}

static void access_modes(void)
{
	access_as(O_RDONLY, 1, 0);
	access_as(O_WRONLY, 0, 1);
	access_as(O_RDWR, 1, 1);
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "partial";

	device = argc > 2 ? argv[2] : device;
	if (strcmp(mode, "partial") == 0)
		partial();
	else if (strcmp(mode, "busy") == 0)
		busy();
	else if (strcmp(mode, "nonblock") == 0)
		nonblock();
	else if (strcmp(mode, "ready") == 0)
		ready();
	else if (strcmp(mode, "access") == 0)
		access_modes();
	else
		check(mode, 0);
	return end_of_checks();
}
