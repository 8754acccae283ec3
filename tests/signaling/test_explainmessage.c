#include "signaling/explainmessage.h"

#include "tests/explained.h"

static bool told(struct explain **x, const char *text)
{
    *x = explain_new("ws", bytes_of(text));
    bool ours = sig_message_explain(*x, explain_message(*x), true);
    explained_is_sound(*x);
    ck_assert_int_eq(explain_fault(*x)->err, OK);
    return ours;
}

static void says(const char *text, const char *summary)
{
    struct explain *x;
    ck_assert_msg(told(&x, text), "%s", text);
    struct bytes is = explain_summary_text(x);
    ck_assert_msg(bytes_is(is, summary), "\"%.*s\"", (int)is.len, (const char *)is.at);
    struct bytes type = explained_field(x, "type")->value;
    ck_assert(bytes_equal(type, bytes_slice(is, 0, type.len)));
    ck_assert_uint_eq(explained_field(x, "type")->depth, 1);
    explain_free(x);
}

START_TEST(each_type_in_a_word)
{
    says("{\"type\":\"welcome\",\"id\":\"0123456789abcdef\",\"peers\":[\"p\"]}",
         "welcome 012345..");
    says("{\"type\":\"join\",\"id\":\"12345678\"}", "join 12345678");
    says("{\"type\":\"leave\",\"id\":\"123456789\"}", "leave 123456..");
    says("{\"type\":\"error\",\"code\":\"too-large\",\"message\":\"so\"}", "error too-large");
    says("{\"type\":\"offer\",\"to\":\"bob\",\"sdp\":\"v=0\\r\\n\"}", "offer to bob");
    says("{\"type\":\"answer\",\"from\":\"bob\",\"sdp\":\"v=0\\r\\n\"}", "answer from bob");
    says("{\"type\":\"candidate\",\"to\":\"b\",\"candidate\":null}", "candidate to b, the last");
    says("{\"type\":\"candidate\",\"to\":\"b\",\"candidate\":{\"candidate\":\"candidate:1\"}}",
         "candidate to b");
    says("{\"type\":\"bye\",\"to\":\"b\",\"key\":\"k\"}", "bye to b");
    says("{\"type\":\"watch\",\"to\":\"b\",\"on\":true}", "watch to b");
    says("{\"type\":\"explain\",\"to\":\"b\",\"number\":7}", "explain to b");
    says("{\"type\":\"explained\",\"to\":\"b\",\"number\":7,\"explain\":{},\"more\":true}",
         "explained to b");
    says("{\"type\":\"trace\",\"from\":\"b\",\"lines\":[]}", "trace from b");
}
END_TEST

START_TEST(an_offer_and_its_members)
{
    struct explain *x;
    ck_assert(told(&x, "{\"type\":\"offer\",\"from\":\"al\",\"key\":\"k\",\"sdp\":\"v=0\\r\\n\"}"));
    ck_assert(bytes_is(explained_field(x, "from")->value, "al"));
    ck_assert(bytes_is(explained_field(x, "key")->value, "k"));
    ck_assert(bytes_is(explained_field(x, "sdp")->value, "a description of 5 bytes"));
    explain_free(x);
}
END_TEST

/* The ladder's own: watched or not, and of which message. */
START_TEST(words_about_the_ladder)
{
    static const char *const values[] = {"false", "true"};
    for (int on = 0; on < 2; on++) {
        char text[64];
        struct explain *x;
        snprintf(text, sizeof text, "{\"type\":\"watch\",\"to\":\"b\",\"on\":%s}", values[on]);
        ck_assert(told(&x, text));
        ck_assert(bytes_is(explained_field(x, "on")->value, values[on]));
        explain_free(x);
    }
    static const char *const types[] = {"explain", "explained"};
    for (size_t i = 0; i < COUNT(types); i++) {
        char text[80];
        struct explain *x;
        snprintf(text, sizeof text,
                 "{\"type\":\"%s\",\"to\":\"b\",\"number\":70000,\"explain\":{}}", types[i]);
        ck_assert(told(&x, text));
        ck_assert(bytes_is(explained_field(x, "number")->value, "70000"));
        ck_assert(bytes_is(explained_field(x, "type")->meaning,
                           i ? "its fields" : "what is in a message of the ladder?"));
        explain_free(x);
    }
}
END_TEST

START_TEST(a_candidate_and_its_members)
{
    struct explain *x;
    ck_assert(told(&x, "{\"type\":\"candidate\",\"to\":\"b\",\"candidate\":{\"candidate\":"
                       "\"candidate:1 1 udp 1 192.0.2.1 9 typ host\",\"sdpMid\":\"0\","
                       "\"sdpMLineIndex\":2,\"usernameFragment\":\"abcd\"}}"));
    ck_assert(bytes_is(explained_field(x, "candidate")->value,
                       "candidate:1 1 udp 1 192.0.2.1 9 typ host"));
    ck_assert(bytes_is(explained_field(x, "sdpMid")->value, "0"));
    ck_assert(bytes_is(explained_field(x, "sdpMLineIndex")->value, "2"));
    ck_assert(bytes_is(explained_field(x, "usernameFragment")->value, "abcd"));
    explain_free(x);
}
END_TEST

START_TEST(of_a_long_text_the_beginning)
{
    char text[512];
    snprintf(text, sizeof text, "{\"type\":\"offer\",\"to\":\"bob\",\"sdp\":\"%0300d\"}", 0);
    struct explain *x;
    ck_assert(told(&x, text));
    struct bytes value = explained_field(x, "message")->value;
    ck_assert_uint_eq(value.len, 63);
    ck_assert(bytes_starts(value, "{\"type\":\"offer\",\"to\":\"bob\",\"sdp\":\"000"));
    explain_free(x);
}
END_TEST

START_TEST(what_is_none_of_ours_is_left_alone)
{
    static const char *const others[] = {"",
                                         "hello",
                                         "{}",
                                         "{\"type\":7}",
                                         "{\"type\":\"dance\"}",
                                         "{\"type\":\"offer\",\"to\":\"b\"}",
                                         "[1,2]"};
    for (size_t i = 0; i < COUNT(others); i++) {
        struct explain *x;
        ck_assert_msg(!told(&x, others[i]), "%s", others[i]);
        ck_assert_uint_eq(explain_field_count(x), 0);
        ck_assert_uint_eq(explain_summary_text(x).len, 0);
        explain_free(x);
    }
}
END_TEST

SUITE("signaling explainmessage", each_type_in_a_word, an_offer_and_its_members,
      words_about_the_ladder, a_candidate_and_its_members, of_a_long_text_the_beginning,
      what_is_none_of_ours_is_left_alone)
