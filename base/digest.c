/* The block functions SHA1_Update and so on are deprecated since OpenSSL 3.0 in favour of EVP,
 * whose contexts must be allocated and looked up: 1 us a tag against 0.25 us. */
#define OPENSSL_API_COMPAT 10100
#include "base/digest.h"

#include <string.h>

void digest_sha1(struct bytes in, uint8_t out[SHA1_LEN])
{
    SHA1(in.at, in.len, out);
}

void digest_sha256(struct bytes in, uint8_t out[SHA256_LEN])
{
    SHA256(in.at, in.len, out);
}

void digest_md5(struct bytes in, uint8_t out[MD5_LEN])
{
    MD5(in.at, in.len, out);
}

#define HMAC_BLOCK 64 /* SHA-1 and SHA-256 alike */

/* RFC 2104 §2: the secret, hashed first if it is longer than a block, then padded with zeros. */
static void key_block(uint8_t block[HMAC_BLOCK], struct bytes secret, uint8_t pad)
{
    for (size_t i = 0; i < HMAC_BLOCK; i++)
        block[i] = (uint8_t)((i < secret.len ? secret.at[i] : 0) ^ pad);
}

/* RFC 2104 §4: the states after the two key blocks are kept, and each tag starts from copies. */
void hmac_sha1_init(struct hmac_sha1_key *key, struct bytes secret)
{
    uint8_t hashed[SHA1_LEN], block[HMAC_BLOCK];
    if (secret.len > HMAC_BLOCK) {
        digest_sha1(secret, hashed);
        secret = (struct bytes){hashed, sizeof hashed};
    }
    SHA1_Init(&key->inner);
    key_block(block, secret, 0x36);
    SHA1_Update(&key->inner, block, sizeof block);
    SHA1_Init(&key->outer);
    key_block(block, secret, 0x5c);
    SHA1_Update(&key->outer, block, sizeof block);
    bytes_wipe(block, sizeof block);
    bytes_wipe(hashed, sizeof hashed);
}

void hmac_sha256_init(struct hmac_sha256_key *key, struct bytes secret)
{
    uint8_t hashed[SHA256_LEN], block[HMAC_BLOCK];
    if (secret.len > HMAC_BLOCK) {
        digest_sha256(secret, hashed);
        secret = (struct bytes){hashed, sizeof hashed};
    }
    SHA256_Init(&key->inner);
    key_block(block, secret, 0x36);
    SHA256_Update(&key->inner, block, sizeof block);
    SHA256_Init(&key->outer);
    key_block(block, secret, 0x5c);
    SHA256_Update(&key->outer, block, sizeof block);
    bytes_wipe(block, sizeof block);
    bytes_wipe(hashed, sizeof hashed);
}

/* In one store: a load that spans two of them waits for both to reach the cache. */
static void put_two_u32(uint8_t *to, uint32_t a, uint32_t b)
{
    uint8_t both[8];
    bytes_put_u32(both, a);
    bytes_put_u32(both + 4, b);
    memcpy(to, both, sizeof both);
}

#define PADDING_MAX (HMAC_BLOCK + 8)

/* SHA-1's padding (FIPS 180-4 §5.1.1) behind the last `len` bytes of a message of `total`: a one
 * bit, zeros, and the length in bits up to whole blocks. Returns the length with it. Writes
 * PADDING_MAX bytes, a number known to the compiler, and so perhaps more than that. */
static size_t pad(uint8_t *at, size_t len, uint64_t total)
{
    static const uint8_t padding[PADDING_MAX] = {0x80};
    size_t padded = (len + 8) / HMAC_BLOCK * HMAC_BLOCK + HMAC_BLOCK;
    memcpy(at + len, padding, sizeof padding);
    put_two_u32(at + padded - 8, (uint32_t)(total >> 29), (uint32_t)(total << 3));
    return padded;
}

/* The chaining value, which is the hash once the padding has gone through. */
static void sha1_value(const SHA_CTX *ctx, uint8_t out[SHA1_LEN])
{
    put_two_u32(out, ctx->h0, ctx->h1);
    put_two_u32(out + 8, ctx->h2, ctx->h3);
    bytes_put_u32(out + 16, ctx->h4);
}

/* memcpy for some ten bytes: the call alone would take as long, and a processor that has to guess
 * how the call goes on, twice for each tag, longer still. */
static void copy_few(uint8_t *to, const uint8_t *from, size_t len)
{
    size_t i = 0;
    for (; i + 16 <= len; i += 16) memcpy(to + i, from + i, 16);
    for (; i + 4 <= len; i += 4) memcpy(to + i, from + i, 4);
    for (; i < len; i++) to[i] = from[i];
}

/* Whole blocks, gathered and padded by ourselves: SHA1_Final alone takes as long as a block, and
 * two blocks in one call take less than twice one. */
void hmac_sha1(const struct hmac_sha1_key *key, const struct bytes *parts, size_t count,
               uint8_t out[SHA1_LEN])
{
    enum { ROOM = 4 * HMAC_BLOCK }; /* a connectivity check is shorter */
    uint8_t blocks[ROOM + PADDING_MAX];
    SHA_CTX ctx = key->inner;
    size_t len = 0;
    uint64_t total = HMAC_BLOCK;
    for (size_t i = 0; i < count; i++) {
        struct bytes rest = parts[i];
        total += rest.len;
        while (rest.len > ROOM - len) {
            copy_few(blocks + len, rest.at, ROOM - len);
            rest = bytes_slice(rest, ROOM - len, rest.len);
            SHA1_Update(&ctx, blocks, ROOM);
            len = 0;
        }
        copy_few(blocks + len, rest.at, rest.len);
        len += rest.len;
    }
    SHA1_Update(&ctx, blocks, pad(blocks, len, total));
    sha1_value(&ctx, blocks);
    ctx = key->outer;
    pad(blocks, SHA1_LEN, HMAC_BLOCK + SHA1_LEN);
    SHA1_Transform(&ctx, blocks);
    sha1_value(&ctx, out);
}

void hmac_sha256(const struct hmac_sha256_key *key, const struct bytes *parts, size_t count,
                 uint8_t out[SHA256_LEN])
{
    SHA256_CTX ctx = key->inner;
    for (size_t i = 0; i < count; i++) SHA256_Update(&ctx, parts[i].at, parts[i].len);
    SHA256_Final(out, &ctx);
    ctx = key->outer;
    SHA256_Update(&ctx, out, SHA256_LEN);
    SHA256_Final(out, &ctx);
}

/* Sixteen tables, so that sixteen bytes cost look-ups that don't wait for each other. A CRC is
 * linear: the entry for n is the XOR of the entries for n's bits, and those are all that we name.
 */
#define BIT(n, k, v) ((n) >> (k)&1 ? (v) : 0u)
#define ENTRY(n, a, b, c, d, e, f, g, h)                                                           \
    (BIT(n, 0, a) ^ BIT(n, 1, b) ^ BIT(n, 2, c) ^ BIT(n, 3, d) ^ BIT(n, 4, e) ^ BIT(n, 5, f) ^     \
     BIT(n, 6, g) ^ BIT(n, 7, h))
#define FOUR(n, ...)                                                                               \
    ENTRY(n, __VA_ARGS__), ENTRY(n + 1, __VA_ARGS__), ENTRY(n + 2, __VA_ARGS__),                   \
        ENTRY(n + 3, __VA_ARGS__)
#define SIXTEEN(n, ...)                                                                            \
    FOUR(n, __VA_ARGS__), FOUR(n + 4, __VA_ARGS__), FOUR(n + 8, __VA_ARGS__),                      \
        FOUR(n + 12, __VA_ARGS__)
#define SIXTY_FOUR(n, ...)                                                                         \
    SIXTEEN(n, __VA_ARGS__), SIXTEEN(n + 16, __VA_ARGS__), SIXTEEN(n + 32, __VA_ARGS__),           \
        SIXTEEN(n + 48, __VA_ARGS__)
#define TABLE(...)                                                                                 \
    {                                                                                              \
        SIXTY_FOUR(0, __VA_ARGS__), SIXTY_FOUR(64, __VA_ARGS__), SIXTY_FOUR(128, __VA_ARGS__),     \
            SIXTY_FOUR(192, __VA_ARGS__)                                                           \
    }

static const uint32_t crc_table[16][256] = {
    TABLE(0x77073096, 0xee0e612c, 0x076dc419, 0x0edb8832, 0x1db71064, 0x3b6e20c8, 0x76dc4190,
          0xedb88320),
    TABLE(0x191b3141, 0x32366282, 0x646cc504, 0xc8d98a08, 0x4ac21251, 0x958424a2, 0xf0794f05,
          0x3b83984b),
    TABLE(0x01c26a37, 0x0384d46e, 0x0709a8dc, 0x0e1351b8, 0x1c26a370, 0x384d46e0, 0x709a8dc0,
          0xe1351b80),
    TABLE(0xb8bc6765, 0xaa09c88b, 0x8f629757, 0xc5b428ef, 0x5019579f, 0xa032af3e, 0x9b14583d,
          0xed59b63b),
    TABLE(0x3d6029b0, 0x7ac05360, 0xf580a6c0, 0x30704bc1, 0x60e09782, 0xc1c12f04, 0x58f35849,
          0xb1e6b092),
    TABLE(0xcb5cd3a5, 0x4dc8a10b, 0x9b914216, 0xec53826d, 0x03d6029b, 0x07ac0536, 0x0f580a6c,
          0x1eb014d8),
    TABLE(0xa6770bb4, 0x979f1129, 0xf44f2413, 0x33ef4e67, 0x67de9cce, 0xcfbd399c, 0x440b7579,
          0x8816eaf2),
    TABLE(0xccaa009e, 0x4225077d, 0x844a0efa, 0xd3e51bb5, 0x7cbb312b, 0xf9766256, 0x299dc2ed,
          0x533b85da),
    TABLE(0x177b1443, 0x2ef62886, 0x5dec510c, 0xbbd8a218, 0xacc04271, 0x82f182a3, 0xde920307,
          0x6655004f),
    TABLE(0xefc26b3e, 0x04f5d03d, 0x09eba07a, 0x13d740f4, 0x27ae81e8, 0x4f5d03d0, 0x9eba07a0,
          0xe6050901),
    TABLE(0xc18edfc0, 0x586cb9c1, 0xb0d97382, 0xbac3e145, 0xaef6c4cb, 0x869c8fd7, 0xd64819ef,
          0x77e1359f),
    TABLE(0x9ba54c6f, 0xec3b9e9f, 0x03063b7f, 0x060c76fe, 0x0c18edfc, 0x1831dbf8, 0x3063b7f0,
          0x60c76fe0),
    TABLE(0xdd96d985, 0x605cb54b, 0xc0b96a96, 0x5a03d36d, 0xb407a6da, 0xb37e4bf5, 0xbd8d91ab,
          0xa06a2517),
    TABLE(0x9d0fe176, 0xe16ec4ad, 0x19ac8f1b, 0x33591e36, 0x66b23c6c, 0xcd6478d8, 0x41b9f7f1,
          0x8373efe2),
    TABLE(0xb9fbdbe8, 0xa886b191, 0x8a7c6563, 0xcf89cc87, 0x44629f4f, 0x88c53e9e, 0xcafb7b7d,
          0x4e87f0bb),
    TABLE(0xae689191, 0x87a02563, 0xd4314c87, 0x73139f4f, 0xe6273e9e, 0x173f7b7d, 0x2e7ef6fa,
          0x5cfdedf4),
};

/* The first byte lowest; spelled out so that compilers see one load. */
static uint32_t little_u32(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* The entries of four bytes, of which `after` words more are taken in the same step. */
static uint32_t crc_word(uint32_t word, size_t after)
{
    const uint32_t(*t)[256] = crc_table + 4 * after;
    return t[0][word >> 24] ^ t[1][word >> 16 & 255] ^ t[2][word >> 8 & 255] ^ t[3][word & 255];
}

static uint32_t crc_part(uint32_t crc, struct bytes in)
{
    const uint8_t *p = in.at;
    size_t len = in.len;
    for (; len >= 16; p += 16, len -= 16)
        crc = crc_word(little_u32(p + 12), 0) ^ crc_word(little_u32(p + 8), 1) ^
              crc_word(little_u32(p + 4), 2) ^ crc_word(little_u32(p) ^ crc, 3);
    for (; len >= 4; p += 4, len -= 4) crc = crc_word(little_u32(p) ^ crc, 0);
    while (len--) crc = crc_table[0][(crc ^ *p++) & 255] ^ crc >> 8;
    return crc;
}

uint32_t digest_crc32(const struct bytes *parts, size_t count)
{
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < count; i++) crc = crc_part(crc, parts[i]);
    return ~crc;
}
