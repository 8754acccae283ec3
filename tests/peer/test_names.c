/* Every state and protocol has a name, numbers that are none too. */
#include "peer/connection.h"
#include "peer/demux.h"
#include "peer/jsep.h"
#include "tests/suite.h"

START_TEST(every_number_has_its_name)
{
    static const char *const states[] = {"stable", "have-local-offer", "have-remote-offer",
                                         "closed"};
    static const enum jsep_state numbers[] = {JSEP_STABLE, JSEP_HAVE_LOCAL_OFFER,
                                              JSEP_HAVE_REMOTE_OFFER, JSEP_CLOSED};
    for (size_t i = 0; i < COUNT(numbers); i++)
        ck_assert_str_eq(jsep_state_name(numbers[i]), states[i]);
    ck_assert_str_eq(jsep_state_name((enum jsep_state)99), "unknown");
    ck_assert_str_eq(demux_name(DEMUX_STUN), "stun");
    ck_assert_str_eq(demux_name(DEMUX_DTLS), "dtls");
    ck_assert_str_eq(demux_name(DEMUX_CHANNEL), "turn-channel");
    ck_assert_str_eq(demux_name(DEMUX_RTP), "rtp");
    ck_assert_str_eq(demux_name(DEMUX_RTCP), "rtcp");
    ck_assert_str_eq(demux_name(DEMUX_UNKNOWN), "unknown");
    ck_assert_str_eq(demux_name((enum demux)99), "unknown");
    ck_assert_ptr_nonnull(peer_state_name((enum peer_state)99));
}
END_TEST

SUITE("peer names", every_number_has_its_name)
