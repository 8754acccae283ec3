/* A call as a message sequence chart: each participant has a lifeline, each message an arrow with
 * its words on it, a line a message.
 *
 *     seconds             A                                            B
 *    0.020000             ╞══ offer ══════════════════════════════════▶│ 2160 bytes
 *    0.020000             │                                            ● connecting
 *    0.050000             ├── STUN check ─────────────────────────────▶│ 96 bytes
 *    0.120000             │ lost ✗─────────────────────── STUN check ──┤ 96 bytes
 *    0.520000   connected ●                                            │
 *    0.539000             ├┄┄ media ×316 (14 lost) · feedback ×40 ┄┄┄┄▶│ for 2.8 s
 *
 * Nothing here knows a protocol. What happens comes in as events, in the order of time; lines are
 * pulled out: after each call that may have made some, until ladder_line answers false. What only
 * repeats (an event names what it repeats) is drawn once and then counted: all that one participant
 * sends another so, between two lines, is one dashed arrow with the numbers. Widths are those of a
 * terminal (base/columns.h), and bytes of a text that would command one are shown instead. */
#ifndef DUET_TRACE_LADDER_H
#define DUET_TRACE_LADDER_H

#include "base/bytes.h"
#include "base/clock.h"

#define LADDER_LANES_MAX   8
#define LADDER_ELSEWHERE   LADDER_LANES_MAX /* the lane of a participant without one */
#define LADDER_WIDTH_LEAST 60               /* columns; what is asked for beyond is not used */
#define LADDER_WIDTH_MOST  200
#define LADDER_NAME_MAX    64  /* bytes of a participant's name; what is longer is cut */
#define LADDER_SEEN_MAX    512 /* events that later ones may repeat; then the oldest is forgotten */
#define LADDER_LINE_MAX    8192 /* bytes of a line, colours counted */

/* What a message is about: its colour, and nothing else. */
enum ladder_ink {
    LADDER_PLAIN,
    LADDER_SIGNALING,
    LADDER_CHECKS, /* ways between the participants are looked for */
    LADDER_KEYS,   /* they agree on keys */
    LADDER_MEDIA,
    LADDER_GOOD, /* of notes */
    LADDER_BAD
};

struct ladder_lane {
    const char *name; /* copied; NULL: the list ends here */
    unsigned share;   /* of the room between the lanes, what lies right of it; 0 counts as 1 */
};

struct ladder_config {
    struct ladder_lane lanes[LADDER_LANES_MAX];
    size_t width;       /* columns of a line */
    size_t left, right; /* columns for notes beside the outer lanes; sizes stand on the right */
    usec fold;          /* a row of repetitions is drawn at the latest so long after its begin */
    bool fine;          /* times to the microsecond, not to the millisecond */
    bool ascii;         /* no boxes and arrows but those of a typewriter */
    bool colour;        /* ECMA-48's, as terminals have them */
};

struct ladder_event {
    enum {
        LADDER_MESSAGE, /* `from` sends `to` something */
        LADDER_STOPPED, /* something that `from` sent some time before goes no further: `lost` */
        LADDER_NOTE     /* something about `from` alone, such as its state */
    } type;
    enum ladder_ink ink;
    usec at;
    size_t from, to; /* lanes, or LADDER_ELSEWHERE */
    /* What they are called if they have no lane; borrowed, as all texts here, until the lines are
     * drained. */
    const char *from_name, *to_name;
    struct bytes words;
    struct bytes brief; /* said instead where the words don't fit; empty: they are cut */
    const char *lost;   /* why it does not arrive; NULL: as far as one knows it does */
    size_t bytes;       /* its size; 0: it has none */
    bool relayed;       /* by way of somebody else: a double line */
    uint64_t repeats;   /* repeats what had this number before; 0: nothing, it is always drawn */
    const char *label;  /* what such ones are called when they are counted, "media": a literal */
};

struct ladder; /* opaque */

/* Copies `cfg`. NULL: no memory. */
struct ladder *ladder_new(const struct ladder_config *cfg);
void ladder_free(struct ladder *l); /* NULL is fine */

/* One more participant, right of the others. Answers its lane, or LADDER_ELSEWHERE if there is no
 * room for one. The head is drawn again. */
size_t ladder_add(struct ladder *l, const struct ladder_lane *lane);
/* Somebody else takes over a lane. The head is drawn again. */
void ladder_rename(struct ladder *l, size_t lane, const char *name);
size_t ladder_lane_count(const struct ladder *l);
/* How many lanes a page of this width has room for. */
size_t ladder_lanes_in(size_t width);

/* E_STATE: the lines of the one before are not drained. */
enum err ladder_input(struct ladder *l, const struct ladder_event *event);
/* Time goes on without events: repetitions that have waited for `fold` are drawn. */
void ladder_tick(struct ladder *l, usec now);
/* Draws all repetitions that wait: at the end, or before something else is printed. */
void ladder_flush(struct ladder *l);
/* The next line, without its end; a view until the next call. False: there is none. */
bool ladder_line(struct ladder *l, struct bytes *line);

#endif
