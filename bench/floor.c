/*
 * The floor: the least that a supervisor can do to answer an ioctl of another process. It receives the trapped
 * call, reads the argument, checks that the caller still waits, writes it back and answers. It knows one caller and no
 * device; but descriptor 0 of the command is a socket, and from VIDIOC_S_CTRL to VIDIOC_DQEVENT it shows POLLPRI, and POLLIN
 * never: who waits for frames must not wake. That takes a TCP connection. On a Unix socket, whose urgent byte costs a
 * fifth, POLLIN comes with POLLPRI and goes only when bytes are read. Or a stat(): it reads the path, asks whether there is
 * a link, and lets the call go. Arguments: `mem` or `vm` (how memory is reached) or `path`, the command to run.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/videodev2.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif

enum { SYNC_WAKE_UP = 1, LARGEST = 256, PATH_SIZE = 128 };

/* What is served, and how the program's memory is reached: kept /proc/PID/mem, or process_vm_readv and process_vm_writev. */
static int serves_paths, through_mem;

static int install(void)
{
	struct sock_filter ioctls[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1])),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xff00),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 'V' << 8, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
	};
	struct sock_filter paths[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_newfstatat, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
	};
	struct sock_fprog program = { .len = sizeof(ioctls) / sizeof(ioctls[0]), .filter = ioctls };

	if (serves_paths)
		program = (struct sock_fprog){ .len = sizeof(paths) / sizeof(paths[0]), .filter = paths };
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

static void send_fd(int socket, int fd)
{
	char byte = 0, control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { &byte, 1 };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
				  .msg_controllen = sizeof(control) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(int));
	sendmsg(socket, &message, 0);
}

static int receive_fd(int socket)
{
	char byte, control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { &byte, 1 };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
				  .msg_controllen = sizeof(control) };
	int fd;

	if (recvmsg(socket, &message, 0) != 1)
		return -1;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
	return fd;
}

static int memory = -1;
static pid_t memory_of;

static void attach(pid_t pid)
{
	char path[64];

	if (pid == memory_of)
		return;
	memory_of = pid;
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	memory = open(path, O_RDWR | O_CLOEXEC);
}

static int read_memory(void *bytes, size_t size, uint64_t address)
{
	struct iovec local = { bytes, size }, remote = { (void *)address, size };

	if (through_mem)
		return pread(memory, bytes, size, address) == (ssize_t)size;
	return process_vm_readv(memory_of, &local, 1, &remote, 1, 0) == (ssize_t)size;
}

static int write_memory(void *bytes, size_t size, uint64_t address)
{
	struct iovec local = { bytes, size }, remote = { (void *)address, size };

	if (through_mem)
		return pwrite(memory, bytes, size, address) == (ssize_t)size;
	return process_vm_writev(memory_of, &local, 1, &remote, 1, 0) == (ssize_t)size;
}

/* The command's descriptor 0, and the other end of it. */
static int faces[2];

static void connect_faces(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	int one = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (bind(listener, (struct sockaddr *)&address, size) < 0 || listen(listener, 1) < 0 ||
	    getsockname(listener, (struct sockaddr *)&address, &size) < 0)
		exit(2);
	faces[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(faces[0], (struct sockaddr *)&address, size) < 0)
		exit(2);
	faces[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	close(listener);
	setsockopt(faces[1], IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	/* Whatever the system has chosen: packets are to go at once. */
	setsockopt(faces[1], IPPROTO_TCP, TCP_CONGESTION, "reno", 4);
}

/*
 * Only so many packets go before the first is acknowledged, ten at first. An acknowledgement is asked for when nothing is left
 * in the queue, so the place of the last urgent byte has to be passed.
 */
static void acknowledge(void)
{
	static int unacknowledged;
	char byte;
	int one = 1;

	if (++unacknowledged < 10)
		return;
	unacknowledged = 0;
	recv(faces[0], &byte, 1, MSG_DONTWAIT);
	setsockopt(faces[0], IPPROTO_TCP, TCP_QUICKACK, &one, sizeof(one));
}

static void show_or_hide(unsigned int cmd)
{
	static int is_shown;
	char byte = 0;

	if (cmd == VIDIOC_S_CTRL && !is_shown) {
		is_shown = send(faces[1], &byte, 1, MSG_OOB) == 1;
	} else if (cmd == VIDIOC_DQEVENT && is_shown) {
		is_shown = recv(faces[0], &byte, 1, MSG_OOB) != 1;
		acknowledge();
	}
}

static void answer_ioctl(int listener, struct seccomp_notif *request, struct seccomp_notif_resp *response)
{
	static char bytes[LARGEST];
	unsigned int cmd = (unsigned int)request->data.args[1];
	size_t size = _IOC_SIZE(cmd) < LARGEST ? _IOC_SIZE(cmd) : LARGEST;

	if ((_IOC_DIR(cmd) & _IOC_WRITE && !read_memory(bytes, size, request->data.args[2])) ||
	    ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &request->id) < 0 ||
	    (_IOC_DIR(cmd) & _IOC_READ && !write_memory(bytes, size, request->data.args[2])))
		response->error = -EFAULT;
	else
		show_or_hide(cmd);
}

static void look_at_path(struct seccomp_notif *request, struct seccomp_notif_resp *response)
{
	static char path[PATH_SIZE + 1];
	char link;

	if (read_memory(path, PATH_SIZE, request->data.args[1]) && readlink(path, &link, 1) < 0)
		response->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	else
		response->error = -EFAULT;
}

static void serve(int listener)
{
	static struct seccomp_notif request;
	static struct seccomp_notif_resp response;

	ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SYNC_WAKE_UP);
	for (;;) {
		memset(&request, 0, sizeof(request));
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &request) < 0) {
			if (errno == EINTR || errno == ENOENT)
				continue;
			return;
		}
		attach(request.pid);
		response = (struct seccomp_notif_resp){ .id = request.id };
		if (serves_paths)
			look_at_path(&request, &response);
		else
			answer_ioctl(listener, &request, &response);
		ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
	}
}

int main(int argc, char **argv)
{
	int sockets[2], listener;
	pid_t child, server;

	if (argc < 3 || socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) < 0)
		return 2;
	connect_faces();
	through_mem = strcmp(argv[1], "mem") == 0;
	serves_paths = strcmp(argv[1], "path") == 0;
	child = fork();
	if (child == 0) {
		char byte;

		listener = install();
		send_fd(sockets[1], listener);
		close(listener);
		if (read(sockets[1], &byte, 1) != 1)
			return 2;
		dup2(faces[0], 0);
		execvp(argv[2], argv + 2);
		return 127;
	}
	listener = receive_fd(sockets[0]);
	if (listener < 0 || write(sockets[0], "", 1) != 1)
		return 2;
	server = fork();
	if (server == 0) {
		close(sockets[0]);
		close(sockets[1]);
		serve(listener);
		return 0;
	}
	close(listener);
	waitpid(child, NULL, 0);
	/* It waits for calls that no longer come. */
	kill(server, SIGKILL);
	return 0;
}
