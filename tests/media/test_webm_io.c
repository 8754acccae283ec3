#include "media/internal.h"
#include "tests/suite.h"

#include <string.h>

static uint8_t content[100000];

static void fill(void)
{
    for (size_t i = 0; i < sizeof content; i++) content[i] = (uint8_t)(i * 7 + (i >> 8));
}

/* Reads in steps, and again from several places, whatever lies below. */
static void read_about(struct webm_io *io)
{
    uint8_t back[4096];
    ck_assert_int_eq(webm_io_open(io, false), OK);
    ck_assert_int_eq(avio_size(io->avio), (int64_t)sizeof content);
    size_t at = 0;
    for (int got; (got = avio_read(io->avio, back, sizeof back)) > 0; at += (size_t)got)
        ck_assert_int_eq(memcmp(back, content + at, (size_t)got), 0);
    ck_assert_uint_eq(at, sizeof content);
    ck_assert_int_eq(avio_read(io->avio, back, 1), AVERROR_EOF);
    static const int64_t places[] = {0, 99999, 50000, 1};
    for (size_t i = 0; i < COUNT(places); i++) {
        ck_assert_int_eq(avio_seek(io->avio, places[i], SEEK_SET), places[i]);
        ck_assert_int_eq(avio_r8(io->avio), content[places[i]]);
    }
    ck_assert_int_lt(avio_seek(io->avio, -1, SEEK_SET), 0);
    webm_io_close(io);
    webm_io_close(io); /* twice is fine */
    ck_assert_ptr_null(io->avio);
}

START_TEST(memory_is_read_like_a_file)
{
    fill();
    struct webm_io io = {.memory = {content, sizeof content}};
    read_about(&io);
}
END_TEST

START_TEST(what_was_written_is_read)
{
    fill();
    FILE *file = tmpfile();
    ck_assert_ptr_nonnull(file);
    struct webm_io out = {.file = file};
    ck_assert_int_eq(webm_io_open(&out, true), OK);
    avio_write(out.avio, content, 10);
    avio_write(out.avio, content, sizeof content - 10);
    ck_assert_int_eq(avio_seek(out.avio, 10, SEEK_SET), 10);
    avio_write(out.avio, content + 10, sizeof content - 10);
    avio_flush(out.avio);
    ck_assert_int_eq(out.avio->error, 0);
    webm_io_close(&out);
    rewind(file);
    struct webm_io in = {.file = file};
    read_about(&in);
    fclose(file);
}
END_TEST

SUITE("media webm io", memory_is_read_like_a_file, what_was_written_is_read)
