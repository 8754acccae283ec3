#include "rtp/jitter.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(struct rtp_slot) <= RTP_SLOT_EXTRA, "the header promises this size");

enum err rtp_jitter_init(struct rtp_jitter *j, size_t capacity, bool single)
{
    *j = (struct rtp_jitter){.single = single, .capacity = capacity};
    j->slots = calloc(capacity, sizeof *j->slots);
    j->store = malloc(capacity * RTP_SLOT_LEN);
    j->frame = malloc((single ? 1 : capacity) * RTP_SLOT_LEN);
    j->rooms = malloc(capacity * sizeof *j->rooms);
    if (!j->slots || !j->store || !j->rooms || !j->frame) {
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

static uint8_t *room_of(const struct rtp_jitter *j, const struct rtp_slot *slot)
{
    return j->store + (size_t)slot->room * RTP_SLOT_LEN;
}

static void store(struct rtp_jitter *j, struct rtp_slot *slot, const uint8_t *data)
{
    slot->room = j->rooms[--j->room_count]; /* there is one for each slot */
    memcpy(room_of(j, slot), data, slot->len);
}

static void join(struct rtp_jitter *j, const uint8_t *data, size_t len)
{
    memcpy(j->frame + j->frame_len, data, len); /* no more packets than `frame` has rooms for */
    j->frame_len += len;
    j->scanned = j->joined++; /* none of those before it ends the frame: `continues` */
}

static void vacate(struct rtp_jitter *j, struct rtp_slot *slot)
{
    if (!slot->present) return;
    slot->present = false;
    if (slot->room != RTP_NO_ROOM) j->rooms[j->room_count++] = slot->room;
}

/* The front is `index` now, past all that was joined or amid padding of no bytes. What was joined
 * is left behind; its bytes stay until the next put or take, for whoever has a view of them. */
static void advance(struct rtp_jitter *j, uint64_t index)
{
    j->next = j->scanned = index;
    if (j->joined > index) return;
    j->joined = index;
    j->frame_len = 0;
}

static bool present(const struct rtp_jitter *j, uint64_t index)
{
    const struct rtp_slot *slot = slot_at(j, index);
    return slot->present && slot->index == index;
}

void rtp_jitter_restart(struct rtp_jitter *j, uint64_t index)
{
    for (size_t i = 0; i < j->capacity; i++) vacate(j, &j->slots[i]);
    j->begun = j->next = j->end = j->scanned = j->joined = index;
    j->frame_len = 0;
    j->given = false;
    j->key = 0;
}

/* The stream began earlier than it seemed: what was joined is not a frame's beginning, and padding
 * that was passed over is behind the front again. */
static void move_front_back(struct rtp_jitter *j, uint64_t index)
{
    const uint8_t *data = j->frame;
    for (uint64_t i = j->begun; i < j->joined; i++) {
        struct rtp_slot *slot = slot_at(j, i);
        if (slot->room != RTP_NO_ROOM) continue; /* padding that was not joined at once */
        store(j, slot, data);
        data += slot->len;
    }
    j->begun = j->next = j->scanned = j->joined = index;
    j->frame_len = 0;
}

/* Where the packet belongs; at the very beginning an earlier one may still move the front back. */
static enum rtp_jitter_put place(struct rtp_jitter *j, uint64_t index)
{
    if (index < j->next) {
        if (j->given) return RTP_PUT_LATE;
        if (index >= j->begun) return RTP_PUT_DUPLICATE;
        if (j->end - index > j->capacity) return RTP_PUT_FAR;
        move_front_back(j, index);
    }
    if (index - j->next >= j->capacity) return RTP_PUT_FAR;
    return present(j, index) ? RTP_PUT_DUPLICATE : RTP_PUT_NEW;
}

/* The next packet of the frame that is being joined, or the first of one. */
static bool continues(const struct rtp_jitter *j, const struct rtp_slot *slot)
{
    if (slot->index != j->joined) return false;
    if (j->joined == j->next) return true;
    if (j->single || slot->start || slot_at(j, j->joined - 1)->marker) return false;
    return slot->len == 0 || slot->timestamp == slot_at(j, j->next)->timestamp;
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
    to->room = RTP_NO_ROOM;
    to->len = (uint16_t)data.len;
    to->present = true;
    if (continues(j, to))
        join(j, data.at, data.len);
    else
        store(j, to, data.at);
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

bool rtp_jitter_grows(const struct rtp_jitter *j)
{
    return j->joined == j->end && j->joined > j->next + 1 && !slot_at(j, j->end - 1)->marker;
}

static void pass_padding(struct rtp_jitter *j)
{
    while (j->next < j->end && present(j, j->next) && slot_at(j, j->next)->len == 0) {
        if (j->given) vacate(j, slot_at(j, j->next)); /* else the front may move back over it */
        advance(j, j->next + 1);
    }
}

enum rtp_jitter_front rtp_jitter_look(struct rtp_jitter *j, uint64_t *last)
{
    pass_padding(j);
    if (j->next == j->end) return RTP_FRONT_EMPTY;
    if (!present(j, j->next)) return RTP_FRONT_GAP;
    if (!slot_at(j, j->next)->start) return RTP_FRONT_ORPHAN;
    for (; j->scanned < j->end && present(j, j->scanned); j->scanned++) {
        if (!ends_frame(j, j->next, j->scanned)) continue;
        *last = j->scanned;
        return RTP_FRONT_FRAME;
    }
    bool gap = j->scanned < j->end;
    /* The last packet may turn out to be a frame's end when the one behind it comes. */
    if (j->scanned > j->next) j->scanned--;
    return gap ? RTP_FRONT_GAP : RTP_FRONT_EMPTY;
}

const struct rtp_slot *rtp_jitter_first(const struct rtp_jitter *j)
{
    return present(j, j->next) ? slot_at(j, j->next) : NULL;
}

struct bytes rtp_jitter_take(struct rtp_jitter *j, uint64_t last, struct rtp_slot *first)
{
    *first = *slot_at(j, j->next);
    struct bytes frame = {j->frame, 0};
    if (first->room != RTP_NO_ROOM && last == j->next) {
        frame = (struct bytes){room_of(j, first), first->len};
    } else {
        while (j->joined <= last) { /* what came behind a gap, and was not joined at once */
            const struct rtp_slot *slot = slot_at(j, j->joined);
            join(j, room_of(j, slot), slot->len);
        }
        frame.len = j->frame_len;
    }
    for (uint64_t i = j->next; i <= last; i++)
        first->arrived = usec_max(first->arrived, slot_at(j, i)->arrived);
    rtp_jitter_drop(j, last);
    return frame;
}

void rtp_jitter_drop(struct rtp_jitter *j, uint64_t last)
{
    for (uint64_t i = j->next; i <= last; i++) vacate(j, slot_at(j, i));
    advance(j, last + 1);
    j->given = true;
}

uint32_t rtp_jitter_skip(struct rtp_jitter *j, uint64_t to)
{
    uint32_t lost = 0;
    uint64_t index = j->next;
    if (to > j->end) to = j->end;
    /* The packet at the front goes in any case: it is missing, or of no use. */
    for (; index < to; index++) {
        struct rtp_slot *slot = slot_at(j, index);
        bool here = present(j, index);
        if (index > j->next && here && slot->start && slot->len > 0) break;
        lost += !here;
        if (here) vacate(j, slot);
    }
    advance(j, index);
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
