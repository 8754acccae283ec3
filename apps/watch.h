/* The people who look at our calls in one room: what they are shown, and what they are not.
 *
 * The tap of each call says here what happens (as lines of docs/trace.md); each watcher is sent
 * them in batches, at its own pace, over the signaling socket; docs/signaling.md has the messages.
 * There is one of these for a room that somebody looks at, and none for any other. What crosses the
 * wire hundreds of times a second is counted, not told; whatever comes faster than a person could
 * read is lost, and that is said. Nothing waits for a watcher: lines are kept in a history of fixed
 * length, in which each watcher has its place. */
#ifndef DUET_APPS_WATCH_H
#define DUET_APPS_WATCH_H

#include <jansson.h>

#include "base/clock.h"
#include "base/packet.h"
#include "signaling/message.h"

#define WATCH_WATCHERS_MAX 16
#define WATCH_CALLS_MAX    SIG_ROOM_MAX
#define WATCH_FIRST        512 /* lines of a room that are kept for good */
#define WATCH_LAST         512 /* and behind them, the last ones */
#define WATCH_LINE_MAX     8192
#define WATCH_RATE         100     /* lines a second */
#define WATCH_BURST        400     /* and so many at once: a call's beginning */
#define WATCH_EVERY        MS(200) /* between batches for one watcher */
#define WATCH_MEDIA_EVERY  SEC(1)  /* between lines that count media */
#define WATCH_BATCH_MAX    40960   /* bytes of JSON */
#define WATCH_PART_MAX     24576   /* of the fields in one part of an explanation */
#define WATCH_PART_EVERY   MS(50)
#define WATCH_ASKS         8  /* questions of one watcher that wait */
#define WATCH_ASKS_RATE    10 /* a second */
#define WATCH_UNREAD_MAX   65536

struct watch; /* opaque */

/* `start`: what `t` of a line counts from; `unix_us`: microseconds since 1970 at that time. NULL:
 * no memory. */
struct watch *watch_new(int64_t unix_us, usec start, usec now);
void watch_free(struct watch *w); /* NULL is fine */

/* ---- Who looks ---- */

/* False: WATCH_WATCHERS_MAX. Who looks already begins anew. */
bool watch_add(struct watch *w, const struct sig_id *who);
void watch_remove(struct watch *w, const struct sig_id *who); /* who does not look is fine */
/* The i-th; NULL past the last. */
const struct sig_id *watch_watcher(const struct watch *w, size_t i);
/* It asks what is in a message. One that asks too much is not answered. */
void watch_ask(struct watch *w, const struct sig_id *who, uint32_t number, usec now);
/* So many bytes wait to be read by the i-th: beyond WATCH_UNREAD_MAX it is left alone for a while.
 * To be said before watch_message. */
void watch_unread(struct watch *w, size_t i, size_t bytes, usec now);

/* ---- What happens: for taps ---- */

/* A call that began at `begun` with this participant; its number, 0: WATCH_CALLS_MAX. */
unsigned watch_call(struct watch *w, const struct sig_id *remote, usec begun, usec now);
/* It is over; what was counted of it is told. */
void watch_call_over(struct watch *w, unsigned call, usec now);
/* A datagram. True: it is to be told as a line, and `number` says under which number it is kept (0:
 * it is not). False: it was counted, or lost. */
bool watch_datagram(struct watch *w, unsigned call, struct bytes datagram, bool sent,
                    uint32_t *number, usec now);
/* An encoded frame of a track. True: the first one. */
bool watch_frame(struct watch *w, unsigned call, size_t track, bool sent);
/* A description or candidate as text, to be kept; its number, or 0. */
uint32_t watch_text(struct watch *w, const char *type, struct bytes text);
/* A line. Borrows `members`; of those, `sdp` and `inside` (what was encrypted) are left out. */
void watch_line(struct watch *w, unsigned call, const char *type, const json_t *members, usec now);

/* ---- What goes out ---- */

/* The next message that is due for somebody; its `body` lives until the next call. */
bool watch_message(struct watch *w, struct sig_message *m, usec now);
usec watch_deadline(const struct watch *w);

struct watch_counters {
    uint64_t lines, lost; /* told, and those that came too fast */
    uint64_t counted;     /* datagrams that were only counted */
    uint64_t refused;     /* questions beyond the rate */
};
const struct watch_counters *watch_counters(const struct watch *w);

#endif
