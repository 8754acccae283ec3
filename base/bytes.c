#include "base/bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool bytes_starts(struct bytes a, const char *prefix)
{
    struct bytes b = bytes_of(prefix);
    return a.len >= b.len && bytes_equal((struct bytes){a.at, b.len}, b);
}

bool bytes_equal_secret(struct bytes a, struct bytes b)
{
    if (a.len != b.len) return false;
    uint64_t difference = 0;
    size_t i = 0;
    /* Words first: a tag has twenty bytes, and every connectivity check has a tag. */
    for (uint64_t x, y; i + sizeof x <= a.len; i += sizeof x) {
        memcpy(&x, a.at + i, sizeof x);
        memcpy(&y, b.at + i, sizeof y);
        difference |= x ^ y;
    }
    for (uint32_t x, y; i + sizeof x <= a.len; i += sizeof x) {
        memcpy(&x, a.at + i, sizeof x);
        memcpy(&y, b.at + i, sizeof y);
        difference |= x ^ y;
    }
    for (; i < a.len; i++) difference |= a.at[i] ^ b.at[i];
    /* So that no compiler can see what the sum is for, and leave when it knows enough. */
    volatile uint64_t all = difference;
    return all == 0;
}

struct bytes bytes_slice(struct bytes a, size_t from, size_t len)
{
    if (from > a.len) from = a.len;
    if (len > a.len - from) len = a.len - from;
    return (struct bytes){from ? a.at + from : a.at, len};
}

bool bytes_to_u64(struct bytes a, uint64_t max, uint64_t *value)
{
    uint64_t v = 0, most = max / 10, last = max % 10;
    if (a.len == 0) return false;
    for (size_t i = 0; i < a.len; i++) {
        if (a.at[i] < '0' || a.at[i] > '9') return false;
        uint64_t digit = (uint64_t)(a.at[i] - '0');
        if (v > most || (v == most && digit > last)) return false;
        v = v * 10 + digit;
    }
    *value = v;
    return true;
}

const char *bytes_to_text(struct bytes a, char *to, size_t room)
{
    if (room == 0) return to;
    size_t len = a.len < room - 1 ? a.len : room - 1;
    if (len) memcpy(to, a.at, len);
    to[len] = '\0';
    return to;
}

void bytes_wipe(void *at, size_t len)
{
    volatile uint8_t *p = at;
    while (len--) *p++ = 0;
}

struct writer writer_of(void *room, size_t len)
{
    uint8_t *p = room;
    return (struct writer){.start = p, .at = p, .end = p + len};
}

size_t writer_left(const struct writer *w)
{
    return w->err == OK ? (size_t)(w->end - w->at) : 0;
}

size_t writer_len(const struct writer *w)
{
    return (size_t)(w->at - w->start);
}

struct bytes writer_done(const struct writer *w)
{
    if (w->err != OK) return (struct bytes){NULL, 0};
    return (struct bytes){w->start, writer_len(w)};
}

/* Room for `len` bytes, or NULL after marking the writer as full. */
static uint8_t *room(struct writer *w, size_t len)
{
    if (writer_left(w) < len) w->err = E_FULL;
    if (w->err != OK) return NULL;
    uint8_t *p = w->at;
    w->at += len;
    return p;
}

static void write_number(struct writer *w, uint64_t v, size_t len)
{
    uint8_t *p = room(w, len);
    if (!p) return;
    for (size_t i = len; i-- > 0; v >>= 8) p[i] = (uint8_t)v;
}

void write_u8(struct writer *w, uint8_t v)
{
    write_number(w, v, 1);
}

void write_u16(struct writer *w, uint16_t v)
{
    write_number(w, v, 2);
}

void write_u24(struct writer *w, uint32_t v)
{
    write_number(w, v, 3);
}

void write_u32(struct writer *w, uint32_t v)
{
    write_number(w, v, 4);
}

void write_u48(struct writer *w, uint64_t v)
{
    write_number(w, v, 6);
}

void write_u64(struct writer *w, uint64_t v)
{
    write_number(w, v, 8);
}

void write_bytes(struct writer *w, struct bytes b)
{
    uint8_t *p = room(w, b.len);
    if (p && b.len) memcpy(p, b.at, b.len);
}

void write_zeros(struct writer *w, size_t len)
{
    uint8_t *p = room(w, len);
    if (p && len) memset(p, 0, len);
}

void write_text(struct writer *w, const char *text)
{
    write_bytes(w, bytes_of(text));
}

void write_format(struct writer *w, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (len < 0 || (size_t)len >= sizeof text)
        w->err = E_FULL;
    else
        write_bytes(w, (struct bytes){(const uint8_t *)text, (size_t)len});
}

void write_u16_at(struct writer *w, size_t offset, uint16_t v)
{
    if (w->err != OK) return;
    if (offset > writer_len(w) || writer_len(w) - offset < 2) {
        w->err = E_FULL;
        return;
    }
    w->start[offset] = (uint8_t)(v >> 8);
    w->start[offset + 1] = (uint8_t)v;
}
