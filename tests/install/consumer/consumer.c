/* A program of somebody else's: makes an offer and reads it, with the installed duet only. */
#include <stdio.h>

#include "dtls/identity.h"
#include "peer/connection.h"
#include "sdp/parse.h"

int main(void)
{
    struct dtls_identity *identity = dtls_identity_new(1700000000);
    struct rng rng;
    rng_init_number(&rng, 1);
    const struct peer_config cfg = {
        .identity = identity, .rng = rng, .audio = {true, true}, .video = {true, true}};
    struct peer *peer = peer_new(&cfg);
    struct bytes text;
    struct sdp offer = {0};
    int status = 1;
    if (!peer || peer_offer(peer, &text, 0) != OK) goto out;
    if (sdp_parse(&offer, text) != OK) goto out;
    printf("an offer of %zu bytes with %zu media sections\n", text.len, offer.section_count);
    status = offer.section_count == 2 ? 0 : 1;
out:
    sdp_free(&offer);
    peer_free(peer);
    dtls_identity_free(identity);
    return status;
}
