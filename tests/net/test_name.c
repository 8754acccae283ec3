#include "net/name.h"

#include "tests/suite.h"

#include <string.h>

static bool valid(const char *text)
{
    return name_valid(bytes_of(text));
}

START_TEST(what_is_a_host_name)
{
    char label[70], name[300];
    memset(label, 'a', sizeof label);
    memset(name, 'a', sizeof name);
    ck_assert(valid("a") && valid("a.b") && valid("a.b.") && valid("_stun._udp.example.org"));
    ck_assert(valid("3e9dd9b7-5d1b-4ac5-8b3d-cd9c1d2a3f4b.local"));
    ck_assert(!valid("") && !valid(".") && !valid("..") && !valid(".a") && !valid("a..b"));
    ck_assert(!valid("a b") && !valid("a/b") && !valid("caf\xc3\xa9") && !valid("[::1]"));
    ck_assert(!name_valid((struct bytes){(const uint8_t *)"a\0b", 3}));
    ck_assert(name_valid((struct bytes){(const uint8_t *)label, 63}));
    ck_assert(!name_valid((struct bytes){(const uint8_t *)label, 64}));
    for (size_t i = 49; i < sizeof name; i += 50) name[i] = '.';
    ck_assert(name_valid((struct bytes){(const uint8_t *)name, NAME_MAX_LEN}));
    ck_assert(!name_valid((struct bytes){(const uint8_t *)name, NAME_MAX_LEN + 1}));
}
END_TEST

START_TEST(case_and_last_dot_do_not_count)
{
    ck_assert(name_equal(bytes_of("Example.ORG"), bytes_of("example.org.")));
    ck_assert(!name_equal(bytes_of("example.org"), bytes_of("example.or")));
    ck_assert(!name_equal(bytes_of("example.org"), bytes_of("example-org")));
    ck_assert(name_label_equal(bytes_of("A-z"), bytes_of("a-Z")));
    ck_assert(!name_label_equal(bytes_of("a."), bytes_of("a")));
    ck_assert(!name_label_equal(bytes_of("@"), bytes_of("`"))); /* 0x40 and 0x60 are no letters */
}
END_TEST

START_TEST(equal_names_have_equal_hashes)
{
    uint32_t hash = name_hash(bytes_of("host.Example.ORG"));
    ck_assert_uint_eq(hash, name_hash(bytes_of("HOST.example.org.")));
    ck_assert_uint_ne(hash, name_hash(bytes_of("hos.texample.org")));
    ck_assert_uint_ne(hash, name_hash(bytes_of("host.example")));
    ck_assert_uint_eq(name_hash(bytes_of("")), NAME_HASH_START);
}
END_TEST

START_TEST(inv_16_local_names_in_every_spelling)
{
    static const char *const local[] = {"local", "local.", "a.local", "A.LOCAL.", "a.b.LoCaL"};
    static const char *const other[] = {
        "", ".", "localhost", "a.local.example", "alocal", "local.local2", "a.loca", "xlocal."};
    for (size_t i = 0; i < COUNT(local); i++) ck_assert(name_is_local(bytes_of(local[i])));
    for (size_t i = 0; i < COUNT(other); i++) ck_assert(!name_is_local(bytes_of(other[i])));
    ck_assert(name_is_localhost(bytes_of("LocalHost.")));
    ck_assert(name_is_localhost(bytes_of("a.localhost")));
    ck_assert(!name_is_localhost(bytes_of("alocalhost")));
}
END_TEST

SUITE("net name", what_is_a_host_name, case_and_last_dot_do_not_count,
      equal_names_have_equal_hashes, inv_16_local_names_in_every_spelling)
