/* Keys of the wrong length, and packets too long. */
#include "base/packet.h"
#include "rtp/protect.h"
#include "tests/suite.h"

#include <string.h>

START_TEST(keys_of_the_wrong_length_are_refused) /* RFC 3711 8.2, RFC 7714 12 */
{
    static const uint8_t secret[64];
    const struct bytes key = {secret, 16}, salt = {secret, 12};
    for (int wrong = 0; wrong < 4; wrong++) {
        struct protect_config cfg = {PROTECT_AEAD_AES_128_GCM, key, salt, key, salt};
        struct bytes *fields[] = {&cfg.send_key, &cfg.send_salt, &cfg.receive_key,
                                  &cfg.receive_salt};
        fields[wrong]->len++;
        ck_assert_ptr_null(protect_new(&cfg));
    }
    ck_assert_ptr_null(protect_new(&(struct protect_config){99, key, salt, key, salt}));
}
END_TEST

START_TEST(packets_longer_than_any_are_refused)
{
    static const uint8_t secret[64];
    static uint8_t room[8192];
    const struct bytes key = {secret, 16}, salt = {secret, 12};
    struct protect *p =
        protect_new(&(struct protect_config){PROTECT_AEAD_AES_128_GCM, key, salt, key, salt});
    size_t len = 8000;
    ck_assert_ptr_nonnull(p);
    room[0] = 0x80;
    ck_assert_int_eq(unprotect_rtp(p, room, &len), E_MALFORMED);
    ck_assert_int_eq(unprotect_rtcp(p, room, &len), E_MALFORMED);
    ck_assert_int_eq(protect_rtp(p, room, &len, sizeof room), E_FULL);
    ck_assert_int_eq(protect_rtcp(p, room, &len, sizeof room), E_FULL);
    len = 100;
    ck_assert_int_eq(protect_rtp(p, room, &len, 100), E_FULL);
    ck_assert_int_eq(protect_rtcp(p, room, &len, 100), E_FULL);
    protect_free(p);
    protect_free(NULL);
}
END_TEST

SUITE("rtp edges", keys_of_the_wrong_length_are_refused, packets_longer_than_any_are_refused)
