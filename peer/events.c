/* What a connection tells: its own notes, and what its parts have to say. */
#include "peer/internal.h"

/* The section whose transport carries everything: candidates name it (RFC 9143 §10, RFC 8840 §7).
 * That is what both agreed on; before, what our description suggests, and the answer may still
 * choose another (RFC 9143 §7.3.1). */
static struct bytes transport_mid(const struct jsep *jsep)
{
    if (jsep->in_force && jsep->agreed.transport.used) return jsep->agreed.transport.mid;
    const struct sdp *local = jsep->in_force ? &jsep->local : &jsep->pending;
    const struct sdp_section *section = sdp_transport_section(local);
    return section ? section->mid : bytes_of("0");
}

bool peer_described(const struct peer *p)
{
    return p->jsep.in_force || p->jsep.state == JSEP_HAVE_LOCAL_OFFER;
}

/* For descriptions, which name the ufrag themselves: an ICE restart does not change the line. */
static void keep_candidate(struct peer *p, const struct candidate *candidate)
{
    if (p->candidate_count == LOCAL_CANDIDATES) return;
    char *text = p->candidates[p->candidate_count];
    struct writer w = writer_of(text, LOCAL_CANDIDATE_LEN - 1);
    struct candidate line = *candidate;
    line.ufrag[0] = '\0';
    candidate_write(&w, &line);
    struct bytes written = writer_done(&w);
    if (!written.at) return;
    text[written.len] = '\0';
    p->candidate_count++;
}

/* Keeps a candidate for descriptions; true: it is to be trickled too, since one is out already. */
bool peer_take_candidate(struct peer *p, const struct ice_event *from, struct peer_event *ev)
{
    char *text = ev->as.candidate.text;
    struct writer w = writer_of(text, ICE_CANDIDATE_TEXT_MAX - 1);
    text[0] = '\0';
    if (from->type == ICE_END_OF_CANDIDATES) {
        p->candidates_done = true;
    } else {
        candidate_write(&w, &from->as.candidate);
        struct bytes line = writer_done(&w);
        if (!line.at) return false;
        text[line.len] = '\0';
        keep_candidate(p, &from->as.candidate);
    }
    if (!peer_described(p)) return false;
    ev->type = PEER_CANDIDATE;
    bytes_to_text(transport_mid(&p->jsep), ev->as.candidate.mid, sizeof ev->as.candidate.mid);
    bytes_to_text(ice_local_ufrag(transport_ice(p->transport)), ev->as.candidate.ufrag,
                  sizeof ev->as.candidate.ufrag);
    return true;
}

static bool translate_ice(struct peer *p, const struct ice_event *from, struct peer_event *ev)
{
    switch (from->type) {
    case ICE_STATE: ev->type = PEER_ICE_CHANGED; return true;
    case ICE_CANDIDATE:
    case ICE_END_OF_CANDIDATES: return peer_take_candidate(p, from, ev);
    case ICE_SELECTED:
        ev->type = PEER_SELECTED;
        ev->as.route = from->as.route;
        return true;
    case ICE_RESOLVE:
        ev->type = PEER_RESOLVE;
        memcpy(ev->as.name, from->as.name, sizeof ev->as.name);
        return true;
    }
    return false;
}

/* The next of the transport's events that is one of ours; false: none. */
static bool event_of_transport(struct peer *p, struct peer_event *ev)
{
    struct transport_event from;
    while (transport_event(p->transport, &from)) {
        if (from.type == TRANSPORT_ICE && translate_ice(p, &from.as.ice, ev)) return true;
        if (from.type != TRANSPORT_DTLS) continue;
        ev->type = PEER_DTLS_CHANGED;
        return true;
    }
    return false;
}

static bool track_of_stream(const struct peer *p, size_t stream, bool sender, size_t *track)
{
    for (size_t i = 0; i < p->tracks.count; i++) {
        const struct track *t = &p->tracks.list[i];
        bool has = sender ? t->has_sender : t->has_receiver;
        if (!has || (sender ? t->sender : t->receiver) != stream) continue;
        *track = i;
        return true;
    }
    return false;
}

static bool event_of_rtp(struct peer *p, struct peer_event *ev)
{
    struct rtp_event from;
    while (rtp_session_event(p->rtp, &from)) {
        switch (from.type) {
        case RTP_FRAME:
            ev->type = PEER_FRAME;
            ev->as.frame = from.as.frame;
            if (track_of_stream(p, from.stream, false, &ev->track)) return true;
            break;
        case RTP_KEY_WANTED:
            ev->type = PEER_KEY_WANTED;
            if (track_of_stream(p, from.stream, true, &ev->track)) return true;
            break;
        case RTP_BITRATE:
            ev->type = PEER_BITRATE;
            ev->as.bitrate = from.as.bitrate;
            return true;
        case RTP_BYE:
        case RTP_STREAM_NEW: break;
        }
    }
    return false;
}

bool peer_event(struct peer *p, struct peer_event *ev)
{
    struct note next;
    ev->track = 0;
    if (ring_pop(&p->notes, &next)) {
        ev->type = next.type;
        ev->track = next.track;
        ev->as.state = next.state;
        return true;
    }
    if (p->negotiate && p->jsep.state == JSEP_STABLE && !p->closing) {
        p->negotiate = false;
        ev->type = PEER_NEGOTIATE;
        return true;
    }
    return event_of_transport(p, ev) || event_of_rtp(p, ev);
}
