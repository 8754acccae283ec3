#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

/* Blocks double from the first to the last length: a small description costs little, a browser's
 * needs four or five of them. What is longer than half of the next block gets one of just its
 * length. */
#define BLOCK_FIRST 512
#define BLOCK_LAST  16384
#define ALIGN       16

struct arena_block {
    struct arena_block *next;
    size_t used, room;
    _Alignas(ALIGN) uint8_t bytes[];
};

void arena_init(struct arena *arena, size_t limit)
{
    *arena = (struct arena){.limit = limit, .next = BLOCK_FIRST};
}

void arena_free(struct arena *arena)
{
    while (arena->blocks) {
        struct arena_block *block = arena->blocks;
        arena->blocks = block->next;
        free(block);
    }
    arena->used = 0;
    arena->next = BLOCK_FIRST;
}

static struct arena_block *new_block(size_t room)
{
    struct arena_block *block = malloc(sizeof *block + room);
    if (block) *block = (struct arena_block){.room = room};
    return block;
}

bool arena_reserve(struct arena *arena, size_t size)
{
    struct arena_block *block = size <= arena->limit - arena->used ? new_block(size) : NULL;
    if (!block) return false;
    block->next = arena->blocks;
    arena->blocks = block;
    return true;
}

/* A block with `len` bytes free; NULL: no memory. */
static struct arena_block *block_with(struct arena *arena, size_t len)
{
    struct arena_block *first = arena->blocks;
    if (first && first->room - first->used >= len) return first;
    bool own = len > arena->next / 2;
    struct arena_block *block = new_block(own ? len : arena->next);
    if (!block) return NULL;
    /* One that is full at once goes behind the first, which may have room for the next thing. */
    struct arena_block **place = own && first ? &first->next : &arena->blocks;
    block->next = *place;
    *place = block;
    if (!own && arena->next < BLOCK_LAST) arena->next *= 2;
    return block;
}

void *arena_take_unset(struct arena *arena, size_t size)
{
    if (size > arena->limit - arena->used) return NULL;
    size_t padded = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    struct arena_block *block = block_with(arena, padded);
    if (!block) return NULL;
    void *p = block->bytes + block->used;
    block->used += padded;
    arena->used += size;
    return p;
}

void *arena_take(struct arena *arena, size_t size)
{
    void *p = arena_take_unset(arena, size);
    if (p) memset(p, 0, size);
    return p;
}

struct bytes arena_copy(struct arena *arena, struct bytes b)
{
    uint8_t *p = arena_take_unset(arena, b.len);
    if (!p) return (struct bytes){NULL, 0};
    if (b.len) memcpy(p, b.at, b.len);
    return (struct bytes){p, b.len};
}
