/* A queue of equal items with a fixed bound: events, and whatever else must not grow. */
#ifndef DUET_BASE_RING_H
#define DUET_BASE_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ring {
    uint8_t *items;
    size_t item_len, room;
    size_t first, count;
    uint64_t dropped; /* pushes refused because it was full */
};

/* Over `items`, an array of `room` items of `item_len` bytes that the owner keeps. */
void ring_init(struct ring *ring, void *items, size_t item_len, size_t room);
/* Copies an item in at the end; false: full, nothing changed but `dropped`. */
bool ring_push(struct ring *ring, const void *item);
/* Copies the oldest item out and removes it; false: empty. */
bool ring_pop(struct ring *ring, void *item);
/* The i-th oldest item in place, or NULL. */
void *ring_at(const struct ring *ring, size_t i);

/* A ring over a member array: RING_OVER(&m->events, m->event_items) */
#define RING_OVER(ring, array)                                                                     \
    ring_init((ring), (array), sizeof((array)[0]), sizeof(array) / sizeof((array)[0]))

#endif
