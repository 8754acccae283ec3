/* The server's HTTP side: the built-in files, the refusals, and the way into a room. RFC 9110. */
#include "signaling/internal.h"

#include "signaling/upgrade.h"

#include <string.h>

/* An answer with a body of its own, or of a built-in file. */
static void answer(struct sig_server *s, struct conn *c, const struct http_answer *a,
                   struct bytes body, usec now)
{
    char head[1024];
    struct writer w = writer_of(head, sizeof head);
    http_write_answer(&w, a);
    conn_write(s, c, writer_done(&w));
    if (!c->head_only) c->file = body;
    conn_end(s, c, a->status >= 400, now);
}

/* Plain text that says what is wrong and what to do; all texts are literals. `a` has the status,
 * and the fields that go with it. */
static enum err refuse_with(struct sig_server *s, struct conn *c, struct http_answer a,
                            struct fault fault, const char *advice, usec now)
{
    char text[512];
    struct writer w = writer_of(text, sizeof text);
    write_format(&w, "%d %s: %s.\n%s\n", a.status, http_reason(a.status), fault.rule, advice);
    struct bytes body = writer_done(&w);
    a.type = "text/plain; charset=utf-8";
    a.body_len = body.len;
    s->counters.http_refused++;
    answer(s, c, &a, (struct bytes){NULL, 0}, now);
    if (!c->head_only) conn_write(s, c, body);
    return server_refuse(s, &fault);
}

static enum err refuse(struct sig_server *s, struct conn *c, int status, struct fault fault,
                       const char *advice, usec now)
{
    return refuse_with(s, c, (struct http_answer){.status = status}, fault, advice, now);
}

static struct fault http_fault(enum err err, const char *rule)
{
    return (struct fault){err, "http", 0, rule};
}

/* Only what is built in, found by whole name: nothing is decoded, joined or looked up elsewhere. */
static const struct sig_file *find_file(const struct sig_server *s, struct bytes path)
{
    if (bytes_is(path, "/")) path = bytes_of(s->cfg.index);
    for (size_t i = 0; i < s->cfg.file_count; i++)
        if (bytes_is(path, s->cfg.files[i].path)) return &s->cfg.files[i];
    return NULL;
}

static enum err serve_file(struct sig_server *s, struct conn *c, const struct http_request *q,
                           usec now)
{
    if (!c->head_only && !bytes_is(q->method, "GET")) /* RFC 9110 §15.5.6 */
        return refuse_with(s, c,
                           (struct http_answer){.status = 405, .fields = "Allow: GET, HEAD\r\n"},
                           http_fault(E_UNSUPPORTED, "only GET and HEAD are served here"),
                           "Open the address in a browser.", now);
    const struct sig_file *file = find_file(s, q->path);
    if (!file)
        return refuse(s, c, 404, http_fault(E_UNSUPPORTED, "there is nothing at this path"),
                      "The page is at /, and takes a room as in /?room=NAME.", now);
    struct http_answer a = {.status = 200, .type = file->type, .body_len = file->body.len};
    s->counters.served++;
    answer(s, c, &a, file->body, now);
    return OK;
}

static enum err upgrade(struct sig_server *s, struct conn *c, const struct http_request *q,
                        usec now)
{
    struct bytes key, room = http_query(q->query, "room");
    struct fault fault;
    const struct http_field *f = q->fields;
    size_t n = q->field_count;
    if (!sig_room_valid(room))
        return refuse(s, c, 400, http_fault(E_MALFORMED, "a room is 1 to 64 of A-Z a-z 0-9 . _ -"),
                      "Open the WebSocket at /ws?room=NAME.", now);
    struct http_answer a = {.status = upgrade_check_request(q, &key, &fault)};
    if (a.status == 405) a.fields = "Allow: GET\r\n"; /* RFC 9110 §15.5.6 */
    if (a.status == 426) {                            /* RFC 9110 §15.5.22, RFC 6455 §4.4 */
        a.upgrade = "websocket";
        a.fields = "Sec-WebSocket-Version: 13\r\n";
    }
    if (a.status != 101)
        return refuse_with(s, c, a, fault, "Open /ws?room=NAME as a WebSocket, version 13.", now);
    /* Two Origin fields are as bad as a foreign one: upgrade_origin_allowed would see none. */
    bool allowed = http_field_count(f, n, "Origin") <= 1 &&
                   upgrade_origin_allowed(http_field(f, n, "Origin"), q->host, s->cfg.origins,
                                          s->cfg.origin_count);
    if (!allowed) {
        s->counters.origin_refused++;
        return refuse(s, c, 403, http_fault(E_AUTH, "pages of this origin may not open a socket"),
                      "Start the server with --origin ORIGIN to let them.", now);
    }
    char head[256];
    struct writer w = writer_of(head, sizeof head);
    upgrade_write_response(&w, key);
    conn_write(s, c, writer_done(&w));
    c->phase = CONN_OPEN;
    c->upgraded = true;
    s->counters.upgraded++;
    conn_arm(s, c, now + s->cfg.ping_interval);
    return conn_join(s, c, room, now);
}

static enum err route(struct sig_server *s, struct conn *c, usec now)
{
    struct http_request q; /* views into c->head */
    enum err err = http_request_parse(&q, buffer_bytes(&c->head));
    if (err == E_FULL)
        return refuse(s, c, 431, q.fault, "Send at most 8 KiB of head, in 64 fields.", now);
    if (err != OK)
        return refuse(s, c, 400, q.fault, "Speak HTTP/1.1, or open this address in a browser.",
                      now);
    c->head_only = bytes_is(q.method, "HEAD");
    if (bytes_is(q.path, "/ws")) return upgrade(s, c, &q, now);
    return serve_file(s, c, &q, now);
}

enum err conn_head(struct sig_server *s, struct conn *c, usec now)
{
    enum err err = route(s, c, now);
    buffer_free(&c->head); /* only now: nothing views it any more */
    return err;
}

void conn_head_late(struct sig_server *s, struct conn *c, usec now)
{
    s->counters.late_heads++;
    refuse(s, c, 408, http_fault(E_TRUNCATED, "no whole request came in time (RFC 9110 15.5.9)"),
           "Send the head of a request within 5 seconds.", now);
}
