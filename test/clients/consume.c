/*
 * Reads numbered frames from a capture node: consume DEVICE FRAMES [LAST]
 *
 * Ends after FRAMES numbered frames, or with frame number LAST. Prints "streaming" when it streams, "frame"
 * with the first numbered one, and a line of JSON at the end: `missing` numbers were left out, `back` came
 * after a higher one, `torn` frames differ in a bit, `still` ones were the picture that is there without a
 * producer, `gaps` are those of the sequence numbers.
 */
#include "client.h"
#include "numbered.h"

static struct {
	unsigned int frames, still, missing, back, torn;
	uint32_t first, last;
} seen;

static void say(const char *word)
{
	puts(word);
	fflush(stdout);
}

static void look_at(const uint32_t *words, uint32_t count, const uint32_t *still)
{
	if (memcmp(words, still, 4 * (size_t)count) == 0) {
		seen.still++;
		return;
	}
	if (!is_numbered(words, count)) {
		seen.torn++;
		return;
	}
	if (seen.frames++ == 0) {
		seen.first = words[0];
		say("frame");
	} else if (words[0] <= seen.last) {
		seen.back++;
	} else {
		seen.missing += words[0] - seen.last - 1;
	}
	seen.last = words[0];
}

int main(int argc, char **argv)
{
	struct stream stream = { .fd = open_device(argc > 1 ? argv[1] : "/dev/video1", 0) };
	unsigned int frames = argc > 2 ? (unsigned int)atoi(argv[2]) : 1;
	uint32_t last = argc > 3 ? (uint32_t)atoi(argv[3]) : UINT32_MAX;
	struct v4l2_format format = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };
	struct pace pace = new_pace();
	uint32_t *still;

	if (xioctl(stream.fd, VIDIOC_G_FMT, &format) < 0)
		die("VIDIOC_G_FMT");
	still = calloc(1, format.fmt.pix.sizeimage);
	if (still == NULL)
		die("calloc");
	start_stream(&stream, 4);
	say("streaming");
	while (seen.frames < frames && (seen.frames == 0 || seen.last != last)) {
		struct v4l2_buffer buffer = dqbuf(stream.fd);
		const uint32_t *words = stream.buffers[buffer.index].start;

		count_frame(&pace, &buffer);
		/* A first frame without a number is the picture that stands still. */
		if (pace.frames == 1 && !is_numbered(words, buffer.bytesused / 4))
			memcpy(still, words, buffer.bytesused);
		look_at(words, buffer.bytesused / 4, still);
		qbuf(stream.fd, buffer.index);
	}
	stop_stream(&stream);
	printf("{\"frames\":%u,\"first\":%u,\"last\":%u,\"missing\":%u,\"back\":%u,\"torn\":%u,\"still\":%u,"
	       "\"gaps\":%u}\n",
	       seen.frames, seen.first, seen.last, seen.missing, seen.back, seen.torn, seen.still, pace.gaps);
	return 0;
}
