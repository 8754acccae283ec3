#include "rtp/packet.h"

#include <string.h>

#include "tests/suite.h"

/* From Chromium: MID, transport-wide sequence number, abs-send-time, video-timing... */
static const uint8_t chromium[] = {
    0x90, 0xE0, 0x77, 0x94, 0x34, 0x90, 0x6B, 0xA1, 0x73, 0xA7, 0xC6, 0x8B, /* header */
    0xBE, 0xDE, 0x00, 0x03, 0x22, 0x41, 0xD3, 0xC0, 0x31, 0x00, 0x09, 0x40, /* 2 3 4 */
    0x31, 0x00, 0x00, 0x00, 0x90, 0x80, 0x91, 0x29, 0xD0};                  /* padding, VP8 */

static struct bytes view(const uint8_t *at, size_t len)
{
    return (struct bytes){at, len};
}

START_TEST(reads_a_packet_of_chromium)
{
    struct rtp_packet p;
    ck_assert_int_eq(rtp_parse(&p, view(chromium, sizeof chromium)), OK);
    ck_assert(p.marker);
    ck_assert_uint_eq(p.payload_type, 96);
    ck_assert_uint_eq(p.sequence, 30612);
    ck_assert_uint_eq(p.timestamp, 0x34906BA1);
    ck_assert_uint_eq(p.ssrc, 0x73A7C68B);
    ck_assert_uint_eq(p.header_len, 28);
    ck_assert_uint_eq(p.payload.len, 5);
    ck_assert_uint_eq(p.profile, RTP_PROFILE_ONE_BYTE);
    ck_assert_mem_eq(rtp_extension_find(&p, 2).at, "\x41\xD3\xC0", 3);
    ck_assert_mem_eq(rtp_extension_find(&p, 3).at, "\x00\x09", 2);
    ck_assert(bytes_is(rtp_extension_find(&p, 4), "1"));
    ck_assert_ptr_null(rtp_extension_find(&p, 5).at);
    ck_assert_ptr_null(rtp_extension_find(&p, 0).at);
}
END_TEST

START_TEST(inv_47_every_prefix_is_safe)
{
    struct rtp_packet p;
    for (size_t n = 0; n < sizeof chromium; n++) {
        uint8_t *copy = malloc(n ? n : 1); /* exact, so that a sanitizer sees the first byte past */
        memcpy(copy, chromium, n);
        enum err err = rtp_parse(&p, view(copy, n));
        ck_assert_int_eq(err, n < 28 ? E_TRUNCATED : OK);
        ck_assert_int_eq(p.fault.err, err);
        ck_assert_uint_le(p.fault.offset, n);
        free(copy);
    }
}
END_TEST

START_TEST(version_must_be_two)
{
    uint8_t bad[sizeof chromium];
    struct rtp_packet p;
    for (unsigned version = 0; version < 4; version++) {
        memcpy(bad, chromium, sizeof bad);
        bad[0] = (uint8_t)((bad[0] & 0x3F) | version << 6);
        ck_assert_int_eq(rtp_parse(&p, view(bad, sizeof bad)), version == 2 ? OK : E_MALFORMED);
    }
}
END_TEST

START_TEST(padding_is_checked)
{
    uint8_t in[20] = {0xA0, 96};
    struct rtp_packet p;
    for (unsigned count = 0; count < 256; count++) {
        in[19] = (uint8_t)count;
        enum err err = rtp_parse(&p, view(in, sizeof in));
        ck_assert_int_eq(err, count >= 1 && count <= 8 ? OK : E_MALFORMED);
        if (err == OK) ck_assert_uint_eq(p.payload.len, 8 - count);
    }
    ck_assert_int_eq(rtp_parse(&p, view(in, 12)), E_MALFORMED); /* the P bit, but no byte for it */
}
END_TEST

/* Chromium's bandwidth probes: 255 bytes of padding and nothing else. */
START_TEST(a_probe_has_no_payload)
{
    uint8_t in[12 + 255] = {0xA0, 97};
    struct rtp_packet p;
    in[sizeof in - 1] = 255;
    ck_assert_int_eq(rtp_parse(&p, view(in, sizeof in)), OK);
    ck_assert_uint_eq(p.payload.len, 0);
    ck_assert_uint_eq(p.padding, 255);
}
END_TEST

START_TEST(csrcs_are_read)
{
    uint8_t in[12 + 15 * 4 + 1] = {0x8F, 0};
    struct rtp_packet p;
    in[12 + 14 * 4 + 3] = 9;
    ck_assert_int_eq(rtp_parse(&p, view(in, sizeof in)), OK);
    ck_assert_uint_eq(p.csrc_count, 15);
    ck_assert_uint_eq(p.csrc[14], 9);
    ck_assert_uint_eq(p.payload.len, 1);
    ck_assert_int_eq(rtp_parse(&p, view(in, sizeof in - 2)), E_TRUNCATED);
}
END_TEST

/* A packet whose extension block holds `len` bytes (a multiple of four). */
static enum err parse_block(struct rtp_packet *p, uint16_t profile, const char *block, size_t len)
{
    static uint8_t in[600];
    struct writer w = writer_of(in, sizeof in);
    write_u16(&w, 0x9000);
    write_zeros(&w, 10);
    write_u16(&w, profile);
    write_u16(&w, (uint16_t)(len / 4));
    write_bytes(&w, view((const uint8_t *)block, len));
    return rtp_parse(p, writer_done(&w));
}

START_TEST(one_byte_elements)
{
    struct rtp_packet p;
    /* Padding between and after; then id 15, behind which nothing counts. RFC 8285 4.1.2, 4.2 */
    ck_assert_int_eq(parse_block(&p, 0xBEDE, "\x10\xAA\x00\x00\x21\xBB\xCC\x00", 8), OK);
    ck_assert_uint_eq(rtp_extension_find(&p, 1).len, 1);
    ck_assert_uint_eq(rtp_extension_find(&p, 2).len, 2);
    ck_assert_int_eq(parse_block(&p, 0xBEDE, "\x10\xAA\xF0\x00\x21\xBB\xCC\x00", 8), OK);
    ck_assert_ptr_null(rtp_extension_find(&p, 2).at);
    /* Id 0 with a length ends it too. */
    ck_assert_int_eq(parse_block(&p, 0xBEDE, "\x10\xAA\x05\x00\x21\xBB\xCC\x00", 8), OK);
    ck_assert_ptr_null(rtp_extension_find(&p, 2).at);
    /* Past the end of the block, though not of the packet. */
    ck_assert_int_eq(parse_block(&p, 0xBEDE, "\x10\xAA\x22\xBB", 4), E_MALFORMED);
    ck_assert_uint_eq(p.fault.offset, 16 + 3);
}
END_TEST

START_TEST(inv_51_two_byte_elements_end_in_their_block)
{
    struct rtp_packet p;
    ck_assert_int_eq(parse_block(&p, 0x1000, "\x01\x00\xFF\x02\xBB\xCC\x00\x00", 8), OK);
    ck_assert_ptr_nonnull(rtp_extension_find(&p, 1).at);
    ck_assert_uint_eq(rtp_extension_find(&p, 1).len, 0);
    ck_assert_uint_eq(rtp_extension_find(&p, 255).len, 2);
    ck_assert_int_eq(parse_block(&p, 0x100F, "\x01\x02\xAA\xAA", 4), OK); /* appbits */
    ck_assert_int_eq(parse_block(&p, 0x1000, "\x01\x03\xAA\xAA", 4), E_MALFORMED);
    ck_assert_int_eq(parse_block(&p, 0x1000, "\x00\x00\x00\x01", 4), E_MALFORMED);
    ck_assert_int_eq(parse_block(&p, 0x1234, "\x01\x03\xAA\xAA", 4), OK); /* unread */
    ck_assert_ptr_null(rtp_extension_find(&p, 1).at);
    ck_assert_int_eq(parse_block(&p, 0x1000, "", 0), OK);
}
END_TEST

START_TEST(what_is_written_is_read)
{
    static const uint8_t data[300] = {1, 2, 3};
    uint8_t room[800];
    for (size_t len = 0; len <= 255; len++) {
        struct rtp_packet out = {.marker = true,
                                 .payload_type = 111,
                                 .sequence = 7,
                                 .timestamp = 8,
                                 .ssrc = 9,
                                 .csrc_count = 2,
                                 .csrc = {10, 11},
                                 .payload = view(data, 5),
                                 .padding = (uint8_t)len};
        struct rtp_extension e[2] = {{1, view(data, 1)}, {14, view(data, len)}};
        struct writer w = writer_of(room, sizeof room);
        rtp_write(&w, &out, e, 2);
        struct rtp_packet in;
        ck_assert_int_eq(rtp_parse(&in, writer_done(&w)), OK);
        ck_assert_uint_eq(in.profile, len >= 1 && len <= 16 ? 0xBEDE : 0x1000);
        ck_assert_uint_eq(rtp_extension_find(&in, 14).len, len);
        ck_assert(bytes_equal(in.payload, out.payload));
        ck_assert_uint_eq(in.padding, len);
        ck_assert_uint_eq(in.csrc[1], 11);
    }
    struct rtp_packet out = {.payload = view(data, 20)};
    struct writer w = writer_of(room, 31);
    rtp_write(&w, &out, NULL, 0);
    ck_assert_int_eq(w.err, E_FULL);
}
END_TEST

START_TEST(values_are_overwritten_in_place)
{
    uint8_t in[sizeof chromium];
    struct rtp_packet p;
    memcpy(in, chromium, sizeof in);
    ck_assert(rtp_extension_set(in, sizeof in, 3, bytes_of("ab")));
    ck_assert_int_eq(rtp_parse(&p, view(in, sizeof in)), OK);
    ck_assert(bytes_is(rtp_extension_find(&p, 3), "ab"));
    ck_assert(!rtp_extension_set(in, sizeof in, 3, bytes_of("abc")));
    ck_assert(!rtp_extension_set(in, sizeof in, 7, bytes_of("ab")));
    ck_assert(!rtp_extension_set(in, 11, 3, bytes_of("ab")));
    rtp_set_sequence(in, sizeof in, 0xABCD);
    rtp_set_sequence(in, 3, 0x1111);
    rtp_set_marker(in, sizeof in, false);
    rtp_set_marker(in, 3, true);
    ck_assert_int_eq(rtp_parse(&p, view(in, sizeof in)), OK);
    ck_assert_uint_eq(p.sequence, 0xABCD);
    ck_assert(!p.marker);
    ck_assert_uint_eq(p.payload_type, 96);
}
END_TEST

SUITE("rtp packet", reads_a_packet_of_chromium, inv_47_every_prefix_is_safe, version_must_be_two,
      padding_is_checked, a_probe_has_no_payload, csrcs_are_read, one_byte_elements,
      inv_51_two_byte_elements_end_in_their_block, what_is_written_is_read,
      values_are_overwritten_in_place)
