#include "tests/suite.h"

#include "signaling/polite.h"

START_TEST(the_lower_id_gives_way)
{
    struct sig_id a = {"0a"}, b = {"0b"}, upper = {"Z"}, lower = {"a"}, longer = {"0a0"};
    ck_assert(polite_is(&a, &b));
    ck_assert(!polite_is(&b, &a));
    ck_assert(polite_is(&upper, &lower)); /* bytes, not the alphabet */
    ck_assert(polite_is(&a, &longer));
    ck_assert(!polite_is(&longer, &a));
    ck_assert(!polite_is(&a, &a));
}
END_TEST

/* The whole table of W3C webrtc §10.7. */
START_TEST(every_state)
{
    for (int bits = 0; bits < 8; bits++) {
        struct polite_state s = {bits & 1, bits & 2, bits & 4};
        bool glare = s.making_offer || (s.have_offer && !s.setting_answer);
        ck_assert_int_eq(polite_on_offer(true, &s), glare ? POLITE_ROLLBACK : POLITE_ACCEPT);
        ck_assert_int_eq(polite_on_offer(false, &s), glare ? POLITE_IGNORE : POLITE_ACCEPT);
    }
}
END_TEST

SUITE("signaling polite", the_lower_id_gives_way, every_state)
