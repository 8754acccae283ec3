#include "stun/integrity.h"

#include "stun/attribute.h"
#include "tests/suite.h"

#define PASSWORD "VOkJxbRl1RmTxUk/WvJxBt" /* RFC 5769 §2.1 */
#define VECTORS  "fuzz/corpus/stun_message/"

static struct stun_key key_of(const char *password)
{
    struct stun_key key;
    stun_key_short_term(&key, bytes_of(password));
    return key;
}

static struct bytes sample(const char *name, struct stun_msg *m)
{
    char path[256];
    snprintf(path, sizeof path, VECTORS "%s", name);
    struct bytes file = suite_file(path);
    ck_assert_int_eq(stun_parse(m, file), OK);
    return file;
}

static void free_sample(struct bytes file)
{
    free((void *)(uintptr_t)file.at);
}

START_TEST(rfc5769_short_term_vectors) /* §2.1, §2.2, §2.3 */
{
    static const char *const names[] = {"rfc5769-2-1-request", "rfc5769-2-2-ipv4",
                                        "rfc5769-2-3-ipv6"};
    struct stun_key key = key_of(PASSWORD), wrong = key_of("VOkJxbRl1RmTxUk/WvJxBT");
    for (size_t i = 0; i < COUNT(names); i++) {
        struct stun_msg m;
        struct bytes file = sample(names[i], &m);
        ck_assert_int_eq(stun_check_integrity(&m, &key), STUN_OK);
        ck_assert_int_eq(stun_check_any(&m, &key), STUN_OK);
        ck_assert_int_eq(stun_check_integrity(&m, &wrong), STUN_BAD);
        ck_assert_int_eq(stun_check_integrity_sha256(&m, &key), STUN_ABSENT);
        ck_assert_int_eq(stun_check_fingerprint(&m), STUN_OK);
        free_sample(file);
    }
}
END_TEST

START_TEST(rfc5769_values)
{
    struct stun_msg m;
    struct bytes v, file = sample("rfc5769-2-1-request", &m);
    uint32_t priority;
    uint64_t tie;
    ck_assert_int_eq(stun_class(&m), STUN_REQUEST);
    ck_assert_int_eq(stun_method(&m), STUN_BINDING);
    ck_assert(stun_find(&m, STUN_SOFTWARE, &v) && bytes_is(v, "STUN test client"));
    ck_assert(stun_find(&m, STUN_USERNAME, &v) && bytes_is(v, "evtj:h6vY"));
    ck_assert(stun_get_u32(&m, STUN_PRIORITY, &priority) && priority == 0x6e0001ff);
    ck_assert(stun_get_u64(&m, STUN_ICE_CONTROLLED, &tie) && tie == 0x932ff9b151263b36);
    ck_assert(!stun_has(&m, STUN_ICE_CONTROLLING));
    free_sample(file);

    struct addr a, want = addr_ipv4(192, 0, 2, 1, 32853);
    file = sample("rfc5769-2-2-ipv4", &m);
    ck_assert_int_eq(stun_class(&m), STUN_SUCCESS);
    ck_assert(stun_get_addr(&m, STUN_XOR_MAPPED_ADDRESS, &a) && addr_equal(&a, &want));
    free_sample(file);
    file = sample("rfc5769-2-3-ipv6", &m);
    ck_assert(addr_parse(bytes_of("[2001:db8:1234:5678:11:2233:4455:6677]:32853"), &want));
    ck_assert(stun_get_addr(&m, STUN_XOR_MAPPED_ADDRESS, &a) && addr_equal(&a, &want));
    free_sample(file);
}
END_TEST

START_TEST(long_term_vector) /* RFC 5769 §2.4 */
{
    static const char username[] = "\xe3\x83\x9e\xe3\x83\x88\xe3\x83\xaa\xe3\x83\x83\xe3\x82\xaf"
                                   "\xe3\x82\xb9";
    struct stun_msg m;
    struct stun_key key;
    ck_assert(stun_key_long_term(&key, bytes_of(username), bytes_of("example.org"),
                                 bytes_of("TheMatrIX")));
    struct bytes file = sample("rfc5769-2-4-long-term", &m);
    ck_assert_int_eq(stun_check_integrity(&m, &key), STUN_OK);
    ck_assert_int_eq(stun_check_fingerprint(&m), STUN_ABSENT);
    free_sample(file);
    static uint8_t big[1024];
    ck_assert(
        !stun_key_long_term(&key, (struct bytes){big, sizeof big}, bytes_of(""), bytes_of("")));
}
END_TEST

START_TEST(rfc8489_vector_as_printed)
{
    /* RFC 8489 B.1 can't be a message: its length, 0x9c, counts the header too, and its tag is
     * over that length, with the key SHA-256(username:realm:password). So it is refused, and the
     * tag is checked here by hand. */
    static const char key_text[] = "\xe3\x83\x9e\xe3\x83\x88\xe3\x83\xaa\xe3\x83\x83\xe3\x82\xaf"
                                   "\xe3\x82\xb9:example.org:TheMatrIX";
    struct stun_msg m;
    struct bytes file = suite_file(VECTORS "rfc8489-b-1-as-printed");
    ck_assert_int_eq(stun_parse(&m, file), E_TRUNCATED);
    uint8_t secret[SHA256_LEN], tag[SHA256_LEN];
    struct stun_key key;
    digest_sha256(bytes_of(key_text), secret);
    stun_key_short_term(&key, (struct bytes){secret, sizeof secret});
    struct bytes covered = bytes_slice(file, 0, file.len - 4 - SHA256_LEN);
    hmac_sha256(&key.sha256, &covered, 1, tag);
    ck_assert_mem_eq(tag, file.at + file.len - SHA256_LEN, SHA256_LEN);
    free_sample(file);
}
END_TEST

/* The three proofs in the order of the RFC, over a small request. */
static struct bytes signed_request(uint8_t *room, size_t len, const struct stun_key *key)
{
    struct writer w = writer_of(room, len);
    stun_begin(&w, STUN_BINDING | STUN_REQUEST, bytes_of("abcdefghijkl"));
    stun_put_text(&w, STUN_USERNAME, "ours:theirs");
    stun_put_integrity(&w, key);
    stun_put_integrity_sha256(&w, key);
    stun_put_fingerprint(&w);
    return writer_done(&w);
}

START_TEST(what_we_sign_verifies)
{
    uint8_t room[256];
    struct stun_key key = key_of(PASSWORD);
    struct stun_msg m;
    ck_assert_int_eq(stun_parse(&m, signed_request(room, sizeof room, &key)), OK);
    ck_assert_int_eq(stun_check_integrity(&m, &key), STUN_OK);
    ck_assert_int_eq(stun_check_integrity_sha256(&m, &key), STUN_OK);
    ck_assert_int_eq(stun_check_fingerprint(&m), STUN_OK);
}
END_TEST

START_TEST(every_flipped_bit_is_noticed)
{
    uint8_t room[256];
    struct stun_key key = key_of(PASSWORD);
    struct stun_msg m;
    struct bytes whole = signed_request(room, sizeof room, &key);
    ck_assert_int_eq(stun_parse(&m, whole), OK);
    for (size_t bit = 0; bit < 8u * m.integrity; bit++) {
        struct stun_msg flipped;
        room[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (stun_parse(&flipped, whole) == OK) {
            ck_assert_int_ne(stun_check_integrity(&flipped, &key), STUN_OK);
            ck_assert_int_ne(stun_check_integrity_sha256(&flipped, &key), STUN_OK);
            ck_assert_int_ne(stun_check_fingerprint(&flipped), STUN_OK);
        }
        room[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}
END_TEST

START_TEST(pitfall_5_integrity_does_not_depend_on_fingerprint)
{
    uint8_t room[256];
    struct stun_key key = key_of(PASSWORD);
    struct stun_msg m;
    struct writer w = writer_of(room, sizeof room);
    stun_begin(&w, STUN_BINDING, bytes_of("abcdefghijkl"));
    stun_put_text(&w, STUN_USERNAME, "ours:theirs");
    stun_put_integrity(&w, &key);
    ck_assert_int_eq(stun_parse(&m, writer_done(&w)), OK);
    ck_assert_int_eq(stun_check_integrity(&m, &key), STUN_OK);
    uint8_t without[SHA1_LEN];
    memcpy(without, room + m.integrity + 4, sizeof without);
    /* With FINGERPRINT behind it the tag is the same: its length counts only up to itself. */
    stun_put_fingerprint(&w);
    ck_assert_int_eq(stun_parse(&m, writer_done(&w)), OK);
    ck_assert_mem_eq(without, room + m.integrity + 4, sizeof without);
    ck_assert_int_eq(stun_check_integrity(&m, &key), STUN_OK);
    ck_assert_int_eq(stun_check_fingerprint(&m), STUN_OK);
    /* A wrong FINGERPRINT says nothing about integrity. */
    room[m.fingerprint + 4] ^= 1;
    ck_assert_int_eq(stun_parse(&m, writer_done(&w)), OK);
    ck_assert_int_eq(stun_check_integrity(&m, &key), STUN_OK);
    ck_assert_int_eq(stun_check_fingerprint(&m), STUN_BAD);
}
END_TEST

START_TEST(pitfall_5_attributes_after_integrity_do_not_count)
{
    uint8_t room[256];
    struct stun_key key = key_of(PASSWORD);
    struct stun_msg m;
    struct writer w = writer_of(room, sizeof room);
    stun_begin(&w, STUN_BINDING, bytes_of("abcdefghijkl"));
    stun_put_text(&w, STUN_USERNAME, "ours:theirs");
    stun_put_integrity(&w, &key);
    stun_put_flag(&w, STUN_USE_CANDIDATE);
    stun_put(&w, 0x7001, bytes_of("unknown and required"));
    stun_put(&w, STUN_PRIORITY, bytes_of("no number")); /* its shape is nobody's business */
    stun_put_fingerprint(&w);
    ck_assert_int_eq(stun_parse(&m, writer_done(&w)), OK);
    ck_assert_int_eq(stun_check_integrity(&m, &key), STUN_OK);
    ck_assert_int_eq(stun_check_fingerprint(&m), STUN_OK);
    uint16_t unknown[4];
    ck_assert(!stun_has(&m, STUN_USE_CANDIDATE) && !stun_has(&m, STUN_PRIORITY));
    ck_assert(stun_has(&m, STUN_USERNAME));
    ck_assert_uint_eq(stun_unknown(&m, unknown, COUNT(unknown)), 0);
}
END_TEST

START_TEST(a_truncated_sha256_is_bad) /* §14.6: only where a usage says so */
{
    uint8_t room[256];
    struct stun_key key = key_of(PASSWORD);
    struct stun_msg m;
    ck_assert_int_eq(stun_parse(&m, signed_request(room, sizeof room, &key)), OK);
    uint8_t cut[256];
    struct writer w = writer_of(cut, sizeof cut);
    stun_begin(&w, STUN_BINDING, bytes_of("abcdefghijkl"));
    stun_put(&w, STUN_MESSAGE_INTEGRITY_SHA256, (struct bytes){room + m.integrity_sha256 + 4, 16});
    ck_assert_int_eq(stun_parse(&m, writer_done(&w)), OK);
    ck_assert_int_eq(stun_check_integrity_sha256(&m, &key), STUN_BAD);
    ck_assert_int_eq(stun_check_any(&m, &key), STUN_BAD);
}
END_TEST

START_TEST(no_room_leaves_nothing_half_signed)
{
    struct stun_key key = key_of(PASSWORD);
    uint8_t room[256];
    size_t whole = signed_request(room, sizeof room, &key).len;
    for (size_t len = 0; len < whole; len++) ck_assert_ptr_null(signed_request(room, len, &key).at);
    struct writer never_begun = writer_of(room, sizeof room);
    stun_put_integrity(&never_begun, &key);
    ck_assert_int_eq(never_begun.err, E_FULL);
}
END_TEST

SUITE("stun integrity", rfc5769_short_term_vectors, rfc5769_values, long_term_vector,
      rfc8489_vector_as_printed, what_we_sign_verifies, every_flipped_bit_is_noticed,
      pitfall_5_integrity_does_not_depend_on_fingerprint,
      pitfall_5_attributes_after_integrity_do_not_count, a_truncated_sha256_is_bad,
      no_room_leaves_nothing_half_signed)
