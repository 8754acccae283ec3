#include "apps/explainice.h"

#include "sdp/parse.h"
#include "stun/attribute.h"
#include "stun/message.h"
#include "tests/suite.h"

#define SDP(ufrag, pwd)                                                                            \
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\n"         \
    "c=IN IP4 0.0.0.0\r\na=ice-ufrag:" ufrag "\r\na=ice-pwd:" pwd "\r\n"

static uint8_t room[256];

static struct bytes message(uint16_t type, const char *id, const char *username)
{
    struct writer w = writer_of(room, sizeof room);
    stun_begin(&w, type, bytes_of(id));
    if (username) stun_put(&w, STUN_USERNAME, bytes_of(username));
    return writer_done(&w);
}

static void learn(struct explainice *e, const char *text)
{
    struct sdp sdp;
    ck_assert_int_eq(sdp_parse(&sdp, bytes_of(text)), OK);
    explainice_learn(e, &sdp);
    sdp_free(&sdp);
}

static void is(struct bytes password, const char *want)
{
    ck_assert_msg(want ? bytes_is(password, want) : !password.at, "\"%.*s\", not \"%s\"",
                  (int)password.len, (const char *)password.at, want ? want : "");
}

START_TEST(a_check_is_signed_for_whom_it_is_sent_to)
{
    struct explainice *e = explainice_new();
    learn(e, SDP("left", "password-of-the-left-one"));
    learn(e, SDP("right", "password-of-the-right-one"));
    is(explainice_password(e, message(STUN_BINDING, "id-number-01", "left:right")),
       "password-of-the-left-one");
    is(explainice_password(e, message(STUN_BINDING, "id-number-02", "right:left")),
       "password-of-the-right-one");
    is(explainice_password(e, message(STUN_BINDING | STUN_SUCCESS, "id-number-01", NULL)),
       "password-of-the-left-one");
    is(explainice_password(e, message(STUN_BINDING | STUN_ERROR, "id-number-02", NULL)),
       "password-of-the-right-one");
    explainice_free(e);
}
END_TEST

START_TEST(what_is_not_known_has_no_password)
{
    struct explainice *e = explainice_new();
    is(explainice_password(e, message(STUN_BINDING, "id-number-01", "left:right")), NULL);
    learn(e, SDP("left", "password-of-the-left-one"));
    is(explainice_password(e, message(STUN_BINDING | STUN_SUCCESS, "id-number-01", NULL)), NULL);
    is(explainice_password(e, message(STUN_BINDING, "id-number-02", NULL)), NULL);
    is(explainice_password(e, message(STUN_BINDING, "id-number-02", "lef:right")), NULL);
    is(explainice_password(e, bytes_of("no STUN at all")), NULL);
    explainice_free(e);
}
END_TEST

/* RFC 8839 §5.4: 256 characters at most; who has no password signs nothing. */
START_TEST(credentials_of_any_length)
{
    char text[1024], longest[258], username[300];
    static uint8_t large[512];
    memset(longest, 'u', sizeof longest);
    for (size_t len = 256; len <= 257; len++) {
        for (int which = 0; which < 2; which++) {
            struct explainice *e = explainice_new();
            const char *ufrag = which ? "short" : longest, *pwd = which ? longest : "a password";
            longest[len] = '\0';
            snprintf(text, sizeof text, SDP("%s", "%s"), ufrag, pwd);
            learn(e, text);
            snprintf(username, sizeof username, "%s:x", ufrag);
            struct writer w = writer_of(large, sizeof large);
            stun_begin(&w, STUN_BINDING, bytes_of("id-number-01"));
            stun_put(&w, STUN_USERNAME, bytes_of(username));
            is(explainice_password(e, writer_done(&w)), len == 256 ? pwd : NULL);
            longest[len] = 'u';
            explainice_free(e);
        }
    }
    struct explainice *e = explainice_new();
    learn(e, SDP("alone", "p"));
    learn(e, "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n"
             "a=ice-ufrag:none\r\n");
    is(explainice_password(e, message(STUN_BINDING, "id-number-01", "none:x")), NULL);
    is(explainice_password(e, message(STUN_BINDING, "id-number-01", "alone")), "p"); /* no colon */
    explainice_free(e);
}
END_TEST

START_TEST(old_ones_are_forgotten)
{
    struct explainice *e = explainice_new();
    char text[512], username[32];
    for (int i = 0; i <= EXPLAINICE_KNOWN_MAX; i++) {
        snprintf(text, sizeof text, SDP("u%03d", "password-%03d-of-22-characters"), i, i);
        learn(e, text);
        learn(e, text); /* again: a description repeats itself */
    }
    snprintf(username, sizeof username, "u%03d:x", EXPLAINICE_KNOWN_MAX);
    is(explainice_password(e, message(STUN_BINDING, "id-number-01", "u000:x")), NULL);
    is(explainice_password(e, message(STUN_BINDING, "id-number-01", "u001:x")),
       "password-001-of-22-characters");
    ck_assert_ptr_nonnull(
        explainice_password(e, message(STUN_BINDING, "id-number-01", username)).at);
    for (int i = 0; i < EXPLAINICE_ASKED_MAX; i++)
        explainice_password(e, message(STUN_BINDING, "id-number-02", "u002:x"));
    is(explainice_password(e, message(STUN_BINDING | STUN_SUCCESS, "id-number-01", NULL)), NULL);
    explainice_free(e);
}
END_TEST

SUITE("apps explainice", a_check_is_signed_for_whom_it_is_sent_to,
      what_is_not_known_has_no_password, credentials_of_any_length, old_ones_are_forgotten)
