/* What an account of a failed call shows, to programs and to people; tests/apps/test_cause.c has
 * the causes. */
#include "tests/suite.h"

#include "apps/account.h"
#include "tests/apps/simworld.h"

static struct simruns runs;

/* The account of whoever failed first; the caller's to free. */
static json_t *account_in(const char *world)
{
    struct simcall_step step;
    json_t *account = NULL;
    struct simcall *call = simworld_call(&runs, world);
    while (simcall_step(call, &step))
        if (step.type == SIMCALL_STATE && step.as.state == PEER_FAILED && !account)
            account = account_of(simcall_side(call, step.side)->peer, simcall_now(call));
    simcall_free(call);
    ck_assert_msg(account != NULL, "%s: nobody failed", world);
    return account;
}

static const char *text(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value ? value : "";
}

START_TEST(it_says_what_was_seen)
{
    ck_assert(simruns_begin(&runs));
    json_t *account = account_in("fault=fingerprint nat-a=restricted");
    ck_assert_str_eq(text(account, "event"), "account");
    const json_t *layers = json_object_get(account, "layers");
    ck_assert_str_eq(text(layers, "dtls"), "failed");
    ck_assert_str_eq(text(layers, "srtp"), "no keys");
    ck_assert_str_eq(text(layers, "failed"), "dtls");
    ck_assert_uint_ge(json_array_size(json_object_get(account, "local")), 1);
    ck_assert_uint_ge(json_array_size(json_object_get(account, "remote")), 1);
    const json_t *pair, *used = NULL;
    size_t i;
    json_array_foreach(json_object_get(account, "pairs"), i, pair)
    {
        ck_assert_int_ge(json_integer_value(json_object_get(pair, "sent")), 0);
        ck_assert(text(pair, "why")[0] != '\0');
        if (strcmp(text(pair, "why"), "in use") == 0) used = pair;
    }
    ck_assert_ptr_nonnull(used);
    ck_assert_int_gt(json_integer_value(json_object_get(used, "answered")), 0);
    const json_t *dtls = json_object_get(account, "dtls");
    ck_assert_uint_eq(strlen(text(dtls, "wanted")), 95); /* sha-256 */
    ck_assert_uint_eq(strlen(text(dtls, "seen")), 95);
    ck_assert_str_ne(text(dtls, "wanted"), text(dtls, "seen"));
    const json_t *flights = json_object_get(dtls, "flights");
    ck_assert_uint_ge(json_array_size(flights), 3);
    ck_assert_str_eq(text(json_array_get(flights, 0), "first"), "client_hello");
    ck_assert_str_eq(text(json_array_get(flights, 1), "first"), "server_hello");
    ck_assert_str_eq(text(json_array_get(flights, 1), "last"), "server_hello_done");
    ck_assert_str_ne(text(json_array_get(flights, 0), "from"),
                     text(json_array_get(flights, 1), "from"));
    ck_assert_str_eq(text(dtls, "alert"), "bad_certificate");
    ck_assert_str_eq(text(dtls, "alertFrom"), "us");
    json_decref(account);
    simruns_end(&runs);
}
END_TEST

START_TEST(it_names_the_first_media_that_could_not_be_used)
{
    static const struct sink_undecoded frame = {
        .track = 1, .kind = RTP_VP8, .timestamp = 3000, .len = 77, .at = SEC(1)};
    static char shown[8192];
    ck_assert(simruns_begin(&runs));
    json_t *clean = account_in("media=60s video=off link-a=0s:delay=20ms;2s:loss=100%");
    const json_t *media = json_object_get(json_object_get(clean, "layers"), "media");
    ck_assert_ptr_nonnull(media);
    ck_assert_ptr_null(json_object_get(media, "firstUnopened"));
    account_add_undecoded(clean, NULL, SEC(3));
    ck_assert_ptr_null(json_object_get(media, "firstUndecoded"));
    json_decref(clean);

    json_t *account =
        account_in("media=60s video=off link-a=0s:delay=20ms;1s:corrupt=50%;3s:loss=100%");
    account_add_undecoded(account, &frame, SEC(3));
    media = json_object_get(json_object_get(account, "layers"), "media");
    const json_t *unopened = json_object_get(media, "firstUnopened");
    ck_assert_ptr_nonnull(unopened);
    ck_assert_str_eq(text(unopened, "protocol"), "srtp");
    ck_assert_int_eq(json_integer_value(json_object_get(unopened, "payloadType")), 111);
    ck_assert_ptr_nonnull(strstr(text(unopened, "why"), "RFC 3711"));
    /* Consent lasts 30 s from the last answer on, and those were flipped too. */
    ck_assert_int_gt(json_integer_value(json_object_get(unopened, "msAgo")), 25000);
    const json_t *undecoded = json_object_get(media, "firstUndecoded");
    ck_assert_str_eq(text(undecoded, "codec"), "VP8");
    ck_assert_int_eq(json_integer_value(json_object_get(undecoded, "msAgo")), 2000);
    FILE *to = tmpfile();
    account_print(account, to);
    rewind(to);
    ck_assert_uint_gt(fread(shown, 1, sizeof shown - 1, to), 0);
    fclose(to);
    ck_assert_ptr_nonnull(strstr(shown, "    the first: srtp of ssrc "));
    ck_assert_ptr_nonnull(strstr(shown, "not decoded: VP8, 77 bytes, timestamp 3000\n"));
    json_decref(account);
    simruns_end(&runs);
}
END_TEST

START_TEST(for_a_person_it_begins_with_the_cause)
{
    static char shown[8192];
    ck_assert(simruns_begin(&runs));
    json_t *account = account_in("fault=fingerprint");
    FILE *to = tmpfile();
    ck_assert_ptr_nonnull(to);
    account_print(account, to);
    rewind(to);
    ck_assert_uint_gt(fread(shown, 1, sizeof shown - 1, to), 0);
    fclose(to);
    ck_assert_int_eq(strncmp(shown, "why: wrong fingerprint: ", 24), 0);
    ck_assert_ptr_nonnull(strstr(shown, "(RFC 8122 6.2)\n"));
    ck_assert_ptr_nonnull(strstr(shown, "fingerprint seen:"));
    ck_assert_ptr_nonnull(strstr(shown, ": server_hello to server_hello_done, 1 datagram, "));
    ck_assert_ptr_nonnull(strstr(shown, "pair 192.0.2.1:5000 -> 198.51.100.2:5001: succeeded"));
    json_decref(account);
    simruns_end(&runs);
}
END_TEST

SUITE("apps account", it_says_what_was_seen, it_names_the_first_media_that_could_not_be_used,
      for_a_person_it_begins_with_the_cause)
