/* What webm_play.c and webm_record.c share: files and memory as libavformat's I/O. */
#ifndef DUET_MEDIA_INTERNAL_H
#define DUET_MEDIA_INTERNAL_H

#include "base/bytes.h"

#include <libavformat/avformat.h>
#include <stdio.h>

/* libavformat made its tables const with version 59 (FFmpeg 5). */
#if LIBAVFORMAT_VERSION_MAJOR < 59
typedef AVInputFormat webm_input_format;
#else
typedef const AVInputFormat webm_input_format;
#endif

/* An open file, or bytes in memory that somebody else keeps. libavformat never sees a path: it
 * would take "http://..." or "concat:..." for more than a file's name. */
struct webm_io {
    FILE *file;
    struct bytes memory; /* when there is no file */
    size_t at;           /* in `memory` */
    AVIOContext *avio;
};

/* Gives `io->file` or `io->memory` an AVIOContext. E_NOMEM. */
enum err webm_io_open(struct webm_io *io, bool write);
/* Frees the AVIOContext; file and memory stay the caller's. */
void webm_io_close(struct webm_io *io);
/* No libavformat messages on stderr: what matters is in our own errors. */
void webm_silence(void);

#endif
