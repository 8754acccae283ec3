#include "apps/callladder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/explainnames.h"
#include "apps/ladderpage.h"
#include "apps/ladderwire.h"

#define CALLS_MAX   32 /* at a time that have names and lifelines; others are drawn as "a peer" */
#define SERVERS_MAX 8  /* STUN servers that are told from peers */
#define SHORT_ID    8  /* characters of an id that tell participants apart */

enum { LANE_SERVER, LANE_US, LANE_PEER };

/* Who is on the other side of a call. */
struct party {
    unsigned call; /* 0: this place is free */
    size_t lane;   /* or LADDER_ELSEWHERE */
    char name[SHORT_ID + sizeof "peer "];
    struct explain_names *names; /* of the last description; NULL: none yet */
};

struct callladder {
    struct ladder *ladder;
    struct ladderwire wire;
    usec start;
    struct party parties[CALLS_MAX];
    bool taken[LADDER_LANES_MAX]; /* lanes of calls that are not over */
    unsigned calls;               /* that have been seen */
    struct addr servers[SERVERS_MAX];
    size_t server_count;
};

struct callladder *callladder_new(usec start)
{
    struct ladder_config page = ladderpage();
    struct callladder *l = calloc(1, sizeof *l);
    if (!l) return NULL;
    page.lanes[LANE_SERVER] = (struct ladder_lane){"signaling", 3};
    page.lanes[LANE_US] = (struct ladder_lane){"duet", 5};
    page.lanes[LANE_PEER] = (struct ladder_lane){"peer", 5};
    page.fold = CALLLADDER_FOLD;
    l->start = start;
    l->ladder = ladder_new(&page);
    if (l->ladder) return l;
    free(l);
    return NULL;
}

static void forget_names(struct party *p)
{
    if (p->names) explain_names_free(p->names);
    free(p->names);
    p->names = NULL;
}

void callladder_free(struct callladder *l)
{
    if (!l) return;
    for (size_t i = 0; i < CALLS_MAX; i++) forget_names(&l->parties[i]);
    ladder_free(l->ladder);
    free(l);
}

static void print(struct callladder *l)
{
    ladderpage_print(l->ladder);
    fflush(stdout);
}

void callladder_end(struct callladder *l)
{
    ladder_flush(l->ladder);
    print(l);
}

void callladder_tick(struct callladder *l, usec now)
{
    ladder_tick(l->ladder, now - l->start);
    print(l);
}

static void draw(struct callladder *l, struct ladder_event *e, usec now)
{
    e->at = now - l->start;
    ladder_input(l->ladder, e);
    print(l);
}

/* ---- Who is who ---- */

static const struct party stranger = {.lane = LADDER_ELSEWHERE, .name = "a peer"};

static struct party *party_of(struct callladder *l, unsigned call)
{
    for (size_t i = 0; i < CALLS_MAX; i++)
        if (l->parties[i].call == call) return &l->parties[i];
    return NULL;
}

/* The first one's lifeline is there from the start, and needs no name: most calls are of two. */
static size_t free_lane(struct callladder *l, const char *name)
{
    for (size_t lane = LANE_PEER; lane < ladder_lane_count(l->ladder); lane++) {
        if (l->taken[lane]) continue;
        if (l->calls > 0) ladder_rename(l->ladder, lane, name);
        return lane;
    }
    return ladder_add(l->ladder, &(struct ladder_lane){name, 5});
}

/* There is more than one: the first one's lifeline gets its name. */
static void name_first(struct callladder *l)
{
    for (size_t i = 0; i < CALLS_MAX; i++)
        if (l->parties[i].call && l->parties[i].lane == LANE_PEER)
            ladder_rename(l->ladder, LANE_PEER, l->parties[i].name);
}

static void meet(struct callladder *l, unsigned call, const struct sig_id *id)
{
    struct party *p = party_of(l, 0);
    if (party_of(l, call) || !p) return;
    snprintf(p->name, sizeof p->name, "peer %.*s", SHORT_ID, id->text);
    p->call = call;
    if (l->calls == 1) name_first(l);
    p->lane = free_lane(l, p->name);
    if (p->lane < LADDER_LANES_MAX) l->taken[p->lane] = true;
    l->calls++;
}

void callladder_over(struct callladder *l, unsigned call)
{
    struct party *p = party_of(l, call);
    if (!p || call == 0) return;
    if (p->lane < LADDER_LANES_MAX) l->taken[p->lane] = false;
    forget_names(p);
    p->call = 0;
}

static const struct party *known(struct callladder *l, unsigned call)
{
    const struct party *p = party_of(l, call);
    return p ? p : &stranger;
}

/* ---- Datagrams ---- */

static bool is_server(const struct callladder *l, const struct addr *a)
{
    for (size_t i = 0; i < l->server_count; i++)
        if (addr_equal(&l->servers[i], a)) return true;
    return false;
}

/* Who is asked by a request that is no check is a STUN server. */
static void note_server(struct callladder *l, const struct addr *a)
{
    const char *label = l->wire.line.label;
    if (!label || strcmp(label, "request") != 0 || is_server(l, a)) return;
    if (l->server_count < SERVERS_MAX) l->servers[l->server_count++] = *a;
}

#define CODEC_MAX 33

/* By the description; NULL: it is not known. */
static const char *codec_of(const struct party *p, struct bytes datagram, char name[CODEC_MAX])
{
    uint8_t type = datagram.len > 1 ? datagram.at[1] & 0x7F : 0;
    for (size_t i = 0; p->names && i < p->names->options.payload_count; i++)
        if (p->names->payloads[i].type == type)
            return bytes_to_text(p->names->payloads[i].name, name, CODEC_MAX);
    return NULL;
}

static void datagram(struct callladder *l, unsigned call, const struct packet *packet,
                     const struct peer_plain *plain, const struct fault *fault, bool sent, usec now)
{
    struct ladder_event e;
    char codec[CODEC_MAX];
    const struct party *p = known(l, call);
    const struct addr *local = &packet->route.local, *remote = &packet->route.remote;
    struct bytes bytes = packet_bytes(packet);
    ladderwire_event(&l->wire, &e, bytes, sent ? local : remote, sent ? remote : local);
    if (sent) note_server(l, remote);
    bool server = is_server(l, remote);
    size_t lane = server ? LADDER_ELSEWHERE : p->lane;
    if (!server) ladderwire_way(&l->wire, &e, sent ? "to" : "from", remote);
    if (l->wire.line.protocol == DEMUX_RTP)
        ladderwire_codec(&l->wire, &e, codec_of(p, bytes, codec));
    if (plain && plain->rtcp) ladderwire_inside(&l->wire, &e, plain->packet);
    e.from = sent ? LANE_US : lane;
    e.to = sent ? lane : LANE_US;
    e.from_name = e.to_name = server ? "STUN server" : p->name;
    if (fault) e.lost = fault->rule ? fault->rule : err_name(fault->err);
    draw(l, &e, now);
}

void callladder_went(struct callladder *l, unsigned call, const struct packet *p,
                     const struct peer_plain *plain, usec now)
{
    datagram(l, call, p, plain, NULL, true, now);
}

void callladder_came(struct callladder *l, unsigned call, const struct packet *p,
                     const struct peer_plain *plain, const struct fault *fault, usec now)
{
    datagram(l, call, p, plain, fault, false, now);
}

/* ---- Signaling ---- */

void callladder_server(struct callladder *l, const char *words, bool sent, usec now)
{
    struct ladder_event e = {.ink = LADDER_SIGNALING,
                             .from = sent ? LANE_US : LANE_SERVER,
                             .to = sent ? LANE_SERVER : LANE_US,
                             .words = bytes_of(words),
                             .relayed = true};
    draw(l, &e, now);
}

static void note(struct callladder *l, size_t lane, enum ladder_ink ink, const char *words,
                 usec now)
{
    struct ladder_event e = {
        .type = LADDER_NOTE, .ink = ink, .from = lane, .words = bytes_of(words)};
    draw(l, &e, now);
}

void callladder_server_gone(struct callladder *l, const char *why, usec now)
{
    note(l, LANE_SERVER, LADDER_PLAIN, why, now);
}

/* The payload types of the last description are those of the packets. */
static void read_names(struct party *p, struct bytes sdp)
{
    struct explain_names *names = malloc(sizeof *names);
    if (!names) return;
    if (explain_names_read(names, sdp) == OK) {
        forget_names(p);
        p->names = names;
        return;
    }
    explain_names_free(names);
    free(names);
}

void callladder_message(struct callladder *l, unsigned call, const struct sig_message *m,
                        const char *name, bool sent, usec now)
{
    char words[WIRELINE_MAX + 64], brief[64];
    struct ladder_event e;
    bool description = m->type == SIG_OFFER || m->type == SIG_ANSWER;
    struct bytes text = bytes_of("");
    if (m->type != SIG_LEAVE) meet(l, call, sent ? &m->to : &m->from);
    struct party *p = party_of(l, call);
    if (description) text = m->sdp;
    if (m->type == SIG_CANDIDATE && !m->end_of_candidates) text = m->candidate.candidate;
    if (description && p) read_names(p, text);
    ladderwire_signal(&l->wire, &e, name, text.at ? text : bytes_of(""));
    e.from = sent ? LANE_US : LANE_SERVER;
    e.to = sent ? LANE_SERVER : LANE_US;
    if (l->calls > 1) { /* the server's lifeline is everyone's */
        const char *who = known(l, call)->name;
        snprintf(words, sizeof words, "%s: %.*s", who, (int)e.words.len, (const char *)e.words.at);
        snprintf(brief, sizeof brief, "%s %.*s", name, SHORT_ID,
                 strchr(who, ' ') ? strchr(who, ' ') + 1 : who);
        e.words = bytes_of(words);
        e.brief = bytes_of(brief);
    }
    draw(l, &e, now);
}

/* ---- States ---- */

/* About one of several calls it is said which. */
static void state(struct callladder *l, unsigned call, enum ladder_ink ink, const char *words,
                  usec now)
{
    char named[512];
    if (l->calls > 1) snprintf(named, sizeof named, "%s: %.480s", known(l, call)->name, words);
    note(l, LANE_US, ink, l->calls > 1 ? named : words, now);
}

void callladder_name(struct callladder *l, unsigned call, const char *name, const struct addr *addr,
                     usec now)
{
    char words[WIRELINE_MAX], text[ADDR_TEXT_MAX];
    if (addr)
        snprintf(words, sizeof words, "%.128s is %s", name, addr_ip_text(addr, text));
    else
        snprintf(words, sizeof words, "%.128s is nobody's", name);
    state(l, call, LADDER_PLAIN, words, now);
}

void callladder_selected(struct callladder *l, unsigned call, const struct ice_pair_info *pair,
                         usec now)
{
    char words[WIRELINE_MAX], local[ADDR_TEXT_MAX], remote[ADDR_TEXT_MAX];
    snprintf(words, sizeof words, "pair %s to %s", addr_text(&pair->route.local, local),
             addr_text(&pair->route.remote, remote));
    state(l, call, LADDER_PLAIN, words, now);
}

void callladder_keys(struct callladder *l, unsigned call, const char *profile, usec now)
{
    char words[WIRELINE_MAX];
    snprintf(words, sizeof words, "DTLS connected, keys for %.64s", profile);
    state(l, call, LADDER_GOOD, words, now);
}

static enum ladder_ink ink_of(const char *state)
{
    if (strcmp(state, "connected") == 0 || strcmp(state, "completed") == 0) return LADDER_GOOD;
    if (strcmp(state, "failed") == 0 || strcmp(state, "disconnected") == 0) return LADDER_BAD;
    return LADDER_PLAIN;
}

void callladder_state(struct callladder *l, unsigned call, const char *event, const json_t *members,
                      usec now)
{
    static const struct {
        const char *event, *words;
        enum ladder_ink ink;
    } events[] = {{"connection-state", "", LADDER_PLAIN},
                  {"ice-state", "ICE ", LADDER_PLAIN},
                  {"dtls-state", "DTLS ", LADDER_PLAIN},
                  {"received", "all that was asked for was received", LADDER_GOOD},
                  {"call-goes-on", "the call goes on", LADDER_GOOD},
                  {"refused", "refused: ", LADDER_BAD}};
    char words[512];
    const char *is = json_string_value(json_object_get(members, "state"));
    const char *why = json_string_value(json_object_get(members, "reason"));
    if (!why) why = json_string_value(json_object_get(members, "why"));
    size_t i = 0;
    while (i < COUNT(events) && strcmp(events[i].event, event) != 0) i++;
    if (i == COUNT(events)) return;
    /* Told with more words by callladder_keys; by ICE and DTLS; by the connection. */
    if (i == 2 && is && strcmp(is, "connected") == 0) return;
    if (i == 0 && is && strcmp(is, "connecting") == 0) return;
    if (i != 0 && is && strcmp(is, "closed") == 0) return;
    snprintf(words, sizeof words, "%s%.32s%s%.400s", events[i].words, is ? is : "",
             is && why ? ": " : "", why ? why : "");
    state(l, call, is ? ink_of(is) : events[i].ink, words, now);
}
