/* Handshake messages put together from the fragments of many datagrams (RFC 6347 §4.2.3), as a
 * bystander sees them: of many handshakes at once, reordered, repeated, some of it missing. For
 * `duet explain`; in a call OpenSSL does it.
 *
 * Bounds: no message above DTLS_REASSEMBLY_MESSAGE_MAX, DTLS_REASSEMBLY_MESSAGES of them at a time;
 * one more takes the place of whichever rested longest. */
#ifndef DUET_DTLS_REASSEMBLY_H
#define DUET_DTLS_REASSEMBLY_H

#include "base/addr.h"
#include "dtls/record.h"

#define DTLS_REASSEMBLY_MESSAGE_MAX 65536
#define DTLS_REASSEMBLY_MESSAGES    64

struct dtls_reassembly; /* opaque */

/* NULL: no memory. */
struct dtls_reassembly *dtls_reassembly_new(void);
void dtls_reassembly_free(struct dtls_reassembly *r); /* NULL is fine */

enum dtls_part {
    DTLS_PART_WAITS,    /* others are missing still, or it is too long to be put together */
    DTLS_PART_REPEATED, /* the message is whole already, and this is not its end */
    DTLS_PART_WHOLE     /* the message is whole with this one; or again with its end repeated */
};

/* Takes a fragment that went from `from` to `to` (any two values, where there are no addresses). A
 * whole message comes through `whole`, which is borrowed until the next call and may be the
 * fragment's own body. A fragment that contradicts what came before it (type, length, bytes) is of
 * another handshake, and begins the message anew. */
enum dtls_part dtls_reassembly_add(struct dtls_reassembly *r, const struct addr *from,
                                   const struct addr *to, const struct dtls_fragment *fragment,
                                   struct bytes *whole);

#endif
