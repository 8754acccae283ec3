/* Each effect of a link by itself, measured on a seeded run. Odds are compared with four standard
 * deviations and more around what is asked for: the seed is fixed, so they either hold or not. */
#include "tests/sim/way.h"

#define MANY 20000

START_TEST(a_perfect_link_takes_no_time_and_changes_nothing)
{
    struct way way = way_new("", 1);
    ck_assert_int_eq(sim_link_deadline(way.link), TIME_NEVER);
    way_send(&way, 1000, MS(1), 1200);
    struct sim_link_counters c = way_end(&way);
    ck_assert_uint_eq(arrival_count, 1000);
    for (size_t i = 0; i < arrival_count; i++) {
        ck_assert_uint_eq(arrivals[i].number, i);
        ck_assert_int_eq(arrivals[i].at, MS((usec)i));
        ck_assert(arrivals[i].intact);
    }
    ck_assert_uint_eq(c.bytes_in, 1200000);
    ck_assert_uint_eq(c.bytes_out, 1200000);
}
END_TEST

START_TEST(every_length_passes)
{
    static struct packet in, out;
    struct way way = way_new("delay=1ms", 1);
    for (size_t len = 0; len <= PACKET_MAX; len++) {
        way_packet(&in, (uint32_t)len, len);
        ck_assert_int_eq(sim_link_input(way.link, &in, way.now), OK);
        ck_assert(!sim_link_output(way.link, &out, way.now));
        way.now += MS(1);
        ck_assert_int_eq(sim_link_deadline(way.link), way.now);
        ck_assert(sim_link_output(way.link, &out, way.now));
        ck_assert(bytes_equal(packet_bytes(&in), packet_bytes(&out)));
    }
    way_end(&way);
}
END_TEST

START_TEST(delay_is_exact)
{
    struct way way = way_new("delay=50ms", 1);
    way_send(&way, 1000, 333, 100);
    way_end(&way);
    ck_assert_uint_eq(arrival_count, 1000);
    for (size_t i = 0; i < arrival_count; i++)
        ck_assert_int_eq(arrivals[i].at, (usec)i * 333 + MS(50));
}
END_TEST

/* Far apart: nobody waits for the one before, and the delay is the draw itself. */
START_TEST(jitter_is_even_over_its_span)
{
    struct way way = way_new("delay=50ms,jitter=10ms", 1);
    way_send(&way, MANY, MS(20), 100);
    way_end(&way);
    size_t tenths[10] = {0};
    ck_assert_uint_eq(arrival_count, MANY);
    for (size_t i = 0; i < arrival_count; i++) {
        usec more = arrivals[i].at - (usec)i * MS(20) - MS(50);
        ck_assert(more >= 0 && more <= MS(10));
        tenths[more < MS(10) ? more / MS(1) : 9]++;
    }
    for (size_t i = 0; i < COUNT(tenths); i++)
        ck_assert(tenths[i] > 1800 && tenths[i] < 2200); /* 2000, sigma 42 */
}
END_TEST

/* Near together: who would be early waits for the one before. */
START_TEST(jitter_keeps_the_order)
{
    struct way way = way_new("delay=50ms,jitter=30ms", 2);
    way_send(&way, MANY, MS(1), 100);
    struct sim_link_counters c = way_end(&way);
    ck_assert_uint_eq(arrival_count, MANY);
    for (size_t i = 0; i < arrival_count; i++) {
        ck_assert_uint_eq(arrivals[i].number, i);
        ck_assert_int_le(arrivals[i].at, MS((usec)i) + MS(80));
    }
    ck_assert_uint_eq(c.reordered, 0);
}
END_TEST

START_TEST(loss_is_as_asked_and_of_each_packet_for_itself)
{
    struct way way = way_new("loss=5%", 3);
    way_send(&way, MANY, MS(1), 20);
    struct sim_link_counters c = way_end(&way);
    ck_assert(c.lost > 860 && c.lost < 1140); /* 1000, sigma 31 */
    ck_assert_uint_eq(arrival_count + c.lost, MANY);
    size_t pairs = 0; /* two in a row: 5 % of 5 % of 20,000 are 50 */
    for (size_t i = 1; i < arrival_count; i++)
        pairs += arrivals[i].number - arrivals[i - 1].number > 2;
    ck_assert(pairs > 20 && pairs < 85);
}
END_TEST

START_TEST(all_and_nothing)
{
    struct way way = way_new("loss=100%", 1);
    way_send(&way, 1000, MS(1), 20);
    ck_assert_str_eq(sim_link_dropped(way.link), "lost");
    ck_assert_uint_eq(way_end(&way).lost, 1000);
    ck_assert_uint_eq(arrival_count, 0);
    way = way_new("loss=0%", 1);
    way_send(&way, 1000, MS(1), 20);
    ck_assert_ptr_null(sim_link_dropped(way.link));
    way_end(&way);
    ck_assert_uint_eq(arrival_count, 1000);
}
END_TEST

/* Gilbert's model: a bad time lasts 1 / 25 % = 4 packets, and comes in 1 of 100: of all packets
 * 1 / (1 + 25) are lost, in runs with a mean of 4. */
START_TEST(bursts_have_their_share_and_their_length)
{
    struct way way = way_new("burst=1%/25%", 4);
    way_send(&way, MANY, MS(1), 20);
    struct sim_link_counters c = way_end(&way);
    size_t runs = 0;
    for (size_t i = 1; i < arrival_count; i++)
        runs += arrivals[i].number - arrivals[i - 1].number > 1;
    ck_assert(c.lost_burst > 550 && c.lost_burst < 1000); /* 769 */
    ck_assert_uint_eq(c.lost, 0);
    double mean = (double)c.lost_burst / (double)runs;
    ck_assert_msg(mean > 3.5 && mean < 4.5, "bursts of %f", mean);
}
END_TEST

/* Elliott's: what is lost in the bad time is half of it, and in the good one a hundredth. */
START_TEST(bursts_lose_by_the_state)
{
    struct way way = way_new("burst=50%/50%/50%/1%", 5);
    way_send(&way, MANY, MS(1), 20);
    struct sim_link_counters c = way_end(&way);
    ck_assert(c.lost_burst > 4800 && c.lost_burst < 5400); /* 25.5 %: 5100, sigma 62 */
}
END_TEST

START_TEST(duplicates_come_right_behind)
{
    struct way way = way_new("delay=20ms,dup=10%", 6);
    way_send(&way, 10000, MS(1), 300);
    struct sim_link_counters c = way_end(&way);
    ck_assert(c.duplicated > 880 && c.duplicated < 1120); /* 1000, sigma 30 */
    ck_assert_uint_eq(arrival_count, 10000 + c.duplicated);
    ck_assert_uint_eq(c.reordered, 0);
    uint64_t twice = 0;
    for (size_t i = 1; i < arrival_count; i++) {
        ck_assert(arrivals[i].intact);
        ck_assert_uint_le(arrivals[i].number - arrivals[i - 1].number, 1);
        twice += arrivals[i].number == arrivals[i - 1].number;
    }
    ck_assert_uint_eq(twice, c.duplicated);
}
END_TEST

/* A copy has a delay of its own, but is never the first of the two. */
START_TEST(a_copy_has_its_own_jitter)
{
    struct way way = way_new("delay=20ms,jitter=10ms,dup=100%", 7);
    way_send(&way, 5000, MS(40), 300);
    way_end(&way);
    size_t later = 0;
    ck_assert_uint_eq(arrival_count, 10000);
    for (size_t i = 0; i < arrival_count; i += 2) {
        ck_assert_uint_eq(arrivals[i].number, arrivals[i + 1].number);
        later += arrivals[i + 1].at > arrivals[i].at;
    }
    ck_assert(later > 2350 && later < 2650); /* half of them: 2500, sigma 35 */
}
END_TEST

START_TEST(who_is_held_back_is_overtaken_by_all_that_come_within_its_time)
{
    struct way way = way_new("delay=20ms,reorder=1%/15ms", 8);
    way_send(&way, MANY, MS(10), 300);
    struct sim_link_counters c = way_end(&way);
    ck_assert(c.held_back > 145 && c.held_back < 260); /* 200, sigma 14 */
    ck_assert_uint_eq(arrival_count, MANY);
    ck_assert(c.reordered >= c.held_back - 10 && c.reordered <= c.held_back);
    for (size_t i = 0; i < arrival_count; i++) {
        usec late = arrivals[i].at - (usec)arrivals[i].number * MS(10) - MS(20);
        ck_assert(late == 0 || late == MS(15));
    }
}
END_TEST

START_TEST(held_back_for_long_enough_by_itself)
{
    struct way way = way_new("reorder=5%", 8);
    way_send(&way, 2000, MS(33), 300); /* a packet for each picture */
    struct sim_link_counters c = way_end(&way);
    ck_assert_uint_gt(c.held_back, 60);
    ck_assert_uint_gt(c.reordered, c.held_back * 8 / 10);
}
END_TEST

START_TEST(one_bit_is_flipped_and_any_one)
{
    static struct packet in, out;
    struct way way = way_new("corrupt=100%", 9);
    size_t hit[32] = {0};
    for (uint32_t n = 0; n < 3200; n++) {
        way_packet(&in, n, 4);
        sim_link_input(way.link, &in, way.now);
        ck_assert(sim_link_output(way.link, &out, way.now));
        ck_assert_uint_eq(out.len, 4);
        size_t flipped = 0;
        for (size_t bit = 0; bit < 32; bit++) {
            if (!((in.at[bit / 8] ^ out.at[bit / 8]) >> (bit % 8) & 1)) continue;
            hit[bit]++;
            flipped++;
        }
        ck_assert_uint_eq(flipped, 1);
    }
    for (size_t bit = 0; bit < 32; bit++) ck_assert(hit[bit] > 60 && hit[bit] < 140);
    ck_assert_uint_eq(way_end(&way).corrupted, 3200);
}
END_TEST

START_TEST(corruption_is_as_asked_and_nothing_else_is_touched)
{
    struct way way = way_new("corrupt=1%,delay=5ms", 10);
    way_send(&way, MANY, MS(1), 1200);
    struct sim_link_counters c = way_end(&way);
    uint64_t changed = 0;
    for (size_t i = 0; i < arrival_count; i++)
        changed += !arrivals[i].intact || arrivals[i].number != i;
    ck_assert_uint_eq(arrival_count, MANY);
    ck_assert_uint_eq(changed, c.corrupted);
    ck_assert(changed > 145 && changed < 260); /* 200, sigma 14 */
    static struct packet none;
    way = way_new("corrupt=100%", 10);
    packet_reset(&none);
    ck_assert_int_eq(sim_link_input(way.link, &none, 0), OK); /* no bit to flip */
    ck_assert(sim_link_output(way.link, &none, 0));
    way_end(&way);
}
END_TEST

/* The MTU is of the IP packet: 28 bytes of IPv4 and UDP headers count, or 48 of IPv6. */
START_TEST(the_mtu_counts_headers)
{
    static struct packet p;
    struct way way = way_new("mtu=1280", 1);
    way_send(&way, 1, 0, 1280 - 28);
    way_send(&way, 1, 0, 1280 - 27);
    ck_assert_str_eq(sim_link_dropped(way.link), "longer than the MTU");
    way_packet(&p, 2, 1280 - 48);
    p.route.remote.family = ADDR_IPV6;
    sim_link_input(way.link, &p, 0);
    ck_assert_ptr_null(sim_link_dropped(way.link));
    way_packet(&p, 3, 1280 - 47);
    p.route.remote.family = ADDR_IPV6;
    sim_link_input(way.link, &p, 0);
    ck_assert_uint_eq(sim_link_counters(way.link)->dropped_mtu, 2);
    way_end(&way);
    ck_assert_uint_eq(arrival_count, 2);
}
END_TEST

/* What each packet's fate is does not depend on what else the link does. */
START_TEST(effects_do_not_shift_each_other)
{
    static bool lost[5000];
    struct way way = way_new("loss=10%", 11);
    way_send(&way, COUNT(lost), MS(1), 100);
    way_end(&way);
    memset(lost, true, sizeof lost);
    for (size_t i = 0; i < arrival_count; i++) lost[arrivals[i].number] = false;

    way = way_new("loss=10%,dup=5%,delay=30ms,jitter=7ms,reorder=3%", 11);
    way_send(&way, COUNT(lost), MS(1), 100);
    way_end(&way);
    for (size_t i = 0; i < arrival_count; i++) ck_assert(!lost[arrivals[i].number]);

    /* More of the same loses the same packets, and others. */
    way = way_new("loss=20%", 11);
    way_send(&way, COUNT(lost), MS(1), 100);
    way_end(&way);
    for (size_t i = 0; i < arrival_count; i++) ck_assert(!lost[arrivals[i].number]);
}
END_TEST

START_TEST(another_seed_is_another_run)
{
    static struct arrival first[ARRIVALS_MAX];
    struct way way = way_new("loss=10%", 12);
    way_send(&way, 1000, MS(1), 100);
    way_end(&way);
    size_t count = arrival_count;
    memcpy(first, arrivals, sizeof first);
    way = way_new("loss=10%", 13);
    way_send(&way, 1000, MS(1), 100);
    way_end(&way);
    ck_assert(count != arrival_count || memcmp(first, arrivals, count * sizeof first[0]) != 0);
}
END_TEST

SUITE("sim link", a_perfect_link_takes_no_time_and_changes_nothing, every_length_passes,
      delay_is_exact, jitter_is_even_over_its_span, jitter_keeps_the_order,
      loss_is_as_asked_and_of_each_packet_for_itself, all_and_nothing,
      bursts_have_their_share_and_their_length, bursts_lose_by_the_state,
      duplicates_come_right_behind, a_copy_has_its_own_jitter,
      who_is_held_back_is_overtaken_by_all_that_come_within_its_time,
      held_back_for_long_enough_by_itself, one_bit_is_flipped_and_any_one,
      corruption_is_as_asked_and_nothing_else_is_touched, the_mtu_counts_headers,
      effects_do_not_shift_each_other, another_seed_is_another_run)
