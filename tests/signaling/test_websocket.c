#include "tests/suite.h"

#include "signaling/websocket.h"

#include <string.h>

/* A reader of `role` fed with `in`, whole or byte by byte; what came out as one line of text. */
static const char *read_all(enum ws_role role, size_t max, struct bytes in, bool whole)
{
    static char log[2][4096];
    char *text = log[whole];
    size_t n = 0;
    struct ws_reader r;
    ws_reader_init(&r, role, max);
    text[0] = 0;
    for (size_t at = 0; at <= in.len; at++) {
        struct bytes part = whole ? in : bytes_slice(in, at, 1);
        struct ws_item item;
        enum err err;
        while ((err = ws_read(&r, &part, &item)) == OK) {
            int shown = item.data.len < 20 ? (int)item.data.len : 20;
            n += (size_t)snprintf(text + n, 4096 - n, "%d@%u:%zu:%.*s ", item.opcode,
                                  (unsigned)item.offset, item.data.len, shown,
                                  shown ? (const char *)item.data.at : "");
            if (item.opcode == WS_CLOSE)
                n += (size_t)snprintf(text + n, 4096 - n, "(%d) ", item.code);
        }
        if (err != E_TRUNCATED) {
            ck_assert_int_eq(err, r.fault.err);
            ck_assert_ptr_nonnull(r.fault.rule);
            ck_assert_int_eq(ws_read(&r, &part, &item), err); /* failed for good */
            snprintf(text + n, 4096 - n, "fail %d at %zu", r.close_code, r.fault.offset);
            break;
        }
        ck_assert_uint_eq(part.len, 0);
        if (whole) break;
    }
    if (ws_reader_incomplete(&r)) strcat(text, "...");
    ws_reader_free(&r);
    return text;
}

static void expect(enum ws_role role, const char *bytes, size_t len, const char *want)
{
    struct bytes in = {(const uint8_t *)bytes, len};
    ck_assert_str_eq(read_all(role, 1000, in, true), want);
    ck_assert_str_eq(read_all(role, 1000, in, false), want);
}

#define EXPECT(role, bytes, want) expect(role, bytes, sizeof(bytes) - 1, want)

START_TEST(examples_of_rfc6455_5_7)
{
    EXPECT(WS_CLIENT, "\x81\x05Hello", "1@0:5:Hello ");
    EXPECT(WS_SERVER, "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", "1@0:5:Hello ");
    EXPECT(WS_CLIENT, "\x01\x03Hel\x80\x02lo", "1@0:5:Hello ");
    EXPECT(WS_CLIENT, "\x89\x05Hello", "9@0:5:Hello ");
    EXPECT(WS_SERVER, "\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", "10@0:5:Hello ");
    uint8_t big[4 + 256] = {0x82, 0x7E, 0x01, 0x00};
    ck_assert_str_eq(read_all(WS_CLIENT, 1000, (struct bytes){big, sizeof big}, true), "2@0:256: ");
    uint8_t *huge = calloc(1, 10 + 65536);
    memcpy(huge, "\x82\x7F\0\0\0\0\0\1\0\0", 10);
    ck_assert_str_eq(read_all(WS_CLIENT, 65536, (struct bytes){huge, 10 + 65536}, true),
                     "2@0:65536: ");
    ck_assert_str_eq(read_all(WS_CLIENT, 65535, (struct bytes){huge, 10 + 65536}, true),
                     "fail 1009 at 0");
    free(huge);
}
END_TEST

START_TEST(fragments_with_a_ping_between)
{
    EXPECT(WS_CLIENT, "\x01\x02He\x89\x01p\x00\x00\x00\x02ll\x80\x01o\x81\x00",
           "9@4:1:p 1@0:5:Hello 1@16:0: ");
}
END_TEST

START_TEST(every_prefix_waits_for_more)
{
    static const char stream[] = "\x01\x03Hel\x80\x02lo\x82\x7E\x00\x7E"; /* and 126 zeros */
    uint8_t bytes[sizeof stream - 1 + 126] = {0};
    memcpy(bytes, stream, sizeof stream - 1);
    for (size_t n = 1; n < sizeof bytes; n++) {
        const char *got = read_all(WS_CLIENT, 1000, (struct bytes){bytes, n}, true);
        ck_assert_msg(n == 9 || strstr(got, "..."), "%zu: %s", n, got);
        ck_assert_ptr_null(strstr(got, "fail"));
    }
}
END_TEST

START_TEST(inv_66_what_is_wrong_is_not_waited_for)
{
    EXPECT(WS_CLIENT, "\xC1", "fail 1002 at 0"); /* RSV1 */
    EXPECT(WS_CLIENT, "\xA1", "fail 1002 at 0"); /* RSV2 */
    EXPECT(WS_CLIENT, "\x91", "fail 1002 at 0"); /* RSV3 */
    EXPECT(WS_CLIENT, "\x83", "fail 1002 at 0"); /* reserved data opcode */
    EXPECT(WS_CLIENT, "\x8B", "fail 1002 at 0"); /* reserved control opcode */
    EXPECT(WS_CLIENT, "\x80", "fail 1002 at 0"); /* continues nothing */
    EXPECT(WS_CLIENT, "\x81\x00\x80", "1@0:0: fail 1002 at 2");
    EXPECT(WS_CLIENT, "\x01\x00\x81", "fail 1002 at 2"); /* a message inside a message */
    EXPECT(WS_CLIENT, "\x01\x00\x02", "fail 1002 at 2");
    EXPECT(WS_CLIENT, "\x09", "fail 1002 at 0"); /* a ping in fragments */
    EXPECT(WS_CLIENT, "\x08", "fail 1002 at 0");
    EXPECT(WS_CLIENT, "\x89\x7E", "fail 1002 at 0"); /* a ping above 125 */
    EXPECT(WS_CLIENT, "\x88\x7F", "fail 1002 at 0");
    EXPECT(WS_CLIENT, "\x88\x01", "fail 1002 at 0");         /* half a code */
    EXPECT(WS_CLIENT, "\x81\x85", "fail 1002 at 0");         /* masked by a server */
    EXPECT(WS_SERVER, "\x81\x05", "fail 1002 at 0");         /* bare from a client */
    EXPECT(WS_CLIENT, "\x81\x7E\x00\x7D", "fail 1002 at 0"); /* 125 in three bytes */
    EXPECT(WS_CLIENT, "\x81\x7F\0\0\0\0\0\0\xFF\xFF", "fail 1002 at 0");
}
END_TEST

START_TEST(inv_65_lengths_of_64_bits)
{
    static const char *const want = "fail 1009 at 0";
    EXPECT(WS_CLIENT, "\x82\x7F\x80\0\0\0\0\0\0\0", "fail 1002 at 0"); /* 2^63: RFC 6455 5.2 */
    EXPECT(WS_CLIENT, "\x82\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", "fail 1002 at 0");
    expect(WS_CLIENT, "\x82\x7F\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 10, want);
    expect(WS_CLIENT, "\x82\x7F\0\0\0\1\0\0\0\5", 10, want); /* 2^32 + 5 */
    expect(WS_CLIENT, "\x82\x7F\0\0\0\0\0\1\0\0", 10, want);
}
END_TEST

START_TEST(inv_64_the_limit_is_the_messages)
{
    struct bytes in = bytes_of("\x01\x04"
                               "abcd\x80\x04"
                               "efgh");
    ck_assert_str_eq(read_all(WS_CLIENT, 8, in, true), "1@0:8:abcdefgh ");
    ck_assert_str_eq(read_all(WS_CLIENT, 7, in, true), "fail 1009 at 6");
    ck_assert_str_eq(read_all(WS_CLIENT, 7, in, false), "fail 1009 at 6");
    /* The announced length is enough: no payload has come. */
    ck_assert_str_eq(read_all(WS_CLIENT, 7, bytes_slice(in, 0, 8), true), "fail 1009 at 6");
    /* Control frames are no part of it. */
    in = bytes_of("\x01\x04"
                  "abcd\x89\x05Hello\x80\x03"
                  "efg");
    ck_assert_str_eq(read_all(WS_CLIENT, 7, in, true), "9@6:5:Hello 1@0:7:abcdefg ");
}
END_TEST

START_TEST(inv_63_tiny_fragments_cost_no_more_than_their_bytes)
{
    struct ws_reader r;
    struct ws_item item;
    ws_reader_init(&r, WS_CLIENT, 65536);
    struct bytes first = bytes_of("\x02\x01x");
    ck_assert_int_eq(ws_read(&r, &first, &item), E_TRUNCATED);
    int wrong = 0;
    for (int i = 1; i < 65536; i++) {
        struct bytes in = {(const uint8_t *)"\x00\x00\x00\x01x", 5}; /* an empty one, one of one */
        wrong += ws_read(&r, &in, &item) != E_TRUNCATED;
        wrong += r.message.room > 2 * r.message.len + BUFFER_FIRST;
    }
    ck_assert_int_eq(wrong, 0);
    struct bytes more = {(const uint8_t *)"\x00\x01x", 3};
    ck_assert_int_eq(ws_read(&r, &more, &item), E_FULL);
    ck_assert_uint_eq(r.message.room, 0);
    ws_reader_free(&r);
}
END_TEST

START_TEST(an_announced_length_takes_no_memory)
{
    struct ws_reader r;
    struct ws_item item;
    ws_reader_init(&r, WS_CLIENT, 65536);
    struct bytes in = {(const uint8_t *)"\x82\x7E\xFF\xFFxy", 6};
    ck_assert_int_eq(ws_read(&r, &in, &item), E_TRUNCATED);
    ck_assert_uint_le(r.message.room, BUFFER_FIRST);
    ws_reader_free(&r);
}
END_TEST

START_TEST(text_is_utf8)
{
    EXPECT(WS_CLIENT, "\x81\x04\xF0\x9F\x98\x80", "1@0:4:\xF0\x9F\x98\x80 ");
    EXPECT(WS_CLIENT, "\x01\x02\xF0\x9F\x80\x02\x98\x80", "1@0:4:\xF0\x9F\x98\x80 ");
    EXPECT(WS_CLIENT,
           "\x81\x03"
           "ab\xFF",
           "fail 1007 at 4");
    EXPECT(WS_CLIENT,
           "\x81\x10"
           "ab\xFF",
           "fail 1007 at 4");                                /* before the message is whole */
    EXPECT(WS_CLIENT, "\x81\x02\xE2\x82", "fail 1007 at 4"); /* ends inside a character */
    EXPECT(WS_CLIENT, "\x01\x02\xE2\x82\x80\x00", "fail 1007 at 6");
    EXPECT(WS_CLIENT, "\x82\x01\xFF", "2@0:1:\xFF "); /* binary is anything */
    EXPECT(WS_CLIENT, "\x89\x01\xFF", "9@0:1:\xFF ");
}
END_TEST

START_TEST(close_frames)
{
    EXPECT(WS_CLIENT, "\x88\x00", "8@0:0: (1005) ");
    EXPECT(WS_CLIENT, "\x88\x02\x03\xE8", "8@0:0: (1000) ");
    EXPECT(WS_CLIENT,
           "\x88\x05\x03\xF1"
           "big",
           "8@0:3:big (1009) ");
    EXPECT(WS_CLIENT, "\x88\x02\x03\xED", "fail 1002 at 0"); /* 1005 */
    EXPECT(WS_CLIENT, "\x88\x02\x03\xE7", "fail 1002 at 0"); /* 999 */
    EXPECT(WS_CLIENT, "\x88\x03\x03\xE8\xFF", "fail 1007 at 0");
    /* What follows is nobody's: RFC 6455 1.4. */
    EXPECT(WS_CLIENT, "\x88\x00\xFF\xFF\xFF", "8@0:0: (1005) ");
    EXPECT(WS_CLIENT,
           "\x01\x01"
           "a\x88\x00",
           "8@3:0: (1005) ");
    static const struct {
        uint16_t code;
        bool valid;
    } codes[] = {{0, 0},    {999, 0},  {1000, 1}, {1003, 1}, {1004, 0}, {1005, 0},
                 {1006, 0}, {1007, 1}, {1014, 1}, {1015, 0}, {1016, 0}, {2999, 0},
                 {3000, 1}, {4999, 1}, {5000, 0}, {65535, 0}};
    for (size_t i = 0; i < COUNT(codes); i++)
        ck_assert_int_eq(ws_code_valid(codes[i].code), codes[i].valid);
}
END_TEST

START_TEST(what_we_write_we_read)
{
    static const size_t lens[] = {0, 1, 125, 126, 127, 65535, 65536};
    struct rng rng;
    rng_init_number(&rng, 3);
    for (size_t i = 0; i < COUNT(lens); i++) {
        for (int role = WS_SERVER; role <= WS_CLIENT; role++) {
            uint8_t *data = calloc(1, lens[i] + 1), *frame = malloc(lens[i] + WS_OVERHEAD_MAX);
            rng_fill(&rng, data, lens[i]);
            struct writer w = writer_of(frame, lens[i] + WS_OVERHEAD_MAX);
            ws_write(&w, role, WS_BINARY, (struct bytes){data, lens[i]}, &rng);
            struct bytes in = writer_done(&w);
            ck_assert_ptr_nonnull(in.at);
            struct ws_reader r;
            struct ws_item item;
            ws_reader_init(&r, role == WS_SERVER ? WS_CLIENT : WS_SERVER, 65536);
            ck_assert_int_eq(ws_read(&r, &in, &item), OK);
            ck_assert(bytes_equal(item.data, (struct bytes){data, lens[i]}));
            ws_reader_free(&r);
            free(data), free(frame);
        }
    }
}
END_TEST

START_TEST(masks_are_fresh)
{
    struct rng rng;
    uint8_t a[32], b[32];
    rng_init_number(&rng, 3);
    struct writer wa = writer_of(a, sizeof a), wb = writer_of(b, sizeof b);
    ws_write(&wa, WS_CLIENT, WS_TEXT, bytes_of("same"), &rng);
    ws_write(&wb, WS_CLIENT, WS_TEXT, bytes_of("same"), &rng);
    ck_assert_mem_ne(a, b, writer_len(&wa));
}
END_TEST

/* RFC 6455 §5.3: what finds no room is not masked where it would have been. */
START_TEST(a_frame_without_room)
{
    struct rng rng;
    rng_init_number(&rng, 3);
    for (size_t len = 0; len < 2 + 4 + 5; len++) {
        uint8_t room[32];
        memset(room, 0xEE, sizeof room);
        struct writer w = writer_of(room, len);
        ws_write(&w, WS_CLIENT, WS_TEXT, bytes_of("hello"), &rng);
        ck_assert_int_eq(w.err, E_FULL);
        ck_assert_ptr_null(writer_done(&w).at);
        for (size_t i = len; i < sizeof room; i++) ck_assert_uint_eq(room[i], 0xEE);
    }
}
END_TEST

START_TEST(a_close_we_write)
{
    uint8_t frame[WS_CONTROL_MAX + WS_OVERHEAD_MAX];
    struct writer w = writer_of(frame, sizeof frame);
    ws_write_close(&w, WS_SERVER, WS_TOO_LARGE, "too long", NULL);
    ck_assert_str_eq(read_all(WS_CLIENT, 10, writer_done(&w), true), "8@0:8:too long (1009) ");
    char reason[300];
    memset(reason, 'x', sizeof reason - 1);
    reason[299] = 0;
    w = writer_of(frame, sizeof frame);
    ws_write_close(&w, WS_SERVER, WS_NORMAL, reason, NULL);
    ck_assert_uint_eq(writer_len(&w), 127);
    ck_assert(bytes_starts(bytes_of(read_all(WS_CLIENT, 10, writer_done(&w), true)), "8@0:123:"));
    w = writer_of(frame, sizeof frame);
    ws_write_close(&w, WS_SERVER, WS_NO_STATUS, "not said", NULL);
    ck_assert_uint_eq(writer_len(&w), 2);
}
END_TEST

SUITE("signaling websocket", examples_of_rfc6455_5_7, fragments_with_a_ping_between,
      every_prefix_waits_for_more, inv_66_what_is_wrong_is_not_waited_for,
      inv_65_lengths_of_64_bits, inv_64_the_limit_is_the_messages,
      inv_63_tiny_fragments_cost_no_more_than_their_bytes, an_announced_length_takes_no_memory,
      text_is_utf8, close_frames, what_we_write_we_read, masks_are_fresh, a_frame_without_room,
      a_close_we_write)
