/* RTCP and feedback: what the check lets pass is walked, written again, and comes back the same. */
#include "fuzz/fuzz.h"
#include "rtp/feedback.h"

#include <string.h>

static uint8_t room[16384];

/* The one packet that was written. */
static struct rtcp_packet written(struct writer *w)
{
    struct rtcp_packet p;
    FUZZ_CHECK(w->err == OK);
    FUZZ_CHECK(rtcp_check(writer_done(w), NULL) == OK);
    struct rtcp_walk walk = rtcp_walk_of(writer_done(w));
    FUZZ_CHECK(rtcp_next(&walk, &p));
    struct rtcp_packet more;
    FUZZ_CHECK(!rtcp_next(&walk, &more) && walk.fault.err == OK);
    return p;
}

static struct rtcp_feedback written_feedback(struct writer *w)
{
    struct rtcp_packet p = written(w);
    struct rtcp_feedback f;
    FUZZ_CHECK(rtcp_parse_feedback(&f, &p, NULL) == OK);
    return f;
}

static void reports(const struct rtcp_packet *p)
{
    struct rtcp_reports a, b;
    struct writer w = writer_of(room, sizeof room);
    FUZZ_CHECK(rtcp_parse_reports(&a, p, NULL) == OK);
    rtcp_write_reports(&w, &a);
    struct rtcp_packet again = written(&w);
    FUZZ_CHECK(rtcp_parse_reports(&b, &again, NULL) == OK);
    FUZZ_CHECK(a.is_sr == b.is_sr && a.ssrc == b.ssrc && a.count == b.count);
    FUZZ_CHECK(a.info.ntp == b.info.ntp && a.info.octets == b.info.octets);
    for (int i = 0; i < a.count; i++) {
        FUZZ_CHECK(a.reports[i].lost == b.reports[i].lost);
        FUZZ_CHECK(a.reports[i].highest == b.reports[i].highest);
        FUZZ_CHECK(a.reports[i].delay == b.reports[i].delay);
    }
}

static void nack(const struct rtcp_feedback *f)
{
    static uint16_t before[65536 * 2];
    struct rtcp_nack_walk walk;
    size_t count = 0, i = 0;
    uint16_t sequence;
    FUZZ_CHECK(rtcp_parse_nack(&walk, f->fci, NULL) == OK);
    while (count < sizeof before / sizeof before[0] && rtcp_nack_next(&walk, &sequence))
        before[count++] = sequence;
    FUZZ_CHECK(count >= f->fci.len / 4 && count <= f->fci.len / 4 * 17);
    struct writer w = writer_of(room, sizeof room);
    rtcp_write_nack(&w, 1, 2, before, count);
    if (w.err != OK) return; /* unsorted ones take a word each */
    struct rtcp_feedback again = written_feedback(&w);
    FUZZ_CHECK(rtcp_parse_nack(&walk, again.fci, NULL) == OK);
    while (rtcp_nack_next(&walk, &sequence)) {
        /* In unsorted input, neighbours may come out in order. */
        FUZZ_CHECK(i < count);
        i++;
    }
}

static void twcc(const struct rtcp_feedback *f)
{
    static int16_t deltas[65536];
    struct rtcp_twcc a, b;
    struct rtcp_twcc_status sa, sb;
    size_t count = 0;
    FUZZ_CHECK(rtcp_parse_twcc(&a, f->fci, NULL) == OK);
    struct rtcp_twcc_walk wa = rtcp_twcc_walk_of(&a);
    while (rtcp_twcc_next(&wa, &sa)) {
        int32_t delta = sa.delta_us / TWCC_DELTA_US;
        if (sa.received && delta == TWCC_LOST) return; /* means something else to the writer */
        deltas[count++] = sa.received ? (int16_t)delta : TWCC_LOST;
    }
    FUZZ_CHECK(count == a.count);
    struct writer w = writer_of(room, sizeof room);
    rtcp_write_twcc(&w, f->sender_ssrc, f->media_ssrc, a.base, a.reference_time, a.feedback_count,
                    deltas, count);
    if (w.err != OK) return;
    struct rtcp_feedback again = written_feedback(&w);
    FUZZ_CHECK(rtcp_parse_twcc(&b, again.fci, NULL) == OK);
    wa = rtcp_twcc_walk_of(&a);
    struct rtcp_twcc_walk wb = rtcp_twcc_walk_of(&b);
    while (rtcp_twcc_next(&wa, &sa)) {
        FUZZ_CHECK(rtcp_twcc_next(&wb, &sb));
        FUZZ_CHECK(sa.sequence == sb.sequence && sa.received == sb.received);
        FUZZ_CHECK(sa.arrival_us == sb.arrival_us);
    }
}

static void remb(const struct rtcp_feedback *f)
{
    struct rtcp_remb a, b;
    if (rtcp_parse_remb(&a, f->fci, NULL) != OK) return;
    struct writer w = writer_of(room, sizeof room);
    rtcp_write_remb(&w, 1, a.bitrate, NULL, 0);
    struct rtcp_feedback again = written_feedback(&w);
    FUZZ_CHECK(rtcp_parse_remb(&b, again.fci, NULL) == OK);
    FUZZ_CHECK(b.bitrate <= a.bitrate && b.bitrate >= a.bitrate - a.bitrate / 0x20000);
}

static void feedback(const struct rtcp_packet *p)
{
    struct rtcp_feedback f;
    FUZZ_CHECK(rtcp_parse_feedback(&f, p, NULL) == OK);
    if (p->type == RTCP_RTPFB && p->count == RTPFB_NACK) nack(&f);
    if (p->type == RTCP_RTPFB && p->count == RTPFB_TWCC) twcc(&f);
    if (p->type == RTCP_PSFB && p->count == PSFB_AFB) remb(&f);
}

static void bye(const struct rtcp_packet *p)
{
    struct rtcp_bye a, b;
    struct writer w = writer_of(room, sizeof room);
    FUZZ_CHECK(rtcp_parse_bye(&a, p, NULL) == OK);
    rtcp_write_bye(&w, &a);
    struct rtcp_packet again = written(&w);
    FUZZ_CHECK(rtcp_parse_bye(&b, &again, NULL) == OK);
    FUZZ_CHECK(a.count == b.count && bytes_equal(a.reason, b.reason));
    FUZZ_CHECK(memcmp(a.ssrc, b.ssrc, sizeof a.ssrc) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct fault fault = {0};
    struct bytes in = {data, n};
    if (n > 2048) return 0;
    enum err err = rtcp_check(in, &fault);
    if (err != OK) {
        FUZZ_CHECK(fault.err == err && fault.offset <= n && fault.rule);
        return 0;
    }
    struct rtcp_walk w = rtcp_walk_of(in);
    struct rtcp_packet p;
    size_t end = 0;
    while (rtcp_next(&w, &p)) {
        FUZZ_CHECK(p.offset == end);
        end += RTCP_HEADER_LEN + p.body.len + p.padding;
        switch (p.type) {
        case RTCP_SR:
        case RTCP_RR: reports(&p); break;
        case RTCP_BYE: bye(&p); break;
        case RTCP_RTPFB:
        case RTCP_PSFB: feedback(&p); break;
        default: break;
        }
    }
    FUZZ_CHECK(w.fault.err == OK && end == n);
    return 0;
}
