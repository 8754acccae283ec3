/* WebM files with VP8 and Opus, played and recorded without decoding or encoding, through
 * libavformat. These functions read and write files and block on them, as nothing else in media/
 * does: a slow disk holds up the caller's loop.
 *
 * Errors are sentences for a person ("clip.mp4: the video is H.264, ..."), since they name what was
 * found in the file and what to do about it. */
#ifndef DUET_MEDIA_WEBM_H
#define DUET_MEDIA_WEBM_H

#include "base/bytes.h"
#include "base/clock.h"

/* Room for an error's sentence with its NUL. */
#define WEBM_WHY_MAX    512
/* A longer packet in a file is refused: no frame of a call comes near it. */
#define WEBM_PACKET_MAX (4 * 1024 * 1024)

enum webm_track { WEBM_VIDEO, WEBM_AUDIO };

/* One VP8 frame or Opus packet. `data` is the player's, valid until its next call. */
struct webm_packet {
    enum webm_track track;
    struct bytes data;
    usec time; /* since the file's start, going on over loops; never negative */
    bool key;  /* a VP8 key frame */
};

/* ---- playing ---- */

struct webm_player; /* opaque */

/* Opens a file with a VP8 track or an Opus track or both (the first of each; others are left
 * away). `loop`: start over at the end. NULL on an error, with the reason in `why`. */
struct webm_player *webm_play(const char *path, bool loop, char why[WEBM_WHY_MAX]);
/* The same over a file that lies in memory, which stays the caller's until webm_play_end. `name`
 * stands for it in errors. */
struct webm_player *webm_play_bytes(struct bytes file, const char *name, bool loop,
                                    char why[WEBM_WHY_MAX]);
void webm_play_end(struct webm_player *player); /* NULL is fine */

bool webm_play_has(const struct webm_player *player, enum webm_track track);
/* The size that the file's header states, in samples; 0 without video. */
int webm_play_width(const struct webm_player *player);
int webm_play_height(const struct webm_player *player);
/* The next packet in the file's order; the caller waits until its `time`. False: the file ended, or
 * it is damaged: then webm_play_fault says so. A damaged file doesn't loop. */
bool webm_play_next(struct webm_player *player, struct webm_packet *out);
const struct fault *webm_play_fault(const struct webm_player *player);
/* The next packet comes from the file's start again, which is a key frame when there is video, and
 * times go on: for a receiver that needs a key frame now. */
bool webm_play_restart(struct webm_player *player);
/* Packets left out since they were no VP8 frames or Opus packets, or before the first key frame. */
uint64_t webm_play_skipped(const struct webm_player *player);

/* ---- recording ---- */

struct webm_recorder; /* opaque */

struct webm_record_config {
    bool video, audio; /* which tracks are expected */
};

/* Sound alone for this long, though video is expected: the recording starts without a video track.
 */
#define WEBM_VIDEO_WAIT SEC(5)

/* Creates the file, or empties it. NULL on an error, with the reason in `why`. */
struct webm_recorder *webm_record(const char *path, const struct webm_record_config *cfg,
                                  char why[WEBM_WHY_MAX]);
/* An encoded frame or packet at `time` (usec, any origin, the same for both tracks). With video
 * expected the recording starts at the first key frame, whose size it takes and whose time is the
 * file's 0; what comes before is left out. Later sizes stand in the key frames themselves. Gaps
 * stay gaps; a time that is not after its track's last one is moved to 1 ms after it. E_STATE: not
 * started yet, or a track that this file does not have: left out, harmless; E_TRUNCATED,
 * E_MALFORMED: no VP8 frame or Opus packet: left out; E_FULL: the disk refused. */
enum err webm_record_video(struct webm_recorder *r, struct bytes frame, usec time);
enum err webm_record_audio(struct webm_recorder *r, struct bytes packet, usec time);
const struct fault *webm_record_fault(const struct webm_recorder *r);
/* What was written so far. */
uint64_t webm_record_count(const struct webm_recorder *r, enum webm_track track);
/* Finishes the file (index, duration) and frees the recorder; NULL is fine. False: the file is
 * not whole, or nothing came that could be recorded; the reason is in `why`. */
bool webm_record_end(struct webm_recorder *r, char why[WEBM_WHY_MAX]);

#endif
