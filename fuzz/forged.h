/* What a stranger's script must leave out: handshake messages in clear, which nothing in DTLS 1.2
 * tells from the true ones. */
#ifndef DUET_FUZZ_FORGED_H
#define DUET_FUZZ_FORGED_H

#include "dtls/record.h"

static inline bool has_clear_handshake(struct bytes datagram)
{
    struct reader r = reader_of(datagram);
    for (struct dtls_record record; dtls_record_next(&r, &record);)
        if (!record.unified && record.epoch == 0 && record.type == DTLS_CONTENT_HANDSHAKE)
            return true;
    return false;
}

#endif
