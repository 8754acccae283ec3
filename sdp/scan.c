#include "sdp/scan.h"

static bool all_in(const uint64_t set[4], struct bytes text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!sdp_char_in(set, text.at[i])) return false;
    return text.len > 0;
}

bool sdp_is_token(struct bytes text)
{
    return all_in(SDP_TOKEN_CHARS, text);
}

bool sdp_is_ice_chars(struct bytes text)
{
    return all_in(SDP_ICE_CHARS, text);
}

struct bytes sdp_scan_digits(struct reader *r, const char *rule)
{
    size_t left = reader_left(r), len = 0;
    while (len < left && r->at[len] >= '0' && r->at[len] <= '9') len++;
    if (len == 0) reader_fail(r, E_MALFORMED, rule);
    return sdp_take(r, len);
}
