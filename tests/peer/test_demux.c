#include "peer/demux.h"
#include "tests/suite.h"

START_TEST(pitfall_14_ranges_of_rfc7983)
{
    for (int first = 0; first < 256; first++) {
        uint8_t in[2] = {(uint8_t)first, 96};
        enum demux want = first <= 3                     ? DEMUX_STUN
                          : first >= 20 && first <= 63   ? DEMUX_DTLS
                          : first >= 64 && first <= 79   ? DEMUX_CHANNEL
                          : first >= 128 && first <= 191 ? DEMUX_RTP
                                                         : DEMUX_UNKNOWN;
        ck_assert_msg(demux_of((struct bytes){in, 2}) == want, "first byte %d", first);
    }
}
END_TEST

START_TEST(pitfall_14_rtcp_by_its_packet_type)
{
    for (int type = 0; type < 256; type++) {
        uint8_t in[2] = {0x80, (uint8_t)type};
        enum demux want = type >= 192 && type <= 223 ? DEMUX_RTCP : DEMUX_RTP;
        ck_assert_msg(demux_of((struct bytes){in, 2}) == want, "second byte %d", type);
    }
}
END_TEST

START_TEST(short_datagrams)
{
    static const uint8_t rtp[1] = {0x80};
    ck_assert_int_eq(demux_of((struct bytes){NULL, 0}), DEMUX_UNKNOWN);
    ck_assert_int_eq(demux_of((struct bytes){rtp, 1}), DEMUX_UNKNOWN);
    for (int kind = DEMUX_STUN; kind <= DEMUX_RTCP; kind++)
        ck_assert_str_ne(demux_name((enum demux)kind), "unknown");
}
END_TEST

SUITE("peer demux", pitfall_14_ranges_of_rfc7983, pitfall_14_rtcp_by_its_packet_type,
      short_datagrams)
