/* What this module's files share: JSON from strangers (json.c), and the server's state
 * (server.c and its parts server_http.c and server_rooms.c). */
#ifndef DUET_SIGNALING_INTERNAL_H
#define DUET_SIGNALING_INTERNAL_H

#include "base/clock.h"
#include "base/ring.h"
#include "base/rng.h"
#include "signaling/http.h"
#include "signaling/message.h"
#include "signaling/room.h"
#include "signaling/server.h"
#include "signaling/websocket.h"

#include <jansson.h>

/* ---- json.c: RFC 8259 ---- */

/* jansson's hash tables take their seed once a process: from us rather than from a file of the
 * system's. Further calls change nothing. */
void sig_json_seed(struct rng *rng);
/* Parses one JSON object. SIG_TOO_LARGE: longer than `max`; SIG_BAD_JSON: deeper than
 * SIG_DEPTH_MAX, not JSON, two members of one name, a string with U+0000 or half a surrogate pair,
 * or no object. `*tree` is the caller's to json_decref, NULL in an error. */
enum sig_refusal sig_json_read(struct bytes text, size_t max, json_t **tree, struct fault *fault);
/* The member `type` as one of ours; false: missing or no string (`*known` untouched) . */
bool sig_json_type(const json_t *tree, enum sig_type *type, bool *known);
/* A string member; at == NULL: not there, or no string. A view while the tree lives. */
struct bytes sig_json_text(const json_t *tree, const char *name);
/* Writes compact JSON in the order of its members. E_FULL, E_NOMEM: nothing was written. */
enum err sig_json_write(const json_t *tree, size_t max, struct writer *w);

/* ---- server.c ---- */

enum conn_phase {
    CONN_HEAD,   /* reading the HTTP head */
    CONN_OPEN,   /* a WebSocket */
    CONN_CLOSING /* writing what is left; perhaps reading on, see SIG_LINGER */
};

/* One stream. Small until used: buffers take memory only while they hold something. */
struct conn {
    uint32_t number; /* 0: a free slot; low 16 bits: slot + 1, high ones: `uses` */
    uint16_t uses;   /* of this slot, so that a number does not come again soon */
    enum conn_phase phase;
    bool queued;    /* the slot is in `dirty` */
    bool doomed;    /* to be cut when the present call ends */
    bool linger;    /* closing, but reading on */
    bool upgraded;  /* `ws` reads what comes */
    bool head_only; /* a HEAD request: RFC 9110 §9.3.2, no body in the answer */
    bool ping_out;  /* no pong yet */
    bool limited;   /* was told of rate-limited, and had no message taken since */
    bool pong_due;  /* answer the last ping: RFC 6455 §5.5.3 */
    uint8_t pong_len;
    usec due;           /* head timeout, next ping, end of lingering */
    usec drain_until;   /* closing: the latest end */
    usec paid_until;    /* rate: each message taken is paid with SEC(1) / rate */
    struct buffer head; /* until the head is whole */
    struct buffer out;  /* written first */
    struct bytes file;  /* then this, a built-in file's rest */
    struct ws_reader ws;
    struct member member;
    uint8_t pong[WS_CONTROL_MAX];
};

/* A participant in this process. */
struct local {
    struct local *next;
    uint32_t number;
    struct member member;
};

struct event_node;

struct sig_server {
    struct sig_server_config cfg;
    struct rng rng;
    struct conn *conns; /* cfg.max_sockets */
    size_t conn_count;
    usec due;                          /* no connection wants to be woken before */
    struct ring dirty, doomed, unused; /* of slots, uint16_t */
    struct rooms rooms;
    struct local *locals;
    uint32_t next_local;
    struct event_node *events, *last_event;
    size_t event_count, event_bytes;
    struct arena arena; /* the strings of the event last given out */
    struct fault fault;
    struct sig_server_counters counters;
    uint8_t scratch[SIG_RELAYED_MAX]; /* one message being written */
};

/* NULL: no such connection. */
struct conn *conn_of(const struct sig_server *s, uint32_t number);
/* It has output, or wants to be closed. */
void conn_mark(struct sig_server *s, struct conn *c);
/* `when` is the next time it wants to be woken. */
void conn_arm(struct sig_server *s, struct conn *c, usec when);
/* Queues bytes; beyond max_queue it is doomed as a slow reader. */
void conn_write(struct sig_server *s, struct conn *c, struct bytes bytes);
void conn_frame(struct sig_server *s, struct conn *c, enum ws_opcode opcode, struct bytes data);
/* Cuts the connection, with what waits for it, when the present call ends. */
void conn_doom(struct sig_server *s, struct conn *c);
/* Nothing more is written; closed when all is out and, with `linger`, read on for a while. */
void conn_end(struct sig_server *s, struct conn *c, bool linger, usec now);
/* Says an error, if the socket is open. */
void conn_error(struct sig_server *s, struct conn *c, enum sig_refusal refusal, const char *text);
/* A Close frame, and the end. */
void conn_close(struct sig_server *s, struct conn *c, enum ws_code code, const char *reason,
                bool linger, usec now);
/* Cuts those that were doomed while others were being told something: never in the middle of a walk
 * over a room. Every verb that tells someone ends in this. */
void server_settle(struct sig_server *s, usec now);
/* Keeps why something was refused; returns its err. */
enum err server_refuse(struct sig_server *s, const struct fault *fault);

/* ---- server_http.c ---- */

/* The head is whole, or as long as it may be: answers it, or upgrades. */
enum err conn_head(struct sig_server *s, struct conn *c, usec now);
void conn_head_late(struct sig_server *s, struct conn *c, usec now);

/* ---- server_rooms.c ---- */

/* Joins a room (opened if need be) and says welcome. E_FULL: it is full, E_NOMEM: the socket was
 * told and closes with 1013, without a welcome. */
enum err conn_join(struct sig_server *s, struct conn *c, struct bytes name, usec now);
/* Leaves it; the last one closes it. */
void conn_leave(struct sig_server *s, struct conn *c);
/* One text message from a socket. */
enum err conn_message(struct sig_server *s, struct conn *c, struct bytes text);
void server_rooms_free(struct sig_server *s);

#endif
