#include "rtp/feedback.h"
#include "rtp/internal.h"
#include "tests/rtp/pair.h"

struct seen {
    unsigned frames, keys, new_streams, key_wishes, byes;
    uint32_t bye_ssrc;
    uint64_t bitrate;
    size_t stream; /* of the last event */
    struct rtp_frame last;
    uint8_t payload[100000];
};

static struct seen seen[2];
static struct pair p;
static size_t video, audio, video_in, audio_in;

static void record(struct pair *pair, int side, const struct rtp_event *ev)
{
    struct seen *s = &seen[side];
    (void)pair;
    s->stream = ev->stream;
    switch (ev->type) {
    case RTP_FRAME:
        s->frames++;
        s->keys += ev->as.frame.key;
        s->last = ev->as.frame;
        memcpy(s->payload, ev->as.frame.payload.at, ev->as.frame.payload.len);
        break;
    case RTP_STREAM_NEW: s->new_streams++; break;
    case RTP_KEY_WANTED: s->key_wishes++; break;
    case RTP_BITRATE: s->bitrate = ev->as.bitrate; break;
    case RTP_BYE:
        s->byes++;
        s->bye_ssrc = ev->as.ssrc;
        break;
    }
}

/* Side 0 sends a picture and sound to side 1. */
static void setup(void)
{
    struct rtp_sender_config vs = pair_vp8_sender(), as = pair_opus_sender();
    struct rtp_receiver_config vr = pair_vp8_receiver(), ar = pair_opus_receiver();
    memset(seen, 0, sizeof seen);
    pair_init(&p, 1);
    p.event = record;
    ck_assert_int_eq(rtp_session_add_sender(p.side[0], &vs, &video), OK);
    ck_assert_int_eq(rtp_session_add_sender(p.side[0], &as, &audio), OK);
    ck_assert_int_eq(rtp_session_add_receiver(p.side[1], &vr, &video_in), OK);
    ck_assert_int_eq(rtp_session_add_receiver(p.side[1], &ar, &audio_in), OK);
}

static void send_picture(size_t len, bool key, uint64_t timestamp)
{
    static uint8_t room[100000];
    struct rtp_frame f = {.payload = pair_frame(room, len, key, 1),
                          .timestamp = timestamp,
                          .key = key,
                          .captured = p.now};
    ck_assert_int_eq(rtp_session_send(p.side[0], video, &f, p.now), OK);
    pair_drain(&p, 0);
}

static void send_sound(uint64_t timestamp)
{
    static const uint8_t sound[] = {0x78, 1, 2, 3};
    struct rtp_frame f = {.payload = {sound, sizeof sound},
                          .timestamp = timestamp,
                          .audio_level = 30,
                          .voice = true,
                          .captured = p.now};
    ck_assert_int_eq(rtp_session_send(p.side[0], audio, &f, p.now), OK);
    pair_drain(&p, 0);
}

START_TEST(vp8_and_opus_frames_arrive_whole)
{
    static const size_t lens[] = {10, 11, 1100, 1200, 5000, 90000, 3, 40};
    static uint8_t room[90000];
    setup();
    for (size_t i = 0; i < COUNT(lens); i++) {
        struct bytes payload = pair_frame(room, lens[i], i == 0, 1);
        send_picture(lens[i], i == 0, 3000 * i);
        pair_run(&p, MS(60));
        ck_assert_uint_eq(seen[1].frames, i + 1);
        ck_assert_uint_eq(seen[1].last.payload.len, lens[i]);
        ck_assert_mem_eq(seen[1].payload, payload.at, payload.len);
        ck_assert_uint_eq(seen[1].last.width, i == 0 ? 640 : 0);
        ck_assert_uint_eq(seen[1].last.height, i == 0 ? 480 : 0);
    }
    send_sound(960);
    pair_run(&p, MS(60));
    ck_assert_uint_eq(seen[1].frames, COUNT(lens) + 1);
    ck_assert_uint_eq(seen[1].last.audio_level, 30);
    ck_assert(seen[1].last.voice);
    ck_assert_mem_eq(seen[1].payload, "\x78\1\2\3", 4);
    ck_assert_uint_eq(seen[1].new_streams, 2);
    pair_free(&p);
}
END_TEST

START_TEST(the_bare_session_is_small)
{
    ck_assert_uint_le(sizeof(struct rtp_session), RTP_SESSION_BYTES);
    ck_assert_uint_le(RTP_SESSION_BYTES, 64 * 1024);
}
END_TEST

START_TEST(inv_62_the_cname_is_random)
{
    struct rng rng;
    char a[RTP_CNAME_LEN + 1], b[RTP_CNAME_LEN + 1];
    rng_init_number(&rng, 1);
    rtp_cname_draw(&rng, a);
    rtp_cname_draw(&rng, b);
    ck_assert_uint_eq(strlen(a), RTP_CNAME_LEN);
    ck_assert_str_ne(a, b);
    pair_init(&p, 1);
    ck_assert_uint_eq(strlen(rtp_session_cname(p.side[0])), RTP_CNAME_LEN);
    ck_assert_str_ne(rtp_session_cname(p.side[0]), rtp_session_cname(p.side[1]));
    pair_free(&p);
    struct rtp_session_config cfg = {.cname = "given"};
    struct rtp_session *s = rtp_session_new(&cfg);
    ck_assert_str_eq(rtp_session_cname(s), "given");
    rtp_session_free(s);
    rtp_session_free(NULL);
}
END_TEST

/* Pitfall 20: nothing is reported before anything came or went, then about once a second. */
static unsigned reports[2];

static bool count_reports(struct pair *pair, int from, const struct packet *packet, bool is_rtcp)
{
    struct rtcp_walk w = rtcp_walk_of(packet_bytes(packet));
    struct rtcp_packet r;
    (void)pair;
    if (!is_rtcp) return true;
    while (rtcp_next(&w, &r)) {
        if (r.type != RTCP_SR && r.type != RTCP_RR) continue;
        ck_assert_uint_eq(r.offset, 0); /* RFC 3550 6.1: a report first... */
        ck_assert(rtcp_next(&w, &r));
        ck_assert_uint_eq(r.type, RTCP_SDES); /* ...and who it is */
        reports[from]++;
    }
    return true;
}

START_TEST(pitfall_20_reports_begin_with_media_and_come_once_a_second)
{
    setup();
    p.watch = count_reports;
    reports[0] = reports[1] = 0;
    pair_run(&p, SEC(10));
    ck_assert_uint_eq(reports[0] + reports[1], 0);
    ck_assert_int_eq(rtp_session_deadline(p.side[0]), TIME_NEVER);
    for (unsigned i = 0; i < 1000; i++) {
        if (i % 3 == 0) send_picture(500, i == 0, i * 900);
        if (i % 2 == 0) send_sound(i * 480);
        pair_run(&p, MS(10));
    }
    pair_run(&p, MS(50));                 /* what is on its way */
    ck_assert_uint_ge(reports[0], 2 * 6); /* one each for picture and sound */
    ck_assert_uint_le(reports[0], 2 * 20);
    ck_assert_uint_ge(reports[1], 6);
    ck_assert_uint_le(reports[1], 20);
    struct rtp_sender_stats sent;
    struct rtp_receiver_stats got;
    ck_assert(rtp_session_sender_stats(p.side[0], video, &sent));
    ck_assert(rtp_session_receiver_stats(p.side[1], video_in, &got));
    ck_assert(sent.has_report);
    ck_assert_int_ge(sent.rtt, MS(39)); /* twice the link's delay */
    ck_assert_int_le(sent.rtt, MS(44));
    ck_assert_int_eq(rtp_session_stats(p.side[0]).rtt, sent.rtt);
    ck_assert_uint_eq(got.packets, sent.packets);
    ck_assert_uint_eq(got.bytes, sent.bytes);
    pair_free(&p);
}
END_TEST

/* Pitfall 20: picture and sound taken at one instant come out with the same capture time. */
START_TEST(pitfall_20_lips_are_in_step)
{
    int64_t picture = 0, sound = 0;
    setup();
    p.link[0].delay = MS(35);
    for (unsigned i = 0; i < 300; i++) {
        usec taken = p.now;
        send_picture(500, i == 0, i * 1800); /* 20 ms each */
        send_sound(i * 960);
        while (p.now < taken + MS(20)) {
            pair_step(&p);
            if (!seen[1].last.has_captured_unix) continue;
            if (seen[1].stream == video_in)
                picture = seen[1].last.captured_unix_us;
            else
                sound = seen[1].last.captured_unix_us;
        }
    }
    /* What came last is the pair taken 35 to 55 ms ago. */
    ck_assert_int_ge(PAIR_UNIX_US + p.now - sound, MS(35));
    ck_assert_int_le(PAIR_UNIX_US + p.now - sound, MS(60));
    ck_assert(picture == 0 || llabs(picture - sound) <= MS(20) + 100);
    pair_free(&p);
}
END_TEST

START_TEST(transport_feedback_comes_often)
{
    setup();
    for (unsigned i = 0; i < 200; i++) {
        send_sound(i * 960);
        pair_run(&p, MS(20));
    }
    pair_run(&p, MS(200));
    struct rtp_session_stats stats = rtp_session_stats(p.side[0]);
    ck_assert_uint_eq(stats.twcc_acked, 200);
    ck_assert_uint_eq(stats.twcc_lost, 0);
    ck_assert_uint_ge(p.link[1].rtcp_packets, 40); /* 4 s, every 64 ms and reports */
    ck_assert_uint_le(p.link[1].rtcp_packets, 75);
    pair_free(&p);
}
END_TEST

START_TEST(bye_and_another_stream_in_its_place)
{
    struct rtp_sender_config again = pair_vp8_sender();
    setup();
    send_picture(500, true, 0);
    pair_run(&p, MS(100));
    rtp_session_remove_sender(p.side[0], video);
    pair_drain(&p, 0);
    pair_run(&p, MS(100));
    ck_assert_uint_eq(seen[1].byes, 1);
    ck_assert_uint_eq(seen[1].bye_ssrc, 0x11111111);
    again.ssrc = 0x44444444;
    again.rtx_ssrc = 0x55555555;
    ck_assert_int_eq(rtp_session_add_sender(p.side[0], &again, &video), OK);
    send_picture(500, true, 0);
    pair_run(&p, MS(100));
    ck_assert_uint_eq(seen[1].new_streams, 2);
    ck_assert_uint_eq(seen[1].frames, 2);
    struct rtp_frame f = {.payload = bytes_of("x")};
    ck_assert_int_eq(rtp_session_send(p.side[0], 99, &f, p.now), E_STATE);
    ck_assert_int_eq(rtp_session_send(p.side[0], 7, &f, p.now), E_STATE);
    pair_free(&p);
}
END_TEST

/* Of a frame that was cut off by a hold the receiver never has all, and is shown nothing. */
START_TEST(a_hold_amid_a_frame_passes_no_half_of_it_on)
{
    struct rtp_sender_config cfg = pair_vp8_sender();
    setup();
    send_picture(500, true, 0);
    pair_run(&p, MS(100));
    send_picture(50000, false, 3000); /* a burst leaves at once, the rest waits */
    rtp_session_pause_sender(p.side[0], video);
    pair_run(&p, SEC(2));
    ck_assert_uint_eq(seen[1].frames, 1);
    ck_assert_int_eq(rtp_session_update_sender(p.side[0], video, &cfg), OK);
    send_picture(500, true, 6000);
    pair_run(&p, MS(100));
    ck_assert_uint_eq(seen[1].frames, 2);
    ck_assert_uint_eq(seen[1].keys, 2);
    pair_free(&p);
}
END_TEST

/* A plain VP8 packet straight into side 1. */
static enum err input(uint32_t ssrc, uint8_t pt, const char *mid, uint16_t sequence)
{
    static const uint8_t vp8[] = {0x10, 0x10, 0, 0, 0x9D, 1, 0x2A, 0x40, 1, 0xF0, 0};
    struct packet in;
    packet_reset(&in);
    struct writer w = packet_writer(&in);
    struct rtp_packet rtp = {.marker = true,
                             .payload_type = pt,
                             .sequence = sequence,
                             .ssrc = ssrc,
                             .payload = {vp8, sizeof vp8}};
    struct rtp_extension e = {4, bytes_of(mid ? mid : "")};
    rtp_write(&w, &rtp, &e, mid ? 1 : 0);
    in.len = writer_len(&w);
    return rtp_session_input_rtp(p.side[1], &in, p.now);
}

/* RFC 9143 9.2, in its order. */
/* The header tells while the packet is still protected: its padding, in the last byte, does not. */
static bool expected(uint32_t ssrc, uint8_t pt, const char *mid)
{
    uint8_t room[64] = {0};
    struct writer w = writer_of(room, sizeof room);
    write_u8(&w, mid ? 0xB0 : 0xA0); /* with padding, the count of which is encrypted */
    write_u8(&w, pt);
    write_u16(&w, 7);
    write_u32(&w, 0);
    write_u32(&w, ssrc);
    if (mid) {
        write_u16(&w, RTP_PROFILE_ONE_BYTE);
        write_u16(&w, 1);
        write_u8(&w, (uint8_t)(pair_vp8_receiver().extensions.mid << 4));
        write_u8(&w, (uint8_t)mid[0]);
        write_u16(&w, 0);
    }
    write_zeros(&w, 20);
    return rtp_session_expects(p.side[1], writer_done(&w), p.now);
}

START_TEST(inv_60_what_is_of_no_stream_need_not_be_opened)
{
    struct rtp_receiver_stats stats;
    static const uint8_t cut[11] = {0x80, 96};
    setup();
    ck_assert(expected(70, 96, NULL)); /* a payload type of one section */
    ck_assert(expected(70, 96, "0"));  /* and its MID */
    ck_assert(!expected(70, 96, "7"));
    ck_assert(!expected(70, 55, NULL));
    ck_assert(!expected(0, 96, NULL)); /* no SSRC at all */
    ck_assert(rtp_session_expects(p.side[1], (struct bytes){cut, sizeof cut}, p.now));
    /* Asking changes nothing: the SSRC is still nobody's. */
    ck_assert(!expected(70, 55, NULL));
    ck_assert(rtp_session_receiver_stats(p.side[1], video_in, &stats));
    ck_assert_uint_eq(stats.packets, 0);
    ck_assert_uint_eq(rtp_session_stats(p.side[1]).rtp_packets_in, 0);
    /* Once it is somebody's, it alone is enough: the session names a wrong type then. */
    ck_assert_int_eq(input(70, 96, NULL, 1), OK);
    ck_assert(expected(70, 55, NULL));
    ck_assert(!expected(71, 55, NULL));
    /* While that one is heard, no other takes its place: neither now nor when it is opened. */
    ck_assert(!expected(71, 96, NULL));
    ck_assert_int_eq(input(71, 96, NULL, 1), E_UNSUPPORTED);
    p.now += RTP_IDLE;
    ck_assert(expected(71, 96, NULL));
    ck_assert_int_eq(input(71, 96, NULL, 1), OK);
    pair_free(&p);
}
END_TEST

START_TEST(pitfall_14_which_section_a_packet_belongs_to)
{
    struct rtp_receiver_config second = pair_vp8_receiver();
    size_t second_in;
    setup();
    second.mid = bytes_of("2");
    second.types[0].pt = 102;
    second.types[1] = (struct rtp_payload_type){.pt = 97, .is_rtx = true, .apt = 102};
    ck_assert_int_eq(rtp_session_add_receiver(p.side[1], &second, &second_in), OK);
    struct rtp_receiver_stats stats;
    /* By MID, then by the SSRC that it taught. */
    ck_assert_int_eq(input(70, 102, "2", 1), OK);
    ck_assert_int_eq(input(70, 102, NULL, 2), OK);
    ck_assert(rtp_session_receiver_stats(p.side[1], second_in, &stats));
    ck_assert_uint_eq(stats.packets, 2);
    /* By a payload type that is in one section only. */
    ck_assert_int_eq(input(71, 96, NULL, 1), OK);
    ck_assert(rtp_session_receiver_stats(p.side[1], video_in, &stats));
    ck_assert_uint_eq(stats.packets, 1);
    /* Not by one that is in two; not against the MID it carries; nor by an unknown one. */
    ck_assert_int_eq(input(72, 97, NULL, 1), E_UNSUPPORTED);
    ck_assert_int_eq(input(73, 96, "7", 1), E_UNSUPPORTED);
    ck_assert_int_eq(input(74, 55, NULL, 1), E_UNSUPPORTED);
    ck_assert_int_eq(input(75, 55, "0", 1), E_UNSUPPORTED);
    ck_assert_uint_eq(rtp_session_stats(p.side[1]).unknown_stream, 4);
    ck_assert_str_eq(rtp_session_fault(p.side[1])->layer, "rtp");
    /* A known SSRC with a payload type that was not agreed on. */
    ck_assert_int_eq(input(70, 96, NULL, 3), E_UNSUPPORTED);
    ck_assert_uint_eq(rtp_session_stats(p.side[1]).unknown_type, 1);
    pair_free(&p);
}
END_TEST

START_TEST(inv_60_a_flood_of_ssrcs_makes_no_streams)
{
    struct rng rng;
    setup();
    rng_init_number(&rng, 7);
    ck_assert_int_eq(input(70, 96, "0", 1), OK);
    unsigned taken = 0;
    for (unsigned i = 0; i < 1000000; i++) {
        p.now += i % 1000 == 0 ? MS(1) : 0;
        if (i % 1000 == 0) input(70, 96, "0", (uint16_t)(2 + i / 1000));
        taken += input(rng_u32(&rng), 96, i % 2 ? "0" : NULL, (uint16_t)i) == OK;
    }
    ck_assert_uint_eq(taken, 0);
    pair_drain(&p, 1);
    ck_assert_uint_eq(seen[1].new_streams, 1);
    /* The stream itself goes on; once it is idle another may come. */
    ck_assert_int_eq(input(70, 96, "0", 1002), OK);
    p.now += RTP_IDLE;
    ck_assert_int_eq(input(71, 96, "0", 1), OK);
    pair_drain(&p, 1);
    ck_assert_uint_eq(seen[1].new_streams, 2);
    pair_free(&p);
}
END_TEST

START_TEST(pitfall_22_probes_before_the_stream_are_silent)
{
    struct packet in;
    struct rtp_packet probe = {.payload_type = 97, .ssrc = 99, .sequence = 5, .padding = 255};
    struct rtp_extension e = {4, bytes_of("0")};
    setup();
    for (int i = 0; i < 3; i++, probe.sequence++) {
        packet_reset(&in);
        struct writer w = packet_writer(&in);
        rtp_write(&w, &probe, &e, 1);
        in.len = writer_len(&w);
        ck_assert_int_eq(rtp_session_input_rtp(p.side[1], &in, p.now), OK);
    }
    pair_drain(&p, 1);
    ck_assert_uint_eq(rtp_session_stats(p.side[1]).probes, 3);
    ck_assert_uint_eq(seen[1].new_streams, 0);
    send_picture(500, true, 0);
    pair_run(&p, MS(50));
    ck_assert_uint_eq(seen[1].frames, 1);
    pair_free(&p);
}
END_TEST

/* Feedback of side 1's making, straight into side 0. */
static enum err feed(void (*write)(struct writer *w, unsigned i), unsigned i)
{
    uint8_t room[1500];
    struct writer w = writer_of(room, sizeof room);
    write(&w, i);
    return rtp_session_input_rtcp(p.side[0], writer_done(&w), p.now);
}

static void write_pli(struct writer *w, unsigned i)
{
    (void)i;
    rtcp_write_pli(w, 1, 0x11111111);
}

static void write_strange(struct writer *w, unsigned i)
{
    uint16_t sequence = (uint16_t)i;
    int16_t delta = 1;
    rtcp_write_nack(w, 1, 0x11111111, &sequence, 1);
    rtcp_write_nack(w, 1, i, &sequence, 1);
    rtcp_write_pli(w, 1, i);
    rtcp_write_fir(w, 1, &(struct rtcp_fir){i, 1}, 1);
    rtcp_write_twcc(w, 1, i, sequence, 0, 0, &delta, 1);
    rtcp_write_reports(w, &(struct rtcp_reports){.ssrc = i, .count = 1, .reports = {{.ssrc = i}}});
}

START_TEST(inv_50_feedback_about_the_unknown_is_ignored)
{
    setup();
    for (unsigned i = 0; i < 70000; i += 7) PAIR_CHECK(feed(write_strange, i) == OK);
    ck_assert_uint_gt(rtp_session_stats(p.side[0]).feedback_unknown, 40000);
    pair_drain(&p, 0);
    ck_assert_uint_eq(seen[0].key_wishes, 0);
    pair_free(&p);
}
END_TEST

START_TEST(inv_55_a_storm_of_requests)
{
    setup();
    for (unsigned i = 0; i < 10000; i++) { /* 1,000 a second for 10 s */
        p.now += MS(1);
        PAIR_CHECK(feed(write_pli, i) == OK);
        pair_drain(&p, 0);
    }
    ck_assert_uint_ge(seen[0].key_wishes, 10);
    ck_assert_uint_le(seen[0].key_wishes, 11);
    pair_free(&p);
}
END_TEST

static void write_remb(struct writer *w, unsigned i)
{
    static const uint64_t rates[] = {1, 2500000, UINT64_MAX};
    uint32_t ssrc = 0x11111111;
    rtcp_write_remb(w, 1, rates[i], &ssrc, 1);
}

START_TEST(inv_52_rates_are_clamped)
{
    setup();
    static const uint64_t least[] = {30000, 2499000, 1000000000},
                          most[] = {30000, 2500000, 1000000000};
    for (unsigned i = 0; i < 3; i++) {
        ck_assert_int_eq(feed(write_remb, i), OK);
        pair_drain(&p, 0);
        ck_assert_uint_ge(seen[0].bitrate, least[i]);
        ck_assert_uint_le(seen[0].bitrate, most[i]);
    }
    pair_free(&p);
}
END_TEST

static void write_half_bad(struct writer *w, unsigned i)
{
    static const uint8_t bad[] = {0x81, 203, 0, 2, 0, 0, 0, 1, 9, 'a', 'b', 'c'};
    (void)i;
    rtcp_write_pli(w, 1, 0x11111111);
    write_bytes(w, (struct bytes){bad, sizeof bad});
}

START_TEST(inv_46_a_bad_datagram_does_nothing_at_all)
{
    struct rtp_sender_stats stats;
    setup();
    ck_assert_int_eq(feed(write_half_bad, 0), E_TRUNCATED);
    ck_assert(rtp_session_sender_stats(p.side[0], video, &stats));
    ck_assert_uint_eq(stats.plis, 0);
    ck_assert_uint_eq(rtp_session_stats(p.side[0]).malformed, 1);
    ck_assert_str_eq(rtp_session_fault(p.side[0])->layer, "rtcp");
    ck_assert_uint_eq(rtp_session_fault(p.side[0])->offset, 21);
    pair_free(&p);
}
END_TEST

static unsigned compounds;

static bool starts_with_report(struct pair *pair, int from, const struct packet *packet,
                               bool is_rtcp)
{
    (void)pair;
    (void)from;
    if (!is_rtcp) return true;
    compounds++;
    PAIR_CHECK(packet->at[1] == RTCP_SR || packet->at[1] == RTCP_RR);
    return true;
}

START_TEST(pitfall_20_compound_where_reduced_size_was_not_agreed)
{
    setup();
    for (int i = 0; i < 2; i++) p.side[i]->reduced_size = false;
    p.watch = starts_with_report;
    p.link[0].loss = 20;
    compounds = 0;
    for (unsigned i = 0; i < 100; i++) {
        send_picture(4000, i == 0, i * 3000);
        pair_run(&p, MS(33));
    }
    rtp_session_remove_sender(p.side[0], video);
    pair_drain(&p, 0);
    ck_assert_uint_gt(compounds, 50);
    pair_free(&p);
}
END_TEST

START_TEST(a_decoder_may_ask_for_a_key_frame)
{
    setup();
    rtp_session_want_key(p.side[1], video_in); /* no stream yet: nobody to ask */
    pair_drain(&p, 1);
    ck_assert_int_eq(rtp_session_deadline(p.side[1]), TIME_NEVER);
    send_picture(100, true, 0);
    pair_run(&p, MS(100));
    rtp_session_want_key(p.side[1], video_in);
    rtp_session_want_key(p.side[1], audio_in); /* means nothing */
    rtp_session_want_key(p.side[1], 77);
    pair_drain(&p, 1);
    pair_run(&p, MS(100));
    ck_assert_uint_eq(seen[0].key_wishes, 1);
    ck_assert_uint_eq(seen[0].stream, video);
    send_picture(100, false, 3000);
    pair_run(&p, MS(100));
    ck_assert_uint_eq(seen[1].frames, 1); /* not before the key frame */
    send_picture(100, true, 6000);
    pair_run(&p, MS(100));
    ck_assert_uint_eq(seen[1].frames, 2);
    pair_free(&p);
}
END_TEST

START_TEST(streams_are_bounded_and_removed)
{
    size_t i, index;
    struct rtp_sender_config vs = pair_vp8_sender();
    struct rtp_receiver_config vr = pair_vp8_receiver();
    pair_init(&p, 1);
    vs.history = vr.packets = 8;
    for (i = 0; i < RTP_SENDERS_MAX; i++) {
        vs.ssrc = (uint32_t)(100 + 2 * i);
        vs.rtx_ssrc = (uint32_t)(101 + 2 * i);
        ck_assert_int_eq(rtp_session_add_sender(p.side[0], &vs, &index), OK);
    }
    vs.ssrc = 900;
    ck_assert_int_eq(rtp_session_add_sender(p.side[0], &vs, &index), E_FULL);
    rtp_session_remove_sender(p.side[0], 3);
    vs.rtx_ssrc = 100; /* in use */
    ck_assert_int_eq(rtp_session_add_sender(p.side[0], &vs, &index), E_STATE);
    vs.rtx_ssrc = 901;
    ck_assert_int_eq(rtp_session_add_sender(p.side[0], &vs, &index), OK);
    ck_assert_uint_eq(index, 3);
    for (i = 0; i < RTP_RECEIVERS_MAX; i++)
        ck_assert_int_eq(rtp_session_add_receiver(p.side[0], &vr, &index), OK);
    ck_assert_int_eq(rtp_session_add_receiver(p.side[0], &vr, &index), E_FULL);
    rtp_session_remove_receiver(p.side[0], 5);
    rtp_session_remove_receiver(p.side[0], 5);
    rtp_session_remove_sender(p.side[0], 99);
    struct rtp_receiver_stats stats;
    ck_assert(!rtp_session_receiver_stats(p.side[0], 5, &stats));
    ck_assert_int_eq(rtp_session_update_receiver(p.side[0], 5, &vr), E_STATE);
    ck_assert_int_eq(rtp_session_update_receiver(p.side[0], 6, &vr), OK);
    ck_assert_int_eq(rtp_session_update_sender(p.side[0], 77, &vs), E_STATE);
    ck_assert_int_eq(rtp_session_update_sender(p.side[0], 3, &vs), OK);
    vs.rtx_ssrc = 100; /* in use */
    ck_assert_int_eq(rtp_session_update_sender(p.side[0], 3, &vs), E_STATE);
    pair_free(&p);
}
END_TEST

SUITE("rtp session", vp8_and_opus_frames_arrive_whole, the_bare_session_is_small,
      inv_62_the_cname_is_random, pitfall_20_reports_begin_with_media_and_come_once_a_second,
      pitfall_20_lips_are_in_step, transport_feedback_comes_often,
      bye_and_another_stream_in_its_place, a_hold_amid_a_frame_passes_no_half_of_it_on,
      pitfall_14_which_section_a_packet_belongs_to, inv_60_what_is_of_no_stream_need_not_be_opened,
      inv_60_a_flood_of_ssrcs_makes_no_streams, pitfall_22_probes_before_the_stream_are_silent,
      inv_50_feedback_about_the_unknown_is_ignored, inv_55_a_storm_of_requests,
      inv_52_rates_are_clamped, inv_46_a_bad_datagram_does_nothing_at_all,
      pitfall_20_compound_where_reduced_size_was_not_agreed, a_decoder_may_ask_for_a_key_frame,
      streams_are_bounded_and_removed)
