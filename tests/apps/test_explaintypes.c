#include "apps/explaintypes.h"

#include "tests/explained.h"

START_TEST(types_have_their_names)
{
    size_t count = 0;
    for (const char *name; (name = explain_type_at(count)); count++) {
        ck_assert_str_eq(explain_type_named(name), name);
        for (size_t i = 0; i < count; i++) ck_assert_str_ne(explain_type_at(i), name);
    }
    ck_assert_uint_eq(count, 11); /* explain.md */
    ck_assert_ptr_null(explain_type_at(SIZE_MAX));
    ck_assert_ptr_null(explain_type_named("quic"));
    ck_assert_ptr_null(explain_type_named(""));
}
END_TEST

/* RFC 7983 §7, RFC 5761 §4: the first byte, and of RTP the second. */
START_TEST(first_bytes_tell_the_type)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *type;
    } rows[] = {
        {"v=0\r\n", 5, "sdp"},
        {"GET / HTTP/1.1\r\n", 16, "http"},
        {"HTTP/1.1 101 Switching\r\n", 24, "http"},
        {"candidate:1 1 udp", 17, "candidate"},
        {"a=candidate:1 1 udp", 19, "candidate"},
        {"\0\1\0\0\x21\x12\xA4\x42", 8, "stun"},
        {"\x16\xFE\xFD", 3, "dtls"},
        {"\x80\x60\0\1", 4, "rtp"},
        {"\x80\xC8\0\6", 4, "rtcp"},
        {"\x40\0\0\4", 4, NULL}, /* TURN's channels */
        {"\xFF", 1, NULL},
        {"", 0, NULL},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *type =
            explain_type_guess((struct bytes){(const uint8_t *)rows[i].bytes, rows[i].len});
        ck_assert_msg(rows[i].type ? type && strcmp(type, rows[i].type) == 0 : !type, "%zu: %s", i,
                      type ? type : "none");
    }
}
END_TEST

/* Each type explains any bytes as itself, or says that it can't. */
START_TEST(each_type_explains)
{
    static const struct explain_options options;
    for (size_t i = 0; explain_type_at(i); i++) {
        struct explain *x = explain_make(explain_type_at(i), bytes_of("?"), &options);
        explained_is_sound(x);
        ck_assert_str_eq(explain_type(x), explain_type_at(i));
        bool unsupported = strcmp(explain_type_at(i), "sctp") == 0;
        if (unsupported) {
            ck_assert_int_eq(explain_fault(x)->err, E_UNSUPPORTED);
            ck_assert(strstr(explain_fault(x)->rule, "data channels") != NULL);
        }
        explain_free(x);
    }
}
END_TEST

SUITE("apps explaintypes", types_have_their_names, first_bytes_tell_the_type, each_type_explains)
