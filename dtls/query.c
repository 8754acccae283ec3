/* What others may ask of a handshake: state, what was agreed on, fingerprints, statistics. */
#include "dtls/internal.h"

#include <string.h>

struct dtls_status dtls_status(const struct dtls *dtls)
{
    return dtls->status;
}

const char *dtls_state_name(enum dtls_state state)
{
    switch (state) {
    case DTLS_NEW: return "new";
    case DTLS_CONNECTING: return "connecting";
    case DTLS_CONNECTED: return "connected";
    case DTLS_FAILED: return "failed";
    case DTLS_CLOSED: return "closed";
    }
    return "unknown";
}

enum dtls_role dtls_role(const struct dtls *dtls)
{
    return dtls->role;
}

const char *dtls_version_name(const struct dtls *dtls)
{
    return dtls->handshaken ? SSL_get_version(dtls->ssl) : NULL;
}

const char *dtls_cipher_name(const struct dtls *dtls)
{
    return dtls->handshaken ? SSL_get_cipher_name(dtls->ssl) : NULL;
}

const char *dtls_cipher_iana_name(const struct dtls *dtls)
{
    return dtls->handshaken ? SSL_CIPHER_standard_name(SSL_get_current_cipher(dtls->ssl)) : NULL;
}

size_t dtls_remote_fingerprints(const struct dtls *dtls, struct dtls_fingerprint *out, size_t room)
{
    size_t count = dtls->wanted_count < room ? dtls->wanted_count : room;
    memcpy(out, dtls->wanted, count * sizeof *out);
    return count;
}

bool dtls_peer_fingerprint(const struct dtls *dtls, enum dtls_hash hash,
                           struct dtls_fingerprint *out)
{
    X509 *certificate = SSL_get0_peer_certificate(dtls->ssl);
    if (dtls_hash_len(hash) == 0) return false;
    if (dtls->seen.hash == hash) { /* OpenSSL forgets the certificate that we refused */
        *out = dtls->seen;
        return true;
    }
    if (!certificate) return false;
    *out = dtls_verify_fingerprint(hash, certificate);
    return true;
}

const struct dtls_flights *dtls_flights(const struct dtls *dtls)
{
    return &dtls->flights;
}

const struct dtls_counters *dtls_counters(const struct dtls *dtls)
{
    return &dtls->counters;
}
