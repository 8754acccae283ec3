/* A restart: everything new but the sockets and the pair in use. RFC 8445 §9. */
#include "ice/internal.h"

/* The pair in use and its remote candidate become "old"; all others are forgotten. */
static void keep_only_selected(struct ice *ice)
{
    int keep = ice->selected != NONE ? ice->pairs[ice->selected].remote : NONE;
    for (size_t i = 0; i < ice->pair_end; i++)
        if (ice->pairs[i].used && (int)i != ice->selected) pair_remove(ice, i);
    for (size_t i = 0; i < ICE_REMOTE_SLOTS; i++)
        if (ice->remotes[i].used && (int)i != keep) remote_forget(ice, i);
    if (keep == NONE) return;
    struct ice_pair *p = &ice->pairs[ice->selected];
    ice->remotes[keep].old = p->old = true;
    p->nominated = p->nominating = false;
    p->trigger = 0;
    check_stop(p);
}

void ice_restart(struct ice *ice, usec now)
{
    ice_tick(ice, now);
    if (ice->closed) return;
    bool was_old = ice->selected != NONE && ice->pairs[ice->selected].old;
    keep_only_selected(ice);
    /* Restarted again before the new generation had a pair: the oldest one's is still in use. */
    if (ice->selected == NONE)
        bytes_wipe(&ice->old_creds, sizeof ice->old_creds);
    else if (!was_old)
        ice->old_creds = ice->creds;
    ice_renew_credentials(ice);
    ice->responses.count = 0;
    ice->nominated = ice->nominating = ice->last_nomination = NONE;
    ice->patience_until = ice->first_valid_at = ice->judge_at = TIME_NEVER;
    ice->signaled_count = 0;
    remote_restart_names(ice);
    ice->early_count = 0;
    ice->remote_done = false;
    ice->failed = false;
    ice->lost = ICE_LOSS_NONE;
    ice->why[0] = '\0';
    ice->counters.restarts++;
    /* The candidates are as they were, but belong to the new ufrag: they are told again. */
    for (size_t i = 0; i < ice->local_count; i++)
        if (ice->locals[i].announced) gather_announce(ice, i);
    ice->end_announced = false;
    ice_settle(ice);
}
