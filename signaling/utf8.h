/* UTF-8, checked one byte at a time: RFC 3629 §3 and §4. Overlong forms, surrogates and code points
 * above U+10FFFF are refused at the first byte that makes them so. */
#ifndef DUET_SIGNALING_UTF8_H
#define DUET_SIGNALING_UTF8_H

#include "base/bytes.h"

/* All zero is the start of a text. */
struct utf8 {
    uint8_t left;      /* continuation bytes still due */
    uint8_t low, high; /* what the next of them may be */
};

/* False: `byte` can't stand here. */
bool utf8_feed(struct utf8 *u, uint8_t byte);
/* The text may end here: no character is half read. */
bool utf8_complete(const struct utf8 *u);
/* All of `text` is whole characters. */
bool utf8_valid(struct bytes text);

#endif
