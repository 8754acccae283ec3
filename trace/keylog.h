/* The lines of a key log in the NSS format, which opens a DTLS 1.2 session to whoever has both:
 *
 *     CLIENT_RANDOM <32 bytes of ClientHello.random> <48 bytes of master secret>
 *
 * in hexadecimal. draft-ietf-tls-keylogfile §1; https://nss-crypto.org/reference/security/nss/
 * SSLKEYLOGFILE. Other labels (TLS 1.3) and comments are passed over. */
#ifndef DUET_TRACE_KEYLOG_H
#define DUET_TRACE_KEYLOG_H

#include "base/bytes.h"

#define KEYLOG_RANDOM 32
#define KEYLOG_MASTER 48
/* "CLIENT_RANDOM ", both numbers, a space, the end of the line. */
#define KEYLOG_LINE   (14 + 2 * KEYLOG_RANDOM + 1 + 2 * KEYLOG_MASTER + 1)

/* A secret: bytes_wipe it after use. */
struct keylog_secret {
    uint8_t random[KEYLOG_RANDOM];
    uint8_t master[KEYLOG_MASTER];
};

/* The next CLIENT_RANDOM line of a log that is read line by line; false: none is left. Lines that
 * are something else, or broken, are passed over. */
bool keylog_next(struct reader *log, struct keylog_secret *out);
/* The master secret of the session that began with this ClientHello.random; false: not in it. */
bool keylog_find(struct bytes log, const uint8_t random[KEYLOG_RANDOM], struct keylog_secret *out);
/* One line, with its end: KEYLOG_LINE bytes. */
void keylog_write(struct writer *w, const struct keylog_secret *secret);

#endif
