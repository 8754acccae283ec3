#include "dtls/bio.h"
#include "tests/suite.h"

#define MTU 100

struct fixture {
    struct dtls_pipe pipe;
    BIO_METHOD *method;
    BIO *bio;
    struct packet out;
};

static void set_up(struct fixture *f)
{
    dtls_pipe_init(&f->pipe, MTU);
    f->method = dtls_bio_method_new();
    f->bio = dtls_bio_new(f->method, &f->pipe);
    ck_assert_ptr_nonnull(f->bio);
    packet_reset(&f->out);
}

static void tear_down(struct fixture *f)
{
    BIO_free(f->bio);
    BIO_meth_free(f->method);
    dtls_pipe_close(&f->pipe);
}

/* A record of `len` bytes in all, filled with `fill`. */
static void write_record(struct fixture *f, uint8_t version, uint8_t fill, size_t len)
{
    uint8_t record[PACKET_MAX + 1];
    memset(record, fill, sizeof record);
    record[1] = 0xFE;
    record[2] = version;
    ck_assert_int_eq(BIO_write(f->bio, record, (int)len), (int)len);
}

static size_t pop(struct fixture *f)
{
    return dtls_pipe_pop(&f->pipe, &f->out) ? f->out.len : 0;
}

START_TEST(records_of_one_call_share_a_datagram_up_to_the_mtu)
{
    struct fixture f;
    set_up(&f);
    write_record(&f, 0xFD, 1, 40);
    write_record(&f, 0xFD, 2, 40);
    write_record(&f, 0xFD, 3, 20); /* exactly full */
    write_record(&f, 0xFD, 4, 3);
    ck_assert_uint_eq(pop(&f), 100);
    ck_assert_uint_eq(f.out.at[0], 1);
    ck_assert_uint_eq(f.out.at[40], 2);
    ck_assert_uint_eq(f.out.at[80], 3);
    ck_assert_uint_eq(pop(&f), 3);
    ck_assert_uint_eq(pop(&f), 0);
    tear_down(&f);
}
END_TEST

START_TEST(another_call_begins_another_datagram)
{
    struct fixture f;
    set_up(&f);
    write_record(&f, 0xFD, 1, 10);
    dtls_pipe_seal(&f.pipe);
    write_record(&f, 0xFD, 2, 10);
    ck_assert_uint_eq(pop(&f), 10);
    ck_assert_uint_eq(pop(&f), 10);
    write_record(&f, 0xFD, 3, 10); /* what was popped is gone */
    ck_assert_uint_eq(pop(&f), 10);
    ck_assert_uint_eq(f.out.at[0], 3);
    tear_down(&f);
}
END_TEST

START_TEST(records_of_two_versions_stay_apart)
{
    struct fixture f;
    set_up(&f);
    write_record(&f, 0xFF, 1, 10);
    write_record(&f, 0xFD, 2, 10);
    write_record(&f, 0xFD, 3, 10);
    ck_assert_uint_eq(pop(&f), 10);
    ck_assert_uint_eq(pop(&f), 20);
    tear_down(&f);
}
END_TEST

START_TEST(what_has_no_room_is_lost_and_counted)
{
    struct fixture f;
    set_up(&f);
    for (size_t i = 0; i < DTLS_BIO_OUT_DATAGRAMS + 5; i++) {
        write_record(&f, 0xFD, (uint8_t)i, 10);
        dtls_pipe_seal(&f.pipe);
    }
    ck_assert_uint_eq(f.pipe.dropped, 5);
    for (size_t i = 0; i < DTLS_BIO_OUT_DATAGRAMS; i++) {
        ck_assert_uint_eq(pop(&f), 10);
        ck_assert_uint_eq(f.out.at[0], i);
    }
    ck_assert_uint_eq(pop(&f), 0);
    for (size_t i = 0; i < 5; i++) {
        write_record(&f, 0xFD, 9, PACKET_MAX);
        dtls_pipe_seal(&f.pipe);
    }
    ck_assert_uint_eq(f.pipe.dropped, 5 + 5 - DTLS_BIO_OUT_BYTES / PACKET_MAX);
    write_record(&f, 0xFD, 9, PACKET_MAX + 1);
    ck_assert_uint_eq(f.pipe.dropped, 5 + 5 - DTLS_BIO_OUT_BYTES / PACKET_MAX + 1);
    while (pop(&f)) {}
    tear_down(&f);
}
END_TEST

START_TEST(pitfall_11_a_datagram_is_read_once_and_whole)
{
    struct fixture f;
    uint8_t to[64];
    static const uint8_t data[] = "one datagram";
    set_up(&f);
    ck_assert_int_eq(BIO_read(f.bio, to, sizeof to), -1);
    ck_assert(BIO_should_retry(f.bio));
    f.pipe.in = (struct bytes){data, sizeof data};
    ck_assert_int_eq(BIO_read(f.bio, to, sizeof to), (int)sizeof data);
    ck_assert_mem_eq(to, data, sizeof data);
    ck_assert_int_eq(BIO_read(f.bio, to, sizeof to), -1); /* no end of file, just nothing */
    ck_assert(BIO_should_retry(f.bio));
    /* What does not fit is cut off, never left for the next read. */
    f.pipe.in = (struct bytes){data, sizeof data};
    ck_assert_int_eq(BIO_read(f.bio, to, 3), 3);
    ck_assert_int_eq(BIO_read(f.bio, to, 3), -1);
    tear_down(&f);
}
END_TEST

SUITE("dtls bio", records_of_one_call_share_a_datagram_up_to_the_mtu,
      another_call_begins_another_datagram, records_of_two_versions_stay_apart,
      what_has_no_room_is_lost_and_counted, pitfall_11_a_datagram_is_read_once_and_whole)
