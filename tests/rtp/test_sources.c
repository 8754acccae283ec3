/* The sources of one section's stream, as they come, are repaired, leave and are followed by others
 * (RFC 3550 §6.6, §8.2, RFC 4588, RFC 9143 §9.2): plain packets straight into one session. */
#include <string.h>

#include "rtp/feedback.h"
#include "rtp/internal.h"
#include "rtp/vp8.h"
#include "tests/rtp/pair.h"

enum { SSRC = 0x11111111, RTX_SSRC = 0x22222222, OTHER_SSRC = 0x33333333 };

static struct rtp_session *s;
static size_t stream;
static usec now;
static struct {
    unsigned frames, byes, begun, plis, nacks, blocks;
    uint64_t timestamp; /* of the last frame */
} seen;

static void look_at_rtcp(struct bytes datagram)
{
    struct rtcp_walk w = rtcp_walk_of(datagram);
    struct rtcp_packet p;
    struct rtcp_reports reports;
    while (rtcp_next(&w, &p)) {
        seen.plis += p.type == RTCP_PSFB && p.count == PSFB_PLI;
        seen.nacks += p.type == RTCP_RTPFB && p.count == RTPFB_NACK;
        if (p.type != RTCP_SR && p.type != RTCP_RR) continue;
        ck_assert_int_eq(rtcp_parse_reports(&reports, &p, NULL), OK);
        seen.blocks += (unsigned)reports.count;
    }
}

static void drain(void)
{
    struct packet out;
    struct rtp_event ev;
    bool is_rtcp;
    while (rtp_session_output(s, &out, &is_rtcp, now)) look_at_rtcp(packet_bytes(&out));
    while (rtp_session_event(s, &ev)) {
        seen.byes += ev.type == RTP_BYE;
        seen.begun += ev.type == RTP_STREAM_NEW;
        if (ev.type != RTP_FRAME) continue;
        seen.frames++;
        seen.timestamp = ev.as.frame.timestamp;
    }
}

static void run(usec time)
{
    for (usec end = now + time; now < end;) {
        now += MS(10);
        rtp_session_tick(s, now);
        drain();
    }
}

static void setup(void)
{
    struct rtp_session_config cfg = {.reduced_size = true};
    struct rtp_receiver_config receiver = pair_vp8_receiver();
    rng_init_number(&cfg.rng, 1);
    memset(&seen, 0, sizeof seen);
    now = 0;
    s = rtp_session_new(&cfg);
    ck_assert_ptr_nonnull(s);
    ck_assert_int_eq(rtp_session_add_receiver(s, &receiver, &stream), OK);
}

static enum err input(const struct rtp_packet *p, const char *mid)
{
    struct packet in;
    packet_reset(&in);
    struct writer w = packet_writer(&in);
    struct rtp_extension element = {pair_extensions.mid, bytes_of(mid)};
    rtp_write(&w, p, &element, 1);
    in.len = writer_len(&w);
    enum err err = rtp_session_input_rtp(s, &in, now);
    drain();
    return err;
}

/* A whole frame in one packet, whose picture id is its sequence number's. */
static struct bytes payload_of(uint8_t room[64], uint16_t sequence, bool key)
{
    struct writer w = writer_of(room, 64);
    struct vp8_descriptor d = {
        .start = true, .has_picture_id = true, .long_picture_id = true, .picture_id = sequence};
    uint8_t frame[20];
    vp8_write_descriptor(&w, &d);
    write_bytes(&w, pair_frame(frame, sizeof frame, key, sequence));
    return writer_done(&w);
}

static enum err input_frame_of(const char *mid, uint32_t ssrc, uint16_t sequence, bool key)
{
    uint8_t room[64];
    return input(&(struct rtp_packet){.marker = true,
                                      .payload_type = 96,
                                      .sequence = sequence,
                                      .timestamp = 3000u * sequence,
                                      .ssrc = ssrc,
                                      .payload = payload_of(room, sequence, key)},
                 mid);
}

static enum err input_frame(uint32_t ssrc, uint16_t sequence, bool key)
{
    return input_frame_of("0", ssrc, sequence, key);
}

/* The packet `sequence` again, as RTX: RFC 4588 §4. With an empty `payload`, one of padding. */
static enum err input_resend(uint16_t sequence, struct bytes payload)
{
    static uint16_t rtx_sequence;
    uint8_t room[80];
    struct writer w = writer_of(room, sizeof room);
    write_u16(&w, sequence);
    write_bytes(&w, payload);
    return input(&(struct rtp_packet){.marker = true,
                                      .payload_type = 97,
                                      .sequence = rtx_sequence++,
                                      .timestamp = 3000u * sequence,
                                      .ssrc = RTX_SSRC,
                                      .payload = writer_done(&w)},
                 "0");
}

/* RFC 4588 §4: any packet of the original stream may be sent again, also one of padding alone. */
START_TEST(padding_that_was_sent_again_fills_its_gap)
{
    setup();
    input_frame(SSRC, 10, true);
    input_frame(SSRC, 12, false);
    run(MS(30));
    ck_assert_uint_eq(seen.nacks, 1);
    ck_assert_uint_eq(seen.frames, 1);
    ck_assert_int_eq(input_resend(11, (struct bytes){0}), OK);
    ck_assert_uint_eq(seen.frames, 2);
    ck_assert_uint_eq(rtp_session_stats(s).probes, 1);
    rtp_session_free(s);
}
END_TEST

START_TEST(rtx_of_the_source_before_is_not_of_the_next)
{
    uint8_t room[64];
    struct bytes old = payload_of(room, 11, true);
    setup();
    input_frame(SSRC, 10, true);
    ck_assert_int_eq(input_resend(11, old), OK);
    ck_assert_uint_eq(seen.frames, 2);
    run(SEC(2));
    input_frame(OTHER_SSRC, 10, true);
    ck_assert_uint_eq(seen.frames, 3);
    ck_assert_int_eq(input_resend(11, old), E_UNSUPPORTED); /* late, of the first source */
    ck_assert_uint_eq(seen.frames, 3);
    /* Where the RTX SSRC stays though the other changed (RFC 3550 §8.2), it is taken again soon. */
    run(MS(900));
    input_frame(OTHER_SSRC, 12, false);
    run(MS(100));
    ck_assert_int_eq(input_resend(11, payload_of(room, 11, false)), OK);
    ck_assert_uint_eq(seen.frames, 5);
    rtp_session_free(s);
}
END_TEST

static void input_bye(uint32_t ssrc)
{
    uint8_t room[64];
    struct writer w = writer_of(room, sizeof room);
    rtcp_write_bye(&w, &(struct rtcp_bye){.ssrc = {ssrc}, .count = 1});
    ck_assert_int_eq(rtp_session_input_rtcp(s, writer_done(&w), now), OK);
    drain();
}

/* RFC 3550 §6.6. What it sent before may come behind its BYE, and is no sign of it. */
START_TEST(who_said_bye_is_asked_for_nothing)
{
    setup();
    input_frame(SSRC, 10, true);
    input_frame(SSRC, 13, false); /* two are missing */
    rtp_session_want_key(s, stream);
    input_bye(SSRC);
    ck_assert_uint_eq(seen.byes, 1);
    seen.plis = seen.nacks = 0;
    input_frame(SSRC, 11, false);
    rtp_session_want_key(s, stream);
    run(SEC(3));
    ck_assert_uint_eq(seen.plis + seen.nacks, 0);
    input_frame(SSRC, 14, false); /* it is back */
    run(SEC(1));
    ck_assert_uint_gt(seen.plis, 0);
    rtp_session_free(s);
}
END_TEST

/* Without hope a gap is waited for less: what that makes due is done at once, not left due. */
START_TEST(what_a_source_owes_when_it_leaves_is_given_up)
{
    struct rtp_receiver_config without = pair_vp8_receiver();
    without.feedback.nack = false;
    for (int described = 0; described < 2; described++) {
        setup();
        input_frame(SSRC, 10, true);
        input_frame(SSRC, 13, false);
        run(MS(500));
        if (described)
            ck_assert_int_eq(rtp_session_update_receiver(s, stream, &without), OK);
        else
            input_bye(SSRC);
        drain();
        ck_assert_int_gt(rtp_session_deadline(s), now);
        rtp_session_free(s);
    }
}
END_TEST

/* Nor does it keep the place from the source that follows. */
START_TEST(a_packet_behind_its_bye_begins_no_stream)
{
    setup();
    input_frame(SSRC, 10, true);
    input_frame(SSRC, 12, true);
    input_bye(SSRC);
    ck_assert_int_eq(input_frame(SSRC, 11, true), OK);
    ck_assert_uint_eq(seen.begun, 1);
    ck_assert_int_eq(input_frame(OTHER_SSRC, 500, true), OK);
    ck_assert_uint_eq(seen.begun, 2);
    input_bye(OTHER_SSRC);
    ck_assert_uint_eq(seen.byes, 2);
    ck_assert_int_eq(input_frame(OTHER_SSRC, 501, true), OK); /* it is back */
    ck_assert_uint_eq(seen.begun, 3);
    input_bye(OTHER_SSRC);
    input_frame(OTHER_SSRC, 5000, true);
    ck_assert_uint_eq(seen.begun, 3);
    input_frame(OTHER_SSRC, 5001, true); /* with other numbers: RFC 3550 A.1 wants two */
    ck_assert_uint_eq(seen.begun, 4);
    rtp_session_free(s);
}
END_TEST

/* RFC 3550 §6.4: blocks are about those who sent since the last report. */
START_TEST(a_silent_source_is_not_reported_on)
{
    setup();
    input_frame(SSRC, 10, true);
    run(SEC(3));
    ck_assert_uint_eq(seen.blocks, 1);
    run(SEC(10));
    ck_assert_uint_eq(seen.blocks, 1);
    input_frame(SSRC, 11, true);
    run(SEC(2));
    ck_assert_uint_eq(seen.blocks, 2);
    rtp_session_free(s);
}
END_TEST

START_TEST(the_same_description_again_starts_nothing_afresh)
{
    uint8_t room[64];
    struct rtp_receiver_config cfg = pair_vp8_receiver();
    setup();
    cfg.ssrc = 1;
    cfg.rtx_ssrc = 2;
    ck_assert_int_eq(rtp_session_update_receiver(s, stream, &cfg), OK);
    input_frame(SSRC, 10, true); /* but its MID names the section */
    ck_assert_int_eq(input_resend(11, payload_of(room, 11, false)), OK);
    ck_assert_int_eq(rtp_session_update_receiver(s, stream, &cfg), OK);
    input_frame(SSRC, 13, false);
    ck_assert_int_eq(input_resend(12, payload_of(room, 12, false)), OK);
    ck_assert_uint_eq(seen.frames, 4);
    cfg.ssrc = OTHER_SSRC;
    ck_assert_int_eq(rtp_session_update_receiver(s, stream, &cfg), OK);
    input_frame(OTHER_SSRC, 500, true);
    ck_assert_uint_eq(seen.frames, 5);
    ck_assert_int_eq(input_frame(SSRC, 14, false), E_UNSUPPORTED);
    rtp_session_free(s);
}
END_TEST

static uint64_t packets_of(size_t receiver)
{
    struct rtp_receiver_stats stats;
    ck_assert(rtp_session_receiver_stats(s, receiver, &stats));
    return stats.packets;
}

/* RFC 9143 §9.2 */
START_TEST(a_newer_packet_with_another_mid_moves_its_ssrc_there)
{
    uint8_t room[64];
    struct rtp_receiver_config cfg = pair_vp8_receiver();
    size_t second;
    setup();
    cfg.mid = bytes_of("1");
    ck_assert_int_eq(rtp_session_add_receiver(s, &cfg, &second), OK);
    input_frame_of("0", SSRC, 10, true);
    input_frame_of("1", OTHER_SSRC, 70, true);
    input_resend(11, payload_of(room, 11, false));
    input_frame_of("1", SSRC, 9, true); /* older than what the other MID came with */
    ck_assert_uint_eq(packets_of(second), 1);
    input_frame_of("7", SSRC, 12, false); /* nobody's */
    ck_assert_uint_eq(packets_of(stream), 3);
    input_frame_of("1", SSRC, 13, true);
    ck_assert_uint_eq(packets_of(second), 2);
    ck_assert_uint_eq(seen.frames, 5);
    /* Its resends are of the second section now, and the other source takes the first. */
    input_frame_of("1", SSRC, 15, false);
    input_resend(14, payload_of(room, 14, false));
    ck_assert_uint_eq(seen.frames, 7);
    ck_assert_int_eq(input_frame_of("0", OTHER_SSRC, 71, true), OK);
    ck_assert_uint_eq(packets_of(stream), 4);
    ck_assert_uint_eq(seen.frames, 8);
    rtp_session_free(s);
}
END_TEST

SUITE("rtp sources", padding_that_was_sent_again_fills_its_gap,
      rtx_of_the_source_before_is_not_of_the_next, who_said_bye_is_asked_for_nothing,
      what_a_source_owes_when_it_leaves_is_given_up, a_packet_behind_its_bye_begins_no_stream,
      a_silent_source_is_not_reported_on, the_same_description_again_starts_nothing_afresh,
      a_newer_packet_with_another_mid_moves_its_ssrc_there)
