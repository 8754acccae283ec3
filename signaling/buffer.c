#include "signaling/buffer.h"

#include <stdlib.h>
#include <string.h>

void buffer_init(struct buffer *b, size_t cap)
{
    *b = (struct buffer){.cap = cap};
}

void buffer_free(struct buffer *b)
{
    free(b->room_at);
    buffer_init(b, b->cap);
}

struct bytes buffer_bytes(const struct buffer *b)
{
    if (!b->room_at) return (struct bytes){NULL, 0};
    return (struct bytes){b->room_at + b->first, b->len};
}

/* Room for `len` more bytes behind what waits. */
static enum err make_room(struct buffer *b, size_t len)
{
    if (len > b->cap - b->len) return E_FULL;
    if (b->first + b->len + len <= b->room) return OK;
    if (b->len + len <= b->room) {
        memmove(b->room_at, b->room_at + b->first, b->len);
        b->first = 0;
        return OK;
    }
    size_t room = b->room ? b->room : BUFFER_FIRST;
    while (room < b->len + len) room *= 2;
    uint8_t *fresh = malloc(room);
    if (!fresh) return E_NOMEM;
    if (b->len) memcpy(fresh, b->room_at + b->first, b->len);
    free(b->room_at);
    b->room_at = fresh, b->room = room, b->first = 0;
    return OK;
}

enum err buffer_add(struct buffer *b, struct bytes in)
{
    if (in.len == 0) return OK;
    enum err err = make_room(b, in.len);
    if (err != OK) return err;
    memcpy(b->room_at + b->first + b->len, in.at, in.len);
    b->len += in.len;
    return OK;
}

enum err buffer_reserve(struct buffer *b, size_t len, struct writer *w)
{
    enum err err = make_room(b, len);
    if (err != OK) return err;
    *w = (struct writer){0};
    if (len) *w = writer_of(b->room_at + b->first + b->len, len);
    return OK;
}

void buffer_commit(struct buffer *b, const struct writer *w)
{
    if (w->err == OK) b->len += writer_len(w);
    if (b->len == 0) buffer_free(b);
}

void buffer_drop(struct buffer *b, size_t len)
{
    if (len >= b->len) {
        buffer_free(b);
        return;
    }
    b->first += len;
    b->len -= len;
}
