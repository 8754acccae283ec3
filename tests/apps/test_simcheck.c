/* Each rule of apps/simcheck.h broken once, so that it is known to see it; and kept, so that it is
 * known not to cry wolf. The steps are made up, the call that they are looked at against is real.
 * What can't be made from outside: more pairs than ice/ has room for. */
#include "tests/suite.h"

#include "apps/simcheck.h"
#include "stun/message.h"
#include "tests/apps/simworld.h"

#define STRANGER "attack=off-path"

static struct simruns runs;
static struct simcall *call;
static struct simcheck check;

/* A call with these words, which has run until `side` A is in `state`; PEER_CLOSED: to its end. */
static void begin(const char *word, enum peer_state state)
{
    struct simcall_step step;
    char world[256];
    ck_assert(simruns_begin(&runs));
    snprintf(world, sizeof world, "media=1s %s", word ? word : "");
    call = simworld_call(&runs, world);
    while (simcall_side(call, SIDE_A)->state != state || state == PEER_CLOSED)
        if (!simcall_step(call, &step)) break;
    ck_assert_int_eq(simcall_side(call, SIDE_A)->state, state);
    simcheck_init(&check);
}

static void end(void)
{
    simcall_free(call);
    simruns_end(&runs);
}

/* The rule that is broken by now, or "". */
static const char *broken(void)
{
    return check.broken ? check.broken : "";
}

/* Something goes out of A's socket, or comes in, from or to the peer, or `from`. */
static void wire(int type, const struct addr *remote, struct bytes datagram, size_t from)
{
    struct packet p;
    packet_reset(&p);
    ck_assert_uint_le(datagram.len, PACKET_MAX);
    memcpy(p.at, datagram.at, datagram.len);
    p.len = datagram.len;
    p.route.remote = *remote;
    struct sim_step step = {.host = simcall_net(call)->host[SIDE_A], .from = from, .packet = &p};
    step.type = type;
    simcheck_wire(&check, call, &step);
}

static struct bytes stun(uint16_t type, uint8_t id, size_t padding)
{
    static uint8_t room[256];
    uint8_t whole[12] = {id};
    struct writer w = writer_of(room, sizeof room);
    stun_begin(&w, type, (struct bytes){whole, sizeof whole});
    for (size_t i = 0; i < padding; i += 4) stun_put(&w, 0x8030, (struct bytes){whole, 0});
    return writer_done(&w);
}

static const struct addr *peer_address(void)
{
    static struct route route;
    static const struct addr somewhere = {.family = ADDR_IPV4, .port = 5};
    return ice_selected(peer_ice(simcall_side(call, SIDE_A)->peer), &route) ? &route.remote
                                                                            : &somewhere;
}

#define REQUEST (STUN_BINDING | STUN_REQUEST)
#define SUCCESS (STUN_BINDING | STUN_SUCCESS)

/* The peer has answered a check. */
static void prove(void)
{
    wire(SIM_SENT, peer_address(), stun(REQUEST, 1, 0), 0);
    wire(SIM_ARRIVED, peer_address(), stun(SUCCESS, 1, 0), simcall_net(call)->host[SIDE_B]);
}

static const uint8_t dtls[13] = {22, 254, 253};
static const uint8_t rtp[12] = {0x80, 96};
#define DTLS ((struct bytes){dtls, sizeof dtls})
#define RTP  ((struct bytes){rtp, sizeof rtp})

START_TEST(nothing_but_stun_before_an_answer)
{
    begin(NULL, PEER_CONNECTED);
    wire(SIM_SENT, peer_address(), stun(REQUEST, 9, 0), 0);
    wire(SIM_ARRIVED, peer_address(), stun(SUCCESS, 8, 0), 0); /* to nothing that was asked */
    ck_assert_str_eq(broken(), "");
    wire(SIM_SENT, peer_address(), DTLS, 0);
    ck_assert_str_eq(broken(), "nothing but STUN goes to an address that has not answered a check");
    simcheck_init(&check);
    prove();
    wire(SIM_SENT, peer_address(), DTLS, 0);
    wire(SIM_SENT, peer_address(), RTP, 0);
    ck_assert_str_eq(broken(), "");
    end();
}
END_TEST

START_TEST(consent_ends)
{
    begin(NULL, PEER_CONNECTED);
    prove();
    check.side[SIDE_A].addresses[0].answered_at = simcall_now(call) - SEC(30);
    wire(SIM_SENT, peer_address(), DTLS, 0);
    ck_assert_str_eq(broken(), "");
    check.side[SIDE_A].addresses[0].answered_at -= 1;
    wire(SIM_SENT, peer_address(), DTLS, 0);
    ck_assert_str_eq(broken(), "sending ends within 30 s without an answer to a check");
    end();
}
END_TEST

START_TEST(no_media_before_keys)
{
    begin(NULL, PEER_CONNECTING);
    prove();
    wire(SIM_SENT, peer_address(), DTLS, 0);
    ck_assert_str_eq(broken(), "");
    wire(SIM_SENT, peer_address(), RTP, 0);
    ck_assert_str_eq(broken(), "no media before the fingerprint was compared and keys were there");
    end();
}
END_TEST

START_TEST(no_media_in_clear)
{
    uint8_t room[SIMMEDIA_FRAME_MAX], packet[SIMMEDIA_FRAME_MAX + sizeof rtp];
    struct simcall_step step;
    begin(NULL, PEER_CONNECTED);
    /* Until there is a frame that could be seen. */
    while (simcall_side(call, SIDE_A)->media[SOUND].sent < 3) simcall_step(call, &step);
    struct bytes secret = simmedia_secret(&simcall_side(call, SIDE_A)->media[SOUND], room);
    ck_assert_uint_gt(secret.len, 0);
    memcpy(packet, rtp, sizeof rtp);
    memcpy(packet + sizeof rtp, secret.at, secret.len);
    prove();
    wire(SIM_SENT, peer_address(), (struct bytes){packet, sizeof rtp + secret.len}, 0);
    ck_assert_str_eq(broken(), "no media in clear");
    end();
}
END_TEST

START_TEST(checks_are_paced)
{
    begin(NULL, PEER_CONNECTED);
    wire(SIM_SENT, peer_address(), stun(REQUEST, 1, 0), 0);
    ck_assert_str_eq(broken(), "");
    wire(SIM_SENT, peer_address(), stun(REQUEST, 2, 0), 0);
    ck_assert_str_eq(broken(), "checks are paced: one request in 50 ms");
    end();
}
END_TEST

START_TEST(answers_are_no_longer_than_questions)
{
    begin(NULL, PEER_CONNECTED);
    wire(SIM_ARRIVED, peer_address(), stun(REQUEST, 1, 8), 0);
    wire(SIM_SENT, peer_address(), stun(SUCCESS, 1, 8), 0);
    ck_assert_str_eq(broken(), "");
    wire(SIM_ARRIVED, peer_address(), stun(REQUEST, 2, 8), 0);
    wire(SIM_SENT, peer_address(), stun(SUCCESS, 2, 12), 0);
    ck_assert_str_eq(broken(), "answers are no longer than what was asked");
    end();
}
END_TEST

START_TEST(silence_after_goodbye)
{
    begin(NULL, PEER_CLOSED);
    ck_assert(simcall_side(call, SIDE_A)->closed);
    ck_assert_int_gt(simcall_now(call), simcall_side(call, SIDE_A)->closed_at);
    wire(SIM_SENT, peer_address(), stun(REQUEST, 1, 0), 0);
    ck_assert_str_eq(broken(), "who has said goodbye is silent");
    end();
}
END_TEST

START_TEST(deadlines_move_on)
{
    begin(NULL, PEER_CONNECTED);
    for (int i = 0; i < 1000; i++) wire(SIM_TICKED, peer_address(), DTLS, 0);
    ck_assert_str_eq(broken(), "");
    wire(SIM_TICKED, peer_address(), DTLS, 0);
    ck_assert_str_eq(broken(), "deadlines move on");
    end();
}
END_TEST

START_TEST(inv_1_a_stranger_moves_nothing)
{
    struct simcall_step step;
    size_t stranger = 0;
    begin(STRANGER, PEER_CONNECTING);
    while (!simnet_is_stranger(simcall_net(call), stranger)) stranger++;
    simcheck_before(&check, call);
    wire(SIM_ARRIVED, peer_address(), RTP, stranger);
    ck_assert_str_eq(broken(), "");
    while (simcall_side(call, SIDE_A)->state != PEER_CONNECTED)
        ck_assert(simcall_step(call, &step));
    wire(SIM_ARRIVED, peer_address(), RTP, simcall_net(call)->host[SIDE_B]); /* it may */
    ck_assert_str_eq(broken(), "");
    wire(SIM_ARRIVED, peer_address(), RTP, stranger);
    ck_assert_str_eq(broken(), "nothing unauthenticated changes state");
    end();
}
END_TEST

/* The call's own counters, which nobody but it may change elsewhere. */
static struct simmedia *sound_of(int side)
{
    return (struct simmedia *)(uintptr_t)&simcall_side(call, side)->media[SOUND];
}

START_TEST(an_end_has_a_name_and_media_are_whole)
{
    begin(NULL, PEER_CONNECTING);
    simcheck_end(&check, call);
    ck_assert_str_eq(broken(), "a call connects or fails with a named reason");
    end();

    begin(NULL, PEER_CLOSED);
    simcheck_end(&check, call);
    ck_assert_str_eq(broken(), "");
    sound_of(SIDE_B)->out_of_order++;
    simcheck_end(&check, call);
    ck_assert_str_eq(broken(), "frames come in order, and once");
    simcheck_init(&check);
    sound_of(SIDE_B)->out_of_order--;
    sound_of(SIDE_B)->damaged++;
    simcheck_end(&check, call);
    ck_assert_str_eq(broken(), "what is received was sent");
    end();
}
END_TEST

START_TEST(a_stranger_gets_no_more_than_it_sends)
{
    begin(STRANGER, PEER_CLOSED);
    simcheck_end(&check, call);
    ck_assert_str_eq(broken(), "");
    struct simstranger *stranger =
        (struct simstranger *)(uintptr_t)simnet_stranger(simcall_net(call));
    ck_assert_uint_gt(stranger->bytes_out, 0);
    stranger->bytes_in = stranger->bytes_out + 1;
    simcheck_end(&check, call);
    ck_assert_str_eq(broken(), "answers are no longer than what was asked");
    end();
}
END_TEST

SUITE("what must hold in every simulated call", nothing_but_stun_before_an_answer, consent_ends,
      no_media_before_keys, no_media_in_clear, checks_are_paced,
      answers_are_no_longer_than_questions, silence_after_goodbye, deadlines_move_on,
      inv_1_a_stranger_moves_nothing, an_end_has_a_name_and_media_are_whole,
      a_stranger_gets_no_more_than_it_sends)
