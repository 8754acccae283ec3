#include "dtls/reassembly.h"

#include "base/rng.h"
#include "tests/suite.h"

static const struct addr a = {.family = ADDR_IPV4, .port = 1}, b = {.family = ADDR_IPV4, .port = 2};

static struct dtls_reassembly *r;
static struct bytes whole;

static void fill(uint8_t *message, size_t len, unsigned seed)
{
    for (size_t i = 0; i < len; i++) message[i] = (uint8_t)(i * 7 + (i >> 8) + seed);
}

static struct dtls_fragment part(const uint8_t *message, uint32_t length, uint16_t seq,
                                 uint32_t offset, size_t len)
{
    return (struct dtls_fragment){.type = DTLS_CLIENT_HELLO,
                                  .length = length,
                                  .message_seq = seq,
                                  .offset = offset,
                                  .body = {message + offset, len}};
}

static enum dtls_part add(struct dtls_fragment f)
{
    return dtls_reassembly_add(r, &a, &b, &f, &whole);
}

static void is_whole(const uint8_t *message, size_t len)
{
    ck_assert_uint_eq(whole.len, len);
    ck_assert_mem_eq(whole.at, message, len);
}

/* Chromium's ClientHello: 1175 and 238 bytes, either first. */
START_TEST(pitfall_12_two_parts_in_either_order)
{
    uint8_t m[1413];
    fill(m, sizeof m, 0);
    for (int order = 0; order < 2; order++) {
        r = dtls_reassembly_new();
        struct dtls_fragment first = part(m, 1413, 0, 0, 1175);
        struct dtls_fragment last = part(m, 1413, 0, 1175, 238);
        ck_assert_int_eq(add(order ? last : first), DTLS_PART_WAITS);
        ck_assert_uint_eq(whole.len, 0);
        ck_assert_int_eq(add(order ? first : last), DTLS_PART_WHOLE);
        is_whole(m, sizeof m);
        dtls_reassembly_free(r);
    }
}
END_TEST

START_TEST(a_message_in_one_part_is_whole_at_once)
{
    uint8_t m[4];
    fill(m, sizeof m, 1);
    r = dtls_reassembly_new();
    ck_assert_int_eq(add(part(m, 4, 0, 0, 4)), DTLS_PART_WHOLE);
    ck_assert_ptr_eq(whole.at, m);
    ck_assert_int_eq(add(part(m, 0, 0, 0, 0)), DTLS_PART_WHOLE); /* ServerHelloDone */
    ck_assert_uint_eq(whole.len, 0);
    dtls_reassembly_free(r);
}
END_TEST

/* RFC 6347 §4.2.4: a flight is sent again, cut in other places perhaps (§4.2.3). */
START_TEST(repeated_and_overlapping_parts)
{
    uint8_t m[1000];
    fill(m, sizeof m, 2);
    r = dtls_reassembly_new();
    ck_assert_int_eq(add(part(m, 1000, 3, 0, 600)), DTLS_PART_WAITS);
    ck_assert_int_eq(add(part(m, 1000, 3, 0, 600)), DTLS_PART_WAITS);
    ck_assert_int_eq(add(part(m, 1000, 3, 100, 700)), DTLS_PART_WAITS);
    ck_assert_int_eq(add(part(m, 1000, 3, 700, 300)), DTLS_PART_WHOLE);
    is_whole(m, sizeof m);
    ck_assert_int_eq(add(part(m, 1000, 3, 0, 600)), DTLS_PART_REPEATED);
    ck_assert_uint_eq(whole.len, 0);
    ck_assert_int_eq(add(part(m, 1000, 3, 600, 400)), DTLS_PART_WHOLE);
    is_whole(m, sizeof m);
    dtls_reassembly_free(r);
}
END_TEST

/* A second handshake on the same path numbers its messages from 0 again. */
START_TEST(another_handshake_begins_anew)
{
    uint8_t m[1000], other[1000];
    fill(m, sizeof m, 0);
    fill(other, sizeof other, 99);
    r = dtls_reassembly_new();
    add(part(m, 1000, 0, 0, 500));
    ck_assert_int_eq(add(part(m, 1000, 0, 500, 500)), DTLS_PART_WHOLE);
    ck_assert_int_eq(add(part(other, 1000, 0, 500, 500)), DTLS_PART_WAITS);
    ck_assert_int_eq(add(part(other, 1000, 0, 0, 500)), DTLS_PART_WHOLE);
    is_whole(other, sizeof other);
    ck_assert_int_eq(add(part(m, 900, 0, 0, 500)), DTLS_PART_WAITS); /* another length */
    struct dtls_fragment f = part(m, 900, 0, 500, 400);
    f.type = DTLS_CERTIFICATE;
    ck_assert_int_eq(add(f), DTLS_PART_WAITS); /* another type */
    dtls_reassembly_free(r);
}
END_TEST

START_TEST(both_directions_and_all_paths_are_apart)
{
    uint8_t m[100], n[100];
    struct addr c = {.family = ADDR_IPV4, .port = 3};
    fill(m, sizeof m, 0);
    fill(n, sizeof n, 1);
    r = dtls_reassembly_new();
    struct dtls_fragment m0 = part(m, 100, 1, 0, 50), m1 = part(m, 100, 1, 50, 50);
    struct dtls_fragment n0 = part(n, 100, 1, 0, 50), n1 = part(n, 100, 1, 50, 50);
    ck_assert_int_eq(dtls_reassembly_add(r, &a, &b, &m0, &whole), DTLS_PART_WAITS);
    ck_assert_int_eq(dtls_reassembly_add(r, &b, &a, &n0, &whole), DTLS_PART_WAITS);
    ck_assert_int_eq(dtls_reassembly_add(r, &a, &c, &m1, &whole), DTLS_PART_WAITS);
    ck_assert_int_eq(dtls_reassembly_add(r, &a, &b, &m1, &whole), DTLS_PART_WHOLE);
    is_whole(m, sizeof m);
    ck_assert_int_eq(dtls_reassembly_add(r, &b, &a, &n1, &whole), DTLS_PART_WHOLE);
    is_whole(n, sizeof n);
    dtls_reassembly_free(r);
}
END_TEST

START_TEST(inv_36_fragments_without_bytes_wait_for_ever)
{
    uint8_t m[10] = {0};
    r = dtls_reassembly_new();
    for (int i = 0; i < 1000; i++) ck_assert_int_eq(add(part(m, 10, 0, 5, 0)), DTLS_PART_WAITS);
    dtls_reassembly_free(r);
}
END_TEST

/* dtls_fragment_next refuses these; whoever makes one otherwise gets nothing for it. */
START_TEST(a_part_that_runs_past_its_message)
{
    uint8_t m[20] = {0};
    r = dtls_reassembly_new();
    ck_assert_int_eq(add(part(m, 10, 0, 0, 5)), DTLS_PART_WAITS);
    ck_assert_int_eq(add(part(m, 10, 0, 5, 6)), DTLS_PART_WAITS);
    ck_assert_int_eq(add(part(m, 10, 0, 5, 5)), DTLS_PART_WHOLE);
    is_whole(m, 10);
    dtls_reassembly_free(r);
}
END_TEST

START_TEST(too_long_a_message_is_not_kept)
{
    static uint8_t m[DTLS_REASSEMBLY_MESSAGE_MAX + 1];
    fill(m, sizeof m, 0);
    r = dtls_reassembly_new();
    add(part(m, sizeof m, 0, 0, 60000));
    ck_assert_int_eq(add(part(m, sizeof m, 0, 60000, sizeof m - 60000)), DTLS_PART_WAITS);
    add(part(m, sizeof m - 1, 0, 0, 60000));
    ck_assert_int_eq(add(part(m, sizeof m - 1, 0, 60000, sizeof m - 1 - 60000)), DTLS_PART_WHOLE);
    is_whole(m, sizeof m - 1);
    dtls_reassembly_free(r);
}
END_TEST

/* A flood of beginnings pushes out what rested, not what goes on. */
START_TEST(more_messages_than_there_is_room_for)
{
    uint8_t m[200];
    fill(m, sizeof m, 0);
    r = dtls_reassembly_new();
    add(part(m, 200, 0, 0, 10));
    add(part(m, 200, 1, 0, 10));
    for (uint16_t seq = 2; seq < 2 + 3 * DTLS_REASSEMBLY_MESSAGES; seq++) {
        add(part(m, 200, seq, 0, 10));
        ck_assert_int_eq(add(part(m, 200, 0, seq / 2, 10)), DTLS_PART_WAITS);
    }
    ck_assert_int_eq(add(part(m, 200, 1, 10, 190)), DTLS_PART_WAITS); /* was pushed out */
    ck_assert_int_eq(add(part(m, 200, 0, 10, 190)), DTLS_PART_WHOLE);
    is_whole(m, sizeof m);
    dtls_reassembly_free(r);
}
END_TEST

/* Any cut, any order, any repetition ends in the message. */
START_TEST(random_parts_make_the_message)
{
    uint8_t m[3000];
    struct rng rng;
    rng_init_number(&rng, 7);
    fill(m, sizeof m, 5);
    for (int round = 0; round < 50; round++) {
        enum dtls_part got = DTLS_PART_WAITS;
        r = dtls_reassembly_new();
        for (int i = 0; i < 10000 && got != DTLS_PART_WHOLE; i++) {
            uint32_t at = rng_below(&rng, sizeof m + 200), offset = at < 200 ? 0 : at - 200;
            size_t len = 1 + rng_below(&rng, 400);
            if (len > sizeof m - offset) len = sizeof m - offset;
            got = add(part(m, sizeof m, 0, offset, len));
        }
        ck_assert_int_eq(got, DTLS_PART_WHOLE);
        is_whole(m, sizeof m);
        dtls_reassembly_free(r);
    }
}
END_TEST

SUITE("dtls reassembly", pitfall_12_two_parts_in_either_order,
      a_message_in_one_part_is_whole_at_once, repeated_and_overlapping_parts,
      another_handshake_begins_anew, both_directions_and_all_paths_are_apart,
      inv_36_fragments_without_bytes_wait_for_ever, a_part_that_runs_past_its_message,
      too_long_a_message_is_not_kept, more_messages_than_there_is_room_for,
      random_parts_make_the_message)
