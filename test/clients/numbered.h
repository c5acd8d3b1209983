/* Frames that say which one they are: word 0 is the number, each of the others follows from it and its place. */
#ifndef USERCAM_TEST_NUMBERED_H
#define USERCAM_TEST_NUMBERED_H

#include <stdint.h>

static inline uint32_t numbered_word(uint32_t number, uint32_t place)
{
	return (number * 2654435761u) ^ (place * 40503u);
}

static inline void number_frame(uint32_t *words, uint32_t count, uint32_t number)
{
	words[0] = number;
	for (uint32_t i = 1; i < count; i++)
		words[i] = numbered_word(number, i);
}

/* Whether a frame is the one that its first word says, bit by bit. */
static inline int is_numbered(const uint32_t *words, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++)
		if (words[i] != numbered_word(words[0], i))
			return 0;
	return 1;
}

#endif
