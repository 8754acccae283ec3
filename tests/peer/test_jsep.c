#include "peer/jsep.h"
#include "tests/peer/edit.h"
#include "tests/suite.h"

/* One side: jsep with what it needs to describe itself. */
struct side {
    struct jsep jsep;
    struct sdp_local local;
    struct sdp_fingerprint fingerprint;
    uint8_t text[SDP_TEXT_MAX];
    struct writer w;
};

static const uint8_t digest[32] = {1, 2, 3};

static void side_init(struct side *s, uint64_t id)
{
    *s = (struct side){.fingerprint = {.hash = SDP_SHA256,
                                       .name = bytes_of("sha-256"),
                                       .digest = {digest, sizeof digest}}};
    s->local = (struct sdp_local){.ufrag = bytes_of("abcd"),
                                  .pwd = bytes_of("0123456789012345678901"),
                                  .fingerprints = &s->fingerprint,
                                  .fingerprint_count = 1,
                                  .cname = bytes_of("cname"),
                                  .caps = SDP_CAPS_ALL};
    jsep_init(&s->jsep, id);
}

static const struct sdp_wish wishes[] = {
    {.kind = SDP_AUDIO, .direction = SDP_SENDRECV, .mid = {(const uint8_t *)"0", 1}, .ssrc = 1},
    {.kind = SDP_VIDEO, .direction = SDP_SENDRECV, .mid = {(const uint8_t *)"1", 1}, .ssrc = 2},
};

static enum err offer(struct side *s, size_t count)
{
    s->w = writer_of(s->text, sizeof s->text);
    return jsep_offer(&s->jsep, &s->w, s->local, wishes, count);
}

static enum err answer(struct side *s)
{
    s->w = writer_of(s->text, sizeof s->text);
    return jsep_answer(&s->jsep, &s->w, s->local, wishes, s->jsep.pending.section_count);
}

START_TEST(inv_33_every_call_in_every_state)
{
    /* What each call does in each state: RFC 8829 3.2. */
    static const enum err table[4][5] = {
        /*                      offer    remote offer  answer   remote answer  rollback */
        [JSEP_STABLE] = {OK, OK, E_STATE, E_STATE, E_STATE},
        [JSEP_HAVE_LOCAL_OFFER] = {E_STATE, E_STATE, E_STATE, OK, OK},
        [JSEP_HAVE_REMOTE_OFFER] = {E_STATE, E_STATE, OK, E_STATE, OK},
        [JSEP_CLOSED] = {E_STATE, E_STATE, E_STATE, E_STATE, E_STATE},
    };
    static struct side a, b;
    for (int state = JSEP_STABLE; state <= JSEP_CLOSED; state++) {
        for (int call = 0; call < 5; call++) {
            side_init(&a, 1), side_init(&b, 2);
            enum err err = OK;
            if (state == JSEP_HAVE_LOCAL_OFFER) {
                ck_assert_int_eq(offer(&a, 2), OK);
                ck_assert_int_eq(jsep_remote_offer(&b.jsep, a.jsep.pending.text), OK);
                ck_assert_int_eq(answer(&b), OK);
            } else {
                ck_assert_int_eq(offer(&b, 2), OK);
            }
            if (state == JSEP_HAVE_REMOTE_OFFER)
                ck_assert_int_eq(jsep_remote_offer(&a.jsep, b.jsep.pending.text), OK);
            if (state == JSEP_CLOSED) jsep_close(&a.jsep);
            struct bytes from_b =
                state == JSEP_HAVE_LOCAL_OFFER ? b.jsep.local.text : b.jsep.pending.text;
            switch (call) {
            case 0: err = offer(&a, 2); break;
            case 1: err = jsep_remote_offer(&a.jsep, from_b); break;
            case 2: err = answer(&a); break;
            case 3: err = jsep_remote_answer(&a.jsep, from_b); break;
            case 4: err = jsep_rollback(&a.jsep); break;
            }
            ck_assert_msg(err == table[state][call], "%s in %s: %s", err_name(err),
                          jsep_state_name((enum jsep_state)state), a.jsep.fault.rule);
            if (err != OK) ck_assert_int_eq(a.jsep.state, state);
            jsep_free(&a.jsep), jsep_free(&b.jsep);
        }
    }
}
END_TEST

START_TEST(an_exchange_puts_both_descriptions_in_force)
{
    static struct side a, b;
    side_init(&a, 1), side_init(&b, 2);
    ck_assert_int_eq(offer(&a, 2), OK);
    ck_assert_int_eq(jsep_remote_offer(&b.jsep, a.jsep.pending.text), OK);
    ck_assert_int_eq(answer(&b), OK);
    ck_assert_int_eq(jsep_remote_answer(&a.jsep, b.jsep.local.text), OK);
    ck_assert(a.jsep.in_force && b.jsep.in_force && a.jsep.we_offered && !b.jsep.we_offered);
    ck_assert_uint_eq(a.jsep.agreed.section_count, 2);
    ck_assert(a.jsep.agreed.transport.role != b.jsep.agreed.transport.role);
    jsep_free(&a.jsep), jsep_free(&b.jsep);
}
END_TEST

START_TEST(versions_go_up_with_each_description)
{
    static struct side a, b;
    char first[64], second[64];
    side_init(&a, 1), side_init(&b, 2);
    ck_assert_int_eq(offer(&a, 2), OK);
    bytes_to_text(a.jsep.pending.origin.version, first, sizeof first);
    ck_assert_int_eq(jsep_remote_offer(&b.jsep, a.jsep.pending.text), OK);
    ck_assert_int_eq(answer(&b), OK);
    ck_assert_int_eq(jsep_remote_answer(&a.jsep, b.jsep.local.text), OK);
    ck_assert_int_eq(offer(&a, 2), OK);
    bytes_to_text(a.jsep.pending.origin.version, second, sizeof second);
    ck_assert_int_lt(atoi(first), atoi(second));
    ck_assert(bytes_equal(a.jsep.pending.origin.session_id, a.jsep.local.origin.session_id));
    jsep_free(&a.jsep), jsep_free(&b.jsep);
}
END_TEST

START_TEST(offers_never_lose_sections)
{
    static struct side a, b;
    side_init(&a, 1), side_init(&b, 2);
    ck_assert_int_eq(offer(&a, 2), OK);
    ck_assert_int_eq(jsep_remote_offer(&b.jsep, a.jsep.pending.text), OK);
    ck_assert_int_eq(answer(&b), OK);
    static struct side c;
    side_init(&c, 3);
    ck_assert_int_eq(offer(&c, 1), OK);
    ck_assert_int_eq(jsep_remote_offer(&b.jsep, c.jsep.pending.text), E_MALFORMED);
    ck_assert_int_eq(b.jsep.state, JSEP_STABLE);
    jsep_free(&a.jsep), jsep_free(&b.jsep), jsep_free(&c.jsep);
}
END_TEST

/* The peer swaps its two sections: neither would be served any more. */
START_TEST(sections_that_live_keep_their_kinds)
{
    static struct side a, b;
    side_init(&a, 1), side_init(&b, 2);
    ck_assert_int_eq(offer(&a, 2), OK);
    const char *text = edit_text(a.jsep.pending.text);
    const char *audio = edit_before(strstr(text, "m=audio"), "m=video");
    const char *video = strstr(text, "m=video");
    ck_assert_int_eq(jsep_remote_offer(&b.jsep, bytes_of(text)), OK);
    ck_assert_int_eq(answer(&b), OK);
    const char *swapped = edit_join(edit_before(text, "m=audio"), edit_join(video, audio));
    ck_assert_int_eq(jsep_remote_offer(&b.jsep, bytes_of(swapped)), E_MALFORMED);
    ck_assert_str_eq(b.jsep.fault.rule, "a section that lives keeps its kind (RFC 8829 3.4.1)");
    ck_assert_uint_eq(b.jsep.fault.offset, (size_t)(strstr(swapped, "m=video") - swapped));
    ck_assert_int_eq(b.jsep.state, JSEP_STABLE);
    /* As they were, or when they are stopped, they are fine. */
    ck_assert_int_eq(jsep_remote_offer(&b.jsep, bytes_of(text)), OK);
    ck_assert_int_eq(jsep_rollback(&b.jsep), OK);
    swapped = edit_all(swapped, "a=bundle-only\r\n", ""); /* and so of port 0 */
    swapped = edit_all(swapped, "m=audio 9", "m=audio 0");
    ck_assert_int_eq(jsep_remote_offer(&b.jsep, bytes_of(swapped)), OK);
    jsep_free(&a.jsep), jsep_free(&b.jsep);
}
END_TEST

SUITE("peer jsep", inv_33_every_call_in_every_state, an_exchange_puts_both_descriptions_in_force,
      versions_go_up_with_each_description, offers_never_lose_sections,
      sections_that_live_keep_their_kinds)
