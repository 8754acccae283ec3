#include "base/arena.h"
#include "base/ring.h"
#include "tests/suite.h"

START_TEST(arena_gives_zeroed_aligned_memory_up_to_its_limit)
{
    struct arena a;
    arena_init(&a, 100000);
    size_t sum = 0;
    for (size_t len = 1; sum + len <= 100000; len = len * 3 % 40009 + 1) {
        uint8_t *p = arena_take(&a, len);
        ck_assert_ptr_nonnull(p);
        ck_assert_uint_eq((uintptr_t)p % 16, 0);
        for (size_t i = 0; i < len; i++) ck_assert_uint_eq(p[i], 0);
        p[0] = p[len - 1] = 0xff;
        sum += len;
    }
    ck_assert_ptr_null(arena_take(&a, 100000 - sum + 1));
    ck_assert_ptr_null(arena_take(&a, SIZE_MAX));
    ck_assert_ptr_null(arena_take_unset(&a, 100000 - sum + 1));
    arena_free(&a);
    ck_assert_ptr_nonnull(arena_take(&a, 100000));
    arena_free(&a);
}
END_TEST

/* Bytes of a block that was given back are not clean: what is taken from it is. */
START_TEST(arena_zeroes_what_was_used_before)
{
    struct arena a;
    arena_init(&a, 100000);
    for (int round = 0; round < 3; round++) {
        uint8_t *unset = arena_take_unset(&a, 200);
        ck_assert_ptr_nonnull(unset);
        ck_assert_uint_eq((uintptr_t)unset % 16, 0);
        memset(unset, 0xff, 200);
        uint8_t *p = arena_take(&a, 200);
        for (size_t i = 0; i < 200; i++) ck_assert_uint_eq(p[i], 0);
        memset(p, 0xff, 200);
        ck_assert_uint_eq(unset[199], 0xff);
        arena_free(&a);
    }
}
END_TEST

START_TEST(arena_copies_outlive_what_they_copy)
{
    struct arena a;
    arena_init(&a, 10);
    char text[] = "short";
    struct bytes copy = arena_copy(&a, bytes_of(text));
    text[0] = 'X';
    ck_assert(bytes_is(copy, "short"));
    ck_assert_ptr_null(arena_copy(&a, bytes_of("too long now")).at);
    arena_free(&a);
}
END_TEST

START_TEST(arena_reserves_one_piece_within_its_limit)
{
    struct arena a;
    arena_init(&a, 10000);
    ck_assert(!arena_reserve(&a, 10001));
    ck_assert(!arena_reserve(&a, SIZE_MAX));
    ck_assert(arena_reserve(&a, 9000));
    uint8_t *first = arena_take(&a, 4000), *second = arena_take(&a, 4000);
    ck_assert_ptr_nonnull(first);
    ck_assert_ptr_eq(second, first + 4000);
    ck_assert_ptr_null(arena_take(&a, 2001)); /* reserved or not, the limit is what is taken */
    ck_assert_ptr_nonnull(arena_take(&a, 2000));
    arena_free(&a);
}
END_TEST

START_TEST(ring_is_first_in_first_out_and_bounded)
{
    int items[3], v;
    struct ring r;
    RING_OVER(&r, items);
    ck_assert(!ring_pop(&r, &v));
    for (int round = 0; round < 5; round++) {
        for (int i = 0; i < 3; i++) {
            v = 10 * round + i;
            ck_assert(ring_push(&r, &v));
        }
        ck_assert(!ring_push(&r, &v));
        ck_assert_uint_eq(r.dropped, (uint64_t)round + 1);
        ck_assert_int_eq(*(int *)ring_at(&r, 1), 10 * round + 1);
        ck_assert_ptr_null(ring_at(&r, 3));
        for (int i = 0; i < 3; i++) ck_assert(ring_pop(&r, &v) && v == 10 * round + i);
        ck_assert(ring_push(&r, &v) && ring_pop(&r, &v)); /* so that the first slot moves on */
    }
}
END_TEST

SUITE("base arena and ring", arena_gives_zeroed_aligned_memory_up_to_its_limit,
      arena_reserves_one_piece_within_its_limit, arena_zeroes_what_was_used_before,
      arena_copies_outlive_what_they_copy, ring_is_first_in_first_out_and_bounded)
