/* Golden texts: what a ladder looks like. */
#include "tests/suite.h"

#include "base/columns.h"
#include "trace/ladder.h"

static struct ladder_config page(size_t width)
{
    return (struct ladder_config){.lanes = {{"A", 1}, {"B", 1}},
                                  .width = width,
                                  .left = 11,
                                  .right = 12,
                                  .fine = true,
                                  .fold = TIME_NEVER};
}

/* All lines that are due, each with its end. */
static const char *drained(struct ladder *l)
{
    static char text[16 * LADDER_LINE_MAX];
    size_t len = 0;
    for (struct bytes line; ladder_line(l, &line);) {
        ck_assert_uint_lt(len + line.len + 2, sizeof text);
        memcpy(text + len, line.at, line.len);
        len += line.len;
        text[len++] = '\n';
    }
    text[len] = '\0';
    return text;
}

static const char *drawn(struct ladder *l, struct ladder_event event)
{
    ck_assert_int_eq(ladder_input(l, &event), OK);
    return drained(l);
}

static struct ladder_event message(usec at, size_t from, size_t to, const char *words)
{
    return (struct ladder_event){.at = at,
                                 .from = from,
                                 .to = to,
                                 .from_name = "server",
                                 .to_name = "server",
                                 .words = bytes_of(words),
                                 .bytes = 96};
}

static struct ladder_event lost(struct ladder_event e, const char *why)
{
    e.lost = why;
    return e;
}

static struct ladder_event note(usec at, size_t lane, const char *words)
{
    return (struct ladder_event){
        .type = LADDER_NOTE, .at = at, .from = lane, .words = bytes_of(words)};
}

static struct ladder_event repeated(usec at, size_t from, size_t to, uint64_t number,
                                    const char *label)
{
    struct ladder_event e = message(at, from, to, label);
    e.repeats = number;
    e.label = label;
    return e;
}

static struct ladder *ladder(const struct ladder_config *cfg)
{
    struct ladder *l = ladder_new(cfg);
    ck_assert_ptr_nonnull(l);
    drawn(l, note(0, 0, "")); /* takes the head off */
    return l;
}

START_TEST(the_head_names_the_lanes_once)
{
    struct ladder_config cfg = page(72);
    struct ladder *l = ladder_new(&cfg);
    ck_assert_str_eq(drained(l), "");
    ck_assert_str_eq(drawn(l, note(20000, 0, "connecting")),
                     "    seconds             A                                  B\n"
                     "   0.020000  connecting ●                                  │\n");
    ck_assert_str_eq(drawn(l, note(20000, 1, "connecting")),
                     "   0.020000             │                                  ● connecting\n");
    ladder_free(l);
}
END_TEST

START_TEST(arrows_have_their_words_beside_who_sends)
{
    struct ladder_config cfg = page(72);
    struct ladder *l = ladder(&cfg);
    struct ladder_event relayed = message(20000, 0, 1, "offer");
    relayed.relayed = true;
    ck_assert_str_eq(drawn(l, relayed),
                     "   0.020000             ╞══ offer ════════════════════════▶│ 96 bytes\n");
    relayed.from = 1, relayed.to = 0;
    ck_assert_str_eq(drawn(l, relayed),
                     "   0.020000             │◀════════════════════════ offer ══╡ 96 bytes\n");
    ck_assert_str_eq(drawn(l, message(MS(50), 0, 1, "check")),
                     "   0.050000             ├── check ────────────────────────▶│ 96 bytes\n");
    ck_assert_str_eq(drawn(l, message(MS(50), 1, 0, "check")),
                     "   0.050000             │◀──────────────────────── check ──┤ 96 bytes\n");
    ck_assert_str_eq(drawn(l, message(MS(50), 1, 0, "")),
                     "   0.050000             │◀─────────────────────────────────┤ 96 bytes\n");
    ladder_free(l);
}
END_TEST

START_TEST(what_is_lost_does_not_arrive)
{
    struct ladder_config cfg = page(72);
    struct ladder *l = ladder(&cfg);
    ck_assert_str_eq(drawn(l, lost(message(1, 0, 1, "check"), "lost")),
                     "   0.000001             ├── check ──────────────────✗ lost │ 96 bytes\n");
    ck_assert_str_eq(drawn(l, lost(message(1, 1, 0, "check"), "lost")),
                     "   0.000001             │ lost ✗────────────────── check ──┤ 96 bytes\n");
    struct ladder_event e = lost(message(1, 0, 1, "check"), "nobody has it");
    e.type = LADDER_STOPPED;
    ck_assert_str_eq(drawn(l, e),
                     "   0.000001             │  check ┄┄┄┄┄┄┄┄┄┄✗ nobody has it │ 96 bytes\n");
    e.from = 1, e.to = 0;
    ck_assert_str_eq(drawn(l, e),
                     "   0.000001             │ nobody has it ✗┄┄┄┄┄┄┄┄┄┄ check  │ 96 bytes\n");
    ladder_free(l);
}
END_TEST

START_TEST(who_has_no_lane_has_a_name)
{
    struct ladder_config cfg = page(72);
    struct ladder *l = ladder(&cfg);
    size_t away = LADDER_ELSEWHERE;
    ck_assert_str_eq(drawn(l, message(1, 0, away, "ask")),
                     "   0.000001             ├──▶ server: ask                   │ 96 bytes\n");
    ck_assert_str_eq(drawn(l, message(1, away, 0, "told")),
                     "   0.000001             │◀── server: told                  │ 96 bytes\n");
    ck_assert_str_eq(drawn(l, message(1, 1, away, "ask")),
                     "   0.000001             │                   server: ask ◀──┤ 96 bytes\n");
    ck_assert_str_eq(drawn(l, message(1, away, 1, "told")),
                     "   0.000001             │                  server: told ──▶│ 96 bytes\n");
    ck_assert_str_eq(drawn(l, lost(message(1, 1, away, "ask"), "gone")),
                     "   0.000001             │            server: ask (gone) ✗──┤ 96 bytes\n");
    ck_assert_str_eq(drawn(l, message(1, away, away, "talk")),
                     "   0.000001             │  server ▶ server: talk           │ 96 bytes\n");
    ck_assert_str_eq(drawn(l, message(1, 1, 1, "mutter")),
                     "   0.000001             │  B ▶ B: mutter                   │ 96 bytes\n");
    ladder_free(l);
}
END_TEST

START_TEST(what_repeats_is_counted_once_something_else_comes)
{
    struct ladder_config cfg = page(72);
    struct ladder *l = ladder(&cfg);
    ck_assert_str_eq(drawn(l, repeated(MS(1), 0, 1, 7, "media")),
                     "   0.001000             ├── media ────────────────────────▶│ 96 bytes\n");
    for (int i = 2; i < 12; i++) ck_assert_str_eq(drawn(l, repeated(MS(i), 0, 1, 7, "media")), "");
    ck_assert_str_eq(drawn(l, lost(repeated(MS(12), 0, 1, 7, "media"), "lost")), "");
    drawn(l, repeated(MS(12), 0, 1, 8, "check")); /* the first one: counts are drawn before it */
    for (int i = 13; i < 16; i++) {
        ck_assert_str_eq(drawn(l, repeated(MS(i), 1, 0, 7, "media")), "");
        ck_assert_str_eq(drawn(l, repeated(MS(i), 0, 1, 7, "media")), "");
        ck_assert_str_eq(drawn(l, repeated(MS(i), 0, 1, 8, "check")), "");
    }
    ck_assert_str_eq(drawn(l, note(SEC(3), 0, "closed")),
                     "   0.013000             │◀┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄ media ×3 ┄┄┤ for 2 ms\n"
                     "   0.013000             ├┄┄ media ×3 · check ×3 ┄┄┄┄┄┄┄┄┄┄▶│ for 2 ms\n"
                     "   3.000000      closed ●                                  │\n");
    ladder_free(l);
}
END_TEST

START_TEST(a_count_of_one_is_drawn_as_what_it_is)
{
    struct ladder_config cfg = page(72);
    struct ladder *l = ladder(&cfg);
    drawn(l, repeated(MS(1), 0, 1, 7, "media"));
    struct ladder_event e = lost(repeated(MS(2), 0, 1, 7, "media"), "lost");
    char words[] = "number 5";
    e.words = bytes_of(words);
    ck_assert_str_eq(drawn(l, e), "");
    memset(words, 'x', sizeof words - 1); /* a ladder keeps no view of it */
    ladder_flush(l);
    ck_assert_str_eq(drained(l),
                     "   0.002000             ├── number 5 ───────────────✗ lost │ 96 bytes\n");
    ladder_flush(l);
    ck_assert_str_eq(drained(l), "");
    ladder_free(l);
}
END_TEST

START_TEST(losses_that_are_known_later_are_counted)
{
    struct ladder_config cfg = page(72);
    struct ladder *l = ladder(&cfg);
    drawn(l, repeated(MS(1), 0, 1, 7, "check"));
    struct ladder_event e = lost(repeated(MS(2), 0, 1, 8, "check"), "filtered");
    e.type = LADDER_STOPPED;
    drawn(l, e);
    for (int i = 3; i < 6; i++) {
        drawn(l, repeated(MS(i), 0, 1, 7, "check"));
        e.at = MS(i);
        drawn(l, e);
    }
    ladder_flush(l);
    ck_assert_str_eq(drained(l),
                     "   0.003000             ├┄┄ check ×3 (3 lost) ┄┄┄┄┄┄┄┄┄┄┄┄▶│ for 2 ms\n");
    ladder_free(l);
}
END_TEST

START_TEST(counts_come_in_time_when_time_goes_on)
{
    struct ladder_config cfg = page(72);
    cfg.fold = SEC(5);
    struct ladder *l = ladder(&cfg);
    for (int i = 0; i < 50; i++) drawn(l, repeated(MS(100 * i), 0, 1, 7, "media"));
    ladder_tick(l, SEC(5));
    ck_assert_str_eq(drained(l), "");
    ladder_tick(l, SEC(5) + MS(100));
    ck_assert_str_eq(drained(l),
                     "   0.100000             ├┄┄ media ×49 ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄▶│ for 4.8 s\n");
    for (int i = 0; i < 10; i++) drawn(l, repeated(SEC(6) + i, 0, 1, 7, "media"));
    /* Without a tick the next event sees it. */
    ck_assert_str_eq(drawn(l, repeated(SEC(11), 0, 1, 7, "media")),
                     "   6.000000             ├┄┄ media ×10 ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄▶│\n");
    ladder_free(l);
}
END_TEST

START_TEST(kinds_that_do_not_fit_one_arrow_get_another)
{
    static const char *const labels[] = {"media", "feedback", "consent",   "answer",
                                         "data",  "request",  "indication"};
    struct ladder_config cfg = page(60);
    struct ladder *l = ladder(&cfg);
    for (size_t i = 0; i < 7; i++) drawn(l, repeated(0, 0, 1, i + 1, labels[i]));
    for (size_t i = 0; i < 6; i++)
        for (int k = 0; k < 2; k++) drawn(l, repeated(MS(k), 0, 1, i + 1, labels[i]));
    /* More kinds than an arrow counts: it is drawn, and counting begins anew. */
    ck_assert_str_eq(drawn(l, repeated(MS(2), 0, 1, 7, labels[6])),
                     "   0.000000             ├┄┄ media ×2 ┄┄┄┄┄┄┄┄┄▶│ for 1 ms\n"
                     "   0.000000             ├┄┄ feedback ×2 ┄┄┄┄┄┄▶│ for 1 ms\n"
                     "   0.000000             ├┄┄ consent ×2 ┄┄┄┄┄┄┄▶│ for 1 ms\n"
                     "   0.000000             ├┄┄ answer ×2 ┄┄┄┄┄┄┄┄▶│ for 1 ms\n"
                     "   0.000000             ├┄┄ data ×2 ┄┄┄┄┄┄┄┄┄┄▶│ for 1 ms\n"
                     "   0.000000             ├┄┄ request ×2 ┄┄┄┄┄┄┄▶│ for 1 ms\n");
    ladder_flush(l);
    ck_assert_str_eq(drained(l), "   0.002000             ├── indication ───────▶│ 96 bytes\n");
    ladder_free(l);
}
END_TEST

START_TEST(words_are_cut_where_they_must_be)
{
    struct ladder_config cfg = page(60);
    struct ladder *l = ladder(&cfg);
    struct ladder_event e = message(0, 0, 1, "server_hello, certificate, and others");
    ck_assert_str_eq(drawn(l, e), "   0.000000             ├── server_hello… ────▶│ 96 bytes\n");
    e.brief = bytes_of("hello to done");
    ck_assert_str_eq(drawn(l, e), "   0.000000             ├── hello to done ────▶│ 96 bytes\n");
    e.words = bytes_of("マトリックスマトリックス"); /* two columns each */
    e.brief = bytes_of("");
    ck_assert_str_eq(drawn(l, e), "   0.000000             ├── マトリックスマ… ──▶│ 96 bytes\n");
    e.words = bytes_of("a\x1b[2Jb\n\xff");
    ck_assert_str_eq(drawn(l, e),
                     "   0.000000             ├── a\\x1b[2Jb\\n\xef\xbf\xbd ─────▶│ 96 bytes\n");
    ladder_free(l);
}
END_TEST

START_TEST(a_note_that_is_too_long_for_the_margin_stands_inside)
{
    struct ladder_config cfg = page(72);
    struct ladder *l = ladder(&cfg);
    ck_assert_str_eq(drawn(l, note(0, 0, "failed: no answer")),
                     "   0.000000             ● failed: no answer                │\n");
    ck_assert_str_eq(drawn(l, note(0, 1, "failed: no answer")),
                     "   0.000000             │                failed: no answer ●\n");
    ck_assert_str_eq(drawn(l, note(0, 0, "failed: no answer to 81 checks on two pairs, none")),
                     "   0.000000             ● failed: no answer to 81 checks on two pairs…\n");
    ladder_free(l);
}
END_TEST

START_TEST(three_lanes_and_one_more)
{
    struct ladder_config cfg = {.lanes = {{"server", 2}, {"we", 3}, {"peer", 1}},
                                .width = 100,
                                .right = 12,
                                .fold = TIME_NEVER};
    struct ladder *l = ladder_new(&cfg);
    ck_assert_str_eq(drawn(l, note(MS(1500), 1, "state")),
                     " seconds  server                          we                             "
                     "            peer\n"
                     "   1.500  │                                ● state                        "
                     "             │\n");
    ck_assert_str_eq(drawn(l, message(MS(1500), 0, 2, "past us")),
                     "   1.500  ├── past us ─────────────────────┼─────────────────────────────"
                     "─────────────▶│ 96 bytes\n");
    ck_assert_uint_eq(ladder_lane_count(l), 3);
    ck_assert_uint_eq(ladder_add(l, &(struct ladder_lane){"one more", 1}), 3);
    ck_assert_uint_eq(ladder_add(l, &(struct ladder_lane){"too many", 1}), LADDER_ELSEWHERE);
    ladder_rename(l, 3, "another");
    ladder_rename(l, 4, "nobody");
    ck_assert_str_eq(drawn(l, message(MS(1500), 3, 1, "hello")),
                     " seconds  server                  we                              peer  "
                     "            another\n"
                     "   1.500  │                        │◀───────────────────────────────┼─────"
                     "──── hello ──┤ 96 bytes\n");
    ladder_free(l);
}
END_TEST

START_TEST(on_a_typewriter)
{
    struct ladder_config cfg = page(72);
    cfg.ascii = true;
    struct ladder *l = ladder(&cfg);
    drawn(l, repeated(0, 0, 1, 7, "media"));
    for (int i = 0; i < 2; i++) drawn(l, repeated(MS(i), 0, 1, 7, "media"));
    ck_assert_str_eq(drawn(l, lost(message(MS(1), 1, 0, "this is too long to be said"), "lost")),
                     "   0.000000             |.. media x2 .....................>| for 1 ms\n"
                     "   0.001000             | lost X--- this is too long to~ --| 96 bytes\n");
    ck_assert_str_eq(drawn(l, message(MS(1), 1, 1, "mutter")),
                     "   0.001000             |  B > B: mutter                   | 96 bytes\n");
    ladder_free(l);
}
END_TEST

START_TEST(colours_are_switched_off_at_the_end_of_each_line)
{
    struct ladder_config cfg = page(72);
    cfg.colour = true;
    struct ladder *l = ladder(&cfg);
    struct ladder_event e = lost(message(0, 0, 1, "x"), "lost");
    e.ink = LADDER_KEYS;
    const char *line = drawn(l, e);
    ck_assert_ptr_nonnull(strstr(line, "\x1b[33m├── x ──"));
    ck_assert_ptr_nonnull(strstr(line, "\x1b[1;31m✗ lost"));
    ck_assert_str_eq(line + strlen(line) - 5, "\x1b[0m\n");
    ladder_free(l);
}
END_TEST

START_TEST(times_keep_their_columns)
{
    struct ladder_config cfg = page(72);
    struct ladder *l = ladder(&cfg);
    const struct {
        usec at;
        const char *shown;
    } cases[] = {{1, "   0.000001"},  {SEC(9999), "9999.000000"}, {SEC(12345) + 1, "12345.00000"},
                 {-1, "  -0.000001"}, {INT64_MIN, "-9223372036"}, {INT64_MAX, "92233720368"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *line = drawn(l, note(cases[i].at, 0, ""));
        ck_assert_msg(memcmp(line, cases[i].shown, 11) == 0, "%s", line);
    }
    /* Those of a capture may jump. */
    static const usec jumps[] = {0, INT64_MIN, INT64_MAX, -1, INT64_MIN};
    for (size_t i = 0; i < COUNT(jumps); i++) drawn(l, repeated(jumps[i], 0, 1, 7, "media"));
    ladder_tick(l, INT64_MAX);
    ladder_tick(l, INT64_MIN);
    drained(l);
    ladder_free(l);
}
END_TEST

START_TEST(lines_must_be_drained_before_the_next_event)
{
    struct ladder_config cfg = page(72);
    struct ladder *l = ladder(&cfg);
    struct ladder_event e = message(0, 0, 1, "x");
    ck_assert_int_eq(ladder_input(l, &e), OK);
    ck_assert_int_eq(ladder_input(l, &e), E_STATE);
    drained(l);
    ck_assert_int_eq(ladder_input(l, &e), OK);
    ladder_free(l);
}
END_TEST

START_TEST(pages_of_any_size_hold_what_they_must)
{
    for (size_t width = 0; width < 260; width++) {
        for (size_t lanes = 0; lanes <= LADDER_LANES_MAX; lanes++) {
            struct ladder_config cfg = {.width = width, .left = width % 40, .right = width % 50};
            for (size_t i = 0; i < lanes; i++) cfg.lanes[i] = (struct ladder_lane){"lane", 0};
            struct ladder *l = ladder_new(&cfg);
            size_t most = width < 60 ? 60 : width > 200 ? 200 : width;
            for (size_t from = 0; from <= LADDER_LANES_MAX; from++) {
                drawn(l, lost(message(0, from, (from + 3) % 9, "some words"), "and a reason"));
                struct ladder_event e = message(0, (from + 5) % 9, from, "some words");
                ck_assert_int_eq(ladder_input(l, &e), OK);
                for (struct bytes line; ladder_line(l, &line);)
                    ck_assert_uint_le(columns_width(line), most);
            }
            ladder_free(l);
        }
    }
}
END_TEST

/* Of whom nobody has said who it is, and without words or reason. */
START_TEST(what_nobody_has_said)
{
    struct ladder_config cfg = page(72);
    struct ladder *l = ladder(&cfg);
    struct ladder_event e = message(1, 0, 1, "");
    ck_assert_str_eq(drawn(l, e),
                     "   0.000001             ├─────────────────────────────────▶│ 96 bytes\n");
    ck_assert_str_eq(drawn(l, lost(e, "lost")),
                     "   0.000001             ├───────────────────────────✗ lost │ 96 bytes\n");
    e.type = LADDER_STOPPED;
    e.words = bytes_of("check");
    ck_assert_str_eq(drawn(l, e),
                     "   0.000001             │  check ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄✗ lost │ 96 bytes\n");
    e.from = e.to = 1;
    ck_assert_str_eq(drawn(l, e),
                     "   0.000001             │  B ▶ B: check                    │ 96 bytes\n");
    e.from = LADDER_ELSEWHERE, e.to = 0, e.from_name = NULL;
    ck_assert_str_eq(drawn(l, e),
                     "   0.000001             │  ? ▶ A: check                    │ 96 bytes\n");
    e.from = 0, e.to = LADDER_ELSEWHERE, e.to_name = NULL;
    ck_assert_str_eq(drawn(l, e),
                     "   0.000001             │  A ▶ ?: check                    │ 96 bytes\n");
    e.type = LADDER_MESSAGE;
    ck_assert_str_eq(drawn(l, e),
                     "   0.000001             ├──▶ ?: check                      │ 96 bytes\n");
    ck_assert_str_eq(drawn(l, note(1, 1, "")),
                     "   0.000001             │                                  ●\n");
    ck_assert_str_eq(drawn(l, note(1, LADDER_ELSEWHERE, "somewhere")),
                     "   0.000001   somewhere ●                                  │\n");
    ladder_free(l);
}
END_TEST

/* Words of which nothing is left but what would stand before the mark. */
START_TEST(words_that_are_commas)
{
    struct ladder_config cfg = page(72);
    struct ladder *l = ladder(&cfg);
    char commas[101];
    memset(commas, ',', sizeof commas - 1);
    commas[sizeof commas - 1] = '\0';
    ck_assert_str_eq(drawn(l, message(1, 0, 1, commas)),
                     "   0.000001             ├── … ────────────────────────────▶│ 96 bytes\n");
    ladder_free(l);
}
END_TEST

/* Two who have no lane are told apart by their names; what repeats has a label or "the same". */
START_TEST(repetitions_of_those_without_a_lane)
{
    struct ladder_config cfg = page(100);
    struct ladder *l = ladder(&cfg);
    static const char *const names[] = {"one", "two", NULL};
    for (int i = 0; i < 4; i++) {
        for (size_t k = 0; k < COUNT(names); k++) {
            struct ladder_event e = repeated(MS(i), 0, LADDER_ELSEWHERE, 7, "ask");
            e.label = NULL;
            e.to_name = names[k];
            drawn(l, e);
            e = repeated(MS(i), LADDER_ELSEWHERE, 0, 7, "media");
            e.from_name = names[k];
            drawn(l, e);
        }
        drawn(l, repeated(MS(i), 0, 1, 7, "media"));
    }
    ladder_flush(l);
    const char *lines = drained(l);
    static const char *const want[] = {
        "▶ one: the same ×3", "▶ two: the same ×4", "▶ : the same ×4", "one: media ×4",
        "two: media ×4",      " : media ×4",        "media ×4"};
    for (size_t i = 0; i < COUNT(want); i++)
        ck_assert_msg(strstr(lines, want[i]) != NULL, "no %s in\n%s", want[i], lines);
    ladder_free(l);
}
END_TEST

/* Of several that wait the one that began first is drawn first, however they came in. */
START_TEST(the_earliest_is_drawn_first)
{
    struct ladder_config cfg = page(72);
    struct ladder *l = ladder(&cfg);
    drawn(l, repeated(0, 0, 1, 7, "media"));
    for (int i = 0; i < 2; i++) {
        drawn(l, repeated(MS(5 + i), 0, 1, 7, "media"));
        drawn(l, repeated(MS(2 + i), 1, 0, 7, "media"));
    }
    ladder_flush(l);
    ck_assert_str_eq(drained(l),
                     "   0.002000             │◀┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄ media ×2 ┄┄┤ for 1 ms\n"
                     "   0.005000             ├┄┄ media ×2 ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄▶│ for 1 ms\n");
    ladder_free(l);
}
END_TEST

START_TEST(durations_have_the_unit_that_fits)
{
    static const struct {
        usec took;
        const char *text;
    } rows[] = {{MS(999), "for 999 ms"},
                {MS(1000), "for 1.0 s"},
                {MS(119999), "for 119.9 s"},
                {SEC(120), "for 2 min"},
                {SEC(3599), "for 59 min"}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct ladder_config cfg = page(72);
        struct ladder *l = ladder(&cfg);
        drawn(l, repeated(0, 0, 1, 7, "media"));
        drawn(l, repeated(0, 0, 1, 7, "media"));
        drawn(l, repeated(rows[i].took, 0, 1, 7, "media"));
        ladder_flush(l);
        const char *line = drained(l);
        ck_assert_msg(strstr(line, rows[i].text) != NULL, "%s", line);
        ladder_free(l);
    }
}
END_TEST

/* Labels that are longer than any row: one a row. */
START_TEST(labels_without_end)
{
    struct ladder_config cfg = page(200);
    struct ladder *l = ladder(&cfg);
    static char labels[3][400];
    for (size_t i = 0; i < COUNT(labels); i++) {
        memset(labels[i], 'a' + (int)i, sizeof labels[i] - 1);
        drawn(l, repeated(0, 0, 1, i + 1, labels[i]));
    }
    for (size_t i = 0; i < 2 * COUNT(labels); i++)
        ck_assert_str_eq(drawn(l, repeated(0, 0, 1, i / 2 + 1, labels[i / 2])), "");
    ladder_flush(l);
    const char *lines = drained(l);
    size_t rows = 0;
    for (const char *at = lines; (at = strchr(at, '\n')); at++) rows++;
    ck_assert_uint_eq(rows, COUNT(labels));
    ck_assert(strstr(lines, "aaa") && strstr(lines, "bbb") && strstr(lines, "ccc"));
    ladder_free(l);
}
END_TEST

/* One lane is for times and sizes; more than there can be are none. */
START_TEST(lanes_that_a_width_holds)
{
    ck_assert_uint_eq(ladder_lanes_in(0), 1);
    ck_assert_uint_eq(ladder_lanes_in(19), 1);
    ck_assert_uint_ge(ladder_lanes_in(60), 2);
    ck_assert_uint_eq(ladder_lanes_in(LADDER_WIDTH_MOST), ladder_lanes_in(100000));
    ck_assert_uint_le(ladder_lanes_in(SIZE_MAX), LADDER_LANES_MAX);
}
END_TEST

SUITE("ladder", the_head_names_the_lanes_once, arrows_have_their_words_beside_who_sends,
      what_is_lost_does_not_arrive, who_has_no_lane_has_a_name,
      what_repeats_is_counted_once_something_else_comes, a_count_of_one_is_drawn_as_what_it_is,
      losses_that_are_known_later_are_counted, counts_come_in_time_when_time_goes_on,
      kinds_that_do_not_fit_one_arrow_get_another, words_are_cut_where_they_must_be,
      a_note_that_is_too_long_for_the_margin_stands_inside, three_lanes_and_one_more,
      on_a_typewriter, colours_are_switched_off_at_the_end_of_each_line, times_keep_their_columns,
      lines_must_be_drained_before_the_next_event, what_nobody_has_said, words_that_are_commas,
      repetitions_of_those_without_a_lane, the_earliest_is_drawn_first,
      durations_have_the_unit_that_fits, labels_without_end, lanes_that_a_width_holds,
      pages_of_any_size_hold_what_they_must)
