/* Rules that are known by what they are about, so that nobody has to read it out of their words. */
#include "sdp/check.h"
#include "sdp/internal.h"

const char sdp_rule_setup_word[] = "setup is active, passive, actpass or holdconn (RFC 4145 4)";
const char sdp_rule_setup_answer[] =
    "setup of an answer is active or passive (RFC 8842 5.3, RFC 5763 5)";
const char sdp_rule_setup_offer[] =
    "setup of an offer is actpass, active or passive (RFC 8842 5.2)";
const char sdp_rule_codecs[] =
    "a section that is taken shares a codec with its offer (RFC 3264 6.1)";

enum sdp_subject sdp_subject_of(const struct fault *fault)
{
    static const struct {
        const char *rule;
        enum sdp_subject subject;
    } known[] = {{sdp_rule_setup_word, SDP_SUBJECT_SETUP},
                 {sdp_rule_setup_answer, SDP_SUBJECT_SETUP},
                 {sdp_rule_setup_offer, SDP_SUBJECT_SETUP},
                 {sdp_rule_codecs, SDP_SUBJECT_CODECS}};
    for (size_t i = 0; i < COUNT(known); i++)
        if (fault->rule == known[i].rule) return known[i].subject;
    return SDP_SUBJECT_OTHER;
}
