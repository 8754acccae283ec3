/* What --impair puts before the sockets: the text, its complaints, and that both ways are alike in
 * kind and not in luck. */
#include "tests/suite.h"

#include "apps/impair.h"

static struct sim_link_script script;
static char error[200];

START_TEST(a_complaint_names_the_bad_part)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"loss=5", "--impair \"loss=5\": loss= takes a percentage"},
        {"delay=50ms,rain=5%,loss=1%", "--impair \"rain=5%\": there is delay"},
        {"0s:loss=5%;5s:delay=1", "--impair \"delay=1\": delay= takes a time"},
        {"loss=5%;5s:delay=1ms", "--impair \"loss=5%\": a step begins with its time"},
        {"loss=5%,", "--impair \"\": there is delay"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ck_assert(!impair_option(rows[i].text, &script, error, sizeof error));
        ck_assert_msg(strstr(error, rows[i].says) == error, "%s: %s", rows[i].text, error);
    }
    char endless[1000];
    memset(endless, 'x', sizeof endless - 1);
    endless[sizeof endless - 1] = '\0';
    ck_assert(!impair_option(endless, &script, error, sizeof error));
}
END_TEST

/* Which of 64 packets get through each way, as bits. */
static void pass(const char *text, uint64_t *out, uint64_t *in)
{
    static struct packet p;
    ck_assert(impair_option(text, &script, error, sizeof error));
    struct impair *impair = impair_new(&script, SEC(100));
    ck_assert_ptr_nonnull(impair);
    for (unsigned n = 0; n < 64; n++) {
        usec now = SEC(100) + MS((usec)n);
        packet_reset(&p);
        p.at[p.len++] = (uint8_t)n;
        impair_send(impair, &p, now);
        impair_receive(impair, &p, now);
    }
    ck_assert_int_eq(impair_deadline(impair), SEC(100) + MS(50));
    for (*out = 0; impair_sent(impair, &p, SEC(101));) *out |= (uint64_t)1 << p.at[0];
    for (*in = 0; impair_received(impair, &p, SEC(101));) *in |= (uint64_t)1 << p.at[0];
    ck_assert_int_eq(impair_deadline(impair), TIME_NEVER);
    impair_free(impair);
}

START_TEST(each_way_has_its_own_luck_and_a_seed_its_own)
{
    uint64_t out, in, out_again, in_again;
    pass("delay=50ms", &out, &in);
    ck_assert(out == UINT64_MAX && in == UINT64_MAX);
    pass("delay=50ms,loss=50%", &out, &in);
    ck_assert(out != in && out != UINT64_MAX && in != UINT64_MAX && out && in);
    pass("delay=50ms,loss=50%,seed=1", &out_again, &in_again);
    ck_assert(out == out_again && in == in_again);
    pass("delay=50ms,loss=50%,seed=2", &out_again, &in_again);
    ck_assert(out != out_again && in != in_again);
    impair_free(NULL);
}
END_TEST

/* The script counts from the beginning of the call. */
START_TEST(a_script_begins_with_the_call)
{
    uint64_t out, in;
    pass("0s:delay=50ms;32ms:delay=50ms,loss=100%", &out, &in);
    ck_assert(out == UINT32_MAX && in == UINT32_MAX);
}
END_TEST

SUITE("apps impair", a_complaint_names_the_bad_part, each_way_has_its_own_luck_and_a_seed_its_own,
      a_script_begins_with_the_call)
