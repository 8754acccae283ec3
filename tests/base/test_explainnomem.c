/* Memory runs out while something is explained: each allocation fails once, and then each and all
 * after it. What was said before stays, nothing false comes behind it, and the failure is named. */
#include "tests/nomem.h"

#include "base/explain.h"
#include "tests/suite.h"

static const uint8_t wire[] = {0xde, 0xad, 0xbe, 0xef};
static const struct bytes message = {wire, sizeof wire};
static char longer[70000]; /* than a piece of the arena */

#define FIELDS 40

static void explain_something(struct explain *x)
{
    for (int i = 0; i < FIELDS; i++) {
        explain_field(x, "field", message, "", "%d", i);
        explain_meaning(x, "one");
        explain_broken(x, "%.*s", i % 10 == 0 ? (int)sizeof longer : 300, longer);
        explain_number(x, "number", (uint64_t)i);
        explain_hex(x, "hex", (struct bytes){(const uint8_t *)longer, i % 10 == 5 ? 40000 : 5});
        explain_text(x, "text", bytes_of("some"));
        explain_summary(x, "said");
    }
    explain_refuse(x, E_MALFORMED, 2, "%.*s", 300, longer);
}

/* With its bytes and its texts whole, or not there. */
static bool is_true_as_far_as_it_goes(const struct explain *x)
{
    static const char *const names[] = {"number", "hex", "text"};
    bool is = true;
    size_t fields = explain_field_count(x), members = explain_member_count(x);
    for (size_t i = 0; i < fields; i++) {
        const struct explain_field *f = explain_field_at(x, i);
        char number[24];
        snprintf(number, sizeof number, "%zu", i);
        is = is && bytes_is(f->name, "field") && bytes_is(f->value, number) && f->raw.at == wire;
        /* The last one's meaning may be the first that was not taken. */
        if (i + 1 < fields) is = is && f->broken && bytes_starts(f->meaning, "one; x");
    }
    for (size_t i = 0; i < members; i++) {
        const struct explain_member *m = explain_member_at(x, i);
        is = is && bytes_is(m->name, names[i % 3]);
        if (i % 3 == 0) is = is && m->number == (int64_t)(i / 3);
        if (i % 3 == 2) is = is && bytes_is(m->text, "some");
    }
    return is;
}

/* Nothing of check while memory is short: it needs some itself. */
struct outcome {
    bool none, is_true, named;
    size_t fields;
    enum err err;
};

static struct outcome explain_until(size_t fail_at, enum nomem_mode mode)
{
    struct outcome out = {0};
    nomem_arm(fail_at, mode);
    struct explain *x = explain_new("test", message);
    out.none = !x;
    if (x) {
        explain_something(x);
        out.is_true = is_true_as_far_as_it_goes(x);
        out.fields = explain_field_count(x);
        out.err = explain_fault(x)->err;
        out.named = strstr(explain_fault(x)->rule, "no memory left") != NULL;
    }
    explain_free(x);
    nomem_disarm();
    return out;
}

static void fails_well(enum nomem_mode mode)
{
    memset(longer, 'x', sizeof longer);
    struct outcome out = explain_until(NOMEM_NEVER, mode);
    size_t count = nomem.count;
    ck_assert_uint_gt(count, 20);
    ck_assert(out.is_true && !out.named && out.err == E_MALFORMED && out.fields == FIELDS);
    for (size_t i = 0; i < count; i++) {
        out = explain_until(i, mode);
        ck_assert_uint_gt(nomem.failed, 0);
        ck_assert_uint_eq(nomem.leaked, 0);
        ck_assert_int_eq(out.none, i == 0);
        if (out.none) continue;
        ck_assert_msg(out.is_true && out.named, "%zu of %zu", i, count);
        /* All was said but why it was refused, or it ends in the middle. */
        ck_assert(out.err == E_NOMEM || (out.err == E_MALFORMED && out.fields == FIELDS));
    }
}

START_TEST(each_allocation_fails_once)
{
    fails_well(NOMEM_ONCE);
}
END_TEST

START_TEST(memory_is_gone_from_then_on)
{
    fails_well(NOMEM_FROM_THEN_ON);
}
END_TEST

SUITE("explain without memory", each_allocation_fails_once, memory_is_gone_from_then_on)
