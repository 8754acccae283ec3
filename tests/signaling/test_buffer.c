#include "tests/suite.h"

#include "signaling/buffer.h"

#include <string.h>

START_TEST(holds_no_memory_while_empty)
{
    struct buffer b;
    buffer_init(&b, 1000);
    ck_assert_ptr_null(b.room_at);
    ck_assert_int_eq(buffer_add(&b, bytes_of("abc")), OK);
    ck_assert_ptr_nonnull(b.room_at);
    buffer_drop(&b, 3);
    ck_assert_ptr_null(b.room_at);
    ck_assert_uint_eq(buffer_bytes(&b).len, 0);
    ck_assert_int_eq(buffer_add(&b, (struct bytes){NULL, 0}), OK);
    ck_assert_ptr_null(b.room_at);
}
END_TEST

START_TEST(keeps_the_order_and_the_cap)
{
    struct buffer b;
    buffer_init(&b, 10);
    ck_assert_int_eq(buffer_add(&b, bytes_of("abcdefgh")), OK);
    ck_assert_int_eq(buffer_add(&b, bytes_of("ijk")), E_FULL);
    ck_assert(bytes_is(buffer_bytes(&b), "abcdefgh"));
    buffer_drop(&b, 3);
    ck_assert_int_eq(buffer_add(&b, bytes_of("ijkl")), OK);
    ck_assert(bytes_is(buffer_bytes(&b), "defghijkl"));
    buffer_drop(&b, 100);
    ck_assert_uint_eq(buffer_bytes(&b).len, 0);
    buffer_free(&b);
}
END_TEST

START_TEST(room_is_at_most_twice_what_it_holds)
{
    struct buffer b;
    buffer_init(&b, 100000);
    int wrong = 0;
    for (size_t i = 0; i < 100000; i++) {
        wrong += buffer_add(&b, bytes_of("x")) != OK;
        wrong += b.room > 2 * b.len + BUFFER_FIRST;
    }
    ck_assert_int_eq(wrong, 0);
    ck_assert_int_eq(buffer_add(&b, bytes_of("x")), E_FULL);
    buffer_free(&b);
}
END_TEST

START_TEST(a_queue_that_flows_moves_its_bytes_down)
{
    struct buffer b;
    uint8_t next_in = 0, next_out = 0;
    buffer_init(&b, 300);
    for (int i = 0; i < 5000; i++) {
        uint8_t chunk[7];
        for (size_t k = 0; k < sizeof chunk; k++) chunk[k] = next_in++;
        ck_assert_int_eq(buffer_add(&b, (struct bytes){chunk, sizeof chunk}), OK);
        for (size_t n = i < 30 ? 1 : b.len > 7 ? 7 : b.len - 1; n > 0; n--) {
            ck_assert_uint_eq(buffer_bytes(&b).at[0], next_out++);
            buffer_drop(&b, 1);
        }
    }
    ck_assert_uint_le(b.room, 512);
    buffer_free(&b);
}
END_TEST

START_TEST(what_a_failed_writer_wrote_is_not_kept)
{
    struct buffer b;
    struct writer w;
    buffer_init(&b, 10);
    ck_assert_int_eq(buffer_reserve(&b, 11, &w), E_FULL);
    ck_assert_int_eq(buffer_reserve(&b, 4, &w), OK);
    write_text(&w, "abcde");
    buffer_commit(&b, &w);
    ck_assert_uint_eq(b.len, 0);
    ck_assert_ptr_null(b.room_at);
    ck_assert_int_eq(buffer_reserve(&b, 10, &w), OK);
    write_text(&w, "abc");
    buffer_commit(&b, &w);
    ck_assert(bytes_is(buffer_bytes(&b), "abc"));
    buffer_free(&b);
}
END_TEST

SUITE("signaling buffer", holds_no_memory_while_empty, keeps_the_order_and_the_cap,
      room_is_at_most_twice_what_it_holds, a_queue_that_flows_moves_its_bytes_down,
      what_a_failed_writer_wrote_is_not_kept)
