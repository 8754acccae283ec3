#include "apps/wiretap.h"

#include "tests/suite.h"

/* What went into the capture since the last look: the whole of it is written at once. */
static struct recorder *recorder;
static struct report report = {.json = false, .quiet = true};
static const char *path;

static struct bytes captured(void)
{
    recorder_close(recorder, SEC(1));
    recorder_free(recorder);
    FILE *f = fopen(path, "rb");
    ck_assert_ptr_nonnull(f);
    static uint8_t room[1 << 18];
    size_t n = fread(room, 1, sizeof room, f);
    fclose(f);
    remove(path);
    return (struct bytes){room, n};
}

static struct wiretap opened(unsigned call, bool early)
{
    char why[RECORDER_WHY_MAX];
    struct wiretap t;
    path = DUET_BINARY_DIR "/test_wiretap.pcapng";
    struct recorder_config cfg = {.report = &report, .paths = {[RECORDING_PCAP] = path}};
    recorder = recorder_new(&cfg, 0, why);
    ck_assert_msg(recorder != NULL, "%s", why);
    wiretap_init(&t, recorder, call, early);
    return t;
}

static bool has(struct bytes all, const char *text)
{
    size_t len = strlen(text);
    for (size_t i = 0; i + len <= all.len; i++)
        if (memcmp(all.at + i, text, len) == 0) return true;
    return false;
}

START_TEST(an_answer_is_announced_with_its_payload_types)
{
    struct wiretap t = opened(2, false);
    wiretap_answer(&t,
                   bytes_of("v=0\r\nm=video 9 X 96 97\r\na=rtpmap:96 VP8/90000\r\n"
                            "a=rtpmap:97 rtx/90000\na=rtpmap:broken\r\na=rtpmap:111 opus/48000/2"),
                   0);
    ck_assert_uint_eq(t.format_count, 3);
    struct bytes all = captured();
    ck_assert(has(all, "application/sdp"));
    ck_assert(has(all, "m=video 5006 RTP/AVP 96 97 111\r\na=rtpmap:96 VP8/90000\r\n"));
    ck_assert(has(all, "a=rtpmap:111 opus/48000/2\r\na=rtcp-mux\r\n"));
}
END_TEST

/* Whatever the other side writes: no more than there is room for, nothing announced of nothing. */
START_TEST(hostile_answers_have_bounds)
{
    static char many[32768];
    struct wiretap t = opened(1, false);
    wiretap_answer(&t, bytes_of(""), 0);
    wiretap_answer(&t, bytes_of("a=rtpmap:"), 0);
    ck_assert_uint_eq(t.format_count, 0);
    for (size_t i = 0; i < 300; i++) strcat(many, "a=rtpmap:96 a/1\r\n");
    wiretap_answer(&t, bytes_of(many), 0);
    ck_assert_uint_eq(t.format_count, WIRETAP_FORMATS);
    memset(many, 'x', 200);
    memcpy(many, "a=rtpmap:1 ", 11);
    wiretap_answer(&t, (struct bytes){(const uint8_t *)many, 200}, 0);
    ck_assert_uint_eq(t.format_count, 0);
    captured();
}
END_TEST

START_TEST(the_wire_has_its_addresses_and_the_plain_side_its_own)
{
    struct wiretap t = opened(1, false);
    static struct packet p;
    packet_reset(&p);
    packet_set(&p, bytes_of("on the wire"));
    p.route.local = addr_ipv4(10, 0, 0, 1, 1000);
    p.route.remote = addr_ipv4(10, 0, 0, 2, 2000);
    wiretap_wire(&t, &p, true, 0);
    struct peer_plain plain = {.sent = true, .packet = bytes_of("in plain")};
    wiretap_plain(&t, &plain, 0);
    struct bytes all = captured();
    ck_assert(has(all, "\x03\xe8\x07\xd0")); /* from port 1000 to 2000 */
    ck_assert(has(all, "on the wire"));
    ck_assert(has(all, "\xc6\x33\x64\x01\xc6\x33\x64\x02\x13\x8c\x13\x8c"));
    ck_assert(has(all, "in plain"));
}
END_TEST

/* Packets that are seen before the connection has them wait for the secrets, within a bound. */
START_TEST(early_packets_wait_for_the_secrets_within_a_bound)
{
    static struct packet p;
    struct wiretap t = opened(1, true);
    packet_reset(&p);
    packet_set(&p, bytes_of("waits"));
    p.route.local = addr_ipv4(10, 0, 0, 1, 1000);
    p.route.remote = addr_ipv4(10, 0, 0, 2, 2000);
    wiretap_wire(&t, &p, false, 0);
    ck_assert_uint_gt(t.waiting_len, 0);
    p.len = PACKET_MAX;
    for (int i = 0; i < 40; i++) wiretap_wire(&t, &p, false, 0);
    ck_assert_ptr_null(t.waiting);
    wiretap_end(&t);
    ck_assert(has(captured(), "waits"));

    t = opened(1, true); /* a call that never had keys */
    packet_set(&p, bytes_of("until the end"));
    wiretap_wire(&t, &p, false, 0);
    wiretap_end(&t);
    ck_assert(has(captured(), "until the end"));
}
END_TEST

SUITE("apps wiretap", early_packets_wait_for_the_secrets_within_a_bound,
      an_answer_is_announced_with_its_payload_types, hostile_answers_have_bounds,
      the_wire_has_its_addresses_and_the_plain_side_its_own)
