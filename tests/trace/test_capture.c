#include "trace/capture.h"

#include "tests/suite.h"
#include "trace/pcapng.h"

/* Files of numbers in either byte order. */
struct file {
    uint8_t room[1024];
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
      sections_begin_anew, what_breaks_a_rule_says_where, prefixes, our_own_files)
