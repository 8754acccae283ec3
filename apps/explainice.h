/* The ICE credentials that the descriptions of a capture name, and which of them a STUN message was
 * signed with: a check by the password of whom it is sent to, its answer by the same one (RFC 8445
 * §7.2.2). */
#ifndef DUET_APPS_EXPLAINICE_H
#define DUET_APPS_EXPLAINICE_H

#include "sdp/model.h"

#define EXPLAINICE_KNOWN_MAX  128  /* username fragments; of more the oldest are forgotten */
#define EXPLAINICE_ASKED_MAX  1024 /* requests whose answers are still known; likewise */
#define EXPLAINICE_SECRET_MAX 256  /* characters of ice-ufrag and ice-pwd: RFC 8839 §5.4 */

struct explainice; /* opaque */

struct explainice *explainice_new(void);    /* NULL: no memory */
void explainice_free(struct explainice *e); /* NULL is fine */

/* Notes the credentials of all sections. */
void explainice_learn(struct explainice *e, const struct sdp *description);
/* The password for `message`, in the order of the capture: an answer is known by the request that
 * was asked about before. `at` NULL: none is known. Borrowed until the next explainice_learn. */
struct bytes explainice_password(struct explainice *e, struct bytes message);

#endif
