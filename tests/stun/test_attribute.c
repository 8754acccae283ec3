#include "stun/attribute.h"

#include "tests/suite.h"

START_TEST(the_table_is_in_order_and_whole)
{
    /* RFC 8489 §18.3 (18), RFC 8445 §20.1 (4), RFC 8656 §18 (13 without the reserved two) and
     * §18.11 to §18.13: all of them, each found again by its number. */
    size_t count = 0;
    const struct stun_attr_info *info, *last = NULL;
    for (; (info = stun_attr_row(count)) != NULL; count++) {
        ck_assert(!last || last->type < info->type);
        ck_assert_ptr_eq(stun_attr_info(info->type), info);
        ck_assert(info->min <= info->max && info->spec && info->name);
        last = info;
    }
    ck_assert_uint_eq(count, 33);
    ck_assert_ptr_null(stun_attr_info(0x0002));
    ck_assert_ptr_null(stun_attr_info(0x0030));
    ck_assert_ptr_null(stun_attr_info(0x7FFF));
    ck_assert_ptr_null(stun_attr_info(0xC057)); /* libwebrtc's GOOG_NETWORK_INFO: optional */
    ck_assert_ptr_null(stun_attr_info(0xFFFF));
    ck_assert_str_eq(stun_attr_name(STUN_XOR_MAPPED_ADDRESS), "XOR-MAPPED-ADDRESS");
    ck_assert_str_eq(stun_error_reason(487), "Role Conflict");
    ck_assert_ptr_null(stun_error_reason(299));
    ck_assert_str_eq(stun_method_name(STUN_BINDING), "Binding");
}
END_TEST

static struct bytes one(uint8_t *room, size_t len, uint16_t attr, struct bytes value)
{
    struct writer w = writer_of(room, len);
    stun_begin(&w, STUN_BINDING, bytes_of("abcdefghijkl"));
    stun_put(&w, attr, value);
    return writer_done(&w);
}

START_TEST(inv_8_every_value_length_is_checked)
{
    static uint8_t value[80], room[256];
    value[1] = 1, value[2] = 4; /* an IPv4 family or a 4xx code, whichever it is */
    const struct stun_attr_info *info;
    for (size_t i = 0; (info = stun_attr_row(i)) != NULL; i++)
        for (size_t len = 0; len <= sizeof value; len++) {
            struct stun_msg m;
            enum err err =
                stun_parse(&m, one(room, sizeof room, info->type, (struct bytes){value, len}));
            if (len < info->min || len > info->max) ck_assert_int_eq(err, E_MALFORMED);
            unsigned code;
            struct addr a;
            uint64_t v;
            uint32_t u;
            ck_assert(!(stun_get_error(&m, &code, NULL) && len < 4));
            if (info->type == STUN_ERROR_CODE && len >= 4) ck_assert_int_eq(err, OK);
            if (err != OK) continue;
            if (info->shape == STUN_SHAPE_U64) ck_assert(stun_get_u64(&m, info->type, &v));
            if (info->shape == STUN_SHAPE_U32) ck_assert(stun_get_u32(&m, info->type, &u));
            if (info->shape == STUN_SHAPE_ADDRESS || info->shape == STUN_SHAPE_XOR_ADDRESS)
                ck_assert(stun_get_addr(&m, info->type, &a) && len == 8);
        }
}
END_TEST

START_TEST(inv_11_addresses_of_every_length_and_family)
{
    uint8_t value[24] = {0}, room[64];
    for (unsigned family = 0; family < 256; family++)
        for (size_t len = 0; len <= sizeof value; len++) {
            struct stun_msg m;
            value[1] = (uint8_t)family;
            enum err err = stun_parse(
                &m, one(room, sizeof room, STUN_XOR_MAPPED_ADDRESS, (struct bytes){value, len}));
            bool good = (family == 1 && len == 8) || (family == 2 && len == 20);
            ck_assert_int_eq(err, good ? OK : E_MALFORMED);
        }
}
END_TEST

START_TEST(addresses_go_both_ways)
{
    static const char *const rows[] = {"192.0.2.1:32853", "[2001:db8::1]:1",
                                       "255.255.255.255:65535", "[::]:0"};
    static const uint16_t attrs[] = {STUN_MAPPED_ADDRESS, STUN_XOR_MAPPED_ADDRESS,
                                     STUN_XOR_PEER_ADDRESS, STUN_XOR_RELAYED_ADDRESS,
                                     STUN_ALTERNATE_SERVER};
    for (size_t i = 0; i < COUNT(rows) * COUNT(attrs); i++) {
        struct addr a, b;
        uint8_t room[64];
        struct stun_msg m;
        uint16_t attr = attrs[i / COUNT(rows)];
        ck_assert(addr_parse(bytes_of(rows[i % COUNT(rows)]), &a));
        struct writer w = writer_of(room, sizeof room);
        stun_begin(&w, STUN_BINDING | STUN_SUCCESS, bytes_of("abcdefghijkl"));
        stun_put_addr(&w, attr, &a);
        ck_assert_int_eq(stun_parse(&m, writer_done(&w)), OK);
        ck_assert(stun_get_addr(&m, attr, &b) && addr_equal(&a, &b));
    }
}
END_TEST

START_TEST(error_responses_carry_code_reason_and_unknown_attributes)
{
    static const uint16_t types[] = {0x7001, 0x0002};
    uint8_t room[128];
    struct stun_msg m;
    struct writer w = writer_of(room, sizeof room);
    stun_begin(&w, STUN_BINDING | STUN_ERROR, bytes_of("abcdefghijkl"));
    stun_put_error(&w, 420);
    stun_put_unknown(&w, types, COUNT(types));
    ck_assert_int_eq(stun_parse(&m, writer_done(&w)), OK);
    unsigned code;
    struct bytes reason, list;
    ck_assert(stun_get_error(&m, &code, &reason) && code == 420);
    ck_assert(bytes_is(reason, "Unknown Attribute"));
    ck_assert(stun_find(&m, STUN_UNKNOWN_ATTRIBUTES, &list));
    ck_assert(bytes_equal(list, (struct bytes){(const uint8_t *)"\x70\x01\x00\x02", 4}));
}
END_TEST

START_TEST(numbers_go_both_ways)
{
    uint8_t room[128];
    struct stun_msg m;
    struct writer w = writer_of(room, sizeof room);
    stun_begin(&w, STUN_ALLOCATE, bytes_of("abcdefghijkl"));
    stun_put_u8(&w, STUN_REQUESTED_TRANSPORT, 17);
    stun_put_u16(&w, STUN_CHANNEL_NUMBER, 0x4001);
    stun_put_u32(&w, STUN_LIFETIME, 600);
    stun_put_u64(&w, STUN_ICE_CONTROLLED, UINT64_MAX - 1);
    stun_put_flag(&w, STUN_DONT_FRAGMENT);
    ck_assert_int_eq(stun_parse(&m, writer_done(&w)), OK);
    uint8_t u8;
    uint16_t u16;
    uint32_t u32;
    uint64_t u64;
    ck_assert(stun_get_u8(&m, STUN_REQUESTED_TRANSPORT, &u8) && u8 == 17);
    ck_assert(stun_get_u16(&m, STUN_CHANNEL_NUMBER, &u16) && u16 == 0x4001);
    ck_assert(stun_get_u32(&m, STUN_LIFETIME, &u32) && u32 == 600);
    ck_assert(stun_get_u64(&m, STUN_ICE_CONTROLLED, &u64) && u64 == UINT64_MAX - 1);
    ck_assert(stun_has(&m, STUN_DONT_FRAGMENT) && !stun_has(&m, STUN_USE_CANDIDATE));
    ck_assert(!stun_get_u32(&m, STUN_PRIORITY, &u32));
}
END_TEST

START_TEST(password_algorithms_stay_in_their_value) /* RFC 8489 §14.11 */
{
    struct stun_msg m;
    uint8_t room[64];
    static const uint8_t good[] = {0, 1, 0, 1, 7, 0, 0, 0, 0, 2, 0, 0};
    static const uint8_t past[] = {0, 1, 0, 0, 0, 2, 0, 5, 0, 0, 0, 0};
    ck_assert_int_eq(stun_parse(&m, one(room, sizeof room, STUN_PASSWORD_ALGORITHMS,
                                        (struct bytes){good, sizeof good})),
                     OK);
    ck_assert_int_eq(stun_parse(&m, one(room, sizeof room, STUN_PASSWORD_ALGORITHMS,
                                        (struct bytes){past, sizeof past})),
                     E_MALFORMED);
}
END_TEST

SUITE("stun attribute", the_table_is_in_order_and_whole, inv_8_every_value_length_is_checked,
      inv_11_addresses_of_every_length_and_family, addresses_go_both_ways,
      error_responses_carry_code_reason_and_unknown_attributes, numbers_go_both_ways,
      password_algorithms_stay_in_their_value)
