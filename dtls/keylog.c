#include "dtls/keylog.h"

#include "dtls/internal.h"

#include <string.h>

/* OpenSSL calls this for every connection of the identity once one of them has asked, each time
 * that it derives a secret: for DTLS 1.2 once, before our Finished. */
static void keep(const SSL *ssl, const char *line)
{
    struct dtls *dtls = SSL_get_ex_data(ssl, 0);
    size_t len = strlen(line);
    if (!dtls || !dtls->keylog_asked || len >= sizeof dtls->keylog) return;
    memcpy(dtls->keylog, line, len + 1);
}

void dtls_keylog_ask(struct dtls *dtls)
{
    dtls->keylog_asked = true;
    SSL_CTX_set_keylog_callback(SSL_get_SSL_CTX(dtls->ssl), keep);
}

bool dtls_keylog_take(struct dtls *dtls, char line[DTLS_KEYLOG_MAX])
{
    if (!dtls->keylog[0]) return false;
    memcpy(line, dtls->keylog, sizeof dtls->keylog);
    bytes_wipe(dtls->keylog, sizeof dtls->keylog);
    return true;
}
