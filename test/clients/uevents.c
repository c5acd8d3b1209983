/*
 * A program that listens for events of devices itself: uevents netlink | inotify | many | more
 *
 * netlink  a socket of NETLINK_KOBJECT_UEVENT, and all that can be asked of it; one camera comes and goes
 * inotify  /dev, in which a camera's node comes and goes
 * many     opens and closes such sockets, with children that have them too, and stays
 * more     the same, and then goes on to open and close one, again and again
 *
 * Says "ready" when it listens. Exits with 0 if all answers were right.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

#define PATIENCE_MSEC 30000
#define ROUNDS 50

struct message {
	char text[4096];
	ssize_t length;
	struct sockaddr_nl from;
	struct ucred sender;
	int flags;
};

static void say_ready(void)
{
	printf("ready\n");
	fflush(stdout);
}

static int new_socket(void)
{
	return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
}

static int try_bind(int fd, unsigned int port, unsigned int groups)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_pid = port, .nl_groups = groups };

	return bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ? errno : 0;
}

static struct sockaddr_nl name_of(int fd)
{
	struct sockaddr_nl name = { 0 };
	socklen_t length = sizeof(name);

	check("getsockname", getsockname(fd, (struct sockaddr *)&name, &length) == 0 && length == sizeof(name));
	return name;
}

static int option_of(int fd, int option)
{
	int value = -1;
	socklen_t length = sizeof(value);

	check("getsockopt", getsockopt(fd, SOL_SOCKET, option, &value, &length) == 0);
	return value;
}

/* The next message, in two pieces; its length or an error. */
static int take(int fd, struct message *message, int flags)
{
	struct iovec pieces[] = {
		{ message->text, 8 },
		{ message->text + 8, sizeof(message->text) - 9 },
	};
	char control[CMSG_SPACE(sizeof(struct ucred))];
	struct msghdr header = {
		.msg_name = &message->from,
		.msg_namelen = sizeof(message->from),
		.msg_iov = pieces,
		.msg_iovlen = 2,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg;

	memset(message, 0, sizeof(*message));
	message->length = recvmsg(fd, &header, flags);
	if (message->length < 0)
		return -errno;
	message->flags = header.msg_flags;
	cmsg = CMSG_FIRSTHDR(&header);
	check("the length of the name", header.msg_namelen == sizeof(message->from));
	if (check("credentials", cmsg && cmsg->cmsg_level == SOL_SOCKET && cmsg->cmsg_type == SCM_CREDENTIALS))
		memcpy(&message->sender, CMSG_DATA(cmsg), sizeof(message->sender));
	return 0;
}

static void wait_for(int fd)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };

	check("poll", poll(&wait, 1, PATIENCE_MSEC) == 1 && wait.revents == POLLIN);
}

/* The value of `key` in what udev says after its header, or the kernel after its first line. */
static const char *value_of(const struct message *message, const char *key)
{
	size_t at = message->from.nl_groups == 2 ? 40 : strlen(message->text) + 1;
	size_t length = strlen(key);

	for (; at < (size_t)message->length; at += strlen(message->text + at) + 1)
		if (strncmp(message->text + at, key, length) == 0 && message->text[at + length] == '=')
			return message->text + at + length + 1;
	return "";
}

static void expect(int fd, const char *action, unsigned int group)
{
	struct message message, first;
	char line[128];

	wait_for(fd);
	check("a look at the size", recv(fd, NULL, 0, MSG_PEEK | MSG_TRUNC) > 0);
	check("a look", take(fd, &first, MSG_PEEK) == 0);
	check("a message", take(fd, &message, 0) == 0);
	check("the same", first.length == message.length && memcmp(first.text, message.text, first.length) == 0);
	check("its group", message.from.nl_family == AF_NETLINK && message.from.nl_groups == group);
	check("the port of its sender", (message.from.nl_pid == 0) == (group == 1));
	check("from root", message.sender.uid == 0 && message.sender.gid == 0);
	check("whole", message.flags == 0);
	check("ACTION", strcmp(value_of(&message, "ACTION"), action) == 0);
	check("SUBSYSTEM", strcmp(value_of(&message, "SUBSYSTEM"), "video4linux") == 0);
	check("DEVPATH", strcmp(value_of(&message, "DEVPATH"), "/devices/virtual/video4linux/video0") == 0);
	check("DEVNAME", strcmp(value_of(&message, "DEVNAME"), group == 1 ? "video0" : "/dev/video0") == 0);
	check("SEQNUM", atoi(value_of(&message, "SEQNUM")) > 0);
	snprintf(line, sizeof(line), "%s@/devices/virtual/video4linux/video0", action);
	check("the first words", strcmp(message.text, group == 1 ? line : "libudev") == 0);
	/* Who hears of it finds it so. */
	check("its node", (access("/dev/video0", F_OK) == 0) == (strcmp(action, "remove") != 0));
}

/* Only messages that have the magic word of udev where it belongs. */
static void attach_filter(int fd)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 8),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0xfeedcafe, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = { .len = 4, .filter = code };

	check("a filter", setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) == 0);
}

static void ask(int fd, int other)
{
	char byte = 0;
	struct message message;
	struct sockaddr_nl name;
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK, .nl_groups = 1 };

	check("its domain", option_of(fd, SO_DOMAIN) == AF_NETLINK);
	check("its protocol", option_of(fd, SO_PROTOCOL) == NETLINK_KOBJECT_UEVENT);
	check("its type", option_of(fd, SO_TYPE) == SOCK_RAW);
	check("close-on-exec", fcntl(fd, F_GETFD) == FD_CLOEXEC);
	name = name_of(fd);
	check("no name yet", name.nl_family == AF_NETLINK && name.nl_pid == 0 && name.nl_groups == 0);
	check_errno("bind to a place too small", bind(fd, (struct sockaddr *)&kernel, 4) < 0 ? errno : 0, EINVAL);
	check_errno("bind", try_bind(fd, 0, 3), 0);
	name = name_of(fd);
	check("the process as its port", name.nl_pid == (unsigned int)getpid() && name.nl_groups == 3);
	check_errno("another port", try_bind(fd, 4711, 3), EINVAL);
	check_errno("bind the other to the same port", try_bind(other, getpid(), 2), EADDRINUSE);
	check_errno("bind the other", try_bind(other, 0, 2), 0);
	check("another port for it", name_of(other).nl_pid != 0 && name_of(other).nl_pid != name.nl_pid);
	check_errno("a message to all", sendto(fd, &byte, 1, 0, (struct sockaddr *)&kernel, sizeof(kernel)) < 0 ? errno : 0,
		    EPERM);
	check("nothing there", take(fd, &message, 0) == -EAGAIN);
}

static int netlink(void)
{
	int fd = new_socket(), other = new_socket(), on = 1, copy, status;
	struct message message;
	pid_t child;

	check("sockets", fd >= 0 && other >= 0);
	ask(fd, other);
	setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
	setsockopt(other, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
	attach_filter(other);
	say_ready();
	expect(fd, "add", 1);
	expect(fd, "add", 2);
	expect(other, "add", 2);
	check("no more", take(other, &message, 0) == -EAGAIN);
	say_ready();
	copy = dup(fd);
	close(fd);
	child = fork();
	if (child == 0) {
		expect(copy, "remove", 1);
		exit(end_of_checks());
	}
	check("the child", waitpid(child, &status, 0) == child && status == 0);
	expect(copy, "remove", 2);
	expect(other, "remove", 2);
	return end_of_checks();
}

static int inotify(void)
{
	char bytes[4096];
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	int created = 0, deleted = 0;

	check("the watch", inotify_add_watch(fd, "/dev", IN_CREATE | IN_DELETE) >= 0);
	say_ready();
	while (deleted == 0) {
		ssize_t length;

		wait_for(fd);
		length = read(fd, bytes, sizeof(bytes));
		if (!check("events", length > 0))
			break;
		for (ssize_t at = 0; at < length;) {
			struct inotify_event *event = (struct inotify_event *)(bytes + at);

			at += (ssize_t)sizeof(*event) + event->len;
			if (strcmp(event->name, "video0") != 0)
				continue;
			created += (event->mask & IN_CREATE) != 0;
			deleted += (event->mask & IN_DELETE) != 0;
			check("its node", (access("/dev/video0", F_OK) == 0) == ((event->mask & IN_CREATE) != 0));
			if (event->mask & IN_CREATE)
				say_ready();
		}
	}
	check("both", created == 1 && deleted == 1);
	return end_of_checks();
}

static int many(int goes_on)
{
	for (int i = 0; i < ROUNDS; i++) {
		int fd = new_socket();

		check_errno("bind", try_bind(fd, 0, 3), 0);
		if (i % 2 == 0 && fork() == 0) {
			close(fd);
			exit(0);
		}
		close(fd);
		wait(NULL);
	}
	say_ready();
	/* Whoever has started it ends it. */
	while (goes_on) {
		usleep(100000);
		close(new_socket());
	}
	pause();
	return end_of_checks();
}

int main(int argc, char **argv)
{
	const char *role = argc > 1 ? argv[1] : "netlink";

	if (strcmp(role, "inotify") == 0)
		return inotify();
	if (strcmp(role, "many") == 0 || strcmp(role, "more") == 0)
		return many(strcmp(role, "more") == 0);
	return netlink();
}
