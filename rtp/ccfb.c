#include "rtp/ccfb.h"

#include "rtp/internal.h"

#define LAYER "rtcp"

/* RFC 8888 §3.1: each report ends with its 32-bit word. */
bool rtcp_ccfb_next(struct reader *r, struct rtcp_ccfb_report *report)
{
    if (reader_left(r) == 0) return false;
    report->ssrc = read_u32(r);
    report->begin = read_u16(r);
    report->count = read_u16(r);
    if (report->count > CCFB_REPORTS_MAX)
        reader_fail(r, E_MALFORMED, "one report is about at most 16384 packets (RFC 8888 3.1)");
    report->metrics = read_bytes(r, 2 * (size_t)report->count);
    read_skip(r, report->metrics.len & 2);
    return r->err == OK;
}

struct rtcp_ccfb_metric rtcp_ccfb_metric_at(const struct rtcp_ccfb_report *report, uint16_t i)
{
    struct reader r = reader_of(bytes_slice(report->metrics, 2 * (size_t)i, 2));
    uint16_t word = read_u16(&r);
    return (struct rtcp_ccfb_metric){
        .sequence = (uint16_t)(report->begin + i),
        .received = word >> 15,
        .ecn = word >> 13 & 3,
        .ato = word & 0x1FFF,
    };
}

enum err rtcp_parse_ccfb(struct rtcp_ccfb *out, const struct rtcp_packet *p, struct fault *fault)
{
    struct reader r = reader_of(p->body);
    *out = (struct rtcp_ccfb){.sender_ssrc = read_u32(&r)};
    size_t left = reader_left(&r);
    if (left < 4) reader_fail(&r, E_TRUNCATED, NULL);
    out->reports = read_bytes(&r, left < 4 ? 0 : left - 4);
    out->timestamp = read_u32(&r);
    if (r.err == OK) {
        r = reader_of(out->reports);
        struct rtcp_ccfb_report report;
        while (rtcp_ccfb_next(&r, &report)) continue;
        if (r.err != OK) /* its offsets count from behind the sender's SSRC */
            return rtp_refuse_reader(fault, &r, LAYER, p->offset + RTCP_HEADER_LEN + 4);
        return OK;
    }
    return rtp_refuse_reader(fault, &r, LAYER, p->offset + RTCP_HEADER_LEN);
}
