/* Memory runs out while a capture is read: each allocation of ours fails once, and then each and
 * all after it. Nothing crashes, nothing leaks, and what could be said was. */
#include "tests/nomem.h"

#include "apps/captureread.h"
#include "tests/apps/heardcall.h"

static struct bytes file;

struct outcome {
    bool none; /* there was no reader */
    size_t packets, explained;
};

static struct outcome read_all(size_t fail_at, enum nomem_mode mode)
{
    static const struct explain_options options;
    struct outcome out = {0};
    nomem_arm(fail_at, mode);
    struct captureread *read = captureread_new(file, &options);
    out.none = !read;
    for (const struct captured *p; read && (p = captureread_next(read));) {
        out.packets++;
        out.explained += p->x && explain_fault(p->x)->err == OK;
    }
    captureread_free(read);
    nomem_disarm();
    return out;
}

static void fails_well(enum nomem_mode mode)
{
    file = suite_file("fuzz/corpus/apps_captureread/firefox-and-duet");
    struct outcome want = read_all(NOMEM_NEVER, mode);
    ck_assert(want.packets > 5 && want.explained == want.packets);
    size_t count = nomem.count;
    for (size_t i = 0; i < count; i++) {
        struct outcome got = read_all(i, mode);
        ck_assert_uint_gt(nomem.failed, 0);
        ck_assert_uint_eq(nomem.leaked, 0);
        if (got.none) continue;
        ck_assert_uint_eq(got.packets, want.packets);
        ck_assert_uint_le(got.explained, want.explained);
        if (mode == NOMEM_ONCE) ck_assert_uint_ge(got.explained + 5, want.explained);
    }
    free((void *)(uintptr_t)file.at);
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

SUITE("apps capturenomem", each_allocation_fails_once, memory_is_gone_from_then_on)
