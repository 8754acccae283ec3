#include "sim/store.h"

#include <stdlib.h>

#define BOUND ((size_t)1 << 31)

bool store_init(struct store *s, size_t packets, size_t bytes)
{
    size_t blocks = bytes / STORE_BLOCK + (bytes % STORE_BLOCK != 0);
    *s = (struct store){.packets_max = (uint32_t)(packets < BOUND ? packets : BOUND),
                        .blocks_max = (uint32_t)(blocks < BOUND ? blocks : BOUND)};
    s->held = malloc(s->packets_max * sizeof *s->held);
    s->blocks = malloc((size_t)s->blocks_max * sizeof *s->blocks);
    s->next_block = malloc(s->blocks_max * sizeof *s->next_block);
    if (!s->held || !s->blocks || !s->next_block) {
        store_free(s);
        return false;
    }
    store_empty(s);
    return true;
}

void store_free(struct store *s)
{
    free(s->held);
    free(s->blocks);
    free(s->next_block);
    *s = (struct store){.held = NULL};
}

void store_empty(struct store *s)
{
    s->packets_touched = s->packets_used = s->blocks_touched = s->blocks_used = 0;
    s->free_packet = s->free_block = STORE_NONE;
}

struct held *store_at(const struct store *s, uint32_t i)
{
    return &s->held[i];
}

static size_t blocks_of(size_t len)
{
    return (len + STORE_BLOCK - 1) / STORE_BLOCK;
}

static size_t piece_of(size_t left)
{
    return left < STORE_BLOCK ? left : STORE_BLOCK;
}

/* A block's worth or less, 32 bytes at a time: of one memcpy with a length that can't be more than
 * a block compilers make a string instruction, which takes long to get going. */
static void copy_piece(uint8_t *to, const uint8_t *from, size_t len)
{
    size_t i = 0;
    for (; i + 32 <= len; i += 32) memcpy(to + i, from + i, 32);
    for (; i < len; i++) to[i] = from[i];
}

static uint32_t take_block(struct store *s)
{
    uint32_t i = s->free_block;
    if (i == STORE_NONE) return s->blocks_touched++;
    s->free_block = s->next_block[i];
    return i;
}

static uint32_t take_packet(struct store *s)
{
    uint32_t i = s->free_packet;
    if (i == STORE_NONE) return s->packets_touched++;
    s->free_packet = s->held[i].next;
    return i;
}

uint32_t store_put(struct store *s, const struct packet *packet)
{
    size_t blocks = blocks_of(packet->len), left = packet->len;
    if (s->packets_used == s->packets_max || blocks > s->blocks_max - s->blocks_used)
        return STORE_NONE;
    uint32_t i = take_packet(s);
    struct held *h = &s->held[i];
    h->route = packet->route;
    h->len = packet->len;
    uint32_t *link = &h->block;
    for (const uint8_t *from = packet->at; left > 0; from += STORE_BLOCK) {
        size_t piece = piece_of(left);
        *link = take_block(s);
        copy_piece(s->blocks[*link], from, piece);
        link = &s->next_block[*link];
        left -= piece;
    }
    *link = STORE_NONE;
    s->packets_used++;
    s->blocks_used += (uint32_t)blocks;
    return i;
}

void store_copy(const struct store *s, uint32_t i, struct packet *to)
{
    const struct held *h = &s->held[i];
    packet_reset(to);
    to->route = h->route;
    uint32_t block = h->block;
    while (to->len < h->len) {
        size_t piece = piece_of(h->len - to->len);
        copy_piece(to->at + to->len, s->blocks[block], piece);
        to->len += piece;
        block = s->next_block[block];
    }
}

void store_flip(struct store *s, uint32_t i, size_t bit)
{
    uint32_t block = s->held[i].block;
    for (; bit >= 8 * STORE_BLOCK; bit -= 8 * STORE_BLOCK) block = s->next_block[block];
    s->blocks[block][bit / 8] ^= (uint8_t)(1u << (bit % 8));
}

void store_drop(struct store *s, uint32_t i)
{
    struct held *h = &s->held[i];
    for (uint32_t block = h->block; block != STORE_NONE;) {
        uint32_t next = s->next_block[block];
        s->next_block[block] = s->free_block;
        s->free_block = block;
        s->blocks_used--;
        block = next;
    }
    h->next = s->free_packet;
    s->free_packet = i;
    s->packets_used--;
}

void line_init(struct line *line)
{
    *line = (struct line){.first = STORE_NONE, .last = STORE_NONE};
}

void line_push(struct line *line, struct store *store, uint32_t i)
{
    store->held[i].next = STORE_NONE;
    if (line->count++)
        store->held[line->last].next = i;
    else
        line->first = i;
    line->last = i;
}

uint32_t line_pop(struct line *line, const struct store *store)
{
    uint32_t i = line->first;
    if (i == STORE_NONE) return STORE_NONE;
    line->first = store->held[i].next;
    line->count--;
    return i;
}
