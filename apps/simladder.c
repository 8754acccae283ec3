#include "apps/simladder.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "apps/ladderpage.h"

bool simladder_begin(struct simladder *l, bool all)
{
    struct ladder_config page = ladderpage();
    page.lanes[SIDE_A].name = "A";
    page.lanes[SIDE_B].name = "B";
    page.left = LADDERPAGE_LEFT;
    page.fine = true;
    *l = (struct simladder){.ladder = ladder_new(&page), .all = all};
    return l->ladder != NULL;
}

static void draw(struct simladder *l, const struct ladder_event *e)
{
    ladder_input(l->ladder, e);
    ladderpage_print(l->ladder);
}

/* The packet that waited to be told whether it went on. */
static void draw_held(struct simladder *l, const char *lost)
{
    if (!l->holding) return;
    l->holding = false;
    if (lost) l->held.lost = lost;
    draw(l, &l->held);
}

/* Two peers have lifelines; servers and strangers are named. */
static size_t lane_of(const struct simcall *call, size_t host, const char **name)
{
    int side = host < SIM_HOSTS_MAX ? simnet_side_of(simcall_net(call), host) : SIDES;
    *name = host < SIM_HOSTS_MAX ? simnet_host_name(simcall_net(call), host) : "nobody";
    return side < SIDES ? (size_t)side : LADDER_ELSEWHERE;
}

/* `l->held` of a packet, but for its fate. */
static void hold(struct simladder *l, const struct simcall *call, const struct sim_step *wire)
{
    const struct route *route = &wire->packet->route;
    struct ladder_event *e = &l->held;
    ladderwire_event(&l->wire, e, packet_bytes(wire->packet), &route->local, &route->remote);
    e->at = simcall_now(call);
    e->from = lane_of(call, wire->host, &e->from_name);
    e->to = lane_of(call, simnet_whose(simcall_net(call), &route->remote), &e->to_name);
    if (e->to != LADDER_ELSEWHERE) ladderwire_way(&l->wire, e, "to", &route->remote);
    if (wire->packet->len == 0) { /* somebody on the path, or a fault of the scenario */
        e->words = bytes_of("a packet");
        e->lost = "kept back";
        e->label = "packet";
    }
    if (l->all) e->repeats = 0;
}

/* A NAT stopped it, or nobody has its address: some time after it was sent. */
static void stopped(struct simladder *l, const struct simcall *call, const struct sim_step *wire)
{
    const struct route *route = &wire->packet->route;
    hold(l, call, wire);
    l->held.type = LADDER_STOPPED;
    l->held.lost = wire->why;
    if (l->held.repeats)
        l->held.repeats = ladderwire_number(l->held.repeats, &route->local, &route->remote);
    draw(l, &l->held);
}

static void note(struct simladder *l, const struct simcall *call, int side, enum ladder_ink ink,
                 const char *what)
{
    draw(l, &(struct ladder_event){.type = LADDER_NOTE,
                                   .ink = ink,
                                   .at = simcall_now(call),
                                   .from = (size_t)side,
                                   .words = bytes_of(what)});
}

static void state(struct simladder *l, const struct simcall *call, const struct simcall_step *s)
{
    char words[512];
    const struct peer *peer = simcall_side(call, s->side)->peer;
    struct peer_why why = peer_why(peer);
    bool failed = s->as.state == PEER_FAILED;
    if (failed && !l->account[s->side]) l->account[s->side] = account_of(peer, simcall_now(call));
    snprintf(words, sizeof words, "%s%s%s", peer_state_name(s->as.state),
             failed && why.reason ? ": " : "", failed && why.reason ? why.reason : "");
    note(l, call, s->side,
         failed                          ? LADDER_BAD
         : s->as.state == PEER_CONNECTED ? LADDER_GOOD
                                         : LADDER_PLAIN,
         words);
}

static void signaled(struct simladder *l, const struct simcall *call, const struct simcall_step *s)
{
    struct ladder_event e;
    ladderwire_signal(&l->wire, &e, s->as.signal.type, bytes_of(s->as.signal.text));
    e.at = simcall_now(call);
    e.from = s->side == SIDE_A ? SIDE_B : SIDE_A;
    e.to = (size_t)s->side;
    draw(l, &e);
}

void simladder_step(struct simladder *l, const struct simcall *call, const struct simcall_step *s)
{
    bool is_fate = s->type == SIMCALL_WIRE && s->as.wire.type == SIM_DROPPED;
    if (!is_fate) draw_held(l, NULL);
    switch (s->type) {
    case SIMCALL_WIRE:
        switch (s->as.wire.type) {
        case SIM_SENT:
            hold(l, call, &s->as.wire);
            l->holding = true;
            break;
        case SIM_DROPPED: draw_held(l, s->as.wire.why); break;
        case SIM_LOST: stopped(l, call, &s->as.wire); break;
        default: break;
        }
        break;
    case SIMCALL_SIGNAL: signaled(l, call, s); break;
    case SIMCALL_STATE: state(l, call, s); break;
    case SIMCALL_NOTE: note(l, call, s->side, LADDER_PLAIN, s->as.note); break;
    }
}

static void media_line(const struct simcall *call, int from, int kind)
{
    const struct simmedia *m = &simcall_side(call, from)->media[kind];
    if (m->sent == 0) return;
    printf("  %s of %s: %" PRIu64 " frames sent, %" PRIu64 " received whole, longest gap %" PRId64
           " ms\n",
           kind == SOUND ? "sound" : "picture", from == SIDE_A ? "A" : "B", m->sent, m->received,
           m->longest_gap / 1000);
}

static void codecs_line(const struct simcall *call, int at)
{
    const struct simcodecs *c = &simcall_side(call, at)->codecs;
    struct measure_video video = sink_video(c->sink);
    struct measure_sound sound = sink_sound(c->sink);
    printf("  decoded at %s: %" PRIu64 " pictures, %" PRIu64 " as the test source's, %" PRIu64
           " samples of sound, strongest at %.1f Hz\n",
           at == SIDE_A ? "A" : "B", video.frames, video.good, sound.samples, sound.hz);
}

const char *simladder_outcome(const struct simcall_outcome *o, char *to, size_t room)
{
    const char *side = o->side == SIDE_A ? "A" : "B";
    char how[512];
    if (o->connected && o->layer)
        snprintf(how, sizeof how, "connected after %" PRId64 " ms, then lost: %s: %s: %s",
                 o->connect_us / 1000, side, o->layer, o->reason);
    else if (o->connected)
        snprintf(how, sizeof how, "connected after %" PRId64 " ms", o->connect_us / 1000);
    else if (o->layer)
        snprintf(how, sizeof how, "failed: %s: %s: %s", side, o->layer, o->reason);
    else
        snprintf(how, sizeof how, "neither connected nor failed");
    if (o->broken)
        snprintf(to, room, "BROKEN at %" PRId64 ".%06" PRId64 " s: \"%s\"; %s",
                 o->broken_at / SEC(1), o->broken_at % SEC(1), o->broken, how);
    else
        snprintf(to, room, "%s", how);
    return to;
}

void simladder_end(struct simladder *l, const struct simcall *call)
{
    char text[1024];
    draw_held(l, NULL);
    ladder_flush(l->ladder);
    ladderpage_print(l->ladder);
    ladder_free(l->ladder);
    printf("\n%s\n", simladder_outcome(simcall_outcome(call), text, sizeof text));
    const struct simcall_outcome *o = simcall_outcome(call);
    for (int i = 0; i < SIDES; i++) {
        if (simcall_side(call, i)->codecs.sink) codecs_line(call, i);
        for (int kind = 0; kind < MEDIA; kind++) media_line(call, i, kind);
    }
    if (o->layer && l->account[o->side]) {
        printf("\nwhat %s knew of it:\n", o->side == SIDE_A ? "A" : "B");
        account_print(l->account[o->side], stdout);
        printf("\n");
    }
    for (int i = 0; i < SIDES; i++) json_decref(l->account[i]);
    printf("  wire: %" PRIu64 " packets, %" PRIu64 " bytes, digest %016" PRIx64 "\n", o->packets,
           o->bytes, o->digest);
}
