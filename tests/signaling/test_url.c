#include "tests/suite.h"

#include "signaling/url.h"

#include <string.h>

START_TEST(good_urls)
{
    static const struct {
        const char *text, *host, *authority, *target;
        uint16_t port;
        bool secure;
    } cases[] = {
        {"ws://127.0.0.1:8080/ws?room=a", "127.0.0.1", "127.0.0.1:8080", "/ws?room=a", 8080, false},
        {"ws://example.org/ws?room=a", "example.org", "example.org", "/ws?room=a", 80, false},
        {"wss://example.org/ws?room=a", "example.org", "example.org", "/ws?room=a", 443, true},
        {"wss://example.org:443/ws?room=a", "example.org", "example.org", "/ws?room=a", 443, true},
        {"wss://example.org:80/ws?room=a", "example.org", "example.org:80", "/ws?room=a", 80, true},
        {"WS://[::1]:8080/ws?room=a", "::1", "[::1]:8080", "/ws?room=a", 8080, false},
        {"ws://[2001:db8::1]/ws?room=a", "2001:db8::1", "[2001:db8::1]", "/ws?room=a", 80, false},
        {"ws://h?room=a", "h", "h", "/?room=a", 80, false},
        {"ws://h/x/y?k=v&room=a&z", "h", "h", "/x/y?k=v&room=a&z", 80, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sig_url url;
        ck_assert_msg(sig_url_parse(&url, bytes_of(cases[i].text)) == OK, "%s: %s", cases[i].text,
                      url.fault.rule);
        ck_assert_str_eq(url.host, cases[i].host);
        ck_assert_str_eq(url.authority, cases[i].authority);
        ck_assert_str_eq(url.target, cases[i].target);
        ck_assert_str_eq(url.room, "a");
        ck_assert_uint_eq(url.port, cases[i].port);
        ck_assert_int_eq(url.secure, cases[i].secure);
    }
}
END_TEST

START_TEST(bad_urls)
{
    static const struct {
        const char *text;
        enum err err;
        size_t offset;
    } cases[] = {
        {"", E_UNSUPPORTED, 0},
        {"http://h/ws?room=a", E_UNSUPPORTED, 0},
        {"ws:/h/ws?room=a", E_UNSUPPORTED, 0},
        {"ws://", E_MALFORMED, 5},
        {"ws:///ws?room=a", E_MALFORMED, 5},
        {"ws://:80/ws?room=a", E_MALFORMED, 5},
        {"ws://u:p@h/ws?room=a", E_MALFORMED, 5},
        {"ws://h h/ws?room=a", E_MALFORMED, 5},
        {"ws://h:0/ws?room=a", E_MALFORMED, 6},
        {"ws://h:65536/ws?room=a", E_MALFORMED, 6},
        {"ws://h:/ws?room=a", E_MALFORMED, 6},
        {"ws://h:8x/ws?room=a", E_MALFORMED, 6},
        {"ws://[::1/ws?room=a", E_MALFORMED, 5},
        {"ws://[1.2.3.4]/ws?room=a", E_MALFORMED, 6},
        {"ws://[::1]8080/ws?room=a", E_MALFORMED, 10},
        {"ws://h/ws?room=a#x", E_MALFORMED, 16},
        {"ws://h#x", E_MALFORMED, 6},
        {"ws://h/w s?room=a", E_MALFORMED, 8},
        {"ws://h/ws\r\nX: y?room=a", E_MALFORMED, 9},
        {"ws://h/ws", E_MALFORMED, 9},
        {"ws://h/ws?rooms=a", E_MALFORMED, 10},
        {"ws://h/ws?room=", E_MALFORMED, 6},
        {"ws://h/ws?room=a/b", E_MALFORMED, 15},
        {"ws://h/ws?room=%61", E_MALFORMED, 15},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sig_url url;
        ck_assert_msg(sig_url_parse(&url, bytes_of(cases[i].text)) == cases[i].err, "%s",
                      cases[i].text);
        ck_assert_msg(url.fault.offset == cases[i].offset, "%s: %zu", cases[i].text,
                      url.fault.offset);
        ck_assert_ptr_nonnull(url.fault.rule);
    }
}
END_TEST

START_TEST(bounds_and_prefixes)
{
    char text[2000];
    struct sig_url url;
    size_t n = (size_t)sprintf(text, "ws://");
    memset(text + n, 'h', SIG_HOST_MAX + 1);
    strcpy(text + n + SIG_HOST_MAX, "/?room=a");
    ck_assert_int_eq(sig_url_parse(&url, bytes_of(text)), OK);
    strcpy(text + n + SIG_HOST_MAX, ":65535/?room=a"); /* the longest that a Host field gets */
    ck_assert_int_eq(sig_url_parse(&url, bytes_of(text)), OK);
    ck_assert_uint_eq(strlen(url.authority), SIG_HOST_MAX + 6);
    ck_assert_str_eq(url.authority + SIG_HOST_MAX, ":65535");
    strcpy(text + n + SIG_HOST_MAX, "h/?room=a");
    ck_assert_int_eq(sig_url_parse(&url, bytes_of(text)), E_FULL);
    n = (size_t)sprintf(text, "ws://h/?room=a&");
    memset(text + n, 'x', SIG_TARGET_MAX);
    text[6 + SIG_TARGET_MAX] = 0;
    ck_assert_int_eq(sig_url_parse(&url, bytes_of(text)), OK);
    strcat(text, "x");
    ck_assert_int_eq(sig_url_parse(&url, bytes_of(text)), E_FULL);
    const char *good = "wss://[2001:db8::1]:8080/ws?room=abc";
    for (size_t i = 0; i < strlen(good) - 2; i++)
        ck_assert_int_ne(sig_url_parse(&url, bytes_slice(bytes_of(good), 0, i)), OK);
}
END_TEST

SUITE("signaling url", good_urls, bad_urls, bounds_and_prefixes)
