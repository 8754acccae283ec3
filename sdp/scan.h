/* Lines and tokens: the small words of SDP's grammar over a reader. RFC 8866 §9.
 *
 * All functions take the reader on past what they return; when the grammar is not met they fail it
 * with the rule that they are given and return nothing. Text holds no NUL, CR or LF here: the
 * parser has refused or cut them before.
 *
 * They are in the header because a browser's description is a thousand words of a few bytes: a call
 * for each would take longer than the word. */
#ifndef DUET_SDP_SCAN_H
#define DUET_SDP_SCAN_H

#include "base/bytes.h"

/* One bit for each byte value, from the lowest on. */
#define SDP_TOKEN_CHARS ((const uint64_t[4]){0x03ff6cfa00000000, 0x7fffffffc7fffffe})
#define SDP_ICE_CHARS   ((const uint64_t[4]){0x03ff880000000000, 0x07fffffe07fffffe})

static inline bool sdp_char_in(const uint64_t set[4], uint8_t c)
{
    return set[c >> 6] >> (c & 63) & 1;
}

/* The next `len` bytes, which the caller has counted within reader_left(). */
static inline struct bytes sdp_take(struct reader *r, size_t len)
{
    struct bytes taken = {r->at, len};
    r->at += len;
    return taken;
}

/* Takes the next line off `text`, without its CRLF or LF. False: there is no line end any more. */
static inline bool sdp_scan_line(struct reader *text, struct bytes *line)
{
    size_t left = reader_left(text);
    const uint8_t *end = left ? memchr(text->at, '\n', left) : NULL;
    if (!end) return false;
    *line = sdp_take(text, (size_t)(end - text->at));
    text->at++; /* the LF that was found */
    if (line->len && line->at[line->len - 1] == '\r') line->len--;
    return true;
}

/* A token of RFC 8866 §9: letters, digits and !#$%&'*+-.^_`{|}~, at least one. */
static inline struct bytes sdp_scan_token(struct reader *r, const char *rule)
{
    size_t left = reader_left(r), len = 0;
    while (len < left && sdp_char_in(SDP_TOKEN_CHARS, r->at[len])) len++;
    if (len == 0) reader_fail(r, E_MALFORMED, rule);
    return sdp_take(r, len);
}

/* Whether all of it is one token. */
bool sdp_is_token(struct bytes text);
/* Whether all of it are ice-chars (RFC 8839 §5.1: letters, digits, + and /). */
bool sdp_is_ice_chars(struct bytes text);

/* Up to one of the two bytes, or to the end; may be empty. Never fails. */
static inline struct bytes sdp_scan_until(struct reader *r, char stop, char other)
{
    size_t left = reader_left(r), len = 0;
    while (len < left && r->at[len] != (uint8_t)stop && r->at[len] != (uint8_t)other) len++;
    return sdp_take(r, len);
}

/* Up to the next blank, at least one byte. */
static inline struct bytes sdp_scan_word(struct reader *r, const char *rule)
{
    struct bytes word = sdp_scan_until(r, ' ', ' ');
    if (word.len == 0) reader_fail(r, E_MALFORMED, rule);
    return word;
}

/* Decimal digits without a bound, as text: at least one. */
struct bytes sdp_scan_digits(struct reader *r, const char *rule);

/* Decimal digits, at most `max`: no sign, no wrap. What follows is left to the next call. */
static inline uint64_t sdp_scan_number(struct reader *r, uint64_t max, const char *rule)
{
    uint64_t value = 0;
    const uint8_t *at = r->at, *end = r->at + reader_left(r);
    bool fits = true;
    for (; at < end && *at >= '0' && *at <= '9' && fits; at++) {
        /* Tested before each step, so that nothing wraps however many digits there are. */
        uint64_t digit = (uint64_t)(*at - '0');
        fits = value < max / 10 || (value == max / 10 && digit <= max % 10);
        value = value * 10 + digit;
    }
    if (!fits || at == r->at) {
        reader_fail(r, E_MALFORMED, rule);
        return 0;
    }
    r->at = at;
    return value;
}

/* One byte, if it is the next. Never fails. */
static inline bool sdp_scan_char(struct reader *r, char c)
{
    if (reader_left(r) == 0 || *r->at != (uint8_t)c) return false;
    r->at++;
    return true;
}

/* Exactly this byte. */
static inline void sdp_expect_char(struct reader *r, char c, const char *rule)
{
    if (!sdp_scan_char(r, c)) reader_fail(r, E_MALFORMED, rule);
}

/* One blank or more: RFC 8866 has exactly one, but "msid-semantic: WMS" shows what is about. */
static inline void sdp_expect_blank(struct reader *r, const char *rule)
{
    sdp_expect_char(r, ' ', rule);
    while (sdp_scan_char(r, ' ')) continue;
}

/* Nothing is left. */
static inline void sdp_expect_end(struct reader *r, const char *rule)
{
    if (reader_left(r)) reader_fail(r, E_MALFORMED, rule);
}

#endif
