/* RTCP extended reports told aloud: RFC 3611 §3, §4 (rtp/explain.h). */
#include "base/explain.h"
#include "rtp/feedback.h"
#include "rtp/internal.h"

enum { XR_RRTR = 4, XR_DLRR = 5 };

static const struct {
    uint8_t type;
    const char *name, *spec, *meaning;
} blocks[] = {
    {1, "loss RLE", "RFC 3611 4.1", "which packets were lost, as runs"},
    {2, "duplicate RLE", "RFC 3611 4.2", "which packets came twice, as runs"},
    {3, "packet receipt times", "RFC 3611 4.3", "when packets came"},
    {XR_RRTR, "receiver reference time", "RFC 3611 4.4",
     "so that one who sends nothing can measure the round trip too"},
    {XR_DLRR, "DLRR", "RFC 3611 4.5", "the answer to a receiver reference time"},
    {6, "statistics summary", "RFC 3611 4.6", "loss, duplicates, jitter and TTL in sum"},
    {7, "VoIP metrics", "RFC 3611 4.7", "how a call sounds"},
    {42, "target bitrate", "webrtc.org target-bitrate", "what each layer is encoded at"},
};

static void tell_times(struct explain *x, const struct rtcp_xr_block *block)
{
    struct reader r = reader_of(block->data);
    uint64_t ntp = read_u64(&r);
    if (r.err != OK || reader_left(&r)) {
        explain_broken(x, "a receiver reference time has two words (RFC 3611 4.4)");
        return;
    }
    explain_meaning(x, "%.6f s since 1900 or since it began",
                    (double)(ntp >> 32) + (double)(ntp & UINT32_MAX) / 4294967296.0);
    explain_number(x, "ntp", ntp);
}

static void tell_delays(struct explain *x, const struct rtcp_xr_block *block)
{
    struct reader r = reader_of(block->data);
    explain_down(x);
    explain_list(x, "reports");
    while (reader_left(&r) >= 12) {
        struct bytes raw = bytes_slice(block->data, reader_offset(&r), 12);
        uint32_t ssrc = read_u32(&r), last = read_u32(&r), delay = read_u32(&r);
        explain_field(x, "report", raw, "RFC 3611 4.5", "SSRC %u", (unsigned)ssrc);
        explain_meaning(x, "its reference time came %.3f s before", delay / 65536.0);
        explain_object(x, NULL);
        explain_number(x, "ssrc", ssrc);
        explain_number(x, "lastRr", last);
        explain_number(x, "delaySinceLastRr", delay);
        explain_close(x);
    }
    explain_close(x);
    explain_up(x);
    if (reader_left(&r)) explain_broken(x, "DLRR has three words for each report (RFC 3611 4.5)");
}

static void tell_block(struct explain *x, const struct rtcp_xr_block *block)
{
    const char *name = "unknown", *spec = "RFC 3611 3", *meaning = "not known here: skipped";
    for (size_t i = 0; i < COUNT(blocks); i++) {
        if (blocks[i].type != block->type) continue;
        name = blocks[i].name, spec = blocks[i].spec, meaning = blocks[i].meaning;
    }
    struct bytes raw = {block->data.at - 4, block->data.len + 4};
    explain_field(x, name, raw, spec, "block type %u, %zu bytes", block->type, block->data.len);
    explain_meaning(x, "%s", meaning);
    explain_object(x, NULL);
    explain_number(x, "type", block->type);
    explain_text(x, "name", bytes_of(name));
    explain_number(x, "typeSpecific", block->specific);
    explain_number(x, "length", block->data.len);
    if (block->type == XR_RRTR)
        tell_times(x, block);
    else if (block->type == XR_DLRR)
        tell_delays(x, block);
    else
        explain_hex(x, "data", block->data);
    explain_close(x);
}

enum err rtcp_explain_xr(struct explain *x, const struct rtcp_packet *p, struct fault *fault)
{
    struct reader r;
    struct rtcp_xr_block block;
    uint32_t ssrc;
    enum err err = rtcp_parse_xr(&r, &ssrc, p, fault);
    if (err != OK) return err;
    explain_field(x, "SSRC", bytes_slice(p->body, 0, 4), "RFC 3611 2", "%u", (unsigned)ssrc);
    explain_number(x, "ssrc", ssrc);
    explain_list(x, "blocks");
    while (rtcp_xr_next(&r, &block)) tell_block(x, &block);
    explain_close(x);
    return OK;
}
