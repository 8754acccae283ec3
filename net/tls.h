/* TLS (1.2 and up) on a stream: RFC 8446, RFC 5246; names checked as RFC 9525; ALPN "http/1.1". */
#ifndef DUET_NET_TLS_H
#define DUET_NET_TLS_H

#include "net/stream.h"

struct tls; /* keys and trust, made once a process; must outlive its streams */

/* Trusts the system's roots, and those in `ca_file` (PEM) unless it is NULL. NULL: `why` says. */
struct tls *tls_client_new(const char *ca_file, struct fault *why);
/* Serves with a certificate chain and its key (PEM). NULL: `why` says which file and why. */
struct tls *tls_server_new(const char *cert_file, const char *key_file, struct fault *why);
void tls_free(struct tls *tls); /* NULL is fine */

/* Secures `s` (connecting or open), as a client that demands a certificate for `host`, a DNS name
 * or an address literal. Names go into SNI, literals don't (RFC 6066 §3). A refused certificate
 * makes the stream FAILED, with a rule such as "the certificate has expired: ...". E_NOMEM,
 * E_MALFORMED (no usable host). */
enum err tls_start_client(struct tls *tls, struct stream *s, const char *host);
/* The same from the server's side. */
enum err tls_start_server(struct tls *tls, struct stream *s);
/* Of a FAILED stream: the certificate as such is well, but nobody who is trusted has signed it; a
 * `ca_file` would help. */
bool tls_untrusted(const struct stream *s);

#endif
