/* One participant's connection to a signaling server, over a byte stream that the driver brings:
 * upgrade, messages, pings, and coming back after a loss. RFC 6455, docs/signaling.md.
 *
 * The driver's part: on SIG_CLIENT_CONNECT open a stream (TLS if url.secure) and say
 * sig_client_connected, or sig_client_closed if that failed or took too long (how long that may be
 * is the driver's to say: names and TLS are its own); feed what it brings to
 * sig_client_input, write out sig_client_output; after each call drain events and output, look at
 * sig_client_wants_close, and ask the deadline.
 *
 * A call outlives this connection: when it breaks the client says so, waits (0.5 s, doubling to
 * 15 s, each with jitter) and asks for a new stream. The server then gives a new id in a new
 * welcome; who is in a call keeps it. */
#ifndef DUET_SIGNALING_CLIENT_H
#define DUET_SIGNALING_CLIENT_H

#include "base/clock.h"
#include "base/rng.h"
#include "signaling/message.h"
#include "signaling/url.h"

#define SIG_CLIENT_QUEUE_MAX (1 << 20) /* bytes that wait to be sent */
/* Half of what a server takes in a second (50), so that a stall that bunches up a second's
 * messages does not lose any. Further ones wait their turn in the queue. */
#define SIG_CLIENT_RATE      25

struct sig_client_config {
    struct sig_url url;
    const char *origin; /* sent as Origin, or NULL: none; copied */
    struct rng rng;     /* for masks, keys and jitter: seeded by the driver */
    bool once;          /* don't come back after a loss */
    /* 0 for each: the default */
    usec upgrade_timeout;        /* from connected to welcome: 10 s */
    usec ping_interval;          /* and as long to answer: 20 s */
    usec retry_first, retry_max; /* 0.5 s, 15 s */
};

enum sig_client_state {
    SIG_CLIENT_WAITING,    /* no stream; it will be asked for at the deadline */
    SIG_CLIENT_CONNECTING, /* asked for a stream */
    SIG_CLIENT_UPGRADING,  /* the request is out */
    SIG_CLIENT_OPEN,       /* messages flow (the first is a welcome) */
    SIG_CLIENT_CLOSING,    /* a Close frame is out */
    SIG_CLIENT_ENDED       /* for good */
};

/* Why a connection ended. */
enum sig_client_end {
    SIG_END_BY_US,     /* sig_client_close */
    SIG_END_BY_SERVER, /* a Close frame came: `code` */
    SIG_END_LOST,      /* the stream ended, or could not be opened */
    SIG_END_TIMEOUT,   /* no upgrade, or no answer to a ping */
    SIG_END_REFUSED,   /* the upgrade was refused: `status` */
    SIG_END_WRONG      /* the server broke a rule: sig_client_fault says which */
};

struct sig_client_event {
    enum { SIG_CLIENT_CONNECT, SIG_CLIENT_MESSAGE, SIG_CLIENT_CLOSED } type;
    /* SIG_CLIENT_MESSAGE: welcome, join, leave, error, or one relayed from another participant (its
     * `from` is never empty then). Views until the next sig_client_event. */
    struct sig_message message;
    /* SIG_CLIENT_CLOSED */
    enum sig_client_end end;
    uint16_t code; /* the Close frame's, or 0 */
    int status;    /* the HTTP status, or 0 */
    usec
        reconnect_at; /* when SIG_CLIENT_CONNECT follows; TIME_NEVER: the client has ended. Refusals
                       * that the same request would meet again (400, 403, 404...) end it */
};

struct sig_client_counters {
    uint64_t messages_in, messages_out;
    uint64_t refused;    /* messages from the server that broke a rule: dropped, the socket stays */
    uint64_t reconnects; /* streams asked for after the first */
};

struct sig_client; /* opaque */

/* Copies the config. The first event is SIG_CLIENT_CONNECT. NULL: no memory. */
struct sig_client *sig_client_new(const struct sig_client_config *cfg);
void sig_client_free(struct sig_client *c); /* NULL is fine */

/* The stream is up (TLS included): writes the upgrade request. E_STATE: none was asked for. */
enum err sig_client_connected(struct sig_client *c, usec now);
/* Bytes came. An error: something in them was refused, sig_client_fault says what; if that ended
 * the connection, an event and sig_client_wants_close say so. */
enum err sig_client_input(struct sig_client *c, struct bytes in, usec now);
/* What is to be written, oldest first; a view until the next call. */
struct bytes sig_client_output(const struct sig_client *c);
/* The first `len` bytes of it were written. */
void sig_client_wrote(struct sig_client *c, size_t len, usec now);
/* The stream is to be closed now (then say sig_client_closed). */
bool sig_client_wants_close(const struct sig_client *c);
/* The stream ended, failed, or could not be opened. */
void sig_client_closed(struct sig_client *c, usec now);

void sig_client_tick(struct sig_client *c, usec now);
/* False: nothing happened, or there is no memory to tell it now. */
bool sig_client_event(struct sig_client *c, struct sig_client_event *ev);
usec sig_client_deadline(const struct sig_client *c);

/* Queues a message (offer, answer, candidate, bye; `from` is ignored). E_STATE: no welcome yet;
 * E_FULL: the queue or SIG_MESSAGE_MAX; E_MALFORMED: as sig_message_write. */
enum err sig_client_send(struct sig_client *c, const struct sig_message *m, usec now);
/* Says goodbye with a Close frame and ends for good. What was queued before is sent first, as far
 * as the rate allows. */
void sig_client_close(struct sig_client *c, usec now);

/* "lost", "refused"...: for logs and JSON; never NULL. */
const char *sig_client_end_name(enum sig_client_end end);
enum sig_client_state sig_client_state(const struct sig_client *c);
/* Our id from the last welcome; "" before. */
const struct sig_id *sig_client_id(const struct sig_client *c);
/* The last thing that was refused. */
const struct fault *sig_client_fault(const struct sig_client *c);
const struct sig_client_counters *sig_client_counters(const struct sig_client *c);

#endif
