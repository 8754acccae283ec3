#include "apps/iceservers.h"
#include "apps/mediaoptions.h"
#include "tests/suite.h"

#include <string.h>

static struct ice_servers servers;
static char why[300];

static enum err read_servers(const char *text)
{
    why[0] = '\0';
    return ice_servers_parse(text, &servers, why, sizeof why);
}

static bool parse(const char *text)
{
    return read_servers(text) == OK;
}

START_TEST(what_browsers_take)
{
    ck_assert(parse(NULL));
    ck_assert_uint_eq(servers.stun_count, 0);
    ck_assert(parse("[]"));
    ck_assert(parse("[{\"urls\":\"stun:stun.example.org\"},"
                    "{\"urls\":[\"stun:192.0.2.1:19302\",\"turn:turn.example.org?transport=udp\"],"
                    "\"username\":\"u\",\"credential\":\"c\"},"
                    "{\"urls\":\"stun:[2001:db8::1]:5\"}]"));
    ck_assert_uint_eq(servers.stun_count, 3);
    ck_assert_uint_eq(servers.turn_count, 1);
    ck_assert_str_eq(servers.stun[0].host, "stun.example.org");
    ck_assert_uint_eq(servers.stun[0].port, 3478);
    ck_assert_str_eq(servers.stun[1].host, "192.0.2.1");
    ck_assert_uint_eq(servers.stun[1].port, 19302);
    ck_assert_str_eq(servers.stun[2].host, "2001:db8::1");
    ck_assert_uint_eq(servers.stun[2].port, 5);
}
END_TEST

/* RFC 1035 §2.3.4: a name has 255 bytes at most. */
START_TEST(names_that_are_too_long)
{
    char text[512];
    for (int len = 255; len <= 256; len++) {
        snprintf(text, sizeof text, "[{\"urls\":\"stun:%0*d\"}]", len, 7);
        ck_assert_int_eq(parse(text), len == 255);
    }
    ck_assert_ptr_nonnull(strstr(why, "is no stun:HOST"));
}
END_TEST

START_TEST(what_they_would_refuse)
{
    static const char *const rows[] = {
        "",
        "{}",
        "[",
        "[1]",
        "[{}]",
        "[{\"urls\":\"http://example.org\"}]",
        "[{\"urls\":\"stun:\"}]",
        "[{\"urls\":\"stun:host:70000\"}]",
        "[{\"urls\":\"stun:host:0\"}]",
        "[{\"urls\":\"stun:[::1\"}]",
        "[{\"urls\":[\"stun:a\",\"stun:b\",\"stun:c\",\"stun:d\",\"stun:e\"]}]",
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ck_assert_msg(read_servers(rows[i]) == E_MALFORMED, "%s", rows[i]);
        ck_assert_msg(strstr(why, "--ice-servers") == why, "%s", why);
    }
    ck_assert_int_eq(read_servers("@/there/is/no/such/file"), E_STATE);
    ck_assert_msg(strstr(why, "--ice-servers") == why, "%s", why);
}
END_TEST

START_TEST(media_words)
{
    struct peer_media m;
    ck_assert(media_option(NULL, &m) && m.send && m.recv);
    ck_assert(media_option("send", &m) && m.send && !m.recv);
    ck_assert(media_option("recv", &m) && !m.send && m.recv);
    ck_assert(media_option("none", &m) && !m.send && !m.recv);
    ck_assert(!media_option("", &m) && !media_option("Both", &m));
}
END_TEST

START_TEST(sizes)
{
    int w = 0, h = 0;
    ck_assert(size_option("640x480", &w, &h) && w == 640 && h == 480);
    static const char *const rows[] = {"640",      "640x",     "x480",      "641x480", "2x2",
                                       "640x480x", "-640x480", "99999x480", "640 x480"};
    for (size_t i = 0; i < COUNT(rows); i++)
        ck_assert_msg(!size_option(rows[i], &w, &h), "%s", rows[i]);
}
END_TEST

SUITE("apps iceservers", what_browsers_take, names_that_are_too_long, what_they_would_refuse,
      media_words, sizes)
