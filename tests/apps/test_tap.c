/* The recorder and a tap on one side of a call in virtual time: what is in the files. */
#define _XOPEN_SOURCE 700

#include "apps/tap.h"

#include "tests/suite.h"

#include "tests/peer/duo.h"

#include <unistd.h>

static struct report report = {.json = true, .quiet = true};
static char names[RECORDINGS][32];
static struct recorder *recorder;
static struct tap *tap;

static void open_all(struct peer_config *cfg)
{
    char why[RECORDER_WHY_MAX];
    struct recorder_config files = {.report = &report, .unix_us = DUO_UNIX_SEC * SEC(1)};
    for (size_t i = 0; i < RECORDINGS; i++) {
        strcpy(names[i], "/tmp/duet-tap-XXXXXX");
        close(mkstemp(names[i]));
        files.paths[i] = names[i];
    }
    recorder = recorder_new(&files, 0, why);
    ck_assert_msg(recorder != NULL, "%s", why);
    tap = tap_new(recorder, cfg, false, 0);
    ck_assert_ptr_nonnull(tap);
}

/* The whole of a file, which is gone afterwards. */
static char *close_one(enum recording which)
{
    FILE *f = fopen(names[which], "rb");
    ck_assert_ptr_nonnull(f);
    char *text = calloc(1, 4 << 20);
    size_t n = fread(text, 1, (4 << 20) - 1, f);
    ck_assert_uint_gt(n, 0);
    fclose(f);
    unlink(names[which]);
    return text;
}

static void show(struct duo *d, int from, struct packet *p)
{
    if (from != 0) return;
    tap_made(tap, d->side[0], p, d->now);
    tap_wire(tap, p, true, d->now);
}

/* The call of side 0 by hand, since what comes in must pass the tap too. */
static void talk(struct duo *d, usec until)
{
    static struct packet in;
    while (d->now < until) {
        duo_drain(d);
        d->now += MS(5);
        duo_clock = d->now;
        for (int i = 0; i < 2; i++)
            if (peer_deadline(d->side[i]) <= d->now) {
                if (i == 0) tap_tick(tap, d->side[0], d->now);
                peer_tick(d->side[i], d->now);
            }
        for (size_t i = 0; i < d->count;) {
            if (d->flying[i].to != 0 || d->flying[i].at > d->now) {
                i++;
                continue;
            }
            packet_copy(&in, &d->flying[i].packet);
            d->count--;
            for (size_t k = i; k < d->count; k++) {
                d->flying[k].at = d->flying[k + 1].at;
                d->flying[k].to = d->flying[k + 1].to;
                packet_copy(&d->flying[k].packet, &d->flying[k + 1].packet);
            }
            tap_before(tap, &in);
            enum err err = peer_input(d->side[0], &in, d->now);
            tap_taken(tap, d->side[0], err, d->now);
            duo_drain(d);
        }
        duo_deliver(d);
    }
}

static size_t count_of(const char *text, const char *part)
{
    size_t n = 0;
    for (; (text = strstr(text, part)) != NULL; text++) n++;
    return n;
}

START_TEST(a_call_is_in_all_files)
{
    struct duo d;
    struct peer_config cfg[2] = {duo_config(0, 1), duo_config(1, 1)};
    open_all(&cfg[0]);
    ck_assert(cfg[0].keylog && cfg[0].plain);
    duo_init_with(&d, cfg, 1);
    d.on_send = show;
    duo_open(&d, false);
    ck_assert_int_eq(duo_negotiate(&d, 0), OK);
    struct sig_message answer = {.type = SIG_ANSWER,
                                 .sdp = bytes_of("v=0\r\na=ice-pwd:swordfish\r\n"
                                                 "a=rtpmap:111 opus/48000/2\r\n")};
    tap_message(tap, &answer, false, 0);
    talk(&d, SEC(2));
    ck_assert_int_eq(peer_state(d.side[0]), PEER_CONNECTED);
    tap_selected(tap, d.side[0], d.now);
    tap_dtls(tap, d.side[0], d.now);
    recorder_close(recorder, d.now);
    tap_free(tap);
    recorder_free(recorder);

    char *text = close_one(RECORDING_TRACE);
    ck_assert_uint_gt(count_of(text, "\"type\":\"input\",\"layer\":\"wire\""), 3);
    ck_assert_uint_gt(count_of(text, "\"type\":\"output\",\"layer\":\"wire\""), 3);
    ck_assert_uint_gt(count_of(text, "\"type\":\"timer\""), 0);
    ck_assert_uint_eq(count_of(text, "\"what\":\"pair\""), 1);
    ck_assert_uint_eq(count_of(text, "\"what\":\"srtp-profile\""), 1);
    ck_assert_uint_gt(count_of(text, "a=ice-pwd:*********\\r\\n"), 0);
    ck_assert_uint_eq(count_of(text, "swordfish"), 0);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        json_t *o = json_loads(line, 0, NULL);
        ck_assert_msg(o != NULL, "%s", line);
        json_decref(o);
    }
    free(text);
    text = close_one(RECORDING_KEYLOG);
    ck_assert_uint_eq(count_of(text, "CLIENT_RANDOM "), 1);
    ck_assert_uint_eq(count_of(text, "\n"), 1);
    free(text);
    free(close_one(RECORDING_PCAP)); /* tests/programs has Wireshark read it */
    text = close_one(RECORDING_STATS);
    ck_assert_uint_gt(count_of(text, "PeerConnections"), 0);
    free(text);
    duo_free(&d);
}
END_TEST

START_TEST(nothing_asked_for_is_idle)
{
    struct recorder_config none = {.report = &report}, one = none;
    one.paths[RECORDING_STATS] = "x";
    ck_assert(recorder_idle(&none));
    ck_assert(!recorder_idle(&one));
}
END_TEST

/* One that was asked for alone asks the connection for no more than it needs. */
START_TEST(a_trace_alone_asks_for_no_secrets)
{
    char why[RECORDER_WHY_MAX];
    struct peer_config cfg = {.identity = NULL};
    struct recorder_config files = {.report = &report, .paths = {[RECORDING_TRACE] = "/dev/null"}};
    struct recorder *r = recorder_new(&files, 0, why);
    ck_assert_msg(r != NULL, "%s", why);
    struct tap *t = tap_new(r, &cfg, false, 0);
    ck_assert(!cfg.keylog && cfg.plain);
    ck_assert(recorder_has(r, RECORDING_TRACE) && !recorder_has(r, RECORDING_PCAP));
    tap_free(t);
    recorder_free(r);
}
END_TEST

START_TEST(a_full_disk_ends_one_file_and_not_the_others)
{
    char why[RECORDER_WHY_MAX];
    struct recorder_config files = {
        .report = &report,
        .paths = {[RECORDING_TRACE] = "/dev/full", [RECORDING_KEYLOG] = "/dev/null"}};
    report.json = false;
    struct recorder *r = recorder_new(&files, 0, why);
    ck_assert_msg(r != NULL, "%s", why);
    recorder_step(r, SEC(1));
    ck_assert(!recorder_has(r, RECORDING_TRACE));
    ck_assert(recorder_has(r, RECORDING_KEYLOG));
    recorder_trace(r, 1, "state", json_object(), SEC(2));
    ck_assert_int_eq(recorder_deadline(r), TIME_NEVER);
    recorder_close(r, SEC(3));
    recorder_free(r);
}
END_TEST

SUITE("apps tap", a_call_is_in_all_files, nothing_asked_for_is_idle,
      a_trace_alone_asks_for_no_secrets, a_full_disk_ends_one_file_and_not_the_others)
