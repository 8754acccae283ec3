#include "sdp/scan.h"

#include <string.h>

/* One bit for each byte value, from the lowest on. */
static const uint64_t token_chars[4] = {0x03ff6cfa00000000, 0x7fffffffc7fffffe};
static const uint64_t ice_chars[4] = {0x03ff880000000000, 0x07fffffe07fffffe};

static bool is_in(const uint64_t set[4], uint8_t c)
{
    return set[c >> 6] >> (c & 63) & 1;
}

static bool all_in(const uint64_t set[4], struct bytes text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!is_in(set, text.at[i])) return false;
    return text.len > 0;
}

/* The next `len` bytes, which the caller has counted within reader_left(). Descriptions are made of
 * a thousand tokens of a few bytes: what checks them all again takes most of the time. */
static struct bytes take(struct reader *r, size_t len)
{
    struct bytes taken = {r->at, len};
    r->at += len;
    return taken;
}

static size_t left_of(const struct reader *r)
{
    return r->err == OK ? (size_t)(r->end - r->at) : 0;
}

bool sdp_scan_line(struct reader *text, struct bytes *line)
{
    size_t left = left_of(text);
    const uint8_t *end = left ? memchr(text->at, '\n', left) : NULL;
    if (!end) return false;
    size_t len = (size_t)(end - text->at);
    *line = take(text, len);
    text->at++; /* the LF that was found */
    if (len && line->at[len - 1] == '\r') line->len--;
    return true;
}

struct bytes sdp_scan_token(struct reader *r, const char *rule)
{
    size_t left = left_of(r), len = 0;
    while (len < left && is_in(token_chars, r->at[len])) len++;
    if (len == 0) reader_fail(r, E_MALFORMED, rule);
    return take(r, len);
}

bool sdp_is_token(struct bytes text)
{
    return all_in(token_chars, text);
}

bool sdp_is_ice_chars(struct bytes text)
{
    return all_in(ice_chars, text);
}

struct bytes sdp_scan_word(struct reader *r, const char *rule)
{
    struct bytes word = sdp_scan_until(r, ' ', ' ');
    if (word.len == 0) reader_fail(r, E_MALFORMED, rule);
    return word;
}

struct bytes sdp_scan_until(struct reader *r, char stop, char other)
{
    size_t left = left_of(r), len = 0;
    while (len < left && r->at[len] != (uint8_t)stop && r->at[len] != (uint8_t)other) len++;
    return take(r, len);
}

static size_t count_digits(const struct reader *r)
{
    size_t left = left_of(r), len = 0;
    while (len < left && r->at[len] >= '0' && r->at[len] <= '9') len++;
    return len;
}

struct bytes sdp_scan_digits(struct reader *r, const char *rule)
{
    size_t len = count_digits(r);
    if (len == 0) reader_fail(r, E_MALFORMED, rule);
    return take(r, len);
}

uint64_t sdp_scan_number(struct reader *r, uint64_t max, const char *rule)
{
    size_t len = count_digits(r);
    uint64_t value = 0;
    bool fits = len > 0;
    for (size_t i = 0; i < len && fits; i++) {
        /* Tested before each step, so that nothing wraps however many digits there are. */
        uint64_t digit = (uint64_t)(r->at[i] - '0');
        fits = digit <= max && value <= UINT64_MAX / 10 && value * 10 <= max - digit;
        value = value * 10 + digit;
    }
    if (!fits) {
        reader_fail(r, E_MALFORMED, rule);
        return 0;
    }
    r->at += len;
    return value;
}

bool sdp_scan_char(struct reader *r, char c)
{
    if (left_of(r) == 0 || *r->at != (uint8_t)c) return false;
    r->at++;
    return true;
}

void sdp_expect_char(struct reader *r, char c, const char *rule)
{
    if (!sdp_scan_char(r, c)) reader_fail(r, E_MALFORMED, rule);
}

void sdp_expect_blank(struct reader *r, const char *rule)
{
    sdp_expect_char(r, ' ', rule);
    while (sdp_scan_char(r, ' ')) continue;
}

void sdp_expect_end(struct reader *r, const char *rule)
{
    if (left_of(r)) reader_fail(r, E_MALFORMED, rule);
}
