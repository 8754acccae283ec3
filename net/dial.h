/* Connecting to a host that has several addresses: each in order, with a time limit each. */
#ifndef DUET_NET_DIAL_H
#define DUET_NET_DIAL_H

#include "base/clock.h"
#include "net/stream.h"

#define DIAL_ADDRS_MAX 8
#define DIAL_TRY_US    SEC(3) /* one address; then the next: RFC 8305 §5 wants it bounded */

enum dial_state { DIAL_TRYING, DIAL_DONE, DIAL_FAILED };

struct dial {
    struct addr addrs[DIAL_ADDRS_MAX];
    size_t count, next;   /* addrs[next - 1] is being tried */
    struct stream stream; /* the try; connected once DIAL_DONE: copy it out, then secure it */
    usec deadline;
    enum dial_state state;
    struct fault fault; /* DIAL_FAILED: why the last address failed */
    struct addr failed; /* and which that was */
};

/* Copies at most DIAL_ADDRS_MAX addresses, ports included, and tries the first. None: FAILED. */
enum dial_state dial_start(struct dial *d, const struct addr *addrs, size_t count, usec now);
/* Looks at the try after a wait. The stream's descriptor may change: stream_watch d->stream again.
 */
enum dial_state dial_step(struct dial *d, usec now);
usec dial_deadline(const struct dial *d); /* TIME_NEVER unless trying */
/* Closes the try. Not after the stream was taken out. */
void dial_stop(struct dial *d);

#endif
