/* The signaling server: one machine over many byte streams, which serves the built-in page
 * (RFC 9112), upgrades sockets (RFC 6455), keeps rooms and relays messages (docs/signaling.md).
 *
 * The driver's part: sig_server_open for each stream accepted, sig_server_input for what it
 * brings, sig_server_ended when the other side has said all, sig_server_closed when the stream is
 * gone. After each call: drain sig_server_event, then for each
 * connection that sig_server_next_dirty names write out sig_server_output, say sig_server_wrote,
 * and close it if sig_server_wants_close; then ask the deadline. What the stream did not take is
 * written when the stream has room again.
 *
 * Local participants live in this process (duet's own peer): they get and send the same messages
 * without a socket. */
#ifndef DUET_SIGNALING_SERVER_H
#define DUET_SIGNALING_SERVER_H

#include "base/clock.h"
#include "base/rng.h"
#include "signaling/http.h"
#include "signaling/message.h"

#define SIG_SOCKETS_MAX   1000
#define SIG_RATE          50        /* messages a second and client, and as many at once */
#define SIG_QUEUE_MAX     (1 << 20) /* bytes that wait for one slow reader */
#define SIG_HEAD_TIMEOUT  SEC(5)    /* for the HTTP head, from the accept on */
#define SIG_PING_INTERVAL SEC(20)   /* the pong must be there before the next one */
#define SIG_LINGER        SEC(1) /* after a refusal: read on, so that a reset does not eat our words */
#define SIG_DRAIN_TIMEOUT SEC(60) /* for a closing connection to take what is left */

/* One built-in file. All of it is borrowed for the server's life. */
struct sig_file {
    const char *path; /* "/index.html" */
    const char *type; /* "text/html; charset=utf-8" */
    struct bytes body;
};

struct sig_server_config {
    struct rng rng; /* ids: seeded by the driver with 256 bits from the system */
    const struct sig_file *files;
    size_t file_count;
    const char *index;          /* the path that `/` serves; NULL: "/index.html" */
    const char *const *origins; /* further origins that may open a socket; borrowed */
    size_t origin_count;
    bool local_in_every_room; /* each room is opened with a local participant in it */
    /* 0 for each: the default above */
    size_t max_sockets, max_room, max_queue, max_message;
    unsigned rate;
    usec head_timeout, ping_interval;
};

struct sig_server_event {
    enum {
        SIG_ROOM_OPENED,  /* `room`; with local_in_every_room `participant` and `id` sit in it */
        SIG_ROOM_CLOSED,  /* the last socket left: all its local participants are gone with it,
                           * the first of them is named */
        SIG_LOCAL_MESSAGE /* what a socket would have got: welcome (after sig_server_join_local
                           * only), join, leave, or a message from another participant */
    } type;
    char room[SIG_ROOM_NAME_MAX + 1];
    uint32_t participant;       /* 0: none */
    struct sig_id id;           /* the local participant's own */
    struct sig_message message; /* views until the next sig_server_event */
};

struct sig_server_counters {
    uint64_t opened, upgraded, served; /* streams, sockets, answers with status 200 */
    uint64_t relayed;
    uint64_t turned_away;  /* streams beyond max_sockets */
    uint64_t http_refused; /* answered with a status of 400 or more */
    uint64_t origin_refused;
    uint64_t late_heads;   /* no head in time: 408 */
    uint64_t frames_wrong; /* WebSocket rules broken: 1002, 1003, 1007 */
    uint64_t too_large;    /* 1009 */
    uint64_t bad_messages; /* bad-json, bad-message, unknown-type, no-such-peer */
    uint64_t rate_limited; /* messages dropped */
    uint64_t rooms_full;
    uint64_t slow_readers; /* cut at max_queue */
    uint64_t silent;       /* cut without a pong */
    uint64_t events_lost;  /* the driver did not drain, or there was no memory */
};

struct sig_server; /* opaque */

/* Copies the config (not what it borrows). NULL: no memory. */
struct sig_server *sig_server_new(const struct sig_server_config *cfg);
void sig_server_free(struct sig_server *s); /* NULL is fine */

/* A stream was accepted; its number goes into `conn` (never 0, not used again soon). E_FULL: beyond
 * max_sockets, write sig_server_busy to it and close. */
enum err sig_server_open(struct sig_server *s, uint32_t *conn, usec now);
/* A whole 503 answer for streams that could not be opened. */
struct bytes sig_server_busy(void);
/* Bytes came. An error: something in them was refused, sig_server_fault says what; the connection
 * was told and the others go on. E_STATE: no such connection. */
enum err sig_server_input(struct sig_server *s, uint32_t conn, struct bytes in, usec now);
/* What is to be written next; a view until the next call. Empty: nothing. */
struct bytes sig_server_output(const struct sig_server *s, uint32_t conn);
/* The first `len` bytes of it were written; there may be more output then. */
void sig_server_wrote(struct sig_server *s, uint32_t conn, size_t len);
/* All is written and the stream is to be closed: close it and say sig_server_closed. */
bool sig_server_wants_close(const struct sig_server *s, uint32_t conn);
/* The other side has finished writing, and may still read (RFC 9293 §3.6): a browser that has its
 * answer coming gets all of it, then sig_server_wants_close. One that has asked for nothing whole,
 * or has left its room so, is to be closed now. Further calls change nothing. */
void sig_server_ended(struct sig_server *s, uint32_t conn, usec now);
/* The stream is gone: failed, or closed by the driver. */
void sig_server_closed(struct sig_server *s, uint32_t conn, usec now);
/* Takes the next connection that got output, or wants to be closed, since it was last named. */
bool sig_server_next_dirty(struct sig_server *s, uint32_t *conn);

void sig_server_tick(struct sig_server *s, usec now);
/* False: nothing happened, or there is no memory to tell it now. */
bool sig_server_event(struct sig_server *s, struct sig_server_event *ev);
usec sig_server_deadline(const struct sig_server *s);

/* Puts a local participant into a room that is open; it gets a welcome, the others a join. E_STATE:
 * no such room; E_FULL: SIG_LOCAL_MAX; E_NOMEM. */
enum err sig_server_join_local(struct sig_server *s, const char *room, uint32_t *participant,
                               usec now);
/* Sends as a local participant; `from` is written by the server. E_STATE: no such participant, or
 * `to` is not in its room; E_MALFORMED, E_FULL, E_NOMEM: as sig_message_write. */
enum err sig_server_send_local(struct sig_server *s, uint32_t participant,
                               const struct sig_message *m, usec now);
/* How many bytes wait to be written to a member of its room: nothing that can wait should be sent
 * to one who does not read. SIZE_MAX: there is no such socket. */
size_t sig_server_waiting(const struct sig_server *s, uint32_t participant,
                          const struct sig_id *member);
/* It leaves; the others get a leave. */
void sig_server_leave_local(struct sig_server *s, uint32_t participant, usec now);

/* Says goodbye to everyone: Close frames with 1001. The driver goes on until all are closed. */
void sig_server_shutdown(struct sig_server *s, usec now);
/* Streams and rooms at present. */
size_t sig_server_sockets(const struct sig_server *s);
size_t sig_server_rooms(const struct sig_server *s);
/* The last thing that was refused. */
const struct fault *sig_server_fault(const struct sig_server *s);
const struct sig_server_counters *sig_server_counters(const struct sig_server *s);

#endif
