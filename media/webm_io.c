#include "media/internal.h"

#include <string.h>

#define BUFFER_LEN 32768

static int read_some(void *opaque, uint8_t *to, int room)
{
    struct webm_io *io = opaque;
    size_t got;
    if (io->file) {
        got = fread(to, 1, (size_t)room, io->file);
        if (got == 0 && ferror(io->file)) return AVERROR(EIO);
    } else {
        struct bytes part = bytes_slice(io->memory, io->at, (size_t)room);
        got = part.len;
        if (got) memcpy(to, part.at, got);
        io->at += got;
    }
    return got ? (int)got : AVERROR_EOF;
}

#if LIBAVFORMAT_VERSION_MAJOR < 61
static int write_some(void *opaque, uint8_t *from, int len)
#else
static int write_some(void *opaque, const uint8_t *from, int len)
#endif
{
    struct webm_io *io = opaque;
    return fwrite(from, 1, (size_t)len, io->file) == (size_t)len ? len : AVERROR(EIO);
}

static int64_t seek_file(FILE *file, int64_t offset, int whence)
{
    if (whence == AVSEEK_SIZE) {
        long here = ftell(file);
        if (here < 0 || fseek(file, 0, SEEK_END) != 0) return AVERROR(EIO);
        long size = ftell(file);
        return fseek(file, here, SEEK_SET) == 0 ? size : AVERROR(EIO);
    }
    return fseek(file, (long)offset, whence) == 0 ? ftell(file) : AVERROR(EIO);
}

static int64_t seek(void *opaque, int64_t offset, int whence)
{
    struct webm_io *io = opaque;
    whence &= ~AVSEEK_FORCE;
    if (io->file) return seek_file(io->file, offset, whence);
    int64_t size = (int64_t)io->memory.len;
    if (whence == AVSEEK_SIZE) return size;
    int64_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? (int64_t)io->at : size;
    if (offset < -from || offset > size - from) return AVERROR(EINVAL);
    io->at = (size_t)(from + offset);
    return from + offset;
}

enum err webm_io_open(struct webm_io *io, bool write)
{
    unsigned char *buffer = av_malloc(BUFFER_LEN);
    if (!buffer) return E_NOMEM;
    io->avio = avio_alloc_context(buffer, BUFFER_LEN, write, io, write ? NULL : read_some,
                                  write ? write_some : NULL, seek);
    if (io->avio) return OK;
    av_free(buffer);
    return E_NOMEM;
}

void webm_io_close(struct webm_io *io)
{
    if (!io->avio) return;
    av_freep(&io->avio->buffer); /* libavformat may have exchanged it for another */
    avio_context_free(&io->avio);
}

void webm_silence(void)
{
    av_log_set_level(AV_LOG_QUIET);
}
