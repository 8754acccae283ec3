/* Any datagram through the record, fragment and hello parsers: they end, stay inside it, and say
 * why they stopped. */
#include "dtls/record.h"
#include "fuzz/fuzz.h"

static void check_inside(struct bytes part, struct bytes whole)
{
    if (part.len == 0) return;
    FUZZ_CHECK(part.at >= whole.at && part.at + part.len <= whole.at + whole.len);
}

static void check_hello(struct bytes message, bool client)
{
    struct dtls_hello h;
    enum err err =
        client ? dtls_client_hello_parse(&h, message) : dtls_server_hello_parse(&h, message);
    FUZZ_CHECK(err == h.fault.err);
    if (err != OK) {
        FUZZ_CHECK(h.fault.offset <= message.len && h.extensions.at == NULL);
        return;
    }
    check_inside(h.random, message);
    check_inside(h.session_id, message);
    check_inside(h.cookie, message);
    check_inside(h.cipher_suites.wire, message);
    check_inside(h.groups.wire, message);
    check_inside(h.signature_algorithms.wire, message);
    check_inside(h.srtp_profiles.wire, message);
    check_inside(h.srtp_mki, message);
    check_inside(h.versions.wire, message);
    struct reader all = reader_of(h.extensions);
    size_t walked = 0;
    for (struct dtls_extension e; dtls_extension_next(&all, &e);) walked += 4 + e.body.len;
    FUZZ_CHECK(all.err == OK && walked == h.extensions.len);
}

static void check_fragments(struct bytes body)
{
    struct reader r = reader_of(body);
    size_t walked = 0;
    for (struct dtls_fragment f; dtls_fragment_next(&r, &f);) {
        check_inside(f.body, body);
        FUZZ_CHECK(f.offset + f.body.len <= f.length);
        FUZZ_CHECK(f.body.len > 0 || f.length == 0);
        walked += DTLS_FRAGMENT_HEADER + f.body.len;
        check_hello(f.body, true);
        check_hello(f.body, false);
    }
    FUZZ_CHECK(r.err != OK || walked == body.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct bytes in = {data, n};
    struct reader r = reader_of(in);
    size_t walked = 0;
    for (struct dtls_record record; dtls_record_next(&r, &record);) {
        struct dtls_alert alert;
        check_inside(record.all, in);
        check_inside(record.body, record.all);
        FUZZ_CHECK(record.offset == walked && record.all.len > 0);
        FUZZ_CHECK(record.epoch <= UINT16_MAX && record.seq >> 48 == 0);
        walked += record.all.len;
        check_fragments(record.body);
        dtls_alert_read(record.body, &alert);
    }
    FUZZ_CHECK(walked <= n && (r.err != OK || walked == n));
    /* And as the insides, so that the fuzzer needs no headers to get there. */
    check_fragments(in);
    check_hello(in, true);
    check_hello(in, false);
    return 0;
}
