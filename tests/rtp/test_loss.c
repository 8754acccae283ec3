/* Whole streams over a link that loses, repeats and overtakes: every frame comes, or a key frame is
 * asked for and made. */
#include "rtp/sender.h"
#include "tests/rtp/pair.h"

enum { FRAME_MAX = 40000, KEEP = 512 };

struct run {
    size_t video, audio;
    unsigned frame; /* the next to send */
    unsigned keys_wanted;
    bool make_key;
    uint8_t sums[KEEP]; /* of each frame that was sent, by its number modulo KEEP */
    size_t lens[KEEP];
    bool was_key[KEEP];
    unsigned got, got_audio, next; /* next: number of the frame that must follow */
    unsigned chain_breaks;         /* frames that were passed over */
    uint64_t audio_lost;
    uint32_t origin; /* RTP timestamp of the first frame */
};

static uint8_t sum_of(struct bytes b)
{
    uint8_t sum = 0;
    for (size_t i = 0; i < b.len; i++) sum = (uint8_t)(sum * 31 + b.at[i]);
    return sum;
}

static void on_event(struct pair *p, int side, const struct rtp_event *ev)
{
    struct run *run = p->user;
    const struct rtp_frame *f = &ev->as.frame;
    if (side == 0 && ev->type == RTP_KEY_WANTED) {
        run->keys_wanted++;
        run->make_key = true;
    }
    if (side == 0 || ev->type != RTP_FRAME) return;
    if (ev->stream == 1) {
        run->got_audio++;
        run->audio_lost += f->lost_before;
        return;
    }
    /* Which frame is it? Its timestamp says: frames are 3000 ticks apart, from 0. */
    unsigned number = ((uint32_t)f->timestamp - run->origin) / 3000;
    if (run->got > 0) ck_assert_uint_ge(number, run->next); /* in order */
    if (number != run->next) {
        run->chain_breaks++;
        ck_assert(f->key); /* after a loss nothing but a key frame */
    }
    ck_assert_uint_eq(f->payload.len, run->lens[number % KEEP]);
    ck_assert_uint_eq(sum_of(f->payload), run->sums[number % KEEP]);
    ck_assert_int_eq(f->key, run->was_key[number % KEEP]);
    run->next = number + 1;
    run->got++;
}

static bool watch(struct pair *p, int from, const struct packet *packet, bool is_rtcp)
{
    struct run *run = p->user;
    struct rtp_packet rtp;
    if (from == 0 && !is_rtcp && run->frame == 0 && rtp_parse(&rtp, packet_bytes(packet)) == OK &&
        rtp.payload_type == 96)
        run->origin = rtp.timestamp;
    return true;
}

static void send_frame(struct pair *p, struct run *run)
{
    static uint8_t room[FRAME_MAX];
    bool key = run->frame == 0 || run->make_key;
    size_t len = key ? 20000 : 200 + run->frame * 977 % 6000;
    struct rtp_frame f = {.payload = pair_frame(room, len, key, run->frame),
                          .timestamp = run->frame * 3000u,
                          .key = key,
                          .captured = p->now};
    run->make_key = false;
    run->lens[run->frame % KEEP] = len;
    run->sums[run->frame % KEEP] = sum_of(f.payload);
    run->was_key[run->frame % KEEP] = key;
    ck_assert_int_eq(rtp_session_send(p->side[0], run->video, &f, p->now), OK);
    pair_drain(p, 0);
    run->frame++;
}

static void send_sound(struct pair *p, struct run *run, unsigned number)
{
    uint8_t sound[100] = {0x78};
    struct rtp_frame f = {.payload = {sound, sizeof sound},
                          .timestamp = number * 960u,
                          .audio_level = RTP_LEVEL_UNKNOWN,
                          .captured = p->now};
    ck_assert_int_eq(rtp_session_send(p->side[0], run->audio, &f, p->now), OK);
    pair_drain(p, 0);
}

static struct run run;

static void play(struct pair *p, uint64_t seed, unsigned loss, unsigned repeat, unsigned overtake,
                 usec time)
{
    struct rtp_sender_config vs = pair_vp8_sender(), as = pair_opus_sender();
    struct rtp_receiver_config vr = pair_vp8_receiver(), ar = pair_opus_receiver();
    size_t receiver;
    memset(&run, 0, sizeof run);
    pair_init(p, seed);
    p->event = on_event;
    p->watch = watch;
    p->user = &run;
    p->link[0].loss = loss;
    p->link[0].repeat = repeat;
    p->link[0].overtake = overtake;
    ck_assert_int_eq(rtp_session_add_sender(p->side[0], &vs, &run.video), OK);
    ck_assert_int_eq(rtp_session_add_sender(p->side[0], &as, &run.audio), OK);
    ck_assert_int_eq(rtp_session_add_receiver(p->side[1], &vr, &receiver), OK);
    ck_assert_int_eq(rtp_session_add_receiver(p->side[1], &ar, &receiver), OK);
    for (unsigned ms = 0; p->now < time; ms++) {
        if (ms % 33 == 0) send_frame(p, &run);
        if (ms % 20 == 0) send_sound(p, &run, ms / 20);
        pair_step(p);
    }
    p->link[0].loss = 0;
    pair_run(p, SEC(2)); /* what is on its way, and what can still be asked for */
}

START_TEST(nothing_is_lost_on_a_clean_link)
{
    struct pair p;
    play(&p, 1, 0, 0, 0, SEC(10));
    ck_assert_uint_eq(run.got, run.frame);
    ck_assert_uint_eq(run.got_audio, 500);
    struct rtp_receiver_stats stats;
    ck_assert(rtp_session_receiver_stats(p.side[1], 0, &stats));
    ck_assert_uint_eq(stats.nacks, 0);
    ck_assert_uint_eq(stats.plis, 0);
    ck_assert_int_eq(stats.lost, 0);
    pair_free(&p);
}
END_TEST

START_TEST(overtaking_and_repeats_cost_nothing)
{
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct pair p;
        play(&p, seed, 0, 10, 5, SEC(5));
        ck_assert_uint_eq(run.got, run.frame);
        ck_assert_uint_eq(run.got_audio, 250);
        ck_assert_uint_eq(run.chain_breaks, 0);
        pair_free(&p);
    }
}
END_TEST

START_TEST(every_frame_survives_some_loss)
{
    static const unsigned losses[] = {1, 5, 10};
    for (size_t i = 0; i < COUNT(losses); i++) {
        struct pair p;
        struct rtp_receiver_stats got;
        struct rtp_sender_stats sent;
        play(&p, 10 + i, losses[i], 2, 5, SEC(10));
        ck_assert_uint_eq(run.got, run.frame);
        ck_assert_uint_eq(run.chain_breaks, 0);
        ck_assert(rtp_session_receiver_stats(p.side[1], 0, &got));
        ck_assert(rtp_session_sender_stats(p.side[0], run.video, &sent));
        ck_assert_uint_gt(got.recovered, 0);
        ck_assert_uint_ge(sent.resent_packets, got.recovered);
        ck_assert_uint_gt(sent.nacks, 0);
        /* Invariant 54. */
        ck_assert_uint_le(sent.resent_bytes,
                          RTP_RESEND_CREDIT + p.link[0].rtp_bytes / RTP_RESEND_SHARE);
        /* Sound is not asked for again: what was lost is told to the decoder. */
        ck_assert_uint_eq(run.got_audio + run.audio_lost, 500);
        pair_free(&p);
    }
}
END_TEST

START_TEST(heavy_loss_brings_key_frames)
{
    for (uint64_t seed = 1; seed <= 4; seed++) {
        struct pair p;
        play(&p, seed, 30, 0, 5, SEC(10));
        ck_assert_uint_gt(run.keys_wanted, 0);
        ck_assert_uint_le(run.keys_wanted, 13); /* invariant 55: one a second */
        ck_assert_uint_gt(run.got, 0);
        /* On a good link again, the picture is back. */
        unsigned before = run.got;
        for (int i = 0; i < 100; i++) {
            send_frame(&p, &run);
            pair_run(&p, MS(33));
        }
        ck_assert_uint_ge(run.got, before + 50);
        ck_assert_uint_eq(run.next, run.frame);
        pair_free(&p);
    }
}
END_TEST

START_TEST(lost_feedback_is_repeated)
{
    struct pair p;
    play(&p, 5, 0, 0, 0, MS(1));
    p.link[0].loss = 5;
    p.link[1].rtcp_loss = 30;
    for (int i = 0; i < 200; i++) {
        send_frame(&p, &run);
        pair_run(&p, MS(33));
    }
    p.link[0].loss = 0;
    pair_run(&p, SEC(2));
    ck_assert_uint_eq(run.got, run.frame);
    pair_free(&p);
}
END_TEST

SUITE("rtp loss", nothing_is_lost_on_a_clean_link, overtaking_and_repeats_cost_nothing,
      every_frame_survives_some_loss, heavy_loss_brings_key_frames, lost_feedback_is_repeated)
