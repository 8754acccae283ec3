/* What every machine promises (docs/architecture.md), tested on all of them alike, through their
 * five verbs and in any order: refused input does no harm, output and events end, a tick early or
 * late is harmless, and after a tick the deadline has moved on. */
#include "tests/suite.h"

#include <sys/time.h>

#include "apps/simstranger.h"
#include "apps/simstun.h"
#include "base/machine.h"
#include "dtls/handshake.h"
#include "ice/agent.h"
#include "net/mdns.h"
#include "net/resolve.h"
#include "peer/connection.h"
#include "peer/demux.h"
#include "rtp/session.h"
#include "sim/link.h"

/* The verbs of a machine as functions over void *, and a machine at work. */
#define VERBS(prefix, type, event_type)                                                            \
    static enum err prefix##_machine_input(void *self, struct packet *in, usec now)                \
    {                                                                                              \
        return prefix##_input((type *)self, in, now);                                              \
    }                                                                                              \
    static void prefix##_machine_tick(void *self, usec now)                                        \
    {                                                                                              \
        prefix##_tick((type *)self, now);                                                          \
    }                                                                                              \
    static bool prefix##_machine_output(void *self, struct packet *out, usec now)                  \
    {                                                                                              \
        return prefix##_output((type *)self, out, now);                                            \
    }                                                                                              \
    static bool prefix##_machine_event(void *self)                                                 \
    {                                                                                              \
        event_type event;                                                                          \
        return prefix##_event((type *)self, &event);                                               \
    }                                                                                              \
    static usec prefix##_machine_deadline(const void *self)                                        \
    {                                                                                              \
        return prefix##_deadline((const type *)self);                                              \
    }                                                                                              \
    static const struct machine prefix##_machine = {#prefix,                                       \
                                                    prefix##_machine_input,                        \
                                                    prefix##_machine_tick,                         \
                                                    prefix##_machine_output,                       \
                                                    prefix##_machine_event,                        \
                                                    prefix##_machine_deadline};

VERBS(ice, struct ice, struct ice_event)
VERBS(dtls, struct dtls, struct dtls_event)
VERBS(peer, struct peer, struct peer_event)
VERBS(mdns, struct mdns, struct name_event)
VERBS(resolve, struct resolve, struct name_event)

/* What rtp/ takes has been told apart already, by peer/demux. */
static enum err session_input(void *self, struct packet *in, usec now)
{
    if (demux_of(packet_bytes(in)) == DEMUX_RTCP)
        return rtp_session_input_rtcp(self, packet_bytes(in), now);
    return rtp_session_input_rtp(self, in, now);
}

static void session_tick(void *self, usec now)
{
    rtp_session_tick(self, now);
}

static bool session_output(void *self, struct packet *out, usec now)
{
    bool is_rtcp;
    return rtp_session_output(self, out, &is_rtcp, now);
}

static bool session_event(void *self)
{
    struct rtp_event event;
    return rtp_session_event(self, &event);
}

static usec session_deadline(const void *self)
{
    return rtp_session_deadline(self);
}

static const struct machine session_machine = {"rtp_session",  session_input, session_tick,
                                               session_output, session_event, session_deadline};

/* A link has no events. */
static enum err link_input(void *self, struct packet *in, usec now)
{
    return sim_link_input(self, in, now);
}

static void link_tick(void *self, usec now)
{
    sim_link_tick(self, now);
}

static bool link_output(void *self, struct packet *out, usec now)
{
    return sim_link_output(self, out, now);
}

static bool link_event(void *self)
{
    (void)self;
    return false;
}

static usec link_deadline(const void *self)
{
    return sim_link_deadline(self);
}

static const struct machine link_machine = {"sim_link",  link_input, link_tick,
                                            link_output, link_event, link_deadline};

/* OpenSSL's DTLS timers read gettimeofday: here it is the machines' time. */
static usec clock_of_all;

int gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
    (void)zone;
    tv->tv_sec = 1790000000 + clock_of_all / SEC(1);
    tv->tv_usec = clock_of_all % SEC(1);
    return 0;
}

static struct dtls_identity *identity;
static const struct addr here = {.family = ADDR_IPV4, .port = 5000, .ip = {192, 0, 2, 1}};
static const struct addr there = {.family = ADDR_IPV4, .port = 6000, .ip = {192, 0, 2, 2}};

/* Drains a machine; false: it does not end. */
static bool drain(const struct machine *m, void *self, usec now)
{
    static struct packet out;
    packet_reset(&out);
    for (int i = 0; i < 1000; i++) {
        bool busy = m->output(self, &out, now);
        busy |= m->event(self);
        if (!busy) return true;
    }
    return false;
}

/* A minute of rubbish, ticks at random times, and ticks when they are due. */
static void torment(const struct machine *m, void *self, uint64_t seed)
{
    static struct packet in;
    struct rng rng;
    rng_init_number(&rng, seed);
    packet_reset(&in);
    ck_assert_msg(drain(m, self, 0), "%s does not end at 0", m->name);
    for (usec now = 0; now < SEC(60);) {
        uint8_t bytes[200];
        size_t len = rng_below(&rng, sizeof bytes);
        rng_fill(&rng, bytes, sizeof bytes);
        bytes[0] = (uint8_t)(rng_below(&rng, 2) ? bytes[0] & 3 : bytes[0]);
        switch (rng_below(&rng, 3)) {
        case 0:
            packet_set(&in, (struct bytes){bytes, len});
            in.route = (struct route){.local = here, .remote = there};
            m->input(self, &in, now);
            break;
        case 1: m->tick(self, now); break; /* early, most of the time */
        default: {
            usec due = m->deadline(self);
            if (due == TIME_NEVER) due = now + SEC(1);
            now = usec_max(now, due) + (rng_below(&rng, 4) ? 0 : MS(rng_below(&rng, 3000)));
            clock_of_all = now;
            m->tick(self, now);
            break;
        }
        }
        ck_assert_msg(drain(m, self, now), "%s does not end", m->name);
        m->tick(self, now);
        ck_assert_msg(drain(m, self, now), "%s does not end", m->name);
        ck_assert_msg(m->deadline(self) > now, "%s: the deadline stays in the past", m->name);
    }
}

START_TEST(ice_keeps_the_promises)
{
    struct ice_config cfg = {.controlling = true};
    struct candidate c;
    rng_init_number(&cfg.rng, 1);
    struct ice *ice = ice_new(&cfg);
    ice_add_socket(ice, &here, 0);
    ice_set_remote(ice, bytes_of("abcd"), bytes_of("0123456789012345678901"), false, 0);
    candidate_parse(&c, bytes_of("candidate:1 1 udp 2122260223 192.0.2.2 6000 typ host"), NULL);
    ck_assert_int_eq(ice_add_remote(ice, &c, 0), OK);
    torment(&ice_machine, ice, 2);
    ice_free(ice);
}
END_TEST

START_TEST(dtls_keeps_the_promises)
{
    for (int role = DTLS_CLIENT; role <= DTLS_SERVER; role++) {
        struct dtls_config cfg = {.identity = identity, .role = (enum dtls_role)role};
        struct dtls *dtls = dtls_new(&cfg);
        ck_assert_int_eq(dtls_start(dtls, 0), OK);
        torment(&dtls_machine, dtls, 3);
        dtls_free(dtls);
    }
}
END_TEST

START_TEST(peer_keeps_the_promises)
{
    struct peer_config cfg = {.identity = identity, .audio = {true, true}, .video = {true, true}};
    struct bytes offer;
    rng_init_number(&cfg.rng, 4);
    struct peer *peer = peer_new(&cfg);
    peer_add_socket(peer, &here, 0);
    ck_assert_int_eq(peer_offer(peer, &offer, 0), OK);
    torment(&peer_machine, peer, 5);
    peer_close(peer, SEC(60));
    torment(&peer_machine, peer, 6); /* closed, it is as patient */
    peer_free(peer);
}
END_TEST

START_TEST(mdns_keeps_the_promises)
{
    struct mdns *mdns = mdns_new();
    ck_assert_int_eq(mdns_ask(mdns, 1, bytes_of("some-name.local"), 0), OK);
    torment(&mdns_machine, mdns, 7);
    mdns_free(mdns);
}
END_TEST

START_TEST(resolve_keeps_the_promises)
{
    struct resolve_config cfg = {.server_count = 1, .servers = {there}};
    rng_init_number(&cfg.rng, 9);
    struct resolve *resolve = resolve_new(&cfg);
    ck_assert_int_eq(resolve_ask(resolve, 1, bytes_of("example.org"), 0), OK);
    torment(&resolve_machine, resolve, 8);
    resolve_free(resolve);
}
END_TEST

START_TEST(rtp_session_keeps_the_promises)
{
    static uint8_t frame[30000] = {0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a};
    struct rtp_session_config cfg = {.unix_us = SEC(1790000000)};
    struct rtp_feedback_flags feedback = {.nack = true, .pli = true};
    struct rtp_sender_config out = {.kind = RTP_VP8, .ssrc = 1, .pt = 96, .feedback = feedback};
    struct rtp_receiver_config in = {.kind = RTP_VP8,
                                     .ssrc = 2,
                                     .types = {{.pt = 96, .kind = RTP_VP8}},
                                     .type_count = 1,
                                     .feedback = feedback};
    size_t sender, receiver;
    rng_init_number(&cfg.rng, 10);
    struct rtp_session *session = rtp_session_new(&cfg);
    ck_assert_int_eq(rtp_session_add_sender(session, &out, &sender), OK);
    ck_assert_int_eq(rtp_session_add_receiver(session, &in, &receiver), OK);
    struct rtp_frame f = {.payload = {frame, sizeof frame}, .key = true};
    ck_assert_int_eq(rtp_session_send(session, sender, &f, 0), OK);
    torment(&session_machine, session, 11);
    rtp_session_free(session);
}
END_TEST

START_TEST(link_keeps_the_promises)
{
    struct sim_link_config cfg = {.spec = {.delay = MS(50),
                                           .jitter = MS(20),
                                           .loss_ppm = 50000,
                                           .reorder_ppm = 50000,
                                           .duplicate_ppm = 50000,
                                           .corrupt_ppm = 50000,
                                           .rate_bps = 100000,
                                           .queue_bytes = 5000}};
    rng_init_number(&cfg.rng, 12);
    struct sim_link *link = sim_link_new(&cfg);
    torment(&link_machine, link, 13);
    ck_assert_uint_gt(sim_link_counters(link)->out, 10);
    sim_link_free(link);
}
END_TEST

/* Those that a simulated world has beside. */
START_TEST(hosts_of_the_world_keep_the_promises)
{
    struct simstun stun = {.count = 0};
    struct simstranger stranger;
    struct addr victims[2] = {here, there};
    torment(&simstun_machine, &stun, 14);
    simstranger_init(&stranger, 15, 1000, victims);
    torment(&simstranger_machine, &stranger, 16);
    ck_assert_uint_gt(stranger.packets, 10);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {ice_keeps_the_promises,     dtls_keeps_the_promises,
                                  peer_keeps_the_promises,    mdns_keeps_the_promises,
                                  resolve_keeps_the_promises, rtp_session_keeps_the_promises,
                                  link_keeps_the_promises,    hosts_of_the_world_keep_the_promises};
    identity = dtls_identity_new(1790000000);
    int status = suite_run("machines", tests, COUNT(tests));
    dtls_identity_free(identity);
    return status;
}
