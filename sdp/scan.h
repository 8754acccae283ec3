/* Lines and tokens: the small words of SDP's grammar over a reader. RFC 8866 §9.
 *
 * All functions take the reader on past what they return; when the grammar is not met they fail it
 * with the rule that they are given and return nothing. Text holds no NUL and no LF here: the
 * parser has refused or cut them before; a CR inside a line it refuses when all lines are read.
 *
 * They are in the header because a browser's description is a thousand words of a few bytes: a call
 * for each would take longer than the word. */
#ifndef DUET_SDP_SCAN_H
#define DUET_SDP_SCAN_H

#include "base/bytes.h"

/* What a byte may be part of, as bits. */
enum sdp_char { SDP_TOKEN_CHAR = 1, SDP_ICE_CHAR = 2, SDP_HEX_CHAR = 4 };
extern const uint8_t sdp_chars[256];

/* The next `len` bytes, which the caller has counted within reader_left(). */
static inline struct bytes sdp_take(struct reader *r, size_t len)
{
    struct bytes taken = {r->at, len};
    r->at += len;
    return taken;
}

/* Where `byte` stands first, or `end`. Eight at a time: (w - 01..) & ~w & 80.. is not 0 when one of
 * the bytes of w is, and its lowest bit is that of the first such byte. Lines and words are short:
 * memchr takes longer to begin than this to end. */
static inline const uint8_t *sdp_find(const uint8_t *at, const uint8_t *end, uint8_t byte)
{
    const uint64_t ones = UINT64_MAX / 255;
    for (; end - at >= 8; at += 8) {
        uint64_t w, found;
        memcpy(&w, at, sizeof w);
        w ^= ones * byte;
        found = (w - ones) & ~w & ones << 7;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        if (found) return at + __builtin_ctzll(found) / 8;
#else
        if (found) break;
#endif
    }
    while (at < end && *at != byte) at++;
    return at;
}

/* Takes the next line off `text`, without its CRLF or LF. False: there is no line end any more. */
static inline bool sdp_scan_line(struct reader *text, struct bytes *line)
{
    const uint8_t *end = sdp_find(text->at, text->end, '\n');
    if (end == text->end) return false;
    *line = sdp_take(text, (size_t)(end - text->at));
    text->at++; /* the LF that was found */
    if (line->len && line->at[line->len - 1] == '\r') line->len--;
    return true;
}

/* A token of RFC 8866 §9: letters, digits and !#$%&'*+-.^_`{|}~, at least one. */
static inline struct bytes sdp_scan_token(struct reader *r, const char *rule)
{
    size_t left = reader_left(r), len = 0;
    while (len < left && sdp_chars[r->at[len]] & SDP_TOKEN_CHAR) len++;
    if (len == 0) reader_fail(r, E_MALFORMED, rule);
    return sdp_take(r, len);
}

/* Whether all of it is one token. */
bool sdp_is_token(struct bytes text);
/* Whether all of it are ice-chars (RFC 8839 §5.1: letters, digits, + and /). */
bool sdp_is_ice_chars(struct bytes text);

/* Up to this byte or to the end; may be empty. Never fails. */
static inline struct bytes sdp_scan_until(struct reader *r, char stop)
{
    const uint8_t *end = sdp_find(r->at, r->at + reader_left(r), (uint8_t)stop);
    return sdp_take(r, (size_t)(end - r->at));
}

/* Up to the next blank, at least one byte. */
static inline struct bytes sdp_scan_word(struct reader *r, const char *rule)
{
    struct bytes word = sdp_scan_until(r, ' ');
    if (word.len == 0) reader_fail(r, E_MALFORMED, rule);
    return word;
}

/* Decimal digits without a bound, as text: at least one. */
struct bytes sdp_scan_digits(struct reader *r, const char *rule);

/* The same where so many digits are that their number may not fit into 64 bits. */
uint64_t sdp_scan_long_number(struct reader *r, uint64_t max, const char *rule);

/* Decimal digits, at most `max`: no sign, no wrap. What follows is left to the next call. */
static inline uint64_t sdp_scan_number(struct reader *r, uint64_t max, const char *rule)
{
    enum { DIGITS = 19 }; /* 10^19 - 1 < 2^64 */
    uint64_t value = 0;
    const uint8_t *at = r->at, *end = r->at + reader_left(r);
    for (uint8_t digit; at < end && (digit = (uint8_t)(*at - '0')) <= 9; at++)
        value = value * 10 + digit;
    if (at - r->at > DIGITS) return sdp_scan_long_number(r, max, rule);
    if (at == r->at || value > max) {
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

/* The literal, if it is next. Never fails. */
static inline bool sdp_scan_literal(struct reader *r, const char *literal)
{
    size_t len = strlen(literal);
    if (reader_left(r) < len || memcmp(r->at, literal, len) != 0) return false;
    r->at += len;
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

/* How it ended. Only the copy's address leaves here, so that a reader which is local to a parser
 * stays in registers; `fault` is left alone if all is well. */
static inline enum err sdp_scan_fault(const struct reader *r, struct fault *fault)
{
    if (r->err == OK) return OK;
    struct reader failed = *r;
    *fault = reader_fault(&failed, "sdp");
    return fault->err;
}

/* The same, and nothing may be left. */
static inline enum err sdp_scan_done(struct reader *r, const char *rule, struct fault *fault)
{
    sdp_expect_end(r, rule);
    return sdp_scan_fault(r, fault);
}

#endif
