#include "apps/simcodecs.h"

#include "media/source.h"

bool simcodecs_init(struct simcodecs *c, bool video)
{
    char why[STUDIO_WHY_MAX];
    struct studio_config studio = {.width = SOURCE_WIDTH,
                                   .height = SOURCE_HEIGHT,
                                   .fps = SOURCE_FPS,
                                   .video_bps = 1000000,
                                   .video = video,
                                   .audio = true};
    struct sink_config sink = {.record = NULL};
    c->studio = studio_new(&studio, why);
    c->sink = sink_new(&sink, why);
    return c->studio && c->sink;
}

void simcodecs_free(struct simcodecs *c)
{
    char why[SINK_WHY_MAX];
    studio_free(c->studio);
    if (c->sink) sink_free(c->sink, why);
    *c = (struct simcodecs){0};
}

void simcodecs_start(struct simcodecs *c, usec now)
{
    c->started = true;
    studio_start(c->studio, now);
}

usec simcodecs_deadline(const struct simcodecs *c)
{
    return c->started ? studio_deadline(c->studio) : TIME_NEVER;
}

void simcodecs_send(struct simcodecs *c, struct peer *peer, usec now)
{
    struct studio_frame f;
    while (studio_next(c->studio, &f, now)) {
        struct peer_track t;
        for (size_t i = 0; peer_track(peer, i, &t); i++) {
            if ((t.kind == RTP_VP8) != f.video || !t.agreed.send) continue;
            struct rtp_frame frame = {.payload = f.data,
                                      .timestamp = f.timestamp,
                                      .key = f.key,
                                      .audio_level = f.level,
                                      .captured = f.captured};
            peer_send(peer, i, &frame, now); /* refused: it can't send now, the frame is gone */
        }
    }
}

void simcodecs_received(struct simcodecs *c, struct peer *peer, size_t track,
                        const struct rtp_frame *frame, usec now)
{
    struct peer_track t;
    if (!peer_track(peer, track, &t)) return;
    if (!sink_frame(c->sink, track, t.kind, frame, now)) peer_want_key(peer, track);
}
