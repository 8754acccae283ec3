/* The DTLS associations of a capture, and what a key log opens of them: the records behind the
 * handshake, and SRTP under the keys that the handshake gave (RFC 5764 §4.2).
 *
 * A capture is gone over twice, since a reader may be told more later than it needs it:
 *
 *     sessions_check() for each STUN message        who is where
 *     sessions_learn() for each datagram of DTLS    who shook hands with whom, and about what
 *     sessions_keylog() for each key log            which of them it has the secrets of
 *     sessions_dtls(), sessions_srtp()              what is inside a packet
 *
 * An association is its ClientHello's random, not its addresses: ICE may send the next packet over
 * another pair (RFC 8445 §12.1), and a second handshake may follow on the same one. So a packet is
 * tried with the associations that were seen between both its ends, the newest first, then with
 * those of the same ICE session (apps/explainpairs.h), those that one end is of, and any. Its tag
 * tells whose it is. */
#ifndef DUET_APPS_EXPLAINSESSION_H
#define DUET_APPS_EXPLAINSESSION_H

#include "base/addr.h"
#include "dtls/explain.h"

#define SESSIONS_MAX       1024 /* associations; what more there are stay closed */
#define SESSIONS_PATHS_MAX 8    /* address pairs of each that are remembered */
#define SESSIONS_TRIES_MAX 16   /* associations that one packet is tried with */

struct sessions; /* opaque */

/* NULL: no memory. */
struct sessions *sessions_new(void);
/* Wipes all secrets. NULL is fine. */
void sessions_free(struct sessions *s);

/* A STUN message that went from `from` to `to`: a check tells the ICE session of the pair. */
void sessions_check(struct sessions *s, const struct addr *from, const struct addr *to,
                    struct bytes message);
/* A datagram of DTLS that went from `from` to `to`. What can't be read is passed over. */
void sessions_learn(struct sessions *s, const struct addr *from, const struct addr *to,
                    struct bytes datagram);
/* A key log in the NSS format, after all was learned. Of two secrets for one ClientHello the first
 * counts. */
void sessions_keylog(struct sessions *s, struct bytes log);

/* Was a handshake learned on this pair, or on another one of its ICE session? */
bool sessions_has(const struct sessions *s, const struct addr *from, const struct addr *to);
/* Finds what opens the encrypted records of a datagram: sets the secrets and from_client of
 * `options`, or what is said about why they stay closed. */
void sessions_dtls(struct sessions *s, const struct addr *from, const struct addr *to,
                   struct bytes datagram, struct dtls_explain_options *options);
/* Opens an SRTP or SRTCP packet into `room`, of packet.len bytes at least. NULL: `plain` is what is
 * inside; else a sentence about why it stays closed, "" where no key log was given. */
const char *sessions_srtp(struct sessions *s, const struct addr *from, const struct addr *to,
                          struct bytes packet, bool rtcp, uint8_t *room, struct bytes *plain);

/* What the reader of the capture should know about the key log: the i-th sentence into `text`
 * (secrets that opened nothing of what they should have opened, lines of no association here).
 * False: there are no more. */
bool sessions_remark(const struct sessions *s, size_t i, char *text, size_t room);

#endif
