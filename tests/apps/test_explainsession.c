/* Real calls with Chromium and Firefox: Chromium moves to another address pair in the middle, with
 * no end in common. */
#include "apps/explainsession.h"

#include "peer/demux.h"
#include "rtp/packet.h"
#include "stun/message.h"
#include "tests/apps/heardcall.h"

static struct heardcall call;

static void learn_one(struct sessions *s, const struct datagram *d)
{
    enum demux kind = demux_of(d->payload);
    if (kind == DEMUX_STUN) sessions_check(s, &d->from, &d->to, d->payload);
    if (kind == DEMUX_DTLS) sessions_learn(s, &d->from, &d->to, d->payload);
}

static struct sessions *learned(const struct heardcall *h)
{
    struct sessions *s = sessions_new();
    ck_assert_ptr_nonnull(s);
    for (size_t i = 0; i < h->count; i++) learn_one(s, &h->wire[i]);
    return s;
}

static struct sessions *learned_with_log(const struct heardcall *h)
{
    struct sessions *s = learned(h);
    sessions_keylog(s, h->keylog);
    return s;
}

/* How many packets are, or are not, opened. */
struct tally {
    size_t media, media_closed, records, records_closed;
    const char *why; /* of the last one that stayed closed */
};

static void open_one(struct sessions *s, const struct datagram *d, struct tally *t)
{
    uint8_t room[2048];
    struct bytes plain;
    enum demux kind = demux_of(d->payload);
    if (kind == DEMUX_RTP || kind == DEMUX_RTCP) {
        const char *why =
            sessions_srtp(s, &d->from, &d->to, d->payload, kind == DEMUX_RTCP, room, &plain);
        t->media += !why;
        t->media_closed += why != NULL;
        if (why) t->why = why;
        if (why) ck_assert_uint_eq(plain.len, 0);
    }
    struct reader r = reader_of(d->payload);
    bool sealed = false;
    for (struct dtls_record record; kind == DEMUX_DTLS && dtls_record_next(&r, &record);)
        sealed = sealed || record.epoch;
    if (!sealed) return;
    struct dtls_explain_options o = {0};
    sessions_dtls(s, &d->from, &d->to, d->payload, &o);
    t->records += o.secrets != NULL;
    t->records_closed += !o.secrets;
    if (!o.secrets) t->why = o.sealed;
}

static struct tally open_all(struct sessions *s, const struct heardcall *h)
{
    struct tally t = {0};
    for (size_t i = 0; i < h->count; i++) open_one(s, &h->wire[i], &t);
    return t;
}

static void opens_all(struct sessions *s, const struct heardcall *h)
{
    char text[256];
    struct tally t = open_all(s, h);
    ck_assert_uint_eq(t.media_closed, 0);
    ck_assert_uint_eq(t.records_closed, 0);
    ck_assert_uint_gt(t.media, 10);
    ck_assert_uint_ge(t.records, 2);
    ck_assert(!sessions_remark(s, 0, text, sizeof text));
}

START_TEST(everything_opens_with_the_secrets)
{
    static const char *const files[] = {HEARDCALL_CHROMIUM, HEARDCALL_FIREFOX};
    for (size_t i = 0; i < COUNT(files); i++) {
        heardcall_read(&call, files[i]);
        struct sessions *s = learned_with_log(&call);
        opens_all(s, &call);
        opens_all(s, &call); /* as on a second interface */
        sessions_free(s);
        heardcall_free(&call);
    }
}
END_TEST

/* RFC 8445 §12.1: media moves to another pair; and where nothing tells that it is of this session,
 * its tag does. */
START_TEST(other_pairs_of_the_same_session_open_too)
{
    heardcall_read(&call, HEARDCALL_CHROMIUM);
    struct sessions *s = sessions_new();
    size_t moved = 0;
    for (size_t i = 0; i < call.count; i++) {
        moved += call.wire[i].from.family == ADDR_IPV6;
        if (demux_of(call.wire[i].payload) == DEMUX_DTLS) learn_one(s, &call.wire[i]);
    }
    ck_assert_uint_gt(moved, 5);
    const struct addr *from = &call.wire[2].from, *to = &call.wire[2].to;
    ck_assert(sessions_has(s, from, to));
    struct addr v6[2] = {{0}};
    for (size_t i = 0; i < call.count; i++)
        if (call.wire[i].from.family == ADDR_IPV6) {
            v6[0] = call.wire[i].from;
            v6[1] = call.wire[i].to;
        }
    ck_assert(!sessions_has(s, &v6[0], &v6[1]));
    sessions_keylog(s, call.keylog);
    opens_all(s, &call);
    sessions_free(s);

    s = learned(&call);
    ck_assert(sessions_has(s, &v6[0], &v6[1]) && sessions_has(s, &v6[1], &v6[0]));
    ck_assert(!sessions_has(s, &v6[0], from));
    sessions_free(s);
    heardcall_free(&call);
}
END_TEST

/* Both calls on one address pair, the client's and the server's end changed over in the second. */
START_TEST(several_associations_on_one_pair)
{
    struct heardcall second;
    struct addr a = addr_ipv4(192, 0, 2, 1, 1000), b = addr_ipv4(192, 0, 2, 2, 2000);
    heardcall_read(&call, HEARDCALL_CHROMIUM);
    heardcall_read(&second, HEARDCALL_FIREFOX);
    struct heardcall *both[] = {&call, &second};
    struct sessions *s = sessions_new();
    for (size_t k = 0; k < 2; k++) {
        struct addr us = both[k]->wire[0].to; /* browsers begin: they are clients */
        for (size_t i = 0; i < both[k]->count; i++) {
            struct datagram *d = &both[k]->wire[i];
            bool up = d->to.family == us.family ? addr_equal(&d->to, &us) : d->to.port == 45940;
            if (k == 1) up = !up;
            d->from = up ? a : b;
            d->to = up ? b : a;
            learn_one(s, d);
        }
    }
    for (size_t k = 0; k < 2; k++) sessions_keylog(s, both[k]->keylog);
    for (size_t k = 0; k < 2; k++) opens_all(s, both[k]);
    opens_all(s, both[0]);
    sessions_free(s);
    heardcall_free(&call);
    heardcall_free(&second);
}
END_TEST

START_TEST(without_a_key_log_nothing_is_said)
{
    char text[256];
    heardcall_read(&call, HEARDCALL_FIREFOX);
    struct sessions *s = learned(&call);
    struct tally t = open_all(s, &call);
    ck_assert_uint_eq(t.media + t.records, 0);
    ck_assert(!t.why || t.why[0] == 0);
    ck_assert(!sessions_remark(s, 0, text, sizeof text));
    sessions_free(s);
    heardcall_free(&call);
}
END_TEST

static void stays_closed(struct sessions *s, const char *why, const char *remark)
{
    char text[256];
    struct tally t = open_all(s, &call);
    ck_assert_uint_eq(t.media + t.records, 0);
    ck_assert_uint_gt(t.media_closed, 10);
    ck_assert_msg(strstr(t.why, why) != NULL, "%s", t.why);
    if (remark) {
        ck_assert(sessions_remark(s, 0, text, sizeof text));
        ck_assert_msg(strstr(text, remark) != NULL, "%s", text);
    }
    ck_assert(!sessions_remark(s, remark != NULL, text, sizeof text));
    sessions_free(s);
}

START_TEST(why_it_stays_closed_is_said)
{
    struct heardcall other;
    heardcall_read(&call, HEARDCALL_FIREFOX);
    heardcall_read(&other, HEARDCALL_CHROMIUM);

    /* Another call's log; an empty one. */
    struct sessions *s = learned(&call);
    sessions_keylog(s, other.keylog);
    stays_closed(s, "has no line for the ClientHello", "no secret for any DTLS handshake");
    s = learned(&call);
    sessions_keylog(s, bytes_of(""));
    stays_closed(s, "has no line for the ClientHello", "lines with secrets: 0, handshakes: 1");

    /* The right line with a wrong secret; which comes before the right one. */
    char wrong[512];
    bytes_to_text(call.keylog, wrong, sizeof wrong);
    size_t last = strcspn(wrong, "\n") - 1;
    wrong[last] = wrong[last] == '0' ? '1' : '0';
    s = learned(&call);
    sessions_keylog(s, bytes_of(wrong));
    sessions_keylog(s, call.keylog);
    stays_closed(s, "does not open it", "opens nothing of it");

    /* A capture that began late. */
    s = sessions_new();
    for (size_t i = 0; i < call.count; i++)
        if (demux_of(call.wire[i].payload) == DEMUX_STUN) learn_one(s, &call.wire[i]);
    sessions_keylog(s, call.keylog);
    stays_closed(s, "ClientHello of its association is not in the capture", NULL);
    s = sessions_new();
    for (size_t i = 0, hellos = 0; i < call.count && hellos < 2; i++) {
        hellos += demux_of(call.wire[i].payload) == DEMUX_DTLS;
        learn_one(s, &call.wire[i]);
    }
    sessions_keylog(s, call.keylog);
    stays_closed(s, "ServerHello of its association is not in the capture", NULL);
    heardcall_free(&other);
    heardcall_free(&call);
}
END_TEST

/* DTLS 1.3, whose key logs have other lines. */
START_TEST(another_version_is_said)
{
    char text[256];
    struct bytes file = suite_file("tests/corpus/pcap/chromium-firefox-dtls13.pcap");
    struct capture c;
    struct sessions *s = sessions_new();
    struct tally t = {0};
    ck_assert_int_eq(capture_open(&c, file), OK);
    for (struct capture_item item; capture_next(&c, &item);) {
        struct datagram d = datagram_of(item.data, item.link);
        learn_one(s, &d);
    }
    sessions_keylog(s, bytes_of("CLIENT_TRAFFIC_SECRET_0 00 11\n"));
    ck_assert_int_eq(capture_open(&c, file), OK);
    for (struct capture_item item; capture_next(&c, &item);) {
        struct datagram d = datagram_of(item.data, item.link);
        open_one(s, &d, &t);
    }
    ck_assert(t.media == 0 && t.media_closed > 5);
    ck_assert_msg(strstr(t.why, "another version of DTLS") != NULL, "%s", t.why);
    ck_assert(sessions_remark(s, 0, text, sizeof text));
    ck_assert_msg(strstr(text, "DTLS 1.2, which alone is decrypted") != NULL, "%s", text);
    sessions_free(s);
    free((void *)(uintptr_t)file.at);
}
END_TEST

/* What the ServerHello's numbers say, changed: the cipher suite; use_srtp's profile. */
START_TEST(what_is_not_decrypted_is_said_too)
{
    static const uint8_t suite[] = {0xC0, 0x2B, 0x00}, srtp[] = {0x00, 0x0E, 0x00, 0x05};
    static const struct {
        const uint8_t *at;
        size_t len, change;
        const char *why;
    } cases[] = {{suite, sizeof suite, 1, "cipher suite that is not decrypted"},
                 {srtp, sizeof srtp, 7, "no SRTP profile that is decrypted"}};
    for (size_t k = 0; k < COUNT(cases); k++) {
        heardcall_read(&call, HEARDCALL_FIREFOX);
        size_t changed = 0;
        for (size_t i = 0; i < call.count && !changed; i++) {
            struct bytes b = call.wire[i].payload;
            if (demux_of(b) != DEMUX_DTLS || b.at[13] != DTLS_SERVER_HELLO) continue;
            for (size_t j = 0; j + 16 < b.len && !changed; j++) {
                if (memcmp(b.at + j, cases[k].at, cases[k].len) != 0) continue;
                ((uint8_t *)(uintptr_t)b.at)[j + cases[k].change] = 0x06;
                changed++;
            }
        }
        ck_assert_uint_eq(changed, 1);
        struct sessions *s = learned_with_log(&call);
        struct tally t = open_all(s, &call);
        ck_assert_uint_eq(t.media, 0);
        ck_assert_int_eq(t.records > 0, k == 1); /* DTLS itself does not mind the profile */
        size_t rtp = 0;
        while (demux_of(call.wire[rtp].payload) != DEMUX_RTP) rtp++;
        t = (struct tally){0};
        open_one(s, &call.wire[rtp], &t);
        ck_assert_msg(strstr(t.why, cases[k].why) != NULL, "%s", t.why);
        sessions_free(s);
        heardcall_free(&call);
    }
}
END_TEST

START_TEST(a_damaged_packet_among_good_ones)
{
    struct tally t = {0};
    heardcall_read(&call, HEARDCALL_FIREFOX);
    struct sessions *s = learned_with_log(&call);
    opens_all(s, &call);
    size_t i = 0;
    while (demux_of(call.wire[i].payload) != DEMUX_RTP) i++;
    ((uint8_t *)(uintptr_t)call.wire[i].payload.at)[20] ^= 1;
    open_one(s, &call.wire[i], &t);
    ck_assert_uint_eq(t.media_closed, 1);
    ck_assert_msg(strstr(t.why, "changed on the way") != NULL, "%s", t.why);
    sessions_free(s);
    heardcall_free(&call);
}
END_TEST

/* A ClientHello with little in it. */
static struct bytes make_hello(uint8_t room[128], uint32_t number)
{
    struct writer w = writer_of(room, 128);
    write_u8(&w, DTLS_CONTENT_HANDSHAKE);
    write_u16(&w, DTLS_VERSION_1_2);
    write_u16(&w, 0);
    write_u48(&w, 0);
    write_u16(&w, 12 + 42);
    write_u32(&w, DTLS_CLIENT_HELLO << 24 | 42);
    write_u16(&w, 0);
    write_u24(&w, 0);
    write_u24(&w, 42);
    write_u16(&w, DTLS_VERSION_1_2);
    for (int i = 0; i < 8; i++) write_u32(&w, number);
    write_u16(&w, 0);       /* no session id, no cookie */
    write_u32(&w, 0x2C02B); /* one suite */
    write_u16(&w, 0x0100);  /* no compression */
    struct bytes done = writer_done(&w);
    ck_assert_uint_eq(done.len, 13 + 12 + 42);
    return done;
}

/* A flood of handshakes costs no more memory; the first ones are kept. */
START_TEST(more_handshakes_than_are_kept)
{
    uint8_t room[128];
    char text[256];
    heardcall_read(&call, HEARDCALL_FIREFOX);
    struct sessions *s = learned(&call);
    for (uint32_t i = 0; i < 3 * SESSIONS_MAX; i++)
        sessions_learn(s, &call.wire[0].from, &call.wire[0].to, make_hello(room, i + 1));
    sessions_keylog(s, bytes_of("CLIENT_RANDOM 12\n"));
    ck_assert(sessions_remark(s, 0, text, sizeof text));
    char want[64];
    snprintf(want, sizeof want, "handshakes: %d)", SESSIONS_MAX);
    ck_assert_msg(strstr(text, want) != NULL, "%s", text);
    sessions_keylog(s, call.keylog);
    opens_all(s, &call); /* those without a secret take nobody's turn */
    sessions_free(s);
    sessions_free(NULL);
    heardcall_free(&call);
}
END_TEST

SUITE("apps explainsession", everything_opens_with_the_secrets,
      other_pairs_of_the_same_session_open_too, several_associations_on_one_pair,
      without_a_key_log_nothing_is_said, why_it_stays_closed_is_said, another_version_is_said,
      what_is_not_decrypted_is_said_too, a_damaged_packet_among_good_ones,
      more_handshakes_than_are_kept)
