/* Memory that is given back all at once: for one parsed description. */
#ifndef DUET_BASE_ARENA_H
#define DUET_BASE_ARENA_H

#include "base/bytes.h"

struct arena_block;

struct arena {
    struct arena_block *blocks;
    size_t used, limit;
    size_t next; /* the length of the next block */
};

/* Takes no memory yet; at most `limit` bytes in all will be given out. */
void arena_init(struct arena *arena, size_t limit);
/* Takes memory at once for `size` bytes that will be wanted, so that they are one piece. False: the
 * limit does not allow it, or memory ran out. */
bool arena_reserve(struct arena *arena, size_t size);
/* Gives everything back; the arena may be used again. */
void arena_free(struct arena *arena);
/* Zeroed, aligned for any type; NULL: the limit is reached or memory ran out. */
void *arena_take(struct arena *arena, size_t size);
/* The same, not zeroed: for what is filled at once. */
void *arena_take_unset(struct arena *arena, size_t size);
/* A copy of `b` that lives as long as the arena; {NULL, 0} when there is no room. */
struct bytes arena_copy(struct arena *arena, struct bytes b);

#endif
