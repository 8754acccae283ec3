/* Records and messages made by hand, whole and cut, told aloud. */
#include "dtls/explain.h"

#include "dtls/record.h"
#include "tests/explained.h"

#define SEEDS "fuzz/corpus/dtls_explain/"

static struct explain *explained(struct bytes message)
{
    struct explain *x = explain_new("dtls", message);
    dtls_explain(x, message, NULL);
    explained_is_sound(x);
    return x;
}

static uint8_t made_room[512];

/* A record of epoch 0 that holds `body`. */
static struct bytes record_of(uint8_t type, struct bytes body)
{
    struct writer w = writer_of(made_room, sizeof made_room);
    write_u8(&w, type);
    write_u16(&w, DTLS_VERSION_1_2);
    write_u16(&w, 0);
    write_u48(&w, 0);
    write_u16(&w, (uint16_t)body.len);
    write_bytes(&w, body);
    ck_assert_int_eq(w.err, OK);
    return writer_done(&w);
}

/* A handshake message that is whole, in one record. */
static struct bytes message_of(uint8_t type, struct bytes body)
{
    uint8_t room[480];
    struct writer w = writer_of(room, sizeof room);
    write_u8(&w, type);
    write_u24(&w, (uint32_t)body.len);
    write_u16(&w, 0);
    write_u24(&w, 0);
    write_u24(&w, (uint32_t)body.len);
    write_bytes(&w, body);
    return record_of(DTLS_CONTENT_HANDSHAKE, writer_done(&w));
}

#define MESSAGE(type, body) message_of(type, (struct bytes){body, sizeof body})

static size_t fields_named(const struct explain *x, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < explain_field_count(x); i++)
        count += bytes_is(explain_field_at(x, i)->name, name);
    return count;
}

START_TEST(alert_levels) /* RFC 5246 §7.2 */
{
    static const char *const names[] = {"unknown", "warning", "fatal", "unknown"};
    for (uint8_t level = 0; level < COUNT(names); level++) {
        uint8_t body[] = {level, 40};
        struct explain *x =
            explained(record_of(DTLS_CONTENT_ALERT, (struct bytes){body, sizeof body}));
        explained_text(x, "records.0.alert.level", names[level]);
        ck_assert_int_eq(explained_field(x, "alert description")->meaning.len > 0, level == 2);
        explain_free(x);
    }
}
END_TEST

/* In clear it is nobody's, but its first bytes are shown. */
START_TEST(application_data_is_shown_in_part)
{
    static const struct {
        size_t len;
        const char *value;
    } rows[] = {{0, "0 bytes"},
                {2, "2 bytes: 0001"},
                {16, "16 bytes: 000102030405060708090a0b0c0d0e0f"},
                {17, "17 bytes: 000102030405060708090a0b0c0d0e0f.."}};
    uint8_t body[17];
    for (size_t i = 0; i < sizeof body; i++) body[i] = (uint8_t)i;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct explain *x =
            explained(record_of(DTLS_CONTENT_APPLICATION_DATA, (struct bytes){body, rows[i].len}));
        ck_assert_int_eq(explain_fault(x)->err, OK);
        ck_assert(bytes_is(explained_field(x, "application data")->value, rows[i].value));
        explain_free(x);
    }
}
END_TEST

/* RFC 9147 §7: ACKs are records of DTLS 1.3 that may be in clear; nothing is said of their inside.
 */
START_TEST(a_record_of_another_kind)
{
    static const uint8_t none[2] = {0, 0};
    struct explain *x = explained(record_of(DTLS_CONTENT_ACK, (struct bytes){none, sizeof none}));
    ck_assert_int_eq(explain_fault(x)->err, OK);
    ck_assert(bytes_is(explained_field(x, "body")->value, "2 bytes"));
    ck_assert(explained_summary_has(x, dtls_content_name(DTLS_CONTENT_ACK)));
    explain_free(x);
}
END_TEST

/* Extensions that browsers seldom send, and what is broken inside one. */
START_TEST(extensions_of_a_server_hello)
{
    uint8_t hello[] = {0xfe, 0xfd, /* version */
                       0,    0,    0,    0,  0, 0, 0, 0,   0,  0, 0, 0, 0, 0, 0, 0,
                       0,    0,    0,    0,  0, 0, 0, 0,   0,  0, 0, 0, 0, 0, 0, 0, /* random */
                       0,    0xC0, 0x2B, 0,                                /* id, suite, null */
                       0,    31,   0,    14, 0, 7, 0, 2,   0,  7, 2, 8, 9, /* SRTP, MKI */
                       0,    54,   0,    1,  0,                            /* connection id */
                       0x5A, 0x5A, 0,    0,                                /* GREASE */
                       0x12, 0x34, 0,    0,                                /* nobody's */
                       0,    16,   0,    5,  0, 9, 3, 'h', '2'};           /* ALPN, cut */
    hello[39] = (uint8_t)(sizeof hello - 40);
    struct explain *x = explained(MESSAGE(DTLS_SERVER_HELLO, hello));
    ck_assert_int_eq(explain_fault(x)->err, OK);
    ck_assert(bytes_is(explained_field(x, "MKI")->meaning, "a key identifier"));
    static const struct {
        const char *value, *meaning;
    } rows[] = {{"use_srtp (14), 7 bytes", ""},
                {"connection_id (54), 1 bytes", "records may carry an id in place of the address"},
                {"0x5a5a, 0 bytes", "GREASE (RFC 8701)"},
                {"0x1234, 0 bytes", "unknown"},
                {"application_layer_protocol_negotiation (16), 5 bytes", ""}};
    size_t at = 0;
    for (size_t i = 0; i < explain_field_count(x); i++) {
        const struct explain_field *f = explain_field_at(x, i);
        if (!bytes_is(f->name, "extension")) continue;
        ck_assert_uint_lt(at, COUNT(rows));
        ck_assert_msg(bytes_is(f->value, rows[at].value), "%.*s", (int)f->value.len,
                      (const char *)f->value.at);
        ck_assert(bytes_is(f->meaning, rows[at].meaning));
        at++;
    }
    ck_assert_uint_eq(at, COUNT(rows));
    ck_assert_uint_eq(fields_named(x, "protocol"), 0); /* three bytes were promised */
    explain_free(x);
}
END_TEST

/* What follows a message that has ended, and a curve that has no name (RFC 8422 §5.4). */
START_TEST(bodies_that_are_not_what_they_should_be)
{
    static const uint8_t exchange[] = {2, 'k', 'e', 'y'}, explicit_curve[] = {1, 2, 3, 4};
    static const uint8_t finished[40] = {0xAB, [39] = 0xCD};
    struct explain *x = explained(MESSAGE(DTLS_CLIENT_KEY_EXCHANGE, exchange));
    ck_assert_int_eq(explain_fault(x)->err, E_MALFORMED);
    ck_assert_uint_eq(explain_fault(x)->offset, 13 + 12 + 3);
    explain_free(x);
    static const uint8_t chain[] = {0, 0, 3, 0, 0, 1, 0x30};
    x = explained(MESSAGE(DTLS_CERTIFICATE, chain)); /* RFC 5246 §7.4.2: 4 bytes, said to be 3 */
    ck_assert_int_eq(explain_fault(x)->err, E_MALFORMED);
    ck_assert_uint_eq(explained_count(x, "records.0.handshake.certificates"), 1);
    explain_free(x);
    x = explained(MESSAGE(DTLS_SERVER_KEY_EXCHANGE, explicit_curve));
    ck_assert_int_eq(explain_fault(x)->err, OK);
    ck_assert(bytes_is(explained_field(x, "parameters")->value, "4 bytes"));
    explained_absent(x, "records.0.handshake.group");
    explain_free(x);
    x = explained(MESSAGE(DTLS_FINISHED, finished));
    struct bytes value = explained_field(x, "verify data")->value;
    ck_assert_uint_eq(value.len, 64); /* 32 bytes are shown, all are a member */
    ck_assert(bytes_starts(value, "ab00"));
    ck_assert_uint_eq(explained_member(x, "records.0.handshake.verifyData")->text.len, 80);
    explain_free(x);
}
END_TEST

/* Each message, whole by its header but ending early: the fault is a parser's, in the message. */
START_TEST(messages_that_end_early)
{
    static const char *const names[] = {"server-flight", "client-flight"};
    size_t told = 0, types[256] = {0};
    for (size_t n = 0; n < COUNT(names); n++) {
        char path[256];
        snprintf(path, sizeof path, SEEDS "%s", names[n]);
        struct bytes file = suite_file(path);
        struct reader r = reader_of(file);
        for (struct dtls_record record; dtls_record_next(&r, &record);) {
            struct reader body = reader_of(record.body);
            struct dtls_fragment f;
            if (record.type != DTLS_CONTENT_HANDSHAKE || record.epoch) continue;
            if (!dtls_fragment_next(&body, &f) || f.body.len != f.length) continue;
            types[f.type]++;
            for (size_t len = 0; len < f.length; len++) {
                struct bytes cut = message_of(f.type, bytes_slice(f.body, 0, len));
                struct explain *x = explained(cut);
                struct dtls_hello hello;
                enum err err = E_TRUNCATED;
                if (f.type == DTLS_SERVER_HELLO)
                    err = dtls_server_hello_parse(&hello, bytes_slice(f.body, 0, len));
                ck_assert_msg(explain_fault(x)->err == err, "type %u cut at %zu: %s",
                              (unsigned)f.type, len, err_name(explain_fault(x)->err));
                if (err != OK) ck_assert_uint_ge(explain_fault(x)->offset, 13 + 12);
                told++;
                explain_free(x);
            }
        }
        free((void *)(uintptr_t)file.at);
    }
    ck_assert(types[DTLS_SERVER_HELLO] && types[DTLS_CERTIFICATE_VERIFY]);
    ck_assert(types[DTLS_SERVER_KEY_EXCHANGE] && types[DTLS_CERTIFICATE_REQUEST]);
    ck_assert_uint_gt(told, 300);
}
END_TEST

/* The same of what no capture of ours holds. */
START_TEST(a_verify_request_and_a_client_hello_that_end_early)
{
    static const uint8_t verify[] = {0xfe, 0xff, 2, 0xab, 0xcd};
    uint8_t client[64] = {0xfe, 0xfd, [34] = 0, [35] = 0, [36] = 0, 4, 0xC0, 0x2B, 0x0A, 0x0A, 1};
    size_t whole = 44; /* version, random, id, cookie, suites, one method */
    for (size_t len = 0; len <= sizeof verify; len++) {
        struct explain *x =
            explained(message_of(DTLS_HELLO_VERIFY_REQUEST, (struct bytes){verify, len}));
        ck_assert_int_eq(explain_fault(x)->err, len < sizeof verify ? E_TRUNCATED : OK);
        ck_assert_int_eq(explained_member(x, "records.0.handshake.cookie") != NULL,
                         len == sizeof verify);
        explain_free(x);
    }
    for (size_t len = 0; len <= whole; len++) {
        struct dtls_hello hello;
        struct bytes body = {client, len};
        struct explain *x = explained(message_of(DTLS_CLIENT_HELLO, body));
        ck_assert_int_eq(explain_fault(x)->err, dtls_client_hello_parse(&hello, body));
        ck_assert_int_eq(explained_member(x, "records.0.handshake.sessionId") != NULL, len > 34);
        ck_assert_int_eq(explained_member(x, "records.0.handshake.cookie") != NULL, len > 35);
        ck_assert_int_eq(explained_member(x, "records.0.handshake.cipherSuites") != NULL,
                         len >= 42);
        ck_assert_int_eq(explain_fault(x)->err == OK, len == whole);
        explain_free(x);
    }
}
END_TEST

SUITE("dtls explainmessage", alert_levels, application_data_is_shown_in_part,
      a_record_of_another_kind, extensions_of_a_server_hello,
      bodies_that_are_not_what_they_should_be, messages_that_end_early,
      a_verify_request_and_a_client_hello_that_end_early)
