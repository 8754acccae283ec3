#include "apps/summary.h"

#include <stdio.h>
#include <string.h>

#include "apps/cause.h"

static double ms_of(usec us)
{
    return (double)us / 1000;
}

const char *summary_reason(const struct summary *c, char *to, size_t room)
{
    struct peer_why why = peer_why(c->peer);
    struct measure_video video = sink_video(c->sink);
    struct measure_sound sound = sink_sound(c->sink);
    if (room) to[0] = '\0';
    if (why.cause != PEER_CAUSE_NONE)
        snprintf(to, room, "%s: %s", why.layer, why.reason);
    else if (c->reason)
        snprintf(to, room, "%s", c->reason);
    else if (!peer_connected_at(c->peer))
        cause_waiting(c->peer, to, room);
    else if (c->decoded && c->ask_video && video.frames < SUMMARY_FRAMES_ASKED)
        snprintf(to, room, "media: %llu video frames were decoded, %d were asked for",
                 (unsigned long long)video.frames, SUMMARY_FRAMES_ASKED);
    else if (c->decoded && c->ask_audio && sound.samples == 0)
        snprintf(to, room, "media: no sound was decoded");
    return to;
}

static json_t *video_json(const struct sink *sink)
{
    struct measure_video v = sink_video(sink);
    return json_pack("{s:I,s:I,s:i,s:i,s:f,s:I}", "frames", (json_int_t)v.frames, "good",
                     (json_int_t)v.good, "width", v.width, "height", v.height, "fps", v.fps,
                     "freezes", (json_int_t)v.freezes);
}

static json_t *audio_json(const struct sink *sink)
{
    struct measure_sound a = sink_sound(sink);
    return json_pack("{s:I,s:f,s:f,s:I,s:b}", "samples", (json_int_t)a.samples, "hz", a.hz, "rms",
                     a.rms, "concealed", (json_int_t)a.concealed, "good",
                     (int)measure_sound_good(&a));
}

/* One entry for each track that came, beyond what `video` and `audio` say of the first ones. */
static json_t *tracks_json(const struct sink *sink)
{
    json_t *list = json_array();
    const struct sink_track *t;
    for (size_t i = 0; (t = sink_track(sink, i)) != NULL; i++)
        json_array_append_new(list,
                              json_pack("{s:i,s:s,s:I,s:I,s:I}", "track", (int)t->track, "kind",
                                        t->kind == RTP_OPUS ? "audio" : "video", "frames",
                                        (json_int_t)t->frames, "good", (json_int_t)t->good,
                                        "undecodable", (json_int_t)t->undecodable));
    return list;
}

static json_t *pair_json(const struct peer *peer)
{
    struct ice_pair_info pair;
    if (!ice_selected_info(peer_ice(peer), &pair)) return NULL;
    return json_pack("{s:s,s:s,s:s,s:f}", "local", candidate_type_name(pair.local_type), "remote",
                     candidate_type_name(pair.remote_type), "protocol", "udp", "rttMs",
                     ms_of(pair.rtt_us));
}

/* OpenSSL says "DTLSv1.2". */
static json_t *version_json(const char *openssl)
{
    if (!openssl) return json_null();
    return strncmp(openssl, "DTLSv", 5) == 0 ? json_sprintf("DTLS %s", openssl + 5)
                                             : json_string(openssl);
}

static json_t *dtls_json(const struct dtls *dtls, const char *state)
{
    const char *cipher = dtls_cipher_name(dtls);
    json_t *o = json_pack("{s:s?,s:s}", "cipher", cipher, "role",
                          dtls_role(dtls) == DTLS_CLIENT   ? "client"
                          : dtls_role(dtls) == DTLS_SERVER ? "server"
                                                           : "unknown");
    json_object_set_new(o, "version", version_json(dtls_version_name(dtls)));
    json_object_set_new(o, "state",
                        json_string(state ? state : dtls_state_name(dtls_status(dtls).state)));
    return o;
}

json_t *summary_json(const struct summary *c, usec now)
{
    char reason[SUMMARY_REASON_MAX];
    const struct peer *peer = c->peer;
    usec started = peer_started_at(peer), connected = peer_connected_at(peer);
    usec picture = sink_first_picture_at(c->sink);
    summary_reason(c, reason, sizeof reason);
    json_t *o = json_pack("{s:s,s:s,s:b,s:s,s:s}", "event", "summary", "peer", "duet", "ok",
                          (int)(reason[0] == '\0'), "reason", reason, "role",
                          c->offered ? "offerer" : "answerer");
    if (connected) json_object_set_new(o, "connectMs", json_real(ms_of(connected - started)));
    if (picture) json_object_set_new(o, "firstFrameMs", json_real(ms_of(picture - started)));
    if (c->decoded) {
        json_object_set_new(o, "video", video_json(c->sink));
        json_object_set_new(o, "audio", audio_json(c->sink));
        json_object_set_new(o, "tracks", tracks_json(c->sink));
        struct measure_skew skew = sink_skew(c->sink);
        if (skew.pairs) json_object_set_new(o, "skewMs", json_real(ms_of(skew.mean_us)));
    }
    const char *ice = c->ice ? c->ice : ice_state_name(ice_state(peer_ice(peer)));
    json_object_set_new(o, "ice", json_string(ice));
    json_t *pair = pair_json(peer);
    if (pair) json_object_set_new(o, "pair", pair);
    json_object_set_new(o, "dtls", dtls_json(peer_dtls(peer), c->dtls));
    const char *profile = peer_srtp_profile(peer);
    if (profile && strncmp(profile, "SRTP_", 5) == 0) profile += 5;
    json_object_set_new(o, "srtp", profile ? json_string(profile) : json_null());
    json_object_set_new(o, "stats", c->stats ? json_incref(c->stats) : summary_stats(c, now));
    return o;
}
