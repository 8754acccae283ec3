#include "trace/keylog.h"

#include "tests/suite.h"

/* `random` as its first byte throughout, the master secret as the other. */
static struct keylog_secret secret_of(uint8_t random, uint8_t master)
{
    struct keylog_secret s;
    memset(s.random, random, sizeof s.random);
    memset(s.master, master, sizeof s.master);
    return s;
}

static void write_secret(struct writer *w, uint8_t random, uint8_t master)
{
    struct keylog_secret s = secret_of(random, master);
    keylog_write(w, &s);
}

START_TEST(a_line_is_as_nss_writes_it)
{
    uint8_t room[KEYLOG_LINE + 1];
    struct writer w = writer_of(room, sizeof room);
    write_secret(&w, 0xab, 0x0f);
    ck_assert_uint_eq(writer_len(&w), KEYLOG_LINE);
    ck_assert(bytes_starts(writer_done(&w), "CLIENT_RANDOM abababab"));
    ck_assert_int_eq(room[14 + 64], ' ');
    ck_assert_int_eq(room[14 + 64 + 1], '0');
    ck_assert_int_eq(room[KEYLOG_LINE - 1], '\n');
}
END_TEST

START_TEST(what_was_written_is_found_among_other_lines)
{
    uint8_t room[4096];
    struct keylog_secret s;
    struct writer w = writer_of(room, sizeof room);
    write_text(&w, "# a comment\r\n\r\nCLIENT_HANDSHAKE_TRAFFIC_SECRET 00 11\n");
    write_secret(&w, 1, 2);
    write_text(&w, "CLIENT_RANDOM 12\nCLIENT_RANDOM\nCLIENT_RANDOM ");
    write_text(&w, "\n");
    write_secret(&w, 3, 4);
    struct bytes log = writer_done(&w);
    ck_assert(keylog_find(log, secret_of(3, 0).random, &s));
    ck_assert_mem_eq(s.master, secret_of(0, 4).master, sizeof s.master);
    ck_assert(keylog_find(log, secret_of(1, 0).random, &s));
    ck_assert(!keylog_find(log, secret_of(5, 0).random, &s));
    /* Not found: no secret of somebody else's is left in it. */
    ck_assert_mem_eq(s.master, secret_of(0, 0).master, sizeof s.master);
}
END_TEST

START_TEST(capitals_and_other_line_ends_are_taken)
{
    uint8_t room[KEYLOG_LINE + 2];
    struct keylog_secret s;
    struct writer w = writer_of(room, sizeof room);
    write_secret(&w, 0xab, 0xcd);
    for (size_t i = 14; i < KEYLOG_LINE - 1; i++)
        if (room[i] >= 'a' && room[i] <= 'f') room[i] = (uint8_t)(room[i] - 'a' + 'A');
    ck_assert(keylog_find((struct bytes){room, KEYLOG_LINE}, secret_of(0xab, 0).random, &s));
    ck_assert(keylog_find((struct bytes){room, KEYLOG_LINE - 1}, secret_of(0xab, 0).random, &s));
    memcpy(room + KEYLOG_LINE - 1, "\r\n", 2);
    ck_assert(keylog_find((struct bytes){room, KEYLOG_LINE + 1}, secret_of(0xab, 0).random, &s));
}
END_TEST

START_TEST(every_cut_or_bent_line_is_passed_over)
{
    uint8_t room[KEYLOG_LINE];
    struct keylog_secret s;
    struct writer w = writer_of(room, sizeof room);
    write_secret(&w, 1, 2);
    for (size_t len = 0; len + 1 < sizeof room; len++)
        ck_assert(!keylog_find((struct bytes){room, len}, secret_of(1, 0).random, &s));
    for (size_t i = 0; i + 1 < sizeof room; i++) {
        uint8_t was = room[i];
        room[i] = 'z';
        ck_assert(!keylog_find((struct bytes){room, sizeof room}, secret_of(1, 0).random, &s));
        room[i] = was;
    }
}
END_TEST

SUITE("trace keylog", a_line_is_as_nss_writes_it, what_was_written_is_found_among_other_lines,
      capitals_and_other_line_ends_are_taken, every_cut_or_bent_line_is_passed_over)
