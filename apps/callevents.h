/* What a call tells as it happens, an event a line (docs/cli.md): the members of each that are its
 * own; the session adds with whom, the report adds when. All answer a new object; NULL: no memory.
 */
#ifndef DUET_APPS_CALLEVENTS_H
#define DUET_APPS_CALLEVENTS_H

#include <jansson.h>

#include "peer/connection.h"

/* connection-state: `state`, and if it failed `layer` and `reason` */
json_t *callevents_connection(const struct peer *peer, enum peer_state state);
/* ice-state: `state` */
json_t *callevents_ice(const struct peer *peer);
/* ice-selected: `local`, `localType`, `remote`, `remoteType` */
json_t *callevents_selected(const struct ice_pair_info *pair);
/* dtls-state: `state`, `reason` and `alert` if there are any */
json_t *callevents_dtls(const struct peer *peer);
/* track: `track`, `kind`, `mid`, `send`, `recv` */
json_t *callevents_track(size_t track, const struct peer_track *t);

/* "malformed at line 3 (offset 17): ..." of a description that was refused; of anything else
 * (`description` is empty, or the fault is another layer's) there are no lines. */
const char *callevents_fault(const struct fault *fault, struct bytes description, char *to,
                             size_t room);

#endif
