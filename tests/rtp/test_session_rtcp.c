/* What a session decides about RTCP: when which packets go out, in what order and company, and what
 * those that come do. The packets' own form is tested in test_rtcp.c and test_feedback.c. */
#include "rtp/feedback.h"
#include "rtp/internal.h"
#include "tests/rtp/pair.h"

static struct rtp_session *s;
static struct packet out;

static void make(uint64_t seed, bool reduced_size)
{
    struct rtp_session_config cfg = {.unix_us = PAIR_UNIX_US, .reduced_size = reduced_size};
    rng_init_number(&cfg.rng, seed);
    s = rtp_session_new(&cfg);
    ck_assert_ptr_nonnull(s);
}

static size_t add_sender(enum rtp_kind kind)
{
    struct rtp_sender_config cfg = kind == RTP_VP8 ? pair_vp8_sender() : pair_opus_sender();
    size_t sender = 99;
    ck_assert_int_eq(rtp_session_add_sender(s, &cfg, &sender), OK);
    return sender;
}

static size_t add_receiver(struct rtp_receiver_config cfg)
{
    size_t receiver = 99;
    ck_assert_int_eq(rtp_session_add_receiver(s, &cfg, &receiver), OK);
    return receiver;
}

/* The next RTCP datagram; RTP before it is thrown away. */
static bool next_rtcp(usec now)
{
    bool is_rtcp;
    while (rtp_session_output(s, &out, &is_rtcp, now))
        if (is_rtcp) return true;
    return false;
}

static void send_frame(size_t sender, usec now)
{
    uint8_t room[100];
    struct rtp_frame f = {.payload = pair_frame(room, sizeof room, true, 1),
                          .key = true,
                          .audio_level = RTP_LEVEL_UNKNOWN,
                          .captured = now};
    ck_assert_int_eq(rtp_session_send(s, sender, &f, now), OK);
    ck_assert(!next_rtcp(now));
}

/* A packet of the peer's video: a key frame of its own. */
static void feed(uint16_t sequence, usec now)
{
    struct packet in;
    uint8_t payload[40] = {0x10}; /* S: RFC 7741 §4.2 */
    pair_frame(payload + 1, sizeof payload - 1, true, sequence);
    const struct rtp_packet p = {.marker = true,
                                 .payload_type = 96,
                                 .sequence = sequence,
                                 .timestamp = sequence * 3000u,
                                 .ssrc = 0x77777777,
                                 .payload = {payload, sizeof payload}};
    packet_reset(&in);
    struct writer w = packet_writer(&in);
    rtp_write(&w, &p, NULL, 0);
    in.len = writer_len(&w);
    ck_assert_int_eq(rtp_session_input_rtp(s, &in, now), OK);
}

static void take_frames(void)
{
    struct rtp_event ev;
    while (rtp_session_event(s, &ev)) continue;
}

static char letter(const struct rtcp_packet *p)
{
    switch (p->type) {
    case RTCP_SR: return 'S';
    case RTCP_RR: return 'R';
    case RTCP_SDES: return 'D';
    case RTCP_BYE: return 'B';
    case RTCP_RTPFB: return p->count == RTPFB_NACK ? 'N' : 'T';
    case RTCP_PSFB: return p->count == PSFB_PLI ? 'P' : p->count == PSFB_FIR ? 'F' : '?';
    default: return '?';
    }
}

/* The packets of `out`, a letter each. */
static const char *shape(void)
{
    static char letters[16];
    struct rtcp_walk w = rtcp_walk_of(packet_bytes(&out));
    struct rtcp_packet p;
    size_t count = 0;
    while (rtcp_next(&w, &p) && count + 1 < sizeof letters) letters[count++] = letter(&p);
    letters[count] = '\0';
    ck_assert_int_eq(w.fault.err, OK);
    return letters;
}

/* The first packet of `out` that has this letter. */
static struct rtcp_packet find(char wanted)
{
    struct rtcp_walk w = rtcp_walk_of(packet_bytes(&out));
    struct rtcp_packet p;
    while (rtcp_next(&w, &p))
        if (letter(&p) == wanted) return p;
    ck_abort_msg("no such packet");
}

static struct rtcp_reports reports_of(char wanted)
{
    struct rtcp_reports r;
    struct rtcp_packet p = find(wanted);
    ck_assert_int_eq(rtcp_parse_reports(&r, &p, NULL), OK);
    return r;
}

static uint32_t named_by_sdes(void)
{
    struct rtcp_packet p = find('D');
    struct rtcp_sdes_walk w = rtcp_sdes_walk_of(&p);
    struct rtcp_sdes_item item;
    ck_assert(rtcp_sdes_next(&w, &item));
    ck_assert_uint_eq(item.type, RTCP_CNAME);
    ck_assert(bytes_is(item.text, rtp_session_cname(s)));
    return item.ssrc;
}

/* RFC 3550 §6.2 and §6.3.1: the first report after half the interval, the others after one, each
 * spread over half to one and a half of it. */
START_TEST(reports_keep_their_interval_and_spread)
{
    usec least = SEC(9), most = 0;
    for (uint64_t seed = 1; seed <= 50; seed++) {
        make(seed, true);
        size_t sender = add_sender(RTP_VP8);
        ck_assert_int_eq(rtp_session_deadline(s), TIME_NEVER); /* nothing came or went */
        send_frame(sender, SEC(1));
        usec first = rtp_session_deadline(s);
        ck_assert_int_ge(first, SEC(1) + MS(250));
        ck_assert_int_lt(first, SEC(1) + MS(750));
        ck_assert(!next_rtcp(first - 1));
        ck_assert(next_rtcp(first));
        ck_assert(!next_rtcp(first));
        usec wait = rtp_session_deadline(s) - first;
        ck_assert_int_ge(wait, MS(500));
        ck_assert_int_lt(wait, MS(1500));
        least = usec_min(least, wait);
        most = usec_max(most, wait);
        rtp_session_free(s);
    }
    ck_assert_int_lt(least, MS(700));
    ck_assert_int_gt(most, MS(1300));
}
END_TEST

/* RFC 8108 §5: report blocks in one of an endpoint's reports are enough. */
START_TEST(each_sender_reports_and_the_first_carries_all_blocks)
{
    make(1, true);
    size_t video = add_sender(RTP_VP8), audio = add_sender(RTP_OPUS);
    add_receiver(pair_vp8_receiver());
    send_frame(video, SEC(1));
    send_frame(audio, SEC(1));
    feed(1, SEC(1));
    take_frames();
    usec due = rtp_session_deadline(s);
    ck_assert(next_rtcp(due));
    ck_assert_str_eq(shape(), "SD");
    struct rtcp_reports r = reports_of('S');
    ck_assert_uint_eq(r.ssrc, pair_vp8_sender().ssrc);
    ck_assert_uint_eq(r.ssrc, named_by_sdes());
    ck_assert_uint_eq(r.info.packets, 1);
    ck_assert(r.info.ntp == rtp_session_ntp(s, due));
    ck_assert_uint_eq(r.count, 1);
    ck_assert_uint_eq(r.reports[0].ssrc, 0x77777777);
    ck_assert(next_rtcp(due));
    ck_assert_str_eq(shape(), "SD");
    r = reports_of('S');
    ck_assert_uint_eq(r.ssrc, pair_opus_sender().ssrc);
    ck_assert_uint_eq(r.ssrc, named_by_sdes());
    ck_assert_uint_eq(r.count, 0);
    ck_assert(!next_rtcp(due));
    rtp_session_free(s);
}
END_TEST

START_TEST(who_sends_nothing_writes_receiver_reports)
{
    make(1, true);
    add_receiver(pair_vp8_receiver());
    feed(1, SEC(1));
    take_frames();
    ck_assert(next_rtcp(rtp_session_deadline(s)));
    ck_assert_str_eq(shape(), "RD");
    struct rtcp_reports r = reports_of('R');
    ck_assert_uint_ne(r.ssrc, 0); /* drawn, not any stream's */
    ck_assert_uint_eq(r.ssrc, named_by_sdes());
    ck_assert_uint_eq(r.count, 1);
    rtp_session_free(s);
}
END_TEST

/* RFC 3550 §6.4: SR only of who has sent since the report before last; ours says 5 s. */
START_TEST(a_sender_that_fell_silent_writes_receiver_reports)
{
    make(1, true);
    size_t sender = add_sender(RTP_VP8);
    send_frame(sender, SEC(1));
    ck_assert(next_rtcp(SEC(2)));
    ck_assert_str_eq(shape(), "SD");
    ck_assert(next_rtcp(SEC(6) - 1));
    ck_assert_str_eq(shape(), "SD");
    ck_assert(next_rtcp(SEC(8)));
    ck_assert_str_eq(shape(), "RD");
    ck_assert_uint_eq(reports_of('R').ssrc, pair_vp8_sender().ssrc);
    rtp_session_free(s);
}
END_TEST

/* The next that is feedback alone; reports before it are thrown away. */
static bool next_feedback(usec now)
{
    while (next_rtcp(now))
        if (!strchr(shape(), 'D')) return true;
    return false;
}

/* RFC 5104 §3.5.1: PLI where it was agreed on; FIR, counted on, only where it alone was. */
START_TEST(how_key_frames_are_asked_for)
{
    for (int fir = 0; fir < 2; fir++) {
        struct rtp_receiver_config cfg = pair_vp8_receiver();
        cfg.feedback.pli = !fir;
        make(1, true);
        size_t receiver = add_receiver(cfg);
        feed(1, SEC(1));
        take_frames();
        for (uint8_t i = 0; i < 3; i++) {
            usec now = SEC(1) + i * RTP_KEY_WAIT;
            rtp_session_want_key(s, receiver);
            ck_assert(i == 0 || !next_feedback(now - 1));
            ck_assert(next_feedback(now));
            ck_assert_str_eq(shape(), fir ? "F" : "P");
            if (!fir) continue;
            struct reader r;
            struct rtcp_feedback feedback;
            struct rtcp_fir entry;
            struct rtcp_packet p = find('F');
            ck_assert_int_eq(rtcp_parse_feedback(&feedback, &p, NULL), OK);
            ck_assert_int_eq(rtcp_parse_fir(&r, feedback.fci, NULL), OK);
            ck_assert(rtcp_fir_next(&r, &entry));
            ck_assert_uint_eq(entry.ssrc, 0x77777777);
            ck_assert_uint_eq(entry.sequence, i);
        }
        rtp_session_free(s);
    }
}
END_TEST

/* RFC 3550 §6.1: a report and a CNAME first; RFC 5506 §3.4: not where reduced size was agreed on.
 */
START_TEST(feedback_goes_in_one_datagram_and_in_company)
{
    static const char *const shapes[] = {"RDNP", "NP"};
    for (int reduced = 0; reduced < 2; reduced++) {
        make(1, reduced);
        size_t receiver = add_receiver(pair_vp8_receiver());
        feed(10, SEC(1));
        take_frames();
        feed(12, SEC(1));
        rtp_session_want_key(s, receiver);
        ck_assert(next_rtcp(SEC(1) + NACK_TOLERANCE));
        ck_assert_str_eq(shape(), shapes[reduced]);
        if (!reduced) ck_assert_uint_eq(reports_of('R').ssrc, named_by_sdes());
        rtp_session_free(s);
    }
}
END_TEST

/* What the peer waits for goes first, the goodbye last; feedback waits for no interval. */
START_TEST(what_is_urgent_goes_first)
{
    make(1, true);
    size_t sender = add_sender(RTP_VP8);
    add_receiver(pair_vp8_receiver());
    send_frame(sender, SEC(1));
    feed(10, SEC(1));
    take_frames();
    feed(12, SEC(1));
    rtp_session_remove_sender(s, sender);
    static const char *const order[] = {"N", "RD", "RDB"};
    for (size_t i = 0; i < COUNT(order); i++) {
        ck_assert(next_rtcp(SEC(2)));
        ck_assert_str_eq(shape(), order[i]);
    }
    ck_assert(!next_rtcp(SEC(2)));
    rtp_session_free(s);
}
END_TEST

/* RFC 3550 §6.6, §6.3.7: all SSRCs of the stream, and none that never sent. */
START_TEST(bye_names_the_stream_and_its_rtx)
{
    struct rtcp_bye bye;
    make(1, true);
    size_t video = add_sender(RTP_VP8), audio = add_sender(RTP_OPUS);
    send_frame(video, SEC(1));
    rtp_session_remove_sender(s, video);
    rtp_session_remove_sender(s, audio);
    ck_assert(next_rtcp(SEC(1)));
    ck_assert_str_eq(shape(), "RDB");
    struct rtcp_packet p = find('B');
    ck_assert_int_eq(rtcp_parse_bye(&bye, &p, NULL), OK);
    ck_assert_uint_eq(bye.count, 2);
    ck_assert_uint_eq(bye.ssrc[0], pair_vp8_sender().rtx_ssrc);
    ck_assert_uint_eq(bye.ssrc[1], pair_vp8_sender().ssrc);
    ck_assert(!next_rtcp(SEC(1)));
    rtp_session_free(s);
}
END_TEST

static void input(struct writer *w, usec now)
{
    ck_assert_int_eq(w->err, OK);
    ck_assert_int_eq(rtp_session_input_rtcp(s, writer_done(w), now), OK);
}

static void input_nack(uint32_t ssrc, uint16_t sequence, usec now)
{
    uint8_t room[100];
    struct writer w = writer_of(room, sizeof room);
    rtcp_write_nack(&w, 0x99999999, ssrc, &sequence, 1);
    input(&w, now);
}

/* How many RTP packets leave at `now`. */
static unsigned resent(usec now)
{
    bool is_rtcp;
    unsigned count = 0;
    while (rtp_session_output(s, &out, &is_rtcp, now)) count += !is_rtcp;
    return count;
}

/* A block about us tells the round trip (RFC 3550 §6.4.1), and that limits resends: invariant 54.
 */
START_TEST(inv_54_a_packet_is_resent_once_a_round_trip)
{
    uint8_t room[200];
    make(1, true);
    size_t sender = add_sender(RTP_VP8);
    send_frame(sender, SEC(1));
    uint16_t sequence = (uint16_t)(s->senders[sender]->history.next - 1);
    struct rtcp_reports rr = {.ssrc = 0x99999999, .count = 1};
    rr.reports[0] = (struct rtcp_report){
        .ssrc = pair_vp8_sender().ssrc,
        .last_sr = (uint32_t)(rtp_session_ntp(s, SEC(1)) >> 16), /* sent then... */
        .delay = 65536 / 20};                                    /* ...and kept for 50 ms */
    struct writer w = writer_of(room, sizeof room);
    rtcp_write_reports(&w, &rr);
    input(&w, SEC(1) + MS(130));
    ck_assert_int_ge(rtp_session_stats(s).rtt, MS(79));
    ck_assert_int_le(rtp_session_stats(s).rtt, MS(81));

    usec now = SEC(1) + MS(140);
    input_nack(pair_vp8_sender().ssrc, sequence, now);
    ck_assert_uint_eq(resent(now), 1);
    input_nack(pair_vp8_sender().ssrc, sequence, now + MS(60));
    ck_assert_uint_eq(resent(now + MS(60)), 0);
    input_nack(pair_vp8_sender().ssrc, sequence, now + MS(90));
    ck_assert_uint_eq(resent(now + MS(90)), 1);
    rtp_session_free(s);
}
END_TEST

START_TEST(inv_50_feedback_that_was_not_agreed_on_does_nothing)
{
    uint8_t room[200];
    make(1, true);
    size_t audio = add_sender(RTP_OPUS); /* without NACK */
    send_frame(audio, SEC(1));
    uint64_t unknown = rtp_session_stats(s).feedback_unknown;
    input_nack(pair_opus_sender().ssrc, (uint16_t)(s->senders[audio]->history.next - 1), SEC(1));
    ck_assert_uint_eq(resent(SEC(1)), 0);
    ck_assert_uint_eq(rtp_session_stats(s).feedback_unknown, ++unknown);
    struct writer w = writer_of(room, sizeof room);
    rtcp_write_pli(&w, 0x99999999, pair_opus_sender().ssrc); /* sound has no key frames */
    rtcp_write_fir(&w, 0x99999999, &(struct rtcp_fir){pair_opus_sender().ssrc, 1}, 1);
    rtcp_write_pli(&w, 0x99999999, 0); /* no stream has SSRC 0 */
    input(&w, SEC(1));
    ck_assert_uint_eq(rtp_session_stats(s).feedback_unknown, unknown + 3);
    struct rtp_event ev;
    ck_assert(!rtp_session_event(s, &ev));
    rtp_session_free(s);
}
END_TEST

/* BYE: told once; the stream's place is free for another SSRC at once. */
START_TEST(a_bye_that_came_is_told_once)
{
    uint8_t room[200];
    struct rtp_event ev;
    make(1, true);
    size_t receiver = add_receiver(pair_vp8_receiver());
    feed(1, SEC(1));
    take_frames();
    for (int i = 0; i < 2; i++) {
        struct writer w = writer_of(room, sizeof room);
        rtcp_write_bye(&w, &(struct rtcp_bye){.count = 2, .ssrc = {0x77777777, 5}});
        input(&w, SEC(1));
    }
    ck_assert(rtp_session_event(s, &ev));
    ck_assert_int_eq(ev.type, RTP_BYE);
    ck_assert_uint_eq(ev.stream, receiver);
    ck_assert_uint_eq(ev.as.ssrc, 0x77777777);
    ck_assert(!rtp_session_event(s, &ev));
    rtp_session_free(s);
}
END_TEST

SUITE("rtp session_rtcp", reports_keep_their_interval_and_spread,
      each_sender_reports_and_the_first_carries_all_blocks,
      who_sends_nothing_writes_receiver_reports, a_sender_that_fell_silent_writes_receiver_reports,
      how_key_frames_are_asked_for, feedback_goes_in_one_datagram_and_in_company,
      what_is_urgent_goes_first, bye_names_the_stream_and_its_rtx,
      inv_54_a_packet_is_resent_once_a_round_trip,
      inv_50_feedback_that_was_not_agreed_on_does_nothing, a_bye_that_came_is_told_once)
