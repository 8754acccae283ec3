#include "apps/simcheck.h"

#include <string.h>

#include "apps/simstranger.h"
#include "peer/demux.h"
#include "stun/message.h"

#define TICKS_AT_ONCE 1000 /* a deadline that is due so often at one time does not move on */
#define CLEAR_EVERY   8    /* packets: looking for what should be secret in each would cost most */

/* Each rule by the invariant's or the issue's own words. */
static const char unproved[] = "nothing but STUN goes to an address that has not answered a check";
static const char no_consent[] = "sending ends within 30 s without an answer to a check";
static const char early_media[] =
    "no media before the fingerprint was compared and keys were there";
static const char clear_media[] = "no media in clear";
static const char unpaced[] = "checks are paced: one request in 50 ms";
static const char amplified[] = "answers are no longer than what was asked";
static const char not_silent[] = "who has said goodbye is silent";
static const char no_progress[] = "deadlines move on";
static const char moved[] = "nothing unauthenticated changes state";
static const char unnamed[] = "a call connects or fails with a named reason";
static const char damaged[] = "what is received was sent";
static const char disordered[] = "frames come in order, and once";
static const char uncapped[] = "pairs stay within their bound";

static void broken(struct simcheck *check, const struct simcall *call, const char *rule)
{
    if (check->broken) return;
    check->broken = rule;
    check->broken_at = simcall_now(call);
}

void simcheck_init(struct simcheck *check)
{
    memset(check, 0, sizeof *check);
    for (int i = 0; i < SIDES; i++) check->side[i].last_request = -SEC(1);
}

/* ---- What a stranger may not change ---- */

static struct simcheck_state state_of(const struct simcall *call, int i)
{
    const struct peer *peer = simcall_side(call, i)->peer;
    struct simcheck_state state;
    memset(&state, 0, sizeof state); /* it is compared whole, holes and all */
    state.peer = peer_state(peer);
    state.ice = ice_state(peer_ice(peer));
    state.has_selected = ice_selected(peer_ice(peer), &state.selected);
    state.pairs = ice_pair_count(peer_ice(peer));
    if (peer_dtls(peer)) state.dtls = dtls_status(peer_dtls(peer)).state;
    return state;
}

static bool same_state(const struct simcheck_state *a, const struct simcheck_state *b)
{
    return a->peer == b->peer && a->ice == b->ice && a->dtls == b->dtls &&
           a->has_selected == b->has_selected && a->pairs == b->pairs &&
           addr_equal(&a->selected.local, &b->selected.local) &&
           addr_equal(&a->selected.remote, &b->selected.remote);
}

/* A ChangeCipherSpec says nothing and proves nothing: anybody's is as good as the peer's (RFC 5246
 * §7.1). So a stranger's may let a Finished be read that had overtaken the true one, and it is that
 * Finished that connects. No other state may change with it. */
static void forgive_finished(struct simcheck_state *before, const struct simcheck_state *now,
                             const struct packet *p)
{
    if (demux_of(packet_bytes(p)) != DEMUX_DTLS || before->dtls != DTLS_CONNECTING ||
        now->dtls != DTLS_CONNECTED)
        return;
    before->dtls = now->dtls;
    if (now->peer == PEER_CONNECTED) before->peer = now->peer;
}

void simcheck_before(struct simcheck *check, const struct simcall *call)
{
    for (int i = 0; i < SIDES; i++) check->side[i].before = state_of(call, i);
}

/* ---- The wire ---- */

static struct simcheck_address *address_of(struct simcheck_side *side, const struct addr *addr)
{
    for (size_t i = 0; i < side->address_count; i++)
        if (addr_equal(&side->addresses[i].addr, addr)) return &side->addresses[i];
    /* More than there is room for: an unproved one gives way, as forged ones are many. */
    size_t i = side->address_count;
    if (i < SIMCHECK_ADDRESSES) {
        side->address_count++;
    } else {
        for (i = SIMCHECK_ADDRESSES - 1; i > 0 && side->addresses[i].proved; i--) continue;
    }
    side->addresses[i] = (struct simcheck_address){.addr = *addr};
    return &side->addresses[i];
}

static void sent_stun(struct simcheck *check, const struct simcall *call, int i,
                      const struct packet *p)
{
    struct simcheck_side *side = &check->side[i];
    struct stun_msg m;
    if (stun_parse(&m, packet_bytes(p)) != OK) return;
    struct simcheck_address *to = address_of(side, &p->route.remote);
    if (stun_class(&m) != STUN_REQUEST) {
        to->responses_out += p->len;
        if (to->responses_out > to->requests_in) broken(check, call, amplified);
        return;
    }
    usec now = simcall_now(call);
    if (now - side->last_request < ICE_TA) broken(check, call, unpaced);
    side->last_request = now;
    struct simcheck_request *r = &side->requests[side->request_count++ % SIMCHECK_REQUESTS];
    memcpy(r->id, m.id.at, sizeof r->id);
    r->to = p->route.remote;
}

static void sent_media(struct simcheck *check, const struct simcall *call, int i,
                       const struct packet *p)
{
    const struct simcall_side *side = simcall_side(call, i);
    if (!peer_srtp_profile(side->peer) ||
        dtls_status(peer_dtls(side->peer)).state != DTLS_CONNECTED)
        broken(check, call, early_media);
    if (check->side[i].media_packets++ % CLEAR_EVERY != 0) return;
    for (int kind = 0; kind < MEDIA; kind++) {
        uint8_t room[SIMMEDIA_FRAME_MAX];
        struct bytes secret = simmedia_secret(&side->media[kind], room);
        for (size_t at = 0; secret.len > 0 && at + secret.len <= p->len; at++)
            if (p->at[at] == secret.at[0] && memcmp(p->at + at, secret.at, secret.len) == 0)
                broken(check, call, clear_media);
    }
}

static void sent(struct simcheck *check, const struct simcall *call, int i, const struct packet *p)
{
    struct simcheck_side *side = &check->side[i];
    usec now = simcall_now(call);
    const struct simcall_side *own = simcall_side(call, i);
    if (own->closed && now > own->closed_at) broken(check, call, not_silent);
    enum demux kind = demux_of(packet_bytes(p));
    if (kind == DEMUX_STUN) {
        sent_stun(check, call, i, p);
        return;
    }
    const struct simcheck_address *to = address_of(side, &p->route.remote);
    if (!to->proved) broken(check, call, unproved);
    if (now > to->answered_at + ICE_CONSENT_LIFE) broken(check, call, no_consent);
    if (kind != DEMUX_DTLS) sent_media(check, call, i, p);
}

static void arrived(struct simcheck *check, const struct simcall *call, int i,
                    const struct sim_step *step)
{
    struct simcheck_side *side = &check->side[i];
    const struct packet *p = step->packet;
    struct stun_msg m;
    if (simnet_is_stranger(simcall_net(call), step->from)) {
        struct simcheck_state now = state_of(call, i), before = side->before;
        forgive_finished(&before, &now, p);
        if (!same_state(&before, &now)) broken(check, call, moved);
    }
    if (demux_of(packet_bytes(p)) != DEMUX_STUN || stun_parse(&m, packet_bytes(p)) != OK) return;
    struct simcheck_address *from = address_of(side, &p->route.remote);
    if (stun_class(&m) == STUN_REQUEST) from->requests_in += p->len;
    if (stun_class(&m) != STUN_SUCCESS) return;
    for (size_t k = 0; k < SIMCHECK_REQUESTS; k++)
        if (memcmp(side->requests[k].id, m.id.at, 12) == 0 &&
            addr_equal(&side->requests[k].to, &p->route.remote))
            from->proved = true, from->answered_at = simcall_now(call);
}

static void ticked(struct simcheck *check, const struct simcall *call, int i)
{
    struct simcheck_side *side = &check->side[i];
    usec now = simcall_now(call);
    if (side->ticked_at != now) side->ticked_at = now, side->ticks = 0;
    if (++side->ticks > TICKS_AT_ONCE) broken(check, call, no_progress);
}

void simcheck_wire(struct simcheck *check, const struct simcall *call, const struct sim_step *step)
{
    int i = simnet_side_of(simcall_net(call), step->host);
    if (i == SIDES) return;
    switch (step->type) {
    case SIM_SENT: sent(check, call, i, step->packet); break;
    case SIM_ARRIVED: arrived(check, call, i, step); break;
    case SIM_TICKED: ticked(check, call, i); break;
    default: break;
    }
}

/* ---- The end ---- */

void simcheck_end(struct simcheck *check, struct simcall *call)
{
    const struct simcall_outcome *outcome = simcall_outcome(call);
    if (!outcome->connected && !outcome->layer) broken(check, call, unnamed);
    for (int i = 0; i < SIDES; i++) {
        const struct simcall_side *side = simcall_side(call, i);
        for (int kind = 0; kind < MEDIA; kind++) {
            if (side->media[kind].damaged > 0) broken(check, call, damaged);
            if (side->media[kind].out_of_order > 0) broken(check, call, disordered);
        }
        if (ice_pair_count(peer_ice(side->peer)) > ICE_PAIRS_MAX) broken(check, call, uncapped);
    }
    const struct simstranger *stranger = simnet_stranger(simcall_net(call));
    if (stranger && stranger->bytes_in > stranger->bytes_out) broken(check, call, amplified);
}
