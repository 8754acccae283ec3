/* The IP and UDP headers that a datagram had on the wire. A socket shows only the payload, so a
 * capture that is made at the socket makes them again. RFC 791, RFC 8200, RFC 768.
 *
 * What the kernel chose and we can't see has a usual value: hop limit 64, no identification, no
 * traffic class. Checksums are right, for a payload as it went over the socket. */
#ifndef DUET_TRACE_WRAP_H
#define DUET_TRACE_WRAP_H

#include "base/addr.h"

/* Bytes of both headers: IPv6's 40 and UDP's 8. */
#define WRAP_HEADERS_MAX 48

/* Writes the headers and `payload`. Both addresses must be of one family, `payload` shorter than
 * 65,508 bytes; else nothing is written and the result is false. */
bool wrap_udp(struct writer *w, const struct addr *from, const struct addr *to,
              struct bytes payload);
/* What wrap_udp would write, in bytes; 0 where it would refuse. */
size_t wrap_len(const struct addr *from, const struct addr *to, size_t payload_len);
/* The Internet checksum (RFC 1071 §1) of `sum` (0 to begin with) and `b`, not yet complemented: to
 * be carried on to the next part, which every part but the last needs an even length for. */
uint32_t wrap_sum(uint32_t sum, struct bytes b);

#endif
