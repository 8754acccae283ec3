/* The parts of a protected packet, and what proves it; whole packets of libsrtp's: test_unseal.c.
 */
#include "rtp/sealed.h"

#include "tests/suite.h"

#include <srtp2/srtp.h>

static const uint8_t secret[30] = "sixteen bytes of key, a salt.";
static const struct bytes key = {secret, 16}, gcm_salt = {secret + 16, 12},
                          cm_salt = {secret + 16, 14};

/* A packet of libsrtp's under these keys. */
static struct bytes protect_one(uint16_t number, bool rtcp, const uint8_t *plain, size_t len,
                                uint8_t room[256])
{
    srtp_policy_t policy;
    srtp_t session = NULL;
    uint8_t joined[30];
    int n = (int)len;
    memset(&policy, 0, sizeof policy);
    memcpy(joined, secret, sizeof joined);
    srtp_init();
    srtp_crypto_policy_set_from_profile_for_rtp(&policy.rtp, (srtp_profile_t)number);
    srtp_crypto_policy_set_from_profile_for_rtcp(&policy.rtcp, (srtp_profile_t)number);
    policy.ssrc.type = ssrc_any_outbound;
    policy.key = joined;
    ck_assert_int_eq(srtp_create(&session, &policy), srtp_err_status_ok);
    memcpy(room, plain, len);
    ck_assert_int_eq((rtcp ? srtp_protect_rtcp : srtp_protect)(session, room, &n),
                     srtp_err_status_ok);
    srtp_dealloc(session);
    return (struct bytes){room, (size_t)n};
}

static const uint8_t rtp[40] = {0x80, 96, 0x12, 0x34, 0, 0, 0, 1, 1, 2, 3, 4, 'r', 't', 'p'};
static const uint8_t rtcp[28] = {0x80, 200, 0, 6, 5, 6, 7, 8, 's', 'r'};

/* RFC 3711 section 3.1 and 3.4; RFC 7714 section 9.2: with GCM the tag is before the index. */
START_TEST(a_packet_has_its_parts)
{
    static const uint16_t numbers[] = {SEALED_AES128_CM_SHA1_80, SEALED_AEAD_AES_128_GCM};
    for (size_t i = 0; i < COUNT(numbers); i++) {
        bool gcm = numbers[i] == SEALED_AEAD_AES_128_GCM;
        _Alignas(4) uint8_t room[256];
        struct sealed_keys keys;
        struct sealed s;
        ck_assert(sealed_keys_init(&keys, numbers[i], key, gcm ? gcm_salt : cm_salt));
        struct bytes packet = protect_one(numbers[i], false, rtp, sizeof rtp, room);
        ck_assert_int_eq(sealed_split_rtp(&s, keys.profile, packet), OK);
        ck_assert_uint_eq(s.ssrc, 0x01020304);
        ck_assert_uint_eq(s.index, 0x1234);
        ck_assert_uint_eq(s.header.len, 12);
        ck_assert_uint_eq(s.body.len, sizeof rtp - 12);
        ck_assert_uint_eq(s.trailer.len, 0);
        ck_assert_ptr_eq(s.tag.at, packet.at + sizeof rtp);
        ck_assert_uint_eq(s.tag.len, gcm ? 16 : 10);
        ck_assert(s.encrypted);
        packet = protect_one(numbers[i], true, rtcp, sizeof rtcp, room);
        ck_assert_int_eq(sealed_split_rtcp(&s, keys.profile, packet), OK);
        ck_assert_uint_eq(s.ssrc, 0x05060708);
        ck_assert_uint_eq(s.header.len, 8);
        ck_assert_uint_eq(s.body.len, sizeof rtcp - 8);
        ck_assert_uint_eq(s.trailer.len, 4);
        ck_assert_ptr_eq(s.tag.at, packet.at + sizeof rtcp + (gcm ? 0 : 4));
        ck_assert_ptr_eq(s.trailer.at, packet.at + sizeof rtcp + (gcm ? 16 : 0));
        ck_assert(s.encrypted);
        for (size_t len = 0; len < 8 + 4 + s.tag.len; len++)
            ck_assert_int_eq(sealed_split_rtcp(&s, keys.profile, bytes_slice(packet, 0, len)),
                             E_TRUNCATED);
        for (size_t len = 0; len < 12 + keys.profile->rtp_tag; len++)
            ck_assert_int_eq(sealed_split_rtp(&s, keys.profile, bytes_slice(packet, 0, len)),
                             E_TRUNCATED);
        room[0] = 0x40;
        ck_assert_int_eq(sealed_split_rtcp(&s, keys.profile, packet), E_MALFORMED);
        sealed_keys_wipe(&keys);
    }
}
END_TEST

/* The rollover counter is part of what the tag proves (RFC 3711 section 4.2, RFC 7714 section 8).
 */
START_TEST(another_rollover_counter_proves_nothing)
{
    static const uint16_t numbers[] = {SEALED_AES128_CM_SHA1_80, SEALED_AEAD_AES_128_GCM};
    for (size_t i = 0; i < COUNT(numbers); i++) {
        bool gcm = numbers[i] == SEALED_AEAD_AES_128_GCM;
        _Alignas(4) uint8_t room[256];
        uint8_t out[256];
        struct sealed_keys keys;
        struct sealed s;
        ck_assert(sealed_keys_init(&keys, numbers[i], key, gcm ? gcm_salt : cm_salt));
        struct bytes packet = protect_one(numbers[i], false, rtp, sizeof rtp, room);
        ck_assert_int_eq(sealed_split_rtp(&s, keys.profile, packet), OK);
        s.index |= 1u << 16;
        ck_assert(!sealed_open_rtp(&keys, &s, out));
        s.index &= 0xFFFF;
        ck_assert(!sealed_open_rtcp(&keys, &s, out)); /* other keys: RFC 3711 section 4.3.2 */
        ck_assert(sealed_open_rtp(&keys, &s, out));
        ck_assert_mem_eq(out, rtp, sizeof rtp);
        sealed_keys_wipe(&keys);
        ck_assert_ptr_null(keys.rtp.cipher);
        sealed_keys_wipe(&keys); /* nothing is fine */
    }
}
END_TEST

SUITE("rtp sealed", a_packet_has_its_parts, another_rollover_counter_proves_nothing)
