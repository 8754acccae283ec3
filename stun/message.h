/* STUN messages: header, attribute walk, builder. RFC 8489 §5, §14. */
#ifndef DUET_STUN_MESSAGE_H
#define DUET_STUN_MESSAGE_H

#include "base/bytes.h"

#define STUN_COOKIE     0x2112A442u /* §5 */
#define STUN_HEADER_LEN 20
#define STUN_ID_LEN     12
/* The longest message that the header's 16-bit length can announce. */
#define STUN_MAX        (STUN_HEADER_LEN + 65532)

/* §5: the class is bits 4 and 8 of the type. */
enum stun_class {
    STUN_REQUEST = 0x0000,
    STUN_INDICATION = 0x0010,
    STUN_SUCCESS = 0x0100,
    STUN_ERROR = 0x0110
};

/* Methods, as they stand in the type with the class bits left out. §18.2, RFC 8656 §17. */
enum stun_method {
    STUN_BINDING = 0x001,
    STUN_ALLOCATE = 0x003,
    STUN_REFRESH = 0x004,
    STUN_SEND = 0x006,
    STUN_DATA = 0x007,
    STUN_CREATE_PERMISSION = 0x008,
    STUN_CHANNEL_BIND = 0x009
};

/* A parsed message: views into the datagram, valid as long as that is. */
struct stun_msg {
    uint16_t type;      /* class | method, as on the wire */
    struct bytes whole; /* header and attributes */
    struct bytes id;    /* transaction id, 12 bytes; empty before a good parse */
    struct bytes attrs; /* all attributes, padding included */
    struct fault fault; /* why stun_parse refused it */
    /* Offsets in `whole` of the first attribute of each kind (its type field), 0: absent. */
    uint32_t integrity, integrity_sha256, fingerprint;
};

static inline enum stun_class stun_class(const struct stun_msg *m)
{
    return (enum stun_class)(m->type & 0x0110);
}

/* The method with its bits as they stand in the type: Binding is 0x001 in every class. */
static inline uint16_t stun_method(const struct stun_msg *m)
{
    return (uint16_t)(m->type & 0x3EEF);
}

/* Parses one whole datagram: header, then every attribute: its length must fit what remains, and
 * where attribute.h knows it, its value must have the shape that its section demands. Integrity
 * and FINGERPRINT are found, not verified: integrity.h. What follows the integrity attribute is
 * looked at no further than its length, as it must be ignored (§14.5).
 * E_TRUNCATED, E_MALFORMED; details in m->fault. */
enum err stun_parse(struct stun_msg *m, struct bytes in);

/* One attribute as it stands in a message. */
struct stun_attr {
    uint16_t type;
    struct bytes value;   /* without padding */
    size_t offset;        /* of its type field, from the start of the message */
    bool after_integrity; /* nobody vouches for it: stun_find never answers it */
};

struct stun_walk {
    struct reader r;
    bool sha1_seen, sha256_seen;
};

/* Walks all attributes in order. */
struct stun_walk stun_walk_of(const struct stun_msg *m);
bool stun_walk_next(struct stun_walk *w, struct stun_attr *a);

/* The first attribute of this type that counts (§14: only the first is processed; §14.5, §14.6:
 * after MESSAGE-INTEGRITY only MESSAGE-INTEGRITY-SHA256 and FINGERPRINT count, after the former
 * only FINGERPRINT). False: absent. `value` may be NULL. */
bool stun_find(const struct stun_msg *m, uint16_t attr, struct bytes *value);
static inline bool stun_has(const struct stun_msg *m, uint16_t attr)
{
    return stun_find(m, attr, NULL);
}

/* Comprehension-required attributes that the table does not know, into `types`; returns how many,
 * at most `room`. Not empty: answer a request with 420 (§6.3.1), drop anything else. */
size_t stun_unknown(const struct stun_msg *m, uint16_t *types, size_t room);

/* The builder writes into a writer that starts where the message starts. The header's length is
 * right after every call, so that a message is done whenever the caller is. When the room ends,
 * the writer's `err` is E_FULL and writer_done is empty. */
void stun_begin(struct writer *w, uint16_t type, struct bytes id);
/* One attribute, padded with zeros to whole words (§14). */
void stun_put(struct writer *w, uint16_t attr, struct bytes value);

/* Writes a parsed message again, attribute by attribute, into `room`; empty when it does not fit.
 * Equal up to padding. */
struct bytes stun_write(const struct stun_msg *m, void *room, size_t len);
/* Same type, id and attributes (types and values in order). */
bool stun_equal(const struct stun_msg *a, const struct stun_msg *b);

#endif
