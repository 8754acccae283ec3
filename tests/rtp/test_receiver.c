#include "rtp/receiver.h"

#include "rtp/vp8.h"
#include "tests/rtp/pair.h"

static struct rtp_receiver r;
static struct rtp_frame frame;
static struct fault fault;

static void setup(void)
{
    struct rtp_receiver_config cfg = pair_vp8_receiver();
    ck_assert_int_eq(rtp_receiver_init(&r, &cfg), OK);
    rtp_receiver_restart(&r, 5);
}

/* One packet of VP8: "K" begins a key frame, "S" another, "M" ends it, "N": nothing refers to it.
 * The picture id has 15 bits, or 7 with "7", or is absent with "-". */
static enum err put(uint16_t sequence, uint32_t timestamp, uint16_t picture_id, const char *flags,
                    usec now)
{
    static const uint8_t key[] = {0x10, 0, 0, 0x9D, 1, 0x2A, 0x40, 1, 0xF0, 0};
    static const uint8_t inter[] = {0x11, 0, 0, 1};
    uint8_t room[64];
    struct writer w = writer_of(room, sizeof room);
    struct vp8_descriptor d = {.non_reference = strchr(flags, 'N'),
                               .start = strchr(flags, 'K') || strchr(flags, 'S'),
                               .has_picture_id = !strchr(flags, '-'),
                               .long_picture_id = !strchr(flags, '7'),
                               .picture_id = picture_id};
    vp8_write_descriptor(&w, &d);
    if (strchr(flags, 'K'))
        write_bytes(&w, (struct bytes){key, sizeof key});
    else
        write_bytes(&w, (struct bytes){inter, sizeof inter});
    struct rtp_packet p = {.marker = strchr(flags, 'M'),
                           .payload_type = 96,
                           .sequence = sequence,
                           .timestamp = timestamp,
                           .ssrc = 5,
                           .payload = writer_done(&w)};
    return rtp_receiver_input(&r, &p, false, now, &fault);
}

static unsigned frames(usec now)
{
    unsigned count = 0;
    rtp_receiver_tick(&r, now);
    while (rtp_receiver_frame(&r, &frame, now)) count++;
    return count;
}

/* Decodable so far: a key frame, picture id 1. */
static void begin(uint16_t sequence)
{
    setup();
    ck_assert_int_eq(put(sequence, 3000, 1, "KM", 0), OK);
    ck_assert_uint_eq(frames(0), 1);
    ck_assert(frame.key);
    ck_assert_uint_eq(frame.width, 320);
    ck_assert_uint_eq(frame.height, 240);
}

START_TEST(pitfall_21_missing_starts_are_never_given_out)
{
    setup();
    /* The stream begins in the middle of a frame; then frames that no key frame came before. */
    put(10, 3000, 1, "", 0);
    put(11, 3000, 1, "M", 0);
    put(12, 6000, 2, "SM", 0);
    ck_assert_uint_eq(frames(0), 0);
    ck_assert(!rtp_receiver_key_due(&r, 0)); /* the beginning may have been overtaken */
    ck_assert_int_eq(rtp_receiver_deadline(&r), RTP_GAP_KEY);
    ck_assert_uint_eq(frames(RTP_GAP_KEY), 0);
    ck_assert(rtp_receiver_key_due(&r, RTP_GAP_KEY));
    put(13, 9000, 3, "K", MS(100));
    ck_assert_uint_eq(frames(MS(100)), 0);
    put(14, 9000, 3, "M", MS(100));
    ck_assert_uint_eq(frames(MS(100)), 1);
    ck_assert(frame.key);
    put(15, 12000, 4, "SM", MS(110));
    ck_assert_uint_eq(frames(MS(110)), 1);
    ck_assert(!rtp_receiver_key_due(&r, SEC(5)));
    rtp_receiver_free(&r);
}
END_TEST

START_TEST(the_first_packet_may_be_overtaken)
{
    setup();
    put(11, 3000, 1, "M", 0);
    ck_assert_uint_eq(frames(0), 0);
    put(10, 3000, 1, "K", MS(5));
    ck_assert_uint_eq(frames(MS(5)), 1);
    ck_assert_int_eq(rtp_receiver_deadline(&r), TIME_NEVER);
    rtp_receiver_free(&r);
}
END_TEST

START_TEST(pitfall_13_frames_over_the_wrap)
{
    begin(65530);
    for (unsigned i = 1; i <= 18; i++) {
        unsigned k = ((i - 1) ^ 1) + 1; /* each two in the wrong order */
        put((uint16_t)(65530 + k), 3000 + 3000 * k, (uint16_t)(1 + k), "SM", 0);
    }
    ck_assert_uint_eq(frames(0), 18);
    rtp_receiver_free(&r);
}
END_TEST

START_TEST(pitfall_21_picture_ids_wrap_at_7_and_15_bits)
{
    /* What is lost between two frames is no frame where their ids follow one another. */
    static const struct {
        uint16_t last, next;
        const char *last_flags, *next_flags;
        bool follows;
    } rows[] = {
        {0x7FFF, 0, "KM", "SM", true}, {127, 0, "KM7", "SM7", true},
        {127, 128, "KM7", "SM", true}, {127, 0, "KM7", "SM", false},
        {5, 6, "KM7", "SM7", true},    {5, 7, "KM7", "SM7", false},
        {300, 301, "KM", "SM", true},  {300, 300, "KM", "SM", false},
        {300, 299, "KM", "SM", false}, {5, 6, "KM-", "SM", false},
        {5, 6, "KM", "SM-", false},    {127, 127, "KM7", "SM7", false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        setup();
        put(1, 3000, rows[i].last, rows[i].last_flags, 0);
        ck_assert_uint_eq(frames(0), 1);
        put(3, 6000, rows[i].next, rows[i].next_flags, 0);
        ck_assert_uint_eq(frames(0), 0);
        ck_assert_uint_eq(frames(RTP_GAP_WAIT), rows[i].follows);
        if (rows[i].follows) ck_assert_uint_eq(frame.lost_before, 1);
        ck_assert_int_eq(rtp_receiver_key_due(&r, RTP_GAP_WAIT), !rows[i].follows);
        rtp_receiver_free(&r);
    }
}
END_TEST

START_TEST(a_lost_frame_that_nothing_refers_to_costs_no_key_frame)
{
    begin(1);
    put(2, 6000, 2, "SN", 0); /* 3, its second packet, is lost */
    put(4, 9000, 3, "SM", 0);
    ck_assert_uint_eq(frames(RTP_GAP_WAIT), 1);
    ck_assert(!rtp_receiver_key_due(&r, RTP_GAP_WAIT));
    /* The same of a frame that others may refer to does cost one. */
    put(5, 12000, 4, "S", RTP_GAP_WAIT);
    put(7, 15000, 5, "SM", RTP_GAP_WAIT);
    ck_assert_uint_eq(frames(SEC(3)), 0);
    ck_assert(rtp_receiver_key_due(&r, SEC(3)));
    rtp_receiver_free(&r);
}
END_TEST

START_TEST(pitfall_21_tl0picidx_is_not_assumed)
{
    /* Descriptors of one byte: no picture id, no layers. */
    begin(1);
    static const uint8_t bare[] = {0x10, 0x11, 0, 0, 1};
    for (uint16_t i = 2; i < 50; i++) {
        struct rtp_packet p = {.marker = true,
                               .payload_type = 96,
                               .sequence = i,
                               .timestamp = i * 3000u,
                               .payload = {bare, sizeof bare}};
        ck_assert_int_eq(rtp_receiver_input(&r, &p, false, 0, &fault), OK);
        ck_assert_uint_eq(frames(0), 1);
    }
    rtp_receiver_free(&r);
}
END_TEST

START_TEST(a_key_frame_behind_a_gap_ends_the_wait)
{
    begin(1);
    put(3, 9000, 3, "SM", 0); /* 2 is missing */
    put(4, 12000, 4, "K", MS(1));
    put(5, 12000, 4, "M", MS(1));
    ck_assert_uint_eq(frames(MS(1)), 0);
    ck_assert_int_eq(rtp_receiver_deadline(&r), NACK_TOLERANCE);
    ck_assert_uint_eq(frames(RTP_GAP_KEY), 1);
    ck_assert(frame.key);
    ck_assert(!rtp_receiver_key_due(&r, SEC(1))); /* nothing to ask for */
    rtp_receiver_free(&r);
}
END_TEST

START_TEST(inv_53_jumps_of_every_size)
{
    uint16_t out[NACK_MISSING_MAX];
    /* More than 64,536 ahead is 1,000 or fewer behind: late, not new. */
    for (unsigned jump = 1; jump < 64500; jump += jump < 1200 ? 13 : 977) {
        begin(100);
        usec now = 0;
        size_t nacks = 0;
        /* Packets go on at the new place. */
        for (unsigned i = 0; i < 5; i++)
            put((uint16_t)(100 + jump + i), 6000 + 3000 * i, (uint16_t)(900 + i), "SM", now);
        for (; now < SEC(5); now += MS(10)) {
            nacks += rtp_receiver_nacks(&r, out, COUNT(out), MS(50), now);
            frames(now);
            ck_assert_uint_le(r.nack.count, NACK_MISSING_MAX);
        }
        ck_assert_uint_le(nacks, NACK_MISSING_MAX * NACK_TRIES_MAX);
        if (jump > 300) ck_assert_uint_eq(nacks, 0);
        ck_assert_int_eq(r.stats.resyncs, jump > 257);
        ck_assert(jump == 1 || rtp_receiver_key_due(&r, now));
        /* It goes on with the next key frame. */
        put((uint16_t)(100 + jump + 5), 90000, 905, "KM", now);
        ck_assert_uint_eq(frames(now), 1);
        rtp_receiver_free(&r);
    }
}
END_TEST

START_TEST(a_stray_from_far_away_changes_nothing)
{
    begin(100);
    put(30000, 1, 9, "SM", 0);
    put(101, 6000, 2, "SM", 0);
    put(40000, 1, 9, "SM", 0);
    put(102, 9000, 3, "SM", 0);
    ck_assert_uint_eq(frames(0), 2);
    ck_assert_uint_eq(r.stats.late, 2);
    ck_assert_uint_eq(r.stats.resyncs, 0);
    rtp_receiver_free(&r);
}
END_TEST

START_TEST(inv_55_requests_at_most_every_300_ms)
{
    unsigned asked = 0;
    begin(1);
    for (usec now = 0; now < SEC(10); now += MS(1)) {
        put((uint16_t)(3 + now / 1000 * 2), (uint32_t)now * 90, 77, "SM",
            now); /* each other one is lost */
        frames(now);
        asked += rtp_receiver_key_due(&r, now);
    }
    ck_assert_uint_le(asked, 34);
    ck_assert_uint_gt(asked, 10);
    rtp_receiver_free(&r);
}
END_TEST

START_TEST(inv_61_random_timestamps)
{
    struct rng rng;
    begin(1);
    rng_init_number(&rng, 1);
    unsigned got = 0;
    for (uint16_t i = 2; i < 5000; i++) {
        put(i, rng_u32(&rng), i, "SM", MS(i));
        got += frames(MS(i));
        ck_assert_uint_le(r.jitter.end - r.jitter.next, RTP_JITTER_MAX);
    }
    ck_assert_uint_eq(got, 4998); /* order is by sequence number; nothing waits */
    rtp_receiver_free(&r);
}
END_TEST

START_TEST(inv_61_a_frame_without_end)
{
    begin(1);
    for (unsigned i = 2; i < 20000; i++) {
        put((uint16_t)i, 6000, 2, i == 2 ? "S" : "", MS(i));
        frames(MS(i));
        ck_assert_uint_le(r.jitter.end - r.jitter.next, RTP_JITTER_MAX);
    }
    ck_assert(rtp_receiver_key_due(&r, SEC(30)));
    put(20000, 9000, 3, "KM", SEC(30));
    ck_assert_uint_eq(frames(SEC(30)), 1);
    rtp_receiver_free(&r);
}
END_TEST

START_TEST(inv_56_bad_payloads_are_refused)
{
    begin(1);
    struct rtp_packet p = {.sequence = 2, .payload_type = 96, .header_len = 12};
    static const uint8_t bad[] = {0x90, 0x80, 0x80};
    p.payload = (struct bytes){bad, sizeof bad};
    ck_assert_int_eq(rtp_receiver_input(&r, &p, false, 0, &fault), E_TRUNCATED);
    ck_assert_str_eq(fault.layer, "vp8");
    ck_assert_uint_eq(fault.offset, 12 + 2);
    p.payload.len = 0; /* padding only: takes its place in the order */
    ck_assert_int_eq(rtp_receiver_input(&r, &p, false, 0, &fault), OK);
    put(3, 6000, 2, "SM", 0);
    ck_assert_uint_eq(frames(0), 1);
    static const uint8_t big[PACKET_MAX] = {0x10};
    p.sequence = 4;
    p.payload = (struct bytes){big, RTP_SLOT_LEN + 2};
    ck_assert_int_eq(rtp_receiver_input(&r, &p, false, 0, &fault), E_FULL);
    rtp_receiver_free(&r);
}
END_TEST

START_TEST(pitfall_22_rtx_is_unwrapped)
{
    begin(1);
    static const uint8_t wrapped[] = {0, 2, 0x90, 0x80, 0x80, 2, 0x11, 0, 0, 1};
    struct rtp_packet rtx = {.marker = true,
                             .payload_type = 97,
                             .sequence = 40000, /* of the RTX stream: says nothing */
                             .timestamp = 6000,
                             .ssrc = 99,
                             .payload = {wrapped, sizeof wrapped},
                             .header_len = 12};
    struct rtp_packet original;
    put(3, 9000, 3, "SM", 0);
    ck_assert_uint_eq(frames(0), 0);
    ck_assert_int_eq(rtp_receiver_unwrap(&r, &rtx, &original, &fault), OK);
    ck_assert_uint_eq(original.sequence, 2);
    ck_assert_uint_eq(original.ssrc, 5);
    ck_assert_uint_eq(original.payload_type, 96); /* by apt */
    ck_assert_int_eq(rtp_receiver_input(&r, &original, true, MS(40), &fault), OK);
    ck_assert_uint_eq(frames(MS(40)), 2);
    ck_assert_uint_eq(r.stats.recovered, 1);
    ck_assert_int_eq(rtp_reception_lost(&r.reception), 1); /* RTX does not hide the loss */
    rtx.payload.len = 1;
    ck_assert_int_eq(rtp_receiver_unwrap(&r, &rtx, &original, &fault), E_TRUNCATED);
    rtx.payload.len = 0;
    ck_assert_int_eq(rtp_receiver_unwrap(&r, &rtx, &original, &fault), E_UNSUPPORTED);
    rtp_receiver_free(&r);
}
END_TEST

START_TEST(opus_does_not_wait_long)
{
    struct rtp_receiver_config cfg = pair_opus_receiver();
    ck_assert_int_eq(rtp_receiver_init(&r, &cfg), OK);
    rtp_receiver_restart(&r, 5);
    static const uint8_t sound[] = {0x78, 1};
    static const uint16_t sequences[] = {1, 2, 4, 3, 6, 7};
    static const unsigned got[] = {1, 1, 0, 2, 0, 0};
    for (size_t i = 0; i < COUNT(sequences); i++) {
        struct rtp_packet p = {.payload_type = 111,
                               .sequence = sequences[i],
                               .timestamp = sequences[i] * 960u,
                               .payload = {sound, sizeof sound}};
        ck_assert_int_eq(rtp_receiver_input(&r, &p, false, MS(20) * (usec)i, &fault), OK);
        ck_assert_uint_eq(frames(MS(20) * (usec)i), got[i]);
    }
    usec due = rtp_receiver_deadline(&r);
    ck_assert_int_eq(due, MS(80) + RTP_GAP_AUDIO);
    ck_assert_uint_eq(frames(due - 1), 0);
    rtp_receiver_tick(&r, due);
    ck_assert(rtp_receiver_frame(&r, &frame, due));
    ck_assert_uint_eq(frame.lost_before, 1); /* for the decoder's concealment */
    ck_assert_uint_eq(frames(due), 1);
    ck_assert_int_eq(rtp_receiver_deadline(&r), TIME_NEVER);
    ck_assert(!rtp_receiver_key_due(&r, due));
    rtp_receiver_free(&r);
}
END_TEST

/* Pitfall 20, the other end: a frame's capture time from the sender's report. */
START_TEST(pitfall_20_capture_times_from_reports)
{
    const int64_t unix_us = INT64_C(1763800000000000);
    begin(1);
    ck_assert(!frame.has_captured_unix);
    struct rtcp_sender_info info = {.ntp = ntp_of_unix_us(unix_us), .rtp_time = 3000 + 45000};
    rtp_receiver_sr(&r, &info, MS(10));
    put(2, 3000 + 90000, 2, "SM", MS(20));
    ck_assert_uint_eq(frames(MS(20)), 1);
    ck_assert(frame.has_captured_unix);
    ck_assert_int_eq(frame.captured_unix_us, unix_us + 500000);
    put(3, 3000, 3, "SM", MS(20)); /* before the report's time */
    ck_assert_uint_eq(frames(MS(20)), 1);
    ck_assert_int_eq(frame.captured_unix_us, unix_us - 500000);
    rtp_receiver_free(&r);
}
END_TEST

START_TEST(inv_24_configurations_out_of_range)
{
    struct rtp_receiver_config cfg = pair_vp8_receiver();
    cfg.types[0].pt = 200;
    ck_assert_int_eq(rtp_receiver_init(&r, &cfg), E_MALFORMED);
    cfg = pair_vp8_receiver();
    cfg.types[1].apt = 128;
    ck_assert_int_eq(rtp_receiver_init(&r, &cfg), E_MALFORMED);
    cfg = pair_vp8_receiver();
    cfg.type_count = RTP_PAYLOAD_TYPES_MAX + 1;
    ck_assert_int_eq(rtp_receiver_init(&r, &cfg), E_FULL);
    cfg = pair_vp8_receiver();
    cfg.packets = 100;
    ck_assert_int_eq(rtp_receiver_init(&r, &cfg), E_MALFORMED);
    cfg.packets = 1024;
    ck_assert_int_eq(rtp_receiver_init(&r, &cfg), E_MALFORMED);
}
END_TEST

START_TEST(what_is_late_does_not_undo_a_resync)
{
    begin(10);
    put(400, 90000, 30, "K", MS(10)); /* 389 were lost: a new beginning, a key frame */
    ck_assert_uint_eq(r.stats.resyncs, 1);
    put(10, 3000, 1, "KM", MS(11)); /* a copy of the frame that was given out long ago */
    ck_assert_uint_eq(frames(MS(11)), 0);
    put(401, 90000, 30, "M", MS(12));
    ck_assert_uint_eq(frames(MS(12)), 1);
    ck_assert(frame.key);
    ck_assert_uint_eq((uint32_t)frame.timestamp, 90000);
    ck_assert_uint_eq(r.stats.resyncs, 1);
    rtp_receiver_free(&r);
}
END_TEST

/* RFC 7741 §4.3, §4.4: only the first byte need be in the first packet. */
START_TEST(a_key_frame_may_be_cut_in_its_header)
{
    static const uint8_t key[] = {0x10, 0, 0, 0x9D, 1, 0x2A, 0x40, 1, 0xF0, 0, 9, 9};
    for (size_t cut = 1; cut < sizeof key; cut++) {
        setup();
        for (uint16_t i = 0; i < 2; i++) {
            uint8_t room[sizeof key + 1];
            struct writer w = writer_of(room, sizeof room);
            vp8_write_descriptor(&w, &(struct vp8_descriptor){.start = i == 0});
            write_bytes(&w, i == 0 ? (struct bytes){key, cut}
                                   : (struct bytes){key + cut, sizeof key - cut});
            struct rtp_packet p = {
                .marker = i == 1, .payload_type = 96, .sequence = i, .payload = writer_done(&w)};
            ck_assert_int_eq(rtp_receiver_input(&r, &p, false, 0, &fault), OK);
        }
        ck_assert_uint_eq(frames(0), 1);
        ck_assert(frame.key);
        ck_assert_uint_eq(frame.width, 320);
        rtp_receiver_free(&r);
    }
}
END_TEST

static void put_padding(uint16_t sequence, usec now)
{
    struct rtp_packet p = {.payload_type = 96, .sequence = sequence, .payload = {r.mid, 0}};
    ck_assert_int_eq(rtp_receiver_input(&r, &p, false, now, &fault), OK);
}

START_TEST(padding_that_came_first_is_not_missed)
{
    uint16_t missing[16];
    setup();
    put_padding(12, 0);
    put_padding(13, 0);
    put_padding(12, 0); /* again */
    put(10, 3000, 1, "KM", MS(1));
    ck_assert_uint_eq(r.stats.duplicates, 1);
    ck_assert_uint_eq(rtp_receiver_nacks(&r, missing, COUNT(missing), 0, MS(50)), 1);
    ck_assert_uint_eq(missing[0], 11);
    put(11, 6000, 2, "SM", MS(60));
    put(14, 9000, 3, "SM", MS(60));
    ck_assert_uint_eq(frames(MS(60)), 3);
    ck_assert_uint_eq(rtp_receiver_nacks(&r, missing, COUNT(missing), 0, SEC(1)), 0);
    ck_assert_int_eq(rtp_reception_lost(&r.reception), -1); /* one came twice */
    rtp_receiver_free(&r);
}
END_TEST

SUITE("rtp receiver", pitfall_21_missing_starts_are_never_given_out,
      the_first_packet_may_be_overtaken, pitfall_13_frames_over_the_wrap,
      pitfall_21_picture_ids_wrap_at_7_and_15_bits,
      a_lost_frame_that_nothing_refers_to_costs_no_key_frame, pitfall_21_tl0picidx_is_not_assumed,
      a_key_frame_behind_a_gap_ends_the_wait, inv_53_jumps_of_every_size,
      a_stray_from_far_away_changes_nothing, inv_55_requests_at_most_every_300_ms,
      inv_61_random_timestamps, inv_61_a_frame_without_end, inv_56_bad_payloads_are_refused,
      pitfall_22_rtx_is_unwrapped, opus_does_not_wait_long, pitfall_20_capture_times_from_reports,
      inv_24_configurations_out_of_range, what_is_late_does_not_undo_a_resync,
      a_key_frame_may_be_cut_in_its_header, padding_that_came_first_is_not_missed)
