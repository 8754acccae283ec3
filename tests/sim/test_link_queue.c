/* A link with a rate: how long packets take to be sent, what the queue holds, what CoDel drops. */
#include "tests/sim/way.h"

/* With 28 bytes of headers: 1000 bytes, 8000 bits. */
#define LEN 972

START_TEST(packets_take_their_bits_times)
{
    struct way way = way_new("rate=1mbit,delay=10ms,queue=1s", 1);
    way_send(&way, 50, 0, LEN);
    way_end(&way);
    ck_assert_uint_eq(arrival_count, 50);
    for (size_t i = 0; i < arrival_count; i++) {
        ck_assert_uint_eq(arrivals[i].number, i);
        ck_assert_int_eq(arrivals[i].at, MS(8) * (usec)(i + 1) + MS(10));
    }
}
END_TEST

/* 8000 bits at 3 Mbit/s are 2666 2/3 us: three packets take 8000 us, not 7998. */
START_TEST(no_time_is_lost_in_the_division)
{
    struct way way = way_new("rate=3mbit,queue=max", 1);
    way_send(&way, 900, 0, LEN);
    way_end(&way);
    ck_assert_int_eq(arrivals[0].at, 2666);
    ck_assert_int_eq(arrivals[2].at, 8000);
    ck_assert_int_eq(arrivals[899].at, MS(2400));
}
END_TEST

START_TEST(an_idle_link_sends_at_once)
{
    struct way way = way_new("rate=1mbit,queue=1000", 1);
    way_send(&way, 100, MS(8), LEN);
    way_send(&way, 1, MS(20), PACKET_MAX); /* longer than the queue, but there is none */
    way_end(&way);
    ck_assert_uint_eq(arrival_count, 101);
    for (size_t i = 0; i < 100; i++) ck_assert_int_eq(arrivals[i].at, MS(8) * (usec)(i + 1));
}
END_TEST

/* Twice what passes is sent for 10 s: half of it comes out, at the rate to the bit. */
START_TEST(what_comes_out_is_the_rate)
{
    struct way way = way_new("rate=1mbit", 1);
    way_send(&way, 2500, MS(4), LEN);
    struct sim_link_counters c = way_end(&way);
    ck_assert_uint_eq(c.dropped_queue + arrival_count, 2500);
    /* 10 s of the rate, and what the queue held at the end: 200 ms. */
    ck_assert(arrival_count >= 1250 + 24 && arrival_count <= 1250 + 27);
    for (size_t i = 1; i < arrival_count; i++)
        ck_assert_int_eq(arrivals[i].at - arrivals[i - 1].at, MS(8));
}
END_TEST

/* The bound of time: nobody waits longer for its turn. */
START_TEST(the_queue_is_bounded_in_time)
{
    struct way way = way_new("rate=1mbit,queue=100ms", 1);
    way_send(&way, 2000, MS(4), LEN);
    struct sim_link_counters c = way_end(&way);
    usec longest = 0;
    for (size_t i = 0; i < arrival_count; i++) {
        usec took = arrivals[i].at - MS(4) * (usec)arrivals[i].number;
        longest = usec_max(longest, took);
    }
    ck_assert_int_le(longest, MS(108));
    ck_assert_int_gt(longest, MS(100));
    ck_assert_uint_gt(c.dropped_queue, 900);
}
END_TEST

/* The bound of bytes: ten wait, one is being sent. */
START_TEST(the_queue_is_bounded_in_bytes)
{
    struct way way = way_new("rate=1mbit,queue=10kB", 1);
    way_send(&way, 12, 0, LEN);
    ck_assert_str_eq(sim_link_dropped(way.link), "the queue was full");
    ck_assert_uint_eq(sim_link_counters(way.link)->dropped_queue, 1);
    way_go(&way, MS(8));
    way_send(&way, 1, 0, LEN);
    ck_assert_ptr_null(sim_link_dropped(way.link));
    way_end(&way);
    ck_assert_uint_eq(arrival_count, 12);

    way = way_new("rate=1mbit,queue=10kB/20ms", 1); /* the narrower of the two */
    way_send(&way, 12, 0, LEN);
    way_end(&way);
    ck_assert_uint_eq(arrival_count, 3);
}
END_TEST

/* Twice the rate for 20 s through a deep queue. Without CoDel it stands at a second; with it the
 * delay is brought down step by step: RFC 8289 §4.3. */
static usec mean_wait(const char *text, usec from, uint64_t *codel)
{
    struct way way = way_new(text, 1);
    way_send(&way, 4500, MS(4), LEN);
    *codel = sim_link_counters(way.link)->dropped_codel;
    way_check(&way);
    way_end(&way);
    usec sum = 0, count = 0;
    for (size_t i = 0; i < arrival_count; i++) {
        usec sent = MS(4) * (usec)arrivals[i].number;
        if (sent < from) continue;
        sum += arrivals[i].at - sent;
        count++;
    }
    return sum / count;
}

START_TEST(codel_drops_under_a_standing_queue)
{
    uint64_t dropped;
    ck_assert_int_gt(mean_wait("rate=1mbit,queue=1s", SEC(10), &dropped), MS(990));
    ck_assert_uint_eq(dropped, 0);
    usec early = mean_wait("rate=1mbit,queue=1s,codel", 0, &dropped);
    usec late = mean_wait("rate=1mbit,queue=1s,codel", SEC(14), &dropped);
    ck_assert_uint_gt(dropped, 500);
    ck_assert_int_lt(late, early);
    ck_assert_int_lt(late, MS(900));
}
END_TEST

/* Ten per cent too much, as media that could adapt would send: the delay stays near the target. */
START_TEST(codel_keeps_the_delay_short_where_little_is_too_much)
{
    struct way way = way_new("rate=1mbit,queue=1s,codel", 1);
    way_send(&way, 4000, MS(8) * 100 / 105, LEN);
    struct sim_link_counters c = way_end(&way);
    usec sum = 0;
    for (size_t i = arrival_count / 2; i < arrival_count; i++)
        sum += arrivals[i].at - MS(8) * 100 / 105 * (usec)arrivals[i].number;
    ck_assert_int_lt(sum / (usec)(arrival_count / 2), MS(60));
    ck_assert(c.dropped_codel > 50 && c.dropped_codel < 400);
}
END_TEST

START_TEST(codel_leaves_a_queue_alone_that_drains)
{
    struct way way = way_new("rate=1mbit,queue=1s,codel", 1);
    for (int i = 0; i < 100; i++) {
        way_send(&way, 10, 0, LEN); /* 80 ms of packets at once, every 200 ms */
        way_go(&way, way.now + MS(200));
    }
    struct sim_link_counters c = way_end(&way);
    ck_assert_uint_eq(c.dropped_codel, 0);
    ck_assert_uint_eq(arrival_count, 1000);
}
END_TEST

/* The bounds of set-up: E_FULL, a fault that says so, and room again once packets left. */
START_TEST(a_link_holds_what_it_was_made_for)
{
    static struct packet p;
    struct sim_link_config cfg = {.spec = {.delay = MS(10)}, .packets = 4, .bytes = 2560};
    struct way way = way_of(cfg, 1);
    way_send(&way, 4, 0, 100);
    ck_assert_int_eq(sim_link_fault(way.link)->err, OK);
    way_packet(&p, 4, 100);
    ck_assert_int_eq(sim_link_input(way.link, &p, way.now), E_FULL);
    ck_assert_int_eq(sim_link_fault(way.link)->err, E_FULL);
    ck_assert_ptr_nonnull(sim_link_dropped(way.link));
    way_check(&way);
    way_go(&way, MS(10));
    ck_assert_uint_eq(arrival_count, 4);

    way_send(&way, 2, 0, 1200); /* five blocks of 256 bytes each: all ten */
    way_packet(&p, 6, 1);
    ck_assert_int_eq(sim_link_input(way.link, &p, way.now), E_FULL);
    packet_reset(&p); /* nothing needs no block */
    ck_assert_int_eq(sim_link_input(way.link, &p, way.now), OK);
    ck_assert_uint_eq(sim_link_inside(way.link), 3);
    way_go(&way, MS(20));
    way_send(&way, 2, 0, 1200);
    ck_assert_uint_eq(way_end(&way).refused, 2);
    for (size_t i = 0; i < 6; i++) ck_assert(arrivals[i].intact);
}
END_TEST

START_TEST(a_reset_link_is_a_new_one)
{
    struct sim_link_config cfg = {.spec = {.delay = MS(10), .loss_ppm = 100000, .rate_bps = 500000},
                                  .packets = 64};
    static struct arrival first[ARRIVALS_MAX];
    struct way way = way_of(cfg, 5);
    way_send(&way, 500, MS(5), 100);
    size_t count = arrival_count;
    memcpy(first, arrivals, sizeof first);
    way_send(&way, 60, 0, 100); /* some are inside */
    ck_assert_uint_gt(sim_link_inside(way.link), 0);
    rng_init_number(&cfg.rng, 5);
    sim_link_reset(way.link, &cfg);
    ck_assert_uint_eq(sim_link_inside(way.link), 0);
    ck_assert_uint_eq(sim_link_counters(way.link)->in, 0);
    ck_assert_int_eq(sim_link_deadline(way.link), TIME_NEVER);
    way = (struct way){.link = way.link};
    arrival_count = 0;
    way_send(&way, 500, MS(5), 100);
    ck_assert_uint_eq(arrival_count, count);
    ck_assert_mem_eq(first, arrivals, count * sizeof first[0]);
    way_end(&way);
}
END_TEST

SUITE("sim link queue", packets_take_their_bits_times, no_time_is_lost_in_the_division,
      an_idle_link_sends_at_once, what_comes_out_is_the_rate, the_queue_is_bounded_in_time,
      the_queue_is_bounded_in_bytes, codel_drops_under_a_standing_queue,
      codel_keeps_the_delay_short_where_little_is_too_much, codel_leaves_a_queue_alone_that_drains,
      a_link_holds_what_it_was_made_for, a_reset_link_is_a_new_one)
