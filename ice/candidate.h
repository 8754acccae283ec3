/* ICE candidates: struct, priority, text form. RFC 8445 §5.1, RFC 8839 §5.1. */
#ifndef DUET_ICE_CANDIDATE_H
#define DUET_ICE_CANDIDATE_H

#include "base/addr.h"

#define ICE_FOUNDATION_MAX     32  /* RFC 8839 §5.1 */
#define ICE_UFRAG_MIN          4   /* RFC 8839 §5.4 */
#define ICE_UFRAG_MAX          256 /* what must be accepted; ours has 8 */
#define ICE_PWD_MIN            22
#define ICE_PWD_MAX            256
/* A host name in place of an address: `.local` names are a UUID and 6 characters (mDNS ICE
 * candidates draft §3.1.1); a longer name than this is refused as unsupported. */
#define ICE_NAME_MAX           127
/* The longest line that candidate_write makes. */
#define ICE_CANDIDATE_TEXT_MAX 768

enum candidate_type { CANDIDATE_HOST, CANDIDATE_SRFLX, CANDIDATE_PRFLX, CANDIDATE_RELAY };
enum candidate_protocol { CANDIDATE_UDP, CANDIDATE_TCP };
/* RFC 6544 §4.5 */
enum candidate_tcptype { TCPTYPE_NONE, TCPTYPE_ACTIVE, TCPTYPE_PASSIVE, TCPTYPE_SO };

struct candidate {
    enum candidate_type type;
    enum candidate_protocol protocol;
    enum candidate_tcptype tcptype;
    uint16_t component; /* 1 to 256; 1 is RTP, and all there is with rtcp-mux */
    uint32_t priority;
    struct addr addr; /* family ADDR_NONE: `name` stands for it, the port is right */
    struct addr
        related; /* raddr and rport: the base (srflx, prflx) or the mapped address (relay) */
    char name[ICE_NAME_MAX + 1]; /* host name in place of an address, else "" */
    char foundation[ICE_FOUNDATION_MAX + 1];
    char ufrag[ICE_UFRAG_MAX + 1];  /* RFC 8840 §4.1: the generation it belongs to; "": not said */
    int32_t generation, network_id; /* libwebrtc's extensions; -1: not said */
};

/* "host", "srflx", "prflx", "relay" */
const char *candidate_type_name(enum candidate_type type);

/* RFC 8445 §5.1.2.1: 126 host, 110 peer reflexive, 100 server reflexive, 0 relayed. */
uint32_t candidate_priority(enum candidate_type type, uint16_t local_preference,
                            uint16_t component);

/* Parses "candidate:...", with or without "a=" before it, or the bare value after "candidate:".
 * Unknown extensions are left away (RFC 8839 §5.1). E_MALFORMED: breaks the grammar;
 * E_UNSUPPORTED: well formed, but a transport, type or name that we do nothing with: ignore it.
 * `fault` (may be NULL) says where and why. */
enum err candidate_parse(struct candidate *c, struct bytes text, struct fault *fault);

/* Writes "candidate:..." without line end into `w`. */
void candidate_write(struct writer *w, const struct candidate *c);

/* Same in every member that the text form carries. */
bool candidate_equal(const struct candidate *a, const struct candidate *b);

/* Ends in ".local" or ".local.": to be asked by multicast only (RFC 6762 §3). */
bool candidate_is_local_name(const char *name);

/* Only ALPHA DIGIT + / (RFC 8839 §5.1), and as many as `min` to `max`. */
bool ice_chars_ok(struct bytes text, size_t min, size_t max);

#endif
