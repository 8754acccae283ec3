/* The text that fuzz builds let pass for a tag (base/unproved.h) is a bad tag to this build. */
#include "stun/attribute.h"
#include "stun/integrity.h"
#include "tests/suite.h"

#include <string.h>

#ifdef DUET_FUZZ_UNPROTECTED
#error "tests are of builds that authenticate"
#endif

static enum stun_proof proof_of(uint16_t tag_attr, size_t tag_len)
{
    static const char fuzzers_tag[] = "duet-fuzz: an unproved tag passes";
    uint8_t room[128];
    struct stun_msg m;
    struct stun_key key;
    struct writer w = writer_of(room, sizeof room);
    stun_key_short_term(&key, bytes_of("a password of no account"));
    stun_begin(&w, (uint16_t)(STUN_BINDING | STUN_REQUEST), bytes_of("twelve bytes"));
    stun_put(&w, tag_attr, (struct bytes){(const uint8_t *)fuzzers_tag, tag_len});
    stun_put_fingerprint(&w);
    ck_assert_int_eq(stun_parse(&m, writer_done(&w)), OK);
    ck_assert_int_eq(stun_check_fingerprint(&m), STUN_OK);
    return stun_check_any(&m, &key);
}

START_TEST(inv_1_bad_integrity_is_refused)
{
    ck_assert_int_eq(proof_of(STUN_MESSAGE_INTEGRITY, 20), STUN_BAD);
    ck_assert_int_eq(proof_of(STUN_MESSAGE_INTEGRITY_SHA256, 32), STUN_BAD);
    ck_assert_int_eq(proof_of(STUN_MESSAGE_INTEGRITY_SHA256, 16), STUN_BAD);
}
END_TEST

SUITE("stun unproved", inv_1_bad_integrity_is_refused)
