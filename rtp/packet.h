/* The RTP header and its extensions, read into views and written. RFC 3550 §5.1, RFC 8285. */
#ifndef DUET_RTP_PACKET_H
#define DUET_RTP_PACKET_H

#include "base/bytes.h"

#define RTP_HEADER_LEN        12
#define RTP_CSRC_MAX          15
#define RTP_PROFILE_ONE_BYTE  0xBEDE /* RFC 8285 §4.2 */
#define RTP_PROFILE_TWO_BYTES 0x1000 /* §4.3: the low four bits are free ("appbits") */
#define RTP_EXTENSION_MAX     255    /* bytes of one element, two-byte form */

struct rtp_packet {
    bool marker;
    uint8_t payload_type; /* 7 bits */
    uint16_t sequence;
    uint32_t timestamp;
    uint32_t ssrc;
    uint8_t csrc_count;
    uint32_t csrc[RTP_CSRC_MAX];
    bool has_extension;
    uint16_t profile;       /* "defined by profile" of the extension */
    struct bytes extension; /* the extension's words behind its four-byte header */
    struct bytes payload;   /* without padding; empty in a probe */
    uint8_t padding;        /* bytes of padding, with the count at the end; 0: no P bit */
    size_t header_len;      /* bytes before the payload */
    struct fault fault;     /* why rtp_parse refused */
};

/* One element of RFC 8285. */
struct rtp_extension {
    uint8_t id; /* 1 to 14 in the one-byte form, 1 to 255 in the two-byte form */
    struct bytes data;
};

/* Reads a whole packet; the views point into `in`. Refuses: another version than 2, padding longer
 * than the payload or of count 0, an extension or one of its elements past its end (a profile that
 * is not RFC 8285's is kept unread). */
enum err rtp_parse(struct rtp_packet *p, struct bytes in);
/* The same of an SRTP packet that is not decrypted (RFC 3711 §3.1): header and extensions are in
 * the clear, but not how long the padding is. `payload` is all behind the header, the tag too. */
enum err rtp_parse_protected(struct rtp_packet *p, struct bytes in);

/* The elements one after the other: start with `struct reader r = rtp_extensions(p)`. */
struct reader rtp_extensions(const struct rtp_packet *p);
bool rtp_extension_next(const struct rtp_packet *p, struct reader *r, struct rtp_extension *e);
/* The first element with this id, or {NULL, 0}; an element of length 0 has at != NULL. */
struct bytes rtp_extension_find(const struct rtp_packet *p, uint8_t id);

/* Writes header, CSRCs and the `count` elements (one-byte form if all fit it, else two-byte), then
 * `p->payload`, then `p->padding` bytes. `p->extension`, `profile` and `has_extension` are not
 * looked at. Fails the writer with E_FULL when it does not fit. */
void rtp_write(struct writer *w, const struct rtp_packet *p, const struct rtp_extension *elements,
               size_t count);
/* The same up to where the payload begins: for callers that write the payload themselves. `padded`
 * sets the P bit. */
void rtp_write_header(struct writer *w, const struct rtp_packet *p, bool padded,
                      const struct rtp_extension *elements, size_t count);

/* Overwrites the value of element `id` in the packet at `at`, in place. False: it is not a packet,
 * there is no such element or its length differs; nothing changed. */
bool rtp_extension_set(uint8_t *at, size_t len, uint8_t id, struct bytes value);

/* Overwrite a field of the header in place. `len` >= RTP_HEADER_LEN or nothing is done. */
void rtp_set_marker(uint8_t *at, size_t len, bool marker);
void rtp_set_sequence(uint8_t *at, size_t len, uint16_t sequence);

#endif
