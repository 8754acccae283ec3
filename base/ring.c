#include "base/ring.h"

#include <string.h>

void ring_init(struct ring *ring, void *items, size_t item_len, size_t room)
{
    *ring = (struct ring){.items = items, .item_len = item_len, .room = room};
}

void *ring_at(const struct ring *ring, size_t i)
{
    if (i >= ring->count) return NULL;
    size_t slot = ring->first + i;
    if (slot >= ring->room) slot -= ring->room;
    return ring->items + slot * ring->item_len;
}

bool ring_push(struct ring *ring, const void *item)
{
    if (ring->count == ring->room) {
        ring->dropped++;
        return false;
    }
    ring->count++;
    memcpy(ring_at(ring, ring->count - 1), item, ring->item_len);
    return true;
}

bool ring_pop(struct ring *ring, void *item)
{
    const void *oldest = ring_at(ring, 0);
    if (!oldest) return false;
    memcpy(item, oldest, ring->item_len);
    ring->first = ring->first + 1 == ring->room ? 0 : ring->first + 1;
    ring->count--;
    return true;
}
