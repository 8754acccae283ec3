/* The packets that a link holds: a bounded number of them with a bounded number of bytes, kept in
 * short blocks, so that small ones take little. Nothing is allocated after set-up, and what was
 * freed last is used first: a link that holds little touches little memory. */
#ifndef DUET_SIM_STORE_H
#define DUET_SIM_STORE_H

#include "base/clock.h"
#include "base/packet.h"

#define STORE_BLOCK 256 /* bytes: most sound is shorter, a full packet is five of them */
#define STORE_NONE  UINT32_MAX

/* One packet that is held. The link's notes about it are here too. */
struct held {
    struct route route;
    uint64_t number; /* of all that came in */
    usec arrived;    /* at the queue */
    usec due;        /* comes out then */
    usec due_again;  /* and its copy then; TIME_NEVER: it has none */
    size_t len;
    uint32_t block; /* the first one */
    uint32_t next;  /* in a line, or among the free */
};

struct store {
    struct held *held;
    uint8_t (*blocks)[STORE_BLOCK];
    uint32_t *next_block;
    uint32_t packets_max, blocks_max;
    uint32_t packets_touched, blocks_touched; /* beyond them nothing was ever used */
    uint32_t free_packet, free_block;
    uint32_t packets_used, blocks_used;
};

/* First in, first out; of packets of one store. */
struct line {
    uint32_t first, last;
    size_t count;
};

/* False: no memory. Bounds above 2^31 packets or blocks count as that. */
bool store_init(struct store *store, size_t packets, size_t bytes);
void store_free(struct store *store); /* one that is all zero is fine */
/* As after store_init. */
void store_empty(struct store *store);

/* A copy of the packet; STORE_NONE: full. What is not the packet's own is for the caller to set. */
uint32_t store_put(struct store *store, const struct packet *packet);
struct held *store_at(const struct store *store, uint32_t i);
void store_copy(const struct store *store, uint32_t i, struct packet *to);
/* Flips one bit of the packet; `bit` < 8 * len. */
void store_flip(struct store *store, uint32_t i, size_t bit);
void store_drop(struct store *store, uint32_t i);

void line_init(struct line *line);
void line_push(struct line *line, struct store *store, uint32_t i);
/* The first of it; STORE_NONE: it is empty. */
uint32_t line_pop(struct line *line, const struct store *store);

#endif
