/* A server and streams to it in memory: what a driver does, in a for loop. */
#ifndef DUET_TESTS_SIGNALING_WIRE_H
#define DUET_TESTS_SIGNALING_WIRE_H

#include "tests/suite.h"

#include "signaling/client.h"
#include "signaling/server.h"
#include "signaling/websocket.h"

#include <string.h>

#define WIRE_KEY "dGhlIHNhbXBsZSBub25jZQ=="

static const char wire_page[] = "<!doctype html><title>duet</title>";
static const struct sig_file wire_files[] = {
    {"/index.html", "text/html; charset=utf-8", {(const uint8_t *)wire_page, sizeof wire_page - 1}},
    {"/app.js", "text/javascript; charset=utf-8", {(const uint8_t *)"let a", 5}},
};

static inline struct sig_server_config wire_config(void)
{
    struct sig_server_config cfg = {.files = wire_files, .file_count = COUNT(wire_files)};
    rng_init_number(&cfg.rng, 1);
    return cfg;
}

/* A bare stream to the server: what it wrote so far, and a reader of its frames. */
struct wire {
    struct sig_server *server;
    uint32_t conn;
    struct buffer got; /* all that the server wrote and was not taken */
    struct ws_reader ws;
    struct bytes view;
    struct rng rng;
    bool closed; /* the server wanted it closed */
};

static inline void wire_drain(struct wire *w, usec now)
{
    for (struct bytes out; (out = sig_server_output(w->server, w->conn)).len > 0;) {
        ck_assert_int_eq(buffer_add(&w->got, out), OK);
        sig_server_wrote(w->server, w->conn, out.len);
    }
    if (!w->closed && sig_server_wants_close(w->server, w->conn)) {
        w->closed = true;
        sig_server_closed(w->server, w->conn, now);
    }
}

static inline void wire_open(struct wire *w, struct sig_server *server, usec now)
{
    memset(w, 0, sizeof *w);
    w->server = server;
    buffer_init(&w->got, 4 << 20);
    ws_reader_init(&w->ws, WS_CLIENT, SIG_RELAYED_MAX);
    rng_init_number(&w->rng, 7);
    ck_assert_int_eq(sig_server_open(server, &w->conn, now), OK);
}

static inline void wire_free(struct wire *w)
{
    buffer_free(&w->got);
    ws_reader_free(&w->ws);
}

static inline enum err wire_say(struct wire *w, struct bytes in, usec now)
{
    enum err err = sig_server_input(w->server, w->conn, in, now);
    wire_drain(w, now);
    return err;
}

static inline enum err wire_text(struct wire *w, const char *text, usec now)
{
    return wire_say(w, bytes_of(text), now);
}

/* Sends one masked frame. */
static inline enum err wire_frame(struct wire *w, enum ws_opcode opcode, struct bytes data,
                                  usec now)
{
    uint8_t *room = malloc(data.len + WS_OVERHEAD_MAX);
    struct writer out = writer_of(room, data.len + WS_OVERHEAD_MAX);
    ws_write(&out, WS_CLIENT, opcode, data, &w->rng);
    enum err err = wire_say(w, writer_done(&out), now);
    free(room);
    return err;
}

static inline enum err wire_json(struct wire *w, const char *json, usec now)
{
    return wire_frame(w, WS_TEXT, bytes_of(json), now);
}

/* What the server wrote that nobody took, as text; the test must not keep it. */
static inline const char *wire_got(struct wire *w)
{
    static char text[8192];
    return bytes_to_text(buffer_bytes(&w->got), text, sizeof text);
}

/* The next frame from the server as "text ...", "ping ...", "close 1009 ..." or "" if there is
 * none. */
static inline const char *wire_next(struct wire *w)
{
    static char text[SIG_RELAYED_MAX + 64];
    struct ws_item item;
    struct bytes in = buffer_bytes(&w->got);
    size_t before = in.len;
    enum err err = ws_read(&w->ws, &in, &item);
    text[0] = 0;
    if (err != OK) {
        ck_assert_int_eq(err, E_TRUNCATED);
    } else {
        const char *name = item.opcode == WS_TEXT    ? "text"
                           : item.opcode == WS_PING  ? "ping"
                           : item.opcode == WS_PONG  ? "pong"
                           : item.opcode == WS_CLOSE ? "close"
                                                     : "other";
        int n = snprintf(text, sizeof text, "%s ", name);
        if (item.opcode == WS_CLOSE) n += snprintf(text + n, 16, "%d ", item.code);
        bytes_to_text(item.data, text + n, sizeof text - (size_t)n);
    }
    buffer_drop(&w->got, before - in.len);
    return text;
}

/* Takes frames until one begins so; fails the test if none does. */
static inline const char *wire_expect(struct wire *w, const char *start)
{
    for (const char *next; (next = wire_next(w))[0];)
        if (strncmp(next, start, strlen(start)) == 0) return next;
    ck_abort_msg("the server never said \"%s\"", start);
    return "";
}

/* Upgrades into a room; takes the 101 and the welcome, whose id goes into `id` (if not NULL). */
static inline void wire_join(struct wire *w, struct sig_server *server, const char *room,
                             char id[SIG_ID_MAX + 1], usec now)
{
    char head[512];
    snprintf(head, sizeof head,
             "GET /ws?room=%s HTTP/1.1\r\nHost: here:8080\r\nUpgrade: websocket\r\n"
             "Connection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n"
             "Sec-WebSocket-Key: " WIRE_KEY "\r\n\r\n",
             room);
    wire_open(w, server, now);
    ck_assert_int_eq(wire_text(w, head, now), OK);
    size_t len = http_head_len(buffer_bytes(&w->got), 0);
    ck_assert_uint_gt(len, 0);
    ck_assert(bytes_starts(buffer_bytes(&w->got), "HTTP/1.1 101 "));
    buffer_drop(&w->got, len);
    const char *welcome = wire_expect(w, "text {\"type\":\"welcome\",\"id\":\"");
    struct bytes rest = bytes_of(welcome + strlen("text {\"type\":\"welcome\",\"id\":\""));
    if (id) bytes_to_text(bytes_slice(rest, 0, 32), id, 33);
}

#endif
