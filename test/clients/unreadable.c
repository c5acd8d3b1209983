/*
 * Lists of controls that lie, or point, where the program may not read: unreadable [device]
 *
 * The device is vivi. The last line on stdout is JSON; exits with 0 if all answers were right.
 */
#include "check.h"

#define PAGE 4096
/* As error_idx stays where nothing was looked at. */
#define UNTOUCHED 77
#define STRING ((V4L2_CID_USER_BASE | 0xf000) + 5)
#define STRING_SIZE 5

static int fd;

static int value_of(unsigned int id)
{
	struct v4l2_control control = { .id = id };

	check_errno("G_CTRL", try_ioctl(fd, VIDIOC_G_CTRL, &control), 0);
	return control.value;
}

static void check_set(const char *what, struct v4l2_ext_control *controls, unsigned int count, unsigned int index)
{
	struct v4l2_ext_controls list = { .count = count, .controls = controls, .error_idx = UNTOUCHED };

	check_errno(what, try_ioctl(fd, VIDIOC_S_EXT_CTRLS, &list), EFAULT);
	check("error_idx", list.error_idx == index);
}

int main(int argc, char **argv)
{
	char *pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *closed = pages + PAGE;
	struct v4l2_ext_control *across = (void *)(closed - sizeof(*across));
	struct v4l2_ext_control listed[3] = { { .id = V4L2_CID_BRIGHTNESS, .value = 21 },
					      { .id = STRING, .size = STRING_SIZE, .string = closed },
					      { .id = V4L2_CID_CONTRAST, .value = 22 } };

	fd = open_device(argc > 1 ? argv[1] : "/dev/video0", 0);
	if (pages == MAP_FAILED)
		die("mmap");
	across[0].id = V4L2_CID_BRIGHTNESS;
	across[0].value = 11;
	across[1].id = V4L2_CID_CONTRAST;
	across[1].value = 12;
	strcpy(closed + sizeof(*across), "abc");
	if (mprotect(closed, PAGE, PROT_NONE) < 0)
		die("mprotect");

	check_set("the second control cannot be read", across, 2, UNTOUCHED);
	check("nothing was set", value_of(V4L2_CID_BRIGHTNESS) != 11);
	check_set("a string cannot be read", listed, 3, 1);
	check("what came before it is set", value_of(V4L2_CID_BRIGHTNESS) == 21);
	check("what comes after it is not", value_of(V4L2_CID_CONTRAST) != 22);
	listed[1].string = closed - 3;
	memcpy(closed - 3, "abc", 3);
	check_set("its last byte cannot be read", listed, 3, 1);
	return end_of_checks();
}
