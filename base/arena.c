#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK_LEN 16384 /* one browser's description fits in one or two */
#define ALIGN     16

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
        size_t room = padded > BLOCK_LEN ? padded : BLOCK_LEN;
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
