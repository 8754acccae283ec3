#include "signaling/utf8.h"

/* RFC 3629 §4: what may follow each first byte. The first continuation byte's range keeps out
 * overlong forms (E0, F0), surrogates (ED) and what lies above U+10FFFF (F4). */
static bool first_byte(struct utf8 *u, uint8_t byte)
{
    u->low = 0x80, u->high = 0xBF;
    if (byte < 0x80) return true;
    if (byte < 0xC2) return false;
    if (byte < 0xE0) {
        u->left = 1;
        return true;
    }
    if (byte < 0xF0) {
        u->left = 2;
        if (byte == 0xE0) u->low = 0xA0;
        if (byte == 0xED) u->high = 0x9F;
        return true;
    }
    if (byte > 0xF4) return false;
    u->left = 3;
    if (byte == 0xF0) u->low = 0x90;
    if (byte == 0xF4) u->high = 0x8F;
    return true;
}

bool utf8_feed(struct utf8 *u, uint8_t byte)
{
    if (u->left == 0) return first_byte(u, byte);
    if (byte < u->low || byte > u->high) return false;
    u->low = 0x80, u->high = 0xBF;
    u->left--;
    return true;
}

bool utf8_complete(const struct utf8 *u)
{
    return u->left == 0;
}

bool utf8_valid(struct bytes text)
{
    struct utf8 u = {0};
    for (size_t i = 0; i < text.len; i++)
        if (!utf8_feed(&u, text.at[i])) return false;
    return utf8_complete(&u);
}
