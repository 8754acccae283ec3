/* Links that change, links that are asked in any order, and links that do everything at once. */
#include "tests/sim/way.h"

#include "base/digest.h"

static struct way way_script(const char *text, uint64_t seed)
{
    static struct sim_link_script script;
    struct fault fault;
    ck_assert_msg(sim_script_parse(&script, bytes_of(text), &fault) == OK, "%s", fault.rule);
    return way_of((struct sim_link_config){.script = &script}, seed);
}

START_TEST(steps_come_at_their_times)
{
    struct way way = way_script("0s:loss=100%;1s:delay=10ms;2s:loss=100%;3s:", 1);
    way_send(&way, 4000, MS(1), 100);
    way_end(&way);
    ck_assert_uint_eq(arrival_count, 2000);
    for (size_t i = 0; i < 1000; i++) {
        ck_assert_uint_eq(arrivals[i].number, 1000 + i);
        ck_assert_int_eq(arrivals[i].at, SEC(1) + MS((usec)i) + MS(10));
        ck_assert_uint_eq(arrivals[1000 + i].number, 3000 + i);
        ck_assert_int_eq(arrivals[1000 + i].at, SEC(3) + MS((usec)i));
    }
}
END_TEST

START_TEST(a_script_counts_from_the_start_and_begins_perfect)
{
    static const struct sim_link_script script = {
        .steps = {{.at = SEC(1), .spec = {.loss_ppm = SIM_PPM}}}, .count = 1};
    struct way way = way_of((struct sim_link_config){.script = &script, .start = SEC(5)}, 1);
    way.now = SEC(5);
    way_send(&way, 2000, MS(1), 100);
    ck_assert_uint_eq(way_end(&way).lost, 1000);
    ck_assert_uint_eq(arrival_count, 1000);
    ck_assert_uint_eq(arrivals[999].number, 999);
}
END_TEST

/* Whoever comes after the delay fell does not overtake whoever is on the way. */
START_TEST(order_holds_when_the_delay_falls)
{
    struct way way = way_script("0s:delay=100ms;50ms:delay=10ms", 1);
    way_send(&way, 200, MS(1), 100);
    way_end(&way);
    ck_assert_uint_eq(arrival_count, 200);
    for (size_t i = 0; i < arrival_count; i++) {
        usec sent = MS((usec)i);
        ck_assert_uint_eq(arrivals[i].number, i);
        ck_assert_int_eq(arrivals[i].at,
                         i < 50 ? sent + MS(100) : usec_max(MS(149), sent + MS(10)));
    }
}
END_TEST

/* A queue is served at the rate of the time: ten packets at 1 Mbit/s, the others at ten. */
START_TEST(a_queue_goes_on_at_the_new_rate)
{
    struct way way = way_script("0s:rate=1mbit,queue=1s;80ms:rate=10mbit,queue=1s;100ms:", 1);
    way_send(&way, 40, 0, 972);
    way_go(&way, MS(99));
    ck_assert_uint_eq(arrival_count, 33);
    ck_assert_int_eq(arrivals[9].at, MS(80));
    ck_assert_int_eq(arrivals[10].at, 80800);
    ck_assert_int_eq(arrivals[32].at, 80000 + 23 * 800);
    way_end(&way); /* without a rate the rest comes as soon as the one being sent is through */
    ck_assert_uint_eq(arrival_count, 40);
    ck_assert_int_eq(arrivals[34].at, 80000 + 25 * 800);
    ck_assert_int_eq(arrivals[39].at, 100000);
}
END_TEST

START_TEST(set_is_a_step_by_hand)
{
    struct way way = way_new("delay=10ms", 1);
    const struct sim_link_spec lossy = {.loss_ppm = SIM_PPM};
    way_send(&way, 10, MS(1), 100);
    sim_link_set(way.link, &lossy, way.now);
    way_send(&way, 10, MS(1), 100);
    ck_assert_uint_eq(way_end(&way).lost, 10);
    ck_assert_uint_eq(arrival_count, 10); /* what was inside arrives */
}
END_TEST

/* Numbers that no text gives: nothing overflows, everything comes out. */
START_TEST(numbers_beyond_the_bounds_count_as_the_bounds)
{
    const struct sim_link_spec wild = {.delay = INT64_MAX,
                                       .jitter = INT64_MAX,
                                       .reorder_by = INT64_MAX,
                                       .queue_time = INT64_MAX,
                                       .reorder_ppm = UINT32_MAX,
                                       .duplicate_ppm = UINT32_MAX,
                                       .corrupt_ppm = UINT32_MAX,
                                       .rate_bps = UINT64_MAX,
                                       .queue_bytes = SIZE_MAX,
                                       .mtu = SIZE_MAX};
    struct way way = way_of((struct sim_link_config){.spec = wild}, 1);
    way_send(&way, 100, MS(1), 100);
    way_end(&way);
    ck_assert_uint_eq(arrival_count, 200);
    ck_assert_int_le(arrivals[199].at, 4 * SIM_LINK_TIME_MAX);
    const struct sim_link_spec negative = {
        .delay = INT64_MIN, .jitter = -1, .reorder_by = -5, .queue_time = INT64_MIN, .rate_bps = 1};
    way = way_of((struct sim_link_config){.spec = negative}, 1);
    way_send(&way, 10, MS(1), PACKET_MAX);
    way_end(&way);
    ck_assert_uint_eq(arrival_count, 10);
}
END_TEST

static const char torment[] =
    "0s:loss=3%,burst=1%/20%/80%/0.1%,delay=40ms,jitter=30ms,reorder=2%,dup=3%,corrupt=1%,"
    "rate=700kbit,queue=100ms/20kB,codel,mtu=1200;"
    "5s:loss=30%,delay=5ms,jitter=90ms,reorder=20%/5ms,dup=30%,rate=300kbit;"
    "10s:delay=200ms,rate=50mbit,queue=max;15s:reorder=50%/200ms;20s:";

/* All of it at once, in bursts as pictures come. `early` ticks that nobody asked for, and packets
 * taken late, if wanted. */
static void run_torment(struct way *way, struct rng *rng, bool unpunctual)
{
    static struct packet p;
    for (int i = 0; i < 4000; i++) {
        way_packet(&p, way->sent++, 4 + rng_below(rng, 1300));
        sim_link_input(way->link, &p, way->now);
        usec until = way->now + (i % 8 ? 50 : MS(45));
        if (unpunctual) {
            for (usec at = way->now; at < until; at += 777) sim_link_tick(way->link, at);
            way->now = until;
            sim_link_tick(way->link, way->now - MS(20)); /* a time that was */
            way_take(way);
        } else {
            way_take(way);
            way_go(way, until);
        }
        way_check(way);
    }
}

START_TEST(everything_at_once_adds_up)
{
    struct rng rng;
    rng_init_number(&rng, 1);
    struct way way = way_script(torment, 14);
    run_torment(&way, &rng, false);
    struct sim_link_counters c = way_end(&way);
    ck_assert_uint_eq(c.in, 4000);
    ck_assert_uint_eq(c.out, arrival_count);
    ck_assert(c.lost && c.lost_burst && c.dropped_mtu && c.dropped_queue && c.dropped_codel);
    ck_assert(c.duplicated && c.held_back && c.reordered && c.corrupted);
    size_t copies[4000] = {0};
    for (size_t i = 0; i < arrival_count; i++)
        if (arrivals[i].intact && arrivals[i].number < 4000) copies[arrivals[i].number]++;
    for (size_t i = 0; i < COUNT(copies); i++) ck_assert_uint_le(copies[i], 2);
}
END_TEST

/* The order of packets, and their bits, are the same however the link is asked; only when each is
 * seen depends on it. */
START_TEST(ticks_early_and_late_change_nothing)
{
    static struct arrival first[ARRIVALS_MAX];
    struct rng rng;
    rng_init_number(&rng, 1);
    struct way way = way_script(torment, 14);
    run_torment(&way, &rng, false);
    struct sim_link_counters one = way_end(&way);
    size_t count = arrival_count;
    memcpy(first, arrivals, sizeof first);
    rng_init_number(&rng, 1);
    way = way_script(torment, 14);
    run_torment(&way, &rng, true);
    struct sim_link_counters two = way_end(&way);
    ck_assert_mem_eq(&one, &two, sizeof one);
    ck_assert_uint_eq(arrival_count, count);
    for (size_t i = 0; i < count; i++) {
        ck_assert_uint_eq(first[i].number, arrivals[i].number);
        ck_assert(first[i].intact == arrivals[i].intact);
        ck_assert_int_ge(arrivals[i].at, first[i].at);
    }
}
END_TEST

/* The same seed is the same run on every machine and in every build: this is its digest. */
START_TEST(one_seed_is_one_run)
{
    static const char expected[] = "22dfca2d493ab68e";
    static uint8_t trail[ARRIVALS_MAX * 13];
    struct rng rng;
    rng_init_number(&rng, 1);
    struct way way = way_script(torment, 14);
    run_torment(&way, &rng, false);
    way_end(&way);
    struct writer w = writer_of(trail, sizeof trail);
    for (size_t i = 0; i < arrival_count; i++) {
        write_u64(&w, (uint64_t)arrivals[i].at);
        write_u32(&w, arrivals[i].number);
        write_u8(&w, arrivals[i].intact);
    }
    uint8_t digest[SHA256_LEN];
    char text[2 * 8 + 1];
    digest_sha256(writer_done(&w), digest);
    for (size_t i = 0; i < 8; i++) snprintf(text + 2 * i, 3, "%02x", digest[i]);
    ck_assert_str_eq(text, expected);
}
END_TEST

SUITE("sim link script", steps_come_at_their_times,
      a_script_counts_from_the_start_and_begins_perfect, order_holds_when_the_delay_falls,
      a_queue_goes_on_at_the_new_rate, set_is_a_step_by_hand,
      numbers_beyond_the_bounds_count_as_the_bounds, everything_at_once_adds_up,
      ticks_early_and_late_change_nothing, one_seed_is_one_run)
