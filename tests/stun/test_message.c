#include "stun/message.h"

#include "stun/attribute.h"
#include "tests/suite.h"

/* A request with one attribute of each length modulo 4. */
static struct bytes request(uint8_t *room, size_t len)
{
    struct writer w = writer_of(room, len);
    stun_begin(&w, STUN_BINDING | STUN_REQUEST, bytes_of("abcdefghijkl"));
    stun_put_text(&w, STUN_USERNAME, "a:bcd");
    stun_put_text(&w, STUN_SOFTWARE, "duet21");
    stun_put_text(&w, STUN_REALM, "abc");
    stun_put_u32(&w, STUN_PRIORITY, 7);
    stun_put_flag(&w, STUN_USE_CANDIDATE);
    return writer_done(&w);
}

START_TEST(prefixes_are_truncated)
{
    uint8_t room[128];
    struct bytes whole = request(room, sizeof room);
    for (size_t len = 0; len < whole.len; len++) {
        /* An exact copy, so that the sanitizer sees a read past the end. */
        uint8_t *copy = malloc(len ? len : 1);
        memcpy(copy, whole.at, len);
        struct stun_msg m;
        ck_assert_int_eq(stun_parse(&m, (struct bytes){copy, len}), E_TRUNCATED);
        ck_assert_str_eq(m.fault.layer, "stun");
        ck_assert_uint_le(m.fault.offset, len);
        ck_assert_uint_eq(m.whole.len, 0);
        free(copy);
    }
}
END_TEST

START_TEST(a_message_is_built_and_read)
{
    uint8_t room[128];
    struct stun_msg m;
    struct bytes v, whole = request(room, sizeof room);
    ck_assert_uint_eq(whole.len % 4, 0);
    ck_assert_int_eq(stun_parse(&m, whole), OK);
    ck_assert_int_eq(m.fault.err, OK);
    ck_assert(bytes_is(m.id, "abcdefghijkl"));
    ck_assert_int_eq(stun_class(&m), STUN_REQUEST);
    ck_assert_int_eq(stun_method(&m), STUN_BINDING);
    ck_assert(stun_find(&m, STUN_USERNAME, &v) && bytes_is(v, "a:bcd"));
    ck_assert(stun_find(&m, STUN_SOFTWARE, &v) && bytes_is(v, "duet21"));
    ck_assert(!stun_find(&m, STUN_NONCE, &v));
}
END_TEST

START_TEST(header_rules) /* RFC 8489 §5 */
{
    static const struct {
        size_t at;
        uint8_t value;
        size_t offset;
        enum err err;
    } rows[] = {{0, 0x80, 0, E_MALFORMED},  {0, 0x40, 0, E_MALFORMED}, {3, 0x02, 4, E_MALFORMED},
                {3, 0x03, 4, E_MALFORMED},  {4, 0x20, 8, E_MALFORMED}, {3, 0x00, 20, E_MALFORMED},
                {3, 0xfc, 20, E_TRUNCATED}, {2, 0xff, 20, E_TRUNCATED}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t room[128];
        struct stun_msg m;
        struct bytes whole = request(room, sizeof room);
        room[rows[i].at] = rows[i].value;
        ck_assert_int_eq(stun_parse(&m, whole), rows[i].err);
        ck_assert_uint_eq(m.fault.offset, rows[i].offset);
    }
}
END_TEST

START_TEST(classes_and_methods) /* RFC 8489 §5, figure 3 */
{
    static const struct {
        uint16_t type, method;
        enum stun_class class;
    } rows[] = {{0x0001, STUN_BINDING, STUN_REQUEST},     {0x0011, STUN_BINDING, STUN_INDICATION},
                {0x0101, STUN_BINDING, STUN_SUCCESS},     {0x0111, STUN_BINDING, STUN_ERROR},
                {0x0113, STUN_ALLOCATE, STUN_ERROR},      {0x0016, STUN_SEND, STUN_INDICATION},
                {0x0109, STUN_CHANNEL_BIND, STUN_SUCCESS}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct stun_msg m = {.type = rows[i].type};
        ck_assert_int_eq(stun_class(&m), rows[i].class);
        ck_assert_int_eq(stun_method(&m), rows[i].method);
    }
}
END_TEST

START_TEST(inv_9_no_attribute_reaches_past_the_message)
{
    uint8_t room[128];
    struct bytes whole = request(room, sizeof room);
    for (unsigned len = 0; len <= UINT16_MAX; len++) {
        /* The last attribute, USE-CANDIDATE, is given every length there is. */
        room[whole.len - 2] = (uint8_t)(len >> 8), room[whole.len - 1] = (uint8_t)len;
        struct stun_msg m;
        ck_assert_int_eq(stun_parse(&m, whole), len == 0 ? OK : E_TRUNCATED);
    }
}
END_TEST

START_TEST(inv_9_lengths_are_added_without_wrapping)
{
    /* A length of 65535 with its padding is 65536: in 16 bits that would be nothing at all. */
    static uint8_t room[STUN_HEADER_LEN + 8];
    struct writer w = writer_of(room, sizeof room);
    stun_begin(&w, STUN_BINDING, bytes_of("abcdefghijkl"));
    stun_put(&w, 0x8099, bytes_of("abcd"));
    room[STUN_HEADER_LEN + 2] = 0xff, room[STUN_HEADER_LEN + 3] = 0xff;
    struct stun_msg m;
    ck_assert_int_eq(stun_parse(&m, writer_done(&w)), E_TRUNCATED);
}
END_TEST

START_TEST(nothing_may_follow_fingerprint) /* §14.7 */
{
    uint8_t room[64];
    struct stun_msg m;
    struct writer w = writer_of(room, sizeof room);
    stun_begin(&w, STUN_BINDING, bytes_of("abcdefghijkl"));
    stun_put_u32(&w, STUN_FINGERPRINT, 0);
    ck_assert_int_eq(stun_parse(&m, writer_done(&w)), OK);
    stun_put_flag(&w, STUN_USE_CANDIDATE);
    ck_assert_int_eq(stun_parse(&m, writer_done(&w)), E_MALFORMED);
    ck_assert_uint_eq(m.fault.offset, 28);
}
END_TEST

START_TEST(only_the_first_of_a_kind_counts) /* §14 */
{
    uint8_t room[64];
    struct stun_msg m;
    uint32_t v;
    struct writer w = writer_of(room, sizeof room);
    stun_begin(&w, STUN_BINDING, bytes_of("abcdefghijkl"));
    stun_put_u32(&w, STUN_PRIORITY, 1);
    stun_put_u32(&w, STUN_PRIORITY, 2);
    ck_assert_int_eq(stun_parse(&m, writer_done(&w)), OK);
    ck_assert(stun_get_u32(&m, STUN_PRIORITY, &v) && v == 1);
}
END_TEST

START_TEST(unknown_required_attributes_are_listed)
{
    uint8_t room[128];
    uint16_t types[2];
    struct stun_msg m;
    struct writer w = writer_of(room, sizeof room);
    stun_begin(&w, STUN_BINDING, bytes_of("abcdefghijkl"));
    stun_put(&w, 0xC057, bytes_of("abcd")); /* comprehension-optional: no matter */
    stun_put(&w, 0x0002, bytes_of("abcd"));
    stun_put(&w, 0x7fff, bytes_of(""));
    stun_put(&w, 0x7ffe, bytes_of(""));
    ck_assert_int_eq(stun_parse(&m, writer_done(&w)), OK);
    ck_assert_uint_eq(stun_unknown(&m, types, COUNT(types)), 2);
    ck_assert_uint_eq(types[0], 0x0002);
    ck_assert_uint_eq(types[1], 0x7fff);
}
END_TEST

START_TEST(padding_is_ignored_and_written_as_zeros) /* §14 */
{
    uint8_t room[128], again[128];
    struct stun_msg a, b;
    struct bytes whole = request(room, sizeof room);
    room[STUN_HEADER_LEN + 4 + 5] = ' '; /* behind "a:bcd" */
    ck_assert_int_eq(stun_parse(&a, whole), OK);
    ck_assert_int_eq(stun_parse(&b, stun_write(&a, again, sizeof again)), OK);
    ck_assert(stun_equal(&a, &b));
    ck_assert_int_eq(again[STUN_HEADER_LEN + 4 + 5], 0);
    ck_assert_ptr_null(stun_write(&a, again, whole.len - 1).at);
    again[STUN_HEADER_LEN + 4] = 'b';
    ck_assert(!stun_equal(&a, &b));
}
END_TEST

START_TEST(the_largest_message)
{
    static uint8_t value[UINT16_MAX + 1], room[STUN_MAX + 8];
    struct stun_msg m;
    struct writer w = writer_of(room, sizeof room);
    stun_begin(&w, STUN_BINDING, bytes_of("abcdefghijkl"));
    stun_put(&w, STUN_DATA_ATTR, (struct bytes){value, 65528});
    ck_assert_int_eq(stun_parse(&m, writer_done(&w)), OK);
    ck_assert_uint_eq(m.whole.len, STUN_MAX);
    stun_put_flag(&w, STUN_USE_CANDIDATE);
    ck_assert_ptr_null(writer_done(&w).at);
    struct writer too_long = writer_of(room, sizeof room);
    stun_begin(&too_long, STUN_BINDING, bytes_of("abcdefghijkl"));
    stun_put(&too_long, STUN_DATA_ATTR, (struct bytes){value, sizeof value});
    ck_assert_ptr_null(writer_done(&too_long).at);
}
END_TEST

SUITE("stun message", prefixes_are_truncated, a_message_is_built_and_read, header_rules,
      classes_and_methods, inv_9_no_attribute_reaches_past_the_message,
      inv_9_lengths_are_added_without_wrapping, nothing_may_follow_fingerprint,
      only_the_first_of_a_kind_counts, unknown_required_attributes_are_listed,
      padding_is_ignored_and_written_as_zeros, the_largest_message)
