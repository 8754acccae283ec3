/* One request and its retransmissions over UDP. RFC 8489 §6.2.1. Only the clockwork: the id and
 * the message belong to who sends. */
#ifndef DUET_STUN_TRANSACTION_H
#define DUET_STUN_TRANSACTION_H

#include "base/clock.h"

#include <stdbool.h>

#define STUN_RTO MS(500) /* §6.2.1: initial retransmission timeout */
#define STUN_RC  7       /* requests in all */
#define STUN_RM  16      /* the last is waited for this many RTO */

struct stun_txn {
    usec next; /* when the next request is due, or once all are sent, when it times out */
    usec rto;  /* the initial one; 0: not running */
    uint8_t sent, limit;
};

/* The first request is due now; at most STUN_RC of them. `rto` > 0. */
void stun_txn_start(struct stun_txn *t, usec rto, usec now);
/* As above with another number of requests, 1 to 16. */
void stun_txn_start_limited(struct stun_txn *t, usec rto, unsigned limit, usec now);
/* True: a request is due; send it now (the next interval has begun). */
bool stun_txn_due(struct stun_txn *t, usec now);
/* All requests were sent and the last wait is over: the transaction failed. */
bool stun_txn_expired(const struct stun_txn *t, usec now);
/* When `due` or `expired` will next be true; TIME_NEVER: not running. */
usec stun_txn_deadline(const struct stun_txn *t);
/* Answered or given up: nothing is due any more. */
void stun_txn_stop(struct stun_txn *t);

#endif
