/* Real handshakes of OpenSSL, whose packets and key log are all that the bystander gets. */
#include "dtls/secrets.h"

#include "tests/cryptomem.h"
#include "tests/dtls/foreign.h"
#include "tests/suite.h"

#define DATAGRAMS_MAX 32

/* What went over the wire between two peers of OpenSSL, and the key log's line. */
struct heard {
    struct foreign side[2]; /* client, server */
    struct {
        bool from_client;
        uint8_t at[PACKET_MAX];
        size_t len;
    } datagrams[DATAGRAMS_MAX];
    size_t count;
    uint8_t random[2][DTLS_RANDOM_LEN]; /* client's, server's */
    uint8_t master[DTLS_MASTER_LEN];
    uint16_t suite;
};

static struct heard heard;

/* Gives what one side has to say to the other, and keeps it. */
static bool carry(struct heard *h, int from)
{
    struct packet p;
    bool any = false;
    packet_reset(&p);
    while (dtls_pipe_pop(&h->side[from].pipe, &p)) {
        ck_assert_uint_lt(h->count, DATAGRAMS_MAX);
        h->datagrams[h->count].from_client = from == 0;
        h->datagrams[h->count].len = p.len;
        memcpy(h->datagrams[h->count++].at, p.at, p.len);
        foreign_step(&h->side[1 - from], packet_bytes(&p));
        any = true;
    }
    return any;
}

static void handshake(struct heard *h, const char *suites, bool rsa)
{
    memset(h, 0, sizeof *h);
    for (int i = 0; i < 2; i++) {
        struct foreign_config cfg = {.server = i == 1,
                                     .rsa_bits = rsa ? 2048 : 0,
                                     .suites = suites,
                                     .srtp = "SRTP_AEAD_AES_128_GCM",
                                     .no_request = true};
        foreign_init(&h->side[i], &cfg);
    }
    foreign_step(&h->side[0], (struct bytes){0});
    while (carry(h, 0) || carry(h, 1)) continue;
    ck_assert(h->side[0].done && h->side[1].done);
    SSL *client = h->side[0].ssl;
    SSL_get_client_random(client, h->random[0], DTLS_RANDOM_LEN);
    SSL_get_server_random(client, h->random[1], DTLS_RANDOM_LEN);
    ck_assert_uint_eq(
        SSL_SESSION_get_master_key(SSL_get_session(client), h->master, DTLS_MASTER_LEN),
        DTLS_MASTER_LEN);
    h->suite = SSL_CIPHER_get_protocol_id(SSL_get_current_cipher(client));
}

static void finish(struct heard *h)
{
    for (int i = 0; i < 2; i++) foreign_free(&h->side[i]);
}

static struct dtls_agreed agreed(const struct heard *h)
{
    return (struct dtls_agreed){.version = DTLS_VERSION_1_2,
                                .cipher_suite = h->suite,
                                .client_random = {h->random[0], DTLS_RANDOM_LEN},
                                .server_random = {h->random[1], DTLS_RANDOM_LEN}};
}

/* The i-th record of epoch 1 of all datagrams. */
static bool sealed_record(const struct heard *h, size_t i, struct dtls_record *record,
                          bool *from_client)
{
    for (size_t k = 0; k < h->count; k++) {
        struct reader r = reader_of((struct bytes){h->datagrams[k].at, h->datagrams[k].len});
        *from_client = h->datagrams[k].from_client;
        while (dtls_record_next(&r, record))
            if (record->epoch == 1 && i-- == 0) return true;
    }
    return false;
}

/* Finished of both sides, words from the client, a goodbye from the server. */
static void says_all(struct heard *h, const struct dtls_secrets *s)
{
    uint8_t room[DTLS_RECORD_MAX];
    struct dtls_record record;
    struct bytes plain;
    bool from_client, seen[2] = {false, false};
    size_t i = 0, words = 0, goodbyes = 0;
    ck_assert_int_eq(SSL_write(h->side[0].ssl, "hello", 5), 5);
    dtls_pipe_seal(&h->side[0].pipe);
    carry(h, 0);
    SSL_shutdown(h->side[1].ssl);
    dtls_pipe_seal(&h->side[1].pipe);
    carry(h, 1);
    for (; sealed_record(h, i, &record, &from_client); i++) {
        ck_assert_int_eq(dtls_secrets_open(s, from_client, &record, room, &plain), OK);
        if (record.type == DTLS_CONTENT_HANDSHAKE) {
            struct reader r = reader_of(plain);
            struct dtls_fragment f;
            ck_assert(dtls_fragment_next(&r, &f));
            ck_assert(f.type == DTLS_FINISHED && f.body.len == 12); /* RFC 5246 §7.4.9 */
            seen[from_client] = true;
        }
        words += record.type == DTLS_CONTENT_APPLICATION_DATA && bytes_is(plain, "hello");
        struct dtls_alert alert;
        goodbyes += record.type == DTLS_CONTENT_ALERT && dtls_alert_read(plain, &alert) &&
                    alert.description == 0;
        /* The other side's keys don't open it. */
        ck_assert_int_eq(dtls_secrets_open(s, !from_client, &record, room, &plain), E_AUTH);
        ck_assert_uint_eq(plain.len, 0);
    }
    ck_assert(seen[0] && seen[1] && words == 1 && goodbyes >= 1);
}

static void exports_the_same(const struct heard *h, const struct dtls_secrets *s)
{
    uint8_t ours[60], theirs[60];
    ck_assert_int_eq(dtls_secrets_export(s, "EXTRACTOR-dtls_srtp", ours, sizeof ours), OK);
    ck_assert_int_eq(SSL_export_keying_material(h->side[0].ssl, theirs, sizeof theirs,
                                                "EXTRACTOR-dtls_srtp", 19, NULL, 0, 0),
                     1);
    ck_assert_mem_eq(ours, theirs, sizeof ours);
}

START_TEST(each_suite_opens_with_the_master_secret)
{
    static const struct {
        const char *name;
        uint16_t number;
        bool rsa;
    } suites[] = {{"ECDHE-ECDSA-AES128-GCM-SHA256", 0xC02B, false},
                  {"ECDHE-ECDSA-AES256-GCM-SHA384", 0xC02C, false},
                  {"ECDHE-ECDSA-CHACHA20-POLY1305", 0xCCA9, false},
                  {"ECDHE-RSA-AES128-GCM-SHA256", 0xC02F, true},
                  {"ECDHE-RSA-AES256-GCM-SHA384", 0xC030, true},
                  {"ECDHE-RSA-CHACHA20-POLY1305", 0xCCA8, true},
                  {"AES128-GCM-SHA256", 0x009C, true},
                  {"AES256-GCM-SHA384", 0x009D, true}};
    for (size_t i = 0; i < COUNT(suites); i++) {
        struct dtls_secrets s;
        handshake(&heard, suites[i].name, suites[i].rsa);
        ck_assert_uint_eq(heard.suite, suites[i].number);
        struct dtls_agreed a = agreed(&heard);
        ck_assert_int_eq(dtls_secrets_init(&s, &a, heard.master), OK);
        exports_the_same(&heard, &s);
        says_all(&heard, &s);
        dtls_secrets_wipe(&s);
        finish(&heard);
    }
}
END_TEST

START_TEST(what_we_do_not_decrypt_is_said_so)
{
    struct dtls_secrets s;
    struct bytes plain;
    uint8_t room[DTLS_RECORD_MAX], out[8];
    struct dtls_srtp_keys keys;
    struct dtls_record record;
    bool from_client;
    handshake(&heard, "ECDHE-ECDSA-AES128-SHA", false); /* CBC */
    struct dtls_agreed a = agreed(&heard);
    ck_assert_int_eq(dtls_secrets_init(&s, &a, heard.master), E_UNSUPPORTED);
    ck_assert(sealed_record(&heard, 0, &record, &from_client));
    ck_assert_int_eq(dtls_secrets_open(&s, from_client, &record, room, &plain), E_UNSUPPORTED);
    ck_assert_int_eq(dtls_secrets_export(&s, "label", out, sizeof out), E_UNSUPPORTED);
    ck_assert_int_eq(dtls_secrets_srtp(&s, 7, &keys), E_UNSUPPORTED);
    a.cipher_suite = 0xC02B;
    a.version = DTLS_VERSION_1_3;
    ck_assert_int_eq(dtls_secrets_init(&s, &a, heard.master), E_UNSUPPORTED);
    a.version = DTLS_VERSION_1_2;
    a.server_random.len = 31;
    ck_assert_int_eq(dtls_secrets_init(&s, &a, heard.master), E_MALFORMED);
    a.server_random.len = 32;
    a.client_random.len = 0;
    ck_assert_int_eq(dtls_secrets_init(&s, &a, heard.master), E_MALFORMED);
    finish(&heard);
}
END_TEST

START_TEST(a_wrong_secret_and_each_changed_bit_are_noticed)
{
    uint8_t room[DTLS_RECORD_MAX], copy[256], other[DTLS_MASTER_LEN] = {1};
    struct dtls_secrets s;
    struct dtls_record record;
    struct bytes plain;
    bool from_client;
    handshake(&heard, "ECDHE-ECDSA-AES128-GCM-SHA256", false);
    struct dtls_agreed a = agreed(&heard);
    ck_assert(sealed_record(&heard, 0, &record, &from_client));
    ck_assert_int_eq(dtls_secrets_init(&s, &a, other), OK);
    ck_assert_int_eq(dtls_secrets_open(&s, from_client, &record, room, &plain), E_AUTH);
    ck_assert_int_eq(dtls_secrets_init(&s, &a, heard.master), OK);
    ck_assert_uint_le(record.all.len, sizeof copy);
    /* From the type on: length and version change what a record is at all. */
    for (size_t bit = 0; bit < 8 * record.all.len; bit++) {
        if (bit / 8 == 11 || bit / 8 == 12) continue;
        struct dtls_record changed;
        memcpy(copy, record.all.at, record.all.len);
        copy[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        struct reader r = reader_of((struct bytes){copy, record.all.len});
        if (!dtls_record_next(&r, &changed)) continue;
        enum err err = dtls_secrets_open(&s, from_client, &changed, room, &plain);
        ck_assert(err == E_AUTH || err == E_STATE);
    }
    struct dtls_record cut = record;
    for (; cut.body.len > 0; cut.body.len--) {
        if (cut.body.len == record.body.len) continue;
        ck_assert_int_ne(dtls_secrets_open(&s, from_client, &cut, room, &plain), OK);
    }
    ck_assert_int_eq(dtls_secrets_open(&s, from_client, &cut, room, &plain), E_TRUNCATED);
    cut = record;
    cut.unified = true; /* DTLS 1.3's header: other keys */
    ck_assert_int_eq(dtls_secrets_open(&s, from_client, &cut, room, &plain), E_STATE);
    dtls_secrets_wipe(&s);
    ck_assert_int_eq(dtls_secrets_open(&s, from_client, &record, room, &plain), E_UNSUPPORTED);
    finish(&heard);
}
END_TEST

/* Each allocation of OpenSSL's fails once: an error, or what would have come anyway. */
START_TEST(no_memory_is_no_wrong_secret)
{
    uint8_t room[DTLS_RECORD_MAX], want[60], got[60];
    struct dtls_secrets s;
    struct dtls_record record;
    struct bytes plain;
    bool from_client;
    if (!cryptomem_take()) return;
    handshake(&heard, "ECDHE-ECDSA-AES128-GCM-SHA256", false);
    struct dtls_agreed a = agreed(&heard);
    ck_assert(sealed_record(&heard, 0, &record, &from_client));
    ck_assert_int_eq(dtls_secrets_init(&s, &a, heard.master), OK);
    ck_assert_int_eq(dtls_secrets_open(&s, from_client, &record, room, &plain), OK);
    ck_assert_int_eq(dtls_secrets_export(&s, "label", want, sizeof want), OK);
    const struct dtls_secrets good = s;
    enum { MAKE, OPEN, EXPORT, STEPS };
    for (int step = 0; step < STEPS; step++) {
        size_t refused = 0;
        for (size_t i = 0;; i++) {
            enum err err;
            s = good;
            cryptomem_fail_at(i);
            if (step == MAKE)
                err = dtls_secrets_init(&s, &a, heard.master);
            else if (step == OPEN)
                err = dtls_secrets_open(&s, from_client, &record, room, &plain);
            else
                err = dtls_secrets_export(&s, "label", got, sizeof got);
            bool reached = cryptomem.count > i;
            cryptomem_fail_at(SIZE_MAX);
            refused += err != OK;
            if (err == OK && step == MAKE) ck_assert_mem_eq(&s, &good, sizeof s);
            if (err == OK && step == EXPORT) ck_assert_mem_eq(got, want, sizeof want);
            if (err != OK && step == MAKE) {
                ck_assert_int_eq(err, E_NOMEM);
                ck_assert_int_eq(dtls_secrets_export(&s, "label", got, 8), E_UNSUPPORTED);
            }
            if (step == OPEN) ck_assert_int_eq(plain.len > 0, err == OK);
            if (!reached) break;
        }
        ck_assert_uint_gt(refused, 0);
    }
    finish(&heard);
}
END_TEST

/* RFC 5764 §4.2, each profile; the short tag has the keys of the long one. */
START_TEST(srtp_keys_are_the_exporters)
{
    static const struct {
        uint16_t profile;
        size_t key, salt;
    } all[] = {{1, 16, 14}, {2, 16, 14}, {7, 16, 12}, {8, 32, 12}};
    struct dtls_secrets s;
    handshake(&heard, "ECDHE-ECDSA-AES256-GCM-SHA384", false);
    struct dtls_agreed a = agreed(&heard);
    ck_assert_int_eq(dtls_secrets_init(&s, &a, heard.master), OK);
    for (size_t i = 0; i < COUNT(all); i++) {
        struct dtls_srtp_keys k;
        uint8_t want[DTLS_SRTP_EXPORT_MAX];
        size_t len = 2 * (all[i].key + all[i].salt);
        SSL_export_keying_material(heard.side[1].ssl, want, len, "EXTRACTOR-dtls_srtp", 19, NULL, 0,
                                   0);
        ck_assert_int_eq(dtls_secrets_srtp(&s, all[i].profile, &k), OK);
        ck_assert_uint_eq(k.key_len, all[i].key);
        ck_assert_uint_eq(k.salt_len, all[i].salt);
        ck_assert_mem_eq(k.local.key, want, k.key_len); /* the client's */
        ck_assert_mem_eq(k.remote.key, want + k.key_len, k.key_len);
        ck_assert_mem_eq(k.local.salt, want + 2 * k.key_len, k.salt_len);
        ck_assert_mem_eq(k.remote.salt, want + 2 * k.key_len + k.salt_len, k.salt_len);
        dtls_srtp_keys_wipe(&k);
    }
    struct dtls_srtp_keys none;
    ck_assert_int_eq(dtls_secrets_srtp(&s, 5, &none), E_UNSUPPORTED);
    finish(&heard);
}
END_TEST

SUITE("dtls secrets", each_suite_opens_with_the_master_secret, what_we_do_not_decrypt_is_said_so,
      a_wrong_secret_and_each_changed_bit_are_noticed, no_memory_is_no_wrong_secret,
      srtp_keys_are_the_exporters)
