/* The JSON messages of docs/signaling.md and structs, both ways. JSON: RFC 8259, read by jansson
 * behind a check of size and depth.
 *
 * Two readers, on purpose: a participant reads a whole message (sig_message_parse); the server
 * reads no more than it must, `type` and `to` (signaling/relay.h). */
#ifndef DUET_SIGNALING_MESSAGE_H
#define DUET_SIGNALING_MESSAGE_H

#include "base/arena.h"
#include "base/bytes.h"

struct json_t; /* jansson's */

#define SIG_MESSAGE_MAX   65536 /* bytes of one message that a client sends */
/* A relayed message gains `"from":"ID",`: what a client must be ready to read. */
#define SIG_RELAYED_MAX   (SIG_MESSAGE_MAX + 128)
#define SIG_DEPTH_MAX     16 /* arrays and objects inside each other */
#define SIG_ROOM_NAME_MAX 64
#define SIG_ID_MAX        64 /* ours have 32 characters; another server's may be longer */
#define SIG_ROOM_MAX      64 /* participants with a socket in a room */
#define SIG_LOCAL_MAX     4  /* participants of the server's own in a room */
#define SIG_PEERS_MAX     (SIG_ROOM_MAX + SIG_LOCAL_MAX)

/* A participant's name: 1 to SIG_ID_MAX visible ASCII characters and a NUL; "" is none. */
struct sig_id {
    char text[SIG_ID_MAX + 1];
};

enum sig_type {
    SIG_WELCOME, /* server to client: `id`, `peers` */
    SIG_JOIN,    /* `id` */
    SIG_LEAVE,   /* `id` */
    SIG_ERROR,   /* `code`, `message` */
    SIG_OFFER,   /* relayed: `to` or `from`, `sdp` */
    SIG_ANSWER,
    SIG_CANDIDATE, /* relayed: `candidate`, or `end_of_candidates` */
    SIG_BYE,
    /* The ladder (docs/signaling.md): relayed too, of no meaning for a call. */
    SIG_WATCH,    /* `on` */
    SIG_TRACE,    /* `body`: what happened */
    SIG_EXPLAIN,  /* `number` */
    SIG_EXPLAINED /* `number`, `body`: a message in its fields, `more` */
};
#define SIG_TYPES (SIG_EXPLAINED + 1)

/* The codes of an error message, and how a refused text is to be answered. */
enum sig_refusal {
    SIG_REFUSED_NOT, /* it was not */
    SIG_BAD_JSON,
    SIG_BAD_MESSAGE,
    SIG_UNKNOWN_TYPE,
    SIG_NO_SUCH_PEER,
    SIG_ROOM_FULL,
    SIG_TOO_LARGE,
    SIG_RATE_LIMITED
};

/* RTCIceCandidateInit (W3C webrtc §4.8.1.1). */
struct sig_candidate {
    struct bytes candidate; /* "candidate:..." as in SDP, without `a=` */
    struct bytes mid;       /* sdpMid; at == NULL: null or absent */
    int mline_index;        /* sdpMLineIndex; -1: null or absent */
    struct bytes ufrag;     /* usernameFragment; at == NULL: null or absent */
};

/* One message. Strings are views: after sig_message_parse into its arena, before sig_message_write
 * into whatever the caller likes. */
struct sig_message {
    enum sig_type type;
    struct sig_id id;       /* welcome, join, leave */
    struct sig_id to, from; /* relayed messages */
    struct bytes sdp;       /* offer, answer */
    struct sig_id key; /* offer, answer, bye: the sender's own name for itself, which outlives its
                        * socket; "" if it has none */
    bool end_of_candidates; /* candidate: null, or one with an empty `candidate` */
    struct sig_candidate candidate;
    struct sig_id peers[SIG_PEERS_MAX]; /* welcome */
    size_t peer_count;
    struct bytes code, message; /* error; `message` is for people */
    bool watchable;  /* offer, answer: the sender shows what happens to whoever sends it `watch` */
    bool on;         /* watch: false: no more */
    uint32_t number; /* explain, explained: of a message in the trace */
    bool more;       /* explained: another part follows */
    /* trace: the array `lines`; explained: the object `explain`. To be written: borrowed. It is not
     * read (NULL after sig_message_parse): none of our own participants has a use for it. */
    struct json_t *body;
    struct fault fault;       /* after sig_message_parse */
    enum sig_refusal refusal; /* after sig_message_parse: the code to answer with */
};

/* Reads a message of any type; unknown members are skipped. Strings are copied into `arena`, which
 * needs no more than the text's length and 256 bytes.
 * E_FULL: longer than SIG_RELAYED_MAX or deeper than SIG_DEPTH_MAX; E_MALFORMED: not JSON, a
 * duplicate name, or a member that is missing or of a wrong type; E_UNSUPPORTED: a type that we
 * don't know; E_NOMEM. fault.offset is where in the text, 0 when a member is at fault. */
enum err sig_message_parse(struct sig_message *m, struct bytes text, struct arena *arena);
/* Writes compact JSON. E_MALFORMED: a string is not UTF-8 or holds a NUL; E_FULL: does not fit in
 * `w` or in SIG_MESSAGE_MAX; E_NOMEM. In an error nothing was written. */
enum err sig_message_write(const struct sig_message *m, struct writer *w);

/* "offer"; never NULL. */
const char *sig_type_name(enum sig_type type);
/* "bad-json"; never NULL. */
const char *sig_refusal_name(enum sig_refusal refusal);
/* 1 to 64 of `A-Z a-z 0-9 . _ -`. */
bool sig_room_valid(struct bytes name);
/* Copies an id; false (and "" in `id`): empty, too long, or not visible ASCII. */
bool sig_id_set(struct sig_id *id, struct bytes text);
bool sig_id_equal(const struct sig_id *a, const struct sig_id *b);

#endif
