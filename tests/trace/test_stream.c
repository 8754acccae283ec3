#include "trace/stream.h"

#include "base/rng.h"
#include "tests/suite.h"

enum { FIN = 1, SYN = 2, RST = 4, ACK = 16 };

static struct streams *all;
static struct stream *last; /* that the last segment belonged to */

static void begin(void)
{
    streams_free(all);
    all = streams_new();
    ck_assert_ptr_nonnull(all);
    last = NULL;
}

static struct datagram segment(uint8_t flags, uint32_t seq, struct bytes payload)
{
    return (struct datagram){.kind = DATAGRAM_TCP,
                             .from = addr_ipv4(192, 0, 2, 1, 5000),
                             .to = addr_ipv4(192, 0, 2, 2, 80),
                             .tcp_flags = flags,
                             .tcp_seq = seq,
                             .payload = payload};
}

static enum stream_news take(struct datagram d)
{
    return streams_input(all, 0, &d, &last);
}

static enum stream_news say(uint8_t flags, uint32_t seq, const char *payload)
{
    return take(segment(flags, seq, bytes_of(payload)));
}

static void holds(const char *text)
{
    struct bytes b = stream_bytes(last);
    ck_assert_msg(bytes_is(b, text), "\"%.*s\", not \"%s\"", (int)b.len, (const char *)b.at, text);
}

START_TEST(segments_in_order)
{
    begin();
    ck_assert_int_eq(say(SYN, 1000, ""), STREAM_NOTHING);
    ck_assert(last && last->whole && !last->ended);
    ck_assert_int_eq(say(ACK, 1001, "one "), STREAM_MORE);
    ck_assert_int_eq(say(ACK, 1005, ""), STREAM_NOTHING);
    ck_assert_int_eq(say(ACK, 1005, "two"), STREAM_MORE);
    holds("one two");
    stream_take(last, 4);
    holds("two");
    ck_assert_uint_eq(last->offset, 4);
    ck_assert_int_eq(say(ACK | FIN, 1008, "!"), STREAM_MORE);
    ck_assert(last->ended);
    holds("two!");
    stream_take(last, 1000);
    holds("");
    ck_assert_uint_eq(last->offset, 8);
}
END_TEST

START_TEST(a_retransmission_brings_only_what_is_new)
{
    begin();
    say(SYN, 0, "");
    say(ACK, 1, "abcdef");
    ck_assert_int_eq(say(ACK, 1, "abcdef"), STREAM_AGAIN);
    ck_assert_int_eq(say(ACK, 3, "cd"), STREAM_AGAIN);
    ck_assert_int_eq(say(ACK, 0, "?"), STREAM_AGAIN); /* a keep-alive: RFC 9293 §3.8.4 */
    ck_assert_int_eq(say(ACK, 4, "DEFgh"), STREAM_MORE);
    holds("abcdefgh"); /* what came first stays */
    ck_assert_int_eq(say(SYN, 0, ""), STREAM_NOTHING);
    ck_assert_uint_eq(last->life, 0);
    holds("abcdefgh");
}
END_TEST

START_TEST(reordered_segments_wait)
{
    begin();
    say(SYN, 0, "");
    ck_assert_int_eq(say(ACK, 7, "ghi"), STREAM_EARLY);
    ck_assert_uint_eq(last->gap, 6);
    ck_assert_int_eq(say(ACK, 4, "def"), STREAM_EARLY);
    ck_assert_uint_eq(last->gap, 3);
    ck_assert_int_eq(say(ACK, 4, "de"), STREAM_AGAIN);
    ck_assert_int_eq(say(ACK, 6, "fg"), STREAM_EARLY); /* lies over both */
    holds("");
    ck_assert_int_eq(say(ACK, 1, "abc"), STREAM_MORE);
    ck_assert_uint_eq(last->gap, 0);
    holds("abcdefghi");
}
END_TEST

START_TEST(a_fin_that_comes_early_ends_the_stream_late)
{
    begin();
    say(SYN, 0, "");
    ck_assert_int_eq(say(FIN | ACK, 4, ""), STREAM_NOTHING);
    ck_assert(!last->ended);
    ck_assert_int_eq(say(ACK, 1, "abc"), STREAM_MORE);
    ck_assert(last->ended);
    ck_assert_int_eq(say(ACK, 4, "more"), STREAM_NOTHING); /* RFC 9293 §3.10.4: nothing follows */
    holds("abc");
}
END_TEST

START_TEST(sequence_numbers_wrap)
{
    begin();
    say(SYN, UINT32_MAX - 2, "");
    ck_assert_int_eq(say(ACK, 1, "cd"), STREAM_EARLY);
    ck_assert_int_eq(say(ACK, UINT32_MAX - 1, "ab"), STREAM_MORE); /* ends at 2^32 - 1 */
    holds("ab");
    ck_assert_int_eq(say(ACK, 0, "-"), STREAM_MORE);
    holds("ab-cd");
}
END_TEST

START_TEST(a_stream_that_began_before_the_capture)
{
    begin();
    ck_assert_int_eq(say(ACK, 77, "middle"), STREAM_MORE);
    ck_assert(!last->whole);
    holds("middle");
    /* Its SYN, late in the file or of a new connection: all begins anew. */
    say(SYN, 50, "");
    ck_assert(last->whole);
    ck_assert_uint_eq(last->life, 1);
    holds("");
    ck_assert_int_eq(say(ACK, 51, "first"), STREAM_MORE);
    holds("first");
}
END_TEST

START_TEST(a_syn_may_carry_bytes)
{
    begin();
    ck_assert_int_eq(say(SYN, 9, "early"), STREAM_MORE); /* RFC 7413 §4.2 */
    ck_assert_int_eq(say(ACK, 15, " bird"), STREAM_MORE);
    holds("early bird");
}
END_TEST

START_TEST(both_ways_and_other_connections_are_apart)
{
    begin();
    struct datagram back = segment(SYN | ACK, 500, bytes_of(""));
    struct addr from = back.from;
    back.from = back.to;
    back.to = from;
    say(SYN, 0, "");
    ck_assert_ptr_null(streams_other(all, last));
    take(back);
    struct stream *server = last;
    back.tcp_seq = 501;
    back.tcp_flags = ACK;
    back.payload = bytes_of("welcome");
    take(back);
    ck_assert_ptr_eq(last, server);
    say(ACK, 1, "hello");
    ck_assert_ptr_ne(last, server);
    ck_assert_ptr_eq(streams_other(all, last), server);
    ck_assert_ptr_eq(streams_other(all, server), last);
    holds("hello");
    ck_assert(bytes_is(stream_bytes(server), "welcome"));
    struct datagram elsewhere = segment(SYN, 0, bytes_of(""));
    struct stream *wire = last;
    ck_assert_int_eq(streams_input(all, 1, &elsewhere, &last), STREAM_NOTHING);
    ck_assert_ptr_ne(last, wire); /* the same ports on another interface */
    say(RST, 6, "");
    ck_assert(last->ended && server->ended);
}
END_TEST

START_TEST(a_missing_segment_ends_the_reading)
{
    begin();
    say(SYN, 0, "");
    say(ACK, 1, "abc");
    for (uint32_t i = 0; i < STREAM_EARLY_MAX; i++)
        ck_assert_int_eq(say(ACK, 10 + i, "x"), STREAM_EARLY);
    ck_assert_uint_eq(last->gap, 6);
    ck_assert_int_eq(say(ACK, 10 + STREAM_EARLY_MAX, "x"), STREAM_LOST);
    ck_assert_int_eq(last->fault.err, E_TRUNCATED);
    ck_assert_uint_eq(last->fault.offset, 3);
    ck_assert_int_eq(say(ACK, 4, "found"), STREAM_LOST);
    holds("abc"); /* what came before it is there */
}
END_TEST

START_TEST(what_the_capture_cut_ends_the_reading)
{
    begin();
    say(SYN, 0, "");
    struct datagram cut = segment(ACK, 1, bytes_of("beginning"));
    cut.cut = true;
    ck_assert_int_eq(take(cut), STREAM_LOST);
    ck_assert_int_eq(last->fault.err, E_TRUNCATED);
    holds("beginning");
    begin();
    say(SYN, 0, "");
    cut.tcp_seq = 4;
    ck_assert_int_eq(take(cut), STREAM_EARLY);
    ck_assert_int_eq(say(ACK, 1, "abc"), STREAM_LOST);
    holds("abcbeginning");
}
END_TEST

START_TEST(what_nobody_takes_is_bounded)
{
    begin();
    static uint8_t much[STREAM_HELD_MAX / 4];
    struct bytes part = {much, sizeof much};
    uint32_t seq = 1;
    say(SYN, 0, "");
    for (int i = 0; i < 4; i++, seq += sizeof much)
        ck_assert_int_eq(take(segment(ACK, seq, part)), STREAM_MORE);
    stream_take(last, 1);
    ck_assert_int_eq(say(ACK, seq, "x"), STREAM_MORE);
    ck_assert_int_eq(say(ACK, seq + 1, "x"), STREAM_LOST);
    ck_assert_int_eq(last->fault.err, E_FULL);
    ck_assert_uint_eq(last->fault.offset, STREAM_HELD_MAX + 1);
}
END_TEST

START_TEST(a_segment_from_nowhere_is_none_of_it)
{
    begin();
    say(SYN, 0, "");
    ck_assert_int_eq(say(ACK, (1u << 30) + 100, "x"), STREAM_NOTHING);
    ck_assert_int_eq(say(ACK, 1u - (1u << 30) - 100, "x"), STREAM_NOTHING);
    ck_assert_int_eq(say(ACK, 1, "abc"), STREAM_MORE);
    ck_assert_int_eq(last->fault.err, OK);
}
END_TEST

START_TEST(places_are_used_again)
{
    begin();
    struct datagram d = segment(SYN, 0, bytes_of(""));
    for (unsigned i = 0; i < STREAMS_MAX; i++) {
        d.from.port = (uint16_t)(1000 + i);
        take(d);
        ck_assert_ptr_nonnull(last);
        ck_assert_uint_eq(last->index, i);
    }
    d.from.port = 1;
    ck_assert_int_eq(take(d), STREAM_NOTHING);
    ck_assert_ptr_null(last);
    struct datagram over = segment(RST, 1, bytes_of(""));
    over.from.port = 1005;
    take(over);
    take(d);
    ck_assert_ptr_nonnull(last);
    ck_assert_uint_eq(last->index, 5);
    ck_assert_uint_eq(last->life, 1);
    ck_assert(!last->ended);
}
END_TEST

/* Any order of segments that lie over each other gives the same stream. */
START_TEST(shuffled)
{
    begin();
    static const char text[] = "When a segment arrives out of order, it may be held for later "
                               "processing (RFC 9293 3.10.7.4).";
    struct rng rng;
    rng_init_number(&rng, 7);
    for (int round = 0; round < 200; round++) {
        size_t at = 0, len = sizeof text - 1;
        begin();
        say(SYN, 0xFFFFFFF0, "");
        uint32_t first = 0xFFFFFFF1;
        while (at < len) { /* what is missing comes at last, after some that lie anywhere */
            for (int i = 0; i < 5; i++) {
                size_t from = rng_below(&rng, (uint32_t)len);
                struct bytes part = bytes_slice(bytes_of(text), from, 1 + rng_below(&rng, 20));
                take(segment(ACK, first + (uint32_t)from, part));
            }
            at = stream_bytes(last).len;
            take(segment(ACK, first + (uint32_t)at, bytes_slice(bytes_of(text), at, 9)));
            at = stream_bytes(last).len;
        }
        holds(text);
        ck_assert_int_eq(last->fault.err, OK);
    }
}
END_TEST

/* A frame of which no byte of the payload was captured, a fragment of IP, and what waited behind.
 */
START_TEST(segments_without_all_their_bytes)
{
    begin();
    say(SYN, 0, "");
    struct datagram d = segment(ACK, 1, bytes_of(""));
    d.cut = true;
    ck_assert_int_eq(say(ACK, 4, "later"), STREAM_EARLY);
    ck_assert_int_eq(take(d), STREAM_LOST);
    ck_assert_int_eq(last->fault.err, E_TRUNCATED);
    ck_assert_uint_eq(last->fault.offset, 0);
    ck_assert_uint_eq(last->gap, 0);
    begin();
    say(SYN, 0, "");
    d = segment(ACK, 4, bytes_of("part"));
    d.fragmented = true;
    ck_assert_int_eq(take(d), STREAM_EARLY);
    ck_assert_int_eq(say(ACK, 8, "behind it"), STREAM_EARLY);
    ck_assert_int_eq(say(ACK, 1, "abc"), STREAM_LOST); /* which brings the fragment's turn */
    holds("abcpart");
    ck_assert_int_eq(last->fault.err, E_TRUNCATED);
    ck_assert_int_eq(say(ACK, 17, "more"), STREAM_LOST);
    holds("abcpart");
}
END_TEST

/* RFC 9293 §3.10.4: the first FIN says where the stream ends. */
START_TEST(a_second_fin_changes_nothing)
{
    begin();
    say(SYN, 0, "");
    say(FIN | ACK, 4, "");
    say(FIN | ACK, 400, "");
    ck_assert(!last->ended);
    say(ACK, 1, "abc");
    ck_assert(last->ended);
}
END_TEST

/* One client with two servers on one port. */
START_TEST(the_other_end_counts_too)
{
    begin();
    say(SYN, 0, "");
    struct stream *first = last;
    struct datagram d = segment(SYN, 0, bytes_of(""));
    d.to.ip[3] ^= 1;
    take(d);
    ck_assert_ptr_ne(last, first);
    say(ACK, 1, "abc");
    ck_assert_ptr_eq(last, first);
}
END_TEST

/* What can't be read on makes room, too. */
START_TEST(places_of_lost_streams_are_used_again)
{
    begin();
    for (unsigned i = 0; i <= STREAMS_MAX; i++) {
        struct datagram d = segment(SYN, 0, bytes_of(""));
        d.from.port = (uint16_t)(1 + i);
        take(d);
        ck_assert_ptr_nonnull(last);
        ck_assert_uint_eq(last->from.port, 1 + i);
        if (i != 5) continue;
        d = segment(ACK, 1, bytes_of("x"));
        d.from.port = (uint16_t)(1 + i);
        d.cut = true;
        ck_assert_int_eq(take(d), STREAM_LOST);
    }
    ck_assert_uint_eq(last->index, 5);
    ck_assert_uint_eq(last->life, 1);
    ck_assert_int_eq(last->fault.err, OK);
}
END_TEST

SUITE("trace stream", segments_in_order, a_retransmission_brings_only_what_is_new,
      reordered_segments_wait, a_fin_that_comes_early_ends_the_stream_late, sequence_numbers_wrap,
      a_stream_that_began_before_the_capture, a_syn_may_carry_bytes,
      both_ways_and_other_connections_are_apart, a_missing_segment_ends_the_reading,
      what_the_capture_cut_ends_the_reading, what_nobody_takes_is_bounded,
      a_segment_from_nowhere_is_none_of_it, places_are_used_again, shuffled,
      segments_without_all_their_bytes, a_second_fin_changes_nothing, the_other_end_counts_too,
      places_of_lost_streams_are_used_again)
