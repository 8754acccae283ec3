/* DNS messages, as resolve and mdns share them: RFC 1035 §4, compression §4.1.4, EDNS(0) RFC 6891.
 *
 * dns_parse checks a whole message once (every name, every length); walking it afterwards can't
 * fail. Names stay where they are and are compared in place: a message costs no allocation. */
#ifndef DUET_NET_DNSMSG_H
#define DUET_NET_DNSMSG_H

#include "net/name.h"

#define DNS_MSG_MAX                                                                                \
    1232 /* what we ask servers for: fits any path unfragmented (RFC 6891 §6.2.5)                 \
          */

enum { /* RFC 1035 §3.2.2, RFC 3596 §2.1, RFC 6891 §6.1.1, RFC 4034 §4 */
       DNS_A = 1,
       DNS_CNAME = 5,
       DNS_AAAA = 28,
       DNS_OPT = 41,
       DNS_NSEC = 47
};
enum {
    DNS_IN = 1,
    DNS_CLASS_MASK = 0x7fff, /* mDNS takes the top bit: RFC 6762 §5.4, §10.2 */
};
enum { /* the flags of RFC 1035 §4.1.1 */
       DNS_RESPONSE = 0x8000,
       DNS_OPCODE = 0x7800,
       DNS_AUTHORITATIVE = 0x0400,
       DNS_TRUNCATED = 0x0200,
       DNS_RECURSE = 0x0100,
       DNS_RCODE = 0x000f,
};
enum { DNS_NOERROR = 0, DNS_FORMERR = 1, DNS_SERVFAIL = 2, DNS_NXDOMAIN = 3 };

struct dns_msg {
    struct bytes whole; /* borrowed */
    uint16_t id, flags;
    uint16_t questions, answers, authorities, additionals;
    struct fault fault;
};

struct dns_question {
    size_t name; /* offset in the message: dns_name_equal, dns_name_text */
    uint16_t type, class;
};

struct dns_record {
    size_t name;
    uint16_t type, class;
    uint32_t ttl; /* seconds */
    struct bytes data;
    size_t data_offset; /* of `data` in the message: a CNAME's target is the name there */
};

/* E_TRUNCATED, E_MALFORMED with msg->fault. Bytes after the last record are let be. */
enum err dns_parse(struct dns_msg *msg, struct bytes in);

/* Over the questions, then over answers, authorities and additionals in one go. */
struct dns_walk {
    struct reader r;
    unsigned questions, records;
};
struct dns_walk dns_walk_of(const struct dns_msg *msg);
bool dns_next_question(struct dns_walk *walk, struct dns_question *q); /* false: no more */
bool dns_next_record(struct dns_walk *walk, struct dns_record *rr);    /* skips questions */

/* Is the name at `offset` this text? Case and a last dot don't count. */
bool dns_name_equal(const struct dns_msg *msg, size_t offset, struct bytes text);
/* Are the names at these offsets the same? */
bool dns_name_same(const struct dns_msg *msg, size_t a, size_t b);
/* The name_hash of the name. */
uint32_t dns_name_hash(const struct dns_msg *msg, size_t offset);
/* The name as text without a last dot, bytes that no host name has as '?'; returns `to`. */
const char *dns_name_text(const struct dns_msg *msg, size_t offset, char to[NAME_MAX_LEN + 1]);
/* The address of an A or AAAA record of class IN; false: it is something else. */
bool dns_record_addr(const struct dns_record *rr, struct addr *a);

struct dns_counts {
    uint16_t questions, answers, authorities, additionals;
};
/* A message is its header, then as many questions and records as announced. */
void dns_write_header(struct writer *w, uint16_t id, uint16_t flags, struct dns_counts counts);
/* Uncompressed. A name that is not name_valid fails the writer. */
void dns_write_name(struct writer *w, struct bytes name);
void dns_write_question(struct writer *w, struct bytes name, uint16_t type, uint16_t class);
/* A or AAAA by the address's family. */
void dns_write_addr(struct writer *w, struct bytes name, uint16_t class, uint32_t ttl,
                    const struct addr *a);
void dns_write_cname(struct writer *w, struct bytes name, uint32_t ttl, struct bytes target);
/* EDNS(0): we take answers of DNS_MSG_MAX bytes (RFC 6891 §6.1.2). */
void dns_write_opt(struct writer *w);

#endif
