/*
 * What the kernel looks at in a call on a device's descriptor before it asks the device: descriptors MODE [DEVICE]
 *
 * arguments  bad arguments of calls that no device has, and of those that the kernel refuses by itself
 * flags      what F_GETFL and F_SETFL tell of how it was opened
 * numbers    copies that shells make, under the numbers that they count on
 * owner      F_SETOWN and its like are kept, and nobody gets a signal
 * hints      F_SET_RW_HINT is for whom it is for at other nodes, and for all open files of the node
 * streams    as a standard stream it is no socket either
 *
 * Exits with 0 if all answers were right.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include "check.h"

#define NOWHERE ((void *)16)
#define LAST_POSITION 0x7fffffffffffffffl
#define FIGETBSZ_NR 2
#define FIFREEZE_NR 0xc0045877
#define FITHAW_NR 0xc0045878
#define FIEMAP_NR 0xc020660b
#define FICLONE_NR 0x40049409
#define FICLONERANGE_NR 0x4020940d
#define FIDEDUPERANGE_NR 0xc0189436
/* With which locks kept nobody out. */
#define OLD_LOCK 32

static const char *device;
static char bytes[4096];

/* The errno of a call, 0 if it succeeded. */
#define ERROR_OF(call) ((call) < 0 ? errno : 0)

static void copies(int camera)
{
	int reader = open(device, O_RDONLY), file = memfd_create("file", 0), dir = open("/", O_RDONLY), ends[2];
	int only_read = open("/dev/null", O_RDONLY);
	loff_t offset = 0, before = -1;

	if (pipe(ends) < 0)
		die("pipe");
	check_errno("splice, a place in a pipe", ERROR_OF(splice(camera, NULL, ends[1], &offset, 1, 0)), ESPIPE);
	check_errno("from one", ERROR_OF(splice(ends[0], &offset, camera, NULL, 1, 0)), ESPIPE);
	check_errno("splice, a place nowhere", ERROR_OF(splice(camera, NOWHERE, ends[1], NULL, 1, 0)), EFAULT);
	check_errno("splice to what is only read", ERROR_OF(splice(camera, NULL, ends[0], NULL, 1, 0)), EBADF);
	check_errno("splice to a reader", ERROR_OF(splice(ends[0], NULL, reader, NULL, 1, 0)), EBADF);
	check_errno("sendfile, a place nowhere", ERROR_OF(sendfile(file, camera, NOWHERE, 1)), EFAULT);
	check_errno("sendfile, a place in a pipe", ERROR_OF(sendfile(camera, ends[0], &offset, 1)), ESPIPE);
	check_errno("sendfile before the start", ERROR_OF(sendfile(file, camera, &before, 1)), EINVAL);
	check_errno("sendfile to what is only read", ERROR_OF(sendfile(only_read, camera, NULL, 1)), EBADF);
	check_errno("sendfile from what is only written", ERROR_OF(sendfile(camera, ends[1], NULL, 1)), EBADF);
	check_errno("sendfile of nothing to a pipe", ERROR_OF(sendfile(ends[1], camera, NULL, 0)), 0);
	check_errno("copy, a place nowhere", ERROR_OF(copy_file_range(camera, NULL, file, NOWHERE, 1, 0)), EFAULT);
	check_errno("copy from a directory", ERROR_OF(copy_file_range(dir, NULL, camera, NULL, 1, 0)), EISDIR);
	check_errno("copy with flags", ERROR_OF(copy_file_range(dir, NULL, camera, NULL, 1, 8)), EINVAL);
}

static void transfers(int camera)
{
	struct iovec pieces[2] = { { bytes, 10 }, { bytes, 10 } };

	check_errno("pread of what no file has", ERROR_OF(pread(camera, bytes, 10, LAST_POSITION)), EINVAL);
	check_errno("nowhere", ERROR_OF(pread(camera, (void *)-10l, 100, LAST_POSITION)), EFAULT);
	check_errno("preadv of it", ERROR_OF(preadv(camera, pieces, 2, LAST_POSITION - 15)), EINVAL);
	check_errno("preadv of nothing there", ERROR_OF(preadv(camera, pieces, 0, LAST_POSITION)), 0);
	check_errno("pwritev of it", ERROR_OF(pwritev(camera, pieces, 2, LAST_POSITION)), EINVAL);
	check_errno("preadv2 of it, with flags", ERROR_OF(preadv2(camera, pieces, 2, LAST_POSITION, RWF_NOWAIT)), EINVAL);
	check_errno("preadv2 of nothing, with flags", ERROR_OF(preadv2(camera, pieces, 0, 0, RWF_NOWAIT)), 0);
	pieces[0].iov_base = (void *)0x8000000000000000ul;
	pieces[1].iov_len = (size_t)-1;
	check_errno("a length before an address", ERROR_OF(readv(camera, pieces, 2)), EINVAL);
	check_errno("with flags", ERROR_OF(preadv2(camera, pieces, 2, 0, RWF_NOWAIT)), EINVAL);
	pieces[0].iov_base = bytes;
	check_errno("a negative length, with flags", ERROR_OF(preadv2(camera, pieces, 2, 0, RWF_NOWAIT)), EINVAL);
}

static void file_ioctls(int camera)
{
	int file = memfd_create("file", 0), size = 0, other = open_device(device, 0), is_root = geteuid() == 0;
	struct { long source, at, length, to; } range = { file, 0, 0, 0 };
	unsigned short many[16] = { 0 };

	check_errno("FIGETBSZ", ERROR_OF(ioctl(camera, FIGETBSZ_NR, &size)), 0);
	check("a block", size == 4096);
	check_errno("FIGETBSZ to nowhere", ERROR_OF(ioctl(camera, FIGETBSZ_NR, NOWHERE)), EFAULT);
	check_errno("FIEMAP", ERROR_OF(ioctl(camera, FIEMAP_NR, bytes)), EOPNOTSUPP);
	check_errno("FIFREEZE", ERROR_OF(ioctl(camera, FIFREEZE_NR, 0)), is_root ? EOPNOTSUPP : EPERM);
	check_errno("FITHAW", ERROR_OF(ioctl(camera, FITHAW_NR, 0)), is_root ? EINVAL : EPERM);
	check_errno("FICLONE", ERROR_OF(ioctl(camera, FICLONE_NR, file)), EXDEV);
	check_errno("FICLONE of a camera", ERROR_OF(ioctl(camera, FICLONE_NR, other)), EINVAL);
	check_errno("FICLONE of nothing", ERROR_OF(ioctl(camera, FICLONE_NR, 777)), EBADF);
	check_errno("FICLONERANGE", ERROR_OF(ioctl(camera, FICLONERANGE_NR, &range)), EXDEV);
	check_errno("FICLONERANGE nowhere", ERROR_OF(ioctl(camera, FICLONERANGE_NR, NOWHERE)), EFAULT);
	check_errno("FIDEDUPERANGE", ERROR_OF(ioctl(camera, FIDEDUPERANGE_NR, many)), EINVAL);
	many[8] = 200;
	check_errno("FIDEDUPERANGE of many", ERROR_OF(ioctl(camera, FIDEDUPERANGE_NR, many)), ENOMEM);
}

static void others(int camera)
{
	struct sockaddr address = { .sa_family = AF_UNIX };

	check_errno("a lock of old", ERROR_OF(flock(camera, OLD_LOCK | LOCK_SH)), 0);
	check_errno("accept4", ERROR_OF(accept4(camera, NULL, NULL, 0)), ENOTSOCK);
	check_errno("accept4 with flags", ERROR_OF(accept4(camera, NULL, NULL, 1)), EINVAL);
	check_errno("connect", ERROR_OF(connect(camera, &address, sizeof(address))), ENOTSOCK);
	check_errno("connect to nowhere", ERROR_OF(connect(camera, NOWHERE, 16)), EFAULT);
	check_errno("connect, too long", ERROR_OF(connect(camera, &address, 4096)), EINVAL);
	check_errno("recvmsg", ERROR_OF(syscall(SYS_recvmsg, camera, bytes, 0x80000000ul)), EINVAL);
	check_errno("times nowhere", ERROR_OF(syscall(SYS_utimensat, camera, NULL, NOWHERE, 1)), EFAULT);
	check_errno("times with flags", ERROR_OF(syscall(SYS_utimensat, camera, NULL, NULL, 1)), EINVAL);
	check_errno("an attribute without a name", ERROR_OF(fgetxattr(camera, "user.", bytes, 10)), ENODATA);
	check_errno("no room for a link", ERROR_OF(readlinkat(camera, "", bytes, 0)), EINVAL);
	check_errno("another name", ERROR_OF(linkat(camera, "", AT_FDCWD, "/", AT_EMPTY_PATH)),
		    geteuid() == 0 ? EEXIST : ENOENT);
}

static void arguments(void)
{
	int camera = open_device(device, O_NONBLOCK);

	copies(camera);
	transfers(camera);
	file_ioctls(camera);
	others(camera);
}

/* What F_GETFL says of the device when it is opened with `flags`, and what after F_SETFL of `set`. */
static void check_flags(const char *what, int flags, int set, int then)
{
	int kept = flags & ~(O_CLOEXEC | O_CREAT | O_TRUNC | O_NOCTTY);
	int large = fcntl(open("/dev/null", O_RDONLY), F_GETFL), fd = open(device, flags, 0);

	check(what, fd >= 0 && fcntl(fd, F_GETFL) == (kept | large));
	check_errno("F_SETFL", ERROR_OF(fcntl(fd, F_SETFL, set)), 0);
	check(what, fcntl(fd, F_GETFL) == (then | large));
}

static void flags(void)
{
	int is_root = geteuid() == 0, on = 1, off = 0, fd;

	check_flags("as it is", O_RDWR, O_NONBLOCK, O_RDWR | O_NONBLOCK);
	check_flags("to read", O_RDONLY, O_APPEND | O_RDWR | O_SYNC, O_APPEND);
	check_flags("for neither", O_ACCMODE, O_NONBLOCK, O_ACCMODE | O_NONBLOCK);
	check_flags("O_APPEND", O_RDWR | O_APPEND | O_NONBLOCK, O_NONBLOCK, O_RDWR | O_NONBLOCK);
	check_flags("O_SYNC", O_WRONLY | O_SYNC, 0, O_WRONLY | O_SYNC);
	check_flags("O_DSYNC", O_RDWR | O_DSYNC | O_NOFOLLOW, 0, O_RDWR | O_DSYNC | O_NOFOLLOW);
	check_flags("what open() alone wants", O_RDWR | O_CLOEXEC | O_CREAT | O_TRUNC | O_NOCTTY, 0, O_RDWR);
	check_flags("O_ASYNC", O_RDWR | O_ASYNC, O_APPEND, O_RDWR | O_ASYNC | O_APPEND);
	fd = open(device, O_RDWR | O_ASYNC);
	check_errno("FIOASYNC, as it is", ERROR_OF(ioctl(fd, FIOASYNC, &on)), 0);
	check_errno("FIOASYNC off", ERROR_OF(ioctl(fd, FIOASYNC, &off)), ENOTTY);
	check_errno("O_NOATIME", ERROR_OF(open(device, O_RDWR | O_NOATIME)), is_root ? 0 : EPERM);
	check_errno("F_SETFL of it", ERROR_OF(fcntl(fd, F_SETFL, O_NOATIME)), is_root ? 0 : EPERM);
	check_errno("half of O_TMPFILE", ERROR_OF(open(device, O_RDWR | (O_TMPFILE & ~O_DIRECTORY))), EINVAL);
	fd = open(device, O_ACCMODE);
	check_errno("read for neither", ERROR_OF(read(fd, bytes, 1)), EBADF);
	check_errno("write for neither", ERROR_OF(write(fd, bytes, 1)), EBADF);
}

static int can_read(int fd)
{
	return read(fd, bytes, sizeof(bytes)) == sizeof(bytes);
}

static int is_camera(int fd)
{
	struct v4l2_capability caps;

	return try_ioctl(fd, VIDIOC_QUERYCAP, &caps) == 0;
}

static void numbers(void)
{
	int in = dup(0), camera = open_device(device, 0), saved, copy;

	close(5);
	check("a number that was closed", fcntl(camera, F_DUPFD, 5) == 5 && is_camera(5));
	check("the next one", fcntl(camera, F_DUPFD, 5) == 6 && is_camera(6));
	close(0);
	check("standard input", fcntl(5, F_DUPFD, 0) == 0 && can_read(0));
	close(5);
	close(6);
	saved = fcntl(0, F_DUPFD, 10);
	check("what a shell puts by", saved >= 10 && saved < 100 && is_camera(saved));
	check("another file in its place", dup2(in, 0) == 0 && !is_camera(0));
	check("it is back", dup2(saved, 0) == 0 && close(saved) == 0 && can_read(0));
	copy = fcntl(0, F_DUPFD, 3);
	check("a copy out of the way of streams is read", copy >= 3 && can_read(copy));
	close(copy);
	copy = fcntl(0, F_DUPFD_CLOEXEC, 3);
	check("and one that closes on exec", copy >= 3 && can_read(copy));
	close(copy);
	copy = fcntl(camera, F_DUPFD, 10);
	check("and one of the camera", copy >= 10 && can_read(copy));
	close(copy);
	close(camera);
	check_errno("somebody has it", ERROR_OF(fcntl(0, F_GETFD)), 0);
	camera = open_device(device, 0);
	check_errno("and reads", read_errno(camera, bytes, 10), EBUSY);
	dup2(in, 0);
	check_errno("nobody has it", read_errno(camera, bytes, 10), 0);
}

static volatile int signals;

static void count_signal(int number)
{
	(void)number;
	signals++;
}

static void owner(void)
{
	struct v4l2_event_subscription brightness = { .type = V4L2_EVENT_CTRL, .id = V4L2_CID_BRIGHTNESS,
						      .flags = V4L2_EVENT_SUB_FL_ALLOW_FEEDBACK };
	struct f_owner_ex ex = { F_OWNER_PGRP, getpgrp() }, told;
	int fd = open_device(device, 0), copy = dup(fd);
	struct pollfd waits = { .fd = fd, .events = POLLPRI };
	struct v4l2_event event;
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	signal(SIGURG, count_signal);
	check_errno("F_SETOWN", ERROR_OF(fcntl(fd, F_SETOWN, getpid())), 0);
	check("F_GETOWN of a copy", fcntl(copy, F_GETOWN) == getpid());
	check_errno("SUBSCRIBE_EVENT", try_ioctl(fd, VIDIOC_SUBSCRIBE_EVENT, &brightness), 0);
	for (int i = 0; i < 5; i++) {
		struct v4l2_control control = { V4L2_CID_BRIGHTNESS, 100 + i };

		check_errno("S_CTRL", try_ioctl(fd, VIDIOC_S_CTRL, &control), 0);
		check("an event", poll(&waits, 1, 5000) == 1 && waits.revents == POLLPRI);
		check_errno("DQEVENT", try_ioctl(fd, VIDIOC_DQEVENT, &event), 0);
	}
	check("no signal", signals == 0);
	check_errno("F_SETOWN_EX", ERROR_OF(fcntl(fd, F_SETOWN_EX, &ex)), 0);
	check_errno("F_GETOWN_EX", ERROR_OF(fcntl(fd, F_GETOWN_EX, &told)), 0);
	check("a group", told.type == F_OWNER_PGRP && told.pid == getpgrp());
	ex.type = 3;
	check_errno("F_SETOWN_EX of no type", ERROR_OF(fcntl(fd, F_SETOWN_EX, &ex)), EINVAL);
	check_errno("F_SETOWN_EX from nowhere", ERROR_OF(fcntl(fd, F_SETOWN_EX, NOWHERE)), EFAULT);
	check_errno("F_SETOWN of a child", ERROR_OF(fcntl(fd, F_SETOWN, child)), 0);
	check("it has ended", waitpid(child, NULL, 0) == child && fcntl(fd, F_GETOWN) == 0);
	check_errno("F_SETOWN of nobody", ERROR_OF(fcntl(fd, F_SETOWN, child)), ESRCH);
}

/* As root on the camera alone: on the node of the host nothing is changed. */
static void hints(void)
{
	int camera = open_device(device, 0), other = open_device(device, 0), null = open("/dev/null", O_RDWR);
	uint64_t hint = 99, told = 9;
	int may = geteuid() == 0;

	check_errno("F_SET_RW_HINT from nowhere", ERROR_OF(fcntl(camera, F_SET_RW_HINT, NOWHERE)),
		    ERROR_OF(fcntl(null, F_SET_RW_HINT, NOWHERE)));
	check_errno("F_SET_RW_HINT that is none", ERROR_OF(fcntl(camera, F_SET_RW_HINT, &hint)),
		    ERROR_OF(fcntl(null, F_SET_RW_HINT, &hint)));
	hint = RWH_WRITE_LIFE_SHORT;
	check_errno("F_SET_RW_HINT", ERROR_OF(fcntl(camera, F_SET_RW_HINT, &hint)),
		    may ? 0 : ERROR_OF(fcntl(null, F_SET_RW_HINT, &hint)));
	check_errno("F_GET_RW_HINT", ERROR_OF(fcntl(other, F_GET_RW_HINT, &told)), 0);
	check("all have it", !may || told == hint);
	check_errno("F_GET_RW_HINT to nowhere", ERROR_OF(fcntl(camera, F_GET_RW_HINT, NOWHERE)), EFAULT);
}

static void stream_at(int fd)
{
	struct sockaddr_storage address;
	socklen_t length = sizeof(address);
	int value = 0;
	struct stat st;

	check_errno("getpeername", ERROR_OF(getpeername(fd, (struct sockaddr *)&address, &length)), ENOTSOCK);
	check_errno("getsockname", ERROR_OF(getsockname(fd, (struct sockaddr *)&address, &length)), ENOTSOCK);
	length = sizeof(value);
	check_errno("getsockopt", ERROR_OF(getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &length)), ENOTSOCK);
	check_errno("setsockopt", ERROR_OF(setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &value, sizeof(value))), ENOTSOCK);
	check_errno("send", ERROR_OF(send(fd, bytes, 1, MSG_DONTWAIT)), ENOTSOCK);
	check_errno("recv", ERROR_OF(recv(fd, bytes, 1, MSG_DONTWAIT)), ENOTSOCK);
	check_errno("shutdown", ERROR_OF(shutdown(fd, SHUT_RDWR)), ENOTSOCK);
	check_errno("listen", ERROR_OF(listen(fd, 1)), ENOTSOCK);
	check_errno("FIONREAD", ERROR_OF(ioctl(fd, FIONREAD, &value)), ENOTTY);
	check_errno("flistxattr", ERROR_OF(flistxattr(fd, bytes, 100)), 0);
	check("no attributes", flistxattr(fd, bytes, 100) == 0);
	check_errno("fgetxattr", ERROR_OF(fgetxattr(fd, "user.a", bytes, 10)), ENODATA);
	if (geteuid() != 0)
		return;
	check_errno("fchmod", ERROR_OF(fchmod(fd, 0640)), 0);
	check("it is the mode of the node", stat(device, &st) == 0 && (st.st_mode & 07777) == 0640);
	check_errno("fchmod back", ERROR_OF(fchmod(fd, 0666)), 0);
}

static void streams(void)
{
	int camera = open_device(device, 0);

	for (int fd = 0; fd < 3; fd++) {
		int saved = dup(fd);

		dup2(camera, fd);
		stream_at(fd);
		dup2(saved, fd);
		close(saved);
	}
	dup2(camera, 0);
	check("it is read all the same", can_read(0));
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";
	static const struct {
		const char *name;
		void (*run)(void);
	} modes[] = {
		{ "arguments", arguments },
		{ "flags", flags },
		{ "numbers", numbers },
		{ "owner", owner },
		{ "hints", hints },
		{ "streams", streams },
	};

	device = argc > 2 ? argv[2] : "/dev/video0";
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcmp(mode, modes[i].name) == 0) {
			modes[i].run();
			return end_of_checks();
		}
	return 2;
}
