#include "base/columns.h"

#define REPLACEMENT 0xFFFDu

struct range {
    uint32_t first, last;
};

/* Combining marks and what is invisible by nature, as far as texts in session descriptions and
 * STUN messages may have them: general categories Mn, Me and Cf. */
static const struct range zero[] = {
    {0x0300, 0x036F}, {0x0483, 0x0489},   {0x0591, 0x05BD},   {0x0610, 0x061A},   {0x064B, 0x065F},
    {0x06D6, 0x06DC}, {0x0900, 0x0902},   {0x093C, 0x093C},   {0x0941, 0x0948},   {0x094D, 0x094D},
    {0x0E31, 0x0E31}, {0x0E34, 0x0E3A},   {0x0E47, 0x0E4E},   {0x1AB0, 0x1AFF},   {0x1DC0, 0x1DFF},
    {0x200B, 0x200F}, {0x202A, 0x202E},   {0x2060, 0x2064},   {0x2066, 0x206F},   {0x20D0, 0x20FF},
    {0x302A, 0x302D}, {0x3099, 0x309A},   {0xFE00, 0xFE0F},   {0xFE20, 0xFE2F},   {0xFEFF, 0xFEFF},
    {0xFFF9, 0xFFFB}, {0x1F3FB, 0x1F3FF}, {0xE0001, 0xE007F}, {0xE0100, 0xE01EF},
};

/* Unicode's EastAsianWidth.txt, W and F, with neighbours joined. */
static const struct range wide[] = {
    {0x1100, 0x115F},   {0x231A, 0x231B},   {0x2329, 0x232A},   {0x23E9, 0x23EC},
    {0x25FD, 0x25FE},   {0x2614, 0x2615},   {0x2648, 0x2653},   {0x267F, 0x267F},
    {0x2693, 0x2693},   {0x26A1, 0x26A1},   {0x26AA, 0x26AB},   {0x26BD, 0x26BE},
    {0x26C4, 0x26C5},   {0x26CE, 0x26CE},   {0x26D4, 0x26D4},   {0x26EA, 0x26EA},
    {0x26F2, 0x26F3},   {0x26F5, 0x26F5},   {0x26FA, 0x26FA},   {0x26FD, 0x26FD},
    {0x2705, 0x2705},   {0x270A, 0x270B},   {0x2728, 0x2728},   {0x274C, 0x274C},
    {0x274E, 0x274E},   {0x2753, 0x2755},   {0x2757, 0x2757},   {0x2795, 0x2797},
    {0x27B0, 0x27B0},   {0x27BF, 0x27BF},   {0x2B1B, 0x2B1C},   {0x2B50, 0x2B50},
    {0x2B55, 0x2B55},   {0x2E80, 0x303E},   {0x3041, 0xA4CF},   {0xA960, 0xA97C},
    {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE10, 0xFE19},   {0xFE30, 0xFE6F},
    {0xFF01, 0xFF60},   {0xFFE0, 0xFFE6},   {0x16FE0, 0x18CFF}, {0x1AFF0, 0x1B2FF},
    {0x1F004, 0x1F004}, {0x1F0CF, 0x1F0CF}, {0x1F18E, 0x1F18E}, {0x1F191, 0x1F19A},
    {0x1F200, 0x1F320}, {0x1F32D, 0x1F335}, {0x1F337, 0x1F37C}, {0x1F37E, 0x1F393},
    {0x1F3A0, 0x1F3CA}, {0x1F3CF, 0x1F3D3}, {0x1F3E0, 0x1F3F0}, {0x1F3F4, 0x1F3F4},
    {0x1F3F8, 0x1F43E}, {0x1F440, 0x1F440}, {0x1F442, 0x1F4FC}, {0x1F4FF, 0x1F53D},
    {0x1F54B, 0x1F54E}, {0x1F550, 0x1F567}, {0x1F57A, 0x1F57A}, {0x1F595, 0x1F596},
    {0x1F5A4, 0x1F5A4}, {0x1F5FB, 0x1F64F}, {0x1F680, 0x1F6C5}, {0x1F6CC, 0x1F6CC},
    {0x1F6D0, 0x1F6D2}, {0x1F6D5, 0x1F6D7}, {0x1F6DC, 0x1F6DF}, {0x1F6EB, 0x1F6EC},
    {0x1F6F4, 0x1F6FC}, {0x1F7E0, 0x1F7EB}, {0x1F7F0, 0x1F7F0}, {0x1F90C, 0x1F93A},
    {0x1F93C, 0x1F945}, {0x1F947, 0x1F9FF}, {0x1FA70, 0x1FAFF}, {0x20000, 0x3FFFD},
};

static bool is_in(const struct range *ranges, size_t count, uint32_t code)
{
    for (size_t i = 0; i < count; i++)
        if (code <= ranges[i].last) return code >= ranges[i].first;
    return false;
}

/* RFC 3629 §4: how many bytes follow a first one, and what the second may be. */
static size_t more_of(uint8_t first, uint8_t *low, uint8_t *high)
{
    *low = 0x80, *high = 0xBF;
    if (first == 0xE0) *low = 0xA0;
    if (first == 0xED) *high = 0x9F;
    if (first == 0xF0) *low = 0x90;
    if (first == 0xF4) *high = 0x8F;
    if (first >= 0xC2 && first <= 0xDF) return 1;
    if (first >= 0xE0 && first <= 0xEF) return 2;
    if (first >= 0xF0 && first <= 0xF4) return 3;
    return 0;
}

uint32_t columns_next(struct bytes *text)
{
    uint8_t low, high, first = text->at[0];
    size_t more = more_of(first, &low, &high), taken = 1;
    uint32_t code = more == 0 ? first : first & (0x3Fu >> more);
    while (taken <= more && taken < text->len) {
        uint8_t byte = text->at[taken];
        if (byte < low || byte > high) break;
        code = code << 6 | (byte & 0x3Fu);
        low = 0x80, high = 0xBF;
        taken++;
    }
    bool whole = taken == more + 1 && (more > 0 || first < 0x80);
    *text = bytes_slice(*text, taken, text->len);
    return whole ? code : REPLACEMENT;
}

/* How a control character is shown; an empty text for all others. */
static const char *escape(uint32_t code, char room[8])
{
    room[0] = 0;
    if (code == '\n') return "\\n";
    if (code == '\r') return "\\r";
    if (code == '\t') return "\\t";
    if (code < 0x20 || (code >= 0x7F && code < 0xA0)) snprintf(room, 8, "\\x%02x", (unsigned)code);
    return room;
}

size_t columns_of(uint32_t code)
{
    char room[8];
    if (code >= 0x20 && code < 0x7F) return 1;
    size_t escaped = strlen(escape(code, room));
    if (escaped) return escaped;
    if (is_in(zero, COUNT(zero), code)) return 0;
    return is_in(wide, COUNT(wide), code) ? 2 : 1;
}

size_t columns_width(struct bytes text)
{
    size_t width = 0;
    while (text.len) width += columns_of(columns_next(&text));
    return width;
}

struct bytes columns_fit(struct bytes text, size_t width, bool words)
{
    struct bytes rest = text;
    size_t used = 0, fits = 0, blank = 0;
    while (rest.len) {
        size_t at = text.len - rest.len;
        uint32_t code = columns_next(&rest);
        used += columns_of(code);
        if (used > width && fits) break;
        if (code == ' ' && at) blank = at;
        fits = text.len - rest.len;
    }
    if (words && fits < text.len && blank && text.at[fits] != ' ') fits = blank;
    return bytes_slice(text, 0, fits);
}

/* Takes the next character off `text`: what is shown of it. */
static struct bytes next_shown(struct bytes *text, char room[8])
{
    const uint8_t *start = text->at;
    uint32_t code = columns_next(text);
    const char *escaped = escape(code, room);
    if (*escaped) return bytes_of(escaped);
    if (code == REPLACEMENT) return bytes_of("\xEF\xBF\xBD");
    return (struct bytes){start, (size_t)(text->at - start)};
}

void columns_print(FILE *to, struct bytes text)
{
    while (text.len) {
        char room[8];
        struct bytes shown = next_shown(&text, room);
        fwrite(shown.at, 1, shown.len, to);
    }
}

void columns_write(struct writer *to, struct bytes text)
{
    while (text.len) {
        char room[8];
        write_bytes(to, next_shown(&text, room));
    }
}

size_t columns_clean(struct bytes text, char *to)
{
    size_t len = 0;
    while (text.len) {
        const uint8_t *start = text.at;
        uint32_t code = columns_next(&text);
        const uint8_t *from = code == REPLACEMENT ? (const uint8_t *)"\xEF\xBF\xBD" : start;
        size_t n = code == REPLACEMENT ? 3 : (size_t)(text.at - start);
        memcpy(to + len, from, n);
        len += n;
    }
    return len;
}
