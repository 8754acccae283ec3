/* The first byte says what the rest is explained as: RTP, RTCP, their encrypted forms, VP8, Opus.
 * Fields lie in the message, members close, a failure has a place; where there is one parser for
 * it, its verdict is the explanation's. */
#include "base/explain.h"
#include "fuzz/fuzz.h"
#include "rtp/explain.h"
#include "rtp/opus.h"
#include "rtp/packet.h"
#include "rtp/rtcp.h"
#include "rtp/vp8.h"

static const struct rtp_explain_payload payloads[] = {
    {111, {(const uint8_t *)"opus", 4}, 48000},
    {96, {(const uint8_t *)"VP8", 3}, 90000},
    {118, {(const uint8_t *)"red", 3}, 90000},
    {119, {(const uint8_t *)"rtx", 3}, 90000},
};

static const char *const uris[] = {
    "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
    "urn:ietf:params:rtp-hdrext:sdes:mid",
    "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
    "urn:3gpp:video-orientation",
    "urn:ietf:params:rtp-hdrext:toffset",
    "http://www.webrtc.org/experiments/rtp-hdrext/color-space",
    "/",
};

static enum err explain_rtp(struct explain *x, struct bytes in, bool is_protected)
{
    struct rtp_explain_ext exts[COUNT(uris)];
    struct rtp_packet p;
    for (size_t i = 0; i < COUNT(uris); i++)
        exts[i] = (struct rtp_explain_ext){(uint16_t)(i + 1), bytes_of(uris[i])};
    const struct rtp_explain_options options = {exts, COUNT(exts), payloads, COUNT(payloads),
                                                is_protected};
    rtp_explain(x, in, &options);
    return is_protected ? rtp_parse_protected(&p, in) : rtp_parse(&p, in);
}

/* Explains; answers what the parser says, or what the explanation does where it says more. */
static enum err explain_as(struct explain *x, struct bytes in, uint8_t kind)
{
    struct vp8_descriptor vp8;
    struct opus_info opus;
    enum err err;
    switch (kind % 6) {
    case 0: return explain_rtp(x, in, false);
    case 1: return explain_rtp(x, in, true);
    case 2:
        rtcp_explain(x, in);
        err = rtcp_check(in, NULL);
        /* CCFB is read here alone. */
        FUZZ_CHECK(err == OK || explain_fault(x)->err != OK);
        return explain_fault(x)->err;
    case 3: srtcp_explain(x, in); return explain_fault(x)->err;
    case 4: vp8_explain(x, in); return vp8_parse(&vp8, in);
    default: opus_explain(x, in); return opus_parse(&opus, in);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n == 0) return 0;
    struct bytes in = {data + 1, n - 1};
    struct explain *x = explain_new("rtp", in);
    if (!x) return 0;
    enum err err = explain_as(x, in, data[0]);
    size_t open = 0;
    FUZZ_CHECK(explain_fault(x)->err == err || explain_fault(x)->err == E_FULL);
    FUZZ_CHECK(explain_fault(x)->offset <= in.len);
    for (size_t i = 0; i < explain_field_count(x); i++) {
        const struct explain_field *f = explain_field_at(x, i);
        FUZZ_CHECK(f->offset <= in.len && f->raw.len <= in.len - f->offset && f->spec);
    }
    for (size_t i = 0; i < explain_member_count(x); i++) {
        enum explain_kind kind = explain_member_at(x, i)->kind;
        if (kind == EXPLAIN_OBJECT || kind == EXPLAIN_LIST) open++;
        if (kind == EXPLAIN_CLOSE) FUZZ_CHECK(open-- > 0);
    }
    FUZZ_CHECK(open == 0 || explain_fault(x)->err == E_FULL);
    FUZZ_CHECK(err != OK || explain_summary_text(x).len > 0);
    explain_free(x);
    return 0;
}
