#include "signaling/client.h"

#include "signaling/internal.h"
#include "signaling/upgrade.h"

#include <stdlib.h>
#include <string.h>

#define UPGRADE_TIMEOUT SEC(10)
#define PING_INTERVAL   SEC(20)
#define RETRY_FIRST     MS(500)
#define RETRY_MAX       SEC(15)
#define CLOSE_TIMEOUT   SEC(2) /* for the rest of the queue and the server's Close frame */
#define MESSAGE_COST    (SEC(1) / SIG_CLIENT_RATE)
#define EVENT_BYTES_MAX (4 << 20) /* of messages that the driver did not drain */
#define ORIGIN_MAX      300

/* A message that waits: to be sent, or as an event to be taken. */
struct node {
    struct node *next;
    size_t len;
    uint8_t text[];
};

struct list {
    struct node *first, *last;
    size_t bytes;
};

struct sig_client {
    struct sig_client_config cfg;
    struct rng rng;
    char origin[ORIGIN_MAX];
    enum sig_client_state state;
    bool stream; /* the driver has one */
    bool welcomed, ping_out, close_sent;
    char key[UPGRADE_KEY_LEN];
    struct buffer head, out;
    struct ws_reader ws;
    struct list held, events;
    /* Events that must not be lost when there is no memory, so that they need none. They are told
     * after the messages that came before them. */
    bool over, wants_stream;
    struct ending {
        enum sig_client_end end;
        uint16_t code;
        int status;
        usec reconnect_at;
    } ending;        /* if `over`; the last one, if the driver took none in between */
    usec paid_until; /* rate: each message sent is paid with MESSAGE_COST */
    usec due;        /* of the state: upgrade, ping, close, or the next try */
    usec backoff, welcomed_at;
    struct sig_id id;
    struct arena arena;
    struct fault fault;
    struct sig_client_counters counters;
    uint8_t scratch[SIG_RELAYED_MAX];
};

/* ---- lists ---- */

/* False: no memory. */
static bool list_add(struct list *list, struct bytes text)
{
    struct node *node = malloc(sizeof *node + text.len);
    if (!node) return false;
    node->next = NULL;
    node->len = text.len;
    memcpy(node->text, text.at, text.len);
    if (list->last)
        list->last->next = node;
    else
        list->first = node;
    list->last = node;
    list->bytes += text.len + WS_OVERHEAD_MAX;
    return true;
}

static void list_drop(struct list *list)
{
    struct node *node = list->first;
    list->first = node->next;
    if (!list->first) list->last = NULL;
    list->bytes -= node->len + WS_OVERHEAD_MAX;
    free(node);
}

static void list_free(struct list *list)
{
    while (list->first) list_drop(list);
}

/* ---- set-up ---- */

static usec or_default(usec value, usec standard)
{
    return value > 0 ? value : standard;
}

static void ask_for_stream(struct sig_client *c)
{
    c->state = SIG_CLIENT_CONNECTING;
    c->wants_stream = true;
}

struct sig_client *sig_client_new(const struct sig_client_config *cfg)
{
    struct sig_client *c = calloc(1, sizeof *c);
    if (!c) return NULL;
    c->cfg = *cfg;
    c->rng = cfg->rng;
    if (cfg->origin) {
        bytes_to_text(bytes_of(cfg->origin), c->origin, sizeof c->origin);
        c->cfg.origin = c->origin;
    }
    c->cfg.upgrade_timeout = or_default(cfg->upgrade_timeout, UPGRADE_TIMEOUT);
    c->cfg.ping_interval = or_default(cfg->ping_interval, PING_INTERVAL);
    c->cfg.retry_first = or_default(cfg->retry_first, RETRY_FIRST);
    c->cfg.retry_max = usec_max(or_default(cfg->retry_max, RETRY_MAX), c->cfg.retry_first);
    c->backoff = c->cfg.retry_first;
    buffer_init(&c->head, HTTP_HEAD_MAX);
    /* The queue, and as much again for what we must say ourselves: it is never reached. */
    buffer_init(&c->out, 2 * (size_t)SIG_CLIENT_QUEUE_MAX);
    ws_reader_init(&c->ws, WS_CLIENT, SIG_RELAYED_MAX);
    arena_init(&c->arena, 2 * SIG_RELAYED_MAX);
    sig_json_seed(&c->rng);
    ask_for_stream(c);
    return c;
}

static void forget_stream_state(struct sig_client *c)
{
    buffer_free(&c->head);
    ws_reader_free(&c->ws);
    ws_reader_init(&c->ws, WS_CLIENT, SIG_RELAYED_MAX);
    list_free(&c->held);
    c->welcomed = c->ping_out = c->close_sent = false;
}

void sig_client_free(struct sig_client *c)
{
    if (!c) return;
    forget_stream_state(c);
    list_free(&c->events);
    buffer_free(&c->out);
    arena_free(&c->arena);
    free(c);
}

/* ---- ends ---- */

static enum err refuse(struct sig_client *c, enum err err, const char *rule)
{
    c->fault = (struct fault){err, "signaling", 0, rule};
    return err;
}

/* The same request would meet the same answer: RFC 9110 §15.5; 408 and 429 are about time. */
static bool refused_for_good(enum sig_client_end end, int status)
{
    return end == SIG_END_REFUSED && status < 500 && status != 408 && status != 429;
}

/* Half to all of the back-off, so that a thousand clients of one server don't come back at once. */
static usec next_delay(struct sig_client *c)
{
    usec half = c->backoff / 2;
    usec delay = half + (usec)(rng_u64(&c->rng) % (uint64_t)(half + 1));
    c->backoff = usec_min(2 * c->backoff, c->cfg.retry_max);
    return delay;
}

/* This connection is over: says why, and when the next one comes. */
static void over(struct sig_client *c, enum sig_client_end end, uint16_t code, int status, usec now)
{
    /* Only one that held for a while shows that coming back at once makes sense. */
    if (c->welcomed && now - c->welcomed_at >= c->cfg.retry_max) c->backoff = c->cfg.retry_first;
    bool last = c->state == SIG_CLIENT_CLOSING || end == SIG_END_BY_US || c->cfg.once ||
                refused_for_good(end, status);
    forget_stream_state(c);
    if (end == SIG_END_LOST || end == SIG_END_TIMEOUT) buffer_free(&c->out);
    c->state = last ? SIG_CLIENT_ENDED : SIG_CLIENT_WAITING;
    c->due = last ? TIME_NEVER : now + next_delay(c);
    c->wants_stream = false;
    c->over = true;
    c->ending = (struct ending){.end = end, .code = code, .status = status, .reconnect_at = c->due};
}

static void write_close(struct sig_client *c, enum ws_code code, const char *reason)
{
    struct writer w;
    if (buffer_reserve(&c->out, WS_CONTROL_MAX + WS_OVERHEAD_MAX, &w) != OK) return;
    ws_write_close(&w, WS_CLIENT, code, reason, &c->rng);
    buffer_commit(&c->out, &w);
}

/* ---- sending ---- */

static enum err write_frame(struct sig_client *c, enum ws_opcode opcode, struct bytes data)
{
    struct writer w;
    enum err err = buffer_reserve(&c->out, data.len + WS_OVERHEAD_MAX, &w);
    if (err != OK) return err;
    ws_write(&w, WS_CLIENT, opcode, data, &c->rng);
    buffer_commit(&c->out, &w);
    return OK;
}

/* When the next message may go: never more than SIG_CLIENT_RATE in any second. */
static usec may_send_at(const struct sig_client *c)
{
    return c->paid_until + MESSAGE_COST - SEC(1);
}

static void flush(struct sig_client *c, usec now)
{
    if (c->state != SIG_CLIENT_OPEN && c->state != SIG_CLIENT_CLOSING) return;
    while (c->held.first && now >= may_send_at(c)) {
        struct node *node = c->held.first;
        if (write_frame(c, WS_TEXT, (struct bytes){node->text, node->len}) != OK) {
            over(c, SIG_END_LOST, 0, 0, now); /* the stream takes nothing, or there is no memory */
            return;
        }
        c->paid_until = usec_max(c->paid_until, now) + MESSAGE_COST;
        c->counters.messages_out++;
        list_drop(&c->held);
    }
    if (c->state == SIG_CLIENT_CLOSING && !c->held.first && !c->close_sent) {
        write_close(c, WS_NORMAL, "");
        c->close_sent = true;
    }
}

enum err sig_client_send(struct sig_client *c, const struct sig_message *m, usec now)
{
    if (c->state != SIG_CLIENT_OPEN || !c->welcomed)
        return refuse(c, E_STATE, "there is no connection to the server now");
    if (m->type < SIG_OFFER || !m->to.text[0])
        return refuse(c, E_MALFORMED, "a client sends offer, answer, candidate, bye, to someone");
    struct sig_message own = *m;
    own.from = (struct sig_id){""};
    struct writer w = writer_of(c->scratch, sizeof c->scratch);
    enum err err = sig_message_write(&own, &w);
    if (err != OK) return refuse(c, err, "the message can't be written, or is above 64 KiB");
    struct bytes text = writer_done(&w);
    if (c->held.bytes + c->out.len + text.len + WS_OVERHEAD_MAX > SIG_CLIENT_QUEUE_MAX)
        return refuse(c, E_FULL, "too much waits to be sent");
    if (!list_add(&c->held, text)) return refuse(c, E_NOMEM, "no memory for the message");
    flush(c, now);
    return OK;
}

void sig_client_close(struct sig_client *c, usec now)
{
    switch (c->state) {
    case SIG_CLIENT_OPEN:
        c->state = SIG_CLIENT_CLOSING;
        c->due = now + CLOSE_TIMEOUT;
        flush(c, now);
        return;
    case SIG_CLIENT_CLOSING:
    case SIG_CLIENT_ENDED: return;
    case SIG_CLIENT_WAITING:
    case SIG_CLIENT_CONNECTING:
    case SIG_CLIENT_UPGRADING: over(c, SIG_END_BY_US, 0, 0, now); return;
    }
}

/* ---- the stream ---- */

enum err sig_client_connected(struct sig_client *c, usec now)
{
    struct writer w;
    if (c->state != SIG_CLIENT_CONNECTING || c->stream)
        return refuse(c, E_STATE, "no stream was asked for");
    c->stream = true;
    buffer_free(&c->out);
    if (buffer_reserve(&c->out, 4096, &w) != OK) {
        over(c, SIG_END_LOST, 0, 0, now);
        return refuse(c, E_NOMEM, "no memory for the request");
    }
    upgrade_key(&c->rng, c->key);
    upgrade_write_request(&w, c->cfg.url.authority, c->cfg.url.target, c->cfg.origin, c->key);
    buffer_commit(&c->out, &w);
    c->state = SIG_CLIENT_UPGRADING;
    c->due = now + c->cfg.upgrade_timeout;
    return OK;
}

void sig_client_closed(struct sig_client *c, usec now)
{
    bool was_ours = c->state == SIG_CLIENT_CLOSING && c->close_sent;
    c->stream = false;
    if (c->state != SIG_CLIENT_WAITING && c->state != SIG_CLIENT_ENDED)
        over(c, was_ours ? SIG_END_BY_US : SIG_END_LOST, 0, 0, now);
    buffer_free(&c->out);
}

bool sig_client_wants_close(const struct sig_client *c)
{
    bool done = c->state == SIG_CLIENT_WAITING || c->state == SIG_CLIENT_ENDED;
    return c->stream && done && c->out.len == 0;
}

struct bytes sig_client_output(const struct sig_client *c)
{
    return buffer_bytes(&c->out);
}

void sig_client_wrote(struct sig_client *c, size_t len, usec now)
{
    buffer_drop(&c->out, len);
    flush(c, now);
}

/* ---- reading ---- */

/* A text message. What breaks a rule is dropped with a fault; the socket stays open. */
static enum err on_message(struct sig_client *c, struct bytes text, usec now)
{
    struct sig_message m;
    struct arena arena;
    arena_init(&arena, 2 * SIG_RELAYED_MAX);
    enum err err = sig_message_parse(&m, text, &arena);
    arena_free(&arena);
    struct fault fault = m.fault;
    if (err == OK && !c->welcomed && m.type != SIG_WELCOME && m.type != SIG_ERROR)
        fault = (struct fault){E_STATE, "signaling", 0, "the first message is welcome"};
    if (err == OK && c->welcomed && m.type == SIG_WELCOME)
        fault = (struct fault){E_STATE, "signaling", 0, "there is but one welcome"};
    if (err == OK && m.type >= SIG_OFFER && !m.from.text[0])
        fault = (struct fault){E_MALFORMED, "signaling", 0, "a relayed message has a `from`"};
    if (fault.err == OK && c->events.bytes + text.len > EVENT_BYTES_MAX)
        fault = (struct fault){E_FULL, "signaling", 0, "the driver does not take its events"};
    if (fault.err == OK && !list_add(&c->events, text))
        fault = (struct fault){E_NOMEM, "signaling", 0, "no memory for the message"};
    if (fault.err != OK) {
        c->counters.refused++;
        c->fault = fault;
        return fault.err;
    }
    c->counters.messages_in++;
    if (m.type == SIG_WELCOME) {
        c->id = m.id;
        c->welcomed = true;
        c->welcomed_at = now;
        if (c->state == SIG_CLIENT_OPEN) c->due = now + c->cfg.ping_interval;
    }
    return OK;
}

static enum err on_item(struct sig_client *c, const struct ws_item *item, usec now)
{
    switch (item->opcode) {
    case WS_TEXT: return on_message(c, item->data, now);
    case WS_PING: return write_frame(c, WS_PONG, item->data);
    case WS_PONG: return OK;
    case WS_CLOSE: {
        bool ours = c->close_sent;
        if (!ours) write_close(c, item->code, ""); /* RFC 6455 §5.5.1 */
        over(c, ours ? SIG_END_BY_US : SIG_END_BY_SERVER, item->code, 0, now);
        return OK;
    }
    default: break;
    }
    write_close(c, WS_UNSUPPORTED_DATA, "messages are text");
    over(c, SIG_END_WRONG, 0, 0, now);
    return refuse(c, E_UNSUPPORTED, "messages are text frames (signaling.md)");
}

static enum err input_frames(struct sig_client *c, struct bytes in, usec now)
{
    enum err first = OK;
    struct ws_item item;
    while (c->state == SIG_CLIENT_OPEN || c->state == SIG_CLIENT_CLOSING) {
        enum err err = ws_read(&c->ws, &in, &item);
        if (err == E_TRUNCATED) break;
        if (err == OK) {
            err = on_item(c, &item, now);
        } else {
            c->fault = c->ws.fault;
            write_close(c, c->ws.close_code, c->ws.fault.rule);
            over(c, SIG_END_WRONG, 0, 0, now);
        }
        if (first == OK) first = err;
    }
    return first;
}

/* The server's answer to the upgrade; what is behind it stays in `in`. */
static enum err input_head(struct sig_client *c, struct bytes *in, usec now)
{
    struct http_response p;
    size_t before = c->head.len;
    struct bytes part = bytes_slice(*in, 0, HTTP_HEAD_MAX - before);
    if (buffer_add(&c->head, part) != OK) {
        over(c, SIG_END_LOST, 0, 0, now);
        return refuse(c, E_NOMEM, "no memory for the server's answer");
    }
    if (http_head_len(buffer_bytes(&c->head), before) == 0 && c->head.len < HTTP_HEAD_MAX) {
        in->len = 0;
        return OK;
    }
    enum err err = http_response_parse(&p, buffer_bytes(&c->head));
    *in = bytes_slice(*in, err == OK ? p.len - before : part.len, in->len);
    struct fault fault = p.fault;
    if (err == OK) err = upgrade_check_response(&p, c->key, &fault);
    if (err == OK) {
        buffer_free(&c->head);
        c->state = SIG_CLIENT_OPEN; /* `due` stays: the welcome is due by then */
        return OK;
    }
    c->fault = fault;
    bool refused = err == E_UNSUPPORTED && p.status != 0;
    over(c, refused ? SIG_END_REFUSED : SIG_END_WRONG, 0, p.status, now);
    return err;
}

enum err sig_client_input(struct sig_client *c, struct bytes in, usec now)
{
    enum err err = OK;
    if (!c->stream) return refuse(c, E_STATE, "there is no stream");
    c->ping_out = false; /* whatever comes shows that someone is there */
    if (c->state == SIG_CLIENT_UPGRADING && in.len > 0) err = input_head(c, &in, now);
    if (err == OK && in.len > 0) err = input_frames(c, in, now);
    return err;
}

/* ---- time ---- */

void sig_client_tick(struct sig_client *c, usec now)
{
    flush(c, now);
    if (now < c->due) return;
    switch (c->state) {
    case SIG_CLIENT_WAITING:
        if (c->stream) return; /* the old stream must be closed first */
        c->counters.reconnects++;
        ask_for_stream(c);
        return;
    case SIG_CLIENT_UPGRADING:
        refuse(c, E_TRUNCATED, "no answer to the upgrade in time");
        over(c, SIG_END_TIMEOUT, 0, 0, now);
        return;
    case SIG_CLIENT_OPEN:
        if (!c->welcomed || c->ping_out) {
            refuse(c, E_TRUNCATED, c->welcomed ? "no answer to a ping" : "no welcome in time");
            over(c, SIG_END_TIMEOUT, 0, 0, now);
            return;
        }
        write_frame(c, WS_PING, bytes_of("duet"));
        c->ping_out = true;
        c->due = now + c->cfg.ping_interval;
        return;
    case SIG_CLIENT_CLOSING:
        buffer_free(&c->out);
        over(c, SIG_END_BY_US, 0, 0, now);
        return;
    case SIG_CLIENT_CONNECTING:
    case SIG_CLIENT_ENDED: return;
    }
}

usec sig_client_deadline(const struct sig_client *c)
{
    switch (c->state) {
    case SIG_CLIENT_WAITING: return c->stream ? TIME_NEVER : c->due;
    case SIG_CLIENT_OPEN:
    case SIG_CLIENT_CLOSING: return c->held.first ? usec_min(c->due, may_send_at(c)) : c->due;
    case SIG_CLIENT_UPGRADING: return c->due;
    case SIG_CLIENT_CONNECTING:
    case SIG_CLIENT_ENDED: break;
    }
    return TIME_NEVER;
}

/* The oldest message. It was read once before, in on_message, so that what can fail now is memory
 * (which JSON's library may call a syntax error): then it waits for the next time. */
static bool take_message(struct sig_client *c, struct sig_client_event *ev)
{
    const struct node *node = c->events.first;
    struct bytes text = {node->text, node->len};
    ev->type = SIG_CLIENT_MESSAGE;
    if (sig_message_parse(&ev->message, text, &c->arena) != OK) {
        refuse(c, E_NOMEM, "no memory to read a message that waits");
        return false;
    }
    list_drop(&c->events);
    return true;
}

bool sig_client_event(struct sig_client *c, struct sig_client_event *ev)
{
    arena_free(&c->arena);
    memset(ev, 0, sizeof *ev);
    if (c->events.first) return take_message(c, ev);
    if (c->over) {
        c->over = false;
        ev->type = SIG_CLIENT_CLOSED;
        ev->end = c->ending.end;
        ev->code = c->ending.code;
        ev->status = c->ending.status;
        ev->reconnect_at = c->ending.reconnect_at;
        return true;
    }
    ev->type = SIG_CLIENT_CONNECT;
    bool wanted = c->wants_stream;
    c->wants_stream = false;
    return wanted;
}

const char *sig_client_end_name(enum sig_client_end end)
{
    switch (end) {
    case SIG_END_BY_US: return "by us";
    case SIG_END_BY_SERVER: return "by the server";
    case SIG_END_LOST: return "lost";
    case SIG_END_TIMEOUT: return "timeout";
    case SIG_END_REFUSED: return "refused";
    case SIG_END_WRONG: return "wrong";
    }
    return "unknown";
}

enum sig_client_state sig_client_state(const struct sig_client *c)
{
    return c->state;
}

const struct sig_id *sig_client_id(const struct sig_client *c)
{
    return &c->id;
}

const struct fault *sig_client_fault(const struct sig_client *c)
{
    return &c->fault;
}

const struct sig_client_counters *sig_client_counters(const struct sig_client *c)
{
    return &c->counters;
}
