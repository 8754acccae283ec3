#include "trace/datagram.h"

#include "tests/suite.h"
#include "trace/capture.h"

#define IPV4(protocol, fragment, len)                                                              \
    0x45, 0, 0, (len), 0, 0, (fragment) >> 8, (fragment)&0xFF, 64, (protocol), 0, 0, 192, 0, 2, 1, \
        192, 0, 2, 2
#define IPV6(next, len)                                                                            \
    0x60, 0, 0, 0, 0, (len), (next), 64, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,   \
        0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2
#define UDP(len) 0x13, 0x88, 0x17, 0x70, 0, (len), 0, 0 /* 5000 to 6000 */

static const struct bytes none = {NULL, 0};

static struct bytes of(const uint8_t *at, size_t len)
{
    return (struct bytes){at, len};
}

static void is_udp(struct datagram d, const char *payload)
{
    char text[ADDR_TEXT_MAX];
    ck_assert_msg(d.kind == DATAGRAM_UDP, "%s: %s", datagram_kind_name(d.kind),
                  d.fault.rule ? d.fault.rule : "");
    ck_assert(bytes_is(d.payload, payload));
    ck_assert_uint_eq(d.from.port, 5000);
    ck_assert_uint_eq(d.to.port, 6000);
    ck_assert_str_eq(addr_ip_text(&d.from, text),
                     d.from.family == ADDR_IPV4 ? "192.0.2.1" : "2001:db8::1");
}

START_TEST(link_layers)
{
    static const uint8_t ip[] = {IPV4(17, 0, 31), UDP(11), 'a', 'b', 'c'};
    static const struct {
        uint16_t link;
        size_t len;
        uint8_t head[24];
    } links[] = {
        {CAPTURE_RAW, 0, {0}},
        {CAPTURE_IPV4, 0, {0}},
        {CAPTURE_NULL, 4, {2, 0, 0, 0}},
        {CAPTURE_NULL, 4, {0, 0, 0, 2}},
        {CAPTURE_LOOP, 4, {0, 0, 0, 2}},
        {CAPTURE_ETHERNET, 14, {[12] = 8, [13] = 0}},
        {CAPTURE_ETHERNET, 18, {[12] = 0x81, [13] = 0, [16] = 8}},
        {CAPTURE_ETHERNET, 22, {[12] = 0x88, [13] = 0xA8, [16] = 0x81, [20] = 8}},
        {CAPTURE_LINUX_SLL, 16, {[14] = 8}},
        {CAPTURE_LINUX_SLL2, 20, {[0] = 8}},
    };
    for (size_t i = 0; i < COUNT(links); i++) {
        uint8_t frame[64] = {0};
        memcpy(frame, links[i].head, links[i].len);
        memcpy(frame + links[i].len, ip, sizeof ip);
        /* Ethernet pads short frames: what IP does not count is none of the datagram. */
        size_t len = links[i].len + sizeof ip + (links[i].link == CAPTURE_ETHERNET ? 6 : 0);
        struct datagram d = datagram_of(of(frame, len), links[i].link);
        is_udp(d, "abc");
        ck_assert(!d.cut && !d.fragmented);
        for (size_t cut = 0; cut < links[i].len + sizeof ip; cut++) {
            d = datagram_of(of(frame, cut), links[i].link);
            ck_assert(d.kind != DATAGRAM_UDP || d.cut);
        }
    }
    static const uint8_t arp[14] = {[12] = 8, [13] = 6};
    ck_assert_int_eq(datagram_of(of(arp, 14), CAPTURE_ETHERNET).kind, DATAGRAM_NOT_IP);
    ck_assert_int_eq(datagram_of(of(ip, sizeof ip), 147).kind, DATAGRAM_NOT_IP);
    ck_assert_int_eq(datagram_of(none, CAPTURE_ETHERNET).kind, DATAGRAM_BROKEN);
}
END_TEST

/* BSD's number for IPv6 is another one on each system. */
START_TEST(families_of_loopback)
{
    static const uint8_t ip[] = {IPV6(17, 11), UDP(11), 'a', 'b', 'c'};
    static const uint8_t families[] = {10, 24, 28, 30, 3, 0};
    for (size_t i = 0; i < COUNT(families); i++) {
        for (int little = 0; little <= 1; little++) {
            uint8_t frame[4 + sizeof ip] = {0};
            frame[little ? 0 : 3] = families[i];
            memcpy(frame + 4, ip, sizeof ip);
            struct datagram d = datagram_of(of(frame, sizeof frame), CAPTURE_NULL);
            if (families[i] < 10)
                ck_assert_int_eq(d.kind, DATAGRAM_NOT_IP);
            else
                is_udp(d, "abc");
        }
    }
}
END_TEST

/* The tag that came before 802.1ad was agreed. */
START_TEST(a_tag_of_old)
{
    static const uint8_t frame[] = {
        0,       0,   0,   0,  0, 0, 0, 0, 0, 0, 0, 0, 0x91, 0, 0, 1, 8, 0, IPV4(17, 0, 31),
        UDP(11), 'a', 'b', 'c'};
    is_udp(datagram_of(of(frame, sizeof frame), CAPTURE_ETHERNET), "abc");
}
END_TEST

/* RFC 4302 §2.2 counts an AH in words, less two; RFC 8200 §4.4 all else in eights, less one. */
START_TEST(headers_of_other_lengths)
{
    static const uint8_t frame[] = {
        IPV6(43, 39), 51,  0,   0,  0, 0, 0, 0, 0,                                  /* routing */
        17,           3,   0,   0,  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* AH: 20 */
        UDP(11),      'a', 'b', 'c'};
    is_udp(datagram_of(of(frame, sizeof frame), CAPTURE_RAW), "abc");
    static const uint8_t none_left[] = {IPV6(51, 2), 17, 0};
    struct datagram d = datagram_of(of(none_left, sizeof none_left), CAPTURE_RAW);
    ck_assert_int_eq(d.kind, DATAGRAM_BROKEN);
    ck_assert_str_eq(d.fault.rule, "IPv6 headers cut");
}
END_TEST

/* Eight are followed; a packet with more is refused, however long it is. */
START_TEST(more_ipv6_headers_than_anybody_sends)
{
    for (size_t count = 8; count <= 9; count++) {
        uint8_t frame[40 + 9 * 8 + 11] = {IPV6(60, 0)};
        struct writer w = writer_of(frame + 40, sizeof frame - 40);
        for (size_t i = 0; i < count; i++) {
            write_u8(&w, i + 1 < count ? 60 : 17);
            write_zeros(&w, 7);
        }
        write_bytes(&w, of((const uint8_t[]){UDP(11), 'a', 'b', 'c'}, 11));
        frame[5] = (uint8_t)writer_len(&w);
        struct datagram d = datagram_of(of(frame, 40 + writer_len(&w)), CAPTURE_RAW);
        if (count == 8) {
            is_udp(d, "abc");
            continue;
        }
        ck_assert_int_eq(d.kind, DATAGRAM_BROKEN);
        ck_assert_int_eq(d.fault.err, E_FULL);
    }
}
END_TEST

START_TEST(ipv6_and_its_headers)
{
    static const uint8_t plain[] = {IPV6(17, 11), UDP(11), 'a', 'b', 'c'};
    is_udp(datagram_of(of(plain, sizeof plain), CAPTURE_RAW), "abc");
    static const uint8_t options[] = {IPV6(0, 43), 60, 0, 0, 0, 0, 0, 0,       0,   44,  1,  0, 0,
                                      0,           0,  0, 0, 0, 0, 0, 0,       0,   0,   0,  0, 17,
                                      0,           0,  0, 0, 0, 0, 0, UDP(11), 'a', 'b', 'c'};
    is_udp(datagram_of(of(options, sizeof options), CAPTURE_IPV6), "abc");
    static const uint8_t first[] = {IPV6(44, 19), 17, 0, 0, 1, 0, 0, 0, 1, UDP(50), 'a', 'b', 'c'};
    struct datagram d = datagram_of(of(first, sizeof first), CAPTURE_RAW);
    is_udp(d, "abc");
    ck_assert(d.fragmented && !d.cut);
    static const uint8_t later[] = {IPV6(44, 11), 17, 0, 0, 8, 0, 0, 0, 1, 'a', 'b', 'c'};
    d = datagram_of(of(later, sizeof later), CAPTURE_RAW);
    ck_assert_int_eq(d.kind, DATAGRAM_FRAGMENT);
    ck_assert(bytes_is(d.payload, "abc") && d.fragmented);
    static const uint8_t cut[] = {IPV6(0, 43), 60, 5};
    ck_assert_int_eq(datagram_of(of(cut, sizeof cut), CAPTURE_RAW).kind, DATAGRAM_BROKEN);
}
END_TEST

/* RFC 791 §3.2: the first one has the ports, the later ones have none. */
START_TEST(ipv4_fragments)
{
    static const uint8_t first[] = {IPV4(17, 0x2000, 31), UDP(99), 'a', 'b', 'c'};
    struct datagram d = datagram_of(of(first, sizeof first), CAPTURE_RAW);
    is_udp(d, "abc");
    ck_assert(d.fragmented && !d.cut);
    static const uint8_t later[] = {IPV4(17, 0x0001, 23), 'a', 'b', 'c'};
    d = datagram_of(of(later, sizeof later), CAPTURE_RAW);
    ck_assert_int_eq(d.kind, DATAGRAM_FRAGMENT);
    ck_assert(d.fragmented && bytes_is(d.payload, "abc"));
    static const uint8_t whole[] = {IPV4(17, 0x4000, 31), UDP(11), 'a', 'b', 'c'};
    ck_assert(!datagram_of(of(whole, sizeof whole), CAPTURE_RAW).fragmented);
}
END_TEST

START_TEST(tcp_and_all_else)
{
    static const uint8_t tcp[] = {
        IPV4(6, 0, 47), 0x13, 0x88, 0x17, 0x70, 0, 0, 0, 9, 0, 0, 0,   0,   0x60,
        0x12,           0,    0,    0,    0,    0, 0, 1, 1, 1, 1, 'a', 'b', 'c'};
    struct datagram d = datagram_of(of(tcp, sizeof tcp), CAPTURE_RAW);
    ck_assert_int_eq(d.kind, DATAGRAM_TCP);
    ck_assert(bytes_is(d.payload, "abc"));
    ck_assert_uint_eq(d.tcp_flags, 0x12);
    ck_assert_uint_eq(d.tcp_seq, 9);
    ck_assert_uint_eq(d.to.port, 6000);
    static const uint8_t icmp[] = {IPV4(1, 0, 23), 'a', 'b', 'c'};
    d = datagram_of(of(icmp, sizeof icmp), CAPTURE_RAW);
    ck_assert_int_eq(d.kind, DATAGRAM_OTHER_IP);
    ck_assert_uint_eq(d.protocol, 1);
    ck_assert_str_eq(datagram_kind_name(d.kind), "ip");
}
END_TEST

START_TEST(broken_headers_say_where)
{
    static const uint8_t udp[] = {IPV4(17, 0, 31), UDP(7), 'a', 'b', 'c'};
    struct datagram d = datagram_of(of(udp, sizeof udp), CAPTURE_RAW);
    ck_assert_int_eq(d.kind, DATAGRAM_BROKEN);
    ck_assert_int_eq(d.fault.err, E_MALFORMED);
    ck_assert_uint_eq(d.fault.offset, 28);
    static const uint8_t header[] = {0x44, 0, 0, 20, 0, 0, 0, 0, 64, 17,
                                     0,    0, 1, 2,  3, 4, 5, 6, 7,  8};
    d = datagram_of(of(header, sizeof header), CAPTURE_RAW);
    ck_assert_int_eq(d.fault.err, E_MALFORMED);
    static const uint8_t total[] = {IPV4(17, 0, 19)}; /* all of it: less than the header */
    d = datagram_of(of(total, sizeof total), CAPTURE_RAW);
    ck_assert_int_eq(d.fault.err, E_MALFORMED);
    ck_assert_ptr_nonnull(strstr(d.fault.rule, "RFC 791 3.1"));
    static const uint8_t version[] = {IPV6(17, 11), UDP(11), 'a', 'b', 'c'};
    d = datagram_of(of(version, sizeof version), CAPTURE_IPV4);
    ck_assert_ptr_nonnull(strstr(d.fault.rule, "version is not 4"));
    d = datagram_of(of(udp, sizeof udp), CAPTURE_IPV6);
    ck_assert_int_eq(d.fault.err, E_TRUNCATED);
    static const uint8_t longer[40] = {IPV4(17, 0, 40)};
    d = datagram_of(of(longer, sizeof longer), CAPTURE_IPV6);
    ck_assert_ptr_nonnull(strstr(d.fault.rule, "version is not 6"));
    static const uint8_t tcp[] = {IPV4(6, 0, 40), 0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0,
                                  0x40,           0, 0, 0, 0, 0, 0, 0};
    d = datagram_of(of(tcp, sizeof tcp), CAPTURE_RAW);
    ck_assert_int_eq(d.kind, DATAGRAM_BROKEN);
    ck_assert_ptr_nonnull(strstr(d.fault.rule, "RFC 9293 3.1"));
    ck_assert_str_eq(datagram_kind_name((enum datagram_kind)99), "unknown");
}
END_TEST

/* UDP says how long it is: less than IP does, and the rest is none of it; more, and it was cut. */
START_TEST(lengths_of_udp)
{
    static const uint8_t less[] = {IPV4(17, 0, 31), UDP(10), 'a', 'b', 'c'};
    struct datagram d = datagram_of(of(less, sizeof less), CAPTURE_RAW);
    is_udp(d, "ab");
    ck_assert(!d.cut);
    static const uint8_t more[] = {IPV4(17, 0, 31), UDP(12), 'a', 'b', 'c'};
    d = datagram_of(of(more, sizeof more), CAPTURE_RAW);
    is_udp(d, "abc");
    ck_assert(d.cut);
}
END_TEST

SUITE("datagram", link_layers, families_of_loopback, a_tag_of_old, headers_of_other_lengths,
      more_ipv6_headers_than_anybody_sends, ipv6_and_its_headers, ipv4_fragments, tcp_and_all_else,
      broken_headers_say_where, lengths_of_udp)
