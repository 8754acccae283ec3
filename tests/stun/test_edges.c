/* The rarer branches of messages and attributes: every name, every inequality, writers at their
 * bounds. */
#include "stun/attribute.h"
#include "stun/integrity.h"
#include "stun/message.h"
#include "tests/suite.h"

#define ID "twelve bytes"

START_TEST(every_number_has_its_name)
{
    static const struct {
        uint16_t method;
        const char *name;
    } methods[] = {{STUN_BINDING, "Binding"},
                   {STUN_ALLOCATE, "Allocate"},
                   {STUN_REFRESH, "Refresh"},
                   {STUN_SEND, "Send"},
                   {STUN_DATA, "Data"},
                   {STUN_CREATE_PERMISSION, "CreatePermission"},
                   {STUN_CHANNEL_BIND, "ChannelBind"}};
    static const uint16_t codes[] = {300, 400, 401, 403, 420, 437, 438, 440,
                                     441, 442, 443, 486, 487, 500, 508};
    for (size_t i = 0; i < COUNT(methods); i++)
        ck_assert_str_eq(stun_method_name(methods[i].method), methods[i].name);
    ck_assert_ptr_null(stun_method_name(0x7FF));
    for (size_t i = 0; i < COUNT(codes); i++) ck_assert_ptr_nonnull(stun_error_reason(codes[i]));
    ck_assert_ptr_null(stun_error_reason(699));
    ck_assert_ptr_null(stun_attr_name(0x7FFF));
    ck_assert_str_eq(stun_attr_name(STUN_USERNAME), "USERNAME");
    ck_assert_str_eq(stun_proof_name(STUN_ABSENT), "absent");
    ck_assert_str_eq(stun_proof_name(STUN_OK), "ok");
    ck_assert_str_eq(stun_proof_name(STUN_BAD), "bad");
    ck_assert_str_eq(stun_proof_name((enum stun_proof)99), "unknown");
}
END_TEST

/* A message with one attribute, of the id given. */
static struct stun_msg message(uint8_t room[64], const char *id, uint16_t type, uint16_t attr,
                               const char *value)
{
    struct stun_msg m;
    struct writer w = writer_of(room, 64);
    stun_begin(&w, type, bytes_of(id));
    if (attr) stun_put(&w, attr, bytes_of(value));
    ck_assert_int_eq(stun_parse(&m, writer_done(&w)), OK);
    return m;
}

START_TEST(messages_differ_in_each_part)
{
    uint8_t ra[64], rb[64];
    struct stun_msg a = message(ra, ID, 1, STUN_USERNAME, "abcd");
    struct stun_msg b = message(rb, ID, 1, STUN_USERNAME, "abcd");
    ck_assert(stun_equal(&a, &b));
    b = message(rb, ID, 0x0101, STUN_USERNAME, "abcd");
    ck_assert(!stun_equal(&a, &b));
    b = message(rb, "Twelve bytes", 1, STUN_USERNAME, "abcd");
    ck_assert(!stun_equal(&a, &b));
    b = message(rb, ID, 1, 0, "");
    ck_assert(!stun_equal(&a, &b));
    b = message(rb, ID, 1, STUN_SOFTWARE, "abcd");
    ck_assert(!stun_equal(&a, &b));
    b = message(rb, ID, 1, STUN_USERNAME, "abce");
    ck_assert(!stun_equal(&a, &b));
}
END_TEST

/* As long, but one has two attributes where the other has one. */
START_TEST(messages_differ_in_how_many_attributes)
{
    uint8_t ra[64], rb[64];
    struct stun_msg a = message(ra, ID, 1, STUN_USERNAME, "abcd____"), b;
    struct writer w = writer_of(rb, sizeof rb);
    stun_begin(&w, 1, bytes_of(ID));
    stun_put_text(&w, STUN_USERNAME, "abcd");
    stun_put_flag(&w, STUN_USE_CANDIDATE);
    ck_assert_int_eq(stun_parse(&b, writer_done(&w)), OK);
    ck_assert_uint_eq(a.attrs.len, b.attrs.len);
    ck_assert(!stun_equal(&a, &b));
    ck_assert(!stun_equal(&b, &a));
}
END_TEST

START_TEST(values_that_are_not_there)
{
    uint8_t room[64], u8;
    uint16_t u16;
    uint64_t u64;
    struct addr addr;
    struct stun_msg m = message(room, ID, 1, 0, "");
    ck_assert(!stun_get_u8(&m, STUN_REQUESTED_TRANSPORT, &u8));
    ck_assert(!stun_get_u16(&m, STUN_CHANNEL_NUMBER, &u16));
    ck_assert(!stun_get_u64(&m, STUN_ICE_CONTROLLING, &u64));
    ck_assert(!stun_get_addr(&m, STUN_MAPPED_ADDRESS, &addr));
    m = message(room, ID, 1, STUN_USERNAME, "abcd");
    ck_assert(!stun_get_addr(&m, STUN_USERNAME, &addr)); /* no address by its nature */
    struct stun_attr attr = {.type = STUN_MAPPED_ADDRESS, .value = bytes_of("")};
    ck_assert(!stun_attr_addr(&m, &attr, &addr)); /* one that stun_parse did not see */
    attr.value = (struct bytes){(const uint8_t *)"\0\3\0\1\1\2\3\4", 8};
    ck_assert(!stun_attr_addr(&m, &attr, &addr));
}
END_TEST

START_TEST(error_codes_outside_300_to_699_are_refused) /* RFC 8489 14.8 */
{
    static const struct {
        uint8_t class, number;
        enum err err;
    } cases[] = {
        {2, 99, E_MALFORMED}, {3, 0, OK}, {6, 99, OK}, {7, 0, E_MALFORMED}, {4, 100, E_MALFORMED}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t room[64];
        const uint8_t value[4] = {0, 0, cases[i].class, cases[i].number};
        struct stun_msg m;
        struct writer w = writer_of(room, sizeof room);
        stun_begin(&w, 0x0111, bytes_of(ID));
        stun_put(&w, STUN_ERROR_CODE, (struct bytes){value, 4});
        ck_assert_int_eq(stun_parse(&m, writer_done(&w)), cases[i].err);
    }
}
END_TEST

START_TEST(writers_at_their_bounds)
{
    uint8_t room[256];
    uint16_t types[64] = {0};
    unsigned code;
    struct bytes value;
    struct stun_msg m;
    struct writer w = writer_of(room, sizeof room);
    stun_begin(&w, 0x0111, bytes_of(ID));
    stun_put_error(&w, 699); /* without a reason of its own */
    stun_put_unknown(&w, types, COUNT(types));
    ck_assert_int_eq(stun_parse(&m, writer_done(&w)), OK);
    ck_assert(stun_get_error(&m, &code, &value) && code == 699 && value.len == 0);
    ck_assert(stun_find(&m, STUN_UNKNOWN_ATTRIBUTES, &value) && value.len == 64);
    /* An XORed address where no header was begun has no id to be XORed with. */
    struct addr addr = addr_ipv4(192, 0, 2, 1, 5000);
    w = writer_of(room, sizeof room);
    stun_put_addr(&w, STUN_XOR_MAPPED_ADDRESS, &addr);
    stun_put_addr(&w, STUN_MAPPED_ADDRESS, &addr);
}
END_TEST

SUITE("stun edges", every_number_has_its_name, messages_differ_in_each_part,
      messages_differ_in_how_many_attributes, values_that_are_not_there,
      error_codes_outside_300_to_699_are_refused, writers_at_their_bounds)
