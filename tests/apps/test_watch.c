/* Those who look at our calls: what they are told, what is only counted, and what nobody waits for.
 */
#include "apps/watch.h"

#include "tests/suite.h"

#include "apps/session.h"
#include "apps/tap.h"
#include "tests/peer/duo.h"

#include <string.h>

static struct watch *w;
static struct sig_message m;

static struct sig_id id_of(const char *text)
{
    struct sig_id id;
    ck_assert(sig_id_set(&id, bytes_of(text)));
    return id;
}

static void begin(const char *who)
{
    struct sig_id id = id_of(who);
    if (!w) w = watch_new(SEC(1790000000), 0, 0);
    ck_assert_ptr_nonnull(w);
    ck_assert(watch_add(w, &id));
}

static void end(void)
{
    watch_free(w);
    w = NULL;
}

/* All that is due for everybody at this time, as one text. */
static char *said(usec now)
{
    char *all = calloc(1, 1);
    for (int i = 0; watch_message(w, &m, now); i++) {
        char *body = json_dumps(m.body, JSON_COMPACT);
        size_t len = strlen(all), more = strlen(body) + 100;
        ck_assert_int_lt(i, 1000);
        ck_assert_uint_lt(more, SIG_MESSAGE_MAX);
        all = realloc(all, len + more);
        snprintf(all + len, more, "%s %s %u%s ", m.to.text, sig_type_name(m.type), m.number,
                 m.more ? "+" : "");
        strcat(all, body);
        strcat(all, "\n");
        free(body);
    }
    return all;
}

static size_t count_of(const char *text, const char *part)
{
    size_t n = 0;
    for (; (text = strstr(text, part)) != NULL; text++) n++;
    return n;
}

static void expect(usec now, const char *part, size_t times)
{
    char *all = said(now);
    ck_assert_msg(count_of(all, part) == times, "%zu times %s in %s", count_of(all, part), part,
                  all);
    free(all);
}

static const uint8_t stun[20] = {0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42};

static bool datagram(unsigned call, uint8_t first, uint8_t second, usec now)
{
    uint8_t room[40] = {first, second};
    uint32_t number;
    return watch_datagram(w, call, (struct bytes){room, sizeof room}, false, &number, now);
}

static void line(unsigned call, usec now)
{
    json_t *members = json_pack("{s:s}", "layer", "test");
    watch_line(w, call, "state", members, now);
    json_decref(members);
}

START_TEST(lines_come_in_batches)
{
    struct sig_id peer = id_of("peer");
    begin("a");
    expect(0, "\"type\":\"trace\",\"version\":1", 1); /* at once */
    unsigned call = watch_call(w, &peer, 0, MS(10));
    line(call, MS(20));
    ck_assert_int_eq(watch_deadline(w), WATCH_EVERY);
    ck_assert(!watch_message(w, &m, MS(20)));
    expect(WATCH_EVERY, "\"state\":\"new\",\"peer\":\"peer\"", 1);
    ck_assert_int_eq(watch_deadline(w), TIME_NEVER);
    line(call, SEC(1));
    expect(SEC(1), "{\"t\":1.0,\"call\":1,\"type\":\"state\",\"layer\":\"test\"}", 1);
    end();
}
END_TEST

START_TEST(who_comes_late_gets_what_is_kept)
{
    begin("a");
    for (int i = 0; i < 20; i++) line(0, SEC(1));
    expect(SEC(1), "\"test\"", 20);
    begin("b");
    expect(SEC(2), "b trace", 1);
    begin("b"); /* loaded again */
    expect(SEC(3), "\"version\":1", 1);
    end();
}
END_TEST

START_TEST(each_batch_has_a_bound)
{
    char long_text[2000];
    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    json_t *members = json_pack("{s:s}", "layer", long_text);
    begin("a");
    for (int i = 0; i < 60; i++) watch_line(w, 0, "state", members, SEC(1));
    json_decref(members);
    size_t lines = 0;
    for (int i = 0; lines < 61; i++) {
        ck_assert(watch_message(w, &m, SEC(1) + i * WATCH_EVERY));
        char *text = json_dumps(m.body, JSON_COMPACT);
        ck_assert_uint_le(strlen(text), WATCH_BATCH_MAX);
        lines += json_array_size(m.body);
        free(text);
        ck_assert(!watch_message(w, &m, SEC(1) + i * WATCH_EVERY)); /* not before the next is due */
    }
    ck_assert_uint_eq(lines, 61);
    ck_assert_int_eq(watch_deadline(w), TIME_NEVER);
    end();
}
END_TEST

START_TEST(a_line_too_long_loses_its_list_or_is_lost)
{
    static char text[WATCH_LINE_MAX];
    memset(text, 'y', sizeof text - 1);
    begin("a");
    json_t *list = json_pack("{s:s,s:s}", "what", "pair", "over", text);
    watch_line(w, 0, "decision", list, 0);
    json_t *all = json_pack("{s:s}", "what", text);
    watch_line(w, 0, "decision", all, 0);
    line(0, 0);
    char *got = said(0);
    ck_assert_uint_eq(count_of(got, "\"what\":\"pair\"}"), 1);
    ck_assert_uint_eq(count_of(got, "yyy"), 0);
    ck_assert_uint_eq(count_of(got, "\"type\":\"lost\",\"lines\":1"), 1);
    free(got);
    json_decref(list), json_decref(all);
    end();
}
END_TEST

/* What comes faster than anybody could read is lost, and that is said. */
START_TEST(a_flood_is_lost_and_counted)
{
    struct sig_id peer = id_of("peer");
    uint32_t number;
    begin("a");
    unsigned call = watch_call(w, &peer, 0, 0);
    size_t told = 0;
    for (int i = 0; i < 10000; i++)
        told += watch_datagram(w, call, (struct bytes){stun, sizeof stun}, false, &number, MS(1));
    ck_assert_uint_le(told, WATCH_BURST + 1);
    ck_assert_uint_eq(watch_counters(w)->lost, 10000 - told);
    line(call, SEC(1));
    char *got = said(SEC(1)), want[64];
    snprintf(want, sizeof want, "\"type\":\"lost\",\"lines\":%d", 10000 - (int)told);
    ck_assert_msg(strstr(got, want) != NULL, "%s in %s", want, got);
    free(got);
    end();
}
END_TEST

/* A watcher that does not read keeps its place; what is no longer kept by then is counted. */
START_TEST(a_watcher_that_stalls_is_left_alone)
{
    begin("a"), begin("b");
    free(said(0));
    usec now = SEC(1);
    for (int i = 0; i < 3 * WATCH_LAST; i++, now += SEC(1) / 50) {
        line(0, now);
        watch_unread(w, 0, WATCH_UNREAD_MAX + 1, now);
        char *got = said(now);
        ck_assert_ptr_null(strstr(got, "a trace"));
        free(got);
    }
    watch_unread(w, 0, WATCH_UNREAD_MAX + 1, now);
    while (watch_message(w, &m, now + WATCH_EVERY - 1)) ck_assert_str_eq(m.to.text, "b");
    ck_assert_int_eq(watch_deadline(w), now + WATCH_EVERY); /* when it is looked at again */
    char want[64];
    uint64_t lost = 3 * WATCH_LAST + 1 - WATCH_FIRST - WATCH_LAST;
    size_t found = 0, lines = 0;
    snprintf(want, sizeof want, "\"lost\",\"lines\":%u", (unsigned)lost);
    for (int i = 0; i < 20; i++) {
        char *got = said(now += SEC(1));
        found += count_of(got, want);
        lines += count_of(got, "\"test\"");
        free(got);
    }
    ck_assert_uint_eq(found, 1);
    ck_assert_uint_eq(lines, WATCH_FIRST + WATCH_LAST - 1);
    end();
}
END_TEST

START_TEST(of_media_the_first_of_a_kind_is_told_and_the_rest_is_counted)
{
    struct sig_id peer = id_of("peer");
    begin("a");
    unsigned call = watch_call(w, &peer, 0, 0);
    ck_assert(datagram(call, 0x80, 111, MS(1)));
    ck_assert(datagram(call, 0x80, 96, MS(1)));
    ck_assert(!datagram(call, 0x80, 96 | 128, MS(1))); /* the marker is no other kind */
    ck_assert(datagram(call, 0x80, 200, MS(1)));       /* SR */
    ck_assert(datagram(call, 0x81, 205, MS(1)));       /* NACK */
    ck_assert(datagram(call, 0x8F, 205, MS(1)));       /* transport-cc */
    ck_assert(!datagram(call, 0x8F, 205, MS(2)));
    ck_assert(!datagram(call, 0x81, 200, MS(2))); /* one report or none: the same kind */
    for (int i = 0; i < 500; i++) ck_assert(!datagram(call, 0x80, 111, MS(3)));
    ck_assert_uint_eq(watch_counters(w)->counted, 503);
    free(said(MS(500)));
    ck_assert_int_eq(watch_deadline(w), MS(1) + WATCH_MEDIA_EVERY);
    expect(MS(1) + WATCH_MEDIA_EVERY,
           "\"type\":\"media\",\"since\":0.001,\"in\":{\"srtp\":501,\"srtcp\":2,\"bytes\":20120}",
           1);
    ck_assert_int_eq(watch_deadline(w), TIME_NEVER);
    end();
}
END_TEST

START_TEST(frames_are_told_once_a_track)
{
    struct sig_id peer = id_of("peer");
    begin("a");
    unsigned call = watch_call(w, &peer, 0, 0);
    ck_assert(watch_frame(w, call, 0, true));
    ck_assert(!watch_frame(w, call, 0, true));
    ck_assert(watch_frame(w, call, 0, false));
    ck_assert(watch_frame(w, call, 1, true));
    ck_assert(!watch_frame(w, call, PEER_TRACKS_MAX, true));
    ck_assert(!watch_frame(w, 99, 0, true));
    end();
}
END_TEST

START_TEST(calls_and_watchers_have_bounds)
{
    char name[16];
    begin("w0");
    for (int i = 1; i < WATCH_WATCHERS_MAX; i++) {
        snprintf(name, sizeof name, "w%d", i);
        begin(name);
    }
    struct sig_id more = id_of("more"), first = id_of("w0");
    ck_assert(!watch_add(w, &more));
    ck_assert(watch_add(w, &first));
    watch_remove(w, &first);
    watch_remove(w, &first);
    ck_assert(watch_add(w, &more));
    unsigned last = 0;
    for (int i = 0; i < WATCH_CALLS_MAX; i++)
        ck_assert_uint_ne(last = watch_call(w, &more, 0, SEC(i)), 0);
    ck_assert_uint_eq(watch_call(w, &more, 0, SEC(100)), 0);
    ck_assert(!datagram(0, 0x80, 111, SEC(100))); /* of the call that has no number */
    watch_call_over(w, last, SEC(100));
    watch_call_over(w, last, SEC(100));
    watch_call_over(w, 0, SEC(100));
    ck_assert_uint_eq(watch_call(w, &more, 0, SEC(101)), last + 1);
    end();
    watch_free(NULL);
}
END_TEST

START_TEST(a_message_opens_in_parts)
{
    struct bytes sdp = suite_file("tests/corpus/sdp/chromium-156-offer-av-data.sdp");
    begin("a");
    uint32_t number = watch_text(w, "sdp", sdp);
    free((void *)(uintptr_t)sdp.at);
    free(said(0));
    struct sig_id a = id_of("a"), nobody = id_of("nobody");
    watch_ask(w, &a, number, SEC(1));
    watch_ask(w, &nobody, number, SEC(1));
    size_t fields = 0, parts = 0;
    usec now = SEC(1);
    do {
        ck_assert_int_le(watch_deadline(w), now);
        ck_assert(watch_message(w, &m, now));
        ck_assert_int_eq(m.type, SIG_EXPLAINED);
        ck_assert_uint_eq(m.number, number);
        ck_assert_int_eq(json_object_get(m.body, "hex") != NULL, parts == 0);
        fields += json_array_size(json_object_get(m.body, "fields"));
        char *text = json_dumps(m.body, JSON_COMPACT);
        ck_assert_uint_lt(strlen(text), SIG_MESSAGE_MAX - 300);
        ck_assert_ptr_null(strstr(text, "iqfDhb4q93xsLy"));
        free(text);
        parts++;
        now += WATCH_PART_EVERY;
    } while (m.more);
    ck_assert_uint_gt(parts, 1);
    ck_assert_uint_gt(fields, 150);
    ck_assert(!watch_message(w, &m, now));
    watch_ask(w, &a, 77, now);
    expect(now, "\"code\":\"gone\"", 1);
    end();
}
END_TEST

START_TEST(questions_have_a_rate)
{
    begin("a");
    free(said(0));
    struct sig_id a = id_of("a");
    for (int i = 0; i < 100; i++) watch_ask(w, &a, 1, SEC(5));
    size_t answers = 0;
    for (usec now = SEC(5); now < SEC(10); now += WATCH_PART_EVERY) {
        char *got = said(now);
        answers += count_of(got, "a explained 1");
        free(got);
    }
    ck_assert_uint_eq(answers, WATCH_ASKS);
    ck_assert_uint_eq(watch_counters(w)->refused, 100 - WATCH_ASKS);
    watch_ask(w, &a, 1, SEC(10));
    expect(SEC(10), "a explained 1", 1);
    end();
}
END_TEST

/* ---- a call, through its tap ---- */

static struct tap *tap;

static void show(struct duo *d, int from, struct packet *p)
{
    if (from == 0) tap_made(tap, d->side[0], p, d->now);
}

static char *everything(usec now)
{
    char *all = calloc(1, 1 << 20);
    for (int i = 0; i < 30; i++) {
        char *part = said(now += SEC(1));
        ck_assert_uint_lt(strlen(all) + strlen(part), 1 << 20);
        strcat(all, part);
        free(part);
    }
    return all;
}

START_TEST(a_call_without_recorder_is_shown)
{
    struct duo d;
    struct peer_config cfg[2] = {duo_config(0, 1), duo_config(1, 1)};
    struct sig_id peer = id_of("peer");
    tap = tap_new(NULL, NULL, false, 0);
    ck_assert_ptr_nonnull(tap);
    duo_init_with(&d, cfg, 1);
    d.on_send = show;
    begin("a");
    tap_watch(tap, w, &peer, 0, d.side[0], 0);
    duo_open(&d, false);
    ck_assert_int_eq(duo_negotiate(&d, 0), OK);
    struct sig_message answer = {.type = SIG_ANSWER,
                                 .sdp = bytes_of("v=0\r\na=ice-pwd:swordfish\r\n"
                                                 "a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n")};
    tap_message(tap, &answer, false, 0);
    duo_run(&d, SEC(2));
    ck_assert_int_eq(peer_state(d.side[0]), PEER_CONNECTED);
    tap_stats(tap, NULL, d.now); /* goes nowhere */
    char *all = everything(d.now);
    ck_assert_uint_gt(count_of(all, "\"protocol\":\"stun\""), 1);
    ck_assert_uint_gt(count_of(all, "\"protocol\":\"dtls\""), 1);
    ck_assert_uint_eq(count_of(all, "\"candidates\":1,\"number\":"), 1);
    ck_assert_uint_eq(count_of(all, "swordfish"), 0);
    ck_assert_uint_eq(count_of(all, "\"sdp\""), 0);
    ck_assert_uint_eq(count_of(all, "\"standing\""), 0);
    free(all);

    /* Somebody else, while the call goes on: how it stands. */
    struct watch *first = w;
    w = NULL;
    tap_watch(tap, NULL, NULL, 0, NULL, d.now);
    begin("b");
    tap_watch(tap, w, &peer, 0, d.side[0], d.now);
    all = everything(d.now);
    ck_assert_uint_eq(count_of(all, "\"state\":\"connected\",\"standing\":true"), 2); /* and DTLS */
    ck_assert_uint_eq(count_of(all, "\"what\":\"pair\""), 1);
    ck_assert_uint_eq(count_of(all, "\"what\":\"srtp-profile\""), 1);
    free(all);
    tap_free(tap);
    expect(d.now + SEC(60), "\"state\":\"over\"", 1);
    end();
    watch_free(first);
    duo_free(&d);
}
END_TEST

/* Nobody looks: nobody is told, and there is nothing to tell it with. */
START_TEST(a_session_has_a_tap_only_while_somebody_looks)
{
    char why[512];
    struct report report = {.quiet = true};
    struct loop *loop = loop_new();
    struct dtls_identity *identity = dtls_identity_new(DUO_UNIX_SEC);
    struct session_config cfg = {.peer = {.identity = identity,
                                          .unix_us = SEC(DUO_UNIX_SEC),
                                          .audio = {true, true},
                                          .video = {true, true}},
                                 .loop = loop,
                                 .own = id_of("own"),
                                 .remote = id_of("peer"),
                                 .report = &report};
    rng_init_number(&cfg.peer.rng, 1);
    struct session *s = session_new(&cfg, 0, why, sizeof why);
    ck_assert_msg(s != NULL, "%s", why);
    ck_assert(!session_tapped(s));
    ck_assert(session_watch(s, NULL, 0));
    ck_assert(!session_tapped(s));
    begin("a");
    ck_assert(session_watch(s, w, 0));
    ck_assert(session_tapped(s));
    session_offer(s, MS(1));
    expect(MS(1), "\"message\":\"offer\"", 1);
    ck_assert(session_watch(s, NULL, MS(2)));
    ck_assert(!session_tapped(s));
    expect(SEC(1), "\"state\":\"over\"", 1);
    session_hang_up(s, SEC(1));
    expect(SEC(2), "\"test\"", 0);
    end();
    session_free(s);
    dtls_identity_free(identity);
    loop_free(loop);
}
END_TEST

SUITE("apps watch", lines_come_in_batches, who_comes_late_gets_what_is_kept, each_batch_has_a_bound,
      a_line_too_long_loses_its_list_or_is_lost, a_flood_is_lost_and_counted,
      a_watcher_that_stalls_is_left_alone,
      of_media_the_first_of_a_kind_is_told_and_the_rest_is_counted, frames_are_told_once_a_track,
      calls_and_watchers_have_bounds, a_message_opens_in_parts, questions_have_a_rate,
      a_call_without_recorder_is_shown, a_session_has_a_tap_only_while_somebody_looks)
