/* Why a call failed, with everything that decided it: each layer's state, candidates and pairs with
 * what became of their checks, the handshake, media that could not be used, and the RFC section
 * that rules. Of any connection, real or simulated. */
#ifndef DUET_APPS_ACCOUNT_H
#define DUET_APPS_ACCOUNT_H

#include <jansson.h>
#include <stdio.h>

#include "apps/sink.h"
#include "peer/connection.h"

/* The account as JSON: {"event":"account","cause":...}; docs/cli.md says what is in it. Take it
 * before the connection is closed: what is closed has forgotten how it was. NULL: no memory. */
json_t *account_of(const struct peer *peer, usec now);
/* Adds the first frame that no decoder took; NULL: there was none, or nobody decodes. */
void account_add_undecoded(json_t *account, const struct sink_undecoded *first, usec now);
/* The same for a person. */
void account_print(const json_t *account, FILE *to);

#endif
