/* Asks a STUN server where it sees us: a Binding request over a real UDP socket, sent again until
 * the answer comes. RFC 8489 §2, §6. Notice that stun/ writes, reads and counts time, but owns no
 * socket and no clock: those are net/'s, and the loop that ties both is ask(), in plain sight. */
#include <stdio.h>

#include "net/clock.h"
#include "net/loop.h"
#include "net/names.h"
#include "net/seed.h"
#include "net/udp.h"
#include "stun/attribute.h"
#include "stun/transaction.h"

/* "HOST:PORT" to an address; of several the last, which is IPv4 if there is one. */
static bool find(const char *text, struct loop *loop, struct rng *rng, struct addr *to)
{
    const char *colon = strrchr(text, ':');
    uint64_t port = 0;
    struct name_event found = {0};
    struct loop_ready ready;
    if (addr_parse(bytes_of(text), to)) return true;
    if (!colon || !bytes_to_u64(bytes_of(colon + 1), 65535, &port)) return false;
    struct bytes host = bytes_slice(bytes_of(text), 0, (size_t)(colon - text));
    struct names *names = names_new(loop, 0, rng);
    bool asked = names && names_ask(names, 0, host, clock_now()) == OK;
    while (asked && !names_event(names, &found)) {
        loop_wait(loop, names_deadline(names), &ready, 1);
        names_step(names, clock_now());
    }
    names_free(names);
    if (found.count) *to = found.addrs[found.count - 1];
    to->port = (uint16_t)port;
    return found.count > 0;
}

/* Prints an answer. False: it brings no address. */
static bool tell(const struct stun_msg *m)
{
    struct addr mapped;
    uint16_t unknown; /* §6.3.3: such an attribute spoils the answer */
    if (stun_unknown(m, &unknown, 1) == 0 && stun_get_addr(m, STUN_XOR_MAPPED_ADDRESS, &mapped)) {
        char text[ADDR_TEXT_MAX];
        printf("the server sees us at %s\n", addr_text(&mapped, text));
        return true;
    }
    unsigned code = 0;
    stun_get_error(m, &code, NULL); /* §14.8 */
    printf("the server's answer has no address for us, but error %u\n", code);
    return false;
}

/* Sends when the transaction says so and waits in between, until the answer comes (§6.2.1). */
static bool ask(struct loop *loop, struct udp *udp, const struct packet *request)
{
    struct bytes id = bytes_slice(packet_bytes(request), 8, STUN_ID_LEN);
    struct stun_txn txn;
    struct stun_msg m;
    struct packet in;
    struct loop_ready ready;
    for (stun_txn_start(&txn, STUN_RTO, clock_now()); !stun_txn_expired(&txn, clock_now());) {
        if (stun_txn_due(&txn, clock_now()))
            printf("request %d of %d: %s\n", txn.sent, txn.limit,
                   udp_send(udp, request) == OK ? "sent" : udp->fault.rule);
        loop_wait(loop, stun_txn_deadline(&txn), &ready, 1);
        while (udp_receive(udp, &in)) /* an answer to us has our 96 random bits (§5) */
            if (stun_parse(&m, packet_bytes(&in)) == OK && bytes_equal(m.id, id)) return tell(&m);
    }
    printf("no answer: is that a STUN server, and may UDP go there and back?\n");
    return false;
}

int main(int argc, char **argv)
{
    struct rng rng;
    uint8_t id[STUN_ID_LEN];
    struct packet request;
    struct addr server = {0};
    struct udp udp = {.fd = -1};
    struct loop *loop = loop_new();
    bool done = false;
    if (argc != 2) {
        fprintf(stderr, "usage: ask_stun_server HOST:PORT, say stun.example.org:3478\n");
    } else if (!loop || seed_system(&rng) != OK || !find(argv[1], loop, &rng, &server)) {
        fprintf(stderr, "%s: no such host, or no port behind it\n", argv[1]);
    } else if (udp_open(&udp, &(struct addr){.family = server.family}) != OK ||
               loop_add(loop, udp.fd, 0, LOOP_READ) != OK) {
        fprintf(stderr, "no socket: %s\n", udp.fault.rule);
    } else {
        rng_fill(&rng, id, sizeof id);
        struct writer w = packet_writer(&request);
        stun_begin(&w, STUN_BINDING | STUN_REQUEST, (struct bytes){id, sizeof id});
        request.len = writer_len(&w); /* header alone: no attribute is needed */
        request.route.remote = server;
        done = ask(loop, &udp, &request);
    }
    udp_close(&udp);
    loop_free(loop);
    return done ? 0 : argc == 2 ? 1 : 2;
}
