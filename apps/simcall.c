#include "apps/simcall.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/simcheck.h"
#include "apps/simrogue.h"
#include "apps/simtamper.h"
#include "peer/demux.h"
#include "sim/hostclock.h"

struct simcall {
    struct scenario scenario;
    struct simnet net;
    struct simcall_side side[SIDES];
    struct simsignal signal;
    usec rebind_at[SIDES];
    struct simtamper tamper;
    struct simrogue rogue;
    struct simcheck check;
    struct simcall_outcome outcome;
    bool offered;
    struct simsignal_message message; /* the one that was shown last */
    usec over_at;                     /* nothing is to happen after; TIME_NEVER: it goes on */
};

/* ---- Its beginning and end ---- */

static bool make_peer(struct simcall *c, int i, struct dtls_identity *identity)
{
    struct peer_config cfg = {.identity = identity,
                              .unix_us = SIMCALL_UNIX_US,
                              .audio = {true, true},
                              .video = {c->scenario.video, c->scenario.video}};
    for (int ipv6 = 0; ipv6 < 2; ipv6++)
        if (c->scenario.stun && simnet_has_family(&c->scenario, ipv6))
            cfg.stun_servers[cfg.stun_server_count++] = simnet_stun_address(ipv6);
    if (c->scenario.fault == FAULT_PROFILE)
        cfg.srtp_profile = i == SIDE_A ? DTLS_SRTP_AES128_CM_SHA1_80 : DTLS_SRTP_AEAD_AES_128_GCM;
    rng_init_number(&cfg.rng, c->scenario.seed * SIDES + (uint64_t)i);
    struct simcall_side *side = &c->side[i];
    simmedia_init(&side->media[SOUND], RTP_OPUS);
    simmedia_init(&side->media[PICTURE], RTP_VP8);
    side->next_frame[SOUND] = side->next_frame[PICTURE] = side->hangs_up_at = TIME_NEVER;
    side->peer = peer_new(&cfg);
    if (c->scenario.codecs && !simcodecs_init(&side->codecs, c->scenario.video)) return false;
    return side->peer != NULL;
}

static void open_sockets(struct simcall *c, int side)
{
    for (int ipv6 = 0; ipv6 < 2; ipv6++) {
        struct addr a = simnet_address(&c->scenario, side, ipv6);
        if (simnet_has_family(&c->scenario, ipv6)) peer_add_socket(c->side[side].peer, &a, 0);
    }
    peer_sockets_done(c->side[side].peer, 0);
}

struct simcall *simcall_new(const struct scenario *scenario,
                            struct dtls_identity *const identities[SIDES])
{
    struct simcall *c = calloc(1, sizeof *c);
    if (!c) return NULL;
    c->scenario = *scenario;
    c->over_at = TIME_NEVER;
    c->outcome.side = SIDES;
    for (int i = 0; i < SIDES; i++)
        c->rebind_at[i] = scenario->rebind_at[i] > 0 && scenario->nat_count[i] > 0
                              ? scenario->rebind_at[i]
                              : TIME_NEVER;
    bool ok = make_peer(c, SIDE_A, identities[SIDE_A]) && make_peer(c, SIDE_B, identities[SIDE_B]);
    struct peer *const peers[SIDES] = {c->side[SIDE_A].peer, c->side[SIDE_B].peer};
    ok = ok && simnet_init(&c->net, &c->scenario, peers);
    if (!ok) {
        simcall_free(c);
        return NULL;
    }
    simtamper_init(&c->tamper, scenario->seed);
    simrogue_init(&c->rogue, scenario->seed);
    simcheck_init(&c->check);
    open_sockets(c, SIDE_A);
    return c;
}

void simcall_free(struct simcall *c)
{
    if (!c) return;
    for (int i = 0; i < SIDES; i++) {
        simcodecs_free(&c->side[i].codecs);
        peer_free(c->side[i].peer);
    }
    simnet_free(&c->net);
    simsignal_drop(&c->signal);
    free(c->message.text);
    free(c);
}

/* A command was given to this side's peer, which may have something to send now. */
static void woken(struct simcall *c, int side)
{
    sim_world_woken(c->net.world, c->net.host[side]);
}

/* ---- What a side says over the signaling ---- */

static void say(struct simcall *c, int from, enum simsignal_type type, const char *text,
                const char *ufrag)
{
    if (type == SIGNAL_CANDIDATE && c->scenario.fault == FAULT_NO_CANDIDATES) return;
    usec at = simcall_now(c) + c->scenario.signal;
    simsignal_send(&c->signal, at, 1 - from, type, text, ufrag);
}

/* Sends the description that waits, with its candidates if they don't go by themselves. */
static void say_held(struct simcall *c, int from)
{
    struct simcall_side *side = &c->side[from];
    bool with = !c->scenario.trickle && c->scenario.fault != FAULT_NO_CANDIDATES;
    char *whole = with ? simsignal_with_candidates(side->held, side->candidates) : NULL;
    say(c, from, side->held_type, whole ? whole : side->held, "");
    free(whole);
    side->held[0] = '\0';
}

/* A description goes out at once, or with its candidates as soon as they are complete. */
static void say_description(struct simcall *c, int from, enum simsignal_type type,
                            struct bytes text)
{
    struct simcall_side *side = &c->side[from];
    bytes_to_text(text, side->held, sizeof side->held);
    simsignal_break(side->held, sizeof side->held, type, c->scenario.fault);
    side->held_type = type;
    /* What was gathered before is in it already, and it says if that was all (RFC 8840 §8.2). */
    if (strstr(side->held, "a=end-of-candidates")) side->gathered = true;
    if (c->scenario.trickle || side->gathered) say_held(c, from);
}

static void say_candidate(struct simcall *c, int from, const struct peer_candidate *candidate)
{
    struct simcall_side *side = &c->side[from];
    if (c->scenario.trickle) {
        say(c, from, SIGNAL_CANDIDATE, candidate->text, candidate->ufrag);
        return;
    }
    size_t used = strlen(side->candidates);
    snprintf(side->candidates + used, sizeof side->candidates - used, "a=%s\r\n",
             candidate->text[0] ? candidate->text : "end-of-candidates");
    if (candidate->text[0]) return;
    side->gathered = true;
    if (side->held[0]) say_held(c, from);
}

static void offer(struct simcall *c)
{
    struct bytes text;
    if (peer_offer(c->side[SIDE_A].peer, &text, simcall_now(c)) == OK)
        say_description(c, SIDE_A, SIGNAL_OFFER, text);
}

static void hang_up(struct simcall *c, int i)
{
    struct simcall_side *side = &c->side[i];
    if (side->closed) return;
    side->closed = true;
    side->closed_at = simcall_now(c);
    side->hangs_up_at = TIME_NEVER;
    for (int k = 0; k < MEDIA; k++) side->next_frame[k] = TIME_NEVER;
    side->codecs.started = false;
    peer_close(side->peer, simcall_now(c));
    woken(c, i);
    say(c, i, SIGNAL_BYE, "", "");
    if (c->side[1 - i].closed) c->over_at = simcall_now(c) + SIMCALL_AFTERWARDS;
}

/* ---- What happens to a side ---- */

static void fail(struct simcall *c, int i)
{
    struct peer_why why = peer_why(c->side[i].peer);
    if (!c->outcome.layer) {
        c->outcome.layer = why.layer;
        c->outcome.side = i;
        snprintf(c->outcome.reason, sizeof c->outcome.reason, "%s", why.reason);
    }
    if (c->scenario.linger > 0)
        c->side[i].hangs_up_at = simcall_now(c) + c->scenario.linger;
    else
        hang_up(c, i);
}

static void changed_state(struct simcall *c, int i, enum peer_state state)
{
    struct simcall_side *side = &c->side[i];
    side->state = state;
    if (state == PEER_FAILED) fail(c, i);
    if (state == PEER_CLOSED && !side->closed) hang_up(c, i);
    if (state != PEER_CONNECTED || side->connected_at > 0) return;
    usec now = simcall_now(c);
    side->connected_at = now;
    if (c->scenario.codecs)
        simcodecs_start(&side->codecs, now);
    else
        side->next_frame[SOUND] = now;
    if (c->scenario.video && !c->scenario.codecs) side->next_frame[PICTURE] = now;
    if (c->side[1 - i].connected_at == 0) return;
    c->outcome.connected = true;
    c->outcome.connect_us = now;
    for (int k = 0; k < SIDES; k++) c->side[k].talks_until = now + c->scenario.media;
}

static void received(struct simcall *c, int i, size_t track, const struct rtp_frame *frame)
{
    struct peer_track t;
    if (c->scenario.codecs)
        simcodecs_received(&c->side[i].codecs, c->side[i].peer, track, frame, simcall_now(c));
    if (c->scenario.codecs || !peer_track(c->side[i].peer, track, &t)) return;
    struct simmedia *media = &c->side[1 - i].media[t.kind == RTP_OPUS ? SOUND : PICTURE];
    simmedia_received(media, frame, simcall_now(c));
}

/* Takes one side's events until one of them is worth showing; false: none was. */
static bool take_events(struct simcall *c, int i, struct simcall_step *step)
{
    struct simcall_side *side = &c->side[i];
    struct peer_event ev;
    while (peer_event(side->peer, &ev)) {
        switch (ev.type) {
        case PEER_CANDIDATE: say_candidate(c, i, &ev.as.candidate); break;
        case PEER_FRAME: received(c, i, ev.track, &ev.as.frame); break;
        case PEER_KEY_WANTED:
            side->media[PICTURE].key_wanted = true;
            if (c->scenario.codecs) studio_want_key(side->codecs.studio);
            break;
        case PEER_STATE:
            changed_state(c, i, ev.as.state);
            *step = (struct simcall_step){.type = SIMCALL_STATE, .side = i};
            step->as.state = ev.as.state;
            woken(c, i);
            return true;
        default: break;
        }
        woken(c, i);
    }
    return false;
}

/* A first description that is refused ends the call, as it does in duet call. */
static void refuse(struct simcall *c, int i, usec now)
{
    char why[256];
    const struct fault *fault = peer_fault(c->side[i].peer);
    snprintf(why, sizeof why, "%s at offset %zu: %s", err_name(fault->err), fault->offset,
             fault->rule);
    if (!c->outcome.connected) peer_give_up_refused(c->side[i].peer, why, now);
}

static void take_message(struct simcall *c, struct simsignal_message *m)
{
    struct peer *peer = c->side[m->to].peer;
    usec now = simcall_now(c);
    struct bytes text = bytes_of(m->text), answer;
    enum err err = OK;
    if (m->type != SIGNAL_BYE && c->side[m->to].closed) return;
    switch (m->type) {
    case SIGNAL_OFFER:
        if (c->scenario.fault == FAULT_NO_ANSWER) return;
        open_sockets(c, m->to);
        err = peer_answer(peer, text, &answer, now);
        if (err == OK) say_description(c, m->to, SIGNAL_ANSWER, answer);
        break;
    case SIGNAL_ANSWER: err = peer_set_answer(peer, text, now); break;
    case SIGNAL_CANDIDATE: peer_add_candidate(peer, text, bytes_of(m->ufrag), now); break;
    case SIGNAL_BYE: hang_up(c, m->to); break;
    }
    woken(c, m->to);
    if (err != OK) refuse(c, m->to, now);
}

/* ---- What the scenario does by itself ---- */

static void send_frame(struct simcall *c, int i, int kind)
{
    struct simcall_side *side = &c->side[i];
    simmedia_send(&side->media[kind], side->peer, simcall_now(c)); /* refused: it can't send now */
    usec every = kind == SOUND ? SIMMEDIA_SOUND_US : SIMMEDIA_PICTURE_US;
    side->next_frame[kind] += every;
    woken(c, i);
}

static bool rebind(struct simcall *c, int i, struct simcall_step *step)
{
    simnet_rebind(&c->net, i);
    c->rebind_at[i] = TIME_NEVER;
    *step = (struct simcall_step){.type = SIMCALL_NOTE, .side = i};
    step->as.note = "its NAT has forgotten everything and gives out new ports";
    return true;
}

/* By then a call that is not over is stuck. */
static usec limit_of(const struct simcall *c)
{
    return SIMCALL_LIMIT + c->scenario.linger + (c->outcome.connected ? c->scenario.media : 0);
}

/* When the scenario wants to do something next. */
static usec next_at(const struct simcall *c)
{
    usec at = usec_min(simsignal_deadline(&c->signal), usec_min(c->over_at, limit_of(c)));
    for (int i = 0; i < SIDES; i++) {
        const struct simcall_side *side = &c->side[i];
        at = usec_min(at, usec_min(side->next_frame[SOUND], side->next_frame[PICTURE]));
        at = usec_min(at, usec_min(c->rebind_at[i], simcodecs_deadline(&side->codecs)));
        at = usec_min(at, side->hangs_up_at);
        if (side->talks_until > 0 && !side->closed) at = usec_min(at, side->talks_until);
    }
    if (c->scenario.attack == ATTACK_PEER && c->outcome.connected)
        at = usec_min(at, simrogue_deadline(&c->rogue));
    return at;
}

/* Does what is due; true: and it is worth showing. */
static bool act(struct simcall *c, struct simcall_step *step)
{
    usec now = simcall_now(c);
    hostclock_set(now);
    if (!c->offered) {
        c->offered = true;
        offer(c);
        woken(c, SIDE_A);
        return false;
    }
    free(c->message.text);
    c->message.text = NULL;
    if (simsignal_take(&c->signal, &c->message, now)) {
        take_message(c, &c->message);
        *step = (struct simcall_step){.type = SIMCALL_SIGNAL, .side = c->message.to};
        step->as.signal = (struct simcall_signal){simsignal_name(c->message.type), c->message.text};
        return true;
    }
    for (int i = 0; i < SIDES; i++) {
        struct simcall_side *side = &c->side[i];
        for (int kind = 0; kind < MEDIA; kind++)
            if (side->next_frame[kind] <= now) send_frame(c, i, kind);
        if (simcodecs_deadline(&side->codecs) <= now) {
            simcodecs_send(&side->codecs, side->peer, now);
            woken(c, i);
        }
        if (c->rebind_at[i] <= now) return rebind(c, i, step);
        if (side->talks_until > 0 && side->talks_until <= now) hang_up(c, i);
        if (side->hangs_up_at <= now) hang_up(c, i);
    }
    if (c->scenario.attack == ATTACK_PEER && simrogue_deadline(&c->rogue) <= now)
        simrogue_act(&c->rogue, c, now);
    return false;
}

/* What the outcome says of the wire. A mixing function as good as any: nobody is to be kept out. */
static void count(struct simcall *c, const struct sim_step *sent)
{
    struct simcall_outcome *o = &c->outcome;
    const struct packet *p = sent->packet;
    uint64_t word = (uint64_t)simcall_now(c) << 8 | sent->host;
    for (size_t i = 0;; i += 8) {
        o->digest = (o->digest ^ word) * 0x9E3779B97F4A7C15u;
        o->digest ^= o->digest >> 29;
        if (i >= p->len) break;
        uint8_t eight[8] = {0};
        memcpy(eight, p->at + i, p->len - i < 8 ? p->len - i : 8);
        word = 0;
        for (size_t k = 0; k < 8; k++) word |= (uint64_t)eight[k] << (8 * k);
    }
    o->packets++;
    o->bytes += p->len;
}

/* Somebody on the path, and what is broken on it. */
static void bend(struct simcall *c, struct sim_step *wire)
{
    if (wire->type != SIM_SENT) return;
    if (c->scenario.fault == FAULT_DTLS_SILENT && wire->host == c->net.host[SIDE_B] &&
        demux_of(packet_bytes(wire->packet)) == DEMUX_DTLS)
        wire->packet->len = 0;
    if (c->scenario.attack == ATTACK_ON_PATH && simnet_side_of(&c->net, wire->host) < SIDES)
        simtamper_bend(&c->tamper, c->net.world, wire);
}

static bool end(struct simcall *c)
{
    if (c->outcome.ended_at > 0) return false;
    c->outcome.ended_at = simcall_now(c);
    simcheck_end(&c->check, c);
    c->outcome.broken = c->check.broken;
    c->outcome.broken_at = c->check.broken_at;
    return false;
}

bool simcall_step(struct simcall *c, struct simcall_step *step)
{
    for (;;) {
        struct sim_step *wire = &step->as.wire;
        if (!c->offered) act(c, step);
        for (int i = 0; i < SIDES; i++)
            if (take_events(c, i, step)) return true;
        usec now = simcall_now(c);
        if (now >= limit_of(c) || now >= c->over_at || c->check.broken) return end(c);
        if (c->scenario.attack == ATTACK_OFF_PATH) simcheck_before(&c->check, c);
        if (sim_world_step(c->net.world, next_at(c), wire)) {
            step->type = SIMCALL_WIRE;
            step->side = simnet_side_of(&c->net, wire->host);
            simcheck_wire(&c->check, c, wire);
            if (wire->type == SIM_SENT && step->side < SIDES) count(c, wire);
            bend(c, wire);
            return true;
        }
        if (act(c, step)) return true;
    }
}

/* ---- What can be asked ---- */

const struct simcall_outcome *simcall_outcome(const struct simcall *c)
{
    return &c->outcome;
}

usec simcall_now(const struct simcall *c)
{
    return sim_world_now(c->net.world);
}

const struct scenario *simcall_scenario(const struct simcall *c)
{
    return &c->scenario;
}

const struct simcall_side *simcall_side(const struct simcall *c, int side)
{
    return &c->side[side];
}

const struct simnet *simcall_net(const struct simcall *c)
{
    return &c->net;
}
