/* Memory runs out in a session of the program: its set-up, offer and answer, the way to being
 * connected over real sockets, and its end. Each allocation of ours fails once, and then each and
 * all after it. Nothing crashes, nothing leaks; a session that does not come about, or does not get
 * connected, says why. The same for what it sends and shows. Time is virtual: OpenSSL's is
 * sim/hostclock's. */
#include "tests/nomem.h"

#include "apps/session.h"
#include "apps/sink.h"
#include "sim/hostclock.h"
#include "tests/suite.h"

#define UNIX_SEC    1790000000
#define SOCKETS_MAX 32

struct outcome {
    bool reported; /* there was no session, and `why` was given */
    bool silent;   /* or it was not; or one that is over has no reason */
    bool over;     /* one ended by itself, with a reason */
    bool worked;   /* both were connected */
    char why[2][160];
};

static struct dtls_identity *identity;
static struct loop *loop;
static struct report report = {.quiet = true};
static struct session *side[2];

static struct sig_id id_of(int i)
{
    struct sig_id id;
    sig_id_set(&id, bytes_of(i ? "bbb" : "aaa"));
    return id;
}

/* An application that tries again once. */
static bool create(int i, struct outcome *out)
{
    struct session_config cfg = {.peer = {.identity = identity,
                                          .unix_us = SEC(UNIX_SEC),
                                          .audio = {true, true},
                                          .video = {true, true}},
                                 .loop = loop,
                                 .token = (uint64_t)(i + 1) << 8,
                                 .own = id_of(i),
                                 .remote = id_of(1 - i),
                                 .report = &report};
    rng_init_number(&cfg.peer.rng, (uint64_t)i);
    char why[512] = "";
    side[i] = session_new(&cfg, 0, why, sizeof why);
    if (side[i]) return true;
    out->reported = true;
    out->silent |= why[0] == '\0';
    side[i] = session_new(&cfg, 0, why, sizeof why);
    return side[i] != NULL;
}

static void pass_messages(usec now)
{
    struct sig_message m;
    for (int i = 0; i < 2; i++)
        while (session_message(side[i], &m)) {
            m.from = id_of(i);
            session_take(side[1 - i], &m, now);
        }
}

static bool is_connected(int i)
{
    return peer_state(session_peer(side[i])) == PEER_CONNECTED;
}

/* The network is the machine's own, and takes no time. */
static bool connect(void)
{
    usec now = 0;
    session_offer(side[0], now);
    while (now < SEC(120) && !session_over(side[0]) && !session_over(side[1])) {
        for (int round = 0; round < 4; round++) {
            pass_messages(now);
            for (int i = 0; i < 2; i++)
                for (unsigned n = 0; n < SOCKETS_MAX; n++) session_receive(side[i], n, now);
        }
        if (is_connected(0) && is_connected(1)) return true;
        now = usec_max(now + MS(1), usec_min(session_deadline(side[0]), session_deadline(side[1])));
        hostclock_set(now);
        for (int i = 0; i < 2; i++) session_step(side[i], now);
    }
    return false;
}

static void hang_up(struct outcome *out)
{
    struct sig_message m;
    for (int i = 0; i < 2; i++) {
        if (!side[i]) continue;
        bool over = session_over(side[i]);
        session_reason(side[i], out->why[i], sizeof out->why[i]);
        out->over |= over && out->why[i][0];
        out->silent |= over && !out->why[i][0];
        session_hang_up(side[i], SEC(121));
        while (session_message(side[i], &m)) continue;
    }
    for (int i = 0; i < 2; i++) session_free(side[i]);
}

static struct outcome live(size_t fail_at, enum nomem_mode mode)
{
    struct outcome out = {0};
    side[0] = side[1] = NULL;
    hostclock_start(1, SEC(UNIX_SEC));
    nomem_arm(fail_at, mode);
    out.worked = create(0, &out) && create(1, &out) && connect();
    hang_up(&out);
    nomem_disarm();
    return out;
}

static size_t begin(void)
{
    identity = dtls_identity_new(UNIX_SEC);
    loop = loop_new();
    ck_assert(identity && loop);
    struct outcome out = live(NOMEM_NEVER, NOMEM_ONCE);
    ck_assert(out.worked && !out.reported);
    ck_assert_uint_gt(nomem.count, 30); /* it counts */
    return nomem.count;
}

static void end(void)
{
    dtls_identity_free(identity);
    loop_free(loop);
}

START_TEST(each_allocation_fails_once)
{
    size_t count = begin();
    for (size_t i = 0; i < count; i++) {
        struct outcome out = live(i, NOMEM_ONCE);
        ck_assert_msg(nomem.leaked == 0, "allocation %zu of %zu: a leak", i, count);
        ck_assert_msg(!out.silent, "allocation %zu of %zu: no reason", i, count);
        ck_assert_msg(out.worked != out.over, "allocation %zu of %zu: %s / %s", i, count,
                      out.why[0], out.why[1]);
    }
    end();
}
END_TEST

START_TEST(memory_is_gone_from_then_on)
{
    size_t count = begin();
    for (size_t i = 0; i < count; i++) {
        struct outcome out = live(i, NOMEM_FROM_THEN_ON);
        ck_assert_msg(nomem.leaked == 0, "from allocation %zu of %zu on: a leak", i, count);
        ck_assert_msg(!out.silent, "from allocation %zu of %zu on: no reason", i, count);
        ck_assert_msg(out.worked || out.over || out.reported,
                      "from allocation %zu of %zu on: nobody was told", i, count);
    }
    end();
}
END_TEST

/* ---- what is sent and what is done with what comes: codecs' own memory is not ours ---- */

struct shown {
    bool reported;
    bool silent;
    size_t frames, decoded;
};

/* A second of the test picture and its sound, encoded, decoded and measured. */
static void show(struct studio *studio, struct sink *sink, struct shown *out)
{
    struct studio_frame frame;
    studio_start(studio, 0);
    for (usec now = 0; now < SEC(1); now += MS(10)) {
        while (studio_next(studio, &frame, now)) {
            struct rtp_frame in = {.payload = frame.data,
                                   .timestamp = frame.timestamp,
                                   .key = frame.key,
                                   .audio_level = frame.level,
                                   .captured = frame.captured,
                                   .arrived = now};
            size_t track = frame.video ? 1 : 0;
            out->frames++;
            if (!sink_frame(sink, track, frame.video ? RTP_VP8 : RTP_OPUS, &in, now))
                studio_want_key(studio); /* as session.c does, by way of the other side */
        }
    }
    const struct sink_track *t;
    for (size_t i = 0; (t = sink_track(sink, i)) != NULL; i++)
        out->decoded += t->frames - t->undecodable;
    out->reported |= studio_ended(studio) != NULL;
}

static struct shown show_once(size_t fail_at, enum nomem_mode mode)
{
    static const struct studio_config cfg = {
        .width = 320, .height = 240, .fps = 10, .video_bps = 300000, .video = true, .audio = true};
    struct sink_config sinks = {.record = NULL};
    struct shown out = {0};
    char why[2][STUDIO_WHY_MAX] = {"", ""};
    nomem_arm(fail_at, mode);
    struct studio *studio = studio_new(&cfg, why[0]);
    struct sink *sink = sink_new(&sinks, why[1]);
    if (studio && sink)
        show(studio, sink, &out);
    else
        out.reported = true;
    out.silent = (!studio && !why[0][0]) || (!sink && !why[1][0]);
    studio_free(studio);
    sink_free(sink, why[1]);
    nomem_disarm();
    return out;
}

START_TEST(studio_and_sink_without_memory)
{
    struct shown all = show_once(NOMEM_NEVER, NOMEM_ONCE);
    size_t count = nomem.count;
    ck_assert_uint_eq(all.decoded, all.frames);
    ck_assert_uint_ge(count, 4);
    for (size_t i = 0; i < 2 * count; i++) {
        enum nomem_mode mode = i < count ? NOMEM_ONCE : NOMEM_FROM_THEN_ON;
        struct shown out = show_once(i % count, mode);
        ck_assert_msg(nomem.leaked == 0, "allocation %zu of %zu: a leak", i, count);
        ck_assert_msg(!out.silent, "allocation %zu of %zu: no reason", i, count);
        /* What fails later costs frames, which whoever decodes asks for again. */
        if (mode == NOMEM_ONCE)
            ck_assert_msg(out.reported || out.decoded + 15 >= all.decoded,
                          "allocation %zu of %zu: %zu of %zu frames", i, count, out.decoded,
                          all.decoded);
    }
}
END_TEST

SUITE("session without memory", each_allocation_fails_once, memory_is_gone_from_then_on,
      studio_and_sink_without_memory)
