/* What every test program shares: a main over one suite, and files from the source tree.
 *
 *     SUITE("stun message", prefixes_are_truncated, vectors_of_rfc5769)
 *
 * at the end of a test file makes its main. */
#ifndef DUET_TESTS_SUITE_H
#define DUET_TESTS_SUITE_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/bytes.h"

static inline int suite_run(const char *name, const TTest *const *tests, size_t count)
{
    Suite *suite = suite_create(name);
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 60);
    for (size_t i = 0; i < count; i++) tcase_add_test(all, tests[i]);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#define SUITE(name, ...)                                                                           \
    int main(void)                                                                                 \
    {                                                                                              \
        const TTest *const tests[] = {__VA_ARGS__};                                                \
        return suite_run(name, tests, sizeof tests / sizeof tests[0]);                             \
    }

/* A whole file below the source tree, for the test to free through `bytes.at`; fails the test if
 * it is not there. */
static inline struct bytes suite_file(const char *path)
{
    char full[1024];
    snprintf(full, sizeof full, "%s/%s", DUET_SOURCE_DIR, path);
    FILE *f = fopen(full, "rb");
    ck_assert_msg(f != NULL, "%s is not there", full);
    fseek(f, 0, SEEK_END);
    long len = ftell(f);
    rewind(f);
    uint8_t *at = malloc(len > 0 ? (size_t)len : 1);
    ck_assert_ptr_nonnull(at);
    ck_assert_uint_eq(fread(at, 1, (size_t)len, f), (size_t)len);
    fclose(f);
    return (struct bytes){at, (size_t)len};
}

#endif
