/* What libsrtp seals, a bystander with its keys opens: two implementations, of other people. */
#include "rtp/unseal.h"

#include "rtp/sealed.h"

#include "tests/cryptomem.h"
#include "tests/suite.h"

#include <srtp2/srtp.h>

#define ROOM 2048

static const struct kind {
    uint16_t profile;
    size_t key, salt, rtp_tag, rtcp_tag;
} kinds[] = {{SEALED_AES128_CM_SHA1_80, 16, 14, 10, 10},
             {SEALED_AES128_CM_SHA1_32, 16, 14, 4, 10},
             {SEALED_AEAD_AES_128_GCM, 16, 12, 16, 16},
             {SEALED_AEAD_AES_256_GCM, 32, 12, 16, 16}};

static const uint8_t secret[46] = "thirty-two bytes of key, or less, and a salt.";

/* Who sends, with libsrtp; `rtcp`: what RTCP gets, else encryption and tag. */
static srtp_t sender_of(const struct kind *kind, srtp_sec_serv_t rtcp)
{
    uint8_t joined[SRTP_MAX_KEY_LEN];
    srtp_policy_t policy;
    srtp_t session = NULL;
    memcpy(joined, secret, kind->key);
    memcpy(joined + kind->key, secret + 32, kind->salt);
    memset(&policy, 0, sizeof policy);
    srtp_profile_t profile = (srtp_profile_t)kind->profile;
    ck_assert_int_eq(srtp_crypto_policy_set_from_profile_for_rtp(&policy.rtp, profile),
                     srtp_err_status_ok);
    ck_assert_int_eq(srtp_crypto_policy_set_from_profile_for_rtcp(&policy.rtcp, profile),
                     srtp_err_status_ok);
    policy.rtcp.sec_serv = rtcp;
    policy.ssrc.type = ssrc_any_outbound;
    policy.key = joined;
    policy.allow_repeat_tx = 1;
    srtp_init();
    ck_assert_int_eq(srtp_create(&session, &policy), srtp_err_status_ok);
    return session;
}

static struct unseal *unseal_of(const struct kind *kind)
{
    struct unseal *u = unseal_new(kind->profile, (struct bytes){secret, kind->key},
                                  (struct bytes){secret + 32, kind->salt});
    ck_assert_ptr_nonnull(u);
    return u;
}

struct message {
    _Alignas(4) uint8_t at[ROOM];
    size_t len;
};

/* With a CSRC and a header extension, both of which stay in clear. */
static struct message rtp_of(uint32_t ssrc, uint16_t seq, size_t payload)
{
    struct message m;
    struct writer w = writer_of(m.at, ROOM);
    write_u16(&w, 0x9160);
    write_u16(&w, seq);
    write_u32(&w, 3000u * seq);
    write_u32(&w, ssrc);
    write_u32(&w, 0xC5C5C5C5);
    write_u32(&w, 0xBEDE0001);
    write_u32(&w, 0x10AA0000);
    for (size_t i = 0; i < payload; i++) write_u8(&w, (uint8_t)(seq + i));
    m.len = writer_len(&w);
    return m;
}

static struct message rtcp_of(uint32_t ssrc, unsigned words)
{
    struct message m;
    struct writer w = writer_of(m.at, ROOM);
    write_u16(&w, 0x80C9);
    write_u16(&w, (uint16_t)(1 + words));
    write_u32(&w, ssrc);
    for (unsigned i = 0; i < words; i++) write_u32(&w, 0x01010101 * i);
    m.len = writer_len(&w);
    return m;
}

static struct message sealed(srtp_t sender, const struct message *plain, bool rtcp)
{
    struct message m = *plain;
    int len = (int)m.len;
    ck_assert_int_eq((rtcp ? srtp_protect_rtcp : srtp_protect)(sender, m.at, &len),
                     srtp_err_status_ok);
    m.len = (size_t)len;
    return m;
}

static enum err open_one(struct unseal *u, const struct message *m, bool rtcp, uint8_t room[ROOM],
                         struct bytes *plain)
{
    return (rtcp ? unseal_rtcp : unseal_rtp)(u, (struct bytes){m->at, m->len}, room, plain);
}

static void opens_to(struct unseal *u, const struct message *m, bool rtcp,
                     const struct message *want)
{
    uint8_t room[ROOM];
    struct bytes plain;
    ck_assert_int_eq(open_one(u, m, rtcp, room, &plain), OK);
    ck_assert_uint_eq(plain.len, want->len);
    ck_assert_mem_eq(plain.at, want->at, want->len);
}

START_TEST(every_profile_opens_to_what_was_sealed)
{
    for (size_t i = 0; i < COUNT(kinds); i++) {
        srtp_t sender = sender_of(&kinds[i], sec_serv_conf_and_auth);
        struct unseal *u = unseal_of(&kinds[i]);
        for (uint16_t seq = 7; seq < 12; seq++) {
            size_t payload = seq == 9 ? 0 : 50u + seq;
            struct message plain = rtp_of(0x01020304, seq, payload);
            struct message m = sealed(sender, &plain, false);
            ck_assert_uint_eq(m.len, plain.len + kinds[i].rtp_tag);
            opens_to(u, &m, false, &plain);
            plain = rtcp_of(0x01020304, seq - 7u);
            m = sealed(sender, &plain, true);
            ck_assert_uint_eq(m.len, plain.len + kinds[i].rtcp_tag + 4);
            opens_to(u, &m, true, &plain);
        }
        unseal_free(u);
        srtp_dealloc(sender);
    }
}
END_TEST

/* RFC 3711 §3.4: the E flag; RFC 7714 §9.3. */
START_TEST(feedback_that_is_not_encrypted_is_proved_only)
{
    for (size_t i = 0; i < COUNT(kinds); i++) {
        srtp_t sender = sender_of(&kinds[i], sec_serv_auth);
        struct unseal *u = unseal_of(&kinds[i]);
        uint8_t room[ROOM];
        struct bytes out;
        struct message plain = rtcp_of(5, 6), m = sealed(sender, &plain, true);
        ck_assert_mem_eq(m.at, plain.at, plain.len);
        opens_to(u, &m, true, &plain);
        m.at[12] ^= 1;
        ck_assert_int_eq(open_one(u, &m, true, room, &out), E_AUTH);
        plain = rtcp_of(5, 0); /* nothing behind the header */
        m = sealed(sender, &plain, true);
        opens_to(u, &m, true, &plain);
        unseal_free(u);
        srtp_dealloc(sender);
    }
}
END_TEST

/* RFC 3711 §3.3.1: over two wraps of the sequence number, with gaps, some packets late. */
START_TEST(the_rollover_counter_is_followed)
{
    for (size_t i = 0; i < COUNT(kinds); i++) {
        srtp_t sender = sender_of(&kinds[i], sec_serv_conf_and_auth);
        struct unseal *u = unseal_of(&kinds[i]);
        struct message late = {.len = 0}, late_plain = {.len = 0};
        for (uint32_t index = 65000; index < 3 * 65536; index += 500) {
            struct message plain = rtp_of(9, (uint16_t)index, 20);
            struct message m = sealed(sender, &plain, false);
            if (index % 5000 == 0) {
                if (late.len) opens_to(u, &late, false, &late_plain);
                late = m;
                late_plain = plain;
            } else {
                opens_to(u, &m, false, &plain);
            }
        }
        unseal_free(u);
        srtp_dealloc(sender);
    }
}
END_TEST

/* Two interfaces, or a resend that a bad network made. */
START_TEST(what_comes_twice_opens_twice)
{
    srtp_t sender = sender_of(&kinds[2], sec_serv_conf_and_auth);
    struct unseal *u = unseal_of(&kinds[2]);
    struct message first_plain = rtp_of(1, 65535, 10), first = sealed(sender, &first_plain, false);
    struct message plain = rtp_of(1, 0, 10), m = sealed(sender, &plain, false);
    for (int i = 0; i < 3; i++) {
        opens_to(u, &first, false, &first_plain);
        opens_to(u, &m, false, &plain);
    }
    unseal_free(u);
    srtp_dealloc(sender);
}
END_TEST

/* A capture that begins after the first wrap: its counter is 1 already. */
START_TEST(a_stream_may_begin_after_a_wrap)
{
    srtp_t sender = sender_of(&kinds[0], sec_serv_conf_and_auth);
    struct message plain = rtp_of(1, 65535, 10), m = sealed(sender, &plain, false);
    struct unseal *u = unseal_of(&kinds[0]);
    plain = rtp_of(1, 3, 10);
    m = sealed(sender, &plain, false);
    opens_to(u, &m, false, &plain);
    plain = rtp_of(1, 4, 10);
    m = sealed(sender, &plain, false);
    opens_to(u, &m, false, &plain);
    unseal_free(u);
    srtp_dealloc(sender);
}
END_TEST

/* RFC 3711 §3.3.1: more than half of the numbers ahead would be one counter less, but there is none
 * below 0. */
START_TEST(a_leap_before_the_first_wrap)
{
    srtp_t sender = sender_of(&kinds[0], sec_serv_conf_and_auth);
    struct unseal *u = unseal_of(&kinds[0]);
    static const uint16_t seqs[] = {3, 40000, 4, 65535};
    for (size_t i = 0; i < COUNT(seqs); i++) {
        struct message plain = rtp_of(1, seqs[i], 10), m = sealed(sender, &plain, false);
        opens_to(u, &m, false, &plain);
    }
    unseal_free(u);
    srtp_dealloc(sender);
}
END_TEST

/* Each allocation of OpenSSL's fails once: there is nothing, or something that opens as ever. */
START_TEST(no_memory_is_no_wrong_key)
{
    if (!cryptomem_take()) return;
    for (size_t k = 0; k < COUNT(kinds); k++) {
        srtp_t sender = sender_of(&kinds[k], sec_serv_conf_and_auth);
        struct message rtp = rtp_of(1, 3, 10), rtcp = rtcp_of(1, 2);
        struct message first = sealed(sender, &rtp, false), second = sealed(sender, &rtcp, true);
        unseal_free(unseal_of(&kinds[k])); /* what OpenSSL keeps, it has now */
        size_t refused = 0;
        for (size_t i = 0;; i++) {
            cryptomem_fail_at(i);
            struct unseal *u = unseal_new(kinds[k].profile, (struct bytes){secret, kinds[k].key},
                                          (struct bytes){secret + 32, kinds[k].salt});
            bool reached = cryptomem.count > i;
            cryptomem_fail_at(SIZE_MAX);
            refused += !u;
            if (u) {
                opens_to(u, &first, false, &rtp);
                opens_to(u, &second, true, &rtcp);
            }
            unseal_free(u);
            if (!reached) break;
        }
        ck_assert_uint_gt(refused, 0);
        srtp_dealloc(sender);
    }
}
END_TEST

START_TEST(every_changed_bit_is_seen_and_changes_nothing)
{
    for (size_t i = 0; i < COUNT(kinds); i++) {
        for (int rtcp = 0; rtcp < 2; rtcp++) {
            uint8_t room[ROOM];
            struct bytes out;
            srtp_t sender = sender_of(&kinds[i], sec_serv_conf_and_auth);
            struct unseal *u = unseal_of(&kinds[i]);
            struct message plain = rtcp ? rtcp_of(3, 2) : rtp_of(3, 5, 9);
            struct message m = sealed(sender, &plain, rtcp);
            for (size_t bit = 0; bit < 8 * m.len; bit++) {
                m.at[bit / 8] ^= (uint8_t)(1u << (bit % 8));
                ck_assert_int_ne(open_one(u, &m, rtcp, room, &out), OK);
                ck_assert_uint_eq(out.len, 0);
                m.at[bit / 8] ^= (uint8_t)(1u << (bit % 8));
            }
            opens_to(u, &m, rtcp, &plain);
            unseal_free(u);
            srtp_dealloc(sender);
        }
    }
}
END_TEST

START_TEST(every_beginning_is_refused)
{
    for (size_t i = 0; i < COUNT(kinds); i++) {
        for (int rtcp = 0; rtcp < 2; rtcp++) {
            struct bytes out;
            srtp_t sender = sender_of(&kinds[i], sec_serv_conf_and_auth);
            struct unseal *u = unseal_of(&kinds[i]);
            struct message plain = rtcp ? rtcp_of(3, 2) : rtp_of(3, 5, 9);
            struct message m = sealed(sender, &plain, rtcp);
            for (size_t len = 0; len < m.len; len++) {
                /* Copies of just this size, for the sanitizer. */
                uint8_t *exact = malloc(len + 1), *room = malloc(len + 1);
                memcpy(exact, m.at, len);
                struct bytes cut = {exact, len};
                ck_assert_int_ne((rtcp ? unseal_rtcp : unseal_rtp)(u, cut, room, &out), OK);
                free(exact);
                free(room);
            }
            unseal_free(u);
            srtp_dealloc(sender);
        }
    }
}
END_TEST

START_TEST(other_profiles_and_lengths_make_nothing)
{
    static const uint16_t others[] = {0, 5, 6, 9, 0xFFFF};
    for (size_t i = 0; i < COUNT(others); i++)
        ck_assert_ptr_null(
            unseal_new(others[i], (struct bytes){secret, 16}, (struct bytes){secret, 14}));
    for (size_t i = 0; i < COUNT(kinds); i++) {
        struct bytes key = {secret, kinds[i].key}, salt = {secret, kinds[i].salt};
        struct bytes short_key = {secret, kinds[i].key - 1}, long_salt = {secret, salt.len + 1};
        ck_assert_ptr_null(unseal_new(kinds[i].profile, short_key, salt));
        ck_assert_ptr_null(unseal_new(kinds[i].profile, key, long_salt));
    }
    unseal_free(NULL);
}
END_TEST

/* A flood of sources costs no more memory; the ones that go on are read on. */
START_TEST(more_sources_than_are_remembered)
{
    srtp_t sender = sender_of(&kinds[2], sec_serv_conf_and_auth);
    struct unseal *u = unseal_of(&kinds[2]);
    struct message plain, m;
    for (uint32_t ssrc = 1; ssrc <= 4 * UNSEAL_SSRC_MAX; ssrc++) {
        plain = rtp_of(ssrc, 1, 10);
        m = sealed(sender, &plain, false);
        opens_to(u, &m, false, &plain);
        plain = rtp_of(1, (uint16_t)(1 + 400 * ssrc), 10); /* which wraps meanwhile */
        m = sealed(sender, &plain, false);
        opens_to(u, &m, false, &plain);
    }
    unseal_free(u);
    srtp_dealloc(sender);
}
END_TEST

SUITE("rtp unseal", every_profile_opens_to_what_was_sealed,
      feedback_that_is_not_encrypted_is_proved_only, the_rollover_counter_is_followed,
      what_comes_twice_opens_twice, a_stream_may_begin_after_a_wrap, a_leap_before_the_first_wrap,
      no_memory_is_no_wrong_key, every_changed_bit_is_seen_and_changes_nothing,
      every_beginning_is_refused, other_profiles_and_lengths_make_nothing,
      more_sources_than_are_remembered)
