#include "rtp/sender.h"

#include "rtp/packet.h"
#include "rtp/vp8.h"
#include "tests/rtp/pair.h"

static struct rtp_sender s;
static struct rng rng;
static struct packet out;
static uint16_t transport;
static uint8_t room[700000];

static void setup(const struct rtp_sender_config *cfg, uint64_t seed)
{
    rng_init_number(&rng, seed);
    transport = 0;
    ck_assert_int_eq(rtp_sender_init(&s, cfg, &rng), OK);
}

static enum err send(size_t len, bool key, usec now)
{
    struct rtp_frame f = {.payload = pair_frame(room, len, key, 1),
                          .key = key,
                          .timestamp = (uint64_t)now * 9 / 100,
                          .captured = now};
    return rtp_sender_frame(&s, &f);
}

static struct rtp_packet next(usec now)
{
    struct rtp_packet p;
    ck_assert(rtp_sender_output(&s, &out, &transport, false, now));
    ck_assert_int_eq(rtp_parse(&p, packet_bytes(&out)), OK);
    return p;
}

/* Sends all that waits, however paced; returns how many packets. */
static unsigned drain(usec *now)
{
    unsigned count = 0;
    while (s.history.unsent < s.history.next) {
        while (rtp_sender_output(&s, &out, &transport, false, *now)) count++;
        *now += MS(1);
    }
    return count;
}

START_TEST(inv_42_first_sequence_numbers_are_low)
{
    struct rtp_sender_config cfg = pair_vp8_sender();
    cfg.history = 8;
    for (uint64_t seed = 0; seed < 2000; seed++) {
        setup(&cfg, seed);
        ck_assert_uint_lt((uint16_t)s.history.next, 0x8000);
        ck_assert_uint_lt(s.rtx_sequence, 0x8000);
        rtp_sender_free(&s);
    }
}
END_TEST

START_TEST(inv_24_numbers_out_of_range_are_refused)
{
    for (unsigned pt = 0; pt < 256; pt++) {
        struct rtp_sender_config cfg = pair_vp8_sender();
        bool good = pt < 64 || (pt >= 96 && pt < 128); /* RFC 5761 4 */
        cfg.pt = (uint8_t)pt;
        ck_assert_int_eq(rtp_sender_init(&s, &cfg, &rng), good ? OK : E_MALFORMED);
        if (good) rtp_sender_free(&s);
        cfg.pt = 96;
        cfg.rtx_pt = (uint8_t)pt;
        ck_assert_int_eq(rtp_sender_init(&s, &cfg, &rng), good ? OK : E_MALFORMED);
        if (good) rtp_sender_free(&s);
    }
    struct rtp_sender_config cfg = pair_vp8_sender();
    cfg.history = 100;
    ck_assert_int_eq(rtp_sender_init(&s, &cfg, &rng), E_MALFORMED);
    cfg.history = 0;
    cfg.max_packet = PACKET_MAX + 1;
    ck_assert_int_eq(rtp_sender_init(&s, &cfg, &rng), E_MALFORMED);
    cfg.max_packet = 0;
    cfg.mid = (struct bytes){room, RTP_MID_MAX + 1};
    ck_assert_int_eq(rtp_sender_init(&s, &cfg, &rng), E_FULL);
}
END_TEST

START_TEST(inv_58_frames_of_every_size_fit_their_packets)
{
    struct rtp_sender_config cfg = pair_vp8_sender();
    setup(&cfg, 1);
    usec now = 0;
    for (size_t len = 1; len < 12000; len += 1 + len / 50) {
        uint16_t id = s.picture_id;
        ck_assert_int_eq(send(len, true, now), OK);
        size_t got = 0, least = SIZE_MAX, most = 0;
        for (bool end = false; !end; now += MS(1)) {
            struct rtp_packet p = next(now);
            struct vp8_descriptor d;
            ck_assert_uint_le(out.len + 2, RTP_PACKET_LEN); /* with room for RTX */
            ck_assert_int_eq(vp8_parse(&d, p.payload), OK);
            ck_assert_int_eq(vp8_is_frame_start(&d), got == 0);
            ck_assert_uint_eq(d.picture_id, id);
            ck_assert(d.long_picture_id);
            ck_assert_mem_eq(d.data.at, room + got, d.data.len);
            got += d.data.len;
            least = d.data.len < least ? d.data.len : least;
            most = d.data.len > most ? d.data.len : most;
            end = p.marker;
        }
        ck_assert_uint_eq(got, len);
        ck_assert_uint_le(most - least, 1);
    }
    rtp_sender_free(&s);
}
END_TEST

START_TEST(a_frame_that_the_history_cannot_hold_is_refused)
{
    struct rtp_sender_config cfg = pair_vp8_sender();
    usec now = 0;
    setup(&cfg, 1);
    ck_assert_int_eq(send(700000, true, now), E_FULL);
    ck_assert_int_eq(send(550000, true, now), OK);
    ck_assert(!rtp_sender_key_due(&s, -1));
    ck_assert_int_eq(send(100000, false, now), E_FULL); /* nothing left yet */
    ck_assert(rtp_sender_key_due(&s, now)); /* later frames would refer to a dropped one */
    ck_assert_uint_gt(drain(&now), 450);
    ck_assert_uint_eq(s.stats.frames_refused, 2);
    ck_assert_int_eq(send(0, false, now), E_MALFORMED);
    rtp_sender_free(&s);
}
END_TEST

START_TEST(a_large_frame_leaves_in_bursts)
{
    struct rtp_sender_config cfg = pair_vp8_sender();
    setup(&cfg, 1);
    ck_assert_int_eq(send(60000, true, 0), OK);
    unsigned sent = 0;
    for (usec now = 0; s.history.unsent < s.history.next; now += RTP_PACE_INTERVAL) {
        unsigned burst = 0;
        while (rtp_sender_output(&s, &out, &transport, false, now)) burst++;
        ck_assert_uint_le(burst, RTP_PACE_BURST);
        ck_assert_uint_gt(burst, 0);
        sent += burst;
        if (s.history.unsent < s.history.next)
            ck_assert_int_eq(rtp_sender_deadline(&s), now + RTP_PACE_INTERVAL);
    }
    ck_assert_uint_eq(sent, 52); /* of 1166 bytes beside headers, descriptor and room for RTX */
    ck_assert_int_eq(rtp_sender_deadline(&s), TIME_NEVER);
    rtp_sender_free(&s);
}
END_TEST

START_TEST(extensions_are_stamped_when_it_leaves)
{
    struct rtp_sender_config cfg = pair_vp8_sender();
    setup(&cfg, 1);
    transport = 65535;
    ck_assert_int_eq(send(2000, true, 0), OK);
    /* 3.5 s in 6.18 fixed point; the numbers count on over the wrap. */
    struct rtp_packet p = next(SEC(64) + MS(3500));
    ck_assert(bytes_is(rtp_extension_find(&p, 4), "0"));
    ck_assert_mem_eq(rtp_extension_find(&p, 2).at, "\x0E\x00\x00", 3);
    ck_assert_mem_eq(rtp_extension_find(&p, 3).at, "\xFF\xFF", 2);
    p = next(SEC(68));
    ck_assert_mem_eq(rtp_extension_find(&p, 3).at, "\x00\x00", 2);
    ck_assert_uint_eq(transport, 1);
    rtp_sender_free(&s);
}
END_TEST

START_TEST(audio_levels_and_talkspurts)
{
    struct rtp_sender_config cfg = pair_opus_sender();
    static const uint8_t sound[1300] = {0x78};
    setup(&cfg, 1);
    static const struct {
        uint64_t at;
        uint8_t level;
        bool marker;
    } steps[] = {
        {0, 10, true}, {960, 127, false}, {1920, 200, false}, {9600, RTP_LEVEL_UNKNOWN, true}};
    for (size_t i = 0; i < COUNT(steps); i++) {
        struct rtp_frame f = {.payload = {sound, 50},
                              .timestamp = steps[i].at,
                              .voice = i == 0,
                              .audio_level = steps[i].level};
        ck_assert_int_eq(rtp_sender_frame(&s, &f), OK);
        struct rtp_packet p = next(0);
        struct bytes level = rtp_extension_find(&p, 1);
        ck_assert_int_eq(p.marker, steps[i].marker); /* RFC 3551 4.1 */
        if (steps[i].level == RTP_LEVEL_UNKNOWN)
            ck_assert_ptr_null(level.at);
        else
            ck_assert_uint_eq(level.at[0], i == 0 ? 0x80 + 10 : 127);
    }
    struct rtp_frame f = {.payload = {sound, 1300}};
    ck_assert_int_eq(rtp_sender_frame(&s, &f), E_MALFORMED); /* one packet, never cut */
    rtp_sender_free(&s);
}
END_TEST

/* Pitfall 22 and 22b: what RTX carries, made from the plain packet. */
START_TEST(pitfall_22b_resends_come_from_the_plain_packet)
{
    struct rtp_sender_config cfg = pair_vp8_sender();
    uint8_t first[RTP_PACKET_LEN];
    setup(&cfg, 1);
    ck_assert_int_eq(send(1000, true, 0), OK);
    struct rtp_packet p = next(0);
    size_t head = p.header_len, len = p.payload.len;
    uint16_t sequence = p.sequence;
    memcpy(first, p.payload.at, len);
    memset(out.at, 0xEE, out.len); /* as if SRTP had encrypted it in place */

    ck_assert(rtp_sender_nack(&s, sequence, MS(50), MS(60)));
    uint16_t rtx_sequence = s.rtx_sequence;
    p = next(MS(61));
    ck_assert_uint_eq(p.ssrc, cfg.rtx_ssrc);
    ck_assert_uint_eq(p.payload_type, cfg.rtx_pt);
    ck_assert_uint_eq(p.sequence, rtx_sequence);
    ck_assert_uint_eq(p.header_len, head);
    ck_assert_uint_eq(p.payload.len, len + 2);
    ck_assert_uint_eq(p.payload.at[0] << 8 | p.payload.at[1], sequence); /* RFC 4588 4 */
    ck_assert_mem_eq(p.payload.at + 2, first, len);
    ck_assert(bytes_is(rtp_extension_find(&p, 4), "0"));
    ck_assert_mem_eq(rtp_extension_find(&p, 3).at, "\x00\x01", 2); /* a number of its own */
    ck_assert(!rtp_sender_output(&s, &out, &transport, false, MS(61)));
    rtp_sender_free(&s);
}
END_TEST

START_TEST(inv_39_a_resend_without_rtx_is_identical)
{
    struct rtp_sender_config cfg = pair_vp8_sender();
    uint8_t first[RTP_PACKET_LEN];
    cfg.rtx_ssrc = 0;
    setup(&cfg, 1);
    ck_assert_int_eq(send(1000, true, 0), OK);
    struct rtp_packet p = next(0);
    size_t len = out.len;
    memcpy(first, out.at, len);
    ck_assert(rtp_sender_nack(&s, p.sequence, MS(50), MS(60)));
    ck_assert(!rtp_sender_output(&s, &out, &transport, false, MS(60))); /* not unless allowed */
    ck_assert(rtp_sender_nack(&s, p.sequence, MS(50), MS(200)));
    ck_assert(rtp_sender_output(&s, &out, &transport, true, MS(200)));
    ck_assert_uint_eq(out.len, len);
    ck_assert_mem_eq(out.at, first, len);
    rtp_sender_free(&s);
}
END_TEST

START_TEST(inv_54_resends_stay_within_their_share)
{
    struct rtp_sender_config cfg = pair_vp8_sender();
    setup(&cfg, 1);
    uint64_t sent = 0, resent = 0;
    /* A peer that misses everything, all the time. */
    for (usec now = 0; now < SEC(20); now += MS(1)) {
        if (now % MS(33) == 0) ck_assert_int_eq(send(5000, false, now), OK);
        for (unsigned i = 0; i < 400; i++)
            rtp_sender_nack(&s, (uint16_t)(s.history.unsent - i), MS(50), now);
        while (rtp_sender_output(&s, &out, &transport, false, now)) {
            struct rtp_packet p;
            ck_assert_int_eq(rtp_parse(&p, packet_bytes(&out)), OK);
            if (p.ssrc == cfg.rtx_ssrc)
                resent += out.len - 2;
            else
                sent += out.len;
        }
        ck_assert_uint_le(resent, RTP_RESEND_CREDIT + sent / RTP_RESEND_SHARE);
    }
    ck_assert_uint_gt(resent, sent / 8);
    rtp_sender_free(&s);
}
END_TEST

START_TEST(inv_54_a_packet_once_a_round_trip_and_not_too_old)
{
    struct rtp_sender_config cfg = pair_vp8_sender();
    setup(&cfg, 1);
    ck_assert_int_eq(send(500, true, 0), OK);
    uint16_t sequence = next(0).sequence;
    unsigned resent = 0;
    for (usec now = 0; now < SEC(5); now += MS(1)) {
        rtp_sender_nack(&s, sequence, MS(100), now);
        while (rtp_sender_output(&s, &out, &transport, false, now)) resent++;
    }
    ck_assert_uint_eq(resent, 11); /* at 0, 100 ... 1000 ms, then it is too old */
    rtp_sender_free(&s);
}
END_TEST

START_TEST(inv_50_nacks_about_the_unknown)
{
    struct rtp_sender_config cfg = pair_vp8_sender();
    usec now = 0;
    cfg.history = 16;
    setup(&cfg, 1);
    for (unsigned i = 0; i < 65536; i++) ck_assert(!rtp_sender_nack(&s, (uint16_t)i, MS(50), 0));
    for (int i = 0; i < 40; i++) {
        ck_assert_int_eq(send(500, false, now), OK);
        drain(&now);
    }
    unsigned known = 0;
    for (unsigned i = 0; i < 65536; i++) known += rtp_sender_nack(&s, (uint16_t)i, MS(50), now);
    ck_assert_uint_eq(known, 16);
    rtp_sender_free(&s);
}
END_TEST

START_TEST(inv_55_key_frames_at_most_once_a_second)
{
    struct rtp_sender_config cfg = pair_vp8_sender();
    unsigned made = 0;
    setup(&cfg, 1);
    for (usec now = 0; now < SEC(10); now += MS(1)) {
        rtp_sender_ask_key(&s);
        made += rtp_sender_key_due(&s, now);
    }
    ck_assert_uint_ge(made, 10);
    ck_assert_uint_le(made, 11);
    /* A request within the second is not forgotten. */
    rtp_sender_ask_key(&s);
    ck_assert(rtp_sender_key_due(&s, rtp_sender_deadline(&s)));
    ck_assert_int_eq(rtp_sender_deadline(&s), TIME_NEVER);
    rtp_sender_free(&s);
}
END_TEST

START_TEST(inv_55_a_repeated_fir_is_one_request)
{
    struct rtp_sender_config cfg = pair_vp8_sender();
    setup(&cfg, 1);
    unsigned made = 0;
    for (usec now = 0; now < SEC(30); now += MS(10)) {
        rtp_sender_fir(&s, 7, 5);
        made += rtp_sender_key_due(&s, now);
    }
    ck_assert_uint_eq(made, 1);
    rtp_sender_fir(&s, 7, 6);
    ck_assert(rtp_sender_key_due(&s, SEC(31)));
    rtp_sender_fir(&s, 8, 6); /* somebody else's count */
    ck_assert(rtp_sender_key_due(&s, SEC(33)));
    rtp_sender_free(&s);
}
END_TEST

/* Pitfall 20: NTP and RTP time of one instant, whatever packet went last. */
START_TEST(pitfall_20_reports_pair_one_instant)
{
    struct rtp_sender_config cfg = pair_vp8_sender();
    setup(&cfg, 1);
    usec now = SEC(5);
    ck_assert_int_eq(send(1000, true, now), OK);
    uint32_t stamp = next(now + MS(30)).timestamp;
    struct rtcp_sender_info info = rtp_sender_info(&s, UINT64_C(77) << 32, now + MS(700));
    ck_assert_uint_eq(info.ntp, UINT64_C(77) << 32);
    ck_assert_uint_eq(info.rtp_time, stamp + 63000);
    ck_assert_uint_eq(info.packets, 1);
    ck_assert_uint_eq(info.octets, 1004); /* payload with its descriptor, without header */
    ck_assert(rtp_sender_is_active(&s, now + SEC(1)));
    ck_assert(!rtp_sender_is_active(&s, now + SEC(20)));
    /* Counters of 32 bits wrap (RFC 3550 6.4.1), those that we keep don't. */
    s.stats.bytes = UINT64_C(0x1000000FF);
    ck_assert_uint_eq(rtp_sender_info(&s, 0, now).octets, 0xFF);
    rtp_sender_free(&s);
}
END_TEST

START_TEST(what_changes_on_renegotiation)
{
    struct rtp_sender_config cfg = pair_vp8_sender();
    setup(&cfg, 1);
    ck_assert_int_eq(send(100, true, 0), OK);
    uint16_t sequence = next(0).sequence;
    cfg.pt = 100;
    cfg.extensions = (struct rtp_extension_ids){.mid = 9};
    cfg.mid = bytes_of("a mid of more than 16 bytes");
    cfg.ssrc = 0xDEAD;
    ck_assert_int_eq(rtp_sender_update(&s, &cfg), OK);
    ck_assert_int_eq(send(100, true, 0), OK);
    struct rtp_packet p = next(0);
    ck_assert_uint_eq(p.sequence, (uint16_t)(sequence + 1));
    ck_assert_uint_eq(p.payload_type, 100);
    ck_assert_uint_eq(p.ssrc, 0x11111111);
    ck_assert_uint_eq(p.profile, RTP_PROFILE_TWO_BYTES);
    ck_assert(bytes_is(rtp_extension_find(&p, 9), "a mid of more than 16 bytes"));
    ck_assert_ptr_null(rtp_extension_find(&p, 3).at);
    rtp_sender_free(&s);
}
END_TEST

/* RFC 3711 §3.3.1: the index goes on; what never left keeps its number for what will. */
START_TEST(a_pause_drops_what_waits_and_the_numbers_go_on)
{
    struct rtp_sender_config cfg = pair_vp8_sender();
    setup(&cfg, 1);
    ck_assert_int_eq(send(100, true, 0), OK);
    uint16_t last = next(0).sequence;
    ck_assert_int_eq(send(5000, true, MS(33)), OK);
    ck_assert(rtp_sender_nack(&s, last, MS(20), MS(33)));
    rtp_sender_pause(&s);
    ck_assert(!rtp_sender_ready(&s, MS(50)));
    ck_assert_int_eq(send(100, true, MS(66)), E_STATE);
    ck_assert(rtp_sender_nack(&s, last, MS(20), MS(66)));
    ck_assert_int_eq(rtp_sender_update(&s, &cfg), OK);
    ck_assert(!rtp_sender_ready(&s, MS(70)));
    ck_assert_int_eq(send(100, true, MS(100)), OK);
    ck_assert_uint_eq(next(MS(100)).sequence, (uint16_t)(last + 1));
    ck_assert(rtp_sender_nack(&s, last, MS(20), MS(100))); /* still kept */
    ck_assert_uint_eq(next(MS(100)).ssrc, cfg.rtx_ssrc);
    rtp_sender_free(&s);
}
END_TEST

START_TEST(what_refers_to_a_refused_frame_is_refused)
{
    struct rtp_sender_config cfg = pair_vp8_sender();
    setup(&cfg, 1);
    ck_assert_int_eq(send(100, true, 0), OK);
    ck_assert_int_eq(send(700000, false, 0), E_FULL);
    for (unsigned second = 0; second < 5; second++) { /* the encoder is asked until it listens */
        ck_assert(rtp_sender_key_due(&s, SEC(second)));
        ck_assert_int_eq(send(100, false, SEC(second)), E_STATE);
    }
    ck_assert_int_eq(send(700000, true, SEC(5)), E_FULL); /* nor does this help */
    ck_assert_int_eq(send(100, false, SEC(5)), E_STATE);
    ck_assert_int_eq(send(100, true, SEC(5)), OK);
    ck_assert_int_eq(send(100, false, SEC(5)), OK);
    struct rtp_frame f = {.payload = pair_frame(room, 700000, false, 1), .discardable = true};
    ck_assert_int_eq(rtp_sender_frame(&s, &f), E_FULL); /* nothing refers to it */
    ck_assert_int_eq(send(100, false, SEC(6)), OK);
    rtp_sender_free(&s);
}
END_TEST

/* Frames that were on their way while the encoder made the key frame are no reason for another. */
START_TEST(a_key_frame_that_was_taken_is_not_asked_for_again)
{
    struct rtp_sender_config cfg = pair_vp8_sender();
    setup(&cfg, 1);
    ck_assert_int_eq(send(700000, false, 0), E_FULL);
    ck_assert(rtp_sender_key_due(&s, 0));
    ck_assert_int_eq(send(100, false, MS(33)), E_STATE);
    ck_assert_int_eq(send(100, true, MS(66)), OK);
    ck_assert_int_eq(rtp_sender_deadline(&s), 0); /* of the packet */
    next(MS(66));
    ck_assert_int_eq(rtp_sender_deadline(&s), TIME_NEVER);
    ck_assert(!rtp_sender_key_due(&s, SEC(2)));
    rtp_sender_free(&s);
}
END_TEST

START_TEST(a_packet_that_was_full_before_there_was_rtx_stays_within_its_bound)
{
    struct rtp_sender_config with = pair_vp8_sender(), without = with;
    without.rtx_ssrc = without.rtx_pt = 0;
    unsigned full = 0, resent = 0;
    for (size_t len = RTP_PACKET_LEN - 100; len < RTP_PACKET_LEN; len++) {
        setup(&without, 1);
        ck_assert_int_eq(send(len, true, 0), OK);
        struct rtp_packet p = next(0);
        full += out.len == RTP_PACKET_LEN;
        ck_assert(rtp_sender_nack(&s, p.sequence, 0, MS(20)));
        ck_assert_int_eq(rtp_sender_update(&s, &with), OK);
        while (rtp_sender_output(&s, &out, &transport, false, MS(20))) {
            ck_assert_uint_le(out.len, RTP_PACKET_LEN);
            ck_assert_int_eq(rtp_parse(&p, packet_bytes(&out)), OK);
            resent += p.ssrc == with.rtx_ssrc;
        }
        rtp_sender_free(&s);
    }
    ck_assert_uint_eq(full, 1);
    ck_assert_uint_eq(resent, 98); /* of 100: not the full one, nor the one next to it */
}
END_TEST

START_TEST(rtx_comes_and_goes_with_the_descriptions)
{
    struct rtp_sender_config with = pair_vp8_sender(), without = with;
    without.rtx_ssrc = without.rtx_pt = 0;
    setup(&without, 1);
    ck_assert_int_eq(send(5000, true, 0), OK);
    struct rtp_packet p = next(0);
    ck_assert(rtp_sender_nack(&s, p.sequence, 0, MS(20)));
    ck_assert_int_eq(rtp_sender_update(&s, &with), OK);
    p = next(MS(20));
    ck_assert_uint_eq(p.ssrc, with.rtx_ssrc);
    ck_assert_uint_eq(p.payload_type, with.rtx_pt);
    uint16_t rtx_sequence = p.sequence;
    p = next(MS(40));
    ck_assert(rtp_sender_nack(&s, p.sequence, 0, MS(60)));
    ck_assert_int_eq(rtp_sender_update(&s, &without), OK);
    ck_assert_uint_eq(next(MS(60)).ssrc, with.ssrc); /* what waits, not the resend */
    ck_assert(rtp_sender_nack(&s, p.sequence, 0, MS(80)));
    ck_assert_int_eq(rtp_sender_update(&s, &with), OK);
    p = next(MS(80));
    ck_assert_uint_eq(p.ssrc, with.rtx_ssrc);
    ck_assert_uint_eq(p.sequence, (uint16_t)(rtx_sequence + 1)); /* RFC 3711 §3.3.1 */
    rtp_sender_free(&s);
}
END_TEST

SUITE("rtp sender", inv_42_first_sequence_numbers_are_low, inv_24_numbers_out_of_range_are_refused,
      inv_58_frames_of_every_size_fit_their_packets,
      a_frame_that_the_history_cannot_hold_is_refused, a_large_frame_leaves_in_bursts,
      extensions_are_stamped_when_it_leaves, audio_levels_and_talkspurts,
      pitfall_22b_resends_come_from_the_plain_packet, inv_39_a_resend_without_rtx_is_identical,
      inv_54_resends_stay_within_their_share, inv_54_a_packet_once_a_round_trip_and_not_too_old,
      inv_50_nacks_about_the_unknown, inv_55_key_frames_at_most_once_a_second,
      inv_55_a_repeated_fir_is_one_request, pitfall_20_reports_pair_one_instant,
      what_changes_on_renegotiation, a_pause_drops_what_waits_and_the_numbers_go_on,
      what_refers_to_a_refused_frame_is_refused, a_key_frame_that_was_taken_is_not_asked_for_again,
      a_packet_that_was_full_before_there_was_rtx_stays_within_its_bound,
      rtx_comes_and_goes_with_the_descriptions)
