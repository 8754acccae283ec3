#include "net/dial.h"

#include "net/tcp.h"

/* Goes to the next address that can at least be tried; fails when there is none. */
static void try_next(struct dial *d, usec now)
{
    while (d->next < d->count) {
        const struct addr *to = &d->addrs[d->next++];
        d->deadline = now + DIAL_TRY_US;
        if (tcp_connect(&d->stream, to) == OK) return;
        d->fault = d->stream.fault;
        d->failed = *to;
    }
    d->state = DIAL_FAILED;
}

/* The present address is no good. */
static void give_up(struct dial *d, struct fault why, usec now)
{
    d->fault = why;
    d->failed = d->addrs[d->next - 1];
    stream_close(&d->stream);
    try_next(d, now);
}

enum dial_state dial_start(struct dial *d, const struct addr *addrs, size_t count, usec now)
{
    *d = (struct dial){.state = DIAL_TRYING};
    d->stream.fd = -1;
    d->fault = (struct fault){.err = E_STATE, .layer = "tcp", .rule = "the host has no address"};
    for (size_t i = 0; i < count && i < DIAL_ADDRS_MAX; i++) d->addrs[d->count++] = addrs[i];
    try_next(d, now);
    return dial_step(d, now);
}

enum dial_state dial_step(struct dial *d, usec now)
{
    while (d->state == DIAL_TRYING) {
        enum stream_state state = stream_step(&d->stream);
        if (state == STREAM_OPEN)
            d->state = DIAL_DONE;
        else if (state == STREAM_FAILED)
            give_up(d, d->stream.fault, now);
        else if (now >= d->deadline)
            give_up(d, (struct fault){E_STATE, "tcp", 0, "no answer within three seconds"}, now);
        else
            break;
    }
    return d->state;
}

usec dial_deadline(const struct dial *d)
{
    return d->state == DIAL_TRYING ? d->deadline : TIME_NEVER;
}

void dial_stop(struct dial *d)
{
    stream_close(&d->stream);
    if (d->state == DIAL_TRYING) d->state = DIAL_FAILED;
}
