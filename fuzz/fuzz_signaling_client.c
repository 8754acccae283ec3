/* The client under a script: what a server may say, rightly or not, while time goes on, streams
 * break and messages are sent. Deadlines move on, bounds hold, each end is followed by a new try or
 * by none for good. */
#include "fuzz/fuzz.h"

#include "signaling/client.h"
#include "signaling/upgrade.h"
#include "signaling/websocket.h"

#include <string.h>

#define STEPS_MAX 200

struct world {
    struct sig_client *client;
    usec now;
    bool asked, stream;
    bool ended;
};

static void drain(struct world *w)
{
    static struct sig_client_event ev;
    for (int i = 0; sig_client_event(w->client, &ev); i++) {
        FUZZ_CHECK(i < 1000 && !w->ended);
        if (ev.type == SIG_CLIENT_CONNECT) {
            FUZZ_CHECK(!w->asked && !w->stream);
            w->asked = true;
        } else if (ev.type == SIG_CLIENT_CLOSED) {
            w->ended = ev.reconnect_at == TIME_NEVER;
            w->asked = false;
            FUZZ_CHECK(w->ended || ev.reconnect_at > w->now);
        } else {
            FUZZ_CHECK(ev.message.fault.err == OK);
            if (ev.message.type >= SIG_OFFER) FUZZ_CHECK(ev.message.from.text[0]);
        }
    }
    FUZZ_CHECK(sig_client_output(w->client).len <= 2 * SIG_CLIENT_QUEUE_MAX);
    if (w->stream && sig_client_wants_close(w->client)) {
        sig_client_closed(w->client, w->now);
        w->stream = false;
    }
}

static void answer_upgrade(struct world *w)
{
    struct http_request q;
    char text[512];
    if (http_request_parse(&q, sig_client_output(w->client)) != OK) return;
    struct writer out = writer_of(text, sizeof text);
    upgrade_write_response(&out, http_field(q.fields, q.field_count, "Sec-WebSocket-Key"));
    sig_client_wrote(w->client, q.len, w->now);
    sig_client_input(w->client, writer_done(&out), w->now);
}

static void frame(struct world *w, enum ws_opcode opcode, struct bytes data)
{
    uint8_t room[512 + WS_OVERHEAD_MAX];
    struct writer out = writer_of(room, sizeof room);
    ws_write(&out, WS_SERVER, opcode, bytes_slice(data, 0, 512), NULL);
    sig_client_input(w->client, writer_done(&out), w->now);
}

static void send(struct world *w, uint8_t type, uint8_t size)
{
    static uint8_t sdp[256 * 4];
    struct sig_message m = {.type = (enum sig_type)(type % 8), .to = {"you"}};
    memset(sdp, 'x', sizeof sdp);
    m.sdp = (struct bytes){sdp, size * 4u};
    sig_client_send(w->client, &m, w->now);
}

static void advance(struct world *w, uint8_t by)
{
    w->now += by < 128 ? MS(by) : SEC(by - 127);
    sig_client_tick(w->client, w->now);
    drain(w);
    FUZZ_CHECK(sig_client_deadline(w->client) > w->now);
}

static void step(struct world *w, struct reader *r)
{
    uint8_t op = read_u8(r);
    switch (op & 15) {
    case 0:
    case 1:
        if (!w->asked) return;
        w->asked = false;
        w->stream = sig_client_connected(w->client, w->now) == OK;
        if (op & 1) answer_upgrade(w);
        return;
    case 2:
        sig_client_input(w->client, read_bytes(r, read_u8(r) % (reader_left(r) + 1)), w->now);
        return;
    case 3: frame(w, WS_TEXT, read_bytes(r, read_u8(r) % (reader_left(r) + 1))); return;
    case 4: frame(w, (enum ws_opcode)(op >> 4), read_bytes(r, reader_left(r) % 8)); return;
    case 5: frame(w, WS_TEXT, bytes_of("{\"type\":\"welcome\",\"id\":\"a\",\"peers\":[]}")); return;
    case 6:
        frame(w, WS_TEXT, bytes_of("{\"type\":\"offer\",\"from\":\"you\",\"sdp\":\"v=0\"}"));
        return;
    case 7:
    case 8: send(w, op >> 4, read_u8(r)); return;
    case 9: sig_client_wrote(w->client, sig_client_output(w->client).len, w->now); return;
    case 10: sig_client_wrote(w->client, read_u8(r), w->now); return;
    case 11:
        if (!w->stream && !w->asked) return;
        w->stream = w->asked = false;
        sig_client_closed(w->client, w->now);
        return;
    case 12:
    case 13: advance(w, read_u8(r)); return;
    case 14: answer_upgrade(w); return;
    case 15:
        if (read_u8(r) == 0) sig_client_close(w->client, w->now);
        return;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct world w;
    memset(&w, 0, sizeof w);
    struct sig_client_config cfg = {0};
    if (sig_url_parse(&cfg.url, bytes_of("ws://h/ws?room=a")) != OK) abort();
    rng_init_number(&cfg.rng, 1);
    w.client = sig_client_new(&cfg);
    if (!w.client) return 0;
    drain(&w);
    struct reader r = reader_of((struct bytes){data, n});
    for (int i = 0; i < STEPS_MAX && reader_left(&r) > 0; i++) {
        step(&w, &r);
        drain(&w);
    }
    sig_client_free(w.client);
    return 0;
}
