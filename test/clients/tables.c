/*
 * Tables of descriptors that are not one for each process: tables MODE [device [device]]
 *
 * shared        a child has the table of its parent: what it closes and opens is so for both
 * thread        a thread leaves the table by unshare(): its numbers are its own from then on
 * close-range   the same by close_range(), which closes at once what the others keep
 * born-apart    a thread that is made with a table of its own
 * last          a camera is taken as long as a thread has it in a table of its own, and free when that thread has ended
 * unseen        a child that shares the table by clone3(), of which nobody hears, closes a camera: it is free
 * stream        such a thread goes on with a stream whose descriptor everybody else has closed
 *
 * The last line is JSON; exits with 0 if all answers were right.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "idle.h"

#define STACK_SIZE (256 << 10)
#define CLOSE_RANGE_UNSHARE_FLAG 2
#define FRAMES 20

static int fd;

/* True if descriptor `number` is the camera with this name. */
static int is_camera(int number, const char *path)
{
	struct v4l2_capability capability;
	const char *digit = path + strlen(path) - 1;

	return ioctl(number, VIDIOC_QUERYCAP, &capability) == 0 &&
	       capability.bus_info[strlen((char *)capability.bus_info) - 1] == (unsigned char)*digit;
}

static int is_closed(int number)
{
	struct v4l2_capability capability;

	return ioctl(number, VIDIOC_QUERYCAP, &capability) < 0 && errno == EBADF;
}

static int close_it(void *unused)
{
	(void)unused;
	return close(fd) == 0 ? 0 : 1;
}

static int put_other_there(void *unused)
{
	(void)unused;
	close(fd);
	return open(other_device, O_RDWR) == fd && is_camera(fd, other_device) ? 0 : 1;
}

static int dup_other_there(void *unused)
{
	int other = open(other_device, O_RDWR);

	(void)unused;
	return dup2(other, fd) == fd && close(other) == 0 ? 0 : 1;
}

/* A child with our table does it; gives whether it could. */
static int in_child(int (*act)(void *))
{
	char *stack = malloc(STACK_SIZE);
	pid_t child = clone(act, stack + STACK_SIZE, CLONE_FILES | SIGCHLD, NULL);
	int status = -1;

	if (child < 0 || waitpid(child, &status, 0) != child)
		die("clone");
	free(stack);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void shared(void)
{
	fd = open_idle(device, 0);
	check("it is the camera", is_camera(fd, device));
	check("a child closes", in_child(close_it));
	check("what a child has closed is closed", is_closed(fd));
	expect_free();
	fd = open_device(device, 0);
	check("it is the camera again", is_camera(fd, device));
	check("a child opens another", in_child(put_other_there));
	check("what a child has opened is open", is_camera(fd, other_device));
	close(fd);
	fd = open_device(device, 0);
	check("it is the camera once more", is_camera(fd, device));
	check("a child copies another", in_child(dup_other_there));
	check("what a child has put there is there", is_camera(fd, other_device));
	close(fd);
}

/* clone3() has its flags in memory: the struct of <linux/sched.h>, as far as it was at first. */
static void unseen(void)
{
	uint64_t arguments[8] = { [0] = CLONE_FILES, [4] = SIGCHLD };
	int status;
	long child;

	fd = open_idle(device, 0);
	check("it is the camera", is_camera(fd, device));
	child = syscall(SYS_clone3, arguments, sizeof(arguments));
	if (child == 0)
		_exit(close_it(NULL));
	check("a child closes", child > 0 && waitpid((pid_t)child, &status, 0) == child && status == 0);
	expect_free();
	check("and it is closed here", is_closed(fd));
}

/* The turns of a thread and the first one. */
static pthread_barrier_t turn;

static void own_numbers(void)
{
	check("a number that is closed is closed", is_closed(fd));
	check("the number is another camera", open(other_device, O_RDWR) == fd && is_camera(fd, other_device));
	pthread_barrier_wait(&turn);
	pthread_barrier_wait(&turn);
	check("and stays so", is_camera(fd, other_device));
	close(fd);
	check("until it is closed", is_closed(fd));
	pthread_barrier_wait(&turn);
	pthread_barrier_wait(&turn);
}

static void *leave_by_unshare(void *unused)
{
	check("the number is the camera", is_camera(fd, device));
	if (unshare(CLONE_FILES) < 0)
		die("unshare");
	check("and still is in a table of one's own", is_camera(fd, device));
	close(fd);
	own_numbers();
	return unused;
}

static void *leave_by_close_range(void *unused)
{
	if (syscall(SYS_close_range, fd, fd, CLOSE_RANGE_UNSHARE_FLAG) < 0)
		die("close_range");
	own_numbers();
	return unused;
}

static void beside(void *(*leave)(void *))
{
	pthread_t thread;

	fd = open_device(device, 0);
	check("it is the camera", is_camera(fd, device));
	pthread_barrier_init(&turn, NULL, 2);
	pthread_create(&thread, NULL, leave, NULL);
	pthread_barrier_wait(&turn);
	check("a thread with a table of its own changes nothing", is_camera(fd, device));
	pthread_barrier_wait(&turn);
	pthread_barrier_wait(&turn);
	check("nor when it closes", is_camera(fd, device));
	pthread_barrier_wait(&turn);
	pthread_join(thread, NULL);
	check("nor when it has ended", is_camera(fd, device));
	close(fd);
	check("what is closed is closed", is_closed(fd));
}

static void thread(void)
{
	beside(leave_by_unshare);
}

static void close_range_apart(void)
{
	beside(leave_by_close_range);
}

/* It has no thread-local memory of its own, so it makes calls and sets what the others look at. */
static volatile int apart_closed, apart_done;

static int live_apart(void *unused)
{
	(void)unused;
	apart_closed = syscall(SYS_close, fd) == 0 && syscall(SYS_ioctl, fd, VIDIOC_G_PRIORITY, &apart_done) < 0;
	apart_done = 1;
	syscall(SYS_exit, 0);
	return 0;
}

static void born_apart(void)
{
	char *stack = malloc(STACK_SIZE);

	fd = open_device(device, 0);
	check("it is the camera", is_camera(fd, device));
	if (clone(live_apart, stack + STACK_SIZE, CLONE_VM | CLONE_FS | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM, NULL) < 0)
		die("clone");
	while (!apart_done)
		usleep(1000);
	check("the thread has closed its own", apart_closed);
	check("and nobody else's", is_camera(fd, device));
	close(fd);
	expect_free();
}

static int reqbufs_errno(void)
{
	unsigned int count = 1;
	int other = open_device(device, 0);
	int error = reqbufs_as(other, V4L2_MEMORY_MMAP, &count);

	close(other);
	return error;
}

static void *keep_apart(void *unused)
{
	if (unshare(CLONE_FILES) < 0)
		die("unshare");
	pthread_barrier_wait(&turn);
	pthread_barrier_wait(&turn);
	return unused;
}

static void last(void)
{
	pthread_t thread;

	fd = open_idle(device, 0);
	pthread_barrier_init(&turn, NULL, 2);
	pthread_create(&thread, NULL, keep_apart, NULL);
	pthread_barrier_wait(&turn);
	close(fd);
	for (int i = 0; i < 20; i++)
		check_errno("a thread has it", reqbufs_errno(), EBUSY);
	pthread_barrier_wait(&turn);
	pthread_join(thread, NULL);
	expect_free();
}

static struct pace pace;

static void *stream_apart(void *unused)
{
	if (unshare(CLONE_FILES) < 0)
		die("unshare");
	pthread_barrier_wait(&turn);
	pthread_barrier_wait(&turn);
	for (int i = 0; i < FRAMES; i++) {
		struct pollfd entry = { .fd = fd, .events = POLLIN };

		check("a frame is there", poll(&entry, 1, 10000) == 1 && entry.revents == POLLIN);
		take_frames(fd, 1);
	}
	pace = take_frames(fd, FRAMES);
	return unused;
}

static void stream(void)
{
	struct stream stream = { .fd = open_device(device, 0) };
	pthread_t thread;

	fd = stream.fd;
	start_stream(&stream, 4);
	pthread_barrier_init(&turn, NULL, 2);
	pthread_create(&thread, NULL, stream_apart, NULL);
	pthread_barrier_wait(&turn);
	close(fd);
	check("it is closed here", is_closed(fd));
	pthread_barrier_wait(&turn);
	pthread_join(thread, NULL);
	check("all frames came", pace.frames == FRAMES && pace.monotonic);
	unmap_buffers(&stream);
	expect_free();
}

static const struct mode modes[] = {
	{ "shared", shared },         { "thread", thread }, { "close-range", close_range_apart },
	{ "born-apart", born_apart }, { "last", last },     { "unseen", unseen },
	{ "stream", stream },
};

int main(int argc, char **argv)
{
	return run_mode(modes, COUNT_OF(modes), argc, argv);
}
