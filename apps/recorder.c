#include "apps/recorder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/callladder.h"
#include "apps/statsdump.h"
#include "apps/traceline.h"
#include "net/file.h"
#include "trace/pcapng.h"

static const struct {
    const char *option;
    size_t room;
} kinds[RECORDINGS] = {[RECORDING_PCAP] = {"--pcap", RECORDER_PCAP_ROOM},
                       [RECORDING_KEYLOG] = {"--keylog", RECORDER_KEYLOG_ROOM},
                       [RECORDING_TRACE] = {"--trace", RECORDER_TRACE_ROOM},
                       [RECORDING_STATS] = {"--stats", RECORDER_STATS_ROOM}};

struct recorder {
    struct recorder_config cfg;
    struct file *files[RECORDINGS]; /* NULL: not asked for, or ended */
    usec start;
    unsigned calls;
    uint64_t lines_lost, packets, packets_lost;
    struct statsdump *stats;
    usec stats_at;
};

bool recorder_idle(const struct recorder_config *cfg)
{
    for (size_t i = 0; i < RECORDINGS; i++)
        if (cfg->paths[i]) return false;
    return cfg->ladder == NULL;
}

/* What a reader of the file needs to know before the first packet or line. */
static void begin(struct recorder *r, usec now)
{
    uint8_t room[1024];
    struct writer w = writer_of(room, sizeof room);
    pcapng_section(&w, "duet");
    pcapng_interface(&w, "wire", "UDP datagrams as they crossed our sockets");
    pcapng_interface(
        &w, "plain",
        "The same RTP and RTCP without SRTP: 198.51.100.1 is us, 198.51.100.2 the peer");
    recorder_put(r, RECORDING_PCAP, writer_done(&w), now);
    recorder_trace(
        r, 0, "trace",
        json_pack("{s:i,s:I}", "version", 1, "unixUs", (json_int_t)recorder_unix_us(r, now)), now);
}

struct recorder *recorder_new(const struct recorder_config *cfg, usec now,
                              char why[RECORDER_WHY_MAX])
{
    struct fault fault;
    struct recorder *r = calloc(1, sizeof *r);
    snprintf(why, RECORDER_WHY_MAX, "no memory for recordings");
    if (!r) return NULL;
    r->cfg = *cfg;
    r->start = now;
    r->stats_at = TIME_NEVER;
    for (size_t i = 0; i < RECORDINGS; i++) {
        if (!cfg->paths[i]) continue;
        r->files[i] = file_new(cfg->paths[i], kinds[i].room, &fault);
        if (r->files[i]) continue;
        snprintf(why, RECORDER_WHY_MAX, "%s %.160s: %s", kinds[i].option, cfg->paths[i],
                 fault.rule);
        goto fail;
    }
    if (cfg->paths[RECORDING_STATS]) {
        r->stats = statsdump_new();
        r->stats_at = now + RECORDER_STATS_EVERY;
        if (!r->stats) goto fail;
    }
    begin(r, now);
    return r;
fail:
    recorder_free(r);
    return NULL;
}

/* A file has ended, or is not whole: one line for people, one for programs. */
static void complain(struct recorder *r, enum recording which, const char *why, usec now)
{
    report_error("%s %s: %s; the recording ends here, calls go on", kinds[which].option,
                 r->cfg.paths[which], why);
    report_event(r->cfg.report, "recording-ended",
                 json_pack("{s:s,s:s,s:s}", "option", kinds[which].option, "file",
                           r->cfg.paths[which], "why", why),
                 now);
}

static void complain_of_loss(struct recorder *r, enum recording which, uint64_t lost,
                             const char *what, usec now)
{
    if (lost == 0) return;
    report_error("%s %s: %llu %s are missing in it: it was not written fast enough",
                 kinds[which].option, r->cfg.paths[which], (unsigned long long)lost, what);
    report_event(r->cfg.report, "recording-incomplete",
                 json_pack("{s:s,s:s,s:I}", "option", kinds[which].option, "file",
                           r->cfg.paths[which], "missing", (json_int_t)lost),
                 now);
}

static void close_file(struct recorder *r, enum recording which, usec now)
{
    struct fault fault;
    struct file *f = r->files[which];
    r->files[which] = NULL;
    if (f && !file_free(f, &fault)) complain(r, which, fault.rule, now);
}

void recorder_step(struct recorder *r, usec now)
{
    if (r->cfg.ladder) callladder_tick(r->cfg.ladder, now);
    for (size_t i = 0; i < RECORDINGS; i++) {
        if (!r->files[i]) continue;
        file_step(r->files[i], now);
        if (file_fault(r->files[i])->err != OK) close_file(r, (enum recording)i, now);
    }
}

usec recorder_deadline(const struct recorder *r)
{
    usec at = r->stats_at;
    for (size_t i = 0; i < RECORDINGS; i++)
        if (r->files[i]) at = usec_min(at, file_deadline(r->files[i]));
    return at;
}

struct callladder *recorder_ladder(const struct recorder *r)
{
    return r->cfg.ladder;
}

bool recorder_has(const struct recorder *r, enum recording which)
{
    return r->files[which] != NULL;
}

bool recorder_put(struct recorder *r, enum recording which, struct bytes b, usec now)
{
    if (!r->files[which] || b.len == 0) return false;
    bool put = file_put(r->files[which], b, now);
    if (which == RECORDING_PCAP) {
        r->packets++;
        r->packets_lost += !put;
    }
    return put;
}

/* Full precision of double would show 0.1 as 0.10000000000000001. */
#define DUMP_FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(12))

static bool put_line(struct recorder *r, const json_t *line, usec now)
{
    char *text = json_dumps(line, DUMP_FLAGS);
    size_t len = text ? strlen(text) : 0;
    if (!text) return false;
    text[len] = '\n'; /* in the place of the NUL: a line goes in whole or not at all */
    bool put =
        recorder_put(r, RECORDING_TRACE, (struct bytes){(const uint8_t *)text, len + 1}, now);
    free(text);
    return put;
}

/* Whoever reads the trace is told where lines are missing. */
static void put_lost(struct recorder *r, usec now)
{
    json_t *lost = traceline_lost(r->start, r->lines_lost, now);
    if (put_line(r, lost, now)) r->lines_lost = 0;
    json_decref(lost);
}

void recorder_trace(struct recorder *r, unsigned call, const char *type, json_t *members, usec now)
{
    if (recorder_has(r, RECORDING_TRACE)) {
        json_t *line = traceline(r->start, call, type, now);
        if (members) json_object_update(line, members);
        if (r->lines_lost) put_lost(r, now);
        if (r->lines_lost || !put_line(r, line, now)) r->lines_lost++;
        json_decref(line);
    }
    json_decref(members);
}

int64_t recorder_unix_us(const struct recorder *r, usec now)
{
    return r->cfg.unix_us + now;
}

unsigned recorder_next_call(struct recorder *r)
{
    return ++r->calls;
}

/* ---- --stats ---- */

bool recorder_stats_due(struct recorder *r, usec now)
{
    if (now < r->stats_at) return false;
    r->stats_at = now + RECORDER_STATS_EVERY;
    return true;
}

void recorder_stats(struct recorder *r, unsigned call, const json_t *stats, usec now)
{
    if (r->stats) statsdump_sample(r->stats, call, stats, recorder_unix_us(r, now));
}

void recorder_update(struct recorder *r, unsigned call, const char *type, const json_t *value,
                     usec now)
{
    if (r->stats) statsdump_update(r->stats, call, type, value, recorder_unix_us(r, now));
}

/* All at once, at the end: in pieces that fit the file's room. */
static void write_stats(struct recorder *r, usec now)
{
    struct file *f = r->files[RECORDING_STATS];
    char *text = f ? statsdump_text(r->stats, recorder_unix_us(r, now)) : NULL;
    struct bytes left = text ? bytes_of(text) : (struct bytes){NULL, 0};
    while (left.len > 0) {
        struct bytes piece = bytes_slice(left, 0, RECORDER_STATS_ROOM);
        if (!file_put(f, piece, now) || !file_flush(f)) break;
        left = bytes_slice(left, piece.len, left.len);
    }
    free(text);
}

/* ---- The end ---- */

void recorder_close(struct recorder *r, usec now)
{
    uint8_t room[128];
    uint64_t lines = r->lines_lost;
    struct writer w = writer_of(room, sizeof room);
    pcapng_statistics(&w, 0, recorder_unix_us(r, now), r->packets, r->packets_lost);
    recorder_put(r, RECORDING_PCAP, writer_done(&w), now);
    write_stats(r, now);
    if (recorder_has(r, RECORDING_PCAP))
        complain_of_loss(r, RECORDING_PCAP, r->packets_lost, "blocks", now);
    if (recorder_has(r, RECORDING_TRACE))
        complain_of_loss(r, RECORDING_TRACE, lines, "lines at its end", now);
    for (size_t i = 0; i < RECORDINGS; i++) close_file(r, (enum recording)i, now);
    r->stats_at = TIME_NEVER;
}

void recorder_free(struct recorder *r)
{
    if (!r) return;
    for (size_t i = 0; i < RECORDINGS; i++) file_free(r->files[i], NULL);
    statsdump_free(r->stats);
    free(r);
}
