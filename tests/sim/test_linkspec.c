/* The text of links and scripts: what is read, what is refused and where, and that what is written
 * is read back. */
#include "tests/suite.h"

#include "sim/linkspec.h"

static struct sim_link_spec spec;
static struct fault fault;

static bool parse(const char *text)
{
    return sim_link_parse(&spec, bytes_of(text), &fault) == OK;
}

START_TEST(the_line_of_the_manual)
{
    ck_assert(parse("loss=5%,delay=50ms,jitter=10ms,reorder=1%,dup=1%,corrupt=0.1%,rate=1mbit,"
                    "queue=200ms,seed=7"));
    ck_assert_int_eq(fault.err, OK);
    ck_assert_uint_eq(spec.loss_ppm, 50000);
    ck_assert_int_eq(spec.delay, MS(50));
    ck_assert_int_eq(spec.jitter, MS(10));
    ck_assert_uint_eq(spec.reorder_ppm, 10000);
    ck_assert_int_eq(spec.reorder_by, 0);
    ck_assert_uint_eq(spec.duplicate_ppm, 10000);
    ck_assert_uint_eq(spec.corrupt_ppm, 1000);
    ck_assert_uint_eq(spec.rate_bps, 1000000);
    ck_assert_int_eq(spec.queue_time, MS(200));
    ck_assert_uint_eq(spec.queue_bytes, 0);
    ck_assert_int_eq(spec.queue, SIM_DROP_TAIL);
    ck_assert_uint_eq(spec.seed, 7);
}
END_TEST

START_TEST(the_other_items)
{
    ck_assert(parse("burst=1%/30%,reorder=2%/15ms,queue=64kB,rate=2.5mbit,codel,mtu=1280"));
    ck_assert_uint_eq(spec.bursts.good_to_bad_ppm, 10000);
    ck_assert_uint_eq(spec.bursts.bad_to_good_ppm, 300000);
    ck_assert_uint_eq(spec.bursts.loss_bad_ppm, SIM_PPM);
    ck_assert_uint_eq(spec.bursts.loss_good_ppm, 0);
    ck_assert_int_eq(spec.reorder_by, MS(15));
    ck_assert_uint_eq(spec.queue_bytes, 64000);
    ck_assert_int_eq(spec.queue_time, 0);
    ck_assert_uint_eq(spec.rate_bps, 2500000);
    ck_assert_int_eq(spec.queue, SIM_CODEL);
    ck_assert_uint_eq(spec.mtu, 1280);
    ck_assert(parse("burst=1%/2%/3%/4%,queue=20000/1.5s,seed=18446744073709551615"));
    ck_assert_uint_eq(spec.bursts.loss_bad_ppm, 30000);
    ck_assert_uint_eq(spec.bursts.loss_good_ppm, 40000);
    ck_assert_uint_eq(spec.queue_bytes, 20000);
    ck_assert_int_eq(spec.queue_time, MS(1500));
    ck_assert_uint_eq(spec.seed, UINT64_MAX);
}
END_TEST

START_TEST(units_and_fractions_are_exact)
{
    static const struct {
        const char *text;
        usec delay;
    } rows[] = {{"delay=1us", 1},        {"delay=0ms", 0},          {"delay=0.001ms", 1},
                {"delay=1.5s", 1500000}, {"delay=0.5min", SEC(30)}, {"delay=60min", SEC(3600)},
                {"delay=0.10MS", 100},   {"delay=007ms", MS(7)}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        ck_assert_msg(parse(rows[i].text), "%s", rows[i].text);
        ck_assert_int_eq(spec.delay, rows[i].delay);
    }
    ck_assert(parse("loss=0.0001%"));
    ck_assert_uint_eq(spec.loss_ppm, 1);
    ck_assert(parse("loss=33.3333%,rate=1gbit"));
    ck_assert_uint_eq(spec.loss_ppm, 333333);
    ck_assert_uint_eq(spec.rate_bps, 1000000000);
}
END_TEST

START_TEST(nothing_is_a_perfect_link)
{
    static const struct sim_link_spec perfect;
    ck_assert(parse(""));
    ck_assert_mem_eq(&spec, &perfect, sizeof spec);
    ck_assert_int_eq(sim_link_parse(&spec, (struct bytes){NULL, 0}, &fault), OK);
}
END_TEST

START_TEST(a_rate_has_a_queue)
{
    ck_assert(parse("rate=1mbit"));
    ck_assert_int_eq(spec.queue_time, SIM_LINK_QUEUE_TIME);
    ck_assert(parse("queue=5kB,rate=1mbit"));
    ck_assert_int_eq(spec.queue_time, 0);
    ck_assert(parse("rate=1mbit,queue=max"));
    ck_assert_int_eq(spec.queue_time, 0);
    ck_assert_uint_eq(spec.queue_bytes, 0);
}
END_TEST

START_TEST(what_is_wrong_is_refused_where_it_is)
{
    static const struct {
        const char *text;
        size_t offset;
        const char *says;
    } rows[] = {
        {"dance", 0, "there is delay"},
        {"los=5%", 0, "there is delay"},
        {"Loss=5%", 0, "there is delay"},
        {",", 0, "there is delay"},
        {"loss=5%,", 8, "there is delay"},
        {"loss=5%,,delay=1ms", 8, "there is delay"},
        {" loss=5%", 0, "there is delay"},
        {"loss", 0, "percentage"},
        {"loss=", 0, "percentage"},
        {"loss=5", 0, "percentage"},
        {"loss=5%%", 0, "percentage"},
        {"loss=-5%", 0, "percentage"},
        {"loss=+5%", 0, "percentage"},
        {"loss=.5%", 0, "percentage"},
        {"loss=5.%", 0, "percentage"},
        {"loss=5.1.1%", 0, "percentage"},
        {"loss=5 %", 0, "percentage"},
        {"loss=0.00001%", 0, "percentage"},
        {"loss=100.0001%", 0, "percentage"},
        {"loss=99999999999999999999%", 0, "percentage"},
        {"delay=50ms,loss=5ms", 11, "loss= takes"},
        {"delay=50", 0, "time"},
        {"delay=0.5us", 0, "time"},
        {"delay=61min", 0, "time"},
        {"delay=50ms,jitter=1h", 11, "jitter= takes"},
        {"delay=5ms,delay=6ms", 10, "twice"},
        {"dup=x", 0, "dup= takes"},
        {"corrupt=1", 0, "corrupt= takes"},
        {"reorder=1%/", 0, "reorder= takes"},
        {"reorder=1%/0ms", 0, "reorder= takes"},
        {"reorder=1%/5ms/5ms", 0, "reorder= takes"},
        {"burst=1%", 0, "burst= takes"},
        {"burst=1%/2%/3%/4%/5%", 0, "burst= takes"},
        {"burst=1%//3%", 0, "burst= takes"},
        {"rate=0mbit", 0, "rate= takes"},
        {"rate=1", 0, "rate= takes"},
        {"rate=1001gbit", 0, "rate= takes"},
        {"rate=9999999999999gbit", 0, "rate= takes"}, /* 13 digits: more than 64 bits hold */
        {"delay=9999999999999min", 0, "time"},
        {"rate=1mbit,queue=", 11, "queue= takes"},
        {"queue=0ms", 0, "queue= takes"},
        {"queue=0", 0, "queue= takes"},
        {"queue=5ms/6ms", 0, "queue= takes"},
        {"queue=5kB/6kB", 0, "queue= takes"},
        {"queue=5kB/", 0, "queue= takes"},
        {"queue=5kB/6ms/7", 0, "queue= takes"},
        {"codel=1", 0, "no value"},
        {"codel=", 0, "no value"},
        {"mtu=0", 0, "mtu= takes"},
        {"seed=-1", 0, "seed= takes"},
        {"seed=18446744073709551616", 0, "seed= takes"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ck_assert_msg(!parse(rows[i].text), "%s was read", rows[i].text);
        ck_assert_int_eq(fault.err, E_MALFORMED);
        ck_assert_str_eq(fault.layer, "link");
        ck_assert_msg(fault.offset == rows[i].offset, "%s: at %zu", rows[i].text, fault.offset);
        ck_assert_msg(strstr(fault.rule, rows[i].says) != NULL, "%s: %s", rows[i].text, fault.rule);
    }
    const uint8_t nul[] = "loss=5%\0";
    ck_assert_int_eq(sim_link_parse(&spec, (struct bytes){nul, 8}, &fault), E_MALFORMED);
}
END_TEST

static const char *const good[] = {
    "",
    "loss=5%,delay=50ms,jitter=10ms,reorder=1%,dup=1%,corrupt=0.1%,rate=1mbit,queue=200ms,seed=7",
    "loss=0.0001%,burst=1%/30%/100%/0%",
    "burst=0%/0%/0%/12.3456%,delay=1us",
    "delay=1min,reorder=0%/5ms",
    "reorder=1%/40ms,rate=1bit,queue=max",
    "rate=1gbit,queue=1500us/20kB,codel,mtu=1280",
    "queue=1MB,mtu=1281",
    "burst=0%/30%/0%/0%",
    "burst=0%/0%/100%/0%",
    "queue=200ms",
};

START_TEST(what_is_written_is_read_back)
{
    char text[SIM_LINK_TEXT_MAX];
    for (size_t i = 0; i < COUNT(good); i++) {
        ck_assert_msg(parse(good[i]), "%s", good[i]);
        struct sim_link_spec first = spec;
        struct writer w = writer_of(text, sizeof text);
        sim_link_write(&w, &spec);
        struct bytes written = writer_done(&w);
        ck_assert_msg(bytes_is(written, good[i]), "%s became %.*s", good[i], (int)written.len,
                      (const char *)written.at);
        ck_assert_int_eq(sim_link_parse(&spec, written, &fault), OK);
        ck_assert_mem_eq(&spec, &first, sizeof spec);
    }
}
END_TEST

/* The longest that can be written has its room. */
START_TEST(the_longest_text_fits)
{
    const struct sim_link_spec longest = {.delay = SIM_LINK_TIME_MAX - 1,
                                          .jitter = SIM_LINK_TIME_MAX - 1,
                                          .loss_ppm = 999999,
                                          .bursts = {999999, 999999, 999999, 999999},
                                          .reorder_ppm = 999999,
                                          .reorder_by = SIM_LINK_TIME_MAX - 1,
                                          .duplicate_ppm = 999999,
                                          .corrupt_ppm = 999999,
                                          .rate_bps = SIM_LINK_RATE_MAX - 1,
                                          .queue_bytes = SIM_LINK_SIZE_MAX - 1,
                                          .queue_time = SIM_LINK_TIME_MAX - 1,
                                          .queue = SIM_CODEL,
                                          .mtu = SIM_LINK_SIZE_MAX - 1,
                                          .seed = UINT64_MAX};
    char text[SIM_LINK_TEXT_MAX];
    struct writer w = writer_of(text, sizeof text);
    sim_link_write(&w, &longest);
    ck_assert_int_eq(sim_link_parse(&spec, writer_done(&w), &fault), OK);
    ck_assert_uint_eq(spec.rate_bps, longest.rate_bps);
    ck_assert_uint_eq(spec.seed, longest.seed);
    ck_assert_uint_eq(spec.mtu, longest.mtu);
}
END_TEST

/* Every prefix of a good line is read or refused, never more. */
START_TEST(every_prefix)
{
    for (size_t i = 0; i < COUNT(good); i++) {
        for (size_t len = 0; len <= strlen(good[i]); len++) {
            struct bytes prefix = bytes_slice(bytes_of(good[i]), 0, len);
            char *exact = malloc(len + 1); /* the sanitizer sees a byte too far */
            memcpy(exact, good[i], len);
            struct bytes copy = {(const uint8_t *)exact, len};
            enum err err = sim_link_parse(&spec, copy, &fault);
            ck_assert(err == OK || (err == E_MALFORMED && fault.offset <= len));
            ck_assert_int_eq(err, sim_link_parse(&spec, prefix, &fault));
            free(exact);
        }
    }
}
END_TEST

/* ---- Scripts ---- */

static struct sim_link_script script;

static enum err parse_script(const char *text)
{
    return sim_script_parse(&script, bytes_of(text), &fault);
}

START_TEST(a_script_is_read)
{
    ck_assert_int_eq(parse_script("0s:loss=5%;10s:loss=30%,delay=1ms;20s:"), OK);
    ck_assert_uint_eq(script.count, 3);
    ck_assert_int_eq(script.steps[0].at, 0);
    ck_assert_uint_eq(script.steps[0].spec.loss_ppm, 50000);
    ck_assert_int_eq(script.steps[1].at, SEC(10));
    ck_assert_uint_eq(script.steps[1].spec.loss_ppm, 300000);
    ck_assert_int_eq(script.steps[1].spec.delay, MS(1));
    ck_assert_int_eq(script.steps[2].at, SEC(20));
    ck_assert_uint_eq(script.steps[2].spec.loss_ppm, 0);
    ck_assert_int_eq(script.steps[2].spec.delay, 0);
}
END_TEST

START_TEST(a_spec_alone_is_a_script)
{
    ck_assert_int_eq(parse_script("loss=5%,seed=3"), OK);
    ck_assert_uint_eq(script.count, 1);
    ck_assert_int_eq(script.steps[0].at, 0);
    ck_assert_uint_eq(script.steps[0].spec.loss_ppm, 50000);
    ck_assert_int_eq(parse_script(""), OK);
    ck_assert_uint_eq(script.count, 1);
    ck_assert_int_eq(sim_script_parse(&script, (struct bytes){NULL, 0}, &fault), OK);
    ck_assert_uint_eq(script.count, 1);
}
END_TEST

START_TEST(wrong_scripts_are_refused_where_they_are_wrong)
{
    static const struct {
        const char *text;
        enum err err;
        size_t offset;
    } rows[] = {
        {"loss=5%;10s:loss=30%", E_MALFORMED, 0},
        {"0s:loss=5%;loss=30%", E_MALFORMED, 11},
        {"0s:loss=5%;", E_MALFORMED, 11},
        {";", E_MALFORMED, 0},
        {":", E_MALFORMED, 0},
        {"10s:;5s:", E_MALFORMED, 5},
        {"0s:loss=5%;10s:loss=30", E_MALFORMED, 15},
        {"0s:loss=5%;10s:delay=1ms,x", E_MALFORMED, 25},
        {"0s::", E_MALFORMED, 3},
        {"0s:;0s:;0s:;0s:;0s:;0s:;0s:;0s:;0s:;0s:;0s:;0s:;0s:;0s:;0s:;0s:;0s:", E_FULL, 64},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ck_assert_msg(parse_script(rows[i].text) == rows[i].err, "%s", rows[i].text);
        ck_assert_msg(fault.offset == rows[i].offset, "%s: at %zu", rows[i].text, fault.offset);
    }
}
END_TEST

SUITE("sim linkspec", the_line_of_the_manual, the_other_items, units_and_fractions_are_exact,
      nothing_is_a_perfect_link, a_rate_has_a_queue, what_is_wrong_is_refused_where_it_is,
      what_is_written_is_read_back, the_longest_text_fits, every_prefix, a_script_is_read,
      a_spec_alone_is_a_script, wrong_scripts_are_refused_where_they_are_wrong)
