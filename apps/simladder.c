#include "apps/simladder.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "apps/wireline.h"
#include "peer/demux.h"

/* "  0.020500  ": seconds of virtual time, in integers so that it is the same everywhere. */
static void print_time(usec at)
{
    printf("%4" PRId64 ".%06" PRId64 "  ", at / SEC(1), at % SEC(1));
}

static const char *arrow(const struct simcall *call, size_t from, size_t to, char *text,
                         size_t room)
{
    const char *a = simcall_host_name(call, from);
    const char *b = to < SIM_HOSTS_MAX ? simcall_host_name(call, to) : "?";
    int from_side = simcall_side_of(call, from), to_side = simcall_side_of(call, to);
    if (from_side == SIDE_A && to_side == SIDE_B)
        snprintf(text, room, "A ------------> B   ");
    else if (from_side == SIDE_B && to_side == SIDE_A)
        snprintf(text, room, "A <------------ B   ");
    else
        snprintf(text, room, "%s -> %-*s", a, 16 - (int)strlen(a), b);
    return text;
}

static void flush_folded(struct simladder *l)
{
    uint64_t sent = l->folded[SIDE_A] + l->folded[SIDE_B];
    if (sent == 0) return;
    print_time(l->folded_from);
    printf("       ...          media until %" PRId64 ".%03" PRId64 ": %" PRIu64
           " packets from A (%" PRIu64 " lost), %" PRIu64 " from B (%" PRIu64 " lost)\n",
           l->folded_until / SEC(1), l->folded_until % SEC(1) / 1000, l->folded[SIDE_A],
           l->folded_lost[SIDE_A], l->folded[SIDE_B], l->folded_lost[SIDE_B]);
    memset(l->folded, 0, sizeof l->folded);
    memset(l->folded_lost, 0, sizeof l->folded_lost);
}

/* The line that waited to be told whether its packet went on. */
static void flush_held(struct simladder *l, const char *lost)
{
    if (!l->held[0]) return;
    flush_folded(l);
    print_time(l->held_at);
    printf("%s%s%s\n", l->held, lost ? "   X " : "", lost ? lost : "");
    l->held[0] = '\0';
}

static void sent(struct simladder *l, const struct simcall *call, const struct sim_step *wire)
{
    char words[WIRELINE_MAX], way[64];
    int side = simcall_side_of(call, wire->host);
    enum demux kind = demux_of(packet_bytes(wire->packet));
    l->held_media = kind == DEMUX_RTP || kind == DEMUX_RTCP;
    l->held_at = simcall_now(call);
    if (l->held_media && side < SIDES && l->shown_media[side][kind == DEMUX_RTCP] && !l->all) {
        if (l->folded[SIDE_A] + l->folded[SIDE_B] == 0) l->folded_from = l->held_at;
        l->folded[side]++;
        l->folded_until = l->held_at;
        return;
    }
    if (l->held_media && side < SIDES) l->shown_media[side][kind == DEMUX_RTCP] = true;
    size_t to = simcall_whose(call, &wire->packet->route.remote);
    snprintf(l->held, sizeof l->held, "%s%s", arrow(call, wire->host, to, way, sizeof way),
             wireline(packet_bytes(wire->packet), words));
}

static void dropped(struct simladder *l, const struct simcall *call, const struct sim_step *wire)
{
    int side = simcall_side_of(call, wire->host);
    if (l->held[0])
        flush_held(l, wire->why);
    else if (l->held_media && side < SIDES)
        l->folded_lost[side]++;
}

static void lost(struct simladder *l, const struct simcall *call, const struct sim_step *wire)
{
    char words[WIRELINE_MAX];
    enum demux kind = demux_of(packet_bytes(wire->packet));
    if (!l->all && (kind == DEMUX_RTP || kind == DEMUX_RTCP)) {
        int side = simcall_side_of(call, wire->host);
        if (side < SIDES) l->folded_lost[side]++;
        return;
    }
    flush_folded(l);
    print_time(simcall_now(call));
    printf("     X              of %s: %s   (%s)\n", simcall_host_name(call, wire->host),
           wireline(packet_bytes(wire->packet), words), wire->why);
}

static void note(struct simladder *l, const struct simcall *call, int side, const char *what,
                 const char *more)
{
    flush_folded(l);
    print_time(simcall_now(call));
    printf("%*s%s* %s%s%s\n", side == SIDE_A ? 0 : 16, "", side == SIDE_A ? "A " : "B ", what,
           more[0] ? " " : "", more);
}

static void signaled(struct simladder *l, const struct simcall *call, const struct simcall_step *s)
{
    const char *type = s->as.signal.type, *text = s->as.signal.text;
    flush_folded(l);
    print_time(simcall_now(call));
    printf("A %s B   signaling: %s", s->side == SIDE_B ? "============>" : "<============", type);
    if (strcmp(type, "candidate") == 0)
        printf(" %s", text[0] ? text : "(that was the last one)");
    else if (text[0])
        printf(", %zu bytes", strlen(text));
    printf("\n");
}

void simladder_step(struct simladder *l, const struct simcall *call, const struct simcall_step *s)
{
    bool is_fate = s->type == SIMCALL_WIRE && s->as.wire.type == SIM_DROPPED;
    if (!is_fate) flush_held(l, NULL);
    switch (s->type) {
    case SIMCALL_WIRE:
        switch (s->as.wire.type) {
        case SIM_SENT: sent(l, call, &s->as.wire); break;
        case SIM_DROPPED: dropped(l, call, &s->as.wire); break;
        case SIM_LOST: lost(l, call, &s->as.wire); break;
        default: break;
        }
        break;
    case SIMCALL_SIGNAL: signaled(l, call, s); break;
    case SIMCALL_STATE: {
        struct peer_why why = peer_why(simcall_side(call, s->side)->peer);
        if (s->as.state == PEER_FAILED && !l->account[s->side])
            l->account[s->side] = account_of(simcall_side(call, s->side)->peer, simcall_now(call));
        bool failed = s->as.state == PEER_FAILED && why.reason;
        note(l, call, s->side, peer_state_name(s->as.state), failed ? why.reason : "");
        break;
    }
    case SIMCALL_NOTE: note(l, call, s->side, s->as.note, ""); break;
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
    flush_held(l, NULL);
    flush_folded(l);
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
