/* Bytes that wait: a queue that takes memory only while it holds something, up to a named cap. A
 * thousand idle sockets own a thousand of these and no memory. No RFC: our own. */
#ifndef DUET_SIGNALING_BUFFER_H
#define DUET_SIGNALING_BUFFER_H

#include "base/bytes.h"

/* The first allocation; it doubles from there, so that `room` <= 2 * bytes held + BUFFER_FIRST. */
#define BUFFER_FIRST 256

struct buffer {
    uint8_t *room_at; /* NULL while empty */
    size_t first;     /* bytes at the front that were taken already */
    size_t len;       /* bytes that wait */
    size_t room;      /* bytes allocated */
    size_t cap;       /* `len` never exceeds this */
};

/* Takes no memory yet. */
void buffer_init(struct buffer *b, size_t cap);
/* Gives everything back; it may be used again. */
void buffer_free(struct buffer *b);
/* What waits, oldest first; a view until the next call that changes the buffer. */
struct bytes buffer_bytes(const struct buffer *b);
/* Copies `in` to the end. E_FULL: the cap; E_NOMEM; either way nothing changed. */
enum err buffer_add(struct buffer *b, struct bytes in);
/* A writer over `len` fresh bytes at the end, for buffer_commit. E_FULL, E_NOMEM: as buffer_add. */
enum err buffer_reserve(struct buffer *b, size_t len, struct writer *w);
/* Keeps what was written since buffer_reserve; a writer that failed keeps nothing. */
void buffer_commit(struct buffer *b, const struct writer *w);
/* Removes the oldest `len` bytes (at most all); an empty buffer gives its memory back. */
void buffer_drop(struct buffer *b, size_t len);

#endif
