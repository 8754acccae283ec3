#include "apps/callevents.h"

#include <stdio.h>
#include <string.h>

json_t *callevents_connection(const struct peer *peer, enum peer_state state)
{
    struct peer_why why = peer_why(peer);
    json_t *members = json_pack("{s:s}", "state", peer_state_name(state));
    if (why.cause == PEER_CAUSE_NONE) return members;
    json_object_set_new(members, "layer", json_string(why.layer));
    json_object_set_new(members, "reason", json_string(why.reason));
    return members;
}

json_t *callevents_ice(const struct peer *peer)
{
    return json_pack("{s:s}", "state", ice_state_name(ice_state(peer_ice(peer))));
}

json_t *callevents_selected(const struct ice_pair_info *pair)
{
    char local[ADDR_TEXT_MAX], remote[ADDR_TEXT_MAX];
    return json_pack("{s:s,s:s,s:s,s:s}", "local", addr_text(&pair->route.local, local),
                     "localType", candidate_type_name(pair->local_type), "remote",
                     addr_text(&pair->route.remote, remote), "remoteType",
                     candidate_type_name(pair->remote_type));
}

json_t *callevents_dtls(const struct peer *peer)
{
    struct dtls_status status = dtls_status(peer_dtls(peer));
    json_t *members = json_pack("{s:s}", "state", dtls_state_name(status.state));
    if (status.reason) json_object_set_new(members, "reason", json_string(status.reason));
    if (status.alert) json_object_set_new(members, "alert", json_string(status.alert));
    return members;
}

json_t *callevents_track(size_t track, const struct peer_track *t)
{
    return json_pack("{s:i,s:s,s:s,s:b,s:b}", "track", (int)track, "kind",
                     t->kind == RTP_OPUS ? "audio" : "video", "mid", t->mid, "send",
                     (int)t->agreed.send, "recv", (int)t->agreed.recv);
}

const char *callevents_fault(const struct fault *fault, struct bytes description, char *to,
                             size_t room)
{
    size_t line = 1;
    for (size_t i = 0; description.at && i < fault->offset && i + 1 < description.len; i++)
        line += description.at[i] == '\n';
    if (strcmp(fault->layer, "sdp") == 0 && description.at)
        snprintf(to, room, "%s at line %zu (offset %zu): %s", err_name(fault->err), line,
                 fault->offset, fault->rule);
    else
        snprintf(to, room, "%s: %s", err_name(fault->err), fault->rule);
    return to;
}
