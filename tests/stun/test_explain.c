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

/* RFC 8656 §18: what the first byte of each says in words. */
START_TEST(numbers_of_turn_have_their_meaning)
{
    static const struct {
        uint16_t type;
        uint8_t value;
        const char *name, *meaning;
    } rows[] = {
        {STUN_REQUESTED_TRANSPORT, 17, "REQUESTED-TRANSPORT", "UDP"},
        {STUN_REQUESTED_TRANSPORT, 6, "REQUESTED-TRANSPORT", "TCP"},
        {STUN_REQUESTED_TRANSPORT, 1, "REQUESTED-TRANSPORT", "neither UDP nor TCP"},
        {STUN_REQUESTED_ADDRESS_FAMILY, 1, "REQUESTED-ADDRESS-FAMILY", "IPv4"},
        {STUN_REQUESTED_ADDRESS_FAMILY, 2, "REQUESTED-ADDRESS-FAMILY", "IPv6"},
        {STUN_ADDITIONAL_ADDRESS_FAMILY, 3, "ADDITIONAL-ADDRESS-FAMILY", "no family that is known"},
        {STUN_EVEN_PORT, 0x80, "EVEN-PORT", "and the next higher port is reserved"},
        {STUN_EVEN_PORT, 0, "EVEN-PORT", "an even port is wanted"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t room[64], value[4] = {rows[i].value};
        struct writer w = writer_of(room, sizeof room);
        stun_begin(&w, STUN_ALLOCATE, (struct bytes){id, sizeof id});
        stun_put(&w, rows[i].type, (struct bytes){value, rows[i].type == STUN_EVEN_PORT ? 1 : 4});
        struct explain *x = explained(writer_done(&w), NULL);
        ck_assert_int_eq(explain_fault(x)->err, OK);
        ck_assert_msg(bytes_is(explained_field(x, rows[i].name)->meaning, rows[i].meaning), "%zu",
                      i);
        explain_free(x);
    }
}
END_TEST

/* RFC 8656 §3.3: a lifetime of 0 ends the allocation. */
START_TEST(lifetimes_and_flags)
{
    uint8_t room[128];
    for (uint32_t lifetime = 0; lifetime <= 600; lifetime += 600) {
        struct writer w = writer_of(room, sizeof room);
        stun_begin(&w, STUN_REFRESH, (struct bytes){id, sizeof id});
        stun_put_u32(&w, STUN_LIFETIME, lifetime);
        stun_put_flag(&w, STUN_DONT_FRAGMENT);
        struct explain *x = explained(writer_done(&w), NULL);
        struct bytes meaning = explained_field(x, "LIFETIME")->meaning;
        ck_assert(bytes_is(meaning, lifetime ? "seconds until the server drops the allocation"
                                             : "0: the allocation is given up"));
        ck_assert(bytes_is(explained_field(x, "DONT-FRAGMENT")->value, "set"));
        ck_assert_uint_eq(explained_field(x, "DONT-FRAGMENT")->meaning.len, 0);
        explained_number(x, "lifetime", lifetime);
        explain_free(x);
    }
}
END_TEST

static bool says(struct bytes text, const char *part)
{
    char room[512];
    ck_assert_uint_lt(text.len, sizeof room);
    return strstr(bytes_to_text(text, room, sizeof room), part) != NULL;
}

/* RFC 8489 §14.1, §14.2: MAPPED-ADDRESS is plain; of IPv6 the id is part of the exclusive-or. */
START_TEST(addresses_plain_and_xored)
{
    uint8_t room[256];
    struct addr relayed = {.family = ADDR_IPV6, .port = 5, .ip = {0x20, 1, 0xd, 0xb8, [15] = 7}};
    struct addr mapped = addr_ipv4(192, 0, 2, 1, 77);
    struct writer w = writer_of(room, sizeof room);
    stun_begin(&w, STUN_ALLOCATE | STUN_SUCCESS, (struct bytes){id, sizeof id});
    stun_put_addr(&w, STUN_MAPPED_ADDRESS, &mapped);
    struct explain *x = explained(writer_done(&w), NULL);
    explained_text(x, "mappedAddress", "192.0.2.1:77");
    ck_assert(bytes_is(explained_field(x, "port")->value, "77"));
    ck_assert(bytes_is(explained_field(x, "address")->value, "192.0.2.1"));
    ck_assert_uint_eq(explained_field(x, "port")->meaning.len, 0);
    ck_assert_uint_eq(explained_field(x, "address")->meaning.len, 0);
    explain_free(x);
    stun_put_addr(&w, STUN_XOR_RELAYED_ADDRESS, &relayed);
    x = explained(writer_done(&w), NULL);
    explained_text(x, "xorRelayedAddress", "[2001:db8::7]:5");
    ck_assert(says(explained_field(x, "XOR-RELAYED-ADDRESS")->meaning, "at the TURN server"));
    ck_assert(says(explained_field(x, "X-Port")->meaning, "upper half of the magic cookie"));
    ck_assert(says(explained_field(x, "X-Address")->meaning, "and the transaction id"));
    ck_assert(explained_summary_has(x, "relayed at [2001:db8::7]:5"));
    explain_free(x);
}
END_TEST

/* Only 487 is told at length; a code that is in no table keeps the sender's words alone. */
START_TEST(error_codes_and_their_reasons)
{
    static const struct {
        unsigned code;
        const char *meaning;
    } rows[] = {{438, "Stale Nonce"}, {699, ""}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t room[128];
        uint8_t value[8] = {
            0, 0, (uint8_t)(rows[i].code / 100), (uint8_t)(rows[i].code % 100), 't', 'h', 'e', 'y'};
        struct writer w = writer_of(room, sizeof room);
        stun_begin(&w, STUN_BINDING | STUN_ERROR, (struct bytes){id, sizeof id});
        stun_put(&w, STUN_ERROR_CODE, (struct bytes){value, sizeof value});
        struct explain *x = explained(writer_done(&w), NULL);
        explained_number(x, "errorCode", rows[i].code);
        explained_text(x, "errorReason", "they");
        ck_assert(bytes_is(explained_field(x, "ERROR-CODE")->meaning, rows[i].meaning));
        ck_assert(!explained_summary_has(x, "role conflict"));
        explain_free(x);
    }
}
END_TEST

/* RFC 8489 §9.2.2, §18.5.1: 1, and what has no number that we know, keys with MD5. */
START_TEST(long_term_by_md5)
{
    static const uint8_t several[] = {0, 1, 0, 0, 0, 2, 0, 0, 0, 9, 0, 1, 7, 0, 0, 0};
    static const uint8_t chosen[][4] = {{0, 1, 0, 0}, {1, 2, 0, 0}, {0, 9, 0, 0}};
    static const char *const names[] = {"MD5 (1)", "unknown (258)", "unknown (9)"};
    const struct stun_explain_options with = {bytes_of("u"), bytes_of("r"), bytes_of("p")};
    for (size_t i = 0; i < COUNT(chosen); i++) {
        uint8_t room[256];
        struct stun_key key;
        ck_assert(stun_key_long_term(&key, bytes_of("u"), bytes_of("r"), bytes_of("p")));
        struct writer w = writer_of(room, sizeof room);
        stun_begin(&w, STUN_ALLOCATE, (struct bytes){id, sizeof id});
        stun_put(&w, STUN_PASSWORD_ALGORITHM, (struct bytes){chosen[i], sizeof chosen[i]});
        stun_put_integrity(&w, &key);
        struct explain *x = explained(writer_done(&w), &with);
        explained_text(x, "integrity", "ok");
        ck_assert(bytes_is(explained_field(x, "algorithm")->value, names[i]));
        explain_free(x);
    }
    uint8_t room[128];
    struct writer w = writer_of(room, sizeof room);
    stun_begin(&w, STUN_ALLOCATE | STUN_ERROR, (struct bytes){id, sizeof id});
    stun_put(&w, STUN_PASSWORD_ALGORITHMS, (struct bytes){several, sizeof several});
    struct explain *x = explained(writer_done(&w), NULL);
    static const char *const want[] = {"MD5 (1)", "SHA-256 (2)", "unknown (9)"};
    size_t seen = 0;
    for (size_t i = 0; i < explain_field_count(x); i++) {
        const struct explain_field *f = explain_field_at(x, i);
        if (!bytes_is(f->name, "algorithm")) continue;
        ck_assert_uint_lt(seen, COUNT(want));
        ck_assert(bytes_is(f->value, want[seen++]));
    }
    ck_assert_uint_eq(seen, COUNT(want));
    explain_free(x);
}
END_TEST

/* Names too long for a key: nothing is verified, nothing is called bad. */
START_TEST(credentials_too_long_for_a_key)
{
    static char longest[2000];
    static const uint8_t chosen[] = {0, 2, 0, 0};
    uint8_t room[128];
    memset(longest, 'u', sizeof longest);
    const struct stun_explain_options with = {
        {(const uint8_t *)longest, sizeof longest}, bytes_of("r"), bytes_of("p")};
    struct stun_key key;
    stun_key_short_term(&key, bytes_of("p"));
    struct writer w = writer_of(room, sizeof room);
    stun_begin(&w, STUN_ALLOCATE, (struct bytes){id, sizeof id});
    stun_put(&w, STUN_PASSWORD_ALGORITHM, (struct bytes){chosen, sizeof chosen});
    stun_put_integrity_sha256(&w, &key);
    struct explain *x = explained(writer_done(&w), &with);
    ck_assert_int_eq(explain_fault(x)->err, OK);
    explained_text(x, "integritySha256", "unchecked");
    explain_free(x);
}
END_TEST

START_TEST(a_userhash_stands_for_a_name)
{
    static const uint8_t hash[SHA256_LEN] = {1, 2, 3};
    uint8_t room[128];
    struct writer w = writer_of(room, sizeof room);
    stun_begin(&w, STUN_ALLOCATE, (struct bytes){id, sizeof id});
    stun_put(&w, STUN_USERHASH, (struct bytes){hash, sizeof hash});
    struct explain *x = explained(writer_done(&w), NULL);
    const struct explain_field *f = explained_field(x, "USERHASH");
    ck_assert(bytes_is(f->value, "a hash"));
    ck_assert(says(f->meaning, "SHA-256 of username:realm"));
    ck_assert(!f->broken);
    explain_free(x);
}
END_TEST

/* RFC 8489 §14.7: what stands behind FINGERPRINT is shown, and ends the message. */
START_TEST(nothing_may_follow_the_fingerprint)
{
    uint8_t room[128];
    struct writer w = writer_of(room, sizeof room);
    stun_begin(&w, STUN_BINDING, (struct bytes){id, sizeof id});
    stun_put_fingerprint(&w);
    size_t at = writer_len(&w);
    stun_put_text(&w, STUN_SOFTWARE, "late");
    stun_put_text(&w, STUN_REALM, "later");
    struct explain *x = explained(writer_done(&w), NULL);
    ck_assert_int_eq(explain_fault(x)->err, E_MALFORMED);
    ck_assert_uint_eq(explain_fault(x)->offset, at);
    ck_assert(says(bytes_of(explain_fault(x)->rule), "RFC 8489 14.7"));
    const struct explain_field *last = explain_field_at(x, explain_field_count(x) - 1);
    ck_assert(bytes_is(last->name, "SOFTWARE"));
    explain_free(x);
}
END_TEST

/* RFC 8445 §5.1.2.2: the type preference says what kind of candidate it would be. */
START_TEST(priorities_name_their_kind)
{
    static const struct {
        uint8_t preference;
        const char *kind;
    } rows[] = {{126, "(host)"},
                {110, "(peer-reflexive)"},
                {100, "(server-reflexive)"},
                {0, "(relayed)"},
                {99, "(of no recommended kind)"}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t room[64];
        struct writer w = writer_of(room, sizeof room);
        stun_begin(&w, STUN_BINDING, (struct bytes){id, sizeof id});
        stun_put_u32(&w, STUN_PRIORITY, (uint32_t)rows[i].preference << 24 | 0xFFFF00 | 255);
        struct explain *x = explained(writer_done(&w), NULL);
        ck_assert_msg(explained_summary_has(x, rows[i].kind), "%s", rows[i].kind);
        ck_assert(says(explained_field(x, "PRIORITY")->meaning, "component 1"));
        explain_free(x);
    }
}
END_TEST

SUITE("stun explain", rfc5769_request, rfc5769_responses, rfc5769_long_term, long_term_by_sha256,
      errors_unknown_types_and_roles, turn_and_nomination, numbers_of_turn_have_their_meaning,
      lifetimes_and_flags, addresses_plain_and_xored, error_codes_and_their_reasons,
      long_term_by_md5, credentials_too_long_for_a_key, a_userhash_stands_for_a_name,
      nothing_may_follow_the_fingerprint, priorities_name_their_kind, after_the_integrity,
      prefixes_and_flipped_bits, cut_attributes_say_what_is_missing)
