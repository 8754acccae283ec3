/* PEER_CLOSED and PEER_FAILED are ends: nothing that comes later makes another of them, and no
 * media is sent any more. */
#include "tests/peer/duo.h"
#include "tests/peer/edit.h"

static struct duo d;

static void begin(void)
{
    duo_init(&d, 1);
    ck_assert(duo_call(&d, SEC(2)));
    duo_talk(&d, 1);
}

static void assert_ended(int side, enum peer_state state)
{
    struct bytes text;
    ck_assert_int_eq(peer_state(d.side[side]), state);
    ck_assert_int_eq(duo_send_frame(&d, side, RTP_OPUS, true, 1, 100), E_STATE);
    ck_assert_int_eq(peer_offer(d.side[side], &text, d.now), E_STATE);
}

START_TEST(whom_the_other_side_has_left_is_closed_for_good)
{
    begin();
    peer_close(d.side[0], d.now);
    duo_run(&d, d.now + MS(100));
    assert_ended(1, PEER_CLOSED);
    uint64_t sent = d.sent[1][DEMUX_RTP] + d.sent[1][DEMUX_RTCP];
    duo_run(&d, d.now + SEC(40)); /* consent is lost by now */
    assert_ended(1, PEER_CLOSED);
    ck_assert_int_eq(peer_why(d.side[1]).cause, PEER_CAUSE_NONE);
    ck_assert_uint_eq(d.sent[1][DEMUX_RTP] + d.sent[1][DEMUX_RTCP], sent);
    duo_free(&d);
}
END_TEST

/* It is no other certificate, only a late answer. */
START_TEST(an_answer_after_the_goodbye_is_no_failure)
{
    struct bytes offer, answer;
    begin();
    ck_assert_int_eq(peer_offer(d.side[0], &offer, d.now), OK);
    ck_assert_int_eq(peer_answer(d.side[1], offer, &answer, d.now), OK);
    const char *text = edit_text(answer);
    peer_close(d.side[1], d.now);
    duo_run(&d, d.now + MS(100));
    ck_assert_int_eq(peer_set_answer(d.side[0], bytes_of(text), d.now), E_STATE);
    assert_ended(0, PEER_CLOSED);
    duo_free(&d);
}
END_TEST

START_TEST(a_connection_that_failed_sends_no_media)
{
    struct bytes offer, answer;
    begin();
    ck_assert_int_eq(peer_offer(d.side[0], &offer, d.now), OK);
    const char *text = edit_text(offer);
    const char *own = strstr(text, "sha-256 ");
    char first[16], other[16] = "sha-256 00:00:0";
    bytes_to_text(bytes_slice(bytes_of(own), 0, 15), first, sizeof first);
    const char *bent = edit_all(text, first, other);
    peer_answer(d.side[1], bytes_of(bent), &answer, d.now);
    assert_ended(1, PEER_FAILED);
    uint64_t sent = d.sent[1][DEMUX_RTP] + d.sent[1][DEMUX_RTCP];
    duo_run(&d, d.now + SEC(10));
    ck_assert_int_eq(peer_why(d.side[1]).cause, PEER_CAUSE_FINGERPRINT);
    ck_assert_uint_eq(d.sent[1][DEMUX_RTP] + d.sent[1][DEMUX_RTCP], sent);
    duo_free(&d);
}
END_TEST

SUITE("peer ends", whom_the_other_side_has_left_is_closed_for_good,
      an_answer_after_the_goodbye_is_no_failure, a_connection_that_failed_sends_no_media)
