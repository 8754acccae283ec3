/* Memory runs out while a server relays between two clients and a participant of its own process:
 * each allocation fails once, and then each and all after it; ours, and with them JSON's. Nothing
 * crashes, nothing leaks; what is lost is told to someone; and when memory is there again both
 * clients are in the room again, by themselves. */
#include "tests/nomem.h"
#include "tests/signaling/wire.h"

#include <jansson.h>

#define CLIENTS 2

struct heard {
    int offers, answers, candidates, byes, closed;
};

struct outcome {
    bool reported; /* an error from a function, a close with a reason, or an error message */
    bool healed;   /* both are in the room at last */
    bool worked;   /* everything arrived everywhere */
};

struct world {
    struct sig_server *server;
    struct sig_client *client[CLIENTS];
    uint32_t conn[CLIENTS]; /* 0: no stream */
    struct heard heard[CLIENTS], local_heard;
    int rooms_opened, rooms_closed;
    uint32_t local;
    struct sig_id local_id;
    usec now;
    struct outcome out;
};

static struct world w;

static bool told(enum err err)
{
    if (err != OK) w.out.reported = true;
    return err == OK;
}

/* ---- the driver ---- */

static void hear(struct heard *heard, const struct sig_message *m)
{
    bool whole = bytes_is(m->sdp, "v=0 a description");
    heard->offers += m->type == SIG_OFFER && whole;
    heard->answers += m->type == SIG_ANSWER && whole;
    heard->candidates +=
        m->type == SIG_CANDIDATE && bytes_is(m->candidate.candidate, "candidate:1 1 udp");
    heard->byes += m->type == SIG_BYE;
    if (m->type == SIG_ERROR) w.out.reported = true;
}

static struct sig_message message(enum sig_type type, const struct sig_id *to)
{
    struct sig_message m = {.type = type, .to = *to};
    if (type == SIG_CANDIDATE)
        m.candidate.candidate = bytes_of("candidate:1 1 udp");
    else
        m.sdp = bytes_of("v=0 a description");
    return m;
}

/* Who gets an offer answers it. Whoever is told of an error tries once more. */
static void say(int i, enum sig_type type, const struct sig_id *to)
{
    struct sig_message m = message(type, to);
    if (!told(sig_client_send(w.client[i], &m, w.now)))
        told(sig_client_send(w.client[i], &m, w.now));
}

static void say_local(enum sig_type type, const struct sig_id *to)
{
    struct sig_message m = message(type, to);
    if (!told(sig_server_send_local(w.server, w.local, &m, w.now)))
        told(sig_server_send_local(w.server, w.local, &m, w.now));
}

static void client_event(int i, const struct sig_client_event *ev)
{
    struct sig_client *c = w.client[i];
    switch (ev->type) {
    case SIG_CLIENT_CONNECT:
        if (!told(sig_server_open(w.server, &w.conn[i], w.now)))
            sig_client_closed(c, w.now);
        else
            told(sig_client_connected(c, w.now));
        return;
    case SIG_CLIENT_CLOSED:
        w.heard[i].closed++;
        if (ev->end != SIG_END_BY_US) w.out.reported = true;
        return;
    case SIG_CLIENT_MESSAGE:
        hear(&w.heard[i], &ev->message);
        if (ev->message.type == SIG_OFFER) say(i, SIG_ANSWER, &ev->message.from);
    }
}

static void server_event(const struct sig_server_event *ev)
{
    switch (ev->type) {
    case SIG_ROOM_OPENED:
        w.rooms_opened++;
        w.local = ev->participant;
        w.local_id = ev->id;
        return;
    case SIG_ROOM_CLOSED:
        w.rooms_closed++;
        w.local = 0;
        return;
    case SIG_LOCAL_MESSAGE:
        hear(&w.local_heard, &ev->message);
        if (ev->message.type == SIG_OFFER) say_local(SIG_ANSWER, &ev->message.from);
    }
}

static bool server_turn(void)
{
    struct sig_server_event ev;
    bool moved = false;
    for (; sig_server_event(w.server, &ev); moved = true) server_event(&ev);
    return moved;
}

static bool client_turn(int i)
{
    struct sig_client *c = w.client[i];
    bool moved = false;
    for (struct sig_client_event ev; sig_client_event(c, &ev); moved = true) client_event(i, &ev);
    struct bytes up = sig_client_output(c);
    if (w.conn[i] && up.len) {
        told(sig_server_input(w.server, w.conn[i], up, w.now));
        sig_client_wrote(c, up.len, w.now);
        moved = true;
    }
    struct bytes down = sig_server_output(w.server, w.conn[i]);
    if (w.conn[i] && down.len) {
        told(sig_client_input(c, down, w.now));
        sig_server_wrote(w.server, w.conn[i], down.len);
        moved = true;
    }
    if (w.conn[i] && (sig_server_wants_close(w.server, w.conn[i]) || sig_client_wants_close(c))) {
        sig_server_closed(w.server, w.conn[i], w.now);
        sig_client_closed(c, w.now);
        w.conn[i] = 0;
        moved = true;
    }
    return moved;
}

static void drain(void)
{
    for (bool moved = true; moved;) {
        moved = server_turn();
        for (int i = 0; i < CLIENTS; i++) moved |= w.client[i] && client_turn(i);
    }
}

static void run(usec until)
{
    drain();
    for (;;) {
        usec next = sig_server_deadline(w.server);
        for (int i = 0; i < CLIENTS; i++)
            if (w.client[i]) next = usec_min(next, sig_client_deadline(w.client[i]));
        if (next > until) break;
        w.now = usec_max(w.now, next);
        sig_server_tick(w.server, w.now);
        for (int i = 0; i < CLIENTS; i++)
            if (w.client[i]) sig_client_tick(w.client[i], w.now);
        drain();
    }
    w.now = until;
}

/* ---- a room's life ---- */

static bool is_in(int i)
{
    return w.client[i] && sig_client_state(w.client[i]) == SIG_CLIENT_OPEN &&
           sig_client_id(w.client[i])->text[0];
}

static bool open_server(void)
{
    struct sig_server_config cfg = wire_config();
    cfg.local_in_every_room = true;
    cfg.max_sockets = 4;
    w.server = sig_server_new(&cfg);
    if (!w.server) {
        w.out.reported = true;
        w.server = sig_server_new(&cfg);
    }
    return w.server != NULL;
}

static bool open_client(int i, const struct sig_url *url)
{
    struct sig_client_config cfg = {.url = *url};
    rng_init_number(&cfg.rng, 10 + (uint64_t)i);
    w.client[i] = sig_client_new(&cfg);
    if (!w.client[i]) {
        w.out.reported = true;
        w.client[i] = sig_client_new(&cfg);
    }
    run(w.now + MS(100));
    return w.client[i] != NULL;
}

static bool life(const struct sig_url *url)
{
    if (!open_server() || !open_client(0, url) || !open_client(1, url)) return false;
    for (int s = 0; s < 60 && !(is_in(0) && is_in(1)); s++) run(w.now + SEC(1));
    if (!is_in(0) || !is_in(1)) return false;
    const struct sig_id *other = sig_client_id(w.client[1]);
    say(0, SIG_OFFER, other);
    say(0, SIG_OFFER, &w.local_id);
    for (int i = 0; i < 3; i++) say(0, SIG_CANDIDATE, other);
    say_local(SIG_CANDIDATE, other);
    run(w.now + SEC(30)); /* with pings */
    w.out.healed = is_in(0) && is_in(1);
    say(1, SIG_BYE, sig_client_id(w.client[0]));
    run(w.now + SEC(1));
    for (int i = 0; i < CLIENTS; i++) sig_client_close(w.client[i], w.now);
    run(w.now + SEC(5));
    return w.heard[1].offers == 1 && w.heard[1].candidates == 4 && w.heard[0].answers == 2 &&
           w.local_heard.offers == 1 && w.heard[0].byes == 1 && w.heard[0].closed == 1 &&
           w.heard[1].closed == 1 && w.rooms_opened == 1 && w.rooms_closed == 1;
}

static void live(size_t fail_at, enum nomem_mode mode)
{
    struct sig_url url;
    memset(&w, 0, sizeof w);
    sig_url_parse(&url, bytes_of("ws://here:8080/ws?room=a"));
    nomem_arm(fail_at, mode);
    w.out.worked = life(&url);
    if (w.server && sig_server_fault(w.server)->err == E_NOMEM) w.out.reported = true;
    for (int i = 0; i < CLIENTS; i++) {
        if (w.client[i] && sig_client_fault(w.client[i])->err == E_NOMEM) w.out.reported = true;
        sig_client_free(w.client[i]);
    }
    sig_server_free(w.server);
    nomem_disarm();
}

static size_t count_allocations(void)
{
    live(NOMEM_NEVER, NOMEM_ONCE);
    ck_assert(w.out.worked && w.out.healed && !w.out.reported);
    ck_assert_uint_eq(nomem.leaked, 0);
    ck_assert_uint_gt(nomem.count, 30); /* it counts */
    return nomem.count;
}

static void fail_each(enum nomem_mode mode)
{
    size_t count = count_allocations();
    for (size_t i = 0; i < count; i++) {
        live(i, mode);
        ck_assert_uint_ge(nomem.failed, 1);
        ck_assert_msg(nomem.leaked == 0, "allocation %zu of %zu: a leak", i, count);
        ck_assert_msg(w.out.worked || w.out.reported, "allocation %zu of %zu: nobody was told", i,
                      count);
        if (mode == NOMEM_ONCE)
            ck_assert_msg(w.out.healed, "allocation %zu of %zu: not healed", i, count);
    }
}

START_TEST(each_allocation_fails_once)
{
    fail_each(NOMEM_ONCE);
}
END_TEST

START_TEST(memory_is_gone_from_then_on)
{
    fail_each(NOMEM_FROM_THEN_ON);
}
END_TEST

START_TEST(each_allocation_fails_once_with_those_of_json)
{
    json_set_alloc_funcs(malloc, free);
    fail_each(NOMEM_ONCE);
}
END_TEST

START_TEST(memory_is_gone_from_then_on_with_that_of_json)
{
    json_set_alloc_funcs(malloc, free);
    fail_each(NOMEM_FROM_THEN_ON);
}
END_TEST

SUITE("signaling without memory", each_allocation_fails_once, memory_is_gone_from_then_on,
      each_allocation_fails_once_with_those_of_json, memory_is_gone_from_then_on_with_that_of_json)
