/*
 * What only a dma-buf knows, asked of an exported buffer of /dev/video0.
 *
 * Exits with 0 if all answers were right.
 */
#define _GNU_SOURCE
#include <linux/dma-buf.h>
#include <poll.h>

#include "check.h"

#define NOWHERE ((void *)16)
#define SYNC_FILE_IOCTL _IOWR('b', 2, uint64_t)

static int sync_errno(int fd, uint64_t flags)
{
	struct dma_buf_sync sync = { .flags = flags };

	return try_ioctl(fd, DMA_BUF_IOCTL_SYNC, &sync);
}

static void check_memory(int fd, unsigned int size)
{
	char path[64], link[64] = "";

	check_errno("start", sync_errno(fd, DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ), 0);
	check_errno("end", sync_errno(fd, DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW), 0);
	check_errno("neither read nor write", sync_errno(fd, DMA_BUF_SYNC_START), EINVAL);
	check_errno("other flags", sync_errno(fd, DMA_BUF_SYNC_RW | 8), EINVAL);
	check_errno("flags above", sync_errno(fd, DMA_BUF_SYNC_RW | 1ull << 40), EINVAL);
	check_errno("flags nowhere", try_ioctl(fd, DMA_BUF_IOCTL_SYNC, NOWHERE), EFAULT);
	check_errno("a name", try_ioctl(fd, DMA_BUF_SET_NAME, "frames"), 0);
	check_errno("a long name", try_ioctl(fd, DMA_BUF_SET_NAME, "0123456789012345678901234567890123"), EINVAL);
	check_errno("a name nowhere", try_ioctl(fd, DMA_BUF_SET_NAME, NOWHERE), EFAULT);
	check_errno("a fence", try_ioctl(fd, SYNC_FILE_IOCTL, link), ENOTTY);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	check("the link", readlink(path, link, sizeof(link) - 1) > 0 && strncmp(link, "/dmabuf:", 8) == 0);
	check("the size", lseek(fd, 0, SEEK_END) >= (off_t)size && lseek(fd, 0, SEEK_SET) == 0);
	check("it is ready", poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, 0) == 1);
}

int main(void)
{
	struct v4l2_exportbuffer export = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .flags = O_RDWR };
	struct v4l2_pix_format pix;
	struct stream stream = { .fd = open_device("/dev/video0", 0) };
	int file = memfd_create("file", 0), fd = stream.fd;

	check_errno("S_FMT", set_format(fd, 640, 480, &pix), 0);
	request_buffers(&stream, 2);
	map_buffers(&stream);
	check_errno("EXPBUF", try_ioctl(fd, VIDIOC_EXPBUF, &export), 0);
	check_memory(export.fd, pix.sizeimage);
	dup2(export.fd, 200);
	close(export.fd);
	close(fd);
	check_memory(200, pix.sizeimage);
	fd = open_device("/dev/video0", 0);
	check_errno("the camera is none", sync_errno(fd, DMA_BUF_SYNC_RW), ENOTTY);
	check_errno("a file is none", sync_errno(file, DMA_BUF_SYNC_RW), ENOTTY);
	check_errno("nor one of the same name", sync_errno(memfd_create("usercam", 0), DMA_BUF_SYNC_RW), ENOTTY);
	check_errno("a number is none", sync_errno(123, DMA_BUF_SYNC_RW), EBADF);
	return end_of_checks();
}
