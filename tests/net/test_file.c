#define _XOPEN_SOURCE 700

#include "net/file.h"
#include "tests/suite.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct file *opened(const char *path, size_t room)
{
    struct fault fault;
    struct file *f = file_new(path, room, &fault);
    ck_assert_msg(f != NULL, "%s: %s", path, fault.rule);
    return f;
}

/* A name for a file of this test, which nobody has. */
static const char *fresh(char *name)
{
    strcpy(name, "/tmp/duet-file-XXXXXX");
    int fd = mkstemp(name);
    ck_assert_int_ge(fd, 0);
    close(fd);
    return name;
}

static size_t contents(const char *path, uint8_t *to, size_t room)
{
    FILE *f = fopen(path, "rb");
    ck_assert_ptr_nonnull(f);
    size_t n = fread(to, 1, room, f);
    fclose(f);
    return n;
}

/* Pieces of all lengths, more of them than the buffer holds at once, come out as they went in. */
START_TEST(everything_put_is_written_in_order)
{
    char name[64];
    static uint8_t expected[200000], got[200001];
    struct file *f = opened(fresh(name), 1000);
    size_t put = 0;
    usec now = 0;
    for (size_t len = 1; put + len <= sizeof expected; len = len % 777 + 13) {
        for (size_t i = 0; i < len; i++) expected[put + i] = (uint8_t)((put + i) * 7 >> 3);
        while (!file_put(f, (struct bytes){expected + put, len}, now)) {
            ck_assert_int_eq(file_fault(f)->err, OK);
            now += FILE_WAIT;
            file_step(f, now);
        }
        put += len;
    }
    ck_assert_uint_gt(file_refused(f), 0);
    ck_assert(file_free(f, NULL));
    ck_assert_uint_eq(contents(name, got, sizeof got), put);
    ck_assert_mem_eq(got, expected, put);
    unlink(name);
}
END_TEST

/* Nothing is written before it is time, and there is no deadline without something to write. */
START_TEST(little_waits_for_more_and_a_piece_does_not)
{
    char name[64];
    static uint8_t piece[FILE_PIECE];
    struct file *f = opened(fresh(name), 2 * FILE_PIECE);
    ck_assert_int_eq(file_deadline(f), TIME_NEVER);
    ck_assert(file_put(f, bytes_of("x"), MS(5)));
    ck_assert_int_eq(file_deadline(f), MS(5) + FILE_WAIT);
    file_step(f, MS(5) + FILE_WAIT - 1);
    ck_assert_uint_eq(contents(name, piece, sizeof piece), 0);
    file_step(f, MS(5) + FILE_WAIT);
    ck_assert_uint_eq(contents(name, piece, sizeof piece), 1);
    ck_assert_int_eq(file_deadline(f), TIME_NEVER);
    ck_assert(file_put(f, (struct bytes){piece, sizeof piece}, SEC(1)));
    ck_assert_int_eq(file_deadline(f), SEC(1));
    ck_assert(file_free(f, NULL));
    unlink(name);
}
END_TEST

/* A full disk ends the file, with its reason; whoever goes on does no harm. */
START_TEST(a_full_device_ends_it)
{
    struct fault fault;
    struct file *f = opened("/dev/full", 100);
    ck_assert(file_put(f, bytes_of("x"), 0));
    ck_assert_int_eq(file_fault(f)->err, OK);
    file_step(f, FILE_WAIT);
    ck_assert_int_eq(file_fault(f)->err, E_STATE);
    ck_assert_str_eq(file_fault(f)->rule, "no space left on the device");
    ck_assert_int_eq(file_deadline(f), TIME_NEVER);
    ck_assert(!file_put(f, bytes_of("x"), SEC(1)));
    ck_assert(!file_free(f, &fault));
    ck_assert_str_eq(fault.rule, "no space left on the device");
}
END_TEST

/* Also when it is found out only at the end. */
START_TEST(a_full_device_is_told_at_the_end)
{
    struct fault fault;
    struct file *f = opened("/dev/full", 100);
    ck_assert(file_put(f, bytes_of("x"), 0));
    ck_assert(!file_free(f, &fault));
    ck_assert_str_eq(fault.rule, "no space left on the device");
}
END_TEST

/* A reader that has gone away is a fault and no signal: the test would end with it. */
START_TEST(a_closed_pipe_ends_it_without_a_signal)
{
    char name[64];
    unlink(fresh(name));
    ck_assert_int_eq(mkfifo(name, 0600), 0);
    int reader = open(name, O_RDONLY | O_NONBLOCK);
    ck_assert_int_ge(reader, 0);
    struct file *f = opened(name, 100);
    ck_assert(file_put(f, bytes_of("x"), 0));
    close(reader);
    file_step(f, FILE_WAIT);
    ck_assert_str_eq(file_fault(f)->rule, "whoever read it has closed it");
    sigset_t pending;
    sigpending(&pending);
    ck_assert_int_eq(sigismember(&pending, SIGPIPE), 0);
    ck_assert(!file_free(f, NULL));
    unlink(name);
}
END_TEST

/* A slow reader is tried again, and loses nothing that was put. */
START_TEST(a_pipe_that_is_full_is_tried_again)
{
    char name[64];
    static uint8_t piece[FILE_PIECE], got[FILE_PIECE];
    unlink(fresh(name));
    ck_assert_int_eq(mkfifo(name, 0600), 0);
    int reader = open(name, O_RDONLY | O_NONBLOCK);
    struct file *f = opened(name, 4 * FILE_PIECE);
    usec now = 0;
    size_t put = 0, taken = 0;
    for (; put < 3 * sizeof piece; put += sizeof piece)
        ck_assert(file_put(f, (struct bytes){piece, sizeof piece}, now));
    for (int i = 0; i < 5; i++) file_step(f, now);
    ck_assert_int_eq(file_deadline(f), now + FILE_AGAIN);
    ck_assert_int_eq(file_fault(f)->err, OK);
    for (int i = 0; i < 100 && taken < put; i++) {
        ssize_t n = read(reader, got, sizeof got);
        if (n > 0) taken += (size_t)n;
        now += FILE_AGAIN;
        file_step(f, now);
    }
    ck_assert_uint_eq(taken, put);
    ck_assert(file_free(f, NULL));
    close(reader);
    unlink(name);
}
END_TEST

START_TEST(what_cannot_be_opened_says_why)
{
    struct fault fault;
    char name[64];
    ck_assert_ptr_null(file_new("/nowhere/x", 100, &fault));
    ck_assert_str_eq(fault.rule, "there is no such folder");
    ck_assert_ptr_null(file_new("/tmp", 100, &fault));
    ck_assert_str_eq(fault.rule, "it is a folder");
    unlink(fresh(name));
    ck_assert_int_eq(mkfifo(name, 0600), 0);
    ck_assert_ptr_null(file_new(name, 100, &fault));
    ck_assert_str_eq(fault.rule, "nobody reads from it: start the reader first");
    unlink(name);
}
END_TEST

/* It may hold secrets. */
START_TEST(only_its_owner_may_read_it)
{
    char name[64];
    struct stat info;
    unlink(fresh(name));
    ck_assert(file_free(opened(name, 100), NULL));
    ck_assert_int_eq(stat(name, &info), 0);
    ck_assert_uint_eq(info.st_mode & 077, 0);
    unlink(name);
}
END_TEST

START_TEST(names_of_one_file_are_known)
{
    char one[64], other[64];
    fresh(one), fresh(other);
    ck_assert(!file_same(one, other));
    unlink(other);
    ck_assert(!file_same(one, other));
    ck_assert(file_same(other, other)); /* before it is made */
    ck_assert_int_eq(symlink(one, other), 0);
    ck_assert(file_same(one, other));
    ck_assert(!file_same("/dev/null", "/dev/null"));
    unlink(one), unlink(other);
    ck_assert(!file_same(one, other));
}
END_TEST

/* A pipe that blocks, as stdout is one, and whose reader does not read. */
START_TEST(a_descriptor_of_others_is_not_waited_for_and_stays_as_it_is)
{
    static uint8_t put[3 * FILE_PIECE], got[sizeof put + 1];
    int ends[2];
    size_t taken = 0;
    usec now = 0;
    ck_assert_int_eq(pipe(ends), 0);
    struct file *f = file_over(ends[1], sizeof put);
    ck_assert_ptr_nonnull(f);
    for (size_t i = 0; i < sizeof put; i++) put[i] = (uint8_t)(i * 7 >> 3);
    ck_assert(file_put(f, (struct bytes){put, sizeof put}, now));
    ck_assert(!file_put(f, bytes_of("x"), now));
    while (file_deadline(f) <= now) file_step(f, now); /* what the pipe holds */
    ck_assert_int_eq(file_deadline(f), now + FILE_AGAIN);
    ck_assert(!file_has_room(ends[1]));
    ck_assert_int_eq(fcntl(ends[1], F_GETFL) & O_NONBLOCK, 0);
    while (file_deadline(f) != TIME_NEVER) {
        taken += (size_t)read(ends[0], got + taken, sizeof got - taken);
        now += FILE_AGAIN;
        while (file_deadline(f) <= now) file_step(f, now);
    }
    ck_assert(file_free(f, NULL));
    ck_assert_int_eq(close(ends[1]), 0); /* it was still open */
    for (ssize_t n; (n = read(ends[0], got + taken, sizeof got - taken)) > 0;) taken += (size_t)n;
    ck_assert_uint_eq(taken, sizeof put);
    ck_assert_mem_eq(got, put, sizeof put);
    close(ends[0]);
}
END_TEST

START_TEST(a_line_for_others_is_written_at_once)
{
    char got[8];
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    struct file *f = file_over(ends[1], 100);
    ck_assert(file_put(f, bytes_of("line\n"), MS(5)));
    ck_assert_int_eq(file_deadline(f), MS(5));
    file_step(f, MS(5));
    ck_assert_int_eq(read(ends[0], got, sizeof got), 5);
    ck_assert(!file_left(f));
    close(ends[0]);
    ck_assert(file_put(f, bytes_of("line\n"), MS(6)));
    file_step(f, MS(6));
    ck_assert(file_left(f));
    ck_assert(!file_free(f, NULL));
    close(ends[1]);
}
END_TEST

START_TEST(at_the_end_a_reader_that_reads_gets_all_and_one_that_does_not_is_given_up)
{
    static uint8_t put[5 * FILE_PIECE], got[FILE_PIECE];
    struct fault fault;
    int ends[2];
    for (int reads = 0; reads < 2; reads++) {
        ck_assert_int_eq(pipe(ends), 0);
        struct file *f = file_over(ends[1], sizeof put);
        ck_assert(file_put(f, (struct bytes){put, sizeof put}, 0));
        pid_t reader = reads ? fork() : -1;
        if (reader == 0) {
            close(ends[1]);
            while (read(ends[0], got, sizeof got) > 0) continue;
            _exit(0);
        }
        ck_assert_int_eq(file_free(f, &fault), reads);
        if (!reads) ck_assert_str_eq(fault.rule, "whoever reads it did not take all in time");
        close(ends[0]), close(ends[1]);
        if (reads) ck_assert_int_eq(waitpid(reader, NULL, 0), reader);
    }
}
END_TEST

SUITE("net file", everything_put_is_written_in_order, little_waits_for_more_and_a_piece_does_not,
      a_full_device_ends_it, a_full_device_is_told_at_the_end,
      a_closed_pipe_ends_it_without_a_signal, a_pipe_that_is_full_is_tried_again,
      what_cannot_be_opened_says_why, only_its_owner_may_read_it, names_of_one_file_are_known,
      a_descriptor_of_others_is_not_waited_for_and_stays_as_it_is,
      a_line_for_others_is_written_at_once,
      at_the_end_a_reader_that_reads_gets_all_and_one_that_does_not_is_given_up)
