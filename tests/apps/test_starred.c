#include "apps/starred.h"

#include "tests/suite.h"

#include <string.h>

static void expect(const char *description, const char *want)
{
    char text[200];
    snprintf(text, sizeof text, "%s", description);
    starred(text, strlen(text));
    ck_assert_str_eq(text, want);
}

START_TEST(passwords_and_keys_are_starred)
{
    expect("v=0\r\na=ice-ufrag:abcd\r\na=ice-pwd:secret/+\r\na=mid:0\r\n",
           "v=0\r\na=ice-ufrag:abcd\r\na=ice-pwd:********\r\na=mid:0\r\n");
    expect("a=ice-pwd:s\na=ice-pwd:tt", "a=ice-pwd:*\na=ice-pwd:**");
    expect("a=crypto:1 AES inline:x\r\nk=clear:abc\r\n",
           "a=crypto:**************\r\nk=*********\r\n");
    expect("a=ice-pwd:\r\n", "a=ice-pwd:\r\n");
    expect("k=", "k=");
}
END_TEST

START_TEST(all_else_stays)
{
    expect("", "");
    expect("a=tool:x a=ice-pwd:y\r\n", "a=tool:x a=ice-pwd:y\r\n"); /* not where a line begins */
    expect("a=ice-pwdx:y\r\n\r\na=fingerprint:sha-256 AA\r\n",
           "a=ice-pwdx:y\r\n\r\na=fingerprint:sha-256 AA\r\n");
}
END_TEST

/* Half a line at the end, and a NUL that would end a text. */
START_TEST(bytes_are_not_text)
{
    char half[] = {'a', '=', 'i', 'c', 'e', '-', 'p'};
    starred(half, sizeof half);
    ck_assert_mem_eq(half, "a=ice-p", sizeof half);
    char nul[] = "v=0\0\na=ice-pwd:ab\0c\r\nd";
    starred(nul, sizeof nul - 1);
    ck_assert_mem_eq(nul, "v=0\0\na=ice-pwd:****\r\nd", sizeof nul - 1);
}
END_TEST

SUITE("apps starred", passwords_and_keys_are_starred, all_else_stays, bytes_are_not_text)
