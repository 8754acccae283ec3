/* RTCP told aloud: the compound and the packets of RFC 3550 §6. Feedback and XR are in
 * rtp/explainfeedback.c and rtp/explainxr.c (rtp/explain.h). */
#include "base/explain.h"
#include "rtp/explain.h"
#include "rtp/feedback.h"
#include "rtp/internal.h"

/* What a packet is called, and where it is defined. */
struct kind {
    const char *name, *long_name, *spec;
};

static const struct kind kinds[] = {
    {"SR", "sender report", "RFC 3550 6.4.1"},      {"RR", "receiver report", "RFC 3550 6.4.2"},
    {"SDES", "source description", "RFC 3550 6.5"}, {"BYE", "goodbye", "RFC 3550 6.6"},
    {"APP", "application-defined", "RFC 3550 6.7"},
};

static const struct {
    uint8_t type, format;
    struct kind kind;
} formats[] = {
    {RTCP_RTPFB, RTPFB_NACK, {"NACK", "packets are asked for again", "RFC 4585 6.2.1"}},
    {RTCP_RTPFB, 3, {"TMMBR", "a bound on the rate is asked for", "RFC 5104 4.2.1"}},
    {RTCP_RTPFB, 4, {"TMMBN", "the bound on the rate that counts", "RFC 5104 4.2.2"}},
    {RTCP_RTPFB, RTPFB_RRR, {"RRR", "a sender report is asked for at once", "RFC 6051 3.2"}},
    {RTCP_RTPFB, 8, {"ECN", "which ECN marks came", "RFC 6679 5.1"}},
    {RTCP_RTPFB, RTPFB_CCFB, {"CCFB", "when each packet came", "RFC 8888 3.1"}},
    {RTCP_RTPFB, RTPFB_TWCC, {"TWCC", "when each packet came", "transport-wide-cc-01 3.1"}},
    {RTCP_PSFB, PSFB_PLI, {"PLI", "a picture was lost: send a key frame", "RFC 4585 6.3.1"}},
    {RTCP_PSFB, 2, {"SLI", "a slice was lost", "RFC 4585 6.3.2"}},
    {RTCP_PSFB, 3, {"RPSI", "which picture the receiver has", "RFC 4585 6.3.3"}},
    {RTCP_PSFB, PSFB_FIR, {"FIR", "a key frame is asked for", "RFC 5104 4.3.1"}},
    {RTCP_PSFB, PSFB_AFB, {"AFB", "feedback of an application", "RFC 4585 6.4"}},
};

static struct kind kind_of(const struct rtcp_packet *p)
{
    static const struct kind remb = {"REMB", "the rate that the receiver finds",
                                     "draft-alvestrand-rmcat-remb 2.2"};
    if (p->type >= RTCP_SR && p->type <= RTCP_APP) return kinds[p->type - RTCP_SR];
    if (p->type == RTCP_XR) return (struct kind){"XR", "extended report", "RFC 3611 2"};
    struct bytes fci = bytes_slice(p->body, 8, p->body.len);
    if (p->type == RTCP_PSFB && p->count == PSFB_AFB && bytes_starts(fci, "REMB")) return remb;
    for (size_t i = 0; i < COUNT(formats); i++)
        if (formats[i].type == p->type && formats[i].format == p->count) return formats[i].kind;
    if (p->type == RTCP_RTPFB)
        return (struct kind){"RTPFB", "of a format not known here", "RFC 4585 6.2"};
    if (p->type == RTCP_PSFB)
        return (struct kind){"PSFB", "of a format not known here", "RFC 4585 6.3"};
    return (struct kind){"unknown", "skipped by its length", "RFC 3550 6.1"};
}

const char *rtcp_name(const struct rtcp_packet *p)
{
    return kind_of(p).name;
}

/* Seconds of the 16.16 fixed point that reports have. */
static double seconds_of(uint32_t fixed)
{
    return fixed / 65536.0;
}

static void tell_report(struct explain *x, struct bytes raw, const struct rtcp_report *r)
{
    explain_field(x, "report block", raw, "RFC 3550 6.4.1", "SSRC %u: %u/256 lost, %d in all",
                  (unsigned)r->ssrc, r->fraction_lost, (int)r->lost);
    explain_meaning(x, "highest sequence number %u after %u rounds, jitter %u units of its clock",
                    (unsigned)r->highest & 0xFFFF, (unsigned)r->highest >> 16, (unsigned)r->jitter);
    if (r->last_sr)
        explain_meaning(x,
                        "last SR came %.3f s before: with the time that this report takes, the "
                        "round trip (RFC 3550 6.4.1)",
                        seconds_of(r->delay));
    else
        explain_meaning(x, "no SR came yet");
    explain_object(x, NULL);
    explain_number(x, "ssrc", r->ssrc);
    explain_number(x, "fractionLost", r->fraction_lost);
    explain_signed(x, "packetsLost", r->lost);
    explain_number(x, "highestSequence", r->highest);
    explain_number(x, "jitter", r->jitter);
    explain_number(x, "lastSr", r->last_sr);
    explain_number(x, "delaySinceLastSr", r->delay);
    explain_close(x);
}

static void tell_sender(struct explain *x, struct bytes body, const struct rtcp_sender_info *info)
{
    explain_field(x, "NTP timestamp", bytes_slice(body, 4, 8), "RFC 3550 6.4.1", "%.6f s",
                  (double)(info->ntp >> 32) + (double)(info->ntp & UINT32_MAX) / 4294967296.0);
    explain_meaning(x, "the sender's wall clock, seconds since 1900");
    explain_field(x, "RTP timestamp", bytes_slice(body, 12, 4), "RFC 3550 6.4.1", "%u",
                  (unsigned)info->rtp_time);
    explain_meaning(x, "the same moment by the clock of the stream: so that sound and picture can "
                       "be played in step");
    explain_field(x, "sent", bytes_slice(body, 16, 8), "RFC 3550 6.4.1", "%u packets, %u bytes",
                  (unsigned)info->packets, (unsigned)info->octets);
    explain_number(x, "ntp", info->ntp);
    explain_number(x, "rtpTime", info->rtp_time);
    explain_number(x, "packetCount", info->packets);
    explain_number(x, "octetCount", info->octets);
}

static enum err tell_reports(struct explain *x, const struct rtcp_packet *p, struct fault *fault)
{
    struct rtcp_reports reports;
    enum err err = rtcp_parse_reports(&reports, p, fault);
    if (err != OK) return err;
    explain_field(x, "SSRC", bytes_slice(p->body, 0, 4), "RFC 3550 6.4.1", "%u",
                  (unsigned)reports.ssrc);
    explain_meaning(x, "of whoever reports");
    explain_number(x, "ssrc", reports.ssrc);
    explain_summary(x, " of %u", (unsigned)reports.ssrc);
    if (reports.count)
        explain_summary(x, " about %u source%s", reports.count, reports.count == 1 ? "" : "s");
    if (reports.is_sr) tell_sender(x, p->body, &reports.info);
    size_t at = reports.is_sr ? 24 : 4;
    explain_list(x, "reports");
    for (size_t i = 0; i < reports.count; i++)
        tell_report(x, bytes_slice(p->body, at + 24 * i, 24), &reports.reports[i]);
    explain_close(x);
    if (reports.extension.len)
        explain_field(x, "profile-specific extension", reports.extension, "RFC 3550 6.4.3",
                      "%zu bytes", reports.extension.len);
    return OK;
}

/* RFC 3550 §6.5, RFC 9143 §15.1, RFC 8852 §4. */
static const char *item_name(uint8_t type)
{
    static const char *const names[] = {
        "END",  "CNAME", "NAME",       "EMAIL", "PHONE", "LOC",           "TOOL",
        "NOTE", "PRIV",  "H323-CADDR", "APSI",  "RGRP",  "RTP-STREAM-ID", "REPAIRED-RTP-STREAM-ID",
        "CCID", "MID"};
    return type < COUNT(names) ? names[type] : "unknown";
}

static void tell_item(struct explain *x, const struct rtcp_sdes_item *item)
{
    if (item->type == 0) return; /* the chunk has none */
    struct bytes raw = {item->text.at - 2, item->text.len + 2};
    explain_field_text(x, item_name(item->type), raw, "RFC 3550 6.5", item->text);
    if (item->type == RTCP_CNAME)
        explain_meaning(x, "the same for all sources of one peer: they share a clock");
    explain_object(x, NULL);
    explain_number(x, "type", item->type);
    explain_text(x, "name", bytes_of(item_name(item->type)));
    explain_text(x, "text", item->text);
    explain_close(x);
}

static void close_chunk(struct explain *x, bool in_chunk)
{
    if (!in_chunk) return;
    explain_close(x); /* items */
    explain_close(x);
    explain_up(x);
}

static enum err tell_sdes(struct explain *x, const struct rtcp_packet *p, struct fault *fault)
{
    struct rtcp_sdes_walk w = rtcp_sdes_walk_of(p);
    struct rtcp_sdes_item item;
    bool in_chunk = false;
    explain_list(x, "chunks");
    for (uint8_t chunks = w.chunks; rtcp_sdes_next(&w, &item); chunks = w.chunks) {
        if (chunks != w.chunks) { /* the walk took a new one */
            close_chunk(x, in_chunk);
            size_t at = reader_offset(&w.r) - item.text.len - (item.type ? 6 : 8);
            explain_field(x, "chunk", bytes_slice(p->body, at, 4), "RFC 3550 6.5", "SSRC %u",
                          (unsigned)item.ssrc);
            explain_down(x);
            explain_object(x, NULL);
            explain_number(x, "ssrc", item.ssrc);
            explain_list(x, "items");
            in_chunk = true;
        }
        tell_item(x, &item);
    }
    close_chunk(x, in_chunk);
    explain_close(x);
    if (w.r.err == OK) return OK;
    return rtp_refuse_reader(fault, &w.r, "rtcp", p->offset + RTCP_HEADER_LEN);
}

static enum err tell_bye(struct explain *x, const struct rtcp_packet *p, struct fault *fault)
{
    struct rtcp_bye bye;
    enum err err = rtcp_parse_bye(&bye, p, fault);
    if (err != OK) return err;
    explain_list(x, "ssrcs");
    for (size_t i = 0; i < bye.count; i++) {
        explain_field(x, "SSRC", bytes_slice(p->body, 4 * i, 4), "RFC 3550 6.6", "%u",
                      (unsigned)bye.ssrc[i]);
        explain_meaning(x, "this source sends no more");
        explain_number(x, NULL, bye.ssrc[i]);
    }
    explain_close(x);
    if (bye.reason.len == 0) return OK;
    explain_field_text(x, "reason", bye.reason, "RFC 3550 6.6", bye.reason);
    explain_text(x, "reason", bye.reason);
    return OK;
}

static enum err tell_app(struct explain *x, const struct rtcp_packet *p, struct fault *fault)
{
    struct rtcp_app app;
    enum err err = rtcp_parse_app(&app, p, fault);
    if (err != OK) return err;
    explain_field(x, "SSRC", bytes_slice(p->body, 0, 4), "RFC 3550 6.7", "%u", (unsigned)app.ssrc);
    explain_field_text(x, "name", app.name, "RFC 3550 6.7", app.name);
    explain_meaning(x, "subtype %u of an application's own", app.subtype);
    explain_field(x, "data", app.data, "RFC 3550 6.7", "%zu bytes", app.data.len);
    explain_number(x, "subtype", app.subtype);
    explain_number(x, "ssrc", app.ssrc);
    explain_text(x, "appName", app.name);
    explain_hex(x, "data", app.data);
    return OK;
}

static enum err tell_body(struct explain *x, const struct rtcp_packet *p, struct fault *fault)
{
    switch (p->type) {
    case RTCP_SR:
    case RTCP_RR: return tell_reports(x, p, fault);
    case RTCP_SDES: return tell_sdes(x, p, fault);
    case RTCP_BYE: return tell_bye(x, p, fault);
    case RTCP_APP: return tell_app(x, p, fault);
    case RTCP_RTPFB:
    case RTCP_PSFB: return rtcp_explain_feedback(x, p, fault);
    case RTCP_XR: return rtcp_explain_xr(x, p, fault);
    }
    explain_field(x, "body", p->body, "RFC 3550 6.1", "%zu bytes", p->body.len);
    return OK;
}

static enum err tell_packet(struct explain *x, struct bytes in, const struct rtcp_packet *p,
                            struct fault *fault)
{
    const struct kind kind = kind_of(p);
    size_t len = RTCP_HEADER_LEN + p->body.len + p->padding;
    struct bytes whole = bytes_slice(in, p->offset, len);
    explain_phrase(x, ", ");
    explain_summary(x, "%s%s", p->offset ? "" : "RTCP ", kind.name);
    explain_field(x, kind.name, whole, kind.spec, "%s", kind.long_name);
    if (p->offset == 0 && p->type != RTCP_SR && p->type != RTCP_RR)
        explain_meaning(x, "no report leads: of reduced size (RFC 5506 4)");
    explain_object(x, NULL);
    explain_number(x, "type", p->type);
    explain_text(x, "name", bytes_of(kind.name));
    explain_number(x, "length", len);
    explain_down(x);
    explain_field(x, "header", bytes_slice(whole, 0, RTCP_HEADER_LEN), "RFC 3550 6.4.1",
                  "version 2, %s %u, type %u, %zu bytes",
                  p->type == RTCP_RTPFB || p->type == RTCP_PSFB ? "format" : "count", p->count,
                  p->type, len);
    enum err err = tell_body(x, p, fault);
    if (p->padding)
        explain_field(x, "padding", bytes_slice(whole, len - p->padding, p->padding),
                      "RFC 3550 6.4.1", "%u bytes", p->padding);
    explain_up(x);
    explain_close(x);
    return err;
}

void rtcp_explain(struct explain *x, struct bytes message)
{
    struct rtcp_walk w = rtcp_walk_of(message);
    struct rtcp_packet p;
    struct fault fault = {0};
    explain_list(x, "packets");
    while (fault.err == OK && rtcp_next(&w, &p)) tell_packet(x, message, &p, &fault);
    explain_close(x);
    if (fault.err == OK) fault = w.fault;
    if (fault.err != OK) rtp_explain_fault(x, message, &fault);
}

void srtcp_explain(struct explain *x, struct bytes message)
{
    struct reader r = reader_of(message);
    uint8_t first = read_u8(&r);
    if (first >> 6 != 2) reader_fail(&r, E_MALFORMED, "version is not 2 (RFC 3550 6.4.1)");
    struct rtcp_packet p = {.count = first & 31, .type = read_u8(&r)};
    read_skip(&r, 2); /* the length of the first packet: a compound goes on behind it */
    uint32_t ssrc = read_u32(&r);
    if (r.err != OK) {
        struct fault fault = reader_fault(&r, "rtcp");
        rtp_explain_fault(x, message, &fault);
        return;
    }
    const struct kind kind = kind_of(&p);
    explain_field(x, kind.name, bytes_slice(message, 0, RTCP_HEADER_LEN), kind.spec, "%s",
                  kind.long_name);
    explain_field(x, "SSRC", bytes_slice(message, RTCP_HEADER_LEN, 4), "RFC 3550 6.4.1", "%u",
                  (unsigned)ssrc);
    explain_field(x, "encrypted", read_rest(&r), "RFC 3711 3.4", "%zu bytes",
                  message.len - RTCP_HEADER_LEN - 4);
    explain_meaning(x, "all else of the compound, its index and its tag");
    explain_list(x, "packets");
    explain_object(x, NULL);
    explain_number(x, "type", p.type);
    explain_text(x, "name", bytes_of(kind.name));
    explain_number(x, "ssrc", ssrc);
    explain_close(x);
    explain_close(x);
    explain_bool(x, "protected", true);
    explain_summary(x, "SRTCP that begins with %s of SSRC %u, %zu bytes", kind.name, (unsigned)ssrc,
                    message.len);
}
