#include "stun/transaction.h"

#include "tests/suite.h"

START_TEST(retransmissions_back_off) /* RFC 8489 §6.2.1 */
{
    static const int at[] = {0, 500, 1500, 3500, 7500, 15500, 31500};
    struct stun_txn t;
    stun_txn_start(&t, MS(500), MS(0));
    for (size_t i = 0; i < COUNT(at); i++) {
        ck_assert_int_eq(stun_txn_deadline(&t), MS(at[i]));
        ck_assert(i == 0 || !stun_txn_due(&t, MS(at[i]) - 1));
        ck_assert(stun_txn_due(&t, MS(at[i])));
        ck_assert(!stun_txn_due(&t, MS(at[i])));
    }
    ck_assert_int_eq(stun_txn_deadline(&t), MS(39500));
    ck_assert(!stun_txn_expired(&t, MS(39499)));
    ck_assert(!stun_txn_due(&t, MS(39500)));
    ck_assert(stun_txn_expired(&t, MS(39500)));
}
END_TEST

START_TEST(a_late_driver_sends_no_burst)
{
    struct stun_txn t;
    stun_txn_start(&t, MS(500), 0);
    ck_assert(stun_txn_due(&t, 0));
    ck_assert(stun_txn_due(&t, SEC(100)));
    ck_assert(!stun_txn_due(&t, SEC(100)));
    ck_assert_int_eq(stun_txn_deadline(&t), SEC(101));
}
END_TEST

START_TEST(fewer_requests)
{
    struct stun_txn t;
    stun_txn_start_limited(&t, MS(100), 2, 0);
    ck_assert(stun_txn_due(&t, 0) && stun_txn_due(&t, MS(100)));
    ck_assert_int_eq(stun_txn_deadline(&t), MS(1700));
    ck_assert(!stun_txn_expired(&t, MS(1699)) && stun_txn_expired(&t, MS(1700)));
}
END_TEST

START_TEST(a_stopped_one_wants_nothing)
{
    struct stun_txn t;
    stun_txn_start(&t, MS(500), 0);
    stun_txn_stop(&t);
    ck_assert_int_eq(stun_txn_deadline(&t), TIME_NEVER);
    ck_assert(!stun_txn_due(&t, SEC(1)) && !stun_txn_expired(&t, SEC(100)));
}
END_TEST

SUITE("stun transaction", retransmissions_back_off, a_late_driver_sends_no_burst, fewer_requests,
      a_stopped_one_wants_nothing)
