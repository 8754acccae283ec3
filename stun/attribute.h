/* STUN attributes: the one table of numbers, names, sections and shapes, and typed values.
 * RFC 8489 §14, RFC 8445 §16.1, RFC 8656 §18. */
#ifndef DUET_STUN_ATTRIBUTE_H
#define DUET_STUN_ATTRIBUTE_H

#include "base/addr.h"
#include "stun/message.h"

enum stun_attr_type {
    /* Comprehension-required, below 0x8000. */
    STUN_MAPPED_ADDRESS = 0x0001,
    STUN_USERNAME = 0x0006,
    STUN_MESSAGE_INTEGRITY = 0x0008,
    STUN_ERROR_CODE = 0x0009,
    STUN_UNKNOWN_ATTRIBUTES = 0x000A,
    STUN_CHANNEL_NUMBER = 0x000C,
    STUN_LIFETIME = 0x000D,
    STUN_XOR_PEER_ADDRESS = 0x0012,
    STUN_DATA_ATTR = 0x0013,
    STUN_REALM = 0x0014,
    STUN_NONCE = 0x0015,
    STUN_XOR_RELAYED_ADDRESS = 0x0016,
    STUN_REQUESTED_ADDRESS_FAMILY = 0x0017,
    STUN_EVEN_PORT = 0x0018,
    STUN_REQUESTED_TRANSPORT = 0x0019,
    STUN_DONT_FRAGMENT = 0x001A,
    STUN_MESSAGE_INTEGRITY_SHA256 = 0x001C,
    STUN_PASSWORD_ALGORITHM = 0x001D,
    STUN_USERHASH = 0x001E,
    STUN_XOR_MAPPED_ADDRESS = 0x0020,
    STUN_RESERVATION_TOKEN = 0x0022,
    STUN_PRIORITY = 0x0024,
    STUN_USE_CANDIDATE = 0x0025,
    /* Comprehension-optional. */
    STUN_ADDITIONAL_ADDRESS_FAMILY = 0x8000,
    STUN_ADDRESS_ERROR_CODE = 0x8001,
    STUN_PASSWORD_ALGORITHMS = 0x8002,
    STUN_ALTERNATE_DOMAIN = 0x8003,
    STUN_ICMP = 0x8004,
    STUN_SOFTWARE = 0x8022,
    STUN_ALTERNATE_SERVER = 0x8023,
    STUN_FINGERPRINT = 0x8028,
    STUN_ICE_CONTROLLED = 0x8029,
    STUN_ICE_CONTROLLING = 0x802A
};

/* How a value is built; each has one size check, made by stun_parse before anything is read. */
enum stun_shape {
    STUN_SHAPE_BYTES,       /* opaque */
    STUN_SHAPE_TEXT,        /* UTF-8 by its section; kept as bytes */
    STUN_SHAPE_FLAG,        /* empty: presence is the value */
    STUN_SHAPE_U32,         /* a number */
    STUN_SHAPE_U64,         /* a number */
    STUN_SHAPE_U8,          /* one byte and three reserved, or EVEN-PORT's one */
    STUN_SHAPE_U16,         /* two bytes and two reserved */
    STUN_SHAPE_ADDRESS,     /* §14.1 */
    STUN_SHAPE_XOR_ADDRESS, /* §14.2 */
    STUN_SHAPE_ERROR,       /* §14.8 */
    STUN_SHAPE_TYPES,       /* a list of 16-bit types, §14.13 */
    STUN_SHAPE_ALGORITHMS,  /* numbers with padded parameters, §14.11, §14.12 */
    STUN_SHAPE_DIGEST       /* integrity, FINGERPRINT, USERHASH */
};

struct stun_attr_info {
    uint16_t type;
    uint16_t min, max; /* bytes of the value */
    enum stun_shape shape;
    const char *name; /* as the RFC writes it */
    const char *spec; /* "RFC 8489 14.1" */
};

/* The row of a type, or NULL: not ours. Constant time. */
const struct stun_attr_info *stun_attr_info(uint16_t type);
/* The i-th row in order of numbers, NULL past the last: for `duet explain` and tests. */
const struct stun_attr_info *stun_attr_row(size_t i);
/* "XOR-MAPPED-ADDRESS", or NULL for a type that the table does not have. */
const char *stun_attr_name(uint16_t type);
/* "Binding", or NULL. */
const char *stun_method_name(uint16_t method);
/* The reason phrase of an error code (RFC 8489 §14.8, RFC 8445 §16.2, RFC 8656 §19), or NULL. */
const char *stun_error_reason(unsigned code);

/* NULL if the value has the shape that its row demands, else the rule that it breaks. */
const char *stun_attr_broken(const struct stun_attr_info *info, struct bytes value);
/* The same by type; what the table does not have is never broken. */
const char *stun_attr_refused(uint16_t type, struct bytes value);

/* Typed values of the first attribute of that type. False: absent (stun_parse saw to the shape).
 */
bool stun_get_u32(const struct stun_msg *m, uint16_t attr, uint32_t *v);
bool stun_get_u64(const struct stun_msg *m, uint16_t attr, uint64_t *v);
/* CHANNEL-NUMBER. */
bool stun_get_u16(const struct stun_msg *m, uint16_t attr, uint16_t *v);
/* REQUESTED-TRANSPORT, REQUESTED-ADDRESS-FAMILY, EVEN-PORT: the first byte. */
bool stun_get_u8(const struct stun_msg *m, uint16_t attr, uint8_t *v);
/* Plain or XORed, as the table says. */
bool stun_get_addr(const struct stun_msg *m, uint16_t attr, struct addr *a);
/* The same for an attribute met in a walk: a message may hold several XOR-PEER-ADDRESSes. */
bool stun_attr_addr(const struct stun_msg *m, const struct stun_attr *attr, struct addr *a);
/* ERROR-CODE: 300 to 699; `reason` may be NULL. */
bool stun_get_error(const struct stun_msg *m, unsigned *code, struct bytes *reason);

void stun_put_flag(struct writer *w, uint16_t attr);
void stun_put_text(struct writer *w, uint16_t attr, const char *text);
void stun_put_u32(struct writer *w, uint16_t attr, uint32_t v);
void stun_put_u64(struct writer *w, uint16_t attr, uint64_t v);
/* The byte or the two, and reserved zeros up to a word. EVEN-PORT, one byte long, is stun_put. */
void stun_put_u8(struct writer *w, uint16_t attr, uint8_t v);
void stun_put_u16(struct writer *w, uint16_t attr, uint16_t v);
/* Plain or XORed (with the transaction id that stun_begin wrote), as the table says. */
void stun_put_addr(struct writer *w, uint16_t attr, const struct addr *a);
/* ERROR-CODE with the code's own reason phrase. `code`: 300 to 699. */
void stun_put_error(struct writer *w, unsigned code);
/* UNKNOWN-ATTRIBUTES, which a 420 must carry. */
void stun_put_unknown(struct writer *w, const uint16_t *types, size_t count);

#endif
