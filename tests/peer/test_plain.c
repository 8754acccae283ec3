/* What a connection hands out for captures: packets without their SRTP, and the DTLS secret. */
#include "tests/suite.h"

#include "rtp/packet.h"
#include "tests/peer/duo.h"

static struct peer_config asking(int side, uint64_t seed)
{
    struct peer_config cfg = duo_config(side, seed);
    cfg.plain = cfg.keylog = true;
    return cfg;
}

static void connected(struct duo *d, uint64_t seed)
{
    struct peer_config cfg[2] = {asking(0, seed), asking(1, seed)};
    duo_init_with(d, cfg, seed);
    ck_assert(duo_call(d, SEC(2)));
    duo_run(d, d->now + SEC(1));
}

/* What one side says it sent is what the other says it received, and not what is on the wire. */
START_TEST(plain_packets_are_the_same_on_both_sides)
{
    struct duo d;
    static struct packet wire;
    struct peer_plain sent, received;
    uint8_t copy[PACKET_MAX], payload[300];
    size_t rtp = 0;
    connected(&d, 1);
    struct rtp_frame frame = {.payload = duo_frame(payload, RTP_OPUS, true, 1, sizeof payload),
                              .key = true};
    ck_assert_int_eq(peer_send(d.side[0], 0, &frame, d.now), OK);
    packet_reset(&wire);
    while (peer_output(d.side[0], &wire, d.now)) {
        bool media = demux_of(packet_bytes(&wire)) == DEMUX_RTP;
        ck_assert(peer_plain(d.side[0], &sent) || !media);
        if (!media) continue;
        rtp++;
        ck_assert(sent.sent && !sent.rtcp);
        ck_assert_uint_eq(wire.len, sent.packet.len + 16); /* the tag of RFC 7714 §8.2 */
        ck_assert(addr_equal(&sent.route.remote, &wire.route.remote));
        memcpy(copy, sent.packet.at, sent.packet.len);
        struct bytes was = {copy, sent.packet.len};
        wire.route = (struct route){.local = wire.route.remote, .remote = wire.route.local};
        ck_assert_int_eq(peer_input(d.side[1], &wire, d.now), OK);
        ck_assert(peer_plain(d.side[1], &received));
        ck_assert(!received.sent && !received.rtcp);
        ck_assert(bytes_equal(received.packet, was));
    }
    ck_assert_uint_eq(rtp, 1);
    /* Nothing is left of it after a call that moved no media. */
    ck_assert(!peer_plain(d.side[0], &sent));
    ck_assert_int_ne(peer_input(d.side[1], &wire, d.now), OK); /* a replay */
    ck_assert(!peer_plain(d.side[1], &received));
    duo_free(&d);
}
END_TEST

static size_t media_seen, feedback_seen, missing;

static void watch(struct duo *d, int from, struct packet *p)
{
    struct peer_plain plain;
    enum demux kind = demux_of(packet_bytes(p));
    bool there = peer_plain(d->side[from], &plain);
    media_seen += kind == DEMUX_RTP;
    feedback_seen += kind == DEMUX_RTCP;
    missing += there != (kind == DEMUX_RTP || kind == DEMUX_RTCP);
    if (there) missing += plain.rtcp != (kind == DEMUX_RTCP);
}

START_TEST(every_packet_of_media_and_feedback_has_a_plain_one)
{
    struct duo d;
    struct peer_config cfg[2] = {asking(0, 2), asking(1, 2)};
    duo_init_with(&d, cfg, 2);
    d.on_send = watch;
    ck_assert(duo_call(&d, SEC(2)));
    duo_talk(&d, 2);
    ck_assert_uint_gt(media_seen, 100);
    ck_assert_uint_gt(feedback_seen, 2);
    ck_assert_uint_eq(missing, 0);
    duo_free(&d);
}
END_TEST

START_TEST(both_sides_have_one_key_log_line)
{
    struct duo d;
    char line[2][DTLS_KEYLOG_MAX];
    connected(&d, 3);
    for (int i = 0; i < 2; i++) ck_assert(peer_keylog(d.side[i], line[i]));
    ck_assert_str_eq(line[0], line[1]);
    ck_assert(!peer_keylog(d.side[0], line[0]));
    duo_free(&d);
}
END_TEST

static bool ever_plain;

static void watch_nothing(struct duo *d, int from, struct packet *p)
{
    struct peer_plain plain;
    (void)p;
    ever_plain |= peer_plain(d->side[from], &plain);
}

START_TEST(nothing_is_kept_that_was_not_asked_for)
{
    struct duo d;
    char line[DTLS_KEYLOG_MAX];
    duo_init(&d, 4);
    d.on_send = watch_nothing;
    ck_assert(duo_call(&d, SEC(2)));
    duo_talk(&d, 1);
    ck_assert(!ever_plain);
    for (int i = 0; i < 2; i++) ck_assert(!peer_keylog(d.side[i], line));
    duo_free(&d);
}
END_TEST

SUITE("peer plain", plain_packets_are_the_same_on_both_sides,
      every_packet_of_media_and_feedback_has_a_plain_one, both_sides_have_one_key_log_line,
      nothing_is_kept_that_was_not_asked_for)
