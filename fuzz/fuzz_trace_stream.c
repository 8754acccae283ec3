/* A text cut into segments by a script: they may lie over each other, come twice, late, or not at
 * all, begin anywhere in the sequence space, and other segments say what they like on a second
 * connection. Whatever is read is the text, from its beginning, without a hole; once every byte was
 * sent in order, all of it was read. Bounds hold.
 *
 * Input: first sequence number (4 bytes), how many steps (1), five bytes a step, the text. */
#include "fuzz/fuzz.h"
#include "trace/stream.h"

enum { FIN = 1, SYN = 2, RST = 4, STRAY = 8, CUT = 16 };

struct run {
    struct streams *streams;
    struct bytes text;
    uint32_t first;
    size_t taken;
};

static struct datagram segment_of(const struct run *run, uint8_t flags, size_t from, size_t len)
{
    return (struct datagram){.kind = DATAGRAM_TCP,
                             .from = addr_ipv4(192, 0, 2, 1, flags & STRAY ? 1 : 2),
                             .to = addr_ipv4(192, 0, 2, 2, 80),
                             .tcp_flags = flags & (FIN | SYN | RST),
                             .tcp_seq = run->first + 1 + (uint32_t)from,
                             .payload = bytes_slice(run->text, from, len)};
}

/* Takes at most `len` bytes, which must go on where the text was left. */
static void check(struct run *run, struct stream *s, enum stream_news news, size_t len)
{
    struct bytes b = stream_bytes(s);
    FUZZ_CHECK((news == STREAM_LOST) <= (s->fault.err != OK));
    FUZZ_CHECK(s->index < STREAMS_MAX && b.len <= STREAM_HELD_MAX);
    FUZZ_CHECK(s->early_count <= STREAM_EARLY_MAX && (s->gap == 0) == (s->early_count == 0));
    if (s->from.port == 1) return;
    FUZZ_CHECK(s->offset == run->taken);
    FUZZ_CHECK(bytes_equal(b, bytes_slice(run->text, run->taken, b.len)));
    if (len > b.len) len = b.len;
    stream_take(s, len);
    run->taken += len;
    FUZZ_CHECK(s->offset == run->taken && stream_bytes(s).len == b.len - len);
}

static void step(struct run *run, struct reader *script)
{
    uint8_t flags = read_u8(script), len = read_u8(script), take = read_u8(script);
    size_t from = read_u16(script);
    struct datagram d = segment_of(run, flags & STRAY, from, len);
    struct stream *s;
    if (flags & STRAY) {
        d.tcp_flags = flags & (FIN | SYN | RST);
        d.cut = flags & CUT;
        d.tcp_seq ^= (uint32_t)flags << 24;
    }
    enum stream_news news = streams_input(run->streams, 0, &d, &s);
    FUZZ_CHECK(s != NULL);
    check(run, s, news, take);
}

/* Every byte once, in order: what was missing is there now. */
static void say_all(struct run *run)
{
    for (size_t at = 0; at < run->text.len; at += 1000) {
        struct datagram d = segment_of(run, 0, at, 1000);
        struct stream *s;
        enum stream_news news = streams_input(run->streams, 0, &d, &s);
        check(run, s, news, SIZE_MAX);
        if (news == STREAM_LOST) return;
    }
    FUZZ_CHECK(run->taken == run->text.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct reader r = reader_of((struct bytes){data, n});
    struct run run = {.streams = streams_new()};
    FUZZ_CHECK(run.streams != NULL);
    run.first = read_u32(&r);
    struct reader script = reader_of(read_bytes(&r, (size_t)read_u8(&r) * 5));
    run.text = read_rest(&r);
    struct datagram syn = segment_of(&run, SYN, 0, 0);
    struct stream *s;
    syn.tcp_seq = run.first;
    enum stream_news news = streams_input(run.streams, 0, &syn, &s);
    FUZZ_CHECK(news == STREAM_NOTHING && s && s->whole);
    while (reader_left(&script)) step(&run, &script);
    say_all(&run);
    streams_free(run.streams);
    return 0;
}
