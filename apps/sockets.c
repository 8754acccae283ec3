#include "apps/sockets.h"

#include "net/interfaces.h"

static bool add(struct sockets *s, const struct addr *at, uint64_t token, struct peer *peer,
                usec now)
{
    struct udp *udp = &s->list[s->count];
    if (udp_open(udp, at) != OK) return false;
    if (loop_add(s->loop, udp->fd, token | s->count, LOOP_READ) == OK &&
        peer_add_socket(peer, &udp->base, now) == OK)
        return true;
    loop_remove(s->loop, udp->fd);
    udp_close(udp);
    return false;
}

bool sockets_open(struct sockets *s, struct loop *loop, uint64_t token, struct peer *peer, usec now)
{
    struct interface found[INTERFACES_MAX];
    size_t count = interfaces_list(found, COUNT(found));
    *s = (struct sockets){.loop = loop};
    for (size_t i = 0; i < count && s->count < COUNT(s->list); i++)
        s->count += add(s, &found[i].addr, token, peer, now);
    peer_sockets_done(peer, now);
    return s->count > 0;
}

void sockets_close(struct sockets *s)
{
    for (size_t i = 0; i < s->count; i++) {
        loop_remove(s->loop, s->list[i].fd);
        udp_close(&s->list[i]);
    }
    s->count = 0;
}

void sockets_send(struct sockets *s, const struct packet *p)
{
    for (size_t i = 0; i < s->count; i++) {
        if (!addr_equal(&s->list[i].base, &p->route.local)) continue;
        udp_send(&s->list[i], p);
        return;
    }
}

bool sockets_receive(struct sockets *s, unsigned number, struct packet *out)
{
    return number < s->count && udp_receive(&s->list[number], out);
}
