/* RTCP of a session: what comes is checked as a whole and then applied, what goes is written when
 * it is asked for, so that nothing queues up. */
#include "rtp/feedback.h"
#include "rtp/internal.h"

#define RESEND_RTT_MIN MS(10) /* NACKs for one packet in shorter order ask for the same resend */
#define BITRATE_MIN    UINT64_C(30000)
#define BITRATE_MAX    UINT64_C(1000000000)

uint64_t rtp_session_ntp(const struct rtp_session *s, usec now)
{
    return ntp_of_unix_us(s->unix_us + now);
}

/* In */

static struct rtp_sender *sender_by_ssrc(struct rtp_session *s, uint32_t ssrc)
{
    for (size_t i = 0; ssrc && i < RTP_SENDERS_MAX; i++)
        if (s->senders[i] && s->senders[i]->config.ssrc == ssrc) return s->senders[i];
    return NULL;
}

static void apply_reports(struct rtp_session *s, const struct rtcp_packet *p)
{
    struct rtcp_reports reports;
    size_t index;
    if (rtcp_parse_reports(&reports, p, NULL) != OK) return;
    struct rtp_receiver *r = rtp_session_by_ssrc(s, reports.ssrc, &index);
    if (reports.is_sr && r) rtp_receiver_sr(r, &reports.info, s->now);
    for (int i = 0; i < reports.count; i++) {
        struct rtp_sender *sender = sender_by_ssrc(s, reports.reports[i].ssrc);
        if (!sender) continue; /* about our RTX, or somebody else's */
        rtp_sender_report(sender, &reports.reports[i], rtp_session_ntp(s, s->now));
        if (sender->stats.rtt > 0) s->rtt = sender->stats.rtt;
    }
}

static void apply_bye(struct rtp_session *s, const struct rtcp_packet *p)
{
    struct rtcp_bye bye;
    if (rtcp_parse_bye(&bye, p, NULL) != OK) return;
    for (int i = 0; i < bye.count; i++) {
        size_t index;
        struct rtp_receiver *r = rtp_session_by_ssrc(s, bye.ssrc[i], &index);
        if (!r || !r->announced) continue;
        rtp_receiver_bye(r, s->now);
        rtp_session_push(s, RTP_BYE, index, bye.ssrc[i]);
    }
}

static void apply_nack(struct rtp_session *s, const struct rtcp_feedback *feedback)
{
    struct rtp_sender *sender = sender_by_ssrc(s, feedback->media_ssrc);
    struct rtcp_nack_walk w;
    uint16_t sequence;
    if (!sender || !sender->config.feedback.nack) {
        s->stats.feedback_unknown++;
        return;
    }
    usec rtt = rtp_session_rtt(s) > 0 ? rtp_session_rtt(s) : NACK_RTT_UNKNOWN;
    if (rtcp_parse_nack(&w, feedback->fci, NULL) != OK) return;
    while (rtcp_nack_next(&w, &sequence))
        if (!rtp_sender_nack(sender, sequence, usec_max(rtt, RESEND_RTT_MIN), s->now))
            s->stats.feedback_unknown++;
}

static void apply_transport(struct rtp_session *s, const struct rtcp_packet *p,
                            const struct rtcp_feedback *feedback)
{
    struct rtcp_twcc twcc;
    if (p->count == RTPFB_NACK)
        apply_nack(s, feedback);
    else if (p->count == RTPFB_TWCC && !s->departures)
        s->stats.feedback_unknown++;
    else if (p->count == RTPFB_TWCC && rtcp_parse_twcc(&twcc, feedback->fci, NULL) == OK)
        twcc_history_feedback(s->departures, &twcc);
}

static void apply_pli(struct rtp_session *s, const struct rtcp_feedback *feedback)
{
    struct rtp_sender *sender = sender_by_ssrc(s, feedback->media_ssrc);
    if (!sender || sender->config.kind != RTP_VP8) {
        s->stats.feedback_unknown++;
        return;
    }
    sender->stats.plis++;
    rtp_sender_ask_key(sender);
}

static void apply_fir(struct rtp_session *s, const struct rtcp_feedback *feedback)
{
    struct reader r;
    struct rtcp_fir fir;
    if (rtcp_parse_fir(&r, feedback->fci, NULL) != OK) return;
    while (rtcp_fir_next(&r, &fir)) {
        struct rtp_sender *sender = sender_by_ssrc(s, fir.ssrc);
        if (!sender || sender->config.kind != RTP_VP8) {
            s->stats.feedback_unknown++;
            continue;
        }
        sender->stats.firs++;
        rtp_sender_fir(sender, feedback->sender_ssrc, fir.sequence);
    }
}

static void apply_remb(struct rtp_session *s, const struct rtcp_feedback *feedback)
{
    struct rtcp_remb remb;
    if (rtcp_parse_remb(&remb, feedback->fci, NULL) != OK) return;
    s->bitrate = remb.bitrate < BITRATE_MIN   ? BITRATE_MIN
                 : remb.bitrate > BITRATE_MAX ? BITRATE_MAX
                                              : remb.bitrate;
    s->bitrate_told = true;
}

static void apply_payload_specific(struct rtp_session *s, const struct rtcp_packet *p,
                                   const struct rtcp_feedback *feedback)
{
    switch (p->count) {
    case PSFB_PLI: apply_pli(s, feedback); break;
    case PSFB_FIR: apply_fir(s, feedback); break;
    case PSFB_AFB: apply_remb(s, feedback); break;
    default: break;
    }
}

static void apply(struct rtp_session *s, const struct rtcp_packet *p)
{
    struct rtcp_feedback feedback;
    switch (p->type) {
    case RTCP_SR:
    case RTCP_RR: apply_reports(s, p); break;
    case RTCP_BYE: apply_bye(s, p); break;
    case RTCP_RTPFB:
        if (rtcp_parse_feedback(&feedback, p, NULL) == OK) apply_transport(s, p, &feedback);
        break;
    case RTCP_PSFB:
        if (rtcp_parse_feedback(&feedback, p, NULL) == OK) apply_payload_specific(s, p, &feedback);
        break;
    default: break; /* SDES, APP, XR: nothing that we act upon */
    }
}

enum err rtp_session_input_rtcp(struct rtp_session *s, struct bytes plain, usec now)
{
    struct fault fault;
    s->now = now;
    s->stats.rtcp_packets_in++;
    enum err err = rtcp_check(plain, &fault);
    if (err != OK) {
        s->stats.malformed++;
        s->fault = fault;
        return err;
    }
    struct rtcp_walk w = rtcp_walk_of(plain);
    struct rtcp_packet p;
    while (rtcp_next(&w, &p)) apply(s, &p);
    return OK;
}

/* Out */

/* Half to one and a half of `interval`, so that reports of many don't fall together: RFC 3550
 * §6.3.1. */
static usec spread(struct rtp_session *s, usec interval)
{
    return interval / 2 + (usec)rng_below(&s->rng, (uint32_t)interval);
}

void rtp_session_wake_reports(struct rtp_session *s, usec now)
{
    /* RFC 3550 §6.2: the first after half the interval. */
    if (s->report_at == TIME_NEVER) s->report_at = now + spread(s, RTP_REPORT_INTERVAL / 2);
}

void rtp_session_tick_reports(struct rtp_session *s, usec now)
{
    if (now < s->report_at) return;
    s->report_at = now + spread(s, RTP_REPORT_INTERVAL);
    s->report_blocks_due = true;
    for (size_t i = 0; i < RTP_SENDERS_MAX; i++)
        if (s->senders[i] && rtp_sender_is_active(s->senders[i], now))
            s->reports_due |= UINT32_C(1) << i;
}

/* Who speaks when the session as a whole has something to say. */
static uint32_t reporter(const struct rtp_session *s)
{
    for (size_t i = 0; i < RTP_SENDERS_MAX; i++)
        if (s->senders[i]) return s->senders[i]->config.ssrc;
    return s->own_ssrc;
}

static void write_cname(struct rtp_session *s, struct writer *w, uint32_t ssrc)
{
    rtcp_write_sdes_cname(w, ssrc, bytes_of(s->cname));
}

/* RFC 3550 §6.1: each compound packet begins with a report and names its source; RFC 5506 §3.4
 * lets feedback do without, once agreed. */
static void begin_feedback(struct rtp_session *s, struct writer *w)
{
    if (s->reduced_size) return;
    rtcp_write_reports(w, &(struct rtcp_reports){.ssrc = reporter(s)});
    write_cname(s, w, reporter(s));
}

static void write_key_request(struct rtp_session *s, struct rtp_receiver *r, struct writer *w)
{
    if (r->config.feedback.pli) { /* RFC 5104 §3.5.1: PLI for losses, FIR where there is no other */
        rtcp_write_pli(w, reporter(s), r->ssrc);
        r->stats.plis++;
        return;
    }
    rtcp_write_fir(w, reporter(s), &(struct rtcp_fir){r->ssrc, r->fir_sequence++}, 1);
    r->stats.firs++;
}

static bool write_feedback(struct rtp_session *s, struct rtp_receiver *r, struct writer *w,
                           usec now)
{
    uint16_t missing[NACK_MISSING_MAX];
    size_t count = rtp_receiver_nacks(r, missing, COUNT(missing), rtp_session_rtt(s), now);
    bool key = rtp_receiver_key_due(r, now);
    if (count == 0 && !key) return false;
    begin_feedback(s, w);
    if (count) rtcp_write_nack(w, reporter(s), r->ssrc, missing, count);
    if (key) write_key_request(s, r, w);
    return true;
}

static void add_blocks(struct rtp_session *s, struct rtcp_reports *reports, usec now)
{
    for (size_t i = 0; i < s->receiver_end; i++) {
        struct rtp_receiver *r = s->receivers[i];
        if (!r || !rtp_reception_has_news(&r->reception)) continue;
        rtp_reception_report(&r->reception, r->ssrc, now, &reports->reports[reports->count++]);
    }
}

/* One SR a sender, each with its CNAME; the first carries the report blocks for all, as one of
 * several SSRCs of an endpoint may (RFC 8108 §5). An RR where nobody sends. */
static bool write_report(struct rtp_session *s, struct writer *w, usec now)
{
    if (!s->reports_due && !s->report_blocks_due) return false;
    struct rtcp_reports reports = {.ssrc = reporter(s)};
    size_t i = 0;
    while (i < RTP_SENDERS_MAX && !(s->reports_due >> i & 1)) i++;
    if (i < RTP_SENDERS_MAX) {
        s->reports_due &= ~(UINT32_C(1) << i);
        reports.is_sr = true;
        reports.ssrc = s->senders[i]->config.ssrc;
        reports.info = rtp_sender_info(s->senders[i], rtp_session_ntp(s, now), now);
    }
    if (s->report_blocks_due) add_blocks(s, &reports, now);
    s->report_blocks_due = false;
    rtcp_write_reports(w, &reports);
    write_cname(s, w, reports.ssrc);
    return true;
}

/* RFC 3550 §6.6 */
static bool write_bye(struct rtp_session *s, struct writer *w)
{
    if (s->leaving_count == 0) return false;
    struct rtcp_bye bye = {0};
    while (s->leaving_count > 0 && bye.count < RTCP_REPORTS_MAX)
        bye.ssrc[bye.count++] = s->leaving[--s->leaving_count];
    rtcp_write_reports(w, &(struct rtcp_reports){.ssrc = bye.ssrc[0]});
    write_cname(s, w, bye.ssrc[0]);
    rtcp_write_bye(w, &bye);
    return true;
}

static bool write_transport(struct rtp_session *s, struct writer *w, usec now)
{
    if (!s->arrivals || now < s->arrivals->due) return false;
    begin_feedback(s, w);
    return twcc_recorder_write(s->arrivals, w, reporter(s), now);
}

/* Asked before every packet that leaves: nearly always there is nothing to write. */
static bool any_due(const struct rtp_session *s, usec now)
{
    if (s->reports_due || s->report_blocks_due || s->leaving_count) return true;
    if (s->arrivals && now >= s->arrivals->due) return true;
    for (size_t i = 0; i < s->receiver_end; i++)
        if (s->receivers[i] && rtp_receiver_has_wish(s->receivers[i])) return true;
    return false;
}

static bool write_any(struct rtp_session *s, struct writer *w, usec now)
{
    for (size_t i = 0; i < s->receiver_end; i++)
        if (s->receivers[i] && write_feedback(s, s->receivers[i], w, now)) return true;
    return write_transport(s, w, now) || write_report(s, w, now) || write_bye(s, w);
}

bool rtp_session_output_rtcp(struct rtp_session *s, struct packet *out, usec now)
{
    if (!any_due(s, now)) return false;
    packet_reset(out);
    struct writer w = packet_writer(out);
    if (!write_any(s, &w, now) || w.err != OK) return false;
    out->len = writer_len(&w);
    s->stats.rtcp_packets_out++;
    return true;
}

usec rtp_session_deadline_rtcp(const struct rtp_session *s)
{
    return s->arrivals ? usec_min(s->report_at, s->arrivals->due) : s->report_at;
}
