/*
 * lengths NODE WRITTEN: what reads of NODE and writes of WRITTEN, whose lengths or addresses no program can mean, are told
 * before anything is moved. Any node is told the same, so what /dev/null says is what is right.
 */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <sys/uio.h>

#include "check.h"

static char bytes[1 << 20];

/* Nothing to be had is as good as anything. */
static const char *said(long result)
{
	return result >= 0 || errno == EAGAIN ? "taken" : errno_name(errno);
}

static void ask(const char *what, int node, int written, void *base, size_t length)
{
	struct iovec last[2] = { { bytes, 1 }, { base, length } };
	struct iovec first[2] = { { base, length }, { bytes, 1 } };
	struct iovec many[2] = { { base, length }, { base, length } };

	printf("%s, %zx bytes: read %s", what, length, said(syscall(SYS_read, node, base, length)));
	printf(" pread %s", said(syscall(SYS_pread64, node, base, length, 0)));
	printf(" readv %s", said(readv(node, first, 1)));
	printf(" %s", said(readv(node, first, 2)));
	printf(" %s", said(readv(node, last, 2)));
	printf(" %s", said(readv(node, many, 2)));
	printf(" preadv %s", said(preadv(node, first, 2, 0)));
	printf(" preadv2 %s\n", said(preadv2(node, first, 1, -1, 0)));
	/* What cannot be read is not written, so only where the memory of a frame is there. */
	if (base != bytes)
		return;
	printf("%s, %zx bytes: write %s", what, length, said(syscall(SYS_write, written, base, length)));
	printf(" pwrite %s", said(syscall(SYS_pwrite64, written, base, length, 0)));
	printf(" writev %s", said(writev(written, first, 1)));
	printf(" %s", said(writev(written, first, 2)));
	printf(" %s", said(writev(written, many, 2)));
	printf(" pwritev %s\n", said(pwritev(written, first, 2, 0)));
}

static void counts(int node)
{
	static const long count[] = { 0, 1, 1024, 1025, -1, 0x100000001L, 0x7fffffff };
	struct iovec many[1024];

	for (int i = 0; i < 1024; i++)
		many[i] = (struct iovec){ bytes, 1 };
	for (size_t i = 0; i < sizeof(count) / sizeof(count[0]); i++)
		printf("%lx pieces: %s\n", count[i], said(syscall(SYS_readv, node, many, count[i])));
}

int main(int argc, char **argv)
{
	static const size_t length[] = {
		0x7ffff000,     0x7ffff001,     0x80000000,          0xffffffff,          0x100000000,
		0x100000001,    0x140000000,    (size_t)1 << 47,     (size_t)1 << 53,     (size_t)1 << 62,
		SIZE_MAX / 2,   SIZE_MAX / 2 + 1, SIZE_MAX - 4096,   SIZE_MAX,
	};
	static const uintptr_t base[] = {
		0x7fffffffefff, 0x7ffffffff000, 0x800000000000, 0xffffffffff000, 0x10000000000000,
		0x20000000000000, 0x8000000000000000, 0xffff800000000000, UINTPTR_MAX,
	};
	int node = open(argv[1], O_RDONLY | O_NONBLOCK), written = open(argv[argc - 1], O_WRONLY | O_NONBLOCK);

	if (node < 0 || written < 0)
		return 1;
	for (size_t i = 0; i < sizeof(length) / sizeof(length[0]); i++)
		ask("memory", node, written, bytes, length[i]);
	for (size_t i = 0; i < sizeof(base) / sizeof(base[0]); i++)
		for (size_t count = 0; count < 3; count++) {
			char what[32];

			/* The last byte of all could be a program's: that it is not is found where there is a frame to be moved. */
			if (i == 0 && count == 1)
				continue;

			snprintf(what, sizeof(what), "%lx", (unsigned long)base[i]);
			ask(what, node, written, (void *)base[i], count == 2 ? 4096 : count);
		}
	counts(node);
	return 0;
}
