/*
 * Runs a command as if on a system without seccomp user notification: nosys seccomp|listener COMMAND [ARG]...
 *
 * seccomp    the whole call is unknown (ENOSYS): an old kernel, or a container that does not allow it
 * listener   only SECCOMP_FILTER_FLAG_NEW_LISTENER is unknown (EINVAL): Linux before 5.0
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

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define FAIL_WITH(code) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (code))
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static struct sock_filter without_seccomp[] = {
	LOAD(nr),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_seccomp, 0, 1),
	FAIL_WITH(ENOSYS),
	ALLOW,
};

static struct sock_filter without_listener[] = {
	LOAD(nr),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_seccomp, 0, 3),
	/* The flags are the second argument; both processors of interest are little-endian. */
	LOAD(args[1]),
	BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, SECCOMP_FILTER_FLAG_NEW_LISTENER, 0, 1),
	FAIL_WITH(EINVAL),
	ALLOW,
};

int main(int argc, char **argv)
{
	struct sock_fprog program;

	if (argc > 2 && strcmp(argv[1], "seccomp") == 0) {
		program.filter = without_seccomp;
		program.len = sizeof(without_seccomp) / sizeof(without_seccomp[0]);
	} else if (argc > 2 && strcmp(argv[1], "listener") == 0) {
		program.filter = without_listener;
		program.len = sizeof(without_listener) / sizeof(without_listener[0]);
	} else {
		fprintf(stderr, "usage: nosys seccomp|listener COMMAND [ARG]...\n");
		return 99;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) < 0) {
		perror("prctl");
		return 99;
	}
	execvp(argv[2], argv + 2);
	perror(argv[2]);
	return 99;
}
