/*
 * Buffers with descriptors: dmabuf [exporter [importer [small]]]
 *
 * Exports the buffers of one camera, reads them in all the ways there are, imports them into a second camera,
 * and offers that what it cannot take. A third camera has frames that are too small for it.
 * `dmabuf receive SOCKET` is the other process.
 *
 * dmabuf file [importer]      offers a file of the right size
 * dmabuf truncate [importer]  takes the pages of memory away that a camera is about to fill
 *
 * Exits with 0 if all answers were right.
 */
#define _GNU_SOURCE
#include <sys/socket.h>
#include <sys/wait.h>

#include "check.h"

#define BUFFERS 4
#define FRAMES 20

static struct v4l2_pix_format pix;
static int exported[BUFFERS];
static uint8_t *imaged[BUFFERS];

static int export(int fd, unsigned int index, unsigned int flags, int *descriptor)
{
	struct v4l2_exportbuffer request;
	int error;

	memset(&request, 0, sizeof(request));
	request.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	request.index = index;
	request.flags = flags;
	error = try_ioctl(fd, VIDIOC_EXPBUF, &request);
	*descriptor = error == 0 ? request.fd : -1;
	return error;
}

static uint8_t *map(int fd, int protection)
{
	void *start = mmap(NULL, pix.sizeimage, protection, MAP_SHARED, fd, 0);

	return start == MAP_FAILED ? NULL : start;
}

static uint32_t sum(const uint8_t *bytes)
{
	uint32_t result = 1;

	for (unsigned int i = 0; i < pix.sizeimage; i++)
		result = result * 31 + bytes[i];
	return result;
}

static void check_export(int fd)
{
	int descriptor;

	for (unsigned int i = 0; i < BUFFERS; i++) {
		check_errno("EXPBUF", export(fd, i, O_RDWR | O_CLOEXEC, &exported[i]), 0);
		check("O_CLOEXEC", fcntl(exported[i], F_GETFD) == FD_CLOEXEC);
		imaged[i] = map(exported[i], PROT_READ | PROT_WRITE);
		if (imaged[i] == NULL)
			die("mmap of a dmabuf");
		check("a dmabuf keeps its size", ftruncate(exported[i], 0) < 0);
		check("the size of a dmabuf", lseek(exported[i], 0, SEEK_END) >= (off_t)pix.sizeimage);
	}
	check_errno("EXPBUF without O_CLOEXEC", export(fd, 0, O_RDWR, &descriptor), 0);
	check("no O_CLOEXEC", fcntl(descriptor, F_GETFD) == 0);
	close(descriptor);
	check_errno("EXPBUF to read", export(fd, 0, O_RDONLY, &descriptor), 0);
	check("a dmabuf to read is not written", map(descriptor, PROT_READ | PROT_WRITE) == NULL && errno == EACCES);
	check("a dmabuf to read is read", map(descriptor, PROT_READ) != NULL);
	close(descriptor);
	check_errno("EXPBUF of no buffer", export(fd, BUFFERS, O_RDWR, &descriptor), EINVAL);
	check_errno("EXPBUF with other flags", export(fd, 0, O_RDWR | O_APPEND, &descriptor), EINVAL);
}

/* Both mappings of a buffer show each frame. */
static void check_contents(struct stream *stream)
{
	for (unsigned int i = 0; i < BUFFERS; i++)
		qbuf(stream->fd, i);
	stream_on(stream->fd);
	for (unsigned int n = 0; n < FRAMES; n++) {
		struct v4l2_buffer got = dqbuf(stream->fd);

		check("a frame", got.bytesused == pix.sizeimage);
		check("the same frame", memcmp(imaged[got.index], stream->buffers[got.index].start, got.bytesused) == 0);
		memset(imaged[got.index], 0, pix.sizeimage);
		qbuf(stream->fd, got.index);
	}
	stream_off(stream->fd);
}

static void send_descriptor(int socket, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	char byte = 0;
	struct iovec part = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	struct cmsghdr *header;

	message.msg_control = control;
	message.msg_controllen = sizeof(control);
	header = CMSG_FIRSTHDR(&message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(int));
	if (sendmsg(socket, &message, 0) != 1)
		die("sendmsg");
}

static int receive_descriptor(int socket)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	char byte;
	struct iovec part = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	int fd;

	message.msg_control = control;
	message.msg_controllen = sizeof(control);
	if (recvmsg(socket, &message, 0) != 1 || CMSG_FIRSTHDR(&message) == NULL)
		die("recvmsg");
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
	return fd;
}

/* The other process says what it sees, and writes a byte. */
static int receive(int socket)
{
	uint8_t *bytes;
	uint32_t answer;

	if (read(socket, &pix.sizeimage, sizeof(pix.sizeimage)) != sizeof(pix.sizeimage))
		die("read");
	bytes = map(receive_descriptor(socket), PROT_READ | PROT_WRITE);
	if (bytes == NULL)
		die("mmap in another process");
	answer = sum(bytes);
	bytes[0] = 0x5a;
	return write(socket, &answer, sizeof(answer)) == sizeof(answer) ? 0 : 1;
}

static void check_other_process(const char *program)
{
	int sockets[2];
	uint32_t expected = sum(imaged[1]);
	uint32_t answer = 0;
	int status;
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) < 0)
		die("socketpair");
	child = fork();
	if (child == 0) {
		char number[16];

		close(sockets[0]);
		snprintf(number, sizeof(number), "%d", sockets[1]);
		execl(program, program, "receive", number, (char *)NULL);
		die("execl");
	}
	close(sockets[1]);
	if (write(sockets[0], &pix.sizeimage, sizeof(pix.sizeimage)) != sizeof(pix.sizeimage))
		die("write");
	send_descriptor(sockets[0], exported[1]);
	check("an answer", read(sockets[0], &answer, sizeof(answer)) == sizeof(answer));
	check("another process reads a dmabuf", answer == expected);
	check("another process writes a dmabuf", imaged[1][0] == 0x5a);
	waitpid(child, &status, 0);
	check("the other process ended well", status == 0);
	close(sockets[0]);
}

static struct v4l2_buffer dmabuf_buffer(unsigned int index, int fd)
{
	struct v4l2_buffer buffer = mmap_buffer(index);

	buffer.memory = V4L2_MEMORY_DMABUF;
	buffer.m.fd = fd;
	return buffer;
}

static void refuse(int fd, const char *what, int descriptor)
{
	struct v4l2_buffer queued = dmabuf_buffer(0, descriptor);
	struct v4l2_buffer prepared = dmabuf_buffer(1, descriptor);

	check_errno(what, try_ioctl(fd, VIDIOC_QBUF, &queued), EINVAL);
	check_errno(what, try_ioctl(fd, VIDIOC_PREPARE_BUF, &prepared), EINVAL);
}

static void check_wrong_descriptors(int fd, int small)
{
	struct v4l2_pix_format small_pix;
	unsigned int count = 1;
	int pipes[2];
	int descriptor;

	if (pipe(pipes) < 0)
		die("descriptors");
	refuse(fd, "no descriptor", -1);
	refuse(fd, "a descriptor that is not open", 999);
	refuse(fd, "a pipe", pipes[0]);
	refuse(fd, "a file to read", open("/proc/self/exe", O_RDONLY));
	refuse(fd, "/dev/null", open("/dev/null", O_RDWR));
	refuse(fd, "the camera itself", fd);
	check_errno("S_FMT of the small camera", set_format(small, 320, 240, &small_pix), 0);
	check_errno("REQBUFS of the small camera", reqbufs_as(small, V4L2_MEMORY_MMAP, &count), 0);
	check_errno("EXPBUF of the small camera", export(small, 0, O_RDWR, &descriptor), 0);
	refuse(fd, "a dmabuf that is too small", descriptor);
}

static void check_import(int fd)
{
	struct pace pace = new_pace();

	for (unsigned int i = 0; i < BUFFERS; i++) {
		struct v4l2_buffer buffer = dmabuf_buffer(i, exported[i]);

		check_errno("QBUF of a dmabuf", try_ioctl(fd, VIDIOC_QBUF, &buffer), 0);
	}
	stream_on(fd);
	while (pace.frames < FRAMES) {
		struct v4l2_buffer got = dmabuf_buffer(0, -1);

		if (xioctl(fd, VIDIOC_DQBUF, &got) < 0)
			die("VIDIOC_DQBUF");
		count_frame(&pace, &got);
		check("the descriptor", got.m.fd == exported[got.index]);
		check("an imported frame", got.bytesused == pix.sizeimage);
		check("the picture is in it", imaged[got.index][0] != 0 || imaged[got.index][1] != 0);
		memset(imaged[got.index], 0, pix.sizeimage);
		check_errno("QBUF again", try_ioctl(fd, VIDIOC_QBUF, &got), 0);
	}
	check("a gap", pace.gaps == 0);
}

/* The queue holds what it has been given, even if the program closes it. */
static void check_closed_while_queued(int fd)
{
	struct v4l2_buffer got = dmabuf_buffer(0, -1);

	for (unsigned int i = 0; i < BUFFERS; i++)
		close(exported[i]);
	for (unsigned int i = 0; i < BUFFERS; i++) {
		check_errno("DQBUF of what is closed", try_ioctl(fd, VIDIOC_DQBUF, &got), 0);
		check("the picture in what is closed", imaged[got.index][0] != 0 || imaged[got.index][1] != 0);
	}
	got = dmabuf_buffer(0, exported[0]);
	check_errno("QBUF of what is closed", try_ioctl(fd, VIDIOC_QBUF, &got), EINVAL);
	stream_off(fd);
}

/* What was exported outlives the queue and the camera's descriptor. */
static void check_survival(struct stream *stream)
{
	uint32_t before[BUFFERS];

	for (unsigned int i = 0; i < BUFFERS; i++) {
		memset(imaged[i], (int)i + 1, pix.sizeimage);
		before[i] = sum(imaged[i]);
	}
	check("REQBUFS(0)", reqbufs(stream->fd, 0) == 0);
	for (unsigned int i = 0; i < BUFFERS; i++)
		check("a dmabuf after REQBUFS(0)", sum(imaged[i]) == before[i]);
	unmap_buffers(stream);
	close(stream->fd);
	for (unsigned int i = 0; i < BUFFERS; i++) {
		uint8_t *again = map(exported[i], PROT_READ);

		check("a dmabuf after close", again != NULL && sum(again) == before[i]);
	}
}

static int open_importer(const char *device)
{
	unsigned int count = 2;
	int fd = open_device(device, O_CLOEXEC);

	check_errno("S_FMT", set_format(fd, 640, 480, &pix), 0);
	check_errno("REQBUFS", reqbufs_as(fd, V4L2_MEMORY_DMABUF, &count), 0);
	return fd;
}

static int offer_file(const char *device)
{
	int fd = open_importer(device);
	int file = open(".", O_TMPFILE | O_RDWR, 0600);

	struct v4l2_buffer buffer = dmabuf_buffer(0, file);
	unsigned char *frame = malloc(pix.sizeimage);

	if (file < 0 || frame == NULL || ftruncate(file, pix.sizeimage) < 0)
		die("a file");
	check_errno("a file", try_ioctl(fd, VIDIOC_QBUF, &buffer), 0);
	stream_on(fd);
	buffer = dqbuf(fd);
	check("the frame is in the file", pread(file, frame, pix.sizeimage, 0) == (ssize_t)pix.sizeimage);
	check("the frame is not black", frame[pix.sizeimage - 2] != 0 || frame[pix.sizeimage - 1] != 0);
	return end_of_checks();
}

/* Whether memory of the program is taken at all is another matter: nobody else may suffer from it. */
static int take_pages_away(const char *device)
{
	int fd = open_importer(device);
	int memory = memfd_create("frame", MFD_CLOEXEC);
	struct v4l2_buffer buffer = dmabuf_buffer(0, memory);

	if (memory < 0 || ftruncate(memory, pix.sizeimage) < 0)
		die("memfd_create");
	if (try_ioctl(fd, VIDIOC_QBUF, &buffer) == 0) {
		if (ftruncate(memory, 0) == 0)
			stream_on(fd);
		usleep(200000);
	}
	check_errno("the camera lives", set_format(open_device(device, 0), 640, 480, &pix), EBUSY);
	return end_of_checks();
}

int main(int argc, char **argv)
{
	const char *only = argc > 2 ? argv[2] : "/dev/video0";
	struct stream stream = { .fd = -1 };
	struct v4l2_pix_format other;
	unsigned int count = BUFFERS;
	int importer, small;

	if (argc > 2 && strcmp(argv[1], "receive") == 0)
		return receive(atoi(argv[2]));
	if (argc > 1 && strcmp(argv[1], "file") == 0)
		return offer_file(only);
	if (argc > 1 && strcmp(argv[1], "truncate") == 0)
		return take_pages_away(only);
	stream.fd = open_device(argc > 1 ? argv[1] : "/dev/video0", O_CLOEXEC);
	importer = open_device(argc > 2 ? argv[2] : "/dev/video1", O_CLOEXEC);
	small = open_device(argc > 3 ? argv[3] : "/dev/video2", O_CLOEXEC);
	check_errno("S_FMT", set_format(stream.fd, 640, 480, &pix), 0);
	check_errno("S_FMT of the importer", set_format(importer, 640, 480, &other), 0);
	request_buffers(&stream, BUFFERS);
	if (!check("four buffers", stream.count == BUFFERS))
		return end_of_checks();
	map_buffers(&stream);
	check_export(stream.fd);
	check_contents(&stream);
	check_other_process(argv[0]);
	check_errno("REQBUFS of the importer", reqbufs_as(importer, V4L2_MEMORY_DMABUF, &count), 0);
	check_wrong_descriptors(importer, small);
	check_survival(&stream);
	check_import(importer);
	check_closed_while_queued(importer);
	return end_of_checks();
}
