#include "signaling/internal.h"

#include <stdlib.h>
#include <string.h>

#define MAX_SLOTS 65535 /* a slot + 1 is the low half of a connection's number */

/* ---- set-up ---- */

static size_t or_default(size_t value, size_t standard)
{
    return value ? value : standard;
}

static void fill_defaults(struct sig_server_config *cfg)
{
    cfg->max_sockets = or_default(cfg->max_sockets, SIG_SOCKETS_MAX);
    if (cfg->max_sockets > MAX_SLOTS) cfg->max_sockets = MAX_SLOTS;
    cfg->max_room = or_default(cfg->max_room, SIG_ROOM_MAX);
    if (cfg->max_room > SIG_ROOM_MAX) cfg->max_room = SIG_ROOM_MAX;
    cfg->max_queue = or_default(cfg->max_queue, SIG_QUEUE_MAX);
    cfg->max_message = or_default(cfg->max_message, SIG_MESSAGE_MAX);
    if (cfg->max_message > SIG_MESSAGE_MAX) cfg->max_message = SIG_MESSAGE_MAX;
    if (cfg->rate == 0) cfg->rate = SIG_RATE;
    if (cfg->head_timeout == 0) cfg->head_timeout = SIG_HEAD_TIMEOUT;
    if (cfg->ping_interval == 0) cfg->ping_interval = SIG_PING_INTERVAL;
    if (!cfg->index) cfg->index = "/index.html";
}

static bool slots_new(struct ring *ring, size_t count)
{
    uint16_t *slots = calloc(count, sizeof *slots);
    if (slots) ring_init(ring, slots, sizeof *slots, count);
    return slots != NULL;
}

struct sig_server *sig_server_new(const struct sig_server_config *cfg)
{
    struct sig_server *s = calloc(1, sizeof *s);
    if (!s) return NULL;
    s->cfg = *cfg;
    fill_defaults(&s->cfg);
    s->rng = cfg->rng;
    s->due = TIME_NEVER;
    rooms_init(&s->rooms, s->cfg.max_room);
    arena_init(&s->arena, 2 * SIG_RELAYED_MAX);
    size_t n = s->cfg.max_sockets;
    s->conns = calloc(n, sizeof *s->conns);
    if (!s->conns || !slots_new(&s->dirty, n) || !slots_new(&s->doomed, n) ||
        !slots_new(&s->unused, n)) {
        sig_server_free(s);
        return NULL;
    }
    for (size_t i = 0; i < n; i++) ring_push(&s->unused, &(uint16_t){(uint16_t)i});
    sig_json_seed(&s->rng);
    return s;
}

static void conn_free(struct conn *c)
{
    buffer_free(&c->head);
    buffer_free(&c->out);
    ws_reader_free(&c->ws);
}

void sig_server_free(struct sig_server *s)
{
    if (!s) return;
    server_rooms_free(s);
    for (size_t i = 0; s->conns && i < s->cfg.max_sockets; i++) conn_free(&s->conns[i]);
    free(s->conns);
    free(s->dirty.items);
    free(s->doomed.items);
    free(s->unused.items);
    arena_free(&s->arena);
    free(s);
}

/* ---- one connection ---- */

static uint16_t slot_of(const struct sig_server *s, const struct conn *c)
{
    return (uint16_t)(c - s->conns);
}

struct conn *conn_of(const struct sig_server *s, uint32_t number)
{
    size_t slot = number & 0xFFFF;
    if (slot == 0 || slot > s->cfg.max_sockets) return NULL;
    struct conn *c = &s->conns[slot - 1];
    return c->number == number ? c : NULL;
}

enum err server_refuse(struct sig_server *s, const struct fault *fault)
{
    s->fault = *fault;
    return fault->err;
}

void conn_mark(struct sig_server *s, struct conn *c)
{
    if (c->queued) return;
    c->queued = true;
    ring_push(&s->dirty, &(uint16_t){slot_of(s, c)});
}

void conn_arm(struct sig_server *s, struct conn *c, usec when)
{
    c->due = when;
    s->due = usec_min(s->due, when);
}

void conn_doom(struct sig_server *s, struct conn *c)
{
    if (c->doomed) return;
    c->doomed = true;
    ring_push(&s->doomed, &(uint16_t){slot_of(s, c)});
}

/* What was to be written found no room: E_FULL, a slow reader's queue; E_NOMEM. */
static void conn_cut(struct sig_server *s, struct conn *c, enum err err)
{
    if (c->doomed) return;
    const char *rule = "no memory for what is to be written";
    if (err == E_FULL) {
        s->counters.slow_readers++;
        rule = "a reader is too slow for what waits for it (signaling.md)";
    }
    server_refuse(s, &(struct fault){err, "signaling", 0, rule});
    conn_doom(s, c);
}

void conn_write(struct sig_server *s, struct conn *c, struct bytes bytes)
{
    if (c->doomed) return;
    enum err err = buffer_add(&c->out, bytes);
    if (err != OK)
        conn_cut(s, c, err);
    else
        conn_mark(s, c);
}

void conn_frame(struct sig_server *s, struct conn *c, enum ws_opcode opcode, struct bytes data)
{
    struct writer w;
    if (c->doomed || c->phase != CONN_OPEN) return;
    enum err err = buffer_reserve(&c->out, data.len + WS_OVERHEAD_MAX, &w);
    if (err != OK) {
        conn_cut(s, c, err);
        return;
    }
    ws_write(&w, WS_SERVER, opcode, data, NULL);
    buffer_commit(&c->out, &w);
    conn_mark(s, c);
}

void conn_error(struct sig_server *s, struct conn *c, enum sig_refusal refusal, const char *text)
{
    struct sig_message m = {.type = SIG_ERROR};
    m.code = bytes_of(sig_refusal_name(refusal));
    m.message = bytes_of(text);
    struct writer w = writer_of(s->scratch, sizeof s->scratch);
    if (sig_message_write(&m, &w) == OK) conn_frame(s, c, WS_TEXT, writer_done(&w));
}

void conn_end(struct sig_server *s, struct conn *c, bool linger, usec now)
{
    conn_leave(s, c);
    c->phase = CONN_CLOSING;
    c->linger = linger;
    c->drain_until = now + SIG_DRAIN_TIMEOUT;
    conn_arm(s, c, linger ? now + SIG_LINGER : c->drain_until);
    conn_mark(s, c);
}

void conn_close(struct sig_server *s, struct conn *c, enum ws_code code, const char *reason,
                bool linger, usec now)
{
    uint8_t frame[WS_CONTROL_MAX + WS_OVERHEAD_MAX];
    struct writer w = writer_of(frame, sizeof frame);
    ws_write_close(&w, WS_SERVER, code, reason, NULL);
    conn_write(s, c, writer_done(&w));
    conn_end(s, c, linger, now);
}

/* Telling of someone's leaving may doom more; each can be doomed but once. */
void server_settle(struct sig_server *s, usec now)
{
    uint16_t slot;
    while (ring_pop(&s->doomed, &slot)) {
        struct conn *c = &s->conns[slot];
        if (!c->doomed || c->number == 0) continue;
        buffer_free(&c->out);
        ws_reader_free(&c->ws);
        c->file = (struct bytes){NULL, 0};
        conn_end(s, c, false, now);
    }
}

/* ---- verbs ---- */

enum err sig_server_open(struct sig_server *s, uint32_t *conn, usec now)
{
    uint16_t slot;
    *conn = 0;
    if (!ring_pop(&s->unused, &slot)) {
        s->counters.turned_away++;
        return server_refuse(
            s, &(struct fault){E_FULL, "signaling", 0, "more streams than allowed (signaling.md)"});
    }
    struct conn *c = &s->conns[slot];
    /* The slot's last user may still be in `dirty`. */
    *c = (struct conn){.queued = c->queued, .uses = (uint16_t)(c->uses + 1)};
    c->number = (uint32_t)c->uses << 16 | (slot + 1u);
    c->member.owner = c->number;
    buffer_init(&c->head, HTTP_HEAD_MAX);
    buffer_init(&c->out, s->cfg.max_queue);
    ws_reader_init(&c->ws, WS_SERVER, s->cfg.max_message);
    conn_arm(s, c, now + s->cfg.head_timeout);
    s->conn_count++;
    s->counters.opened++;
    *conn = c->number;
    return OK;
}

struct bytes sig_server_busy(void)
{
    return bytes_of("HTTP/1.1 503 Service Unavailable\r\n"
                    "Content-Type: text/plain; charset=utf-8\r\n"
                    "Content-Length: 57\r\n"
                    "Cache-Control: no-cache\r\n"
                    "Retry-After: 10\r\n"
                    "Connection: close\r\n\r\n"
                    "This server has no room for another visitor. Come later.\n");
}

/* A whole message or control frame came. */
static enum err on_item(struct sig_server *s, struct conn *c, const struct ws_item *item, usec now)
{
    switch (item->opcode) {
    case WS_TEXT:
        if (c->phase != CONN_OPEN) return OK;
        c->paid_until = usec_max(c->paid_until, now) + SEC(1) / s->cfg.rate;
        if (c->paid_until > now + SEC(1)) {
            c->paid_until -= SEC(1) / s->cfg.rate;
            s->counters.rate_limited++;
            if (!c->limited) conn_error(s, c, SIG_RATE_LIMITED, "too many messages a second");
            c->limited = true;
            return server_refuse(s, &(struct fault){E_FULL, "signaling", (size_t)item->offset,
                                                    "more messages a second than allowed"});
        }
        c->limited = false;
        return conn_message(s, c, item->data);
    case WS_PING:
        /* Only the last of many needs its pong: RFC 6455 §5.5.3. */
        if (item->data.len) memcpy(c->pong, item->data.at, item->data.len);
        c->pong_len = (uint8_t)item->data.len;
        c->pong_due = true;
        return OK;
    case WS_PONG: c->ping_out = false; return OK;
    case WS_CLOSE:
        if (c->phase == CONN_OPEN)
            conn_close(s, c, item->code, "", false, now); /* echoed: RFC 6455 §5.5.1 */
        else
            conn_end(s, c, false, now);
        return OK;
    default: break;
    }
    s->counters.frames_wrong++;
    if (c->phase == CONN_OPEN)
        conn_close(s, c, WS_UNSUPPORTED_DATA, "messages are text", true, now);
    return server_refuse(s, &(struct fault){E_UNSUPPORTED, "websocket", (size_t)item->offset,
                                            "messages are text frames (signaling.md)"});
}

/* The frames broke a rule; the other end is told which code, and read on a little. */
static enum err on_wrong_frame(struct sig_server *s, struct conn *c, usec now)
{
    if (c->phase == CONN_OPEN) {
        if (c->ws.close_code == WS_TOO_LARGE) {
            s->counters.too_large++;
            conn_error(s, c, SIG_TOO_LARGE, "a message may be at most 64 KiB");
        } else {
            s->counters.frames_wrong++;
        }
        conn_close(s, c, c->ws.close_code, c->ws.fault.rule, true, now);
    }
    return server_refuse(s, &c->ws.fault);
}

static enum err input_frames(struct sig_server *s, struct conn *c, struct bytes in, usec now)
{
    enum err first = OK;
    struct ws_item item;
    if (c->ws.fault.err != OK) return OK; /* said once; the rest is thrown away */
    /* A closing socket is read on only for its Close frame. */
    while (!c->doomed && (c->phase == CONN_OPEN || c->linger)) {
        enum err err = ws_read(&c->ws, &in, &item);
        if (err == E_TRUNCATED) break;
        if (err != OK) {
            err = on_wrong_frame(s, c, now);
            return first == OK ? err : first;
        }
        err = on_item(s, c, &item, now);
        if (first == OK) first = err;
    }
    if (c->pong_due) conn_frame(s, c, WS_PONG, (struct bytes){c->pong, c->pong_len});
    c->pong_due = false;
    return first;
}

/* Bytes of the head, up to HTTP_HEAD_MAX; what is behind it stays in `in`. */
static enum err input_head(struct sig_server *s, struct conn *c, struct bytes *in, usec now)
{
    size_t before = c->head.len;
    struct bytes part = bytes_slice(*in, 0, HTTP_HEAD_MAX - before);
    if (buffer_add(&c->head, part) != OK) {
        conn_cut(s, c, E_NOMEM);
        return E_NOMEM;
    }
    size_t len = http_head_len(buffer_bytes(&c->head), before);
    if (len == 0 && c->head.len < HTTP_HEAD_MAX) {
        in->len = 0;
        return OK;
    }
    *in = bytes_slice(*in, len ? len - before : part.len, in->len);
    return conn_head(s, c, now);
}

enum err sig_server_input(struct sig_server *s, uint32_t conn, struct bytes in, usec now)
{
    struct conn *c = conn_of(s, conn);
    if (!c) return E_STATE;
    enum err err = OK;
    if (c->phase == CONN_HEAD && in.len > 0) err = input_head(s, c, &in, now);
    if (c->upgraded && in.len > 0) {
        enum err more = input_frames(s, c, in, now);
        if (err == OK) err = more;
    }
    server_settle(s, now);
    return err;
}

struct bytes sig_server_output(const struct sig_server *s, uint32_t conn)
{
    const struct conn *c = conn_of(s, conn);
    if (!c) return (struct bytes){NULL, 0};
    return c->out.len ? buffer_bytes(&c->out) : c->file;
}

void sig_server_wrote(struct sig_server *s, uint32_t conn, size_t len)
{
    struct conn *c = conn_of(s, conn);
    if (!c) return;
    size_t head = len < c->out.len ? len : c->out.len;
    buffer_drop(&c->out, head);
    c->file = bytes_slice(c->file, len - head, c->file.len);
}

bool sig_server_wants_close(const struct sig_server *s, uint32_t conn)
{
    const struct conn *c = conn_of(s, conn);
    return c && c->phase == CONN_CLOSING && !c->linger && c->out.len == 0 && c->file.len == 0;
}

void sig_server_ended(struct sig_server *s, uint32_t conn, usec now)
{
    struct conn *c = conn_of(s, conn);
    if (!c) return;
    switch (c->phase) {
    case CONN_HEAD: conn_end(s, c, false, now); break; /* RFC 9112 §8: half a request is none */
    case CONN_OPEN: conn_doom(s, c); break; /* without a Close frame: RFC 6455 §7.1.5, 1006 */
    case CONN_CLOSING:
        c->linger = false; /* nothing more comes to be read */
        conn_mark(s, c);
        break;
    }
    server_settle(s, now);
}

void sig_server_closed(struct sig_server *s, uint32_t conn, usec now)
{
    struct conn *c = conn_of(s, conn);
    if (!c) return;
    conn_leave(s, c);
    conn_free(c);
    c->number = 0;
    c->doomed = false;
    c->due = TIME_NEVER;
    s->conn_count--;
    ring_push(&s->unused, &(uint16_t){slot_of(s, c)});
    server_settle(s, now);
}

bool sig_server_next_dirty(struct sig_server *s, uint32_t *conn)
{
    uint16_t slot;
    while (ring_pop(&s->dirty, &slot)) {
        s->conns[slot].queued = false;
        *conn = s->conns[slot].number;
        if (*conn) return true;
    }
    return false;
}

/* ---- time ---- */

static void on_due(struct sig_server *s, struct conn *c, usec now)
{
    switch (c->phase) {
    case CONN_HEAD: conn_head_late(s, c, now); return;
    case CONN_OPEN:
        if (c->ping_out) {
            s->counters.silent++;
            conn_doom(s, c);
            return;
        }
        c->ping_out = true;
        conn_frame(s, c, WS_PING, bytes_of("duet"));
        conn_arm(s, c, now + s->cfg.ping_interval);
        return;
    case CONN_CLOSING:
        c->linger = false;
        if (now >= c->drain_until) {
            buffer_free(&c->out);
            c->file = (struct bytes){NULL, 0};
            c->due = TIME_NEVER;
        } else {
            conn_arm(s, c, c->drain_until);
        }
        conn_mark(s, c);
        return;
    }
}

void sig_server_tick(struct sig_server *s, usec now)
{
    if (now < s->due) return;
    for (size_t i = 0; i < s->cfg.max_sockets; i++)
        if (s->conns[i].number && s->conns[i].due <= now) on_due(s, &s->conns[i], now);
    server_settle(s, now);
    s->due = TIME_NEVER;
    for (size_t i = 0; i < s->cfg.max_sockets; i++)
        if (s->conns[i].number) s->due = usec_min(s->due, s->conns[i].due);
}

usec sig_server_deadline(const struct sig_server *s)
{
    return s->due;
}

void sig_server_shutdown(struct sig_server *s, usec now)
{
    for (size_t i = 0; i < s->cfg.max_sockets; i++) {
        struct conn *c = &s->conns[i];
        if (c->number == 0) continue;
        if (c->phase == CONN_OPEN)
            conn_close(s, c, WS_GOING_AWAY, "the server stops", true, now);
        else if (c->phase == CONN_HEAD)
            conn_end(s, c, false, now);
    }
    server_settle(s, now);
}

size_t sig_server_sockets(const struct sig_server *s)
{
    return s->conn_count;
}

size_t sig_server_rooms(const struct sig_server *s)
{
    return s->rooms.count;
}

const struct fault *sig_server_fault(const struct sig_server *s)
{
    return &s->fault;
}

const struct sig_server_counters *sig_server_counters(const struct sig_server *s)
{
    return &s->counters;
}
