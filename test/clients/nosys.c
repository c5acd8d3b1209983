/*
 * Runs a command as if on a system that lacks a part of seccomp: nosys seccomp|listener|killable COMMAND [ARG]...
 *
 * seccomp    the whole call is unknown (ENOSYS): an old kernel, or a container that does not allow it
 * listener   only SECCOMP_FILTER_FLAG_NEW_LISTENER is unknown (EINVAL): Linux before 5.0
 * killable   only SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV is unknown (EINVAL): Linux before 5.19
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Newer than the headers of some systems. */
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define FAIL_WITH(code) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (code))
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static struct sock_filter without_seccomp[] = {
	LOAD(nr),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_seccomp, 0, 1),
	FAIL_WITH(ENOSYS),
	ALLOW,
};

/* The flags are the second argument; both processors of interest are little-endian. */
#define WITHOUT_FLAG(flag) {                                                                     \
	LOAD(nr),                                                                                \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_seccomp, 0, 3),                                  \
	LOAD(args[1]),                                                                           \
	BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, flag, 0, 1),                                        \
	FAIL_WITH(EINVAL),                                                                       \
	ALLOW,                                                                                   \
}

static struct sock_filter without_listener[] = WITHOUT_FLAG(SECCOMP_FILTER_FLAG_NEW_LISTENER);
static struct sock_filter without_killable[] = WITHOUT_FLAG(SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);

static const struct {
	const char *name;
	struct sock_fprog program;
} modes[] = {
	{ "seccomp", { sizeof(without_seccomp) / sizeof(without_seccomp[0]), without_seccomp } },
	{ "listener", { sizeof(without_listener) / sizeof(without_listener[0]), without_listener } },
	{ "killable", { sizeof(without_killable) / sizeof(without_killable[0]), without_killable } },
};

int main(int argc, char **argv)
{
	const struct sock_fprog *program = NULL;

	for (size_t i = 0; argc > 2 && i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcmp(argv[1], modes[i].name) == 0)
			program = &modes[i].program;
	if (program == NULL) {
		fprintf(stderr, "usage: nosys seccomp|listener|killable COMMAND [ARG]...\n");
		return 99;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0) < 0) {
		perror("prctl");
		return 99;
	}
	execvp(argv[2], argv + 2);
	perror(argv[2]);
	return 99;
}
