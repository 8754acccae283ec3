/* Any bytes as a description: what is parsed can be written, and parses again to the same tree.
 * Both checks and the fault's text must bear with whatever was parsed. */
#include "fuzz/fuzz.h"
#include "sdp/check.h"
#include "sdp/parse.h"
#include "sdp/write.h"

static uint8_t room[2 * SDP_TEXT_MAX];

static void compare(const struct sdp *a, const struct sdp *b)
{
    FUZZ_CHECK(a->lines.count == b->lines.count);
    for (size_t i = 0; i < a->lines.count; i++) {
        FUZZ_CHECK(bytes_equal(a->lines.at[i].text, b->lines.at[i].text));
        FUZZ_CHECK(a->lines.at[i].attr == b->lines.at[i].attr);
    }
    FUZZ_CHECK(a->section_count == b->section_count);
    for (size_t i = 0; i < a->section_count; i++) {
        const struct sdp_section *s = &a->sections[i], *t = &b->sections[i];
        FUZZ_CHECK(bytes_equal(s->mid, t->mid) && s->port == t->port && s->kind == t->kind);
        FUZZ_CHECK(s->codec_count == t->codec_count && s->direction == t->direction);
        FUZZ_CHECK(s->lines.count <= SDP_LINES_MAX);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct sdp a, b;
    struct fault fault;
    if (sdp_parse(&a, (struct bytes){data, n}) != OK) {
        FUZZ_CHECK(a.fault.rule && a.fault.offset <= n && !a.arena.blocks);
        return 0;
    }
    for (int type = SDP_OFFER; type <= SDP_ANSWER; type++) {
        enum err err = sdp_check(&a, (enum sdp_type)type, &fault);
        FUZZ_CHECK(err == fault.err && fault.offset <= n);
    }
    struct writer w = writer_of(room, sizeof room);
    sdp_write(&a, &w);
    struct bytes text = writer_done(&w);
    FUZZ_CHECK(text.at && text.len <= n + a.lines.count);
    /* Bare LF became CRLF, so that it may just not fit any more. */
    enum err err = sdp_parse(&b, text);
    FUZZ_CHECK(err == OK || (err == E_FULL && text.len > SDP_TEXT_MAX));
    if (err == OK) compare(&a, &b);
    sdp_free(&a);
    sdp_free(&b);
    return 0;
}
