#include "rtp/opus.h"

#include <string.h>

#include "tests/suite.h"

static enum err parse(struct opus_info *info, const char *head, size_t head_len, size_t len)
{
    uint8_t *in = calloc(1, len ? len : 1);
    memcpy(in, head, head_len < len ? head_len : len);
    enum err err = opus_parse(info, (struct bytes){in, len});
    free(in);
    return err;
}

START_TEST(durations_of_all_configurations)
{
    /* RFC 6716 3.1, table 2, in tenths of milliseconds. */
    static const unsigned silk[] = {100, 200, 400, 600}, hybrid[] = {100, 200},
                          celt[] = {25, 50, 100, 200};
    struct opus_info info;
    for (unsigned config = 0; config < 32; config++) {
        char toc = (char)(config << 3 | 4);
        unsigned want = config < 12   ? silk[config % 4]
                        : config < 16 ? hybrid[config % 2]
                                      : celt[config % 4];
        ck_assert_int_eq(parse(&info, &toc, 1, 10), OK);
        ck_assert_uint_eq(info.config, config);
        ck_assert(info.stereo);
        ck_assert_uint_eq(info.samples * 10, want * 48);
    }
}
END_TEST

START_TEST(rules_of_section_3_4)
{
    struct opus_info info;
    ck_assert_int_eq(parse(&info, "", 0, 0), E_TRUNCATED);        /* R1 */
    ck_assert_int_eq(parse(&info, "\x78", 1, 1), OK);             /* DTX */
    ck_assert_int_eq(parse(&info, "\x78", 1, 1276), OK);          /* R2 */
    ck_assert_int_eq(parse(&info, "\x78", 1, 1277), E_MALFORMED); /* R2 */
    ck_assert_int_eq(parse(&info, "\x79", 1, 5), OK);             /* R3 */
    ck_assert_uint_eq(info.frames, 2);
    ck_assert_int_eq(parse(&info, "\x79", 1, 6), E_MALFORMED);     /* R3 */
    ck_assert_int_eq(parse(&info, "\x7A", 1, 1), E_TRUNCATED);     /* R4 */
    ck_assert_int_eq(parse(&info, "\x7A\xFC", 2, 2), E_TRUNCATED); /* R4 */
    ck_assert_int_eq(parse(&info, "\x7A\x01", 2, 2), E_MALFORMED); /* R4 */
    ck_assert_int_eq(parse(&info, "\x7A\x00", 2, 2), OK);
    ck_assert_int_eq(parse(&info, "\x7B\x00", 2, 9), E_MALFORMED); /* R5: no frame */
    ck_assert_int_eq(parse(&info, "\x7B\x06", 2, 8), OK);          /* six of 20 ms */
    ck_assert_uint_eq(info.samples, OPUS_PACKET_MAX);
    ck_assert_int_eq(parse(&info, "\x7B\x07", 2, 9), E_MALFORMED);      /* R5 */
    ck_assert_int_eq(parse(&info, "\x7B\x03", 2, 9), E_MALFORMED);      /* R6 */
    ck_assert_int_eq(parse(&info, "\x7B\x43\x01", 3, 10), OK);          /* R6: padding */
    ck_assert_int_eq(parse(&info, "\x7B\x43\x09", 3, 10), E_MALFORMED); /* R6 */
    ck_assert_int_eq(parse(&info, "\x7B\xFF", 2, 2), E_TRUNCATED);      /* R7 */
    ck_assert_int_eq(parse(&info, "\x7B\x82\x02", 3, 5), OK);           /* R7: 2 and 0 */
    ck_assert_int_eq(parse(&info, "\x7B\x82\x03", 3, 5), E_MALFORMED);  /* R7 */
    ck_assert_int_eq(parse(&info, "\x7B\x41\xFF\xFF", 4, 4), E_TRUNCATED);
}
END_TEST

SUITE("rtp opus", durations_of_all_configurations, rules_of_section_3_4)
