/* What the TCP streams of a capture say: HTTP heads (RFC 9112), after an upgrade the frames of a
 * WebSocket (RFC 6455) and in them the descriptions and candidates of our signaling, and datagrams
 * in the framing of RFC 4571, as ICE-TCP sends them. Each is found in the segment that completes
 * it.
 *
 * What a stream says is known by its beginning, so of one that began before the capture only
 * segments are found that are just one datagram in its framing, or begin with an HTTP head. */
#ifndef DUET_APPS_EXPLAINSTREAM_H
#define DUET_APPS_EXPLAINSTREAM_H

#include "signaling/websocket.h"
#include "trace/datagram.h"

/* In one segment: 64 KiB of it, as loopback carries, are as many datagrams of 1 KiB. */
#define EXPLAINSTREAM_FOUND_MAX 64

struct explainstream_found {
    const char *type; /* "http", "ws", "sdp", "candidate"; NULL: a datagram, of any protocol */
    struct bytes message;
    bool inside;       /* a part of what was found before it: its description, its candidate */
    enum ws_role role; /* ws: who reads */
    struct bytes key;  /* http: the Sec-WebSocket-Key that it answers; none: not known */
    bool is_answer;    /* sdp: an answer, else an offer */
};

struct explainstream_news {
    struct explainstream_found found[EXPLAINSTREAM_FOUND_MAX];
    size_t count;
    char remark[128]; /* about the segment, where it completes nothing; "": there is nothing */
};

struct explainstream; /* opaque */

struct explainstream *explainstream_new(void);    /* NULL: no memory */
void explainstream_free(struct explainstream *e); /* NULL is fine */
/* Takes a segment, whose bytes stay in memory for the life of `e`. What is found is borrowed until
 * the next call. */
void explainstream_input(struct explainstream *e, uint32_t interface,
                         const struct datagram *segment, struct explainstream_news *news);

#endif
