#include "rtp/jitter.h"

#include <string.h>

#include "base/rng.h"
#include "tests/suite.h"

static struct rtp_jitter j;

static void setup(size_t capacity)
{
    ck_assert_int_eq(rtp_jitter_init(&j, capacity, false), OK);
    rtp_jitter_restart(&j, 100);
}

/* A packet: S begins a frame, M ends it, K is a key frame's beginning, E is empty (padding). */
static enum rtp_jitter_put put(uint64_t index, uint64_t timestamp, const char *flags)
{
    struct rtp_slot slot = {.index = index,
                            .timestamp = timestamp,
                            .start = strchr(flags, 'S') || strchr(flags, 'K'),
                            .key = strchr(flags, 'K'),
                            .marker = strchr(flags, 'M')};
    uint8_t byte = (uint8_t)index;
    return rtp_jitter_put(&j, &slot, (struct bytes){&byte, strchr(flags, 'E') ? 0 : 1});
}

static void expect_frame(uint64_t first, uint64_t last)
{
    uint64_t end = 0;
    struct rtp_slot slot;
    ck_assert_int_eq(rtp_jitter_look(&j, &end), RTP_FRONT_FRAME);
    ck_assert_uint_eq(j.next, first);
    ck_assert_uint_eq(end, last);
    struct bytes frame = rtp_jitter_take(&j, end, &slot);
    size_t i = 0;
    for (uint64_t index = first; index <= last; index++) /* padding leaves no byte */
        if (i < frame.len && frame.at[i] == (uint8_t)index) i++;
    ck_assert_uint_gt(frame.len, 0);
    ck_assert_uint_eq(i, frame.len);
}

START_TEST(frames_in_every_order_of_arrival)
{
    /* Three frames of 2, 1 and 3 packets; all 720 orders. */
    static const char *const flags[] = {"S", "M", "SM", "S", "", "M"};
    static const uint64_t stamps[] = {1, 1, 2, 3, 3, 3};
    for (unsigned order = 0; order < 720; order++) {
        unsigned left[6] = {0, 1, 2, 3, 4, 5}, code = order;
        setup(8);
        for (unsigned n = 6; n > 0; n--) {
            unsigned pick = code % n;
            code /= n;
            unsigned i = left[pick];
            memmove(left + pick, left + pick + 1, (n - 1 - pick) * sizeof left[0]);
            ck_assert_int_eq(put(100 + i, stamps[i], flags[i]), RTP_PUT_NEW);
            ck_assert_int_eq(put(100 + i, stamps[i], flags[i]), RTP_PUT_DUPLICATE);
        }
        expect_frame(100, 101);
        expect_frame(102, 102);
        expect_frame(103, 105);
        uint64_t last;
        ck_assert_int_eq(rtp_jitter_look(&j, &last), RTP_FRONT_EMPTY);
        ck_assert_int_eq(put(101, 1, "M"), RTP_PUT_LATE);
        rtp_jitter_free(&j);
    }
}
END_TEST

START_TEST(a_timestamp_ends_a_frame_without_marker)
{
    uint64_t last;
    setup(8);
    put(100, 1, "S");
    put(101, 1, "");
    ck_assert_int_eq(rtp_jitter_look(&j, &last), RTP_FRONT_EMPTY);
    put(102, 2, "S");
    expect_frame(100, 101);
    rtp_jitter_free(&j);
}
END_TEST

START_TEST(padding_takes_part_in_order_only)
{
    setup(8);
    put(100, 1, "E");
    put(101, 1, "SM");
    put(102, 1, "E");
    put(103, 1, "E");
    put(104, 2, "S");
    put(105, 2, "E");
    put(106, 2, "M");
    expect_frame(101, 101);
    expect_frame(104, 106);
    rtp_jitter_free(&j);
}
END_TEST

START_TEST(skipping_to_the_next_beginning)
{
    uint64_t last;
    setup(16);
    put(100, 1, "S"); /* 101 is missing */
    put(102, 1, "M");
    put(103, 2, "SM");
    ck_assert_int_eq(rtp_jitter_look(&j, &last), RTP_FRONT_GAP);
    ck_assert_uint_eq(rtp_jitter_skip(&j, UINT64_MAX), 1);
    expect_frame(103, 103);
    put(105, 3, ""); /* 104 is missing */
    put(106, 3, "M");
    ck_assert_int_eq(rtp_jitter_look(&j, &last), RTP_FRONT_GAP);
    ck_assert_uint_eq(rtp_jitter_skip(&j, UINT64_MAX), 1);
    ck_assert_uint_eq(j.next, 107);
    put(107, 4, "");
    ck_assert_int_eq(rtp_jitter_look(&j, &last), RTP_FRONT_ORPHAN);
    rtp_jitter_free(&j);
}
END_TEST

START_TEST(a_whole_key_frame_behind_a_gap_is_seen)
{
    setup(16);
    put(101, 2, "SM");
    put(103, 3, "K");
    ck_assert_uint_eq(rtp_jitter_whole_key(&j), 0);
    put(105, 3, "M");
    ck_assert_uint_eq(rtp_jitter_whole_key(&j), 0);
    put(104, 3, "");
    ck_assert_uint_eq(rtp_jitter_whole_key(&j), 103);
    ck_assert_uint_eq(rtp_jitter_skip(&j, 103), 1); /* stops at 101, which begins a frame */
    ck_assert_uint_eq(j.next, 101);
    rtp_jitter_free(&j);
}
END_TEST

START_TEST(inv_61_no_more_than_its_capacity)
{
    setup(8);
    ck_assert_int_eq(put(107, 1, ""), RTP_PUT_NEW);
    ck_assert_int_eq(put(108, 1, ""), RTP_PUT_FAR);
    ck_assert_int_eq(put(UINT64_MAX - 1, 1, ""), RTP_PUT_FAR);
    ck_assert_uint_eq(j.end, 108);
    rtp_jitter_free(&j);
    ck_assert_uint_le(RTP_JITTER_MAX, 512);
    ck_assert_uint_le(RTP_JITTER_MAX * 2 * RTP_SLOT_LEN, 4 * 1024 * 1024);
}
END_TEST

START_TEST(the_beginning_may_be_overtaken)
{
    setup(8);
    put(101, 1, "M");
    rtp_jitter_restart(&j, 101);
    put(101, 1, "M");
    ck_assert_int_eq(put(100, 1, "S"), RTP_PUT_NEW);
    expect_frame(100, 101);
    ck_assert_int_eq(put(99, 0, "SM"), RTP_PUT_LATE); /* no longer */
    rtp_jitter_restart(&j, 200);
    put(200, 1, "SM");
    ck_assert_int_eq(put(150, 1, "SM"), RTP_PUT_FAR);
    rtp_jitter_free(&j);
}
END_TEST

/* A packet that comes in order lies in the frame at once, and needs no room; others wait in one. */
START_TEST(only_what_comes_behind_a_gap_takes_a_room)
{
    setup(8);
    put(100, 1, "S");
    put(101, 1, "");
    ck_assert_uint_eq(j.room_count, 8);
    ck_assert(rtp_jitter_grows(&j));
    put(103, 1, "M");
    ck_assert_uint_eq(j.room_count, 7);
    ck_assert(!rtp_jitter_grows(&j));
    put(102, 1, "");
    put(104, 2, "SM"); /* in order, but of another frame */
    ck_assert_uint_eq(j.room_count, 6);
    ck_assert(!rtp_jitter_grows(&j));
    expect_frame(100, 103);
    expect_frame(104, 104);
    ck_assert_uint_eq(j.room_count, 8);
    rtp_jitter_free(&j);
}
END_TEST

enum { STREAM_FRAMES = 60, STREAM_PACKETS_MAX = STREAM_FRAMES * 6, STREAM_BYTES_MAX = 5 * 40 };

/* A stream whose frames are known, and the order in which its packets come. */
struct stream {
    struct rtp_slot slots[STREAM_PACKETS_MAX];
    uint8_t data[STREAM_PACKETS_MAX][40];
    size_t lens[STREAM_PACKETS_MAX];
    size_t frame_of[STREAM_PACKETS_MAX];
    size_t count;
    uint8_t frames[STREAM_FRAMES][STREAM_BYTES_MAX];
    size_t frame_lens[STREAM_FRAMES];
    uint32_t due[STREAM_PACKETS_MAX];
};

static void make_stream(struct stream *s, struct rng *rng)
{
    memset(s, 0, sizeof *s);
    for (size_t f = 0; f < STREAM_FRAMES; f++) {
        size_t packets = 1 + rng_below(rng, 5);
        bool padded = rng_below(rng, 4) == 0; /* a probe behind the frame */
        for (size_t i = 0; i < packets + padded; i++) {
            size_t n = s->count++;
            s->slots[n] = (struct rtp_slot){.index = 1000 + n,
                                            .timestamp = f,
                                            .start = i == 0,
                                            .key = i == 0 && f % 10 == 0,
                                            .marker = i + 1 == packets};
            s->frame_of[n] = f;
            s->due[n] = (uint32_t)n * 4 + rng_below(rng, 24); /* overtakes up to five others */
            s->lens[n] = i < packets ? 1 + rng_below(rng, 39) : 0;
            rng_fill(rng, s->data[n], s->lens[n]);
            memcpy(s->frames[f] + s->frame_lens[f], s->data[n], s->lens[n]);
            s->frame_lens[f] += s->lens[n];
        }
    }
}

/* Takes the frames that are whole: each is one of the stream's, later than the one before. */
static size_t take_frames(const struct stream *s, size_t next_frame, size_t *taken)
{
    uint64_t last;
    struct rtp_slot first;
    while (rtp_jitter_look(&j, &last) == RTP_FRONT_FRAME) {
        struct bytes frame = rtp_jitter_take(&j, last, &first);
        size_t f = s->frame_of[first.index - 1000];
        ck_assert_uint_ge(f, next_frame);
        ck_assert(bytes_equal(frame, (struct bytes){s->frames[f], s->frame_lens[f]}));
        next_frame = f + 1;
        ++*taken;
    }
    return next_frame;
}

/* Whatever the order, the losses and the driver's pauses: frames come out as they went in. */
START_TEST(frames_come_out_as_they_went_in)
{
    static struct stream s;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct rng rng;
        rng_init_number(&rng, seed);
        uint32_t loss = seed % 2 ? 0 : 5, next_frame = 0;
        size_t taken = 0;
        make_stream(&s, &rng);
        ck_assert_int_eq(rtp_jitter_init(&j, 64, false), OK);
        rtp_jitter_restart(&j, 1000);
        for (uint32_t time = 0; time < s.count * 4 + 24; time++) {
            for (size_t n = 0; n < s.count; n++) {
                if (s.due[n] != time || rng_below(&rng, 100) < loss) continue;
                rtp_jitter_put(&j, &s.slots[n], (struct bytes){s.data[n], s.lens[n]});
                if (rng_below(&rng, 8) == 0)
                    rtp_jitter_put(&j, &s.slots[n], (struct bytes){s.data[n], s.lens[n]});
            }
            if (rng_below(&rng, 3)) continue; /* the driver is busy elsewhere */
            next_frame = (uint32_t)take_frames(&s, next_frame, &taken);
            if (j.end - j.next > 30) rtp_jitter_skip(&j, UINT64_MAX);
        }
        take_frames(&s, next_frame, &taken);
        if (loss == 0) ck_assert_uint_eq(taken, STREAM_FRAMES);
        ck_assert_uint_gt(taken, STREAM_FRAMES / 3);
        rtp_jitter_free(&j);
    }
}
END_TEST

/* RFC 7741 §4.1: without a marker the next timestamp ends a frame, also where the next packet fills
 * a gap. */
START_TEST(frames_without_marker_are_not_joined)
{
    uint64_t end;
    setup(8);
    put(100, 1, "S");
    put(102, 2, "");
    ck_assert_int_eq(rtp_jitter_look(&j, &end), RTP_FRONT_GAP);
    put(101, 2, "S");
    put(103, 3, "S");
    expect_frame(100, 100);
    expect_frame(101, 102);
    rtp_jitter_free(&j);
}
END_TEST

START_TEST(padding_at_the_beginning_keeps_its_place)
{
    uint64_t end;
    setup(4);
    for (uint64_t i = 100; i < 110; i++) { /* more than there are rooms for */
        put(i, 1, "E");
        ck_assert_int_eq(rtp_jitter_look(&j, &end), RTP_FRONT_EMPTY);
    }
    ck_assert_int_eq(put(99, 1, "SM"), RTP_PUT_FAR);
    rtp_jitter_restart(&j, 103);
    put(104, 1, "E"); /* kept in a room */
    put(103, 1, "E"); /* joined at once */
    ck_assert_int_eq(rtp_jitter_look(&j, &end), RTP_FRONT_EMPTY);
    ck_assert_int_eq(put(102, 1, "S"), RTP_PUT_NEW);
    ck_assert_int_eq(put(105, 1, "M"), RTP_PUT_NEW);
    expect_frame(102, 105);
    ck_assert_uint_eq(j.room_count, 4);
    rtp_jitter_free(&j);
}
END_TEST

SUITE("rtp jitter", only_what_comes_behind_a_gap_takes_a_room, frames_come_out_as_they_went_in,
      frames_in_every_order_of_arrival, a_timestamp_ends_a_frame_without_marker,
      padding_takes_part_in_order_only, skipping_to_the_next_beginning,
      a_whole_key_frame_behind_a_gap_is_seen, inv_61_no_more_than_its_capacity,
      the_beginning_may_be_overtaken, frames_without_marker_are_not_joined,
      padding_at_the_beginning_keeps_its_place)
