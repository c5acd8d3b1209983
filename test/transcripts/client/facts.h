/* What the recorders share: one call is one line, `NAME arguments -> OK or errno; what is in the structure after`. */
#ifndef FACTS_H
#define FACTS_H
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/v4l2-controls.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static volatile int rang;

static void on_alarm(int unused)
{
	(void)unused;
	rang = 1;
	alarm(1);
}

static void facts_init(void)
{
	struct sigaction a;

	memset(&a, 0, sizeof(a));
	a.sa_handler = on_alarm;
	sigaction(SIGALRM, &a, NULL);
	setvbuf(stdout, NULL, _IOLBF, 0);
}

static const char *errno_text(int e)
{
	static char text[8][24];
	static int at;
	const char *name = e ? strerrorname_np(e) : "OK";

	if (rang && e == EINTR) {
		rang = 0;
		return "BLOCKS";
	}
	if (!name) {
		char *t = text[at++ & 7];

		snprintf(t, 24, "errno %d", e);
		return t;
	}
	return name;
}

/* The errno of an ioctl; one that waits longer than two seconds is given up. */
static int x(int fd, unsigned long request, void *arg)
{
	int r;

	rang = 0;
	alarm(2);
	r = ioctl(fd, request, arg) < 0 ? errno : 0;
	alarm(0);
	if (r != EINTR)
		rang = 0;
	return r;
}

static void section(const char *format, ...)
{
	va_list ap;

	printf("\n# ");
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	printf("\n");
}

static void pause_ms(int ms)
{
	usleep(ms * 1000);
}

static const char *poll_text(int r)
{
	static char text[4][128];
	static int at;
	char *t = text[at++ & 3];
	static const struct { int bit; const char *name; } bits[] = {
		{ POLLIN, "IN" }, { POLLPRI, "PRI" }, { POLLOUT, "OUT" }, { POLLERR, "ERR" }, { POLLHUP, "HUP" },
		{ POLLNVAL, "NVAL" }, { POLLRDNORM, "RDNORM" }, { POLLRDBAND, "RDBAND" }, { POLLWRNORM, "WRNORM" },
		{ POLLWRBAND, "WRBAND" } };

	t[0] = 0;
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		if (r & bits[i].bit) {
			if (t[0])
				strcat(t, "|");
			strcat(t, bits[i].name);
		}
	return t[0] ? t : "0";
}

/* poll(), select() and level-triggered epoll of everything, without waiting. */
static const char *poll_facts(int fd)
{
	static char text[2][512];
	static int at;
	char *t = text[at++ & 1];
	struct pollfd p = { fd, POLLIN | POLLPRI | POLLOUT | POLLRDNORM | POLLRDBAND | POLLWRNORM | POLLWRBAND, 0 };
	struct timeval now = { 0, 0 };
	struct epoll_event e = { EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLRDNORM | EPOLLWRNORM, { 0 } }, got = { 0, { 0 } };
	fd_set r, w, x;
	int ep = epoll_create1(0), n, m, k;

	n = poll(&p, 1, 0);
	FD_ZERO(&r);
	FD_ZERO(&w);
	FD_ZERO(&x);
	FD_SET(fd, &r);
	FD_SET(fd, &w);
	FD_SET(fd, &x);
	m = select(fd + 1, &r, &w, &x, &now);
	epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
	k = epoll_wait(ep, &got, 1, 0);
	close(ep);
	snprintf(t, 512, "poll %d %s; select %d %s%s%s; epoll %d %s", n, poll_text(p.revents), m, m > 0 && FD_ISSET(fd, &r) ? "r" : "-",
		 m > 0 && FD_ISSET(fd, &w) ? "w" : "-", m > 0 && FD_ISSET(fd, &x) ? "x" : "-", k, poll_text(k > 0 ? (int)got.events : 0));
	return t;
}

/* Looks for one set of bits only. */
static const char *poll_for(int fd, int events, int ms)
{
	static char text[2][128];
	static int at;
	char *t = text[at++ & 1];
	struct pollfd p = { fd, (short)events, 0 };
	int n = poll(&p, 1, ms);

	snprintf(t, 128, "%d %s", n, poll_text(p.revents));
	return t;
}

static const char *hex(const void *p, size_t n)
{
	static char text[4][1100];
	static int at;
	char *t = text[at++ & 3];
	const unsigned char *b = p;

	t[0] = 0;
	for (size_t i = 0; i < n && i < 512; i++)
		sprintf(t + 2 * i, "%02x", b[i]);
	return t;
}

/*
 * The driver is told to do something, and asked what it was called for since this was asked last: by the parameters of a
 * module where it is one in a kernel, by a node of its own (DEEDS) where it is ours.
 */
static int tell_h6cam(const char *name, const char *text)
{
	char path[128], words[256];
	int fd, r;

#ifdef DEEDS
	snprintf(path, sizeof(path), "%s", DEEDS);
	snprintf(words, sizeof(words), "%s %s", name, text);
#else
	snprintf(path, sizeof(path), "/sys/module/h6cam/parameters/%s", name);
	snprintf(words, sizeof(words), "%s", text);
#endif
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return errno;
	r = write(fd, words, strlen(words)) < 0 ? errno : 0;
	close(fd);
	return r;
}

static const char *driver_calls(void)
{
	static char text[4096];
#ifdef DEEDS
	int fd = open(DEEDS, O_RDONLY);
#else
	int fd = open("/sys/module/h6cam/parameters/calls", O_RDONLY);
#endif
	ssize_t n;

	text[0] = 0;
	if (fd < 0)
		return text;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = 0;
	text[strcspn(text, "\n")] = 0;
	return text;
}
#endif
