#include "trace/capture.h"

#include "tests/suite.h"
#include "trace/pcapng.h"

/* Files of numbers in either byte order. */
struct file {
    uint8_t room[4096];
    size_t len;
    bool little;
};

static void number(struct file *f, uint64_t v, size_t len)
{
    for (size_t i = 0; i < len; i++)
        f->room[f->len++] = (uint8_t)(v >> 8 * (f->little ? i : len - 1 - i));
}

static void text(struct file *f, const char *bytes)
{
    memcpy(f->room + f->len, bytes, strlen(bytes));
    f->len += strlen(bytes);
}

static struct bytes view(const struct file *f)
{
    return (struct bytes){f->room, f->len};
}

static void classic(struct file *f, uint32_t magic, uint32_t link)
{
    number(f, magic, 4);
    number(f, 2, 2);
    number(f, 4, 2);
    number(f, 0, 8);
    number(f, 65535, 4);
    number(f, link, 4);
}

START_TEST(classic_files_of_both_orders_and_clocks)
{
    for (int i = 0; i < 4; i++) {
        struct file f = {.little = i % 2};
        bool nano = i / 2;
        classic(&f, nano ? 0xA1B23C4D : 0xA1B2C3D4, CAPTURE_LINUX_SLL);
        number(&f, 1700000000, 4);
        number(&f, nano ? 123456789 : 123456, 4);
        number(&f, 3, 4);
        number(&f, 9, 4);
        text(&f, "abc");
        struct capture c;
        struct capture_item item;
        ck_assert(capture_is(view(&f)));
        ck_assert_int_eq(capture_open(&c, view(&f)), OK);
        ck_assert(capture_next(&c, &item));
        ck_assert_int_eq(item.kind, CAPTURE_PACKET);
        ck_assert_int_eq(item.time, 1700000000123456);
        ck_assert_uint_eq(item.link, CAPTURE_LINUX_SLL);
        ck_assert_uint_eq(item.number, 1);
        ck_assert_uint_eq(item.original, 9);
        ck_assert_uint_eq(item.offset, 24);
        ck_assert(bytes_is(item.data, "abc"));
        ck_assert(!capture_next(&c, &item));
        ck_assert_int_eq(c.fault.err, OK);
    }
}
END_TEST

/* A block of pcapng around what was written from `start` on. */
static void block(struct file *f, uint32_t type, const struct file *body)
{
    size_t padded = (body->len + 3) / 4 * 4;
    number(f, type, 4);
    number(f, padded + 12, 4);
    memcpy(f->room + f->len, body->room, body->len);
    f->len += padded;
    number(f, padded + 12, 4);
}

static void section(struct file *f)
{
    struct file body = {.little = f->little};
    number(&body, 0x1A2B3C4D, 4);
    number(&body, 1, 2);
    number(&body, 0, 2);
    number(&body, UINT64_MAX, 8);
    block(f, 0x0A0D0D0A, &body);
}

/* With a clock of `resolution`, `offset` seconds late. */
static void interface(struct file *f, uint16_t link, uint8_t resolution, int64_t offset)
{
    struct file body = {.little = f->little};
    number(&body, link, 2);
    number(&body, 0, 2);
    number(&body, 4, 4);
    number(&body, 9, 2);
    number(&body, 1, 2);
    number(&body, resolution, 1);
    number(&body, 0, 3);
    number(&body, 14, 2);
    number(&body, 8, 2);
    number(&body, (uint64_t)offset, 8);
    number(&body, 0, 4);
    block(f, 1, &body);
}

static void packet(struct file *f, uint32_t in, uint64_t ticks, const char *data)
{
    struct file body = {.little = f->little};
    number(&body, in, 4);
    number(&body, ticks >> 32, 4);
    number(&body, ticks & 0xFFFFFFFF, 4);
    number(&body, strlen(data), 4);
    number(&body, strlen(data), 4);
    text(&body, data);
    block(f, 6, &body);
}

START_TEST(next_generation_of_both_orders)
{
    for (int little = 0; little <= 1; little++) {
        struct file f = {.little = little}, body = {.little = little};
        section(&f);
        interface(&f, CAPTURE_ETHERNET, 9, 0);
        interface(&f, CAPTURE_RAW, 0x80 | 10, 100);
        packet(&f, 1, 1536, "one");
        packet(&f, 0, 5000001999, "second");
        number(&body, CAPTURE_SECRETS_TLS, 4);
        number(&body, 5, 4);
        text(&body, "a log");
        block(&f, 0x0A, &body);
        body.len = 0;
        number(&body, 6, 4);
        text(&body, "simp"); /* cut at the interface's snap length */
        block(&f, 3, &body);
        block(&f, 0x0BAD, &body); /* unknown: passed over */
        packet(&f, 7, 0, "of no interface");
        struct capture c;
        struct capture_item item;
        ck_assert(capture_is(view(&f)));
        ck_assert_int_eq(capture_open(&c, view(&f)), OK);
        ck_assert(capture_next(&c, &item) && bytes_is(item.data, "one"));
        ck_assert_int_eq(item.time, SEC(101) + MS(500)); /* 1536 / 1024 s, and 100 */
        ck_assert_uint_eq(item.link, CAPTURE_RAW);
        ck_assert_uint_eq(item.interface, 1);
        ck_assert(capture_next(&c, &item) && bytes_is(item.data, "second"));
        ck_assert_int_eq(item.time, 5000001);
        ck_assert_uint_eq(item.number, 2);
        ck_assert(capture_next(&c, &item) && bytes_is(item.data, "a log"));
        ck_assert_int_eq(item.kind, CAPTURE_SECRETS);
        ck_assert_uint_eq(item.secrets_type, CAPTURE_SECRETS_TLS);
        ck_assert(capture_next(&c, &item) && bytes_is(item.data, "simp"));
        ck_assert_uint_eq(item.original, 6);
        ck_assert_uint_eq(item.number, 3);
        ck_assert(capture_next(&c, &item));
        ck_assert_uint_eq(item.link, CAPTURE_LINK_UNKNOWN);
        ck_assert(!capture_next(&c, &item));
        ck_assert_int_eq(c.fault.err, OK);
    }
}
END_TEST

/* A file may hold sections of both orders, one after the other. */
START_TEST(sections_begin_anew)
{
    struct file f = {.little = true};
    section(&f);
    interface(&f, CAPTURE_ETHERNET, 6, 0);
    f.little = false;
    section(&f);
    interface(&f, CAPTURE_RAW, 6, 0);
    packet(&f, 0, 7, "later");
    struct capture c;
    struct capture_item item;
    capture_open(&c, view(&f));
    ck_assert(capture_next(&c, &item) && bytes_is(item.data, "later"));
    ck_assert_uint_eq(item.link, CAPTURE_RAW);
    ck_assert_int_eq(item.time, 7);
}
END_TEST

START_TEST(what_breaks_a_rule_says_where)
{
    struct capture c;
    struct capture_item item;
    ck_assert(!capture_is(bytes_of("v=0\r\n")));
    ck_assert_int_eq(capture_open(&c, bytes_of("v=0\r\n")), E_MALFORMED);
    ck_assert_int_eq(capture_open(&c, bytes_of("")), E_TRUNCATED);
    struct file f = {.little = true};
    section(&f);
    size_t second = f.len;
    interface(&f, CAPTURE_ETHERNET, 6, 0);
    f.room[f.len - 4] ^= 4; /* the length at its end */
    capture_open(&c, view(&f));
    ck_assert(!capture_next(&c, &item));
    ck_assert_int_eq(c.fault.err, E_MALFORMED);
    ck_assert_uint_eq(c.fault.offset, f.len - 4);
    f.room[second + 4] = 13;
    capture_open(&c, view(&f));
    ck_assert(!capture_next(&c, &item));
    ck_assert_int_eq(c.fault.err, E_MALFORMED);
    ck_assert_uint_eq(c.fault.offset, second + 4);
    struct file old = {.little = true};
    classic(&old, 0xA1B2C3D4, 1);
    old.room[4] = 3;
    ck_assert_int_eq(capture_open(&c, view(&old)), E_UNSUPPORTED);
}
END_TEST

/* The time of a packet at `ticks` of a clock of that resolution (pcapng 4.2, if_tsresol). */
static usec time_of(uint8_t resolution, uint64_t ticks)
{
    struct file f = {.little = true};
    section(&f);
    interface(&f, CAPTURE_RAW, resolution, 0);
    packet(&f, 0, ticks, "x");
    struct capture c;
    struct capture_item item;
    capture_open(&c, view(&f));
    ck_assert(capture_next(&c, &item));
    return item.time;
}

START_TEST(clocks_of_every_resolution)
{
    ck_assert_int_eq(time_of(0, 3), SEC(3));
    ck_assert_int_eq(time_of(3, 1500), MS(1500));
    ck_assert_int_eq(time_of(6, 7), 7);
    ck_assert_int_eq(time_of(12, 3000000), 3);
    ck_assert_int_eq(time_of(0x80, 2), SEC(2));
    ck_assert_int_eq(time_of(0x80 | 40, (uint64_t)3 << 39), MS(1500));
    ck_assert_int_eq(time_of(0x80 | 60, (uint64_t)3 << 59), MS(1500)); /* 3 * 2^59 / 2^60 s */
}
END_TEST

/* pcapng 4.2: options of another length than theirs are none of them. */
START_TEST(options_of_another_length)
{
    struct file f = {.little = true}, body = {.little = true};
    section(&f);
    number(&body, CAPTURE_RAW, 2);
    number(&body, 0, 6); /* no snap length */
    number(&body, 9, 2);
    number(&body, 2, 2);
    number(&body, 0x0909, 4);
    number(&body, 14, 2);
    number(&body, 4, 2);
    number(&body, 1000, 4);
    block(&f, 1, &body);
    packet(&f, 0, 5, "x");
    body.len = 0;
    number(&body, 4, 4);
    text(&body, "simp");
    block(&f, 3, &body);
    struct capture c;
    struct capture_item item;
    capture_open(&c, view(&f));
    ck_assert(capture_next(&c, &item));
    ck_assert_int_eq(item.time, 5); /* microseconds, from 1970 on */
    ck_assert(capture_next(&c, &item) && bytes_is(item.data, "simp"));
    ck_assert(!capture_next(&c, &item) && c.fault.err == OK);
}
END_TEST

/* A packet shorter than the snap length is whole. */
START_TEST(simple_packets_below_the_snap_length)
{
    struct file f = {.little = true}, body = {.little = true};
    section(&f);
    interface(&f, CAPTURE_RAW, 6, 0); /* snaps at 4 */
    number(&body, 2, 4);
    text(&body, "ab");
    block(&f, 3, &body);
    struct capture c;
    struct capture_item item;
    capture_open(&c, view(&f));
    ck_assert(capture_next(&c, &item) && bytes_is(item.data, "ab"));
    ck_assert_uint_eq(item.original, 2);
}
END_TEST

START_TEST(obsolete_packets_are_packets_too) /* pcapng appendix A */
{
    for (int little = 0; little <= 1; little++) {
        struct file f = {.little = little}, body = {.little = little};
        section(&f);
        interface(&f, CAPTURE_RAW, 6, 0);
        interface(&f, CAPTURE_ETHERNET, 9, 5);
        number(&body, 1, 2);
        number(&body, 7, 2); /* dropped before it */
        number(&body, 0, 4);
        number(&body, 3000, 4);
        number(&body, 3, 4);
        number(&body, 60, 4);
        text(&body, "old");
        block(&f, 2, &body);
        packet(&f, 0, 1, "new");
        struct capture c;
        struct capture_item item;
        capture_open(&c, view(&f));
        ck_assert(capture_next(&c, &item) && bytes_is(item.data, "old"));
        ck_assert_int_eq(item.kind, CAPTURE_PACKET);
        ck_assert_uint_eq(item.interface, 1);
        ck_assert_uint_eq(item.link, CAPTURE_ETHERNET);
        ck_assert_int_eq(item.time, SEC(5) + 3);
        ck_assert_uint_eq(item.original, 60);
        ck_assert_uint_eq(item.number, 1);
        ck_assert(capture_next(&c, &item) && bytes_is(item.data, "new"));
        ck_assert_uint_eq(item.number, 2);
        ck_assert(!capture_next(&c, &item) && c.fault.err == OK);
    }
}
END_TEST

START_TEST(more_interfaces_than_are_kept)
{
    struct file f = {.little = true};
    section(&f);
    for (size_t i = 0; i <= CAPTURE_INTERFACES_MAX; i++) interface(&f, CAPTURE_RAW, 6, 0);
    packet(&f, CAPTURE_INTERFACES_MAX - 1, 1, "kept");
    packet(&f, CAPTURE_INTERFACES_MAX, 1, "not kept");
    struct capture c;
    struct capture_item item;
    capture_open(&c, view(&f));
    ck_assert(capture_next(&c, &item) && bytes_is(item.data, "kept"));
    ck_assert_uint_eq(item.link, CAPTURE_RAW);
    ck_assert(capture_next(&c, &item) && bytes_is(item.data, "not kept"));
    ck_assert_uint_eq(item.link, CAPTURE_LINK_UNKNOWN);
    ck_assert_uint_eq(c.interface_count, CAPTURE_INTERFACES_MAX + 1);
}
END_TEST

/* A file whose only block, behind a good section if `good`, is this one. */
static struct fault fault_of(bool good, uint32_t type, const struct file *body, uint32_t len)
{
    struct file f = {.little = true};
    if (good) section(&f);
    size_t at = f.len;
    block(&f, type, body);
    if (len) {
        struct file head = {.little = true};
        number(&head, len, 4);
        memcpy(f.room + at + 4, head.room, 4);
    }
    struct capture c;
    struct capture_item item;
    capture_open(&c, view(&f));
    ck_assert(!capture_next(&c, &item));
    ck_assert_uint_ge(c.fault.offset, at);
    return c.fault;
}

START_TEST(broken_blocks)
{
    struct file body = {.little = true};
    number(&body, 0x1B2B3C4D, 4); /* no byte-order magic */
    number(&body, 1, 4);
    number(&body, UINT64_MAX, 8);
    struct fault fault = fault_of(false, 0x0A0D0D0A, &body, 0);
    ck_assert_int_eq(fault.err, E_MALFORMED);
    ck_assert_ptr_nonnull(strstr(fault.rule, "byte-order magic"));
    body.room[3] = 0x1A;
    body.room[4] = 2; /* version 2 */
    fault = fault_of(false, 0x0A0D0D0A, &body, 0);
    ck_assert_int_eq(fault.err, E_UNSUPPORTED);
    body.len = 4; /* and no version */
    ck_assert_int_eq(fault_of(false, 0x0A0D0D0A, &body, 0).err, E_TRUNCATED);
    static const uint8_t none[] = {0x0A, 0x0D, 0x0D, 0x0A, 0, 0, 0, 12, 0, 0, 0, 12};
    struct capture c;
    struct capture_item item;
    capture_open(&c, (struct bytes){none, sizeof none}); /* and no magic */
    ck_assert(!capture_next(&c, &item));
    ck_assert_int_eq(c.fault.err, E_TRUNCATED);
    static const uint32_t lengths[] = {8, 13, 15};
    for (size_t i = 0; i < COUNT(lengths); i++) {
        fault = fault_of(true, 0x0BAD, &(struct file){.len = 4}, lengths[i]);
        ck_assert_int_eq(fault.err, E_MALFORMED);
        ck_assert_ptr_nonnull(strstr(fault.rule, "whole words"));
    }
    body = (struct file){.little = true}; /* a packet that says it is longer than its block */
    number(&body, 0, 8);
    number(&body, 0, 4);
    number(&body, 5, 4);
    number(&body, 5, 4);
    text(&body, "four");
    fault = fault_of(true, 6, &body, 0);
    ck_assert_int_eq(fault.err, E_TRUNCATED);
    ck_assert_str_eq(fault.rule, "a block ends inside a field");
}
END_TEST

/* Each prefix of a file ends well or is truncated, and never shows more than it has. */
START_TEST(prefixes)
{
    struct file f = {.little = true};
    section(&f);
    interface(&f, CAPTURE_ETHERNET, 6, 0);
    packet(&f, 0, 1, "one");
    packet(&f, 0, 2, "two");
    for (size_t len = 0; len < f.len; len++) {
        struct capture c;
        struct capture_item item;
        size_t packets = 0;
        enum err err = capture_open(&c, bytes_slice(view(&f), 0, len));
        while (err == OK && capture_next(&c, &item)) packets++;
        ck_assert(c.fault.err == OK || c.fault.err == E_TRUNCATED || len < 4);
        ck_assert_uint_le(c.fault.offset, len);
        ck_assert_uint_lt(packets, 2);
    }
}
END_TEST

/* What we write is what we read. */
START_TEST(our_own_files)
{
    uint8_t room[1024];
    struct writer w = writer_of(room, sizeof room);
    pcapng_section(&w, "duet");
    pcapng_interface(&w, "wire", "");
    struct bytes all = writer_done(&w);
    struct capture c;
    struct capture_item item;
    ck_assert(capture_is(all));
    ck_assert_int_eq(capture_open(&c, all), OK);
    ck_assert(!capture_next(&c, &item));
    ck_assert_int_eq(c.fault.err, OK);
    ck_assert_uint_eq(c.interface_count, 1);
    ck_assert_uint_eq(c.interfaces[0].link, CAPTURE_RAW);
}
END_TEST

SUITE("capture", classic_files_of_both_orders_and_clocks, next_generation_of_both_orders,
      sections_begin_anew, what_breaks_a_rule_says_where, clocks_of_every_resolution,
      options_of_another_length, simple_packets_below_the_snap_length,
      obsolete_packets_are_packets_too, more_interfaces_than_are_kept, broken_blocks, prefixes,
      our_own_files)
