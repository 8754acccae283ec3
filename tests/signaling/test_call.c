/* Client machines and the server machine in a for loop: the whole of docs/signaling.md. */
#include "tests/signaling/wire.h"

#define CLIENTS 3

struct world {
    struct sig_server *server;
    struct sig_client *client[CLIENTS];
    uint32_t conn[CLIENTS]; /* 0: no stream */
    size_t step;            /* bytes moved at once; 0: all */
    char log[CLIENTS][4096];
    struct sig_id last_from, id_of_join[CLIENTS];
};

static struct sig_client *new_client(uint64_t seed, const char *url)
{
    struct sig_client_config cfg = {0};
    ck_assert_int_eq(sig_url_parse(&cfg.url, bytes_of(url)), OK);
    rng_init_number(&cfg.rng, seed);
    struct sig_client *c = sig_client_new(&cfg);
    ck_assert_ptr_nonnull(c);
    return c;
}

static void world_new(struct world *w, const struct sig_server_config *cfg)
{
    memset(w, 0, sizeof *w);
    w->server = sig_server_new(cfg);
    ck_assert_ptr_nonnull(w->server);
}

static void world_free(struct world *w)
{
    for (int i = 0; i < CLIENTS; i++) sig_client_free(w->client[i]);
    sig_server_free(w->server);
}

static void note(struct world *w, int i, const struct sig_client_event *ev)
{
    char *log = w->log[i];
    size_t n = strlen(log);
    const struct sig_message *m = &ev->message;
    if (ev->type == SIG_CLIENT_CLOSED)
        snprintf(log + n, sizeof w->log[i] - n, "closed(%d,%d,%d) ", (int)ev->end, ev->code,
                 ev->status);
    else if (m->type == SIG_WELCOME)
        snprintf(log + n, sizeof w->log[i] - n, "welcome(%zu) ", m->peer_count);
    else if (m->type == SIG_ERROR)
        snprintf(log + n, sizeof w->log[i] - n, "error(%.*s) ", (int)m->code.len,
                 (const char *)m->code.at);
    else
        snprintf(log + n, sizeof w->log[i] - n, "%s(%.*s) ", sig_type_name(m->type),
                 (int)m->sdp.len, m->sdp.len ? (const char *)m->sdp.at : "");
    if (m->type >= SIG_OFFER) w->last_from = m->from;
    if (m->type == SIG_JOIN) w->id_of_join[i] = m->id;
}

/* One client's turn: events, then bytes both ways. True: something moved. */
static bool turn(struct world *w, int i, usec now)
{
    struct sig_client *c = w->client[i];
    bool moved = false;
    for (struct sig_client_event ev; sig_client_event(c, &ev); moved = true) {
        if (ev.type != SIG_CLIENT_CONNECT) {
            note(w, i, &ev);
        } else if (sig_server_open(w->server, &w->conn[i], now) == OK) {
            ck_assert_int_eq(sig_client_connected(c, now), OK);
        } else {
            sig_client_closed(c, now);
        }
    }
    struct bytes up = sig_client_output(c);
    if (w->conn[i] && up.len) {
        if (w->step) up = bytes_slice(up, 0, w->step);
        sig_server_input(w->server, w->conn[i], up, now);
        sig_client_wrote(c, up.len, now);
        moved = true;
    }
    struct bytes down = sig_server_output(w->server, w->conn[i]);
    if (w->conn[i] && down.len) {
        if (w->step) down = bytes_slice(down, 0, w->step);
        sig_client_input(c, down, now);
        sig_server_wrote(w->server, w->conn[i], down.len);
        moved = true;
    }
    if (w->conn[i] &&
        (sig_server_wants_close(w->server, w->conn[i]) || sig_client_wants_close(c))) {
        sig_server_closed(w->server, w->conn[i], now);
        sig_client_closed(c, now);
        w->conn[i] = 0;
        moved = true;
    }
    return moved;
}

static void run(struct world *w, usec now)
{
    for (bool moved = true; moved;) {
        moved = false;
        for (int i = 0; i < CLIENTS; i++)
            if (w->client[i] && turn(w, i, now)) moved = true;
    }
}

/* Lets time go on from wake to wake until `until`. */
static usec run_until(struct world *w, usec now, usec until)
{
    bool ticked = false;
    for (;;) {
        usec next = sig_server_deadline(w->server);
        for (int i = 0; i < CLIENTS; i++)
            if (w->client[i]) next = usec_min(next, sig_client_deadline(w->client[i]));
        if (next > until) return until;
        if (ticked) ck_assert_msg(next > now, "a deadline that its tick did not move on");
        ticked = true;
        now = usec_max(now, next);
        sig_server_tick(w->server, now);
        for (int i = 0; i < CLIENTS; i++)
            if (w->client[i]) sig_client_tick(w->client[i], now);
        run(w, now);
    }
}

static void call_of_two(size_t step)
{
    struct sig_server_config cfg = wire_config();
    struct world w;
    world_new(&w, &cfg);
    w.step = step;
    w.client[0] = new_client(10, "ws://here:8080/ws?room=a");
    run(&w, 0);
    ck_assert_str_eq(w.log[0], "welcome(0) ");
    w.client[1] = new_client(11, "ws://here:8080/ws?room=a");
    w.client[2] = new_client(12, "ws://here:8080/ws?room=other");
    run(&w, 0);
    ck_assert_str_eq(w.log[0], "welcome(0) join() ");
    ck_assert_str_eq(w.log[1], "welcome(1) ");
    ck_assert_str_eq(w.log[2], "welcome(0) ");
    ck_assert(sig_id_equal(&w.id_of_join[0], sig_client_id(w.client[1])));

    struct sig_message offer = {.type = SIG_OFFER, .to = *sig_client_id(w.client[0])};
    offer.sdp = bytes_of("v=0\r\n\"\\\xC3\xA9");
    ck_assert_int_eq(sig_client_send(w.client[1], &offer, 0), OK);
    run(&w, 0);
    ck_assert_str_eq(w.log[0], "welcome(0) join() offer(v=0\r\n\"\\\xC3\xA9) ");
    ck_assert(sig_id_equal(&w.last_from, sig_client_id(w.client[1])));
    struct sig_message answer = {.type = SIG_ANSWER, .to = w.last_from, .sdp = bytes_of("v=1")};
    ck_assert_int_eq(sig_client_send(w.client[0], &answer, 0), OK);
    run(&w, 0);
    ck_assert_str_eq(w.log[1], "welcome(1) answer(v=1) ");
    ck_assert_str_eq(w.log[2], "welcome(0) ");

    sig_client_close(w.client[1], 0);
    run(&w, 0);
    ck_assert_str_eq(w.log[1], "welcome(1) answer(v=1) closed(0,1000,0) ");
    ck_assert_int_eq(sig_client_state(w.client[1]), SIG_CLIENT_ENDED);
    ck_assert_ptr_nonnull(strstr(w.log[0], "leave() "));
    ck_assert_uint_eq(sig_server_rooms(w.server), 2);
    ck_assert_uint_eq(sig_server_counters(w.server)->relayed, 2);
    world_free(&w);
}

START_TEST(two_find_each_other)
{
    call_of_two(0);
}
END_TEST

START_TEST(two_find_each_other_byte_by_byte)
{
    call_of_two(1);
}
END_TEST

START_TEST(a_call_of_an_hour_is_kept_by_pings)
{
    struct sig_server_config cfg = wire_config();
    struct world w;
    world_new(&w, &cfg);
    w.client[0] = new_client(10, "ws://here:8080/ws?room=a");
    run(&w, 0);
    run_until(&w, 0, SEC(3600));
    ck_assert_str_eq(w.log[0], "welcome(0) ");
    ck_assert_int_eq(sig_client_state(w.client[0]), SIG_CLIENT_OPEN);
    world_free(&w);
}
END_TEST

START_TEST(a_lost_stream_comes_back_with_a_new_id)
{
    struct sig_server_config cfg = wire_config();
    struct world w;
    world_new(&w, &cfg);
    w.client[0] = new_client(10, "ws://here:8080/ws?room=a");
    w.client[1] = new_client(11, "ws://here:8080/ws?room=a");
    run(&w, 0);
    struct sig_id before = *sig_client_id(w.client[1]);
    sig_server_closed(w.server, w.conn[1], SEC(60));
    sig_client_closed(w.client[1], SEC(60));
    w.conn[1] = 0;
    run(&w, SEC(60));
    ck_assert_str_eq(w.log[1], "welcome(1) closed(2,0,0) ");
    ck_assert_str_eq(w.log[0], "welcome(0) join() leave() ");
    usec at = sig_client_deadline(w.client[1]);
    ck_assert_int_ge(at, SEC(60) + MS(250));
    ck_assert_int_le(at, SEC(60) + MS(500));
    run_until(&w, SEC(60), SEC(61));
    ck_assert_str_eq(w.log[1], "welcome(1) closed(2,0,0) welcome(1) ");
    ck_assert_str_eq(w.log[0], "welcome(0) join() leave() join() ");
    ck_assert(!sig_id_equal(&before, sig_client_id(w.client[1])));
    world_free(&w);
}
END_TEST

START_TEST(sixty_candidates_at_once_are_paced_not_lost)
{
    struct sig_server_config cfg = wire_config();
    struct world w;
    world_new(&w, &cfg);
    w.client[0] = new_client(10, "ws://here:8080/ws?room=a");
    w.client[1] = new_client(11, "ws://here:8080/ws?room=a");
    run(&w, 0);
    struct sig_message m = {.type = SIG_CANDIDATE, .to = *sig_client_id(w.client[0])};
    m.candidate.candidate = bytes_of("candidate:1 1 udp 1 192.0.2.1 9 typ host");
    for (int i = 0; i < 60; i++) ck_assert_int_eq(sig_client_send(w.client[1], &m, 0), OK);
    run(&w, 0);
    ck_assert_uint_eq(sig_server_counters(w.server)->relayed, SIG_CLIENT_RATE);
    run_until(&w, 0, SEC(2));
    ck_assert_uint_eq(sig_server_counters(w.server)->relayed, 60);
    ck_assert_uint_eq(sig_server_counters(w.server)->rate_limited, 0);
    world_free(&w);
}
END_TEST

START_TEST(a_room_of_ours_is_joined_before_the_first_welcome)
{
    struct sig_server_config cfg = wire_config();
    cfg.local_in_every_room = true;
    struct world w;
    world_new(&w, &cfg);
    w.client[0] = new_client(10, "ws://here:8080/ws?room=a");
    run(&w, 0);
    ck_assert_str_eq(w.log[0], "welcome(1) ");
    struct sig_server_event ev;
    ck_assert(sig_server_event(w.server, &ev));
    ck_assert_int_eq(ev.type, SIG_ROOM_OPENED);
    ck_assert_str_eq(ev.room, "a");
    ck_assert_uint_ne(ev.participant, 0);
    uint32_t ours = ev.participant;
    struct sig_id our_id = ev.id;
    ck_assert(sig_server_event(w.server, &ev));
    ck_assert_int_eq(ev.type, SIG_LOCAL_MESSAGE);
    ck_assert_int_eq(ev.message.type, SIG_JOIN);
    ck_assert(sig_id_equal(&ev.message.id, sig_client_id(w.client[0])));
    ck_assert(!sig_server_event(w.server, &ev));

    struct sig_message offer = {.type = SIG_OFFER, .to = our_id, .sdp = bytes_of("v=0")};
    ck_assert_int_eq(sig_client_send(w.client[0], &offer, 0), OK);
    run(&w, 0);
    ck_assert(sig_server_event(w.server, &ev));
    ck_assert_int_eq(ev.type, SIG_LOCAL_MESSAGE);
    ck_assert_int_eq(ev.message.type, SIG_OFFER);
    ck_assert_uint_eq(ev.participant, ours);
    ck_assert(bytes_is(ev.message.sdp, "v=0"));
    ck_assert(sig_id_equal(&ev.message.from, sig_client_id(w.client[0])));
    struct sig_message answer = {.type = SIG_ANSWER, .to = ev.message.from, .sdp = bytes_of("yes")};
    ck_assert_int_eq(sig_server_send_local(w.server, ours, &answer, 0), OK);
    run(&w, 0);
    ck_assert_str_eq(w.log[0], "welcome(1) answer(yes) ");
    ck_assert(sig_id_equal(&w.last_from, &our_id));

    sig_client_close(w.client[0], 0);
    run(&w, 0);
    ck_assert(sig_server_event(w.server, &ev));
    ck_assert_int_eq(ev.message.type, SIG_LEAVE);
    ck_assert(sig_server_event(w.server, &ev));
    ck_assert_int_eq(ev.type, SIG_ROOM_CLOSED);
    ck_assert_uint_eq(ev.participant, ours);
    ck_assert_uint_eq(sig_server_rooms(w.server), 0);
    ck_assert_int_eq(sig_server_send_local(w.server, ours, &answer, 0), E_STATE);
    world_free(&w);
}
END_TEST

START_TEST(the_page_is_served)
{
    struct sig_server_config cfg = wire_config();
    struct sig_server *s = sig_server_new(&cfg);
    struct wire w;
    wire_open(&w, s, 0);
    ck_assert_int_eq(wire_text(&w, "GET /?room=a HTTP/1.1\r\nHost: here\r\n\r\n", 0), OK);
    const char *got = wire_got(&w);
    ck_assert_ptr_nonnull(strstr(got, "HTTP/1.1 200 OK\r\n"));
    ck_assert_ptr_nonnull(strstr(got, "Content-Type: text/html; charset=utf-8\r\n"));
    ck_assert_ptr_nonnull(strstr(got, "\r\n\r\n<!doctype html><title>duet</title>"));
    ck_assert(w.closed);
    ck_assert_uint_eq(sig_server_sockets(s), 0);
    wire_free(&w);
    sig_server_free(s);
}
END_TEST

SUITE("signaling call", two_find_each_other, two_find_each_other_byte_by_byte,
      a_call_of_an_hour_is_kept_by_pings, a_lost_stream_comes_back_with_a_new_id,
      sixty_candidates_at_once_are_paced_not_lost,
      a_room_of_ours_is_joined_before_the_first_welcome, the_page_is_served)
