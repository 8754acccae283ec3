/* RTCP feedback told aloud: RFC 4585, 5104, 6051, 8888, transport-wide-cc, REMB (rtp/explain.h). */
#include "base/explain.h"
#include "rtp/ccfb.h"
#include "rtp/feedback.h"
#include "rtp/internal.h"

/* One feedback packet being told. */
struct telling {
    struct explain *x;
    const struct rtcp_packet *p;
    struct bytes fci;
    struct fault *fault;
};

/* Sub-parsers count from the RTCP packet; a fault counts from the datagram. */
static enum err place(const struct telling *t, enum err err)
{
    if (err != OK) t->fault->offset += t->p->offset;
    return err;
}

/* A list of numbers for people, cut where a line would be too long. */
struct numbers {
    char text[160];
    struct writer w;
    size_t more; /* left out */
};

static void numbers_add(struct numbers *n, uint64_t number)
{
    if (writer_left(&n->w) < 24)
        n->more++;
    else
        write_format(&n->w, "%s%llu", writer_len(&n->w) ? " " : "", (unsigned long long)number);
}

static void numbers_tell(const struct numbers *n, struct explain *x, const char *name,
                         struct bytes raw, const char *spec)
{
    explain_field_text(x, name, raw, spec, (struct bytes){n->w.start, writer_len(&n->w)});
    if (n->more) explain_meaning(x, "and %zu more", n->more);
}

static enum err tell_nack(const struct telling *t)
{
    struct rtcp_nack_walk w;
    enum err err = rtcp_parse_nack(&w, t->fci, t->fault);
    if (err != OK) return place(t, err);
    struct numbers lost = {.w = writer_of(lost.text, sizeof lost.text)};
    uint16_t sequence;
    size_t count = 0;
    explain_list(t->x, "lost");
    while (rtcp_nack_next(&w, &sequence)) {
        explain_number(t->x, NULL, sequence);
        numbers_add(&lost, sequence);
        count++;
    }
    explain_summary(t->x, " of %zu packet%s", count, count == 1 ? "" : "s");
    explain_close(t->x);
    numbers_tell(&lost, t->x, "lost", t->fci, "RFC 4585 6.2.1");
    explain_meaning(t->x, "sequence numbers that did not come: a number and a mask of the sixteen "
                          "behind it");
    return OK;
}

static void tell_statuses(const struct telling *t, const struct rtcp_twcc *twcc)
{
    struct rtcp_twcc_walk w = rtcp_twcc_walk_of(twcc);
    struct rtcp_twcc_status status;
    size_t received = 0;
    explain_list(t->x, "statuses");
    while (rtcp_twcc_next(&w, &status)) {
        explain_number(t->x, NULL, status.symbol);
        received += status.received;
    }
    explain_close(t->x);
    w = rtcp_twcc_walk_of(twcc);
    explain_list(t->x, "deltasUs");
    while (rtcp_twcc_next(&w, &status))
        if (status.received) explain_signed(t->x, NULL, status.delta_us);
    explain_close(t->x);
    explain_summary(t->x, " of %u packets, %zu lost", twcc->count, twcc->count - received);
    explain_field(t->x, "packet chunks", twcc->chunks, "transport-wide-cc-01 3.1.2",
                  "%zu received, %zu not", received, twcc->count - received);
    explain_field(t->x, "receive deltas", twcc->deltas, "transport-wide-cc-01 3.1.5", "%zu bytes",
                  twcc->deltas.len);
    explain_meaning(t->x, "the time between one packet that came and the next, in 250 us");
}

static enum err tell_twcc(const struct telling *t)
{
    struct rtcp_twcc twcc;
    enum err err = rtcp_parse_twcc(&twcc, t->fci, t->fault);
    if (err != OK) return place(t, err);
    explain_field(t->x, "base sequence number", bytes_slice(t->fci, 0, 2),
                  "transport-wide-cc-01 3.1", "%u", twcc.base);
    explain_field(t->x, "packet status count", bytes_slice(t->fci, 2, 2),
                  "transport-wide-cc-01 3.1", "%u", twcc.count);
    explain_field(t->x, "reference time", bytes_slice(t->fci, 4, 3), "transport-wide-cc-01 3.1",
                  "%d", (int)twcc.reference_time);
    explain_meaning(t->x, "%lld ms by a clock of the receiver's",
                    (long long)twcc.reference_time * TWCC_REFERENCE_US / 1000);
    explain_field(t->x, "feedback packet count", bytes_slice(t->fci, 7, 1),
                  "transport-wide-cc-01 3.1", "%u", twcc.feedback_count);
    explain_meaning(t->x, "a gap says that feedback was lost");
    explain_number(t->x, "baseSeq", twcc.base);
    explain_number(t->x, "statusCount", twcc.count);
    explain_signed(t->x, "referenceTime", twcc.reference_time);
    explain_number(t->x, "fbPktCount", twcc.feedback_count);
    tell_statuses(t, &twcc);
    return OK;
}

static enum err tell_fir(const struct telling *t)
{
    struct reader r;
    enum err err = rtcp_parse_fir(&r, t->fci, t->fault);
    if (err != OK) return place(t, err);
    struct rtcp_fir fir;
    explain_list(t->x, "entries");
    for (size_t at = 0; rtcp_fir_next(&r, &fir); at += 8) {
        explain_field(t->x, "entry", bytes_slice(t->fci, at, 8), "RFC 5104 4.3.1.1",
                      "SSRC %u, request %u", (unsigned)fir.ssrc, fir.sequence);
        explain_meaning(t->x, "the same number again is the same request");
        explain_object(t->x, NULL);
        explain_number(t->x, "ssrc", fir.ssrc);
        explain_number(t->x, "seqNr", fir.sequence);
        explain_close(t->x);
    }
    explain_close(t->x);
    return OK;
}

static enum err tell_other(const struct telling *t)
{
    explain_field(t->x, "FCI", t->fci, "RFC 4585 6.1", "%zu bytes", t->fci.len);
    explain_hex(t->x, "fci", t->fci);
    return OK;
}

static enum err tell_remb(const struct telling *t)
{
    struct rtcp_remb remb;
    enum err err = rtcp_parse_remb(&remb, t->fci, t->fault);
    if (err == E_UNSUPPORTED) { /* somebody else's application */
        *t->fault = (struct fault){0};
        return tell_other(t);
    }
    if (err != OK) return place(t, err);
    explain_field(t->x, "bitrate", bytes_slice(t->fci, 5, 3), "draft-alvestrand-rmcat-remb 2.2",
                  "%llu bit/s", (unsigned long long)remb.bitrate);
    explain_meaning(t->x, "all streams below together should not be sent faster");
    explain_summary(t->x, " %llu bit/s", (unsigned long long)remb.bitrate);
    explain_number(t->x, "bitrate", remb.bitrate);
    struct numbers ssrcs = {.w = writer_of(ssrcs.text, sizeof ssrcs.text)};
    struct reader r = reader_of(remb.ssrcs);
    explain_list(t->x, "ssrcs");
    while (reader_left(&r)) {
        uint32_t ssrc = read_u32(&r);
        explain_number(t->x, NULL, ssrc);
        numbers_add(&ssrcs, ssrc);
    }
    explain_close(t->x);
    numbers_tell(&ssrcs, t->x, "SSRCs", remb.ssrcs, "draft-alvestrand-rmcat-remb 2.2");
    return OK;
}

static void tell_metrics(const struct telling *t, const struct rtcp_ccfb_report *report)
{
    size_t received = 0, marked = 0;
    explain_object(t->x, NULL);
    explain_number(t->x, "ssrc", report->ssrc);
    explain_number(t->x, "beginSeq", report->begin);
    explain_number(t->x, "numReports", report->count);
    explain_list(t->x, "metrics");
    for (uint16_t i = 0; i < report->count; i++) {
        struct rtcp_ccfb_metric m = rtcp_ccfb_metric_at(report, i);
        explain_object(t->x, NULL);
        explain_bool(t->x, "received", m.received);
        if (m.received) explain_number(t->x, "ecn", m.ecn);
        if (m.received) explain_number(t->x, "ato", m.ato);
        explain_close(t->x);
        received += m.received;
        marked += m.received && m.ecn == 3;
    }
    explain_close(t->x);
    explain_close(t->x);
    explain_field(t->x, "report", report->metrics, "RFC 8888 3.1",
                  "SSRC %u, from %u on: %zu received, %zu not", (unsigned)report->ssrc,
                  report->begin, received, report->count - received);
    if (marked) explain_meaning(t->x, "%zu with the mark of congestion (RFC 3168 5)", marked);
}

/* RFC 8888 §3.1: no media SSRC in front, but one in each report. */
static enum err tell_ccfb(struct explain *x, const struct rtcp_packet *p, struct fault *fault)
{
    const struct telling t = {.x = x, .p = p, .fault = fault};
    struct rtcp_ccfb ccfb;
    enum err err = rtcp_parse_ccfb(&ccfb, p, fault);
    if (err != OK) return err;
    explain_field(x, "sender SSRC", bytes_slice(p->body, 0, 4), "RFC 8888 3.1", "%u",
                  (unsigned)ccfb.sender_ssrc);
    explain_number(x, "senderSsrc", ccfb.sender_ssrc);
    struct reader r = reader_of(ccfb.reports);
    struct rtcp_ccfb_report report;
    explain_list(x, "reports");
    while (rtcp_ccfb_next(&r, &report)) tell_metrics(&t, &report);
    explain_close(x);
    explain_field(x, "report timestamp", bytes_slice(p->body, p->body.len - 4, 4), "RFC 8888 3.1",
                  "%u", (unsigned)ccfb.timestamp);
    explain_meaning(x, "%.6f s, modulo 65536 s: arrivals are told as offsets before it",
                    ccfb.timestamp / 65536.0);
    explain_number(x, "reportTimestamp", ccfb.timestamp);
    return OK;
}

enum err rtcp_explain_feedback(struct explain *x, const struct rtcp_packet *p, struct fault *fault)
{
    struct rtcp_feedback feedback;
    bool transport = p->type == RTCP_RTPFB;
    if (transport && p->count == RTPFB_CCFB) return tell_ccfb(x, p, fault);
    enum err err = rtcp_parse_feedback(&feedback, p, fault);
    if (err != OK) return err;
    explain_field(x, "sender SSRC", bytes_slice(p->body, 0, 4), "RFC 4585 6.1", "%u",
                  (unsigned)feedback.sender_ssrc);
    explain_meaning(x, "who tells");
    explain_field(x, "media SSRC", bytes_slice(p->body, 4, 4), "RFC 4585 6.1", "%u",
                  (unsigned)feedback.media_ssrc);
    explain_meaning(x, "about whom");
    explain_number(x, "senderSsrc", feedback.sender_ssrc);
    explain_number(x, "mediaSsrc", feedback.media_ssrc);
    if (!transport && p->count == PSFB_PLI)
        explain_summary(x, " for %u", (unsigned)feedback.media_ssrc);
    const struct telling t = {x, p, feedback.fci, fault};
    if (transport && p->count == RTPFB_NACK) return tell_nack(&t);
    if (transport && p->count == RTPFB_TWCC) return tell_twcc(&t);
    if (!transport && p->count == PSFB_FIR) return tell_fir(&t);
    if (!transport && p->count == PSFB_AFB) return tell_remb(&t);
    return feedback.fci.len ? tell_other(&t) : OK; /* PLI and RRR have none */
}
