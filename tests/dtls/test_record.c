#include "dtls/record.h"
#include "tests/suite.h"

#define SEEDS "fuzz/corpus/dtls_record/"

/* Joins the fragments of one message from whole datagrams; returns its length, 0 if some are
 * missing. Order and repetition don't matter. */
static size_t assemble(const struct bytes *datagrams, size_t count, uint8_t type, uint8_t *to)
{
    size_t have = 0, length = 0;
    for (size_t i = 0; i < count; i++) {
        struct reader r = reader_of(datagrams[i]);
        for (struct dtls_record record; dtls_record_next(&r, &record);) {
            struct reader body = reader_of(record.body);
            if (record.unified || record.type != DTLS_CONTENT_HANDSHAKE || record.epoch) continue;
            for (struct dtls_fragment f; dtls_fragment_next(&body, &f);) {
                if (f.type != type) continue;
                memcpy(to + f.offset, f.body.at, f.body.len);
                have += f.body.len;
                length = f.length;
            }
            ck_assert_int_eq(body.err, OK);
        }
        ck_assert_int_eq(r.err, OK);
    }
    return have == length ? length : 0;
}

static void load_hello(const char *first, const char *second, struct dtls_hello *hello,
                       uint8_t message[4096])
{
    struct bytes d[2] = {suite_file(first), suite_file(second)};
    size_t len = assemble(d, 2, DTLS_CLIENT_HELLO, message);
    ck_assert_uint_gt(len, 1200);
    ck_assert_int_eq(dtls_client_hello_parse(hello, (struct bytes){message, len}), OK);
    free((void *)(uintptr_t)d[0].at);
    free((void *)(uintptr_t)d[1].at);
}

START_TEST(chromiums_hello_in_two_datagrams)
{
    struct dtls_hello h;
    uint8_t message[4096];
    load_hello(SEEDS "chromium_hello_1", SEEDS "chromium_hello_2", &h, message);
    ck_assert_uint_eq(h.version, DTLS_VERSION_1_2);
    ck_assert(dtls_u16s_has(h.versions, DTLS_VERSION_1_3));
    ck_assert(dtls_u16s_has(h.versions, DTLS_VERSION_1_2));
    ck_assert(dtls_u16s_has(h.cipher_suites, 0xC02B)); /* ECDHE_ECDSA_AES_128_GCM_SHA256 */
    ck_assert(dtls_u16s_has(h.groups, 0x001D));        /* x25519 */
    ck_assert(dtls_u16s_has(h.groups, 0x11EC));        /* X25519MLKEM768: why it is so long */
    ck_assert(h.has_srtp);
    ck_assert_uint_eq(dtls_u16s_count(h.srtp_profiles), 3);
    ck_assert_uint_eq(dtls_u16s_at(h.srtp_profiles, 0), 0x0001);
    ck_assert_uint_eq(dtls_u16s_at(h.srtp_profiles, 1), 0x0008);
    ck_assert_uint_eq(dtls_u16s_at(h.srtp_profiles, 2), 0x0007);
    ck_assert_uint_eq(dtls_u16s_at(h.srtp_profiles, 3), 0);
    ck_assert_uint_eq(h.srtp_mki.len, 0);
    ck_assert_uint_eq(h.random.len, 32);
}
END_TEST

START_TEST(firefoxs_hello_in_two_datagrams)
{
    struct dtls_hello h;
    uint8_t message[4096];
    load_hello(SEEDS "firefox_hello_1", SEEDS "firefox_hello_2", &h, message);
    ck_assert(dtls_u16s_has(h.cipher_suites, 0xC02B));
    ck_assert_uint_eq(dtls_u16s_count(h.srtp_profiles), 4);
    ck_assert_uint_eq(dtls_u16s_at(h.srtp_profiles, 0), 0x0007);
    ck_assert_uint_eq(dtls_u16s_at(h.srtp_profiles, 3), 0x0002);
}
END_TEST

START_TEST(a_servers_flight)
{
    struct bytes d = suite_file(SEEDS "firefox_server_flight");
    uint8_t message[4096];
    struct dtls_hello h;
    size_t len = assemble(&d, 1, DTLS_SERVER_HELLO, message);
    ck_assert_int_eq(dtls_server_hello_parse(&h, (struct bytes){message, len}), OK);
    ck_assert_uint_eq(dtls_u16s_at(h.cipher_suites, 0), 0xC02B);
    ck_assert_uint_eq(dtls_u16s_count(h.srtp_profiles), 1);
    static const uint8_t order[] = {DTLS_SERVER_HELLO, DTLS_CERTIFICATE, DTLS_SERVER_KEY_EXCHANGE,
                                    DTLS_CERTIFICATE_REQUEST, DTLS_SERVER_HELLO_DONE};
    struct reader r = reader_of(d);
    struct dtls_record record;
    size_t count = 0;
    for (; dtls_record_next(&r, &record);) {
        struct reader body = reader_of(record.body);
        for (struct dtls_fragment f; dtls_fragment_next(&body, &f); count++) {
            ck_assert_uint_lt(count, COUNT(order));
            ck_assert_uint_eq(f.type, order[count]);
            ck_assert_uint_eq(f.message_seq, count);
        }
    }
    ck_assert_uint_eq(count, COUNT(order));
    free((void *)(uintptr_t)d.at);
}
END_TEST

START_TEST(plain_then_encrypted_records_of_one_datagram)
{
    struct bytes d = suite_file(SEEDS "firefox_finished");
    struct reader r = reader_of(d);
    struct dtls_record record;
    ck_assert(dtls_record_next(&r, &record));
    ck_assert_str_eq(dtls_content_name(record.type), "change_cipher_spec");
    ck_assert_uint_eq(record.epoch, 0);
    ck_assert_uint_eq(record.seq, 5);
    ck_assert_uint_eq(record.offset, 0);
    ck_assert_uint_eq(record.all.len, 14);
    ck_assert(dtls_record_next(&r, &record));
    ck_assert_uint_eq(record.type, DTLS_CONTENT_HANDSHAKE);
    ck_assert_uint_eq(record.epoch, 1);
    ck_assert_uint_eq(record.offset, 14);
    ck_assert_uint_eq(record.body.len, 48);
    ck_assert(!dtls_record_next(&r, &record));
    ck_assert_int_eq(r.err, OK);
    free((void *)(uintptr_t)d.at);
}
END_TEST

START_TEST(dtls13_records_are_recognised)
{
    struct bytes d = suite_file(SEEDS "dtls13_unified");
    struct reader r = reader_of(d);
    struct dtls_record record;
    size_t count = 0;
    for (; dtls_record_next(&r, &record); count++) ck_assert(record.unified);
    ck_assert_int_eq(r.err, OK);
    ck_assert_uint_ge(count, 1);
    free((void *)(uintptr_t)d.at);

    /* 001CSLEE: no length fills the datagram; a connection id is not ours. */
    static const uint8_t rest[] = {0x22, 9, 1, 2, 3}, with_id[] = {0x3F, 1, 2, 3, 4, 5, 6};
    r = reader_of((struct bytes){rest, sizeof rest});
    ck_assert(dtls_record_next(&r, &record));
    ck_assert_uint_eq(record.epoch, 2);
    ck_assert_uint_eq(record.seq, 9);
    ck_assert_uint_eq(record.body.len, 3);
    r = reader_of((struct bytes){with_id, sizeof with_id});
    ck_assert(!dtls_record_next(&r, &record));
    ck_assert_int_eq(r.err, E_UNSUPPORTED);
}
END_TEST

START_TEST(every_prefix_of_a_datagram_ends)
{
    static const char *const files[] = {SEEDS "chromium_hello_1", SEEDS "firefox_server_flight",
                                        SEEDS "firefox_finished", SEEDS "dtls13_unified"};
    for (size_t i = 0; i < COUNT(files); i++) {
        struct bytes d = suite_file(files[i]);
        for (size_t n = 0; n < d.len; n++) {
            struct reader r = reader_of((struct bytes){d.at, n});
            struct dtls_record record;
            size_t used = 0;
            while (dtls_record_next(&r, &record)) used += record.all.len;
            /* Either it ended between two records, or it says that it was cut. */
            ck_assert(r.err == E_TRUNCATED || (r.err == OK && used == n));
        }
        free((void *)(uintptr_t)d.at);
    }
}
END_TEST

START_TEST(every_prefix_of_a_hello_is_refused)
{
    struct dtls_hello h;
    uint8_t message[4096];
    struct bytes d[2] = {suite_file(SEEDS "chromium_hello_1"),
                         suite_file(SEEDS "chromium_hello_2")};
    size_t len = assemble(d, 2, DTLS_CLIENT_HELLO, message);
    for (size_t n = 0; n < len; n++) {
        enum err err = dtls_client_hello_parse(&h, (struct bytes){message, n});
        /* Without extensions at all it is whole again (RFC 5246 7.4.1.2). */
        if (err == OK) ck_assert_uint_eq(h.extensions.len, 0);
        if (err != OK) {
            ck_assert_int_eq(h.fault.err, err);
            ck_assert_str_eq(h.fault.layer, "dtls");
            ck_assert_uint_le(h.fault.offset, n);
            ck_assert_ptr_null(h.random.at);
        }
    }
    message[len] = 0; /* one byte behind the extensions */
    ck_assert_int_eq(dtls_client_hello_parse(&h, (struct bytes){message, len + 1}), E_MALFORMED);
    free((void *)(uintptr_t)d[0].at);
    free((void *)(uintptr_t)d[1].at);
}
END_TEST

static enum err one_record(const char *hex_like, size_t len)
{
    struct reader r = reader_of((struct bytes){(const uint8_t *)hex_like, len});
    struct dtls_record record;
    while (dtls_record_next(&r, &record)) {}
    return r.err;
}

START_TEST(wrong_records_are_refused)
{
    ck_assert_int_eq(one_record("\x16\xfe\xfd\0\0\0\0\0\0\0\0\0\0", 13), OK);
    ck_assert_int_eq(one_record("\x16\x03\x03\0\0\0\0\0\0\0\0\0\0", 13), E_MALFORMED);
    ck_assert_int_eq(one_record("\x13\xfe\xfd\0\0\0\0\0\0\0\0\0\0", 13), E_MALFORMED);
    ck_assert_int_eq(one_record("\x1b\xfe\xfd\0\0\0\0\0\0\0\0\0\0", 13), E_MALFORMED);
    ck_assert_int_eq(one_record("\x16\xfe\xfd\0\0\0\0\0\0\0\0\0\1", 13), E_TRUNCATED);
    ck_assert_int_eq(one_record("\x16\xfe\xfd\0\0\0\0\0\0\0\0\xff\xff", 13), E_MALFORMED);
}
END_TEST

static enum err one_fragment(const char *bytes, size_t len)
{
    struct reader r = reader_of((struct bytes){(const uint8_t *)bytes, len});
    size_t rounds = 0;
    for (struct dtls_fragment f; dtls_fragment_next(&r, &f);) ck_assert_uint_lt(rounds++, 100);
    return r.err;
}

START_TEST(inv_36_fragments_without_bytes_end_the_loop)
{
    /* ServerHelloDone is empty and whole. */
    ck_assert_int_eq(one_fragment("\x0e\0\0\0\0\0\0\0\0\0\0\0", 12), OK);
    /* An empty part of a message that is not empty. */
    ck_assert_int_eq(one_fragment("\x01\0\0\5\0\0\0\0\0\0\0\0", 12), E_MALFORMED);
    ck_assert_int_eq(one_fragment("\x01\0\0\5\0\0\0\0\5\0\0\0", 12), E_MALFORMED);
    /* Past its message, also by a sum that is above 24 bits. */
    ck_assert_int_eq(one_fragment("\x01\0\0\1\0\0\0\0\1\0\0\1x", 13), E_MALFORMED);
    ck_assert_int_eq(one_fragment("\x01\xff\xff\xff\0\0\xff\xff\xff\xff\xff\xff", 12), E_MALFORMED);
    ck_assert_int_eq(one_fragment("\x01\0\0\2\0\0\0\0\0\0\0\2x", 13), E_TRUNCATED);
}
END_TEST

START_TEST(first_bytes_of_dtls)
{
    for (unsigned first = 0; first < 256; first++) {
        uint8_t b = (uint8_t)first;
        ck_assert_int_eq(dtls_is_datagram((struct bytes){&b, 1}), first >= 20 && first <= 63);
    }
    ck_assert(!dtls_is_datagram((struct bytes){NULL, 0}));
}
END_TEST

START_TEST(alerts_have_two_bytes)
{
    struct dtls_alert a;
    static const uint8_t alert[] = {2, 42, 0};
    ck_assert(dtls_alert_read((struct bytes){alert, 2}, &a));
    ck_assert_uint_eq(a.level, 2);
    ck_assert_str_eq(dtls_alert_name(a.description), "bad_certificate");
    ck_assert(!dtls_alert_read((struct bytes){alert, 1}, &a));
    ck_assert(!dtls_alert_read((struct bytes){alert, 3}, &a));
}
END_TEST

SUITE("dtls record", chromiums_hello_in_two_datagrams, firefoxs_hello_in_two_datagrams,
      a_servers_flight, plain_then_encrypted_records_of_one_datagram, dtls13_records_are_recognised,
      every_prefix_of_a_datagram_ends, every_prefix_of_a_hello_is_refused,
      wrong_records_are_refused, inv_36_fragments_without_bytes_end_the_loop, first_bytes_of_dtls,
      alerts_have_two_bytes)
