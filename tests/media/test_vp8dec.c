#include "media/source.h"
#include "media/vp8dec.h"
#include "media/vp8enc.h"
#include "tests/suite.h"

#include <string.h>

#define FRAMES 12

struct clip {
    uint8_t *at[FRAMES];
    size_t len[FRAMES];
};

/* A few frames of the source, the first and the seventh a key frame; for clip_free to free. */
static struct clip clip_of(int width, int height)
{
    struct clip c;
    struct vp8enc *enc = vp8enc_new(&(struct vp8enc_config){0});
    struct picture p = {0};
    ck_assert_int_eq(picture_resize(&p, width, height), OK);
    for (uint64_t n = 0; n < FRAMES; n++) {
        struct vp8_encoded out;
        source_draw(&p, n, 30);
        ck_assert_int_eq(vp8enc_encode(enc, &p, source_video_due(n, 30), n == 6, &out), OK);
        c.at[n] = malloc(out.data.len);
        memcpy(c.at[n], out.data.at, out.data.len);
        c.len[n] = out.data.len;
    }
    picture_free(&p);
    vp8enc_free(enc);
    return c;
}

static void clip_free(struct clip *c)
{
    for (int i = 0; i < FRAMES; i++) free(c->at[i]);
}

static struct bytes frame_of(const struct clip *c, int i)
{
    return (struct bytes){c->at[i], c->len[i]};
}

START_TEST(a_key_frames_header_says_its_size)
{
    /* RFC 6386 19.1: key frame, version 0, shown, first partition of 0 bytes; 16 x 8, scaled. */
    uint8_t key[] = {0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x10, 0x40, 0x08, 0xC0};
    struct vp8dec_header h;
    struct fault fault;
    ck_assert_int_eq(vp8dec_header_parse(&h, (struct bytes){key, sizeof key}, &fault), OK);
    ck_assert(h.key && h.shown && h.version == 0 && h.width == 16 && h.height == 8);
    ck_assert_int_eq(fault.err, OK);
    for (size_t len = 0; len < sizeof key; len++)
        ck_assert_int_eq(vp8dec_header_parse(&h, (struct bytes){key, len}, &fault), E_TRUNCATED);
    uint8_t inter[] = {0x07, 0, 0}; /* version 3, not shown */
    ck_assert_int_eq(vp8dec_header_parse(&h, (struct bytes){inter, 3}, NULL), OK);
    ck_assert(!h.key && !h.shown && h.version == 3 && h.width == 0);
}
END_TEST

START_TEST(bad_headers_are_refused_by_name)
{
    static const struct {
        uint8_t bytes[10];
        enum err err;
        size_t offset;
    } bad[] = {
        {{0x10, 0, 0, 0x9d, 0x01, 0x2b, 16, 0, 16, 0}, E_MALFORMED, 6},
        {{0x10, 0, 0, 0x9d, 0x01, 0x2a, 0, 0, 16, 0}, E_MALFORMED, 10},
        {{0x10, 0, 0, 0x9d, 0x01, 0x2a, 16, 0, 0, 0xC0}, E_MALFORMED, 10},
        {{0x18, 0, 0, 0x9d, 0x01, 0x2a, 16, 0, 16, 0}, E_UNSUPPORTED, 3},
        {{0x30, 0, 0, 0x9d, 0x01, 0x2a, 16, 0, 16, 0}, E_TRUNCATED, 10},
        {{0xF1, 0xFF, 0xFF, 1, 2, 3, 4, 5, 6, 7}, E_TRUNCATED, 3},
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct vp8dec_header h;
        struct fault fault;
        ck_assert_int_eq(vp8dec_header_parse(&h, (struct bytes){bad[i].bytes, 10}, &fault),
                         bad[i].err);
        ck_assert_int_eq(fault.err, bad[i].err);
        ck_assert_str_eq(fault.layer, "vp8");
        ck_assert_msg(fault.offset == bad[i].offset, "%zu: offset %zu", i, fault.offset);
        ck_assert(h.width == 0 && h.height == 0 && !h.key);
    }
}
END_TEST

/* Frames without their start must not reach the decoder. */
START_TEST(pitfall_21_only_a_key_frame_starts_decoding)
{
    struct clip c = clip_of(160, 120);
    struct vp8dec *dec = vp8dec_new();
    const struct picture *shown;
    ck_assert(vp8dec_needs_key(dec));
    for (int i = 1; i < 6; i++) {
        ck_assert_int_eq(vp8dec_decode(dec, frame_of(&c, i), &shown), E_STATE);
        ck_assert_ptr_null(shown);
    }
    for (int i = 6; i < FRAMES; i++) {
        ck_assert_int_eq(vp8dec_decode(dec, frame_of(&c, i), &shown), OK);
        ck_assert(shown->width == 160 && shown->height == 120);
        ck_assert_ptr_null(shown->pixels);
    }
    ck_assert(!vp8dec_needs_key(dec));
    vp8dec_free(dec);
    clip_free(&c);
}
END_TEST

START_TEST(no_prefix_of_a_frame_harms_it)
{
    struct clip c = clip_of(160, 120);
    struct vp8dec *dec = vp8dec_new();
    const struct picture *shown;
    for (size_t len = 0; len < c.len[0]; len++) {
        uint8_t *exact = malloc(len ? len : 1);
        memcpy(exact, c.at[0], len);
        enum err err = vp8dec_decode(dec, (struct bytes){exact, len}, &shown);
        ck_assert_int_eq(err, vp8dec_fault(dec)->err);
        if (err != OK) ck_assert(vp8dec_needs_key(dec) && !shown);
        free(exact);
    }
    ck_assert_int_eq(vp8dec_decode(dec, frame_of(&c, 0), &shown), OK);
    ck_assert_int_eq(vp8dec_decode(dec, frame_of(&c, 1), &shown), OK);
    vp8dec_free(dec);
    clip_free(&c);
}
END_TEST

START_TEST(a_bad_frame_asks_for_a_key_frame)
{
    struct clip c = clip_of(160, 120);
    struct vp8dec *dec = vp8dec_new();
    const struct picture *shown;
    ck_assert_int_eq(vp8dec_decode(dec, frame_of(&c, 0), &shown), OK);
    ck_assert_int_eq(vp8dec_decode(dec, bytes_of("no"), &shown), E_TRUNCATED);
    ck_assert(vp8dec_needs_key(dec));
    ck_assert_int_eq(vp8dec_decode(dec, frame_of(&c, 1), &shown), E_STATE);
    ck_assert_int_eq(vp8dec_decode(dec, frame_of(&c, 6), &shown), OK);
    ck_assert(!vp8dec_needs_key(dec));
    vp8dec_free(dec);
    vp8dec_free(NULL);
    clip_free(&c);
}
END_TEST

/* Ten bytes could ask for a gigabyte of memory. */
START_TEST(huge_pictures_are_refused_before_memory_is_taken)
{
    struct clip c = clip_of(160, 120);
    struct vp8dec *dec = vp8dec_new();
    const struct picture *shown;
    uint8_t size[4];
    memcpy(size, c.at[0] + 6, 4);
    memcpy(c.at[0] + 6, "\xff\x3f\xff\x3f", 4);
    ck_assert_int_eq(vp8dec_decode(dec, frame_of(&c, 0), &shown), E_UNSUPPORTED);
    ck_assert_int_eq(vp8dec_fault(dec)->err, E_UNSUPPORTED);
    memcpy(c.at[0] + 6, size, 4);
    ck_assert_int_eq(vp8dec_decode(dec, frame_of(&c, 0), &shown), OK);
    vp8dec_free(dec);
    clip_free(&c);
}
END_TEST

SUITE("media vp8dec", a_key_frames_header_says_its_size, bad_headers_are_refused_by_name,
      pitfall_21_only_a_key_frame_starts_decoding, no_prefix_of_a_frame_harms_it,
      a_bad_frame_asks_for_a_key_frame, huge_pictures_are_refused_before_memory_is_taken)
