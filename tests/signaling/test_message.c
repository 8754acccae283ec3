#include "tests/suite.h"

#include "signaling/message.h"

#include <jansson.h>

#include <string.h>

static struct sig_message m;
static struct arena arena;

static enum err parse(const char *text)
{
    arena_free(&arena);
    arena_init(&arena, 2 * SIG_RELAYED_MAX);
    return sig_message_parse(&m, bytes_of(text), &arena);
}

/* Writes `m` and expects this text. */
static void expect_written(const char *text)
{
    char room[1024];
    struct writer w = writer_of(room, sizeof room);
    ck_assert_int_eq(sig_message_write(&m, &w), OK);
    char got[1024];
    ck_assert_str_eq(bytes_to_text(writer_done(&w), got, sizeof got), text);
}

START_TEST(each_type_there_and_back)
{
    static const char *const texts[] = {
        "{\"type\":\"welcome\",\"id\":\"a\",\"peers\":[]}",
        "{\"type\":\"welcome\",\"id\":\"a\",\"peers\":[\"b\",\"c\"]}",
        "{\"type\":\"join\",\"id\":\"b\"}",
        "{\"type\":\"leave\",\"id\":\"b\"}",
        "{\"type\":\"error\",\"code\":\"no-such-peer\",\"message\":\"gone\"}",
        "{\"type\":\"offer\",\"to\":\"b\",\"sdp\":\"v=0\\r\\n\"}",
        "{\"type\":\"answer\",\"from\":\"b\",\"sdp\":\"v=0\\r\\n\\\"\\\\\"}",
        "{\"type\":\"candidate\",\"to\":\"b\",\"candidate\":{\"candidate\":\"candidate:1 1 udp 1 "
        "192.0.2.1 9 typ host\",\"sdpMid\":\"0\",\"sdpMLineIndex\":0,\"usernameFragment\":\"abcd\"}"
        "}",
        "{\"type\":\"candidate\",\"to\":\"b\",\"candidate\":{\"candidate\":\"candidate:1\","
        "\"sdpMid\":null,\"sdpMLineIndex\":null,\"usernameFragment\":null}}",
        "{\"type\":\"candidate\",\"to\":\"b\",\"candidate\":{\"candidate\":\"\",\"sdpMid\":\"0\","
        "\"sdpMLineIndex\":65535,\"usernameFragment\":null}}",
        "{\"type\":\"candidate\",\"to\":\"b\",\"candidate\":null}",
        "{\"type\":\"bye\",\"to\":\"b\"}",
        "{\"type\":\"offer\",\"to\":\"b\",\"sdp\":\"v=0\\r\\n\",\"key\":\"k\"}",
        "{\"type\":\"bye\",\"to\":\"b\",\"key\":\"k\"}",
        "{\"type\":\"answer\",\"to\":\"b\",\"sdp\":\"v=0\\r\\n\",\"watchable\":true}",
        "{\"type\":\"watch\",\"to\":\"b\",\"on\":true}",
        "{\"type\":\"watch\",\"to\":\"b\",\"on\":false}",
        "{\"type\":\"trace\",\"to\":\"b\"}",
        "{\"type\":\"explain\",\"to\":\"b\",\"number\":4294967295}",
        "{\"type\":\"explained\",\"to\":\"b\",\"number\":7,\"more\":true}",
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        ck_assert_msg(parse(texts[i]) == OK, "%s: %s", texts[i], m.fault.rule);
        ck_assert_int_eq(m.refusal, SIG_REFUSED_NOT);
        expect_written(texts[i]);
    }
    arena_free(&arena);
}
END_TEST

/* What a trace says is written as it is given, and skipped by whoever reads it here. */
START_TEST(a_body_is_written_and_not_read)
{
    json_t *lines = json_pack("[{s:i}]", "t", 1), *fields = json_pack("{s:s}", "type", "stun");
    m = (struct sig_message){.type = SIG_TRACE, .body = lines};
    sig_id_set(&m.to, bytes_of("b"));
    expect_written("{\"type\":\"trace\",\"to\":\"b\",\"lines\":[{\"t\":1}]}");
    m.type = SIG_EXPLAINED, m.number = 7, m.body = fields;
    const char *text =
        "{\"type\":\"explained\",\"to\":\"b\",\"number\":7,\"explain\":{\"type\":\"stun\"}}";
    expect_written(text);
    ck_assert_int_eq(parse(text), OK);
    ck_assert_uint_eq(m.number, 7);
    ck_assert_ptr_null(m.body);
    json_decref(lines), json_decref(fields);
    arena_free(&arena);
}
END_TEST

START_TEST(fields_of_a_candidate)
{
    ck_assert_int_eq(parse("{\"type\":\"candidate\",\"to\":\"b\",\"candidate\":{\"candidate\":"
                           "\"candidate:1\",\"sdpMid\":\"\",\"sdpMLineIndex\":3}}"),
                     OK);
    ck_assert(!m.end_of_candidates);
    ck_assert(bytes_is(m.candidate.candidate, "candidate:1"));
    ck_assert_ptr_nonnull(m.candidate.mid.at);
    ck_assert_uint_eq(m.candidate.mid.len, 0);
    ck_assert_int_eq(m.candidate.mline_index, 3);
    ck_assert_ptr_null(m.candidate.ufrag.at);
    static const char *const ends[] = {"null", "{}", "{\"candidate\":\"\"}",
                                       "{\"candidate\":null}"};
    for (size_t i = 0; i < COUNT(ends); i++) {
        char text[100];
        snprintf(text, sizeof text, "{\"type\":\"candidate\",\"candidate\":%s}", ends[i]);
        ck_assert_int_eq(parse(text), OK);
        ck_assert(m.end_of_candidates);
        ck_assert_int_eq(m.candidate.mline_index, -1);
    }
    arena_free(&arena);
}
END_TEST

START_TEST(unknown_members_are_ignored)
{
    ck_assert_int_eq(parse("{\"x\":{\"y\":[1,2.5,null]},\"type\":\"bye\",\"to\":\"b\",\"sdp\":7}"),
                     OK);
    expect_written("{\"type\":\"bye\",\"to\":\"b\"}");
    ck_assert_int_eq(parse("{\"type\":\"bye\",\"to\":\"b\",\"key\":[\"no id\"]}"), OK);
    ck_assert_str_eq(m.key.text, "");
    arena_free(&arena);
}
END_TEST

START_TEST(how_each_bad_message_is_answered)
{
    static const struct {
        const char *text;
        enum sig_refusal refusal;
        enum err err;
    } cases[] = {
        {"{", SIG_BAD_JSON, E_MALFORMED},
        {"{}", SIG_BAD_MESSAGE, E_MALFORMED},
        {"{\"type\":1}", SIG_BAD_MESSAGE, E_MALFORMED},
        {"{\"type\":\"Offer\"}", SIG_UNKNOWN_TYPE, E_UNSUPPORTED},
        {"{\"type\":\"offer2\"}", SIG_UNKNOWN_TYPE, E_UNSUPPORTED},
        {"{\"type\":\"\"}", SIG_UNKNOWN_TYPE, E_UNSUPPORTED},
        {"{\"type\":\"offer\",\"to\":\"b\"}", SIG_BAD_MESSAGE, E_MALFORMED},
        {"{\"type\":\"offer\",\"to\":\"b\",\"sdp\":null}", SIG_BAD_MESSAGE, E_MALFORMED},
        {"{\"type\":\"offer\",\"to\":\"\",\"sdp\":\"\"}", SIG_BAD_MESSAGE, E_MALFORMED},
        {"{\"type\":\"offer\",\"to\":5,\"sdp\":\"\"}", SIG_BAD_MESSAGE, E_MALFORMED},
        {"{\"type\":\"offer\",\"from\":\"a b\",\"sdp\":\"\"}", SIG_BAD_MESSAGE, E_MALFORMED},
        {"{\"type\":\"watch\",\"to\":\"b\"}", SIG_BAD_MESSAGE, E_MALFORMED},
        {"{\"type\":\"watch\",\"to\":\"b\",\"on\":1}", SIG_BAD_MESSAGE, E_MALFORMED},
        {"{\"type\":\"explain\",\"to\":\"b\"}", SIG_BAD_MESSAGE, E_MALFORMED},
        {"{\"type\":\"explain\",\"to\":\"b\",\"number\":-1}", SIG_BAD_MESSAGE, E_MALFORMED},
        {"{\"type\":\"explain\",\"to\":\"b\",\"number\":4294967296}", SIG_BAD_MESSAGE, E_MALFORMED},
        {"{\"type\":\"welcome\",\"id\":\"a\"}", SIG_BAD_MESSAGE, E_MALFORMED},
        {"{\"type\":\"welcome\",\"peers\":[]}", SIG_BAD_MESSAGE, E_MALFORMED},
        {"{\"type\":\"welcome\",\"id\":\"a\",\"peers\":[1]}", SIG_BAD_MESSAGE, E_MALFORMED},
        {"{\"type\":\"join\"}", SIG_BAD_MESSAGE, E_MALFORMED},
        {"{\"type\":\"error\"}", SIG_BAD_MESSAGE, E_MALFORMED},
        {"{\"type\":\"candidate\"}", SIG_BAD_MESSAGE, E_MALFORMED},
        {"{\"type\":\"candidate\",\"candidate\":\"x\"}", SIG_BAD_MESSAGE, E_MALFORMED},
        {"{\"type\":\"candidate\",\"candidate\":{\"candidate\":1}}", SIG_BAD_MESSAGE, E_MALFORMED},
        {"{\"type\":\"candidate\",\"candidate\":{\"sdpMid\":1}}", SIG_BAD_MESSAGE, E_MALFORMED},
        {"{\"type\":\"candidate\",\"candidate\":{\"sdpMLineIndex\":-1}}", SIG_BAD_MESSAGE,
         E_MALFORMED},
        {"{\"type\":\"candidate\",\"candidate\":{\"sdpMLineIndex\":65536}}", SIG_BAD_MESSAGE,
         E_MALFORMED},
        {"{\"type\":\"candidate\",\"candidate\":{\"sdpMLineIndex\":0.5}}", SIG_BAD_MESSAGE,
         E_MALFORMED},
        {"{\"type\":\"candidate\",\"candidate\":{\"sdpMLineIndex\":\"0\"}}", SIG_BAD_MESSAGE,
         E_MALFORMED},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        ck_assert_msg(parse(cases[i].text) == cases[i].err, "%s", cases[i].text);
        ck_assert_msg(m.refusal == cases[i].refusal, "%s", cases[i].text);
        ck_assert_ptr_nonnull(m.fault.rule);
    }
    arena_free(&arena);
}
END_TEST

START_TEST(peers_have_a_bound)
{
    char text[2000];
    for (size_t peers = SIG_PEERS_MAX; peers <= SIG_PEERS_MAX + 1; peers++) {
        size_t n = (size_t)sprintf(text, "{\"type\":\"welcome\",\"id\":\"a\",\"peers\":[");
        for (size_t i = 0; i < peers; i++) n += (size_t)sprintf(text + n, "%s\"p\"", i ? "," : "");
        sprintf(text + n, "]}");
        ck_assert_int_eq(parse(text), peers == SIG_PEERS_MAX ? OK : E_FULL);
    }
    arena_free(&arena);
}
END_TEST

START_TEST(what_can_not_be_written)
{
    char room[200];
    m = (struct sig_message){.type = SIG_OFFER, .sdp = bytes_of("\xFF")};
    struct writer w = writer_of(room, sizeof room);
    ck_assert_int_eq(sig_message_write(&m, &w), E_MALFORMED);
    m.sdp = (struct bytes){(const uint8_t *)"a\0b", 3};
    ck_assert_int_eq(sig_message_write(&m, &w), E_MALFORMED);
    m.sdp = bytes_of("fine");
    w = writer_of(room, 10);
    ck_assert_int_eq(sig_message_write(&m, &w), E_FULL);
    ck_assert_ptr_null(writer_done(&w).at);
    /* Longer than a server would take. */
    uint8_t *big = malloc(SIG_MESSAGE_MAX), *out = malloc(2 * SIG_MESSAGE_MAX);
    memset(big, 'x', SIG_MESSAGE_MAX);
    m.sdp = (struct bytes){big, SIG_MESSAGE_MAX};
    w = writer_of(out, 2 * SIG_MESSAGE_MAX);
    ck_assert_int_eq(sig_message_write(&m, &w), E_FULL);
    free(big), free(out);
}
END_TEST

START_TEST(rooms_and_ids)
{
    static const char *const good[] = {
        "a", "A-Z_0.9", "..", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"};
    static const char *const bad[] = {
        "",         "a b",
        "a/b",      "a%41",
        "\xC3\xA9", "a\n",
        "a+b",      "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdefg"};
    struct sig_id id;
    for (size_t i = 0; i < COUNT(good); i++) ck_assert(sig_room_valid(bytes_of(good[i])));
    for (size_t i = 0; i < COUNT(bad); i++) ck_assert(!sig_room_valid(bytes_of(bad[i])));
    ck_assert(!sig_room_valid((struct bytes){(const uint8_t *)"a\0b", 3}));
    ck_assert(sig_id_set(&id, bytes_of(good[3])));
    ck_assert_str_eq(id.text, good[3]);
    ck_assert(!sig_id_set(&id, bytes_of(bad[7])));
    ck_assert_str_eq(id.text, "");
    ck_assert(!sig_id_set(&id, (struct bytes){(const uint8_t *)"a\0b", 3}));
}
END_TEST

START_TEST(a_browsers_offer_survives)
{
    struct bytes file = suite_file("tests/signaling/chromium-offer.sdp");
    uint8_t *out = malloc(SIG_MESSAGE_MAX);
    m = (struct sig_message){.type = SIG_OFFER, .to = {"b"}, .sdp = file};
    struct writer w = writer_of(out, SIG_MESSAGE_MAX);
    ck_assert_int_eq(sig_message_write(&m, &w), OK);
    arena_init(&arena, 2 * SIG_RELAYED_MAX);
    ck_assert_int_eq(sig_message_parse(&m, writer_done(&w), &arena), OK);
    ck_assert(bytes_equal(m.sdp, file));
    arena_free(&arena);
    free(out);
    free((void *)(uintptr_t)file.at);
}
END_TEST

SUITE("signaling message", each_type_there_and_back, a_body_is_written_and_not_read,
      fields_of_a_candidate, unknown_members_are_ignored, how_each_bad_message_is_answered,
      peers_have_a_bound, what_can_not_be_written, rooms_and_ids, a_browsers_offer_survives)
