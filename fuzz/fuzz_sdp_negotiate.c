/* The first byte says what the rest is. 'A': an answer to our offer; it is agreed with or refused.
 * Anything else: an offer to one who can all, or with '0' to '?' what its low bits say; then
 *
 *   - our answer to it, if there is one, parses, and fits the offer seen from either side;
 *   - an offer that we make after it keeps every section and parses. */
#include "fuzz/fuzz.h"
#include "sdp/agree.h"
#include "sdp/answer.h"
#include "sdp/offer.h"
#include "sdp/parse.h"

static uint8_t room[4 * SDP_TEXT_MAX];
static const uint8_t digest[32] = {1, 2, 3};

static struct sdp_local local_side(struct sdp_fingerprint *fingerprint)
{
    *fingerprint = (struct sdp_fingerprint){.digest = {digest, 32}, .hash = SDP_SHA256};
    return (struct sdp_local){.session_id = 1,
                              .version = 1,
                              .ufrag = bytes_of("abcd"),
                              .pwd = bytes_of("0123456789012345678901"),
                              .fingerprints = fingerprint,
                              .fingerprint_count = 1,
                              .cname = bytes_of("cname"),
                              .caps = SDP_CAPS_ALL};
}

static struct sdp_wish wish(enum sdp_kind kind, struct bytes mid)
{
    return (struct sdp_wish){.kind = kind,
                             .mid = mid,
                             .direction = SDP_SENDRECV,
                             .stream = bytes_of("s"),
                             .track = bytes_of("t"),
                             .ssrc = 1,
                             .rtx_ssrc = 2};
}

static void check_agreed(const struct sdp_agreed *a)
{
    for (size_t i = 0; i < a->section_count; i++) {
        const struct sdp_agreed_section *s = &a->sections[i];
        FUZZ_CHECK(s->codec_count <= SDP_AGREED_CODECS && s->stream_count <= SDP_AGREED_STREAMS);
        FUZZ_CHECK(!s->rejected || (!s->send && !s->recv));
        for (size_t k = 0; k < s->codec_count; k++)
            FUZZ_CHECK(s->codecs[k].send_pt <= SDP_PT_MAX && s->codecs[k].recv_pt <= SDP_PT_MAX);
    }
    FUZZ_CHECK(!a->transport.used ||
               (a->transport.ufrag.len >= 4 && a->transport.fingerprint_count));
}

static void answer_to_ours(struct bytes text)
{
    struct sdp_fingerprint fingerprint;
    struct sdp_local local = local_side(&fingerprint);
    struct sdp_wish wishes[] = {wish(SDP_AUDIO, bytes_of("0")), wish(SDP_VIDEO, bytes_of("1"))};
    struct sdp offer, answer;
    struct sdp_agreed agreed;
    if (sdp_parse(&answer, text) != OK) return;
    struct writer w = writer_of(room, sizeof room);
    /* As many sections as the answer has, so that more of them come through. */
    size_t count = answer.section_count == 1 ? 1 : 2;
    FUZZ_CHECK(sdp_offer(&w, &local, wishes, count) == OK);
    FUZZ_CHECK(sdp_parse(&offer, writer_done(&w)) == OK);
    if (sdp_agree(&agreed, &offer, &answer, true) == OK)
        check_agreed(&agreed);
    else
        FUZZ_CHECK(agreed.fault.rule && agreed.fault.offset <= text.len);
    sdp_agreed_free(&agreed);
    sdp_free(&offer);
    sdp_free(&answer);
}

/* An offer of ours in the same session: each section lives on or is stopped. */
static struct sdp_caps some_caps(uint8_t what)
{
    struct sdp_caps caps = SDP_CAPS_ALL;
    if (what >> 4 != '0' >> 4) return caps;
    caps.opus = what & 1;
    caps.vp8 = what & 2;
    caps.rtcp_rsize = what & 4;
    caps.two_byte_extmap = what & 8;
    return caps;
}

static void offer_after(const struct sdp *theirs, const struct sdp *ours, uint8_t what)
{
    struct sdp_fingerprint fingerprint;
    struct sdp_local local = local_side(&fingerprint);
    local.caps = some_caps(what);
    struct sdp_wish wishes[SDP_SECTIONS_MAX];
    local.current_local = ours;
    local.current_remote = theirs;
    for (size_t i = 0; i < theirs->section_count; i++) {
        const struct sdp_section *s = &theirs->sections[i];
        wishes[i] = wish(s->kind, s->mid);
        wishes[i].stopped = ours->sections[i].port == 0 || s->mid.len == 0;
        wishes[i].m_text = s->lines.at->value;
    }
    struct writer w = writer_of(room, sizeof room);
    enum err err = sdp_offer(&w, &local, wishes, theirs->section_count);
    /* No payload type is left, or we have no codec for what they want. */
    FUZZ_CHECK(err == OK || err == E_FULL || err == E_STATE);
    if (err != OK) return;
    struct sdp again;
    err = sdp_parse(&again, writer_done(&w));
    FUZZ_CHECK(err == OK || (err == E_FULL && writer_len(&w) > SDP_TEXT_MAX));
    if (err == OK) FUZZ_CHECK(again.section_count == theirs->section_count);
    sdp_free(&again);
}

static void their_offer(struct bytes text, uint8_t what)
{
    struct sdp_fingerprint fingerprint;
    struct sdp_local local = local_side(&fingerprint);
    local.caps = some_caps(what);
    struct sdp_wish wishes[SDP_SECTIONS_MAX];
    struct sdp offer, answer;
    struct sdp_agreed agreed;
    struct fault fault;
    if (sdp_parse(&offer, text) != OK) return;
    for (size_t i = 0; i < offer.section_count; i++)
        wishes[i] = wish(offer.sections[i].kind, offer.sections[i].mid);
    struct writer w = writer_of(room, sizeof room);
    if (sdp_answer(&w, &offer, &local, wishes, offer.section_count, &fault) != OK) {
        FUZZ_CHECK(fault.rule && fault.offset <= text.len);
    } else {
        enum err err = sdp_parse(&answer, writer_done(&w));
        FUZZ_CHECK(err == OK || (err == E_FULL && writer_len(&w) > SDP_TEXT_MAX));
        for (int we_offered = 0; err == OK && we_offered < 2; we_offered++) {
            FUZZ_CHECK(sdp_agree(&agreed, &offer, &answer, we_offered) == OK);
            check_agreed(&agreed);
            FUZZ_CHECK(!sdp_restarts_ice(&agreed.transport, we_offered ? &answer : &offer));
            sdp_agreed_free(&agreed);
        }
        if (err == OK) offer_after(&offer, &answer, what);
        sdp_free(&answer);
    }
    sdp_free(&offer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n == 0) return 0;
    struct bytes text = {data + 1, n - 1};
    if (data[0] == 'A')
        answer_to_ours(text);
    else
        their_offer(text, data[0]);
    return 0;
}
