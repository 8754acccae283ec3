#include "apps/watchkeep.h"

#include "tests/jsonnomem.h"
#include "tests/suite.h"

#include <string.h>

static struct watchkeep keep;

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

/* RFC 5769 §2.1's head, as a request of no attributes. */
static const uint8_t stun[20] = {0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3};

START_TEST(a_message_is_explained_with_its_bytes_once)
{
    watchkeep_init(&keep);
    ck_assert_uint_eq(watchkeep_add(&keep, "stun", (struct bytes){stun, sizeof stun}), 1);
    json_t *x = watchkeep_explain(&keep, 1);
    ck_assert_str_eq(text_of(x, "type"), "stun");
    ck_assert_str_eq(text_of(x, "hex"), "000100002112a4420102030000000000"
                                        "00000000");
    ck_assert_int_eq(json_integer_value(json_object_get(x, "length")), 20);
    ck_assert_ptr_nonnull(strstr(text_of(x, "summary"), "Binding"));
    json_t *first = json_array_get(json_object_get(x, "fields"), 0);
    ck_assert_str_eq(text_of(first, "spec"), "RFC 8489 5");
    ck_assert_ptr_null(json_object_get(first, "raw"));
    json_decref(x);
    watchkeep_end(&keep);
}
END_TEST

/* RFC 3711: what is encrypted is no more looked into than anybody on the path could. */
START_TEST(of_media_only_the_header_is_told)
{
    uint8_t srtp[60] = {0x80, 111, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0xAA};
    uint8_t srtcp[38] = {0x8F, 205, 0, 4, 0, 0, 0, 3, 0xBB};
    watchkeep_init(&keep);
    watchkeep_add(&keep, "srtp", (struct bytes){srtp, sizeof srtp});
    watchkeep_add(&keep, "srtcp", (struct bytes){srtcp, sizeof srtcp});
    json_t *x = watchkeep_explain(&keep, 1), *y = watchkeep_explain(&keep, 2);
    ck_assert_str_eq(text_of(x, "type"), "rtp");
    ck_assert_str_eq(text_of(y, "type"), "rtcp");
    ck_assert_ptr_nonnull(strstr(text_of(y, "summary"), "SRTCP"));
    json_decref(x), json_decref(y);
    watchkeep_end(&keep);
}
END_TEST

START_TEST(passwords_are_never_kept)
{
    const char *sdp = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=ice-ufrag:abcd\r\n"
                      "a=ice-pwd:swordfishswordfishsword\r\n";
    watchkeep_init(&keep);
    uint32_t number = watchkeep_add(&keep, "sdp", bytes_of(sdp));
    json_t *x = watchkeep_explain(&keep, number);
    char *text = json_dumps(x, 0);
    ck_assert_ptr_null(strstr(text, "swordfish"));
    ck_assert_ptr_null(strstr(text, "73776f7264")); /* in hex */
    ck_assert_ptr_nonnull(strstr(text, "abcd"));
    free(text);
    json_decref(x);
    watchkeep_end(&keep);
}
END_TEST

START_TEST(the_first_and_the_last_are_kept)
{
    json_t *x;
    watchkeep_init(&keep);
    for (uint32_t i = 1; i <= 3 * WATCHKEEP_LAST + WATCHKEEP_FIRST; i++)
        ck_assert_uint_eq(watchkeep_add(&keep, "stun", (struct bytes){stun, sizeof stun}), i);
    const uint32_t there[] = {1, WATCHKEEP_FIRST, keep.count, keep.count - WATCHKEEP_LAST + 1};
    for (size_t i = 0; i < COUNT(there); i++) {
        x = watchkeep_explain(&keep, there[i]);
        ck_assert_ptr_nonnull(json_object_get(x, "fields"));
        json_decref(x);
    }
    const uint32_t gone[] = {0, WATCHKEEP_FIRST + 1, keep.count - WATCHKEEP_LAST, keep.count + 1,
                             UINT32_MAX};
    for (size_t i = 0; i < COUNT(gone); i++) {
        x = watchkeep_explain(&keep, gone[i]);
        ck_assert_str_eq(text_of(json_object_get(x, "error"), "code"), "gone");
        json_decref(x);
    }
    ck_assert_uint_eq(keep.bytes, sizeof stun * (WATCHKEEP_FIRST + WATCHKEEP_LAST));
    watchkeep_end(&keep);
    ck_assert_uint_eq(keep.bytes, 0);
}
END_TEST

START_TEST(long_messages_and_all_together_have_a_bound)
{
    static uint8_t big[WATCHKEEP_MESSAGE + 1] = "v=0";
    watchkeep_init(&keep);
    ck_assert_uint_eq(watchkeep_add(&keep, "sdp", (struct bytes){big, sizeof big}), 0);
    ck_assert_uint_eq(watchkeep_add(&keep, "sdp", (struct bytes){NULL, 0}), 0);
    size_t kept = 0;
    while (watchkeep_add(&keep, "sdp", (struct bytes){big, WATCHKEEP_MESSAGE})) kept++;
    ck_assert_uint_eq(kept, WATCHKEEP_BYTES / WATCHKEEP_MESSAGE);
    ck_assert_uint_le(keep.bytes, WATCHKEEP_BYTES);
    watchkeep_end(&keep);
}
END_TEST

/* One line as long as the message, of characters that JSON writes twice as long. */
START_TEST(no_text_of_an_explanation_is_long)
{
    static char sdp[WATCHKEEP_MESSAGE];
    snprintf(sdp, sizeof sdp, "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=tool:x");
    size_t len = strlen(sdp);
    memset(sdp + len, '"', sizeof sdp - len - 2);
    memcpy(sdp + sizeof sdp - 2, "\r\n", 2);
    for (size_t i = len + 1; i + 3 < sizeof sdp / 2; i += 2) memcpy(sdp + i, "\xC3\xA4", 2);
    watchkeep_init(&keep);
    uint32_t number = watchkeep_add(&keep, "sdp", (struct bytes){(uint8_t *)sdp, sizeof sdp});
    json_t *x = watchkeep_explain(&keep, number), *field;
    size_t i;
    json_array_foreach(json_object_get(x, "fields"), i, field)
    {
        ck_assert_uint_le(strlen(text_of(field, "value")), WATCHKEEP_TEXT + 3);
        ck_assert_uint_le(strlen(text_of(field, "meaning")), WATCHKEEP_TEXT + 3);
    }
    ck_assert_uint_gt(i, 3);
    ck_assert_uint_lt(json_dumpb(json_object_get(x, "fields"), NULL, 0, 0), 16384);
    json_decref(x);
    watchkeep_end(&keep);
}
END_TEST

START_TEST(what_can_not_be_read_says_why)
{
    watchkeep_init(&keep);
    json_t *x = watchkeep_explain(&keep, watchkeep_add(&keep, "stun", bytes_of("short")));
    ck_assert_str_eq(text_of(json_object_get(x, "error"), "code"), "malformed");
    json_decref(x);
    watchkeep_end(&keep);
}
END_TEST

/* An evil message of very many attributes: the first ones are told. */
START_TEST(an_explanation_has_so_many_fields)
{
    static uint8_t evil[WATCHKEEP_MESSAGE];
    memcpy(evil, stun, sizeof stun);
    evil[2] = (sizeof evil - sizeof stun) >> 8;
    evil[3] = (sizeof evil - sizeof stun) & 0xFF;
    for (size_t i = sizeof stun; i < sizeof evil; i += 4) evil[i] = evil[i + 1] = 0xC0; /* empty */
    ck_assert_uint_gt((sizeof evil - sizeof stun) / 4, WATCHKEEP_FIELDS);
    watchkeep_init(&keep);
    uint32_t number = watchkeep_add(&keep, "stun", (struct bytes){evil, sizeof evil});
    json_t *x = watchkeep_explain(&keep, number), *fields = json_object_get(x, "fields");
    ck_assert_uint_eq(json_array_size(fields), WATCHKEEP_FIELDS);
    ck_assert_str_eq(text_of(json_array_get(fields, 0), "name"), "type");
    json_decref(x);
    watchkeep_end(&keep);
}
END_TEST

START_TEST(without_memory_there_is_no_explanation)
{
    size_t none = 0;
    watchkeep_init(&keep);
    uint32_t number = watchkeep_add(&keep, "stun", (struct bytes){stun, sizeof stun});
    json_set_alloc_funcs(json_take, json_give);
    for (json_fail_at = 0;; json_fail_at++) {
        json_taken = 0;
        json_t *x = watchkeep_explain(&keep, number);
        bool reached = json_taken > json_fail_at;
        none += !x;
        if (x) ck_assert_str_eq(text_of(x, "type"), "stun");
        json_decref(x);
        ck_assert_uint_eq(json_held, 0);
        if (!reached) break;
    }
    ck_assert_uint_gt(none, 5);
    watchkeep_end(&keep);
}
END_TEST

SUITE("apps watchkeep", a_message_is_explained_with_its_bytes_once,
      of_media_only_the_header_is_told, passwords_are_never_kept, the_first_and_the_last_are_kept,
      long_messages_and_all_together_have_a_bound, no_text_of_an_explanation_is_long,
      what_can_not_be_read_says_why, an_explanation_has_so_many_fields,
      without_memory_there_is_no_explanation)
