/* One call with one other participant: a peer connection with its sockets, its decoders, and what
 * was measured. apps/host.h drives all sessions of a process. */
#ifndef DUET_APPS_SESSION_H
#define DUET_APPS_SESSION_H

#include "apps/impair.h"
#include "apps/recorder.h"
#include "apps/report.h"
#include "apps/studio.h"
#include "apps/watch.h"
#include "media/measure.h"
#include "net/loop.h"
#include "peer/connection.h"
#include "signaling/message.h"

/* Both sides' consent checks, every 4 to 6 s (RFC 7675 §5.1), are heard even if nothing else is. */
#define SESSION_SILENT_US SEC(6)

enum session_mode {
    SESSION_MEASURE, /* decode and measure what comes; send what the studio makes */
    SESSION_ECHO     /* send back what comes, without decoding */
};

struct session_config {
    struct peer_config peer;
    enum session_mode mode;
    struct loop *loop;
    uint64_t token; /* sockets are watched under token | socket number (8 bits) */
    const struct sim_link_script *impair; /* a bad network before the sockets, or NULL */
    struct sig_id own, remote;
    struct sig_id key;  /* our own name for ourselves, which outlives the signaling connection */
    bool view;          /* draw the remote picture in the terminal */
    const char *record; /* a WebM file to make, or NULL */
    bool ask_audio, ask_video; /* what must come for the call to be ok */
    struct report *report;
    struct recorder *recorder; /* is shown everything; NULL: nobody wants to see it */
};

struct session; /* opaque */

/* Opens a socket on every usable address. NULL: `why` (at least 128 bytes) says what to do. */
struct session *session_new(const struct session_config *cfg, usec now, char *why, size_t room);
void session_free(struct session *s); /* closes the sockets; the recording is finished */

/* Starts the call: we offer. */
void session_offer(struct session *s, usec now);
/* A message of the remote participant: offer, answer, candidate, bye. */
void session_take(struct session *s, const struct sig_message *m, usec now);
/* The next message to send to it; views live until the next call. False: none. */
bool session_message(struct session *s, struct sig_message *out);

/* Socket `number` has something to read. */
void session_receive(struct session *s, unsigned number, usec now);
/* Ticks, sends, takes events: after everything that may have changed something. */
void session_step(struct session *s, usec now);
usec session_deadline(const struct session *s);
/* --stats: shows the recorder how the call stands. */
void session_sample(struct session *s, usec now);
/* Those who watch (borrowed until said again) are shown all that happens; NULL: nobody watches any
 * more. False: no memory. */
bool session_watch(struct session *s, struct watch *watch, usec now);
/* Somebody is shown what happens. */
bool session_tapped(const struct session *s);
/* A frame of the studio, to be sent if the remote side takes that kind. */
void session_frame(struct session *s, const struct studio_frame *frame, usec now);
/* True once after the remote side asked for a key frame, or can begin with nothing else. */
bool session_takes_key_request(struct session *s);
/* True: it sends what the studio makes. */
bool session_sends(const struct session *s);
/* The next `.local` name to resolve; the answer comes by session_resolved. */
bool session_name(struct session *s, char name[ICE_NAME_MAX + 1]);
void session_resolved(struct session *s, const char *name, const struct addr *addr, usec now);

/* ---- When signaling breaks: calls go on, and ids change (docs/signaling.md) ---- */

/* The remote participant's ids are known no more, or ours are not: while media flows the call goes
 * on, and ends by itself when nothing has come for SESSION_SILENT_US. */
void session_orphan(struct session *s, usec now);
/* It is such a call with the participant of this key, and something still comes. */
bool session_goes_on(const struct session *s, const struct sig_id *key, usec now);
/* The ids of both are known again. */
void session_adopt(struct session *s, const struct sig_id *own, const struct sig_id *remote,
                   usec now);
/* The ids in it are of no use (session_orphan). */
bool session_orphaned(const struct session *s);
/* The remote participant's key; "": it told none. */
const struct sig_id *session_key(const struct session *s);

/* Hangs up: says bye in signaling and on the wire. */
void session_hang_up(struct session *s, usec now);
/* Hung up by either side, or failed: to be freed once its messages are taken. */
bool session_over(const struct session *s);
/* All that was asked for was received. */
bool session_ok(const struct session *s);
/* One line: why it is not ok; "" if it is. */
const char *session_reason(const struct session *s, char *to, size_t room);
/* The summary object of docs/cli.md. */
json_t *session_summary(const struct session *s, usec now);

/* Why it failed (apps/account.h), as it was then; NULL: it has not. */
const json_t *session_account(const struct session *s);
const struct sig_id *session_remote(const struct session *s);
const struct sig_id *session_own(const struct session *s);
const struct peer *session_peer(const struct session *s);

#endif
