/* Descriptors in messages over Unix sockets (SCM_RIGHTS). */
#ifndef USERCAM_TEST_PASS_FD_H
#define USERCAM_TEST_PASS_FD_H

#include <sys/socket.h>

#include "client.h"

union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int))];
};

static inline struct msghdr message_of(struct iovec *iov, union control *control)
{
	struct msghdr message;

	memset(&message, 0, sizeof(message));
	message.msg_iov = iov;
	message.msg_iovlen = 1;
	message.msg_control = control->bytes;
	message.msg_controllen = sizeof(control->bytes);
	return message;
}

static inline void send_fd(int socket, int fd)
{
	char byte = 0;
	union control control;
	struct iovec iov = { &byte, 1 };
	struct msghdr message = message_of(&iov, &control);

	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	if (sendmsg(socket, &message, 0) != 1)
		die("sendmsg");
}

static inline int receive_fd(int socket)
{
	char byte;
	int fd;
	union control control;
	struct iovec iov = { &byte, 1 };
	struct msghdr message = message_of(&iov, &control);

	if (recvmsg(socket, &message, 0) != 1)
		die("recvmsg");
	memcpy(&fd, CMSG_DATA(&control.header), sizeof(fd));
	return fd;
}

#endif
