#include "rtp/history.h"

#include <stdlib.h>

_Static_assert(sizeof(struct rtp_sent) <= RTP_HISTORY_EXTRA, "the header promises this size");

enum err rtp_history_init(struct rtp_history *h, size_t capacity, size_t packet_max, uint64_t first)
{
    *h = (struct rtp_history){.capacity = capacity,
                              .packet_max = packet_max,
                              .oldest = first,
                              .next = first,
                              .unsent = first};
    h->room = malloc(capacity * packet_max);
    h->sent = calloc(capacity, sizeof *h->sent);
    if (h->room && h->sent) return OK;
    rtp_history_free(h);
    return E_NOMEM;
}

void rtp_history_free(struct rtp_history *h)
{
    free(h->room);
    free(h->sent);
    h->room = NULL;
    h->sent = NULL;
}

size_t rtp_history_room(const struct rtp_history *h)
{
    return h->capacity - (size_t)(h->next - h->unsent);
}

struct rtp_sent *rtp_history_push(struct rtp_history *h)
{
    struct rtp_sent *sent = &h->sent[h->next & (h->capacity - 1)];
    *sent = (struct rtp_sent){.index = h->next++, .sent_at = TIME_NEVER};
    if (h->next - h->oldest > h->capacity) h->oldest++;
    return sent;
}

struct rtp_sent *rtp_history_find(const struct rtp_history *h, uint64_t index)
{
    if (index < h->oldest || index >= h->next) return NULL;
    return &h->sent[index & (h->capacity - 1)];
}

uint8_t *rtp_history_at(const struct rtp_history *h, const struct rtp_sent *sent)
{
    return h->room + (sent->index & (h->capacity - 1)) * h->packet_max;
}
