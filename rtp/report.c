#include "rtp/report.h"

#define NTP_UNIX 2208988800u /* seconds from 1900 to 1970 */

int64_t rtp_ticks_to_us(int64_t ticks, uint32_t clock)
{
    int64_t hz = clock;
    return ticks / hz * 1000000 + ticks % hz * 1000000 / hz;
}

int64_t rtp_us_to_ticks(int64_t us, uint32_t clock)
{
    int64_t hz = clock;
    return us / 1000000 * hz + us % 1000000 * hz / 1000000;
}

int64_t rtp_unix_us_of_ntp(uint64_t ntp)
{
    int64_t sec = (int64_t)(ntp >> 32) - NTP_UNIX;
    /* Rounded up: ntp_of_unix_us rounds down. */
    return sec * 1000000 + (int64_t)(((ntp & 0xFFFFFFFF) * 1000000 + 0xFFFFFFFF) >> 32);
}

void rtp_reception_init(struct rtp_reception *r, uint32_t clock)
{
    *r = (struct rtp_reception){.clock = clock};
}

/* RFC 3550 A.8: J += (|D| - J) / 16, kept times sixteen. Arrival times are brought to the stream's
 * clock by their difference, so that nothing overflows in a long call. */
static void update_jitter(struct rtp_reception *r, uint32_t timestamp, usec now)
{
    int64_t arrival = rtp_us_to_ticks(now - r->last_arrival, r->clock);
    int64_t sent = (int32_t)(timestamp - r->last_timestamp);
    int64_t d = arrival > sent ? arrival - sent : sent - arrival;
    /* A source that changed its timeline (or was silent) tells nothing about the network. */
    if (d > (int64_t)5 * r->clock) return;
    r->jitter16 += (uint64_t)d - ((r->jitter16 + 8) >> 4);
}

void rtp_reception_packet(struct rtp_reception *r, uint64_t index, uint32_t timestamp, usec now)
{
    if (!r->started) {
        r->started = true;
        r->first = r->highest = index;
        r->received = r->expected_before = r->received_before = 0;
    } else {
        update_jitter(r, timestamp, now);
    }
    r->last_timestamp = timestamp;
    r->last_arrival = now;
    if (index > r->highest) r->highest = index;
    if (index < r->first) r->first = index; /* the very first ones came out of order */
    r->received++;
}

static int64_t lost_in_run(const struct rtp_reception *r)
{
    if (!r->started) return 0;
    return (int64_t)(r->highest - r->first + 1) - (int64_t)r->received;
}

void rtp_reception_restart(struct rtp_reception *r)
{
    r->lost_before += lost_in_run(r);
    r->started = false;
}

void rtp_reception_sr(struct rtp_reception *r, uint64_t ntp, usec now)
{
    r->has_sr = true;
    r->last_sr = (uint32_t)(ntp >> 16);
    r->last_sr_at = now;
}

int64_t rtp_reception_lost(const struct rtp_reception *r)
{
    return r->lost_before + lost_in_run(r);
}

usec rtp_reception_jitter(const struct rtp_reception *r)
{
    return rtp_ticks_to_us((int64_t)(r->jitter16 >> 4), r->clock);
}

/* RFC 3550 §6.4.1: 24 bits signed; more than fits stays at the end (A.3). */
static int32_t clamp24(int64_t lost)
{
    if (lost > 0x7FFFFF) return 0x7FFFFF;
    return lost < -0x800000 ? -0x800000 : (int32_t)lost;
}

static uint8_t fraction_lost(struct rtp_reception *r)
{
    uint64_t expected = r->highest - r->first + 1;
    uint64_t expected_interval = expected - r->expected_before;
    uint64_t received_interval = r->received - r->received_before;
    r->expected_before = expected;
    r->received_before = r->received;
    if (expected_interval == 0 || received_interval >= expected_interval) return 0;
    uint64_t fraction = ((expected_interval - received_interval) << 8) / expected_interval;
    return fraction > 255 ? 255 : (uint8_t)fraction;
}

bool rtp_reception_has_news(const struct rtp_reception *r)
{
    return r->started && r->received > r->received_before;
}

void rtp_reception_report(struct rtp_reception *r, uint32_t ssrc, usec now, struct rtcp_report *out)
{
    *out = (struct rtcp_report){.ssrc = ssrc, .lost = clamp24(rtp_reception_lost(r))};
    if (r->started) {
        out->fraction_lost = fraction_lost(r);
        out->highest = (uint32_t)(r->highest - 0x10000); /* cycles count from the first packet */
    }
    out->jitter = (uint32_t)(r->jitter16 >> 4);
    if (!r->has_sr) return;
    int64_t delay = rtp_us_to_ticks(now - r->last_sr_at, 65536);
    out->last_sr = r->last_sr;
    out->delay = delay < 0 ? 0 : delay > UINT32_MAX ? UINT32_MAX : (uint32_t)delay;
}

usec rtp_round_trip(const struct rtcp_report *report, uint64_t ntp_now)
{
    if (report->last_sr == 0) return 0;
    uint32_t since = (uint32_t)(ntp_now >> 16) - report->last_sr;
    if (since > INT32_MAX || report->delay > since) return 0;
    usec rtt = rtp_ticks_to_us(since - report->delay, 65536);
    return rtt > 0 ? rtt : 1; /* below the resolution, but known */
}
