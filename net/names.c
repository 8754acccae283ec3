#include "net/names.h"

#include "net/etc.h"
#include "net/internal.h"
#include "net/loop.h"
#include "net/mdns.h"
#include "net/multicast.h"
#include "net/resolve.h"

#include <stdio.h>
#include <stdlib.h>

#define FILE_MAX    65536 /* bytes read of a configuration file */
#define RECEIVE_MAX 256   /* packets taken from one socket before others get their turn */
#define FAMILIES    2

struct names {
    struct loop *loop;
    uint64_t token;
    struct resolve *resolve;
    struct mdns *mdns;
    struct udp servers[FAMILIES];      /* towards name servers: IPv4, IPv6 */
    struct multicast groups[FAMILIES]; /* mDNS */
};

struct names *names_new_from(struct loop *loop, uint64_t loop_token,
                             const struct resolve_config *cfg)
{
    struct names *n = calloc(1, sizeof *n);
    if (!n) return NULL;
    n->loop = loop;
    n->token = loop_token;
    for (size_t i = 0; i < FAMILIES; i++) n->servers[i].fd = n->groups[i].udp.fd = -1;
    n->resolve = resolve_new(cfg);
    n->mdns = mdns_new();
    if (n->resolve && n->mdns) return n;
    names_free(n);
    return NULL;
}

/* The file's beginning; empty when there is no such file, as the system's own resolver does. */
static struct bytes file_text(const char *path, uint8_t *room)
{
    FILE *f = fopen(path, "rb");
    if (!f) return (struct bytes){room, 0};
    size_t len = fread(room, 1, FILE_MAX, f);
    fclose(f);
    return (struct bytes){room, len};
}

struct names *names_new(struct loop *loop, uint64_t loop_token, struct rng *rng)
{
    uint8_t *room = malloc(FILE_MAX);
    if (!room) return NULL;
    struct resolve_config cfg = {.rng = rng_fork(rng)};
    cfg.server_count =
        etc_nameservers(file_text("/etc/resolv.conf", room), cfg.servers, RESOLVE_SERVERS_MAX);
    cfg.hosts = file_text("/etc/hosts", room);
    struct names *n = names_new_from(loop, loop_token, &cfg);
    free(room);
    return n;
}

static void drop_socket(struct names *n, struct udp *udp)
{
    if (udp->fd < 0) return;
    loop_remove(n->loop, udp->fd);
    udp_close(udp);
}

void names_free(struct names *n)
{
    if (!n) return;
    for (size_t i = 0; i < FAMILIES; i++) {
        drop_socket(n, &n->servers[i]);
        drop_socket(n, &n->groups[i].udp);
    }
    resolve_free(n->resolve);
    mdns_free(n->mdns);
    free(n);
}

/* Opened a moment ago: watched, or closed again. */
static bool watch(struct names *n, struct udp *udp)
{
    if (loop_add(n->loop, udp->fd, n->token, LOOP_READ) == OK) return true;
    udp_close(udp);
    return false;
}

static size_t index_of(const struct addr *a)
{
    return a->family == ADDR_IPV4 ? 0 : 1;
}

static void send_query(struct names *n, const struct packet *p)
{
    struct udp *udp = &n->servers[index_of(&p->route.remote)];
    struct addr any = {.family = p->route.remote.family};
    if (udp->fd < 0 && (udp_open(udp, &any) != OK || !watch(n, udp))) return;
    udp_send(udp, p); /* what is lost is asked again */
}

static void send_question(struct names *n, const struct packet *p)
{
    struct multicast *group = &n->groups[index_of(&p->route.remote)];
    if (group->udp.fd < 0 &&
        (multicast_open(group, &p->route.remote) != OK || !watch(n, &group->udp)))
        return;
    multicast_send(group, p);
}

static void close_idle(struct names *n)
{
    for (size_t i = 0; i < FAMILIES; i++) {
        if (resolve_pending(n->resolve) == 0) drop_socket(n, &n->servers[i]);
        if (mdns_pending(n->mdns) == 0) drop_socket(n, &n->groups[i].udp);
    }
}

static void send_all(struct names *n, usec now)
{
    struct packet p;
    while (resolve_output(n->resolve, &p, now)) send_query(n, &p);
    while (mdns_output(n->mdns, &p, now)) send_question(n, &p);
    close_idle(n);
}

enum err names_ask_local(struct names *n, uint64_t token, struct bytes name, usec now)
{
    enum err err = mdns_ask(n->mdns, token, name, now);
    send_all(n, now);
    return err;
}

enum err names_ask(struct names *n, uint64_t token, struct bytes name, usec now)
{
    if (name_is_local(name)) return names_ask_local(n, token, name, now);
    enum err err = resolve_ask(n->resolve, token, name, now);
    send_all(n, now);
    return err;
}

void names_forget(struct names *n, uint64_t token)
{
    resolve_forget(n->resolve, token);
    mdns_forget(n->mdns, token);
    close_idle(n);
}

void names_step(struct names *n, usec now)
{
    struct packet p;
    for (size_t i = 0; i < FAMILIES; i++) {
        struct udp *server = &n->servers[i];
        struct multicast *group = &n->groups[i];
        for (int k = 0; k < RECEIVE_MAX && server->fd >= 0 && udp_receive(server, &p); k++)
            resolve_input(n->resolve, &p, now);
        for (int k = 0; k < RECEIVE_MAX && group->udp.fd >= 0 && multicast_receive(group, &p); k++)
            mdns_input(n->mdns, &p, now);
    }
    resolve_tick(n->resolve, now);
    mdns_tick(n->mdns, now);
    send_all(n, now);
}

bool names_event(struct names *n, struct name_event *ev)
{
    return resolve_event(n->resolve, ev) || mdns_event(n->mdns, ev);
}

usec names_deadline(const struct names *n)
{
    return usec_min(resolve_deadline(n->resolve), mdns_deadline(n->mdns));
}
