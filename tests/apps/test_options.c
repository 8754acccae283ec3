#include "apps/options.h"
#include "tests/suite.h"

#include <string.h>

static bool flag;
static const char *text;
static long number;
static struct option_list list, words;
static char error[200];

static bool parse(int argc, const char *const *argv)
{
    const struct option options[] = {
        {.name = "--flag", OPTION_FLAG, &flag, 0, 0, NULL},
        {.name = "--text", OPTION_TEXT, &text, 0, 0, NULL},
        {.name = "--number", OPTION_NUMBER, &number, 1, 99, NULL},
        {.name = "--list", OPTION_LIST, &list, 0, 0, NULL},
        {.name = "--later", OPTION_LATER, NULL, 0, 0, "it needs SCTP"},
    };
    char *copy[20];
    for (int i = 0; i < argc; i++) memcpy(&copy[i], &argv[i], sizeof copy[i]);
    flag = false, text = NULL, number = 7, list.count = 0, error[0] = '\0';
    return options_parse(options, COUNT(options), argc, copy, &words, 2, error, sizeof error);
}

START_TEST(every_kind_in_both_spellings)
{
    static const char *const argv[] = {"one",    "--flag", "--text",   "a b", "--number=42",
                                       "--list", "x",      "--list=y", "two"};
    ck_assert(parse(9, argv));
    ck_assert(flag);
    ck_assert_str_eq(text, "a b");
    ck_assert_int_eq(number, 42);
    ck_assert_uint_eq(list.count, 2);
    ck_assert_str_eq(list.items[1], "y");
    ck_assert_uint_eq(words.count, 2);
    ck_assert_str_eq(words.items[1], "two");
}
END_TEST

START_TEST(wrong_usage_names_the_word)
{
    static const struct {
        const char *argv[4];
        int argc;
        const char *says;
    } rows[] = {
        {{"--nonsense"}, 1, "--nonsense"},      {{"--text"}, 1, "--text needs a value"},
        {{"--number", "0"}, 2, "from 1 to 99"}, {{"--number", "100"}, 2, "from 1 to 99"},
        {{"--number", "5x"}, 2, "\"5x\""},      {{"--number", ""}, 2, "\"\""},
        {{"--flag=1"}, 1, "takes no value"},    {{"--later", "x"}, 2, "SCTP"},
        {{"a", "b", "c"}, 3, "\"c\""},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ck_assert(!parse(rows[i].argc, rows[i].argv));
        ck_assert_msg(strstr(error, rows[i].says) != NULL, "\"%s\" lacks %s", error, rows[i].says);
    }
}
END_TEST

START_TEST(lists_are_bounded)
{
    const char *argv[2 * (OPTION_LIST_MAX + 1)];
    for (size_t i = 0; i < COUNT(argv); i += 2) argv[i] = "--list", argv[i + 1] = "x";
    char *copy[COUNT(argv)];
    memcpy(copy, argv, sizeof copy);
    const struct option options[] = {{.name = "--list", OPTION_LIST, &list, 0, 0, NULL}};
    list.count = 0;
    ck_assert(!options_parse(options, 1, (int)COUNT(argv), copy, &words, 0, error, sizeof error));
    ck_assert_uint_eq(list.count, OPTION_LIST_MAX);
}
END_TEST

SUITE("apps options", every_kind_in_both_spellings, wrong_usage_names_the_word, lists_are_bounded)
