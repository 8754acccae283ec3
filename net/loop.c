#define _GNU_SOURCE /* ppoll */
#include "net/loop.h"

#include "net/clock.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#define BATCH 64 /* items taken from the kernel at once */

struct loop {
    int epoll;          /* -1: poll over the two arrays */
    int signals;        /* a signalfd, or -1 */
    struct pollfd *fds; /* with poll only */
    uint64_t *tokens;   /* of the fds */
    size_t count;
    size_t turn; /* where poll's next look begins, so that nobody starves behind a full batch */
};

static struct loop *new_loop(int epoll)
{
    struct loop *loop = calloc(1, sizeof *loop);
    if (!loop) return NULL;
    loop->epoll = epoll;
    loop->signals = -1;
    return loop;
}

struct loop *loop_new_poll(void)
{
    struct loop *loop = new_loop(-1);
    if (!loop) return NULL;
    loop->fds = calloc(LOOP_FDS_MAX, sizeof *loop->fds);
    loop->tokens = calloc(LOOP_FDS_MAX, sizeof *loop->tokens);
    if (loop->fds && loop->tokens) return loop;
    loop_free(loop);
    return NULL;
}

struct loop *loop_new(void)
{
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0) return errno == ENOSYS ? loop_new_poll() : NULL;
    struct loop *loop = new_loop(epoll);
    if (!loop) close(epoll);
    return loop;
}

void loop_free(struct loop *loop)
{
    if (!loop) return;
    if (loop->epoll >= 0) close(loop->epoll);
    if (loop->signals >= 0) close(loop->signals);
    free(loop->fds);
    free(loop->tokens);
    free(loop);
}

static unsigned epoll_bits(unsigned want)
{
    return (want & LOOP_READ ? (unsigned)EPOLLIN : 0) |
           (want & LOOP_WRITE ? (unsigned)EPOLLOUT : 0);
}

static unsigned what_of_epoll(unsigned events)
{
    return (events & EPOLLIN ? LOOP_READ : 0u) | (events & EPOLLOUT ? LOOP_WRITE : 0u) |
           (events & (EPOLLERR | EPOLLHUP) ? LOOP_ERROR : 0u);
}

static short poll_bits(unsigned want)
{
    return (short)((want & LOOP_READ ? POLLIN : 0) | (want & LOOP_WRITE ? POLLOUT : 0));
}

static unsigned what_of_poll(short events)
{
    return (events & POLLIN ? LOOP_READ : 0u) | (events & POLLOUT ? LOOP_WRITE : 0u) |
           (events & (POLLERR | POLLHUP | POLLNVAL) ? LOOP_ERROR : 0u);
}

/* Index of `fd`, or `count`. */
static size_t find(const struct loop *loop, int fd)
{
    size_t i = 0;
    while (i < loop->count && loop->fds[i].fd != fd) i++;
    return i;
}

static enum err control(struct loop *loop, int operation, int fd, uint64_t token, unsigned want)
{
    struct epoll_event event = {.events = epoll_bits(want), .data = {.u64 = token}};
    if (epoll_ctl(loop->epoll, operation, fd, &event) == 0) return OK;
    if (errno == ENOSPC) return E_FULL;
    return errno == ENOMEM ? E_NOMEM : E_STATE;
}

static enum err watch(struct loop *loop, int fd, uint64_t token, unsigned want)
{
    if (loop->count == LOOP_FDS_MAX) return E_FULL;
    if (loop->epoll >= 0) {
        enum err err = control(loop, EPOLL_CTL_ADD, fd, token, want);
        if (err == OK) loop->count++;
        return err;
    }
    if (find(loop, fd) < loop->count) return E_STATE;
    loop->fds[loop->count] = (struct pollfd){.fd = fd, .events = poll_bits(want)};
    loop->tokens[loop->count++] = token;
    return OK;
}

enum err loop_add(struct loop *loop, int fd, uint64_t token, unsigned want)
{
    if (fd < 0 || token == LOOP_TOKEN_SIGNALS) return E_STATE;
    return watch(loop, fd, token, want);
}

enum err loop_change(struct loop *loop, int fd, uint64_t token, unsigned want)
{
    if (loop->epoll >= 0) return control(loop, EPOLL_CTL_MOD, fd, token, want);
    size_t i = find(loop, fd);
    if (i == loop->count) return E_STATE;
    loop->fds[i].events = poll_bits(want);
    loop->tokens[i] = token;
    return OK;
}

void loop_remove(struct loop *loop, int fd)
{
    if (loop->epoll >= 0) {
        if (control(loop, EPOLL_CTL_DEL, fd, 0, 0) == OK) loop->count--;
        return;
    }
    size_t i = find(loop, fd);
    if (i == loop->count) return;
    loop->count--;
    loop->fds[i] = loop->fds[loop->count];
    loop->tokens[i] = loop->tokens[loop->count];
}

enum err loop_watch_signals(struct loop *loop)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    if (loop->signals >= 0 || sigprocmask(SIG_BLOCK, &set, NULL) != 0) return E_STATE;
    loop->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (loop->signals < 0) return E_STATE;
    return watch(loop, loop->signals, LOOP_TOKEN_SIGNALS, LOOP_READ);
}

/* Waits for any of `fds`; returns how many are ready. In nanoseconds, which epoll_wait can't: a
 * millisecond too many on every wait would be heard in paced media. */
static int wait_until(struct pollfd *fds, size_t count, usec deadline)
{
    for (;;) {
        usec left = usec_max(deadline - clock_now(), 0);
        struct timespec t = {.tv_sec = left / 1000000, .tv_nsec = left % 1000000 * 1000};
        int n = ppoll(fds, (nfds_t)count, deadline == TIME_NEVER ? NULL : &t, NULL);
        if (n >= 0) return n;
        if (errno != EINTR) return 0; /* ENOMEM: as if nothing came */
    }
}

static int collect_epoll(struct loop *loop, struct loop_ready *ready, int max)
{
    struct epoll_event events[BATCH];
    int n = epoll_wait(loop->epoll, events, max < BATCH ? max : BATCH, 0);
    for (int i = 0; i < n; i++)
        ready[i] = (struct loop_ready){events[i].data.u64, what_of_epoll(events[i].events)};
    return n < 0 ? 0 : n;
}

static int collect_poll(struct loop *loop, struct loop_ready *ready, int max)
{
    int n = 0;
    size_t begin = loop->turn;
    for (size_t i = 0; i < loop->count && n < max; i++) {
        size_t at = (begin + i) % loop->count;
        unsigned what = what_of_poll(loop->fds[at].revents);
        if (!what) continue;
        ready[n++] = (struct loop_ready){loop->tokens[at], what};
        loop->turn = at + 1;
    }
    return n;
}

/* Puts the signal's number in the place of the loop's own token. False: no signal after all. */
static bool read_signal(struct loop *loop, struct loop_ready *item)
{
    struct signalfd_siginfo info;
    if (read(loop->signals, &info, sizeof info) != (ssize_t)sizeof info) return false;
    *item = (struct loop_ready){info.ssi_signo, LOOP_SIGNAL};
    return true;
}

int loop_wait(struct loop *loop, usec deadline, struct loop_ready *ready, int max)
{
    struct pollfd epoll = {.fd = loop->epoll, .events = POLLIN};
    int n = 0;
    if (loop->epoll >= 0 && wait_until(&epoll, 1, deadline) > 0)
        n = collect_epoll(loop, ready, max);
    else if (loop->epoll < 0 && wait_until(loop->fds, loop->count, deadline) > 0)
        n = collect_poll(loop, ready, max);
    int kept = 0;
    for (int i = 0; i < n; i++) {
        if (ready[i].token == LOOP_TOKEN_SIGNALS && !read_signal(loop, &ready[i])) continue;
        ready[kept++] = ready[i];
    }
    return kept;
}
