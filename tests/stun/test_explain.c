#include "stun/explain.h"

#include "stun/attribute.h"
#include "stun/integrity.h"
#include "tests/explained.h"

#define PASSWORD "VOkJxbRl1RmTxUk/WvJxBt" /* RFC 5769 §2.1 */
#define VECTORS  "fuzz/corpus/stun_message/"

static const uint8_t id[STUN_ID_LEN] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

static struct explain *explained(struct bytes message, const struct stun_explain_options *options)
{
    struct explain *x = explain_new("stun", message);
    stun_explain(x, message, options);
    explained_is_sound(x);
    return x;
}

static struct explain *sample(const char *name, struct bytes *file,
                              const struct stun_explain_options *options)
{
    char path[256];
    snprintf(path, sizeof path, VECTORS "%s", name);
    *file = suite_file(path);
    return explained(*file, options);
}

static void done(struct explain *x, struct bytes file)
{
    explain_free(x);
    free((void *)(uintptr_t)file.at);
}

START_TEST(rfc5769_request) /* §2.1 */
{
    const struct stun_explain_options with = {.password = bytes_of(PASSWORD)};
    struct bytes file;
    struct explain *x = sample("rfc5769-2-1-request", &file, &with);
    ck_assert_int_eq(explain_fault(x)->err, OK);
    explained_text(x, "class", "request");
    explained_text(x, "method", "Binding");
    explained_text(x, "transactionId", "b7e7a701bc34d686fa87dfae");
    explained_text(x, "software", "STUN test client");
    explained_text(x, "username", "evtj:h6vY");
    explained_number(x, "priority", 0x6e0001ff);
    explained_text(x, "iceControlled", "932ff9b151263b36");
    explained_text(x, "integrity", "ok");
    explained_text(x, "integritySha256", "absent");
    explained_text(x, "fingerprint", "ok");
    explained_absent(x, "iceControlling");
    explained_absent(x, "useCandidate");
    explained_absent(x, "unknownRequired");
    ck_assert_uint_eq(explained_count(x, "attributes"), 6);
    explained_text(x, "attributes.0", "SOFTWARE");
    explained_text(x, "attributes.5", "FINGERPRINT");
    const struct explain_field *f = explained_field(x, "type");
    ck_assert(f->offset == 0 && f->raw.len == 2 && bytes_is(f->value, "Binding Request"));
    ck_assert_str_eq(f->spec, "RFC 8489 5");
    f = explained_field(x, "USERNAME"); /* with header and padding: every byte has its field */
    ck_assert(f->offset == 60 && f->raw.len == 16 && bytes_is(f->value, "evtj:h6vY"));
    ck_assert(explained_summary_has(x, "Binding request, USERNAME evtj:h6vY, an ICE check by the "
                                       "controlled agent"));
    ck_assert(explained_summary_has(x, "integrity ok"));
    done(x, file);
}
END_TEST

START_TEST(rfc5769_responses) /* §2.2, §2.3 */
{
    struct bytes file;
    struct explain *x = sample("rfc5769-2-2-ipv4", &file, NULL);
    explained_text(x, "class", "success");
    explained_text(x, "xorMappedAddress", "192.0.2.1:32853");
    explained_text(x, "integrity", "unchecked");
    explained_text(x, "fingerprint", "ok");
    ck_assert(bytes_is(explained_field(x, "X-Address")->value, "192.0.2.1"));
    ck_assert(bytes_is(explained_field(x, "X-Port")->value, "32853"));
    done(x, file);
    const struct stun_explain_options wrong = {.password = bytes_of("wrong")};
    x = sample("rfc5769-2-3-ipv6", &file, &wrong);
    explained_text(x, "xorMappedAddress", "[2001:db8:1234:5678:11:2233:4455:6677]:32853");
    explained_text(x, "integrity", "bad");
    ck_assert(explained_field(x, "MESSAGE-INTEGRITY")->broken);
    done(x, file);
}
END_TEST

START_TEST(rfc5769_long_term) /* §2.4 */
{
    struct stun_explain_options with = {
        .username = bytes_of("\xe3\x83\x9e\xe3\x83\x88\xe3\x83\xaa\xe3\x83\x83\xe3\x82\xaf"
                             "\xe3\x82\xb9"),
        .realm = bytes_of("example.org"),
        .password = bytes_of("TheMatrIX"),
    };
    struct bytes file;
    struct explain *x = sample("rfc5769-2-4-long-term", &file, &with);
    explained_text(x, "integrity", "ok");
    explained_text(x, "fingerprint", "absent");
    explained_text(x, "realm", "example.org");
    explained_text(x, "nonce", "f//499k954d6OL34oL9FSTvy64sA");
    done(x, file);
    with.realm = (struct bytes){NULL, 0}; /* then the message's own */
    x = sample("rfc5769-2-4-long-term", &file, &with);
    explained_text(x, "integrity", "ok");
    done(x, file);
    with.realm = bytes_of("example.net");
    x = sample("rfc5769-2-4-long-term", &file, &with);
    explained_text(x, "integrity", "bad");
    done(x, file);
}
END_TEST

/* RFC 8489 §9.2.2, §18.5.1: PASSWORD-ALGORITHM 2 makes the key with SHA-256. */
START_TEST(long_term_by_sha256)
{
    static const uint8_t chosen[] = {0, 2, 0, 0};
    uint8_t room[512], hashed[SHA256_LEN];
    struct stun_key key;
    digest_sha256(bytes_of("user:realm:pass"), hashed);
    stun_key_short_term(&key, (struct bytes){hashed, sizeof hashed});
    struct writer w = writer_of(room, sizeof room);
    stun_begin(&w, STUN_ALLOCATE, (struct bytes){id, sizeof id});
    stun_put_text(&w, STUN_USERNAME, "user");
    stun_put(&w, STUN_PASSWORD_ALGORITHM, (struct bytes){chosen, sizeof chosen});
    stun_put_u8(&w, STUN_REQUESTED_TRANSPORT, 17);
    stun_put_u32(&w, STUN_LIFETIME, 600);
    stun_put_integrity_sha256(&w, &key);
    struct stun_explain_options with = {bytes_of("user"), bytes_of("realm"), bytes_of("pass")};
    struct explain *x = explained(writer_done(&w), &with);
    explained_text(x, "method", "Allocate");
    explained_text(x, "integritySha256", "ok");
    explained_text(x, "integrity", "absent");
    explained_number(x, "requestedTransport", 17);
    explained_number(x, "lifetime", 600);
    ck_assert(bytes_is(explained_field(x, "algorithm")->value, "SHA-256 (2)"));
    explain_free(x);
    with.password = bytes_of("past");
    x = explained(writer_done(&w), &with);
    explained_text(x, "integritySha256", "bad");
    explain_free(x);
}
END_TEST

START_TEST(errors_unknown_types_and_roles)
{
    static const uint16_t types[] = {STUN_PRIORITY, 0x7ffe};
    uint8_t room[512];
    struct writer w = writer_of(room, sizeof room);
    stun_begin(&w, STUN_BINDING | STUN_ERROR, (struct bytes){id, sizeof id});
    stun_put_error(&w, 487);
    stun_put_unknown(&w, types, COUNT(types));
    stun_put(&w, 0xc057, bytes_of("abcd"));
    stun_put(&w, 0x7fff, bytes_of("a"));
    struct explain *x = explained(writer_done(&w), NULL);
    explained_text(x, "class", "error");
    explained_number(x, "errorCode", 487);
    explained_text(x, "errorReason", "Role Conflict");
    explained_number(x, "unknownAttributes.0", STUN_PRIORITY);
    explained_number(x, "unknownAttributes.1", 0x7ffe);
    explained_number(x, "unknownRequired.0", 0x7fff);
    ck_assert_uint_eq(explained_count(x, "unknownRequired"), 1);
    explained_text(x, "attributes.2", "0xc057");
    ck_assert_uint_eq(explained_field(x, "attribute 0x7fff")->raw.len, 8);
    ck_assert(explained_summary_has(x, "role conflict"));
    explain_free(x);
}
END_TEST

START_TEST(turn_and_nomination)
{
    uint8_t room[512];
    struct addr peer = addr_ipv4(192, 0, 2, 7, 9);
    struct writer w = writer_of(room, sizeof room);
    stun_begin(&w, STUN_SEND | STUN_INDICATION, (struct bytes){id, sizeof id});
    stun_put_addr(&w, STUN_XOR_PEER_ADDRESS, &peer);
    stun_put_u16(&w, STUN_CHANNEL_NUMBER, 0x4001);
    stun_put(&w, STUN_DATA_ATTR, bytes_of("hello"));
    struct explain *x = explained(writer_done(&w), NULL);
    explained_text(x, "class", "indication");
    explained_text(x, "xorPeerAddress", "192.0.2.7:9");
    explained_number(x, "channelNumber", 0x4001);
    explained_number(x, "dataLength", 5);
    explain_free(x);
    w = writer_of(room, sizeof room);
    stun_begin(&w, STUN_BINDING, (struct bytes){id, sizeof id});
    stun_put_u64(&w, STUN_ICE_CONTROLLING, 7);
    stun_put_flag(&w, STUN_USE_CANDIDATE);
    x = explained(writer_done(&w), NULL);
    explained_bool(x, "useCandidate", true);
    explained_text(x, "iceControlling", "0000000000000007");
    ck_assert(explained_summary_has(x, "controlling agent, which nominates the pair"));
    explain_free(x);
}
END_TEST

/* What comes behind the integrity is shown, and shown to count for nothing (RFC 8489 §14.5). */
START_TEST(after_the_integrity)
{
    struct stun_key key;
    uint8_t room[512];
    stun_key_short_term(&key, bytes_of("p"));
    struct writer w = writer_of(room, sizeof room);
    stun_begin(&w, STUN_BINDING, (struct bytes){id, sizeof id});
    stun_put_integrity(&w, &key);
    stun_put_text(&w, STUN_USERNAME, "late");
    stun_put_text(&w, STUN_PRIORITY, "as text");
    struct explain *x = explained(writer_done(&w), NULL);
    ck_assert_int_eq(explain_fault(x)->err, OK);
    explained_absent(x, "username");
    ck_assert(bytes_is(explained_field(x, "USERNAME")->value, "late"));
    ck_assert(explained_field(x, "PRIORITY")->broken);
    explain_free(x);
}
END_TEST

START_TEST(prefixes_and_flipped_bits)
{
    const struct stun_explain_options with = {.password = bytes_of(PASSWORD)};
    struct bytes file;
    struct explain *x = sample("rfc5769-2-1-request", &file, &with);
    for (size_t len = 0; len < file.len; len++) {
        struct explain *part = explained(bytes_slice(file, 0, len), &with);
        ck_assert_int_eq(explain_fault(part)->err, E_TRUNCATED);
        explain_free(part);
    }
    uint8_t copy[128];
    ck_assert_uint_le(file.len, sizeof copy);
    for (size_t bit = 0; bit < 8 * file.len; bit++) {
        memcpy(copy, file.at, file.len);
        copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
        struct bytes message = {copy, file.len};
        struct stun_msg m;
        struct explain *flipped = explained(message, &with);
        enum err err = stun_parse(&m, message);
        ck_assert_int_eq(explain_fault(flipped)->err, err);
        if (err == OK) {
            /* The fingerprint's own attribute may have lost its name; else it does not match. */
            const struct explain_member *sum = explained_member(flipped, "fingerprint");
            ck_assert(!bytes_is(sum->text, "ok"));
        }
        explain_free(flipped);
    }
    done(x, file);
}
END_TEST

/* As the contract's example has it. */
START_TEST(cut_attributes_say_what_is_missing)
{
    struct bytes file;
    struct explain *x = sample("rfc5769-2-1-request", &file, NULL);
    struct explain *cut = explained(bytes_slice(file, 0, 33), NULL);
    const struct fault *fault = explain_fault(cut);
    ck_assert_uint_eq(fault->offset, 20);
    ck_assert_str_eq(fault->rule,
                     "attribute 0x8022 SOFTWARE needs 16 bytes, 9 are left (RFC 8489 14)");
    explain_free(cut);
    done(x, file);
}
END_TEST

SUITE("stun explain", rfc5769_request, rfc5769_responses, rfc5769_long_term, long_term_by_sha256,
      errors_unknown_types_and_roles, turn_and_nomination, after_the_integrity,
      prefixes_and_flipped_bits, cut_attributes_say_what_is_missing)
