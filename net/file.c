#define _POSIX_C_SOURCE 200809L
#include "net/file.h"

#include "net/clock.h"
#include "net/syserr.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct file {
    int fd;
    bool borrowed; /* the descriptor is others' too, and may block */
    bool left;     /* its reader has gone */
    uint8_t *room; /* a ring: `len` bytes from `first` on */
    size_t size, first, len;
    usec due; /* of what is in it; TIME_NEVER: nothing is */
    uint64_t refused;
    struct fault fault;
};

/* What is said of files, which syserr_text says of sockets or not at all. */
static struct fault refused_by_system(int errnum)
{
    struct fault fault = syserr_fault("file", errnum);
    switch (errnum) {
    case ENOSPC: fault.rule = "no space left on the device"; break;
    case EDQUOT: fault.rule = "the disk quota is used up"; break;
    case EFBIG: fault.rule = "the file has become too long for the system"; break;
    case EIO: fault.rule = "the device failed"; break;
    case EPIPE: fault.rule = "whoever read it has closed it"; break;
    case ENXIO: fault.rule = "nobody reads from it: start the reader first"; break;
    case EISDIR: fault.rule = "it is a folder"; break;
    case ENOTDIR:
    case ENOENT: fault.rule = "there is no such folder"; break;
    case EROFS: fault.rule = "the file system is read-only"; break;
    default: break;
    }
    return fault;
}

bool file_same(const char *one, const char *other)
{
    struct stat a, b;
    bool first = stat(one, &a) == 0, second = stat(other, &b) == 0;
    if (!first && !second) return strcmp(one, other) == 0;
    return first && second && a.st_dev == b.st_dev && a.st_ino == b.st_ino && !S_ISCHR(a.st_mode);
}

struct file *file_over(int fd, size_t room)
{
    struct file *f = calloc(1, sizeof *f);
    if (!f) return NULL;
    *f = (struct file){.fd = fd, .borrowed = true, .size = room, .due = TIME_NEVER};
    f->room = malloc(room);
    if (f->room) return f;
    free(f);
    return NULL;
}

struct file *file_new(const char *path, size_t room, struct fault *fault)
{
    /* O_NONBLOCK: neither opening a pipe nor writing to one waits for its reader. */
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
    if (fd < 0) {
        *fault = refused_by_system(errno);
        return NULL;
    }
    struct file *f = file_over(fd, room);
    if (f) {
        f->borrowed = false;
        return f;
    }
    *fault = (struct fault){.err = E_NOMEM, .layer = "file", .rule = "out of memory"};
    close(fd);
    return NULL;
}

static void end(struct file *f, struct fault fault)
{
    f->fault = fault;
    f->len = 0;
    f->due = TIME_NEVER;
}

size_t file_room(const struct file *f)
{
    return f->fault.err == OK ? f->size - f->len : 0;
}

bool file_put(struct file *f, struct bytes b, usec now)
{
    if (f->fault.err != OK) return false;
    if (b.len > file_room(f)) {
        f->refused++;
        return false;
    }
    size_t at = (f->first + f->len) % f->size;
    size_t head = b.len < f->size - at ? b.len : f->size - at;
    if (head) memcpy(f->room + at, b.at, head);
    if (b.len > head) memcpy(f->room, b.at + head, b.len - head);
    if (f->len == 0) f->due = now + FILE_WAIT;
    f->len += b.len;
    if (f->borrowed || f->len >= FILE_PIECE) f->due = usec_min(f->due, now);
    return true;
}

/* write(2), without the signal that would end the process when nobody reads any more. */
static ssize_t write_quietly(int fd, const uint8_t *at, size_t len)
{
    static const struct timespec at_once = {0};
    sigset_t pipe, before;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    sigprocmask(SIG_BLOCK, &pipe, &before);
    ssize_t n = write(fd, at, len);
    int errnum = errno;
    if (n < 0 && errnum == EPIPE && !sigismember(&before, SIGPIPE))
        sigtimedwait(&pipe, NULL, &at_once);
    sigprocmask(SIG_SETMASK, &before, NULL);
    errno = errnum;
    return n;
}

/* A hang-up is room too: the write tells. */
static bool has_room_in(int fd, usec wait)
{
    struct pollfd poll_for = {.fd = fd, .events = POLLOUT};
    return poll(&poll_for, 1, (int)((wait + 999) / 1000)) > 0;
}

bool file_has_room(int fd)
{
    return has_room_in(fd, 0);
}

/* One piece. False: it would not take any, or has ended. */
static bool write_piece(struct file *f)
{
    size_t len = f->len < f->size - f->first ? f->len : f->size - f->first;
    size_t most = f->borrowed ? PIPE_BUF : FILE_PIECE;
    if (len > most) len = most;
    if (f->borrowed && !file_has_room(f->fd)) return false;
    ssize_t n = write_quietly(f->fd, f->room + f->first, len);
    if (n < 0 && errno != EAGAIN && errno != EINTR) {
        f->left = errno == EPIPE || errno == ECONNRESET;
        end(f, refused_by_system(errno));
    }
    if (n <= 0) return false;
    /* What went out may have been a secret, and the buffer lives as long as the call. */
    bytes_wipe(f->room + f->first, (size_t)n);
    f->first = (f->first + (size_t)n) % f->size;
    f->len -= (size_t)n;
    return true;
}

void file_step(struct file *f, usec now)
{
    if (f->len == 0 || now < f->due) return;
    bool went = write_piece(f);
    if (f->len == 0)
        f->due = TIME_NEVER;
    else if (!went)
        f->due = now + FILE_AGAIN;
    else
        f->due = f->borrowed || f->len >= FILE_PIECE ? now : now + FILE_WAIT;
}

usec file_deadline(const struct file *f)
{
    return f->due;
}

const struct fault *file_fault(const struct file *f)
{
    return &f->fault;
}

bool file_left(const struct file *f)
{
    return f->left;
}

uint64_t file_refused(const struct file *f)
{
    return f->refused;
}

bool file_flush(struct file *f)
{
    usec now = clock_now(), latest = now + FILE_GOODBYE_MAX;
    usec until = now + FILE_GOODBYE;
    while (f->len > 0 && now < usec_min(until, latest)) {
        if (write_piece(f))
            until = clock_now() + FILE_GOODBYE;
        else if (f->len > 0)
            has_room_in(f->fd, until - now);
        now = clock_now();
    }
    if (f->len > 0)
        end(f, (struct fault){.err = E_FULL,
                              .layer = "file",
                              .rule = "whoever reads it did not take all in time"});
    return f->fault.err == OK;
}

bool file_free(struct file *f, struct fault *fault)
{
    if (!f) return true;
    if (f->fault.err == OK) file_flush(f);
    if (!f->borrowed && close(f->fd) != 0 && f->fault.err == OK && errno != EINTR)
        f->fault = refused_by_system(errno); /* NFS tells only now that the disk is full */
    bool whole = f->fault.err == OK;
    if (fault) *fault = f->fault;
    bytes_wipe(f->room, f->size);
    free(f->room);
    free(f);
    return whole;
}
