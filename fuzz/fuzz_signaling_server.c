/* The server under a script: several streams that open, speak, break off and read as they like,
 * while time goes on. Nothing may crash, deadlines move on, bounds hold, and at the end all is
 * gone.
 *
 * One step is an opcode byte and what it needs; see step(). */
#include "fuzz/fuzz.h"

#include "signaling/server.h"
#include "signaling/websocket.h"

#include <string.h>

#define STREAMS   6
#define STEPS_MAX 400

struct world {
    struct sig_server *server;
    uint32_t conn[STREAMS];
    struct rng rng;
    usec now;
    uint32_t local;       /* the last local participant that was named */
    struct sig_id ids[8]; /* those seen in events and welcomes: so that `to` can be right */
    size_t id_count;
};

static const struct sig_file files[] = {{"/index.html", "text/html", {(const uint8_t *)"hi", 2}}};

/* Keeps each id that is written in what the server says. */
static void learn(struct world *w, struct bytes out)
{
    for (size_t i = 0; i + 38 <= out.len; i++) {
        if (memcmp(out.at + i, "\"id\":\"", 6) != 0) continue;
        sig_id_set(&w->ids[w->id_count++ % 8], bytes_slice(out, i + 6, 32));
    }
}

static void drain_events(struct world *w)
{
    static struct sig_server_event ev;
    while (sig_server_event(w->server, &ev)) {
        if (ev.participant) w->local = ev.participant;
        if (ev.id.text[0]) w->ids[w->id_count++ % 8] = ev.id;
        FUZZ_CHECK(sig_room_valid(bytes_of(ev.room)));
        if (ev.type == SIG_LOCAL_MESSAGE) FUZZ_CHECK(ev.message.fault.err == OK);
    }
}

static void drain_dirty(struct world *w)
{
    uint32_t conn;
    for (int i = 0; sig_server_next_dirty(w->server, &conn); i++) FUZZ_CHECK(i < STREAMS);
    for (int i = 0; i < STREAMS; i++)
        FUZZ_CHECK(sig_server_output(w->server, w->conn[i]).len <= 4096);
}

/* The stream takes `most` bytes of what waits for it. */
static void take(struct world *w, int i, size_t most)
{
    struct bytes out = bytes_slice(sig_server_output(w->server, w->conn[i]), 0, most);
    learn(w, out);
    sig_server_wrote(w->server, w->conn[i], out.len);
    if (sig_server_wants_close(w->server, w->conn[i])) {
        FUZZ_CHECK(sig_server_output(w->server, w->conn[i]).len == 0);
        sig_server_closed(w->server, w->conn[i], w->now);
        w->conn[i] = 0;
    }
}

static void say(struct world *w, int i, struct bytes bytes)
{
    sig_server_input(w->server, w->conn[i], bytes, w->now);
}

/* A whole good upgrade, into one of three rooms. */
static void join(struct world *w, int i, uint8_t which)
{
    char head[300];
    struct writer out = writer_of(head, sizeof head);
    write_format(&out, "GET /ws?room=r%d HTTP/1.1\r\nHost: a\r\n", which % 3);
    write_text(&out, "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    say(w, i, writer_done(&out));
}

static void frame(struct world *w, int i, enum ws_opcode opcode, struct bytes data)
{
    uint8_t room[512 + WS_OVERHEAD_MAX];
    struct writer out = writer_of(room, sizeof room);
    ws_write(&out, WS_CLIENT, opcode, bytes_slice(data, 0, 512), &w->rng);
    say(w, i, writer_done(&out));
}

static enum sig_type type_of(uint8_t byte)
{
    return (enum sig_type)(byte < 128 ? byte % SIG_WATCH : byte % SIG_TYPES);
}

/* A message that the server relays, to somebody it knows or knew. */
static void relay(struct world *w, int i, uint8_t type, uint8_t to)
{
    char json[240];
    struct writer out = writer_of(json, sizeof json);
    write_format(
        &out,
        "{\"type\":\"%s\",\"to\":\"%s\",\"sdp\":\"x\",\"candidate\":null,\"on\":true,\"number\":7}",
        sig_type_name(type_of(type)), w->ids[to % 8].text);
    frame(w, i, WS_TEXT, writer_done(&out));
}

static void local(struct world *w, uint8_t what, uint8_t to)
{
    struct sig_message m = {.type = type_of(what), .to = w->ids[to % 8]};
    m.sdp = bytes_of("v=0");
    uint32_t p;
    if (what < 64)
        sig_server_join_local(w->server, "r1", &p, w->now);
    else if (what < 96)
        sig_server_leave_local(w->server, w->local, w->now);
    else
        sig_server_send_local(w->server, w->local, &m, w->now);
}

static void advance(struct world *w, uint8_t by)
{
    w->now += by < 128 ? MS(by) : SEC(by - 127);
    sig_server_tick(w->server, w->now);
    FUZZ_CHECK(sig_server_deadline(w->server) > w->now);
}

static void step(struct world *w, struct reader *r)
{
    uint8_t op = read_u8(r);
    int i = op >> 4;
    if (i >= STREAMS) i = STREAMS - 1;
    switch (op & 15) {
    case 0:
    case 1:
        if (!w->conn[i]) sig_server_open(w->server, &w->conn[i], w->now);
        if (op & 1) join(w, i, read_u8(r));
        return;
    case 2: say(w, i, read_bytes(r, read_u8(r) % (reader_left(r) + 1))); return;
    case 3: frame(w, i, WS_TEXT, read_bytes(r, read_u8(r) % (reader_left(r) + 1))); return;
    case 4:
        frame(w, i, (enum ws_opcode)(read_u8(r) & 15), read_bytes(r, reader_left(r) % 8));
        return;
    case 5:
    case 6: {
        uint8_t type = read_u8(r);
        relay(w, i, type, read_u8(r));
        return;
    }
    case 7: {
        uint8_t what = read_u8(r);
        local(w, what, read_u8(r));
        return;
    }
    case 8:
    case 9: take(w, i, SIZE_MAX); return;
    case 10: take(w, i, read_u8(r)); return;
    case 11:
        sig_server_closed(w->server, w->conn[i], w->now);
        w->conn[i] = 0;
        return;
    case 12: advance(w, read_u8(r)); return;
    case 13: frame(w, i, WS_PONG, (struct bytes){NULL, 0}); return;
    case 14: say(w, i, bytes_of("GET / HTTP/1.1\r\nHost: a\r\n\r\n")); return;
    case 15:
        switch (read_u8(r)) {
        case 0: sig_server_shutdown(w->server, w->now); return;
        case 1: sig_server_ended(w->server, w->conn[i], w->now); return;
        default: return;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct world w;
    memset(&w, 0, sizeof w);
    struct reader r = reader_of((struct bytes){data, n});
    uint8_t flags = read_u8(&r);
    struct sig_server_config cfg = {.files = files, .file_count = 1};
    cfg.local_in_every_room = flags & 1;
    cfg.max_sockets = STREAMS - (flags >> 1 & 1);
    cfg.max_room = 1 + (flags >> 2 & 3);
    cfg.max_queue = 4096;
    cfg.max_message = 600;
    rng_init_number(&cfg.rng, 1);
    rng_init_number(&w.rng, 2);
    w.server = sig_server_new(&cfg);
    if (!w.server) return 0;
    for (int i = 0; i < STEPS_MAX && reader_left(&r) > 0; i++) {
        step(&w, &r);
        if (!(flags & 128)) drain_events(&w); /* a driver that does not drain is bounded too */
        drain_dirty(&w);
    }
    for (int i = 0; i < STREAMS; i++) sig_server_closed(w.server, w.conn[i], w.now);
    FUZZ_CHECK(sig_server_rooms(w.server) == 0 && sig_server_sockets(w.server) == 0);
    drain_events(&w);
    sig_server_free(w.server);
    return 0;
}
