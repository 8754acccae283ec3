/* Datagrams and messages of the signaling as events of a ladder. */
#include "tests/suite.h"

#include "apps/ladderwire.h"
#include "rtp/rtcp.h"
#include "stun/attribute.h"

static const uint8_t media[] = {0x80, 0x60, 0, 5, 0, 0, 0, 9, 0, 0, 0, 7, 1};

static struct bytes check(uint8_t room[64], bool nominates)
{
    static const uint8_t id[12] = {1};
    struct writer w = writer_of(room, 64);
    stun_begin(&w, (uint16_t)(STUN_BINDING | STUN_REQUEST), (struct bytes){id, sizeof id});
    stun_put_u64(&w, STUN_ICE_CONTROLLING, 7);
    if (nominates) stun_put_flag(&w, STUN_USE_CANDIDATE);
    return writer_done(&w);
}

START_TEST(what_repeats_went_the_same_way)
{
    struct ladderwire w = {.media = false};
    struct ladder_event e;
    struct addr a = addr_ipv4(192, 0, 2, 1, 1), b = addr_ipv4(192, 0, 2, 2, 1), c = b;
    struct bytes datagram = {media, sizeof media};
    c.port = 2;
    ladderwire_event(&w, &e, datagram, &a, &b);
    uint64_t there = e.repeats;
    ck_assert_uint_ne(there, 0);
    ck_assert_int_eq(e.ink, LADDER_MEDIA);
    ck_assert_uint_eq(e.bytes, sizeof media);
    ladderwire_event(&w, &e, datagram, &a, &b);
    ck_assert_uint_eq(e.repeats, there);
    ladderwire_event(&w, &e, datagram, &b, &a);
    ck_assert_uint_ne(e.repeats, there);
    ladderwire_event(&w, &e, datagram, &a, &c);
    ck_assert_uint_ne(e.repeats, there);
    ck_assert_uint_ne(ladderwire_number(1, &a, &b), ladderwire_number(2, &a, &b));
    ck_assert_uint_ne(ladderwire_number(0, &(struct addr){0}, &(struct addr){0}), 0);
}
END_TEST

START_TEST(checks_ask_for_consent_once_media_flows)
{
    struct ladderwire w = {.media = false};
    struct ladder_event e;
    uint8_t room[64];
    struct addr a = addr_ipv4(192, 0, 2, 1, 1), b = addr_ipv4(192, 0, 2, 2, 5000);
    ladderwire_event(&w, &e, check(room, false), &a, &b);
    ck_assert_str_eq(e.label, "check");
    ck_assert(bytes_is(e.words, "STUN check, controlling"));
    ladderwire_way(&w, &e, "to", &b);
    ck_assert(bytes_is(e.words, "STUN check, controlling, to 192.0.2.2:5000"));
    ck_assert(bytes_is(e.brief, "STUN check to 192.0.2.2:5000"));
    ladderwire_event(&w, &e, check(room, true), &a, &b);
    ladderwire_way(&w, &e, "to", &b);
    ck_assert(bytes_is(e.brief, "STUN check nominates 192.0.2.2:5000"));
    ladderwire_event(&w, &e, (struct bytes){media, sizeof media}, &a, &b);
    ladderwire_way(&w, &e, "to", &b); /* media goes where it goes */
    ck_assert(bytes_is(e.words, "SRTP payload type 96, ssrc 00000007, number 5, time 9"));
    ladderwire_event(&w, &e, check(room, false), &a, &b);
    ck_assert_str_eq(e.label, "consent");
}
END_TEST

START_TEST(what_is_known_by_other_means)
{
    struct ladderwire w = {.media = false};
    struct ladder_event e;
    struct addr a = addr_ipv4(192, 0, 2, 1, 1);
    static const uint8_t rtcp[] = {0x80, 201, 0, 1, 0, 0, 0, 7, 0x8F, 205,
                                   0,    2,   0, 0, 0, 7, 1, 2, 3,    4};
    ladderwire_event(&w, &e, (struct bytes){media, sizeof media}, &a, &a);
    ladderwire_codec(&w, &e, NULL);
    ck_assert(bytes_starts(e.words, "SRTP payload type 96"));
    ladderwire_codec(&w, &e, "VP8");
    ck_assert(bytes_is(e.words, "SRTP VP8, payload type 96, ssrc 00000007, number 5, time 9"));
    ck_assert(bytes_is(e.brief, "SRTP VP8, payload type 96"));
    ladderwire_event(&w, &e, (struct bytes){rtcp, sizeof rtcp}, &a, &a);
    ladderwire_inside(&w, &e, (struct bytes){rtcp, sizeof rtcp});
    ck_assert(bytes_is(e.words, "SRTCP RR, TWCC"));
}
END_TEST

START_TEST(signaling)
{
    const struct {
        const char *type, *text, *words, *brief;
        size_t bytes;
    } cases[] = {{"offer", "v=0\r\nm=audio 9 UDP\r\na=x\r\nm=video 9 UDP\r\n",
                  "offer: audio, video", "", 40},
                 {"answer", "m=", "answer: ", "", 2},
                 {"offer", "no description", "offer", "", 14},
                 {"candidate", "candidate:1 1 udp 2122260223 192.0.2.1 5000 typ host",
                  "candidate host 192.0.2.1:5000", "host 192.0.2.1:5000", 0},
                 {"candidate", "candidate:1 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active",
                  "candidate tcp host 192.0.2.1:9", "tcp host 192.0.2.1:9", 0},
                 {"candidate", "candidate:1 1 udp 2122260223 a.local 5000 typ host",
                  "candidate host a.local:5000", "host a.local:5000", 0},
                 {"candidate", "nonsense", "nonsense", "", 0},
                 {"candidate", "", "end of candidates", "", 0},
                 {"bye", "", "bye", "", 0}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ladderwire w;
        struct ladder_event e;
        ladderwire_signal(&w, &e, cases[i].type, bytes_of(cases[i].text));
        ck_assert_msg(bytes_is(e.words, cases[i].words), "%zu: %.*s", i, (int)e.words.len,
                      (const char *)e.words.at);
        ck_assert_msg(bytes_is(e.brief, cases[i].brief), "%zu: %.*s", i, (int)e.brief.len,
                      (const char *)e.brief.at);
        ck_assert_uint_eq(e.bytes, cases[i].bytes);
        ck_assert(e.relayed && e.repeats == 0);
    }
}
END_TEST

START_TEST(texts_of_any_length)
{
    struct ladderwire w;
    struct ladder_event e;
    static char text[4096] = "";
    size_t len = 0;
    while (len + 16 < sizeof text) len += (size_t)snprintf(text + len, 16, "m=%06zu x\n", len);
    ladderwire_signal(&w, &e, "offer", bytes_of(text));
    ck_assert(bytes_is(e.words, "offer"));
    ladderwire_signal(&w, &e, "candidate", bytes_of(text));
    ck_assert(bytes_is(e.words, "candidate"));
}
END_TEST

SUITE("ladderwire", what_repeats_went_the_same_way, checks_ask_for_consent_once_media_flows,
      what_is_known_by_other_means, signaling, texts_of_any_length)
