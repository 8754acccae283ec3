/* A call that is held and taken up again (RFC 3264 §8.4): under the same SRTP keys, from the same
 * SSRCs. */
#include "tests/peer/duo.h"
#include "tests/suite.h"

static struct duo d;

/* Side 0 offers; while it holds it only sends: side 1 then sends nothing. */
static void negotiate(bool hold)
{
    static char room[65536];
    struct bytes offer, answer;
    ck_assert_int_eq(peer_offer(d.side[0], &offer, d.now), OK);
    for (int section = 0; hold && section < 2; section++)
        offer = duo_bend(offer, "a=sendrecv", "a=sendonly", room);
    ck_assert_int_eq(peer_answer(d.side[1], offer, &answer, d.now), OK);
    ck_assert_int_eq(peer_set_answer(d.side[0], answer, d.now), OK);
}

static void setup(uint64_t seed)
{
    size_t track;
    duo_init(&d, seed);
    peer_add_track(d.side[0], RTP_OPUS, (struct peer_media){true, true}, &track);
    peer_add_track(d.side[0], RTP_VP8, (struct peer_media){true, true}, &track);
    ck_assert(duo_call(&d, SEC(5)));
    duo_talk(&d, 1);
}

/* RFC 3711 §3.2.3, §3.3.1: the index of an SSRC only goes up. Numbers drawn anew would lie below
 * those before, by up to 2^15, in half of all calls: replays to the other side, for minutes. */
START_TEST(what_we_send_arrives_after_a_hold)
{
    for (uint64_t seed = 1; seed <= 6; seed++) {
        setup(seed);
        negotiate(true);
        duo_run(&d, d.now + SEC(1));
        negotiate(false);
        duo_run(&d, d.now + MS(100));
        const struct duo_seen before = d.seen[0];
        duo_talk(&d, 2);
        ck_assert_uint_ge(d.seen[0].frames[0], before.frames[0] + 95);
        ck_assert_uint_ge(d.seen[0].frames[1], before.frames[1] + 45);
        duo_free(&d);
    }
}
END_TEST

START_TEST(nothing_is_sent_while_held)
{
    setup(1);
    negotiate(true);
    duo_run(&d, d.now + MS(100));
    const struct duo_seen before = d.seen[0];
    uint64_t sent = d.sent[1][DEMUX_RTP], other = d.seen[1].frames[0];
    duo_talk(&d, 1);
    ck_assert_uint_eq(d.sent[1][DEMUX_RTP], sent);
    ck_assert_uint_eq(d.seen[0].frames[0], before.frames[0]);
    ck_assert_uint_gt(d.seen[1].frames[0], other);
    struct peer_track t;
    ck_assert(peer_track(d.side[1], 0, &t));
    ck_assert(!t.agreed.send && t.agreed.recv);
    duo_free(&d);
}
END_TEST

SUITE("peer hold", what_we_send_arrives_after_a_hold, nothing_is_sent_while_held)
