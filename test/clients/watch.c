/*
 * What inotify tells of a node: watch (read | write) [device]
 *
 * Exits with 0 if all answers were right.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <sys/inotify.h>

#include "check.h"

#define FRAME 614400
#define PATIENCE_MSEC 5000

static const char *device = "/dev/video0";
static char frame[FRAME];
static char events[4096];
static ssize_t have, at;

static uint32_t next_event(int inotify)
{
	struct pollfd wait = { .fd = inotify, .events = POLLIN };
	struct inotify_event *event;

	if (at >= have) {
		if (poll(&wait, 1, PATIENCE_MSEC) != 1)
			return 0;
		have = read(inotify, events, sizeof(events));
		at = 0;
		if (have <= 0)
			return 0;
	}
	event = (struct inotify_event *)(events + at);
	at += (ssize_t)sizeof(*event) + event->len;
	return event->mask;
}

static void expect(int inotify, const char *what, uint32_t mask)
{
	uint32_t got = next_event(inotify);

	checks++;
	if (got == mask)
		return;
	wrong_answers++;
	fprintf(stderr, "wrong: %s: %x, not %x\n", what, got, mask);
}

int main(int argc, char **argv)
{
	int writes = argc > 1 && strcmp(argv[1], "write") == 0;
	int before, inotify = inotify_init1(IN_CLOEXEC), fd, watch;

	device = argc > 2 ? argv[2] : device;
	before = open_device(device, 0);
	watch = inotify_add_watch(inotify, device, IN_ALL_EVENTS);
	check("the watch", watch >= 0);
	fd = open_device(device, 0);
	expect(inotify, "open", IN_OPEN);
	close(fd);
	expect(inotify, "close", IN_CLOSE_WRITE);
	fd = open(device, O_RDONLY);
	expect(inotify, "open to read", IN_OPEN);
	close(fd);
	expect(inotify, "close", IN_CLOSE_NOWRITE);
	check("no event for a name", open(device, O_PATH) >= 0);
	if (writes) {
		check("a frame", write(before, frame, FRAME) == FRAME);
		expect(inotify, "write", IN_MODIFY);
	} else {
		check("a frame", read(before, frame, FRAME) == FRAME);
		expect(inotify, "read", IN_ACCESS);
	}
	close(before);
	expect(inotify, "the close of what was open before", IN_CLOSE_WRITE);
	check("the watch is taken away", inotify_rm_watch(inotify, watch) == 0);
	expect(inotify, "its end", IN_IGNORED);
	return end_of_checks();
}
