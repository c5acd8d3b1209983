/*
 * What inotify tells of a node: watch (read | write) [device]
 * and of /dev, where files can be made: watch dev
 *
 * Exits with 0 if all answers were right.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include "check.h"

#define FRAME 614400
#define PATIENCE_MSEC 5000

static const char *device = "/dev/video0";
static char frame[FRAME];
static char events[4096];
static ssize_t have, at;

static const struct inotify_event *next_event(int inotify)
{
	static const struct inotify_event none;
	struct pollfd wait = { .fd = inotify, .events = POLLIN };
	struct inotify_event *event;

	if (at >= have) {
		if (poll(&wait, 1, PATIENCE_MSEC) != 1)
			return &none;
		have = read(inotify, events, sizeof(events));
		at = 0;
		if (have <= 0)
			return &none;
	}
	event = (struct inotify_event *)(events + at);
	at += (ssize_t)sizeof(*event) + event->len;
	return event;
}

static void expect(int inotify, const char *what, uint32_t mask)
{
	uint32_t got = next_event(inotify)->mask;

	checks++;
	if (got == mask)
		return;
	wrong_answers++;
	fprintf(stderr, "wrong: %s: %x, not %x\n", what, got, mask);
}

/* The next event of the watch is about `name`; gives its cookie. */
static uint32_t expect_name(int inotify, int watch, const char *name, uint32_t mask)
{
	const struct inotify_event *event = next_event(inotify);
	char what[128];

	snprintf(what, sizeof(what), "%s: %#x of '%s', not %#x", name, event->mask, event->len ? event->name : "", mask);
	check(what, event->wd == watch && event->mask == mask && strcmp(event->len ? event->name : "", name) == 0);
	return event->cookie;
}

/* What happens to a camera, to other files and to directories in /dev, all under one watch. */
static int watch_dev(void)
{
	int inotify = inotify_init1(IN_CLOEXEC);
	int watch = inotify_add_watch(inotify, "/dev", IN_ALL_EVENTS);
	uint32_t from, to;
	int fd;

	check("the watch", watch == 1);
	check("the same watch", chdir("/dev") == 0 && inotify_add_watch(inotify, ".", IN_ALL_EVENTS | IN_ONLYDIR) == watch);
	fd = open(device, O_RDWR);
	expect_name(inotify, watch, "video0", IN_OPEN);
	close(fd);
	expect_name(inotify, watch, "video0", IN_CLOSE_WRITE);
	check("chmod", chmod(device, 0600) == 0);
	expect_name(inotify, watch, "video0", IN_ATTRIB);
	fd = open("/dev/other", O_CREAT | O_WRONLY, 0600);
	expect_name(inotify, watch, "other", IN_CREATE);
	close(fd);
	expect_name(inotify, watch, "other", IN_OPEN);
	expect_name(inotify, watch, "other", IN_CLOSE_WRITE);
	check("chmod", chmod("/dev/other", 0644) == 0);
	expect_name(inotify, watch, "other", IN_ATTRIB);
	check("truncate", truncate("/dev/other", 100) == 0);
	expect_name(inotify, watch, "other", IN_MODIFY);
	check("rename", rename("/dev/other", "/dev/another") == 0);
	from = expect_name(inotify, watch, "other", IN_MOVED_FROM);
	to = expect_name(inotify, watch, "another", IN_MOVED_TO);
	check("one move", from == to && from != 0);
	check("mkdir", mkdir("/dev/place", 0755) == 0);
	expect_name(inotify, watch, "place", IN_CREATE | IN_ISDIR);
	check("rename into it", rename("/dev/another", "/dev/place/another") == 0);
	expect_name(inotify, watch, "another", IN_MOVED_FROM);
	check("rename out of it", rename("/dev/place/another", "/dev/back") == 0);
	expect_name(inotify, watch, "back", IN_MOVED_TO);
	check("rmdir", rmdir("/dev/place") == 0);
	expect_name(inotify, watch, "place", IN_DELETE | IN_ISDIR);
	check("unlink", unlink("/dev/back") == 0);
	expect_name(inotify, watch, "back", IN_DELETE);
	check("the watch is taken away", inotify_rm_watch(inotify, watch) == 0);
	expect_name(inotify, watch, "", IN_IGNORED);
	return end_of_checks();
}

int main(int argc, char **argv)
{
	int writes = argc > 1 && strcmp(argv[1], "write") == 0;
	int before, inotify, fd, watch;

	if (argc > 1 && strcmp(argv[1], "dev") == 0)
		return watch_dev();
	inotify = inotify_init1(IN_CLOEXEC);
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
