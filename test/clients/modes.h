/* For clients that do one of several things: MODE [device [device]]. */
#ifndef USERCAM_TEST_MODES_H
#define USERCAM_TEST_MODES_H

#include "check.h"

static const char *device = "/dev/video0";
static const char *other_device = "/dev/video1";

struct mode {
	const char *name;
	void (*run)(void);
};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Does what the first argument says; gives what main() is to return. */
static inline int run_mode(const struct mode *modes, size_t count, int argc, char **argv)
{
	if (argc > 2)
		device = argv[2];
	if (argc > 3)
		other_device = argv[3];
	for (size_t i = 0; argc > 1 && i < count; i++)
		if (strcmp(argv[1], modes[i].name) == 0) {
			modes[i].run();
			return end_of_checks();
		}
	fprintf(stderr, "usage: %s MODE [device [device]]\n", argv[0]);
	return 2;
}

#endif
