/* Writes an offer, answers it as the other side would, and reads out of both what was agreed.
 * RFC 3264 §5 to §7, RFC 8829 §5. Notice that these are functions without a memory: structs and
 * text in, text or structs out. Sound and picture are offered both ways; the answer takes the
 * picture both ways, only listens to the sound, and has no retransmission (RFC 4588). */
#include <stdio.h>

#include "sdp/agree.h"
#include "sdp/answer.h"
#include "sdp/offer.h"
#include "sdp/parse.h"

/* What both sides have alike. ICE (RFC 8839 §5.4) and DTLS (RFC 8122 §5) bring these in a call. */
static struct sdp_local side(const char *ufrag, const char *password)
{
    static const uint8_t digest[32] = {0xD0, 0xE7};
    static const struct sdp_fingerprint fingerprint = {.hash = SDP_SHA256,
                                                       .digest = {digest, sizeof digest}};
    return (struct sdp_local){.session_id = 1,
                              .version = 1,
                              .ufrag = bytes_of(ufrag),
                              .pwd = bytes_of(password),
                              .fingerprints = &fingerprint,
                              .fingerprint_count = 1,
                              .cname = bytes_of("example"),
                              .caps = SDP_CAPS_ALL};
}

/* Says why where a step fails: which rule of which RFC, and at which byte. */
static bool good(enum err err, const struct fault *fault)
{
    if (err == OK) return true;
    char why[200];
    fprintf(stderr, "%s\n", fault_text(fault, why, sizeof why));
    return false;
}

/* Parses what was written, as the other side would. */
static bool parse(struct sdp *to, const struct writer *written, const char *title)
{
    struct bytes text = writer_done(written);
    printf("---- %s, %zu bytes ----\n%.*s", title, text.len, (int)text.len, (const char *)text.at);
    return good(sdp_parse(to, text), &to->fault);
}

static void tell(const struct sdp_agreed *agreed)
{
    printf("---- agreed, as who offered sees it ----\n");
    for (size_t i = 0; i < agreed->section_count; i++) {
        const struct sdp_agreed_section *s = &agreed->sections[i];
        const struct sdp_agreed_codec *codec = &s->codecs[0];
        enum sdp_direction direction = (s->send ? SDP_SEND : 0) | (s->recv ? SDP_RECV : 0);
        if (s->rejected)
            printf("%s: rejected\n", sdp_kind_name(s->kind));
        else
            printf("%s: %s, %s as payload type %u, %s retransmission\n", sdp_kind_name(s->kind),
                   sdp_direction_name(direction), sdp_codec_name(codec->id), codec->send_pt,
                   codec->rtx_send_pt == SDP_PT_NONE ? "no" : "with");
    }
    /* The offer leaves it open (actpass), the answer decides (RFC 5763 §5). */
    printf("who offered is the DTLS %s\n",
           agreed->transport.role == SDP_DTLS_CLIENT ? "client" : "server");
}

int main(void)
{
    struct sdp_local ours = side("ours", "0123456789abcdefghijkl");
    struct sdp_local theirs = side("them", "lkjihgfedcba9876543210");
    const struct sdp_wish wanted[] = {
        {.kind = SDP_AUDIO, .direction = SDP_SENDRECV, .mid = bytes_of("0")},
        {.kind = SDP_VIDEO,
         .direction = SDP_SENDRECV,
         .mid = bytes_of("1"),
         .track = bytes_of("v")}};
    const struct sdp_wish granted[] = {{.kind = SDP_AUDIO, .direction = SDP_RECVONLY},
                                       {.kind = SDP_VIDEO, .direction = SDP_SENDRECV}};
    char room[4096]; /* sdp_parse copies the text */
    struct sdp offer = {0}, answer = {0};
    struct sdp_agreed agreed = {0};
    struct fault fault;
    theirs.caps.rtx = false;
    struct writer w = writer_of(room, sizeof room);
    bool done = sdp_offer(&w, &ours, wanted, COUNT(wanted)) == OK && parse(&offer, &w, "offer");
    w = writer_of(room, sizeof room);
    done = done && good(sdp_answer(&w, &offer, &theirs, granted, COUNT(granted), &fault), &fault) &&
           parse(&answer, &w, "answer") &&
           good(sdp_agree(&agreed, &offer, &answer, true), &agreed.fault);
    if (done) tell(&agreed);
    sdp_agreed_free(&agreed);
    sdp_free(&answer);
    sdp_free(&offer);
    return done ? 0 : 1;
}
