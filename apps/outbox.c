#include "apps/outbox.h"

#include <stdlib.h>
#include <string.h>

static enum err copy(struct letter *l, struct bytes text)
{
    l->text = malloc(text.len + 1);
    if (!l->text) return E_NOMEM;
    bytes_to_text(text, l->text, text.len + 1);
    return OK;
}

enum err letter_describe(struct letter *l, enum sig_type type, struct bytes description)
{
    *l = (struct letter){.type = type};
    return copy(l, description);
}

enum err letter_candidate(struct letter *l, const struct peer_candidate *candidate)
{
    *l = (struct letter){.type = SIG_CANDIDATE};
    memcpy(l->mid, candidate->mid, sizeof l->mid);
    memcpy(l->ufrag, candidate->ufrag, sizeof l->ufrag);
    return copy(l, bytes_of(candidate->text));
}

void letter_free(struct letter *l)
{
    free(l->text);
    l->text = NULL;
}

struct sig_message letter_message(const struct letter *l, const struct sig_id *to,
                                  const struct sig_id *key)
{
    struct sig_message m = {.type = l->type, .to = *to, .key = *key};
    if (l->type == SIG_OFFER || l->type == SIG_ANSWER) m.sdp = bytes_of(l->text);
    if (l->type != SIG_CANDIDATE) return m;
    m.end_of_candidates = l->text[0] == '\0';
    m.candidate = (struct sig_candidate){.candidate = bytes_of(l->text),
                                         .mid = bytes_of(l->mid),
                                         .mline_index = -1,
                                         .ufrag = bytes_of(l->ufrag)};
    return m;
}

void outbox_init(struct outbox *o)
{
    *o = (struct outbox){.taken = {.type = SIG_BYE}};
    RING_OVER(&o->waiting, o->items);
}

void outbox_close(struct outbox *o)
{
    struct letter letter;
    while (ring_pop(&o->waiting, &letter)) letter_free(&letter);
    letter_free(&o->taken);
}

void outbox_post(struct outbox *o, struct letter *l)
{
    if (!ring_push(&o->waiting, l)) letter_free(l);
}

const struct letter *outbox_take(struct outbox *o)
{
    letter_free(&o->taken);
    return ring_pop(&o->waiting, &o->taken) ? &o->taken : NULL;
}
