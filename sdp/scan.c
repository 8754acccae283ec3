#include "sdp/scan.h"

/* A column for each of the lower four bits, a row for each value of the upper four. */
const uint8_t sdp_chars[256] = {
#define T SDP_TOKEN_CHAR
#define I SDP_ICE_CHAR
#define L (SDP_TOKEN_CHAR | SDP_ICE_CHAR)
#define H (SDP_TOKEN_CHAR | SDP_ICE_CHAR | SDP_HEX_CHAR)
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* control characters */
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* and more of them */
    0, T, 0, T, T, T, T, T, 0, 0, T, L, 0, T, T, I, /*  !"#$%&'()*+,-./ */
    H, H, H, H, H, H, H, H, H, H, 0, 0, 0, 0, 0, 0, /* 0123456789:;<=>? */
    0, H, H, H, H, H, H, L, L, L, L, L, L, L, L, L, /* @ABCDEFGHIJKLMNO */
    L, L, L, L, L, L, L, L, L, L, L, 0, 0, 0, T, T, /* PQRSTUVWXYZ[\]^_ */
    T, H, H, H, H, H, H, L, L, L, L, L, L, L, L, L, /* `abcdefghijklmno */
    L, L, L, L, L, L, L, L, L, L, L, T, T, T, T, 0, /* pqrstuvwxyz{|}~ */
#undef T
#undef I
#undef L
#undef H
};

static bool all_are(enum sdp_char kind, struct bytes text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!(sdp_chars[text.at[i]] & kind)) return false;
    return text.len > 0;
}

bool sdp_is_token(struct bytes text)
{
    return all_are(SDP_TOKEN_CHAR, text);
}

bool sdp_is_ice_chars(struct bytes text)
{
    return all_are(SDP_ICE_CHAR, text);
}

struct bytes sdp_scan_digits(struct reader *r, const char *rule)
{
    size_t left = reader_left(r), len = 0;
    while (len < left && r->at[len] >= '0' && r->at[len] <= '9') len++;
    if (len == 0) reader_fail(r, E_MALFORMED, rule);
    return sdp_take(r, len);
}

uint64_t sdp_scan_long_number(struct reader *r, uint64_t max, const char *rule)
{
    struct reader probe = *r;
    uint64_t value;
    if (!bytes_to_u64(sdp_scan_digits(&probe, rule), max, &value)) {
        reader_fail(r, E_MALFORMED, rule);
        return 0;
    }
    *r = probe;
    return value;
}
