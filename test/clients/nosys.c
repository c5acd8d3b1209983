/*
 * Runs a command as if on a system that lacks something: nosys MODE COMMAND [ARG]...
 *
 * seccomp    the whole call is unknown (ENOSYS): an old kernel, or a container that does not allow it
 * listener   only SECCOMP_FILTER_FLAG_NEW_LISTENER is unknown (EINVAL): Linux before 5.0
 * killable   only SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV is unknown (EINVAL): Linux before 5.19
 * forbidden  the whole call is forbidden (EPERM): the usual refusal of a container
 * supervised a listener of somebody else's is there, who lets everything pass
 * CALL       this call is forbidden (EPERM), e.g. pidfd_open
 */
#include <errno.h>
#include <fcntl.h>
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

#define FORBID(call) {                                                                           \
	LOAD(nr),                                                                                \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),                                         \
	FAIL_WITH(EPERM),                                                                        \
	ALLOW,                                                                                   \
}

static struct sock_filter forbidden[] = FORBID(SYS_seccomp);
static struct sock_filter no_pidfd_open[] = FORBID(SYS_pidfd_open);
static struct sock_filter no_memfd_create[] = FORBID(SYS_memfd_create);
static struct sock_filter no_readv[] = FORBID(SYS_process_vm_readv);
static struct sock_filter no_writev[] = FORBID(SYS_process_vm_writev);
static struct sock_filter no_getfd[] = FORBID(SYS_pidfd_getfd);
static struct sock_filter nothing[] = { ALLOW };

static const struct {
	const char *name;
	struct sock_fprog program;
} modes[] = {
	{ "forbidden", { sizeof(forbidden) / sizeof(forbidden[0]), forbidden } },
	{ "pidfd_open", { sizeof(no_pidfd_open) / sizeof(no_pidfd_open[0]), no_pidfd_open } },
	{ "memfd_create", { sizeof(no_memfd_create) / sizeof(no_memfd_create[0]), no_memfd_create } },
	{ "process_vm_readv", { sizeof(no_readv) / sizeof(no_readv[0]), no_readv } },
	{ "process_vm_writev", { sizeof(no_writev) / sizeof(no_writev[0]), no_writev } },
	{ "pidfd_getfd", { sizeof(no_getfd) / sizeof(no_getfd[0]), no_getfd } },
	{ "supervised", { sizeof(nothing) / sizeof(nothing[0]), nothing } },
	{ "seccomp", { sizeof(without_seccomp) / sizeof(without_seccomp[0]), without_seccomp } },
	{ "listener", { sizeof(without_listener) / sizeof(without_listener[0]), without_listener } },
	{ "killable", { sizeof(without_killable) / sizeof(without_killable[0]), without_killable } },
};

/* The listener has to stay open, or it is as if there had been none. */
static int install(const char *mode, const struct sock_fprog *program)
{
	int listener;

	if (strcmp(mode, "supervised") != 0)
		return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0);
	listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, program);
	return listener < 0 ? -1 : fcntl(listener, F_SETFD, 0);
}

int main(int argc, char **argv)
{
	const struct sock_fprog *program = NULL;

	for (size_t i = 0; argc > 2 && i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcmp(argv[1], modes[i].name) == 0)
			program = &modes[i].program;
	if (program == NULL) {
		fprintf(stderr, "usage: nosys MODE COMMAND [ARG]...\n");
		return 99;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    install(argv[1], program) < 0) {
		perror("prctl");
		return 99;
	}
	execvp(argv[2], argv + 2);
	perror(argv[2]);
	return 99;
}
