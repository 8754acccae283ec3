/* Two applications that negotiate as RFC 8829 §4.1.8 and browsers have it: each offers when asked
 * to, signaling takes time, and who is polite takes its offer back. Tracks come, turn and go, ICE
 * restarts, paths break: whatever came before, when all is whole again everything agreed flows. */
#include "tests/peer/duo.h"
#include "tests/suite.h"

#define WIRE     64
#define TEXT_MAX 32768
#define TRACKS   20
#define SEEDS    12
#define STEPS    60
#define TICK     MS(20)

enum what { OFFER, ANSWER, CANDIDATE };

/* Of one direction: in order. */
struct wire {
    struct message {
        enum what what;
        usec at;
        char text[TEXT_MAX], ufrag[ICE_UFRAG_MAX + 1];
    } items[WIRE];
    size_t first, count;
};

static struct world {
    struct duo d;
    struct wire to[2];
    struct rng rng;
    bool wants[2]; /* PEER_NEGOTIATE came */
    uint64_t heard[2];
    uint32_t number;
    usec cut_until;
    uint64_t seed;
} w;

static void say(int to, enum what what, struct bytes text, const char *ufrag)
{
    struct wire *wire = &w.to[to];
    ck_assert_uint_lt(wire->count, WIRE);
    usec last = wire->count ? wire->items[(wire->first + wire->count - 1) % WIRE].at : 0;
    struct message *m = &wire->items[(wire->first + wire->count++) % WIRE];
    m->what = what;
    m->at = usec_max(last, w.d.now + MS(rng_below(&w.rng, 300)));
    bytes_to_text(text, m->text, sizeof m->text);
    bytes_to_text(bytes_of(ufrag), m->ufrag, sizeof m->ufrag);
}

static void offer(int side)
{
    struct bytes text;
    if (peer_signaling(w.d.side[side]) != JSEP_STABLE) return;
    w.wants[side] = false;
    enum err err = peer_offer(w.d.side[side], &text, w.d.now);
    ck_assert_msg(err == OK, "seed %llu, offer: %s", (unsigned long long)w.seed,
                  peer_fault(w.d.side[side])->rule);
    say(1 - side, OFFER, text, "");
}

static void hear_offer(int side, struct bytes text)
{
    struct peer *p = w.d.side[side];
    struct bytes answer;
    if (peer_signaling(p) == JSEP_HAVE_LOCAL_OFFER) {
        if (side == 0) return; /* it is impolite */
        ck_assert_int_eq(peer_rollback(p, w.d.now), OK);
    }
    enum err err = peer_answer(p, text, &answer, w.d.now);
    ck_assert_msg(err == OK, "seed %llu, answer: %s", (unsigned long long)w.seed,
                  peer_fault(p)->rule);
    say(1 - side, ANSWER, answer, "");
}

static void hear(int side)
{
    struct wire *wire = &w.to[side];
    struct peer *p = w.d.side[side];
    while (wire->count && wire->items[wire->first].at <= w.d.now) {
        struct message *m = &wire->items[wire->first];
        wire->first = (wire->first + 1) % WIRE;
        wire->count--;
        struct bytes text = bytes_of(m->text);
        if (m->what == OFFER) hear_offer(side, text);
        if (m->what == CANDIDATE) peer_add_candidate(p, text, bytes_of(m->ufrag), w.d.now);
        if (m->what != ANSWER || peer_signaling(p) != JSEP_HAVE_LOCAL_OFFER) continue;
        enum err err = peer_set_answer(p, text, w.d.now);
        ck_assert_msg(err == OK, "seed %llu, set answer: %s", (unsigned long long)w.seed,
                      peer_fault(p)->rule);
    }
}

static void listen(int side)
{
    struct duo_seen *seen = &w.d.seen[side];
    ck_assert_uint_lt(seen->candidate_count, 16);
    for (size_t i = 0; i < seen->candidate_count; i++)
        say(1 - side, CANDIDATE, bytes_of(seen->candidates[i].text), seen->candidates[i].ufrag);
    seen->candidate_count = 0;
    w.wants[side] |= seen->negotiate != w.heard[side];
    w.heard[side] = seen->negotiate;
}

static void send_all(int side)
{
    static uint8_t buffer[2048];
    struct peer_track t;
    for (size_t i = 0; peer_track(w.d.side[side], i, &t); i++) {
        struct rtp_frame f = {.payload = duo_frame(buffer, t.kind, true, w.number, 200),
                              .timestamp = (uint64_t)w.number * (t.kind == RTP_OPUS ? 960 : 1800),
                              .key = true,
                              .audio_level = RTP_LEVEL_UNKNOWN,
                              .captured = w.d.now};
        if (t.agreed.send) peer_send(w.d.side[side], i, &f, w.d.now);
    }
}

/* `eager`: who is asked to offer does. */
static void run(usec until, bool eager)
{
    while (w.d.now < until) {
        if (w.d.now >= w.cut_until) w.d.cut[0] = w.d.cut[1] = false;
        w.number++;
        for (int i = 0; i < 2; i++) {
            hear(i);
            if (w.number % 4 == 0) send_all(i);
            listen(i);
            if (eager && w.wants[i]) offer(i);
        }
        duo_run(&w.d, w.d.now + TICK);
        for (int i = 0; i < 2; i++)
            ck_assert_msg(peer_deadline(w.d.side[i]) > w.d.now, "seed %llu: due for ever",
                          (unsigned long long)w.seed);
    }
}

/* An offer that was not sent yet after all. */
static void take_back(int side)
{
    struct wire *wire = &w.to[1 - side];
    size_t last = (wire->first + wire->count - 1) % WIRE;
    if (wire->count == 0 || wire->items[last].what != OFFER) return;
    if (peer_rollback(w.d.side[side], w.d.now) == OK) wire->count--;
}

static void add_socket(int side)
{
    struct addr a = duo_addr(side, false);
    a.port = (uint16_t)(7000 + w.number % 5000);
    peer_add_socket(w.d.side[side], &a, w.d.now);
}

static void act(void)
{
    int i = (int)rng_below(&w.rng, 2);
    struct peer *p = w.d.side[i];
    struct peer_media media = {rng_below(&w.rng, 4) != 0, rng_below(&w.rng, 4) != 0};
    struct peer_track t;
    size_t track;
    switch (rng_below(&w.rng, 11)) {
    case 0:
    case 1: peer_restart_ice(p); break;
    case 2:
        if (!peer_track(p, TRACKS, &t))
            peer_add_track(p, rng_below(&w.rng, 2) ? RTP_VP8 : RTP_OPUS, media, &track);
        break;
    case 3:
    case 4: peer_set_track(p, rng_below(&w.rng, TRACKS), media); break;
    case 5: /* a path breaks, in one direction or both */
        if (w.d.now < w.cut_until + SEC(8)) break;
        w.cut_until = w.d.now + MS(rng_below(&w.rng, 14000));
        w.d.cut[i] = true;
        w.d.cut[1 - i] = rng_below(&w.rng, 2);
        break;
    case 6: offer(i); break;
    case 7: take_back(i); break;
    case 8:
        if (rng_below(&w.rng, 3) == 0) add_socket(i);
        break;
    case 9:
        if (rng_below(&w.rng, 3)) break;
        for (track = 0; track < TRACKS; track++)
            peer_set_track(p, track, (struct peer_media){false, false});
        break;
    default: peer_restart_ice(w.d.side[0]), peer_restart_ice(w.d.side[1]); break;
    }
}

static bool idle(int i)
{
    return !w.wants[i] && w.to[i].count == 0 && peer_signaling(w.d.side[i]) == JSEP_STABLE;
}

static bool track_of_mid(const struct peer *p, const char *mid, size_t *track, struct peer_track *t)
{
    for (size_t i = 0; peer_track(p, i, t); i++) {
        if (strcmp(t->mid, mid) != 0 || t->stopped) continue;
        *track = i;
        return true;
    }
    return false;
}

static void assert_flows(int side)
{
    struct duo_seen *seen = &w.d.seen[side];
    struct peer_track mine, theirs;
    size_t track;
    for (size_t i = 0; peer_track(w.d.side[side], i, &mine); i++) {
        if (mine.stopped || !mine.mid[0]) {
            ck_assert(!mine.agreed.send && !mine.agreed.recv);
            continue;
        }
        ck_assert(track_of_mid(w.d.side[1 - side], mine.mid, &track, &theirs));
        ck_assert_int_eq(mine.kind, theirs.kind);
        ck_assert_int_eq(mine.agreed.recv, theirs.agreed.send);
        ck_assert_msg(!mine.agreed.recv || seen->frames[i] > 100,
                      "seed %llu, side %d, mid %s: %llu frames", (unsigned long long)w.seed, side,
                      mine.mid, (unsigned long long)seen->frames[i]);
    }
}

static void play(uint64_t seed)
{
    memset(&w, 0, sizeof w);
    w.seed = seed;
    duo_init(&w.d, seed);
    rng_init_number(&w.rng, seed + 77);
    w.d.trickle = false;
    duo_open(&w.d, false);
    if (seed % 2) duo_open(&w.d, true);
    offer((int)(seed / 2 % 2));
    run(w.d.now + SEC(2), true);
    for (int step = 0; step < STEPS; step++) {
        act();
        run(w.d.now + MS(rng_below(&w.rng, 1000)), rng_below(&w.rng, 4) != 0);
    }
    w.cut_until = 0;
    for (int n = 0; n < 100 && !(idle(0) && idle(1)); n++) run(w.d.now + MS(200), true);
    ck_assert_msg(idle(0) && idle(1), "seed %llu: no end of negotiating", (unsigned long long)seed);
    for (int i = 0; i < 2; i++) {
        enum err err = duo_negotiate(&w.d, i);
        ck_assert_msg(err == OK, "seed %llu: %s %s", (unsigned long long)seed,
                      peer_fault(w.d.side[0])->rule, peer_fault(w.d.side[1])->rule);
    }
    run(w.d.now + SEC(3), true);
    memset(w.d.seen[0].frames, 0, sizeof w.d.seen[0].frames);
    memset(w.d.seen[1].frames, 0, sizeof w.d.seen[1].frames);
    run(w.d.now + SEC(10), true);
    for (int i = 0; i < 2; i++) {
        ck_assert_msg(peer_state(w.d.side[i]) == PEER_CONNECTED, "seed %llu, side %d: %s, %s",
                      (unsigned long long)seed, i, peer_state_name(peer_state(w.d.side[i])),
                      peer_why(w.d.side[i]).reason);
        const struct ice *ice = peer_ice(w.d.side[i]);
        ck_assert_msg(ice_state(ice) == ICE_STATE_COMPLETED, "seed %llu, side %d: %s",
                      (unsigned long long)seed, i, ice_state_name(ice_state(ice)));
        assert_flows(i);
    }
    ck_assert_uint_eq(w.d.seen[0].damaged + w.d.seen[1].damaged, 0);
    duo_free(&w.d);
}

START_TEST(whatever_came_before_all_that_is_agreed_flows)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) play(seed);
}
END_TEST

SUITE("peer rounds", whatever_came_before_all_that_is_agreed_flows)
