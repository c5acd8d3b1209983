/*
 * The recorder of test/videobuf/client, for the measuring driver of test/videobuf/measuring.ts: it talks to the second node
 * of that with VIDIOC_S_EDID and VIDIOC_G_EDID.
 */
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wunused-variable"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-result"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wmisleading-indentation"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#pragma GCC diagnostic ignored "-Wdangling-else"
#pragma GCC diagnostic ignored "-Wformat-truncation"
#pragma GCC diagnostic ignored "-Wformat-overflow"
#pragma GCC diagnostic ignored "-Wstringop-overflow"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wnonnull"
#pragma GCC diagnostic ignored "-Warray-bounds"
#pragma GCC diagnostic ignored "-Wunused-but-set-variable"
#pragma GCC diagnostic ignored "-Woverlength-strings"
#define VB1_TALK
#include "../videobuf/client/vb1.h"

static int talk = -1;

static void findparm(void)
{
	talk = open("/dev/video1", O_RDWR);
	if (talk < 0) { perror("/dev/video1"); _exit(8); }
}

static int getpar(const char *name, char *b, int n)
{
	static unsigned char blocks[32 * 128];
	struct v4l2_edid e = { .pad = strcmp(name, "trace") ? 1 : 0, .blocks = 32, .edid = blocks };
	if (ioctl(talk, VIDIOC_G_EDID, &e)) return -1;
	snprintf(b, n, "%s", (char *)blocks);
	return strlen(b);
}

static void setpar(const char *name, const char *v)
{
	static unsigned char blocks[128];
	struct v4l2_edid e = { .blocks = 1, .edid = blocks };
	snprintf((char *)blocks, sizeof blocks, "%s %s", name, v);
	if (ioctl(talk, VIDIOC_S_EDID, &e)) say("  !! no parameter %s", name);
}

#include "../videobuf/client/vb1.c"
#include "../videobuf/client/scen.c"
