/* What one session has to say to the remote participant and the signaling connection has not taken
 * yet: descriptions, candidates, bye. */
#ifndef DUET_APPS_OUTBOX_H
#define DUET_APPS_OUTBOX_H

#include "base/ring.h"
#include "peer/connection.h"
#include "signaling/message.h"

#define OUTBOX_MAX 64 /* letters that wait; what comes then is lost */

/* A message that keeps its text itself. */
struct letter {
    enum sig_type type;
    char *text; /* the description or the candidate; NULL: none, as in a bye */
    char mid[RTP_MID_MAX + 1], ufrag[ICE_UFRAG_MAX + 1]; /* of a candidate */
};

/* An offer or an answer, copied. E_NOMEM: there is no letter. */
enum err letter_describe(struct letter *l, enum sig_type type, struct bytes description);
/* A candidate, or the end of candidates. E_NOMEM: there is no letter. */
enum err letter_candidate(struct letter *l, const struct peer_candidate *candidate);
void letter_free(struct letter *l);
/* The letter as a message with views into it; `to` and `key` are as in struct sig_message. */
struct sig_message letter_message(const struct letter *l, const struct sig_id *to,
                                  const struct sig_id *key);

struct outbox {
    struct ring waiting;
    struct letter items[OUTBOX_MAX];
    struct letter taken; /* the one that the caller is looking at */
};

void outbox_init(struct outbox *o);
void outbox_close(struct outbox *o);
/* Takes the letter over, also if there is no room for it. */
void outbox_post(struct outbox *o, struct letter *l);
/* The oldest letter, which lives until the next call; NULL: none waits. */
const struct letter *outbox_take(struct outbox *o);

#endif
