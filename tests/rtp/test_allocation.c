/* No allocation per packet or frame: once streams are added, a minute of a lossy call takes no
 * memory. The linker sends the library's malloc, calloc and realloc here (CMakeLists.txt). */
#include "tests/rtp/pair.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *at, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *at, size_t size);

static unsigned allocations;

void *__wrap_malloc(size_t size)
{
    allocations++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    allocations++;
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *at, size_t size)
{
    allocations++;
    return __real_realloc(at, size);
}

static struct rtp_session *session(uint64_t seed)
{
    struct rtp_session_config cfg = {.reduced_size = true};
    rng_init_number(&cfg.rng, seed);
    return rtp_session_new(&cfg);
}

/* Takes all that `from` has to send to `to`; each `loss`-th RTP packet goes missing. */
static void carry(struct rtp_session *from, struct rtp_session *to, unsigned loss, usec now)
{
    static unsigned count;
    struct packet out;
    struct rtp_event ev;
    bool is_rtcp;
    while (rtp_session_output(from, &out, &is_rtcp, now)) {
        if (is_rtcp)
            rtp_session_input_rtcp(to, packet_bytes(&out), now);
        else if (loss == 0 || ++count % loss)
            rtp_session_input_rtp(to, &out, now);
        while (rtp_session_event(to, &ev)) continue;
    }
    rtp_session_tick(from, now);
}

START_TEST(none_while_a_call_runs)
{
    static uint8_t room[30000];
    struct rtp_session *a = session(1), *b = session(2);
    struct rtp_sender_config vs = pair_vp8_sender(), as = pair_opus_sender();
    struct rtp_receiver_config vr = pair_vp8_receiver(), ar = pair_opus_receiver();
    struct rtp_sender_stats sent;
    struct rtp_receiver_stats got;
    size_t video, audio, receiver;
    ck_assert_int_eq(rtp_session_add_sender(a, &vs, &video), OK);
    ck_assert_int_eq(rtp_session_add_sender(a, &as, &audio), OK);
    ck_assert_int_eq(rtp_session_add_receiver(b, &ar, &receiver), OK);
    ck_assert_int_eq(rtp_session_add_receiver(b, &vr, &receiver), OK);
    ck_assert_uint_gt(allocations, 8); /* the counter counts */
    unsigned before = allocations;
    /* Nothing of check in here: it allocates. */
    for (usec now = 0; now < SEC(20); now += MS(1)) {
        unsigned i = (unsigned)(now / MS(20));
        struct rtp_frame f = {.payload = pair_frame(room, i % 50 ? 3000 : 30000, i % 50 == 0, i),
                              .timestamp = i * 3000,
                              .key = i % 50 == 0,
                              .captured = now};
        if (now % MS(20) == 0) {
            rtp_session_send(a, video, &f, now);
            f.payload.len = 200;
            rtp_session_send(a, audio, &f, now);
        }
        carry(a, b, 17, now);
        carry(b, a, 0, now);
    }
    unsigned after = allocations;
    ck_assert_uint_eq(after, before);
    ck_assert(rtp_session_sender_stats(a, video, &sent));
    ck_assert(rtp_session_receiver_stats(b, receiver, &got));
    ck_assert_uint_gt(sent.packets, 3000);
    ck_assert_uint_gt(sent.resent_packets, 100);
    ck_assert_uint_gt(got.frames, 900);
    rtp_session_free(a);
    rtp_session_free(b);
}
END_TEST

SUITE("rtp allocation", none_while_a_call_runs)
