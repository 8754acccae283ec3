/* Byte streams out of the TCP segments of a capture: what each end said, in the order in which it
 * said it, whatever became of its segments on the way. RFC 9293 §3.4 (sequence numbers), §3.10.7.4
 * (what of a segment is new), §3.6 (how a stream ends).
 *
 * A capture is a bystander: it can ask for nothing again. What comes before a segment that is still
 * missing waits for it; when more waits than the bounds below allow, the stream is lost from there
 * on, and says so.
 *
 *     struct stream *s;
 *     if (streams_input(all, interface, &datagram, &s) == STREAM_MORE)
 *         while ((n = what_ended(stream_bytes(s)))) stream_take(s, n);
 *
 * Payloads are borrowed for the life of the streams: views of a file that stays in memory. */
#ifndef DUET_TRACE_STREAM_H
#define DUET_TRACE_STREAM_H

#include "trace/datagram.h"

#define STREAMS_MAX      128    /* at once; a connection is two, one each way */
#define STREAM_HELD_MAX  131072 /* bytes in order that nobody has taken yet */
#define STREAM_EARLY_MAX 64     /* segments that wait for a missing one */
/* A segment that claims to lie farther from the others than this is no part of the stream: no
 * window is larger (RFC 7323 §2.3). */
#define STREAM_WINDOW    (1 << 30)

/* What a segment brought. */
enum stream_news {
    STREAM_NOTHING, /* no payload, or none that can belong to the stream; no room for a stream */
    STREAM_MORE,    /* stream_bytes has grown */
    STREAM_AGAIN,   /* all of it had come before: sent again, or a keep-alive (§3.8.4) */
    STREAM_EARLY,   /* it waits: `gap` bytes before it are missing */
    STREAM_LOST     /* the stream can't be read on: `fault` says why */
};

/* One direction of a connection. To be read; changed by the functions below alone. */
struct stream {
    struct addr from, to;
    uint32_t interface;
    unsigned index;  /* of its place, below STREAMS_MAX, for what the caller keeps beside it */
    unsigned life;   /* how many streams had this place before, so that the caller sees a new one */
    bool whole;      /* it was seen from its SYN on: offset 0 is the first byte ever said */
    bool ended;      /* FIN and all that comes before it was seen, or an RST */
    size_t gap;      /* bytes that the first waiting segment waits for; 0: none waits */
    uint64_t offset; /* in the stream, of the first byte of stream_bytes */
    struct fault fault; /* err OK: it can be read; the offset is in the stream */

    bool used; /* private from here on */
    bool closing;
    uint32_t first; /* the SYN's sequence number, or the first one seen */
    uint32_t next;  /* of the first byte that is still missing */
    uint32_t last;  /* closing: behind the last byte */
    uint8_t *held;  /* STREAM_HELD_MAX bytes, from the first payload on */
    size_t held_len;
    struct stream_early {
        uint32_t seq;
        bool cut; /* the capture holds only its beginning */
        struct bytes data;
    } early[STREAM_EARLY_MAX];
    size_t early_count;
};

struct streams; /* opaque */

struct streams *streams_new(void);          /* NULL: no memory */
void streams_free(struct streams *streams); /* NULL is fine */

/* Takes a segment (a datagram of DATAGRAM_TCP) that was seen on `interface`. `*stream`: the one it
 * belongs to, valid until a later segment takes its place; NULL: none, or no room or memory for
 * one. A SYN with a new sequence number begins anew. */
enum stream_news streams_input(struct streams *streams, uint32_t interface,
                               const struct datagram *segment, struct stream **stream);
/* The same connection the other way; NULL: nothing was seen of it. */
struct stream *streams_other(struct streams *streams, const struct stream *stream);

/* What is in order and not yet taken; a view until the next streams_input or stream_take. */
struct bytes stream_bytes(const struct stream *stream);
/* Takes `len` bytes off the front, at most all. */
void stream_take(struct stream *stream, size_t len);

#endif
