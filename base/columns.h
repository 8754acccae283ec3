/* Text in the columns of a terminal: how wide it is, where a line may break, and bytes off the wire
 * made harmless. Everything here takes any bytes: what is no UTF-8 counts and is shown as U+FFFD,
 * control characters as \n or \x1b. */
#ifndef DUET_BASE_COLUMNS_H
#define DUET_BASE_COLUMNS_H

#include <stdio.h>

#include "base/bytes.h"

/* Takes the next character off `text` (not empty): its code point, U+FFFD for a byte or a beginning
 * of bytes that is no UTF-8 (RFC 3629 §3; as many bytes as Unicode 3.9 puts under one U+FFFD). */
uint32_t columns_next(struct bytes *text);
/* Columns of a code point: 0 for combining and invisible ones, 2 for wide ones (Unicode's East
 * Asian Width W and F, and emoji), else 1. Control characters count as they are shown. */
size_t columns_of(uint32_t code);
/* Columns of a whole text. */
size_t columns_width(struct bytes text);
/* The beginning of `text` that fits `width` columns, broken at the last blank if there is one and
 * `words` is set; at least one character. */
struct bytes columns_fit(struct bytes text, size_t width, bool words);
/* The text as it is shown, everything harmless. */
void columns_print(FILE *to, struct bytes text);
void columns_write(struct writer *to, struct bytes text);
/* Replaces what is no UTF-8 by U+FFFD, into `to` of at least 3 * text.len bytes; how many it wrote.
 */
size_t columns_clean(struct bytes text, char *to);

#endif
