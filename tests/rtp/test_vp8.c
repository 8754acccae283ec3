#include "rtp/vp8.h"

#include <string.h>

#include "tests/suite.h"

static enum err parse(struct vp8_descriptor *d, const char *in, size_t len)
{
    uint8_t *copy = malloc(len ? len : 1);
    memcpy(copy, in, len);
    enum err err = vp8_parse(d, (struct bytes){copy, len});
    free(copy);
    return err;
}

START_TEST(all_forms_come_back)
{
    uint8_t room[16];
    /* Every combination of I, M, L, T, K, N, S and the partition index. */
    for (unsigned bits = 0; bits < 1u << 10; bits++) {
        struct vp8_descriptor out = {.has_picture_id = bits & 1,
                                     .long_picture_id = bits & 2 && bits & 1,
                                     .has_tl0picidx = bits & 4,
                                     .has_tid = bits & 8,
                                     .has_keyidx = bits & 16,
                                     .non_reference = bits & 32,
                                     .start = bits & 64,
                                     .partition = (uint8_t)(bits >> 7),
                                     .picture_id = 0x7A5B,
                                     .tl0picidx = 0xC3,
                                     .tid = 2,
                                     .layer_sync = true,
                                     .keyidx = 29};
        struct vp8_descriptor in;
        struct writer w = writer_of(room, sizeof room);
        vp8_write_descriptor(&w, &out);
        size_t len = writer_len(&w);
        ck_assert_uint_le(len, VP8_DESCRIPTOR_MAX);
        ck_assert_int_ne(vp8_parse(&in, writer_done(&w)), OK); /* nothing behind it */
        write_u8(&w, 0xEE);
        ck_assert_int_eq(vp8_parse(&in, writer_done(&w)), OK);
        ck_assert_uint_eq(in.len, len);
        ck_assert_uint_eq(in.data.len, 1);
        ck_assert_int_eq(in.extended, (bits & 0x1D) != 0);
        ck_assert_int_eq(in.non_reference, out.non_reference);
        ck_assert_int_eq(in.start, out.start);
        ck_assert_uint_eq(in.partition, out.partition);
        ck_assert_int_eq(vp8_is_frame_start(&in), out.start && out.partition == 0);
        if (out.has_picture_id)
            ck_assert_uint_eq(in.picture_id, out.long_picture_id ? 0x7A5B : 0x5B);
        if (out.has_tl0picidx) ck_assert_uint_eq(in.tl0picidx, 0xC3);
        if (out.has_tid) ck_assert_uint_eq(in.tid, 2);
        if (out.has_keyidx) ck_assert_uint_eq(in.keyidx, 29);
    }
}
END_TEST

START_TEST(inv_56_inv_59_each_optional_byte_is_checked)
{
    static const char full[] = "\x90\xF0\x81\x02\x03\x04\x05";
    struct vp8_descriptor d;
    for (size_t n = 0; n < 7; n++) {
        ck_assert_int_eq(parse(&d, full, n) == OK, n == 7);
        ck_assert_int_ne(d.fault.err, OK);
    }
    ck_assert_int_eq(parse(&d, full, 7), OK);
    ck_assert_uint_eq(d.len, 6);
    ck_assert_int_eq(parse(&d, "", 0), E_TRUNCATED);
    ck_assert_int_eq(parse(&d, "\x80", 1), E_TRUNCATED);
    ck_assert_int_eq(parse(&d, "\x10", 1), E_MALFORMED);
    ck_assert_int_eq(parse(&d, "\x80\x80", 2), E_TRUNCATED);
    ck_assert_int_eq(parse(&d, "\x80\x80\x80", 3), E_TRUNCATED);
}
END_TEST

START_TEST(inv_57_short_packets_pass)
{
    struct vp8_descriptor d;
    ck_assert_int_eq(parse(&d, "\x00\xAB", 2), OK); /* one byte in the middle of a frame */
    ck_assert_uint_eq(d.data.len, 1);
    ck_assert_int_eq(parse(&d, "\x80\x00\xAB", 3), OK);
    /* Reserved bits, and L without T, are let pass. */
    ck_assert_int_eq(parse(&d, "\x58\xAB", 2), OK);
    ck_assert_int_eq(parse(&d, "\x80\x4F\x01\xAB", 4), OK);
    ck_assert(d.has_tl0picidx);
}
END_TEST

START_TEST(key_frame_header)
{
    static const uint8_t key[] = {0x50, 0x2F, 0, 0x9D, 1, 0x2A, 0x80, 0x42, 0xE0, 0x81};
    struct vp8_header h;
    ck_assert(vp8_read_header(&h, (struct bytes){key, sizeof key}));
    ck_assert(h.key);
    ck_assert(h.show);
    ck_assert_uint_eq(h.width, 640);
    ck_assert_uint_eq(h.height, 480);
    ck_assert_uint_eq(h.horizontal_scale, 1);
    ck_assert_uint_eq(h.vertical_scale, 2);
    ck_assert_uint_eq(h.first_partition, 0x2F50 >> 5);
    for (size_t n = 0; n < sizeof key; n++) ck_assert(!vp8_read_header(&h, (struct bytes){key, n}));
    static const uint8_t no_start_code[] = {0x50, 0x2F, 0, 0x9D, 1, 0x2B, 0x80, 2, 0xE0, 1};
    ck_assert(!vp8_read_header(&h, (struct bytes){no_start_code, sizeof no_start_code}));
    static const uint8_t inter[] = {0x51, 0x2F, 0};
    ck_assert(vp8_read_header(&h, (struct bytes){inter, sizeof inter}));
    ck_assert(!h.key);
    ck_assert_uint_eq(h.width, 0);
}
END_TEST

SUITE("rtp vp8", all_forms_come_back, inv_56_inv_59_each_optional_byte_is_checked,
      inv_57_short_packets_pass, key_frame_header)
