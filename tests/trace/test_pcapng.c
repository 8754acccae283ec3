#include "trace/pcapng.h"

#include "tests/suite.h"

static struct addr address(const char *text)
{
    struct addr a;
    ck_assert(addr_parse(bytes_of(text), &a));
    return a;
}

/* The next block: its length at both ends, in whole words (draft-ietf-opsawg-pcapng §3.1). */
static struct bytes next_block(struct reader *r, uint32_t *type)
{
    size_t left = reader_left(r);
    *type = read_u32(r);
    uint32_t len = read_u32(r);
    ck_assert_uint_ge(len, 12);
    ck_assert_uint_eq(len % 4, 0);
    ck_assert_uint_le(len, left);
    struct bytes body = read_bytes(r, len - 12);
    ck_assert_uint_eq(read_u32(r), len);
    ck_assert_int_eq(r->err, OK);
    return body;
}

/* The value of an option, which must be there; the list must have its end (§3.5). */
static struct bytes option_of(struct reader *options, uint16_t wanted)
{
    struct bytes found = {NULL, 0};
    for (;;) {
        ck_assert_uint_ge(reader_left(options), 4);
        uint16_t code = read_u16(options), len = read_u16(options);
        struct bytes value = read_bytes(options, len);
        for (size_t i = len; i % 4; i++) ck_assert_uint_eq(read_u8(options), 0);
        if (code == wanted) found = value;
        if (code == 0) break;
    }
    ck_assert_uint_eq(reader_left(options), 0);
    ck_assert_ptr_nonnull(found.at);
    return found;
}

START_TEST(a_section_says_its_byte_order_and_who_made_it)
{
    uint8_t room[200];
    uint32_t type;
    struct writer w = writer_of(room, sizeof room);
    pcapng_section(&w, "duet 0");
    struct reader file = reader_of(writer_done(&w));
    struct reader r = reader_of(next_block(&file, &type));
    ck_assert_uint_eq(type, 0x0A0D0D0A);
    ck_assert_uint_eq(read_u32(&r), 0x1A2B3C4D);
    ck_assert_uint_eq(read_u16(&r), 1);
    ck_assert_uint_eq(read_u16(&r), 0);
    ck_assert_uint_eq(read_u64(&r), UINT64_MAX);
    ck_assert(bytes_is(option_of(&r, 4), "duet 0"));
}
END_TEST

START_TEST(an_interface_is_raw_ip_in_microseconds)
{
    uint8_t room[200];
    uint32_t type;
    struct writer w = writer_of(room, sizeof room);
    pcapng_interface(&w, "wire", "as it crossed");
    struct reader file = reader_of(writer_done(&w));
    struct bytes body = next_block(&file, &type);
    ck_assert_uint_eq(type, 1);
    ck_assert_uint_eq(body.at[1], PCAPNG_RAW);
    struct reader options = reader_of(bytes_slice(body, 8, SIZE_MAX));
    ck_assert(bytes_is(option_of(&options, 2), "wire"));
    options = reader_of(bytes_slice(body, 8, SIZE_MAX));
    ck_assert(bytes_is(option_of(&options, 3), "as it crossed"));
    options = reader_of(bytes_slice(body, 8, SIZE_MAX));
    ck_assert_uint_eq(option_of(&options, 9).at[0], 6);
}
END_TEST

/* Payloads, and comments, of every remainder of four: each block is padded to a whole word. */
START_TEST(packets_of_every_length_are_aligned_and_in_order)
{
    static const char *const comments[] = {NULL, "", "x", "xy", "xyz", "wxyz"};
    uint8_t room[64 * 1024], payload[64];
    struct writer w = writer_of(room, sizeof room);
    struct pcapng_packet p = {
        .interface = 1, .from = address("192.0.2.1:1000"), .to = address("192.0.2.2:2000")};
    for (size_t i = 0; i < sizeof payload; i++) payload[i] = (uint8_t)i;
    for (size_t len = 0; len < sizeof payload; len++) {
        p.payload = (struct bytes){payload, len};
        p.comment = comments[len % COUNT(comments)];
        p.unix_us = ((int64_t)1 << 40) + (int64_t)len;
        p.outbound = len % 2;
        ck_assert(pcapng_packet(&w, &p));
    }
    struct reader file = reader_of(writer_done(&w));
    for (size_t len = 0; len < sizeof payload; len++) {
        uint32_t type;
        struct bytes body = next_block(&file, &type);
        struct reader r = reader_of(body);
        ck_assert_uint_eq(type, 6);
        ck_assert_uint_eq(read_u32(&r), 1);
        ck_assert_uint_eq(read_u64(&r), ((uint64_t)1 << 40) + len);
        ck_assert_uint_eq(read_u32(&r), 28 + len);
        ck_assert_uint_eq(read_u32(&r), 28 + len);
        struct bytes packet = read_bytes(&r, 28 + len);
        ck_assert(bytes_equal(bytes_slice(packet, 28, SIZE_MAX), (struct bytes){payload, len}));
        for (size_t i = packet.len; i % 4; i++) ck_assert_uint_eq(read_u8(&r), 0);
        struct bytes options = read_rest(&r);
        r = reader_of(options);
        struct bytes flags = option_of(&r, 2);
        ck_assert_uint_eq(flags.len, 4);
        ck_assert_uint_eq(flags.at[3], len % 2 ? 2 : 1);
        if (!comments[len % COUNT(comments)] || !comments[len % COUNT(comments)][0]) continue;
        r = reader_of(options);
        ck_assert(bytes_is(option_of(&r, 1), comments[len % COUNT(comments)]));
    }
    ck_assert_uint_eq(reader_left(&file), 0);
}
END_TEST

/* The key log may have any length; §4.7 pads it like everything else. */
START_TEST(secrets_are_a_key_log_of_any_length)
{
    for (size_t len = 1; len < 9; len++) {
        uint8_t room[64];
        uint32_t type;
        struct bytes log = {(const uint8_t *)"CLIENT_RANDOM", len};
        struct writer w = writer_of(room, sizeof room);
        pcapng_secrets(&w, log);
        struct reader file = reader_of(writer_done(&w));
        struct reader r = reader_of(next_block(&file, &type));
        ck_assert_uint_eq(type, 10);
        ck_assert_uint_eq(read_u32(&r), 0x544c534b);
        ck_assert_uint_eq(read_u32(&r), len);
        ck_assert(bytes_equal(read_bytes(&r, len), log));
    }
}
END_TEST

START_TEST(statistics_count_what_came_and_what_found_no_room)
{
    uint8_t room[100];
    uint32_t type;
    struct writer w = writer_of(room, sizeof room);
    pcapng_statistics(&w, 1, 5, 1000, 7);
    struct reader file = reader_of(writer_done(&w));
    struct bytes body = next_block(&file, &type);
    ck_assert_uint_eq(type, 5);
    struct reader r = reader_of(bytes_slice(body, 12, SIZE_MAX));
    ck_assert_uint_eq(option_of(&r, 4).at[7], 1000 & 0xFF);
    r = reader_of(bytes_slice(body, 12, SIZE_MAX));
    ck_assert_uint_eq(option_of(&r, 5).at[7], 7);
}
END_TEST

/* The room that PCAPNG_BLOCK_MAX promises is enough for the longest packet of IPv6; less is a
 * failed writer, never a block that is cut. */
START_TEST(the_longest_packet_fits_and_less_room_fails)
{
    static uint8_t room[PCAPNG_BLOCK_MAX], payload[PACKET_MAX];
    static char comment[PCAPNG_COMMENT_MAX + 10];
    memset(comment, 'c', sizeof comment - 1);
    struct pcapng_packet p = {.from = address("[2001:db8::1]:1"),
                              .to = address("[2001:db8::2]:2"),
                              .payload = {payload, sizeof payload},
                              .comment = comment};
    struct writer w = writer_of(room, sizeof room);
    ck_assert(pcapng_packet(&w, &p));
    size_t whole = writer_done(&w).len;
    ck_assert_uint_gt(whole, PACKET_MAX);
    for (size_t len = 0; len < whole; len += 97) {
        w = writer_of(room, len);
        pcapng_packet(&w, &p);
        ck_assert_int_eq(w.err, E_FULL);
        ck_assert_ptr_null(writer_done(&w).at);
    }
    p.to = address("192.0.2.1:1");
    w = writer_of(room, sizeof room);
    ck_assert(!pcapng_packet(&w, &p));
    ck_assert_uint_eq(writer_len(&w), 0);
}
END_TEST

SUITE("trace pcapng", a_section_says_its_byte_order_and_who_made_it,
      an_interface_is_raw_ip_in_microseconds, packets_of_every_length_are_aligned_and_in_order,
      secrets_are_a_key_log_of_any_length, statistics_count_what_came_and_what_found_no_room,
      the_longest_packet_fits_and_less_room_fails)
