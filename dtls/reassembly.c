#include "dtls/reassembly.h"

#include <stdlib.h>
#include <string.h>

/* A message whose fragments come one after the other. */
struct message {
    struct addr from, to;
    uint16_t seq;
    uint8_t type;
    uint32_t length;
    uint32_t have; /* bytes of it, of any place */
    uint64_t used; /* by which fragment, counted from 1; 0: the place is free */
    uint8_t *body; /* `length` bytes */
    uint8_t *seen; /* a bit for each of them */
};

struct dtls_reassembly {
    uint64_t fragments; /* so far */
    struct message messages[DTLS_REASSEMBLY_MESSAGES];
};

struct dtls_reassembly *dtls_reassembly_new(void)
{
    return calloc(1, sizeof(struct dtls_reassembly));
}

static void forget(struct message *m)
{
    free(m->body);
    *m = (struct message){0};
}

void dtls_reassembly_free(struct dtls_reassembly *r)
{
    if (!r) return;
    for (size_t i = 0; i < COUNT(r->messages); i++) forget(&r->messages[i]);
    free(r);
}

/* One allocation for both: the body, then the bits. */
static bool begin(struct message *m, const struct addr *from, const struct addr *to,
                  const struct dtls_fragment *f)
{
    forget(m);
    uint8_t *room = calloc(1, f->length + (size_t)f->length / 8 + 1);
    if (!room) return false;
    *m = (struct message){.from = *from,
                          .to = *to,
                          .seq = f->message_seq,
                          .type = f->type,
                          .length = f->length,
                          .body = room,
                          .seen = room + f->length};
    return true;
}

static bool is_seen(const struct message *m, size_t i)
{
    return m->seen[i / 8] >> (i % 8) & 1;
}

/* RFC 6347 §4.2.2: fragments of one message agree about it, and where they overlap, about its
 * bytes. What does not is another handshake on the same path. */
static bool belongs(const struct message *m, const struct dtls_fragment *f)
{
    if (m->type != f->type || m->length != f->length) return false;
    for (size_t i = 0; i < f->body.len; i++)
        if (is_seen(m, f->offset + i) && m->body[f->offset + i] != f->body.at[i]) return false;
    return true;
}

static void add(struct message *m, const struct dtls_fragment *f)
{
    for (size_t i = 0; i < f->body.len; i++) {
        size_t at = f->offset + i;
        if (is_seen(m, at)) continue;
        m->body[at] = f->body.at[i];
        m->seen[at / 8] |= (uint8_t)(1u << (at % 8));
        m->have++;
    }
}

/* The message of this number on this path, or the place for one. */
static struct message *find(struct dtls_reassembly *r, const struct addr *from,
                            const struct addr *to, uint16_t seq)
{
    struct message *oldest = &r->messages[0];
    for (size_t i = 0; i < COUNT(r->messages); i++) {
        struct message *m = &r->messages[i];
        if (m->used && m->seq == seq && addr_equal(&m->from, from) && addr_equal(&m->to, to))
            return m;
        if (m->used < oldest->used) oldest = m;
    }
    forget(oldest);
    return oldest;
}

enum dtls_part dtls_reassembly_add(struct dtls_reassembly *r, const struct addr *from,
                                   const struct addr *to, const struct dtls_fragment *f,
                                   struct bytes *whole)
{
    *whole = f->body;
    if (f->body.len == f->length) return DTLS_PART_WHOLE;
    whole->len = 0;
    size_t end = (size_t)f->offset + f->body.len;
    if (f->length > DTLS_REASSEMBLY_MESSAGE_MAX || end > f->length || f->body.len == 0)
        return DTLS_PART_WAITS;
    struct message *m = find(r, from, to, f->message_seq);
    if ((!m->used || !belongs(m, f)) && !begin(m, from, to, f)) return DTLS_PART_WAITS;
    m->used = ++r->fragments;
    bool was_whole = m->have == m->length;
    add(m, f);
    if (m->have < m->length) return DTLS_PART_WAITS;
    if (was_whole && end < f->length) return DTLS_PART_REPEATED;
    *whole = (struct bytes){m->body, m->length};
    return DTLS_PART_WHOLE;
}
