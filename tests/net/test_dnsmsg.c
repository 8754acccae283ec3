#include "net/dnsmsg.h"

#include "tests/suite.h"

#include <string.h>

/* A response as RFC 1035 §4.1.4 draws it: question for WWW.example.org, the answer an alias whose
 * target shares "example.org", its address by a pointer to a pointer. */
static const uint8_t compressed[] = {
    0x12, 0x34, 0x81, 0x80, 0,    1,    0,   2,   0,   0,   0,   1, /* header */
    3,    'W',  'W',  'W',  7,    'e',  'x', 'a', 'm', 'p', 'l', 'e', 3,   'o', 'r', 'g',
    0,    0,    1,    0,    1,    0xc0, 12,  0,   5,   0,   1,   0,   0,   0,   60,  0,
    4,    1,    'a',  0xc0, 16, /* at 33, data 45 */
    0xc0, 45,   0,    1,    0,    1,    0,   0,   0,   60,  0,   4,   192, 0,   2,   7, /* at 49 */
    0,    0,    41,   4,    0xd0, 0,    0,   0,   0,   0,   0,                          /* OPT */
};

static struct bytes whole(void)
{
    return (struct bytes){compressed, sizeof compressed};
}

START_TEST(a_compressed_answer)
{
    struct dns_msg m;
    struct dns_question q;
    struct dns_record rr;
    struct addr a;
    char text[NAME_MAX_LEN + 1];
    ck_assert_int_eq(dns_parse(&m, whole()), OK);
    ck_assert_uint_eq(m.id, 0x1234);
    ck_assert_uint_ne(m.flags & DNS_RESPONSE, 0);
    struct dns_walk walk = dns_walk_of(&m);
    ck_assert(dns_next_question(&walk, &q));
    ck_assert_str_eq(dns_name_text(&m, q.name, text), "WWW.example.org");
    ck_assert(dns_name_equal(&m, q.name, bytes_of("www.EXAMPLE.org.")));
    ck_assert(!dns_name_equal(&m, q.name, bytes_of("www.example")));
    ck_assert(!dns_name_equal(&m, q.name, bytes_of("www.example.org.com")));
    ck_assert(!dns_next_question(&walk, &q));
    ck_assert(dns_next_record(&walk, &rr));
    ck_assert_uint_eq(rr.type, DNS_CNAME);
    ck_assert(dns_name_same(&m, rr.name, q.name));
    ck_assert_str_eq(dns_name_text(&m, rr.data_offset, text), "a.example.org");
    ck_assert(!dns_record_addr(&rr, &a));
    size_t target = rr.data_offset;
    ck_assert(dns_next_record(&walk, &rr));
    ck_assert(dns_name_same(&m, rr.name, target));
    ck_assert(!dns_name_same(&m, rr.name, q.name));
    ck_assert(dns_record_addr(&rr, &a));
    ck_assert_str_eq(addr_ip_text(&a, text), "192.0.2.7");
    ck_assert(dns_next_record(&walk, &rr));
    ck_assert_uint_eq(rr.type, DNS_OPT);
    ck_assert(!dns_next_record(&walk, &rr));
}
END_TEST

START_TEST(every_prefix_is_refused)
{
    for (size_t len = 0; len < sizeof compressed; len++) {
        uint8_t *exact = malloc(len + 1);
        struct dns_msg m;
        memcpy(exact, compressed, len);
        ck_assert_int_ne(dns_parse(&m, (struct bytes){exact, len}), OK);
        ck_assert_str_eq(m.fault.layer, "dns");
        ck_assert_ptr_nonnull(m.fault.rule);
        ck_assert_uint_le(m.fault.offset, len);
        free(exact);
    }
}
END_TEST

/* A question whose name is `name`; what dns_parse says of it. */
static struct fault parse_name(const uint8_t *name, size_t len)
{
    uint8_t room[600];
    struct writer w = writer_of(room, sizeof room);
    struct dns_msg m;
    dns_write_header(&w, 0, 0, (struct dns_counts){.questions = 1});
    write_bytes(&w, (struct bytes){name, len});
    write_u32(&w, 0x00010001);
    dns_parse(&m, writer_done(&w));
    return m.fault;
}

#define PARSE(...)                                                                                 \
    parse_name((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

/* Invariants 8, 9 and 36: pointers may not loop, lead forward, or into the header. */
START_TEST(compression_cannot_loop)
{
    static const char back[] = "a compression pointer does not lead back to a prior name"
                               " (RFC 1035 4.1.4)";
    ck_assert_int_eq(PARSE(1, 'a', 0).err, OK);
    ck_assert_str_eq(PARSE(0xc0, 12).rule, back);         /* to itself */
    ck_assert_str_eq(PARSE(1, 'a', 0xc0, 12).rule, back); /* to its own beginning */
    ck_assert_str_eq(PARSE(1, 'a', 0xc0, 14).rule, back); /* to the pointer itself */
    ck_assert_str_eq(PARSE(0xc0, 14, 1, 'a', 0).rule, back);
    ck_assert_str_eq(PARSE(0xc0, 0).rule, back);    /* the id as a name */
    ck_assert_str_eq(PARSE(0xff, 0xff).rule, back); /* past the end */
    ck_assert_int_eq(PARSE(0x40, 'a', 0).err, E_MALFORMED);
    ck_assert_int_eq(PARSE(0x80, 'a', 0).err, E_MALFORMED);
    ck_assert_int_eq(PARSE(63, 'a').err, E_MALFORMED);
}
END_TEST

/* Two records that point at each other. */
START_TEST(compression_cannot_play_ping_pong)
{
    uint8_t room[64];
    struct writer w = writer_of(room, sizeof room);
    struct dns_msg m;
    dns_write_header(&w, 0, 0, (struct dns_counts){.questions = 2});
    write_u16(&w, 0xc000 | 18), write_u32(&w, 0x00010001);
    write_u16(&w, 0xc000 | 12), write_u32(&w, 0x00010001);
    ck_assert_int_eq(dns_parse(&m, writer_done(&w)), E_MALFORMED);
    ck_assert_uint_eq(m.fault.offset, 12);
}
END_TEST

/* Each name is a pointer to the name before it: the seventeenth is one too many. */
START_TEST(chains_of_pointers_are_short)
{
    for (uint16_t questions = 2; questions < 40; questions++) {
        uint8_t room[512];
        struct writer w = writer_of(room, sizeof room);
        struct dns_msg m;
        dns_write_header(&w, 0, 0, (struct dns_counts){.questions = questions});
        dns_write_question(&w, bytes_of("a"), DNS_A, DNS_IN);
        for (size_t i = 1, last = 12; i < questions; i++) {
            size_t at = writer_len(&w);
            write_u16(&w, (uint16_t)(0xc000 | last)), write_u32(&w, 0x00010001);
            last = at;
        }
        ck_assert_int_eq(dns_parse(&m, writer_done(&w)), questions <= 17 ? OK : E_MALFORMED);
    }
}
END_TEST

/* A name may not grow beyond 255 octets by pointers, however short the message is. */
START_TEST(names_have_a_length)
{
    uint8_t name[300];
    size_t n = 0;
    for (int i = 0; i < 3; i++) {
        name[n++] = 63;
        memset(name + n, 'x', 63);
        n += 63;
    }
    name[n] = 61;
    memset(name + n + 1, 'x', 61);
    name[n + 62] = 0;
    ck_assert_int_eq(parse_name(name, n + 63).err, OK); /* 255 octets */
    name[n] = 62;
    name[n + 62] = 'x';
    name[n + 63] = 0;
    struct fault fault = parse_name(name, n + 64);
    ck_assert_str_eq(fault.rule, "a name is longer than 255 octets (RFC 1035 2.3.4)");

    uint8_t room[2048];
    struct dns_msg m;
    struct writer w = writer_of(room, sizeof room);
    dns_write_header(&w, 0, 0, (struct dns_counts){.questions = 40});
    size_t previous = 0;
    for (int i = 0; i < 40; i++) { /* each name is a label more than the one before */
        size_t at = writer_len(&w);
        write_u8(&w, 30), write_text(&w, "abcdefghijklmnopqrstuvwxyz-123");
        if (previous)
            write_u16(&w, (uint16_t)(0xc000 | previous));
        else
            write_u8(&w, 0);
        write_u32(&w, 0x00010001);
        previous = at;
    }
    ck_assert_int_eq(dns_parse(&m, writer_done(&w)), E_MALFORMED);
    ck_assert_str_eq(m.fault.rule, "a name is longer than 255 octets (RFC 1035 2.3.4)");
}
END_TEST

START_TEST(what_is_written_is_read)
{
    uint8_t room[512];
    struct writer w = writer_of(room, sizeof room);
    struct addr v4 = addr_ipv4(192, 0, 2, 1, 0), got;
    struct addr v6 = {.family = ADDR_IPV6, .ip = {0x20, 1, 0xd, 0xb8, [15] = 9}};
    struct bytes name = bytes_of("host.example.org.");
    struct dns_msg m;
    struct dns_record rr;
    dns_write_header(&w, 77, DNS_RESPONSE | DNS_AUTHORITATIVE,
                     (struct dns_counts){.questions = 1, .answers = 3, .additionals = 1});
    dns_write_question(&w, name, DNS_AAAA, DNS_IN);
    dns_write_cname(&w, name, 5, bytes_of("alias.example.org"));
    dns_write_addr(&w, bytes_of("alias.example.org"), DNS_IN, 6, &v4);
    dns_write_addr(&w, bytes_of("alias.example.org"), 0x8000 | DNS_IN, 7, &v6);
    dns_write_opt(&w);
    ck_assert_int_eq(dns_parse(&m, writer_done(&w)), OK);
    struct dns_walk walk = dns_walk_of(&m);
    ck_assert(dns_next_record(&walk, &rr)); /* passes the question by */
    ck_assert(dns_name_equal(&m, rr.data_offset, bytes_of("alias.example.org")));
    ck_assert(dns_next_record(&walk, &rr) && dns_record_addr(&rr, &got));
    ck_assert(addr_equal(&got, &v4));
    ck_assert_uint_eq(rr.ttl, 6);
    ck_assert(dns_next_record(&walk, &rr) && dns_record_addr(&rr, &got));
    ck_assert(addr_equal(&got, &v6));
    ck_assert(dns_next_record(&walk, &rr) && rr.type == DNS_OPT);
    ck_assert_uint_eq(rr.class, DNS_MSG_MAX);
}
END_TEST

START_TEST(bad_names_are_not_written)
{
    uint8_t room[512];
    struct writer w = writer_of(room, sizeof room);
    dns_write_name(&w, bytes_of("a..b"));
    ck_assert_int_eq(w.err, E_MALFORMED);
    w = writer_of(room, 4);
    dns_write_name(&w, bytes_of("abcdef"));
    ck_assert_int_eq(w.err, E_FULL);
}
END_TEST

/* Invariant 8: the sizes of what is looked into. */
START_TEST(addresses_have_their_size)
{
    for (unsigned len = 0; len < 20; len++) {
        for (int v6 = 0; v6 < 2; v6++) {
            uint8_t room[64];
            struct writer w = writer_of(room, sizeof room);
            struct dns_msg m;
            dns_write_header(&w, 0, DNS_RESPONSE, (struct dns_counts){.answers = 1});
            dns_write_question(&w, bytes_of("a"), v6 ? DNS_AAAA : DNS_A, DNS_IN);
            write_u32(&w, 0);
            write_u16(&w, (uint16_t)len);
            write_zeros(&w, len);
            enum err want = len == (v6 ? 16 : 4) ? OK : E_MALFORMED;
            ck_assert_int_eq(dns_parse(&m, writer_done(&w)), want);
        }
    }
}
END_TEST

SUITE("net dnsmsg", a_compressed_answer, every_prefix_is_refused, compression_cannot_loop,
      compression_cannot_play_ping_pong, chains_of_pointers_are_short, names_have_a_length,
      what_is_written_is_read, bad_names_are_not_written, addresses_have_their_size)
