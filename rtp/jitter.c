#include "rtp/jitter.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(struct rtp_slot) <= RTP_SLOT_EXTRA, "the header promises this size");

enum err rtp_jitter_init(struct rtp_jitter *j, size_t capacity, bool single)
{
    *j = (struct rtp_jitter){.single = single, .capacity = capacity};
    j->slots = calloc(capacity, sizeof *j->slots);
    j->store = malloc(capacity * RTP_SLOT_LEN);
    j->frame = single ? NULL : malloc(capacity * RTP_SLOT_LEN);
    j->rooms = malloc(capacity * sizeof *j->rooms);
    if (!j->slots || !j->store || !j->rooms || !(single || j->frame)) {
        rtp_jitter_free(j);
        return E_NOMEM;
    }
    while (j->room_count < capacity) {
        j->rooms[j->room_count] = (uint16_t)(capacity - 1 - j->room_count);
        j->room_count++;
    }
    return OK;
}

void rtp_jitter_free(struct rtp_jitter *j)
{
    free(j->slots);
    free(j->store);
    free(j->frame);
    free(j->rooms);
    j->slots = NULL;
    j->rooms = NULL;
    j->store = j->frame = NULL;
}

static struct rtp_slot *slot_at(const struct rtp_jitter *j, uint64_t index)
{
    return &j->slots[index & (j->capacity - 1)];
}

static uint8_t *store_at(const struct rtp_jitter *j, uint64_t index)
{
    return j->store + (size_t)slot_at(j, index)->room * RTP_SLOT_LEN;
}

static void vacate(struct rtp_jitter *j, struct rtp_slot *slot)
{
    if (!slot->present) return;
    slot->present = false;
    j->rooms[j->room_count++] = slot->room;
}

static bool present(const struct rtp_jitter *j, uint64_t index)
{
    const struct rtp_slot *slot = slot_at(j, index);
    return slot->present && slot->index == index;
}

void rtp_jitter_restart(struct rtp_jitter *j, uint64_t index)
{
    for (size_t i = 0; i < j->capacity; i++) vacate(j, &j->slots[i]);
    j->next = j->end = j->scanned = index;
    j->given = false;
    j->key = 0;
}

/* Where the packet belongs; at the very beginning an earlier one may still move the front back. */
static enum rtp_jitter_put place(struct rtp_jitter *j, uint64_t index)
{
    if (index < j->next) {
        if (j->given) return RTP_PUT_LATE;
        if (j->end - index > j->capacity) return RTP_PUT_FAR;
        j->next = j->scanned = index;
    }
    if (index - j->next >= j->capacity) return RTP_PUT_FAR;
    return present(j, index) ? RTP_PUT_DUPLICATE : RTP_PUT_NEW;
}

enum rtp_jitter_put rtp_jitter_put(struct rtp_jitter *j, const struct rtp_slot *slot,
                                   struct bytes data)
{
    enum rtp_jitter_put put = place(j, slot->index);
    if (put != RTP_PUT_NEW) return put;
    if (data.len > RTP_SLOT_LEN) return RTP_PUT_FAR; /* the receiver refused it before */
    struct rtp_slot *to = slot_at(j, slot->index);
    vacate(j, to);
    *to = *slot;
    to->room = j->rooms[--j->room_count]; /* there is one for each slot */
    to->len = (uint16_t)data.len;
    to->present = true;
    if (data.len) memcpy(store_at(j, slot->index), data.at, data.len);
    if (slot->index >= j->end) j->end = slot->index + 1;
    if (slot->start && slot->key && slot->index > j->key) j->key = slot->index;
    return RTP_PUT_NEW;
}

/* Does the frame that began at `first` end with the packet at `index`? Its marker says so (RFC 7741
 * §4.1), or else the packet behind it, with another timestamp. */
static bool ends_frame(const struct rtp_jitter *j, uint64_t first, uint64_t index)
{
    if (j->single || slot_at(j, index)->marker) return true;
    if (index + 1 >= j->end || !present(j, index + 1)) return false;
    const struct rtp_slot *behind = slot_at(j, index + 1);
    return behind->len > 0 && behind->timestamp != slot_at(j, first)->timestamp;
}

static void pass_padding(struct rtp_jitter *j)
{
    while (j->next < j->end && present(j, j->next) && slot_at(j, j->next)->len == 0) {
        vacate(j, slot_at(j, j->next));
        j->next++;
    }
    if (j->scanned < j->next) j->scanned = j->next;
}

enum rtp_jitter_front rtp_jitter_look(struct rtp_jitter *j, uint64_t *last)
{
    pass_padding(j);
    if (j->next == j->end) return RTP_FRONT_EMPTY;
    if (!present(j, j->next)) return RTP_FRONT_GAP;
    if (!slot_at(j, j->next)->start) return RTP_FRONT_ORPHAN;
    for (; j->scanned < j->end; j->scanned++) {
        if (!present(j, j->scanned)) return RTP_FRONT_GAP;
        if (!ends_frame(j, j->next, j->scanned)) continue;
        *last = j->scanned;
        return RTP_FRONT_FRAME;
    }
    /* The last packet may turn out to be a frame's end when the next one comes. */
    if (j->scanned > j->next) j->scanned--;
    return RTP_FRONT_EMPTY;
}

const struct rtp_slot *rtp_jitter_first(const struct rtp_jitter *j)
{
    return present(j, j->next) ? slot_at(j, j->next) : NULL;
}

struct bytes rtp_jitter_take(struct rtp_jitter *j, uint64_t last, struct rtp_slot *first)
{
    *first = *slot_at(j, j->next);
    struct bytes frame = {store_at(j, j->next), first->len};
    if (last > j->next) {
        frame = (struct bytes){j->frame, 0};
        for (uint64_t i = j->next; i <= last; i++) {
            const struct rtp_slot *slot = slot_at(j, i);
            memcpy(j->frame + frame.len, store_at(j, i), slot->len);
            frame.len += slot->len;
            if (slot->arrived > first->arrived) first->arrived = slot->arrived;
        }
    }
    rtp_jitter_drop(j, last);
    return frame;
}

void rtp_jitter_drop(struct rtp_jitter *j, uint64_t last)
{
    for (uint64_t i = j->next; i <= last; i++) vacate(j, slot_at(j, i));
    j->next = j->scanned = last + 1;
    j->given = true;
}

uint32_t rtp_jitter_skip(struct rtp_jitter *j, uint64_t to)
{
    uint32_t lost = 0;
    if (to > j->end) to = j->end;
    /* The packet at the front goes in any case: it is missing, or of no use. */
    for (bool first = true; j->next < to; j->next++, first = false) {
        struct rtp_slot *slot = slot_at(j, j->next);
        bool here = present(j, j->next);
        if (!first && here && slot->start && slot->len > 0) break;
        lost += !here;
        if (here) vacate(j, slot);
    }
    j->scanned = j->next;
    j->given = true;
    return lost;
}

uint64_t rtp_jitter_whole_key(const struct rtp_jitter *j)
{
    if (j->key <= j->next) return 0;
    for (uint64_t i = j->key; i < j->end && present(j, i); i++)
        if (ends_frame(j, j->key, i)) return j->key;
    return 0;
}
