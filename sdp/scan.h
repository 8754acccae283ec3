/* Lines and tokens: the small words of SDP's grammar over a reader. RFC 8866 §9.
 *
 * All functions take the reader on past what they return; when the grammar is not met they fail it
 * with the rule that they are given and return nothing. Text holds no NUL, CR or LF here: the
 * parser has refused or cut them before. */
#ifndef DUET_SDP_SCAN_H
#define DUET_SDP_SCAN_H

#include "base/bytes.h"

/* Takes the next line off `text`, without its CRLF or LF. False: there is no line end any more. */
bool sdp_scan_line(struct reader *text, struct bytes *line);
/* A token of RFC 8866 §9: letters, digits and !#$%&'*+-.^_`{|}~, at least one. */
struct bytes sdp_scan_token(struct reader *r, const char *rule);
/* Whether all of it is one token. */
bool sdp_is_token(struct bytes text);
/* Whether all of it are ice-chars (RFC 8839 §5.1: letters, digits, + and /). */
bool sdp_is_ice_chars(struct bytes text);
/* Up to the next blank, at least one byte. */
struct bytes sdp_scan_word(struct reader *r, const char *rule);
/* Up to one of the two bytes, or to the end; may be empty. Never fails. */
struct bytes sdp_scan_until(struct reader *r, char stop, char other);
/* Decimal digits without a bound, as text: at least one. */
struct bytes sdp_scan_digits(struct reader *r, const char *rule);
/* Decimal digits, at most `max`: no sign, no wrap. What follows is left to the next call. */
uint64_t sdp_scan_number(struct reader *r, uint64_t max, const char *rule);
/* One byte, if it is the next. Never fails. */
bool sdp_scan_char(struct reader *r, char c);
/* Exactly this byte. */
void sdp_expect_char(struct reader *r, char c, const char *rule);
/* One blank or more: RFC 8866 has exactly one, but "msid-semantic: WMS" shows what is about. */
void sdp_expect_blank(struct reader *r, const char *rule);
/* Nothing is left. */
void sdp_expect_end(struct reader *r, const char *rule);

#endif
