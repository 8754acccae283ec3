/* The text that fuzz builds let pass for a tag (base/unproved.h) is a bad tag to this build, as any
 * other: invariant 1, nothing unauthenticated gets through. */
#include "base/packet.h"
#include "rtp/protect.h"
#include "tests/suite.h"

#include <string.h>

#ifdef DUET_FUZZ_UNPROTECTED
#error "tests are of builds that authenticate"
#endif

static const char fuzzers_tag[] = "duet-fuzz: an unproved tag passes";

static struct protect *receiver(uint16_t profile)
{
    static const uint8_t secret[46] = "any key of 32 bytes, and then its salt ......";
    size_t key_len = profile == PROTECT_AEAD_AES_256_GCM ? 32 : 16;
    size_t salt_len = profile == PROTECT_AES128_CM_SHA1_80 ? 14 : 12;
    struct bytes key = {secret, key_len}, salt = {secret + 32, salt_len};
    struct protect *p = protect_new(&(struct protect_config){profile, key, salt, key, salt});
    ck_assert_ptr_nonnull(p);
    return p;
}

/* A packet with `tag` behind it. */
static void make(struct packet *p, bool rtcp, const char *tag, size_t tag_len)
{
    packet_reset(p);
    struct writer w = packet_writer(p);
    write_u8(&w, 0x80);
    write_u8(&w, rtcp ? 201 : 96);
    write_u16(&w, 1);
    write_u32(&w, 7);
    if (!rtcp) write_u32(&w, 8);
    if (rtcp) write_u32(&w, 0x80000001); /* SRTCP: encrypted, index 1 (RFC 3711 3.4) */
    write_bytes(&w, (struct bytes){(const uint8_t *)tag, tag_len});
    p->len = writer_len(&w);
}

static void refused(uint16_t profile, size_t tag_len, const char *tag)
{
    struct protect *p = receiver(profile);
    struct packet packet;
    make(&packet, false, tag, tag_len);
    ck_assert_int_eq(unprotect_rtp(p, packet.at, &packet.len), E_AUTH);
    make(&packet, true, tag, tag_len);
    ck_assert_int_eq(unprotect_rtcp(p, packet.at, &packet.len), E_AUTH);
    ck_assert_uint_eq(protect_counters(p)->auth, 2);
    ck_assert_uint_eq(protect_counters(p)->rtp_in + protect_counters(p)->rtcp_in, 0);
    protect_free(p);
}

START_TEST(inv_1_bad_tags_are_refused)
{
    static const char zeros[16];
    struct protect *prepared = protect_prepare();
    ck_assert(prepared);
    refused(PROTECT_AES128_CM_SHA1_80, 10, fuzzers_tag);
    refused(PROTECT_AEAD_AES_128_GCM, 16, fuzzers_tag);
    refused(PROTECT_AEAD_AES_256_GCM, 16, fuzzers_tag);
    refused(PROTECT_AES128_CM_SHA1_80, 10, zeros);
    refused(PROTECT_AEAD_AES_128_GCM, 16, zeros);
    protect_free(prepared);
}
END_TEST

SUITE("rtp unproved", inv_1_bad_tags_are_refused)
