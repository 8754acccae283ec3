/* RTP packets: what was read is written and read again the same. */
#include "fuzz/fuzz.h"
#include "rtp/packet.h"

#include <string.h>

#define ELEMENTS_MAX 600

static size_t elements_of(const struct rtp_packet *p, struct rtp_extension *to)
{
    size_t count = 0;
    struct reader r = rtp_extensions(p);
    struct rtp_extension e;
    while (count < ELEMENTS_MAX && rtp_extension_next(p, &r, &e)) to[count++] = e;
    return count;
}

static void check_equal(const struct rtp_packet *a, const struct rtp_packet *b)
{
    FUZZ_CHECK(a->marker == b->marker && a->payload_type == b->payload_type);
    FUZZ_CHECK(a->sequence == b->sequence && a->timestamp == b->timestamp && a->ssrc == b->ssrc);
    FUZZ_CHECK(a->csrc_count == b->csrc_count && a->padding == b->padding);
    FUZZ_CHECK(memcmp(a->csrc, b->csrc, sizeof a->csrc) == 0);
    FUZZ_CHECK(bytes_equal(a->payload, b->payload));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct rtp_extension before[ELEMENTS_MAX], after[ELEMENTS_MAX];
    static uint8_t room[8192], copy[4096];
    struct rtp_packet a, b;
    if (n > 2048) return 0;
    enum err err = rtp_parse(&a, (struct bytes){data, n});
    FUZZ_CHECK(err == a.fault.err && a.fault.offset <= n);
    if (err != OK) return 0;
    size_t count = elements_of(&a, before);
    if (count == ELEMENTS_MAX) return 0;
    struct writer w = writer_of(room, sizeof room);
    rtp_write(&w, &a, before, count);
    FUZZ_CHECK(w.err == OK);
    FUZZ_CHECK(rtp_parse(&b, writer_done(&w)) == OK);
    check_equal(&a, &b);
    FUZZ_CHECK(elements_of(&b, after) == count);
    for (size_t i = 0; i < count; i++)
        FUZZ_CHECK(before[i].id == after[i].id && bytes_equal(before[i].data, after[i].data));
    /* In place: a value of the same length, and nothing else changes. */
    if (count == 0) return 0;
    memcpy(copy, data, n);
    static const uint8_t zeros[RTP_EXTENSION_MAX];
    size_t len = rtp_extension_find(&a, before[0].id).len;
    FUZZ_CHECK(rtp_extension_set(copy, n, before[0].id, (struct bytes){zeros, len}));
    FUZZ_CHECK(!rtp_extension_set(copy, n, before[0].id, (struct bytes){zeros, len + 1}));
    FUZZ_CHECK(rtp_parse(&b, (struct bytes){copy, n}) == OK);
    check_equal(&a, &b);
    return 0;
}
