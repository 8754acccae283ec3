/* What each attribute means, what the other side may do with it, and which rule it breaks: one
 * table for those that say the same wherever they stand, one switch for the rest. */
#include "base/explain.h"
#include "sdp/internal.h"
#include "sdp/scan.h"

/* Of attributes whose value needs no reading. */
static const char *const meanings[SDP_ATTR_COUNT] = {
    [SDP_ATTR_UNKNOWN] = "not known here: kept, never answered (RFC 8866 5.13)",
    [SDP_ATTR_BUNDLE_ONLY] =
        "to be taken only on the bundle's transport: who does not bundle rejects it",
    [SDP_ATTR_CANDIDATE] =
        "an address where this side may be reached: the other side pairs it with each of its own "
        "and checks the pairs (RFC 8445 6.1.2)",
    [SDP_ATTR_END_OF_CANDIDATES] =
        "no more candidates come: when all pairs have failed, ICE has failed (RFC 8838 8)",
    [SDP_ATTR_EXTMAP_ALLOW_MIXED] =
        "one-byte and two-byte extension headers may come mixed, if the answer has it too",
    [SDP_ATTR_ICE_LITE] =
        "this side only answers checks: the other one is controlling and sends them (RFC 8445 "
        "6.1.1)",
    [SDP_ATTR_MID] = "the name of this section: the answer repeats it, and so does each RTP packet "
                     "where the mid extension is agreed (RFC 9143 15)",
    [SDP_ATTR_MSID_SEMANTIC] =
        "streams are named the WebRTC way; nobody needs to be told any more (RFC 8829 5.2.1)",
    [SDP_ATTR_RTCP] = "where RTCP would go without rtcp-mux: with it, nobody looks",
    [SDP_ATTR_RTCP_MUX] = "RTP and RTCP share one port; an answer that lacks it is of no use to "
                          "WebRTC (RFC 8858 4)",
    [SDP_ATTR_RTCP_MUX_ONLY] = "no port for RTCP was gathered: who can't multiplex must reject",
    [SDP_ATTR_RTCP_RSIZE] =
        "feedback may come alone, without the report that leads a compound packet, if the answer "
        "has it too",
    [SDP_ATTR_TLS_ID] = "names the DTLS association: a new value asks for a new one (RFC 8842 4)",
};

/* The one attribute that is being told. */
struct telling {
    struct explain *x;
    const struct sdp *sdp;
    const struct sdp_section *section; /* NULL: of the session */
    const struct sdp_line *line;
};

/* The codec of a payload type that the m= line lists, or NULL with the reason said. */
static const struct sdp_codec *listed(const struct telling *t, uint8_t pt)
{
    const struct sdp_codec *codec = t->section ? sdp_find_codec(t->section, pt) : NULL;
    if (!codec && pt != SDP_PT_NONE)
        explain_broken(t->x,
                       "the m= line does not list payload type %u: the line is ignored "
                       "(RFC 8866 6.6)",
                       pt);
    return codec;
}

static void tell_rtpmap(const struct telling *t)
{
    const struct sdp_rtpmap *map = &t->line->as.rtpmap;
    const struct sdp_codec *codec = listed(t, map->pt);
    if (!codec) return;
    explain_meaning(t->x, "payload type %u is %.*s: timestamps count %u a second", map->pt,
                    SDP_TEXT(map->name), (unsigned)map->clock);
    if (map->channels > 1) explain_meaning(t->x, "%u channels", map->channels);
    switch ((enum sdp_codec_id)codec->id) {
    case SDP_OPUS:
        explain_meaning(t->x, "always written 48000/2, whatever is sent (RFC 7587 7)");
        break;
    case SDP_VP8: explain_meaning(t->x, "frames are cut into packets as RFC 7741 says"); break;
    case SDP_RTX:
        if (codec->apt == SDP_PT_NONE)
            explain_broken(t->x, "its fmtp names no payload type that it repeats (RFC 4588 8.6)");
        else if (!sdp_find_codec(t->section, codec->apt))
            explain_broken(t->x, "it repeats payload type %u, which is not listed (RFC 4588 8.6)",
                           codec->apt);
        else
            explain_meaning(t->x, "carries packets of payload type %u again (RFC 4588 4)",
                            codec->apt);
        break;
    default: explain_meaning(t->x, "not a codec of ours: an answer of ours leaves it out"); break;
    }
}

/* RFC 7587 §6.1, RFC 4588 §8.6, RFC 7741 §6.1: the parameters that we act upon. */
static void tell_param(const struct telling *t, struct bytes params, const char *name,
                       const char *meaning)
{
    struct bytes value;
    if (sdp_fmtp_get(params, name, &value))
        explain_meaning(t->x, "%s=%.*s: %s", name, SDP_TEXT(value), meaning);
}

static void tell_fmtp(const struct telling *t)
{
    static const struct {
        const char *name, *meaning;
    } known[] = {
        {"apt", "the payload type that is sent again (RFC 4588 8.6)"},
        {"minptime", "ms of sound in a packet, at least (RFC 7587 6.1)"},
        {"useinbandfec", "1: a packet may carry the one before it once more (RFC 7587 6.1)"},
        {"stereo", "1: stereo is welcome (RFC 7587 6.1)"},
        {"usedtx", "1: silence need not be sent (RFC 7587 6.1)"},
        {"maxaveragebitrate", "bit/s that the receiver can use (RFC 7587 6.1)"},
        {"max-fr", "frames a second that the receiver can decode (RFC 7741 6.1)"},
        {"max-fs", "macroblocks a frame that the receiver can decode (RFC 7741 6.1)"},
        {"packetization-mode", "how H.264 is cut into packets (RFC 6184 8.1)"},
        {"profile-level-id", "profile and level of H.264; both sides' profiles must agree "
                             "(RFC 6184 8.2.2)"},
        {"level-asymmetry-allowed", "1: each way may have a level of its own (RFC 6184 8.1)"},
    };
    const struct sdp_fmtp *fmtp = &t->line->as.fmtp;
    const struct sdp_codec *codec = listed(t, fmtp->pt);
    if (!codec) return;
    explain_meaning(t->x, "how payload type %u (%.*s) is to be sent to this side", fmtp->pt,
                    SDP_TEXT(codec->name));
    for (size_t i = 0; i < COUNT(known); i++)
        tell_param(t, fmtp->params, known[i].name, known[i].meaning);
}

static const char *feedback_meaning(uint8_t feedback)
{
    switch (feedback) {
    case SDP_FB_NACK: return "lost packets are asked for by number (RFC 4585 6.2.1)";
    case SDP_FB_NACK_PLI: return "a picture that is lost is told of by PLI (RFC 4585 6.3.1)";
    case SDP_FB_CCM_FIR: return "a key frame is asked for by FIR (RFC 5104 4.3.1)";
    case SDP_FB_TRANSPORT_CC:
        return "the arrival of every packet is told, so that the sender can find its rate "
               "(transport-wide-cc-01 3)";
    case SDP_FB_GOOG_REMB:
        return "the receiver tells the rate that it finds (draft-alvestrand-rmcat-remb 2)";
    default: return "not known here";
    }
}

static void tell_feedback(const struct telling *t)
{
    const struct sdp_rtcp_fb *fb = &t->line->as.rtcp_fb;
    if (fb->pt != SDP_PT_NONE && !listed(t, fb->pt)) return;
    explain_meaning(t->x, "%s; used if both sides write it (RFC 4585 4.2)",
                    feedback_meaning(fb->feedback));
}

static void tell_extmap(const struct telling *t)
{
    static const char *const names[SDP_EXT_COUNT] = {
        [SDP_EXT_MID] = "the mid of the section (RFC 9143 15.1)",
        [SDP_EXT_RID] = "which layer of simulcast (RFC 8852 4.1)",
        [SDP_EXT_REPAIRED_RID] = "which layer a repeated packet is of (RFC 8852 4.2)",
        [SDP_EXT_AUDIO_LEVEL] = "how loud this packet is (RFC 6464)",
        [SDP_EXT_ABS_SEND_TIME] = "when the packet left, in 24 bits of seconds",
        [SDP_EXT_TRANSPORT_CC] = "a number counted over all streams, for transport-cc feedback",
    };
    const struct sdp_extmap *map = &t->line->as.extmap;
    if (map->id > 255)
        explain_meaning(t->x, "offered without a number: the answer gives it one (RFC 8285 7)");
    else
        explain_meaning(t->x, "element %u of the header extension of RTP packets", map->id);
    explain_meaning(t->x, "%s", map->ext ? names[map->ext] : "not one of ours: not answered");
    if (map->id == 15)
        explain_broken(t->x, "15 is reserved in one-byte headers (RFC 8285 4.2)");
    else if (map->id > 14 && map->id < 256 && t->section && !t->section->extmap_allow_mixed)
        explain_meaning(t->x, "above 14 packets need two-byte headers (RFC 8285 4.3)");
    const struct sdp_line *line = NULL;
    while (t->section && (line = sdp_next(t->section->lines, SDP_ATTR_EXTMAP, line)) != t->line)
        if (line->as.extmap.id == map->id && map->id < 256) break;
    if (t->section && line != t->line)
        explain_broken(t->x, "the number stands for another one already (RFC 8285 5)");
}

static void tell_fingerprint(const struct telling *t)
{
    const struct sdp_fingerprint *f = &t->line->as.fingerprint;
    if (f->hash < SDP_SHA256) {
        explain_broken(t->x, "a hash that is not compared here: it proves nothing (RFC 8122 5)");
        return;
    }
    explain_meaning(t->x, "the hash of this side's certificate: the other side ends the call if "
                          "DTLS shows another one (RFC 8827 6.5)");
}

static void tell_group(const struct telling *t)
{
    const struct sdp_group *group = &t->line->as.group;
    if (!bytes_is(group->semantics, "BUNDLE")) {
        explain_meaning(t->x, "sections that belong together by a rule not used here");
        return;
    }
    explain_meaning(t->x,
                    "sections on one transport (%zu here), if the answer agrees; the first that it "
                    "takes carries ICE and DTLS (RFC 9143 7)",
                    group->count);
    for (size_t i = 0; i < group->count && i < SDP_SECTIONS_MAX; i++) {
        if (sdp_find_mid(t->sdp, group->mids[i])) continue;
        explain_broken(t->x, "no section has the mid %.*s (RFC 9143 7.1)",
                       SDP_TEXT(group->mids[i]));
        return;
    }
}

static void tell_setup(const struct telling *t)
{
    switch (t->line->as.setup) {
    case SDP_ACTPASS:
        explain_meaning(t->x, "either may begin: as every offer should have it; no answer may "
                              "(RFC 8842 5.2, 5.3)");
        break;
    case SDP_ACTIVE:
        explain_meaning(t->x, "this side sends the ClientHello: the other one is passive "
                              "(RFC 5763 5)");
        break;
    case SDP_PASSIVE:
        explain_meaning(t->x, "this side waits for the ClientHello: the other one is active "
                              "(RFC 5763 5)");
        break;
    default:
        explain_broken(t->x, "no connection for now, which WebRTC does not have (RFC 8842 5.2)");
        break;
    }
}

static void tell_credentials(const struct telling *t)
{
    struct bytes value = t->line->value;
    bool ufrag = t->line->attr == SDP_ATTR_ICE_UFRAG;
    if (ufrag)
        explain_meaning(t->x,
                        "checks sent to this side carry the USERNAME %.*s:theirs "
                        "(RFC 8445 7.2.2)",
                        SDP_TEXT(value));
    else
        explain_meaning(t->x, "the key by which checks sent to this side are signed "
                              "(RFC 8445 7.2.2); a new one restarts ICE");
    if (value.len < (ufrag ? 4 : 22) || value.len > 256 || !sdp_is_ice_chars(value))
        explain_broken(t->x, "it is %s to 256 ice-chars (RFC 8839 5.4)", ufrag ? "4" : "22");
}

static bool has_word(struct bytes words, const char *word)
{
    struct reader r = reader_of(words);
    while (reader_left(&r)) {
        if (bytes_is(sdp_scan_until(&r, ' '), word)) return true;
        sdp_scan_char(&r, ' ');
    }
    return false;
}

static void tell_ice_options(const struct telling *t)
{
    static const struct {
        const char *option, *meaning;
    } known[] = {
        {"trickle", "trickle: candidates may come later, by themselves (RFC 8838)"},
        {"ice2", "ice2: ICE as RFC 8445 has it, without aggressive nomination"},
        {"renomination", "renomination: a draft's way to change the pair; not ours"},
    };
    for (size_t i = 0; i < COUNT(known); i++)
        if (has_word(t->line->value, known[i].option))
            explain_meaning(t->x, "%s", known[i].meaning);
}

static const char *direction_meaning(uint8_t attr)
{
    switch (attr) {
    case SDP_ATTR_SENDRECV: return "sends and receives: the answer may have any direction";
    case SDP_ATTR_SENDONLY: return "sends only: the answer is recvonly or inactive";
    case SDP_ATTR_RECVONLY: return "receives only: the answer is sendonly or inactive";
    default: return "neither sends nor receives: nor may the answer";
    }
}

static void tell_msid(const struct telling *t)
{
    const struct sdp_msid *msid = &t->line->as.msid;
    if (bytes_is(msid->stream, "-"))
        explain_meaning(t->x, "a track in no MediaStream");
    else
        explain_meaning(t->x, "what is sent is a track of MediaStream %.*s",
                        SDP_TEXT(msid->stream));
}

static void tell_layers(const struct telling *t)
{
    const struct sdp_line *line = t->line;
    if (line->attr == SDP_ATTR_RID) {
        explain_meaning(t->x, "a layer that may be %s, named in each packet (RFC 8852)",
                        line->as.rid.direction == SDP_SENDONLY ? "sent" : "received");
        return;
    }
    explain_meaning(t->x, "one source in several sizes at once: \";\" parts layers, \",\" "
                          "alternatives, \"~\" marks those that begin paused");
}

static void tell_source(const struct telling *t)
{
    const struct sdp_ssrc *ssrc = &t->line->as.ssrc;
    explain_meaning(t->x, "packets of this section come with SSRC %u", (unsigned)ssrc->id);
    if (bytes_is(ssrc->name, "cname"))
        explain_meaning(t->x, "sources with one CNAME share a clock: they are played in step "
                              "(RFC 3550 6.5.1)");
    else if (bytes_is(ssrc->name, "msid"))
        explain_meaning(t->x, "how msid was written before RFC 8830");
}

static void tell_sources(const struct telling *t)
{
    const struct sdp_ssrc_group *group = &t->line->as.ssrc_group;
    if (bytes_is(group->semantics, "FID") && group->count == 2)
        explain_meaning(t->x, "SSRC %u sends packets of %u again (RFC 4588 8)",
                        (unsigned)group->ssrcs[1], (unsigned)group->ssrcs[0]);
    else if (bytes_is(group->semantics, "FID"))
        explain_broken(t->x, "a source and its retransmission are two (RFC 5576 4.2)");
    else if (bytes_is(group->semantics, "SIM"))
        explain_meaning(t->x, "layers of one picture, the old way of simulcast; not ours");
    else
        explain_meaning(t->x, "sources that belong together by a rule not used here");
}

static void tell_number(const struct telling *t)
{
    unsigned long long number = t->line->as.number;
    switch (t->line->attr) {
    case SDP_ATTR_SCTP_PORT:
        explain_meaning(t->x, "SCTP port %llu inside DTLS: data channels", number);
        if (number == 0) explain_meaning(t->x, "0 ends the association (RFC 8841 9)");
        break;
    case SDP_ATTR_MAX_MESSAGE_SIZE:
        if (number == 0)
            explain_meaning(t->x, "messages on data channels may have any length");
        else
            explain_meaning(t->x, "messages sent to this side have at most %llu bytes", number);
        break;
    case SDP_ATTR_PTIME:
        explain_meaning(t->x, "%llu ms of sound in a packet are welcome", number);
        break;
    default: explain_meaning(t->x, "at most %llu ms of sound in a packet", number); break;
    }
}

void sdp_explain_attribute(struct explain *x, const struct sdp *sdp,
                           const struct sdp_section *section, const struct sdp_line *line)
{
    const struct telling t = {x, sdp, section, line};
    if (meanings[line->attr]) {
        explain_meaning(x, "%s", meanings[line->attr]);
        return;
    }
    switch ((enum sdp_attr)line->attr) {
    case SDP_ATTR_RTPMAP: tell_rtpmap(&t); break;
    case SDP_ATTR_FMTP: tell_fmtp(&t); break;
    case SDP_ATTR_RTCP_FB: tell_feedback(&t); break;
    case SDP_ATTR_EXTMAP: tell_extmap(&t); break;
    case SDP_ATTR_FINGERPRINT: tell_fingerprint(&t); break;
    case SDP_ATTR_GROUP: tell_group(&t); break;
    case SDP_ATTR_SETUP: tell_setup(&t); break;
    case SDP_ATTR_ICE_UFRAG:
    case SDP_ATTR_ICE_PWD: tell_credentials(&t); break;
    case SDP_ATTR_ICE_OPTIONS: tell_ice_options(&t); break;
    case SDP_ATTR_INACTIVE:
    case SDP_ATTR_SENDONLY:
    case SDP_ATTR_RECVONLY:
    case SDP_ATTR_SENDRECV:
        explain_meaning(x, "%s (RFC 3264 6.1)", direction_meaning(line->attr));
        break;
    case SDP_ATTR_MSID: tell_msid(&t); break;
    case SDP_ATTR_RID:
    case SDP_ATTR_SIMULCAST: tell_layers(&t); break;
    case SDP_ATTR_SSRC: tell_source(&t); break;
    case SDP_ATTR_SSRC_GROUP: tell_sources(&t); break;
    default: tell_number(&t); break;
    }
}
