#include "stun/attribute.h"

#include <string.h>

/* The two ranges that our attributes lie in stand behind each other, so that a look-up is one
 * index: 0x0000 to 0x002F, then 0x8000 to 0x802F. */
#define RANGE   0x30
#define SLOT(t) ((t) < 0x8000 ? (t) : (t)-0x8000 + RANGE)
#define ROW(t, n, sh, lo, hi, sp)                                                                  \
    [SLOT(t)] = {.type = (t), .min = (lo), .max = (hi), .shape = (sh), .name = (n), .spec = (sp)}

/* Texts are fewer than 128 characters, which a receiver must take as up to 763 bytes (§14.3). */
#define TEXT_MAX 763

static const struct stun_attr_info table[2 * RANGE] = {
    ROW(STUN_MAPPED_ADDRESS, "MAPPED-ADDRESS", STUN_SHAPE_ADDRESS, 8, 20, "RFC 8489 14.1"),
    ROW(STUN_USERNAME, "USERNAME", STUN_SHAPE_TEXT, 0, TEXT_MAX, "RFC 8489 14.3"),
    ROW(STUN_MESSAGE_INTEGRITY, "MESSAGE-INTEGRITY", STUN_SHAPE_DIGEST, 20, 20, "RFC 8489 14.5"),
    ROW(STUN_ERROR_CODE, "ERROR-CODE", STUN_SHAPE_ERROR, 4, 4 + TEXT_MAX, "RFC 8489 14.8"),
    ROW(STUN_UNKNOWN_ATTRIBUTES, "UNKNOWN-ATTRIBUTES", STUN_SHAPE_TYPES, 0, 65534,
        "RFC 8489 14.13"),
    ROW(STUN_CHANNEL_NUMBER, "CHANNEL-NUMBER", STUN_SHAPE_U16, 4, 4, "RFC 8656 18.1"),
    ROW(STUN_LIFETIME, "LIFETIME", STUN_SHAPE_U32, 4, 4, "RFC 8656 18.2"),
    ROW(STUN_XOR_PEER_ADDRESS, "XOR-PEER-ADDRESS", STUN_SHAPE_XOR_ADDRESS, 8, 20, "RFC 8656 18.3"),
    ROW(STUN_DATA_ATTR, "DATA", STUN_SHAPE_BYTES, 0, 65535, "RFC 8656 18.4"),
    ROW(STUN_REALM, "REALM", STUN_SHAPE_TEXT, 0, TEXT_MAX, "RFC 8489 14.9"),
    ROW(STUN_NONCE, "NONCE", STUN_SHAPE_TEXT, 0, TEXT_MAX, "RFC 8489 14.10"),
    ROW(STUN_XOR_RELAYED_ADDRESS, "XOR-RELAYED-ADDRESS", STUN_SHAPE_XOR_ADDRESS, 8, 20,
        "RFC 8656 18.5"),
    ROW(STUN_REQUESTED_ADDRESS_FAMILY, "REQUESTED-ADDRESS-FAMILY", STUN_SHAPE_U8, 4, 4,
        "RFC 8656 18.6"),
    ROW(STUN_EVEN_PORT, "EVEN-PORT", STUN_SHAPE_U8, 1, 1, "RFC 8656 18.7"),
    ROW(STUN_REQUESTED_TRANSPORT, "REQUESTED-TRANSPORT", STUN_SHAPE_U8, 4, 4, "RFC 8656 18.8"),
    ROW(STUN_DONT_FRAGMENT, "DONT-FRAGMENT", STUN_SHAPE_FLAG, 0, 0, "RFC 8656 18.9"),
    ROW(STUN_MESSAGE_INTEGRITY_SHA256, "MESSAGE-INTEGRITY-SHA256", STUN_SHAPE_DIGEST, 16, 32,
        "RFC 8489 14.6"),
    ROW(STUN_PASSWORD_ALGORITHM, "PASSWORD-ALGORITHM", STUN_SHAPE_ALGORITHMS, 4, 65532,
        "RFC 8489 14.12"),
    ROW(STUN_USERHASH, "USERHASH", STUN_SHAPE_DIGEST, 32, 32, "RFC 8489 14.4"),
    ROW(STUN_XOR_MAPPED_ADDRESS, "XOR-MAPPED-ADDRESS", STUN_SHAPE_XOR_ADDRESS, 8, 20,
        "RFC 8489 14.2"),
    ROW(STUN_RESERVATION_TOKEN, "RESERVATION-TOKEN", STUN_SHAPE_BYTES, 8, 8, "RFC 8656 18.10"),
    ROW(STUN_PRIORITY, "PRIORITY", STUN_SHAPE_U32, 4, 4, "RFC 8445 16.1"),
    ROW(STUN_USE_CANDIDATE, "USE-CANDIDATE", STUN_SHAPE_FLAG, 0, 0, "RFC 8445 16.1"),
    ROW(STUN_ADDITIONAL_ADDRESS_FAMILY, "ADDITIONAL-ADDRESS-FAMILY", STUN_SHAPE_U8, 4, 4,
        "RFC 8656 18.11"),
    ROW(STUN_ADDRESS_ERROR_CODE, "ADDRESS-ERROR-CODE", STUN_SHAPE_ERROR, 4, 4 + TEXT_MAX,
        "RFC 8656 18.12"),
    ROW(STUN_PASSWORD_ALGORITHMS, "PASSWORD-ALGORITHMS", STUN_SHAPE_ALGORITHMS, 4, 65532,
        "RFC 8489 14.11"),
    ROW(STUN_ALTERNATE_DOMAIN, "ALTERNATE-DOMAIN", STUN_SHAPE_TEXT, 1, 255, "RFC 8489 14.16"),
    ROW(STUN_ICMP, "ICMP", STUN_SHAPE_BYTES, 8, 8, "RFC 8656 18.13"),
    ROW(STUN_SOFTWARE, "SOFTWARE", STUN_SHAPE_TEXT, 0, TEXT_MAX, "RFC 8489 14.14"),
    ROW(STUN_ALTERNATE_SERVER, "ALTERNATE-SERVER", STUN_SHAPE_ADDRESS, 8, 20, "RFC 8489 14.15"),
    ROW(STUN_FINGERPRINT, "FINGERPRINT", STUN_SHAPE_DIGEST, 4, 4, "RFC 8489 14.7"),
    ROW(STUN_ICE_CONTROLLED, "ICE-CONTROLLED", STUN_SHAPE_U64, 8, 8, "RFC 8445 16.1"),
    ROW(STUN_ICE_CONTROLLING, "ICE-CONTROLLING", STUN_SHAPE_U64, 8, 8, "RFC 8445 16.1"),
};

/* What stun_parse does for every attribute is static and inline: three calls each, as gcc has it
 * for position-independent code, took half as long as the rest of the parse. */
static inline const struct stun_attr_info *row_of(uint16_t type)
{
    if ((type & 0x7FFF) >= RANGE) return NULL;
    const struct stun_attr_info *info = &table[SLOT(type)];
    return info->name ? info : NULL;
}

const struct stun_attr_info *stun_attr_info(uint16_t type)
{
    return row_of(type);
}

const struct stun_attr_info *stun_attr_row(size_t i)
{
    for (size_t slot = 0; slot < COUNT(table); slot++)
        if (table[slot].name && i-- == 0) return &table[slot];
    return NULL;
}

const char *stun_attr_name(uint16_t type)
{
    const struct stun_attr_info *info = stun_attr_info(type);
    return info ? info->name : NULL;
}

const char *stun_method_name(uint16_t method)
{
    switch (method) {
    case STUN_BINDING: return "Binding";
    case STUN_ALLOCATE: return "Allocate";
    case STUN_REFRESH: return "Refresh";
    case STUN_SEND: return "Send";
    case STUN_DATA: return "Data";
    case STUN_CREATE_PERMISSION: return "CreatePermission";
    case STUN_CHANNEL_BIND: return "ChannelBind";
    }
    return NULL;
}

const char *stun_error_reason(unsigned code)
{
    switch (code) {
    case 300: return "Try Alternate";
    case 400: return "Bad Request";
    case 401: return "Unauthenticated";
    case 403: return "Forbidden";
    case 420: return "Unknown Attribute";
    case 437: return "Allocation Mismatch";
    case 438: return "Stale Nonce";
    case 440: return "Address Family not Supported";
    case 441: return "Wrong Credentials";
    case 442: return "Unsupported Transport Protocol";
    case 443: return "Peer Address Family Mismatch";
    case 486: return "Allocation Quota Reached";
    case 487: return "Role Conflict";
    case 500: return "Server Error";
    case 508: return "Insufficient Capacity";
    }
    return NULL;
}

/* §14.1: family 1 has 4 bytes of address, family 2 has 16; the first byte is ignored. */
static const char *address_broken(struct bytes value)
{
    if (value.at[1] == 1) return value.len == 8 ? NULL : "an IPv4 address has 4 bytes (14.1)";
    if (value.at[1] == 2) return value.len == 20 ? NULL : "an IPv6 address has 16 bytes (14.1)";
    return "the address family is neither IPv4 nor IPv6 (RFC 8489 14.1)";
}

/* §14.11: number, length, parameters padded to whole words, again and again. */
static const char *algorithms_broken(struct bytes value)
{
    struct reader r = reader_of(value);
    while (reader_left(&r)) {
        read_u16(&r);
        uint16_t len = read_u16(&r);
        read_skip(&r, len + (4u - len % 4u) % 4u);
    }
    return r.err == OK ? NULL : "algorithm parameters past the value (RFC 8489 14.11)";
}

/* What its size alone does not settle. */
static const char *shape_broken(enum stun_shape shape, struct bytes value)
{
    switch (shape) {
    case STUN_SHAPE_ADDRESS:
    case STUN_SHAPE_XOR_ADDRESS: return address_broken(value);
    case STUN_SHAPE_ERROR:
        if ((value.at[2] & 7) < 3 || (value.at[2] & 7) > 6 || value.at[3] > 99)
            return "the error code is not within 300 to 699 (RFC 8489 14.8)";
        return NULL;
    case STUN_SHAPE_TYPES: return value.len % 2 ? "half an attribute type (RFC 8489 14.13)" : NULL;
    case STUN_SHAPE_ALGORITHMS: return algorithms_broken(value);
    default: return NULL;
    }
}

static inline const char *broken(const struct stun_attr_info *info, struct bytes value)
{
    if (value.len < info->min) return "the value is shorter than its section says";
    if (value.len > info->max) return "the value is longer than its section says";
    if (info->shape < STUN_SHAPE_ADDRESS) return NULL;
    /* Two of these in every check: not through the jump of a switch. */
    if (info->shape == STUN_SHAPE_DIGEST)
        return value.len % 4 ? "not whole words (RFC 8489 14.6)" : NULL;
    return shape_broken(info->shape, value);
}

const char *stun_attr_broken(const struct stun_attr_info *info, struct bytes value)
{
    return broken(info, value);
}

const char *stun_attr_refused(uint16_t type, struct bytes value)
{
    const struct stun_attr_info *info = row_of(type);
    return info ? broken(info, value) : NULL;
}

bool stun_get_u32(const struct stun_msg *m, uint16_t attr, uint32_t *v)
{
    struct bytes value;
    if (!stun_find(m, attr, &value)) return false;
    struct reader r = reader_of(value);
    *v = read_u32(&r);
    return r.err == OK;
}

bool stun_get_u64(const struct stun_msg *m, uint16_t attr, uint64_t *v)
{
    struct bytes value;
    if (!stun_find(m, attr, &value)) return false;
    struct reader r = reader_of(value);
    *v = read_u64(&r);
    return r.err == OK;
}

bool stun_get_u16(const struct stun_msg *m, uint16_t attr, uint16_t *v)
{
    struct bytes value;
    if (!stun_find(m, attr, &value)) return false;
    struct reader r = reader_of(value);
    *v = read_u16(&r);
    return r.err == OK;
}

bool stun_get_u8(const struct stun_msg *m, uint16_t attr, uint8_t *v)
{
    struct bytes value;
    if (!stun_find(m, attr, &value)) return false;
    struct reader r = reader_of(value);
    *v = read_u8(&r);
    return r.err == OK;
}

/* §14.2: the port against the cookie's upper half, the address against cookie and id. */
static void xor_address(struct addr *a, struct bytes id)
{
    uint8_t mask[16] = {0x21, 0x12, 0xA4, 0x42};
    if (id.len == STUN_ID_LEN) memcpy(mask + 4, id.at, STUN_ID_LEN);
    a->port ^= STUN_COOKIE >> 16;
    for (size_t i = 0; i < addr_ip_len(a); i++) a->ip[i] ^= mask[i];
}

bool stun_attr_addr(const struct stun_msg *m, const struct stun_attr *attr, struct addr *a)
{
    const struct stun_attr_info *info = stun_attr_info(attr->type);
    if (!info || (info->shape != STUN_SHAPE_ADDRESS && info->shape != STUN_SHAPE_XOR_ADDRESS))
        return false;
    if (stun_attr_broken(info, attr->value)) return false;
    struct reader r = reader_of(attr->value);
    read_u8(&r);
    *a = (struct addr){.family = read_u8(&r) == 1 ? ADDR_IPV4 : ADDR_IPV6};
    a->port = read_u16(&r);
    memcpy(a->ip, read_bytes(&r, addr_ip_len(a)).at, addr_ip_len(a));
    if (info->shape == STUN_SHAPE_XOR_ADDRESS) xor_address(a, m->id);
    return true;
}

bool stun_get_addr(const struct stun_msg *m, uint16_t attr, struct addr *a)
{
    struct stun_attr found = {.type = attr};
    return stun_find(m, attr, &found.value) && stun_attr_addr(m, &found, a);
}

bool stun_get_error(const struct stun_msg *m, unsigned *code, struct bytes *reason)
{
    struct bytes value;
    if (!stun_find(m, STUN_ERROR_CODE, &value)) return false;
    struct reader r = reader_of(value);
    read_u16(&r);
    unsigned hundreds = read_u8(&r) & 7u;
    *code = hundreds * 100 + read_u8(&r);
    if (reason) *reason = read_rest(&r);
    return r.err == OK;
}

void stun_put_flag(struct writer *w, uint16_t attr)
{
    stun_put(w, attr, (struct bytes){NULL, 0});
}

void stun_put_text(struct writer *w, uint16_t attr, const char *text)
{
    stun_put(w, attr, bytes_of(text));
}

static void put_number(struct writer *w, uint16_t attr, uint64_t v, size_t len)
{
    uint8_t value[8];
    for (size_t i = len; i-- > 0; v >>= 8) value[i] = (uint8_t)v;
    stun_put(w, attr, (struct bytes){value, len});
}

void stun_put_u32(struct writer *w, uint16_t attr, uint32_t v)
{
    put_number(w, attr, v, 4);
}

void stun_put_u64(struct writer *w, uint16_t attr, uint64_t v)
{
    put_number(w, attr, v, 8);
}

void stun_put_u8(struct writer *w, uint16_t attr, uint8_t v)
{
    put_number(w, attr, (uint64_t)v << 24, 4);
}

void stun_put_u16(struct writer *w, uint16_t attr, uint16_t v)
{
    put_number(w, attr, (uint64_t)v << 16, 4);
}

void stun_put_addr(struct writer *w, uint16_t attr, const struct addr *a)
{
    const struct stun_attr_info *info = stun_attr_info(attr);
    struct addr wire = *a;
    if (info && info->shape == STUN_SHAPE_XOR_ADDRESS && writer_len(w) >= STUN_HEADER_LEN)
        xor_address(&wire, (struct bytes){w->start + STUN_HEADER_LEN - STUN_ID_LEN, STUN_ID_LEN});
    uint8_t value[20] = {0, a->family == ADDR_IPV4 ? 1 : 2, (uint8_t)(wire.port >> 8),
                         (uint8_t)wire.port};
    memcpy(value + 4, wire.ip, addr_ip_len(a));
    stun_put(w, attr, (struct bytes){value, 4 + addr_ip_len(a)});
}

void stun_put_error(struct writer *w, unsigned code)
{
    uint8_t value[64] = {0, 0, (uint8_t)(code / 100), (uint8_t)(code % 100)};
    struct writer v = writer_of(value + 4, sizeof value - 4);
    const char *reason = stun_error_reason(code);
    if (reason) write_text(&v, reason);
    stun_put(w, STUN_ERROR_CODE, (struct bytes){value, 4 + writer_len(&v)});
}

void stun_put_unknown(struct writer *w, const uint16_t *types, size_t count)
{
    uint8_t value[64];
    struct writer v = writer_of(value, sizeof value);
    for (size_t i = 0; i < count && writer_left(&v) >= 2; i++) write_u16(&v, types[i]);
    stun_put(w, STUN_UNKNOWN_ATTRIBUTES, writer_done(&v));
}
