#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

/* Blocks double from the first to the last length: a small description costs little, a browser's
 * needs four or five of them. */
#define BLOCK_FIRST 2048
#define BLOCK_LAST  16384
#define ALIGN       16

struct arena_block {
    struct arena_block *next;
    size_t used, room;
    _Alignas(ALIGN) uint8_t bytes[];
};

void arena_init(struct arena *arena, size_t limit)
{
    *arena = (struct arena){.limit = limit};
}

void arena_free(struct arena *arena)
{
    while (arena->blocks) {
        struct arena_block *block = arena->blocks;
        arena->blocks = block->next;
        free(block);
    }
    arena->used = 0;
}

void *arena_take(struct arena *arena, size_t size)
{
    if (size > arena->limit - arena->used) return NULL;
    size_t padded = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    struct arena_block *block = arena->blocks;
    if (!block || block->room - block->used < padded) {
        size_t room = block ? 2 * block->room : BLOCK_FIRST;
        if (room > BLOCK_LAST) room = BLOCK_LAST;
        if (room < padded) room = padded;
        block = calloc(1, sizeof *block + room);
        if (!block) return NULL;
        block->room = room;
        block->next = arena->blocks;
        arena->blocks = block;
    }
    void *p = block->bytes + block->used;
    block->used += padded;
    arena->used += size;
    return p;
}

struct bytes arena_copy(struct arena *arena, struct bytes b)
{
    uint8_t *p = arena_take(arena, b.len);
    if (!p) return (struct bytes){NULL, 0};
    if (b.len) memcpy(p, b.at, b.len);
    return (struct bytes){p, b.len};
}
