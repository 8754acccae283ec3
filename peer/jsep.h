/* Offer and answer: which descriptions are in force, which is pending, and what may come next.
 * RFC 8829 §3.2 (states), §4.1, §5; RFC 3264. A struct and functions: it needs neither network nor
 * clock. */
#ifndef DUET_PEER_JSEP_H
#define DUET_PEER_JSEP_H

#include "sdp/agree.h"
#include "sdp/negotiate.h"

/* RFC 8829 §3.2, without provisional answers, which browsers' pages hardly use. */
enum jsep_state { JSEP_STABLE, JSEP_HAVE_LOCAL_OFFER, JSEP_HAVE_REMOTE_OFFER, JSEP_CLOSED };

struct jsep {
    enum jsep_state state;
    bool in_force;              /* an exchange was completed: local, remote and agreed count */
    struct sdp local, remote;   /* in force */
    struct sdp pending;         /* the offer while the state is not stable */
    struct sdp_agreed agreed;   /* what the descriptions in force mean together */
    struct sdp_numbers numbers; /* of all descriptions that were in force */
    bool we_offered;            /* in the last exchange */
    uint64_t session_id, version;
    struct fault fault; /* why the last call was refused */
};

/* `session_id` below 2^63, random (RFC 8829 §5.2.1). */
void jsep_init(struct jsep *jsep, uint64_t session_id);
void jsep_free(struct jsep *jsep);
const char *jsep_state_name(enum jsep_state state);

/* Each of these changes nothing when it fails; `fault` says why. `local` needs everything but
 * session_id, version and the current descriptions, which are filled in here. E_STATE: not in this
 * state (W3C webrtc §4.4.1.5 calls it InvalidStateError). */

/* stable -> have-local-offer. Writes our offer. */
enum err jsep_offer(struct jsep *jsep, struct writer *w, struct sdp_local local,
                    const struct sdp_wish *wishes, size_t count);
/* stable -> have-remote-offer. `text` is borrowed for the call. Errors of sdp_parse, sdp_check. */
enum err jsep_remote_offer(struct jsep *jsep, struct bytes text);
/* have-remote-offer -> stable. Writes our answer; `agreed` is new. */
enum err jsep_answer(struct jsep *jsep, struct writer *w, struct sdp_local local,
                     const struct sdp_wish *wishes, size_t count);
/* have-local-offer -> stable. Errors of sdp_parse, sdp_agree. */
enum err jsep_remote_answer(struct jsep *jsep, struct bytes text);
/* Forgets the pending offer, ours or theirs: RFC 8829 §4.1.10.2. E_STATE: none is pending. */
enum err jsep_rollback(struct jsep *jsep);
void jsep_close(struct jsep *jsep);

/* True: the pending remote offer asks for a restart of an ICE that runs with these credentials of
 * the peer's (RFC 8839 §4.4.1.1.1). They are not asked of the descriptions: when every section was
 * rejected those have none, and ICE still runs. */
bool jsep_restart_offered(const struct jsep *jsep, struct bytes ufrag, struct bytes pwd);

#endif
