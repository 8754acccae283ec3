/* DNS names against names, records that are no addresses, and a writer that is full. */
#include "net/dnsmsg.h"
#include "tests/suite.h"

static uint8_t room[512];

/* A response with one record of type, class and data for each name, and a question. */
static struct dns_msg message(const char *const *names, size_t count)
{
    struct dns_msg m;
    struct writer w = writer_of(room, sizeof room);
    dns_write_header(&w, 7, 0x8000, (struct dns_counts){.questions = (uint16_t)count});
    for (size_t i = 0; i < count; i++) dns_write_question(&w, bytes_of(names[i]), DNS_A, DNS_IN);
    ck_assert_int_eq(dns_parse(&m, writer_done(&w)), OK);
    return m;
}

START_TEST(names_that_are_prefixes_of_names)
{
    static const char *const names[] = {"a.local", "a.local", "a", "b.local", "A.LOCAL"};
    struct dns_msg m = message(names, COUNT(names));
    struct dns_walk walk = dns_walk_of(&m);
    struct dns_question q[COUNT(names)];
    for (size_t i = 0; i < COUNT(names); i++) ck_assert(dns_next_question(&walk, &q[i]));
    ck_assert(dns_name_same(&m, q[0].name, q[1].name));
    ck_assert(dns_name_same(&m, q[0].name, q[4].name));
    ck_assert(!dns_name_same(&m, q[0].name, q[2].name));
    ck_assert(!dns_name_same(&m, q[2].name, q[0].name));
    ck_assert(!dns_name_same(&m, q[0].name, q[3].name));
    ck_assert(dns_name_equal(&m, q[0].name, bytes_of("a.local")));
    ck_assert(dns_name_equal(&m, q[0].name, bytes_of("a.local.")));
    ck_assert(!dns_name_equal(&m, q[0].name, bytes_of("a")));
    ck_assert(!dns_name_equal(&m, q[2].name, bytes_of("a.local")));
    ck_assert(!dns_name_equal(&m, q[0].name, bytes_of(".")));
    ck_assert(!dns_name_equal(&m, q[0].name, bytes_of("")));
    ck_assert(!dns_name_equal(&m, q[0].name, bytes_of("x")));
}
END_TEST

START_TEST(the_root_and_labels_that_are_no_names)
{
    static const uint8_t wire[] = {0, 1,    0x80, 0, 0, 2, 0, 0, 0, 0, 0, 0, /* two questions */
                                   0, 0,    1,    0, 1,                      /* the root */
                                   2, 0xFF, 'a',  0, 0, 1, 0, 1};
    struct dns_msg m;
    struct dns_walk walk;
    struct dns_question q;
    char text[NAME_MAX_LEN + 1];
    ck_assert_int_eq(dns_parse(&m, (struct bytes){wire, sizeof wire}), OK);
    walk = dns_walk_of(&m);
    ck_assert(dns_next_question(&walk, &q));
    ck_assert(dns_name_equal(&m, q.name, bytes_of(".")));
    ck_assert_str_eq(dns_name_text(&m, q.name, text), "");
    ck_assert(dns_next_question(&walk, &q));
    ck_assert_str_eq(dns_name_text(&m, q.name, text), "?a");
    ck_assert(!dns_next_question(&walk, &q));
}
END_TEST

START_TEST(names_where_there_are_none)
{
    static const char *const names[] = {"a.local"};
    struct dns_msg m = message(names, 1);
    ck_assert(!dns_name_equal(&m, 5000, bytes_of("")));
    ck_assert(!dns_name_same(&m, 5000, 5000));
    ck_assert(!dns_name_same(&m, 12, 5000));
}
END_TEST

START_TEST(records_that_are_no_addresses)
{
    struct addr a;
    static const uint8_t data[16] = {192, 0, 2, 1};
    struct dns_record rr = {.type = DNS_A, .class = DNS_IN, .data = {data, 4}};
    ck_assert(dns_record_addr(&rr, &a));
    rr.data.len = 3;
    ck_assert(!dns_record_addr(&rr, &a));
    rr.type = DNS_AAAA;
    ck_assert(!dns_record_addr(&rr, &a));
    rr.data.len = 16;
    ck_assert(dns_record_addr(&rr, &a));
    rr.class = 3;
    ck_assert(!dns_record_addr(&rr, &a));
    rr.class = DNS_IN, rr.type = 5;
    ck_assert(!dns_record_addr(&rr, &a));
}
END_TEST

START_TEST(a_full_writer_stays_failed)
{
    uint8_t small[24];
    struct addr a = addr_ipv4(192, 0, 2, 1, 0);
    for (size_t len = 0; len <= sizeof small; len++) {
        struct writer w = writer_of(small, len);
        dns_write_addr(&w, bytes_of("name.local"), DNS_IN, 120, &a);
        ck_assert_int_eq(w.err, E_FULL);
        dns_write_name(&w, bytes_of("not..valid"));
        ck_assert_int_eq(w.err, E_FULL);
        w = writer_of(small, len);
        dns_write_cname(&w, bytes_of("a.local"), 1, bytes_of("name.local"));
        ck_assert_int_ne(w.err, OK);
    }
    struct writer w = writer_of(room, sizeof room);
    dns_write_name(&w, bytes_of("not..valid"));
    ck_assert_int_eq(w.err, E_MALFORMED);
}
END_TEST

SUITE("net dnsmsg edges", names_that_are_prefixes_of_names, the_root_and_labels_that_are_no_names,
      names_where_there_are_none, records_that_are_no_addresses, a_full_writer_stays_failed)
