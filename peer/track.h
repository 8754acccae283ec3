/* Tracks: which media section each one is, what we want of it, and its streams in the RTP session.
 * RFC 8829 §3.4 (transceivers), RFC 8830 (msid). */
#ifndef DUET_PEER_TRACK_H
#define DUET_PEER_TRACK_H

#include "peer/connection.h"

/* Characters of our stream and track ids (RFC 8830 §2), at random. */
#define TRACK_ID_LEN 32

/* Small: each connection has room for all of them. */
struct track {
    enum rtp_kind kind;
    struct peer_media want, agreed;
    bool stopped;
    bool changed;   /* PEER_TRACK is to be told */
    int8_t section; /* the index of its m= line; -1: none yet, or another track took it over */
    int8_t settled; /* the same in the descriptions in force: what a rollback goes back to */
    char mid[RTP_MID_MAX + 1];
    char id[TRACK_ID_LEN + 1];
    uint32_t ssrc, rtx_ssrc;
    uint8_t payload_type; /* as in struct peer_track */
    bool has_sender, has_receiver;
    size_t sender, receiver; /* indices in the RTP session */
};

struct tracks {
    struct track list[PEER_TRACKS_MAX];
    size_t count;
    char stream[TRACK_ID_LEN + 1];
};

void tracks_init(struct tracks *tracks, struct rng *rng);
/* E_FULL: PEER_TRACKS_MAX. */
enum err tracks_add(struct tracks *tracks, enum rtp_kind kind, struct peer_media want,
                    struct rng *rng, size_t *track);
/* What is wanted of a track from now on. Nothing stops it: with the next offer, or at once if it
 * has no section. */
void tracks_set(struct tracks *tracks, size_t track, struct peer_media want);
/* True: a track waits for its section in the next offer. */
bool tracks_wait(const struct tracks *tracks);
/* The track of a section, or NULL. */
struct track *tracks_of_section(struct tracks *tracks, size_t section);
/* Gives tracks that wait for a section the first one that is stopped, else the next, and a mid of
 * its own. Returns how many sections the offer has. */
size_t tracks_place(struct tracks *tracks, const struct jsep *jsep);
/* Finds or makes a track for each section of the pending remote offer that is new, or used again
 * after it was stopped; the first of a kind gets the wishes of `audio` and `video`, further ones
 * only receive. Sections that we can't serve get none. Returns how many sections the answer has. */
size_t tracks_match(struct tracks *tracks, const struct jsep *jsep, struct peer_media audio,
                    struct peer_media video, struct rng *rng);
/* What we want of each of `count` sections. `known`: descriptions for those without a track. */
void tracks_wishes(const struct tracks *tracks, const struct sdp *known, struct sdp_wish *wishes,
                   size_t count);
/* The exchange failed or was rolled back: tracks have the sections again that they had before. */
void tracks_unplace(struct tracks *tracks);
/* What both descriptions say: adds, updates and removes streams. The first error, if any stream
 * could not be made; the others are. */
enum err tracks_apply(struct tracks *tracks, const struct sdp_agreed *agreed,
                      struct rtp_session *rtp);
/* Removes all streams. */
void tracks_stop(struct tracks *tracks, struct rtp_session *rtp);

#endif
