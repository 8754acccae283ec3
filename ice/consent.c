/* Consent to send: asked for again and again, lost when nobody answers. RFC 7675. */
#include "ice/internal.h"

#define CONSENT_MIN SEC(4) /* §5.1: 5 s, each time multiplied by 0.8 to 1.2 */
#define CONSENT_MAX SEC(6)

bool consent_alive(const struct ice_pair *p, usec now)
{
    return p->valid && now < p->answered_at + ICE_CONSENT_LIFE;
}

static usec interval(struct ice *ice)
{
    return CONSENT_MIN + rng_below(&ice->rng, (uint32_t)(CONSENT_MAX - CONSENT_MIN) + 1);
}

/* A pair that last answered long ago is asked at once: its consent runs from then. */
void consent_start(struct ice *ice)
{
    bool stale = ice->now >= ice->pairs[ice->selected].answered_at + CONSENT_MIN;
    ice->consent_next = ice->now + (stale ? 0 : interval(ice));
}

static void lose(struct ice *ice, struct ice_pair *p, enum ice_loss why)
{
    bool old = p->old;
    p->dead = true;
    p->valid = p->nominated = p->nominating = false;
    p->state = PAIR_FAILED;
    p->trigger = 0;
    check_forget(ice, p); /* §5.1: discarded */
    int index = (int)(p - ice->pairs);
    if (ice->nominated == index) ice->nominated = NONE;
    if (ice->nominating == index) ice->nominating = NONE;
    if (ice->selected == index && !old) ice->lost = why;
    if (!old) return;
    remote_forget(ice, p->remote);
    bytes_wipe(&ice->old_creds, sizeof ice->old_creds);
}

void consent_revoked(struct ice *ice, struct ice_pair *p)
{
    lose(ice, p, ICE_LOSS_REVOKED);
}

void consent_tick(struct ice *ice)
{
    if (ice->selected == NONE) return;
    struct ice_pair *p = &ice->pairs[ice->selected];
    if (!p->dead && !consent_alive(p, ice->now))
        lose(ice, p, p->valid ? ICE_LOSS_SILENCE : ICE_LOSS_REFUSED); /* nominate_failed */
}

usec consent_due(const struct ice *ice)
{
    return ice->selected == NONE ? TIME_NEVER : ice->consent_next;
}

usec consent_deadline(const struct ice *ice)
{
    if (ice->selected == NONE) return TIME_NEVER;
    usec answered = ice->pairs[ice->selected].answered_at;
    usec end = answered + ICE_CONSENT_LIFE, quiet = answered + ICE_DISCONNECTED;
    return quiet > ice->now ? quiet : end;
}

/* The last check went unanswered: look whether another pair that once answered still does, or one
 * answers that nobody asked any more when the present one was nominated (RFC 8445 §8.1.2). */
static void look_around(struct ice *ice)
{
    if (ice->nominated == NONE || ice->now < ice->probe_at + ICE_PROBE_EVERY) return;
    ice->probe_at = ice->now;
    ice->judge_at = ice->now + ICE_PROBE_WAIT;
    for (size_t i = 0; i < ice->pair_end; i++) {
        struct ice_pair *p = &ice->pairs[i];
        if (!p->used || (int)i == ice->selected) continue;
        if (p->valid || pair_undecided(p)) pair_trigger(ice, p);
    }
}

/* §5.1: a new transaction each time, sent once only, and not more than one in 4 s. Under heavy loss
 * six of those in 30 s may all go unanswered. So one that is not answered in time is followed by
 * ordinary connectivity checks (RFC 8445 §7.2), at the pace of STUN's retransmissions, until the
 * next consent check: §5.1 allows them, and their answers prove the same. A controlling agent
 * repeats USE-CANDIDATE, as browsers do: so the other side follows when our own address has
 * changed. */
bool consent_output(struct ice *ice, struct packet *out)
{
    if (ice->selected == NONE || ice->now < ice->consent_next) return false;
    struct ice_pair *p = &ice->pairs[ice->selected];
    ice->consent_next = ice->now + interval(ice);
    /* A check is under way on it, which serves as well. */
    if (p->effort.running && !p->effort.unhurried) return false;
    if (p->effort.running) look_around(ice);
    check_start(ice, p, ICE_CONSENT_LIFE);
    p->effort.unhurried = true;
    check_send(ice, p, out);
    ice->counters.consent_requests_sent++;
    return true;
}
