#include "tests/suite.h"

#include "apps/outbox.h"

static struct outbox box;

static struct sig_id id_of(const char *text)
{
    struct sig_id id;
    ck_assert(sig_id_set(&id, bytes_of(text)));
    return id;
}

static void post_offer(const char *text)
{
    struct letter letter;
    ck_assert_int_eq(letter_describe(&letter, SIG_OFFER, bytes_of(text)), OK);
    outbox_post(&box, &letter);
}

START_TEST(letters_are_taken_in_the_order_in_which_they_came)
{
    struct peer_candidate candidate = {.text = "candidate:1", .mid = "0", .ufrag = "abcd"};
    struct sig_id to = id_of("them"), key = id_of("us");
    struct letter letter;
    outbox_init(&box);
    ck_assert_ptr_null(outbox_take(&box));
    post_offer("v=0\r\n");
    ck_assert_int_eq(letter_candidate(&letter, &candidate), OK);
    outbox_post(&box, &letter);
    outbox_post(&box, &(struct letter){.type = SIG_BYE});

    struct sig_message m = letter_message(outbox_take(&box), &to, &key);
    ck_assert_int_eq(m.type, SIG_OFFER);
    ck_assert(bytes_is(m.sdp, "v=0\r\n") && sig_id_equal(&m.to, &to) && sig_id_equal(&m.key, &key));
    m = letter_message(outbox_take(&box), &to, &key);
    ck_assert_int_eq(m.type, SIG_CANDIDATE);
    ck_assert(bytes_is(m.candidate.candidate, "candidate:1") && !m.end_of_candidates);
    ck_assert(bytes_is(m.candidate.mid, "0") && bytes_is(m.candidate.ufrag, "abcd"));
    ck_assert_int_eq(m.candidate.mline_index, -1);
    m = letter_message(outbox_take(&box), &to, &key);
    ck_assert_int_eq(m.type, SIG_BYE);
    ck_assert_ptr_null(m.sdp.at);
    ck_assert_ptr_null(outbox_take(&box));
    outbox_close(&box);
}
END_TEST

START_TEST(a_letter_is_a_copy)
{
    char text[] = "v=0";
    struct sig_id nobody = {""};
    outbox_init(&box);
    post_offer(text);
    text[0] = 'x';
    struct sig_message m = letter_message(outbox_take(&box), &nobody, &nobody);
    ck_assert(bytes_is(m.sdp, "v=0"));
    outbox_close(&box); /* with one that is being looked at */
}
END_TEST

START_TEST(no_text_is_the_end_of_candidates)
{
    struct peer_candidate end = {.mid = "0", .ufrag = "abcd"};
    struct sig_id nobody = {""};
    struct letter letter;
    ck_assert_int_eq(letter_candidate(&letter, &end), OK);
    struct sig_message m = letter_message(&letter, &nobody, &nobody);
    ck_assert(m.end_of_candidates && m.candidate.candidate.len == 0);
    letter_free(&letter);
    ck_assert_ptr_null(letter.text);
}
END_TEST

START_TEST(what_finds_no_room_is_lost_and_nothing_leaks)
{
    outbox_init(&box);
    for (int i = 0; i < OUTBOX_MAX + 3; i++) post_offer("v=0");
    ck_assert_uint_eq(box.waiting.count, OUTBOX_MAX);
    ck_assert_uint_eq(box.waiting.dropped, 3);
    ck_assert_ptr_nonnull(outbox_take(&box));
    outbox_close(&box);
    ck_assert_ptr_null(outbox_take(&box));
}
END_TEST

SUITE("apps outbox", letters_are_taken_in_the_order_in_which_they_came, a_letter_is_a_copy,
      no_text_is_the_end_of_candidates, what_finds_no_room_is_lost_and_nothing_leaks)
