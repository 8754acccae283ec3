#include "trace/wrap.h"

#include "base/packet.h"
#include "tests/suite.h"

static struct addr address(const char *text)
{
    struct addr a;
    ck_assert(addr_parse(bytes_of(text), &a));
    return a;
}

/* Sums to all ones over what it covers: RFC 1071 §1, (2). */
static bool is_right(struct bytes covered, uint32_t pseudo)
{
    return wrap_sum(pseudo, covered) == 0xFFFF;
}

/* Two bytes, "hi", from port 5000 to 5001 of the loopback address: Wireshark finds both checksums
 * of these bytes right. */
START_TEST(an_ipv4_datagram_is_what_wireshark_takes)
{
    static const uint8_t expected[] = {0x45, 0x00, 0x00, 0x1e, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11,
                                       0x3c, 0xcd, 0x7f, 0x00, 0x00, 0x01, 0x7f, 0x00, 0x00, 0x01,
                                       0x13, 0x88, 0x13, 0x89, 0x00, 0x0a, 0x72, 0x5d, 0x68, 0x69};
    uint8_t room[64];
    struct writer w = writer_of(room, sizeof room);
    struct addr from = address("127.0.0.1:5000"), to = address("127.0.0.1:5001");
    ck_assert(wrap_udp(&w, &from, &to, bytes_of("hi")));
    struct bytes got = writer_done(&w);
    ck_assert_uint_eq(got.len, sizeof expected);
    ck_assert_uint_eq(wrap_len(&from, &to, 2), got.len);
    ck_assert_mem_eq(got.at, expected, sizeof expected);
    ck_assert(is_right(bytes_slice(got, 0, 20), 0));
    ck_assert(is_right(bytes_slice(got, 12, SIZE_MAX), 17 + 10));
}
END_TEST

START_TEST(ipv6_and_every_length_have_right_checksums)
{
    uint8_t room[2200], payload[PACKET_MAX];
    struct addr from = address("[2001:db8::1]:65535"), to = address("[fe80::ffff:1]:1");
    for (size_t i = 0; i < sizeof payload; i++) payload[i] = (uint8_t)(i * 31 + 200);
    for (size_t len = 0; len <= sizeof payload; len += len < 10 ? 1 : 101) {
        struct writer w = writer_of(room, sizeof room);
        ck_assert(wrap_udp(&w, &from, &to, (struct bytes){payload, len}));
        struct bytes got = writer_done(&w);
        ck_assert_uint_eq(got.len, 48 + len);
        ck_assert_uint_eq(got.at[0] >> 4, 6);
        ck_assert_uint_eq((size_t)got.at[4] << 8 | got.at[5], 8 + len);
        ck_assert(is_right(bytes_slice(got, 8, SIZE_MAX), (uint32_t)(17 + 8 + len)));
    }
}
END_TEST

/* RFC 768: a sum of zero is sent as ones, since zero says that there is none. */
START_TEST(a_checksum_of_zero_is_sent_as_ones)
{
    uint8_t room[64];
    struct addr from = address("[::1]:1"), to = address("[::1]:1");
    struct writer w = writer_of(room, sizeof room);
    ck_assert(wrap_udp(&w, &from, &to, (struct bytes){(const uint8_t *)"\0\0", 2}));
    unsigned sum = (unsigned)room[46] << 8 | room[47];
    uint8_t rest[2] = {(uint8_t)(sum >> 8), (uint8_t)sum};
    w = writer_of(room, sizeof room);
    ck_assert(wrap_udp(&w, &from, &to, (struct bytes){rest, 2}));
    ck_assert_uint_eq(room[46], 0xFF);
    ck_assert_uint_eq(room[47], 0xFF);
}
END_TEST

START_TEST(what_fits_no_datagram_is_refused)
{
    uint8_t room[64];
    struct writer w = writer_of(room, sizeof room);
    struct addr v4 = address("192.0.2.1:1"), v6 = address("[::1]:1"), none = {.family = ADDR_NONE};
    ck_assert(!wrap_udp(&w, &v4, &v6, bytes_of("x")));
    ck_assert(!wrap_udp(&w, &none, &none, bytes_of("x")));
    ck_assert_uint_eq(wrap_len(&v4, &v4, 65508), 0);
    ck_assert_uint_eq(wrap_len(&v4, &v4, 65507), 65535);
    ck_assert_uint_eq(writer_len(&w), 0);
}
END_TEST

SUITE("trace wrap", an_ipv4_datagram_is_what_wireshark_takes,
      ipv6_and_every_length_have_right_checksums, a_checksum_of_zero_is_sent_as_ones,
      what_fits_no_datagram_is_refused)
