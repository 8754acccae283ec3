#include "net/loop.h"

#include "base/bytes.h"
#include "net/clock.h"
#include "tests/net/wait.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

/* Each test runs over both ways of waiting. */
static struct loop *make_loop(int way)
{
    struct loop *loop = way == 0 ? loop_new() : loop_new_poll();
    ck_assert_ptr_nonnull(loop);
    return loop;
}

static void make_pipe(int ends[2])
{
    ck_assert_int_eq(pipe(ends), 0);
    for (int i = 0; i < 2; i++) ck_assert_int_eq(fcntl(ends[i], F_SETFL, O_NONBLOCK), 0);
}

static void close_both(int ends[2])
{
    close(ends[0]);
    close(ends[1]);
}

START_TEST(readable_and_writable_come_with_their_tokens)
{
    for (int way = 0; way < 2; way++) {
        struct loop *loop = make_loop(way);
        struct loop_ready ready[8];
        int ends[2];
        make_pipe(ends);
        ck_assert_int_eq(loop_add(loop, ends[0], 7, LOOP_READ), OK);
        ck_assert_int_eq(loop_wait(loop, clock_now(), ready, 8), 0);
        ck_assert_int_eq(loop_add(loop, ends[1], UINT64_MAX - 1, LOOP_WRITE), OK);
        ck_assert_int_eq(loop_wait(loop, TIME_NEVER, ready, 8), 1);
        ck_assert_uint_eq(ready[0].token, UINT64_MAX - 1);
        ck_assert_uint_eq(ready[0].what, LOOP_WRITE);

        ck_assert_int_eq(loop_change(loop, ends[1], 9, 0), OK);
        ck_assert_int_eq(write(ends[1], "x", 1), 1);
        for (int again = 0; again < 2; again++) { /* level-triggered */
            ck_assert_int_eq(loop_wait(loop, TIME_NEVER, ready, 8), 1);
            ck_assert_uint_eq(ready[0].token, 7);
            ck_assert_uint_eq(ready[0].what, LOOP_READ);
        }
        loop_remove(loop, ends[0]);
        ck_assert_int_eq(loop_wait(loop, clock_now(), ready, 8), 0);
        close_both(ends);
        loop_free(loop);
    }
}
END_TEST

START_TEST(hang_up_is_an_error_bit)
{
    for (int way = 0; way < 2; way++) {
        struct loop *loop = make_loop(way);
        struct loop_ready ready[2];
        int ends[2];
        make_pipe(ends);
        ck_assert_int_eq(loop_add(loop, ends[0], 1, LOOP_READ), OK);
        close(ends[1]);
        ck_assert_int_eq(loop_wait(loop, TIME_NEVER, ready, 2), 1);
        ck_assert_uint_ne(ready[0].what & LOOP_ERROR, 0);
        close(ends[0]);
        loop_free(loop);
    }
}
END_TEST

START_TEST(wrong_use_is_refused)
{
    for (int way = 0; way < 2; way++) {
        struct loop *loop = make_loop(way);
        int ends[2];
        make_pipe(ends);
        ck_assert_int_eq(loop_add(loop, -1, 1, LOOP_READ), E_STATE);
        ck_assert_int_eq(loop_add(loop, ends[0], LOOP_TOKEN_SIGNALS, LOOP_READ), E_STATE);
        ck_assert_int_eq(loop_change(loop, ends[0], 1, LOOP_READ), E_STATE);
        loop_remove(loop, ends[0]);
        ck_assert_int_eq(loop_add(loop, ends[0], 1, LOOP_READ), OK);
        ck_assert_int_eq(loop_add(loop, ends[0], 2, LOOP_READ), E_STATE);
        close_both(ends);
        loop_free(loop);
    }
    loop_free(NULL);
}
END_TEST

/* Pitfall 23: a deadline that is due, or has been for long, must neither block nor make the next
 * wait come back before its time, which would be a busy loop. */
START_TEST(pitfall_23_deadlines_neither_block_nor_spin)
{
    for (int way = 0; way < 2; way++) {
        struct loop *loop = make_loop(way);
        struct loop_ready ready[1];
        ck_assert_int_eq(loop_wait(loop, 0, ready, 1), 0);
        ck_assert_int_eq(loop_wait(loop, INT64_MIN / 2, ready, 1), 0);
        usec start = clock_now();
        for (int i = 1; i <= 20; i++) {
            usec deadline = start + USEC(700) * i; /* not whole milliseconds */
            ck_assert_int_eq(loop_wait(loop, deadline, ready, 1), 0);
            ck_assert_int_ge(clock_now(), deadline);
        }
        loop_free(loop);
    }
}
END_TEST

/* More ready than the caller has room for: everyone gets a turn. */
START_TEST(nobody_starves_behind_a_small_batch)
{
    for (int way = 0; way < 2; way++) {
        struct loop *loop = make_loop(way);
        struct loop_ready ready[2];
        int ends[10][2];
        int seen[10] = {0};
        for (int i = 0; i < 10; i++) {
            make_pipe(ends[i]);
            ck_assert_int_eq(loop_add(loop, ends[i][1], (uint64_t)i, LOOP_WRITE), OK);
        }
        for (int round = 0; round < 10; round++) {
            int n = loop_wait(loop, TIME_NEVER, ready, 2);
            ck_assert_int_eq(n, 2);
            for (int i = 0; i < n; i++) seen[ready[i].token]++;
        }
        for (int i = 0; i < 10; i++) ck_assert_int_eq(seen[i], 2);
        for (int i = 0; i < 10; i++) close_both(ends[i]);
        loop_free(loop);
    }
}
END_TEST

START_TEST(signals_come_as_items)
{
    for (int way = 0; way < 2; way++) {
        struct loop *loop = make_loop(way);
        struct loop_ready ready[4];
        ck_assert_int_eq(loop_watch_signals(loop), OK);
        ck_assert_int_eq(loop_watch_signals(loop), E_STATE);
        ck_assert_int_eq(loop_wait(loop, clock_now(), ready, 4), 0);
        ck_assert_int_eq(raise(SIGTERM), 0);
        ck_assert_int_eq(raise(SIGINT), 0);
        int both = 0;
        for (int i = 0; i < 2; i++) {
            ck_assert_int_eq(loop_wait(loop, clock_now() + PATIENCE, ready, 4), 1);
            ck_assert_uint_eq(ready[0].what, LOOP_SIGNAL);
            both |= ready[0].token == SIGTERM ? 1 : ready[0].token == SIGINT ? 2 : 4;
        }
        ck_assert_int_eq(both, 3);
        ck_assert_int_eq(loop_wait(loop, clock_now(), ready, 4), 0);
        loop_free(loop);
    }
}
END_TEST

SUITE("net loop", readable_and_writable_come_with_their_tokens, hang_up_is_an_error_bit,
      wrong_use_is_refused, pitfall_23_deadlines_neither_block_nor_spin,
      nobody_starves_behind_a_small_batch, signals_come_as_items)
