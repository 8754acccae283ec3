#include "dtls/keys.h"
#include "tests/suite.h"

#include <string.h>

/* RFC 5764 4.2: client key, server key, client salt, server salt. */
START_TEST(material_is_cut_in_the_rfcs_order)
{
    static const struct {
        enum dtls_srtp_profile profile;
        size_t key, salt;
    } all[] = {{DTLS_SRTP_AES128_CM_SHA1_80, 16, 14},
               {DTLS_SRTP_AEAD_AES_128_GCM, 16, 12},
               {DTLS_SRTP_AEAD_AES_256_GCM, 32, 12}};
    uint8_t material[DTLS_SRTP_EXPORT_MAX];
    for (size_t i = 0; i < COUNT(all); i++) {
        size_t key = all[i].key, salt = all[i].salt, len = 2 * (key + salt);
        memset(material, 1, key);
        memset(material + key, 2, key);
        memset(material + 2 * key, 3, salt);
        memset(material + 2 * key + salt, 4, salt);
        ck_assert_uint_eq(dtls_srtp_export_len(all[i].profile), len);
        for (int client = 0; client < 2; client++) {
            struct dtls_srtp_keys k;
            ck_assert_int_eq(
                dtls_srtp_keys_cut(all[i].profile, (struct bytes){material, len}, client, &k), OK);
            ck_assert_int_eq(k.profile, all[i].profile);
            ck_assert_uint_eq(k.key_len, key);
            ck_assert_uint_eq(k.salt_len, salt);
            const struct dtls_srtp_master *c = client ? &k.local : &k.remote;
            const struct dtls_srtp_master *s = client ? &k.remote : &k.local;
            ck_assert(c->key[0] == 1 && c->key[key - 1] == 1);
            ck_assert(s->key[0] == 2 && s->key[key - 1] == 2);
            ck_assert(c->salt[0] == 3 && c->salt[salt - 1] == 3);
            ck_assert(s->salt[0] == 4 && s->salt[salt - 1] == 4);
        }
    }
}
END_TEST

START_TEST(inv_43_other_profiles_and_lengths_give_no_keys)
{
    static const int others[] = {0, 2, 5, 6, 9, 0xFFFF};
    static const struct dtls_srtp_keys none;
    uint8_t material[DTLS_SRTP_EXPORT_MAX + 1];
    memset(material, 7, sizeof material);
    struct dtls_srtp_keys k;
    for (size_t i = 0; i < COUNT(others); i++) {
        enum dtls_srtp_profile p = (enum dtls_srtp_profile)others[i];
        ck_assert_uint_eq(dtls_srtp_export_len(p), 0);
        ck_assert_str_eq(dtls_srtp_profile_name(p), "none");
        ck_assert_int_eq(dtls_srtp_keys_cut(p, (struct bytes){material, 0}, true, &k),
                         E_UNSUPPORTED);
        ck_assert_mem_eq(&k, &none, sizeof k);
    }
    for (size_t n = 0; n <= sizeof material; n++) {
        if (n == 56) continue;
        ck_assert_int_eq(
            dtls_srtp_keys_cut(DTLS_SRTP_AEAD_AES_128_GCM, (struct bytes){material, n}, true, &k),
            E_TRUNCATED);
        ck_assert_mem_eq(&k, &none, sizeof k);
    }
}
END_TEST

START_TEST(wiped_keys_are_gone)
{
    static const struct dtls_srtp_keys none;
    uint8_t material[56];
    struct dtls_srtp_keys k;
    memset(material, 7, sizeof material);
    ck_assert_int_eq(dtls_srtp_keys_cut(DTLS_SRTP_AEAD_AES_128_GCM,
                                        (struct bytes){material, sizeof material}, true, &k),
                     OK);
    dtls_srtp_keys_wipe(&k);
    ck_assert_mem_eq(&k, &none, sizeof k);
    ck_assert_str_eq(dtls_srtp_profile_name(DTLS_SRTP_AEAD_AES_256_GCM), "SRTP_AEAD_AES_256_GCM");
}
END_TEST

SUITE("dtls keys", material_is_cut_in_the_rfcs_order,
      inv_43_other_profiles_and_lengths_give_no_keys, wiped_keys_are_gone)
