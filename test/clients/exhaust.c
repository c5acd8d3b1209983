/*
 * A program opens a camera until there is no room for another one, and what else wants a descriptor of usercam. Modes:
 *
 * ends      a child does so and ends with all that it has
 * closes    it closes all that it has
 * children  a child does so and ends, while its own children have all of it for some time longer
 *
 * Whoever looks afterwards finds the camera free. The last line is JSON; exits with 0 if all answers were right.
 */
#include <sys/prctl.h>
#include <sys/wait.h>

#include "idle.h"

enum { MOST = 2000, CHILDREN = 4 };

static int fds[MOST];
static int count;

static void open_all(const char *path, int flags)
{
	int error = 0;

	while (count < MOST && (fds[count] = open(path, flags)) >= 0)
		count++;
	error = errno;
	check("there is no room any more", count < MOST && (error == ENFILE || error == EMFILE));
}

static void take_all(void)
{
	open_all(device, O_RDWR);
	check("some were opened", count > 0);
	/* It takes fewer. */
	open_all("/dev", O_RDONLY | O_DIRECTORY);
}

static void in_child(void (*body)(void))
{
	int status = 1;
	pid_t child = fork();

	if (child == 0) {
		body();
		_exit(wrong_answers > 0);
	}
	waitpid(child, &status, 0);
	check("all went well in the child", status == 0);
}

static void ends(void)
{
	in_child(take_all);
	expect_free();
}

static void closes(void)
{
	take_all();
	for (int i = 0; i < count; i++)
		check_errno("close()", close(fds[i]) < 0 ? errno : 0, 0);
	expect_free();
}

static void leave_children(void)
{
	take_all();
	for (int i = 0; i < CHILDREN; i++) {
		pid_t child = fork();

		if (child == 0) {
			usleep(300000);
			_exit(0);
		}
		check("a child", child > 0);
	}
}

static void children(void)
{
	int status = 1, ended = 0;

	/* Whose parent ends is this one's child from then on. */
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	in_child(leave_children);
	while (waitpid(-1, &status, 0) > 0)
		ended += status == 0;
	check("its children went on to their end", ended == CHILDREN);
	expect_free();
}

static const struct mode modes[] = { { "ends", ends }, { "closes", closes }, { "children", children } };

int main(int argc, char **argv)
{
	return run_mode(modes, COUNT_OF(modes), argc, argv);
}
