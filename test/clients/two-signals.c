/*
 * Two signals at once for a thread that sleeps in DQEVENT, one for itself and one for its process: two-signals [device]
 *
 * Its call fails once with EINTR. Threads that sleep afterwards must all be woken, each by its own answer. The last line on
 * stdout is JSON; exits with 0 if all answers were right.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>

#include "check.h"

#define ROUNDS 20
#define SLEEPERS 6
#define PATIENCE_S 10

static const char *device = "/dev/video0";
static volatile int round_now, stop;

static void on_signal(int number)
{
	(void)number;
}

static int is_asleep(pid_t tid)
{
	char path[64], state = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	file = fopen(path, "r");
	if (!file || fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
		die(path);
	fclose(file);
	return state == 'S';
}

static int subscribed(void)
{
	struct v4l2_event_subscription subscription = { .type = V4L2_EVENT_CTRL, .id = V4L2_CID_BRIGHTNESS };
	int fd = open_device(device, 0);

	check_errno("SUBSCRIBE_EVENT", try_ioctl(fd, VIDIOC_SUBSCRIBE_EVENT, &subscription), 0);
	return fd;
}

/* Signals for a process are for its first thread, unless that blocks them: this one does. */
static void *send_both(void *first)
{
	int sent = 0;

	while (!stop) {
		if (sent == round_now || !is_asleep(getpid())) {
			sched_yield();
			continue;
		}
		sent = round_now;
		kill(getpid(), SIGUSR1);
		pthread_kill(*(pthread_t *)first, SIGUSR2);
	}
	return NULL;
}

static void interrupt_by_both(void)
{
	struct sigaction action = { .sa_handler = on_signal };
	pthread_t self = pthread_self(), other;
	struct v4l2_event event;
	int fd = subscribed();
	sigset_t both;

	sigemptyset(&both);
	sigaddset(&both, SIGUSR1);
	sigaddset(&both, SIGUSR2);
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGUSR2, &action, NULL);
	pthread_sigmask(SIG_BLOCK, &both, NULL);
	pthread_create(&other, NULL, send_both, &self);
	pthread_sigmask(SIG_UNBLOCK, &both, NULL);
	for (int i = 1; i <= ROUNDS; i++) {
		round_now = i;
		check_errno("DQEVENT, interrupted", ioctl(fd, VIDIOC_DQEVENT, &event) < 0 ? errno : 0, EINTR);
	}
	stop = 1;
	pthread_join(other, NULL);
	close(fd);
}

struct sleeper {
	int fd;
	volatile pid_t tid;
	int error;
	struct v4l2_event event;
	pthread_t thread;
};

static void *sleep_in_dqevent(void *argument)
{
	struct sleeper *self = argument;

	self->tid = (pid_t)syscall(SYS_gettid);
	self->error = ioctl(self->fd, VIDIOC_DQEVENT, &self->event) < 0 ? errno : 0;
	return NULL;
}

static void check_sleepers(void)
{
	static struct sleeper sleepers[SLEEPERS];
	struct v4l2_control control = { .id = V4L2_CID_BRIGHTNESS, .value = 42 };
	struct timespec until;
	int fd = open_device(device, 0);

	for (struct sleeper *each = sleepers; each < sleepers + SLEEPERS; each++) {
		each->fd = subscribed();
		pthread_create(&each->thread, NULL, sleep_in_dqevent, each);
		while (!each->tid || !is_asleep(each->tid))
			sched_yield();
	}
	check_errno("S_CTRL", try_ioctl(fd, VIDIOC_S_CTRL, &control), 0);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE_S;
	for (struct sleeper *each = sleepers; each < sleepers + SLEEPERS; each++)
		if (check("the sleeper wakes", pthread_timedjoin_np(each->thread, NULL, &until) == 0)) {
			check_errno("DQEVENT", each->error, 0);
			check("it has the event", each->event.u.ctrl.value == control.value);
		}
}

int main(int argc, char **argv)
{
	if (argc > 1)
		device = argv[1];
	interrupt_by_both();
	check_sleepers();
	return end_of_checks();
}
