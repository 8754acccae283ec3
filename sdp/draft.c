/* Our own descriptions as text: what offers and answers have in common. RFC 8829 §5.2.1. */
#include "sdp/internal.h"

#include <inttypes.h>

static void write_line(struct writer *w, const char *name, struct bytes value)
{
    write_text(w, name);
    write_bytes(w, value);
    write_text(w, "\r\n");
}

void sdp_write_head(struct writer *w, const struct sdp_local *local)
{
    /* The address of o= says nothing in WebRTC; RFC 8829 §5.2.1 wants a meaningless one. */
    write_format(w, "v=0\r\no=- %" PRIu64 " %" PRIu64 " IN IP4 127.0.0.1\r\n", local->session_id,
                 local->version);
    write_text(w, "s=-\r\nt=0 0\r\n");
    /* RFC 8866 §6.3: who wrote it, for whoever debugs; the page names our tile by it. */
    write_text(w, "a=tool:duet\r\n");
}

void sdp_write_rejected(struct writer *w, struct bytes media, struct bytes protocol,
                        struct bytes formats, struct bytes mid)
{
    write_text(w, "m=");
    write_bytes(w, media);
    write_text(w, " 0 ");
    write_bytes(w, protocol);
    write_line(w, " ", formats);
    write_text(w, "c=IN IP4 0.0.0.0\r\n");
    if (mid.len) write_line(w, "a=mid:", mid);
    write_text(w, "a=inactive\r\n");
}

/* RFC 8122 §5: upper-case hex with colons. */
static void write_fingerprint(struct writer *w, const struct sdp_fingerprint *fingerprint)
{
    static const char digits[] = "0123456789ABCDEF";
    write_format(w, "a=fingerprint:%s ", sdp_hash_name(fingerprint->hash));
    for (size_t i = 0; i < fingerprint->digest.len; i++) {
        uint8_t byte = fingerprint->digest.at[i];
        if (i) write_u8(w, ':');
        write_u8(w, (uint8_t)digits[byte >> 4]);
        write_u8(w, (uint8_t)digits[byte & 15]);
    }
    write_text(w, "\r\n");
}

/* ICE and DTLS stand in every section, as browsers write them, though RFC 9143 §7.1.3 asks for
 * them only in the first of a bundle: who takes the bundle ignores the others. The candidates
 * stand in the first alone. */
static void write_transport(struct writer *w, const struct sdp_local *local,
                            const struct sdp_draft *draft)
{
    for (size_t i = 0; draft->carries_transport && i < local->candidate_count; i++)
        write_line(w, "a=", local->candidates[i]);
    if (draft->carries_transport && local->end_of_candidates)
        write_text(w, "a=end-of-candidates\r\n");
    write_line(w, "a=ice-ufrag:", local->ufrag);
    write_line(w, "a=ice-pwd:", local->pwd);
    write_text(w, "a=ice-options:trickle\r\n"); /* RFC 8840 §4.1.1 */
    for (size_t i = 0; i < local->fingerprint_count; i++)
        write_fingerprint(w, &local->fingerprints[i]);
    write_format(w, "a=setup:%s\r\n", sdp_setup_name(draft->setup));
}

static void write_extmaps(struct writer *w, const struct sdp_draft *draft)
{
    for (int ext = SDP_EXT_OTHER + 1; ext < SDP_EXT_COUNT; ext++) {
        if (draft->ext_id[ext] == 0) continue;
        enum sdp_direction direction = (enum sdp_direction)draft->ext_direction[ext];
        write_format(w, "a=extmap:%u", draft->ext_id[ext]);
        if (direction != SDP_SENDRECV) write_format(w, "/%s", sdp_direction_name(direction));
        write_format(w, " %s\r\n", sdp_ext_uri((enum sdp_ext)ext));
    }
    if (draft->extmap_allow_mixed) write_text(w, "a=extmap-allow-mixed\r\n");
}

static void write_codec(struct writer *w, const struct sdp_draft *draft)
{
    if (draft->codec == SDP_OPUS)
        write_format(w, "a=rtpmap:%u opus/48000/2\r\n", draft->pt); /* RFC 7587 §7 */
    else
        write_format(w, "a=rtpmap:%u VP8/90000\r\n", draft->pt); /* RFC 7741 §6 */
    for (unsigned bit = 1; bit & SDP_FB_ALL; bit <<= 1)
        if (draft->feedback & bit)
            write_format(w, "a=rtcp-fb:%u %s\r\n", draft->pt,
                         sdp_feedback_name((enum sdp_feedback)bit));
    if (draft->codec == SDP_OPUS)
        write_format(w, "a=fmtp:%u minptime=10;useinbandfec=1\r\n", draft->pt);
    if (draft->rtx_pt != SDP_PT_NONE) /* RFC 4588 §8.6 */
        write_format(w, "a=rtpmap:%u rtx/90000\r\na=fmtp:%u apt=%u\r\n", draft->rtx_pt,
                     draft->rtx_pt, draft->pt);
}

static void write_msid(struct writer *w, const struct sdp_wish *wish)
{
    write_text(w, "msid:");
    if (wish->stream.len)
        write_bytes(w, wish->stream);
    else
        write_text(w, "-"); /* RFC 8830 §2: in no stream */
    if (wish->track.len) write_text(w, " ");
    write_line(w, "", wish->track);
}

/* RFC 5576 §4: one source and, if there is one, its retransmissions (RFC 4588 §8). */
static void write_ssrcs(struct writer *w, const struct sdp_local *local,
                        const struct sdp_wish *wish, const struct sdp_draft *draft)
{
    uint32_t ids[2] = {wish->ssrc, draft->rtx_pt != SDP_PT_NONE ? wish->rtx_ssrc : 0};
    if (ids[0] && ids[1])
        write_format(w, "a=ssrc-group:FID %" PRIu32 " %" PRIu32 "\r\n", ids[0], ids[1]);
    for (size_t i = 0; i < COUNT(ids) && ids[i]; i++) {
        write_format(w, "a=ssrc:%" PRIu32, ids[i]);
        write_line(w, " cname:", local->cname);
        write_format(w, "a=ssrc:%" PRIu32 " ", ids[i]);
        write_msid(w, wish);
    }
}

void sdp_write_section(struct writer *w, const struct sdp_local *local, const struct sdp_wish *wish,
                       const struct sdp_draft *draft)
{
    bool sends = draft->direction & SDP_SEND;
    write_format(w, "m=%s %u ", sdp_kind_name(draft->kind), draft->port);
    write_bytes(w, draft->protocol);
    write_format(w, " %u", draft->pt);
    if (draft->rtx_pt != SDP_PT_NONE) write_format(w, " %u", draft->rtx_pt);
    /* RFC 8840 §4.1.1: while candidates trickle, the default is 0.0.0.0 and port 9. */
    write_text(w, "\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\n");
    write_transport(w, local, draft);
    if (draft->mid.len) write_line(w, "a=mid:", draft->mid); /* an offer may have none */
    if (draft->bundle_only) write_text(w, "a=bundle-only\r\n");
    write_extmaps(w, draft);
    write_format(w, "a=%s\r\n", sdp_direction_name(draft->direction));
    if (sends) {
        write_text(w, "a=");
        write_msid(w, wish);
    }
    write_text(w, "a=rtcp-mux\r\n");
    if (draft->rtcp_rsize) write_text(w, "a=rtcp-rsize\r\n");
    write_codec(w, draft);
    if (sends) write_ssrcs(w, local, wish, draft);
}
