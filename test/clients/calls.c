/*
 * Calls on a camera that few programs make: calls MODE
 *
 * copies     copies inside the kernel are refused, and read() goes on where they have failed
 * vectors    readv() and its variants, with pieces of all kinds
 * writes     the same for write, to a loopback at /dev/video0
 * flags      O_DIRECT, O_ASYNC, FIOASYNC, FIONBIO, select() of a negative number, attributes
 * names      a descriptor that only names a camera; paths through nodes and descriptors
 *
 * Exits with 0 if all answers were right.
 */
#define _GNU_SOURCE
#include <sys/file.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/xattr.h>

#include "check.h"

#define FRAME 614400
#define NOWHERE ((void *)16)
#define BEYOND ((void *)0x8000000000000000ul)

static const char *device = "/dev/video0";
static char frame[3 * FRAME];

/* The errno of a call, 0 if it succeeded. */
#define ERROR_OF(call) ((call) < 0 ? errno : 0)

static int open_vga(int flags)
{
	struct v4l2_pix_format pix;
	int fd = open_device(device, flags);

	check_errno("S_FMT", set_format(fd, 640, 480, &pix), 0);
	return fd;
}

static void copies_at(const char *what, int camera, int file, const int *ends)
{
	loff_t offset = 0;

	fprintf(stdout, "%s\n", what);
	check_errno("splice from", ERROR_OF(splice(camera, NULL, ends[1], NULL, FRAME, 0)), EINVAL);
	check_errno("splice from with an offset", ERROR_OF(splice(camera, &offset, ends[1], NULL, 1, 0)), EINVAL);
	check_errno("splice to", ERROR_OF(splice(ends[0], NULL, camera, NULL, 3, 0)), EINVAL);
	check_errno("splice of nothing", ERROR_OF(splice(camera, NULL, ends[1], NULL, 0, 0)), 0);
	check_errno("splice with flags", ERROR_OF(splice(camera, NULL, ends[1], NULL, 1, 64)), EINVAL);
	check_errno("splice to a number", ERROR_OF(splice(camera, NULL, 77, NULL, 1, 0)), EBADF);
	check_errno("sendfile from", ERROR_OF(sendfile(file, camera, NULL, FRAME)), EINVAL);
	check_errno("sendfile from with an offset", ERROR_OF(sendfile(file, camera, &offset, FRAME)), EINVAL);
	check_errno("sendfile of nothing from", ERROR_OF(sendfile(file, camera, NULL, 0)), EINVAL);
	check_errno("sendfile to", ERROR_OF(sendfile(camera, file, NULL, 3)), EINVAL);
	check_errno("sendfile of nothing to", ERROR_OF(sendfile(camera, file, NULL, 0)), 0);
	check_errno("copy_file_range from", ERROR_OF(copy_file_range(camera, NULL, file, NULL, FRAME, 0)), EINVAL);
	check_errno("copy_file_range to", ERROR_OF(copy_file_range(file, NULL, camera, NULL, 3, 0)), EINVAL);
	check_errno("tee", ERROR_OF(tee(camera, ends[1], FRAME, 0)), EINVAL);
	check_errno("vmsplice", ERROR_OF(vmsplice(camera, &(struct iovec){ frame, 1 }, 1, 0)), EBADF);
	check_errno("fsync", ERROR_OF(fsync(camera)), EINVAL);
	check_errno("ftruncate", ERROR_OF(ftruncate(camera, 0)), EINVAL);
	check_errno("fallocate", ERROR_OF(fallocate(camera, 0, 0, 1)), ENODEV);
	check_errno("readahead", ERROR_OF(readahead(camera, 0, 1)), EINVAL);
	check_errno("posix_fadvise", posix_fadvise(camera, 0, 0, POSIX_FADV_SEQUENTIAL), 0);
	check_errno("lseek", ERROR_OF(lseek(camera, 0, SEEK_CUR)), ESPIPE);
	check("a frame afterwards", read(camera, frame, FRAME) == FRAME);
}

static void copies(void)
{
	int camera = open_vga(0), ends[2];
	int in = dup(0), out = dup(1);
	int file = memfd_create("file", 0);
	int writer;

	if (pipe(ends) < 0 || write(ends[1], "abc", 3) != 3 || write(file, "abc", 3) != 3)
		die("pipe");
	lseek(file, 0, SEEK_SET);
	copies_at("under the number it has", camera, file, ends);
	dup2(camera, 0);
	copies_at("as standard input", 0, file, ends);
	check("50 bytes of a frame", read(0, frame, 50) == 50 && memcmp(frame, frame + FRAME, 50) != 0);
	check("the rest", read(0, frame, FRAME) == FRAME - 50);
	check("10 bytes by readv", readv(0, &(struct iovec){ frame, 10 }, 1) == 10);
	dup2(in, 0);
	writer = open_device(device, 0);
	dup2(writer, 1);
	check_errno("sendfile to standard output", ERROR_OF(sendfile(1, file, NULL, 3)), EINVAL);
	check_errno("splice to standard output", ERROR_OF(splice(ends[0], NULL, 1, NULL, 3, 0)), EINVAL);
	check_errno("copy to standard output", ERROR_OF(copy_file_range(file, NULL, 1, NULL, 3, 0)), EINVAL);
	dup2(out, 1);
	check("what was not moved is there", read(ends[0], frame, 10) == 3 && read(file, frame, 10) == 3);
}

static void refused_vectors(int fd, ssize_t (*vector)(int, const struct iovec *, int))
{
	struct iovec pieces[1025];

	for (int i = 0; i < 1025; i++)
		pieces[i] = (struct iovec){ frame, 1 };
	check_errno("1025 pieces", ERROR_OF(vector(fd, pieces, 1025)), EINVAL);
	check_errno("-1 pieces", ERROR_OF(vector(fd, pieces, -1)), EINVAL);
	check_errno("no pieces", ERROR_OF(vector(fd, pieces, 0)), 0);
	check_errno("pieces nowhere", ERROR_OF(vector(fd, NOWHERE, 1)), EFAULT);
	pieces[1].iov_len = (size_t)-1;
	check_errno("a negative length", ERROR_OF(vector(fd, pieces, 2)), EINVAL);
	pieces[1] = (struct iovec){ BEYOND, 1 };
	check_errno("a piece that no program has", ERROR_OF(vector(fd, pieces, 2)), EFAULT);
	check_errno("a piece nowhere", ERROR_OF(vector(fd, &(struct iovec){ NOWHERE, 1 }, 1)), EFAULT);
	pieces[1] = (struct iovec){ NOWHERE, 1 };
	check("a piece before one nowhere", vector(fd, pieces, 2) == 1);
}

static void vectors(void)
{
	int fd = open_vga(0), writer = open(device, O_WRONLY);
	struct iovec two[2] = { { frame, FRAME }, { frame + FRAME, FRAME } };
	struct iovec empty[4] = { { frame, 0 }, { frame, 1000 }, { NOWHERE, 0 }, { frame + 1000, FRAME } };

	check("two frames, the second is waited for", readv(fd, two, 2) == 2 * FRAME);
	check("empty pieces do not count", readv(fd, empty, 4) == FRAME);
	check("preadv", preadv(fd, two, 2, 5000) == 2 * FRAME);
	check("preadv2", preadv2(fd, two, 1, 0, 0) == FRAME);
	check("preadv2 where it is", preadv2(fd, two, 1, -1, RWF_HIPRI) == FRAME);
	check("pread", pread(fd, frame, FRAME, 123) == FRAME);
	check_errno("pread before the start", ERROR_OF(pread(fd, frame, 1, -1)), EINVAL);
	check_errno("preadv before the start", ERROR_OF(preadv(fd, two, 1, -1)), EINVAL);
	check_errno("preadv2 before the start", ERROR_OF(preadv2(fd, two, 1, -2, 0)), EINVAL);
	check_errno("preadv2 that does not wait", ERROR_OF(preadv2(fd, two, 1, 0, RWF_NOWAIT)), EOPNOTSUPP);
	check_errno("preadv2 with flags nobody knows", ERROR_OF(preadv2(fd, two, 1, -1, 0x4000)), EOPNOTSUPP);
	check_errno("read of too much", ERROR_OF(syscall(SYS_read, fd, frame, -1L)), EFAULT);
	check_errno("readv of what is only written", ERROR_OF(readv(writer, two, 1)), EBADF);
	check_errno("of nothing too", ERROR_OF(readv(writer, two, 0)), EBADF);
	check_errno("preadv2 of it", ERROR_OF(preadv2(writer, two, 1, 0, RWF_NOWAIT)), EBADF);
	refused_vectors(fd, readv);
}

static void writes(void)
{
	int fd = open_device(device, 0), reader = open(device, O_RDONLY);
	struct iovec planes[3] = { { frame, FRAME / 2 }, { frame, FRAME / 4 }, { frame, FRAME / 4 } };

	check("three planes", writev(fd, planes, 3) == FRAME);
	check("pwritev", pwritev(fd, planes, 3, 1) == FRAME);
	check("pwritev2", pwritev2(fd, planes, 3, -1, 0) == FRAME);
	check("pwrite", pwrite(fd, frame, FRAME, 5) == FRAME);
	check_errno("pwritev before the start", ERROR_OF(pwritev(fd, planes, 3, -1)), EINVAL);
	check_errno("pwritev2 with flags", ERROR_OF(pwritev2(fd, planes, 3, -1, RWF_APPEND)), EOPNOTSUPP);
	check_errno("writev of what is only read", ERROR_OF(writev(reader, planes, 3)), EBADF);
	refused_vectors(fd, writev);
}

static void flags(void)
{
	int fd = open_vga(0), on = 1, off = 0, file = memfd_create("file", 0);
	fd_set set;

	check_errno("open with O_DIRECT", ERROR_OF(open(device, O_RDWR | O_DIRECT)), EINVAL);
	check_errno("F_SETFL with O_DIRECT", ERROR_OF(fcntl(fd, F_SETFL, O_DIRECT)), EINVAL);
	check_errno("F_SETFL with O_ASYNC", ERROR_OF(fcntl(fd, F_SETFL, O_ASYNC | O_NONBLOCK)), 0);
	check("only one of them is set", (fcntl(fd, F_GETFL) & (O_ASYNC | O_NONBLOCK)) == O_NONBLOCK);
	check_errno("FIOASYNC", ERROR_OF(ioctl(fd, FIOASYNC, &on)), ENOTTY);
	check_errno("FIOASYNC off", ERROR_OF(ioctl(fd, FIOASYNC, &off)), 0);
	check_errno("FIOASYNC of nothing", ERROR_OF(ioctl(fd, FIOASYNC, NOWHERE)), EFAULT);
	check_errno("FIOASYNC of a file", ERROR_OF(ioctl(file, FIOASYNC, &on)), ENOTTY);
	check_errno("FIONBIO off", ERROR_OF(ioctl(fd, FIONBIO, &off)), 0);
	check("it waits", (fcntl(fd, F_GETFL) & O_NONBLOCK) == 0);
	check("F_GETOWN", fcntl(fd, F_GETOWN) == 0);
	FD_ZERO(&set);
	FD_SET(fd, &set);
	check_errno("select of -1", ERROR_OF(syscall(SYS_pselect6, -1, &set, NULL, NULL, NULL, NULL)), EINVAL);
	check_errno("fgetxattr", ERROR_OF(fgetxattr(fd, "user.a", frame, 10)), ENODATA);
	check_errno("flistxattr", ERROR_OF(flistxattr(fd, frame, 100)), 0);
	check_errno("fsetxattr", ERROR_OF(fsetxattr(fd, "user.a", "b", 1, 0)), EPERM);
	check_errno("setxattr", ERROR_OF(setxattr(device, "user.a", "b", 1, 0)), EPERM);
	check_errno("removexattr", ERROR_OF(removexattr(device, "user.a")), EPERM);
	check_errno("getsockname", ERROR_OF(getsockname(fd, (struct sockaddr *)frame, &(socklen_t){ 10 })), ENOTSOCK);
}

static void named_only(void)
{
	int fd = open(device, O_PATH), nofollow = open(device, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct v4l2_capability caps;
	struct flock lock = { .l_type = F_RDLCK };
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0), low = dup2(fd, 9);

	check("they are opened", fd >= 0 && nofollow >= 0 && copy >= 0 && low == 9);
	for (int i = 0; i < 3; i++) {
		int named = i == 0 ? fd : i == 1 ? copy : low;

		check_errno("QUERYCAP", try_ioctl(named, VIDIOC_QUERYCAP, &caps), EBADF);
		check_errno("read", ERROR_OF(read(named, frame, 1)), EBADF);
		check_errno("preadv", ERROR_OF(preadv(named, &(struct iovec){ frame, 1 }, 1, 0)), EBADF);
		check_errno("write", ERROR_OF(write(named, frame, 1)), EBADF);
		check_errno("sendfile", ERROR_OF(sendfile(1, named, NULL, 1)), EBADF);
		check("mmap", mmap(NULL, 4096, PROT_READ, MAP_SHARED, named, 0) == MAP_FAILED && errno == EBADF);
		check_errno("flock", ERROR_OF(flock(named, LOCK_SH)), EBADF);
	}
	check_errno("FIONREAD", ERROR_OF(ioctl(fd, FIONREAD, frame)), EBADF);
	check_errno("fchmod", ERROR_OF(fchmod(fd, 0600)), EBADF);
	check_errno("fchown", ERROR_OF(fchown(fd, -1, -1)), EBADF);
	check_errno("F_SETFL", ERROR_OF(fcntl(fd, F_SETFL, O_NONBLOCK)), EBADF);
	check_errno("F_GETLK", ERROR_OF(fcntl(fd, F_GETLK, &lock)), EBADF);
	check("F_GETFL", fcntl(fd, F_GETFL) == O_PATH);
	check("F_GETFD", fcntl(nofollow, F_GETFD) == FD_CLOEXEC);
}

static void names(void)
{
	int camera = open_device(device, 0), fds = open("/proc/self/fd", O_RDONLY | O_DIRECTORY);
	int self = open("/proc/self", O_RDONLY | O_DIRECTORY), dev = open("/dev", O_RDONLY | O_DIRECTORY);
	char number[64], path[128];
	struct stat st;

	named_only();
	check_errno("a slash behind it", ERROR_OF(open("/dev/video0/", O_RDWR)), ENOTDIR);
	check_errno("stat with a slash", ERROR_OF(stat("/dev/video0/", &st)), ENOTDIR);
	check_errno("something in it", ERROR_OF(open("/dev/video0/a", O_RDWR)), ENOTDIR);
	check_errno("up from it", ERROR_OF(stat("/dev/video0/../null", &st)), ENOTDIR);
	check_errno("chdir", ERROR_OF(chdir(device)), ENOTDIR);
	check_errno("from it", ERROR_OF(openat(camera, "video0", O_RDWR)), ENOTDIR);
	snprintf(number, sizeof(number), "%d", camera);
	snprintf(path, sizeof(path), "/dev/fd/%d/", camera);
	check_errno("/dev/fd/N/", ERROR_OF(open(path, O_RDWR)), ENOTDIR);
	snprintf(path, sizeof(path), "/dev/fd/%d/video0", dev);
	check_errno("through /dev/fd", ERROR_OF(stat(path, &st)), 0);
	check("it is the camera", S_ISCHR(st.st_mode));
	snprintf(path, sizeof(path), "/dev/fd/%d/null", dev);
	check_errno("another through /dev/fd", ERROR_OF(stat(path, &st)), 0);
	memset(path, 0, sizeof(path));
	check("readlinkat by number", readlinkat(fds, number, path, 100) > 0 && strcmp(path, device) == 0);
	check_errno("fstatat by number", ERROR_OF(fstatat(fds, number, &st, 0)), 0);
	check("it is a device", S_ISCHR(st.st_mode) && st.st_rdev != 0);
	snprintf(number, sizeof(number), "fd/%d", camera);
	memset(path, 0, sizeof(path));
	check("readlinkat by fd/N", readlinkat(self, number, path, 100) > 0 && strcmp(path, device) == 0);
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";
	static const struct {
		const char *name;
		void (*run)(void);
	} modes[] = {
		{ "copies", copies }, { "vectors", vectors }, { "writes", writes },
		{ "flags", flags },   { "names", names },
	};

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcmp(mode, modes[i].name) == 0) {
			modes[i].run();
			return end_of_checks();
		}
	return 2;
}
