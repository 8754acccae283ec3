/* The store against a plain model: packets in and out in any order until both its bounds are hit.
 */
#include "tests/suite.h"

#include "base/rng.h"
#include "sim/store.h"

#define PACKETS 20
#define BLOCKS  40

static struct packet in, out;

static void make(struct packet *p, uint32_t number, size_t len)
{
    packet_reset(p);
    p->route.remote = addr_ipv4(192, 0, 2, 1, (uint16_t)number);
    p->len = len;
    for (size_t i = 0; i < len; i++) p->at[i] = (uint8_t)(number * 7 + i);
}

START_TEST(what_went_in_comes_out_whatever_the_order)
{
    struct {
        uint32_t i, number;
        size_t len;
    } model[PACKETS];
    size_t count = 0, blocks = 0, packets_full = 0, blocks_full = 0;
    struct store store;
    struct rng rng;
    rng_init_number(&rng, 1);
    ck_assert(store_init(&store, PACKETS, BLOCKS * STORE_BLOCK));
    for (uint32_t number = 0; number < 50000; number++) {
        size_t len = rng_below(&rng, rng_below(&rng, 4) ? 300 : PACKET_MAX + 1);
        size_t need = (len + STORE_BLOCK - 1) / STORE_BLOCK;
        if (rng_below(&rng, 5) < 3) {
            make(&in, number, len);
            uint32_t i = store_put(&store, &in);
            ck_assert((i == STORE_NONE) == (count == PACKETS || blocks + need > BLOCKS));
            packets_full += i == STORE_NONE && count == PACKETS;
            blocks_full += i == STORE_NONE && count < PACKETS;
            if (i == STORE_NONE) continue;
            ck_assert_uint_lt(i, PACKETS);
            model[count].i = i, model[count].number = number, model[count++].len = len;
            blocks += need;
        } else if (count > 0) {
            size_t which = rng_below(&rng, (uint32_t)count);
            make(&in, model[which].number, model[which].len);
            store_copy(&store, model[which].i, &out);
            ck_assert(bytes_equal(packet_bytes(&in), packet_bytes(&out)));
            ck_assert(addr_equal(&in.route.remote, &out.route.remote));
            store_drop(&store, model[which].i);
            blocks -= (model[which].len + STORE_BLOCK - 1) / STORE_BLOCK;
            model[which] = model[--count];
        }
        ck_assert_uint_eq(store.packets_used, count);
        ck_assert_uint_eq(store.blocks_used, blocks);
    }
    ck_assert_uint_gt(packets_full, 100);
    ck_assert_uint_gt(blocks_full, 100);
    store_empty(&store);
    ck_assert_uint_eq(store.packets_used, 0);
    store_free(&store);
}
END_TEST

/* What was freed last is used first: who holds one packet at a time touches memory for one. */
START_TEST(little_use_touches_little)
{
    struct store store;
    ck_assert(store_init(&store, 4096, 1000000));
    make(&in, 1, 1200);
    for (int i = 0; i < 10000; i++) store_drop(&store, store_put(&store, &in));
    ck_assert_uint_eq(store.packets_touched, 1);
    ck_assert_uint_eq(store.blocks_touched, 5);
    store_free(&store);
}
END_TEST

START_TEST(any_bit_is_flipped)
{
    struct store store;
    ck_assert(store_init(&store, 1, PACKET_MAX));
    make(&in, 1, PACKET_MAX);
    uint32_t i = store_put(&store, &in);
    for (size_t bit = 0; bit < 8 * PACKET_MAX; bit += 111) {
        store_flip(&store, i, bit);
        in.at[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        store_copy(&store, i, &out);
        ck_assert(bytes_equal(packet_bytes(&in), packet_bytes(&out)));
    }
    store_free(&store);
}
END_TEST

START_TEST(lines_are_first_in_first_out)
{
    struct store store;
    struct line line;
    uint32_t put[PACKETS];
    ck_assert(store_init(&store, PACKETS, PACKETS * STORE_BLOCK));
    line_init(&line);
    ck_assert_uint_eq(line_pop(&line, &store), STORE_NONE);
    for (int round = 0; round < 3; round++) {
        for (uint32_t n = 0; n < PACKETS; n++) {
            make(&in, n, 10);
            put[n] = store_put(&store, &in);
            line_push(&line, &store, put[n]);
        }
        ck_assert_uint_eq(line.count, PACKETS);
        for (uint32_t n = 0; n < PACKETS; n++) {
            ck_assert_uint_eq(line_pop(&line, &store), put[n]);
            store_drop(&store, put[n]);
        }
        ck_assert_uint_eq(line.count, 0);
        ck_assert_uint_eq(line_pop(&line, &store), STORE_NONE);
    }
    store_free(&store);
}
END_TEST

SUITE("sim store", what_went_in_comes_out_whatever_the_order, little_use_touches_little,
      any_bit_is_flipped, lines_are_first_in_first_out)
