/* Which pair is used: nomination by us or by the other side, and the selected pair. RFC 8445 §8,
 * §7.2.5.3.4, §7.3.1.5. */
#include "ice/internal.h"

#include <string.h>

static int index_of(const struct ice *ice, const struct ice_pair *p)
{
    return (int)(p - ice->pairs);
}

/* §8.1.2: once a pair is nominated, the checks of all others end, but those of later triggers:
 * the other side may move to another pair at any time, as browsers do. */
static void conclude(struct ice *ice, struct ice_pair *nominated)
{
    for (size_t i = 0; i < ice->pair_end; i++) {
        struct ice_pair *p = &ice->pairs[i];
        if (!p->used || p->old || p == nominated) continue;
        p->nominated = p->nominating = false;
        if (p->valid) continue;
        check_stop(p);
        if (p->state == PAIR_IN_PROGRESS) p->state = PAIR_WAITING;
    }
    nominated->nominated = true;
    nominated->nominating = false;
    ice->nominated = index_of(ice, nominated);
    ice->nominating = NONE;
    ice->judge_at = TIME_NEVER;
}

/* The controlling side named `p`. RFC 8445 §8.1.1 has a controlled agent use the one of highest
 * priority, for agents that nominate all they have; but libwebrtc also moves to a pair of lower
 * priority, and then names that one again and again. So it has moved when it names a pair twice
 * without naming the present one between, or when the present nomination is old. */
static bool has_moved_to(const struct ice *ice, const struct ice_pair *p, bool again)
{
    if (ice->nominated == NONE) return true;
    const struct ice_pair *present = &ice->pairs[ice->nominated];
    return present == p || pair_before(p, present) || again || !present->valid ||
           ice->now - present->nominated_at >= ICE_RENOMINATE;
}

/* §7.3.1.5 nominates a pair that is valid. One that nobody has asked for long is asked first, since
 * consent counts from its last answer (RFC 7675 §5.1): it would be over before the first check. */
static bool answers(const struct ice *ice, const struct ice_pair *p)
{
    return p->valid && ice->now < p->answered_at + ICE_DISCONNECTED;
}

void nominate_by_peer(struct ice *ice, struct ice_pair *p, struct bytes id)
{
    int index = index_of(ice, p);
    bool copy = memcmp(ice->last_nomination_id, id.at, STUN_ID_LEN) == 0;
    bool again = ice->last_nomination == index && !copy;
    ice->last_nomination = index;
    memcpy(ice->last_nomination_id, id.at, STUN_ID_LEN);
    p->peer_nominated = true;
    if (answers(ice, p)) {
        if (has_moved_to(ice, p, again)) conclude(ice, p);
    } else if (p->valid && !check_is_fresh(ice, p)) {
        pair_trigger(ice, p);
    }
    p->nominated_at = ice->now;
}

void nominate_valid(struct ice *ice, struct ice_pair *p, bool use_candidate)
{
    if (p->old) return;
    if (ice->first_valid_at == TIME_NEVER) ice->first_valid_at = ice->now;
    if (ice->controlling ? use_candidate
                         : p->peer_nominated && !p->nominated && has_moved_to(ice, p, false))
        conclude(ice, p);
    /* Another pair came to life beside the one in use: the other side may have moved (a NAT gave
     * it a new address). See whether the present one still answers. */
    if (ice->controlling && ice->nominated != NONE && ice->nominated != index_of(ice, p) &&
        ice->judge_at == TIME_NEVER && ice->now >= ice->probe_at + ICE_PROBE_EVERY) {
        ice->probe_at = ice->now;
        ice->judge_at = ice->now + ICE_PROBE_WAIT;
        pair_trigger(ice, &ice->pairs[ice->nominated]);
    }
}

void nominate_failed(struct ice *ice, struct ice_pair *p)
{
    p->nominating = p->nominated = p->valid = false;
    p->state = PAIR_FAILED;
    check_forget(ice, p);
    ice->nominating = NONE;
    /* With another pair nominated this was an attempt to move, and that one stays. */
    if (ice->nominated == index_of(ice, p)) ice->nominated = NONE;
}

/* The best valid pair of this generation, or the freshest of those that answered since `since`. */
static struct ice_pair *best_valid(struct ice *ice, usec since)
{
    struct ice_pair *best = NULL;
    for (size_t i = 0; i < ice->pair_end; i++) {
        struct ice_pair *p = &ice->pairs[i];
        if (!p->used || p->old || !p->valid || p->dead || p->answered_at < since) continue;
        if (!consent_alive(p, ice->now)) continue;
        if (!best || pair_before(p, best)) best = p;
    }
    return best;
}

static bool better_may_come(const struct ice *ice, const struct ice_pair *p)
{
    for (size_t i = 0; i < ice->pair_end; i++) {
        const struct ice_pair *other = &ice->pairs[i];
        if (other->used && !other->old && pair_undecided(other) && pair_before(other, p))
            return true;
    }
    return false;
}

static void nominate(struct ice *ice, struct ice_pair *p)
{
    p->nominating = true;
    ice->nominating = index_of(ice, p);
    ice->nominate_until = ice->now + ICE_NOMINATE_LIFE;
    pair_trigger(ice, p);
}

/* §7.2.5.3.4 gives the pair up when its nomination goes unanswered. Loss alone may do that, and
 * the pair did answer before: so as long as its consent lives it is nominated again, unless
 * another pair is there to be taken. */
static void nominate_again(struct ice *ice)
{
    struct ice_pair *p = &ice->pairs[ice->nominating];
    if (ice->now < ice->nominate_until) return;
    ice->nominate_until = ice->now + ICE_NOMINATE_LIFE;
    p->valid = false;
    bool other = best_valid(ice, 0) != NULL;
    p->valid = true;
    if (other)
        nominate_failed(ice, p);
    else if (!p->effort.running)
        pair_trigger(ice, p);
}

/* §8.1.1: the best pair that succeeded, at once when no better one is still open, else after
 * ICE_NOMINATE_WAIT; by one more check with USE-CANDIDATE. */
static void choose(struct ice *ice)
{
    if (!ice->controlling || !ice->creds.known || ice->failed) return;
    if (ice->nominating != NONE) nominate_again(ice);
    if (ice->nominating != NONE) return;
    if (ice->nominated == NONE) {
        struct ice_pair *best = best_valid(ice, 0);
        if (!best) return;
        if (better_may_come(ice, best) && ice->now < ice->first_valid_at + ICE_NOMINATE_WAIT)
            return;
        nominate(ice, best);
    } else if (ice->now >= ice->judge_at) {
        /* §8.1.1 would have us restart ICE to move. Browsers move without, and take it: a
         * restart takes seconds of signaling while the other pair is there and works. */
        struct ice_pair *fresh = best_valid(ice, ice->probe_at);
        bool silent = ice->pairs[ice->nominated].answered_at < ice->probe_at;
        ice->judge_at = TIME_NEVER;
        if (silent && fresh && index_of(ice, fresh) != ice->nominated) nominate(ice, fresh);
    }
}

static void forget_old(struct ice *ice)
{
    for (size_t i = 0; i < ICE_REMOTE_SLOTS; i++)
        if (ice->remotes[i].used && ice->remotes[i].old) remote_forget(ice, i);
    bytes_wipe(&ice->old_creds, sizeof ice->old_creds);
}

/* The nominated pair; before that the best valid one (§12.1: data may go on any valid pair); over
 * a restart the old one until the new generation has its own. */
static int wanted(struct ice *ice)
{
    if (ice->nominated != NONE) return ice->nominated;
    if (ice->selected != NONE && ice->pairs[ice->selected].old) return ice->selected;
    struct ice_pair *best = best_valid(ice, 0);
    return best ? index_of(ice, best) : NONE;
}

void nominate_tick(struct ice *ice)
{
    choose(ice);
    int want = wanted(ice);
    if (want == ice->selected) return;
    bool was_old = ice->selected != NONE && ice->pairs[ice->selected].old;
    ice->selected = want;
    if (was_old) forget_old(ice);
    if (want == NONE) return;
    consent_start(ice);
    ice_note(ice, ICE_SELECTED, 0);
}

usec nominate_deadline(const struct ice *ice)
{
    usec at = TIME_NEVER;
    if (!ice->controlling || ice->failed) return at;
    if (ice->nominating != NONE) return ice->nominate_until;
    if (ice->nominated == NONE && ice->first_valid_at != TIME_NEVER)
        at = ice->first_valid_at + ICE_NOMINATE_WAIT;
    return usec_min(at, ice->judge_at);
}
