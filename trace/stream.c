#include "trace/stream.h"

#include <stdlib.h>

/* RFC 9293 §3.1 */
enum { FLAG_FIN = 1, FLAG_SYN = 2, FLAG_RST = 4 };

struct streams {
    struct stream places[STREAMS_MAX];
};

/* ---- Places ---- */

struct streams *streams_new(void)
{
    return calloc(1, sizeof(struct streams));
}

void streams_free(struct streams *streams)
{
    for (size_t i = 0; streams && i < STREAMS_MAX; i++) free(streams->places[i].held);
    free(streams);
}

static struct stream *find(struct streams *streams, uint32_t interface, const struct addr *from,
                           const struct addr *to)
{
    for (size_t i = 0; i < STREAMS_MAX; i++) {
        struct stream *s = &streams->places[i];
        if (s->used && s->interface == interface && addr_equal(&s->from, from) &&
            addr_equal(&s->to, to))
            return s;
    }
    return NULL;
}

struct stream *streams_other(struct streams *streams, const struct stream *stream)
{
    return find(streams, stream->interface, &stream->to, &stream->from);
}

/* One that nobody has, else one whose stream is over; NULL: all live. */
static struct stream *free_place(struct streams *streams)
{
    struct stream *over = NULL;
    for (size_t i = 0; i < STREAMS_MAX; i++) {
        struct stream *s = &streams->places[i];
        s->index = (unsigned)i;
        if (!s->used) return s;
        if (!over && (s->ended || s->fault.err != OK)) over = s;
    }
    return over;
}

/* What lies in the place is forgotten, but for its memory. */
static void begin(struct stream *s, uint32_t interface, const struct datagram *segment)
{
    bool syn = segment->tcp_flags & FLAG_SYN;
    *s = (struct stream){.used = true,
                         .index = s->index,
                         .life = s->life + s->used,
                         .held = s->held,
                         .interface = interface,
                         .from = segment->from,
                         .to = segment->to,
                         .whole = syn,
                         .first = segment->tcp_seq,
                         .next = segment->tcp_seq + syn};
}

/* ---- Bytes ---- */

/* How far `seq` lies behind `from`, in a space that wraps (RFC 9293 §3.4): negative before it. */
static int32_t ahead(uint32_t seq, uint32_t from)
{
    return (int32_t)(seq - from);
}

static void lose(struct stream *s, enum err err, const char *rule)
{
    s->early_count = 0;
    s->fault = (struct fault){err, "tcp", (size_t)s->offset + s->held_len, rule};
}

/* What is new of a segment that begins at or before the first missing byte. False: nothing is. */
static bool append(struct stream *s, const struct stream_early *segment)
{
    size_t old = (size_t)-ahead(segment->seq, s->next);
    struct bytes fresh = bytes_slice(segment->data, old, segment->data.len);
    if (fresh.len == 0 && !segment->cut) return false;
    if (!s->held) s->held = malloc(STREAM_HELD_MAX);
    if (!s->held) {
        lose(s, E_NOMEM, "no memory left for the stream");
    } else if (fresh.len > STREAM_HELD_MAX - s->held_len) {
        lose(s, E_FULL, "one thing that it says is longer than what we hold of a stream");
    } else {
        if (fresh.len) memcpy(s->held + s->held_len, fresh.at, fresh.len);
        s->held_len += fresh.len;
        s->next += (uint32_t)fresh.len;
        if (segment->cut) lose(s, E_TRUNCATED, "the capture holds a segment only in part");
    }
    return true;
}

/* Those that waited and whose turn has come. */
static void append_early(struct stream *s)
{
    for (size_t i = 0; i < s->early_count && s->fault.err == OK;) {
        if (ahead(s->early[i].seq, s->next) > 0) {
            i++;
            continue;
        }
        struct stream_early ready = s->early[i];
        s->early[i] = s->early[--s->early_count];
        append(s, &ready);
        i = 0;
    }
}

static enum stream_news hold_back(struct stream *s, const struct stream_early *segment)
{
    for (size_t i = 0; i < s->early_count; i++)
        if (s->early[i].seq == segment->seq && s->early[i].data.len >= segment->data.len)
            return STREAM_AGAIN;
    if (s->early_count == STREAM_EARLY_MAX) {
        lose(s, E_TRUNCATED, "a segment is missing in the capture (RFC 9293 3.4)");
        return STREAM_LOST;
    }
    s->early[s->early_count++] = *segment;
    return STREAM_EARLY;
}

static enum stream_news take_payload(struct stream *s, const struct stream_early *segment)
{
    int32_t gap = ahead(segment->seq, s->next);
    if (s->fault.err != OK) return STREAM_LOST;
    if (s->ended || gap > STREAM_WINDOW || gap < -STREAM_WINDOW) return STREAM_NOTHING;
    if (gap > 0) return hold_back(s, segment);
    if (!append(s, segment)) return STREAM_AGAIN;
    append_early(s);
    return s->fault.err == OK ? STREAM_MORE : STREAM_LOST;
}

static void measure_gap(struct stream *s)
{
    s->gap = 0;
    for (size_t i = 0; i < s->early_count; i++) {
        size_t gap = (size_t)ahead(s->early[i].seq, s->next);
        if (s->gap == 0 || gap < s->gap) s->gap = gap;
    }
}

/* An RST ends both ways (RFC 9293 §3.10.7.4), a FIN its own, once all before it is there. */
static void end(struct streams *streams, struct stream *s, const struct datagram *segment,
                uint32_t behind)
{
    if (segment->tcp_flags & FLAG_RST) {
        struct stream *other = streams_other(streams, s);
        s->ended = true;
        if (other) other->ended = true;
    }
    if (segment->tcp_flags & FLAG_FIN && !s->closing) {
        s->closing = true;
        s->last = behind;
    }
    if (s->closing && ahead(s->next, s->last) >= 0) s->ended = true;
}

enum stream_news streams_input(struct streams *streams, uint32_t interface,
                               const struct datagram *segment, struct stream **stream)
{
    bool syn = segment->tcp_flags & FLAG_SYN;
    struct stream *s = find(streams, interface, &segment->from, &segment->to);
    bool anew = !s || (syn && segment->tcp_seq != s->first);
    *stream = NULL;
    if (!s) s = free_place(streams);
    if (!s) return STREAM_NOTHING;
    if (anew) begin(s, interface, segment);
    struct stream_early now = {segment->tcp_seq + syn, segment->cut || segment->fragmented,
                               segment->payload};
    bool any = now.data.len > 0 || now.cut;
    enum stream_news news = any ? take_payload(s, &now) : STREAM_NOTHING;
    measure_gap(s);
    end(streams, s, segment, now.seq + (uint32_t)now.data.len);
    *stream = s;
    return news;
}

/* ---- For who reads ---- */

struct bytes stream_bytes(const struct stream *stream)
{
    return (struct bytes){stream->held, stream->held_len};
}

void stream_take(struct stream *stream, size_t len)
{
    if (len > stream->held_len) len = stream->held_len;
    if (len == 0) return;
    stream->held_len -= len;
    stream->offset += len;
    memmove(stream->held, stream->held + len, stream->held_len);
}
