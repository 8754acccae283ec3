/* dns_parse promises that walking what it accepted can't fail: every name can be read, compared
 * and written again as it was. */
#include "fuzz/fuzz.h"

#include "net/dnsmsg.h"

static void check_name(const struct dns_msg *m, size_t at)
{
    char text[NAME_MAX_LEN + 1];
    struct bytes name = bytes_of(dns_name_text(m, at, text));
    FUZZ_CHECK(dns_name_same(m, at, at));
    if (!name_valid(name)) return; /* bytes that no host name has, or the root */
    FUZZ_CHECK(dns_name_equal(m, at, name));
    FUZZ_CHECK(dns_name_hash(m, at) == name_hash(name));

    uint8_t room[300];
    struct writer w = writer_of(room, sizeof room);
    struct dns_msg copy;
    dns_write_header(&w, 0, 0, (struct dns_counts){.questions = 1});
    dns_write_question(&w, name, DNS_A, DNS_IN);
    FUZZ_CHECK(dns_parse(&copy, writer_done(&w)) == OK);
    FUZZ_CHECK(dns_name_equal(&copy, 12, name));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct dns_msg m;
    struct dns_question q;
    struct dns_record rr;
    struct addr a;
    if (dns_parse(&m, (struct bytes){data, n}) != OK) {
        FUZZ_CHECK(m.fault.err != OK && m.fault.rule && m.fault.offset <= n);
        return 0;
    }
    unsigned questions = 0, records = 0;
    struct dns_walk walk = dns_walk_of(&m);
    for (; dns_next_question(&walk, &q); questions++) check_name(&m, q.name);
    for (; dns_next_record(&walk, &rr); records++) {
        check_name(&m, rr.name);
        FUZZ_CHECK(rr.data_offset + rr.data.len <= n);
        if (rr.type == DNS_CNAME) check_name(&m, rr.data_offset);
        if (rr.type == DNS_A && (rr.class & DNS_CLASS_MASK) == DNS_IN)
            FUZZ_CHECK(dns_record_addr(&rr, &a) && a.family == ADDR_IPV4);
    }
    FUZZ_CHECK(questions == m.questions);
    FUZZ_CHECK(records == (unsigned)m.answers + m.authorities + m.additionals);
    return 0;
}
