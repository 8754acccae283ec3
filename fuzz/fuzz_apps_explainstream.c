/* Two ends of a TCP connection say anything, in segments that come in any order: reading it ends,
 * what is found has a type and bytes that can be read, and each of them can be explained.
 *
 * Input: segments, each of flags (1: the server's, 2: SYN, 4: FIN, 8: sent again from its
 * beginning, 16: out of order), a length (2 bytes) and that many bytes. */
#include "apps/explainstream.h"
#include "apps/explaintypes.h"
#include "fuzz/fuzz.h"

enum { SERVER = 1, SYN = 2, FIN = 4, AGAIN = 8, EARLY = 16 };

static void explain(const struct explainstream_found *found)
{
    struct explain_options options = {.ws = {.role = found->role}, .http = {.key = found->key}};
    const char *type = found->type ? explain_type_named(found->type) : "stun";
    FUZZ_CHECK(type != NULL && found->message.len > 0);
    struct explain *x = explain_make(type, found->message, &options);
    if (!x) return;
    for (size_t i = 0; i < explain_field_count(x); i++) {
        const struct explain_field *f = explain_field_at(x, i);
        FUZZ_CHECK(f->offset <= found->message.len);
        FUZZ_CHECK(f->raw.len <= found->message.len - f->offset);
    }
    explain_free(x);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct explainstream_news news;
    struct reader r = reader_of((struct bytes){data, n});
    struct explainstream *e = explainstream_new();
    uint32_t next[2] = {1, 1};
    FUZZ_CHECK(e != NULL);
    while (reader_left(&r)) {
        uint8_t flags = read_u8(&r);
        size_t len = read_u16(&r), server = flags & SERVER;
        struct datagram d = {.kind = DATAGRAM_TCP,
                             .from = addr_ipv4(192, 0, 2, server ? 2 : 1, 1),
                             .to = addr_ipv4(192, 0, 2, server ? 1 : 2, 1),
                             .tcp_flags = (flags & SYN) | (flags & FIN ? 1 : 0),
                             .tcp_seq = next[server]};
        d.payload = read_bytes(&r, len < reader_left(&r) ? len : reader_left(&r));
        if (flags & SYN) next[server] = d.tcp_seq + 1;
        if (flags & AGAIN) d.tcp_seq -= (uint32_t)d.payload.len / 2;
        if (flags & EARLY) d.tcp_seq += 7;
        if (!(flags & (AGAIN | EARLY))) next[server] += (uint32_t)d.payload.len;
        explainstream_input(e, 0, &d, &news);
        FUZZ_CHECK(news.count <= EXPLAINSTREAM_FOUND_MAX);
        FUZZ_CHECK(memchr(news.remark, 0, sizeof news.remark) != NULL);
        for (size_t i = 0; i < news.count; i++) explain(&news.found[i]);
    }
    explainstream_free(e);
    return 0;
}
