#include "dtls/flights.h"
#include "dtls/record.h"
#include "tests/suite.h"

/* A record of one whole handshake message without a body, or of an alert, in clear or encrypted. */
static struct bytes record(uint8_t content, uint16_t epoch, uint8_t handshake)
{
    static uint8_t room[64];
    struct writer w = writer_of(room, sizeof room);
    write_u8(&w, content);
    write_u16(&w, DTLS_VERSION_1_2);
    write_u16(&w, epoch);
    write_u48(&w, 0);
    write_u16(&w, DTLS_FRAGMENT_HEADER);
    write_u8(&w, handshake);
    write_zeros(&w, DTLS_FRAGMENT_HEADER - 1);
    return writer_done(&w);
}

enum { CLIENT_HELLO = 1, SERVER_HELLO = 2, CERTIFICATE = 11, HELLO_DONE = 14, KEY_EXCHANGE = 16 };

static struct bytes message(uint8_t type)
{
    return record(DTLS_CONTENT_HANDSHAKE, 0, type);
}

START_TEST(a_flight_is_what_one_side_says_at_once)
{
    struct dtls_flights f = {.count = 0};
    dtls_flights_note(&f, message(CLIENT_HELLO), true, MS(100));
    dtls_flights_note(&f, message(SERVER_HELLO), false, MS(101));
    dtls_flights_note(&f, message(CERTIFICATE), false, MS(102));
    dtls_flights_note(&f, message(HELLO_DONE), false, MS(103));
    dtls_flights_note(&f, message(CERTIFICATE), true, MS(104));
    dtls_flights_note(&f, message(KEY_EXCHANGE), true, MS(105));
    dtls_flights_note(&f, record(DTLS_CONTENT_HANDSHAKE, 1, HELLO_DONE), true, MS(105));
    ck_assert_uint_eq(f.count, 3);
    ck_assert(f.items[0].sent && f.items[0].first == CLIENT_HELLO && f.items[0].datagrams == 1);
    ck_assert(!f.items[1].sent && f.items[1].at == MS(101) && f.items[1].datagrams == 3);
    ck_assert(f.items[1].first == SERVER_HELLO && f.items[1].last == HELLO_DONE);
    /* Of what is encrypted nothing is known but that it was there. */
    ck_assert(f.items[2].last == KEY_EXCHANGE && f.items[2].datagrams == 3);
}
END_TEST

START_TEST(sent_again_is_another_flight)
{
    struct dtls_flights f = {.count = 0};
    dtls_flights_note(&f, message(CLIENT_HELLO), true, 0);
    dtls_flights_note(&f, message(CLIENT_HELLO), true, DTLS_FLIGHT_GAP - 1);
    dtls_flights_note(&f, message(CLIENT_HELLO), true, 2 * DTLS_FLIGHT_GAP);
    ck_assert_uint_eq(f.count, 2);
    ck_assert_uint_eq(f.items[0].datagrams, 2);
    ck_assert_int_eq(f.items[1].at, 2 * DTLS_FLIGHT_GAP);
}
END_TEST

START_TEST(nothing_in_clear_and_nothing_right)
{
    struct dtls_flights f = {.count = 0};
    struct bytes whole = message(CLIENT_HELLO);
    dtls_flights_note(&f, record(DTLS_CONTENT_ALERT, 0, 0), true, 0);
    dtls_flights_note(&f, record(DTLS_CONTENT_HANDSHAKE, 1, CLIENT_HELLO), false, 0);
    ck_assert(f.items[0].first == DTLS_FLIGHT_NONE && f.items[1].first == DTLS_FLIGHT_NONE);
    for (size_t len = 0; len < whole.len; len++) {
        f.count = 0;
        dtls_flights_note(&f, bytes_slice(whole, 0, len), false, 0);
        ck_assert_uint_eq(f.count, 1);
        ck_assert_uint_eq(f.items[0].first, DTLS_FLIGHT_NONE);
    }
}
END_TEST

START_TEST(the_first_ones_are_kept)
{
    struct dtls_flights f = {.count = 0};
    for (int i = 0; i < 100; i++) dtls_flights_note(&f, message(CLIENT_HELLO), i % 2, SEC(i));
    ck_assert_uint_eq(f.count, DTLS_FLIGHTS_MAX);
    ck_assert_int_eq(f.items[DTLS_FLIGHTS_MAX - 1].at, SEC(DTLS_FLIGHTS_MAX - 1));
    ck_assert_uint_eq(f.items[DTLS_FLIGHTS_MAX - 1].datagrams, 1);
}
END_TEST

SUITE("dtls flights", a_flight_is_what_one_side_says_at_once, sent_again_is_another_flight,
      nothing_in_clear_and_nothing_right, the_first_ones_are_kept)
