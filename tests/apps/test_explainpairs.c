#include "apps/explainpairs.h"

#include "stun/attribute.h"
#include "stun/message.h"
#include "tests/suite.h"

static struct explainpairs *p;

static void check(struct addr from, struct addr to, uint16_t type, const char *username)
{
    uint8_t room[256];
    struct writer w = writer_of(room, sizeof room);
    stun_begin(&w, type, (struct bytes){(const uint8_t *)"twelve bytes", 12});
    if (username) stun_put(&w, STUN_USERNAME, bytes_of(username));
    explainpairs_learn(p, &from, &to, writer_done(&w));
}

static struct explainpair find(struct addr from, struct addr to)
{
    return explainpairs_find(p, &from, &to);
}

static struct addr at(uint16_t port)
{
    return addr_ipv4(192, 0, 2, 1, port);
}

/* RFC 8445 §7.2.2: the receiver's fragment comes first. */
START_TEST(all_pairs_of_a_session_have_the_same_two)
{
    p = explainpairs_new();
    check(at(1), at(2), STUN_REQUEST | STUN_BINDING, "BOB1:ALICE");
    check(at(4), at(3), STUN_REQUEST | STUN_BINDING, "ALICE:BOB1");
    struct explainpair a = find(at(1), at(2)), b = find(at(2), at(1));
    struct explainpair c = find(at(3), at(4)), d = find(at(4), at(3));
    ck_assert(a.from && a.to && a.from != a.to);
    ck_assert(a.from == b.to && a.to == b.from);
    ck_assert(a.from == c.from && a.to == c.to);
    ck_assert(b.from == d.from && b.to == d.to);
    check(at(2), at(1), STUN_REQUEST | STUN_BINDING, "ALICE2:BOB2"); /* restarted */
    struct explainpair e = find(at(1), at(2));
    ck_assert(e.from != a.from && e.to != a.to && e.from && e.to);
    explainpairs_free(p);
    explainpairs_free(NULL);
}
END_TEST

START_TEST(other_messages_tell_nothing)
{
    p = explainpairs_new();
    check(at(1), at(2), STUN_SUCCESS | STUN_BINDING, "BOB1:ALICE");
    check(at(1), at(2), STUN_INDICATION | STUN_BINDING, "BOB1:ALICE");
    check(at(1), at(2), STUN_REQUEST | STUN_BINDING, NULL);
    check(at(1), at(2), STUN_REQUEST | STUN_ALLOCATE, "a user of TURN");
    struct addr from = at(1), to = at(2);
    explainpairs_learn(p, &from, &to, bytes_of("not STUN"));
    ck_assert(find(at(1), at(2)).from == 0 && find(at(2), at(1)).to == 0);
    explainpairs_free(p);
}
END_TEST

START_TEST(more_pairs_than_are_kept)
{
    p = explainpairs_new();
    check(at(1), at(2), STUN_REQUEST | STUN_BINDING, "a:b");
    for (unsigned i = 0; i < 2 * EXPLAINPAIRS_MAX; i++)
        check(at((uint16_t)(100 + i)), at(3), STUN_REQUEST | STUN_BINDING, "a:b");
    ck_assert(find(at(1), at(2)).from != 0);
    ck_assert(find(at(100), at(3)).from != 0);
    ck_assert(find(at(3), at(100 + EXPLAINPAIRS_MAX - 2)).from != 0);
    ck_assert(find(at(100 + EXPLAINPAIRS_MAX), at(3)).from == 0);
    check(at(2), at(1), STUN_REQUEST | STUN_BINDING, "c:d"); /* known ones still change */
    ck_assert(find(at(1), at(2)).from != find(at(100), at(3)).from);
    explainpairs_free(p);
}
END_TEST

/* Two pairs of one sender that fall into one place (ports that differ by as many as there are). */
START_TEST(pairs_that_collide)
{
    enum { PLACES = 2 * EXPLAINPAIRS_MAX };
    p = explainpairs_new();
    check(at(1), at(2), STUN_REQUEST | STUN_BINDING, "BOB1:ALICE");
    check(at(1), at(2 + PLACES), STUN_REQUEST | STUN_BINDING, "CAROL:ALICE");
    struct explainpair a = find(at(1), at(2)), b = find(at(1), at(2 + PLACES));
    struct explainpair c = find(at(2 + PLACES), at(1));
    ck_assert(a.from == b.from && a.to != b.to);
    ck_assert(c.from == b.to && c.to == b.from);
    ck_assert_uint_eq(find(at(1), at(2 + 2 * PLACES)).from, 0);
    explainpairs_free(p);
}
END_TEST

SUITE("apps explainpairs", all_pairs_of_a_session_have_the_same_two, other_messages_tell_nothing,
      more_pairs_than_are_kept, pairs_that_collide)
