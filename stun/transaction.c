#include "stun/transaction.h"

void stun_txn_start(struct stun_txn *t, usec rto, usec now)
{
    stun_txn_start_limited(t, rto, STUN_RC, now);
}

void stun_txn_start_limited(struct stun_txn *t, usec rto, unsigned limit, usec now)
{
    *t = (struct stun_txn){.next = now, .rto = rto, .limit = (uint8_t)limit};
}

bool stun_txn_due(struct stun_txn *t, usec now)
{
    if (t->rto == 0 || t->sent == t->limit || now < t->next) return false;
    /* §6.2.1: the interval doubles after each request; the last is waited for Rm times RTO.
     * Counted from now, so that a driver that wakes late sends no burst. */
    t->next = now + (t->sent + 1 == t->limit ? STUN_RM * t->rto : t->rto << t->sent);
    t->sent++;
    return true;
}

bool stun_txn_expired(const struct stun_txn *t, usec now)
{
    return t->rto != 0 && t->sent == t->limit && now >= t->next;
}

usec stun_txn_deadline(const struct stun_txn *t)
{
    return t->rto == 0 ? TIME_NEVER : t->next;
}

void stun_txn_stop(struct stun_txn *t)
{
    *t = (struct stun_txn){0};
}
