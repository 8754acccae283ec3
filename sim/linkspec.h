/* What one direction of a network path does to the datagrams on it, as numbers and as the text of
 * `duet call --impair` and `duet sim`:
 *
 *     loss=5%,delay=50ms,jitter=10ms,reorder=1%,dup=1%,corrupt=0.1%,rate=1mbit,queue=200ms,seed=7
 *
 * And as a script of changes: "0s:loss=5%;10s:loss=30%;20s:". No RFC: our own vocabulary. */
#ifndef DUET_SIM_LINKSPEC_H
#define DUET_SIM_LINKSPEC_H

#include "base/bytes.h"
#include "base/clock.h"

#define SIM_PPM             1000000 /* certainty, in parts of a million */
/* No time in a spec is longer than this, no rate higher. */
#define SIM_LINK_TIME_MAX   SEC(3600)
#define SIM_LINK_RATE_MAX   1000000000000u /* 1 Tbit/s */
#define SIM_LINK_SIZE_MAX   1000000000u    /* bytes: queue, mtu */
/* How long a packet is held back that is to arrive after its followers, where nothing is said:
 * longer than the gaps of a call's packets (20 ms of sound, 33 ms from picture to picture). */
#define SIM_LINK_REORDER_BY MS(40)
/* What a rate without a queue's bound gets as text: what home routers were seen to have is more. */
#define SIM_LINK_QUEUE_TIME MS(200)
#define SIM_SCRIPT_MAX      16  /* steps of a script */
#define SIM_LINK_TEXT_MAX   512 /* the longest text of one spec */

enum sim_queue {
    SIM_DROP_TAIL, /* what finds the queue full is dropped */
    SIM_CODEL      /* and what waited too long is too: RFC 8289 */
};

/* All zero: a perfect link. Numbers beyond the bounds above count as the bound.
 *
 * Effects in the order in which a packet meets them: loss and bursts; the MTU; corruption; the
 * queue and the rate; then delay, jitter, duplication and reordering. */
struct sim_link_spec {
    usec delay;        /* the least that every packet takes */
    usec jitter;       /* and 0 to this much more, evenly. Never changes the order */
    uint32_t loss_ppm; /* each packet for itself */
    /* Gilbert and Elliott's two states, in which a packet is lost with different odds. The state
     * decides first, then changes for the next packet: a bad time lasts 1 / bad_to_good packets. */
    struct {
        uint32_t good_to_bad_ppm, bad_to_good_ppm, loss_good_ppm, loss_bad_ppm;
    } bursts;
    uint32_t reorder_ppm;   /* held back: whoever comes within `reorder_by` overtakes it */
    usec reorder_by;        /* 0: SIM_LINK_REORDER_BY */
    uint32_t duplicate_ppm; /* arrives twice; the second right behind, with a jitter of its own */
    uint32_t corrupt_ppm;   /* one bit of it flipped, any one */
    uint64_t rate_bps;      /* bits a second, IP and UDP headers counted; 0: no limit, no queue */
    size_t queue_bytes; /* most that may wait, headers counted; 0: no bound but the link's own */
    usec queue_time;    /* longest that a packet may have to wait; 0: as above */
    enum sim_queue queue;
    size_t mtu;    /* of the longest IP packet; longer ones are dropped. 0: no limit */
    uint64_t seed; /* for whoever seeds the link: the link itself does not look at it */
};

struct sim_script_step {
    usec at; /* since the link began */
    struct sim_link_spec spec;
};

/* Each step is the whole truth from its time on. Before the first step a link is what its config
 * says: perfect, if that says nothing. */
struct sim_link_script {
    struct sim_script_step steps[SIM_SCRIPT_MAX]; /* `at` never falls */
    size_t count;
};

/* Reads a comma-separated list, each name at most once, empty: a perfect link:
 *
 *     delay=T jitter=T        times: us, ms, s, min
 *     loss=P dup=P corrupt=P  percentages: 5%, 0.01%
 *     reorder=P[/T]           T: held back that long
 *     burst=P/R[/B[/G]]       good to bad, bad to good, loss in bad (100%), loss in good (0%):
 *                             the order of netem's `loss gemodel`
 *     rate=N                  bit, kbit, mbit, gbit a second
 *     queue=X[/X]             a time, or bytes: 20000, 64kB, 1MB (powers of ten), or both; or
 *                             max: all that the link can hold. Of a rate without a queue
 *                             SIM_LINK_QUEUE_TIME is the bound
 *     codel                   the queue is managed
 *     mtu=N seed=N
 *
 * E_MALFORMED: `fault` says where (the item's offset) and what is wanted, and `spec` is undefined.
 */
enum err sim_link_parse(struct sim_link_spec *spec, struct bytes text, struct fault *fault);
/* "T:SPEC;T:SPEC...", or one SPEC, which holds from 0 on. Errors as above; E_FULL: more than
 * SIM_SCRIPT_MAX steps. */
enum err sim_script_parse(struct sim_link_script *script, struct bytes text, struct fault *fault);
/* The text that sim_link_parse reads back to the same spec (within the bounds above): at most
 * SIM_LINK_TEXT_MAX bytes, "" for a perfect link. */
void sim_link_write(struct writer *w, const struct sim_link_spec *spec);

#endif
