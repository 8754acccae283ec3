/* A whole call's life in which memory runs out: each allocation of ours fails once, and then each
 * and all after it. Nothing crashes, nothing leaks, and either a function says so, or a connection
 * fails with a reason, or the call goes on as if nothing had been.
 *
 * A function that says so has changed nothing: asked again it does what it was asked for. */
#include "tests/nomem.h"
#include "tests/peer/duo.h"
#include "tests/suite.h"

#define TALK_FRAMES 10 /* of 20 ms, where the call is not the one that lasts */
#define ADDED       2  /* the track that is added later; 0 and 1 are sound and pictures */

struct outcome {
    bool reported; /* a function returned an error */
    bool without;  /* the added track is told to have no stream, and the fault says why */
    bool failed;   /* a connection failed, with a reason */
    bool silent;   /* or without one */
    bool worked;   /* all the way through: every track brought whole frames to both sides */
    size_t allocations;
    size_t allocations_talking;
    char why[2][160];
};

static struct duo d;
static struct duo_packet flying[DUO_IN_FLIGHT];
static uint32_t frame; /* the next one's number */

static void reset(struct duo *duo)
{
    memset(duo, 0, sizeof *duo);
    duo->flying = flying;
    duo->delay = MS(10);
    duo->trickle = true;
    duo_clock = 0;
    frame = 0;
    rng_init_number(&duo->rng, 1);
}

/* An application that tries again once. */
static bool create(int side, struct outcome *out)
{
    struct peer_config cfg = duo_config(side, 1);
    d.side[side] = peer_new(&cfg);
    if (d.side[side]) return true;
    out->reported = true;
    d.side[side] = peer_new(&cfg);
    return d.side[side] != NULL;
}

static bool negotiate(int from, struct outcome *out)
{
    struct peer *offerer = d.side[from], *answerer = d.side[1 - from];
    struct bytes offer, answer;
    enum err err = peer_offer(offerer, &offer, d.now);
    if (err != OK) out->reported = true, err = peer_offer(offerer, &offer, d.now);
    if (err != OK) return false;
    err = peer_answer(answerer, offer, &answer, d.now);
    if (err != OK) out->reported = true, err = peer_answer(answerer, offer, &answer, d.now);
    if (err != OK) return false;
    err = peer_set_answer(offerer, answer, d.now);
    if (err != OK) out->reported = true, err = peer_set_answer(offerer, answer, d.now);
    return err == OK;
}

static bool either(enum peer_state state)
{
    return peer_state(d.side[0]) == state || peer_state(d.side[1]) == state;
}

static bool connect(void)
{
    while (d.now < SEC(120) && !either(PEER_FAILED)) {
        duo_run(&d, d.now + MS(5));
        if (peer_state(d.side[0]) == PEER_CONNECTED && peer_state(d.side[1]) == PEER_CONNECTED)
            return true;
    }
    return false;
}

/* Frames on every track that sends, both ways. */
static void talk(uint32_t frames)
{
    static uint8_t buffer[16384];
    struct peer_track t;
    for (uint32_t end = frame + frames; frame < end; frame++) {
        for (int side = 0; side < 2; side++)
            for (size_t i = 0; peer_track(d.side[side], i, &t); i++) {
                size_t len = t.kind == RTP_OPUS ? 120 : 2500;
                struct rtp_frame f = {.payload = duo_frame(buffer, t.kind, true, frame, len),
                                      .timestamp =
                                          (uint64_t)frame * (t.kind == RTP_OPUS ? 960 : 1800),
                                      .key = true,
                                      .audio_level = RTP_LEVEL_UNKNOWN,
                                      .captured = d.now};
                peer_send(d.side[side], i, &f, d.now);
            }
        duo_run(&d, d.now + MS(20));
    }
}

/* Sound and pictures both ways, and the track that side 1 added one way. */
static bool all_brought_frames(void)
{
    for (size_t i = 0; i < ADDED; i++)
        for (int side = 0; side < 2; side++)
            if (d.seen[side].frames[i] < TALK_FRAMES) return false;
    return d.seen[0].frames[ADDED] >= TALK_FRAMES / 2 && !d.seen[0].damaged && !d.seen[1].damaged;
}

static bool lacks_stream(int side)
{
    struct peer_track t;
    if (!peer_track(d.side[side], ADDED, &t)) return false;
    return !t.agreed.send && !t.agreed.recv && peer_fault(d.side[side])->err == E_NOMEM;
}

/* Connects, talks, adds a track, talks on. */
static bool call(uint32_t frames, struct outcome *out)
{
    struct peer_media both = {true, true};
    size_t added;
    for (int side = 0; side < 2; side++)
        if (!create(side, out)) return false;
    duo_open(&d, false);
    if (!negotiate(0, out) || !connect()) return false;
    talk(TALK_FRAMES);
    size_t before = nomem.count;
    talk(frames);
    out->allocations_talking = nomem.count - before;
    peer_add_track(d.side[1], RTP_VP8, both, &added);
    if (!negotiate(1, out) || either(PEER_FAILED)) return false;
    out->without = lacks_stream(0) || lacks_stream(1);
    talk(TALK_FRAMES);
    return all_brought_frames();
}

static void hang_up(struct outcome *out)
{
    for (int i = 0; i < 2; i++) {
        if (!d.side[i]) continue;
        struct peer_why why = peer_why(d.side[i]);
        out->failed |= why.layer != NULL && why.reason[0];
        out->silent |= peer_state(d.side[i]) == PEER_FAILED && !why.layer;
        if (why.layer) snprintf(out->why[i], sizeof out->why[i], "%s: %s", why.layer, why.reason);
        peer_close(d.side[i], d.now);
    }
    if (d.side[0] && d.side[1]) duo_run(&d, d.now + MS(100));
    for (int i = 0; i < 2; i++) peer_free(d.side[i]);
}

static struct outcome live(size_t fail_at, enum nomem_mode mode, uint32_t frames)
{
    struct outcome out = {0};
    reset(&d);
    nomem_arm(fail_at, mode);
    out.worked = call(frames, &out);
    hang_up(&out);
    nomem_disarm();
    out.allocations = nomem.count;
    return out;
}

static size_t count_allocations(void)
{
    struct outcome out = live(NOMEM_NEVER, NOMEM_ONCE, 0);
    ck_assert(out.worked && !out.reported && !out.failed);
    ck_assert_uint_gt(out.allocations, 50); /* it counts */
    return out.allocations;
}

/* The only pass that lasts: media asks for nothing, so that no allocation of it can fail. */
START_TEST(ten_seconds_of_media_allocate_nothing)
{
    duo_config(0, 1), duo_config(1, 1); /* makes the certificates */
    struct outcome out = live(NOMEM_NEVER, NOMEM_ONCE, 500);
    ck_assert(out.worked);
    ck_assert_uint_ge(d.seen[0].frames[0], 500);
    ck_assert_uint_eq(out.allocations_talking, 0);
    ck_assert_uint_eq(nomem.leaked, 0);
}
END_TEST

START_TEST(each_allocation_fails_once)
{
    duo_config(0, 1), duo_config(1, 1);
    size_t count = count_allocations();
    for (size_t i = 0; i < count; i++) {
        struct outcome out = live(i, NOMEM_ONCE, 0);
        ck_assert_uint_eq(nomem.failed, 1);
        ck_assert_msg(nomem.leaked == 0, "allocation %zu: a leak", i);
        ck_assert_msg(!out.silent, "allocation %zu: failed without a reason", i);
        /* Whoever was told and asked again has the call; the others were told why not. */
        ck_assert_msg(out.worked + out.failed + out.without == 1, "allocation %zu: %s; %s / %s", i,
                      out.reported ? "reported" : "not reported", out.why[0], out.why[1]);
    }
}
END_TEST

START_TEST(memory_is_gone_from_then_on)
{
    duo_config(0, 1), duo_config(1, 1);
    size_t count = count_allocations();
    for (size_t i = 0; i < count; i++) {
        struct outcome out = live(i, NOMEM_FROM_THEN_ON, 0);
        ck_assert_uint_ge(nomem.failed, 1);
        ck_assert_msg(nomem.leaked == 0, "from allocation %zu on: a leak", i);
        ck_assert_msg(!out.silent, "from allocation %zu on: failed without a reason", i);
        ck_assert_msg(out.worked || out.reported || out.failed || out.without,
                      "from allocation %zu on: nobody was told", i);
    }
}
END_TEST

static bool make_identity(size_t fail_at)
{
    nomem_arm(fail_at, NOMEM_ONCE);
    struct dtls_identity *identity = dtls_identity_new(DUO_UNIX_SEC);
    bool made = identity != NULL;
    dtls_identity_free(identity);
    nomem_disarm();
    return made;
}

START_TEST(an_identity_needs_all_that_it_asks_for)
{
    ck_assert(make_identity(NOMEM_NEVER));
    size_t count = nomem.count;
    ck_assert_uint_ge(count, 1);
    for (size_t i = 0; i < count; i++) {
        ck_assert(!make_identity(i));
        ck_assert_uint_eq(nomem.leaked, 0);
    }
}
END_TEST

SUITE("peer without memory", ten_seconds_of_media_allocate_nothing, each_allocation_fails_once,
      memory_is_gone_from_then_on, an_identity_needs_all_that_it_asks_for)
