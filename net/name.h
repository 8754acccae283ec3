/* Host names as text: what is well formed, what is equal, what must never reach DNS; and the shape
 * in which resolve and mdns answer. RFC 1123 §2.1, RFC 6761, RFC 6762. */
#ifndef DUET_NET_NAME_H
#define DUET_NET_NAME_H

#include "base/addr.h"

#define NAME_MAX_LEN   253 /* characters, without the last dot (RFC 1035 §2.3.4: 255 on the wire) */
#define NAME_ADDRS_MAX 8   /* addresses kept of one name */

/* Letters, digits, '-' and '_' in labels of 1 to 63, one dot between; a last dot is allowed. */
bool name_valid(struct bytes name);
/* Without regard to case and a last dot. */
bool name_equal(struct bytes a, struct bytes b);
/* One label, or whole names to the letter: without regard to the case of A-Z (RFC 4343 §3). */
bool name_label_equal(struct bytes a, struct bytes b);
/* Equal names have equal hashes; for finding one among many. No secret: anybody can make two names
 * that share one. */
uint32_t name_hash(struct bytes name);
/* One label more of a hash, from NAME_HASH_START on: what name_hash does label by label. */
#define NAME_HASH_START 2166136261u
uint32_t name_hash_label(uint32_t hash, struct bytes label);
/* `local` or below it, in any case, with or without a last dot: mDNS only (RFC 6762 §3). */
bool name_is_local(struct bytes name);
/* `localhost` or below it: loopback, never asked anywhere (RFC 6761 §6.3). */
bool name_is_localhost(struct bytes name);

/* The outcome of one question. `count` 0: `fault` says why, its rule for people. */
struct name_event {
    uint64_t token; /* the asker's */
    char name[NAME_MAX_LEN + 1];
    struct addr addrs[NAME_ADDRS_MAX]; /* port 0; IPv6 before IPv4 (RFC 8305 §4) */
    size_t count;
    struct fault fault;
};

#endif
