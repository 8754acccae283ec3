#include "dtls/keylog.h"

#include "dtls/internal.h"
#include "dtls/record.h"
#include "tests/dtls/pair.h"
#include "tests/suite.h"

static struct pair pair;

static void connect_both(void)
{
    pair_introduce(&pair, DTLS_SHA256);
    pair_start(&pair);
    pair_run(&pair, SEC(5));
    ck_assert_int_eq(pair_state(&pair, PAIR_CLIENT), DTLS_CONNECTED);
    ck_assert_int_eq(pair_state(&pair, PAIR_SERVER), DTLS_CONNECTED);
}

/* Both sides have the same secret, under the random of the client. */
START_TEST(both_sides_say_the_same_line_once)
{
    char client[DTLS_KEYLOG_MAX], server[DTLS_KEYLOG_MAX];
    pair_init(&pair, MS(1), 0);
    for (int i = 0; i < 2; i++) dtls_keylog_ask(pair.side[i]);
    ck_assert(!dtls_keylog_take(pair.side[PAIR_CLIENT], client));
    connect_both();
    ck_assert(dtls_keylog_take(pair.side[PAIR_CLIENT], client));
    ck_assert(dtls_keylog_take(pair.side[PAIR_SERVER], server));
    ck_assert_str_eq(client, server);
    ck_assert_uint_eq(strlen(client), 14 + 64 + 1 + 96);
    ck_assert(bytes_starts(bytes_of(client), "CLIENT_RANDOM "));
    ck_assert(!dtls_keylog_take(pair.side[PAIR_CLIENT], client));
    ck_assert(!dtls_keylog_take(pair.side[PAIR_SERVER], server));
    pair_free(&pair);
}
END_TEST

static bool is_zero(const char *at, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (at[i]) return false;
    return true;
}

/* Who did not ask keeps nothing, though the other connections of its identity did; and who has
 * given it out keeps nothing either. */
START_TEST(nothing_is_kept_that_was_not_asked_for_or_was_taken)
{
    char line[DTLS_KEYLOG_MAX];
    pair_init(&pair, MS(1), 0);
    dtls_keylog_ask(pair.side[PAIR_CLIENT]);
    connect_both();
    ck_assert(is_zero(pair.side[PAIR_SERVER]->keylog, sizeof pair.side[PAIR_SERVER]->keylog));
    ck_assert(!dtls_keylog_take(pair.side[PAIR_SERVER], line));
    ck_assert(dtls_keylog_take(pair.side[PAIR_CLIENT], line));
    ck_assert(is_zero(pair.side[PAIR_CLIENT]->keylog, sizeof pair.side[PAIR_CLIENT]->keylog));
    pair_free(&pair);

    pair_init(&pair, MS(1), 0); /* with the same identities, which have had the callback */
    connect_both();
    for (int i = 0; i < 2; i++) ck_assert(!dtls_keylog_take(pair.side[i], line));
    pair_free(&pair);
}
END_TEST

static bool early; /* a record that needs keys was sent before the line was there */

static void watch(struct pair *p, int from, const struct packet *packet)
{
    struct reader r = reader_of(packet_bytes(packet));
    for (struct dtls_record record; dtls_record_next(&r, &record);)
        if (record.epoch > 0 && !p->side[from]->keylog[0]) early = true;
    pair_send(p, from, packet);
}

START_TEST(the_line_is_there_before_what_needs_it)
{
    pair_init(&pair, MS(1), 0);
    pair.send = watch;
    early = false;
    for (int i = 0; i < 2; i++) dtls_keylog_ask(pair.side[i]);
    connect_both();
    ck_assert(!early);
    pair_free(&pair);
}
END_TEST

SUITE("dtls keylog", both_sides_say_the_same_line_once,
      nothing_is_kept_that_was_not_asked_for_or_was_taken, the_line_is_there_before_what_needs_it)
