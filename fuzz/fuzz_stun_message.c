/* STUN: what parses is written and parsed again to an equal message; every getter and check of a
 * message that parsed stays inside it. */
#include "fuzz/fuzz.h"
#include "stun/attribute.h"
#include "stun/integrity.h"

/* Reads everything there is to read; nothing may be read past the message. */
static void read_all(const struct stun_msg *m)
{
    struct stun_walk w = stun_walk_of(m);
    struct stun_attr a;
    size_t last = 0;
    while (stun_walk_next(&w, &a)) {
        FUZZ_CHECK(a.offset > last && a.value.at + a.value.len <= m->whole.at + m->whole.len);
        last = a.offset;
        struct addr addr;
        stun_attr_addr(m, &a, &addr);
        uint64_t v64;
        uint32_t v32;
        uint16_t v16;
        uint8_t v8;
        const struct stun_attr_info *info = stun_attr_info(a.type);
        if (!info || a.after_integrity) continue;
        FUZZ_CHECK(stun_attr_broken(info, a.value) == NULL && stun_has(m, a.type));
        if (info->shape == STUN_SHAPE_U64) FUZZ_CHECK(stun_get_u64(m, a.type, &v64));
        if (info->shape == STUN_SHAPE_U32) FUZZ_CHECK(stun_get_u32(m, a.type, &v32));
        if (info->shape == STUN_SHAPE_U16) FUZZ_CHECK(stun_get_u16(m, a.type, &v16));
        if (info->shape == STUN_SHAPE_U8) FUZZ_CHECK(stun_get_u8(m, a.type, &v8));
        if (info->shape == STUN_SHAPE_ADDRESS || info->shape == STUN_SHAPE_XOR_ADDRESS)
            FUZZ_CHECK(stun_get_addr(m, a.type, &addr));
    }
    unsigned code;
    struct bytes reason;
    if (stun_get_error(m, &code, &reason)) FUZZ_CHECK(code >= 300 && code <= 699);
    uint16_t unknown[8];
    FUZZ_CHECK(stun_unknown(m, unknown, COUNT(unknown)) <= COUNT(unknown));
}

/* A good integrity verifies, and no longer does once its message is another. */
static void sign_again(const struct stun_msg *m)
{
    static uint8_t room[STUN_MAX];
    struct stun_key key;
    struct stun_msg signed_one;
    stun_key_short_term(&key, bytes_of("VOkJxbRl1RmTxUk/WvJxBt"));
    stun_check_any(m, &key);
    stun_check_fingerprint(m);
    struct writer w = writer_of(room, sizeof room);
    stun_begin(&w, m->type, m->id);
    struct stun_walk walk = stun_walk_of(m);
    struct stun_attr a;
    while (stun_walk_next(&walk, &a) && !m->integrity && !m->integrity_sha256 && !m->fingerprint)
        stun_put(&w, a.type, a.value);
    stun_put_integrity(&w, &key);
    stun_put_integrity_sha256(&w, &key);
    stun_put_fingerprint(&w);
    struct bytes out = writer_done(&w);
    if (!out.at) return;
    FUZZ_CHECK(stun_parse(&signed_one, out) == OK);
    FUZZ_CHECK(stun_check_integrity(&signed_one, &key) == STUN_OK);
    FUZZ_CHECK(stun_check_integrity_sha256(&signed_one, &key) == STUN_OK);
    FUZZ_CHECK(stun_check_fingerprint(&signed_one) == STUN_OK);
    room[STUN_HEADER_LEN - 1] ^= 1;
    FUZZ_CHECK(stun_check_integrity(&signed_one, &key) == STUN_BAD);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static uint8_t room[STUN_MAX];
    struct stun_msg a, b;
    enum err err = stun_parse(&a, (struct bytes){data, n});
    FUZZ_CHECK(err == a.fault.err && (err == OK || a.fault.offset <= n));
    if (err != OK) return 0;
    struct bytes out = stun_write(&a, room, sizeof room);
    FUZZ_CHECK(stun_parse(&b, out) == OK && stun_equal(&a, &b));
    read_all(&a);
    sign_again(&a);
    return 0;
}
