#include "dtls/explain.h"

#include "dtls/codepoints.h"
#include "dtls/internal.h"
#include "dtls/record.h"
#include "tests/dtls/pair.h"
#include "tests/explained.h"

#define SEEDS "fuzz/corpus/dtls_explain/"

static struct explain *explained(struct bytes message)
{
    struct explain *x = explain_new("dtls", message);
    dtls_explain(x, message, NULL);
    explained_is_sound(x);
    return x;
}

static struct explain *sample(const char *name, struct bytes *file)
{
    char path[256];
    snprintf(path, sizeof path, SEEDS "%s", name);
    *file = suite_file(path);
    return explained(*file);
}

static void done(struct explain *x, struct bytes file)
{
    explain_free(x);
    free((void *)(uintptr_t)file.at);
}

/* The first of the two datagrams that Chromium's ClientHello needs. */
START_TEST(the_beginning_of_a_client_hello)
{
    struct bytes file;
    struct explain *x = sample("client-hello-first-part", &file);
    ck_assert_int_eq(explain_fault(x)->err, OK);
    ck_assert_uint_eq(explained_count(x, "records"), 1);
    explained_text(x, "records.0.contentType", "handshake");
    explained_text(x, "records.0.version", "DTLS 1.0");
    explained_number(x, "records.0.epoch", 0);
    explained_number(x, "records.0.sequence", 0);
    explained_text(x, "records.0.handshake.type", "client_hello");
    explained_number(x, "records.0.handshake.messageSeq", 0);
    explained_number(x, "records.0.handshake.fragmentOffset", 0);
    explained_number(x, "records.0.handshake.fragmentLength", 1175);
    explained_number(x, "records.0.handshake.length", 1413);
    explained_text(x, "records.0.handshake.version", "DTLS 1.2");
    explained_text(x, "records.0.handshake.sessionId", "");
    explained_text(x, "records.0.handshake.cookie", "");
    explained_text(x, "records.0.handshake.cipherSuites.0", "TLS_AES_128_GCM_SHA256");
    explained_text(x, "records.0.handshake.cipherSuites.3",
                   "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
    ck_assert_uint_eq(explained_count(x, "records.0.handshake.cipherSuites"), 14);
    ck_assert(explained_summary_has(x, "client_hello (bytes 0 to 1175 of 1413)"));
    done(x, file);
    x = sample("client-hello-second-part", &file);
    ck_assert_int_eq(explain_fault(x)->err, OK);
    explained_number(x, "records.0.handshake.fragmentOffset", 1175);
    explained_absent(x, "records.0.handshake.cipherSuites");
    done(x, file);
}
END_TEST

/* Both parts in one datagram: put together. */
START_TEST(fragments_within_a_datagram)
{
    struct bytes a = suite_file(SEEDS "client-hello-first-part");
    struct bytes b = suite_file(SEEDS "client-hello-second-part");
    uint8_t *both = malloc(a.len + b.len);
    memcpy(both, a.at, a.len);
    memcpy(both + a.len, b.at, b.len);
    struct explain *x = explained((struct bytes){both, a.len + b.len});
    ck_assert_int_eq(explain_fault(x)->err, OK);
    ck_assert_uint_eq(explained_count(x, "records"), 2);
    explained_text(x, "records.1.handshake.type", "client_hello");
    explained_text(x, "records.1.handshake.cipherSuites.0", "TLS_AES_128_GCM_SHA256");
    explained_text(x, "records.1.handshake.groups.0", "X25519MLKEM768");
    explained_text(x, "records.1.handshake.versions.0", "DTLS 1.3");
    ck_assert_uint_eq(explained_count(x, "records.1.handshake.srtpProfiles"), 3);
    ck_assert_uint_gt(explained_count(x, "records.1.handshake.extensions"), 5);
    explain_free(x);
    /* The end before the beginning: then nothing is put together, and nothing goes wrong. */
    memcpy(both, b.at, b.len);
    memcpy(both + b.len, a.at, a.len);
    x = explained((struct bytes){both, a.len + b.len});
    ck_assert_int_eq(explain_fault(x)->err, OK);
    explained_absent(x, "records.0.handshake.cipherSuites");
    explain_free(x);
    free(both);
    free((void *)(uintptr_t)a.at);
    free((void *)(uintptr_t)b.at);
}
END_TEST

/* What a server answers with, DTLS 1.2. */
START_TEST(a_server_flight)
{
    struct bytes file;
    struct explain *x = sample("server-flight", &file);
    ck_assert_int_eq(explain_fault(x)->err, OK);
    ck_assert_uint_eq(explained_count(x, "records"), 5);
    explained_text(x, "records.0.handshake.type", "server_hello");
    explained_text(x, "records.0.handshake.cipherSuites.0",
                   "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
    ck_assert_uint_eq(explained_count(x, "records.0.handshake.cipherSuites"), 1);
    explained_text(x, "records.0.handshake.srtpProfiles.0", "SRTP_AEAD_AES_128_GCM");
    explained_text(x, "records.0.handshake.extensions.0", "renegotiation_info");
    explained_text(x, "records.1.handshake.type", "certificate");
    explained_text(x, "records.1.handshake.certificates.0.fingerprint.hash", "sha-256");
    explained_text(x, "records.1.handshake.certificates.0.fingerprint.value",
                   "FC:EE:B4:B8:3A:C3:F9:03:99:9F:2F:67:0F:6D:35:E0:9E:AB:6E:38:94:5C:D4:46:3E:70:"
                   "DD:9D:C7:E9:BA:42");
    explained_text(x, "records.2.handshake.type", "server_key_exchange");
    explained_text(x, "records.2.handshake.group", "x25519");
    explained_text(x, "records.3.handshake.type", "certificate_request");
    explained_text(x, "records.3.handshake.signatureAlgorithms.0", "ecdsa_secp256r1_sha256");
    explained_text(x, "records.4.handshake.type", "server_hello_done");
    done(x, file);
}
END_TEST

START_TEST(a_client_flight)
{
    struct bytes file;
    struct explain *x = sample("client-flight", &file);
    ck_assert_int_eq(explain_fault(x)->err, OK);
    explained_text(x, "records.1.handshake.type", "client_key_exchange");
    explained_text(x, "records.2.handshake.type", "certificate_verify");
    explained_text(x, "records.3.contentType", "change_cipher_spec");
    explained_number(x, "records.4.epoch", 1);
    explained_bool(x, "records.4.encrypted", true);
    explained_absent(x, "records.4.handshake");
    ck_assert(explained_summary_has(x, "change_cipher_spec; encrypted handshake, 48 bytes"));
    done(x, file);
}
END_TEST

START_TEST(records_of_dtls_1_3)
{
    static const uint8_t wire[] = {0x2E, 1, 2, 0, 3, 9, 9, 9, 0x22, 7, 8, 8};
    struct explain *x = explained((struct bytes){wire, sizeof wire});
    ck_assert_int_eq(explain_fault(x)->err, OK);
    explained_text(x, "records.0.contentType", "ciphertext");
    explained_text(x, "records.0.version", "DTLS 1.3");
    explained_number(x, "records.0.epoch", 2);
    explained_number(x, "records.0.length", 3);
    explained_number(x, "records.1.length", 2); /* to the datagram's end */
    explained_absent(x, "records.0.sequence");
    explain_free(x);
}
END_TEST

/* RFC 8446 §4.1.4: a ServerHello with one certain random, whose key_share is a group alone. */
START_TEST(a_hello_retry_request)
{
    static const uint8_t random[32] = {0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11,
                                       0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91,
                                       0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E,
                                       0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C};
    static const uint8_t head[] = {22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0,  0,    64,  2,
                                   0,  0,    52,   0, 0, 0, 0, 0, 0, 0, 52, 0xfe, 0xfd};
    static const uint8_t tail[] = {0, 0x13, 0x01, 0, 0,  12, 0, 43, 0,
                                   2, 0xfe, 0xfc, 0, 51, 0,  2, 0,  29};
    uint8_t wire[sizeof head + sizeof random + sizeof tail];
    memcpy(wire, head, sizeof head);
    memcpy(wire + sizeof head, random, sizeof random);
    memcpy(wire + sizeof head + sizeof random, tail, sizeof tail);
    struct explain *x = explained((struct bytes){wire, sizeof wire});
    ck_assert_int_eq(explain_fault(x)->err, OK);
    explained_bool(x, "records.0.handshake.helloRetryRequest", true);
    explained_text(x, "records.0.handshake.versions.0", "DTLS 1.3");
    ck_assert(bytes_is(explained_field(x, "group")->value, "x25519 (0x001d)"));
    explain_free(x);
}
END_TEST

START_TEST(alerts_and_verify_requests)
{
    static const uint8_t fatal[] = {21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 40};
    struct explain *x = explained((struct bytes){fatal, sizeof fatal});
    explained_text(x, "records.0.alert.level", "fatal");
    explained_text(x, "records.0.alert.name", "handshake_failure");
    ck_assert(explained_summary_has(x, "alert: fatal handshake_failure"));
    explain_free(x);
    static const uint8_t verify[] = {22, 0xfe, 0xff, 0, 0, 0,    0,    0, 0,    0,
                                     0,  0,    17,   3, 0, 0,    5,    0, 0,    0,
                                     0,  0,    0,    0, 5, 0xfe, 0xff, 2, 0xab, 0xcd};
    x = explained((struct bytes){verify, sizeof verify});
    ck_assert_int_eq(explain_fault(x)->err, OK);
    explained_text(x, "records.0.handshake.type", "hello_verify_request");
    explained_text(x, "records.0.handshake.cookie", "abcd");
    explain_free(x);
}
END_TEST

/* RFC 5246 lets a record carry several messages. */
START_TEST(messages_in_one_record)
{
    static const uint8_t wire[] = {22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 24, 14, 0, 0, 0, 0, 4,
                                   0,  0,    0,    0, 0, 0, 0, 0, 0, 0, 0, 5, 0,  0,  0, 0, 0, 0};
    struct explain *x = explained((struct bytes){wire, sizeof wire});
    ck_assert_int_eq(explain_fault(x)->err, OK);
    explained_text(x, "records.0.handshake.type", "server_hello_done");
    explained_text(x, "records.0.furtherHandshakes.0.type", "hello_request");
    explain_free(x);
}
END_TEST

START_TEST(what_breaks_a_rule_says_where)
{
    struct bytes file;
    struct explain *x = sample("server-flight", &file);
    uint8_t *copy = malloc(file.len);
    memcpy(copy, file.at, file.len);
    copy[0x5f + 1] = 0x19; /* the extensions are said to be a byte longer */
    struct explain *broken = explained((struct bytes){copy, file.len});
    ck_assert_int_ne(explain_fault(broken)->err, OK);
    ck_assert_uint_ge(explain_fault(broken)->offset, 0x5f);
    ck_assert_uint_le(explain_fault(broken)->offset, 0x79);
    explain_free(broken);
    free(copy);
    done(x, file);
    x = explained((struct bytes){NULL, 0});
    ck_assert_int_eq(explain_fault(x)->err, E_TRUNCATED);
    explain_free(x);
    x = explained(bytes_of("not dtls at all"));
    ck_assert_int_eq(explain_fault(x)->err, E_MALFORMED);
    ck_assert_uint_eq(explain_member_count(x), 2);
    explain_free(x);
}
END_TEST

START_TEST(prefixes_and_flipped_bits)
{
    static const char *const names[] = {"client-hello-first-part", "server-flight",
                                        "client-flight"};
    for (size_t n = 0; n < COUNT(names); n++) {
        struct bytes file;
        struct explain *x = sample(names[n], &file);
        /* Each of the first record, then some. */
        for (size_t len = 0; len < file.len; len += len < 150 ? 1 : 29) {
            struct explain *part = explained(bytes_slice(file, 0, len));
            ck_assert(explain_fault(part)->err == E_TRUNCATED || len > 13);
            explain_free(part);
        }
        uint8_t *copy = malloc(file.len);
        for (size_t at = 0; at < file.len; at += at < 150 ? 1 : 19) {
            memcpy(copy, file.at, file.len);
            copy[at] ^= (uint8_t)(1 << at % 8);
            explain_free(explained((struct bytes){copy, file.len}));
        }
        free(copy);
        done(x, file);
    }
}
END_TEST

START_TEST(names_of_code_points)
{
    const char *spec = NULL;
    ck_assert_str_eq(dtls_cipher_suite_name(0xC02B), "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
    ck_assert_ptr_null(dtls_cipher_suite_name(0x0A0A));
    ck_assert_str_eq(dtls_group_name(29), "x25519");
    ck_assert_str_eq(dtls_srtp_code_name(1), "SRTP_AES128_CM_HMAC_SHA1_80");
    ck_assert_str_eq(dtls_signature_name(0x0403), "ecdsa_secp256r1_sha256");
    ck_assert_str_eq(dtls_extension_name(14, &spec), "use_srtp");
    ck_assert_str_eq(spec, "RFC 5764 4.1.1");
    ck_assert_ptr_null(dtls_extension_name(0x1234, &spec));
    ck_assert(dtls_is_grease(0x0A0A) && dtls_is_grease(0xFAFA));
    ck_assert(!dtls_is_grease(0x0A1A) && !dtls_is_grease(0x1301));
}
END_TEST

/* ---- A handshake as a bystander hears it, with its key log ---- */

#define HEARD_MAX 16

static struct {
    struct {
        int from;
        struct packet packet;
    } said[HEARD_MAX];
    size_t count;
    struct dtls_secrets secrets;
} heard;

static void hear(struct pair *pair, int from, const struct packet *packet)
{
    ck_assert_uint_lt(heard.count, HEARD_MAX);
    heard.said[heard.count].from = from;
    packet_copy(&heard.said[heard.count++].packet, packet);
    pair_send(pair, from, packet);
}

static uint8_t digit_of(char c)
{
    return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static void read_digits(const char *text, uint8_t *to, size_t len)
{
    for (size_t i = 0; i < len; i++)
        to[i] = (uint8_t)(digit_of(text[2 * i]) << 4 | digit_of(text[2 * i + 1]));
}

/* Two of ours; the server's goodbye at the end. */
static void hear_handshake(void)
{
    static struct pair pair;
    char line[DTLS_KEYLOG_MAX];
    uint8_t master[DTLS_MASTER_LEN], randoms[2][DTLS_RANDOM_LEN];
    heard.count = 0;
    pair_init(&pair, MS(1), 0);
    pair.send = hear;
    dtls_keylog_ask(pair.side[PAIR_CLIENT]);
    pair_introduce(&pair, DTLS_SHA256);
    pair_start(&pair);
    pair_run(&pair, SEC(5));
    ck_assert(dtls_keylog_take(pair.side[PAIR_CLIENT], line));
    dtls_close(pair.side[PAIR_SERVER], pair.now);
    pair_run(&pair, SEC(6));
    read_digits(line + 14, randoms[0], DTLS_RANDOM_LEN);
    read_digits(line + 14 + 65, master, DTLS_MASTER_LEN);
    SSL_get_server_random(pair.side[PAIR_CLIENT]->ssl, randoms[1], DTLS_RANDOM_LEN);
    SSL *ssl = pair.side[PAIR_CLIENT]->ssl;
    const struct dtls_agreed agreed = {.version = DTLS_VERSION_1_2,
                                       .cipher_suite =
                                           SSL_CIPHER_get_protocol_id(SSL_get_current_cipher(ssl)),
                                       .client_random = {randoms[0], DTLS_RANDOM_LEN},
                                       .server_random = {randoms[1], DTLS_RANDOM_LEN}};
    ck_assert_int_eq(dtls_secrets_init(&heard.secrets, &agreed, master), OK);
    pair_free(&pair);
}

static struct explain *explain_heard(size_t i, const struct dtls_explain_options *with)
{
    struct dtls_explain_options options = *with;
    struct bytes message = packet_bytes(&heard.said[i].packet);
    struct explain *x = explain_new("dtls", message);
    options.from_client = heard.said[i].from == PAIR_CLIENT;
    dtls_explain(x, message, &options);
    explained_is_sound(x);
    ck_assert_int_eq(explain_fault(x)->err, OK);
    return x;
}

START_TEST(encrypted_records_are_shown_with_what_is_inside)
{
    size_t finished = 0, goodbyes = 0;
    hear_handshake();
    const struct dtls_explain_options with = {.secrets = &heard.secrets, .sealed = "never said"};
    for (size_t i = 0; i < heard.count; i++) {
        struct explain *x = explain_heard(i, &with);
        finished += explained_summary_has(x, "finished (decrypted)");
        goodbyes += explained_summary_has(x, "alert: warning close_notify (decrypted)");
        ck_assert(!explained_summary_has(x, "encrypted "));
        if (goodbyes && explained_summary_has(x, "alert")) {
            explained_bool(x, "records.0.encrypted", true);
            explained_bool(x, "records.0.decrypted", true);
            explained_text(x, "records.0.alert.name", "close_notify");
            ck_assert_uint_eq(explained_field(x, "alert level")->raw.len, 0); /* derived */
        }
        explain_free(x);
    }
    ck_assert_uint_eq(finished, 2);
    ck_assert_uint_eq(goodbyes, 2); /* RFC 5246 §7.2.1: it is answered */
}
END_TEST

START_TEST(why_a_record_stays_closed_is_said)
{
    hear_handshake();
    size_t last = heard.count - 1; /* the goodbye of the client */
    struct dtls_secrets wrong = heard.secrets;
    wrong.client.key[0] ^= 1;
    const struct dtls_explain_options with[] = {
        {.sealed = "nobody knows"},
        {.secrets = &wrong, .sealed = "nobody knows"},
    };
    for (size_t i = 0; i < COUNT(with); i++) {
        struct explain *x = explain_heard(last, &with[i]);
        explained_bool(x, "records.0.encrypted", true);
        explained_absent(x, "records.0.decrypted");
        explained_absent(x, "records.0.alert");
        struct bytes said = explained_field(x, "ciphertext")->meaning;
        ck_assert(bytes_starts(said, "encrypted: "));
        ck_assert(said.len > 12 && bytes_is(bytes_slice(said, said.len - 12, 12), "nobody knows"));
        explain_free(x);
    }
}
END_TEST

/* RFC 9147 §4: under other keys, of which nothing is said here. And a datagram of two sealed
 * records, which opens as each alone does. */
START_TEST(records_behind_each_other)
{
    static const uint8_t unified[] = {0x2E, 1, 2, 0, 3, 9, 9, 9};
    hear_handshake();
    struct dtls_explain_options with = {.secrets = &heard.secrets, .sealed = "never said"};
    struct bytes goodbye = packet_bytes(&heard.said[heard.count - 1].packet);
    uint8_t *both = malloc(2 * goodbye.len + sizeof unified);
    memcpy(both, goodbye.at, goodbye.len);
    memcpy(both + goodbye.len, goodbye.at, goodbye.len);
    memcpy(both + 2 * goodbye.len, unified, sizeof unified);
    struct bytes message = {both, 2 * goodbye.len + sizeof unified};
    struct explain *x = explain_new("dtls", message);
    with.from_client = heard.said[heard.count - 1].from == PAIR_CLIENT;
    dtls_explain(x, message, &with);
    explained_is_sound(x);
    explained_text(x, "records.0.alert.name", "close_notify");
    explained_text(x, "records.1.alert.name", "close_notify");
    explained_bool(x, "records.2.encrypted", true);
    explained_absent(x, "records.2.decrypted");
    const struct explain_field *last = NULL;
    for (size_t i = 0; i < explain_field_count(x); i++)
        if (bytes_is(explain_field_at(x, i)->name, "ciphertext")) last = explain_field_at(x, i);
    ck_assert_ptr_nonnull(last);
    ck_assert(
        bytes_is(last->meaning, "encrypted: to be read with the secrets of the connection alone"));
    explain_free(x);
    free(both);
}
END_TEST

/* The two datagrams of Chromium's ClientHello, in either order, with all that is known of them. */
START_TEST(parts_of_other_datagrams_are_put_together)
{
    static const char *const names[] = {SEEDS "client-hello-first-part",
                                        SEEDS "client-hello-second-part"};
    for (int order = 0; order < 2; order++) {
        struct dtls_explain_options o = {.parts = dtls_reassembly_new(),
                                         .from = addr_ipv4(192, 0, 2, 1, 1),
                                         .to = addr_ipv4(192, 0, 2, 2, 2)};
        for (int i = 0; i < 3; i++) { /* the third time: sent again */
            struct bytes file = suite_file(names[(i + order) % 2]);
            struct explain *x = explain_new("dtls", file);
            dtls_explain(x, file, &o);
            explained_is_sound(x);
            ck_assert_int_eq(explain_fault(x)->err, OK);
            bool first_part = (i + order) % 2 == 0;
            if (i == 1 || (i == 2 && !first_part)) {
                explained_bool(x, "records.0.handshake.assembled", true);
                explained_text(x, "records.0.handshake.versions.0", "DTLS 1.3");
                ck_assert(explained_summary_has(x, "of 1413, all there)"));
            } else {
                explained_absent(x, "records.0.handshake.assembled");
            }
            ck_assert_int_eq(explained_summary_has(x, ", again)"), i == 2 && first_part);
            done(x, file);
        }
        dtls_reassembly_free(o.parts);
    }
}
END_TEST

SUITE("dtls explain", the_beginning_of_a_client_hello, fragments_within_a_datagram, a_server_flight,
      a_client_flight, records_of_dtls_1_3, a_hello_retry_request, alerts_and_verify_requests,
      messages_in_one_record, what_breaks_a_rule_says_where, prefixes_and_flipped_bits,
      names_of_code_points, encrypted_records_are_shown_with_what_is_inside,
      why_a_record_stays_closed_is_said, records_behind_each_other,
      parts_of_other_datagrams_are_put_together)
