#include "apps/explainstream.h"

#include <stdio.h>
#include <stdlib.h>

#include "peer/demux.h"
#include "signaling/http.h"
#include "signaling/message.h"
#include "signaling/upgrade.h"
#include "trace/stream.h"

#define KNOWN_BY    10 /* bytes of a stream's beginning that tell what it is */
#define MESSAGE_MIN 8  /* of what RFC 4571 frames: the shortest RTCP packet */

enum phase {
    PHASE_UNKNOWN,
    PHASE_REQUESTS,
    PHASE_RESPONSES,
    PHASE_FRAMES,    /* of a WebSocket */
    PHASE_DATAGRAMS, /* RFC 4571 */
    PHASE_BODY,      /* of a response without a length: to the end */
    PHASE_OTHER      /* nothing that we know, or broken, or closed */
};

/* One direction, as far as it was read. */
struct reading {
    unsigned life; /* of the stream */
    enum phase phase;
    uint64_t skip;  /* bytes of a body that are still to come */
    bool head_only; /* requests: the last was a HEAD, whose answer has no body */
    bool upgrading; /* requests: the last asked for a WebSocket, with `key` */
    char key[UPGRADE_KEY_LEN];
};

struct explainstream {
    struct streams *streams;
    struct reading readings[STREAMS_MAX];
    struct stream *last; /* of the last segment */
    size_t used;         /* of its bytes, to be taken before the next one */
    struct arena arena;  /* descriptions and candidates */
};

struct explainstream *explainstream_new(void)
{
    struct explainstream *e = calloc(1, sizeof *e);
    if (!e) return NULL;
    e->streams = streams_new();
    arena_init(&e->arena, (size_t)4 * STREAM_HELD_MAX);
    if (e->streams) return e;
    free(e);
    return NULL;
}

void explainstream_free(struct explainstream *e)
{
    if (!e) return;
    streams_free(e->streams);
    arena_free(&e->arena);
    free(e);
}

/* The reading of a stream, begun anew if another had its place. */
static struct reading *reading_of(struct explainstream *e, const struct stream *s)
{
    struct reading *r = &e->readings[s->index];
    if (r->life != s->life) *r = (struct reading){.life = s->life};
    return r;
}

static struct explainstream_found *add(struct explainstream_news *news, const char *type,
                                       struct bytes message)
{
    struct explainstream_found *f = &news->found[news->count++];
    *f = (struct explainstream_found){.type = type, .message = message};
    return f;
}

static bool is_full(const struct explainstream_news *news)
{
    return news->count == EXPLAINSTREAM_FOUND_MAX;
}

/* ---- HTTP ---- */

/* RFC 9112 §6.2: how much follows the head. */
static uint64_t body_len(const struct http_field *fields, size_t count)
{
    uint64_t len = 0;
    bool any = bytes_to_u64(http_field(fields, count, "Content-Length"), INT64_MAX, &len);
    return any ? len : 0;
}

static size_t read_request(struct reading *r, struct bytes in, struct explainstream_news *news)
{
    struct http_request q;
    struct fault fault;
    struct bytes key;
    enum err err = http_request_parse(&q, in);
    if (err == E_TRUNCATED) return 0;
    struct explainstream_found *f = add(news, "http", in);
    r->phase = PHASE_OTHER;
    if (err != OK) return in.len;
    f->message = bytes_slice(in, 0, q.len);
    r->phase = PHASE_REQUESTS;
    r->skip = body_len(q.fields, q.field_count);
    r->head_only = bytes_is(q.method, "HEAD");
    r->upgrading = upgrade_check_request(&q, &key, &fault) == 101;
    if (r->upgrading) memcpy(r->key, key.at, sizeof r->key);
    /* Its frames may come before we have seen the answer. */
    if (r->upgrading) r->phase = PHASE_FRAMES;
    return q.len;
}

/* RFC 9112 §6.3: a response to HEAD, 1xx, 204 and 304 have no body; one without a length goes on
 * to the end of the stream. */
static size_t read_response(struct reading *r, struct reading *other, struct bytes in,
                            struct explainstream_news *news)
{
    struct http_response p;
    enum err err = http_response_parse(&p, in);
    if (err == E_TRUNCATED) return 0;
    struct explainstream_found *f = add(news, "http", in);
    r->phase = PHASE_OTHER;
    if (err != OK) return in.len;
    bool bare = p.status < 200 || p.status == 204 || p.status == 304;
    f->message = bytes_slice(in, 0, p.len);
    r->phase = PHASE_RESPONSES;
    if (other && other->upgrading) f->key = (struct bytes){(uint8_t *)other->key, UPGRADE_KEY_LEN};
    if (p.status == 101) {
        r->phase = other && other->upgrading ? PHASE_FRAMES : PHASE_OTHER;
    } else if (!bare && !(other && other->head_only)) {
        r->skip = body_len(p.fields, p.field_count);
        if (http_field_count(p.fields, p.field_count, "Content-Length") == 0) r->phase = PHASE_BODY;
    }
    if (other) other->head_only = false;
    if (other && other->upgrading && p.status >= 200) {
        other->upgrading = false; /* refused */
        other->phase = PHASE_REQUESTS;
    }
    return p.len;
}

/* ---- WebSocket ---- */

/* The description or the candidate in a message of ours. */
static void read_message(struct explainstream *e, const struct ws_item *item,
                         struct explainstream_news *news)
{
    struct sig_message m;
    if (item->opcode != WS_TEXT || is_full(news)) return;
    if (sig_message_parse(&m, item->data, &e->arena) != OK) return;
    struct bytes part = m.sdp.len ? m.sdp : m.candidate.candidate;
    if (part.len == 0) return;
    struct explainstream_found *f = add(news, m.sdp.len ? "sdp" : "candidate", part);
    f->inside = true;
    f->is_answer = m.type == SIG_ANSWER;
}

/* Frames up to the last one that ends a message; what they hold goes behind them. */
static size_t read_frames(struct explainstream *e, struct reading *r, enum ws_role role,
                          struct bytes in, struct explainstream_news *news)
{
    struct ws_reader reader;
    struct ws_item item;
    struct bytes rest = in;
    size_t used = 0;
    struct explainstream_found *f = add(news, "ws", in);
    f->role = role;
    ws_reader_init(&reader, role, STREAM_HELD_MAX);
    while (ws_read(&reader, &rest, &item) == OK && r->phase == PHASE_FRAMES) {
        read_message(e, &item, news);
        if (item.opcode == WS_CLOSE) r->phase = PHASE_OTHER;
        /* Between the fragments of a message there may be control frames (RFC 6455 §5.4). */
        if (!ws_reader_incomplete(&reader)) used = in.len - rest.len;
    }
    if (reader.fault.err != OK) {
        r->phase = PHASE_OTHER;
        used = in.len;
    }
    f->message = bytes_slice(in, 0, used);
    if (used == 0) news->count = (size_t)(f - news->found);
    ws_reader_free(&reader);
    return used;
}

/* ---- RFC 4571 ---- */

/* §2: a length, and that many bytes. False: not all of it is there. */
static bool framed(struct bytes in, struct bytes *message)
{
    struct reader r = reader_of(in);
    *message = read_bytes(&r, read_u16(&r));
    return r.err == OK;
}

static size_t read_datagram(struct reading *r, struct bytes in, struct explainstream_news *news)
{
    struct bytes message;
    if (!framed(in, &message)) return 0;
    if (message.len && demux_of(message) == DEMUX_UNKNOWN) {
        r->phase = PHASE_OTHER;
        return in.len;
    }
    if (message.len) add(news, NULL, message);
    return 2 + message.len;
}

/* ---- What it is ---- */

/* ICE-TCP begins with a check: a STUN message in its frame, which its cookie shows (RFC 8489 §5).
 */
static bool begins_with_check(struct bytes in)
{
    struct reader r = reader_of(in);
    size_t len = read_u16(&r);
    uint8_t first = read_u8(&r);
    read_skip(&r, 3);
    return read_u32(&r) == 0x2112A442 && len >= 20 && first < 4;
}

static enum phase phase_of(struct bytes in)
{
    static const char *const methods[] = {"GET ", "HEAD ", "POST ", "OPTIONS "};
    if (bytes_starts(in, "HTTP/1.")) return PHASE_RESPONSES;
    for (size_t i = 0; i < COUNT(methods); i++)
        if (bytes_starts(in, methods[i])) return PHASE_REQUESTS;
    return begins_with_check(in) ? PHASE_DATAGRAMS : PHASE_UNKNOWN;
}

/* By its first bytes; without its beginning, by those of each segment. */
static size_t read_unknown(const struct stream *s, struct reading *r, struct bytes in,
                           struct explainstream_news *news)
{
    struct bytes message;
    if (s->whole && in.len < KNOWN_BY) return 0;
    r->phase = phase_of(in);
    if (r->phase == PHASE_UNKNOWN && s->whole) r->phase = PHASE_OTHER;
    if (r->phase != PHASE_UNKNOWN) return 0;
    if (framed(in, &message) && message.len + 2 == in.len && message.len >= MESSAGE_MIN &&
        demux_of(message) != DEMUX_UNKNOWN)
        add(news, NULL, message);
    return in.len;
}

/* The next thing in `in`; answers how much of it was used, 0: more is to come. */
static size_t read_next(struct explainstream *e, const struct stream *s, struct bytes in,
                        struct explainstream_news *news)
{
    struct reading *r = reading_of(e, s), *back = NULL;
    const struct stream *other = streams_other(e->streams, s);
    if (other) back = reading_of(e, other);
    size_t used = 0;
    if (r->skip) {
        used = r->skip < in.len ? (size_t)r->skip : in.len;
        r->skip -= used;
        return used;
    }
    if (r->phase == PHASE_UNKNOWN) used = read_unknown(s, r, in, news);
    if (used) return used;
    switch (r->phase) {
    case PHASE_REQUESTS: return read_request(r, in, news);
    case PHASE_RESPONSES: return read_response(r, back, in, news);
    /* A server's own frames come after its response, a client's after its request. */
    case PHASE_FRAMES: return read_frames(e, r, r->upgrading ? WS_SERVER : WS_CLIENT, in, news);
    case PHASE_DATAGRAMS: return read_datagram(r, in, news);
    case PHASE_BODY:
    case PHASE_OTHER: return in.len;
    case PHASE_UNKNOWN: break;
    }
    return 0;
}

/* ---- A segment ---- */

static const char *unfinished(const struct reading *r)
{
    if (r->skip) return "the body of an HTTP message";
    switch (r->phase) {
    case PHASE_REQUESTS:
    case PHASE_RESPONSES: return "a part of an HTTP message";
    case PHASE_FRAMES: return "a part of a WebSocket message";
    case PHASE_DATAGRAMS: return "a part of a message in the framing of RFC 4571";
    case PHASE_BODY: return "the body of an HTTP message";
    case PHASE_UNKNOWN:
    case PHASE_OTHER: break;
    }
    return "";
}

static void remark(const struct explainstream *e, enum stream_news what, const struct stream *s,
                   struct explainstream_news *news)
{
    char *to = news->remark;
    switch (what) {
    case STREAM_NOTHING: break;
    case STREAM_AGAIN: snprintf(to, sizeof news->remark, "sent again"); break;
    case STREAM_EARLY:
        snprintf(to, sizeof news->remark, "%zu bytes before it are missing", s->gap);
        break;
    case STREAM_LOST:
        snprintf(to, sizeof news->remark, "the stream is not read on: %s", s->fault.rule);
        break;
    case STREAM_MORE:
        if (news->count == 0)
            snprintf(to, sizeof news->remark, "%s", unfinished(&e->readings[s->index]));
        break;
    }
}

void explainstream_input(struct explainstream *e, uint32_t interface,
                         const struct datagram *segment, struct explainstream_news *news)
{
    news->count = 0;
    news->remark[0] = 0;
    if (e->last) stream_take(e->last, e->used);
    e->used = 0;
    arena_free(&e->arena);
    enum stream_news what = streams_input(e->streams, interface, segment, &e->last);
    if (!e->last) return;
    struct bytes in = stream_bytes(e->last);
    for (size_t used = 1; used && e->used < in.len && !is_full(news); e->used += used)
        used = read_next(e, e->last, bytes_slice(in, e->used, in.len), news);
    remark(e, what, e->last, news);
}
