#include "base/digest.h"
#include "tests/suite.h"

#include <string.h>

static void check_hex(const uint8_t *got, size_t len, const char *want)
{
    char hex[2 * 64 + 1];
    for (size_t i = 0; i < len; i++) snprintf(hex + 2 * i, 3, "%02x", got[i]);
    ck_assert_str_eq(hex, want);
}

START_TEST(hmac_sha1_of_rfc2202)
{
    uint8_t out[SHA1_LEN], secret[80];
    struct hmac_sha1_key key;
    memset(secret, 0x0b, 20);
    hmac_sha1_init(&key, (struct bytes){secret, 20});
    struct bytes parts[] = {bytes_of("Hi "), bytes_of("There")};
    hmac_sha1(&key, parts, 2, out);
    check_hex(out, sizeof out, "b617318655057264e28bc0b6fb378c8ef146be00");
    /* Case 6: a secret longer than a block is hashed first. */
    memset(secret, 0xaa, 80);
    hmac_sha1_init(&key, (struct bytes){secret, 80});
    struct bytes text = bytes_of("Test Using Larger Than Block-Size Key - Hash Key First");
    hmac_sha1(&key, &text, 1, out);
    check_hex(out, sizeof out, "aa4ae5e15272d00e95705637ce8a3b55ed402112");
}
END_TEST

/* RFC 2104 §2 written out, over one piece. */
static void hmac_sha1_plain(struct bytes secret, struct bytes text, uint8_t out[SHA1_LEN])
{
    uint8_t inner[64 + 1024] = {0}, outer[64 + SHA1_LEN] = {0};
    memcpy(inner, secret.at, secret.len);
    memcpy(outer, secret.at, secret.len);
    for (size_t i = 0; i < 64; i++) inner[i] ^= 0x36, outer[i] ^= 0x5c;
    if (text.len) memcpy(inner + 64, text.at, text.len);
    digest_sha1((struct bytes){inner, 64 + text.len}, outer + 64);
    digest_sha1((struct bytes){outer, sizeof outer}, out);
}

/* Every place where a block, the padding or the room to gather in can end, in one part and three.
 */
START_TEST(hmac_sha1_of_every_length)
{
    uint8_t text[600], want[SHA1_LEN], got[SHA1_LEN];
    struct bytes secret = bytes_of("a password of 24 letters");
    struct hmac_sha1_key key;
    hmac_sha1_init(&key, secret);
    for (size_t i = 0; i < sizeof text; i++) text[i] = (uint8_t)(i * 7 + i / 256);
    for (size_t len = 0; len <= sizeof text; len++) {
        struct bytes whole = {text, len};
        struct bytes parts[] = {bytes_slice(whole, 0, len / 3), bytes_slice(whole, len / 3, 1),
                                bytes_slice(whole, len / 3 + 1, len)};
        hmac_sha1_plain(secret, whole, want);
        hmac_sha1(&key, &whole, 1, got);
        ck_assert_mem_eq(got, want, SHA1_LEN);
        hmac_sha1(&key, parts, 3, got);
        ck_assert_mem_eq(got, want, SHA1_LEN);
    }
}
END_TEST

START_TEST(hmac_sha256_of_rfc4231)
{
    uint8_t out[SHA256_LEN], secret[131];
    struct hmac_sha256_key key;
    hmac_sha256_init(&key, bytes_of("Jefe"));
    struct bytes text = bytes_of("what do ya want for nothing?");
    hmac_sha256(&key, &text, 1, out);
    check_hex(out, sizeof out, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(secret, 0xaa, sizeof secret);
    hmac_sha256_init(&key, (struct bytes){secret, sizeof secret});
    text = bytes_of("Test Using Larger Than Block-Size Key - Hash Key First");
    hmac_sha256(&key, &text, 1, out);
    check_hex(out, sizeof out, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}
END_TEST

START_TEST(hashes_of_abc)
{
    uint8_t out[64];
    digest_sha1(bytes_of("abc"), out);
    check_hex(out, SHA1_LEN, "a9993e364706816aba3e25717850c26c9cd0d89d");
    digest_sha256(bytes_of("abc"), out);
    check_hex(out, SHA256_LEN, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    digest_md5(bytes_of("abc"), out);
    check_hex(out, MD5_LEN, "900150983cd24fb0d6963f7d28e17f72");
}
END_TEST

START_TEST(crc32_in_parts_and_whole)
{
    struct bytes check = bytes_of("123456789");
    ck_assert_uint_eq(digest_crc32(&check, 1), 0xcbf43926);
    struct bytes whole = bytes_of("The quick brown fox jumps over the lazy dog");
    ck_assert_uint_eq(digest_crc32(&whole, 1), 0x414fa339);
    for (size_t cut = 0; cut <= whole.len; cut++) {
        struct bytes parts[] = {bytes_slice(whole, 0, cut), bytes_slice(whole, cut, SIZE_MAX)};
        ck_assert_uint_eq(digest_crc32(parts, 2), 0x414fa339);
    }
    ck_assert_uint_eq(digest_crc32(NULL, 0), 0);
}
END_TEST

SUITE("base digest", hmac_sha1_of_rfc2202, hmac_sha1_of_every_length, hmac_sha256_of_rfc4231,
      hashes_of_abc, crc32_in_parts_and_whole)
