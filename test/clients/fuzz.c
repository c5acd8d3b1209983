/*
 * Makes ioctls at random: the numbers of videodev2.h and others, with arguments of random bytes, of bytes that look like
 * structs, and with pointers into memory of its own. Around everything that a call may touch lie canaries and forbidden
 * pages. It ends with 1 and a sentence when a byte outside was written, an answer is no errno, or a call does not
 * return.
 *
 *   fuzz DEVICE SEED COUNT
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGE = 4096, ROOM = 16 * PAGE, CANARY = 0xa5, MAX_ERRNO = 133, HANG_SECONDS = 20 };

/* Memory with a forbidden page behind it: `end` is where that begins. */
struct fence {
	uint8_t *start, *end;
};

static struct fence argument, payload, frames;
static uint64_t state;
static const char *doing = "nothing";

static uint64_t roll(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static unsigned int below(unsigned int n)
{
	return (roll() >> 11) % n;
}

static struct fence fence(size_t size)
{
	uint8_t *start = mmap(NULL, size + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (start == MAP_FAILED || mprotect(start + size, PAGE, PROT_NONE) < 0) {
		perror("mmap");
		exit(2);
	}
	memset(start, CANARY, size);
	return (struct fence){ start, start + size };
}

/* Nothing below `allowed` may have changed. */
static void check(const struct fence *f, const uint8_t *allowed, const char *what)
{
	for (const uint8_t *at = f->start; at < allowed; at++)
		if (*at != CANARY) {
			printf("%s: wrote %zd bytes before the %s\n", doing, (ssize_t)(allowed - at), what);
			exit(1);
		}
}

static const uint32_t numbers[] = {
	VIDIOC_QUERYCAP, VIDIOC_ENUM_FMT, VIDIOC_G_FMT, VIDIOC_S_FMT, VIDIOC_REQBUFS, VIDIOC_QUERYBUF, VIDIOC_G_FBUF,
	VIDIOC_S_FBUF, VIDIOC_OVERLAY, VIDIOC_QBUF, VIDIOC_EXPBUF, VIDIOC_DQBUF, VIDIOC_STREAMON, VIDIOC_STREAMOFF,
	VIDIOC_G_PARM, VIDIOC_S_PARM, VIDIOC_G_STD, VIDIOC_S_STD, VIDIOC_ENUMSTD, VIDIOC_ENUMINPUT, VIDIOC_G_CTRL,
	VIDIOC_S_CTRL, VIDIOC_G_TUNER, VIDIOC_S_TUNER, VIDIOC_G_AUDIO, VIDIOC_S_AUDIO, VIDIOC_QUERYCTRL, VIDIOC_QUERYMENU,
	VIDIOC_G_INPUT, VIDIOC_S_INPUT, VIDIOC_G_EDID, VIDIOC_S_EDID, VIDIOC_G_OUTPUT, VIDIOC_S_OUTPUT, VIDIOC_ENUMOUTPUT,
	VIDIOC_G_AUDOUT, VIDIOC_S_AUDOUT, VIDIOC_G_MODULATOR, VIDIOC_S_MODULATOR, VIDIOC_G_FREQUENCY, VIDIOC_S_FREQUENCY,
	VIDIOC_CROPCAP, VIDIOC_G_CROP, VIDIOC_S_CROP, VIDIOC_G_JPEGCOMP, VIDIOC_S_JPEGCOMP, VIDIOC_QUERYSTD, VIDIOC_TRY_FMT,
	VIDIOC_ENUMAUDIO, VIDIOC_ENUMAUDOUT, VIDIOC_G_PRIORITY, VIDIOC_S_PRIORITY, VIDIOC_G_SLICED_VBI_CAP,
	VIDIOC_LOG_STATUS, VIDIOC_G_EXT_CTRLS, VIDIOC_S_EXT_CTRLS, VIDIOC_TRY_EXT_CTRLS, VIDIOC_ENUM_FRAMESIZES,
	VIDIOC_ENUM_FRAMEINTERVALS, VIDIOC_G_ENC_INDEX, VIDIOC_ENCODER_CMD, VIDIOC_TRY_ENCODER_CMD, VIDIOC_DBG_S_REGISTER,
	VIDIOC_DBG_G_REGISTER, VIDIOC_S_HW_FREQ_SEEK, VIDIOC_S_DV_TIMINGS, VIDIOC_G_DV_TIMINGS, VIDIOC_DQEVENT,
	VIDIOC_SUBSCRIBE_EVENT, VIDIOC_UNSUBSCRIBE_EVENT, VIDIOC_CREATE_BUFS, VIDIOC_PREPARE_BUF, VIDIOC_G_SELECTION,
	VIDIOC_S_SELECTION, VIDIOC_DECODER_CMD, VIDIOC_TRY_DECODER_CMD, VIDIOC_ENUM_DV_TIMINGS, VIDIOC_QUERY_DV_TIMINGS,
	VIDIOC_DV_TIMINGS_CAP, VIDIOC_ENUM_FREQ_BANDS, VIDIOC_DBG_G_CHIP_INFO, VIDIOC_QUERY_EXT_CTRL,
};

static const uint32_t controls[] = {
	V4L2_CID_BRIGHTNESS, V4L2_CID_CONTRAST, V4L2_CID_AUTOGAIN, V4L2_CID_GAIN, V4L2_CID_HFLIP, V4L2_CID_USER_CLASS,
	V4L2_CID_USER_BASE | 0xf000, V4L2_CID_USER_BASE | 0xf004, V4L2_CID_USER_BASE | 0xf005, V4L2_CID_USER_BASE | 0xf006,
	V4L2_CID_PRIVATE_BASE, V4L2_CID_PRIVATE_BASE + 3, 0, 0xffffffff,
};

static uint32_t number(void)
{
	uint32_t cmd = numbers[below(sizeof(numbers) / sizeof(numbers[0]))];

	if (below(16) == 0)
		cmd = _IOC(below(4), 'V', below(256), below(0x4000));
	else if (below(32) == 0)
		cmd ^= 1u << below(30);
	return cmd;
}

/* A number that means something more often than chance would have it. */
static uint32_t word(void)
{
	switch (below(8)) {
	case 0: return roll();
	case 1: return 1u << below(32);
	case 2: return -1;
	case 3: return controls[below(sizeof(controls) / sizeof(controls[0]))] | (below(4) == 0 ? V4L2_CTRL_FLAG_NEXT_CTRL : 0);
	case 4: return V4L2_PIX_FMT_YUYV;
	default: return below(12);
	}
}

static void fill(uint8_t *at, size_t size)
{
	for (size_t i = 0; i + 4 <= size; i += 4) {
		uint32_t w = word();

		memcpy(at + i, &w, 4);
	}
}

/* The array that an argument points to ends where the forbidden page begins; now and then it is too short. */
static uint8_t *array(size_t count, size_t size)
{
	uint8_t *at = payload.end - count * size;

	if (count * size > ROOM / 2)
		return payload.end - size * below(3);
	if (below(16) == 0)
		at += count * size < 65 ? count * size : 1 + below(64);
	fill(at, payload.end - at);
	return at;
}

/* Everything from here on in `payload` may be written. */
static uint8_t *aim(uint32_t cmd, uint8_t *at)
{
	uint8_t *start = payload.end;

	if (cmd == VIDIOC_G_EXT_CTRLS || cmd == VIDIOC_S_EXT_CTRLS || cmd == VIDIOC_TRY_EXT_CTRLS) {
		struct v4l2_ext_controls *c = (void *)at;
		struct v4l2_ext_control *each;

		c->count = below(16) == 0 ? c->count : below(6);
		start = array(c->count, sizeof(*each));
		c->controls = (void *)start;
		each = c->controls;
		for (unsigned int i = 0; i < c->count && start + (i + 1) * sizeof(*each) <= payload.end; i++) {
			size_t size = below(64);

			each[i].size = below(4) == 0 ? word() : size;
			/* Below the array, and all that lies above may be written. */
			if (below(2) == 0)
				each[i].ptr = start - 4096 + below(64);
		}
		start = start - 4096 < payload.start ? payload.start : start - 4096;
	} else if (cmd == VIDIOC_QUERYBUF || cmd == VIDIOC_QBUF || cmd == VIDIOC_DQBUF || cmd == VIDIOC_PREPARE_BUF) {
		struct v4l2_buffer *b = (void *)at;

		if (below(4) != 0)
			b->type = 1 + below(10);
		if (V4L2_TYPE_IS_MULTIPLANAR(b->type)) {
			b->length = below(16) == 0 ? b->length : below(4);
			start = array(b->length, sizeof(struct v4l2_plane));
			b->m.planes = (void *)start;
		} else if (below(2) == 0) {
			b->memory = V4L2_MEMORY_USERPTR;
			b->m.userptr = (unsigned long)frames.start;
			b->length = frames.end - frames.start;
		}
	} else if (cmd == VIDIOC_G_EDID || cmd == VIDIOC_S_EDID) {
		struct v4l2_edid *e = (void *)at;

		e->blocks = below(8);
		start = array(e->blocks, 128);
		e->edid = start;
	}
	return start;
}

static void hang(int signal)
{
	(void)signal;
	fprintf(stderr, "%s: does not return\n", doing);
	_exit(1);
}

static void once(int fd)
{
	static char text[64];
	uint32_t cmd = number();
	size_t size = _IOC_SIZE(cmd);
	uint8_t *at = argument.end - size, *free_from = payload.end, *passed;

	snprintf(text, sizeof(text), "ioctl 0x%08x", cmd);
	doing = text;
	fill(at, size);
	if (size > 0 && size < PAGE)
		free_from = aim(cmd, at);
	passed = at;
	switch (below(24)) {
	case 0: passed = NULL; break;
	case 1: passed = argument.end; break;
	case 2: passed = (uint8_t *)roll(); break;
	}
	alarm(HANG_SECONDS);
	errno = 0;
	if (ioctl(fd, cmd, passed) < 0 && (errno < 1 || errno > MAX_ERRNO)) {
		printf("%s: errno %d\n", doing, errno);
		exit(1);
	}
	check(&argument, at, "argument");
	check(&payload, free_from, "array");
	memset(at, CANARY, size);
	memset(free_from, CANARY, payload.end - free_from);
}

int main(int argc, char **argv)
{
	long count = argc > 3 ? atol(argv[3]) : 0;
	int fd = argc > 1 ? open(argv[1], O_RDWR | O_NONBLOCK) : -1;

	if (fd < 0 || count == 0) {
		fprintf(stderr, "usage: fuzz DEVICE SEED COUNT\n");
		return 2;
	}
	/* Not 0, with which xorshift stands still. */
	state = strtoull(argv[2], NULL, 0) * 0x9e3779b97f4a7c15 + 1;
	argument = fence(ROOM);
	payload = fence(ROOM);
	frames = fence(1024 * PAGE);
	signal(SIGALRM, hang);
	for (long i = 0; i < count; i++) {
		once(fd);
		/* A file has a life: what it has asked for must not be in the way of all that comes later. */
		if (below(500) == 0) {
			int other = open(argv[1], O_RDWR | O_NONBLOCK);

			if (other >= 0) {
				close(fd);
				fd = other;
			}
		}
	}
	printf("%ld\n", count);
	return 0;
}
