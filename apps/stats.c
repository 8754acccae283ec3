/* The statistics of a call in the words of W3C webrtc-stats (https://www.w3.org/TR/webrtc-stats/):
 * dictionaries by id, times in seconds, timestamps in milliseconds since 1970. Members that we
 * can't know are left out, as the standard has it; so are those of rounds that were not measured
 * yet. */
#include <stdio.h>

#include "apps/summary.h"

#define ID_MAX 32 /* a prefix and a number */

static double seconds_of(usec us)
{
    return (double)us / 1e6;
}

/* A dictionary with the three members that all have; takes over `o`. */
static void add(json_t *stats, const char *id, const char *type, double timestamp, json_t *o)
{
    json_object_set_new(o, "id", json_string(id));
    json_object_set_new(o, "type", json_string(type));
    json_object_set_new(o, "timestamp", json_real(timestamp));
    json_object_set_new(stats, id, o);
}

static void add_candidate(json_t *stats, const char *id, const char *type, double timestamp,
                          const struct addr *addr, enum candidate_type candidate)
{
    char ip[ADDR_TEXT_MAX];
    add(stats, id, type, timestamp,
        json_pack("{s:s,s:i,s:s,s:s,s:s}", "address", addr_ip_text(addr, ip), "port",
                  (int)addr->port, "protocol", "udp", "candidateType",
                  candidate_type_name(candidate), "transportId", "T"));
}

static const char *pair_state(enum pair_state state)
{
    switch (state) {
    case PAIR_FROZEN: return "frozen";
    case PAIR_WAITING: return "waiting";
    case PAIR_IN_PROGRESS: return "in-progress";
    case PAIR_SUCCEEDED: return "succeeded";
    case PAIR_FAILED: return "failed";
    }
    return "failed";
}

static void add_pairs(json_t *stats, const struct ice *ice, double timestamp, char selected[ID_MAX])
{
    static const size_t room = ICE_PAIRS_MAX;
    struct ice_pair_info pairs[ICE_PAIRS_MAX];
    size_t count = ice_pairs(ice, pairs, room);
    selected[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        const struct ice_pair_info *p = &pairs[i];
        char id[ID_MAX], local[ID_MAX], remote[ID_MAX];
        snprintf(id, sizeof id, "CP%zu", i);
        snprintf(local, sizeof local, "L%zu", i);
        snprintf(remote, sizeof remote, "R%zu", i);
        add_candidate(stats, local, "local-candidate", timestamp, &p->route.local, p->local_type);
        add_candidate(stats, remote, "remote-candidate", timestamp, &p->route.remote,
                      p->remote_type);
        add(stats, id, "candidate-pair", timestamp,
            json_pack("{s:s,s:s,s:s,s:s,s:b,s:i,s:i,s:i,s:i}", "transportId", "T",
                      "localCandidateId", local, "remoteCandidateId", remote, "state",
                      pair_state(p->state), "nominated", (int)p->nominated, "requestsSent",
                      (int)p->requests_sent, "requestsReceived", (int)p->requests_received,
                      "responsesSent", (int)p->responses_sent, "responsesReceived",
                      (int)p->responses_received));
        if (p->rtt_us)
            json_object_set_new(json_object_get(stats, id), "currentRoundTripTime",
                                json_real(seconds_of(p->rtt_us)));
        if (p->selected) snprintf(selected, ID_MAX, "%s", id);
    }
}

static void add_codec(json_t *stats, const struct peer_track *t, double timestamp)
{
    bool audio = t->kind == RTP_OPUS;
    json_t *o = json_pack("{s:s,s:s,s:i,s:i}", "transportId", "T", "mimeType",
                          audio ? "audio/opus" : "video/VP8", "clockRate", audio ? 48000 : 90000,
                          "payloadType", (int)t->payload_type);
    if (audio) json_object_set_new(o, "channels", json_integer(2)); /* RFC 7587 §7 */
    add(stats, audio ? "C-audio" : "C-video", "codec", timestamp, o);
}

static void add_outbound(json_t *stats, const struct peer *peer, size_t track,
                         const struct peer_track *t, double timestamp)
{
    size_t sender;
    struct rtp_sender_stats s;
    char id[ID_MAX];
    bool audio = t->kind == RTP_OPUS;
    if (!peer_track_sender(peer, track, &sender) ||
        !rtp_session_sender_stats(peer_rtp(peer), sender, &s))
        return;
    snprintf(id, sizeof id, "OT%zu", track);
    json_t *o = json_pack(
        "{s:s,s:I,s:s,s:s,s:s,s:I,s:I,s:I,s:I,s:I}", "kind", audio ? "audio" : "video", "ssrc",
        (json_int_t)t->ssrc, "mid", t->mid, "transportId", "T", "codecId",
        audio ? "C-audio" : "C-video", "packetsSent", (json_int_t)s.packets, "bytesSent",
        (json_int_t)s.bytes, "retransmittedPacketsSent", (json_int_t)s.resent_packets,
        "retransmittedBytesSent", (json_int_t)s.resent_bytes, "nackCount", (json_int_t)s.nacks);
    if (!audio)
        json_object_update_new(o,
                               json_pack("{s:I,s:I,s:I,s:I}", "framesSent", (json_int_t)s.frames,
                                         "keyFramesEncoded", (json_int_t)s.key_frames, "pliCount",
                                         (json_int_t)s.plis, "firCount", (json_int_t)s.firs));
    add(stats, id, "outbound-rtp", timestamp, o);
    if (!s.has_report) return;
    char remote[ID_MAX];
    snprintf(remote, sizeof remote, "RI%zu", track);
    json_object_set_new(o, "remoteId", json_string(remote));
    json_t *r =
        json_pack("{s:s,s:I,s:s,s:s,s:s,s:i,s:f,s:f}", "kind", audio ? "audio" : "video", "ssrc",
                  (json_int_t)t->ssrc, "transportId", "T", "codecId", audio ? "C-audio" : "C-video",
                  "localId", id, "packetsLost", (int)s.remote_lost, "fractionLost",
                  s.remote_fraction_lost / 256.0, "jitter", seconds_of(s.remote_jitter));
    if (s.rtt) json_object_set_new(r, "roundTripTime", json_real(seconds_of(s.rtt)));
    add(stats, remote, "remote-inbound-rtp", timestamp, r);
}

static void add_inbound(json_t *stats, const struct summary *c, size_t track,
                        const struct peer_track *t, double timestamp)
{
    size_t receiver;
    struct rtp_receiver_stats s;
    char id[ID_MAX];
    bool audio = t->kind == RTP_OPUS;
    if (!peer_track_receiver(c->peer, track, &receiver) ||
        !rtp_session_receiver_stats(peer_rtp(c->peer), receiver, &s))
        return;
    snprintf(id, sizeof id, "IT%zu", track);
    json_t *o = json_pack("{s:s,s:s,s:s,s:s,s:s,s:I,s:I,s:I,s:I,s:f,s:I}", "kind",
                          audio ? "audio" : "video", "mid", t->mid, "trackIdentifier", t->mid,
                          "transportId", "T", "codecId", audio ? "C-audio" : "C-video", "ssrc",
                          (json_int_t)s.ssrc, "packetsReceived", (json_int_t)s.packets,
                          "bytesReceived", (json_int_t)s.bytes, "packetsLost", (json_int_t)s.lost,
                          "jitter", seconds_of(s.jitter), "nackCount", (json_int_t)s.nacks);
    if (!audio)
        json_object_update_new(
            o,
            json_pack("{s:I,s:I,s:I,s:I,s:I,s:i,s:i,s:I}", "framesReceived", (json_int_t)s.frames,
                      "framesDropped", (json_int_t)s.frames_dropped, "keyFramesDecoded",
                      (json_int_t)s.key_frames, "pliCount", (json_int_t)s.plis, "firCount",
                      (json_int_t)s.firs, "frameWidth", (int)s.width, "frameHeight", (int)s.height,
                      "retransmittedPacketsReceived", (json_int_t)s.recovered));
    for (size_t i = 0; sink_track(c->sink, i); i++)
        if (!audio && sink_track(c->sink, i)->track == track)
            json_object_set_new(o, "framesDecoded",
                                json_integer((json_int_t)sink_track(c->sink, i)->frames));
    add(stats, id, "inbound-rtp", timestamp, o);
}

static void add_transport(json_t *stats, const struct summary *c, const char *pair,
                          double timestamp)
{
    const struct peer *peer = c->peer;
    struct rtp_session_stats rtp = rtp_session_stats(peer_rtp(peer));
    const char *cipher = dtls_cipher_iana_name(peer_dtls(peer)), *srtp = peer_srtp_profile(peer);
    enum dtls_role role = dtls_role(peer_dtls(peer));
    json_t *o =
        json_pack("{s:s,s:s,s:s,s:s,s:I,s:I}", "dtlsState",
                  dtls_state_name(dtls_status(peer_dtls(peer)).state), "iceState",
                  ice_state_name(ice_state(peer_ice(peer))), "iceRole",
                  ice_is_controlling(peer_ice(peer)) ? "controlling" : "controlled", "dtlsRole",
                  role == DTLS_CLIENT   ? "client"
                  : role == DTLS_SERVER ? "server"
                                        : "unknown",
                  "packetsSent", (json_int_t)(rtp.rtp_packets_out + rtp.rtcp_packets_out),
                  "packetsReceived", (json_int_t)(rtp.rtp_packets_in + rtp.rtcp_packets_in));
    struct bytes ufrag = ice_local_ufrag(peer_ice(peer));
    json_object_set_new(o, "iceLocalUsernameFragment",
                        json_stringn((const char *)ufrag.at, ufrag.len));
    if (pair[0]) json_object_set_new(o, "selectedCandidatePairId", json_string(pair));
    if (cipher) json_object_set_new(o, "dtlsCipher", json_string(cipher));
    if (cipher) json_object_set_new(o, "tlsVersion", json_string("FEFD")); /* DTLS 1.2 alone */
    if (srtp) json_object_set_new(o, "srtpCipher", json_string(srtp));
    add(stats, "T", "transport", timestamp, o);
}

json_t *summary_stats(const struct summary *c, usec now)
{
    json_t *stats = json_object();
    double timestamp = (double)(c->unix_us + now) / 1000;
    char pair[ID_MAX];
    struct peer_track t;
    bool kinds[2] = {false, false};
    add_pairs(stats, peer_ice(c->peer), timestamp, pair);
    add_transport(stats, c, pair, timestamp);
    for (size_t i = 0; peer_track(c->peer, i, &t); i++) {
        if (!kinds[t.kind] && t.payload_type != SDP_PT_NONE) {
            kinds[t.kind] = true;
            add_codec(stats, &t, timestamp);
        }
        add_outbound(stats, c->peer, i, &t, timestamp);
        add_inbound(stats, c, i, &t, timestamp);
    }
    return stats;
}
